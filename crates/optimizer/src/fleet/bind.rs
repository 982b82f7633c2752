//! From a problem to what the fleet search sees, and its answer back.

use crate::builder::fixed_first;
use crate::costs::Costs;
use crate::fleet::model::{Arc, FOREVER, Model};
use crate::fleet::parts::{Break, Parts, VehiclePart, VisitPart};
use crate::fleet::search::{Found, search};
use crate::pace::Pace;
use crate::problem::{Objective, Problem};
use crate::vehicle::{Terminal, Vehicle};
use crate::visit::{Visit, VisitId};

/// The best tours found, one for each vehicle; `None` where the time ran out before the costs were read. Everybody who is in no
/// tour is left out.
pub(crate) fn search_fleets<C: Costs>(problem: &Problem<'_, C>, pace: &Pace<'_>, seed: u64) -> Option<Found> {
    let is_limited = problem.vehicles.iter().any(|vehicle| vehicle.max_distance().is_some());
    let arc = |from: usize, to: usize| -> Option<Arc> {
        let duration = problem.costs.duration(from, to)?.get();
        Some(match problem.objective {
            Objective::Duration if is_limited => (duration, duration, problem.costs.distance(from, to)?.get()),
            // Whether there is a way is said by both.
            Objective::Duration => (duration, duration, problem.costs.distance(from, to).map(|_| 0)?),
            Objective::Distance => {
                let distance = problem.costs.distance(from, to)?.get();
                (distance, duration, distance)
            }
        })
    };
    let mut model = Model::of(parts(problem), problem.objective == Objective::Duration, arc, pace)?;
    let mut found = search(&mut model, pace, seed);
    keep_shipments(problem, &mut found.tours);
    keep_shipments(problem, &mut found.begin);
    Some(found)
}

fn parts<C: Costs>(problem: &Problem<'_, C>) -> Parts {
    let pair = |shipment: &crate::problem::Shipment| {
        (shipment.pickup().index(), shipment.delivery().index(), amounts(shipment.amounts()))
    };
    let mut visits: Vec<VisitPart> = problem.visits.iter().map(visit).collect();
    let vehicles: Vec<VehiclePart> = problem.vehicles.iter().map(vehicle).collect();
    for (index, vehicle) in vehicles.iter().enumerate() {
        for &fixed in vehicle.head.iter().chain(&vehicle.tail) {
            // The other half of its shipment belongs to the same vehicle.
            let ends = problem.shipment_of(fixed).map(|shipment| [shipment.pickup(), shipment.delivery()]);
            for end in ends.into_iter().flatten().chain([VisitId::new(fixed)]) {
                if let Some(visit) = visits.get_mut(end.index()) {
                    visit.vehicle = Some(index);
                }
            }
        }
    }
    let plan = problem.plan_in_force();
    Parts {
        visits,
        vehicles,
        pairs: problem.shipments.iter().map(pair).collect(),
        balance: problem.balance.into(),
        plan: plan.map_or_else(Vec::new, |plan| {
            plan.tours().iter().map(|tour| tour.iter().map(|visit| visit.index()).collect()).collect()
        }),
        change_cost: plan.map_or(0, |plan| plan.each_change().into()),
    }
}

fn amounts(amounts: &[u32]) -> Vec<i64> {
    amounts.iter().copied().map(i64::from).collect()
}

fn visit(visit: &Visit) -> VisitPart {
    VisitPart {
        location: visit.location(),
        service: visit.service().get().into(),
        windows: visit.windows().iter().map(|window| (window.start.get().into(), window.end.get().into())).collect(),
        refuses_lateness: visit.refuses_lateness(),
        importance: visit.importance().into(),
        prize: visit.prize().map(i64::from),
        delivery: amounts(visit.delivery()),
        pickup: amounts(visit.pickup()),
        skills: visit.skills().to_vec(),
        vehicle: visit.vehicle().map(|vehicle| vehicle.index()),
    }
}

fn vehicle(vehicle: &Vehicle) -> VehiclePart {
    let location = |terminal| match terminal {
        Terminal::Location(location) => Some(location),
        Terminal::Anywhere | Terminal::Visit(_) => None,
    };
    let head: Vec<usize> = fixed_first(vehicle).map(|visit| visit.index()).collect();
    let tail = match vehicle.end() {
        Terminal::Visit(visit) => Some(visit.index()).filter(|visit| !head.contains(visit)),
        Terminal::Anywhere | Terminal::Location(_) => None,
    };
    VehiclePart {
        start: location(vehicle.start()),
        end: location(vehicle.end()),
        earliest_start: vehicle.earliest_start().get().into(),
        latest_start: vehicle.latest_start().map_or(FOREVER, |latest| latest.get().into()),
        latest_finish: vehicle.latest_finish().map_or(FOREVER, |latest| latest.get().into()),
        max_duration: vehicle.max_duration().map_or(FOREVER, |longest| longest.get().into()),
        max_distance: vehicle.max_distance().map_or(FOREVER, |most| most.get().into()),
        max_visits: vehicle.max_visits().unwrap_or(usize::MAX),
        capacity: amounts(vehicle.capacity()),
        fixed_cost: vehicle.fixed_cost().into(),
        skills: vehicle.skills().to_vec(),
        breaks: vehicle
            .breaks()
            .iter()
            .map(|pause| Break {
                duration: pause.duration.get().into(),
                opens: pause.window.start.get().into(),
                closes: pause.window.end.get().into(),
            })
            .collect(),
        head,
        tail,
    }
}

/// Takes out halves of shipments whose other half is not served.
pub(crate) fn keep_shipments<C: Costs>(problem: &Problem<'_, C>, tours: &mut [Vec<usize>]) {
    for tour in tours {
        let whole: Vec<usize> = tour
            .iter()
            .copied()
            .filter(|&visit| {
                problem.shipment_of(visit).is_none_or(|shipment| {
                    tour.contains(&shipment.pickup().index()) && tour.contains(&shipment.delivery().index())
                })
            })
            .collect();
        *tour = whole;
    }
}
