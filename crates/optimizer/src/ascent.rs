//! Prices that make the cheapest 1-tree cost nearly as much as the best tour, and the lower bound they prove.
//!
//! Source: M. Held, R. M. Karp, "The traveling-salesman problem and minimum spanning trees: part II", Mathematical
//! Programming 1 (1971); step lengths after M. Held, P. Wolfe, H. P. Crowder, "Validation of subgradient optimization",
//! Mathematical Programming 6 (1974). For arcs each node has two prices, one for leaving and one for reaching it.
#![expect(clippy::indexing_slicing, reason = "prices and degrees have one cell for each node")]

use crate::assignment::Assignment;
use crate::one_tree::{Arcs, OneTree, PARTS, Pairs, Prices};
use crate::pace::Pace;
use std::time::Duration;

/// How many arcs out of and into each node the trees are made of at first.
const NEAREST: usize = 6;
/// The first step, as a part of what leads to the known tour in the best of cases.
const FIRST_STEP: f64 = 2.0;
/// How a step shrinks when so many in a row bring nothing: the more nodes, the fewer trees there is time for.
const fn patience(count: usize) -> (u32, f64) {
    if count <= MOST_PATIENT { (12, 0.85) } else { (8, 0.7) }
}
const MOST_PATIENT: usize = 300;
/// Steps shorter than this are not worth it.
const LAST_STEP: f64 = 0.002;
/// The part of the last direction that the next one keeps.
const MOMENTUM: f64 = 0.3;
/// Up to so many nodes an assignment is tried: O(n³).
const MOST_ASSIGNED: usize = 450;
/// The shortest budget for which it is worth it, per triple of nodes: about ten times what it takes.
const ASSIGNMENT_NANOS: u64 = 20;
/// What a proof takes, per pair of nodes; kept back so that no ascent is in vain.
const PROOF_NANOS: u64 = 10;

/// An ascent: it can be gone on with, and is valid whenever it stops.
pub(crate) struct Ascent<'m> {
    arcs: Arcs<'m>,
    pairs: Pairs,
    tree: OneTree,
    /// Those of the best tree so far; a search may look for near arcs under them.
    pub(crate) prices: Prices,
    /// What that tree costs over the pairs, in parts.
    value: i64,
    /// What a tree over all pairs is known to cost at least, in parts.
    proven: i64,
    step: f64,
}

impl<'m> Ascent<'m> {
    /// `None` for fewer than three nodes and where the time ran out. O(n²).
    pub(crate) fn begin(arcs: Arcs<'m>, pace: &Pace<'_>) -> Option<Self> {
        let count = arcs.count();
        if count < 3 {
            return None;
        }
        let pairs = Pairs::nearest(&arcs, NEAREST, pace)?;
        let mut ascent = Self {
            arcs,
            pairs,
            tree: OneTree::new(count),
            prices: Prices::none(count),
            value: i64::MIN,
            proven: i64::MIN,
            step: FIRST_STEP,
        };
        ascent.prove(pace)?;
        ascent.try_assignment(pace);
        Some(ascent)
    }

    /// Begins with the prices of an assignment where those prove more.
    fn try_assignment(&mut self, pace: &Pace<'_>) {
        let count = self.arcs.count();
        if count > MOST_ASSIGNED || !pace.allows(Duration::from_nanos(ASSIGNMENT_NANOS * (count as u64).pow(3))) {
            return;
        }
        let arc = |from, to| (from != to).then(|| i64::from(self.arcs.cost(from, to)));
        let Some(assignment) = Assignment::of(count, arc, pace) else { return };
        let in_parts = |mut worths: Vec<i64>| {
            // Node 0 is always left and reached once: its worths change nothing.
            worths.iter_mut().take(1).for_each(|worth| *worth = 0);
            worths.into_iter().map(|worth| -worth * PARTS).collect()
        };
        let prices = Prices { leave: in_parts(assignment.row), reach: in_parts(assignment.column) };
        let (before, value) = (std::mem::replace(&mut self.prices, prices), self.value);
        if self.prove(pace).is_none() || self.value < value {
            self.prices = before;
            self.value = value;
        }
    }

    /// No tour costs less, in whole units.
    pub(crate) const fn bound(&self) -> u64 {
        // Costs are whole: a tour that costs at least a broken number costs at least the next whole one.
        let whole = self.proven.div_euclid(PARTS) + (self.proven.rem_euclid(PARTS) > 0) as i64;
        if whole > 0 { whole as u64 } else { 0 }
    }

    /// Goes on for at most so many trees, then proves the bound; `false` where nothing more is to be gained or the time ran
    /// out. `upper`: what the best known tour costs.
    pub(crate) fn climb(&mut self, upper: u64, trees: u64, pace: &Pace<'_>) -> bool {
        if self.bound() >= upper || self.step < LAST_STEP {
            return false;
        }
        let climbing = pace.reserving(Duration::from_nanos(PROOF_NANOS * (self.arcs.count() as u64).pow(2)));
        let upper = upper as f64 * PARTS as f64;
        let count = self.arcs.count();
        let mut prices = self.prices.clone();
        let (mut leave, mut reach) = (vec![0.0; count], vec![0.0; count]);
        let (patience, shrinking) = patience(count);
        let mut in_vain = 0;
        let mut is_at_end = false;
        for round in 0..trees {
            if round % 4 == 0 && climbing.is_over() {
                is_at_end = true;
                break;
            }
            let Some(value) = self.tree.build(&self.arcs, &self.pairs, &prices) else { return false };
            in_vain =
                if (value as f64) > self.value as f64 + 1e-4 * (upper - self.value as f64) { 0 } else { in_vain + 1 };
            if value > self.value {
                self.value = value;
                self.prices.clone_from(&prices);
            }
            if in_vain > patience {
                self.step *= shrinking;
                in_vain = 0;
                prices.clone_from(&self.prices);
                if self.step < LAST_STEP {
                    break;
                }
            }
            let norm = self.turn(&mut leave, &mut reach);
            if norm <= 0.0 || value as f64 >= upper {
                // The tree is a tour or proves the known one, unless pairs are missing.
                is_at_end = true;
                break;
            }
            let length = self.step * (upper - value as f64) / norm;
            for node in 1..count {
                prices.leave[node] = moved(prices.leave[node], length * leave[node]);
                prices.reach[node] = moved(prices.reach[node], length * reach[node]);
            }
        }
        let has_more_pairs = self.prove(pace);
        has_more_pairs.is_some_and(|has_more| has_more || !is_at_end)
    }

    /// Adds to a direction how far the degrees of the last tree are from one; returns the larger of the squared lengths of
    /// what was added and of the sum.
    fn turn(&self, leave: &mut [f64], reach: &mut [f64]) -> f64 {
        let (mut own, mut all) = (0.0_f64, 0.0_f64);
        for node in 1..self.arcs.count() {
            let mut out = f64::from(self.tree.leaving[node]) - 1.0;
            let mut into = f64::from(self.tree.reaching[node]) - 1.0;
            if self.arcs.is_symmetric() {
                // Which way a pair is joined means nothing there.
                out = f64::midpoint(out, into);
                into = out;
            }
            own += out * out + into * into;
            leave[node] = out + MOMENTUM * leave[node];
            reach[node] = into + MOMENTUM * reach[node];
            all += leave[node] * leave[node] + reach[node] * reach[node];
        }
        if own > 0.0 { own.max(all) } else { 0.0 }
    }

    /// Sets what the present prices prove over all pairs and adds those that were missing; whether there were any, or `None`
    /// where the time ran out.
    fn prove(&mut self, pace: &Pace<'_>) -> Option<bool> {
        let value = self.tree.build_of_all(&self.arcs, &self.prices, pace)?;
        self.proven = self.proven.max(value);
        self.value = value;
        Some(self.pairs.add(&self.arcs, &self.tree))
    }
}

/// Far beyond what helps, so that sums never overflow.
const FARTHEST: f64 = (1_i64 << 42) as f64;

fn moved(price: i64, by: f64) -> i64 {
    (price as f64 + by).clamp(-FARTHEST, FARTHEST).round() as i64
}
