use crate::problems::{Kind, parts};
use proptest::prelude::*;
use routemate_optimizer::{
    Budget, CostTable, Objective, ProblemBuilder, Solution, Terminal, Vehicle, Visit, VisitId, Window, check, solve,
};
use routemate_units::{Meters, Seconds};

/// Places in a town whose streets run along two axes, slower against the traffic and with a stop at each door.
fn town(count: usize) -> CostTable {
    let scattered = |index: usize| {
        let mixed = (index as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (((mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 32) % 1000) as i64
    };
    let place = |index: usize| (scattered(2 * index), scattered(2 * index + 1));
    CostTable::from_fn(count, |from, to| {
        let ((x1, y1), (x2, y2)) = (place(from), place(to));
        let apart = (x1 - x2).abs() + (y1 - y2).abs() + (x2 - x1).max(0) / 5 + (y1 - y2).max(0) / 7 + (to % 12) as i64;
        Some((Seconds::new(apart as u32), Meters::new(8 * apart as u32)))
    })
}

fn answer(costs: &CostTable, visits: &[Visit], vehicle: Vehicle, objective: Objective, rounds: u64) -> Solution {
    let mut builder = ProblemBuilder::new(costs);
    for visit in visits {
        builder.visit(visit.clone());
    }
    builder.vehicle(vehicle);
    builder.objective(objective);
    let problem = builder.build().expect("it is valid");
    let solution = solve(&problem, &Budget::of_iterations(rounds), 1);
    assert_eq!(check(&problem, &solution), Ok(()));
    solution
}

fn at_all(count: usize) -> Vec<Visit> {
    (0..count).map(Visit::at).collect()
}

fn from_first_to_last(count: usize) -> Vehicle {
    Vehicle::new().with_start(Terminal::Visit(VisitId::new(0))).with_end(Terminal::Visit(VisitId::new(count - 1)))
}

#[test]
fn the_gap_in_a_town_is_small_for_every_kind_of_tour() {
    let costs = town(120);
    let home = Vehicle::new().with_start(Terminal::Location(0)).with_end(Terminal::Location(0));
    for vehicle in [from_first_to_last(120), home, Vehicle::new()] {
        for objective in [Objective::Duration, Objective::Distance] {
            let gap = answer(&costs, &at_all(120), vehicle.clone(), objective, 10_000).gap();
            assert!(gap.is_some_and(|gap| gap < 0.02), "{gap:?}");
        }
    }
}

#[test]
fn an_answer_that_meets_its_bound_is_proven() {
    let costs = CostTable::from_fn(30, |a, b| Some((Seconds::new(10 * a.abs_diff(b) as u32), Meters::ZERO)));
    let solution = answer(&costs, &at_all(30), from_first_to_last(30), Objective::Duration, 500);
    assert_eq!((solution.bound, solution.proven_optimal), (Some(290), true));
    assert_eq!(solution.gap(), Some(0.0));
}

#[test]
fn windows_raise_the_bound() {
    let costs = town(40);
    let open = answer(&costs, &at_all(40), from_first_to_last(40), Objective::Duration, 500);
    // In the order of the numbers, each in its own fifty minutes.
    let timed: Vec<Visit> = (0..40)
        .map(|at| {
            Visit::at(at)
                .with_window(Window::new(Seconds::new(3000 * at as u32), Seconds::new(3000 * at as u32 + 2999)))
        })
        .collect();
    let timed = answer(&costs, &timed, from_first_to_last(40), Objective::Duration, 500);
    assert_eq!(timed.cost.lateness, Seconds::ZERO);
    assert!(timed.bound > open.bound);
    assert_eq!(timed.bound, Some(timed.cost.duration.get().into()));
}

#[test]
fn an_island_left_out_does_not_hide_the_bound() {
    let costs = CostTable::from_fn(31, |a, b| {
        (a != 30 && b != 30).then_some((Seconds::new(10 * a.abs_diff(b) as u32), Meters::ZERO))
    });
    let vehicle = Vehicle::new().with_start(Terminal::Location(0)).with_end(Terminal::Location(0));
    let solution = answer(&costs, &at_all(31), vehicle, Objective::Duration, 20_000);
    assert_eq!((solution.unserved.len(), solution.bound), (1, Some(580)));
}

#[test]
fn where_others_might_be_left_out_instead_there_is_no_bound() {
    // Two halves of a town without a bridge.
    let costs = CostTable::from_fn(30, |a, b| (a % 2 == b % 2).then_some((Seconds::new(5), Meters::ZERO)));
    let solution = answer(&costs, &at_all(30), Vehicle::new(), Objective::Duration, 500);
    assert_eq!((solution.unserved.len(), solution.bound, solution.gap()), (15, None, None));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, ..ProptestConfig::default() })]

    #[test]
    fn every_answer_that_serves_all_has_a_bound(
        parts in (0..=100_u8, 1..=200_u32).prop_flat_map(|(window_percent, longest)| {
            parts(13..=30, Kind { unreachable_percent: 0, window_percent, longest })
        }),
    ) {
        let problem = parts.problem().expect("generated problems are valid");
        let solution = solve(&problem, &Budget::of_iterations(100), 1);
        prop_assert_eq!(check(&problem, &solution), Ok(()));
        prop_assert!(solution.bound.is_some());
    }
}
