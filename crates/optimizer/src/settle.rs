//! The last steps: ties, and lateness that a single move would lessen.
#![expect(clippy::indexing_slicing, reason = "places are at most the length of the order")]

use crate::costs::Costs;
use crate::model::Timing;
use crate::pace::Pace;
use crate::problem::Problem;
use crate::schedule::{Score, leg, locations, score};
use crate::served::places;

/// How far a visit is moved to break a tie, in places.
const TIE_REACH: usize = 30;

/// Among equally good tours finds one whose tie-breaks are better: turned around, or with single visits elsewhere nearby.
/// Never makes anything worse. O(n) for each move that helps, plus O(n) to look.
pub(crate) fn break_ties<C: Costs>(problem: &Problem<'_, C>, order: &mut Vec<usize>, pace: &Pace<'_>) {
    let Some(mut best) = score(problem, order) else { return };
    let is_tour_of_ends = order.first().is_some_and(|&first| places(problem, &order[1..], first) != (0..=0))
        && order
            .last()
            .is_some_and(|&last| *places(problem, &order[..order.len() - 1], last).start() < order.len() - 1);
    if is_tour_of_ends {
        let turned: Vec<usize> = order.iter().rev().copied().collect();
        take_if_better(problem, order, turned, &mut best);
    }
    let mut has_improved = true;
    while has_improved {
        has_improved = false;
        for from in 0..order.len() {
            if from % 64 == 0 && pace.is_over() {
                return;
            }
            if let Some(to) = better_place(problem, order, from) {
                let mut moved = order.clone();
                let visit = moved.remove(from);
                moved.insert(to, visit);
                has_improved |= take_if_better(problem, order, moved, &mut best);
            }
        }
    }
}

fn take_if_better<C: Costs>(
    problem: &Problem<'_, C>,
    order: &mut Vec<usize>,
    candidate: Vec<usize>,
    best: &mut Score,
) -> bool {
    match score(problem, &candidate) {
        Some(score) if score < *best => {
            *order = candidate;
            *best = score;
            true
        }
        _ => false,
    }
}

/// A place near `from` at which the visit there would make the drive no longer and the tie-breaks better, lateness aside.
fn better_place<C: Costs>(problem: &Problem<'_, C>, order: &[usize], from: usize) -> Option<usize> {
    let visit = order[from];
    let at = |place: Option<usize>, free: Option<usize>| match place.and_then(|place| order.get(place)) {
        Some(&visit) => Some(problem.visits[visit].location()),
        None => free,
    };
    let start = crate::schedule::terminal_location(problem.vehicle.start());
    let end = crate::schedule::terminal_location(problem.vehicle.end());
    let before_place = |place: usize| place.checked_sub(1).map_or(start, |place| at(Some(place), end));
    let drive = |a, b| -> Option<(i64, i64)> {
        let (time, meters) = leg(problem, a, b)?;
        let (time, meters) = (i64::from(time.get()), i64::from(meters.get()));
        Some(match problem.objective {
            crate::problem::Objective::Duration => (time, meters),
            crate::problem::Objective::Distance => (meters, time),
        })
    };
    let here = Some(problem.visits[visit].location());
    let (before, after) = (before_place(from), at(Some(from + 1), end));
    let (into, out, direct) = (drive(before, here)?, drive(here, after)?, drive(before, after)?);
    let freed = (into.0 + out.0 - direct.0, into.1 + out.1 - direct.1);
    let own = i64::from(problem.visits[visit].importance());
    let importance = |place: usize| i64::from(problem.visits[order[place]].importance());
    let allowed = {
        let mut rest = order.to_vec();
        rest.remove(from);
        places(problem, &rest, visit)
    };
    let mut best: Option<((i64, i64, i64), usize)> = None;
    // What the others are moved by as the visit passes them.
    let mut passed = 0;
    for to in (from.saturating_sub(TIE_REACH)..from).rev() {
        passed += importance(to);
        let (a, b) = (before_place(to), at(Some(to), end));
        consider(
            &mut best,
            &allowed,
            to,
            drive_between(drive(a, here), drive(here, b), drive(a, b)),
            freed,
            passed - own * (from - to) as i64,
        );
    }
    passed = 0;
    for to in from + 1..order.len().min(from + 1 + TIE_REACH) {
        passed -= importance(to);
        let (a, b) = (at(Some(to), end), at(Some(to + 1), end));
        consider(
            &mut best,
            &allowed,
            to,
            drive_between(drive(a, here), drive(here, b), drive(a, b)),
            freed,
            passed + own * (to - from) as i64,
        );
    }
    best.map(|(_, place)| place)
}

fn drive_between(into: Option<(i64, i64)>, out: Option<(i64, i64)>, direct: Option<(i64, i64)>) -> Option<(i64, i64)> {
    let (into, out, direct) = (into?, out?, direct?);
    Some((into.0 + out.0 - direct.0, into.1 + out.1 - direct.1))
}

fn consider(
    best: &mut Option<((i64, i64, i64), usize)>,
    allowed: &std::ops::RangeInclusive<usize>,
    place: usize,
    added: Option<(i64, i64)>,
    freed: (i64, i64),
    places: i64,
) {
    let Some(added) = added.filter(|_| allowed.contains(&place)) else {
        return;
    };
    let change = (added.0 - freed.0, added.1 - freed.1, places);
    if change < best.map_or((0, 0, 0), |(known, _)| known) {
        *best = Some((change, place));
    }
}

/// Moves single late visits as long as that lessens the lateness; `false` where the time ran out before nothing more helped.
/// O(n²) for each late visit.
pub(crate) fn settle_lateness<C: Costs>(problem: &Problem<'_, C>, order: &mut Vec<usize>, pace: &Pace<'_>) -> bool {
    'again: loop {
        let Some(total) = score(problem, order).map(|score| score.lateness) else {
            return true;
        };
        if total == 0 {
            return true;
        }
        let timing = Timing::of(problem, order, Vec::new());
        for place in late_places(problem, &timing, order) {
            match place_with_less_lateness(problem, order, place, total, pace) {
                Err(OutOfTime) => return false,
                Ok(Some(moved)) => {
                    *order = moved;
                    continue 'again;
                }
                Ok(None) => {}
            }
        }
        return true;
    }
}

struct OutOfTime;

fn late_places<C: Costs>(problem: &Problem<'_, C>, timing: &Timing, order: &[usize]) -> Vec<usize> {
    let locations = locations(problem, order);
    let mut clock = timing.earliest_start;
    let mut late_places = Vec::new();
    for place in 0..order.len() {
        let time = leg(problem, locations[place], locations[place + 1]).map_or(0, |(time, _)| time.get());
        let (start, late) = timing.serve(place, clock.saturating_add(time));
        clock = start.saturating_add(timing.service(place));
        if late > 0 {
            late_places.push(place);
        }
    }
    late_places
}

/// The order with the visit at `place` where the lateness is least, if that is less than `total`.
fn place_with_less_lateness<C: Costs>(
    problem: &Problem<'_, C>,
    order: &[usize],
    place: usize,
    total: u64,
    pace: &Pace<'_>,
) -> Result<Option<Vec<usize>>, OutOfTime> {
    let visit = order[place];
    let mut rest = order.to_vec();
    rest.remove(place);
    let locations = locations(problem, &rest);
    let timing = Timing::of(problem, &rest, Vec::new());
    let own = Timing::of(problem, &[visit], Vec::new());
    let here = Some(problem.visits[visit].location());
    let ways: Vec<Option<u32>> = locations
        .iter()
        .zip(locations.iter().skip(1))
        .map(|(&a, &b)| leg(problem, a, b).map(|(time, _)| time.get()))
        .collect();
    let mut least = (total, None);
    // Time and lateness before each place, without the visit.
    let (mut clock, mut late) = (timing.earliest_start, 0);
    let allowed = places(problem, &rest, visit);
    for target in 0..=rest.len() {
        if target % 64 == 0 && pace.is_over() {
            return Err(OutOfTime);
        }
        let into = leg(problem, locations[target], here);
        let out = leg(problem, here, locations[target + 1]);
        if let (Some((into, _)), Some((out, _)), true) = (into, out, allowed.contains(&target)) {
            let (start, own_late) = own.serve(0, clock.saturating_add(into.get()));
            let mut time = start.saturating_add(own.service(0));
            let mut sum = late + own_late;
            let mut way = Some(out.get());
            for next in target..rest.len() {
                let Some(drive) = way else { break };
                let (start, late) = timing.serve(next, time.saturating_add(drive));
                sum += late;
                if sum >= least.0 {
                    break;
                }
                time = start.saturating_add(timing.service(next));
                way = ways[next + 1];
            }
            if way.is_some() && sum < least.0 {
                least = (sum, Some(target));
            }
        }
        if target < rest.len() {
            let Some(drive) = ways[target] else { break };
            let (start, more) = timing.serve(target, clock.saturating_add(drive));
            clock = start.saturating_add(timing.service(target));
            late += more;
        }
    }
    Ok(least.1.map(|target| {
        rest.insert(target, visit);
        rest
    }))
}
