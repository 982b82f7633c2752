//! From an order of visits to its score.

use crate::answer::drive::changes;
use crate::costs::Costs;
use crate::model::Timing;
use crate::problem::{Objective, Problem};
use crate::vehicle::{Terminal, VehicleId};
use routemate_units::{Meters, Seconds};

/// How good an order is; fields in the order in which they count, less is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Score {
    /// Importance left out.
    pub(crate) unserved: u64,
    /// Σ lateness × importance.
    pub(crate) lateness: u64,
    /// Seconds or metres, as the objective says, and what changes of the plan in force cost.
    pub(crate) driven: u64,
    /// The other of the two.
    pub(crate) tie_break: u64,
    /// Σ place × importance.
    pub(crate) places: u64,
}

/// Duration and distance from one location to another; nothing from or to a free end.
pub(crate) fn leg<C: Costs>(
    problem: &Problem<'_, C>,
    from: Option<usize>,
    to: Option<usize>,
) -> Option<(Seconds, Meters)> {
    let (Some(from), Some(to)) = (from, to) else {
        return Some((Seconds::ZERO, Meters::ZERO));
    };
    Some((problem.costs.duration(from, to)?, problem.costs.distance(from, to)?))
}

/// The location of a terminal that is no visit.
pub(crate) const fn terminal_location(terminal: Terminal) -> Option<usize> {
    match terminal {
        Terminal::Location(location) => Some(location),
        Terminal::Anywhere | Terminal::Visit(_) => None,
    }
}

/// The locations that an order passes, with both ends: one more leg than visits.
pub(crate) fn locations<C: Costs>(problem: &Problem<'_, C>, order: &[usize]) -> Vec<Option<usize>> {
    let stops = order.iter().map(|&visit| problem.visits.get(visit).map(|visit| visit.location()));
    let start = terminal_location(problem.vehicle.start());
    let end = terminal_location(problem.vehicle.end());
    [start].into_iter().chain(stops).chain([end]).collect()
}

/// All legs of an order; `None` where one cannot be driven. An empty order has none.
fn legs<C: Costs>(problem: &Problem<'_, C>, order: &[usize]) -> Option<Vec<(Seconds, Meters)>> {
    if order.is_empty() {
        return Some(Vec::new());
    }
    let locations = locations(problem, order);
    locations.iter().zip(locations.iter().skip(1)).map(|(&from, &to)| leg(problem, from, to)).collect()
}

/// The score of an order, or `None` where a leg cannot be driven. O(n).
pub(crate) fn score<C: Costs>(problem: &Problem<'_, C>, order: &[usize]) -> Option<Score> {
    let legs = legs(problem, order)?;
    let timing = Timing::of(problem, order, Vec::new());
    let mut clock = timing.earliest_start;
    let (mut lateness, mut duration, mut distance, mut places, mut served) = (0, 0, 0, 0, 0);
    for (place, (time, meters)) in legs.iter().enumerate() {
        duration += u64::from(time.get());
        distance += u64::from(meters.get());
        if place < order.len() {
            let (start, late) = timing.serve(place, clock.saturating_add(time.get()));
            lateness += late;
            clock = start.saturating_add(timing.service(place));
            let importance = u64::from(timing.importance(place));
            places += importance * (place as u64 + 1);
            served += importance;
        }
    }
    let all: u64 = problem.visits.iter().map(|visit| u64::from(visit.importance())).sum();
    let (driven, tie_break) = match problem.objective {
        Objective::Duration => (duration, distance),
        Objective::Distance => (distance, duration),
    };
    let driven = driven + changes(problem, VehicleId::new(0), order);
    Some(Score { unserved: all.saturating_sub(served), lateness, driven, tie_break, places })
}
