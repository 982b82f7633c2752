//! The departure and the slack of a tour that keeps its limits.

use super::limits::keeps_times;
use super::route::Route;
use super::timing::until_a_wait;
use super::violation::Violation;
use super::walk::{Placed, Walk, resume, walk};
use crate::solution::Tour;
use crate::vehicle::Departure;
use routemate_units::Seconds;

/// That nobody is later than with the earliest departure that keeps the limits, nor, unless the vehicle departs as late as
/// windows allow, the finish; and that one second more would not do.
pub(super) fn check_departure(
    route: &Route<'_>,
    tour: &Tour,
    placed: &[Placed],
    stated: &Walk,
    violations: &mut Vec<Violation>,
) {
    let vehicle = route.vehicle;
    let latest = vehicle.latest_start().unwrap_or(Seconds::MAX);
    let mut windows = route.visits.iter().flat_map(|visit| visit.windows());
    let may_finish_later =
        vehicle.departure() == Departure::LatestInTime && windows.any(|window| window.end < Seconds::MAX);
    let is_as_good = |other: &Walk| {
        (may_finish_later || other.finish == stated.finish)
            && other.steps.iter().zip(&stated.steps).all(|(other, stated)| other.late_by == stated.late_by)
    };
    let is_allowed = (vehicle.earliest_start()..=latest).contains(&tour.departure);
    let costs_nothing = is_allowed && is_as_good(&earliest(route, placed, tour.departure));
    let later = tour.departure.saturating_add(Seconds::new(1));
    let could_wait = later <= latest && later > tour.departure && {
        let later = walk(route, placed, later);
        is_as_good(&later) && keeps_times(route, &later) && later.finish < u32::MAX
    };
    if !costs_nothing || could_wait {
        violations.push(Violation::Departure { vehicle: route.id, stated: tour.departure });
    }
}

/// The walk with the same breaks that leaves as early as limits of time allow, at most at `bound`, which keeps them.
fn earliest(route: &Route<'_>, placed: &[Placed], bound: Seconds) -> Walk {
    let longest = route.vehicle.max_duration().unwrap_or(Seconds::MAX).get();
    let is_taken = |number: usize| placed.iter().any(|placed| placed.number == number);
    let mut departure = route.vehicle.earliest_start();
    loop {
        let walk = walk(route, placed, departure);
        let is_due = |end: &u32| walk.departure <= *end && walk.finish > *end;
        let breaks = route.vehicle.breaks().iter().enumerate().filter(|(number, _)| !is_taken(*number));
        let due = breaks.map(|(_, pause)| pause.window.end.get()).filter(is_due).max();
        let wait = match due {
            Some(end) => Some(end - walk.departure + 1),
            None if walk.length() <= longest => return walk,
            None => {
                let excess = walk.length() - longest;
                until_a_wait(route, placed, departure).map(|ahead| ahead.max(excess))
            }
        };
        let next = wait.and_then(|wait| departure.checked_add(Seconds::new(wait)));
        departure = next.map_or(bound, |next| next.min(bound));
        if departure == bound {
            return self::walk(route, placed, bound);
        }
    }
}

/// That so much delay costs nobody anything and one second more would. The latter cannot be told where the tour runs past
/// [`Seconds::MAX`], for there all delays look the same.
pub(super) fn check_slack(route: &Route<'_>, tour: &Tour, walk: &Walk, violations: &mut Vec<Violation>) {
    let is_cut_off = walk.finish == u32::MAX;
    for (place, stop) in tour.stops.iter().enumerate() {
        let is_right = match stop.slack {
            Some(slack) => {
                let one_more = slack.checked_add(Seconds::new(1));
                let is_all = one_more.is_some_and(|more| !stays_in_time(route, walk, place, more.get()));
                stays_in_time(route, walk, place, slack.get()) && (is_all || is_cut_off)
            }
            None => depends_on_nothing(route, walk, place),
        };
        if !is_right {
            violations.push(Violation::Slack { visit: stop.visit, stated: stop.slack });
        }
    }
}

/// Whether arriving at the stop at `place` later by `delay` makes nobody from there on later than they are and keeps breaks
/// and shift. Breaks that would begin there begin no sooner than the arrival.
fn stays_in_time(route: &Route<'_>, walk: &Walk, place: usize, delay: u32) -> bool {
    let Some(arrival) = walk.steps.get(place).map(|step| step.arrival.saturating_add(delay)) else {
        return false;
    };
    let delayed = resume(route, &walk.open_breaks(place), walk.departure, place, arrival);
    let rest = walk.steps.get(place..).unwrap_or_default();
    delayed.steps.iter().zip(rest).all(|(delayed, step)| delayed.late_by <= step.late_by)
        && delayed.pauses.iter().all(|pause| pause.is_in_window)
        && limits(route, walk).iter().all(|&limit| delayed.finish <= limit)
}

/// By when a tour has to finish: the end of the shift, its longest duration, breaks that are not taken.
fn limits(route: &Route<'_>, walk: &Walk) -> Vec<u32> {
    let vehicle = route.vehicle;
    let longest = vehicle.max_duration().map(|most| walk.departure.saturating_add(most.get()));
    let shift = vehicle.latest_finish().map(Seconds::get);
    let is_taken = |number: usize| walk.pauses.iter().any(|pause| pause.number == number);
    let breaks = vehicle.breaks().iter().enumerate().filter(|(number, _)| !is_taken(*number));
    let ends = breaks.map(|(_, pause)| pause.window.end.get()).filter(|&end| end >= walk.departure);
    longest.into_iter().chain(shift).chain(ends).filter(|&limit| limit < u32::MAX).collect()
}

fn depends_on_nothing(route: &Route<'_>, walk: &Walk, place: usize) -> bool {
    let mut windows = route.visits.iter().skip(place).filter_map(|visit| visit.windows().last());
    let breaks = walk.open_breaks(place);
    let mut ends = breaks.iter().filter_map(|placed| route.vehicle.breaks().get(placed.number));
    windows.all(|window| window.end == Seconds::MAX)
        && ends.all(|pause| pause.window.end == Seconds::MAX)
        && limits(route, walk).is_empty()
}
