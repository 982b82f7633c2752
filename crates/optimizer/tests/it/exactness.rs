use crate::brute_force::{best_rank, rank_of};
use crate::problems::{Kind, Parts, parts};
use proptest::prelude::*;
use routemate_optimizer::{Budget, CostTable, ProblemBuilder, Terminal, Vehicle, Visit, VisitId, Window, check, solve};
use routemate_units::{Meters, Seconds};

fn assert_is_best(parts: &Parts) -> Result<(), TestCaseError> {
    let problem = parts.problem().expect("generated problems are valid");
    let solution = solve(&problem, &Budget::of_iterations(300), 1);
    prop_assert_eq!(check(&problem, &solution), Ok(()));
    prop_assert!(solution.proven_optimal);
    prop_assert_eq!(rank_of(&problem, &solution), Some(best_rank(&problem)));
    Ok(())
}

const PLAIN: Kind = Kind { unreachable_percent: 0, window_percent: 0, longest: 60 };

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn up_to_six_visits_are_served_best(parts in parts(0..=6, PLAIN)) {
        assert_is_best(&parts)?;
    }

    #[test]
    fn ties_go_to_the_important(parts in parts(0..=6, Kind { longest: 2, ..PLAIN })) {
        assert_is_best(&parts)?;
    }

    #[test]
    fn windows_are_met_as_well_as_can_be(parts in parts(0..=6, Kind { window_percent: 60, ..PLAIN })) {
        assert_is_best(&parts)?;
    }

    #[test]
    fn what_is_unreachable_is_left_out(parts in parts(0..=6, Kind { unreachable_percent: 40, ..PLAIN })) {
        assert_is_best(&parts)?;
    }

    #[test]
    fn windows_and_unreachable_pairs_go_together(
        parts in parts(0..=6, Kind { unreachable_percent: 40, window_percent: 50, longest: 20 }),
    ) {
        assert_is_best(&parts)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn eight_visits_of_every_kind_are_served_best(
        plain in parts(8..=8, PLAIN),
        timed in parts(8..=8, Kind { window_percent: 50, ..PLAIN }),
        sparse in parts(8..=8, Kind { unreachable_percent: 50, window_percent: 30, longest: 30 }),
    ) {
        assert_is_best(&plain)?;
        assert_is_best(&timed)?;
        assert_is_best(&sparse)?;
    }
}

#[test]
fn tight_windows_are_proven_best_far_beyond_a_dozen_visits() {
    let point = |index: usize| ((index * 7919 % 211) as i64, (index * 104_729 % 223) as i64);
    let apart = |from: usize, to: usize| {
        let ((x1, y1), (x2, y2)) = (point(from), point(to));
        ((x1 - x2).abs() + (y1 - y2).abs() + (x2 - x1).max(0) / 4) as u32
    };
    let costs = CostTable::from_fn(60, |from, to| Some((Seconds::new(apart(from, to)), Meters::new(1))));
    let mut builder = ProblemBuilder::new(&costs);
    // Windows around the times of a tour in the order of the locations.
    let (mut clock, mut driven) = (0_u32, 0_u32);
    for location in 0..60_usize {
        let leg = location.checked_sub(1).map_or(0, |before| apart(before, location));
        (clock, driven) = (clock + leg + 10, driven + leg);
        let window = Window::new(Seconds::new(clock.saturating_sub(250)), Seconds::new(clock + 150));
        builder.visit(Visit::at(location).with_service(Seconds::new(10)).with_window(window));
    }
    builder.vehicle(Vehicle::new().with_start(Terminal::Visit(VisitId::new(0))));
    let problem = builder.build().expect("it is valid");
    let answers = [1, 2].map(|seed| solve(&problem, &Budget::of_iterations(20_000), seed));
    for solution in &answers {
        assert_eq!(check(&problem, solution), Ok(()));
        assert!(solution.proven_optimal);
        assert_eq!(solution.cost.lateness, Seconds::ZERO);
        assert!(solution.cost.duration.get() <= driven);
        assert_eq!(solution.cost.duration, answers[0].cost.duration);
    }
}
