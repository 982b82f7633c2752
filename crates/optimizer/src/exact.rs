//! Dynamic programming over subsets, without windows.
//!
//! Source: M. Held, R. M. Karp, "A dynamic programming approach to sequencing problems", J. SIAM 10 (1962).
#![expect(clippy::indexing_slicing, reason = "the table has a cell for every subset and last node")]

use crate::pace::Pace;
use std::ops::Add;

/// What is added up and compared: the objective, its tie-break and the places of important visits in one number.
pub(crate) trait Total: Copy + Ord + Add<Output = Self> {
    /// More than any path, small enough that two of them can be added.
    const NEVER: Self;

    fn times(self, factor: u32) -> Self;
}

impl Total for u64 {
    const NEVER: Self = u64::MAX / 4;

    fn times(self, factor: u32) -> Self {
        self * Self::from(factor)
    }
}

impl Total for u128 {
    const NEVER: Self = u128::MAX / 4;

    fn times(self, factor: u32) -> Self {
        self * Self::from(factor)
    }
}

/// Up to 20 nodes between two ends. `NEVER` marks what cannot be driven.
pub(crate) struct Small<T> {
    pub(crate) count: usize,
    /// From the start to each node.
    pub(crate) from_start: Vec<T>,
    /// Between nodes, row by row.
    pub(crate) between: Vec<T>,
    /// From each node to the end.
    pub(crate) to_end: Vec<T>,
    /// What being `k`-th costs is `k` times this, `k` from 1.
    pub(crate) per_place: Vec<T>,
    /// What one unit of the objective counts.
    pub(crate) unit: T,
    /// What serving a node is worth; a larger sum beats any cost.
    pub(crate) worth: Vec<u64>,
}

/// The best order of the best subset of nodes; empty where no node can be served. `None` where the time ran out.
///
/// O(2ⁿ n²) time, O(2ⁿ n) memory.
pub(crate) fn best_order<T: Total>(small: &Small<T>, pace: &Pace<'_>) -> Option<Vec<usize>> {
    let count = small.count;
    let mut table = vec![T::NEVER; (1 << count) * count];
    let mut best: Option<(u64, T, usize, usize)> = None;
    let full = (1_usize << count) - 1;
    for set in 1..=full {
        if set % 1024 == 0 && pace.is_over() {
            return None;
        }
        let place = set.count_ones();
        let worth: u64 = members(set).map(|node| small.worth[node]).sum();
        for node in members(set) {
            let rest = set & !(1 << node);
            let mut least = if rest == 0 { small.from_start[node] } else { T::NEVER };
            for previous in members(rest) {
                least = least.min(table[rest * count + previous] + small.between[previous * count + node]);
            }
            if least >= T::NEVER {
                continue;
            }
            let least = least + small.per_place[node].times(place);
            table[set * count + node] = least;
            let total = least + small.to_end[node];
            if total < T::NEVER {
                let is_better = best.is_none_or(|(best_worth, best_total, ..)| {
                    worth > best_worth || (worth == best_worth && total < best_total)
                });
                if is_better {
                    best = Some((worth, total, set, node));
                }
            }
        }
    }
    let Some((.., mut set, mut node)) = best else {
        return Some(Vec::new());
    };
    let mut order = vec![node];
    while set & !(1 << node) != 0 {
        let rest = set & !(1 << node);
        let reached = table[set * count + node];
        let own = small.per_place[node].times(set.count_ones());
        let previous = members(rest).find(|&previous| {
            table[rest * count + previous] + small.between[previous * count + node] + own == reached
        })?;
        order.push(previous);
        (set, node) = (rest, previous);
    }
    order.reverse();
    Some(order)
}

/// The nodes of a set, ascending.
pub(crate) fn members(set: usize) -> impl Iterator<Item = usize> {
    let mut left = set;
    std::iter::from_fn(move || {
        let node = left.trailing_zeros() as usize;
        (left != 0).then(|| {
            left &= left - 1;
            node
        })
    })
}
