//! From an order of visits to its score and its times.

use crate::costs::Costs;
use crate::model::Timing;
use crate::pace::Pace;
use crate::problem::{Objective, Problem};
use crate::solution::{Cost, Stop, Tour};
use crate::vehicle::{Departure, Terminal, VehicleId};
use crate::visit::VisitId;
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
    let driven = driven + changes(problem, order);
    Some(Score { unserved: all.saturating_sub(served), lateness, driven, tie_break, places })
}

/// What an order costs as a change of the plan in force.
pub(crate) fn changes<C: Costs>(problem: &Problem<'_, C>, order: &[usize]) -> u64 {
    if problem.plan_in_force().is_none_or(|plan| plan.each_change() == 0) {
        return 0;
    }
    let vehicle = VehicleId::new(0);
    let visits = || order.iter().map(|&visit| VisitId::new(visit));
    let before = std::iter::once(None).chain(visits().map(Some));
    before.zip(visits()).map(|(from, to)| u64::from(problem.change_cost(vehicle, from, to))).sum()
}

/// The tour of an order that can be driven, departing as the vehicle says. O(n).
pub(crate) fn tour<C: Costs>(problem: &Problem<'_, C>, order: &[usize]) -> Option<Tour> {
    let legs = legs(problem, order)?;
    let times: Vec<u32> = legs.iter().map(|(time, _)| time.get()).collect();
    let timing = Timing::of(problem, order, Vec::new());
    let at_once = drive(&timing, &times, timing.earliest_start);
    let last_start = match problem.vehicle.departure() {
        Departure::LatestInTime if (0..order.len()).any(|place| timing.closes(place)) => None,
        Departure::LatestInTime | Departure::SoonestFinish => at_once.last().map(|step| step.start),
    };
    let latest = latest_arrivals(&timing, &times, &at_once, last_start);
    let to_first = times.first().copied().unwrap_or_default();
    let latest_start = problem.vehicle.latest_start().map_or(u32::MAX, Seconds::get);
    let departure = latest.first().copied().flatten().map_or(timing.earliest_start, |arrival| {
        arrival.saturating_sub(to_first).min(latest_start).max(timing.earliest_start)
    });
    let steps = drive(&timing, &times, departure);
    let latest = latest_arrivals(&timing, &times, &steps, None);
    let stops: Vec<Stop> = order
        .iter()
        .zip(&steps)
        .zip(latest)
        .map(|((&visit, step), latest)| Stop {
            visit: VisitId::new(visit),
            arrival: Seconds::new(step.arrival),
            wait: Seconds::new(step.start - step.arrival),
            start: Seconds::new(step.start),
            departure: Seconds::new(step.departure),
            slack: latest.map(|latest| Seconds::new(latest - step.arrival)),
        })
        .collect();
    let cost = Cost {
        duration: legs.iter().map(|leg| leg.0).sum(),
        distance: legs.iter().map(|leg| leg.1).sum(),
        waiting: stops.iter().map(|stop| stop.wait).sum(),
        service: order.iter().filter_map(|&visit| problem.visits.get(visit)).map(|visit| visit.service()).sum(),
        lateness: steps.iter().map(|step| Seconds::new(step.late_by)).sum(),
        fixed: problem.vehicle.fixed_cost().into(),
        changes: changes(problem, order),
        ..Cost::default()
    };
    let driven: u64 = legs
        .iter()
        .map(|leg| match problem.objective {
            Objective::Duration => u64::from(leg.0.get()),
            Objective::Distance => u64::from(leg.1.get()),
        })
        .sum();
    let cost = Cost { total: driven + cost.fixed + cost.changes, ..cost };
    let onward = times.last().copied().unwrap_or_default();
    let finish = steps.last().map_or(departure, |step| step.departure.saturating_add(onward));
    let (departure, finish) = (Seconds::new(departure), Seconds::new(finish));
    Some(Tour { vehicle: VehicleId::new(0), stops, breaks: Vec::new(), departure, finish, cost })
}

struct Step {
    arrival: u32,
    start: u32,
    departure: u32,
    late_by: u32,
}

/// `times`: the legs to each stop and from the last.
fn drive(timing: &Timing, times: &[u32], departure: u32) -> Vec<Step> {
    let mut clock = departure;
    let stops = times.len().saturating_sub(1);
    times
        .iter()
        .take(stops)
        .enumerate()
        .map(|(place, &time)| {
            let arrival = clock.saturating_add(time);
            let (start, _) = timing.serve(place, arrival);
            let late_by = timing.windows(place).last().map_or(0, |&(_, end)| start.saturating_sub(end));
            clock = start.saturating_add(timing.service(place));
            Step { arrival, start, departure: clock, late_by }
        })
        .collect()
}

/// The latest arrival at each stop with which nobody from there on is later than they are and the last service begins by
/// `last_start`; `None` where nothing depends on it.
fn latest_arrivals(timing: &Timing, times: &[u32], steps: &[Step], last_start: Option<u32>) -> Vec<Option<u32>> {
    let mut limit = last_start;
    let mut latest: Vec<Option<u32>> = Vec::with_capacity(steps.len());
    for (place, step) in steps.iter().enumerate().rev() {
        let arrival = match limit {
            None if !timing.closes(place) => None,
            limit => Some(timing.latest_arrival(place, step.arrival, limit.unwrap_or(u32::MAX)).max(step.arrival)),
        };
        latest.push(arrival);
        // What the stop before may do: be gone early enough to be here by then.
        let time = times.get(place).copied().unwrap_or_default();
        let service = place.checked_sub(1).map_or(0, |before| timing.service(before));
        limit = arrival.map(|arrival| arrival.saturating_sub(time).saturating_sub(service));
    }
    latest.reverse();
    latest
}

/// The earliest second at which each visit can be reached by any way over other visits, all of which are waited for and
/// served; `u32::MAX` where there is no way, and nothing at all where the time ran out. O(n²).
///
/// Source: E. W. Dijkstra, "A note on two problems in connexion with graphs", 1959; leaving later never means arriving
/// earlier, so it holds with waiting.
pub(crate) fn earliest_arrivals<C: Costs>(problem: &Problem<'_, C>, order: &[usize], pace: &Pace<'_>) -> Vec<u32> {
    let all: Vec<usize> = (0..problem.visits.len()).collect();
    let timing = Timing::of(problem, &all, Vec::new());
    let first = order.first().copied();
    let is_fixed_first = |visit: usize| problem.vehicle.start() == Terminal::Visit(VisitId::new(visit));
    let start = terminal_location(problem.vehicle.start());
    let is_first_fixed = first.is_some_and(is_fixed_first);
    let mut open: Vec<(usize, usize, u32)> = problem
        .visits
        .iter()
        .enumerate()
        .map(|(visit, at)| {
            let begins_here = !is_first_fixed || is_fixed_first(visit);
            let way = leg(problem, start, Some(at.location())).filter(|_| begins_here);
            (visit, at.location(), way.map_or(u32::MAX, |(time, _)| timing.earliest_start.saturating_add(time.get())))
        })
        .collect();
    let mut arrivals = vec![u32::MAX; open.len()];
    while let Some(next) = (0..open.len()).min_by_key(|&at| open.get(at).map(|entry| entry.2)) {
        if pace.is_over() {
            return Vec::new();
        }
        let (visit, location, arrival) = open.swap_remove(next);
        if let Some(known) = arrivals.get_mut(visit) {
            *known = arrival;
        }
        let departure = timing.serve(visit, arrival).0.saturating_add(timing.service(visit));
        for (_, to, known) in &mut open {
            if let Some((time, _)) = leg(problem, Some(location), Some(*to)) {
                *known = (*known).min(departure.saturating_add(time.get()));
            }
        }
    }
    arrivals
}
