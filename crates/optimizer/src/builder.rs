use crate::costs::Costs;
use crate::plan::Plan;
use crate::problem::{Objective, Problem, Shipment};
use crate::problem_error::{ProblemError, TourEnd};
use crate::vehicle::{Terminal, Vehicle, VehicleId};
use crate::visit::{Visit, VisitId, Window};

/// Collects a [`Problem`] and checks it as a whole.
///
/// ```
/// use routemate_optimizer::{CostTable, ProblemBuilder, ProblemError, Visit};
/// use routemate_units::{Meters, Seconds};
/// let costs = CostTable::from_fn(2, |_, _| Some((Seconds::new(1), Meters::new(1))));
/// let mut builder = ProblemBuilder::new(&costs);
/// let first = builder.visit(Visit::at(0));
/// let nowhere = builder.visit(Visit::at(2));
/// assert_eq!(first.index(), 0);
/// assert_eq!(builder.build().unwrap_err(), ProblemError::VisitLocation { visit: nowhere, location: 2, len: 2 });
/// ```
#[derive(Debug)]
pub struct ProblemBuilder<'c, C: Costs> {
    costs: &'c C,
    visits: Vec<Visit>,
    vehicles: Vec<Vehicle>,
    shipments: Vec<Shipment>,
    objective: Objective,
    balance: u32,
    plan: Option<Plan>,
}

/// The most visits of one problem; the matrix of so many takes 4 GB.
pub(crate) const MAX_VISITS: usize = 32_000;

/// The most breaks of one vehicle: searches know which are taken by the bits of one number.
pub(crate) const MAX_BREAKS: usize = 15;

impl<'c, C: Costs> ProblemBuilder<'c, C> {
    /// An empty problem over these costs, measured by [`Objective::Duration`].
    #[must_use]
    pub fn new(costs: &'c C) -> Self {
        Self {
            costs,
            visits: Vec::new(),
            vehicles: Vec::new(),
            shipments: Vec::new(),
            objective: Objective::default(),
            balance: 0,
            plan: None,
        }
    }

    /// Adds a visit and names it. Several visits may share a location.
    pub fn visit(&mut self, visit: Visit) -> VisitId {
        self.visits.push(visit);
        VisitId::new(self.visits.len() - 1)
    }

    /// Adds a vehicle and names it; without any there is one, [`Vehicle::new`].
    pub fn vehicle(&mut self, vehicle: Vehicle) -> VehicleId {
        self.vehicles.push(vehicle);
        VehicleId::new(self.vehicles.len() - 1)
    }

    /// Adds goods that go from one visit to another on the same tour: how much, for each dimension of
    /// [`Vehicle::capacity`]. A visit belongs to at most one shipment and is optional where the other is.
    pub fn shipment(&mut self, pickup: VisitId, delivery: VisitId, amounts: impl Into<Vec<u32>>) -> &mut Self {
        self.shipments.push(Shipment { pickup, delivery, amounts: amounts.into() });
        self
    }

    /// What driving is measured in.
    pub fn objective(&mut self, objective: Objective) -> &mut Self {
        self.objective = objective;
        self
    }

    /// What a hundred seconds of the longest tour cost, from its departure to its finish, in the objective's unit (seconds
    /// or metres): the more, the more evenly work is spread. 0, the default, spreads nothing for its own sake.
    pub fn balance(&mut self, per_hundred_seconds: u32) -> &mut Self {
        self.balance = per_hundred_seconds;
        self
    }

    /// The tours that drivers already have: where the search begins, and what changes are counted against.
    pub fn plan_in_force(&mut self, plan: Plan) -> &mut Self {
        self.plan = Some(plan);
        self
    }

    /// Checks everything and gives the problem.
    ///
    /// # Errors
    /// The first thing that is wrong: visits, vehicles, shipments, the plan, each in their order. See [`ProblemError`].
    pub fn build(mut self) -> Result<Problem<'c, C>, ProblemError> {
        let len = self.costs.len();
        if self.visits.len() > MAX_VISITS {
            return Err(ProblemError::TooManyVisits { visits: self.visits.len() });
        }
        if self.vehicles.is_empty() {
            self.vehicles.push(Vehicle::new());
        }
        for (index, visit) in self.visits.iter_mut().enumerate() {
            check_visit(VisitId::new(index), visit, len, self.vehicles.len())?;
            visit.normalize_windows();
        }
        let mut places = Places { visits: &self.visits, taken: vec![None; self.visits.len()] };
        for (index, vehicle) in self.vehicles.iter().enumerate() {
            check_vehicle(VehicleId::new(index), vehicle, &mut places, len)?;
        }
        let shipment_of = self.check_shipments()?;
        if let Some(plan) = &mut self.plan {
            check_plan(plan, self.visits.len(), self.vehicles.len())?;
            plan.index(self.visits.len());
        }
        Ok(Problem {
            costs: self.costs,
            visits: self.visits,
            vehicle: self.vehicles.first().cloned().unwrap_or_default(),
            vehicles: self.vehicles,
            shipments: self.shipments,
            shipment_of,
            objective: self.objective,
            balance: self.balance,
            plan: self.plan,
        })
    }

    fn check_shipments(&self) -> Result<Vec<Option<usize>>, ProblemError> {
        let mut shipment_of = vec![None; self.visits.len()];
        for (index, shipment) in self.shipments.iter().enumerate() {
            let (pickup, delivery) = (shipment.pickup, shipment.delivery);
            for visit in [pickup, delivery] {
                match shipment_of.get_mut(visit.index()) {
                    None => return Err(ProblemError::ShipmentVisit { visit, visits: self.visits.len() }),
                    Some(Some(_)) => return Err(ProblemError::TwoShipments { visit }),
                    Some(taken) => *taken = Some(index),
                }
            }
            if self.vehicles.iter().enumerate().any(|(index, vehicle)| self.tears_apart(index, vehicle, shipment)) {
                return Err(ProblemError::ShipmentAgainstOrder { pickup, delivery });
            }
        }
        Ok(shipment_of)
    }

    /// Whether what is fixed about a vehicle's tour leaves no order in which it could carry both or neither.
    fn tears_apart(&self, index: usize, vehicle: &Vehicle, shipment: &Shipment) -> bool {
        let fixed: Vec<VisitId> = fixed_first(vehicle).collect();
        let place = |visit| fixed.iter().position(|&other| other == visit);
        let is_last = |visit| vehicle.end() == Terminal::Visit(visit);
        let is_locked_away = |visit: VisitId| {
            let locked = self.visits.get(visit.index()).and_then(Visit::vehicle);
            locked.is_some_and(|locked| locked.index() != index)
        };
        let (pickup, delivery) = (shipment.pickup, shipment.delivery);
        match (place(pickup), place(delivery)) {
            (Some(first), Some(second)) => first > second,
            (None, Some(_)) => true,
            (Some(_), None) => is_locked_away(delivery),
            (None, None) => is_last(pickup) || (is_last(delivery) && is_locked_away(pickup)),
        }
    }
}

/// The visits that are fixed at the beginning of a tour: its start, then its prefix.
pub(crate) fn fixed_first(vehicle: &Vehicle) -> impl Iterator<Item = VisitId> + '_ {
    let start = match vehicle.start() {
        Terminal::Visit(visit) if !vehicle.prefix().contains(&visit) => Some(visit),
        Terminal::Visit(_) | Terminal::Anywhere | Terminal::Location(_) => None,
    };
    start.into_iter().chain(vehicle.prefix().iter().copied())
}

fn check_visit(id: VisitId, visit: &Visit, len: usize, vehicles: usize) -> Result<(), ProblemError> {
    if visit.location() >= len {
        return Err(ProblemError::VisitLocation { visit: id, location: visit.location(), len });
    }
    if visit.importance() == 0 {
        return Err(ProblemError::ZeroImportance { visit: id });
    }
    if let Some(vehicle) = visit.vehicle().filter(|vehicle| vehicle.index() >= vehicles) {
        return Err(ProblemError::LockedToNoVehicle { visit: id, vehicle, vehicles });
    }
    check_windows(visit.windows()).map_err(|window| ProblemError::WindowEndsBeforeStart { visit: id, window })
}

fn check_windows(windows: &[Window]) -> Result<(), Window> {
    windows.iter().find(|window| window.end < window.start).map_or(Ok(()), |&window| Err(window))
}

/// Which vehicle each visit is fixed to by an end or a prefix.
struct Places<'v> {
    visits: &'v [Visit],
    taken: Vec<Option<VehicleId>>,
}

impl Places<'_> {
    /// Notes a visit that exists.
    fn take(&mut self, visit: VisitId, vehicle: VehicleId) -> Result<(), ProblemError> {
        if self.visits.get(visit.index()).and_then(Visit::vehicle).is_some_and(|locked| locked != vehicle) {
            return Err(ProblemError::FixedElsewhere { visit, vehicle });
        }
        match self.taken.get_mut(visit.index()) {
            Some(Some(_)) => Err(ProblemError::FixedTwice { visit }),
            Some(taken) => {
                *taken = Some(vehicle);
                Ok(())
            }
            None => Err(ProblemError::PrefixVisit { vehicle, visit, visits: self.visits.len() }),
        }
    }
}

fn check_vehicle(id: VehicleId, vehicle: &Vehicle, places: &mut Places<'_>, len: usize) -> Result<(), ProblemError> {
    let visits = places.visits.len();
    for (end, terminal) in [(TourEnd::Start, vehicle.start()), (TourEnd::Finish, vehicle.end())] {
        match terminal {
            Terminal::Location(location) if location >= len => {
                return Err(ProblemError::TerminalLocation { vehicle: id, end, location, len });
            }
            Terminal::Visit(visit) if visit.index() >= visits => {
                return Err(ProblemError::TerminalVisit { vehicle: id, end, visit, visits });
            }
            _ => {}
        }
    }
    if let (Terminal::Visit(first), Terminal::Visit(last)) = (vehicle.start(), vehicle.end())
        && first == last
    {
        if visits > 1 {
            return Err(ProblemError::OneVisitAtBothEnds { visit: first });
        }
    } else if let Terminal::Visit(last) = vehicle.end() {
        places.take(last, id)?;
    }
    if let (Terminal::Visit(start), Some(&first)) = (vehicle.start(), vehicle.prefix().first())
        && start != first
        && vehicle.prefix().contains(&start)
    {
        return Err(ProblemError::FixedTwice { visit: start });
    }
    for visit in fixed_first(vehicle) {
        places.take(visit, id)?;
    }
    if vehicle.latest_start().is_some_and(|latest| latest < vehicle.earliest_start()) {
        return Err(ProblemError::StartEndsBeforeItBegins { vehicle: id });
    }
    if vehicle.latest_finish().is_some_and(|latest| latest < vehicle.earliest_start()) {
        return Err(ProblemError::ShiftEndsBeforeItBegins { vehicle: id });
    }
    if vehicle.breaks().len() > MAX_BREAKS {
        return Err(ProblemError::TooManyBreaks { vehicle: id, breaks: vehicle.breaks().len() });
    }
    match vehicle.breaks().iter().find(|pause| pause.window.end < pause.window.start) {
        Some(pause) => Err(ProblemError::BreakWindowEndsBeforeStart { vehicle: id, window: pause.window }),
        None => Ok(()),
    }
}

fn check_plan(plan: &Plan, visits: usize, vehicles: usize) -> Result<(), ProblemError> {
    if plan.tours().len() > vehicles {
        return Err(ProblemError::PlanVehicles { tours: plan.tours().len(), vehicles });
    }
    let mut is_planned = vec![false; visits];
    for &visit in plan.tours().iter().flatten() {
        match is_planned.get_mut(visit.index()) {
            None => return Err(ProblemError::PlanVisit { visit, visits }),
            Some(true) => return Err(ProblemError::PlannedTwice { visit }),
            Some(planned) => *planned = true,
        }
    }
    Ok(())
}
