//! The roads that meet at a junction, as turns see them.
#![expect(clippy::indexing_slicing, reason = "indices are made here, from the vectors they index")]

use super::network::{Network, Oriented};
use crate::file::{NONE, Segment as StoredSegment};
use crate::geodesy::{PER_DEGREE, Point, Scale, bearing, distance_m, turned};

/// How far ahead a road is seen.
const FAR_M: f64 = 50.0;

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
    /// The same, to where the road is [`FAR_M`] on.
    pub(super) far_bearing: f64,
    pub(super) length_m: f64,
    segment: u32,
    /// Whether the segment ends here rather than begins.
    is_end: bool,
}

/// All legs, junction by junction.
#[derive(Debug)]
pub(super) struct Legs {
    /// Of node n: from `first[n]` to `first[n + 1]`.
    first: Vec<u32>,
    legs: Vec<Leg>,
}

impl Legs {
    /// `passes` tells of each node whether a road goes on there without a choice, whatever stands in its way.
    pub(super) fn of(network: &Network, stored: &[StoredSegment], passes: &[bool]) -> Self {
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
        for (number, (&segment, stored)) in network.segments.iter().zip(stored).enumerate() {
            let nodes = network.segment_nodes(segment);
            let pieces = network.segment_pieces(segment);
            let points = nodes.iter().map(|&node| network.points[node as usize]);
            let length_m = points.clone().zip(points.skip(1)).map(|(a, b)| distance_m(a, b)).sum();
            let [along, against] = stored.edges;
            let last = nodes.len() - 1;
            let start = Leg {
                incoming: against,
                outgoing: along,
                beside: nodes[1],
                piece: pieces[0],
                incoming_side: pieces[0].side(1),
                bearing: 0.0,
                far_bearing: 0.0,
                length_m,
                segment: number as u32,
                is_end: false,
            };
            let end = Leg {
                incoming: along,
                outgoing: against,
                beside: nodes[last - 1],
                piece: pieces[last - 1],
                incoming_side: pieces[last - 1].side(0),
                is_end: true,
                ..start
            };
            for (node, leg) in [(nodes[0], start), (nodes[last], end)] {
                let at = &mut next[node as usize];
                legs[*at as usize] = Some(leg);
                *at += 1;
            }
        }
        let mut found = Self { first, legs: legs.into_iter().flatten().collect() };
        let mut points = Vec::new();
        for number in 0..found.legs.len() {
            let leg = found.legs[number];
            found.look_along(network, passes, leg, &mut points);
            let is_roundabout = network.roads[leg.piece.road as usize].is_roundabout();
            found.legs[number].bearing = direction(&points, is_roundabout);
            found.legs[number].far_bearing = bearing(points[0], after(&points, FAR_M));
        }
        found
    }

    /// The points of the road that begins with a leg, as far as one looks.
    fn look_along(&self, network: &Network, passes: &[bool], mut leg: Leg, points: &mut Vec<Point>) {
        points.clear();
        let mut seen_m = 0.0;
        loop {
            let segment = network.segments[leg.segment as usize];
            let nodes = network.segment_nodes(segment);
            let point = |node: &u32| network.points[*node as usize];
            let skipped = usize::from(!points.is_empty());
            if leg.is_end {
                points.extend(nodes.iter().rev().skip(skipped).map(point));
            } else {
                points.extend(nodes.iter().skip(skipped).map(point));
            }
            seen_m += leg.length_m;
            let far = if leg.is_end { nodes[0] } else { nodes[nodes.len() - 1] };
            if seen_m >= FAR_M || !passes[far as usize] {
                break;
            }
            // Two ends meet there: the one we came by, and the one to go on with.
            let came_by = (leg.segment, !leg.is_end);
            match self.at(far).iter().find(|other| (other.segment, other.is_end) != came_by) {
                Some(other) => leg = *other,
                None => break,
            }
        }
    }

    /// The points of the carriageway that begins with a leg, over junctions, as long as it keeps its name, is one-way and
    /// goes about straight on; up to so many metres and the rest of the last segment.
    pub(super) fn carriageway(&self, network: &Network, mut leg: Leg, metres: f64) -> Vec<Point> {
        /// More than this is turning off.
        const STRAIGHT_DEGREES: f64 = 45.0;
        let is_upstream = leg.outgoing == NONE;
        let name = |leg: &Leg| network.roads[leg.piece.road as usize].name;
        let mut points: Vec<Point> = Vec::new();
        let mut gone_m = 0.0;
        loop {
            let nodes = network.segment_nodes(network.segments[leg.segment as usize]);
            let point = |node: &u32| network.points[*node as usize];
            let skipped = usize::from(!points.is_empty());
            if leg.is_end {
                points.extend(nodes.iter().rev().skip(skipped).map(point));
            } else {
                points.extend(nodes.iter().skip(skipped).map(point));
            }
            gone_m += leg.length_m;
            let last = points.len() - 1;
            let heading = bearing(points[last - 1], points[last]);
            let far = if leg.is_end { nodes[0] } else { nodes[nodes.len() - 1] };
            let on = self.at(far).iter().filter(|other| {
                let is_one_way = if is_upstream { other.outgoing == NONE } else { other.incoming == NONE };
                is_one_way && name(other) == name(&leg) && turned(heading, other.bearing).abs() < STRAIGHT_DEGREES
            });
            let on = on.min_by(|a, b| turned(heading, a.bearing).abs().total_cmp(&turned(heading, b.bearing).abs()));
            match on.filter(|_| gone_m < metres) {
                Some(on) => leg = *on,
                None => break points,
            }
        }
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

/// The direction in which a road leaves its first point, as a driver would see it.
///
/// What OSRM sees was read off the costs of 50 000 turns in Newport, Milan and Helsinki. Around a roundabout it is the
/// direction of the first piece. A road that is straight for a while, or short and nearly straight, goes where its end
/// is; any other where it is after some metres, where ten fit single turns best and eleven whole trips. Numbers of lanes
/// were tried for how straight is straight, and did not help.
fn direction(points: &[Point], is_roundabout: bool) -> f64 {
    const NEAR_M: f64 = 11.0;
    const STRAIGHT_M: f64 = 1.6;
    if is_roundabout {
        return bearing(points[0], points[1]);
    }
    let far = after(points, FAR_M);
    let scale = Scale::at(f64::from(points[0].lat) / PER_DEGREE);
    let (far_east, far_north) = scale.offset(points[0], far);
    let reach = far_east.hypot(far_north);
    let mut gone = 0.0;
    let is_straight = points.windows(2).all(|pair| {
        gone += distance_m(pair[0], pair[1]);
        let (east, north) = scale.offset(points[0], pair[1]);
        gone >= FAR_M || (east * far_north - north * far_east).abs() < STRAIGHT_M * reach
    });
    bearing(points[0], if is_straight { far } else { after(points, NEAR_M) })
}

/// The point so many metres along a line, or its end.
pub(super) fn after(points: &[Point], metres: f64) -> Point {
    let mut gone = 0.0;
    for pair in points.windows(2) {
        let length = distance_m(pair[0], pair[1]);
        if gone + length >= metres {
            return pair[0].towards(pair[1], (metres - gone) / length);
        }
        gone += length;
    }
    points[points.len() - 1]
}
