use super::violation::Violation;
use super::walk::{leg, serve, visit, walk};
use crate::costs::Costs;
use crate::problem::Problem;
use crate::solution::{Late, LateReason, Unserved, UnservedReason};
use crate::vehicle::Terminal;
use crate::visit::VisitId;
use routemate_units::Seconds;

/// The places at which `visit` may be put into `rest`, from 0: fixed ends stay where they are.
fn places<C: Costs>(problem: &Problem<'_, C>, rest: &[VisitId], visit: VisitId) -> std::ops::RangeInclusive<usize> {
    let fixed = |terminal| match terminal {
        Terminal::Visit(fixed) => Some(fixed),
        Terminal::Anywhere | Terminal::Location(_) => None,
    };
    let (first, last) = (fixed(problem.vehicle().start()), fixed(problem.vehicle().end()));
    let lowest = if first.is_some() && first == rest.first().copied() { 1 } else { 0 };
    let highest =
        if last.is_some() && last == rest.last().copied() { rest.len().saturating_sub(1) } else { rest.len() };
    if first == Some(visit) {
        0..=0
    } else if last == Some(visit) {
        rest.len()..=rest.len()
    } else {
        lowest..=highest
    }
}

fn with_visit_at(rest: &[VisitId], visit: VisitId, place: usize) -> Vec<VisitId> {
    let (before, after) = rest.split_at(place.min(rest.len()));
    before.iter().copied().chain([visit]).chain(after.iter().copied()).collect()
}

pub(super) fn check_unserved<C: Costs>(
    problem: &Problem<'_, C>,
    order: &[VisitId],
    entry: Unserved,
    violations: &mut Vec<Violation>,
) {
    if entry.reason != UnservedReason::Unreachable {
        return;
    }
    for place in places(problem, order, entry.visit) {
        if fits(problem, order, entry.visit, place) {
            violations.push(Violation::Reachable { visit: entry.visit, place });
        }
    }
}

/// Whether both new legs can be driven.
fn fits<C: Costs>(problem: &Problem<'_, C>, order: &[VisitId], id: VisitId, place: usize) -> bool {
    let location = |id: VisitId| visit(problem, id).map(|visit| visit.location());
    let end_of_tour = |terminal| match terminal {
        Terminal::Location(location) => Some(location),
        Terminal::Anywhere | Terminal::Visit(_) => None,
    };
    let Some(here) = location(id) else { return false };
    let before = match place.checked_sub(1) {
        Some(previous) => order.get(previous).copied().and_then(location),
        None => end_of_tour(problem.vehicle().start()),
    };
    let after = match order.get(place) {
        Some(&next) => location(next),
        None => end_of_tour(problem.vehicle().end()),
    };
    before.is_none_or(|before| leg(problem, before, here).is_ok())
        && after.is_none_or(|after| leg(problem, here, after).is_ok())
}

pub(super) fn check_late<C: Costs>(
    problem: &Problem<'_, C>,
    order: &[VisitId],
    departure: Seconds,
    late: &[Late],
    violations: &mut Vec<Violation>,
) {
    let earliest = if late.iter().any(|late| matches!(late.reason, LateReason::TooFar { .. })) {
        earliest_arrivals(problem, order)
    } else {
        Vec::new()
    };
    for late in late.iter().filter(|late| order.contains(&late.visit)) {
        let holds = match late.reason {
            LateReason::TooFar { earliest: stated } => {
                let end = visit(problem, late.visit).and_then(|visit| visit.windows().last()).map(|last| last.end);
                earliest.get(late.visit.index()) == Some(&stated.get()) && end.is_some_and(|end| stated > end)
            }
            LateReason::OthersFirst => others_come_first(problem, order, departure, late.visit),
            LateReason::SearchStopped => true,
        };
        if !holds {
            violations.push(Violation::LateReason { visit: late.visit, stated: late.reason });
        }
    }
}

fn others_come_first<C: Costs>(
    problem: &Problem<'_, C>,
    order: &[VisitId],
    departure: Seconds,
    visit: VisitId,
) -> bool {
    let Ok(current) = walk(problem, order, departure) else {
        return false;
    };
    let current = current.weighted_lateness(problem);
    let rest: Vec<VisitId> = order.iter().copied().filter(|&other| other != visit).collect();
    places(problem, &rest, visit).all(|place| {
        let moved = with_visit_at(&rest, visit, place);
        walk(problem, &moved, problem.vehicle().earliest_start())
            .map_or(true, |walk| walk.weighted_lateness(problem) >= current)
    })
}

/// The earliest second at which each visit can be reached by any way over other visits, each of which is waited for and
/// served. Bellman–Ford on a network where leaving later never means arriving earlier.
fn earliest_arrivals<C: Costs>(problem: &Problem<'_, C>, order: &[VisitId]) -> Vec<u32> {
    let begin = problem.vehicle().earliest_start().get();
    let locations: Vec<usize> = problem.visits().iter().map(|visit| visit.location()).collect();
    let mut arrivals: Vec<u32> = match problem.vehicle().start() {
        Terminal::Location(start) => {
            let from_start =
                |&to: &usize| leg(problem, start, to).map_or(u32::MAX, |(time, _)| begin.saturating_add(time));
            locations.iter().map(from_start).collect()
        }
        Terminal::Visit(first) if order.first() == Some(&first) => {
            (0..locations.len()).map(|at| if at == first.index() { begin } else { u32::MAX }).collect()
        }
        Terminal::Anywhere | Terminal::Visit(_) => vec![begin; locations.len()],
    };
    let mut queue: std::collections::VecDeque<usize> = (0..locations.len()).collect();
    while let Some(from) = queue.pop_front() {
        let (Some(&arrival), Some(visit)) = (arrivals.get(from), problem.visits().get(from)) else {
            continue;
        };
        let departure = serve(visit, arrival).0.saturating_add(visit.service().get());
        for (to, location) in locations.iter().enumerate() {
            let Ok((time, _)) = leg(problem, visit.location(), *location) else {
                continue;
            };
            let candidate = departure.saturating_add(time);
            if let Some(known) = arrivals.get_mut(to)
                && candidate < *known
            {
                *known = candidate;
                if !queue.contains(&to) {
                    queue.push_back(to);
                }
            }
        }
    }
    arrivals
}
