//! The contraction hierarchy: edges in order of importance, and arcs that lead to more important ones.
//!
//! Edges are contracted one by one, the least important first: each is taken out of the graph, and where the only best
//! way between two of its neighbours led over it, a shortcut between them takes its place. A query then needs to look
//! at arcs towards more important edges alone, from both ends.
//!
//! Source: R. Geisberger, P. Sanders, D. Schultes, C. Vetter, "Exact Routing in Large Road Networks Using Contraction
//! Hierarchies", Transportation Science 46 (2012).
#![expect(clippy::indexing_slicing, reason = "indices are made here, from the vectors they index")]

mod contract;
mod witness;

use super::turns::Turns;
use crate::file::{Climb, Edge, NONE, Steps};

use contract::{Contraction, Link, TooLong};

/// The sections of a graph file that make its hierarchy.
#[derive(Debug, Default)]
pub(super) struct Hierarchy {
    /// Edges by number in the hierarchy.
    pub(super) order: Vec<u32>,
    /// The other way round.
    pub(super) ranks: Vec<u32>,
    pub(super) steps: Vec<Steps>,
    pub(super) climbs: Vec<Climb>,
    pub(super) middles: Vec<u32>,
}

impl Hierarchy {
    pub(super) fn of(edges: &[Edge], turns: &Turns) -> Result<Self, TooLong> {
        let contraction = Contraction::of(edges, turns)?;
        // By level, and within a level as edges lie on the map: arcs go up, and what is near is near in memory.
        let mut order: Vec<u32> = (0..edges.len() as u32).collect();
        order.sort_by_key(|&edge| (contraction.levels[edge as usize], edge));
        let mut ranks = vec![0; edges.len()];
        for (rank, &edge) in order.iter().enumerate() {
            ranks[edge as usize] = rank as u32;
        }
        let mut hierarchy = Self { steps: Vec::with_capacity(edges.len() + 1), ..Self::default() };
        for &edge in &order {
            let forward = hierarchy.climbs.len() as u32;
            hierarchy.add(&contraction.out[edge as usize], &ranks);
            let backward = hierarchy.climbs.len() as u32;
            hierarchy.add(&contraction.into[edge as usize], &ranks);
            hierarchy.steps.push(Steps { forward, backward });
        }
        let end = hierarchy.climbs.len() as u32;
        hierarchy.steps.push(Steps { forward: end, backward: end });
        Ok(Self { order, ranks, ..hierarchy })
    }

    /// How many arcs are no turns of the graph.
    pub(super) fn shortcuts(&self) -> usize {
        self.middles.iter().filter(|middle| **middle != NONE).count()
    }

    fn add(&mut self, links: &[Link], ranks: &[u32]) {
        let first = self.climbs.len();
        let climb = |link: &Link| Climb {
            to: ranks[link.node as usize],
            weight_ds: link.weight_ds,
            duration_ds: link.duration_ds,
            length_cm: link.length_cm,
        };
        let mut sorted: Vec<_> =
            links.iter().map(|link| (climb(link), ranks.get(link.middle as usize).copied().unwrap_or(NONE))).collect();
        sorted.sort_unstable_by_key(|(climb, _)| climb.to);
        self.climbs.extend(sorted.iter().map(|(climb, _)| *climb));
        self.middles.extend(sorted.iter().map(|(_, middle)| *middle));
        debug_assert!(self.climbs[first..].windows(2).all(|pair| pair[0].to < pair[1].to));
    }
}

#[cfg(test)]
mod tests;
