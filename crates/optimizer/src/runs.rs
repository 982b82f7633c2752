//! Runs of stops, summed up so that long stretches are passed in a few steps: as long as nobody on the way becomes late,
//! the departure is a function of the arrival with three numbers.
//!
//! Source: M. W. P. Savelsbergh, "The vehicle routing problem with time windows: minimizing route duration", ORSA J. on
//! Computing 4 (1992), section 3.
#![expect(clippy::indexing_slicing, reason = "runs are below the number of whole runs in the path")]

use crate::model::{Model, Timing};

/// How many positions make a run, and how many runs make a run of the next level.
const RUN: usize = 8;
/// The lengths of runs, level by level.
const LEVELS: [usize; 2] = [RUN, RUN * RUN];

/// A run of stops driven onward and back.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Run {
    pub(crate) onward: Passage,
    pub(crate) back: Passage,
}

/// Arriving before `closes`, one leaves at `max(arrival, opens) + takes` and nobody on the way is late.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Passage {
    pub(crate) opens: u32,
    /// Exclusive; 0 where this cannot be said of any arrival.
    pub(crate) closes: u32,
    pub(crate) takes: u32,
}

impl Passage {
    fn at(timing: &Timing, node: usize) -> Self {
        let takes = timing.service(node);
        match timing.windows(node) {
            [] => Self { opens: 0, closes: u32::MAX, takes },
            &[(opens, end)] => Self { opens, closes: end.saturating_add(1), takes },
            _ => Self::default(),
        }
    }

    /// This, `travel`, then `next`.
    #[inline]
    fn then(self, travel: u32, next: Self) -> Self {
        let spent = self.takes.saturating_add(travel);
        if self.opens.saturating_add(spent) >= next.closes {
            return Self::default();
        }
        let closes = if next.closes == u32::MAX { u32::MAX } else { next.closes - spent };
        Self {
            opens: self.opens.max(next.opens.saturating_sub(spent)),
            closes: self.closes.min(closes),
            takes: spent.saturating_add(next.takes),
        }
    }
}

/// The whole runs of a path, level by level.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Runs([Vec<Run>; 2]);

impl Runs {
    /// For so many positions, not summed yet.
    pub(crate) fn of(count: usize) -> Self {
        Self(LEVELS.map(|length| vec![Run::default(); count / length]))
    }

    /// The runs that begin at a position and end by `last`, with their lengths, longest first.
    #[inline]
    pub(crate) fn from(&self, at: usize, last: usize) -> impl Iterator<Item = (Run, usize)> + '_ {
        let levels = if at.is_multiple_of(RUN) { LEVELS.len() } else { 0 };
        let fits = move |length: usize| at.is_multiple_of(length) && at + length <= last + 1;
        (0..levels).rev().filter(move |&level| fits(LEVELS[level])).map(move |level| {
            let length = LEVELS[level];
            (self.0[level][at / length], length)
        })
    }

    /// The runs that end before a position and begin no earlier than `first`, with their lengths, longest first.
    #[inline]
    pub(crate) fn until(&self, end: usize, first: usize) -> impl Iterator<Item = (Run, usize)> + '_ {
        let levels = if end.is_multiple_of(RUN) { LEVELS.len() } else { 0 };
        let fits = move |length: usize| end.is_multiple_of(length) && end >= first + length;
        (0..levels).rev().filter(move |&level| fits(LEVELS[level])).map(move |level| {
            let length = LEVELS[level];
            (self.0[level][end / length - 1], length)
        })
    }

    /// Sums the runs anew that reach into positions first..=last.
    pub(crate) fn sum(&mut self, model: &Model, timing: &Timing, order: &[u32], first: usize, last: usize) {
        let Self([small, large]) = self;
        let travel = |from: u32, to: u32| model.travel(timing, from as usize, to as usize);
        let affected = |count: usize, length: usize| first / length..count.min(last / length + 1);
        for run in affected(small.len(), RUN) {
            let nodes = &order[run * RUN..(run + 1) * RUN];
            let own = Passage::at(timing, nodes[0] as usize);
            let mut sum = Run { onward: own, back: own };
            for pair in nodes.windows(2) {
                let own = Passage::at(timing, pair[1] as usize);
                sum.onward = sum.onward.then(travel(pair[0], pair[1]), own);
                sum.back = own.then(travel(pair[1], pair[0]), sum.back);
            }
            small[run] = sum;
        }
        for run in affected(large.len(), RUN * RUN) {
            let mut sum = small[run * RUN];
            for next in run * RUN + 1..(run + 1) * RUN {
                let (a, b) = (order[next * RUN - 1], order[next * RUN]);
                sum.onward = sum.onward.then(travel(a, b), small[next].onward);
                sum.back = small[next].back.then(travel(b, a), sum.back);
            }
            large[run] = sum;
        }
    }

    /// Takes over the runs that reach into positions first..=last.
    pub(crate) fn copy(&mut self, from: &Self, first: usize, last: usize) {
        for ((to, from), length) in self.0.iter_mut().zip(&from.0).zip(LEVELS) {
            let runs = first / length..from.len().min(last / length + 1);
            if !runs.is_empty() {
                to[runs.clone()].copy_from_slice(&from[runs]);
            }
        }
    }
}
