//! Arcs that no path drives which is as little late as a known one.
//!
//! Source: Y. Dumas, J. Desrosiers, E. Gelinas, M. M. Solomon, "An optimal algorithm for the traveling salesman problem with
//! time windows", Operations Research 43 (1995), section 3: who must come before whom. Here each may be late, by as much
//! as the whole known path is.
#![expect(clippy::indexing_slicing, reason = "nodes are below the model's `count`")]

use crate::model::{Model, Timing};
use crate::pace::Pace;

/// Up to so many nodes it is worked out who must come before whom: O(n³).
const MOST_ORDERED: usize = 250;

/// Which arcs are out of the question.
pub(crate) struct Barred<'m> {
    timing: &'m Timing,
    /// Per node: the earliest departure, whatever came before.
    departs: Vec<u32>,
    /// Per node: the latest arrival.
    closes: Vec<u32>,
    /// Per arc, row by row: whether somebody must come between. Empty where that was not worked out.
    parts: Vec<bool>,
}

impl<'m> Barred<'m> {
    /// For paths whose lateness, weighted by importance, is at most `lateness`; `None` where the time ran out. O(n²), and
    /// O(n³) for up to 250 nodes.
    pub(crate) fn of(model: &Model, timing: &'m Timing, lateness: u64, pace: &Pace<'_>) -> Option<Self> {
        let departs = earliest_departures(model, timing, 0, timing.earliest_start);
        let closes = (0..model.count).map(|node| latest_arrival(timing, node, lateness)).collect();
        let mut barred = Self { timing, departs, closes, parts: Vec::new() };
        if model.count <= MOST_ORDERED {
            barred.parts = barred.parted(model, pace)?;
        }
        Some(barred)
    }

    #[inline]
    pub(crate) fn holds(&self, model: &Model, from: usize, to: usize) -> bool {
        let arrival = self.departs[from].saturating_add(model.travel(self.timing, from, to));
        arrival > self.closes[to] || self.parts.get(from * model.count + to).is_some_and(|&parts| parts)
    }

    /// Per arc whether somebody must come between its ends, or they must come the other way round.
    fn parted(&self, model: &Model, pace: &Pace<'_>) -> Option<Vec<bool>> {
        let count = model.count;
        // Whether the node of the row must come before that of the column: from the latter it is reached too late.
        let mut precedes = vec![false; count * count];
        for second in 1..count - 1 {
            if pace.is_over() {
                return None;
            }
            let arrivals = arrivals_after(model, self.timing, second, self.departs[second]);
            for first in (1..count - 1).filter(|&first| first != second) {
                precedes[first * count + second] = arrivals[first] > self.closes[first];
            }
        }
        for node in 1..count {
            precedes[node] = true;
            precedes[node * count - 1] = true;
        }
        let mut parts = vec![false; count * count];
        for from in 0..count {
            for between in (0..count).filter(|&between| precedes[from * count + between]) {
                let onward = &precedes[between * count..(between + 1) * count];
                for (parts, &after) in parts[from * count..(from + 1) * count].iter_mut().zip(onward) {
                    *parts |= after;
                }
            }
            for to in 0..count {
                parts[from * count + to] |= precedes[to * count + from];
            }
        }
        Some(parts)
    }
}

/// The latest arrival at a node with which the whole path is late by no more than `lateness`.
fn latest_arrival(timing: &Timing, node: usize, lateness: u64) -> u32 {
    timing.windows(node).last().map_or(u32::MAX, |&(_, end)| {
        let by = lateness / u64::from(timing.importance(node).max(1));
        end.saturating_add(u32::try_from(by).unwrap_or(u32::MAX))
    })
}

fn earliest_departures(model: &Model, timing: &Timing, from: usize, arrival: u32) -> Vec<u32> {
    let departure = timing.serve(from, arrival).0.saturating_add(timing.service(from));
    let mut departures = arrivals_after(model, timing, from, departure);
    departures[from] = departure;
    for node in (0..model.count).filter(|&node| node != from) {
        departures[node] = timing.serve(node, departures[node]).0.saturating_add(timing.service(node));
    }
    departures
}

/// The earliest arrival at each node for somebody who leaves `from` at `departure` and serves whomever suits on the way.
/// O(n²).
///
/// Source: E. W. Dijkstra, "A note on two problems in connexion with graphs", 1959; leaving later never means arriving
/// earlier.
fn arrivals_after(model: &Model, timing: &Timing, from: usize, departure: u32) -> Vec<u32> {
    let last = model.count - 1;
    let mut arrivals = vec![u32::MAX; model.count];
    let mut open: Vec<usize> = (1..=last).filter(|&node| node != from).collect();
    let (mut node, mut leaves) = (from, departure);
    while !open.is_empty() {
        let mut nearest = (u32::MAX, 0);
        for (place, &to) in open.iter().enumerate() {
            let arrival = leaves.saturating_add(model.travel(timing, node, to));
            arrivals[to] = arrivals[to].min(arrival);
            nearest = nearest.min((arrivals[to], place));
        }
        node = open.swap_remove(nearest.1);
        leaves = if node == last {
            u32::MAX
        } else {
            timing.serve(node, arrivals[node]).0.saturating_add(timing.service(node))
        };
    }
    arrivals
}
