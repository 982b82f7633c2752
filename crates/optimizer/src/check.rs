//! The judge: recomputes an answer from the problem alone and shares no code with the solver.

mod cost;
mod departure;
mod late;
mod limits;
mod load;
mod places;
mod route;
mod rules;
mod timing;
mod unserved;
mod violation;
mod walk;

pub use violation::Violation;

use crate::costs::Costs;
use crate::problem::Problem;
use crate::solution::{Cost, Solution, Tour};
use crate::vehicle::{Vehicle, VehicleId};
use crate::visit::VisitId;
use cost::{priced, total};
use departure::{check_departure, check_slack};
use limits::{check_amounts, check_times, has_breaks_in_order, keeps_times};
use route::Route;
use routemate_units::Seconds;
use rules::{Rules, first_visits, last_visit};
use std::collections::BTreeSet;
use walk::{Placed, Walk, walk};

/// Verifies an answer against its problem: that every visit is served once or listed with a reason; that what is fixed,
/// locks, skills, shipments, capacities and all other limits are kept; that legs, times, breaks, slack and costs are as
/// stated and the departure as late as it can be; and that every reason holds.
///
/// What it cannot verify is that nothing better exists. Where a tour has breaks, or a longest duration together with visits
/// of several windows, it may not find every way of timing another tour and then lets a reason pass.
///
/// Cost: O(n²) in the stops of a tour for slack, O(n²) for each `TooFar` of each vehicle, O(n²) for each other visit that is
/// late or unserved and O(n³) for each shipment that is unserved.
///
/// # Errors
/// Everything that is wrong, see [`Violation`].
///
/// ```
/// use routemate_optimizer::{Budget, CostTable, ProblemBuilder, Visit, check, solve};
/// use routemate_units::{Meters, Seconds};
/// let costs = CostTable::from_fn(4, |a, b| Some((Seconds::new(10 * a.abs_diff(b) as u32), Meters::ZERO)));
/// let mut builder = ProblemBuilder::new(&costs);
/// for location in [2, 0, 3, 1] {
///     builder.visit(Visit::at(location));
/// }
/// let problem = builder.build()?;
/// let mut solution = solve(&problem, &Budget::of_iterations(100), 1);
/// assert!(check(&problem, &solution).is_ok());
/// solution.tours.clear();
/// assert!(check(&problem, &solution).is_err());
/// # Ok::<(), routemate_optimizer::ProblemError>(())
/// ```
pub fn check<C: Costs>(problem: &Problem<'_, C>, solution: &Solution) -> Result<(), Vec<Violation>> {
    let mut violations = Vec::new();
    if check_partition(problem, solution, &mut violations) {
        let rules = Rules::of(problem);
        check_fixed(problem, &rules, solution, &mut violations);
        check_shipments(problem, solution, &mut violations);
        check_tours(problem, &rules, solution, &mut violations);
    }
    if violations.is_empty() { Ok(()) } else { Err(violations) }
}

/// A tour as it is driven.
struct Day<'p> {
    route: Route<'p>,
    walk: Walk,
    cost: Cost,
}

/// Every vehicle with its tour, if it has one.
fn days<'a, 'p, C: Costs>(
    problem: &'a Problem<'_, C>,
    tours: &'a [Day<'p>],
) -> impl Iterator<Item = (VehicleId, &'a Vehicle, Option<&'a Day<'p>>)> {
    problem.vehicles().iter().enumerate().map(|(index, vehicle)| {
        let id = VehicleId::new(index);
        (id, vehicle, tours.iter().find(|tour| tour.route.id == id))
    })
}

/// Every visit exactly once, in a tour or unserved, and every vehicle at most once. `false` where ids are so wrong that
/// nothing else can be said.
fn check_partition<C: Costs>(problem: &Problem<'_, C>, solution: &Solution, violations: &mut Vec<Violation>) -> bool {
    let before = violations.len();
    let count = problem.visits().len();
    let mut least = 0;
    for tour in &solution.tours {
        let vehicle = tour.vehicle;
        if vehicle.index() >= problem.vehicles().len() {
            violations.push(Violation::UnknownVehicle { vehicle });
        } else if vehicle.index() < least {
            violations.push(Violation::ToursOutOfOrder { vehicle });
        }
        if tour.stops.is_empty() {
            violations.push(Violation::EmptyTour { vehicle });
        }
        least = least.max(vehicle.index().saturating_add(1));
    }
    let mut seen = BTreeSet::new();
    let listed = solution.tours.iter().flat_map(Tour::visits).chain(solution.unserved.iter().map(|entry| entry.visit));
    for visit in listed {
        if visit.index() >= count {
            violations.push(Violation::UnknownVisit { visit });
        } else if !seen.insert(visit) {
            violations.push(Violation::ListedTwice { visit });
        }
    }
    for visit in (0..count).map(VisitId::new).filter(|visit| !seen.contains(visit)) {
        violations.push(Violation::Missing { visit });
    }
    let is_whole = violations.len() == before;
    if !solution.unserved.iter().map(|entry| entry.visit).is_sorted() {
        violations.push(Violation::UnservedOutOfOrder);
    }
    is_whole
}

/// Ends and prefixes, locks and skills.
fn check_fixed<C: Costs>(
    problem: &Problem<'_, C>,
    rules: &Rules<'_>,
    solution: &Solution,
    violations: &mut Vec<Violation>,
) {
    let unserved: BTreeSet<VisitId> = solution.unserved.iter().map(|entry| entry.visit).collect();
    for (index, vehicle) in problem.vehicles().iter().enumerate() {
        let id = VehicleId::new(index);
        let order: Vec<VisitId> =
            solution.tours.iter().filter(|tour| tour.vehicle == id).flat_map(Tour::visits).collect();
        let first = first_visits(vehicle).into_iter().filter(|visit| !unserved.contains(visit));
        let last = last_visit(vehicle).filter(|visit| !unserved.contains(visit));
        let places = first.enumerate().map(|(place, visit)| (order.get(place), visit));
        for (actual, visit) in places.chain(last.map(|visit| (order.last(), visit))) {
            if actual != Some(&visit) {
                violations.push(Violation::FixedVisitMoved { visit });
            }
        }
        for &visit in &order {
            let what = problem.visits().get(visit.index());
            // Where it is fixed has been looked at above.
            let is_elsewhere = rules.fixed_to(visit).is_some_and(|fixed| fixed != id);
            if !is_elsewhere && what.is_some_and(|what| !rules.lets_serve(id, vehicle, visit, what)) {
                violations.push(Violation::WrongVehicle { visit, vehicle: id });
            }
        }
    }
}

fn check_shipments<C: Costs>(problem: &Problem<'_, C>, solution: &Solution, violations: &mut Vec<Violation>) {
    let mut places = vec![None; problem.visits().len()];
    for tour in &solution.tours {
        for (place, visit) in tour.visits().enumerate() {
            if let Some(known) = places.get_mut(visit.index()) {
                *known = Some((tour.vehicle, place));
            }
        }
    }
    let place = |visit: VisitId| places.get(visit.index()).copied().flatten();
    for shipment in problem.shipments() {
        let (pickup, delivery) = (shipment.pickup(), shipment.delivery());
        let is_whole = match (place(pickup), place(delivery)) {
            (None, None) => true,
            (Some((from, first)), Some((to, second))) => from == to && first < second,
            _ => false,
        };
        if !is_whole {
            violations.push(Violation::ShipmentTorn { pickup, delivery });
        }
    }
}

fn check_tours<C: Costs>(
    problem: &Problem<'_, C>,
    rules: &Rules<'_>,
    solution: &Solution,
    violations: &mut Vec<Violation>,
) {
    let mut days = Vec::with_capacity(solution.tours.len());
    for tour in &solution.tours {
        let Some(vehicle) = problem.vehicles().get(tour.vehicle.index()) else { continue };
        match Route::of(problem, (tour.vehicle, vehicle), tour.visits().collect()) {
            Ok(route) => days.extend(check_tour(problem, rules, tour, route, violations)),
            Err(way) => violations.push(Violation::UnreachableLeg { from: way.from, to: way.to }),
        }
    }
    let steps = || days.iter().flat_map(|day| &day.walk.steps);
    let late: Vec<_> = steps().filter(|step| step.late_by > 0).map(|step| (step.visit, step.late_by)).collect();
    let stated: Vec<_> = solution.late.iter().map(|late| (late.visit, late.by.get())).collect();
    if stated != late {
        violations.push(Violation::Late { stated, actual: late });
    }
    let cost = total(problem, &days, solution);
    if cost != solution.cost {
        violations.push(Violation::Cost { vehicle: None, stated: solution.cost, actual: cost });
    }
    if solution.bound.is_some_and(|bound| bound > cost.total || (solution.proven_optimal && bound != cost.total))
        || (solution.proven_optimal && solution.bound.is_none())
    {
        violations.push(Violation::Bound { stated: solution.bound, total: cost.total });
    }
    if days.len() == solution.tours.len() {
        late::check_late(problem, rules, &days, &solution.late, violations);
        unserved::check_unserved(problem, rules, &days, &solution.unserved, violations);
    }
}

fn check_tour<'p, C: Costs>(
    problem: &'p Problem<'_, C>,
    rules: &Rules<'_>,
    tour: &Tour,
    route: Route<'p>,
    violations: &mut Vec<Violation>,
) -> Option<Day<'p>> {
    check_amounts(rules, &route, violations);
    if !has_breaks_in_order(&route, tour) {
        violations.push(Violation::BreaksOutOfOrder { vehicle: tour.vehicle });
        return None;
    }
    let placed: Vec<Placed> =
        tour.breaks.iter().map(|taken| Placed { number: taken.number, before: taken.before }).collect();
    let walk = walk(&route, &placed, tour.departure);
    check_schedule(tour, &walk, violations);
    check_times(&route, &walk, violations);
    if keeps_times(&route, &walk) {
        check_departure(&route, tour, &placed, &walk, violations);
        check_slack(&route, tour, &walk, violations);
    }
    let mut cost = priced(problem, rules, &route, &walk);
    if walk.finish == u32::MAX {
        // What was waited for in a tour that runs past all times cannot be told.
        cost.waiting = tour.cost.waiting;
    }
    if cost != tour.cost {
        violations.push(Violation::Cost { vehicle: Some(tour.vehicle), stated: tour.cost, actual: cost });
    }
    Some(Day { route, walk, cost })
}

fn check_schedule(tour: &Tour, walk: &Walk, violations: &mut Vec<Violation>) {
    let vehicle = tour.vehicle;
    for (stop, step) in tour.stops.iter().zip(&walk.steps) {
        let stated = [stop.arrival, stop.wait, stop.start, stop.departure].map(Seconds::get);
        let actual = [step.arrival, step.start - step.arrival, step.start, step.departure];
        if stated != actual {
            violations.push(Violation::Schedule { visit: stop.visit, stated, actual });
        }
    }
    for (taken, pause) in tour.breaks.iter().zip(&walk.pauses) {
        let (number, stated, actual) = (taken.number, taken.start, Seconds::new(pause.start));
        if stated != actual {
            violations.push(Violation::BreakStart { vehicle, number, stated, actual });
        }
    }
    if tour.finish.get() != walk.finish {
        violations.push(Violation::Finish { vehicle, stated: tour.finish, actual: Seconds::new(walk.finish) });
    }
}
