//! Ways of minimum weight between edges, by Dijkstra's algorithm: the reference that anything faster has to agree with.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use routemate_units::StopToken;

use crate::file::{Edge, View};

/// Weight decides; of equal weights the shorter time, then the shorter way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cost {
    /// Tenths of a second.
    pub(crate) weight: i64,
    /// Tenths of a second.
    pub(crate) duration: i64,
    /// Centimetres.
    pub(crate) length: i64,
}

impl Cost {
    pub(crate) fn of_edge(edge: &Edge) -> Self {
        Self { weight: edge.weight_ds.into(), duration: edge.duration_ds.into(), length: edge.length_cm.into() }
    }

    pub(crate) const fn plus(self, other: Self) -> Self {
        Self {
            weight: self.weight + other.weight,
            duration: self.duration + other.duration,
            length: self.length + other.length,
        }
    }

    pub(crate) const fn minus(self, other: Self) -> Self {
        Self {
            weight: self.weight - other.weight,
            duration: self.duration - other.duration,
            length: self.length - other.length,
        }
    }

    pub(crate) fn max_each(self, other: Self) -> Self {
        Self {
            weight: self.weight.max(other.weight),
            duration: self.duration.max(other.duration),
            length: self.length.max(other.length),
        }
    }

    pub(crate) fn min_each(self, other: Self) -> Self {
        Self {
            weight: self.weight.min(other.weight),
            duration: self.duration.min(other.duration),
            length: self.length.min(other.length),
        }
    }
}

/// A place on an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) edge: u32,
    /// From the beginning of the edge to the place.
    pub(crate) before: Cost,
}

/// A way from one place to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trip {
    pub(crate) cost: Cost,
    /// All edges driven, the first and the last only in part; the same edge twice if it is driven round.
    pub(crate) edges: Vec<u32>,
}

/// The stop token was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stopped;

/// Finds ways of minimum [`Cost`]. A place is given by its ends, one for each direction that is open there.
pub(crate) trait Search {
    /// The costs from each place to each, row by row; `None` where there is no way.
    fn costs(&self, from: &[Vec<End>], to: &[Vec<End>], stop: &StopToken) -> Result<Vec<Option<Cost>>, Stopped>;

    /// The way from one place to another.
    fn trip(&self, from: &[End], to: &[End]) -> Option<Trip>;
}

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

    /// An edge and its copies.
    fn twins(&self, edge: u32) -> impl Iterator<Item = u32> {
        std::iter::once(edge).chain(self.0.copies(edge))
    }

    /// The least cost to a place, and the edge (or copy) by which it is reached; no edge if it is reached directly.
    fn best(&self, from: &[End], to: &[End], labels: &[Option<Label>]) -> Option<(Cost, Option<u32>, u32)> {
        let direct = from.iter().flat_map(|start| to.iter().map(move |end| (start, end))).filter_map(|(start, end)| {
            // Behind by less than a tenth of a second is the same place: nobody drives round the block for it.
            let is_ahead = start.edge == end.edge && start.before.weight <= end.before.weight;
            is_ahead.then(|| (end.before.minus(start.before).max_each(Cost::default()), None, end.edge))
        });
        let driven = to.iter().flat_map(|end| {
            self.twins(end.edge).filter_map(move |twin| {
                let label = labels.get(twin as usize).copied().flatten()?;
                Some((label.cost.plus(end.before), Some(twin), end.edge))
            })
        });
        direct.chain(driven).min()
    }
}

impl Search for Dijkstra<'_> {
    fn costs(&self, from: &[Vec<End>], to: &[Vec<End>], stop: &StopToken) -> Result<Vec<Option<Cost>>, Stopped> {
        let goals: Vec<u32> = to.iter().flatten().flat_map(|end| self.twins(end.edge)).collect();
        let mut costs = Vec::with_capacity(from.len() * to.len());
        for from in from {
            let labels = self.labels(from, &goals, stop)?;
            costs.extend(to.iter().map(|to| self.best(from, to, &labels).map(|(cost, ..)| cost)));
        }
        Ok(costs)
    }

    fn trip(&self, from: &[End], to: &[End]) -> Option<Trip> {
        let goals: Vec<u32> = to.iter().flat_map(|end| self.twins(end.edge)).collect();
        let labels = self.labels(from, &goals, &StopToken::never()).ok()?;
        let (cost, reached, last) = self.best(from, to, &labels)?;
        let mut edges = Vec::new();
        let Some(mut edge) = reached else {
            return Some(Trip { cost, edges: vec![last] });
        };
        loop {
            edges.push(edge);
            let label = labels.get(edge as usize).copied().flatten()?;
            edge = label.parent;
            if label.is_first {
                edges.push(edge);
                break;
            }
            // Only a damaged graph has parents that go in a circle.
            if edges.len() > labels.len() {
                return None;
            }
        }
        edges.reverse();
        Some(Trip { cost, edges })
    }
}
