//! The shortest time from departure to finish that an order of visits allows.
#![expect(clippy::indexing_slicing, reason = "all lists have a cell for each node of the tour")]

use crate::fleet::model::{FOREVER, Model, Vehicle};
use crate::fleet::times::{Clock, MOST_STATES, drive, latest_finish, latest_leave, serve, starts};

/// How many later finishes are tried where several windows or breaks make the tour end later but take less time.
const LATER_FINISHES: usize = 8;

/// The shortest duration of a tour over these nodes, start and end included, that keeps all windows and breaks and makes
/// nobody later than an early departure; `None` where there is none. O(m) for each finish that is tried.
pub(crate) fn shortest_duration(model: &Model, vehicle: &Vehicle, nodes: &[u32]) -> Option<i64> {
    if vehicle.breaks.is_empty() {
        shortest::<1>(model, vehicle, nodes)
    } else {
        shortest::<MOST_STATES>(model, vehicle, nodes)
    }
}

/// What a tour takes at least: driving, service, and no wait.
pub(crate) fn busy_time(model: &Model, nodes: &[u32]) -> i64 {
    let driving: i64 = nodes.windows(2).map(|pair| model.time(pair[0] as usize, pair[1] as usize)).sum();
    driving + nodes.iter().map(|&node| model.stops[node as usize].service).sum::<i64>()
}

fn shortest<const K: usize>(model: &Model, vehicle: &Vehicle, nodes: &[u32]) -> Option<i64> {
    let (mut earliest, latest) = (vehicle.part.earliest_start, vehicle.part.latest_start);
    let mut ready = Vec::with_capacity(nodes.len());
    let least = busy_time(model, nodes);
    let mut best: Option<i64> = None;
    for _ in 0..LATER_FINISHES {
        ready.clear();
        let Some(finish) = finish::<K>(model, vehicle, nodes, earliest, &mut ready) else { break };
        let departure = latest_departure(model, vehicle, nodes, finish, &ready).min(latest).max(earliest);
        best = Some(best.map_or(finish - departure, |best| best.min(finish - departure)));
        // Nobody may be later for it; and where every second is used there is nothing to gain.
        if best == Some(least) || departure >= latest || departure >= FOREVER / 2 {
            break;
        }
        let is_late = |(node, ready): (&u32, &i64)| *ready > model.stops[*node as usize].due;
        if model.is_soft && nodes.iter().zip(&ready).any(is_late) {
            break;
        }
        earliest = departure + 1;
    }
    best
}

/// When a tour that begins at `departure` or later is over, with the time of being ready at each node.
fn finish<const K: usize>(
    model: &Model,
    vehicle: &Vehicle,
    nodes: &[u32],
    departure: i64,
    ready: &mut Vec<i64>,
) -> Option<i64> {
    let breaks = vehicle.breaks.as_slice();
    let mut clock: Clock<K> = starts(breaks, departure, vehicle.part.latest_start);
    ready.push(departure);
    for pair in nodes.windows(2) {
        let (from, to) = (pair[0] as usize, pair[1] as usize);
        let arrival = drive(breaks, &clock, model.time(from, to));
        ready.push(arrival.iter().copied().min().unwrap_or(FOREVER));
        clock = serve(model, to, &arrival);
    }
    let ends = clock.iter().take(breaks.len() + 1).enumerate();
    ends.filter(|&(taken, &end)| end <= latest_finish(breaks, taken, vehicle.part.latest_finish))
        .map(|(_, &end)| end)
        .filter(|&end| end < FOREVER)
        .min()
}

/// The latest departure that finishes by `finish` and makes nobody later who is late already.
fn latest_departure(model: &Model, vehicle: &Vehicle, nodes: &[u32], finish: i64, ready: &[i64]) -> i64 {
    let breaks = vehicle.breaks.as_slice();
    let states = breaks.len() + 1;
    let end = nodes.len() - 1;
    let mut latest: Vec<i64> = (0..states).map(|taken| latest_finish(breaks, taken, finish)).collect();
    for (taken, latest) in latest.iter_mut().enumerate() {
        if finish > latest_finish(breaks, taken, vehicle.part.latest_finish) {
            *latest = -1;
        }
    }
    let mut here = latest.clone();
    for place in (0..end).rev() {
        let (from, to) = (nodes[place] as usize, nodes[place + 1] as usize);
        let travel = model.time(from, to);
        let stop = &model.stops[from];
        for (taken, cell) in here.iter_mut().enumerate() {
            let leave = latest_leave(breaks, taken, travel, &latest);
            let limit = model.latest_arrival(from, leave - stop.service);
            // Lateness pins it; before that, the windows do, even where they may be broken.
            *cell = if !model.is_soft || limit <= stop.due { limit } else { limit.min(stop.due.max(ready[place])) };
        }
        std::mem::swap(&mut latest, &mut here);
    }
    // With so many breaks over before the departure, it lies behind their windows.
    let begins = |taken: usize| breaks.iter().take(taken).map(|pause| pause.closes + 1).max().unwrap_or(0);
    latest
        .iter()
        .enumerate()
        .filter(|&(taken, &limit)| begins(taken) <= limit)
        .map(|(_, &limit)| limit)
        .max()
        .unwrap_or(-1)
}
