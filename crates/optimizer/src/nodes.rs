//! Which visit or location each node of a path stands for.
#![expect(clippy::indexing_slicing, reason = "nodes are below the number of nodes, which is at least 2")]

use crate::costs::Costs;
use crate::problem::Problem;
use crate::vehicle::{Terminal, VehicleId};
use crate::visit::{Visit, VisitId};

/// Marks a node that is no visit: a start or end location, or a free end.
pub(crate) const NO_VISIT: usize = usize::MAX;

/// Which visit or location each node stands for.
pub(crate) struct Nodes {
    /// Node → index of its visit, or [`NO_VISIT`].
    pub(crate) visits: Vec<usize>,
    /// `None` for a free end.
    locations: Vec<Option<usize>>,
}

impl Nodes {
    /// The nodes of the visits in `served`, ascending indices: node 0 begins every path and the last node ends it.
    pub(crate) fn of<C: Costs>(problem: &Problem<'_, C>, served: &[usize]) -> Self {
        let is_served = |index: usize| served.binary_search(&index).is_ok();
        let fixed = |terminal| match terminal {
            Terminal::Visit(visit) if is_served(visit.index()) => Some(visit.index()),
            _ => None,
        };
        let place = |terminal| match terminal {
            Terminal::Location(location) => Some(location),
            Terminal::Anywhere | Terminal::Visit(_) => None,
        };
        let (start, end) = (problem.vehicle().start(), problem.vehicle().end());
        let first = fixed(start);
        let last = fixed(end).filter(|&last| Some(last) != first);
        let inner = served.iter().copied().filter(|&visit| Some(visit) != first && Some(visit) != last);
        let visits: Vec<usize> =
            [first.unwrap_or(NO_VISIT)].into_iter().chain(inner).chain([last.unwrap_or(NO_VISIT)]).collect();
        let mut locations: Vec<Option<usize>> =
            visits.iter().map(|&visit| problem.visits.get(visit).map(Visit::location)).collect();
        if first.is_none() {
            locations[0] = place(start);
        }
        if last.is_none() {
            let end_node = locations.len() - 1;
            locations[end_node] = place(end);
        }
        Self { visits, locations }
    }

    /// Duration and distance; nothing to or from a free end.
    #[inline]
    pub(crate) fn arc<C: Costs>(&self, problem: &Problem<'_, C>, from: usize, to: usize) -> Option<(u32, u32)> {
        if from == to || to == 0 || from == self.visits.len() - 1 {
            return None;
        }
        let (Some(a), Some(b)) = (self.locations[from], self.locations[to]) else {
            return Some((0, 0));
        };
        Some((problem.costs.duration(a, b)?.get(), problem.costs.distance(a, b)?.get()))
    }

    /// What an arc costs as a change of the plan in force.
    #[inline]
    pub(crate) fn change<C: Costs>(&self, problem: &Problem<'_, C>, from: usize, to: usize) -> u32 {
        let visit = |node: usize| Some(self.visits[node]).filter(|&visit| visit != NO_VISIT).map(VisitId::new);
        visit(to).map_or(0, |to| problem.change_cost(VehicleId::new(0), visit(from), to))
    }
}
