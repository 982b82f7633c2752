use crate::problems::{Kind, parts};
use proptest::prelude::*;
use routemate_optimizer::{
    Budget, CostTable, Problem, ProblemBuilder, Solution, Terminal, Vehicle, Violation, Visit, VisitId, Window, check,
    solve,
};
use routemate_units::{Meters, Seconds};

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn every_answer_is_accepted(
        parts in (0..=60_u8, 0..=100_u8, 1..=200_u32).prop_flat_map(|(unreachable_percent, window_percent, longest)| {
            parts(0..=40, Kind { unreachable_percent, window_percent, longest })
        }),
        seed in any::<u64>(),
    ) {
        let problem = parts.problem().expect("generated problems are valid");
        let solution = solve(&problem, &Budget::of_iterations(200), seed);
        prop_assert_eq!(check(&problem, &solution), Ok(()));
    }

    #[test]
    fn centuries_of_driving_are_cut_off_and_never_wrap(
        parts in (1..=40_usize).prop_flat_map(|count| {
            parts(count..=count, Kind { unreachable_percent: 10, window_percent: 40, longest: 500_000_000 })
        }),
    ) {
        let problem = parts.problem().expect("generated problems are valid");
        let solution = solve(&problem, &Budget::of_iterations(100), 1);
        prop_assert_eq!(check(&problem, &solution), Ok(()));
    }

    #[test]
    fn every_answer_without_time_is_accepted(
        parts in parts(13..=40, Kind { unreachable_percent: 30, window_percent: 30, longest: 50 }),
    ) {
        let problem = parts.problem().expect("generated problems are valid");
        let budget = Budget::of_iterations(200);
        budget.stop.stop();
        prop_assert_eq!(check(&problem, &solve(&problem, &budget, 1)), Ok(()));
    }
}

/// Four stops along a road, 10 s apart; the last cannot be met in time, the third opens late.
fn road() -> CostTable {
    CostTable::from_fn(6, |from, to| {
        let apart = from.abs_diff(to) as u32;
        (from != 5 && to != 5).then_some((Seconds::new(10 * apart), Meters::new(100 * apart)))
    })
}

fn problem(costs: &CostTable) -> Problem<'_, CostTable> {
    let mut builder = ProblemBuilder::new(costs);
    let first = builder.visit(Visit::at(0).with_service(Seconds::new(5)));
    builder.visit(Visit::at(1));
    builder.visit(Visit::at(2).with_window(Window::new(Seconds::new(100), Seconds::new(120))));
    builder.visit(Visit::at(3).with_window(Window::new(Seconds::ZERO, Seconds::new(20))));
    builder.visit(Visit::at(5));
    builder.vehicle(Vehicle::new().with_start(Terminal::Visit(first)).with_end(Terminal::Location(4)));
    builder.build().expect("it is valid")
}

#[track_caller]
fn assert_refused(corrupt: impl FnOnce(&mut Solution), is_expected: impl Fn(&Violation) -> bool) {
    let costs = road();
    let problem = problem(&costs);
    let mut solution = solve(&problem, &Budget::of_iterations(100), 1);
    assert_eq!(check(&problem, &solution), Ok(()));
    corrupt(&mut solution);
    let violations = check(&problem, &solution).expect_err("the corrupted answer passed");
    assert!(violations.iter().any(is_expected), "{violations:?}");
}

#[test]
fn a_lost_visit_is_found() {
    assert_refused(|it| it.tours[0].stops.truncate(2), |it| matches!(it, Violation::Missing { .. }));
    assert_refused(|it| it.unserved.clear(), |it| matches!(it, Violation::Missing { .. }));
}

#[test]
fn a_visit_served_twice_is_found() {
    assert_refused(
        |it| {
            let stop = it.tours[0].stops[1];
            it.tours[0].stops.push(stop);
        },
        |it| matches!(it, Violation::ListedTwice { .. }),
    );
}

#[test]
fn an_unknown_visit_is_found() {
    assert_refused(
        |it| it.tours[0].stops[1].visit = VisitId::new(9),
        |it| matches!(it, Violation::UnknownVisit { .. }),
    );
}

#[test]
fn a_moved_fixed_visit_is_found() {
    assert_refused(|it| it.tours[0].stops.swap(0, 1), |it| matches!(it, Violation::FixedVisitMoved { .. }));
}

#[test]
fn an_unreachable_leg_is_found() {
    assert_refused(
        |it| {
            std::mem::swap(&mut it.tours[0].stops[1].visit, &mut it.unserved[0].visit);
        },
        |it| matches!(it, Violation::UnreachableLeg { .. }),
    );
}

#[test]
fn an_unfounded_reason_for_leaving_out_is_found() {
    assert_refused(
        |it| {
            let at = it.tours[0].stops.iter().position(|stop| stop.visit == VisitId::new(1)).expect("it is served");
            let stop = it.tours[0].stops.remove(at);
            let entry = it.unserved[0];
            it.unserved.push(entry);
            it.unserved[1].visit = stop.visit;
        },
        |it| matches!(it, Violation::UnservedReason { found: None, .. }),
    );
}

#[test]
fn wrong_times_are_found() {
    let second = Seconds::new(1);
    assert_refused(|it| it.tours[0].stops[1].arrival = second, |it| matches!(it, Violation::Schedule { .. }));
    assert_refused(|it| it.tours[0].finish = second, |it| matches!(it, Violation::Finish { .. }));
    assert_refused(|it| it.tours[0].departure = second, |it| matches!(it, Violation::Departure { .. }));
    assert_refused(|it| it.tours[0].stops[0].slack = None, |it| matches!(it, Violation::Slack { .. }));
    assert_refused(
        |it| it.tours[0].stops[0].slack = Some(Seconds::new(77)),
        |it| matches!(it, Violation::Slack { .. }),
    );
}

#[test]
fn a_wrong_cost_is_found() {
    assert_refused(|it| it.cost.distance = Meters::new(1), |it| matches!(it, Violation::Cost { .. }));
    assert_refused(|it| it.tours[0].cost.waiting = Seconds::new(1), |it| matches!(it, Violation::Cost { .. }));
}

#[test]
fn hidden_lateness_is_found() {
    assert_refused(|it| it.late.clear(), |it| matches!(it, Violation::Late { .. }));
    assert_refused(|it| it.late[0].by = Seconds::new(1), |it| matches!(it, Violation::Late { .. }));
}

#[test]
fn a_bound_above_the_cost_is_found() {
    assert_refused(|it| it.bound = Some(1_000_000), |it| matches!(it, Violation::Bound { .. }));
    assert_refused(|it| it.bound = None, |it| matches!(it, Violation::Bound { .. }));
}
