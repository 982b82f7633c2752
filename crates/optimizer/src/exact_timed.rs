//! Dynamic programming over subsets with windows: labels of lateness, time and total, kept while none dominates them.
//!
//! Source: Y. Dumas, J. Desrosiers, E. Gelinas, M. M. Solomon, "An optimal algorithm for the traveling salesman problem with
//! time windows", Operations Research 43 (1995), section 2; lateness is a third resource here.
#![expect(clippy::indexing_slicing, reason = "the table has a cell for every subset and last node")]

use crate::exact::{Small, Total, members};
use crate::exact_labels::best_order_in_time;
use crate::model::{Model, Timing};
use crate::pace::Pace;

/// More labels than this are not worth it: the answer is then not proven.
const MOST_LABELS: usize = 400_000;

/// More nodes than this are not enumerated by subsets.
const MOST_BY_SUBSETS: usize = 12;

/// A way to have served a subset and be ready to leave its last node.
#[derive(Clone, Copy)]
struct Label<T> {
    lateness: u64,
    total: T,
    time: u32,
    node: u32,
    parent: u32,
}

const NO_PARENT: u32 = u32::MAX;

/// The best order of the best subset, less late before less total; empty where no node can be served. `None` where time or
/// memory ran out.
///
/// Node `k` of `small` is node `k + 1` of `model`. Leaving at the earliest is never worse, for all times only grow with it,
/// so the earliest start covers every start. `known`: lateness and total below which the best order is
/// known to stay.
pub(crate) fn best_timed_order<T: Total>(
    small: &Small<T>,
    model: &Model,
    timing: &Timing,
    known: Option<(u64, T)>,
    pace: &Pace<'_>,
) -> Option<Vec<usize>> {
    let known = known.filter(|_| !model.has_forbidden);
    // Who knows that all can be in time need not look at lateness; among many, tight windows may show a way to be.
    let limit = match known {
        Some((0, total)) => Some(total),
        Some(_) if small.count > MOST_BY_SUBSETS => Some(T::NEVER),
        _ => None,
    };
    let in_time =
        limit.and_then(|limit| best_order_in_time(small, model, timing, limit, pace)).filter(|order| !order.is_empty());
    match in_time {
        None if small.count <= MOST_BY_SUBSETS => best_order_by_subsets(small, model, timing, known, pace),
        in_time => in_time,
    }
}

/// The same by enumeration of subsets, with the lateness of each label.
pub(crate) fn best_order_by_subsets<T: Total>(
    small: &Small<T>,
    model: &Model,
    timing: &Timing,
    known: Option<(u64, T)>,
    pace: &Pace<'_>,
) -> Option<Vec<usize>> {
    let count = small.count;
    let mut labels: Vec<Label<T>> = Vec::new();
    let mut states: Vec<Vec<u32>> = vec![Vec::new(); (1 << count) * count];
    let mut best: Option<(u64, Label<T>, u32)> = None;
    let last = model.count - 1;
    let (start, start_lateness) = timing.serve(0, timing.earliest_start);
    let origin = start.saturating_add(timing.service(0));
    for node in 0..count {
        let from = Label {
            lateness: start_lateness,
            total: small.per_place[0].times(0),
            time: origin,
            node: 0,
            parent: NO_PARENT,
        };
        if let Some(label) = extend(small, model, timing, &from, None, node, 1) {
            labels.push(label);
            states[(1 << node) * count + node].push(labels.len() as u32 - 1);
        }
    }
    for set in 1..1_usize << count {
        if set % 64 == 0 && pace.is_over() || labels.len() > MOST_LABELS {
            return None;
        }
        let worth: u64 = members(set).map(|node| small.worth[node]).sum();
        for node in members(set) {
            let here = std::mem::take(&mut states[set * count + node]);
            for &index in &here {
                let label = labels[index as usize];
                if let Some(done) = finish(small, model, timing, &label, node, last) {
                    let is_better = best.as_ref().is_none_or(|(best_worth, best, _)| {
                        worth > *best_worth
                            || (worth == *best_worth && (done.lateness, done.total) < (best.lateness, best.total))
                    });
                    if is_better {
                        best = Some((worth, done, index));
                    }
                }
                for next in (0..count).filter(|next| set >> next & 1 == 0) {
                    let Some(mut label) = extend(small, model, timing, &label, Some(node), next, set.count_ones() + 1)
                    else {
                        continue;
                    };
                    if known.is_some_and(|(lateness, total)| (label.lateness, label.total) >= (lateness, total)) {
                        continue;
                    }
                    label.parent = index;
                    keep(&mut labels, &mut states[(set | 1 << next) * count + next], label);
                }
            }
        }
    }
    let Some((.., mut index)) = best else {
        return Some(Vec::new());
    };
    let mut order = Vec::new();
    while let Some(label) = labels.get(index as usize) {
        order.push(label.node as usize);
        index = label.parent;
    }
    order.reverse();
    Some(order)
}

fn extend<T: Total>(
    small: &Small<T>,
    model: &Model,
    timing: &Timing,
    label: &Label<T>,
    from: Option<usize>,
    to: usize,
    place: u32,
) -> Option<Label<T>> {
    let arc = from.map_or(small.from_start[to], |from| small.between[from * small.count + to]);
    if arc >= T::NEVER {
        return None;
    }
    let travel = model.travel(timing, from.map_or(0, |from| from + 1), to + 1);
    let (start, lateness) = timing.serve(to + 1, label.time.saturating_add(travel));
    Some(Label {
        lateness: label.lateness + lateness,
        total: label.total + arc + small.per_place[to].times(place),
        time: start.saturating_add(timing.service(to + 1)),
        node: to as u32,
        parent: NO_PARENT,
    })
}

/// The label at the end of the path.
fn finish<T: Total>(
    small: &Small<T>,
    model: &Model,
    timing: &Timing,
    label: &Label<T>,
    from: usize,
    last: usize,
) -> Option<Label<T>> {
    let arc = small.to_end[from];
    if arc >= T::NEVER {
        return None;
    }
    let (_, lateness) = timing.serve(last, label.time.saturating_add(model.travel(timing, from + 1, last)));
    Some(Label { lateness: label.lateness + lateness, total: label.total + arc, ..*label })
}

/// Adds a label to its state unless another is at least as good in every way, and drops those that it beats.
fn keep<T: Total>(labels: &mut Vec<Label<T>>, state: &mut Vec<u32>, label: Label<T>) {
    let dominates = |a: &Label<T>, b: &Label<T>| a.lateness <= b.lateness && a.time <= b.time && a.total <= b.total;
    if state.iter().any(|&other| dominates(&labels[other as usize], &label)) {
        return;
    }
    state.retain(|&other| !dominates(&label, &labels[other as usize]));
    labels.push(label);
    state.push(labels.len() as u32 - 1);
}
