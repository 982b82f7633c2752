//! Clocks of a tour: one for each number of breaks taken so far.
//!
//! An earlier arrival never hurts, neither for windows nor for breaks, so the earliest time per place and number of breaks
//! says all about what comes after, and the latest arrival all about what came before.
#![expect(clippy::indexing_slicing, reason = "states are at most as many as the clock has cells")]

use crate::fleet::model::{FOREVER, Model};
use crate::fleet::parts::Break;

/// The most breaks that may be due on one tour; a vehicle with more is not used.
pub(crate) const MOST_BREAKS: usize = 15;
/// Cells of a clock where there are breaks; one without.
pub(crate) const MOST_STATES: usize = MOST_BREAKS + 1;

/// Times by the number of breaks taken, at least [`FOREVER`] where that cannot be.
pub(crate) type Clock<const K: usize> = [i64; K];

/// When one is ready at the next place, for the times of leaving this one.
///
/// Breaks begin inside their windows, on the road or in the wait there.
#[inline]
pub(crate) fn drive<const K: usize>(breaks: &[Break], leaving: &Clock<K>, travel: i64) -> Clock<K> {
    if K == 1 {
        let mut ready = *leaving;
        ready[0] += travel;
        return ready;
    }
    let mut arrival = [FOREVER; K];
    for (taken, &leave) in leaving.iter().enumerate().take(breaks.len() + 1) {
        if leave >= FOREVER {
            continue;
        }
        let (mut clock, mut ready) = (leave, leave + travel);
        arrival[taken] = arrival[taken].min(ready);
        for (next, pause) in breaks.iter().enumerate().skip(taken) {
            let begin = clock.max(pause.opens);
            if begin > pause.closes {
                break;
            }
            clock = begin + pause.duration;
            ready = ready.max(pause.opens) + pause.duration;
            arrival[next + 1] = arrival[next + 1].min(ready);
        }
    }
    arrival
}

/// When one leaves a node, for the times of being ready there.
#[inline]
pub(crate) fn serve<const K: usize>(model: &Model, node: usize, ready: &Clock<K>) -> Clock<K> {
    let service = model.stops[node].service;
    let mut leaving = *ready;
    for time in &mut leaving {
        *time = model.begin(node, *time).map_or(FOREVER, |begin| begin + service);
    }
    leaving
}

/// Whether one that is ready at these times gets through what follows.
#[inline]
pub(crate) fn meets<const K: usize>(ready: &Clock<K>, latest: &[i64]) -> bool {
    if K == 1 {
        return ready[0] < FOREVER && ready[0] <= latest[0];
    }
    ready.iter().zip(latest).any(|(ready, latest)| *ready < FOREVER && ready <= latest)
}

/// The latest moment to leave with `taken` breaks done, so as to be ready at the next place by `latest`, which is by the
/// number of breaks done there; negative where there is none.
#[inline]
pub(crate) fn latest_leave(breaks: &[Break], taken: usize, travel: i64, latest: &[i64]) -> i64 {
    let mut best = if latest[taken] < 0 { -1 } else { latest[taken] - travel };
    for last in taken..breaks.len() {
        if latest[last + 1] < 0 {
            continue;
        }
        // Backwards over the breaks of this gap: by when one must be ready, and free for the next break.
        let (mut ready, mut free) = (latest[last + 1], FOREVER);
        let mut is_possible = true;
        for pause in breaks[taken..=last].iter().rev() {
            is_possible &= pause.opens + pause.duration <= ready.min(free);
            ready -= pause.duration;
            free = pause.closes.min(free - pause.duration);
        }
        if is_possible {
            best = best.max((ready - travel).min(free));
        }
    }
    best
}

/// When a tour may begin, by the breaks that are then over.
pub(crate) fn starts<const K: usize>(breaks: &[Break], earliest: i64, latest: i64) -> Clock<K> {
    let mut clock = [FOREVER; K];
    let mut start = earliest;
    for (missed, cell) in clock.iter_mut().enumerate().take(breaks.len() + 1) {
        if missed > 0 {
            start = start.max(breaks[missed - 1].closes + 1);
        }
        if start <= latest {
            *cell = start;
        }
    }
    clock
}

/// By when a tour has to finish that has taken so many breaks: later, the next would be due.
pub(crate) fn latest_finish(breaks: &[Break], taken: usize, latest: i64) -> i64 {
    breaks.iter().skip(taken).fold(latest, |latest, pause| latest.min(pause.closes))
}
