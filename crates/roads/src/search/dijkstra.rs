//! The plain algorithm, which looks at everything: the reference that anything faster has to agree with.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use routemate_units::StopToken;

use super::{Cost, End, Search, Stopped, Trip, direct};
use crate::file::View;

/// The plain algorithm. Labels are costs up to the beginning of an edge.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dijkstra<'v>(pub(crate) View<'v>);

/// An edge that has been reached.
#[derive(Debug, Clone, Copy)]
struct Label {
    cost: Cost,
    /// The edge it was reached from.
    parent: u32,
    /// Whether the trip starts on the parent.
    is_first: bool,
    is_settled: bool,
}

/// Settled edges between two looks at the stop token.
const PATIENCE: usize = 4096;

impl Dijkstra<'_> {
    /// Labels all edges that are reached before every goal is settled.
    fn labels(&self, from: &[End], goals: &[u32], stop: &StopToken) -> Result<Vec<Option<Label>>, Stopped> {
        let view = &self.0;
        let mut labels: Vec<Option<Label>> = vec![None; view.edges.len()];
        let mut queue = BinaryHeap::new();
        let mut is_goal = vec![false; view.edges.len()];
        let mut missing = 0;
        for &goal in goals {
            if let Some(mark) = is_goal.get_mut(goal as usize).filter(|mark| !**mark) {
                *mark = true;
                missing += 1;
            }
        }
        for end in from {
            // The edge that one starts on has no label until it is reached again.
            if let Some(edge) = view.edge(end.edge) {
                let cost = Cost::of_edge(edge).minus(end.before);
                self.relax((end.edge, true), cost, &mut labels, &mut queue);
            }
        }
        let mut settled = 0;
        if stop.is_stopped() {
            return Err(Stopped);
        }
        while let Some(Reverse((cost, edge))) = queue.pop() {
            let Some(label) = labels.get_mut(edge as usize).and_then(Option::as_mut).filter(|label| !label.is_settled)
            else {
                continue;
            };
            label.is_settled = true;
            settled += 1;
            if settled % PATIENCE == 0 && stop.is_stopped() {
                return Err(Stopped);
            }
            if is_goal.get(edge as usize) == Some(&true) {
                missing -= 1;
                if missing == 0 {
                    break;
                }
            }
            if let Some(own) = view.edge(edge) {
                self.relax((edge, false), cost.plus(Cost::of_edge(own)), &mut labels, &mut queue);
            }
        }
        Ok(labels)
    }

    /// Offers the turns out of an edge, at whose end one is for `cost`.
    fn relax(
        &self,
        (edge, is_first): (u32, bool),
        cost: Cost,
        labels: &mut [Option<Label>],
        queue: &mut BinaryHeap<Reverse<(Cost, u32)>>,
    ) {
        for arc in self.0.arcs(edge) {
            let turn = Cost { weight: arc.weight_ds.into(), duration: arc.duration_ds.into(), length: 0 };
            let cost = cost.plus(turn);
            if let Some(label) = labels.get_mut(arc.to as usize)
                && label.is_none_or(|label| cost < label.cost)
            {
                *label = Some(Label { cost, parent: edge, is_first, is_settled: false });
                queue.push(Reverse((cost, arc.to)));
            }
        }
    }

    /// The least cost to a place, and the edge (or copy) by which it is reached; no edge if it is reached directly.
    fn best(&self, from: &[End], to: &[End], labels: &[Option<Label>]) -> Option<(Cost, Option<u32>, u32)> {
        let direct = direct(from, to).map(|(cost, edge)| (cost, None, edge));
        let driven = to.iter().flat_map(|end| {
            self.0.twins(end.edge).filter_map(move |twin| {
                let label = labels.get(twin as usize).copied().flatten()?;
                Some((label.cost.plus(end.before), Some(twin), end.edge))
            })
        });
        driven.chain(direct).min()
    }
}

impl Search for Dijkstra<'_> {
    fn costs<T: From<Cost> + Copy + Send>(
        &self,
        from: &[Vec<End>],
        to: &[Vec<End>],
        stop: &StopToken,
    ) -> Result<Vec<Option<T>>, Stopped> {
        let goals: Vec<u32> = to.iter().flatten().flat_map(|end| self.0.twins(end.edge)).collect();
        let mut costs = Vec::with_capacity(from.len() * to.len());
        for from in from {
            let labels = self.labels(from, &goals, stop)?;
            costs.extend(to.iter().map(|to| self.best(from, to, &labels).map(|(cost, ..)| T::from(cost))));
        }
        Ok(costs)
    }

    fn trip(&self, from: &[End], to: &[End], stop: &StopToken) -> Result<Option<Trip>, Stopped> {
        let goals: Vec<u32> = to.iter().flat_map(|end| self.0.twins(end.edge)).collect();
        let labels = self.labels(from, &goals, stop)?;
        Ok(self.best(from, to, &labels).and_then(|(cost, reached, last)| match reached {
            Some(reached) => Some(Trip { cost, edges: edges(reached, &labels)? }),
            None => Some(Trip { cost, edges: vec![last] }),
        }))
    }
}

/// The edges driven up to one that was reached; `None` if they go in a circle, as in a damaged graph only.
fn edges(reached: u32, labels: &[Option<Label>]) -> Option<Vec<u32>> {
    let mut edges = vec![reached];
    let mut edge = reached;
    while edges.len() <= labels.len() {
        let label = labels.get(edge as usize).copied().flatten()?;
        edge = label.parent;
        edges.push(edge);
        if label.is_first {
            edges.reverse();
            return Some(edges);
        }
    }
    None
}
