//! The assignment problem: each node is left once and reached once, whether or not that makes one tour.
//!
//! Source: R. Jonker, A. Volgenant, "A shortest augmenting path algorithm for dense and sparse linear assignment problems",
//! Computing 38 (1987); without its initialisation.
#![expect(clippy::indexing_slicing, reason = "rows, columns and nodes are below `count`")]

use crate::one_tree::{Arcs, PARTS, Prices};
use crate::pace::Pace;

/// Prices under which no arc costs less than nothing and a cheapest assignment costs just nothing, so that every tour costs
/// at least what the prices gave away; `None` where the time ran out. O(n³).
pub(crate) fn assignment_prices(arcs: &Arcs<'_>, pace: &Pace<'_>) -> Option<Prices> {
    let count = arcs.count();
    // Worth of rows (leaving) and columns (reaching); column `count` stands for the row that is being assigned.
    let (mut leave, mut reach) = (vec![0_i64; count], vec![0_i64; count]);
    let mut row_of: Vec<Option<usize>> = vec![None; count];
    let mut came_from = vec![count; count];
    let (mut distance, mut is_done) = (vec![0_i64; count], vec![false; count]);
    for first in 0..count {
        if pace.is_over() {
            return None;
        }
        distance.fill(i64::MAX);
        is_done.fill(false);
        let (mut row, mut column, mut length) = (first, count, 0);
        let end = loop {
            let mut nearest = (i64::MAX, count);
            for to in (0..count).filter(|&to| !is_done[to]) {
                if to != row {
                    let through = length + i64::from(arcs.cost(row, to)) - leave[row] - reach[to];
                    if through < distance[to] {
                        distance[to] = through;
                        came_from[to] = column;
                    }
                }
                nearest = nearest.min((distance[to], to));
            }
            (length, column) = nearest;
            is_done[column] = true;
            match row_of[column] {
                Some(next) => row = next,
                None => break column,
            }
        };
        // The worths along the ways looked at, so that the assigned arcs go on costing nothing.
        leave[first] += length;
        for done in (0..count).filter(|&done| is_done[done] && done != end) {
            reach[done] -= length - distance[done];
            if let Some(row) = row_of[done] {
                leave[row] += length - distance[done];
            }
        }
        let mut column = end;
        while column < count {
            let before = came_from[column];
            row_of[column] = if before < count { row_of[before] } else { Some(first) };
            column = before;
        }
    }
    // Node 0 is always left and reached once: its worths change nothing.
    (leave[0], reach[0]) = (0, 0);
    let in_parts = |worths: Vec<i64>| worths.into_iter().map(|worth| -worth * PARTS).collect();
    Some(Prices { leave: in_parts(leave), reach: in_parts(reach) })
}
