//! Descent over 2-opt, or-opt and exchanges of neighbouring segments (or-3opt), led by neighbour lists.
//!
//! Every move adds an arc of a neighbour list that is cheaper than one it removes; the rest of the move must keep the gain
//! positive (S. Lin, B. Kernighan, "An effective heuristic algorithm for the traveling-salesman problem", 1973, section 1).
//! Reversals on asymmetric costs are priced in constant time by prefix sums. Where more than cost counts, a move may also
//! begin with a loss, as far as the [`ValuedPath`] allows.

use crate::neighbors::Neighbors;
use crate::path::{Move, Path, Turn};
use crate::touched::Touched;

/// A path together with what makes one better than another: what the descent asks of it.
pub(crate) trait ValuedPath {
    /// The number of nodes in the path, its ends included.
    fn count(&self) -> usize;

    /// The node at a position.
    fn at(&self, position: usize) -> usize;

    /// The position of a node.
    fn position(&self, node: usize) -> usize;

    /// The cost of an arc.
    fn arc(&self, from: usize, to: usize) -> i64;

    /// What the arcs within positions first..=last cost more when driven the other way.
    fn reversal_skew(&self, first: usize, last: usize) -> i64;

    /// How much dearer a move may make the path and still be worth a look.
    fn allowance(&self) -> i64;

    /// Whether a move that changes the cost by `delta` is an improvement.
    fn accepts(&self, step: Move, delta: i64) -> bool;

    /// Does a move that changes the cost by `delta` and touches the nodes at its seams.
    fn apply(&mut self, step: Move, delta: i64);

    /// The nodes to be looked at again.
    fn touched(&mut self) -> &mut Touched;
}

/// By cost alone.
impl ValuedPath for Path<'_> {
    #[inline]
    fn count(&self) -> usize {
        self.count()
    }

    #[inline]
    fn at(&self, position: usize) -> usize {
        self.at(position)
    }

    #[inline]
    fn position(&self, node: usize) -> usize {
        self.position(node)
    }

    #[inline]
    fn arc(&self, from: usize, to: usize) -> i64 {
        self.arc(from, to)
    }

    #[inline]
    fn reversal_skew(&self, first: usize, last: usize) -> i64 {
        self.reversal_skew(first, last)
    }

    #[inline]
    fn allowance(&self) -> i64 {
        0
    }

    #[inline]
    fn accepts(&self, _: Move, delta: i64) -> bool {
        delta < 0
    }

    #[inline]
    fn apply(&mut self, step: Move, _: i64) {
        self.apply(step);
    }

    #[inline]
    fn touched(&mut self) -> &mut Touched {
        &mut self.touched
    }
}

/// The longest segment that or-opt moves, in nodes.
const LONGEST_SEGMENT: usize = 3;

/// Improves the path around its touched nodes until no move there helps, and returns the change of cost.
///
/// `is_over` is asked at every node; the path is valid whenever it stops.
pub(crate) fn descend<P: ValuedPath>(path: &mut P, neighbors: &Neighbors, mut is_over: impl FnMut() -> bool) -> i64 {
    let mut change = 0;
    let mut index = 0;
    while let Some(node) = path.touched().take(index) {
        index += 1;
        if is_over() {
            path.touched().forget();
            return change;
        }
        while let Some((step, delta)) = find_at(path, neighbors, node) {
            path.apply(step, delta);
            change += delta;
        }
    }
    change
}

/// The first improving move found at a node, with its cost.
#[inline]
fn find_at<P: ValuedPath>(path: &P, neighbors: &Neighbors, node: usize) -> Option<(Move, i64)> {
    let position = path.position(node);
    let is_first = position == 0;
    let is_last = position + 1 == path.count();
    if !is_last && let Some(found) = find_onward(path, neighbors, node, position) {
        return Some(found);
    }
    if !is_first && let Some(found) = find_back(path, neighbors, node, position) {
        return Some(found);
    }
    if is_first || is_last { None } else { find_segment_move(path, neighbors, position) }
}

/// Replaces the arc out of `a` by one to a near node.
fn find_onward<P: ValuedPath>(path: &P, neighbors: &Neighbors, a: usize, i: usize) -> Option<(Move, i64)> {
    let count = path.count();
    let b = path.at(i + 1);
    let removed = path.arc(a, b);
    let allowance = path.allowance();
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
                if path.accepts(step, delta) {
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
                    if path.accepts(step, delta) {
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
                    if path.accepts(step, delta) {
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
                    if path.accepts(step, delta) {
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
                    if path.accepts(step, delta) {
                        return Some((step, delta));
                    }
                }
            }
        }
    }
    None
}

/// Replaces the arc into `v` by one from a near node before it, turning what lies between.
fn find_back<P: ValuedPath>(path: &P, neighbors: &Neighbors, v: usize, i: usize) -> Option<(Move, i64)> {
    let previous = path.at(i - 1);
    let removed = path.arc(previous, v);
    let allowance = path.allowance();
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
            if path.accepts(step, delta) {
                return Some((step, delta));
            }
        }
    }
    None
}

/// Moves a short segment that begins or ends at `position` next to a near node, either way round.
fn find_segment_move<P: ValuedPath>(path: &P, neighbors: &Neighbors, position: usize) -> Option<(Move, i64)> {
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
            if let Some(found) = place_segment(path, neighbors, first, last) {
                return Some(found);
            }
        }
    }
    None
}

fn place_segment<P: ValuedPath>(path: &P, neighbors: &Neighbors, first: usize, last: usize) -> Option<(Move, i64)> {
    let count = path.count();
    let (head, tail) = (path.at(first), path.at(last));
    let (before, after) = (path.at(first - 1), path.at(last + 1));
    let removed = path.arc(before, head) + path.arc(tail, after) - path.arc(before, after);
    let allowance = path.allowance();
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
                if path.accepts(step, delta) {
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
                if path.accepts(step, delta) {
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
