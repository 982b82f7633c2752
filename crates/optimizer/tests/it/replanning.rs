//! Changing a plan in force: what changes cost, and that an answer is never worse than the plan.

use crate::fleet_problems::Draw;
use crate::problems::{Kind, Parts, parts};
use proptest::prelude::*;
use routemate_optimizer::{
    Alternatives, Budget, CostTable, Plan, Problem, ProblemBuilder, Solution, Terminal, Vehicle, Visit, VisitId,
    Window, check, solve,
};
use routemate_units::{Meters, Seconds, StopToken};
use std::time::Duration;

/// Places a minute apart along a road, which the tour has to begin at 0.
fn road(len: usize) -> CostTable {
    CostTable::from_fn(len, |a, b| Some((Seconds::new(60 * a.abs_diff(b) as u32), Meters::ZERO)))
}

fn ids(order: &[usize]) -> Vec<VisitId> {
    order.iter().copied().map(VisitId::new).collect()
}

fn order(solution: &Solution) -> Vec<usize> {
    solution.tours.iter().flat_map(|tour| tour.visits()).map(VisitId::index).collect()
}

/// Visits at 1, 2, 3… of which the plan serves some in its order at this price for each change.
fn replanned(visits: usize, plan: &[usize], change_cost: u32, window: Option<Window>) -> Solution {
    let costs = road(visits + 1);
    let mut builder = ProblemBuilder::new(&costs);
    for location in 1..=visits {
        let visit = Visit::at(location);
        builder.visit(window.map_or(visit.clone(), |window| visit.with_window(window)));
    }
    builder.vehicle(Vehicle::new().with_start(Terminal::Location(0)));
    builder.plan_in_force(Plan::new([ids(plan)]).with_change_cost(change_cost));
    let problem = builder.build().expect("it is valid");
    let solution = solve(&problem, &Budget::of_iterations(500), 1);
    assert_eq!(check(&problem, &solution), Ok(()));
    solution
}

/// The plan goes to 2, back to 1 and on to 3: two minutes for nothing.
const DETOUR: [usize; 3] = [1, 0, 2];
/// Long enough to go by search and not by exact methods.
const LONG: [usize; 18] = [1, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17];

const ALL_DAY: Option<Window> = Some(Window::new(Seconds::ZERO, Seconds::new(100_000)));

#[test]
fn dear_changes_keep_the_plan() {
    for (plan, window) in [(&DETOUR[..], None), (&DETOUR, ALL_DAY), (&LONG, None), (&LONG, ALL_DAY)] {
        let solution = replanned(plan.len(), plan, 100, window);
        assert_eq!(order(&solution), plan);
        assert_eq!(solution.cost.changes, 0);
    }
}

#[test]
fn cheap_changes_are_made_and_counted() {
    // The first follows the start, which it did not; its successor follows it, which it did not; likewise the third.
    for (plan, window) in [(&DETOUR[..], None), (&DETOUR, ALL_DAY), (&LONG, None), (&LONG, ALL_DAY)] {
        let solution = replanned(plan.len(), plan, 30, window);
        assert_eq!(order(&solution), (0..plan.len()).collect::<Vec<_>>());
        assert_eq!(solution.cost.changes, 3 * 30);
        assert_eq!(solution.cost.total, 60 * plan.len() as u64 + 90);
    }
}

#[test]
fn what_is_new_or_gone_changes_nothing() {
    // 1 and 3 are new, 2 and 4 planned: whoever stands between them, they follow one another.
    let solution = replanned(4, &[1, 3], 1_000, None);
    assert_eq!((order(&solution), solution.cost.changes), (vec![0, 1, 2, 3], 0));
    // Those that are planned at all follow one another as planned.
    let solution = replanned(5, &[0, 1, 3, 4], 1_000, ALL_DAY);
    assert_eq!((order(&solution), solution.cost.changes), (vec![0, 1, 2, 3, 4], 0));
}

/// Budgets that leave no time, or none to speak of.
fn budgets() -> [Budget; 5] {
    let stopped = Budget::of_iterations(1_000);
    stopped.stop.stop();
    let ticking = |deadline_ms| {
        let reads = std::sync::atomic::AtomicU32::new(0);
        let clock = move || Duration::from_millis(1) * reads.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Budget::within(Duration::from_millis(deadline_ms), StopToken::with_clock(clock))
    };
    [stopped, ticking(0), ticking(3), Budget::of_iterations(0), Budget::of_iterations(30)]
}

/// Σ lateness × importance, then the total.
fn rank(problem: &Problem<'_, CostTable>, solution: &Solution) -> (u64, u64, u64) {
    let importance = |visit: VisitId| u64::from(problem.visits()[visit.index()].importance());
    (
        solution.unserved.iter().map(|entry| importance(entry.visit)).sum(),
        solution.late.iter().map(|late| u64::from(late.by.get()) * importance(late.visit)).sum(),
        solution.cost.total,
    )
}

/// The parts with a plan that serves some of the visits in any order, with ends where they have to be.
fn with_plan<'p>(parts: &'p Parts, draw: &mut Draw) -> Problem<'p, CostTable> {
    let mut builder = ProblemBuilder::new(&parts.costs);
    for visit in &parts.visits {
        builder.visit(visit.clone());
    }
    builder.vehicle(parts.vehicle.clone());
    builder.objective(parts.objective);
    let mut left: Vec<usize> = (0..parts.visits.len()).collect();
    let mut plan = Vec::new();
    // More than so many new visits are put in with care only where there is time.
    let mut new = 0;
    while !left.is_empty() {
        let visit = left.swap_remove(draw.below(left.len()));
        if new == 16 || draw.chance(85) {
            plan.push(visit);
        } else {
            new += 1;
        }
    }
    let place = |visit: usize| {
        let is_at = |terminal: Terminal| terminal == Terminal::Visit(VisitId::new(visit));
        i32::from(is_at(parts.vehicle.end())) - i32::from(is_at(parts.vehicle.start()))
    };
    plan.sort_by_key(|&visit| place(visit));
    builder.plan_in_force(Plan::new([ids(&plan)]).with_change_cost(draw.number(60)));
    builder.build().expect("generated problems are valid")
}

/// The plan with everybody else where it is best, one after the other, the important first.
fn plan_with_all<'p>(problem: &'p Problem<'p, CostTable>) -> Option<Solution> {
    let plan = problem.plan_in_force()?.tours().to_vec();
    let mut alternatives = Alternatives::of(problem, plan).ok()?;
    let served = alternatives.tours().concat();
    let mut left: Vec<VisitId> =
        (0..problem.visits().len()).map(VisitId::new).filter(|visit| !served.contains(visit)).collect();
    left.sort_by_key(|visit| std::cmp::Reverse(problem.visits()[visit.index()].importance()));
    for visit in left {
        if let Some(best) = alternatives.best_place(visit) {
            alternatives.insert(&best.place).expect("it fits");
        }
    }
    Some(alternatives.solution())
}

fn assert_never_worse(parts: &Parts, seed: u64) {
    let problem = with_plan(parts, &mut Draw::from_seed(seed));
    let planned = plan_with_all(&problem).map(|planned| rank(&problem, &planned));
    for budget in budgets() {
        let solution = solve(&problem, &budget, seed);
        assert_eq!(check(&problem, &solution), Ok(()));
        if let Some(planned) = planned {
            assert!(rank(&problem, &solution) <= planned, "{:?} after {planned:?}", rank(&problem, &solution));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn an_answer_is_never_worse_than_the_plan(
        small in parts(1..=9, Kind { unreachable_percent: 0, window_percent: 0, longest: 100 }),
        large in parts(18..=30, Kind { unreachable_percent: 0, window_percent: 0, longest: 100 }),
        seed in any::<u64>(),
    ) {
        assert_never_worse(&small, seed);
        assert_never_worse(&large, seed);
    }

    #[test]
    fn an_answer_with_windows_is_never_worse_than_the_plan(
        small in parts(1..=9, Kind { unreachable_percent: 0, window_percent: 70, longest: 100 }),
        large in parts(18..=30, Kind { unreachable_percent: 0, window_percent: 70, longest: 100 }),
        seed in any::<u64>(),
    ) {
        assert_never_worse(&small, seed);
        assert_never_worse(&large, seed);
    }

    #[test]
    fn a_plan_that_can_be_driven_no_longer_is_followed_as_far_as_it_can(
        parts in parts(5..=25, Kind { unreachable_percent: 8, window_percent: 30, longest: 100 }),
        seed in any::<u64>(),
    ) {
        assert_never_worse(&parts, seed);
    }

    #[test]
    fn changes_are_weighed_best_up_to_five_visits(
        parts in parts(1..=5, Kind { unreachable_percent: 0, window_percent: 40, longest: 60 }),
        seed in any::<u64>(),
    ) {
        let problem = with_plan(&parts, &mut Draw::from_seed(seed));
        let solution = solve(&problem, &Budget::of_iterations(200), seed);
        let mut least = rank(&problem, &solution);
        every_order(parts.visits.len(), &mut Vec::new(), &mut |order| {
            if let Ok(tours) = Alternatives::of(&problem, [ids(order)]) {
                least = least.min(rank(&problem, &tours.solution()));
            }
        });
        prop_assert_eq!(rank(&problem, &solution), least);
    }
}

fn every_order(count: usize, order: &mut Vec<usize>, visit: &mut impl FnMut(&[usize])) {
    if order.len() == count {
        visit(order);
    }
    for next in 0..count {
        if !order.contains(&next) {
            order.push(next);
            every_order(count, order, visit);
            order.pop();
        }
    }
}
