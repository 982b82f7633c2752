//! One vehicle's day by trying everything: every place of every break, every second of departure.

use routemate_optimizer::{Break, Costs, Departure, Problem, Terminal, Vehicle, Visit};

/// Where a break is taken: its number and the stop before which it is.
pub(crate) type Taken = (usize, usize);

/// A day with all its times, in seconds that never overflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Day {
    pub(crate) departure: u64,
    pub(crate) finish: u64,
    /// Arrival, start, departure and lateness of each stop.
    pub(crate) stops: Vec<[u64; 4]>,
    /// Number, stop and begin of each break.
    pub(crate) breaks: Vec<(usize, usize, u64)>,
    pub(crate) weighted_lateness: u64,
}

/// What can be said about an order before it has times.
#[derive(Debug, Clone)]
pub(crate) struct Trip<'p> {
    pub(crate) vehicle: &'p Vehicle,
    pub(crate) visits: Vec<&'p Visit>,
    /// To each stop and to the end.
    pub(crate) times: Vec<u64>,
    pub(crate) distance: u64,
}

impl<'p> Trip<'p> {
    /// `None` where a leg cannot be driven.
    pub(crate) fn of<C: Costs>(problem: &'p Problem<'_, C>, vehicle: usize, order: &[usize]) -> Option<Self> {
        let vehicle = &problem.vehicles()[vehicle];
        let visits: Vec<&Visit> = order.iter().map(|&visit| &problem.visits()[visit]).collect();
        let depot = |terminal| match terminal {
            Terminal::Location(location) => Some(location),
            _ => None,
        };
        let mut trip = Trip { vehicle, visits, times: Vec::new(), distance: 0 };
        let mut here = depot(vehicle.start());
        let stops: Vec<usize> = trip.visits.iter().map(|visit| visit.location()).collect();
        for next in stops.into_iter().map(Some).chain([depot(vehicle.end())]) {
            let (time, distance) = match (here, next) {
                (Some(a), Some(b)) => (problem.costs().duration(a, b)?.get(), problem.costs().distance(a, b)?.get()),
                _ => (0, 0),
            };
            trip.times.push(time.into());
            trip.distance += u64::from(distance);
            here = next;
        }
        Some(trip)
    }

    /// The day that begins at `departure`, or from arriving at a stop at a time with what is left of the breaks; `None`
    /// where it breaks a limit of time, lateness that is refused included.
    fn day(&self, departure: u64, taken: &[Taken], from: Option<(usize, u64)>) -> Option<Day> {
        let mut day = Day { departure, finish: 0, stops: Vec::new(), breaks: Vec::new(), weighted_lateness: 0 };
        let mut clock = from.map_or(departure, |(_, arrival)| arrival);
        for place in from.map_or(0, |(place, _)| place)..=self.visits.len() {
            let mut arrival = match from {
                Some((first, arrival)) if first == place => arrival,
                _ => clock + self.times[place],
            };
            let mut rested = None;
            for &(number, _) in taken.iter().filter(|&&(_, before)| before == place) {
                let pause = self.vehicle.breaks()[number];
                let (opens, length) = (u64::from(pause.window.start.get()), u64::from(pause.duration.get()));
                let begin = clock.max(opens);
                if begin > u64::from(pause.window.end.get()) {
                    return None;
                }
                // On the road it makes the drive longer, at the stop it only passes the time.
                if begin < arrival {
                    arrival += length;
                } else {
                    rested = Some(begin + length);
                }
                clock = begin + length;
                day.breaks.push((number, place, begin));
            }
            let ready = rested.unwrap_or(arrival);
            let Some(visit) = self.visits.get(place) else {
                day.finish = ready;
                break;
            };
            let (start, late) = served(visit, ready);
            if late > 0 && visit.refuses_lateness() {
                return None;
            }
            day.weighted_lateness += late * u64::from(visit.importance());
            clock = start + u64::from(visit.service().get());
            day.stops.push([arrival, start, clock, late]);
        }
        let is_missed = |(number, pause): (usize, &Break)| {
            let end = u64::from(pause.window.end.get());
            departure <= end && day.finish > end && taken.iter().all(|&(other, _)| other != number)
        };
        let is_kept = self.vehicle.latest_finish().is_none_or(|latest| day.finish <= latest.get().into())
            && self.vehicle.max_duration().is_none_or(|most| day.finish - departure <= most.get().into())
            && !(from.is_none() && self.vehicle.breaks().iter().enumerate().any(is_missed));
        is_kept.then_some(day)
    }

    /// Every way of taking some of the breaks, in their order.
    fn ways_of_resting(&self) -> Vec<Vec<Taken>> {
        let mut ways: Vec<Vec<Taken>> = vec![Vec::new()];
        for number in 0..self.vehicle.breaks().len() {
            for way in ways.clone() {
                let first = way.last().map_or(0, |&(_, before)| before);
                ways.extend((first..=self.visits.len()).map(|before| [&way[..], &[(number, before)]].concat()));
            }
        }
        ways
    }

    /// The best day: least weighted lateness, then the soonest finish, then the latest departure, none of which makes anybody
    /// later; where it departs as late as windows allow, the finish only decides which breaks are taken where.
    pub(crate) fn best_day(&self) -> Option<(Day, Vec<Taken>)> {
        let vehicle = self.vehicle;
        let earliest = u64::from(vehicle.earliest_start().get());
        let ends = self.visits.iter().flat_map(|visit| visit.windows()).map(|window| u64::from(window.end.get()));
        let closes = ends.clone().max();
        // Nothing changes for the better after the last window and break.
        let opens = self.visits.iter().flat_map(|visit| visit.windows()).map(|window| u64::from(window.start.get()));
        let breaks = vehicle.breaks().iter().map(|pause| u64::from(pause.window.end.get()) + 1);
        let last = ends.chain(opens).chain(breaks).max().unwrap_or(0).max(earliest);
        let last = vehicle.latest_start().map_or(last, |latest| last.min(latest.get().into()));
        // Without breaks and a longest duration the earliest departure is never worse.
        let is_simple = vehicle.breaks().is_empty() && vehicle.max_duration().is_none();
        let last = if is_simple { earliest } else { last };
        let days = |taken: &[Taken]| -> Vec<Day> {
            (earliest..=last).filter_map(|departure| self.day(departure, taken, None)).collect()
        };
        let (taken, best) = self
            .ways_of_resting()
            .into_iter()
            .filter_map(|taken| {
                let days = days(&taken);
                let best = days.into_iter().min_by_key(|day| (day.weighted_lateness, day.finish))?;
                Some((taken, best))
            })
            .min_by_key(|(_, day)| (day.weighted_lateness, day.finish))?;
        let may_finish_later = vehicle.departure() == Departure::LatestInTime && closes.is_some();
        let is_as_good = |day: &Day| {
            (may_finish_later || day.finish == best.finish)
                && day.stops.iter().zip(&best.stops).all(|(a, b)| a[3] == b[3])
        };
        // Until the first second that is not as good: waiting longer than that may be possible again but is not asked for.
        let mut day = best.clone();
        for departure in best.departure + 1.. {
            let is_allowed = vehicle.latest_start().is_none_or(|latest| departure <= latest.get().into());
            match self.day(departure, &taken, None).filter(|day| is_allowed && is_as_good(day)) {
                Some(later) => day = later,
                None => break,
            }
        }
        Some((day, taken))
    }

    /// How much later one could arrive at a stop; `None` for ever.
    pub(crate) fn slack(&self, day: &Day, taken: &[Taken], place: usize) -> Option<u64> {
        let arrival = day.stops[place][0];
        // Breaks on the road there are over.
        let open: Vec<Taken> = taken
            .iter()
            .zip(&day.breaks)
            .filter(|&(&(_, before), &(_, _, begin))| before > place || (before == place && begin >= arrival))
            .map(|(&taken, _)| taken)
            .collect();
        let finish_by = self.vehicle.breaks().iter().enumerate().filter_map(|(number, pause)| {
            let end = u64::from(pause.window.end.get());
            (taken.iter().all(|&(other, _)| other != number) && end >= day.departure).then_some(end)
        });
        let finish_by = finish_by.min();
        let closes = self.visits[place..].iter().any(|visit| !visit.windows().is_empty());
        if !closes
            && open.is_empty()
            && finish_by.is_none()
            && self.vehicle.latest_finish().is_none()
            && self.vehicle.max_duration().is_none()
        {
            return None;
        }
        let is_harmless = |delay: u64| {
            self.day(day.departure, &open, Some((place, arrival + delay))).is_some_and(|delayed| {
                finish_by.is_none_or(|end| delayed.finish <= end)
                    && delayed.stops.iter().zip(&day.stops[place..]).all(|(delayed, stop)| delayed[3] <= stop[3])
            })
        };
        (1..).find(|&delay| !is_harmless(delay)).map(|delay| delay - 1)
    }

    pub(crate) fn driven(&self, problem_counts_time: bool) -> u64 {
        if problem_counts_time { self.times.iter().sum() } else { self.distance }
    }

    /// Whether everything on board fits in at all times; `amounts` are those of shipments: loaded, unloaded.
    pub(crate) fn fits(&self, shipped: impl Fn(usize, usize) -> (u64, u64)) -> bool {
        let of = |amounts: &[u32], dimension: usize| amounts.get(dimension).map_or(0, |&amount| u64::from(amount));
        self.vehicle.capacity().iter().enumerate().all(|(dimension, &capacity)| {
            // At each moment: what is still to be delivered, what was picked up and what is on its way.
            (0..=self.visits.len()).all(|moment| {
                let delivered: u64 = self.visits[moment..].iter().map(|visit| of(visit.delivery(), dimension)).sum();
                let picked: u64 = self.visits[..moment].iter().map(|visit| of(visit.pickup(), dimension)).sum();
                let (loaded, unloaded) =
                    (0..moment).map(|place| shipped(place, dimension)).fold((0, 0), |(a, b), (c, d)| (a + c, b + d));
                delivered + picked + loaded - unloaded <= u64::from(capacity)
            })
        })
    }
}

/// When a service begins and how late that is.
fn served(visit: &Visit, ready: u64) -> (u64, u64) {
    let windows = visit.windows().iter().map(|window| (u64::from(window.start.get()), u64::from(window.end.get())));
    match windows.clone().filter(|&(_, end)| ready <= end).map(|(start, _)| start.max(ready)).min() {
        Some(start) => (start, 0),
        None => (ready, windows.map(|(_, end)| ready - end).min().unwrap_or(0)),
    }
}
