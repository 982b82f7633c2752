//! The roads that meet at a junction, as turns see them.
#![expect(clippy::indexing_slicing, reason = "indices are made here, from the vectors they index")]

use super::network::{Network, Oriented};
use crate::file::{NONE, Segment as StoredSegment};
use crate::geodesy::{Point, bearing, distance_m};

/// How far along a road its direction is taken: nearer, digitising noise at the junction decides, and farther, the next
/// bend does. 10 m agrees best with OSRM among 5, 10, 15, 20 and 40 m.
const LOOK_AHEAD_M: f64 = 10.0;

/// One end of a segment at a junction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leg {
    /// Arriving here, and leaving from here; [`NONE`] where that direction is closed.
    pub(super) incoming: u32,
    pub(super) outgoing: u32,
    /// The node next to the junction.
    pub(super) beside: u32,
    /// The piece next to the junction, and which side of its numbers arrives.
    pub(super) piece: Oriented,
    pub(super) incoming_side: usize,
    /// From the junction, degrees clockwise from north.
    pub(super) bearing: f64,
    pub(super) length_m: f64,
}

/// All legs, junction by junction.
#[derive(Debug)]
pub(super) struct Legs {
    /// Of node n: from `first[n]` to `first[n + 1]`.
    first: Vec<u32>,
    legs: Vec<Leg>,
}

impl Legs {
    pub(super) fn of(network: &Network, stored: &[StoredSegment]) -> Self {
        let mut first = vec![0_u32; network.points.len() + 1];
        for &segment in &network.segments {
            let nodes = network.segment_nodes(segment);
            for node in [nodes[0], nodes[nodes.len() - 1]] {
                first[node as usize + 1] += 1;
            }
        }
        for node in 0..network.points.len() {
            first[node + 1] += first[node];
        }
        let mut next = first.clone();
        let count = first.last().map_or(0, |&count| count as usize);
        let mut legs = vec![None; count];
        for (&segment, stored) in network.segments.iter().zip(stored) {
            let nodes = network.segment_nodes(segment);
            let pieces = network.segment_pieces(segment);
            let points: Vec<Point> = nodes.iter().map(|&node| network.points[node as usize]).collect();
            let length_m = points.windows(2).map(|pair| distance_m(pair[0], pair[1])).sum();
            let [along, against] = stored.edges;
            let last = nodes.len() - 1;
            let start = Leg {
                incoming: against,
                outgoing: along,
                beside: nodes[1],
                piece: pieces[0],
                incoming_side: pieces[0].side(1),
                bearing: direction(points.iter().copied()),
                length_m,
            };
            let end = Leg {
                incoming: along,
                outgoing: against,
                beside: nodes[last - 1],
                piece: pieces[last - 1],
                incoming_side: pieces[last - 1].side(0),
                bearing: direction(points.iter().rev().copied()),
                length_m,
            };
            for (node, leg) in [(nodes[0], start), (nodes[last], end)] {
                let at = &mut next[node as usize];
                legs[*at as usize] = Some(leg);
                *at += 1;
            }
        }
        Self { first, legs: legs.into_iter().flatten().collect() }
    }

    pub(super) fn at(&self, node: u32) -> &[Leg] {
        &self.legs[self.first[node as usize] as usize..self.first[node as usize + 1] as usize]
    }

    /// The edge that arrives at `node` from the node beside it.
    pub(super) fn arriving(&self, beside: u32, node: u32) -> Option<u32> {
        let leg = self.at(node).iter().find(|leg| leg.beside == beside && leg.incoming != NONE)?;
        Some(leg.incoming)
    }

    /// The edge that leaves `node` towards the node beside it.
    pub(super) fn leaving(&self, node: u32, beside: u32) -> Option<u32> {
        let leg = self.at(node).iter().find(|leg| leg.beside == beside && leg.outgoing != NONE)?;
        Some(leg.outgoing)
    }
}

/// The direction in which a road leaves its first point.
fn direction(points: impl Iterator<Item = Point>) -> f64 {
    let mut points = points.peekable();
    let Some(start) = points.next() else {
        return 0.0;
    };
    let (mut last, mut gone) = (start, 0.0);
    for point in points {
        let length = distance_m(last, point);
        if gone + length >= LOOK_AHEAD_M {
            return bearing(start, last.towards(point, (LOOK_AHEAD_M - gone) / length));
        }
        gone += length;
        last = point;
    }
    bearing(start, last)
}
