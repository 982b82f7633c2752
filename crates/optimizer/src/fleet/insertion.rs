//! The cheapest place for a visit in a tour.
#![expect(clippy::indexing_slicing, reason = "places are below the number of arcs of their tour")]

use crate::fleet::duration::{busy_time, shortest_duration};
use crate::fleet::late::added_lateness;
use crate::fleet::model::{FORBIDDEN, FOREVER, Model, Vehicle};
use crate::fleet::route::Route;
use crate::fleet::times::{Clock, MOST_STATES, drive, meets, serve};
use crate::random::Random;

/// A place in a tour: between node `after` and the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) added: i64,
    pub(crate) after: usize,
    /// For a pair: where the delivery goes, counted before anything is inserted.
    pub(crate) second_after: usize,
}

/// How places are compared: what lateness costs, and that good ones are overlooked now and then.
pub(crate) struct Terms<'r> {
    pub(crate) random: &'r mut Random,
    /// How often, of 2³².
    pub(crate) blink_rate: u64,
    /// What a second of lateness × importance costs.
    pub(crate) lateness_price: i64,
}

impl Terms<'_> {
    #[inline]
    pub(crate) fn blinks(&mut self) -> bool {
        self.blink_rate > 0 && (self.random.next() >> 32) < self.blink_rate
    }
}

/// The cheapest place that costs less than `limit`, in a tour that has room for the visit at its start.
pub(crate) fn cheapest_place(
    model: &Model,
    vehicle: &Vehicle,
    route: &Route,
    visit: usize,
    limit: i64,
    terms: &mut Terms<'_>,
) -> Option<Place> {
    if route.visits() >= vehicle.part.max_visits {
        return None;
    }
    let search = PlaceSearch { model, vehicle, route, visit, is_intricate: is_intricate(model, vehicle) };
    match (vehicle.breaks.is_empty(), model.back(visit)) {
        (true, Some(back)) => search.without_breaks(limit, terms, |from| back[from]),
        (true, None) => search.without_breaks(limit, terms, |from| model.cost(from, visit)),
        (false, _) => search.between_breaks(limit, terms),
    }
}

struct PlaceSearch<'a> {
    model: &'a Model,
    vehicle: &'a Vehicle,
    route: &'a Route,
    visit: usize,
    is_intricate: bool,
}

impl PlaceSearch<'_> {
    /// The first and the last node that something may be put after.
    fn bounds(&self) -> (usize, usize) {
        let part = &self.vehicle.part;
        (part.head.len(), self.route.nodes.len() - 2 - usize::from(part.tail.is_some()))
    }

    /// Most of all time is spent here: what sifts out most comes first, and lists run side by side.
    fn without_breaks(&self, limit: i64, terms: &mut Terms<'_>, back: impl Fn(usize) -> u32) -> Option<Place> {
        let (model, route, visit) = (self.model, self.route, self.visit);
        let onward = model.onward(visit);
        let stop = &model.stops[visit];
        let earliest_leave = stop.opens + stop.service;
        let time_is_cost = model.time_is_cost();
        let (first, last) = self.bounds();
        let ways = route.nodes[first..=last].iter().zip(&route.nodes[first + 1..=last + 1]).zip(&route.arcs[first..]);
        let times = route.leaving[first..].iter().zip(&route.latest[first + 1..]);
        let mut best = limit;
        let mut found = None;
        for (after, (((&from, &to), &arc), (&leaving, &latest))) in (first..).zip(ways.zip(times)) {
            if leaving > stop.closes {
                break;
            }
            if latest < earliest_leave {
                continue;
            }
            let (into, out) = (i64::from(back(from as usize)), i64::from(onward[to as usize]));
            let mut added = into + out - i64::from(arc);
            if added >= best {
                continue;
            }
            let (into, out) = if time_is_cost {
                (into, out)
            } else {
                (model.time(from as usize, visit), model.time(visit, to as usize))
            };
            let begin = model.begin(visit, leaving + into);
            if begin.is_some_and(|begin| begin + stop.service + out <= latest)
                && self.suits(after, terms, &mut added, best)
            {
                best = added;
                found = Some(after);
            }
        }
        found.map(|after| Place { added: best, after, second_after: after })
    }

    fn between_breaks(&self, limit: i64, terms: &mut Terms<'_>) -> Option<Place> {
        let (first, last) = self.bounds();
        let mut best = limit;
        let mut found = None;
        for after in first..=last {
            let (from, to) = (self.route.nodes[after] as usize, self.route.nodes[after + 1] as usize);
            let ways = i64::from(self.model.cost(from, self.visit)) + i64::from(self.model.cost(self.visit, to));
            let mut added = ways - i64::from(self.route.arcs[after]);
            if added < best && self.gets_through(after) && self.suits(after, terms, &mut added, best) {
                best = added;
                found = Some(after);
            }
        }
        found.map(|after| Place { added: best, after, second_after: after })
    }

    fn gets_through(&self, after: usize) -> bool {
        let (model, route, breaks) = (self.model, self.route, self.vehicle.breaks.as_slice());
        let states = breaks.len() + 1;
        let (from, to) = (route.nodes[after] as usize, route.nodes[after + 1] as usize);
        let leaving = leaving::<MOST_STATES>(route, after, states);
        let leaving = serve(model, self.visit, &drive(breaks, &leaving, model.time(from, self.visit)));
        let ready = drive(breaks, &leaving, model.time(self.visit, to));
        meets(&ready, &route.latest[(after + 1) * states..(after + 2) * states])
    }

    /// All but the times: ways, distance, load, and what takes a walk along the tour.
    #[inline]
    fn suits(&self, after: usize, terms: &mut Terms<'_>, added: &mut i64, best: i64) -> bool {
        self.is_drivable(after)
            && self.is_loadable(after)
            && !terms.blinks()
            && (!self.is_intricate
                || rest_fits(self.model, self.vehicle, self.route, &[(after, self.visit)], terms, added, best))
    }

    #[inline]
    fn is_drivable(&self, after: usize) -> bool {
        let (model, most) = (self.model, self.vehicle.part.max_distance);
        if !model.has_forbidden && most >= FOREVER {
            return true;
        }
        let (from, to) = (self.route.nodes[after] as usize, self.route.nodes[after + 1] as usize);
        let direct = if self.route.visits() == 0 { 0 } else { model.distance(from, to) };
        let added = model.distance(from, self.visit) + model.distance(self.visit, to) - direct;
        let is_forbidden = model.cost(from, self.visit) == FORBIDDEN || model.cost(self.visit, to) == FORBIDDEN;
        !(model.has_forbidden && is_forbidden) && self.route.distance + added <= most
    }

    #[inline]
    fn is_loadable(&self, after: usize) -> bool {
        let model = self.model;
        if model.only_unloads {
            return true;
        }
        let (initial, change) = model.amounts(self.visit);
        let cells = after * model.dimensions..(after + 1) * model.dimensions;
        let loads = self.route.before[cells.clone()].iter().zip(&self.route.after[cells]);
        let amounts = initial.iter().zip(change);
        loads.zip(amounts).zip(&self.vehicle.capacity).all(|(((before, after), (initial, change)), capacity)| {
            before + initial <= *capacity && after + initial + change <= *capacity
        })
    }
}

/// Whether more than times, loads and distances has to be looked at for a place.
#[inline]
pub(crate) fn is_intricate(model: &Model, vehicle: &Vehicle) -> bool {
    model.is_soft || vehicle.part.max_duration < FOREVER
}

/// Looks at what takes a walk along the tour: lateness, which is added to the cost, and the longest duration. `false` where
/// that is broken, or the cost no better than `best`.
pub(crate) fn rest_fits(
    model: &Model,
    vehicle: &Vehicle,
    route: &Route,
    visits: &[(usize, usize)],
    terms: &Terms<'_>,
    added: &mut i64,
    best: i64,
) -> bool {
    if model.is_soft {
        let Some(late) = added_lateness(model, vehicle, route, visits) else { return false };
        *added = added.saturating_add(late.saturating_mul(terms.lateness_price)).min(FOREVER - 1);
        if *added >= best {
            return false;
        }
    }
    if vehicle.part.max_duration >= FOREVER {
        return true;
    }
    let mut nodes = route.nodes.clone();
    for &(after, visit) in visits.iter().rev() {
        nodes.insert(after + 1, visit as u32);
    }
    let most = vehicle.part.max_duration;
    busy_time(model, &nodes) <= most && shortest_duration(model, vehicle, &nodes).is_some_and(|takes| takes <= most)
}

/// The times of leaving a place.
#[inline]
pub(crate) fn leaving<const K: usize>(route: &Route, place: usize, states: usize) -> Clock<K> {
    let mut clock = [FOREVER; K];
    if K == 1 {
        clock[0] = route.leaving[place];
    } else {
        clock[..states].copy_from_slice(&route.leaving[place * states..(place + 1) * states]);
    }
    clock
}
