//! How different the members of a population still are.
#![expect(
    clippy::indexing_slicing,
    reason = "cells are masked to the length of the table, counts clamped to the terms"
)]

use crate::assembly::Child;
use crate::member::Member;

/// How often each edge occurs in a population, either way round.
///
/// Edges share cells where their hashes meet: counts may be too high, which blurs a choice and never a path.
pub(crate) struct Diversity {
    counts: Vec<u16>,
    /// Per count what an edge contributes to the entropy, negative.
    terms: Vec<f64>,
}

impl Diversity {
    pub(crate) fn of(members: &[Member]) -> Self {
        let nodes = members.first().map_or(0, |member| member.order.len());
        let size = members.len() as f64;
        let term = |count: usize| if count == 0 { 0.0 } else { count as f64 / size * (count as f64 / size).ln() };
        let mut diversity =
            Self { counts: vec![0; (16 * nodes).next_power_of_two()], terms: (0..=members.len()).map(term).collect() };
        for member in members {
            for pair in member.order.windows(2) {
                *diversity.cell(pair[0], pair[1]) += 1;
            }
        }
        diversity
    }

    fn index(&self, a: u32, b: u32) -> usize {
        let pair = u64::from(a.min(b)) << 32 | u64::from(a.max(b));
        let hash = pair.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (hash >> 32) as usize & (self.counts.len() - 1)
    }

    fn cell(&mut self, a: u32, b: u32) -> &mut u16 {
        let index = self.index(a, b);
        &mut self.counts[index]
    }

    fn term(&self, count: usize) -> f64 {
        self.terms[count.min(self.terms.len() - 1)]
    }

    /// What the population's entropy rises by if a child takes the place of its first parent.
    pub(crate) fn change(&self, child: &Child) -> f64 {
        let count = |&(a, b): &(u32, u32)| usize::from(self.counts[self.index(a, b)]);
        let removed =
            child.removed.iter().map(count).map(|count| self.term(count) - self.term(count.saturating_sub(1)));
        let added = child.added.iter().map(count).map(|count| self.term(count) - self.term(count + 1));
        removed.sum::<f64>() + added.sum::<f64>()
    }

    /// A child takes the place of its first parent.
    pub(crate) fn replace(&mut self, child: &Child) {
        for &(a, b) in &child.added {
            *self.cell(a, b) += 1;
        }
        for &(a, b) in &child.removed {
            *self.cell(a, b) -= 1;
        }
    }
}
