//! Whether and how well a route can be timed at all: the departure and the places of the breaks are free.

use super::route::Route;
use super::walk::{Placed, Walk, serve, walk};
use crate::vehicle::Break;
use routemate_units::Seconds;

/// What a route comes to where it is timed well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Timing {
    /// Σ lateness × importance.
    pub(super) lateness: u128,
    finish: u32,
    /// From the departure to the finish.
    pub(super) length: u32,
}

/// Departures that are tried at most where the first one makes the tour too long.
const MOST_DEPARTURES: usize = 200;

/// A way of having come so far.
#[derive(Clone, Copy)]
struct Label {
    /// The first break that is neither taken nor left out.
    next: usize,
    clock: u32,
    ready: u32,
    /// Finishing later would make a break due that was left out.
    finish_by: u32,
    lateness: u128,
}

impl Label {
    fn is_no_better_than(&self, other: &Self) -> bool {
        self.next == other.next
            && self.clock >= other.clock
            && self.finish_by <= other.finish_by
            && self.lateness >= other.lateness
    }
}

/// The least weighted lateness, then the soonest finish, with which a route keeps all breaks, windows that refuse lateness and
/// limits of time, leaving as early as that goes; `None` where none was found. O(n) without breaks.
pub(super) fn timing(route: &Route<'_>) -> Option<Timing> {
    let vehicle = route.vehicle;
    let (earliest, latest) = (vehicle.earliest_start(), vehicle.latest_start().unwrap_or(Seconds::MAX));
    // Leaving after a break's window spares the break.
    let sparing = vehicle.breaks().iter().map(|pause| pause.window.end.saturating_add(Seconds::new(1)));
    let departures = std::iter::once(earliest).chain(sparing.filter(|&departure| departure > earliest));
    departures.filter(|&departure| departure <= latest).filter_map(|departure| from(route, departure, latest)).min()
}

/// The same leaving at `departure`, or later where the tour would be too long.
fn from(route: &Route<'_>, departure: Seconds, latest: Seconds) -> Option<Timing> {
    let longest = route.vehicle.max_duration().unwrap_or(Seconds::MAX).get();
    let mut departure = departure;
    for _ in 0..MOST_DEPARTURES {
        let ends = ends(route, departure.get());
        let length = |end: &Label| end.clock - departure.get();
        let best = ends.iter().filter(|end| length(end) <= longest);
        let best = best.map(|end| Timing { lateness: end.lateness, finish: end.clock, length: length(end) }).min();
        if best.is_some() {
            return best;
        }
        let excess = ends.iter().map(|end| length(end) - longest).min()?;
        let ahead = if route.vehicle.breaks().is_empty() { until_a_wait(route, &[], departure)? } else { 0 };
        departure = departure.checked_add(Seconds::new(excess.max(ahead)))?;
        if departure > latest {
            return None;
        }
    }
    None
}

/// How much later the departure must be at least before leaving later shortens the tour: 0 where it does at once, `None`
/// where it never does.
pub(super) fn until_a_wait(route: &Route<'_>, placed: &[Placed], departure: Seconds) -> Option<u32> {
    let later = departure.checked_add(Seconds::new(1))?;
    let (now, later) = (walk(route, placed, departure), walk(route, placed, later));
    if later.finish != now.finish.saturating_add(1) {
        return Some(0);
    }
    until_another_window(route, &now)
}

/// How much later a walk must be at least before somebody is served in a later window.
fn until_another_window(route: &Route<'_>, walk: &Walk) -> Option<u32> {
    let ahead = walk.steps.iter().zip(&route.visits).filter_map(|(step, visit)| {
        let mut windows = visit.windows().iter().map(|window| window.end.get()).filter(|&end| step.start <= end);
        let end = windows.next()?;
        windows.next().map(|_| end - step.start + 1)
    });
    ahead.min()
}

/// All ways of driving a route from a departure that none of the others betters; their clocks are their finishes.
fn ends(route: &Route<'_>, departure: u32) -> Vec<Label> {
    let vehicle = route.vehicle;
    let finish_by = vehicle.latest_finish().unwrap_or(Seconds::MAX).get();
    let mut labels = vec![Label { next: 0, clock: departure, ready: departure, finish_by, lateness: 0 }];
    for place in 0..=route.visits.len() {
        let mut ready = Vec::with_capacity(labels.len());
        for label in labels {
            let arrival = label.clock.saturating_add(route.leg(place));
            take_breaks(vehicle.breaks(), departure, Label { ready: arrival, ..label }, &mut ready);
        }
        labels = Vec::with_capacity(ready.len());
        for label in ready {
            let label = match route.visits.get(place) {
                Some(visit) => {
                    let (start, late_by) = serve(visit, label.ready);
                    if late_by > 0 && visit.refuses_lateness() {
                        continue;
                    }
                    let lateness = label.lateness + u128::from(late_by) * u128::from(visit.importance());
                    Label { clock: start.saturating_add(visit.service().get()), lateness, ..label }
                }
                None => Label {
                    clock: label.ready,
                    next: vehicle.breaks().len(),
                    finish_by: left_out(vehicle.breaks().get(label.next..), departure, label.finish_by),
                    ..label
                },
            };
            if label.clock <= label.finish_by && !labels.iter().any(|other| label.is_no_better_than(other)) {
                labels.retain(|other| !other.is_no_better_than(&label));
                labels.push(label);
            }
        }
    }
    labels
}

/// Every way of taking breaks, or none, in one gap.
fn take_breaks(breaks: &[Break], departure: u32, label: Label, ready: &mut Vec<Label>) {
    ready.push(label);
    for number in label.next..breaks.len() {
        let Some(pause) = breaks.get(number) else { break };
        let (opens, duration) = (pause.window.start.get(), pause.duration.get());
        let start = label.clock.max(opens);
        if start <= pause.window.end.get() {
            let taken = Label {
                next: number + 1,
                clock: start.saturating_add(duration),
                ready: label.ready.max(opens).saturating_add(duration),
                finish_by: left_out(breaks.get(label.next..number), departure, label.finish_by),
                lateness: label.lateness,
            };
            take_breaks(breaks, departure, taken, ready);
        }
    }
}

/// By when a tour must be over that leaves these breaks out.
fn left_out(breaks: Option<&[Break]>, departure: u32, finish_by: u32) -> u32 {
    let ends = breaks.unwrap_or_default().iter().map(|pause| pause.window.end.get());
    ends.filter(|&end| end >= departure).fold(finish_by, u32::min)
}
