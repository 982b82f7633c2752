use crate::costs::Costs;
use crate::plan::Plan;
use crate::vehicle::{Vehicle, VehicleId};
use crate::visit::{Visit, VisitId};

/// What driving is measured in. Waiting and service never count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Objective {
    /// The least driving time; among equals the least distance.
    #[default]
    Duration,
    /// The least distance; among equals the least driving time.
    Distance,
}

/// Goods that are picked up at one visit and brought to another by the same vehicle: both are served, or neither.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Shipment {
    pub(crate) pickup: VisitId,
    pub(crate) delivery: VisitId,
    pub(crate) amounts: Vec<u32>,
}

impl Shipment {
    /// Where it is loaded.
    #[must_use]
    pub const fn pickup(&self) -> VisitId {
        self.pickup
    }

    /// Where it is unloaded, later on the same tour.
    #[must_use]
    pub const fn delivery(&self) -> VisitId {
        self.delivery
    }

    /// How much it is, for each dimension of [`Vehicle::capacity`]; dimensions that are not given are 0.
    #[must_use]
    pub fn amounts(&self) -> &[u32] {
        &self.amounts
    }
}

/// What is to be solved: visits, vehicles, an objective and the costs of driving. Made by
/// [`ProblemBuilder`](crate::ProblemBuilder), always consistent.
///
/// An answer is the better, in this order:
/// 1. the smaller the importance of what it leaves unserved, optional visits aside (only what cannot be served is left out);
/// 2. the smaller the sum of lateness × importance;
/// 3. the smaller its [total](crate::Cost::total): the [`Objective`] plus fixed costs, prizes of optional visits that are left
///    out, the costs of changing the plan in force and of balance;
/// 4. for one vehicle: the smaller the objective's tie-break, then the earlier the more important visits.
#[derive(Debug)]
pub struct Problem<'c, C: Costs> {
    pub(crate) costs: &'c C,
    pub(crate) visits: Vec<Visit>,
    /// The first of the vehicles, which is all that a search for one tour looks at.
    pub(crate) vehicle: Vehicle,
    pub(crate) vehicles: Vec<Vehicle>,
    pub(crate) shipments: Vec<Shipment>,
    /// Per visit: its shipment.
    pub(crate) shipment_of: Vec<Option<usize>>,
    pub(crate) objective: Objective,
    pub(crate) balance: u32,
    pub(crate) plan: Option<Plan>,
}

impl<C: Costs> Clone for Problem<'_, C> {
    fn clone(&self) -> Self {
        Self {
            costs: self.costs,
            visits: self.visits.clone(),
            vehicle: self.vehicle.clone(),
            vehicles: self.vehicles.clone(),
            shipments: self.shipments.clone(),
            shipment_of: self.shipment_of.clone(),
            objective: self.objective,
            balance: self.balance,
            plan: self.plan.clone(),
        }
    }
}

impl<'c, C: Costs> Problem<'c, C> {
    /// The visits in the order of addition: [`VisitId::index`] counts along this slice.
    #[must_use]
    pub fn visits(&self) -> &[Visit] {
        &self.visits
    }

    /// The vehicles in the order of addition, at least one: [`VehicleId::index`] counts along this slice.
    #[must_use]
    pub fn vehicles(&self) -> &[Vehicle] {
        &self.vehicles
    }

    /// The shipments in the order of addition.
    #[must_use]
    pub fn shipments(&self) -> &[Shipment] {
        &self.shipments
    }

    /// What driving is measured in.
    #[must_use]
    pub const fn objective(&self) -> Objective {
        self.objective
    }

    /// The costs of driving.
    #[must_use]
    pub const fn costs(&self) -> &'c C {
        self.costs
    }

    /// What a hundred seconds of the longest tour cost.
    #[must_use]
    pub const fn balance(&self) -> u32 {
        self.balance
    }

    /// The plan in force, if any.
    #[must_use]
    pub const fn plan_in_force(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    /// What changing the plan in force costs where a vehicle drives from one visit, or from its start, to another.
    pub(crate) fn change_cost(&self, vehicle: VehicleId, from: Option<VisitId>, to: VisitId) -> u32 {
        self.plan.as_ref().map_or(0, |plan| plan.change_cost(vehicle, from, to))
    }

    /// The shipment that a visit is an end of.
    pub(crate) fn shipment_of(&self, visit: usize) -> Option<&Shipment> {
        self.shipment_of.get(visit).copied().flatten().and_then(|index| self.shipments.get(index))
    }

    /// Whether every shipment with both ends in an order is picked up before it is delivered.
    pub(crate) fn keeps_shipments(&self, order: &[usize]) -> bool {
        let place = |visit: VisitId| order.iter().position(|&other| other == visit.index());
        self.shipments.iter().all(|shipment| match (place(shipment.pickup), place(shipment.delivery)) {
            (Some(pickup), Some(delivery)) => pickup < delivery,
            _ => true,
        })
    }

    pub(crate) const fn vehicle(&self) -> &Vehicle {
        &self.vehicle
    }

    /// Whether it asks for the best order of one tour and nothing else: no limits, no choice of what is served but for
    /// unreachable pairs.
    pub(crate) fn is_single_path(&self) -> bool {
        matches!(&self.vehicles[..], [vehicle] if vehicle.is_plain())
            && self.shipments.is_empty()
            && self.balance == 0
            && self.visits.iter().all(Visit::is_plain)
    }
}
