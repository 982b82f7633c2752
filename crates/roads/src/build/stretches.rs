//! Pieces chained as long as nothing about the road changes: a road is seen up to there, and no further.
//!
//! A segment of the graph leads on to the next junction, whatever the road is called in between. What is seen of a road
//! from a junction ends where its name, class or kind ends; OSRM's angles and lengths are of these shorter stretches.
#![expect(clippy::indexing_slicing, reason = "ends and nodes are those of `Pieces`")]

use std::collections::HashMap;

use super::line::{Ruler, Spot};
use super::pieces::Pieces;
use super::waits::{Passing, wait_s};
use crate::geodesy::{Point, distance_m};
use crate::rules::look::Marks;
use crate::rules::node::Obstacle;

/// Which ends belong together, at the two sides of a stretch.
#[derive(Debug)]
pub(super) struct Stretches {
    /// By end, where the node of the end is no inner one: the end at the other side of its stretch.
    others: Vec<u32>,
    /// By node: whether a stretch goes on through it.
    is_inner: Vec<bool>,
    /// By end: what it takes to drive the stretch away from it, in tenths of a second; 0 where closed.
    durations_ds: Vec<u32>,
    lengths_m: Vec<f32>,
    /// By inner node: the end by which one comes, and tenths of a second lost by who does, and by who comes by the other.
    waits_ds: HashMap<u32, (u32, [u32; 2])>,
}

impl Stretches {
    /// `obstacles` are by node, ascending; nodes of `kept` are never inner ones.
    pub(super) fn of(pieces: &Pieces, points: &[Point], obstacles: &[(u32, Obstacle)], kept: &[bool]) -> Self {
        let mut found = Self {
            others: (0..2 * pieces.pieces.len() as u32).map(|end| end ^ 1).collect(),
            is_inner: vec![false; points.len()],
            durations_ds: Vec::with_capacity(2 * pieces.pieces.len()),
            lengths_m: Vec::with_capacity(2 * pieces.pieces.len()),
            waits_ds: HashMap::new(),
        };
        for (number, piece) in pieces.pieces.iter().enumerate() {
            let length_m = distance_m(points[piece.from as usize], points[piece.to as usize]);
            let road = pieces.road(2 * number as u32);
            found
                .durations_ds
                .extend([0, 1].map(|side| road.cost_ds(side, length_m).map_or(0, |(_, duration)| duration)));
            found.lengths_m.extend([length_m as f32; 2]);
        }
        // The order of ids is OSRM's: in a ring it decides which nodes are left.
        let mut rest = obstacles;
        for node in 0..points.len() as u32 {
            let (present, next) = rest.split_at(rest.partition_point(|(other, _)| *other <= node));
            rest = next;
            if let &[a, b] = pieces.at(node)
                && !kept[node as usize]
                && is_alike(pieces, a, b)
                && !found.is_joined(pieces, a, b)
            {
                found.join(node, a, b, present);
            }
        }
        found
    }

    /// Whether the far ends of two stretches are joined already: between two nodes there is one stretch at most.
    fn is_joined(&self, pieces: &Pieces, a: u32, b: u32) -> bool {
        let (from, to) = (self.target(pieces, a), self.target(pieces, b));
        from == to || pieces.at(from).iter().any(|&end| self.target(pieces, end) == to)
    }

    fn join(&mut self, node: u32, a: u32, b: u32, obstacles: &[(u32, Obstacle)]) {
        let waits_ds = if obstacles.is_empty() {
            [0, 0]
        } else {
            [(a, b), (b, a)].map(|(by, on)| {
                let passing = Passing {
                    is_forward: Pieces::towards(by) == 0,
                    roads: 2,
                    comes_from_minor_road: false,
                    from_m: self.length_m(by),
                    to_m: self.length_m(on),
                };
                (wait_s(obstacles, &passing) * 10.0) as u32
            })
        };
        if waits_ds != [0, 0] {
            self.waits_ds.insert(node, (a, waits_ds));
        }
        let (far_a, far_b) = (self.others[a as usize], self.others[b as usize]);
        let add = |there: u32, on: u32, wait: u32| if there == 0 || on == 0 { 0 } else { there + on + wait };
        let durations = [
            add(self.durations_ds[far_a as usize], self.durations_ds[b as usize], waits_ds[0]),
            add(self.durations_ds[far_b as usize], self.durations_ds[a as usize], waits_ds[1]),
        ];
        let length_m = self.lengths_m[a as usize] + self.lengths_m[b as usize];
        for (far, other, duration) in [(far_a, far_b, durations[0]), (far_b, far_a, durations[1])] {
            self.others[far as usize] = other;
            self.durations_ds[far as usize] = duration;
            self.lengths_m[far as usize] = length_m;
        }
        self.is_inner[node as usize] = true;
    }

    pub(super) fn is_inner(&self, node: u32) -> bool {
        self.is_inner[node as usize]
    }

    /// The end at the other side of a stretch.
    pub(super) fn other(&self, end: u32) -> u32 {
        self.others[end as usize]
    }

    /// The node at the other side of a stretch.
    pub(super) fn target(&self, pieces: &Pieces, end: u32) -> u32 {
        pieces.node(self.other(end))
    }

    pub(super) fn length_m(&self, end: u32) -> f64 {
        f64::from(self.lengths_m[end as usize])
    }

    /// Kilometres per hour along a stretch, away from an end: whole ones, as OSRM compares them.
    pub(super) fn speed_kmh(&self, end: u32) -> u32 {
        let duration_ds = match self.durations_ds[end as usize] {
            0 => self.durations_ds[self.other(end) as usize],
            duration => duration,
        };
        if duration_ds == 0 { 0 } else { (self.length_m(end) / f64::from(duration_ds) * 36.0) as u32 }
    }

    /// Tenths of a second that who comes by an end of an inner node loses there.
    pub(super) fn wait_ds(&self, node: u32, by: u32) -> u32 {
        self.waits_ds.get(&node).map_or(0, |&(first, waits)| waits[usize::from(first != by)])
    }

    /// Whether the arrows next to the end of a stretch let a lane turn round.
    pub(super) fn is_marked_for_u_turns(&self, pieces: &Pieces, by: u32) -> bool {
        let mut end = by;
        loop {
            match pieces.aspect(end).look.marks[Pieces::towards(end)] {
                Marks::UTurn => return true,
                Marks::Arrows => return false,
                Marks::Unsaid => {}
            }
            let node = pieces.node(end ^ 1);
            match pieces.at(node) {
                &[a, b] if self.is_inner[node as usize] => end = if a == end ^ 1 { b } else { a },
                _ => return false,
            }
        }
    }

    /// The line along a stretch from an end, without repetitions.
    pub(super) fn line(&self, pieces: &Pieces, points: &[Point], end: u32) -> Vec<Spot> {
        let mut end = end;
        let mut line = vec![Spot::of(points[pieces.node(end) as usize])];
        loop {
            let node = pieces.node(end ^ 1);
            let spot = Spot::of(points[node as usize]);
            if line.last() != Some(&spot) {
                line.push(spot);
            }
            if !self.is_inner[node as usize] {
                return line;
            }
            match pieces.at(node) {
                &[a, b] => end = if a == end ^ 1 { b } else { a },
                _ => return line,
            }
        }
    }

    /// The same line, its length, and a ruler for its beginning.
    pub(super) fn measured(&self, pieces: &Pieces, points: &[Point], end: u32) -> (Vec<Spot>, f64, Ruler) {
        let line = self.line(pieces, points, end);
        let ruler = Ruler::at(Spot::of(points[pieces.node(end) as usize]));
        let length_m = ruler.pieces(&line).sum();
        (line, length_m, ruler)
    }
}

/// Whether a road goes on the same from one end at a node to the other.
fn is_alike(pieces: &Pieces, a: u32, b: u32) -> bool {
    const SAME: u32 = !crate::file::Road::RESTRICTED_BOTH;
    let (road_a, road_b) = (pieces.road(a), pieces.road(b));
    let (seen_a, seen_b) = (pieces.aspect(a), pieces.aspect(b));
    let (look_a, look_b) = (&seen_a.look, &seen_b.look);
    let restricted = |end: u32, side: usize| pieces.road(end).is_restricted(side);
    let kinds = |end: u32, side: usize| pieces.aspect(end).look.kinds[side];
    // Along the one and away along the other, in both directions if they are open.
    let goes_on = [(a, b), (b, a)].into_iter().all(|(by, on)| {
        let (towards, away) = (Pieces::towards(by), Pieces::away(on));
        pieces.is_way_in(by) == pieces.is_way_out(on)
            && (!pieces.is_way_in(by)
                || (restricted(by, towards) == restricted(on, away) && kinds(by, towards) == kinds(on, away)))
    });
    seen_a.label == seen_b.label
        && look_a.class == look_b.class
        && look_a.is_circular == look_b.is_circular
        && look_a.is_split == look_b.is_split
        && road_a.flags & SAME == road_b.flags & SAME
        && goes_on
}
