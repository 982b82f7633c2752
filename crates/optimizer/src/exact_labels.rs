//! Dynamic programming by layers, for paths of any length whose windows leave few orders open: everybody is in time, and
//! what cannot lead to less than a known total is dropped.
//!
//! Source: Y. Dumas, J. Desrosiers, E. Gelinas, M. M. Solomon, "An optimal algorithm for the traveling salesman problem with
//! time windows", Operations Research 43 (1995), sections 2 and 3 (elimination of states); completions are bounded by the
//! duals of an assignment, as in N. Christofides, A. Mingozzi, P. Toth, "State-space relaxation procedures for the
//! computation of bounds to routing problems", Networks 11 (1981).
#![expect(clippy::indexing_slicing, reason = "tables have a cell for every node or pair of nodes")]

use crate::assignment::Assignment;
use crate::exact::{Small, Total};
use crate::model::{Model, Timing};
use crate::pace::Pace;

/// More labels in one layer than this are not worth it.
const MOST_IN_LAYER: usize = 30_000;
/// More labels in all than this are not worth it: each keeps 8 bytes.
const MOST_LABELS: usize = 1_000_000;
/// As many as this stand for a round of search where rounds are limited.
const LABELS_PER_ROUND: u64 = 100;

/// Nodes as bits.
type Set<const W: usize> = [u64; W];

fn contains<const W: usize>(set: &Set<W>, node: usize) -> bool {
    set[node / 64] >> (node % 64) & 1 == 1
}

fn insert<const W: usize>(set: &mut Set<W>, node: usize) {
    set[node / 64] |= 1 << (node % 64);
}

/// Whether all of `part` are in `set`.
fn covers<const W: usize>(set: &Set<W>, part: &Set<W>) -> bool {
    set.iter().zip(part).all(|(set, part)| part & !set == 0)
}

/// A way to have served a set and be ready to leave its last node, in time everywhere.
#[derive(Clone, Copy)]
struct Label<T, const W: usize> {
    served: Set<W>,
    total: T,
    /// The least that is still to come, in the objective's unit.
    rest: i64,
    time: u32,
    node: u32,
    trace: u32,
    /// The next label of the same bucket.
    next: u32,
    is_dominated: bool,
}

const NONE: u32 = u32::MAX;

/// The best order among those that are in time and stay below `limit`; `None` where it was not established. Node `k` of
/// `small` is node `k + 1` of `model`.
///
/// O(n³) before the first layer; then as many labels as the windows leave open, limited.
pub(crate) fn best_order_in_time<T: Total>(
    small: &Small<T>,
    model: &Model,
    timing: &Timing,
    limit: T,
    pace: &Pace<'_>,
) -> Option<Vec<usize>> {
    match model.count {
        ..=64 => Labels::<T, 1>::of(small, model, timing, limit, pace)?.run(pace),
        65..=128 => Labels::<T, 2>::of(small, model, timing, limit, pace)?.run(pace),
        129..=256 => Labels::<T, 4>::of(small, model, timing, limit, pace)?.run(pace),
        _ => None,
    }
}

struct Labels<'p, T, const W: usize> {
    small: &'p Small<T>,
    model: &'p Model,
    timing: &'p Timing,
    limit: T,
    /// Arc by arc: the least time from leaving one node to reaching another, whatever is served on the way.
    reach: Vec<u32>,
    /// Per node: the most of its row in `reach`.
    farthest: Vec<u32>,
    /// Per node: who has to be served before.
    before: Vec<Set<W>>,
    /// Per node: where one may go from there.
    onward: Vec<Vec<u32>>,
    /// Nodes by the end of their last window.
    by_close: Vec<u32>,
    closes: Vec<u32>,
    /// Row by node that is left, column by the node before the one that is reached.
    bound: Assignment,
    traces: Vec<(u32, u32)>,
    most_labels: usize,
}

impl<'p, T: Total, const W: usize> Labels<'p, T, W> {
    fn of(small: &'p Small<T>, model: &'p Model, timing: &'p Timing, limit: T, pace: &Pace<'_>) -> Option<Self> {
        let count = model.count;
        let opens = |node: usize| timing.windows(node).first().map_or(0, |&(start, _)| start);
        let closes: Vec<u32> =
            (0..count).map(|node| timing.windows(node).last().map_or(u32::MAX, |&(_, end)| end)).collect();
        let mut reach: Vec<u32> =
            (0..count * count).map(|cell| model.travel(timing, cell / count, cell % count)).collect();
        for over in 1..count - 1 {
            if pace.is_over() {
                return None;
            }
            for from in 0..count - 1 {
                let lead = reach[from * count + over].saturating_add(timing.service(over));
                for to in 1..count {
                    let way = lead.saturating_add(reach[over * count + to]);
                    let known = &mut reach[from * count + to];
                    *known = way.min(*known);
                }
            }
        }
        let soonest = |node: usize| opens(node).max(timing.earliest_start).saturating_add(timing.service(node));
        let mut before = vec![[0; W]; count];
        for node in 1..count {
            for other in (1..count).filter(|&other| other != node) {
                // Once at `node`, nobody is in time at `other` any more.
                let is_before =
                    node == count - 1 || soonest(node).saturating_add(reach[node * count + other]) > closes[other];
                if is_before {
                    insert(&mut before[node], other);
                }
            }
        }
        let is_open = |from: usize, to: usize| {
            from != to
                && from != count - 1
                && !(from == 0 && to == count - 1)
                && !contains(&before[from], to)
                && soonest(from).saturating_add(model.travel(timing, from, to)) <= closes[to]
                // Whoever has to come between would be missed.
                && (1..count - 1).all(|over| !(contains(&before[to], over) && (from == 0 || contains(&before[over], from))))
        };
        let mut arcs = vec![None; count * count];
        for from in 0..count - 1 {
            if pace.is_over() {
                return None;
            }
            for to in 1..count {
                if is_open(from, to) {
                    arcs[from * count + to] = Some(model.arc(from, to));
                }
            }
        }
        // Everybody but the last has one successor, everybody but the first one predecessor.
        let bound = Assignment::of(count - 1, |from, to| arcs[from * count + to + 1], pace)?;
        let total = bound.total();
        let onward = (0..count)
            .map(|from| {
                let is_worth = |to: usize| {
                    arcs[from * count + to].is_some_and(|cost| {
                        let reduced = cost - bound.row[from] - bound.column[to - 1];
                        small.unit.times((total + reduced) as u32) < limit
                    })
                };
                (1..count - 1).filter(|&to| is_worth(to)).map(|to| to as u32).collect()
            })
            .collect();
        let mut by_close: Vec<u32> = (1..count as u32).collect();
        by_close.sort_by_key(|&node| closes[node as usize]);
        let farthest =
            (0..count).map(|from| (1..count).map(|to| reach[from * count + to]).max().unwrap_or(0)).collect();
        Some(Self {
            small,
            model,
            timing,
            limit,
            reach,
            farthest,
            before,
            onward,
            by_close,
            closes,
            bound,
            traces: Vec::new(),
            most_labels: pace.rounds().map_or(MOST_LABELS, |rounds| {
                usize::try_from(rounds.saturating_mul(LABELS_PER_ROUND))
                    .map_or(MOST_LABELS, |most| most.min(MOST_LABELS))
            }),
        })
    }

    fn run(mut self, pace: &Pace<'_>) -> Option<Vec<usize>> {
        let (start, late) = self.timing.serve(0, self.timing.earliest_start);
        if late > 0 {
            return None;
        }
        let mut served = [0; W];
        insert(&mut served, 0);
        let mut layer = vec![Label {
            served,
            total: self.small.per_place[0].times(0),
            rest: self.bound.total(),
            time: start.saturating_add(self.timing.service(0)),
            node: 0,
            trace: NONE,
            next: NONE,
            is_dominated: false,
        }];
        let mut table = Table::new();
        for place in 1..=self.small.count as u32 {
            layer = self.extend(&layer, place, &mut table, pace)?;
        }
        Some(self.finish(&layer))
    }

    fn extend(
        &mut self,
        layer: &[Label<T, W>],
        place: u32,
        table: &mut Table,
        pace: &Pace<'_>,
    ) -> Option<Vec<Label<T, W>>> {
        let mut next: Vec<Label<T, W>> = Vec::new();
        table.clear();
        for (looked, label) in layer.iter().enumerate() {
            if looked % 64 == 0 && pace.is_over() {
                return None;
            }
            for at in 0..self.onward[label.node as usize].len() {
                let to = self.onward[label.node as usize][at] as usize;
                if contains(&label.served, to) || !covers(&label.served, &self.before[to]) {
                    continue;
                }
                if let Some(mut label) = self.step(label, to, place)
                    && table.keep(&mut next, &label)
                {
                    if next.len() >= MOST_IN_LAYER || self.traces.len() >= self.most_labels {
                        return None;
                    }
                    self.traces.push((label.trace, to as u32));
                    label.trace = self.traces.len() as u32 - 1;
                    table.add(&mut next, label);
                }
            }
        }
        next.retain(|label| !label.is_dominated);
        Some(next)
    }

    /// The label that goes on to a node, unless that is too late for somebody or too dear.
    fn step(&self, label: &Label<T, W>, to: usize, place: u32) -> Option<Label<T, W>> {
        let from = label.node as usize;
        let inner = self.small.count;
        let arc = match from {
            0 => self.small.from_start[to - 1],
            _ => self.small.between[(from - 1) * inner + to - 1],
        };
        let total = label.total + arc + self.small.per_place[to - 1].times(place);
        let rest = label.rest - self.bound.row[from] - self.bound.column[to - 1];
        if total + self.small.unit.times(rest.max(0) as u32) >= self.limit {
            return None;
        }
        let (start, late) = self.timing.serve(to, label.time.saturating_add(self.model.travel(self.timing, from, to)));
        if late > 0 {
            return None;
        }
        let time = start.saturating_add(self.timing.service(to));
        let mut served = label.served;
        insert(&mut served, to);
        let safe = time.saturating_add(self.farthest[to]);
        for &other in &self.by_close {
            let other = other as usize;
            if self.closes[other] >= safe {
                break;
            }
            if !contains(&served, other)
                && time.saturating_add(self.reach[to * self.model.count + other]) > self.closes[other]
            {
                return None;
            }
        }
        Some(Label { served, total, rest, time, node: to as u32, trace: label.trace, next: NONE, is_dominated: false })
    }

    fn finish(&self, layer: &[Label<T, W>]) -> Vec<usize> {
        let last = self.model.count - 1;
        let mut best: Option<(T, u32)> = None;
        for label in layer {
            let from = label.node as usize;
            let arrival = label.time.saturating_add(self.model.travel(self.timing, from, last));
            let total = label.total + self.small.to_end[from - 1];
            if self.timing.serve(last, arrival).1 == 0 && total < best.map_or(self.limit, |(known, _)| known) {
                best = Some((total, label.trace));
            }
        }
        let mut order = Vec::new();
        let mut trace = best.map_or(NONE, |(_, trace)| trace);
        while let Some(&(parent, node)) = self.traces.get(trace as usize) {
            order.push(node as usize - 1);
            trace = parent;
        }
        order.reverse();
        order
    }
}

/// Finds the labels with the same set and node.
struct Table {
    heads: Vec<u32>,
}

impl Table {
    const SIZE: usize = 1 << 15;

    fn new() -> Self {
        Self { heads: vec![NONE; Self::SIZE] }
    }

    fn clear(&mut self) {
        self.heads.fill(NONE);
    }

    fn bucket<T, const W: usize>(label: &Label<T, W>) -> usize {
        let mut hash = u64::from(label.node);
        for word in label.served {
            hash = (hash ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            hash ^= hash >> 32;
        }
        hash as usize % Self::SIZE
    }

    /// Whether no label is at least as good in every way; drops those that this one beats.
    fn keep<T: Total, const W: usize>(&self, labels: &mut [Label<T, W>], label: &Label<T, W>) -> bool {
        let mut at = self.heads[Self::bucket(label)];
        while let Some(other) = labels.get_mut(at as usize) {
            if other.node == label.node && other.served == label.served && !other.is_dominated {
                if other.time <= label.time && other.total <= label.total {
                    return false;
                }
                if label.time <= other.time && label.total <= other.total {
                    other.is_dominated = true;
                }
            }
            at = other.next;
        }
        true
    }

    fn add<T, const W: usize>(&mut self, labels: &mut Vec<Label<T, W>>, mut label: Label<T, W>) {
        let head = &mut self.heads[Self::bucket(&label)];
        label.next = *head;
        *head = labels.len() as u32;
        labels.push(label);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Budget;
    use crate::exact_timed::best_order_by_subsets;
    use crate::random::Random;

    /// Up to 10 inner nodes in a plane, most with one or two windows around the time at which a random tour is there.
    fn problem(random: &mut Random) -> (Small<u64>, Model) {
        let count = 4 + random.below(9);
        let points: Vec<(usize, usize)> = (0..count).map(|_| (random.below(60), random.below(60))).collect();
        let skew: Vec<usize> = (0..count * count).map(|_| random.below(10)).collect();
        let cost: Vec<u32> = (0..count * count)
            .map(|cell| {
                let (a, b) = (points[cell / count], points[cell % count]);
                (a.0.abs_diff(b.0) + a.1.abs_diff(b.1) + skew[cell]) as u32
            })
            .collect();
        let mut tour: Vec<usize> = (1..count - 1).collect();
        random.shuffle(&mut tour);
        let mut windows = vec![Vec::new(); count];
        let (mut here, mut clock) = (0, 0);
        for node in tour {
            clock += cost[here * count + node];
            let opens = clock.saturating_sub(random.below(120) as u32);
            windows[node] = match random.below(5) {
                0 => vec![],
                1 => vec![(opens / 3, opens / 3 + 5), (opens.max(6 + opens / 3), clock + random.below(90) as u32 + 6)],
                _ => vec![(opens, clock + random.below(120) as u32)],
            };
            (here, clock) = (node, clock + 4);
        }
        let inner = count - 2;
        let arc = |from: usize, to: usize| u64::from(cost[from * count + to]);
        let small = Small {
            count: inner,
            from_start: (0..inner).map(|to| arc(0, to + 1)).collect(),
            between: (0..inner * inner).map(|cell| arc(cell / inner + 1, cell % inner + 1)).collect(),
            to_end: (0..inner).map(|from| arc(from + 1, count - 1)).collect(),
            per_place: vec![0; inner],
            unit: 1,
            worth: vec![1; inner],
        };
        (small, Model::of_parts(count, cost, vec![4; count], windows))
    }

    #[test]
    fn layers_and_subsets_agree() {
        let budget = Budget::of_iterations(1_000_000);
        let pace = Pace::begin(&budget);
        let mut compared = 0;
        for seed in 0..600 {
            let (small, model) = problem(&mut Random::from_seed(seed));
            let timing = model.timing.as_ref().expect("it has windows");
            let best = best_order_by_subsets(&small, &model, timing, None, &pace).expect("there is time");
            let rated = |order: &[usize]| {
                let path: Vec<u32> = [0]
                    .into_iter()
                    .chain(order.iter().map(|&node| node as u32 + 1))
                    .chain([model.count as u32 - 1])
                    .collect();
                let path = crate::timed_path::TimedPath::new(&model, timing, path);
                (path.lateness(), path.cost())
            };
            let (late, cost) = rated(&best);
            if late > 0 {
                continue;
            }
            compared += 1;
            for slack in [1, 30] {
                let order = best_order_in_time(&small, &model, timing, cost as u64 + slack, &pace).expect("few labels");
                assert_eq!(rated(&order), (0, cost), "seed {seed}");
            }
            assert_eq!(best_order_in_time(&small, &model, timing, cost as u64, &pace), Some(vec![]), "seed {seed}");
        }
        assert!(compared > 300, "{compared}");
    }
}
