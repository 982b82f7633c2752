use crate::answer::Tours;
use crate::answer::drive::{Drive, Obstacle, drive, is_optional};
use crate::answer::places::Places;
use crate::answer::settle::groups;
use crate::costs::Costs;
use crate::model::Timing;
use crate::pace::Pace;
use crate::problem::Problem;
use crate::schedule::{leg, terminal_location};
use crate::solution::{Late, LateReason, Limit, Tour, Unserved, UnservedReason};
use crate::timetable::{legs, timetable};
use crate::vehicle::{Terminal, VehicleId};
use crate::visit::{Visit, VisitId};
use routemate_units::Seconds;

/// What leaving out a group costs.
pub(crate) fn prize<C: Costs>(problem: &Problem<'_, C>, group: &[usize]) -> u64 {
    group.iter().filter_map(|&visit| problem.visits.get(visit).and_then(Visit::prize)).map(u64::from).sum()
}

/// Everybody who is left out, with the reason, in the order of ids. `is_settled`: whether nothing fits any more.
pub(super) fn unserved<C: Costs>(
    problem: &Problem<'_, C>,
    places: &Places,
    tours: &Tours,
    left_out: &[usize],
    is_settled: bool,
    pace: &Pace<'_>,
) -> Vec<Unserved> {
    let mut unserved: Vec<Unserved> = groups(problem, left_out)
        .into_iter()
        .flat_map(|group| {
            // That a prize is too small is known only where nothing better is left to do.
            let is_known = |reason: &UnservedReason| is_settled || *reason != UnservedReason::PrizeTooSmall;
            let reason = reason(problem, places, tours, &group, pace).filter(is_known);
            let reason = reason.unwrap_or(UnservedReason::SearchStopped);
            group.into_iter().map(move |visit| Unserved { visit: VisitId::new(visit), reason })
        })
        .collect();
    unserved.sort_by_key(|entry| entry.visit);
    unserved
}

/// `None` where the time ran out.
fn reason<C: Costs>(
    problem: &Problem<'_, C>,
    places: &Places,
    tours: &Tours,
    group: &[usize],
    pace: &Pace<'_>,
) -> Option<UnservedReason> {
    if places.vehicles(problem, group).next().is_none() {
        return Some(UnservedReason::Skill);
    }
    let in_tours = hardest_obstacle(problem, places, group, pace, |id| tours.order(id.index()).to_vec())?;
    let fits_nowhere = |limit: Limit| -> Option<UnservedReason> {
        let alone = |id| Places::fixed_part(problem, id, tours);
        Some(match hardest_obstacle(problem, places, group, pace, alone)? {
            Some(Obstacle::Limit(limit)) => UnservedReason::Impossible(limit),
            Some(Obstacle::Unreachable) | None => UnservedReason::OthersFirst(limit),
        })
    };
    match in_tours {
        Some(Obstacle::Unreachable) => Some(UnservedReason::Unreachable),
        Some(Obstacle::Limit(limit)) => fits_nowhere(limit),
        None if is_optional(problem, group) => Some(UnservedReason::PrizeTooSmall),
        None => None,
    }
}

/// What rules out the last place of a group when limits are applied one after the other; the inner `None` where it fits
/// somewhere, the outer where the time ran out.
fn hardest_obstacle<C: Costs>(
    problem: &Problem<'_, C>,
    places: &Places,
    group: &[usize],
    pace: &Pace<'_>,
    order: impl Fn(VehicleId) -> Vec<usize>,
) -> Option<Option<Obstacle>> {
    let mut hardest = Obstacle::Unreachable;
    for id in places.vehicles(problem, group) {
        for candidate in Places::orders_with(problem, id, &order(id), group) {
            if pace.is_over() {
                return None;
            }
            match drive(problem, id, &candidate) {
                Ok(Drive { .. }) => return Some(None),
                Err(obstacle) => hardest = hardest.max(obstacle),
            }
        }
    }
    Some(Some(hardest))
}

/// The visits of a tour that are served late.
pub(super) fn late_in<C: Costs>(problem: &Problem<'_, C>, id: VehicleId, order: &[usize]) -> Vec<usize> {
    let table = problem
        .vehicles
        .get(id.index())
        .and_then(|vehicle| legs(problem, vehicle, order))
        .and_then(|legs| timetable(problem, id, order, &legs));
    let stops = table.map(|table| table.stops).unwrap_or_default();
    let is_late = |visit: VisitId, start: Seconds| last_window_end(problem, visit) < start;
    stops.iter().filter(|stop| is_late(stop.visit, stop.start)).map(|stop| stop.visit.index()).collect()
}

fn last_window_end<C: Costs>(problem: &Problem<'_, C>, visit: VisitId) -> Seconds {
    let last = problem.visits.get(visit.index()).and_then(|visit| visit.windows().last());
    last.map_or(Seconds::MAX, |window| window.end)
}

/// The late visits of all tours with the reasons that hold. `is_settled`: that no single move lessens the lateness.
pub(crate) fn late<C: Costs>(problem: &Problem<'_, C>, tours: &[Tour], is_settled: bool, pace: &Pace<'_>) -> Vec<Late> {
    let stops = tours.iter().flat_map(|tour| &tour.stops);
    let late: Vec<(VisitId, Seconds)> = stops
        .map(|stop| (stop.visit, stop.start.saturating_sub(last_window_end(problem, stop.visit))))
        .filter(|(_, by)| *by > Seconds::ZERO)
        .collect();
    let earliest: Vec<Option<Vec<u32>>> = if late.is_empty() || !is_settled {
        Vec::new()
    } else {
        (0..problem.vehicles.len())
            .map(|index| {
                let id = VehicleId::new(index);
                let first = tours.iter().find(|tour| tour.vehicle == id).and_then(|tour| tour.visits().next());
                earliest_arrivals(problem, id, first, pace)
            })
            .collect()
    };
    let places = Places::of(problem);
    late.into_iter()
        .map(|(visit, by)| {
            let reason = late_reason(problem, &places, visit, &earliest).unwrap_or(LateReason::SearchStopped);
            Late { visit, by, reason }
        })
        .collect()
}

/// `earliest`: for each vehicle the earliest arrivals, empty where nothing was established.
fn late_reason<C: Costs>(
    problem: &Problem<'_, C>,
    places: &Places,
    id: VisitId,
    earliest: &[Option<Vec<u32>>],
) -> Option<LateReason> {
    let mut soonest = u32::MAX;
    if earliest.is_empty() {
        return None;
    }
    for (index, arrivals) in earliest.iter().enumerate() {
        if places.may_serve(problem, VehicleId::new(index), id.index()) {
            soonest = soonest.min(*arrivals.as_ref()?.get(id.index())?);
        }
    }
    Some(if soonest > last_window_end(problem, id).get() {
        LateReason::TooFar { earliest: Seconds::new(soonest) }
    } else {
        LateReason::OthersFirst
    })
}

/// The earliest second at which a vehicle, whose tour begins with `first`, can be at each visit by any way over others, all of
/// which are waited for and served; `u32::MAX` where there is no way, nothing at all where the time ran out. O(n²).
///
/// Source: E. W. Dijkstra, "A note on two problems in connexion with graphs", 1959; leaving later never means arriving
/// earlier, so it holds with waiting.
fn earliest_arrivals<C: Costs>(
    problem: &Problem<'_, C>,
    id: VehicleId,
    first: Option<VisitId>,
    pace: &Pace<'_>,
) -> Option<Vec<u32>> {
    let vehicle = problem.vehicles.get(id.index())?;
    let all: Vec<usize> = (0..problem.visits.len()).collect();
    let timing = Timing::of(problem, &all, Vec::new());
    let begin = vehicle.earliest_start().get();
    let only_first = first.filter(|&first| vehicle.start() == Terminal::Visit(first)).map(VisitId::index);
    let start = terminal_location(vehicle.start());
    let mut open: Vec<(usize, usize, u32)> = problem
        .visits
        .iter()
        .enumerate()
        .map(|(visit, at)| {
            let way =
                leg(problem, start, Some(at.location())).filter(|_| only_first.is_none_or(|first| first == visit));
            (visit, at.location(), way.map_or(u32::MAX, |(time, _)| begin.saturating_add(time.get())))
        })
        .collect();
    let mut arrivals = vec![u32::MAX; open.len()];
    while let Some(next) = (0..open.len()).min_by_key(|&at| open.get(at).map(|entry| entry.2)) {
        if pace.is_over() {
            return None;
        }
        let (visit, location, arrival) = open.swap_remove(next);
        if let Some(known) = arrivals.get_mut(visit) {
            *known = arrival;
        }
        let departure = timing.serve(visit, arrival).0.saturating_add(timing.service(visit));
        for (_, to, known) in &mut open {
            if let Some((time, _)) = leg(problem, Some(location), Some(*to)) {
                *known = (*known).min(departure.saturating_add(time.get()));
            }
        }
    }
    Some(arrivals)
}
