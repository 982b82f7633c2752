use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use routemate_domain::{
    Itinerary, Optimality, Outcome, PlannedLeg, RouteTotals, Shortfall, Stop, StopStatus, TimeWindow, TravelQuality,
};
use routemate_optimizer::{Break, Departure, LateReason, Terminal, UnservedReason, Vehicle, Visit, VisitId, Window};
use routemate_persistence::to_stored_precision;
use routemate_travel::{Leg, Quality};
use routemate_units::{Meters, Seconds};

use super::StopOrder;
use super::problem::{Assignment, Ordered, Wish};
use super::situation::{Destination, Situation, was_driven_to};
use super::timetable::{STAYING, Tour, Turn};
use super::weights::weights;
use crate::solver::Solved;

/// Breaks that the optimizer takes into account.
const MOST_BREAKS: usize = 15;

/// What is served in which turn.
#[derive(Debug, Clone, Copy)]
enum Served {
    /// The stop ahead of this number.
    Stop(usize),
    /// The break of this number.
    Break(usize),
}

impl Situation {
    /// What the solver is asked.
    pub(super) fn assignment(&self, order: StopOrder) -> Assignment {
        let at_visit = |number| Terminal::Visit(VisitId::new(number));
        let start = match (self.origin_point(), self.first) {
            (Some(origin), _) => Terminal::Location(origin),
            (None, Some(first)) => at_visit(first),
            (None, None) => Terminal::Anywhere,
        };
        let end = match (self.destination, self.destination_point()) {
            (Destination::Stop(last), _) => at_visit(last),
            (_, Some(place)) => Terminal::Location(place),
            (_, None) => Terminal::Anywhere,
        };
        let vehicle = Vehicle::new().with_start(start).with_end(end);
        let vehicle = match self.departs_after() {
            Some(departs) => vehicle.with_earliest_start(departs).with_latest_start(departs),
            None => vehicle.with_departure(Departure::LatestInTime),
        };
        Assignment {
            visits: self.visits(),
            vehicle,
            breaks: self.timed_breaks().map(|(_, pause)| pause).collect(),
            wish: match order {
                StopOrder::Given => Wish::Given,
                StopOrder::Best => {
                    Wish::Best { in_force: self.is_in_force.then(|| self.standing.clone()), kept: self.kept_places() }
                }
            },
            start: self.origin_point(),
            end: self.destination_point(),
        }
    }

    fn visits(&self) -> Vec<Visit> {
        let weights = weights(&self.ahead);
        let visits = self.ahead.iter().zip(weights).enumerate().map(|(location, (stop, weight))| {
            let visit =
                Visit::at(location).with_service(stop.service_time.unwrap_or(Seconds::ZERO)).with_importance(weight);
            self.windows(stop).into_iter().fold(visit, Visit::with_window)
        });
        visits.collect()
    }

    /// A stop's windows in seconds after the epoch, in the order of their ends.
    fn windows(&self, stop: &Stop) -> Vec<Window> {
        let Some(epoch) = self.epoch else { return Vec::new() };
        let mut windows: Vec<Window> = stop.windows.iter().map(|window| relative(window, epoch)).collect();
        windows.sort_by_key(|window| (window.end, window.start));
        windows
    }

    /// The breaks that have to begin by some time, by their number.
    fn timed_breaks(&self) -> impl Iterator<Item = (usize, Break)> + '_ {
        let timed = self.breaks.iter().enumerate().filter_map(|(number, (_, stop))| {
            let window = self.windows(stop).into_iter().next().filter(|window| window.end < Seconds::MAX)?;
            Some((number, Break::new(stop.service_time.unwrap_or(Seconds::ZERO), window)))
        });
        timed.take(MOST_BREAKS)
    }

    /// For each stop ahead the place that it keeps; nobody's where none is locked.
    fn kept_places(&self) -> Vec<Option<usize>> {
        let mut kept = vec![None; self.ahead.len()];
        if self.ahead.iter().all(|stop| !stop.is_locked) {
            return kept;
        }
        let place_of = |number| self.standing.iter().position(|&standing| standing == number);
        for (number, (slot, stop)) in kept.iter_mut().zip(&self.ahead).enumerate() {
            let last = self.ahead.len() - 1;
            *slot = match self.destination {
                _ if self.first == Some(number) => Some(0),
                Destination::Stop(stays) if stays == number => Some(last),
                _ if stop.is_locked => place_of(number),
                _ => None,
            };
        }
        kept
    }

    /// Stops and breaks in their turn.
    fn served(&self, ordered: &Ordered) -> Vec<Served> {
        let count = ordered.sequence.len();
        let timed: Vec<usize> = self.timed_breaks().map(|(number, _)| number).collect();
        let mut breaks: Vec<(usize, usize)> = match &ordered.breaks {
            Some(taken) => {
                let taken = taken.iter().filter_map(|&(index, before)| Some((before, *timed.get(index)?)));
                let others = self.breaks.iter().enumerate().filter(|(number, _)| !timed.contains(number));
                taken.chain(others.map(|(number, (before, _))| (*before, number))).collect()
            }
            None => self.breaks.iter().enumerate().map(|(number, (before, _))| (*before, number)).collect(),
        };
        breaks.sort_unstable();
        let mut breaks = breaks.into_iter().peekable();
        let mut served = Vec::with_capacity(count + self.breaks.len());
        for place in 0..=count {
            while let Some((_, number)) = breaks.next_if(|(before, _)| *before <= place || place == count) {
                served.push(Served::Break(number));
            }
            served.extend(ordered.sequence.get(place).map(|&number| Served::Stop(number)));
        }
        served
    }

    fn turn(&self, served: Served) -> Option<Turn> {
        let (stop, point) = match served {
            Served::Stop(number) => (self.ahead.get(number)?, Some(number)),
            Served::Break(number) => (&self.breaks.get(number)?.1, None),
        };
        let service = stop.service_time.unwrap_or(Seconds::ZERO);
        Some(Turn { point, service, windows: self.windows(stop) })
    }

    /// The route without a plan for what is ahead: there is nothing to drive.
    pub(super) fn unplanned(self) -> Itinerary {
        let Self { mut route, behind, ahead, breaks, placeless, removed, departs, epoch, .. } = self;
        let (distance, duration) = driven(&behind);
        let was_driven = behind.iter().any(was_driven_to);
        route.totals = RouteTotals {
            distance,
            duration,
            polyline: if was_driven { route.totals.polyline } else { String::new() },
            quality: if was_driven { route.totals.quality } else { TravelQuality::Estimated },
            attribution: route.totals.attribution.filter(|_| was_driven),
        };
        route.optimality = None;
        route.end_leg = None;
        // It is for its day all the same.
        route.departure_at = route.departure_at.filter(|_| was_driven).or(departs).or(epoch);
        let open = ahead.into_iter().chain(breaks.into_iter().map(|(_, stop)| stop)).chain(placeless);
        let stops = behind.into_iter().chain(open.map(without_plan)).chain(removed).collect();
        Itinerary { route, stops }
    }
}

/// The route as it was solved, with what the road network says about it.
pub(super) fn assemble(mut situation: Situation, solved: &Solved) -> Itinerary {
    let Solved { matrix, ordered, path } = solved;
    let served = situation.served(ordered);
    let tour = Tour {
        matrix,
        start: situation.origin_point(),
        turns: served.iter().filter_map(|&served| situation.turn(served)).collect(),
        end: situation.destination_point(),
    };
    let (legs, last_leg) = tour.legs();
    let departure = match situation.departs_after() {
        Some(departs) => u64::from(departs.get()),
        None => tour.latest_departure(0),
    };
    let times = tour.leaving_at(departure);
    let epoch = situation.epoch;
    let mut shortfalls = shortfalls(ordered, epoch);
    let mut ahead: Vec<Option<Stop>> = std::mem::take(&mut situation.ahead).into_iter().map(Some).collect();
    let mut breaks: Vec<Option<Stop>> =
        std::mem::take(&mut situation.breaks).into_iter().map(|(_, stop)| Some(stop)).collect();
    for stop in &mut situation.behind {
        settle_skipped(stop);
    }
    let (mut distance, mut duration) = driven(&situation.behind);
    let driven_before = duration;
    let mut sequence = Vec::with_capacity(served.len());
    for (index, served) in served.into_iter().enumerate() {
        let (slot, number) = match served {
            Served::Stop(number) => (ahead.get_mut(number), Some(number)),
            Served::Break(number) => (breaks.get_mut(number), None),
        };
        let (Some(mut stop), Some(&Leg { distance: meters, duration: seconds })) =
            (slot.and_then(Option::take), legs.get(index))
        else {
            continue;
        };
        let late = times.lateness.get(index).copied().filter(|_| epoch.is_some()).unwrap_or_default();
        stop.planned = Some(PlannedLeg {
            distance: meters,
            duration: seconds,
            arrival: epoch.and_then(|epoch| Some(after(epoch, *times.arrivals.get(index)?))),
            lateness: to_seconds(late),
        });
        let reason = number.and_then(|number| shortfalls.remove(&number));
        stop.shortfall = (late > 0).then(|| reason.unwrap_or(Shortfall::SearchStopped));
        distance = distance.saturating_add(meters);
        duration = duration.saturating_add(seconds);
        sequence.push(stop);
    }
    let left_out = ahead.into_iter().enumerate().filter_map(|(number, stop)| {
        let shortfall = shortfalls.get(&number).copied().unwrap_or(Shortfall::SearchStopped);
        Some(Stop { shortfall: Some(shortfall), ..without_plan(stop?) })
    });
    let mut others: Vec<Stop> = left_out.chain(breaks.into_iter().flatten().map(without_plan)).collect();
    others.extend(std::mem::take(&mut situation.placeless).into_iter().map(without_plan));
    others.sort_by_key(|stop| stop.given_position);
    let Situation { mut route, behind, removed, .. } = situation;
    route.end_leg = last_leg.map(|leg| PlannedLeg {
        distance: leg.distance,
        duration: leg.duration,
        arrival: epoch.map(|epoch| after(epoch, times.finish)),
        lateness: Seconds::ZERO,
    });
    let end_leg = last_leg.unwrap_or(STAYING);
    route.totals = RouteTotals {
        distance: distance.saturating_add(end_leg.distance),
        duration: duration.saturating_add(end_leg.duration),
        polyline: path.polyline5(),
        quality: match matrix.quality().max(path.quality) {
            Quality::Roads => TravelQuality::Roads,
            Quality::Estimated => TravelQuality::Estimated,
        },
        // Figures of roads have to be credited also where the line is an estimate.
        attribution: path.attribution.clone().or_else(|| matrix.attribution().map(str::to_owned)),
    };
    // The bound is one of the whole way, and what was driven is no longer to be saved.
    route.optimality = ordered
        .optimality
        .map(|known| Optimality { bound: known.bound.map(|bound| bound.saturating_add(driven_before)), ..known });
    if !behind.iter().any(was_driven_to) {
        route.departure_at = epoch.map(|epoch| after(epoch, departure));
    }
    let stops = behind.into_iter().chain(sequence).chain(others).chain(removed).collect();
    Itinerary { route, stops }
}

/// Who is late or left out, and why.
fn shortfalls(ordered: &Ordered, epoch: Option<Timestamp>) -> HashMap<usize, Shortfall> {
    let late = ordered.late.iter().map(|&(visit, reason)| {
        let shortfall = match (reason, epoch) {
            (LateReason::TooFar { earliest }, Some(epoch)) => {
                Shortfall::TooFar { earliest: after(epoch, u64::from(earliest.get())) }
            }
            (LateReason::OthersFirst, _) => Shortfall::OthersFirst,
            _ => Shortfall::SearchStopped,
        };
        (visit, shortfall)
    });
    let left_out = ordered.left_out.iter().map(|&(visit, reason)| {
        let shortfall = match reason {
            UnservedReason::Unreachable => Shortfall::Unreachable,
            _ => Shortfall::SearchStopped,
        };
        (visit, shortfall)
    });
    late.chain(left_out).collect()
}

/// What was driven to the stops behind.
fn driven(behind: &[Stop]) -> (Meters, Seconds) {
    let legs = behind.iter().filter(|stop| was_driven_to(stop)).filter_map(|stop| stop.planned);
    legs.fold((Meters::ZERO, Seconds::ZERO), |(distance, duration), leg| {
        (distance.saturating_add(leg.distance), duration.saturating_add(leg.duration))
    })
}

/// Nobody drives to a stop that is skipped: the way to the next one begins elsewhere.
fn settle_skipped(stop: &mut Stop) {
    if let (StopStatus::Ended { outcome: Outcome::Skipped { .. }, .. }, Some(leg)) = (&stop.status, &mut stop.planned) {
        leg.distance = Meters::ZERO;
        leg.duration = Seconds::ZERO;
    }
}

fn without_plan(stop: Stop) -> Stop {
    Stop { planned: None, shortfall: None, ..stop }
}

/// A window as seconds after the epoch. One that has closed by then becomes the first instant: it cannot be kept, and the
/// sooner the better.
fn relative(window: &TimeWindow, epoch: Timestamp) -> Window {
    let seconds = |at: Timestamp| {
        let since = at.duration_since(epoch).as_secs();
        Seconds::new(u32::try_from(since.max(0)).unwrap_or(u32::MAX))
    };
    Window::new(window.start().map_or(Seconds::ZERO, seconds), window.end().map_or(Seconds::MAX, seconds))
}

fn after(epoch: Timestamp, seconds: u64) -> Timestamp {
    let later =
        i64::try_from(seconds).ok().and_then(|seconds| epoch.checked_add(SignedDuration::from_secs(seconds)).ok());
    later.unwrap_or_else(|| to_stored_precision(Timestamp::MAX))
}

fn to_seconds(seconds: u64) -> Seconds {
    Seconds::new(u32::try_from(seconds).unwrap_or(u32::MAX))
}
