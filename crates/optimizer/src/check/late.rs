//! Why visits are late.

use super::limits::{Trial, attempt};
use super::places::orders;
use super::route::{leg, location};
use super::rules::{Rules, first_visits};
use super::violation::Violation;
use super::walk::serve;
use super::{Day, days};
use crate::costs::Costs;
use crate::problem::Problem;
use crate::solution::{Late, LateReason};
use crate::vehicle::{Terminal, Vehicle, VehicleId};
use crate::visit::VisitId;
use std::collections::VecDeque;

pub(super) fn check_late<C: Costs>(
    problem: &Problem<'_, C>,
    rules: &Rules<'_>,
    tours: &[Day<'_>],
    late: &[Late],
    violations: &mut Vec<Violation>,
) {
    let is_too_far = |late: &Late| matches!(late.reason, LateReason::TooFar { .. });
    let arrivals = if late.iter().any(is_too_far) { arrivals(problem, rules, tours) } else { Vec::new() };
    for late in late {
        let Some(visit) = problem.visits().get(late.visit.index()) else { continue };
        let holds = match late.reason {
            LateReason::TooFar { earliest } => {
                is_soonest(rules, &arrivals, late.visit, earliest.get())
                    && visit.windows().last().is_some_and(|last| earliest > last.end)
            }
            LateReason::OthersFirst => others_come_first(problem, rules, tours, late.visit),
            LateReason::SearchStopped => true,
        };
        if !holds {
            violations.push(Violation::LateReason { visit: late.visit, stated: late.reason });
        }
    }
}

/// Whether no other place for a visit in any tour that keeps all limits lessens the weighted lateness.
fn others_come_first<C: Costs>(problem: &Problem<'_, C>, rules: &Rules<'_>, tours: &[Day<'_>], visit: VisitId) -> bool {
    let Some(own) = tours.iter().find(|tour| tour.route.order.contains(&visit)) else { return false };
    let (id, vehicle) = (own.route.id, own.route.vehicle);
    let mut rest = own.route.order.clone();
    rest.retain(|&other| other != visit);
    let shipment = rules.shipment(visit);
    let keeps_shipment = |order: &[VisitId]| {
        let place = |visit| order.iter().position(|&other| other == visit);
        shipment.is_none_or(|shipment| place(shipment.pickup()) < place(shipment.delivery()))
    };
    let here = own.walk.weighted_lateness(&own.route);
    let is_no_better_here = orders(vehicle, &rest, visit, None)
        .filter(|order| *order != own.route.order && keeps_shipment(order))
        .filter_map(|order| lateness(problem, rules, (id, vehicle), order))
        .all(|lateness| lateness >= here);
    if !is_no_better_here || shipment.is_some() {
        return is_no_better_here;
    }
    let Some(left) = lateness(problem, rules, (id, vehicle), rest) else { return true };
    let what = problem.visits().get(visit.index());
    let mut others = days(problem, tours).filter(|&(other, vehicle, _)| {
        other != id && what.is_some_and(|what| rules.lets_serve(other, vehicle, visit, what))
    });
    others.all(|(other, vehicle, day)| {
        let there = day.map_or(0, |day| day.walk.weighted_lateness(&day.route));
        let order = day.map_or(&[][..], |day| &day.route.order);
        orders(vehicle, order, visit, None)
            .filter_map(|order| lateness(problem, rules, (other, vehicle), order))
            .all(|lateness| left + lateness >= here + there)
    })
}

/// The weighted lateness of an order, `None` where it breaks a limit.
fn lateness<C: Costs>(
    problem: &Problem<'_, C>,
    rules: &Rules<'_>,
    vehicle: (VehicleId, &Vehicle),
    order: Vec<VisitId>,
) -> Option<u128> {
    match attempt(problem, rules, vehicle, order).0 {
        Trial::Fits(timing) => Some(timing.lateness),
        Trial::NoWay | Trial::Breaks(_) => None,
    }
}

/// Per visit when one can be there at the earliest: over all visits, and with each vehicle over what it may serve once its
/// prefix is done.
struct Arrivals {
    vehicle: VehicleId,
    over_all: Vec<u32>,
    over_its_own: Vec<u32>,
    may_serve: Vec<bool>,
}

/// Whether the vehicles that may serve a visit are there at `stated` at the earliest. Which visits lead there sooner is left
/// open: those that the vehicle may serve, or all.
fn is_soonest(rules: &Rules<'_>, arrivals: &[Arrivals], id: VisitId, stated: u32) -> bool {
    let allowed = || {
        let may_serve = |of: &&Arrivals| of.may_serve.get(id.index()).copied().unwrap_or_default();
        arrivals.iter().filter(may_serve).filter(|of| rules.fixed_to(id).is_none_or(|fixed| fixed == of.vehicle))
    };
    let soonest = allowed().filter_map(|of| of.over_all.get(id.index())).min();
    let latest = allowed().filter_map(|of| of.over_its_own.get(id.index())).min();
    soonest.is_some_and(|&soonest| soonest <= stated) && latest.is_some_and(|&latest| stated <= latest)
}

fn arrivals<C: Costs>(problem: &Problem<'_, C>, rules: &Rules<'_>, tours: &[Day<'_>]) -> Vec<Arrivals> {
    let is_served = |visit: &VisitId| tours.iter().any(|tour| tour.route.order.contains(visit));
    days(problem, tours)
        .map(|(id, vehicle, _)| {
            let may_serve: Vec<bool> = problem
                .visits()
                .iter()
                .enumerate()
                .map(|(index, visit)| rules.lets_serve(id, vehicle, VisitId::new(index), visit))
                .collect();
            let first: Vec<VisitId> = first_visits(vehicle).into_iter().filter(is_served).collect();
            let start: Vec<VisitId> = match vehicle.start() {
                Terminal::Visit(start) => first.iter().copied().filter(|&visit| visit == start).collect(),
                Terminal::Anywhere | Terminal::Location(_) => Vec::new(),
            };
            let everybody = vec![true; may_serve.len()];
            Arrivals {
                vehicle: id,
                over_all: earliest_arrivals(problem, vehicle, &start, &everybody),
                over_its_own: earliest_arrivals(problem, vehicle, &first, &may_serve),
                may_serve,
            }
        })
        .collect()
}

/// The earliest second at which each visit can be reached by any way over the visits that count, each of which is waited for
/// and served, after those that come first. Bellman–Ford on a network where leaving later never means arriving earlier.
fn earliest_arrivals<C: Costs>(
    problem: &Problem<'_, C>,
    vehicle: &Vehicle,
    first: &[VisitId],
    counts: &[bool],
) -> Vec<u32> {
    let visits = problem.visits();
    let mut arrivals = vec![u32::MAX; visits.len()];
    let mut here = location(vehicle.start());
    let mut clock = vehicle.earliest_start().get();
    let set = |arrivals: &mut Vec<u32>, visit: VisitId, arrival: u32| {
        if let Some(known) = arrivals.get_mut(visit.index()) {
            *known = arrival;
        }
    };
    let way =
        |from: Option<usize>, to: usize| from.map_or(Some(0), |from| leg(problem, from, to).ok().map(|leg| leg.0));
    let is_first = |visit: VisitId| first.contains(&visit);
    for &next in first {
        let Some(visit) = visits.get(next.index()) else { continue };
        let Some(time) = way(here, visit.location()) else { return arrivals };
        let arrival = clock.saturating_add(time);
        set(&mut arrivals, next, arrival);
        clock = serve(visit, arrival).0.saturating_add(visit.service().get());
        here = Some(visit.location());
    }
    let mut queue = VecDeque::new();
    for (index, visit) in visits.iter().enumerate() {
        let counts = counts.get(index).copied().unwrap_or_default();
        if !is_first(VisitId::new(index))
            && counts
            && let Some(time) = way(here, visit.location())
        {
            set(&mut arrivals, VisitId::new(index), clock.saturating_add(time));
            queue.push_back(index);
        }
    }
    let mut is_queued: Vec<bool> = (0..visits.len()).map(|index| queue.contains(&index)).collect();
    while let Some(from) = queue.pop_front() {
        let (Some(&arrival), Some(visit)) = (arrivals.get(from), visits.get(from)) else { continue };
        if let Some(queued) = is_queued.get_mut(from) {
            *queued = false;
        }
        let departure = serve(visit, arrival).0.saturating_add(visit.service().get());
        for (to, other) in visits.iter().enumerate() {
            let counts = counts.get(to).copied().unwrap_or_default();
            if !counts || is_first(VisitId::new(to)) {
                continue;
            }
            let Ok((time, _)) = leg(problem, visit.location(), other.location()) else { continue };
            let candidate = departure.saturating_add(time);
            if let (Some(known), Some(queued)) = (arrivals.get_mut(to), is_queued.get_mut(to))
                && candidate < *known
            {
                *known = candidate;
                if !std::mem::replace(queued, true) {
                    queue.push_back(to);
                }
            }
        }
    }
    arrivals
}
