//! What one more visit adds to the lateness of a tour.
#![expect(clippy::indexing_slicing, reason = "all lists have a cell for each node of the tour")]

use crate::fleet::insertion::leaving;
use crate::fleet::model::{FOREVER, Model, Vehicle};
use crate::fleet::route::Route;
use crate::fleet::times::{Clock, MOST_STATES, drive, serve};

/// Lateness × importance of being ready at a node at the soonest of these times.
#[inline]
pub(crate) fn lateness<const K: usize>(model: &Model, node: usize, ready: &Clock<K>) -> i64 {
    let due = model.stops[node].due;
    if node >= model.visits || due >= FOREVER {
        return 0;
    }
    let soonest = ready.iter().copied().min().unwrap_or(FOREVER);
    (soonest - due).max(0).saturating_mul(model.importance[node])
}

/// By how much the lateness of a tour grows with these visits put in, each after a place, in ascending order; `None` where
/// that breaks a hard limit. Follows the tour only until it is on time again.
pub(crate) fn added_lateness(
    model: &Model,
    vehicle: &Vehicle,
    route: &Route,
    visits: &[(usize, usize)],
) -> Option<i64> {
    if vehicle.breaks.is_empty() {
        follow::<1>(model, vehicle, route, visits)
    } else {
        follow::<MOST_STATES>(model, vehicle, route, visits)
    }
}

fn follow<const K: usize>(model: &Model, vehicle: &Vehicle, route: &Route, visits: &[(usize, usize)]) -> Option<i64> {
    let (breaks, states) = (vehicle.breaks.as_slice(), vehicle.breaks.len() + 1);
    let first = visits.first()?.0;
    let mut clock: Clock<K> = leaving(route, first, states);
    let mut here = route.nodes[first] as usize;
    let mut added = 0;
    let mut pending = visits.iter().peekable();
    for place in first..route.nodes.len() - 1 {
        while let Some(&&(_, visit)) = pending.peek().filter(|&&&(after, _)| after == place) {
            let ready = drive(breaks, &clock, model.time(here, visit));
            added += lateness(model, visit, &ready);
            clock = serve(model, visit, &ready);
            here = visit;
            pending.next();
        }
        let next = route.nodes[place + 1] as usize;
        let ready = drive(breaks, &clock, model.time(here, next));
        clock = serve(model, next, &ready);
        if clock.iter().all(|&leave| leave >= FOREVER) {
            return None;
        }
        added += lateness(model, next, &ready) - route.late[place + 1];
        here = next;
        if pending.peek().is_none() && clock == leaving(route, place + 1, states) {
            break;
        }
    }
    Some(added)
}
