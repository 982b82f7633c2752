//! The cheapest place for a visit in a tour.
#![expect(clippy::indexing_slicing, reason = "places are below the number of arcs of their tour")]

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

/// Skips good places now and then.
pub(crate) struct Blinks<'r> {
    pub(crate) random: &'r mut Random,
    /// Of 2³².
    pub(crate) rate: u64,
}

impl Blinks<'_> {
    #[inline]
    pub(crate) fn blinks(&mut self) -> bool {
        self.rate > 0 && (self.random.next() >> 32) < self.rate
    }
}

/// The cheapest place that costs less than `limit`.
pub(crate) fn cheapest_place(
    model: &Model,
    vehicle: &Vehicle,
    route: &Route,
    visit: usize,
    limit: i64,
    blinks: &mut Blinks<'_>,
) -> Option<Place> {
    if !has_room(model, vehicle, route, visit) {
        return None;
    }
    match model.back(visit) {
        Some(back) => search(model, vehicle, route, visit, limit, blinks, |from| back[from]),
        None => search(model, vehicle, route, visit, limit, blinks, |from| model.cost(from, visit)),
    }
}

/// What a tour as a whole says about one more visit.
#[inline]
pub(crate) fn has_room(model: &Model, vehicle: &Vehicle, route: &Route, visit: usize) -> bool {
    if route.visits() >= vehicle.part.max_visits {
        return false;
    }
    if !model.only_unloads {
        return true;
    }
    let own = model.amounts(visit).0;
    own.iter().zip(&route.initial).zip(&vehicle.capacity).all(|((own, load), capacity)| own + load <= *capacity)
}

fn search(
    model: &Model,
    vehicle: &Vehicle,
    route: &Route,
    visit: usize,
    limit: i64,
    blinks: &mut Blinks<'_>,
    back: impl Fn(usize) -> u32,
) -> Option<Place> {
    let onward = model.onward(visit);
    let closes = model.stops[visit].closes;
    let states = vehicle.breaks.len() + 1;
    let (first, last) = (vehicle.part.head.len(), route.nodes.len() - 2 - usize::from(vehicle.part.tail.is_some()));
    let mut best = limit;
    let mut found = None;
    for after in first..=last {
        let (from, to) = (route.nodes[after] as usize, route.nodes[after + 1] as usize);
        let added = i64::from(back(from)) + i64::from(onward[to]) - i64::from(route.arcs[after]);
        if added >= best {
            continue;
        }
        if states == 1 && route.leaving[after] > closes {
            break;
        }
        if !is_timely(model, vehicle, route, visit, after)
            || !is_loadable(model, vehicle, route, visit, after)
            || blinks.blinks()
        {
            continue;
        }
        best = added;
        found = Some(after);
    }
    found.map(|after| Place { added: best, after, second_after: after })
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
