//! Problems small enough to be solved exactly.
#![expect(clippy::indexing_slicing, reason = "tables have a cell for every pair of nodes")]

use crate::costs::Costs;
use crate::exact::{Small, Total, best_order};
use crate::exact_timed::best_timed_order;
use crate::model::Model;
use crate::nodes::{NO_VISIT, Nodes};
use crate::pace::Pace;
use crate::plan::Plan;
use crate::problem::{Objective, Problem};
use crate::schedule::{Score, score};
use crate::vehicle::Terminal;

/// The best order of visits, or `None` where that could not be established in time.
///
/// `known`: an order to beat, which makes the search with windows faster.
pub(crate) fn solve_exactly<C: Costs>(
    problem: &Problem<'_, C>,
    known: Option<&[usize]>,
    pace: &Pace<'_>,
) -> Option<Vec<usize>> {
    let mut best: Option<(Score, Vec<usize>)> = None;
    for served in served_sets(problem) {
        for order in candidates(problem, &served, known, pace)? {
            if let Some(score) = score(problem, &order)
                && best.as_ref().is_none_or(|(best, _)| score < *best)
            {
                best = Some((score, order));
            }
        }
    }
    Some(best.map(|(_, order)| order).unwrap_or_default())
}

/// All visits; and, where pairs are unreachable, all without those that are fixed at an end, for these free that end when
/// they are left out.
fn served_sets<C: Costs>(problem: &Problem<'_, C>) -> Vec<Vec<usize>> {
    let all: Vec<usize> = (0..problem.visits.len()).collect();
    let nodes = Nodes::of(problem, &all);
    if !has_missing_arc(problem, &nodes) {
        return vec![all];
    }
    let fixed: Vec<usize> = [problem.vehicle.start(), problem.vehicle.end()]
        .into_iter()
        .filter_map(|terminal| match terminal {
            Terminal::Visit(visit) => Some(visit.index()),
            Terminal::Anywhere | Terminal::Location(_) => None,
        })
        .collect();
    (0..1_usize << fixed.len())
        .map(|left_out| {
            let is_left_out =
                |visit: usize| fixed.iter().enumerate().any(|(bit, &fixed)| fixed == visit && left_out >> bit & 1 == 1);
            all.iter().copied().filter(|&visit| !is_left_out(visit)).collect()
        })
        .collect()
}

fn has_missing_arc<C: Costs>(problem: &Problem<'_, C>, nodes: &Nodes) -> bool {
    let last = nodes.visits.len() - 1;
    (0..last).any(|from| (1..=last).any(|to| from != to && nodes.arc(problem, from, to).is_none()))
}

/// The best order with inner visits and the one without, as far as they exist.
fn candidates<C: Costs>(
    problem: &Problem<'_, C>,
    served: &[usize],
    known: Option<&[usize]>,
    pace: &Pace<'_>,
) -> Option<Vec<Vec<usize>>> {
    let nodes = Nodes::of(problem, served);
    let last = nodes.visits.len() - 1;
    let with_ends = |inner: Vec<usize>| -> Vec<usize> {
        let path = [0].into_iter().chain(inner.into_iter().map(|node| node + 1)).chain([last]);
        path.map(|node| nodes.visits[node]).filter(|&visit| visit != NO_VISIT).collect()
    };
    let mut orders = vec![with_ends(Vec::new())];
    if last > 1 {
        let packing = Packing::of(problem, &nodes);
        let inner = if packing.bits() < 62 {
            packed_order::<C, u64>(problem, served, &nodes, &packing, known, pace)?
        } else {
            packed_order::<C, u128>(problem, served, &nodes, &packing, known, pace)?
        };
        if !inner.is_empty() {
            orders.push(with_ends(inner));
        }
    }
    Some(orders)
}

fn packed_order<C: Costs, T: Total + From<u64> + std::ops::Shl<u32, Output = T>>(
    problem: &Problem<'_, C>,
    served: &[usize],
    nodes: &Nodes,
    packing: &Packing,
    known: Option<&[usize]>,
    pace: &Pace<'_>,
) -> Option<Vec<usize>> {
    let last = nodes.visits.len() - 1;
    let count = last - 1;
    let arc = |from, to| match nodes.arc(problem, from, to) {
        None => T::NEVER,
        Some((duration, distance)) => {
            let (first, second) = match problem.objective {
                Objective::Duration => (duration, distance),
                Objective::Distance => (distance, duration),
            };
            let first = u64::from(first) + u64::from(nodes.change(problem, from, to));
            (T::from(first) << (packing.second_bits + packing.place_bits))
                + (T::from(u64::from(second)) << packing.place_bits)
        }
    };
    let importance = |node: usize| u64::from(problem.visits[nodes.visits[node]].importance());
    let small = Small {
        count,
        from_start: (1..last).map(|to| arc(0, to)).collect(),
        between: (1..last).flat_map(|from| (1..last).map(move |to| (from, to))).map(|(a, b)| arc(a, b)).collect(),
        to_end: (1..last).map(|from| arc(from, last)).collect(),
        per_place: (1..last).map(|node| T::from(if packing.place_bits == 0 { 0 } else { importance(node) })).collect(),
        unit: T::from(1) << (packing.second_bits + packing.place_bits),
        worth: (1..last).map(importance).collect(),
    };
    let model = Model::of(problem, served, pace)?;
    match &model.timing {
        None => best_order(&small, pace),
        Some(timing) => {
            best_timed_order(&small, &model, timing, known.and_then(|order| limit(problem, order, packing)), pace)
        }
    }
}

/// What an answer has to stay below, in lateness first: an order that serves everybody is known to do as well.
fn limit<C: Costs, T: Total + From<u64> + std::ops::Shl<u32, Output = T>>(
    problem: &Problem<'_, C>,
    order: &[usize],
    packing: &Packing,
) -> Option<(u64, T)> {
    let score = score(problem, order).filter(|score| score.unserved == 0)?;
    Some((score.lateness, T::from(score.driven + 1) << (packing.second_bits + packing.place_bits)))
}

/// How the parts of a total share one number: objective, tie-break, places of importance.
struct Packing {
    first_bits: u32,
    second_bits: u32,
    place_bits: u32,
}

impl Packing {
    fn of<C: Costs>(problem: &Problem<'_, C>, nodes: &Nodes) -> Self {
        let last = nodes.visits.len() - 1;
        let arcs = || (0..last).flat_map(|from| (1..=last).map(move |to| (from, to)));
        let largest = |part: fn((u32, u32)) -> u32| {
            arcs().filter_map(|(from, to)| nodes.arc(problem, from, to)).map(part).max().unwrap_or_default()
        };
        let sum_bits = |largest: u64| 64 - (largest * last as u64).leading_zeros();
        let (duration, distance) = (largest(|arc| arc.0), largest(|arc| arc.1));
        let (first, second) = match problem.objective {
            Objective::Duration => (duration, distance),
            Objective::Distance => (distance, duration),
        };
        let change = problem.plan_in_force().map_or(0, Plan::each_change);
        let (first_bits, second_bits) = (sum_bits(u64::from(first) + u64::from(change)), sum_bits(second.into()));
        let importances = || (1..last).map(|node| problem.visits[nodes.visits[node]].importance());
        let most = importances().max().unwrap_or_default();
        // Where all count the same, places cannot break a tie.
        let place_bits = if importances().all(|importance| importance == most) {
            0
        } else {
            64 - (u64::from(most) * (last * last) as u64).leading_zeros()
        };
        Self { first_bits, second_bits, place_bits }
    }

    const fn bits(&self) -> u32 {
        self.first_bits + self.second_bits + self.place_bits
    }
}
