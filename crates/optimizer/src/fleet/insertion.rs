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
    match model.back(visit) {
        Some(back) => search(model, vehicle, route, visit, limit, terms, |from| back[from]),
        None => search(model, vehicle, route, visit, limit, terms, |from| model.cost(from, visit)),
    }
}

fn search(
    model: &Model,
    vehicle: &Vehicle,
    route: &Route,
    visit: usize,
    limit: i64,
    terms: &mut Terms<'_>,
    back: impl Fn(usize) -> u32,
) -> Option<Place> {
    let onward = model.onward(visit);
    let closes = model.stops[visit].closes;
    let earliest_leave = model.stops[visit].opens + model.stops[visit].service;
    let states = vehicle.breaks.len() + 1;
    let (first, last) = (vehicle.part.head.len(), route.nodes.len() - 2 - usize::from(vehicle.part.tail.is_some()));
    let is_intricate = is_intricate(model, vehicle);
    let mut best = limit;
    let mut found = None;
    for after in first..=last {
        if states == 1 {
            if route.leaving[after] > closes {
                break;
            }
            if route.latest[after + 1] < earliest_leave {
                continue;
            }
        }
        let (from, to) = (route.nodes[after] as usize, route.nodes[after + 1] as usize);
        let added = i64::from(back(from)) + i64::from(onward[to]) - i64::from(route.arcs[after]);
        if added >= best {
            continue;
        }
        if !is_timely(model, vehicle, route, visit, after)
            || !is_loadable(model, vehicle, route, visit, after)
            || terms.blinks()
        {
            continue;
        }
        let mut added = added;
        if is_intricate && !rest_fits(model, vehicle, route, &[(after, visit)], terms, &mut added, best) {
            continue;
        }
        best = added;
        found = Some(after);
    }
    found.map(|after| Place { added: best, after, second_after: after })
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

#[inline]
fn is_timely(model: &Model, vehicle: &Vehicle, route: &Route, visit: usize, after: usize) -> bool {
    if vehicle.breaks.is_empty() {
        gets_through::<1>(model, vehicle, route, visit, after)
    } else {
        gets_through::<MOST_STATES>(model, vehicle, route, visit, after)
    }
}

#[inline]
fn gets_through<const K: usize>(model: &Model, vehicle: &Vehicle, route: &Route, visit: usize, after: usize) -> bool {
    let (from, to) = (route.nodes[after] as usize, route.nodes[after + 1] as usize);
    if model.has_forbidden && (model.cost(from, visit) == FORBIDDEN || model.cost(visit, to) == FORBIDDEN) {
        return false;
    }
    if vehicle.part.max_distance < FOREVER {
        let direct = if route.visits() == 0 { 0 } else { model.distance(from, to) };
        let added = model.distance(from, visit) + model.distance(visit, to) - direct;
        if route.distance + added > vehicle.part.max_distance {
            return false;
        }
    }
    let states = vehicle.breaks.len() + 1;
    let leaving = leaving::<K>(route, after, states);
    let ready = drive(&vehicle.breaks, &leaving, model.time(from, visit));
    let leaving: Clock<K> = serve(model, visit, &ready);
    let ready = drive(&vehicle.breaks, &leaving, model.time(visit, to));
    meets(&ready, &route.latest[(after + 1) * states..(after + 2) * states])
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

#[inline]
fn is_loadable(model: &Model, vehicle: &Vehicle, route: &Route, visit: usize, after: usize) -> bool {
    if model.only_unloads {
        return true;
    }
    let (initial, change) = model.amounts(visit);
    let cells = after * model.dimensions..(after + 1) * model.dimensions;
    let loads = route.before[cells.clone()].iter().zip(&route.after[cells]);
    let amounts = initial.iter().zip(change);
    loads.zip(amounts).zip(&vehicle.capacity).all(|(((before, after), (initial, change)), capacity)| {
        before + initial <= *capacity && after + initial + change <= *capacity
    })
}
