//! Pieces chained into segments from junction to junction.
#![expect(clippy::indexing_slicing, reason = "indices are made here, from the vectors they index")]

use std::collections::HashMap;

use super::pieces::Pieces;
use crate::file::Road;
use crate::geodesy::Point;
use crate::tree::hilbert;

/// A chain of pieces without a choice in between.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment {
    /// Where its nodes begin in `Network::nodes`; the pieces between them begin at the same place in
    /// `Network::oriented`, whose last entry for a segment means nothing.
    pub(super) first: u32,
    /// At least two.
    pub(super) node_count: u32,
    /// The ends of pieces at its two sides.
    pub(super) ends: [u32; 2],
}

/// A piece seen in the direction of its segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Oriented {
    pub(super) road: u32,
    /// Whether the segment goes against its way.
    pub(super) is_reversed: bool,
}

/// Roads as a graph of nodes and segments.
///
/// Where something stands at a node within a segment, the node is there twice, with a piece in between that has no length
/// but takes time.
#[derive(Debug)]
pub(super) struct Network {
    pub(super) points: Vec<Point>,
    pub(super) roads: Vec<Road>,
    pub(super) segments: Vec<Segment>,
    pub(super) nodes: Vec<u32>,
    pub(super) oriented: Vec<Oriented>,
    /// Roads of waits, by their tenths of a second.
    waits: HashMap<[u32; 2], u32>,
}

impl Network {
    pub(super) fn segment_nodes(&self, segment: Segment) -> &[u32] {
        &self.nodes[segment.first as usize..][..segment.node_count as usize]
    }

    /// One fewer than nodes.
    pub(super) fn segment_pieces(&self, segment: Segment) -> &[Oriented] {
        &self.oriented[segment.first as usize..][..segment.node_count as usize - 1]
    }

    /// Chains pieces. Nodes for which `is_junction` holds are ends of segments, and so are those set there for rings that
    /// have none. `waits_ds` tells tenths of a second lost at other nodes, by who comes by the first and by the second end.
    pub(super) fn of(
        points: Vec<Point>,
        pieces: &Pieces,
        is_junction: &mut [bool],
        waits_ds: &dyn Fn(u32, [u32; 2]) -> [u32; 2],
    ) -> Self {
        let mut network = Self {
            points,
            roads: pieces.roads.clone(),
            segments: Vec::new(),
            nodes: Vec::new(),
            oriented: Vec::with_capacity(pieces.pieces.len()),
            waits: HashMap::new(),
        };
        let mut is_used = vec![false; pieces.pieces.len()];
        // Junctions first. What is then left are rings without any: each is cut where it comes first.
        for round in [true, false] {
            for node in 0..network.points.len() as u32 {
                if is_junction[node as usize] != round {
                    continue;
                }
                for &end in pieces.at(node) {
                    if !is_used[(end / 2) as usize] {
                        is_junction[node as usize] = true;
                        network.chain(node, end, pieces, &mut is_used, is_junction, waits_ds);
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
        pieces: &Pieces,
        is_used: &mut [bool],
        is_junction: &[bool],
        waits_ds: &dyn Fn(u32, [u32; 2]) -> [u32; 2],
    ) {
        let first = self.nodes.len() as u32;
        self.nodes.push(start);
        let mut end = first_end;
        loop {
            let piece = pieces.pieces[(end / 2) as usize];
            is_used[(end / 2) as usize] = true;
            let came_by = end ^ 1;
            let node = pieces.node(came_by);
            self.nodes.push(node);
            self.oriented.push(Oriented { road: piece.road, is_reversed: end % 2 == 1 });
            end = match pieces.at(node) {
                // Exactly two ends meet here: go on with the one that we did not come by.
                &[a, b] if !is_junction[node as usize] => {
                    if a == came_by {
                        b
                    } else {
                        a
                    }
                }
                _ => {
                    end = came_by;
                    break;
                }
            };
            let waits = waits_ds(node, [came_by, end]);
            if waits != [0, 0] {
                let road = self.wait(waits);
                self.nodes.push(node);
                self.oriented.push(Oriented { road, is_reversed: false });
            }
        }
        self.oriented.push(Oriented { road: 0, is_reversed: false });
        self.segments.push(Segment { first, node_count: self.nodes.len() as u32 - first, ends: [first_end, end] });
    }

    fn wait(&mut self, waits_ds: [u32; 2]) -> u32 {
        *self.waits.entry(waits_ds).or_insert_with(|| {
            self.roads.push(Road::wait(waits_ds));
            self.roads.len() as u32 - 1
        })
    }
}

impl Oriented {
    /// Which side of the road's numbers is meant by side 0 (along the segment) or 1 (against it).
    pub(super) fn side(self, side: usize) -> usize {
        side ^ usize::from(self.is_reversed)
    }
}
