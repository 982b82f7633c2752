//! Turns between edges: what is allowed where roads meet, and what it costs.
#![expect(clippy::indexing_slicing, reason = "indices are made here, from the vectors they index")]

use std::collections::{HashMap, HashSet};

use super::carriageways::Junction;
use super::legs::{Leg, Legs};
use super::pieces::Pieces;
use super::restrictions::Restriction;
use super::streets::{Exit, STRAIGHT, Streets};
use super::waits::wait_s;
use crate::file::{Arc, NONE};
use crate::rules::node::Obstacle;
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
    pub(super) streets: &'j Streets<'j>,
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
    let edge = |at: u32, beside: u32, of: fn(Leg) -> u32| {
        let edge = of(junctions.legs.at(junctions.streets.end_beside(at, beside)?));
        (edge != NONE).then_some(edge)
    };
    let mut edges = vec![edge(nodes[1], nodes[0], |leg| leg.incoming)?];
    let last = nodes.len() - 2;
    for at in 1..last {
        if junctions.is_junction[nodes[at] as usize] {
            edges.push(edge(nodes[at], nodes[at + 1], |leg| leg.outgoing)?);
        }
    }
    let to = edge(nodes[last], nodes[last + 1], |leg| leg.outgoing)?;
    Some((edges, to))
}

impl Turns {
    pub(super) fn of(junctions: &Junctions<'_>) -> Self {
        let chains = Chains::of(junctions);
        let mut found: Vec<(u32, Arc)> = Vec::with_capacity(junctions.edges * 3);
        let mut obstacles = junctions.obstacles;
        for node in 0..junctions.is_junction.len() as u32 {
            let here = obstacles.partition_point(|(other, _)| *other <= node);
            let (present, rest) = obstacles.split_at(here);
            obstacles = rest;
            if junctions.is_junction[node as usize] {
                junction(junctions, node, present, &mut found);
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

/// All turns at one junction but for restrictions over several ways.
fn junction(junctions: &Junctions<'_>, node: u32, obstacles: &[(u32, Obstacle)], found: &mut Vec<(u32, Arc)>) {
    let streets = junctions.streets;
    let ends = streets.pieces.at(node);
    if streets.stretches.is_inner(node) {
        // A ring that was cut somewhere.
        for (at, &by) in ends.iter().enumerate() {
            let wait_ds = streets.stretches.wait_ds(node, by);
            let to = junctions.legs.at(ends[ends.len() - 1 - at]).outgoing;
            let from = junctions.legs.at(by).incoming;
            if from != NONE && to != NONE {
                found.push((from, Arc { to, weight_ds: wait_ds as u16, duration_ds: wait_ds as u16 }));
            }
        }
        return;
    }
    let Junction { shape, hidden } = streets.junction(node);
    for &by in ends {
        let from = junctions.legs.at(by).incoming;
        if from == NONE {
            continue;
        }
        let exits = streets.view(by, &shape, &hidden);
        for (number, exit) in exits.iter().enumerate() {
            let to = junctions.legs.at(exit.end).outgoing;
            if exit.is_allowed && to != NONE {
                let cost = junctions.rules.turn(&turn(streets, by, &exits, number, obstacles));
                found.push((from, Arc { to, weight_ds: cost.weight_ds, duration_ds: cost.duration_ds }));
            }
        }
    }
}

/// The turn of who comes by an end and takes one of the exits seen.
fn turn(streets: &Streets<'_>, by: u32, exits: &[Exit], number: usize, obstacles: &[(u32, Obstacle)]) -> Turn {
    let exit = &exits[number];
    let (from_road, to_road) = (streets.pieces.road(by), streets.pieces.road(exit.end));
    let (is_restricted, enters) =
        (from_road.is_restricted(Pieces::towards(by)), to_road.is_restricted(Pieces::away(exit.end)));
    let is_u_turn = exit.is_u_turn();
    // Who turns into the other carriageway of the street does not see it as a road of its own.
    let roads = exits.len() - usize::from(is_u_turn && number > 0);
    Turn {
        angle: STRAIGHT - exit.angle,
        roads,
        is_u_turn,
        changes_mode: from_road.is_ferry() != to_road.is_ferry(),
        touches_roundabout: from_road.is_roundabout() || to_road.is_roundabout(),
        enters_restricted: enters && !is_restricted,
        side: if from_road.is_left() { Side::Left } else { Side::Right },
        waits_s: wait_s(obstacles, &streets.passing(by, exit.end, roads, exits)),
    }
}
