//! From a route with stops in any state to the same route with a plan.

mod assembly;
mod places;
mod problem;
mod reach;
mod situation;
mod timetable;
mod weights;

use jiff::civil::Date;
use routemate_domain::Itinerary;
use routemate_optimizer::Budget;
use routemate_units::VehicleKind;

#[cfg(test)]
pub(crate) use self::problem::Wish;
pub(crate) use self::problem::{Assignment, Ordered};
use self::situation::Situation;
use crate::solver::Task;
use crate::{App, Error};

/// In which order stops are driven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopOrder {
    /// As they stand; those without a plan where they were given. Only the plan is computed.
    Given,
    /// As takes the least time to drive, with windows kept where that can be.
    Best,
}

impl StopOrder {
    /// The order that a route is in: one that was computed is computed again.
    pub(crate) const fn of(itinerary: &Itinerary) -> Self {
        if itinerary.route.optimality.is_some() { Self::Best } else { Self::Given }
    }
}

/// What a plan is to be like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlanRequest {
    /// The order of the stops.
    pub(crate) order: StopOrder,
    /// The day that times count from; without it that of the route's schedule or its first window.
    pub(crate) day: Option<Date>,
    /// What is driven.
    pub(crate) vehicle: VehicleKind,
}

impl App {
    /// Plans what is still ahead on a route: the order of its stops, legs, arrivals, and what the whole comes to.
    ///
    /// Stops that are behind the driver come first and keep their plan; what is ahead begins where and when the driver left
    /// the last of them. In the best order locked stops keep their places, the route's [ends] are kept, and the others go
    /// where driving takes the least time. Breaks take their turn within their windows; without one they keep their rank.
    /// Stops without a place come last.
    ///
    /// Times count from midnight (in the route's zone) of the day asked for. Where neither day, schedule nor windows are
    /// given, the plan has no times. A scheduled route is left at its time, any other as late as keeps every window.
    ///
    /// [ends]: routemate_domain::RouteEnds
    pub(crate) async fn plan(&self, itinerary: Itinerary, request: PlanRequest) -> Result<Itinerary, Error> {
        let situation = Situation::of(itinerary, request.order, request.day);
        if !situation.is_drivable() {
            return Ok(situation.unplanned());
        }
        let task = Task {
            engines: self.travel.clone(),
            points: situation.points(),
            assignment: situation.assignment(request.order),
            driven: situation.driven(),
            vehicle: request.vehicle,
            budget: Budget::within(self.settings.solver.for_stops(situation.ahead.len()), self.stop_token()),
            patience: self.settings.travel_deadline,
        };
        let solved = self.solver.solve(task).await?;
        Ok(assembly::assemble(situation, &solved))
    }
}

#[cfg(test)]
mod tests;
