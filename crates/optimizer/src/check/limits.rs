use super::load::overload;
use super::route::{NoWay, Route};
use super::rules::Rules;
use super::timing::{Timing, timing};
use super::violation::Violation;
use super::walk::{Walk, serve};
use crate::costs::Costs;
use crate::problem::Problem;
use crate::solution::{Limit, Tour};
use crate::vehicle::{Vehicle, VehicleId};
use crate::visit::VisitId;
use routemate_units::{Meters, Seconds};

/// Capacity, visits and distance: what does not depend on times.
pub(super) fn check_amounts(rules: &Rules<'_>, route: &Route<'_>, violations: &mut Vec<Violation>) {
    let (vehicle, visits) = (route.id, route.order.len());
    if let Some(over) = overload(rules, route) {
        let (after, dimension, load, capacity) = (over.after, over.dimension, over.load, over.capacity);
        violations.push(Violation::Overload { vehicle, after, dimension, load, capacity });
    }
    if let Some(most) = route.vehicle.max_visits().filter(|&most| visits > most) {
        violations.push(Violation::TooManyVisits { vehicle, visits, most });
    }
    if let Some(most) = route.vehicle.max_distance().filter(|&most| is_beyond(route.distance, most)) {
        violations.push(Violation::TooFarDriven { vehicle, distance: route.distance, most });
    }
}

fn is_beyond(distance: u64, most: Meters) -> bool {
    distance > u64::from(most.get())
}

/// Refused lateness, breaks and the shift of a tour as it is driven.
pub(super) fn check_times(route: &Route<'_>, walk: &Walk, violations: &mut Vec<Violation>) {
    let vehicle = route.id;
    for (step, visit) in walk.steps.iter().zip(&route.visits) {
        if step.late_by > 0 && visit.refuses_lateness() {
            violations.push(Violation::LateRefused { visit: step.visit, by: step.late_by });
        }
    }
    for pause in walk.pauses.iter().filter(|pause| !pause.is_in_window) {
        let start = Seconds::new(pause.start);
        violations.push(Violation::BreakOutsideWindow { vehicle, number: pause.number, start });
    }
    for number in missed_breaks(route.vehicle, walk) {
        violations.push(Violation::BreakMissed { vehicle, number });
    }
    let finish = Seconds::new(walk.finish);
    if let Some(latest) = route.vehicle.latest_finish().filter(|&latest| finish > latest) {
        violations.push(Violation::FinishTooLate { vehicle, finish, latest });
    }
    let duration = Seconds::new(walk.length());
    if let Some(most) = route.vehicle.max_duration().filter(|&most| duration > most) {
        violations.push(Violation::TooLong { vehicle, duration, most });
    }
}

/// The breaks that are due and not taken.
fn missed_breaks(vehicle: &Vehicle, walk: &Walk) -> impl Iterator<Item = usize> {
    let is_due = |end: u32| walk.departure <= end && walk.finish > end;
    let is_missed = move |number: usize| walk.pauses.iter().all(|pause| pause.number != number);
    let breaks = vehicle.breaks().iter().enumerate();
    breaks.filter(move |&(number, pause)| is_due(pause.window.end.get()) && is_missed(number)).map(|(number, _)| number)
}

/// Whether a walk keeps refused windows, breaks and the shift.
pub(super) fn keeps_times(route: &Route<'_>, walk: &Walk) -> bool {
    let mut violations = Vec::new();
    check_times(route, walk, &mut violations);
    violations.is_empty()
}

/// The breaks of a tour: each at most once, in the vehicle's order, at places that exist. `false` where they are not.
pub(super) fn has_breaks_in_order(route: &Route<'_>, tour: &Tour) -> bool {
    let places = tour.breaks.iter().map(|pause| (pause.number, pause.before));
    let is_known = |(number, before)| number < route.vehicle.breaks().len() && before <= route.order.len();
    let follows = |((a, b), (c, d)): ((usize, usize), (usize, usize))| a < c && b <= d;
    places.clone().all(is_known) && places.clone().zip(places.skip(1)).all(follows)
}

/// What a vehicle's tour would come to with a visit more, or what keeps the visit from it.
pub(super) enum Trial {
    NoWay,
    Breaks(Limit),
    Fits(Timing),
}

/// Tries an order that keeps what is fixed. O(n) without breaks.
pub(super) fn attempt<C: Costs>(
    problem: &Problem<'_, C>,
    rules: &Rules<'_>,
    vehicle: (VehicleId, &Vehicle),
    order: Vec<VisitId>,
) -> (Trial, u64) {
    let route = match Route::of(problem, vehicle, order) {
        Ok(route) => route,
        Err(NoWay { .. }) => return (Trial::NoWay, 0),
    };
    let limit = |limit| (Trial::Breaks(limit), 0);
    if overload(rules, &route).is_some() {
        return limit(Limit::Capacity);
    }
    if route.vehicle.max_visits().is_some_and(|most| route.order.len() > most) {
        return limit(Limit::Visits);
    }
    if route.vehicle.max_distance().is_some_and(|most| is_beyond(route.distance, most)) {
        return limit(Limit::Distance);
    }
    if !keeps_windows(&route) {
        return limit(Limit::Window);
    }
    match timing(&route) {
        None => limit(Limit::Shift),
        Some(timing) => {
            let price = route.driven(problem.objective())
                + u64::from(route.vehicle.fixed_cost())
                + rules.changes(route.id, &route.order);
            (Trial::Fits(timing), price)
        }
    }
}

/// Whether nobody who refuses lateness is late where the vehicle leaves at once and takes no breaks.
fn keeps_windows(route: &Route<'_>) -> bool {
    let mut clock = route.vehicle.earliest_start().get();
    route.visits.iter().enumerate().all(|(place, visit)| {
        let (start, late_by) = serve(visit, clock.saturating_add(route.leg(place)));
        clock = start.saturating_add(visit.service().get());
        late_by == 0 || !visit.refuses_lateness()
    })
}
