//! The assignment problem: each row takes a column of its own, at the least cost in all.
//!
//! Source: H. W. Kuhn, "The Hungarian method for the assignment problem", Naval Research Logistics Quarterly 2 (1955), by
//! shortest augmenting paths (R. Jonker, A. Volgenant, "A shortest augmenting path algorithm for dense and sparse linear
//! assignment problems", Computing 38 (1987); without its initialisation).
#![expect(clippy::indexing_slicing, reason = "rows and columns are below `count`")]

use crate::pace::Pace;

/// What rows and columns of a least assignment are worth: no cell costs less than its row and its column together, and those
/// of the assignment cost just that.
pub(crate) struct Assignment {
    pub(crate) row: Vec<i64>,
    pub(crate) column: Vec<i64>,
}

impl Assignment {
    /// `cost`: of a row and a column, `None` where they may not go together. `None` where there is no assignment or the time
    /// ran out. O(n³).
    pub(crate) fn of(count: usize, cost: impl Fn(usize, usize) -> Option<i64>, pace: &Pace<'_>) -> Option<Self> {
        let (mut row, mut column) = (vec![0; count], vec![0; count]);
        let mut row_of: Vec<Option<usize>> = vec![None; count];
        // Column `count` stands for the row that is being assigned.
        let mut came_from = vec![count; count];
        let (mut distance, mut is_done) = (vec![0_i64; count], vec![false; count]);
        for first in 0..count {
            if pace.is_over() {
                return None;
            }
            distance.fill(i64::MAX);
            is_done.fill(false);
            let (mut from, mut here, mut length) = (first, count, 0);
            let end = loop {
                let mut nearest: Option<(i64, usize)> = None;
                for to in (0..count).filter(|&to| !is_done[to]) {
                    if let Some(cost) = cost(from, to) {
                        let way = length + cost - row[from] - column[to];
                        if way < distance[to] {
                            (distance[to], came_from[to]) = (way, here);
                        }
                    }
                    if distance[to] < i64::MAX && nearest.is_none_or(|nearest| (distance[to], to) < nearest) {
                        nearest = Some((distance[to], to));
                    }
                }
                (length, here) = nearest?;
                is_done[here] = true;
                match row_of[here] {
                    Some(next) => from = next,
                    None => break here,
                }
            };
            // The worths along the ways looked at, so that the assigned cells go on costing nothing more.
            row[first] += length;
            for done in (0..count).filter(|&done| is_done[done] && done != end) {
                column[done] -= length - distance[done];
                if let Some(other) = row_of[done] {
                    row[other] += length - distance[done];
                }
            }
            let mut here = end;
            while here < count {
                let before = came_from[here];
                row_of[here] = if before < count { row_of[before] } else { Some(first) };
                here = before;
            }
        }
        Some(Self { row, column })
    }

    /// What the assignment costs.
    pub(crate) fn total(&self) -> i64 {
        self.row.iter().chain(&self.column).sum()
    }
}
