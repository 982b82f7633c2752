//! The assignment bound of a path: everybody but the last has one successor, everybody but the first one predecessor.
//!
//! Source: H. W. Kuhn, "The Hungarian method for the assignment problem", Naval Research Logistics Quarterly 2 (1955), by
//! shortest augmenting paths (R. Jonker, A. Volgenant, Computing 38, 1987).
#![expect(clippy::indexing_slicing, reason = "rows and columns are below `count`")]

use crate::pace::Pace;

/// A least assignment's total and its duals: no arc costs less than its row plus its column.
pub(crate) struct Assignment {
    pub(crate) total: i64,
    /// Per node: of the arc out of it. Nothing for the last.
    pub(crate) row: Vec<i64>,
    /// Per node: of the arc into it. Nothing for the first.
    pub(crate) column: Vec<i64>,
}

const FREE: usize = usize::MAX;

impl Assignment {
    /// `arcs`: row by row, `None` where an arc is not allowed. `None` where there is no assignment or the time ran out.
    /// O(n³).
    pub(crate) fn of(count: usize, arcs: &[Option<i64>], pace: &Pace<'_>) -> Option<Self> {
        let (mut row, mut column) = (vec![0; count], vec![0; count]);
        // Column → its row.
        let mut taken = vec![FREE; count];
        for start in 0..count - 1 {
            if pace.is_over() {
                return None;
            }
            let mut distance = vec![i64::MAX; count];
            let mut previous = vec![0; count];
            let mut is_done = vec![false; count];
            // Column 0 is nobody's: it stands for the row that is being assigned.
            taken[0] = start;
            let mut here = 0;
            loop {
                is_done[here] = true;
                let from = taken[here];
                let base = if here == 0 { 0 } else { distance[here] };
                let mut nearest: Option<(i64, usize)> = None;
                for to in (1..count).filter(|&to| !is_done[to]) {
                    if let Some(cost) = arcs[from * count + to] {
                        let way = base + cost - row[from] - column[to];
                        if way < distance[to] {
                            (distance[to], previous[to]) = (way, here);
                        }
                    }
                    if distance[to] < i64::MAX && nearest.is_none_or(|(least, _)| distance[to] < least) {
                        nearest = Some((distance[to], to));
                    }
                }
                let (_, next) = nearest?;
                here = next;
                if taken[here] == FREE {
                    break;
                }
            }
            let length = distance[here];
            for to in 0..count {
                if is_done[to] {
                    let shift = if to == 0 { length } else { length - distance[to] };
                    row[taken[to]] += shift;
                    if to != 0 {
                        column[to] -= shift;
                    }
                }
            }
            while here != 0 {
                taken[here] = taken[previous[here]];
                here = previous[here];
            }
        }
        let total = row.iter().sum::<i64>() + column.iter().sum::<i64>();
        Some(Self { total, row, column })
    }
}
