use crate::costs::Costs;
use crate::problem::{Objective, Problem};
use crate::solution::Limit;
use crate::timetable::{legs, timetable};
use crate::vehicle::{Vehicle, VehicleId};
use crate::visit::{Visit, VisitId};
use routemate_units::{Meters, Seconds};
use std::fmt;

/// What a tour costs.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Drive {
    /// Σ lateness × importance.
    pub(crate) late: u64,
    /// Driving as the objective says, the fixed cost and changes of the plan in force.
    pub(crate) cost: u64,
    /// From departure to finish.
    pub(crate) span: u32,
    pub(crate) finish: u32,
    /// Seconds driven.
    pub(crate) duration: u64,
    /// Metres driven.
    pub(crate) distance: u64,
}

/// Why a tour cannot be driven; in the order in which limits are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Obstacle {
    /// It would drive an unreachable pair.
    Unreachable,
    /// It would break this limit.
    Limit(Limit),
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreachable => "an unreachable pair",
            Self::Limit(Limit::Capacity) => "its capacity",
            Self::Limit(Limit::Visits) => "its most visits",
            Self::Limit(Limit::Distance) => "its longest distance",
            Self::Limit(Limit::Window) => "a window that refuses lateness",
            Self::Limit(Limit::Shift) => "the end of its shift, its longest duration or a break",
        })
    }
}

impl std::error::Error for Obstacle {}

/// Drives an order, or says what first stands against it. O(n).
pub(crate) fn drive<C: Costs>(problem: &Problem<'_, C>, id: VehicleId, order: &[usize]) -> Result<Drive, Obstacle> {
    let Some(vehicle) = problem.vehicles.get(id.index()).filter(|_| !order.is_empty()) else {
        return Ok(Drive::default());
    };
    let legs = legs(problem, vehicle, order).ok_or(Obstacle::Unreachable)?;
    if !fits_in(problem, vehicle, order) {
        return Err(Obstacle::Limit(Limit::Capacity));
    }
    if vehicle.max_visits().is_some_and(|most| order.len() > most) {
        return Err(Obstacle::Limit(Limit::Visits));
    }
    let distance: u64 = legs.iter().map(|leg| u64::from(leg.1.get())).sum();
    if vehicle.max_distance().is_some_and(|most| distance > most.get().into()) {
        return Err(Obstacle::Limit(Limit::Distance));
    }
    let Some(table) = timetable(problem, id, order, &legs) else {
        let limit = if keeps_windows(problem, vehicle, order, &legs) { Limit::Shift } else { Limit::Window };
        return Err(Obstacle::Limit(limit));
    };
    let fixed = u64::from(vehicle.fixed_cost());
    Ok(Drive {
        late: table.weighted_lateness,
        cost: driven(problem, &legs) + fixed + changes(problem, id, order),
        span: table.finish.saturating_sub(table.departure),
        finish: table.finish,
        duration: legs.iter().map(|leg| u64::from(leg.0.get())).sum(),
        distance,
    })
}

/// Seconds or metres, as the objective says.
pub(super) fn driven<C: Costs>(problem: &Problem<'_, C>, legs: &[(Seconds, Meters)]) -> u64 {
    legs.iter()
        .map(|(duration, distance)| match problem.objective {
            Objective::Duration => u64::from(duration.get()),
            Objective::Distance => u64::from(distance.get()),
        })
        .sum()
}

/// What an order costs as a change of the plan in force.
pub(crate) fn changes<C: Costs>(problem: &Problem<'_, C>, id: VehicleId, order: &[usize]) -> u64 {
    let visits = || order.iter().map(|&visit| VisitId::new(visit));
    let before = std::iter::once(None).chain(visits().map(Some));
    before.zip(visits()).map(|(from, to)| u64::from(problem.change_cost(id, from, to))).sum()
}

/// Whether the load fits at every moment, in every dimension.
fn fits_in<C: Costs>(problem: &Problem<'_, C>, vehicle: &Vehicle, order: &[usize]) -> bool {
    vehicle.capacity().iter().enumerate().all(|(dimension, &capacity)| {
        let amount = |amounts: &[u32]| amounts.get(dimension).map_or(0, |&amount| i64::from(amount));
        let visits = || order.iter().filter_map(|&visit| Some((visit, problem.visits.get(visit)?)));
        let mut load: i64 = visits().map(|(_, visit)| amount(visit.delivery())).sum();
        load <= capacity.into()
            && visits().all(|(index, visit)| {
                load += amount(visit.pickup()) - amount(visit.delivery()) + shipped(problem, index, dimension);
                load <= capacity.into()
            })
    })
}

/// What a visit loads, or unloads where negative, as an end of a shipment.
pub(crate) fn shipped<C: Costs>(problem: &Problem<'_, C>, visit: usize, dimension: usize) -> i64 {
    problem.shipment_of(visit).map_or(0, |shipment| {
        let amount = shipment.amounts().get(dimension).map_or(0, |&amount| i64::from(amount));
        if shipment.pickup().index() == visit { amount } else { -amount }
    })
}

/// Whether an order keeps the windows of those that refuse lateness, were there neither shift nor break.
fn keeps_windows<C: Costs>(
    problem: &Problem<'_, C>,
    vehicle: &Vehicle,
    order: &[usize],
    legs: &[(Seconds, Meters)],
) -> bool {
    let mut clock = vehicle.earliest_start();
    order.iter().filter_map(|&visit| problem.visits.get(visit)).zip(legs).all(|(visit, (time, _))| {
        let arrival = clock.saturating_add(*time);
        let window = visit.windows().iter().find(|window| arrival <= window.end);
        clock = window.map_or(arrival, |window| arrival.max(window.start)).saturating_add(visit.service());
        window.is_some() || visit.windows().is_empty() || !visit.refuses_lateness()
    })
}

/// Whether a visit may be left out at a price: it, or the other end of its shipment, has a prize.
pub(crate) fn is_optional<C: Costs>(problem: &Problem<'_, C>, group: &[usize]) -> bool {
    group.iter().any(|&visit| problem.visits.get(visit).and_then(Visit::prize).is_some())
}
