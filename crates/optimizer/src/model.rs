//! A problem as the searches see it: a path over nodes from 0 to the last, everything in flat arrays.
#![expect(clippy::indexing_slicing, reason = "nodes are below `count` and rows have `count` cells by construction")]

use crate::costs::Costs;
use crate::nodes::{NO_VISIT, Nodes};
use crate::pace::Pace;
use crate::problem::{Objective, Problem};
use crate::visit::Visit;

pub(crate) struct Model {
    /// The number of nodes, at least 2. Node 0 comes first and node `count - 1` last in every path.
    pub(crate) count: usize,
    /// Node → index of its visit, or [`NO_VISIT`].
    pub(crate) visits: Vec<usize>,
    /// The objective's first part for each arc, row by row; where there is no way, more than any
    /// path over allowed arcs, as far as that fits.
    pub(crate) cost: Vec<u32>,
    /// Whether any arc that a path might use is forbidden.
    pub(crate) has_forbidden: bool,
    /// Whether arcs between inner nodes cost the same both ways.
    pub(crate) is_symmetric: bool,
    /// What windows need; `None` without any.
    pub(crate) timing: Option<Timing>,
}

pub(crate) struct Timing {
    /// Travel times where they are not the cost.
    travel: Vec<u32>,
    pub(crate) earliest_start: u32,
    service: Vec<u32>,
    importance: Vec<u32>,
    /// All windows, node after node; `ranges[node]..ranges[node + 1]` are those of a node.
    windows: Vec<(u32, u32)>,
    ranges: Vec<u32>,
}

impl Model {
    /// The model of the visits in `served` (ascending indices); `None` where the time ran out while reading the costs.
    pub(crate) fn of<C: Costs>(problem: &Problem<'_, C>, served: &[usize], pace: &Pace<'_>) -> Option<Self> {
        let nodes = Nodes::of(problem, served);
        let count = nodes.visits.len();
        let is_timed = served.iter().any(|&visit| !problem.visits[visit].windows().is_empty());
        let has_changes = problem.plan_in_force().is_some_and(|plan| plan.each_change() > 0);
        let wants_travel = is_timed && (has_changes || problem.objective() != Objective::Duration);
        let mut cost = vec![0_u32; count * count];
        let mut travel = if wants_travel { vec![0_u32; count * count] } else { Vec::new() };
        let mut missing = Vec::new();
        let mut largest = 0;
        for from in 0..count {
            if pace.is_over() {
                return None;
            }
            for to in 0..count {
                let cell = from * count + to;
                match nodes.arc(problem, from, to) {
                    Some((duration, distance)) => {
                        let driven = match problem.objective() {
                            Objective::Duration => duration,
                            Objective::Distance => distance,
                        };
                        let change = if has_changes { nodes.change(problem, from, to) } else { 0 };
                        let value = driven.saturating_add(change);
                        cost[cell] = value;
                        largest = largest.max(value);
                        if wants_travel {
                            travel[cell] = duration;
                        }
                    }
                    None => missing.push(cell),
                }
            }
        }
        let forbidden = u32::try_from(u64::from(largest) * count as u64 + 1).unwrap_or(u32::MAX);
        let mut has_forbidden = false;
        for cell in missing {
            cost[cell] = forbidden;
            let (from, to) = (cell / count, cell % count);
            has_forbidden |= from != to && from != count - 1 && to != 0;
        }
        let mut model = Self { count, visits: nodes.visits, cost, has_forbidden, is_symmetric: false, timing: None };
        model.is_symmetric = model.inner_arcs_are_symmetric();
        model.timing = is_timed.then(|| Timing::of(problem, &model.visits, travel));
        Some(model)
    }

    fn inner_arcs_are_symmetric(&self) -> bool {
        (1..self.count - 1).all(|a| (1..a).all(|b| self.arc(a, b) == self.arc(b, a)))
    }

    #[inline]
    pub(crate) fn arc(&self, from: usize, to: usize) -> i64 {
        i64::from(self.cost[from * self.count + to])
    }

    #[inline]
    pub(crate) fn travel(&self, timing: &Timing, from: usize, to: usize) -> u32 {
        let cell = from * self.count + to;
        if timing.travel.is_empty() { self.cost[cell] } else { timing.travel[cell] }
    }

    /// Σ lateness × importance and cost of a path; less is better. O(n).
    pub(crate) fn score(&self, path: &[u32]) -> (u64, i64) {
        let steps = || path.iter().zip(path.iter().skip(1)).map(|(&from, &to)| (from as usize, to as usize));
        let cost = steps().map(|(from, to)| self.arc(from, to)).sum();
        let Some(timing) = &self.timing else { return (0, cost) };
        let (start, mut lateness) = timing.serve(0, timing.earliest_start);
        let mut clock = start.saturating_add(timing.service(0));
        for (from, to) in steps() {
            let (start, late) = timing.serve(to, clock.saturating_add(self.travel(timing, from, to)));
            clock = start.saturating_add(timing.service(to));
            lateness += late;
        }
        (lateness, cost)
    }

    /// The visits of a path in its order, as indices.
    pub(crate) fn visits_of(&self, path: &[u32]) -> Vec<usize> {
        path.iter().map(|&node| self.visits[node as usize]).filter(|&visit| visit != NO_VISIT).collect()
    }
}

impl Timing {
    /// For nodes that stand for these visits, in this order; `travel` is empty where travel times are the cost.
    pub(crate) fn of<C: Costs>(problem: &Problem<'_, C>, nodes: &[usize], travel: Vec<u32>) -> Self {
        let mut windows = Vec::new();
        let mut ranges = vec![0];
        let visit = |node: usize| (node != NO_VISIT).then(|| &problem.visits[node]);
        for &node in nodes {
            windows.extend(visit(node).map_or(&[][..], Visit::windows).iter().map(|w| (w.start.get(), w.end.get())));
            ranges.push(windows.len() as u32);
        }
        Self {
            travel,
            earliest_start: problem.vehicle().earliest_start().get(),
            service: nodes.iter().map(|&node| visit(node).map_or(0, |visit| visit.service().get())).collect(),
            importance: nodes.iter().map(|&node| visit(node).map_or(0, |visit| visit.importance().into())).collect(),
            windows,
            ranges,
        }
    }

    #[inline]
    pub(crate) fn service(&self, node: usize) -> u32 {
        self.service[node]
    }

    #[inline]
    pub(crate) fn importance(&self, node: usize) -> u32 {
        self.importance[node]
    }

    /// Ascending and disjoint.
    #[inline]
    pub(crate) fn windows(&self, node: usize) -> &[(u32, u32)] {
        &self.windows[self.ranges[node] as usize..self.ranges[node + 1] as usize]
    }

    /// Whether one can be late there: a last window that ends at [`Seconds::MAX`](routemate_units::Seconds::MAX) never does.
    pub(crate) fn closes(&self, node: usize) -> bool {
        self.windows(node).last().is_some_and(|&(_, end)| end < u32::MAX)
    }

    /// When the service begins, and the lateness weighted by importance, for an arrival.
    #[inline]
    pub(crate) fn serve(&self, node: usize, arrival: u32) -> (u32, u64) {
        let mut end = u32::MAX;
        for &(start, window_end) in self.windows(node) {
            if arrival <= window_end {
                return (arrival.max(start), 0);
            }
            end = window_end;
        }
        (arrival, u64::from(arrival.saturating_sub(end)) * u64::from(self.importance[node]))
    }

    /// The latest arrival at which the service begins by `limit` and nobody is later than with `arrival`, which meets both.
    pub(crate) fn latest_arrival(&self, node: usize, arrival: u32, limit: u32) -> u32 {
        let windows = self.windows(node);
        let Some(&(_, last_end)) = windows.last() else {
            return limit;
        };
        if arrival > last_end {
            return arrival;
        }
        let open = windows.iter().rev().find(|&&(start, _)| start <= limit);
        open.map_or(arrival, |&(_, end)| end.min(limit))
    }
}

#[cfg(test)]
impl Model {
    /// A model of nodes with these costs, services and windows, each of importance 2.
    pub(crate) fn of_parts(count: usize, cost: Vec<u32>, service: Vec<u32>, windows: Vec<Vec<(u32, u32)>>) -> Self {
        let mut ranges = vec![0];
        for list in &windows {
            ranges.push(ranges[ranges.len() - 1] + list.len() as u32);
        }
        let timing = Timing {
            travel: Vec::new(),
            earliest_start: 0,
            service,
            importance: vec![2; count],
            windows: windows.concat(),
            ranges,
        };
        let visits = (0..count).collect();
        Self { count, visits, cost, has_forbidden: false, is_symmetric: false, timing: Some(timing) }
    }
}
