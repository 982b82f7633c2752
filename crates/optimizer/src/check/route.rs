use crate::costs::Costs;
use crate::problem::{Objective, Problem};
use crate::vehicle::{Terminal, Vehicle, VehicleId};
use crate::visit::{Visit, VisitId};

/// A vehicle's visits in an order that can be driven, without times.
pub(super) struct Route<'p> {
    pub(super) id: VehicleId,
    pub(super) vehicle: &'p Vehicle,
    pub(super) order: Vec<VisitId>,
    pub(super) visits: Vec<&'p Visit>,
    /// Driving time to each stop, then to the end.
    legs: Vec<u32>,
    /// The sums over all legs.
    pub(super) duration: u64,
    pub(super) distance: u64,
}

/// A pair of locations without a way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoWay {
    pub(super) from: usize,
    pub(super) to: usize,
}

pub(super) fn leg<C: Costs>(problem: &Problem<'_, C>, from: usize, to: usize) -> Result<(u32, u32), NoWay> {
    let costs = problem.costs();
    match (costs.duration(from, to), costs.distance(from, to)) {
        (Some(duration), Some(distance)) => Ok((duration.get(), distance.get())),
        _ => Err(NoWay { from, to }),
    }
}

/// The location of an end that is no visit.
pub(super) const fn location(end: Terminal) -> Option<usize> {
    match end {
        Terminal::Location(location) => Some(location),
        Terminal::Anywhere | Terminal::Visit(_) => None,
    }
}

impl<'p> Route<'p> {
    /// The visits exist; what does not is left out. An empty order drives nowhere.
    pub(super) fn of<C: Costs>(
        problem: &'p Problem<'_, C>,
        (id, vehicle): (VehicleId, &'p Vehicle),
        order: Vec<VisitId>,
    ) -> Result<Self, NoWay> {
        let visits: Vec<&Visit> = order.iter().filter_map(|visit| problem.visits().get(visit.index())).collect();
        let mut route = Self { id, vehicle, order, visits, legs: Vec::new(), duration: 0, distance: 0 };
        if route.visits.is_empty() {
            return Ok(route);
        }
        let stops = route.visits.iter().map(|visit| Some(visit.location()));
        let mut from = location(vehicle.start());
        let mut legs = Vec::with_capacity(route.visits.len() + 1);
        for to in stops.chain([location(vehicle.end())]) {
            let (duration, distance) = match (from, to) {
                (Some(from), Some(to)) => leg(problem, from, to)?,
                _ => (0, 0),
            };
            legs.push(duration);
            route.duration += u64::from(duration);
            route.distance += u64::from(distance);
            from = to;
        }
        route.legs = legs;
        Ok(route)
    }

    /// Driving time to the stop at `place`, or to the end after the last.
    pub(super) fn leg(&self, place: usize) -> u32 {
        self.legs.get(place).copied().unwrap_or_default()
    }

    /// What the objective counts.
    pub(super) const fn driven(&self, objective: Objective) -> u64 {
        match objective {
            Objective::Duration => self.duration,
            Objective::Distance => self.distance,
        }
    }
}
