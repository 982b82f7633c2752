//! The nearest nodes of each node, in both directions.
#![expect(clippy::indexing_slicing, reason = "nodes are below `count` and lists have `size` cells by construction")]

use crate::model::Model;
use crate::pace::Pace;

pub(crate) struct Neighbors {
    pub(crate) size: usize,
    onward: Vec<u32>,
    back: Vec<u32>,
}

impl Neighbors {
    /// The `size` cheapest arcs out of and into each node, by `key`; `None` where the time ran out.
    ///
    /// One pass over the matrix, rows first: O(n²) comparisons, and an insertion only where a list improves.
    pub(crate) fn of(model: &Model, size: usize, pace: &Pace<'_>, key: impl Fn(usize, usize) -> u32) -> Option<Self> {
        let count = model.count;
        let size = size.min(count.saturating_sub(2)).max(1);
        let mut back: Vec<(u32, u32)> = vec![(u32::MAX, 0); count * size];
        let mut onward = vec![0; count * size];
        let mut row: Vec<(u32, u32)> = Vec::with_capacity(size);
        for from in 0..count - 1 {
            if from % 16 == 0 && pace.is_over() {
                return None;
            }
            row.clear();
            row.resize(size, (u32::MAX, 0));
            for to in (1..count).filter(|&to| to != from) {
                let key = key(from, to);
                if key < row[size - 1].0 {
                    insert(&mut row, (key, to as u32));
                }
                if key < back[(to + 1) * size - 1].0 {
                    insert(&mut back[to * size..(to + 1) * size], (key, from as u32));
                }
            }
            fill(&mut onward[from * size..(from + 1) * size], &row);
        }
        let mut into = vec![0; count * size];
        for to in 1..count {
            fill(&mut into[to * size..(to + 1) * size], &back[to * size..(to + 1) * size]);
        }
        Some(Self { size, onward, back: into })
    }

    /// Orders each list by the cost of its arcs.
    pub(crate) fn sort_by_cost(&mut self, model: &Model) {
        for (from, list) in self.onward.chunks_mut(self.size).enumerate() {
            list.sort_by_key(|&to| model.arc(from, to as usize));
        }
        for (to, list) in self.back.chunks_mut(self.size).enumerate() {
            list.sort_by_key(|&from| model.arc(from as usize, to));
        }
    }

    /// Where to go from a node, nearest first. Not for the last node.
    #[inline]
    pub(crate) fn onward(&self, node: usize, rank: usize) -> usize {
        self.onward[node * self.size + rank] as usize
    }

    /// Where to come from, nearest first. Not for node 0.
    #[inline]
    pub(crate) fn back(&self, node: usize, rank: usize) -> usize {
        self.back[node * self.size + rank] as usize
    }
}

fn insert(list: &mut [(u32, u32)], item: (u32, u32)) {
    let mut at = list.len() - 1;
    while at > 0 && list[at - 1].0 > item.0 {
        list[at] = list[at - 1];
        at -= 1;
    }
    list[at] = item;
}

/// Lists that are not full repeat their nearest.
fn fill(target: &mut [u32], list: &[(u32, u32)]) {
    for (cell, &(key, node)) in target.iter_mut().zip(list) {
        *cell = if key == u32::MAX { list[0].1 } else { node };
    }
}
