use crate::problems::{Kind, parts};
use proptest::prelude::*;
use routemate_optimizer::{Budget, CostTable, Objective, ProblemBuilder, Solution, Visit, Window, check, solve};
use routemate_units::{Meters, Seconds, StopToken};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, ..ProptestConfig::default() })]

    #[test]
    fn the_same_seed_and_rounds_give_the_same_answer(
        parts in parts(10..=40, Kind { unreachable_percent: 10, window_percent: 40, longest: 100 }),
        seed in any::<u64>(),
    ) {
        let problem = parts.problem().expect("generated problems are valid");
        let answer = || solve(&problem, &Budget::of_iterations(150), seed);
        prop_assert_eq!(answer(), answer());
    }
}

/// Points scattered over a square, more costly against the grain.
fn scattered(count: usize) -> CostTable {
    let point = |index: usize| ((index * 7919 % 1009) as i64, (index * 104_729 % 1013) as i64);
    CostTable::from_fn(count, |from, to| {
        let ((x1, y1), (x2, y2)) = (point(from), point(to));
        let apart = ((x1 - x2).abs() + (y1 - y2).abs() + (x2 - x1).max(0) / 4) as u32;
        Some((Seconds::new(apart), Meters::new(apart)))
    })
}

/// A clock that goes on by a fixed step each time it is read, so that the test needs no real one.
fn ticking(step: Duration) -> StopToken {
    let reads = AtomicU64::new(0);
    StopToken::with_clock(move || step * u32::try_from(reads.fetch_add(1, Ordering::Relaxed)).unwrap_or(u32::MAX))
}

#[track_caller]
fn assert_ends_in_time(count: usize, has_windows: bool, reads: u32) {
    let costs = scattered(count);
    let mut builder = ProblemBuilder::new(&costs);
    for location in 0..count {
        let visit = Visit::at(location);
        let window = Window::new(Seconds::new(location as u32 * 20), Seconds::new(location as u32 * 20 + 2000));
        builder.visit(if has_windows { visit.with_window(window) } else { visit });
    }
    let problem = builder.build().expect("it is valid");
    let token = ticking(Duration::from_millis(1));
    let solution = solve(&problem, &Budget::within(Duration::from_millis(reads.into()), token.clone()), 1);
    // Each read is a millisecond: the search stopped reading soon after the deadline.
    let read = token.elapsed().expect("it has a clock").as_millis();
    assert!(read <= u128::from(reads) + 10, "{read} reads for {reads}");
    assert_eq!(check(&problem, &solution), Ok(()));
}

#[test]
fn the_deadline_ends_the_search_wherever_it_is() {
    for count in [20, 150, 600] {
        for reads in [0, 1, 5, 50, 500] {
            assert_ends_in_time(count, false, reads);
            assert_ends_in_time(count, true, reads);
        }
    }
}

#[test]
fn a_stopped_token_gives_an_answer_at_once() {
    let costs = scattered(100);
    let mut builder = ProblemBuilder::new(&costs);
    for location in 0..100 {
        builder.visit(Visit::at(location));
    }
    let problem = builder.build().expect("it is valid");
    let budget = Budget::of_iterations(u64::MAX);
    budget.stop.stop();
    let solution = solve(&problem, &budget, 1);
    assert_eq!(solution.tours[0].stops.len(), 100);
    assert_eq!(check(&problem, &solution), Ok(()));
}

#[test]
fn more_rounds_never_make_it_worse_than_none() {
    let costs = scattered(120);
    let mut builder = ProblemBuilder::new(&costs);
    for location in 0..120 {
        builder.visit(Visit::at(location));
    }
    let problem = builder.build().expect("it is valid");
    let driven = |rounds| solve(&problem, &Budget::of_iterations(rounds), 1).cost.duration;
    assert!(driven(2_000) < driven(0));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn islands_give_the_same_answer_again_and_none_worse_than_one_alone(
        parts in parts(10..=30, Kind { unreachable_percent: 5, window_percent: 30, longest: 100 }),
        seed in any::<u64>(),
    ) {
        let problem = parts.problem().expect("generated problems are valid");
        let answer = |islands| {
            let mut budget = Budget::of_iterations(60);
            budget.islands = islands;
            solve(&problem, &budget, seed)
        };
        let (alone, several) = (answer(1), answer(3));
        prop_assert_eq!(&several, &answer(3));
        prop_assert_eq!(check(&problem, &several), Ok(()));
        prop_assert_eq!(&alone, &answer(0));
        if several.late.is_empty() && alone.late.is_empty() && several.unserved.is_empty() && alone.unserved.is_empty() {
            let driven = |solution: &Solution| match parts.objective {
                Objective::Distance => solution.cost.distance.get(),
                _ => solution.cost.duration.get(),
            };
            prop_assert!(driven(&several) <= driven(&alone));
        }
    }
}

#[cfg(feature = "rayon")]
#[test]
fn the_number_of_threads_changes_nothing() {
    let costs = scattered(40);
    let mut builder = ProblemBuilder::new(&costs);
    for location in 0..40 {
        builder.visit(Visit::at(location));
    }
    let problem = builder.build().expect("it is valid");
    let mut budget = Budget::of_iterations(30);
    budget.islands = 5;
    let answer = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be had");
        pool.install(|| solve(&problem, &budget, 7))
    };
    let one_by_one = answer(1);
    assert!(one_by_one.iterations >= 5 * 30);
    assert!((2..=6).all(|threads| answer(threads) == one_by_one));
}
