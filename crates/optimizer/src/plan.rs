use crate::vehicle::VehicleId;
use crate::visit::VisitId;

/// The tours that drivers already have, from which a new answer should differ little.
///
/// Searches begin with it. A change is counted wherever a visit of the plan follows another one of the plan's visits, or
/// another vehicle's start, than it does in the plan. What is put between two visits or taken out of the problem changes
/// nothing for those that stay.
///
/// ```
/// use routemate_optimizer::{Budget, CostTable, Plan, ProblemBuilder, Visit, solve};
/// use routemate_units::{Meters, Seconds};
/// let costs = CostTable::from_fn(4, |a, b| Some((Seconds::new(60 * a.abs_diff(b) as u32), Meters::ZERO)));
/// let mut builder = ProblemBuilder::new(&costs);
/// let [a, b, c] = [0, 2, 3].map(|location| builder.visit(Visit::at(location)));
/// // Promised backwards; going the other way is no shorter, so nobody is told anything new.
/// builder.plan_in_force(Plan::new([vec![c, b, a]]).with_change_cost(30));
/// let late_comer = builder.visit(Visit::at(1));
/// let solution = solve(&builder.build()?, &Budget::of_iterations(100), 1);
/// let order: Vec<_> = solution.tours[0].visits().collect();
/// assert_eq!(order, [c, b, late_comer, a]);
/// assert_eq!(solution.cost.changes, 0);
/// # Ok::<(), routemate_optimizer::ProblemError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    tours: Vec<Vec<VisitId>>,
    change_cost: u32,
    /// Per visit: what it follows in the plan.
    follows: Vec<Follows>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Follows {
    #[default]
    Nothing,
    Start(VehicleId),
    Visit(VisitId),
}

impl Plan {
    /// A list of visits for each vehicle, in the order of both; vehicles that are not given have none. Changes are free.
    #[must_use]
    pub fn new(tours: impl Into<Vec<Vec<VisitId>>>) -> Self {
        Self { tours: tours.into(), change_cost: 0, follows: Vec::new() }
    }

    /// What each change costs, in the objective's unit (seconds or metres).
    #[must_use]
    pub const fn with_change_cost(mut self, change_cost: u32) -> Self {
        self.change_cost = change_cost;
        self
    }

    /// The visits of each vehicle.
    #[must_use]
    pub fn tours(&self) -> &[Vec<VisitId>] {
        &self.tours
    }

    /// What each change costs.
    #[must_use]
    pub const fn each_change(&self) -> u32 {
        self.change_cost
    }

    /// Notes what follows what, for visits that exist.
    pub(crate) fn index(&mut self, visits: usize) {
        self.follows = vec![Follows::Nothing; visits];
        for (vehicle, tour) in self.tours.iter().enumerate() {
            let mut follows = Follows::Start(VehicleId::new(vehicle));
            for &visit in tour {
                if let Some(known) = self.follows.get_mut(visit.index()) {
                    *known = follows;
                }
                follows = Follows::Visit(visit);
            }
        }
    }

    fn follows(&self, visit: VisitId) -> Follows {
        self.follows.get(visit.index()).copied().unwrap_or_default()
    }

    pub(crate) fn change_cost(&self, vehicle: VehicleId, from: Option<VisitId>, to: VisitId) -> u32 {
        let is_kept = match (self.follows(to), from) {
            (Follows::Nothing, _) => true,
            (Follows::Start(planned), None) => planned == vehicle,
            (Follows::Visit(_), None) => false,
            (planned, Some(from)) => self.follows(from) == Follows::Nothing || planned == Follows::Visit(from),
        };
        if is_kept { 0 } else { self.change_cost }
    }
}
