use crate::brute_force::{best_rank, rank_of};
use crate::problems::{Kind, Parts, parts};
use proptest::prelude::*;
use routemate_optimizer::{Budget, check, solve};

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
