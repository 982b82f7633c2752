//! Ways cut into pieces from node to node, and which pieces meet where.
#![expect(clippy::indexing_slicing, reason = "indices are made here, from the vectors they index")]

use std::collections::HashMap;
use std::hash::Hash;

use super::read::{Extract, MISSING, RawWay};
use crate::file::Road;
use crate::geodesy::{Point, distance_m};
use crate::rules::look::Look;
use crate::rules::{Side, side_at};

/// A straight line between two consecutive nodes of a way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub(super) from: u32,
    pub(super) to: u32,
    /// Into `Pieces::roads`.
    pub(super) road: u32,
    /// Into `Pieces::aspects`.
    pub(super) aspect: u32,
}

/// What is seen of a road where it meets others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Aspect {
    pub(super) look: Look,
    /// The number of its label.
    pub(super) label: u32,
}

/// All pieces; between two nodes there is at most one.
///
/// An **end** is a piece seen from one of its nodes: twice the number of the piece, plus one where the piece ends there.
#[derive(Debug)]
pub(super) struct Pieces {
    pub(super) pieces: Vec<Piece>,
    pub(super) roads: Vec<Road>,
    pub(super) aspects: Vec<Aspect>,
    /// Ends of node n: from `first[n]` to `first[n + 1]`.
    first: Vec<u32>,
    ends: Vec<u32>,
}

impl Pieces {
    pub(super) fn of(extract: &Extract) -> Self {
        let mut roads = Numbered::default();
        let mut aspects = Numbered::default();
        let mut pieces = Vec::new();
        for way in &extract.ways {
            let refs = &extract.refs[way.first_ref..][..way.ref_count];
            let Some(road) = road(way, refs, &extract.points) else {
                continue;
            };
            let road = roads.number(bytemuck::cast::<Road, [u8; size_of::<Road>()]>(road), road);
            let seen = Aspect { look: way.look, label: way.label };
            let aspect = aspects.number(seen, seen);
            for (&from, &to) in refs.iter().zip(&refs[1..]) {
                if from != MISSING && to != MISSING && from != to {
                    pieces.push(Piece { from, to, road, aspect });
                }
            }
        }
        let mut found =
            Self { pieces, roads: roads.values, aspects: aspects.values, first: Vec::new(), ends: Vec::new() };
        found.index(extract.points.len());
        if found.drop_doubles(&extract.points) {
            found.index(extract.points.len());
        }
        found
    }

    fn index(&mut self, nodes: usize) {
        let mut first = vec![0_u32; nodes + 1];
        for piece in &self.pieces {
            first[piece.from as usize + 1] += 1;
            first[piece.to as usize + 1] += 1;
        }
        for node in 0..nodes {
            first[node + 1] += first[node];
        }
        let mut next = first.clone();
        let mut ends = vec![0; self.pieces.len() * 2];
        for (number, piece) in self.pieces.iter().enumerate() {
            for (node, end) in [(piece.from, 2 * number), (piece.to, 2 * number + 1)] {
                let at = &mut next[node as usize];
                ends[*at as usize] = end as u32;
                *at += 1;
            }
        }
        (self.first, self.ends) = (first, ends);
    }

    /// Of pieces between the same two nodes, keeps the best in each direction, as one. Whether there were any.
    fn drop_doubles(&mut self, points: &[Point]) -> bool {
        let mut is_dropped = vec![false; self.pieces.len()];
        let mut merged = Vec::new();
        for node in 0..points.len() as u32 {
            let ends = self.at(node);
            for (number, &end) in ends.iter().enumerate() {
                let far = self.node(end ^ 1);
                let is_first = node < far && !ends[..number].iter().any(|&other| self.node(other ^ 1) == far);
                let twins = ends[number + 1..].iter().filter(|&&other| self.node(other ^ 1) == far);
                if is_first && twins.clone().next().is_some() {
                    let all: Vec<u32> = std::iter::once(end).chain(twins.copied()).collect();
                    let length_m = distance_m(points[node as usize], points[far as usize]);
                    merged.push((self.best_of(&all, node, far, length_m), (all[0] / 2) as usize));
                    for &other in &all[1..] {
                        is_dropped[(other / 2) as usize] = true;
                    }
                }
            }
        }
        if merged.is_empty() {
            return false;
        }
        for ((piece, road), number) in merged {
            self.roads.push(road);
            self.pieces[number] = Piece { road: self.roads.len() as u32 - 1, ..piece };
        }
        let mut numbers = is_dropped.iter();
        self.pieces.retain(|_| numbers.next() == Some(&false));
        true
    }

    /// The piece that is the best of several in each direction, and its road.
    fn best_of(&self, ends: &[u32], node: u32, far: u32, length_m: f64) -> (Piece, Road) {
        // Side 0 leads from `node` to `far`.
        let best = [0, 1].map(|side| {
            let costs = ends.iter().filter_map(|&end| {
                let cost = self.road(end).cost_ds(side ^ Self::away(end), length_m)?;
                Some((cost, end))
            });
            costs.min().map(|(_, end)| end)
        });
        let seen = best[0].or(best[1]).unwrap_or(ends[0]);
        let mut road = Road { flags: self.road(seen).flags & !Road::RESTRICTED_BOTH, ..*self.road(seen) };
        for (side, best) in best.into_iter().enumerate() {
            let own = best.map(|end| (self.road(end), side ^ Self::away(end)));
            road.speed_kmh[side] = own.map_or(0.0, |(own, side)| own.speed_kmh[side]);
            road.rate_kmh[side] = own.map_or(0.0, |(own, side)| own.rate_kmh[side]);
            if own.is_some_and(|(own, side)| own.is_restricted(side)) {
                road.flags |= Road::RESTRICTED_FORWARD << side;
            }
        }
        let aspect = self.pieces[(seen / 2) as usize].aspect;
        (Piece { from: node, to: far, road: 0, aspect }, road)
    }

    /// The ends that meet at a node.
    pub(super) fn at(&self, node: u32) -> &[u32] {
        &self.ends[self.first[node as usize] as usize..self.first[node as usize + 1] as usize]
    }

    /// The node that an end is at.
    pub(super) fn node(&self, end: u32) -> u32 {
        let piece = self.pieces[(end / 2) as usize];
        if end.is_multiple_of(2) { piece.from } else { piece.to }
    }

    pub(super) fn road(&self, end: u32) -> &Road {
        &self.roads[self.pieces[(end / 2) as usize].road as usize]
    }

    pub(super) fn aspect(&self, end: u32) -> &Aspect {
        &self.aspects[self.pieces[(end / 2) as usize].aspect as usize]
    }

    /// Which side of its road's numbers leads away from the node of an end.
    pub(super) const fn away(end: u32) -> usize {
        (end % 2) as usize
    }

    /// Which side leads to it.
    pub(super) const fn towards(end: u32) -> usize {
        1 - (end % 2) as usize
    }

    pub(super) fn is_way_out(&self, end: u32) -> bool {
        self.road(end).speed_kmh[Self::away(end)] > 0.0
    }

    pub(super) fn is_way_in(&self, end: u32) -> bool {
        self.road(end).speed_kmh[Self::towards(end)] > 0.0
    }

    /// Whether just two pieces meet, and driving from one to the other changes nothing.
    pub(super) fn passes_through(&self, node: u32) -> bool {
        let &[a, b] = self.at(node) else {
            return false;
        };
        let restricted = |end: u32, side: usize| self.road(end).is_restricted(side);
        self.is_way_in(a) == self.is_way_out(b)
            && self.is_way_out(a) == self.is_way_in(b)
            && restricted(a, Self::towards(a)) == restricted(b, Self::away(b))
            && restricted(a, Self::away(a)) == restricted(b, Self::towards(b))
            && self.road(a).is_ferry() == self.road(b).is_ferry()
    }
}

/// Values, each once, and their numbers.
struct Numbered<K, V> {
    values: Vec<V>,
    numbers: HashMap<K, u32>,
}

impl<K, V> Default for Numbered<K, V> {
    fn default() -> Self {
        Self { values: Vec::new(), numbers: HashMap::new() }
    }
}

impl<K: Eq + Hash, V> Numbered<K, V> {
    fn number(&mut self, key: K, value: V) -> u32 {
        *self.numbers.entry(key).or_insert_with(|| {
            self.values.push(value);
            self.values.len() as u32 - 1
        })
    }
}

fn road(way: &RawWay, refs: &[u32], points: &[Point]) -> Option<Road> {
    let present = || refs.iter().filter(|&&node| node != MISSING).map(|&node| points[node as usize]);
    let side = way.drive.side.unwrap_or(side_at(present().next()?));
    let mut sides = [way.drive.forward, way.drive.backward];
    if let Some(duration_s) = way.drive.duration_s {
        let length_m: f64 = present().zip(present().skip(1)).map(|(a, b)| distance_m(a, b)).sum();
        let speed_kmh = (length_m / duration_s * 3.6).max(0.1);
        for drive in sides.iter_mut().flatten() {
            drive.rate_kmh *= speed_kmh / drive.speed_kmh;
            drive.speed_kmh = speed_kmh;
        }
    }
    let mut flags = 0;
    for (is_set, flag) in [
        (sides[0].is_some_and(|drive| drive.is_restricted), Road::RESTRICTED_FORWARD),
        (sides[1].is_some_and(|drive| drive.is_restricted), Road::RESTRICTED_BACKWARD),
        (way.drive.is_ferry, Road::FERRY),
        (way.drive.is_roundabout, Road::ROUNDABOUT),
        (side == Side::Left, Road::LEFT),
        (way.drive.is_start, Road::START),
    ] {
        flags |= if is_set { flag } else { 0 };
    }
    Some(Road {
        speed_kmh: sides.map(|drive| drive.map_or(0.0, |drive| drive.speed_kmh as f32)),
        rate_kmh: sides.map(|drive| drive.map_or(0.0, |drive| drive.rate_kmh as f32)),
        name: way.name,
        flags,
    })
}
