//! A last look at every 2-opt, or-opt and or-3opt move, near nodes or not.

use crate::descent::descend;
use crate::model::Model;
use crate::neighbors::Neighbors;
use crate::pace::Pace;
use crate::path::{Move, Path, Turn};

/// The longest segment that is looked at turned around elsewhere, in nodes.
const LONGEST_TURNED: usize = 3;

/// Improves a path until no reversal of a segment, no exchange of two neighbouring segments and no short segment turned
/// around elsewhere helps, or the time is over.
///
/// O(n²) where the path is already good: an exchange is found from that of its three arcs from which all partial gains are
/// positive (S. Lin, B. Kernighan, "An effective heuristic algorithm for the traveling-salesman problem", 1973), which
/// few arcs to farther nodes are.
pub(crate) fn polish(model: &Model, neighbors: &Neighbors, order: Vec<u32>, pace: &Pace<'_>) -> Vec<u32> {
    let mut path = Path::new(model, order, true);
    let count = path.count();
    // Positions looked at since the last improvement.
    let mut in_vain = 0;
    let mut position = 0;
    while in_vain + 1 < count && !pace.is_over() {
        match find_move(&path, position) {
            Some(step) => {
                path.apply(step);
                descend(&mut path, neighbors, || pace.is_over());
                path.commit();
                in_vain = 0;
            }
            None => {
                in_vain += 1;
                position = (position + 1) % (count - 1);
            }
        }
    }
    path.order().to_vec()
}

/// An improving move that removes the arc behind position `i` first.
fn find_move(path: &Path<'_>, i: usize) -> Option<Move> {
    find_reversal(path, i).or_else(|| find_exchange(path, i)).or_else(|| find_turned(path, i))
}

fn find_reversal(path: &Path<'_>, i: usize) -> Option<Move> {
    let (a, b) = (path.at(i), path.at(i + 1));
    let removed = path.arc(a, b);
    let improves = |j: usize| {
        let (c, d) = (path.at(j), path.at(j + 1));
        path.arc(a, c) + path.arc(b, d) + path.reversal_skew(i + 1, j) < removed + path.arc(c, d)
    };
    (i + 2..path.count() - 1).find(|&j| improves(j)).map(|j| Move::reversal(i + 1, j))
}

/// An exchange whose gains are positive from the arc behind position `i` on.
fn find_exchange(path: &Path<'_>, i: usize) -> Option<Move> {
    let last = path.count() - 1;
    let (a, b) = (path.at(i), path.at(i + 1));
    for c in 1..=last {
        let gain = path.arc(a, b) - path.arc(a, c);
        if gain <= 0 || c == a || c == b {
            continue;
        }
        let j = path.position(c);
        let p = path.at(j - 1);
        let gain = gain + path.arc(p, c);
        // The third arc e → f, of which p → f and e → b are left when it is gone.
        let improves = |k: usize| {
            let (e, f) = (path.at(k), path.at(k + 1));
            gain + path.arc(e, f) - path.arc(p, f) - path.arc(e, b) > 0
        };
        if j > i + 1 {
            // a | b..p | c..e | f
            if let Some(k) = (j..last).find(|&k| improves(k)) {
                return Some(Move::exchange(i + 1, j - 1, k));
            }
            // e | f..a | b..p | c
            if let Some(k) = (0..i).find(|&k| improves(k)) {
                return Some(Move::exchange(k + 1, i, j - 1));
            }
        } else if let Some(k) = (j..i).find(|&k| improves(k)) {
            // p | c..e | f..a | b
            return Some(Move::exchange(j, k, i));
        }
    }
    None
}

/// A short segment behind position `i`, turned around elsewhere.
fn find_turned(path: &Path<'_>, i: usize) -> Option<Move> {
    let last = path.count() - 1;
    let first = i + 1;
    for end in first + 1..(first + LONGEST_TURNED).min(last) {
        let (before, head, tail, after) = (path.at(i), path.at(first), path.at(end), path.at(end + 1));
        let gain =
            path.arc(before, head) + path.arc(tail, after) - path.arc(before, after) - path.reversal_skew(first, end);
        let improves = |target: usize| {
            let (c, d) = (path.at(target), path.at(target + 1));
            path.arc(c, tail) + path.arc(head, d) - path.arc(c, d) < gain
        };
        if let Some(target) = (0..i).find(|&target| improves(target)) {
            return Some(Move { turn: Turn::Right, ..Move::exchange(target + 1, i, end) });
        }
        if let Some(target) = (end + 1..last).find(|&target| improves(target)) {
            return Some(Move { turn: Turn::Left, ..Move::exchange(first, end, target) });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::{Budget, CostTable, ProblemBuilder, Terminal, Vehicle, Visit, solve};
    use routemate_units::{Meters, Seconds};

    /// Costs of a plane with one-way detours, from a seed.
    fn table(count: usize, seed: u64) -> Vec<Vec<i64>> {
        let mut random = crate::random::Random::from_seed(seed);
        let points: Vec<(f64, f64)> = (0..count).map(|_| (900.0 * random.unit(), 900.0 * random.unit())).collect();
        let mut detour = || 1.0 + 0.3 * random.unit();
        let apart = |a: (f64, f64), b: (f64, f64)| (a.0 - b.0).hypot(a.1 - b.1);
        points.iter().map(|&a| points.iter().map(|&b| (apart(a, b) * detour()) as i64).collect()).collect()
    }

    fn cost(table: &[Vec<i64>], order: &[usize]) -> i64 {
        order.windows(2).map(|pair| table[pair[0]][pair[1]]).sum()
    }

    #[track_caller]
    fn check(count: usize, seed: u64, rounds: u64) {
        let table = table(count, seed);
        let costs = CostTable::from_fn(count, |a, b| Some((Seconds::new(table[a][b] as u32), Meters::ZERO)));
        let mut builder = ProblemBuilder::new(&costs);
        let visits: Vec<_> = (0..count).map(|at| builder.visit(Visit::at(at))).collect();
        let ends = Vehicle::new().with_start(Terminal::Visit(visits[0])).with_end(Terminal::Visit(visits[count - 1]));
        builder.vehicle(ends);
        let problem = builder.build().unwrap();
        let solution = solve(&problem, &Budget::of_iterations(rounds), seed);
        let order: Vec<usize> = solution.tours[0].visits().map(|visit| visit.index()).collect();
        let found = cost(&table, &order);
        for first in 1..count - 1 {
            for last in first..count - 1 {
                let mut other = order.clone();
                other[first..=last].reverse();
                assert!(cost(&table, &other) >= found, "2-opt {first}..={last}");
                for middle in first..last {
                    let mut other = order.clone();
                    other[first..=last].rotate_left(middle + 1 - first);
                    assert!(cost(&table, &other) >= found, "or-3opt {first}..={middle}..={last}");
                    let (left, right) = (last - middle, middle + 1 - first);
                    if left <= 3 {
                        other[first..first + left].reverse();
                        assert!(cost(&table, &other) >= found, "or-opt, turned, back from {middle}");
                        other[first..first + left].reverse();
                    }
                    if right <= 3 {
                        other[first + left..=last].reverse();
                        assert!(cost(&table, &other) >= found, "or-opt, turned, on from {first}");
                    }
                }
            }
        }
    }

    #[test]
    fn no_move_improves_the_answer() {
        for seed in 1..=6 {
            check(60, seed, 1);
            check(40, seed, 2_000);
        }
    }
}
