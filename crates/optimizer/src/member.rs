//! One path of a population.
#![expect(clippy::indexing_slicing, reason = "nodes and positions are below `count` by construction")]

use crate::model::Model;

pub(crate) struct Member {
    pub(crate) order: Vec<u32>,
    pub(crate) position: Vec<u32>,
    /// Per position: what all arcs up to it cost more when driven the other way. Empty on symmetric costs.
    pub(crate) skew: Vec<i64>,
    pub(crate) cost: i64,
}

impl Member {
    pub(crate) fn new(model: &Model, order: Vec<u32>) -> Self {
        let count = order.len();
        let skewed = if model.is_symmetric { 0 } else { count };
        let mut member = Self { order, position: vec![0; count], skew: vec![0; skewed], cost: 0 };
        member.measure(model);
        member
    }

    /// Reads positions and cost from the order anew. O(n).
    pub(crate) fn measure(&mut self, model: &Model) {
        for (at, &node) in self.order.iter().enumerate() {
            self.position[node as usize] = at as u32;
        }
        let arc = |a: u32, b: u32| model.arc(a as usize, b as usize);
        self.cost = self.order.windows(2).map(|pair| arc(pair[0], pair[1])).sum();
        if !self.skew.is_empty() {
            let last = self.order.len() - 1;
            let mut sum = 0;
            // The arcs at both ends are never turned around.
            for at in 2..last {
                let (a, b) = (self.order[at - 1], self.order[at]);
                sum += arc(b, a) - arc(a, b);
                self.skew[at] = sum;
            }
            self.skew[last] = sum;
        }
    }

    /// What the arcs within positions first..=last cost more when driven the other way.
    #[inline]
    pub(crate) fn reversal_skew(&self, first: usize, last: usize) -> i64 {
        if self.skew.is_empty() { 0 } else { self.skew[last] - self.skew[first] }
    }

    /// Not for the last node.
    #[inline]
    pub(crate) fn after(&self, node: u32) -> u32 {
        self.order[self.position[node as usize] as usize + 1]
    }

    /// Not for the first node.
    #[inline]
    pub(crate) fn before(&self, node: u32) -> u32 {
        self.order[self.position[node as usize] as usize - 1]
    }

    /// Whether two nodes follow each other, either way round.
    #[inline]
    pub(crate) fn has_edge(&self, a: u32, b: u32) -> bool {
        self.position[a as usize].abs_diff(self.position[b as usize]) == 1
    }
}
