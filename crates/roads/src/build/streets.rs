//! What who comes to a junction sees there: which roads meet, under which angles, and which may be taken.
//!
//! Source of the rules: OSRM's extractor (`intersection_analysis`, release 26.10), retold. Its angles run from 0 to 360
//! degrees counter-clockwise, 0 being the way back and 180 straight on; so do those in this file and its children.
#![expect(clippy::indexing_slicing, reason = "ends and nodes are those of `Pieces`")]

use std::collections::{HashMap, HashSet};

use super::labels::Labels;
use super::pieces::Pieces;
use super::restrictions::Restriction;
use super::sight::{between, heading};
use super::stretches::Stretches;
use super::waits::Passing;
use crate::geodesy::Point;
use crate::rules::node::Obstacle;

/// Straight on.
pub(super) const STRAIGHT: f64 = 180.0;

/// All roads, as seen from their junctions.
#[derive(Debug)]
pub(super) struct Streets<'s> {
    pub(super) pieces: &'s Pieces,
    pub(super) stretches: &'s Stretches,
    pub(super) points: &'s [Point],
    pub(super) labels: &'s Labels,
    /// Of node n: from `first[n]` to `first[n + 1]`, in the order of its ends; none of inner nodes.
    first: Vec<u32>,
    sights: Vec<Sight>,
    /// By the end by which one comes: turns that are forbidden, or alone allowed.
    restrictions: HashMap<u32, Vec<Demand>>,
    /// Nodes that nobody drives through, and nodes to turn round at.
    barriers: HashSet<u32>,
    turning_places: HashSet<u32>,
}

/// Bearings in which a road leaves a junction.
#[derive(Debug, Clone, Copy)]
struct Sight {
    end: u32,
    /// Of its first metres.
    beginning: f64,
    /// To the next node.
    next: f64,
    /// As one sees it.
    heading: f64,
}

#[derive(Debug, Clone, Copy)]
struct Demand {
    is_only: bool,
    to: u32,
}

/// By which bearing a road is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Near,
    Ahead,
}

/// A road at a junction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Branch {
    pub(super) end: u32,
    pub(super) beginning: f64,
    pub(super) bearing: f64,
}

/// A road as it is seen by who comes to a junction by another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Exit {
    pub(super) end: u32,
    pub(super) is_allowed: bool,
    pub(super) angle: f64,
    pub(super) bearing: f64,
}

impl Exit {
    pub(super) fn is_u_turn(&self) -> bool {
        self.angle < f64::EPSILON
    }
}

impl<'s> Streets<'s> {
    pub(super) fn of(
        pieces: &'s Pieces,
        stretches: &'s Stretches,
        points: &'s [Point],
        labels: &'s Labels,
        obstacles: &[(u32, Obstacle)],
        restrictions: &[Restriction],
    ) -> Self {
        let of_kind = |kind: Obstacle| -> HashSet<u32> {
            obstacles.iter().filter(|(_, obstacle)| *obstacle == kind).map(|(node, _)| *node).collect()
        };
        let mut found = Self {
            pieces,
            stretches,
            points,
            labels,
            first: Vec::with_capacity(points.len() + 1),
            sights: Vec::new(),
            restrictions: HashMap::new(),
            barriers: of_kind(Obstacle::Barrier),
            turning_places: of_kind(Obstacle::TurningPlace),
        };
        for node in 0..points.len() as u32 {
            found.first.push(found.sights.len() as u32);
            if !stretches.is_inner(node) {
                found.see(node);
            }
        }
        found.first.push(found.sights.len() as u32);
        for restriction in restrictions {
            if let &[before, node, after] = restriction.nodes.as_slice()
                && let (Some(by), Some(to)) = (found.end_beside(node, before), found.end_beside(node, after))
                && pieces.is_way_in(by)
                && pieces.is_way_out(to)
            {
                found.restrictions.entry(by).or_default().push(Demand { is_only: restriction.is_only, to });
            }
        }
        found
    }

    /// Looks along all roads at a node.
    fn see(&mut self, node: u32) {
        let ends = self.pieces.at(node);
        let lanes = ends.iter().map(|&end| self.pieces.aspect(end).look.lanes).max().unwrap_or(0);
        for &end in ends {
            let (line, _, ruler) = self.stretches.measured(self.pieces, self.points, end);
            let start = line[0];
            let far = line[line.len() - 1];
            let next = line[1..].iter().copied().find(|&spot| ruler.distance_m(start, spot) > 1.0).unwrap_or(far);
            let seen = if ends.len() <= 2 {
                next
            } else {
                let look = &self.pieces.aspect(end).look;
                heading(ruler, &line, look, self.pieces.road(end).is_roundabout(), lanes).unwrap_or(far)
            };
            self.sights.push(Sight {
                end,
                beginning: ruler.bearing(start, ruler.along(&line, 2.0).unwrap_or(far)),
                next: ruler.bearing(start, next),
                heading: ruler.bearing(start, seen),
            });
        }
    }

    /// The end at a node of the piece to the node beside it.
    pub(super) fn end_beside(&self, node: u32, beside: u32) -> Option<u32> {
        self.pieces.at(node).iter().copied().find(|end| self.pieces.node(end ^ 1) == beside)
    }

    pub(super) fn node(&self, end: u32) -> u32 {
        self.pieces.node(end)
    }

    /// The node at the other side of the stretch of an end.
    pub(super) fn target(&self, end: u32) -> u32 {
        self.stretches.target(self.pieces, end)
    }

    pub(super) fn point(&self, node: u32) -> Point {
        self.points[node as usize]
    }

    pub(super) fn label(&self, end: u32) -> u32 {
        self.pieces.aspect(end).label
    }

    /// The roads at a node that ends no stretch within, clockwise from north.
    pub(super) fn shape(&self, node: u32, look: Look) -> Vec<Branch> {
        let sights = &self.sights[self.first[node as usize] as usize..self.first[node as usize + 1] as usize];
        let branch = |sight: &Sight| Branch {
            end: sight.end,
            beginning: sight.beginning,
            bearing: if look == Look::Near { sight.next } else { sight.heading },
        };
        let mut branches: Vec<Branch> = sights.iter().map(branch).collect();
        branches.sort_by(|a, b| a.bearing.total_cmp(&b.bearing));
        branches
    }

    /// What is seen by who arrives at a node along the stretch that begins at `from`, at its other side.
    pub(super) fn arrival(&self, from: u32, look: Look) -> Vec<Exit> {
        let by = self.stretches.other(from);
        self.view(by, &self.shape(self.node(by), look), &[])
    }

    /// What is seen by who comes by an end: the way back first, then from right to left. `hidden` are ends that are no
    /// roads of their own.
    pub(super) fn view(&self, by: u32, shape: &[Branch], hidden: &[u32]) -> Vec<Exit> {
        let Some(came) = shape.iter().find(|branch| branch.end == by) else {
            return Vec::new();
        };
        let (from, from_beginning) = (opposite(came.bearing), opposite(came.beginning));
        let mut back = Exit { end: by, is_allowed: false, angle: 0.0, bearing: came.bearing };
        let mut turns_back = 0;
        let mut seen: Vec<(f64, Exit)> = Vec::with_capacity(shape.len());
        for &end in self.pieces.at(self.node(by)) {
            let Some(branch) = shape.iter().find(|branch| branch.end == end) else { continue };
            let is_allowed = self.is_allowed(by, end, shape);
            let mut angle = ((angle(from, branch.bearing) * 1e8).round() / 1e8) % 360.0;
            let mut beginning = self::angle(from_beginning, branch.beginning);
            // Almost back, but to the other side than it looks: the same road.
            if is_allowed && ((angle < 15.0 && beginning > 180.0) || (angle > 345.0 && beginning < 180.0)) {
                (angle, beginning) = (0.0, 0.0);
            }
            let exit = Exit { end, is_allowed, angle, bearing: branch.bearing };
            if end == by {
                back = exit;
            } else if is_allowed || (!hidden.contains(&end) && !exit.is_u_turn()) {
                turns_back += usize::from(exit.is_u_turn());
                let crosses_zero = (angle > 270.0 && beginning < 90.0) || (angle < 90.0 && beginning > 270.0);
                let order = if beginning < f64::EPSILON {
                    if angle > 180.0 { 360.0 } else { 0.0 }
                } else if crosses_zero {
                    angle
                } else {
                    beginning
                };
                seen.push((order, exit));
            }
        }
        if back.is_allowed || turns_back == 0 {
            seen.insert(0, (0.0, back));
        }
        seen.sort_by(|(a, one), (b, other)| a.total_cmp(b).then(one.angle.total_cmp(&other.angle)));
        let mut exits: Vec<Exit> = seen.into_iter().map(|(_, exit)| exit).collect();
        // Roads keep the order in which they begin.
        for at in 1..exits.len() {
            let before = exits[at - 1].angle;
            if exits[at].angle < before {
                exits[at].angle = in_circle(before + f64::min(0.5, in_circle(360.0 - before) / 2.0));
            }
        }
        if !exits.iter().any(Exit::is_u_turn) {
            exits.insert(0, back);
        }
        exits
    }

    /// Whether who comes by one end may leave by another of the same node, as far as the node itself says.
    fn is_allowed(&self, by: u32, to: u32, shape: &[Branch]) -> bool {
        if !self.pieces.is_way_in(by) || !self.pieces.is_way_out(to) || self.is_restricted(by, to) {
            return false;
        }
        let node = self.node(by);
        let is_barrier = self.barriers.contains(&node);
        if by == to {
            let ends = self.pieces.at(node);
            let ways_in = ends.iter().filter(|&&end| self.pieces.is_way_in(end)).count();
            let exits = ends.iter().filter(|&&end| self.pieces.is_way_out(end) && !self.is_restricted(by, end)).count();
            return is_barrier
                || self.turning_places.contains(&node)
                || ends.len() == 1
                || ways_in <= 1
                || exits == 1
                || self.stretches.is_marked_for_u_turns(self.pieces, by);
        }
        !is_barrier && !self.is_against_roundabout(by, to, shape)
    }

    /// Demands at one place add up to a choice.
    fn is_restricted(&self, by: u32, to: u32) -> bool {
        let Some(demands) = self.restrictions.get(&by) else {
            return false;
        };
        let mut only = demands.iter().filter(|demand| demand.is_only).peekable();
        let is_left_out = only.peek().is_some() && only.all(|demand| demand.to != to);
        is_left_out || demands.iter().any(|demand| !demand.is_only && demand.to == to)
    }

    /// How who comes by one end and leaves by another passes the node, where so many roads meet.
    pub(super) fn passing(&self, by: u32, to: u32, roads: usize, exits: &[Exit]) -> Passing {
        let own = self.stretches.speed_kmh(self.stretches.other(by));
        let others = exits.iter().skip(1).map(|exit| exit.end).chain([to]);
        Passing {
            is_forward: Pieces::towards(by) == 0,
            roads,
            comes_from_minor_road: others.map(|end| self.stretches.speed_kmh(end)).any(|speed| speed > own),
            from_m: self.stretches.length_m(by),
            to_m: self.stretches.length_m(to),
        }
    }

    /// Whether a turn would cross a roundabout against its traffic, where roads to and from it share a node with it.
    fn is_against_roundabout(&self, by: u32, to: u32, shape: &[Branch]) -> bool {
        let bearing = |end: u32| shape.iter().find(|branch| branch.end == end).map_or(0.0, |branch| branch.bearing);
        let back = bearing(by);
        let (mut entry, mut exit): (Option<f64>, Option<f64>) = (None, None);
        let (mut entry_angle, mut exit_angle) = (0.0, 0.0);
        for &end in self.pieces.at(self.node(by)) {
            if !self.pieces.road(end).is_roundabout() {
                continue;
            }
            // Of two roundabouts that touch, the one that is farthest round counts.
            if self.pieces.is_way_out(end) {
                let angle = angle(back, bearing(end));
                if angle > exit_angle {
                    (exit, exit_angle) = (Some(bearing(end)), angle);
                }
            } else {
                let angle = angle(opposite(bearing(end)), back);
                if angle > entry_angle {
                    (entry, entry_angle) = (Some(opposite(bearing(end))), angle);
                }
            }
        }
        let (Some(entry), Some(exit)) = (entry, exit) else {
            return false;
        };
        let (around, from, to) = (angle(entry, exit), angle(entry, back), angle(entry, bearing(to)));
        (from < around && to < from) || (from > around && to > from)
    }
}

/// The angle of a turn from one bearing into another, 0..360.
pub(super) fn angle(from: f64, to: f64) -> f64 {
    (from - to + 540.0) % 360.0
}

pub(super) fn opposite(bearing: f64) -> f64 {
    if bearing >= 180.0 { bearing - 180.0 } else { bearing + 180.0 }
}

fn in_circle(angle: f64) -> f64 {
    if angle < 0.0 {
        angle + 360.0
    } else if angle > 360.0 {
        angle - 360.0
    } else {
        angle
    }
}

/// The exit whose angle is nearest to one, the first of equals.
pub(super) fn nearest(exits: &[Exit], angle: f64) -> Option<&Exit> {
    exits.iter().min_by(|a, b| between(a.angle, angle).total_cmp(&between(b.angle, angle)))
}
