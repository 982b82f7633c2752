//! The nearest nodes of each node, in both directions.
#![expect(clippy::indexing_slicing, reason = "nodes are below `count` and lists have `size` cells by construction")]

use crate::model::Model;
use crate::pace::Pace;

pub(crate) struct Neighbors {
    pub(crate) size: usize,
    onward: Vec<Near>,
    back: Vec<Near>,
}

/// A near node and the cost of the arc to or from it: side by side, since the cost alone tells most nodes apart from those
/// worth a look, and the matrix is far away.
#[derive(Clone, Copy, Default)]
struct Near {
    node: u32,
    cost: u32,
}

impl Neighbors {
    /// The `size` cheapest arcs out of and into each node, by `key`; `None` where the time ran out.
    ///
    /// One pass over the matrix, rows first: O(n²) comparisons, and an insertion only where a list improves.
    pub(crate) fn of(model: &Model, size: usize, pace: &Pace<'_>, key: impl Fn(usize, usize) -> u32) -> Option<Self> {
        let count = model.count;
        let size = size.min(count.saturating_sub(2)).max(1);
        let mut back: Vec<(u32, u32)> = vec![(u32::MAX, 0); count * size];
        let mut onward = vec![Near::default(); count * size];
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
            fill(&mut onward[from * size..(from + 1) * size], &row, |to| model.arc(from, to) as u32);
        }
        let mut into = vec![Near::default(); count * size];
        for to in 1..count {
            let list = &back[to * size..(to + 1) * size];
            fill(&mut into[to * size..(to + 1) * size], list, |from| model.arc(from, to) as u32);
        }
        Some(Self { size, onward, back: into })
    }

    /// Orders each list by the cost of its arcs.
    pub(crate) fn sort_by_cost(&mut self) {
        for list in self.onward.chunks_mut(self.size).chain(self.back.chunks_mut(self.size)) {
            list.sort_by_key(|near| near.cost);
        }
    }

    /// Where to go from a node and what it costs, nearest first. Not for the last node.
    #[inline]
    pub(crate) fn onward(&self, node: usize) -> impl Iterator<Item = (usize, i64)> {
        self.onward[node * self.size..(node + 1) * self.size].iter().map(Near::get)
    }

    /// Where to come from and what it costs, nearest first. Not for node 0.
    #[inline]
    pub(crate) fn back(&self, node: usize) -> impl Iterator<Item = (usize, i64)> {
        self.back[node * self.size..(node + 1) * self.size].iter().map(Near::get)
    }
}

impl Near {
    #[inline]
    fn get(&self) -> (usize, i64) {
        (self.node as usize, i64::from(self.cost))
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
fn fill(target: &mut [Near], list: &[(u32, u32)], cost: impl Fn(usize) -> u32) {
    for (cell, &(key, node)) in target.iter_mut().zip(list) {
        let node = if key == u32::MAX { list[0].1 } else { node };
        *cell = Near { node, cost: cost(node as usize) };
    }
}
