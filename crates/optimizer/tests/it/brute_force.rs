//! Every subset in every order: the truth for up to eight visits.

use routemate_optimizer::{Costs, Objective, Problem, Solution, Terminal, VisitId};

/// Unserved importance, weighted lateness, objective, tie-break, places: less is better, in this order.
pub(crate) type Rank = (u64, u64, u64, u64, u64);

pub(crate) fn rank_of<C: Costs>(problem: &Problem<'_, C>, solution: &Solution) -> Option<Rank> {
    let order: Vec<usize> = solution.tours.iter().flat_map(|tour| tour.visits()).map(VisitId::index).collect();
    rank(problem, &order)
}

/// The best rank there is.
pub(crate) fn best_rank<C: Costs>(problem: &Problem<'_, C>) -> Rank {
    let mut best = rank(problem, &[]).expect("an empty order drives nowhere");
    extend(problem, &mut Vec::new(), &mut best);
    best
}

fn extend<C: Costs>(problem: &Problem<'_, C>, order: &mut Vec<usize>, best: &mut Rank) {
    for visit in 0..problem.visits().len() {
        if order.contains(&visit) {
            continue;
        }
        order.push(visit);
        if let Some(rank) = rank(problem, order) {
            *best = rank.min(*best);
        }
        extend(problem, order, best);
        order.pop();
    }
}

/// `None` where the order is not allowed or cannot be driven.
pub(crate) fn rank<C: Costs>(problem: &Problem<'_, C>, order: &[usize]) -> Option<Rank> {
    let vehicle = &problem.vehicles()[0];
    for (terminal, place) in [(vehicle.start(), 0), (vehicle.end(), order.len().saturating_sub(1))] {
        if let Terminal::Visit(fixed) = terminal
            && order.iter().position(|&visit| visit == fixed.index()).is_some_and(|actual| actual != place)
        {
            return None;
        }
    }
    let mut here = match vehicle.start() {
        Terminal::Location(location) => Some(location),
        _ => None,
    };
    let mut clock = u64::from(vehicle.earliest_start().get());
    let (mut duration, mut distance, mut lateness, mut places, mut unserved) = (0, 0, 0, 0, 0);
    let mut drive = |from: Option<usize>, to: usize| -> Option<u64> {
        let Some(from) = from else { return Some(0) };
        let time = u64::from(problem.costs().duration(from, to)?.get());
        duration += time;
        distance += u64::from(problem.costs().distance(from, to)?.get());
        Some(time)
    };
    for (place, &index) in order.iter().enumerate() {
        let visit = &problem.visits()[index];
        clock += drive(here, visit.location())?;
        here = Some(visit.location());
        let importance = u64::from(visit.importance());
        let ends = visit.windows().iter().map(|window| u64::from(window.end.get()));
        match visit
            .windows()
            .iter()
            .filter(|window| clock <= u64::from(window.end.get()))
            .map(|window| window.start)
            .min()
        {
            Some(opens) => clock = clock.max(u64::from(opens.get())),
            None => lateness += ends.max().map_or(0, |end| clock - end) * importance,
        }
        clock += u64::from(visit.service().get());
        places += importance * (place as u64 + 1);
    }
    if let (Terminal::Location(end), false) = (vehicle.end(), order.is_empty()) {
        drive(here, end)?;
    }
    for (index, visit) in problem.visits().iter().enumerate() {
        unserved += if order.contains(&index) { 0 } else { u64::from(visit.importance()) };
    }
    Some(match problem.objective() {
        Objective::Duration => (unserved, lateness, duration, distance, places),
        Objective::Distance => (unserved, lateness, distance, duration, places),
        _ => unreachable!("no other objective is made here"),
    })
}
