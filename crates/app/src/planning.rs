use std::cmp::Ordering;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use routemate_domain::{
    Optimality, PlannedLeg, Priority, RouteTotals, Shortfall, Stop, TimeWindow, TravelQuality, ZoneName,
};
use routemate_optimizer::{
    Budget, Departure, LateReason, Solution, Terminal, UnservedReason, Vehicle, Visit, VisitId, Window,
};
use routemate_persistence::to_stored_precision;
use routemate_travel::{Leg, Quality};
use routemate_units::{LatLng, Meters, Seconds};

use crate::solver::{Solved, Task};
use crate::{App, Error};

/// Stops in driving order, and what the whole of it comes to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plan {
    /// The sequence, then those without a place in it, in the order they were given.
    pub(crate) stops: Vec<Stop>,
    pub(crate) totals: RouteTotals,
    pub(crate) optimality: Option<Optimality>,
    pub(crate) departure_at: Option<Timestamp>,
}

impl App {
    /// Puts stops into the best order: the first and last located ones as given stay at the ends, the others go where
    /// driving takes the least time, windows are kept where that can be.
    ///
    /// Times count from midnight (in `timezone`) of `scheduled_date`, or of the first window's day. Without either, the
    /// plan has no times.
    pub(crate) async fn plan(
        &self,
        mut stops: Vec<Stop>,
        scheduled_date: Option<Date>,
        timezone: &ZoneName,
    ) -> Result<Plan, Error> {
        stops.sort_by_key(|stop| stop.given_position);
        for stop in &mut stops {
            stop.planned = None;
            stop.shortfall = None;
        }
        let points: Vec<LatLng> = stops.iter().filter_map(|stop| stop.location.position()).collect();
        if points.len() < 2 {
            return Ok(unordered(stops));
        }
        let midnight = midnight(&stops, scheduled_date, timezone);
        let (located, unlocated): (Vec<Stop>, Vec<Stop>) =
            stops.into_iter().partition(|stop| stop.location.position().is_some());
        let task = Task {
            engines: self.travel.clone(),
            points,
            visits: visits(&located, midnight),
            vehicle: vehicle(located.len()),
            budget: Budget::within(self.settings.solver.for_stops(located.len()), self.stop_token()),
            patience: self.settings.travel_deadline,
        };
        let solved = self.solver.solve(task).await?;
        Ok(assemble(located, unlocated, &solved, midnight))
    }
}

/// Stops in the order that was found, with what the road network says about it.
fn assemble(located: Vec<Stop>, unlocated: Vec<Stop>, solved: &Solved, midnight: Option<Timestamp>) -> Plan {
    let Solved { matrix, solution, path } = solved;
    let Some(tour) = solution.tours.first() else {
        return unordered(located.into_iter().chain(unlocated).collect());
    };
    let mut slots: Vec<Option<Stop>> = located.into_iter().map(Some).collect();
    for (visit, shortfall) in shortfalls(solution, midnight) {
        if let Some(Some(stop)) = slots.get_mut(visit.index()) {
            stop.shortfall = Some(shortfall);
        }
    }
    let mut sequence = Vec::with_capacity(slots.len());
    let mut previous: Option<usize> = None;
    for visited in &tour.stops {
        let index = visited.visit.index();
        let Some(mut stop) = slots.get_mut(index).and_then(Option::take) else {
            continue;
        };
        let nothing = Leg { duration: Seconds::ZERO, distance: Meters::ZERO };
        let leg = previous.and_then(|from| matrix.leg(from, index)).unwrap_or(nothing);
        let lateness =
            midnight.map_or(Seconds::ZERO, |midnight| lateness(&stop.windows, after(midnight, visited.start)));
        stop.planned = Some(PlannedLeg {
            distance: leg.distance,
            duration: leg.duration,
            arrival: midnight.map(|midnight| after(midnight, visited.arrival)),
            lateness,
        });
        sequence.push(stop);
        previous = Some(index);
    }
    let mut left_over: Vec<Stop> = slots.into_iter().flatten().chain(unlocated).collect();
    left_over.sort_by_key(|stop| stop.given_position);
    sequence.append(&mut left_over);
    Plan {
        stops: sequence,
        totals: RouteTotals {
            distance: tour.cost.distance,
            duration: tour.cost.duration,
            polyline: path.polyline5(),
            quality: match matrix.quality().max(path.quality) {
                Quality::Roads => TravelQuality::Roads,
                Quality::Estimated => TravelQuality::Estimated,
            },
            // Figures of roads have to be credited also where the line is an estimate.
            attribution: path.attribution.clone().or_else(|| matrix.attribution().map(str::to_owned)),
        },
        optimality: Some(Optimality {
            is_proven: solution.proven_optimal,
            bound: solution.bound.map(|bound| Seconds::new(u32::try_from(bound).unwrap_or(u32::MAX))),
        }),
        departure_at: midnight.map(|midnight| after(midnight, tour.departure)),
    }
}

/// What is left where there is nothing to order.
fn unordered(stops: Vec<Stop>) -> Plan {
    Plan {
        stops: {
            let (mut located, mut unlocated): (Vec<Stop>, Vec<Stop>) =
                stops.into_iter().partition(|stop| stop.location.position().is_some());
            located.append(&mut unlocated);
            located
        },
        totals: RouteTotals {
            distance: Meters::ZERO,
            duration: Seconds::ZERO,
            polyline: String::new(),
            quality: TravelQuality::Estimated,
            attribution: None,
        },
        optimality: None,
        departure_at: None,
    }
}

/// Who is late or left out, and why.
fn shortfalls(solution: &Solution, midnight: Option<Timestamp>) -> impl Iterator<Item = (VisitId, Shortfall)> {
    let late = solution.late.iter().map(move |late| {
        let shortfall = match (late.reason, midnight) {
            (LateReason::TooFar { earliest }, Some(midnight)) => {
                Shortfall::TooFar { earliest: after(midnight, earliest) }
            }
            (LateReason::OthersFirst, _) => Shortfall::OthersFirst,
            _ => Shortfall::SearchStopped,
        };
        (late.visit, shortfall)
    });
    let left_out = solution.unserved.iter().map(|entry| {
        let shortfall = match entry.reason {
            UnservedReason::Unreachable => Shortfall::Unreachable,
            _ => Shortfall::SearchStopped,
        };
        (entry.visit, shortfall)
    });
    late.chain(left_out)
}

/// The midnight that times count from, unless it lies beyond the instants that there are: on the calendar's first and
/// last day.
fn midnight(stops: &[Stop], scheduled: Option<Date>, timezone: &ZoneName) -> Option<Timestamp> {
    let first_bound =
        stops.iter().flat_map(|stop| &stop.windows).filter_map(|window| window.start().or(window.end())).min();
    let day = scheduled.or_else(|| first_bound.map(|bound| bound.to_zoned(timezone.zone().clone()).date()))?;
    // Where clocks skip midnight, the day starts at the first instant there is.
    let midnight = day.to_zoned(timezone.zone().clone()).ok()?;
    Some(midnight.timestamp())
}

fn vehicle(visits: usize) -> Vehicle {
    Vehicle::new()
        .with_start(Terminal::Visit(VisitId::new(0)))
        .with_end(Terminal::Visit(VisitId::new(visits.saturating_sub(1))))
        .with_departure(Departure::LatestInTime)
}

fn visits(stops: &[Stop], midnight: Option<Timestamp>) -> Vec<Visit> {
    let weights = weights(stops);
    stops
        .iter()
        .zip(weights)
        .enumerate()
        .map(|(location, (stop, weight))| {
            let visit =
                Visit::at(location).with_service(stop.service_time.unwrap_or(Seconds::ZERO)).with_importance(weight);
            let Some(midnight) = midnight else { return visit };
            stop.windows.iter().fold(visit, |visit, window| visit.with_window(relative(window, midnight)))
        })
        .collect()
}

/// A window as seconds after midnight. One that has closed by then becomes the first instant: it cannot be kept, and the
/// sooner the better.
fn relative(window: &TimeWindow, midnight: Timestamp) -> Window {
    let seconds = |at: Timestamp| {
        let since = at.duration_since(midnight).as_secs();
        Seconds::new(u32::try_from(since.max(0)).unwrap_or(u32::MAX))
    };
    Window::new(window.start().map_or(Seconds::ZERO, seconds), window.end().map_or(Seconds::MAX, seconds))
}

fn after(midnight: Timestamp, seconds: Seconds) -> Timestamp {
    midnight
        .checked_add(SignedDuration::from_secs(i64::from(seconds.get())))
        .unwrap_or_else(|_| to_stored_precision(Timestamp::MAX))
}

/// How long after the last window service begins.
fn lateness(windows: &[TimeWindow], start: Timestamp) -> Seconds {
    let last_end = windows.iter().map(|window| window.end().unwrap_or(Timestamp::MAX)).max();
    last_end.map_or(Seconds::ZERO, |end| {
        let late = start.duration_since(end).as_secs().max(0);
        Seconds::new(u32::try_from(late).unwrap_or(u32::MAX))
    })
}

/// What a minute of lateness weighs at each stop: 1 at the least important ones, and at each more important rank four
/// times as much, or less where the ranks are many.
fn weights(stops: &[Stop]) -> Vec<u16> {
    let mut ranks: Vec<Priority> = stops.iter().map(|stop| stop.priority).collect();
    ranks.sort_by(|a, b| a.importance_order(*b));
    ranks.dedup_by(|a, b| a.importance_order(*b) == Ordering::Equal);
    let top = ranks.len().saturating_sub(1);
    let bits_per_rank = if top == 0 { 0.0 } else { (15.0 / top as f64).min(2.0) };
    let weight = |rank: usize| (rank as f64 * bits_per_rank).exp2().round() as u16;
    stops
        .iter()
        .map(|stop| {
            let rank = ranks.partition_point(|rank| rank.importance_order(stop.priority) == Ordering::Less);
            weight(rank).max(1)
        })
        .collect()
}
