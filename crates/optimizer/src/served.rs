//! Who can be served where pairs are unreachable.
#![expect(clippy::indexing_slicing, reason = "positions are below the length of the path")]

use crate::costs::Costs;
use crate::model::Model;
use crate::nodes::NO_VISIT;
use crate::problem::Problem;
use crate::schedule::{leg, locations, terminal_location};
use crate::vehicle::Terminal;

/// The part of a path that can be driven and serves the greatest importance, in the path's order, as visits. O(n²).
///
/// A start or end location stays; a fixed visit may be left out.
pub(crate) fn drivable_part<C: Costs>(problem: &Problem<'_, C>, model: &Model, path: &[u32]) -> Vec<usize> {
    let visits = model.visits_of(path);
    let location = |visit: usize| Some(problem.visits[visit].location());
    let start = terminal_location(problem.vehicle.start());
    let end = terminal_location(problem.vehicle.end());
    // Per visit: the greatest importance of a drivable part that ends with it, and the visit before.
    let mut reached: Vec<Option<(u64, usize)>> = vec![None; visits.len()];
    for (place, &visit) in visits.iter().enumerate() {
        let mut best = leg(problem, start, location(visit)).map(|_| (0, NO_VISIT));
        for (before, &previous) in visits.iter().enumerate().take(place) {
            if let Some((importance, _)) = reached[before]
                && best.is_none_or(|(known, _)| importance > known)
                && leg(problem, location(previous), location(visit)).is_some()
            {
                best = Some((importance, before));
            }
        }
        let own = u64::from(problem.visits[visit].importance());
        reached[place] = best.map(|(importance, before)| (importance + own, before));
    }
    let can_end = |place: usize| leg(problem, location(visits[place]), end).is_some();
    let mut at =
        (0..visits.len()).filter(|&place| can_end(place)).max_by_key(|&place| reached[place].map(|(sum, _)| sum));
    let mut order = Vec::new();
    while let Some(place) = at
        && let Some((_, before)) = reached[place]
    {
        order.push(visits[place]);
        at = (before != NO_VISIT).then_some(before);
    }
    order.reverse();
    order
}

/// Puts visits that are left out wherever they fit, the most important first, until none fits. O(n) for each try.
pub(crate) fn insert_left_out<C: Costs>(problem: &Problem<'_, C>, order: &mut Vec<usize>) {
    loop {
        let mut left_out: Vec<usize> = left_out(problem, order);
        left_out.sort_by_key(|&visit| std::cmp::Reverse(problem.visits[visit].importance()));
        let fitting = left_out.into_iter().find_map(|visit| Some((visit, cheapest_place(problem, order, visit)?)));
        match fitting {
            Some((visit, place)) => order.insert(place, visit),
            None => return,
        }
    }
}

/// The visits that are not in an order, ascending.
pub(crate) fn left_out<C: Costs>(problem: &Problem<'_, C>, order: &[usize]) -> Vec<usize> {
    let mut is_served = vec![false; problem.visits.len()];
    for &visit in order {
        is_served[visit] = true;
    }
    (0..is_served.len()).filter(|&visit| !is_served[visit]).collect()
}

/// Whether every order that leaves out as little importance serves just the same visits: for it is seen of each visit left
/// out that nothing leads to it, or away from it, or that it could only be served alone. May be `false` where it is true.
///
/// O(n) for each visit left out, once more for each that is ruled out in turn.
pub(crate) fn serves_all_that_can_be<C: Costs>(problem: &Problem<'_, C>, order: &[usize]) -> bool {
    let mut open = left_out(problem, order);
    let importance =
        |visits: &[usize]| -> u64 { visits.iter().map(|&visit| u64::from(problem.visits[visit].importance())).sum() };
    let (all_left_out, served) = (importance(&open), importance(order));
    let mut is_out = vec![false; problem.visits.len()];
    let location = |visit: usize| Some(problem.visits[visit].location());
    // A visit at a fixed end can be displaced only where leaving it out is not already too much.
    let can_stand_at = |terminal: Terminal, visit: usize| match terminal {
        Terminal::Anywhere | Terminal::Location(_) => true,
        Terminal::Visit(fixed) => fixed.index() == visit || importance(&[fixed.index()]) <= all_left_out,
    };
    let (start, end) = (problem.vehicle.start(), problem.vehicle.end());
    loop {
        let before = open.len();
        open.retain(|&visit| {
            let others = || (0..is_out.len()).filter(|&other| other != visit && !is_out[other]);
            let has_way_in = others().any(|other| leg(problem, location(other), location(visit)).is_some());
            let has_way_out = others().any(|other| leg(problem, location(visit), location(other)).is_some());
            let can_begin =
                can_stand_at(start, visit) && leg(problem, terminal_location(start), location(visit)).is_some();
            let can_end = can_stand_at(end, visit) && leg(problem, location(visit), terminal_location(end)).is_some();
            let can_be_served = (has_way_in || can_begin)
                && (has_way_out || can_end)
                && (has_way_in || has_way_out || importance(&[visit]) >= served);
            is_out[visit] = !can_be_served;
            can_be_served
        });
        if open.is_empty() || open.len() == before {
            return open.is_empty();
        }
    }
}

/// The places at which a visit may stand in an order of others, from 0.
pub(crate) fn places<C: Costs>(
    problem: &Problem<'_, C>,
    rest: &[usize],
    visit: usize,
) -> std::ops::RangeInclusive<usize> {
    let is_fixed_at = |terminal: Terminal, visit: Option<&usize>| match (terminal, visit) {
        (Terminal::Visit(fixed), Some(&visit)) => fixed.index() == visit,
        _ => false,
    };
    let (start, end) = (problem.vehicle.start(), problem.vehicle.end());
    if is_fixed_at(start, Some(&visit)) {
        return 0..=0;
    }
    if is_fixed_at(end, Some(&visit)) {
        return rest.len()..=rest.len();
    }
    let lowest = usize::from(is_fixed_at(start, rest.first()));
    let highest = rest.len() - usize::from(is_fixed_at(end, rest.last()));
    lowest..=highest
}

fn cheapest_place<C: Costs>(problem: &Problem<'_, C>, order: &[usize], visit: usize) -> Option<usize> {
    let locations = locations(problem, order);
    let here = Some(problem.visits[visit].location());
    places(problem, order, visit)
        .filter_map(|place| {
            let (to, _) = leg(problem, locations[place], here)?;
            let (from, _) = leg(problem, here, locations[place + 1])?;
            let direct = leg(problem, locations[place], locations[place + 1]).map_or(0, |(time, _)| time.get().into());
            Some((i64::from(to.get()) + i64::from(from.get()) - direct, place))
        })
        .min()
        .map(|(_, place)| place)
}
