//! Turns between edges: what is allowed where roads meet, and what it costs.
#![expect(clippy::indexing_slicing, reason = "indices are made here, from the vectors they index")]

use std::collections::{HashMap, HashSet};

use super::legs::{Leg, Legs, after};
use super::network::Network;
use super::restrictions::Restriction;
use crate::file::{Arc, NONE, Road};
use crate::geodesy::{Point, bearing, distance_m, turned};
use crate::rules::node::{Obstacle, Towards, Wait};
use crate::rules::turn::Turn;
use crate::rules::{Rules, Side};

/// Arcs by the edge they leave, and edges that exist a second time for what may not follow them.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// Of edge e: from `first[e]` to `first[e + 1]`.
    pub(super) first: Vec<u32>,
    pub(super) arcs: Vec<Arc>,
    /// The edge that each further edge is a copy of, in their order; copies are numbered after all edges.
    pub(super) copies: Vec<u32>,
}

/// What turns are made from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Junctions<'j> {
    pub(super) rules: &'j Rules,
    pub(super) network: &'j Network,
    pub(super) legs: &'j Legs,
    pub(super) is_junction: &'j [bool],
    /// By node, ascending.
    pub(super) obstacles: &'j [(u32, Obstacle)],
    pub(super) restrictions: &'j [Restriction],
    pub(super) edges: usize,
}

/// Restrictions as chains of edges.
#[derive(Debug, Default)]
struct Chains {
    /// After these edges, these must not (or alone may) follow.
    forbidden: HashMap<Vec<u32>, HashSet<u32>>,
    demanded: HashMap<Vec<u32>, HashSet<u32>>,
    /// Beginnings of at least two edges of a longer chain, with the number of the copy that stands for them.
    beginnings: HashMap<Vec<u32>, u32>,
    /// The same, in the order of their numbers.
    copies: Vec<Vec<u32>>,
}

impl Chains {
    fn of(junctions: &Junctions<'_>) -> Self {
        let mut chains = Self::default();
        for restriction in junctions.restrictions {
            let Some((edges, to)) = edges_of(restriction, junctions) else {
                continue;
            };
            chains.copies.extend((2..=edges.len()).map(|length| edges[..length].to_vec()));
            let kind = if restriction.is_only { &mut chains.demanded } else { &mut chains.forbidden };
            kind.entry(edges).or_default().insert(to);
        }
        // By the edge copied, so that copies of an edge are found by bisection.
        chains.copies.sort_by(|a, b| (a.last(), a).cmp(&(b.last(), b)));
        chains.copies.dedup();
        let numbered = chains.copies.iter().zip(junctions.edges as u32..);
        chains.beginnings = numbered.map(|(copy, number)| (copy.clone(), number)).collect();
        chains
    }

    /// Whether `to` may follow these edges, as far as the chains that end like them say.
    fn allows(&self, edges: &[u32], to: u32) -> bool {
        (0..edges.len()).all(|start| {
            let suffix = &edges[start..];
            self.forbidden.get(suffix).is_none_or(|forbidden| !forbidden.contains(&to))
                && self.demanded.get(suffix).is_none_or(|demanded| demanded.contains(&to))
        })
    }

    /// What stands for `to` after these edges: the copy for the longest chain begun, or itself.
    fn follow(&self, edges: &[u32], to: u32) -> u32 {
        let longest = (0..edges.len()).find_map(|start| {
            let chain = [&edges[start..], &[to]].concat();
            self.beginnings.get(&chain)
        });
        longest.copied().unwrap_or(to)
    }

    fn is_empty(&self) -> bool {
        self.forbidden.is_empty() && self.demanded.is_empty()
    }
}

/// The edges that a restriction's nodes lead along, and the one after them. `None` if some are closed to begin with.
fn edges_of(restriction: &Restriction, junctions: &Junctions<'_>) -> Option<(Vec<u32>, u32)> {
    let nodes = &restriction.nodes;
    let mut edges = vec![junctions.legs.arriving(nodes[0], nodes[1])?];
    let last = nodes.len() - 2;
    for at in 1..last {
        if junctions.is_junction[nodes[at] as usize] {
            edges.push(junctions.legs.leaving(nodes[at], nodes[at + 1])?);
        }
    }
    let to = junctions.legs.leaving(nodes[last], nodes[last + 1])?;
    Some((edges, to))
}

impl Turns {
    pub(super) fn of(junctions: &Junctions<'_>) -> Self {
        let chains = Chains::of(junctions);
        let mut found: Vec<(u32, Arc)> = Vec::with_capacity(junctions.edges * 3);
        let mut obstacles = junctions.obstacles;
        for node in 0..junctions.network.points.len() as u32 {
            let here = obstacles.partition_point(|(other, _)| *other <= node);
            let (present, rest) = obstacles.split_at(here);
            obstacles = rest;
            if junctions.is_junction[node as usize] {
                junction(junctions, junctions.legs.at(node), present, &mut found);
            }
        }
        if !chains.is_empty() {
            found = chained(&chains, junctions.edges, found);
        }
        Self::sorted(junctions.edges + chains.copies.len(), &found, chains)
    }

    fn sorted(edges: usize, found: &[(u32, Arc)], chains: Chains) -> Self {
        let mut first = vec![0_u32; edges + 1];
        for (from, _) in found {
            first[*from as usize + 1] += 1;
        }
        for edge in 0..edges {
            first[edge + 1] += first[edge];
        }
        let mut next = first.clone();
        let mut arcs = vec![Arc { to: 0, weight_ds: 0, duration_ds: 0 }; found.len()];
        for &(from, arc) in found {
            let at = &mut next[from as usize];
            arcs[*at as usize] = arc;
            *at += 1;
        }
        let copies = chains.copies.iter().filter_map(|edges| edges.last().copied()).collect();
        Self { first, arcs, copies }
    }
}

/// The arcs that restrictions leave, those of copies included.
fn chained(chains: &Chains, edges: usize, found: Vec<(u32, Arc)>) -> Vec<(u32, Arc)> {
    let mut kept = Vec::with_capacity(found.len());
    // The arcs of edges that have copies, before any restriction.
    let mut original: HashMap<u32, Vec<Arc>> = HashMap::new();
    for edge in chains.copies.iter().filter_map(|copy| copy.last()) {
        original.entry(*edge).or_default();
    }
    for (from, arc) in found {
        if let Some(arcs) = original.get_mut(&from) {
            arcs.push(arc);
        }
        if chains.allows(&[from], arc.to) {
            kept.push((from, Arc { to: chains.follow(&[from], arc.to), ..arc }));
        }
    }
    for (number, copy) in chains.copies.iter().enumerate() {
        let from = (edges + number) as u32;
        let arcs = copy.last().and_then(|edge| original.get(edge));
        for &arc in arcs.into_iter().flatten() {
            if chains.allows(copy, arc.to) {
                kept.push((from, Arc { to: chains.follow(copy, arc.to), ..arc }));
            }
        }
    }
    kept
}

/// All turns at one junction but for restrictions.
fn junction(junctions: &Junctions<'_>, legs: &[Leg], obstacles: &[(u32, Obstacle)], found: &mut Vec<(u32, Arc)>) {
    let is_barrier = obstacles.iter().any(|(_, obstacle)| matches!(obstacle, Obstacle::Barrier));
    let two_way = legs.iter().filter(|leg| leg.incoming != NONE && leg.outgoing != NONE).count();
    let road = |leg: &Leg| junctions.network.roads[leg.piece.road as usize];
    for (from_number, from) in legs.iter().enumerate().filter(|(_, leg)| leg.incoming != NONE) {
        for (to_number, to) in legs.iter().enumerate().filter(|(_, leg)| leg.outgoing != NONE) {
            let is_u_turn = from_number == to_number;
            // One turns round where there is nowhere else to go.
            if if is_u_turn { two_way > 1 && !is_barrier } else { is_barrier } {
                continue;
            }
            let (from_road, to_road) = (road(from), road(to));
            let is_restricted = from_road.is_restricted(from.incoming_side);
            let enters = to_road.is_restricted(1 - to.incoming_side);
            let is_u_turn = is_u_turn || doubles_back(junctions, from, to);
            let angle = if is_u_turn { 180.0 } else { turned(from.bearing + 180.0, to.bearing) };
            let turn = Turn {
                angle,
                roads: legs.len(),
                is_u_turn,
                changes_mode: from_road.is_ferry() != to_road.is_ferry(),
                touches_roundabout: from_road.is_roundabout() || to_road.is_roundabout(),
                enters_restricted: enters && !is_restricted,
                side: if from_road.is_left() { Side::Left } else { Side::Right },
                waits_s: waits_s(obstacles, legs, from, to, &road),
            };
            let cost = junctions.rules.turn(&turn);
            let arc = Arc { to: to.outgoing, weight_ds: cost.weight_ds, duration_ds: cost.duration_ds };
            found.push((from.incoming, arc));
        }
    }
}

/// Whether a turn leads from one carriageway of a street to the other, as seen where the two part.
///
/// OSRM compares lines through both for 120 m; this finds most of the same.
fn doubles_back(junctions: &Junctions<'_>, from: &Leg, to: &Leg) -> bool {
    /// Carriageways may open like this at first, and are parallel from some metres on.
    const OPENING_DEGREES: f64 = 60.0;
    const PARALLEL_DEGREES: f64 = 30.0;
    const PART_M: f64 = 30.0;
    const LONG_M: f64 = 100.0;
    /// What ends sooner is an island at a junction.
    const SHORTEST_M: f64 = 50.0;
    let road = |leg: &Leg| &junctions.network.roads[leg.piece.road as usize];
    let (from_road, to_road) = (road(from), road(to));
    let opens = turned(to.far_bearing, from.far_bearing);
    let is_beyond_the_middle = if from_road.is_left() { opens > 0.0 } else { opens < 0.0 };
    let may = from.outgoing == NONE
        && to.incoming == NONE
        && from_road.name != 0
        && from_road.name == to_road.name
        && !from_road.is_roundabout()
        && !to_road.is_roundabout()
        && is_beyond_the_middle
        && opens.abs() <= OPENING_DEGREES;
    if !may {
        return false;
    }
    let [from_line, to_line] = [from, to].map(|leg| junctions.legs.carriageway(junctions.network, *leg, LONG_M));
    let length_m = |line: &[Point]| line.windows(2).map(|pair| distance_m(pair[0], pair[1])).sum::<f64>();
    if length_m(&from_line).min(length_m(&to_line)) < SHORTEST_M {
        return false;
    }
    let [a, b] = [&from_line, &to_line].map(|line| bearing(after(line, PART_M), after(line, LONG_M)));
    turned(a, b).abs() <= PARALLEL_DEGREES
}

/// Seconds that what stands at a junction takes those who come from one leg and go to another.
fn waits_s(obstacles: &[(u32, Obstacle)], legs: &[Leg], from: &Leg, to: &Leg, road: &impl Fn(&Leg) -> Road) -> f64 {
    /// A sign stands this near to the junction it is for.
    const NEAR_M: f64 = 20.0;
    let mut waits_s = 0.0;
    for (_, obstacle) in obstacles {
        let &Obstacle::Wait { kind, towards, seconds } = obstacle else {
            continue;
        };
        // Side 0 of a road's numbers is along the way.
        let is_meant = match towards {
            Towards::Forward => from.incoming_side == 0,
            Towards::Backward => from.incoming_side == 1,
            Towards::Both | Towards::Unsaid => true,
        };
        let is_behind = kind == Wait::Stop
            && towards == Towards::Unsaid
            && legs.len() == 2
            && from.length_m < NEAR_M
            && to.length_m > NEAR_M;
        let is_for_others = || {
            let speed = road(from).speed_kmh[from.incoming_side];
            let others = legs.iter().filter(|leg| !std::ptr::eq(*leg, from));
            kind == Wait::MinorStop && !others.clone().any(|leg| road(leg).speed_kmh[1 - leg.incoming_side] > speed)
        };
        if is_meant && !is_behind && !is_for_others() {
            waits_s += seconds;
        }
    }
    waits_s
}
