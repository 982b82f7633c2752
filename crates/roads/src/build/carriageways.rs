//! Which roads at a junction are two carriageways of one street, and where that street leads.
//!
//! Seen from a junction, a street whose carriageways part there is one road: its direction is between theirs, and going
//! from one to the other is a u-turn. Source of the rules and numbers: OSRM's extractor (`mergable_road_detector`,
//! `intersection_analysis`, release 26.10), retold.

use super::line::{Ruler, Spot, regression};
use super::sight::{LANE_M, between};
use super::streets::{Branch, Look, STRAIGHT, Streets, angle, nearest, opposite};
use super::walk::Course;

/// Roads that open wider are no carriageways of one street.
const WIDEST: f64 = 95.0;

/// How well two directions can be told apart.
const FUZZY: f64 = 25.0;

/// The roads at a junction as one sees them.
#[derive(Debug)]
pub(super) struct Junction {
    pub(super) shape: Vec<Branch>,
    /// Ends by which one only comes, and which are one road with another.
    pub(super) hidden: Vec<u32>,
}

impl Streets<'_> {
    /// The roads at a node, carriageways of one street in one direction.
    pub(super) fn junction(&self, node: u32) -> Junction {
        let mut shape = self.shape(node, Look::Ahead);
        let count = shape.len();
        let mut is_merged = vec![false; count];
        let mut hidden = Vec::new();
        if count >= 3 {
            for at in 0..count {
                let next = (at + 1) % count;
                if let Some([left, right]) = self.carriageways(node, &shape, at) {
                    let (bearing, _) = self.merged(&shape, [left, right], false);
                    for number in [at, next] {
                        if let (Some(branch), Some(mark)) = (shape.get_mut(number), is_merged.get_mut(number)) {
                            (branch.bearing, branch.beginning, *mark) = (bearing, bearing, true);
                        }
                    }
                    hidden.push(if self.pieces.is_way_out(left.end) { right.end } else { left.end });
                }
            }
        }
        if count >= 2 {
            for (branch, is_merged) in shape.iter_mut().zip(is_merged) {
                if !is_merged && let Some(bearing) = self.turned_with_neighbour(branch) {
                    (branch.bearing, branch.beginning) = (bearing, bearing);
                }
            }
        }
        Junction { shape, hidden }
    }

    /// Where a short road leads if at its other side it is a carriageway that is turned towards its twin: it is the same
    /// road, so it turns here too.
    fn turned_with_neighbour(&self, branch: &Branch) -> Option<f64> {
        const SHORT_M: f64 = 30.0;
        if self.length_m(branch.end) > SHORT_M {
            return None;
        }
        let other = self.stretches.other(branch.end);
        let node = self.node(other);
        let shape = self.shape(node, Look::Ahead);
        let count = shape.len();
        if count <= 1 {
            return None;
        }
        let here = shape.iter().position(|branch| branch.end == other)?;
        let before = (here + count - 1) % count;
        for (at, sign) in [(before, -1.0), (here, 1.0)] {
            if let Some(pair) = self.carriageways(node, &shape, at) {
                let (bearing, is_sure) = self.merged(&shape, pair, true);
                let offset = between(bearing, shape.get(here)?.bearing);
                return is_sure.then_some((branch.bearing + 360.0 + sign * offset) % 360.0);
            }
        }
        None
    }

    /// The direction of a street with two carriageways, and whether it is one that the next junction should know of.
    fn merged(&self, shape: &[Branch], [left, right]: [Branch; 2], is_next: bool) -> (f64, bool) {
        /// So much off straight on is no turn.
        const STRAIGHT_ON: f64 = 3.0;
        let exit = if self.pieces.is_way_out(left.end) { left } else { right };
        let facing = |branch: &&Branch| between(branch.bearing, opposite(exit.bearing));
        let across = shape.iter().min_by(|a, b| facing(a).total_cmp(&facing(b)));
        let across = opposite(across.map_or(exit.bearing, |across| across.bearing));
        let turn = |bearing: f64| between(angle(across, bearing), STRAIGHT);
        // A road that goes straight on is not bent by one that joins it.
        if turn(exit.bearing) < STRAIGHT_ON {
            return (exit.bearing, false);
        }
        let middle = middle(left.bearing, right.bearing);
        if is_next && (turn(left.bearing) < turn(middle) || turn(right.bearing) < turn(middle)) {
            return (across, false);
        }
        (middle, true)
    }

    /// The roads at `at` and clockwise of it, if they are carriageways of one street and no third road is.
    fn carriageways(&self, node: u32, shape: &[Branch], at: usize) -> Option<[Branch; 2]> {
        let count = shape.len();
        let branch = |at: usize| shape.get(at % count).copied();
        let [before, left, right, after] = [branch(at + count - 1)?, branch(at)?, branch(at + 1)?, branch(at + 2)?];
        let is_pair = self.may_be_twins(&left, &right)
            && self.is_another(&before, &left)
            && self.is_another(&right, &after)
            && self.is_one_street(node, left, right);
        is_pair.then_some([left, right])
    }

    fn is_another(&self, one: &Branch, other: &Branch) -> bool {
        between(one.bearing, other.bearing) > WIDEST
            || !self.labels.is_one_street(self.label(one.end), self.label(other.end))
    }

    /// Whether two roads could be one street by what they are: one leads away, one only here.
    fn may_be_twins(&self, left: &Branch, right: &Branch) -> bool {
        between(left.bearing, right.bearing) <= WIDEST
            && self.pieces.is_way_out(left.end) != self.pieces.is_way_out(right.end)
            && self.are_alike(left.end, right.end)
    }

    fn are_alike(&self, one: u32, other: u32) -> bool {
        let (one_road, other_road) = (self.pieces.road(one), self.pieces.road(other));
        let class = |end: u32| self.pieces.aspect(end).look.class;
        let is_roundabout =
            |end: u32| self.pieces.road(end).is_roundabout() && !self.pieces.aspect(end).look.is_circular;
        !is_roundabout(one)
            && !is_roundabout(other)
            && one_road.is_ferry() == other_road.is_ferry()
            && class(one) == class(other)
            && self.labels.is_one_street(self.label(one), self.label(other))
    }

    /// Whether two roads are one street by where they lead.
    fn is_one_street(&self, node: u32, left: Branch, right: Branch) -> bool {
        if self.is_loop(node, left.end) || self.is_loop(node, right.end) {
            return false;
        }
        if self.is_island(node, left.end, right.end) {
            return true;
        }
        if self.is_link(left.end) || self.is_link(right.end) {
            return false;
        }
        self.is_narrow_triangle(node, &left, &right)
            || (self.are_parallel(&left, &right) && !self.is_circle(&left, &right))
    }

    /// Whether a road comes back.
    fn is_loop(&self, node: u32, end: u32) -> bool {
        self.target(self.past_joints(end)) == node
    }

    /// Whether two roads only lead round an island.
    fn is_island(&self, node: u32, left: u32, right: u32) -> bool {
        let far = self.target(self.past_joints(left));
        if far != self.target(self.past_joints(right)) || far == node {
            return false;
        }
        let (here, there) = (self.is_fork_of_one_street(node), self.is_fork_of_one_street(far));
        let distance_m = self.distance_m(node, far);
        (here && there && distance_m < 30.0) || ((here || there) && distance_m < 15.0)
    }

    fn is_fork_of_one_street(&self, node: u32) -> bool {
        let ends = self.pieces.at(node);
        let label = ends.first().map(|&end| self.label(end));
        ends.len() == 3
            && ends.iter().all(|&end| label.is_some_and(|label| self.labels.is_alike_one_way(label, self.label(end))))
    }

    /// Whether a road only leads from a street onto one that it crosses there.
    fn is_link(&self, end: u32) -> bool {
        let last = self.past_joints(end);
        let exits = self.arrival(last, Look::Ahead);
        let is_other = |other: u32| !self.labels.may_be_one_street(self.label(end), self.label(other));
        let own: Vec<_> = exits.iter().copied().filter(|exit| !is_other(exit.end)).collect();
        let Some(on) = nearest(&own, STRAIGHT) else {
            return false;
        };
        let Some(across) = nearest(&exits, (on.angle + STRAIGHT) % 360.0) else {
            return false;
        };
        if self.target(across.end) == self.node(last) {
            return false;
        }
        if between(between(on.angle, STRAIGHT), between(across.angle, 0.0)) < FUZZY {
            return false;
        }
        between(across.angle, on.angle) >= STRAIGHT - FUZZY
            && self.pieces.is_way_out(on.end) == self.pieces.is_way_out(across.end)
            && self.are_alike(on.end, across.end)
    }

    /// Whether the two roads and one between their next junctions make a small triangle.
    fn is_narrow_triangle(&self, node: u32, left: &Branch, right: &Branch) -> bool {
        const NARROW: f64 = 40.0;
        const FAR_M: f64 = 80.0;
        const ISLAND_M: f64 = 10.0;
        let course = Course { label: self.label(left.end), bearing: left.bearing, is_cautious: false };
        // One small side street may be passed.
        let corner = |end: u32, side: f64| {
            let found = self.next_junction(end, &course);
            let turns = |exits: &[_]| nearest(exits, side).is_some_and(|exit| between(exit.angle, side) <= NARROW);
            match nearest(&found.1, STRAIGHT) {
                Some(on) if !turns(&found.1) => self.next_junction(on.end, &course),
                _ => found,
            }
        };
        let (left_from, left_exits) = corner(left.end, 90.0);
        let left_node = self.target(left_from);
        if self.distance_m(node, left_node) > FAR_M {
            return false;
        }
        let (right_from, _) = corner(right.end, 270.0);
        let right_node = self.target(right_from);
        let Some(connection) = nearest(&left_exits, 90.0).filter(|exit| between(exit.angle, 90.0) <= NARROW) else {
            return false;
        };
        let lanes = [left, right].map(|branch| f64::from(self.pieces.aspect(branch.end).look.lanes.max(1)));
        let width_m = lanes.iter().sum::<f64>() * LANE_M;
        if self.distance_m(left_node, right_node) > width_m + ISLAND_M {
            return false;
        }
        let (connection_from, _) = self.next_junction(connection.end, &course);
        self.target(connection_from) == right_node
    }

    /// Whether the two roads run beside each other.
    fn are_parallel(&self, left: &Branch, right: &Branch) -> bool {
        const SEEN_M: f64 = 120.0;
        const SHORTEST_M: f64 = 40.0;
        const STEP_M: f64 = 5.0;
        const SEPARATION_M: f64 = 12.0;
        let ruler = self.ruler(left.end);
        let lines = [left, right].map(|branch| {
            let course = Course { label: self.label(branch.end), bearing: left.bearing, is_cautious: true };
            self.line_ahead(branch.end, &course, SEEN_M)
        });
        if lines.iter().any(|(_, length_m)| *length_m <= SHORTEST_M) {
            return false;
        }
        let meets_again = lines[0].0.last() == lines[1].0.last();
        let [left_line, right_line] = lines.map(|(line, _)| {
            let samples = ruler.samples(&line, SEEN_M, STEP_M);
            // The beginning only opens the street.
            let skipped = if meets_again { 0 } else { samples.len() / 3 };
            samples.into_iter().skip(skipped).collect::<Vec<Spot>>()
        });
        if !run_alike(&left_line, &right_line) {
            return false;
        }
        let from_middle_m = |line: &[Spot], other: &[Spot]| {
            line.get(line.len() / 2).map_or(f64::INFINITY, |&spot| ruler.distance_to_line_m(spot, other))
        };
        let apart_m = from_middle_m(&left_line, &right_line).min(from_middle_m(&right_line, &left_line));
        let lanes = [left, right].map(|branch| f64::from(self.pieces.aspect(branch.end).look.lanes.max(1)));
        apart_m <= 0.5 * lanes.iter().sum::<f64>() * LANE_M + SEPARATION_M
    }

    /// Whether the two roads are the halves of a circle.
    fn is_circle(&self, left: &Branch, right: &Branch) -> bool {
        const SEEN_M: f64 = 120.0;
        /// A square has 78.5 % of the area of a circle of its circumference.
        const ROUND: f64 = 0.85 / (4.0 * std::f64::consts::PI);
        let [(left_line, length_m), (right_line, _)] = [left, right].map(|branch| {
            let course = Course { label: self.label(branch.end), bearing: left.bearing, is_cautious: false };
            self.line_ahead(branch.end, &course, SEEN_M)
        });
        left_line.last() == right_line.last()
            && left_line.first() == left_line.last()
            && self.ruler(left.end).area_m2(&left_line) / (length_m * length_m) >= ROUND
    }

    /// The line of a street from an end on, and its length, up to so many metres.
    fn line_ahead(&self, end: u32, course: &Course, metres: f64) -> (Vec<Spot>, f64) {
        let mut line: Vec<Spot> = Vec::new();
        let mut gone_m = 0.0;
        self.walk(end, course, |from| {
            let (mut stretch, length_m, ruler) = self.stretches.measured(self.pieces, self.points, from);
            if gone_m + length_m > metres {
                ruler.cut(&mut stretch, metres - gone_m);
            }
            line.append(&mut stretch);
            gone_m = f64::min(gone_m + length_m, metres);
            gone_m >= metres
        });
        (line, gone_m)
    }

    fn ruler(&self, end: u32) -> Ruler {
        Ruler::at(Spot::of(self.point(self.node(end))))
    }

    pub(super) fn length_m(&self, end: u32) -> f64 {
        self.stretches.length_m(end)
    }

    fn distance_m(&self, a: u32, b: u32) -> f64 {
        let [a, b] = [a, b].map(|node| Spot::of(self.point(node)));
        Ruler::at(a).distance_m(a, b)
    }
}

/// The bearing halfway between two.
fn middle(one: f64, other: f64) -> f64 {
    let (one, other) = (one.to_radians(), other.to_radians());
    let middle = (one.sin() + other.sin()).atan2(one.cos() + other.cos()).to_degrees();
    (middle + 360.0) % 360.0
}

/// Whether two lines have about the same slope, as degrees go.
fn run_alike(one: &[Spot], other: &[Spot]) -> bool {
    const STEEPEST: f64 = 0.2;
    let (Some([a, b]), Some([c, d])) = (regression(one), regression(other)) else {
        return false;
    };
    // As if both lay at the equator.
    let origin = Spot { lng: 0, lat: 0 };
    let slope = Spot { lng: a.lng.wrapping_sub(b.lng), lat: a.lat.wrapping_sub(b.lat) };
    let turn = (Ruler::at(origin).bearing(origin, slope) - 90.0).to_radians();
    let (east, north) = d.to(c);
    let along = turn.cos() * east - turn.sin() * north;
    let aside = turn.sin() * east + turn.cos() * north;
    along != 0.0 && (aside / along).abs() < STEEPEST
}
