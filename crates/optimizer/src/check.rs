//! The judge: recomputes an answer from the problem alone and shares no code with the solver.

mod reasons;
mod violation;
mod walk;

pub use violation::Violation;

use crate::costs::Costs;
use crate::problem::{Objective, Problem};
use crate::solution::{Cost, Solution, Tour};
use crate::vehicle::{Departure, Terminal, VehicleId};
use crate::visit::VisitId;
use routemate_units::{Meters, Seconds};
use std::collections::BTreeSet;
use walk::{Walk, walk};

/// Verifies an answer against its problem: that every visit is served once or listed with a reason, that ends, legs,
/// times, slack and costs are as stated, that the departure is as late as it can be, and that every reason holds.
///
/// What it cannot verify is that nothing better exists.
///
/// Cost: O(n²) in stops for slack and each `TooFar`, O(n²) for each late visit.
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
        check_tours(problem, solution, &mut violations);
    }
    if violations.is_empty() { Ok(()) } else { Err(violations) }
}

/// Every visit exactly once, in a tour or unserved. `false` where ids are so wrong that nothing else can be said.
fn check_partition<C: Costs>(problem: &Problem<'_, C>, solution: &Solution, violations: &mut Vec<Violation>) -> bool {
    let before = violations.len();
    let count = problem.visits().len();
    if solution.tours.len() > 1 {
        violations.push(Violation::TooManyTours { tours: solution.tours.len() });
    }
    if solution.tours.iter().any(|tour| tour.stops.is_empty()) {
        violations.push(Violation::EmptyTour);
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
    violations.len() == before
}

fn check_tours<C: Costs>(problem: &Problem<'_, C>, solution: &Solution, violations: &mut Vec<Violation>) {
    let mut total = Cost::default();
    let mut driven = 0_u64;
    let mut late = Vec::new();
    for tour in &solution.tours {
        let order: Vec<VisitId> = tour.visits().collect();
        check_ends(problem, &order, solution, violations);
        match walk(problem, &order, tour.departure) {
            Ok(walk) => {
                check_schedule(tour, &walk, violations);
                check_departure(problem, tour, &order, &walk, violations);
                check_slack(problem, tour, &walk, violations);
                let cost = priced(problem, &order, &walk);
                if cost != tour.cost {
                    violations.push(Violation::Cost { stated: tour.cost, actual: cost });
                }
                total = add(total, cost);
                driven += cost.total;
                late.extend(walk.steps.iter().filter(|step| step.late_by > 0).map(|step| (step.visit, step.late_by)));
                reasons::check_late(problem, &order, tour.departure, &solution.late, violations);
            }
            Err(leg) => violations.push(Violation::UnreachableLeg { from: leg.from, to: leg.to }),
        }
    }
    if total != solution.cost {
        violations.push(Violation::Cost { stated: solution.cost, actual: total });
    }
    let stated: Vec<_> = solution.late.iter().map(|late| (late.visit, late.by.get())).collect();
    if stated != late {
        violations.push(Violation::Late { stated, actual: late });
    }
    if solution.bound.is_some_and(|bound| bound > driven || (solution.proven_optimal && bound != driven))
        || (solution.proven_optimal && solution.bound.is_none())
    {
        violations.push(Violation::Bound { stated: solution.bound, driven });
    }
    let order: Vec<VisitId> = solution.tours.first().map(|tour| tour.visits().collect()).unwrap_or_default();
    for entry in &solution.unserved {
        reasons::check_unserved(problem, &order, *entry, violations);
    }
}

fn check_ends<C: Costs>(
    problem: &Problem<'_, C>,
    order: &[VisitId],
    solution: &Solution,
    violations: &mut Vec<Violation>,
) {
    let is_unserved = |visit| solution.unserved.iter().any(|entry| entry.visit == visit);
    let ends = [(problem.vehicle().start(), order.first()), (problem.vehicle().end(), order.last())];
    for (terminal, actual) in ends {
        if let Terminal::Visit(fixed) = terminal
            && actual != Some(&fixed)
            && !is_unserved(fixed)
        {
            violations.push(Violation::FixedVisitMoved { visit: fixed });
        }
    }
}

fn check_schedule(tour: &Tour, walk: &Walk, violations: &mut Vec<Violation>) {
    for (stop, step) in tour.stops.iter().zip(&walk.steps) {
        let stated = [stop.arrival, stop.wait, stop.start, stop.departure].map(Seconds::get);
        let actual = [step.arrival, step.start - step.arrival, step.start, step.departure];
        if stated != actual {
            violations.push(Violation::Schedule { visit: stop.visit, stated, actual });
        }
    }
    if tour.finish.get() != walk.finish {
        violations.push(Violation::Finish { stated: tour.finish, actual: Seconds::new(walk.finish) });
    }
}

/// As late as the vehicle says: nobody is later than with the earliest start, nor, unless it departs as late as windows
/// allow, the finish; one second more would not do.
fn check_departure<C: Costs>(
    problem: &Problem<'_, C>,
    tour: &Tour,
    order: &[VisitId],
    stated: &Walk,
    violations: &mut Vec<Violation>,
) {
    let vehicle = problem.vehicle();
    let latest = vehicle.latest_start().unwrap_or(Seconds::MAX);
    let mut windows = order.iter().filter_map(|id| problem.visits().get(id.index())).flat_map(|visit| visit.windows());
    let may_finish_later =
        vehicle.departure() == Departure::LatestInTime && windows.any(|window| window.end < Seconds::MAX);
    let is_as_good = |other: &Walk| {
        (may_finish_later || other.finish == stated.finish)
            && other.steps.iter().zip(&stated.steps).all(|(other, stated)| other.late_by == stated.late_by)
    };
    let is_allowed = (vehicle.earliest_start()..=latest).contains(&tour.departure);
    let costs_nothing = walk(problem, order, vehicle.earliest_start()).is_ok_and(|earliest| is_as_good(&earliest));
    let later = tour.departure.saturating_add(Seconds::new(1));
    let could_wait = later <= latest
        && later > tour.departure
        && walk(problem, order, later).is_ok_and(|later| is_as_good(&later) && later.finish < u32::MAX);
    if !is_allowed || !costs_nothing || could_wait {
        violations.push(Violation::Departure { stated: tour.departure });
    }
}

/// That so much delay makes nobody late and one second more would. The latter cannot be told where the tour runs past
/// [`Seconds::MAX`], for there all delays look the same.
fn check_slack<C: Costs>(problem: &Problem<'_, C>, tour: &Tour, walk: &Walk, violations: &mut Vec<Violation>) {
    let is_cut_off = walk.finish == u32::MAX;
    for (index, stop) in tour.stops.iter().enumerate() {
        let is_right = match stop.slack {
            Some(slack) => {
                let one_more = slack.checked_add(Seconds::new(1));
                let is_all = one_more.is_some_and(|more| !walk.stays_in_time(problem, index, more.get()));
                walk.stays_in_time(problem, index, slack.get()) && (is_all || is_cut_off)
            }
            None => walk.nobody_can_be_late_from(problem, index),
        };
        if !is_right {
            violations.push(Violation::Slack { visit: stop.visit, stated: stop.slack });
        }
    }
}

/// The cost of a walk with what the vehicle and changes of the plan in force cost.
fn priced<C: Costs>(problem: &Problem<'_, C>, order: &[VisitId], walk: &Walk) -> Cost {
    let fixed = u64::from(problem.vehicle().fixed_cost());
    let vehicle = VehicleId::new(0);
    let before = std::iter::once(None).chain(order.iter().copied().map(Some));
    let changes = before.zip(order).map(|(from, &to)| u64::from(problem.change_cost(vehicle, from, to))).sum::<u64>();
    let driven = match problem.objective() {
        Objective::Duration => walk.duration,
        Objective::Distance => walk.distance,
    };
    Cost { fixed, changes, total: driven + fixed + changes, ..walk.cost() }
}

fn add(a: Cost, b: Cost) -> Cost {
    Cost {
        duration: a.duration.saturating_add(b.duration),
        distance: a.distance.saturating_add(b.distance),
        waiting: a.waiting.saturating_add(b.waiting),
        service: a.service.saturating_add(b.service),
        lateness: a.lateness.saturating_add(b.lateness),
        breaks: a.breaks.saturating_add(b.breaks),
        fixed: a.fixed + b.fixed,
        changes: a.changes + b.changes,
        prizes: a.prizes + b.prizes,
        balance: a.balance + b.balance,
        total: a.total + b.total,
    }
}

/// Saturates at the largest quantity.
fn saturated(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

impl Walk {
    fn cost(&self) -> Cost {
        let sum = |part: fn(&walk::Step) -> u32| {
            Seconds::new(saturated(self.steps.iter().map(|step| u64::from(part(step))).sum()))
        };
        Cost {
            duration: Seconds::new(saturated(self.duration)),
            distance: Meters::new(saturated(self.distance)),
            waiting: sum(|step| step.start - step.arrival),
            service: sum(|step| step.service),
            lateness: sum(|step| step.late_by),
            ..Cost::default()
        }
    }
}
