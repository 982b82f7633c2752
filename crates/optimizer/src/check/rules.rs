use crate::costs::Costs;
use crate::problem::{Problem, Shipment};
use crate::vehicle::{Terminal, Vehicle, VehicleId};
use crate::visit::{Visit, VisitId};

/// What is fixed about a problem's visits, looked up once.
pub(super) struct Rules<'p> {
    /// Per visit.
    fixed_to: Vec<Option<VehicleId>>,
    shipments: Vec<Option<&'p Shipment>>,
    planned: Vec<Planned>,
    each_change: u64,
}

/// What a visit comes after in the plan in force.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Planned {
    Never,
    FirstOf(VehicleId),
    After(VisitId),
}

impl<'p> Rules<'p> {
    pub(super) fn of<C: Costs>(problem: &'p Problem<'_, C>) -> Self {
        let count = problem.visits().len();
        let mut rules = Self {
            fixed_to: vec![None; count],
            shipments: vec![None; count],
            planned: vec![Planned::Never; count],
            each_change: problem.plan_in_force().map_or(0, |plan| plan.each_change().into()),
        };
        for (index, vehicle) in problem.vehicles().iter().enumerate() {
            for visit in first_visits(vehicle).into_iter().chain(last_visit(vehicle)) {
                set(&mut rules.fixed_to, visit, Some(VehicleId::new(index)));
            }
        }
        for shipment in problem.shipments() {
            set(&mut rules.shipments, shipment.pickup(), Some(shipment));
            set(&mut rules.shipments, shipment.delivery(), Some(shipment));
        }
        for (index, tour) in problem.plan_in_force().into_iter().flat_map(|plan| plan.tours()).enumerate() {
            let before = std::iter::once(Planned::FirstOf(VehicleId::new(index)))
                .chain(tour.iter().map(|&visit| Planned::After(visit)));
            for (planned, &visit) in before.zip(tour) {
                set(&mut rules.planned, visit, planned);
            }
        }
        rules
    }

    /// The vehicle at whose end or in whose prefix the visit is fixed.
    pub(super) fn fixed_to(&self, visit: VisitId) -> Option<VehicleId> {
        self.fixed_to.get(visit.index()).copied().flatten()
    }

    pub(super) fn shipment(&self, visit: VisitId) -> Option<&'p Shipment> {
        self.shipments.get(visit.index()).copied().flatten()
    }

    /// Whether lock, skills and what is fixed let this vehicle serve the visit.
    pub(super) fn lets_serve(&self, id: VehicleId, vehicle: &Vehicle, visit: VisitId, what: &Visit) -> bool {
        what.vehicle().is_none_or(|locked| locked == id)
            && self.fixed_to(visit).is_none_or(|fixed| fixed == id)
            && what.skills().iter().all(|skill| vehicle.skills().contains(skill))
    }

    /// What a vehicle's order of visits costs as a change of the plan in force.
    pub(super) fn changes(&self, vehicle: VehicleId, order: &[VisitId]) -> u64 {
        let planned = |visit: VisitId| self.planned.get(visit.index()).copied().unwrap_or(Planned::Never);
        let mut before = None;
        let mut changes = 0;
        for &visit in order {
            let is_kept = match (planned(visit), before) {
                (Planned::Never, _) => true,
                (Planned::FirstOf(first), None) => first == vehicle,
                (Planned::After(_), None) => false,
                (after, Some(before)) => planned(before) == Planned::Never || after == Planned::After(before),
            };
            changes += u64::from(!is_kept);
            before = Some(visit);
        }
        changes * self.each_change
    }
}

fn set<T>(list: &mut [T], visit: VisitId, value: T) {
    if let Some(known) = list.get_mut(visit.index()) {
        *known = value;
    }
}

/// The visits that come first in every tour of a vehicle, in this order: its start and its prefix.
pub(super) fn first_visits(vehicle: &Vehicle) -> Vec<VisitId> {
    let prefix = vehicle.prefix().iter().copied();
    match vehicle.start() {
        Terminal::Visit(start) => std::iter::once(start).chain(prefix.filter(|&visit| visit != start)).collect(),
        Terminal::Anywhere | Terminal::Location(_) => prefix.collect(),
    }
}

/// The visit that comes last in every tour of a vehicle.
pub(super) fn last_visit(vehicle: &Vehicle) -> Option<VisitId> {
    match vehicle.end() {
        Terminal::Visit(end) => Some(end),
        Terminal::Anywhere | Terminal::Location(_) => None,
    }
}
