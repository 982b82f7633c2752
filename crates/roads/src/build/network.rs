//! Ways cut into pieces from node to node, and pieces chained into segments from junction to junction.
#![expect(clippy::indexing_slicing, reason = "indices are made here, from the vectors they index")]

use std::collections::HashMap;

use super::read::{Extract, MISSING, RawWay};
use crate::file::Road;
use crate::geodesy::{Point, distance_m};
use crate::rules::{Side, side_at};
use crate::tree::hilbert;

/// A straight line between two consecutive nodes of a way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub(super) from: u32,
    pub(super) to: u32,
    /// Into `Network::roads`.
    pub(super) road: u32,
}

/// A chain of pieces without a choice in between.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment {
    /// Where its nodes begin in `Network::nodes`; the pieces between them begin at the same place in
    /// `Network::oriented`, whose last entry for a segment means nothing.
    pub(super) first: u32,
    /// At least two.
    pub(super) node_count: u32,
}

/// A piece seen in the direction of its segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Oriented {
    pub(super) road: u32,
    /// Whether the segment goes against its way.
    pub(super) is_reversed: bool,
}

/// Roads as a graph of nodes and segments.
#[derive(Debug)]
pub(super) struct Network {
    pub(super) points: Vec<Point>,
    pub(super) roads: Vec<Road>,
    pub(super) segments: Vec<Segment>,
    pub(super) nodes: Vec<u32>,
    pub(super) oriented: Vec<Oriented>,
    /// By node: whether just two pieces meet there, and driving from one to the other changes nothing.
    pub(super) passes: Vec<bool>,
}

impl Network {
    pub(super) fn segment_nodes(&self, segment: Segment) -> &[u32] {
        &self.nodes[segment.first as usize..][..segment.node_count as usize]
    }

    /// One fewer than nodes.
    pub(super) fn segment_pieces(&self, segment: Segment) -> &[Oriented] {
        &self.oriented[segment.first as usize..][..segment.node_count as usize - 1]
    }

    /// Chains the roads of an extract; nodes for which `is_junction` holds are ends of segments in any case.
    pub(super) fn from_extract(extract: &mut Extract, is_junction: &mut [bool]) -> Self {
        let (roads, pieces) = pieces(extract);
        let ends = Ends::of(&pieces, extract.points.len());
        let nodes = 0..extract.points.len() as u32;
        let passes: Vec<bool> = nodes.map(|node| ends.passes_through(node, &pieces, &roads)).collect();
        for (is_junction, passes) in is_junction.iter_mut().zip(&passes) {
            *is_junction |= !passes;
        }
        let points = std::mem::take(&mut extract.points);
        let mut network = Self {
            points,
            roads,
            segments: Vec::new(),
            nodes: Vec::new(),
            oriented: Vec::with_capacity(pieces.len()),
            passes,
        };
        let mut is_used = vec![false; pieces.len()];
        // Junctions first. What is then left are rings without any: each is cut where it comes first.
        for round in [true, false] {
            for node in 0..network.points.len() as u32 {
                if is_junction[node as usize] != round {
                    continue;
                }
                for &end in ends.at(node) {
                    if !is_used[(end / 2) as usize] {
                        is_junction[node as usize] = true;
                        network.chain(node, end, &pieces, &ends, &mut is_used, is_junction);
                    }
                }
            }
        }
        network
    }

    /// Puts segments that are near each other near each other in memory.
    pub(super) fn sort_along_curve(&mut self) {
        let mut order: Vec<Segment> = self.segments.clone();
        order.sort_by_cached_key(|segment| {
            let nodes = self.segment_nodes(*segment);
            (hilbert(self.points[nodes[nodes.len() / 2] as usize]), segment.first)
        });
        let mut nodes = Vec::with_capacity(self.nodes.len());
        let mut oriented = Vec::with_capacity(self.oriented.len());
        for segment in &mut order {
            let range = segment.first as usize..(segment.first + segment.node_count) as usize;
            segment.first = nodes.len() as u32;
            nodes.extend_from_slice(&self.nodes[range.clone()]);
            oriented.extend_from_slice(&self.oriented[range]);
        }
        (self.nodes, self.oriented, self.segments) = (nodes, oriented, order);
    }

    /// Follows pieces from a junction to the next.
    fn chain(
        &mut self,
        start: u32,
        first_end: u32,
        pieces: &[Piece],
        ends: &Ends,
        is_used: &mut [bool],
        is_junction: &[bool],
    ) {
        let first = self.nodes.len() as u32;
        self.nodes.push(start);
        let mut end = first_end;
        loop {
            let piece = pieces[(end / 2) as usize];
            let is_reversed = end % 2 == 1;
            is_used[(end / 2) as usize] = true;
            let node = if is_reversed { piece.from } else { piece.to };
            self.nodes.push(node);
            self.oriented.push(Oriented { road: piece.road, is_reversed });
            if is_junction[node as usize] {
                break;
            }
            // Exactly two ends meet here: go on with the one that we did not come by.
            let came_by = end ^ 1;
            match ends.at(node) {
                &[a, b] => end = if a == came_by { b } else { a },
                _ => break,
            }
        }
        self.oriented.push(Oriented { road: 0, is_reversed: false });
        self.segments.push(Segment { first, node_count: self.nodes.len() as u32 - first });
    }
}

/// Which pieces meet at a node: twice the number of a piece, plus one where the piece ends there.
struct Ends {
    first: Vec<u32>,
    ends: Vec<u32>,
}

impl Ends {
    fn of(pieces: &[Piece], nodes: usize) -> Self {
        let mut first = vec![0_u32; nodes + 1];
        for piece in pieces {
            first[piece.from as usize + 1] += 1;
            first[piece.to as usize + 1] += 1;
        }
        for node in 0..nodes {
            first[node + 1] += first[node];
        }
        let mut next = first.clone();
        let mut ends = vec![0; pieces.len() * 2];
        for (number, piece) in pieces.iter().enumerate() {
            for (node, end) in [(piece.from, 2 * number), (piece.to, 2 * number + 1)] {
                let at = &mut next[node as usize];
                ends[*at as usize] = end as u32;
                *at += 1;
            }
        }
        Self { first, ends }
    }

    fn at(&self, node: u32) -> &[u32] {
        &self.ends[self.first[node as usize] as usize..self.first[node as usize + 1] as usize]
    }

    /// Whether just two pieces meet, and driving from one to the other changes nothing.
    fn passes_through(&self, node: u32, pieces: &[Piece], roads: &[Road]) -> bool {
        let &[a, b] = self.at(node) else {
            return false;
        };
        let seen = |end: u32| {
            let piece = pieces[(end / 2) as usize];
            let oriented = Oriented { road: piece.road, is_reversed: end.is_multiple_of(2) };
            // Towards the node and away from it.
            let road = roads[oriented.road as usize];
            let [towards, away] =
                [0, 1].map(|side| (oriented.is_open(&road, side), oriented.is_restricted(&road, side)));
            (towards, away, road.is_ferry())
        };
        let ((a_towards, a_away, a_ferry), (b_towards, b_away, b_ferry)) = (seen(a), seen(b));
        a / 2 != b / 2 && a_towards == b_away && a_away == b_towards && a_ferry == b_ferry
    }
}

impl Oriented {
    /// Which side of the road's numbers is meant by side 0 (along the segment) or 1 (against it).
    pub(super) fn side(self, side: usize) -> usize {
        side ^ usize::from(self.is_reversed)
    }

    fn is_open(self, road: &Road, side: usize) -> bool {
        road.speed_kmh[self.side(side)] > 0.0
    }

    pub(super) fn is_restricted(self, road: &Road, side: usize) -> bool {
        road.is_restricted(self.side(side))
    }
}

fn pieces(extract: &Extract) -> (Vec<Road>, Vec<Piece>) {
    let mut roads = Vec::new();
    let mut numbers = HashMap::new();
    let mut pieces = Vec::new();
    for way in &extract.ways {
        let refs = &extract.refs[way.first_ref..][..way.ref_count];
        let Some(road) = road(way, refs, &extract.points) else {
            continue;
        };
        let number = *numbers.entry(bytemuck::cast::<Road, [u8; size_of::<Road>()]>(road)).or_insert_with(|| {
            roads.push(road);
            roads.len() as u32 - 1
        });
        for (&from, &to) in refs.iter().zip(&refs[1..]) {
            if from != MISSING && to != MISSING && from != to {
                pieces.push(Piece { from, to, road: number });
            }
        }
    }
    (roads, pieces)
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
