//! Descent with windows: 2-opt, or-opt and exchanges of neighbouring segments, judged by cost and penalised lateness.
//!
//! The moves and their pruning are those of [`descent`](crate::descent): each adds an arc of a neighbour list, and the gain
//! stays positive on the way. With lateness in the path a move may also begin with a loss, as far as the lateness is worth.

use crate::neighbors::Neighbors;
use crate::path::{Move, Turn};
use crate::timed_path::TimedPath;

/// What lateness counts against cost.
#[derive(Clone, Copy)]
pub(crate) struct Judgement {
    /// Cost of a second of lateness × importance.
    pub(crate) penalty: f64,
}

impl Judgement {
    /// What a path of this cost counts with its lateness.
    pub(crate) fn weigh(self, cost: i64, lateness: u64) -> f64 {
        cost as f64 + self.penalty * lateness as f64
    }

    /// How much dearer a move may make the path and still be worth a look.
    fn allowance(self, path: &TimedPath<'_>) -> i64 {
        // A float-to-int `as` saturates; half the range leaves room to add.
        (self.penalty * path.lateness() as f64).min(i64::MAX as f64 / 4.0) as i64
    }

    /// The most lateness with which a path that costs `delta` more is still better; `None` where none is.
    #[inline]
    pub(crate) fn most_lateness(self, lateness: u64, delta: i64) -> Option<u64> {
        if lateness == 0 && delta >= 0 {
            return None;
        }
        let most = lateness as f64 - (delta as f64 + 0.5) / self.penalty;
        (most >= 0.0).then_some(most as u64)
    }

    #[inline]
    fn accepts(self, path: &TimedPath<'_>, step: Move, delta: i64) -> bool {
        self.most_lateness(path.lateness(), delta).is_some_and(|most| path.lateness_after(step, most).is_some())
    }
}

/// The longest segment that or-opt moves, in nodes.
const LONGEST_SEGMENT: usize = 3;

/// Improves the path around its touched nodes until no move there helps, and returns the change of cost.
///
/// `is_over` is asked at every node; the path is valid whenever it stops.
pub(crate) fn descend(
    path: &mut TimedPath<'_>,
    neighbors: &Neighbors,
    judge: Judgement,
    mut is_over: impl FnMut() -> bool,
) -> i64 {
    let mut change = 0;
    let mut index = 0;
    while let Some(node) = path.take_touched(index) {
        index += 1;
        if is_over() {
            path.forget_touched();
            return change;
        }
        while let Some((step, delta)) = find_at(path, neighbors, judge, node) {
            path.apply(step, delta);
            change += delta;
        }
    }
    change
}

/// The first improving move found at a node, with its cost.
#[inline]
fn find_at(path: &TimedPath<'_>, neighbors: &Neighbors, judge: Judgement, node: usize) -> Option<(Move, i64)> {
    let position = path.position(node);
    let is_first = position == 0;
    let is_last = position + 1 == path.count();
    if !is_last && let Some(found) = find_onward(path, neighbors, judge, node, position) {
        return Some(found);
    }
    if !is_first && let Some(found) = find_back(path, neighbors, judge, node, position) {
        return Some(found);
    }
    if is_first || is_last { None } else { find_segment_move(path, neighbors, judge, position) }
}

/// Replaces the arc out of `a` by one to a near node.
fn find_onward(
    path: &TimedPath<'_>,
    neighbors: &Neighbors,
    judge: Judgement,
    a: usize,
    i: usize,
) -> Option<(Move, i64)> {
    let count = path.count();
    let b = path.at(i + 1);
    let removed = path.arc(a, b);
    let allowance = judge.allowance(path);
    for (c, cost) in neighbors.onward(a) {
        let gain = removed - cost;
        if gain + allowance <= 0 {
            break;
        }
        let j = path.position(c);
        if j > i + 1 {
            if j + 1 < count {
                let next = path.at(j + 1);
                let delta = path.arc(b, next) - path.arc(c, next) - gain + path.reversal_skew(i + 1, j);
                let step = Move::reversal(i + 1, j);
                if judge.accepts(path, step, delta) {
                    return Some((step, delta));
                }
            }
            // a | b..p | c..e | f  →  a c..e b..p f
            let p = path.at(j - 1);
            let gain = gain + path.arc(p, c);
            for (e, cost) in neighbors.back(b) {
                let gain = gain - cost;
                if gain <= 0 {
                    break;
                }
                let k = path.position(e);
                if k >= j && k + 1 < count {
                    let f = path.at(k + 1);
                    let delta = path.arc(p, f) - path.arc(e, f) - gain;
                    let step = Move::exchange(i + 1, j - 1, k);
                    if judge.accepts(path, step, delta) {
                        return Some((step, delta));
                    }
                }
            }
            for (f, cost) in neighbors.onward(p) {
                let gain = gain - cost;
                if gain <= 0 {
                    break;
                }
                let k = path.position(f);
                if k > j {
                    let e = path.at(k - 1);
                    let delta = path.arc(e, b) - path.arc(e, f) - gain;
                    let step = Move::exchange(i + 1, j - 1, k - 1);
                    if judge.accepts(path, step, delta) {
                        return Some((step, delta));
                    }
                }
            }
        } else if j <= i && j > 0 {
            // p | c..x | y..a | b  →  p y..a c..x b
            let p = path.at(j - 1);
            let gain = gain + path.arc(p, c);
            for (y, cost) in neighbors.onward(p) {
                let gain = gain - cost;
                if gain <= 0 {
                    break;
                }
                let k = path.position(y);
                if k > j && k <= i {
                    let x = path.at(k - 1);
                    let delta = path.arc(x, b) - path.arc(x, y) - gain;
                    let step = Move::exchange(j, k - 1, i);
                    if judge.accepts(path, step, delta) {
                        return Some((step, delta));
                    }
                }
            }
            for (x, cost) in neighbors.back(b) {
                let gain = gain - cost;
                if gain <= 0 {
                    break;
                }
                let k = path.position(x);
                if k >= j && k < i {
                    let y = path.at(k + 1);
                    let delta = path.arc(p, y) - path.arc(x, y) - gain;
                    let step = Move::exchange(j, k, i);
                    if judge.accepts(path, step, delta) {
                        return Some((step, delta));
                    }
                }
            }
        }
    }
    None
}

/// Replaces the arc into `v` by one from a near node before it, turning what lies between.
fn find_back(path: &TimedPath<'_>, neighbors: &Neighbors, judge: Judgement, v: usize, i: usize) -> Option<(Move, i64)> {
    let previous = path.at(i - 1);
    let removed = path.arc(previous, v);
    let allowance = judge.allowance(path);
    for (w, cost) in neighbors.back(v) {
        let gain = removed - cost;
        if gain + allowance <= 0 {
            break;
        }
        let j = path.position(w);
        if j > 0 && j + 1 < i {
            let before = path.at(j - 1);
            let delta = path.arc(before, previous) - path.arc(before, w) - gain + path.reversal_skew(j, i - 1);
            let step = Move::reversal(j, i - 1);
            if judge.accepts(path, step, delta) {
                return Some((step, delta));
            }
        }
    }
    None
}

/// Moves a short segment that begins or ends at `position` next to a near node, either way round.
fn find_segment_move(
    path: &TimedPath<'_>,
    neighbors: &Neighbors,
    judge: Judgement,
    position: usize,
) -> Option<(Move, i64)> {
    let count = path.count();
    for length in 1..=LONGEST_SEGMENT {
        for begins_here in [true, false] {
            if length == 1 && !begins_here {
                continue;
            }
            let Some(first) = (if begins_here { Some(position) } else { (position + 1).checked_sub(length) }) else {
                continue;
            };
            let last = first + length - 1;
            if first == 0 || last + 1 >= count {
                continue;
            }
            if let Some(found) = place_segment(path, neighbors, judge, first, last) {
                return Some(found);
            }
        }
    }
    None
}

fn place_segment(
    path: &TimedPath<'_>,
    neighbors: &Neighbors,
    judge: Judgement,
    first: usize,
    last: usize,
) -> Option<(Move, i64)> {
    let count = path.count();
    let (head, tail) = (path.at(first), path.at(last));
    let (before, after) = (path.at(first - 1), path.at(last + 1));
    let removed = path.arc(before, head) + path.arc(tail, after) - path.arc(before, after);
    let allowance = judge.allowance(path);
    if removed + allowance <= 0 {
        return None;
    }
    for is_turned in [false, true] {
        if is_turned && first == last {
            break;
        }
        let (head, tail) = if is_turned { (tail, head) } else { (head, tail) };
        let gain = if is_turned { removed - path.reversal_skew(first, last) } else { removed };
        for (w, cost) in neighbors.back(head) {
            let gain = gain - cost;
            if gain + allowance <= 0 {
                break;
            }
            let target = path.position(w);
            if target + 1 < count && (target + 1 < first || target > last) {
                let next = path.at(target + 1);
                let delta = path.arc(tail, next) - path.arc(w, next) - gain;
                let step = relocation(first, last, target, is_turned);
                if judge.accepts(path, step, delta) {
                    return Some((step, delta));
                }
            }
        }
        for (w, cost) in neighbors.onward(tail) {
            let gain = gain - cost;
            if gain + allowance <= 0 {
                break;
            }
            let Some(target) = path.position(w).checked_sub(1) else {
                continue;
            };
            if target + 1 < first || target > last {
                let previous = path.at(target);
                let delta = path.arc(previous, head) - path.arc(previous, w) - gain;
                let step = relocation(first, last, target, is_turned);
                if judge.accepts(path, step, delta) {
                    return Some((step, delta));
                }
            }
        }
    }
    None
}

/// Moves first..=last behind position `target`, which lies outside.
const fn relocation(first: usize, last: usize, target: usize, is_turned: bool) -> Move {
    let (step, turn) = if target > last {
        (Move::exchange(first, last, target), Turn::Left)
    } else {
        (Move::exchange(target + 1, first - 1, last), Turn::Right)
    };
    if is_turned { Move { turn, ..step } } else { step }
}
