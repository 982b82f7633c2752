//! Following a street over junctions.
//!
//! Source of the rules: OSRM's extractor (`node_based_graph_walker`, release 26.10), retold.

use super::sight::between;
use super::streets::{Exit, Look, STRAIGHT, Streets, nearest, opposite};

/// Which way to go on at junctions: along a street, as straight as possible.
#[derive(Debug, Clone, Copy)]
pub(super) struct Course {
    /// The street's label.
    pub(super) label: u32,
    /// The bearing that one set out in.
    pub(super) bearing: f64,
    /// Whether to stop where another road could as well be the continuation.
    pub(super) is_cautious: bool,
}

impl Course {
    fn choose(&self, streets: &Streets<'_>, exits: &[Exit]) -> Option<u32> {
        /// A narrow turn, a wide one, and how well two directions can be told apart.
        const NARROW: f64 = 40.0;
        const WIDE: f64 = 60.0;
        const FUZZY: f64 = 25.0;
        let is_own = |exit: &Exit| streets.label(exit.end) == self.label;
        let own = exits.iter().filter(|exit| is_own(exit)).count();
        let turn = |exit: &Exit| between(exit.angle, STRAIGHT);
        let score = |exit: &Exit| turn(exit) + if is_own(exit) { 0.0 } else { 180.0 };
        let best = exits.get(1..)?.iter().min_by(|a, b| score(a).total_cmp(&score(b)))?;
        if own > 2 {
            return None;
        }
        let straightest = nearest(exits, STRAIGHT)?;
        let is_straight = (exits.len() == 2 || straightest.end == best.end)
            && turn(best) < NARROW
            && between(self.bearing, best.bearing) < NARROW;
        if is_straight {
            return Some(best.end);
        }
        if self.is_cautious && turn(best) > WIDE {
            // At the end of a road, or beside a way straight on, turning is no continuation.
            let across = nearest(exits, opposite(best.angle))?;
            if between(best.angle, across.angle) > 180.0 - FUZZY || turn(straightest) < FUZZY {
                return None;
            }
        }
        // Carriageways part with sharper turns.
        (is_own(best) && turn(best) < 100.0).then_some(best.end)
    }
}

impl Streets<'_> {
    /// Goes along the stretch that begins at an end, and on, calling `pass` with the beginning of each stretch. What it
    /// returns says whether to stop there.
    pub(super) fn walk(&self, start: u32, course: &Course, mut pass: impl FnMut(u32) -> bool) {
        /// Nobody looks farther than this.
        const LONGEST: usize = 1000;
        let stop = self.node(start);
        let mut from = start;
        for _ in 0..LONGEST {
            let is_done = pass(from);
            if self.target(from) == stop {
                return;
            }
            let exits = self.arrival(from, Look::Near);
            if exits.len() <= 1 {
                return;
            }
            match course.choose(self, &exits) {
                Some(next) if !is_done => from = next,
                _ => return,
            }
        }
    }

    /// Goes on to where more than two roads meet: the beginning of the last stretch, and what is seen at its end.
    pub(super) fn next_junction(&self, start: u32, course: &Course) -> (u32, Vec<Exit>) {
        const MOST_STRETCHES: usize = 5;
        let mut last = (start, Vec::new());
        let mut count = 0;
        self.walk(start, course, |from| {
            count += 1;
            last = (from, self.arrival(from, Look::Near));
            last.1.len() > 2 || count == MOST_STRETCHES
        });
        last
    }

    /// Goes on over nodes where two roads meet and nothing else: the beginning of the last stretch.
    pub(super) fn past_joints(&self, start: u32) -> u32 {
        let stop = self.node(start);
        let mut from = start;
        // A ring without a junction has no end.
        for _ in 0..self.pieces.pieces.len() {
            let node = self.target(from);
            let by = self.stretches.other(from);
            match self.pieces.at(node) {
                &[a, b] if node != stop => from = if a == by { b } else { a },
                _ => break,
            }
        }
        from
    }
}
