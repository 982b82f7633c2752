use crate::answer::Tours;
use crate::builder::fixed_first;
use crate::costs::Costs;
use crate::problem::Problem;
use crate::vehicle::{Terminal, VehicleId};
use crate::visit::VisitId;
use std::ops::RangeInclusive;

/// Where visits may stand, given what is fixed.
pub(crate) struct Places {
    /// Per visit: the vehicle at whose end or in whose prefix it is.
    fixed_to: Vec<Option<VehicleId>>,
}

impl Places {
    pub(crate) fn of<C: Costs>(problem: &Problem<'_, C>) -> Self {
        let mut fixed_to = vec![None; problem.visits.len()];
        for (index, vehicle) in problem.vehicles.iter().enumerate() {
            for visit in fixed_first(vehicle).chain(last_visit(vehicle.end())) {
                if let Some(fixed) = fixed_to.get_mut(visit.index()) {
                    *fixed = Some(VehicleId::new(index));
                }
            }
        }
        Self { fixed_to }
    }

    /// Whether a visit is an end of a tour or in a prefix.
    pub(crate) fn is_fixed(&self, visit: usize) -> bool {
        self.fixed_to.get(visit).copied().flatten().is_some()
    }

    /// Whether a vehicle may serve a visit: by skills, locks and what is fixed.
    pub(crate) fn may_serve<C: Costs>(&self, problem: &Problem<'_, C>, id: VehicleId, visit: usize) -> bool {
        self.fixed_to.get(visit).copied().flatten().is_none_or(|fixed| fixed == id)
            && match (problem.vehicles.get(id.index()), problem.visits.get(visit)) {
                (Some(vehicle), Some(visit)) => vehicle.may_serve(id, visit),
                _ => false,
            }
    }

    /// The vehicles that may serve all of a group: by skills, locks and what is fixed.
    pub(crate) fn vehicles<'p, C: Costs>(
        &'p self,
        problem: &'p Problem<'_, C>,
        group: &'p [usize],
    ) -> impl Iterator<Item = VehicleId> + 'p {
        (0..problem.vehicles.len())
            .map(VehicleId::new)
            .filter(move |&id| group.iter().all(|&visit| self.may_serve(problem, id, visit)))
    }

    /// The places, from 0, at which `visit` may be put into an order of a vehicle that does not have it.
    pub(crate) fn range<C: Costs>(
        problem: &Problem<'_, C>,
        id: VehicleId,
        order: &[usize],
        visit: usize,
    ) -> RangeInclusive<usize> {
        let Some(vehicle) = problem.vehicles.get(id.index()) else {
            return RangeInclusive::new(1, 0);
        };
        let fixed: Vec<usize> = fixed_first(vehicle).map(VisitId::index).collect();
        let end = last_visit(vehicle.end()).map(VisitId::index);
        if let Some(own) = fixed.iter().position(|&other| other == visit) {
            let before = fixed.iter().take(own).filter(|earlier| order.contains(earlier)).count();
            return before..=before;
        }
        if end == Some(visit) {
            return order.len()..=order.len();
        }
        let lowest = order.iter().take_while(|served| fixed.contains(served)).count();
        let highest = order.len() - usize::from(end.is_some() && order.last().copied() == end);
        lowest..=highest
    }

    /// All orders of a vehicle with a group put in: one visit, or the two of a shipment in their order.
    pub(crate) fn orders_with<C: Costs>(
        problem: &Problem<'_, C>,
        id: VehicleId,
        order: &[usize],
        group: &[usize],
    ) -> impl Iterator<Item = Vec<usize>> {
        let order = order.to_vec();
        let (first, second) = (group.first().copied(), group.get(1).copied());
        let firsts = first.map_or(RangeInclusive::new(1, 0), |visit| Self::range(problem, id, &order, visit));
        firsts.flat_map(move |place| {
            let mut with_first = order.clone();
            with_first.splice(place..place, first);
            let seconds = match second {
                None => 0..=0,
                Some(visit) => {
                    let range = Self::range(problem, id, &with_first, visit);
                    (*range.start()).max(place + 1)..=*range.end()
                }
            };
            seconds.map(move |place| {
                let mut whole = with_first.clone();
                whole.splice(if second.is_some() { place..place } else { 0..0 }, second);
                whole
            })
        })
    }

    /// What is fixed of a vehicle's tour and what is shipped to or from there, in its order, as far as it is served.
    pub(super) fn fixed_part<C: Costs>(problem: &Problem<'_, C>, id: VehicleId, tours: &Tours) -> Vec<usize> {
        let Some(vehicle) = problem.vehicles.get(id.index()) else {
            return Vec::new();
        };
        let fixed: Vec<usize> = fixed_first(vehicle).chain(last_visit(vehicle.end())).map(VisitId::index).collect();
        let stays = |visit: usize| {
            let ends = problem.shipment_of(visit).map(|shipment| [shipment.pickup(), shipment.delivery()]);
            fixed.contains(&visit) || ends.into_iter().flatten().any(|end| fixed.contains(&end.index()))
        };
        tours.order(id.index()).iter().copied().filter(|&visit| stays(visit)).collect()
    }
}

/// The visit that ends a tour, if one is fixed there.
const fn last_visit(end: Terminal) -> Option<VisitId> {
    match end {
        Terminal::Visit(visit) => Some(visit),
        Terminal::Anywhere | Terminal::Location(_) => None,
    }
}
