//! Lateness along a path, and moves judged by it.
#![expect(clippy::indexing_slicing, reason = "the innermost loops; positions are below the length of the path")]

use crate::descent::Judge;
use crate::model::{Model, Timing};
use crate::path::{Move, Path, Turn};

/// Cost plus a penalty for lateness, kept up to date with a path.
pub(crate) struct ByCostAndLateness<'m> {
    model: &'m Model,
    timing: &'m Timing,
    /// Cost of a second of lateness × importance.
    pub(crate) penalty: f64,
    arrival: Vec<u32>,
    departure: Vec<u32>,
    /// Σ lateness × importance up to and with each position.
    late: Vec<u64>,
    /// The latest arrival with which nobody from there on is later than they are.
    latest: Vec<u32>,
}

impl<'m> ByCostAndLateness<'m> {
    pub(crate) fn of(model: &'m Model, timing: &'m Timing, path: &Path<'_>, penalty: f64) -> Self {
        let count = path.count();
        let mut judge = Self {
            model,
            timing,
            penalty,
            arrival: vec![0; count],
            departure: vec![0; count],
            late: vec![0; count],
            latest: vec![0; count],
        };
        judge.note(path);
        judge
    }

    /// Σ lateness × importance of the whole path.
    pub(crate) fn lateness(&self) -> u64 {
        self.late[self.late.len() - 1]
    }

    /// What a path of this cost counts with its lateness.
    pub(crate) fn weigh(&self, cost: i64) -> f64 {
        cost as f64 + self.penalty * self.lateness() as f64
    }

    /// Whether lateness `late` instead of the present one, with `delta` more cost, is worse or the same.
    #[inline]
    fn is_no_better(&self, late: u64, delta: i64) -> bool {
        let total = self.lateness();
        if late == total { delta >= 0 } else { delta as f64 + self.penalty * (late as f64 - total as f64) >= -1e-6 }
    }
}

/// Driving on from somewhere, node by node.
struct Ride {
    node: usize,
    time: u32,
    late: u64,
}

impl Ride {
    #[inline]
    fn go_on(&mut self, judge: &ByCostAndLateness<'_>, node: usize) {
        let arrival = self.time.saturating_add(judge.model.travel(judge.timing, self.node, node));
        let (start, late) = judge.timing.serve(node, arrival);
        self.node = node;
        self.time = start.saturating_add(judge.timing.service(node));
        self.late += late;
    }
}

impl Judge for ByCostAndLateness<'_> {
    fn allowance(&self) -> i64 {
        // A float-to-int `as` saturates; half the range leaves room to add.
        (self.penalty * self.lateness() as f64).min(i64::MAX as f64 / 4.0) as i64
    }

    fn accepts(&self, path: &Path<'_>, step: Move, delta: i64) -> bool {
        let Move { first, middle, last, turn } = step;
        let mut ride = Ride { node: path.at(first - 1), time: self.departure[first - 1], late: self.late[first - 1] };
        if self.is_no_better(ride.late, delta) {
            return false;
        }
        let whole = turn == Turn::Whole;
        let blocks = if whole {
            [(first, last, true), (1, 0, false)]
        } else {
            [(middle + 1, last, turn == Turn::Right), (first, middle, turn == Turn::Left)]
        };
        for (from, to, is_turned) in blocks {
            for offset in 0..(to + 1).saturating_sub(from) {
                let late = ride.late;
                ride.go_on(self, path.at(if is_turned { to - offset } else { from + offset }));
                if ride.late > late && self.is_no_better(ride.late, delta) {
                    return false;
                }
            }
        }
        let total = self.lateness();
        let rest_is_in_time = self.late[last] == total;
        for position in last + 1..path.count() {
            let node = path.at(position);
            let late = ride.late;
            if rest_is_in_time {
                let arrival = ride.time.saturating_add(self.model.travel(self.timing, ride.node, node));
                if arrival <= self.latest[position] {
                    break;
                }
            }
            ride.go_on(self, node);
            if ride.late > late && self.is_no_better(ride.late, delta) {
                return false;
            }
            if ride.time == self.departure[position] {
                ride.late += total - self.late[position];
                break;
            }
        }
        !self.is_no_better(ride.late, delta)
    }

    fn note(&mut self, path: &Path<'_>) {
        let count = path.count();
        let timing = self.timing;
        let (start, late) = timing.serve(path.at(0), timing.earliest_start);
        let mut ride = Ride { node: path.at(0), time: start.saturating_add(timing.service(path.at(0))), late };
        (self.arrival[0], self.departure[0], self.late[0]) = (timing.earliest_start, ride.time, late);
        for position in 1..count {
            let node = path.at(position);
            self.arrival[position] = ride.time.saturating_add(self.model.travel(timing, ride.node, node));
            ride.go_on(self, node);
            self.departure[position] = ride.time;
            self.late[position] = ride.late;
        }
        let mut limit = u32::MAX;
        for position in (1..count).rev() {
            let (before, node) = (path.at(position - 1), path.at(position));
            let latest = timing.latest_arrival(node, self.arrival[position], limit);
            self.latest[position] = latest;
            let spent = self.model.travel(timing, before, node).saturating_add(timing.service(before));
            limit = if latest == u32::MAX { latest } else { latest.saturating_sub(spent) };
        }
    }
}
