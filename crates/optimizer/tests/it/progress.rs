use crate::brute_force::{rank, rank_of};
use crate::problems::{Kind, parts};
use proptest::prelude::*;
use routemate_optimizer::{Budget, Progress, solve};
use std::sync::{Arc, Mutex};

/// A budget and what its listener hears.
fn overheard(budget: Budget) -> (Budget, Arc<Mutex<Vec<Progress>>>) {
    let reports = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&reports);
    let listener = move |progress: &Progress| heard.lock().expect("nobody panics").push(progress.clone());
    (budget.with_progress(Arc::new(listener)), reports)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn each_report_is_true_and_better_than_the_one_before(
        parts in (0..=30_u8, 0..=60_u8).prop_flat_map(|(unreachable_percent, window_percent)| {
            parts(1..=30, Kind { unreachable_percent, window_percent, longest: 100 })
        }),
        seed in any::<u64>(),
    ) {
        let problem = parts.problem().expect("generated problems are valid");
        let (budget, reports) = overheard(Budget::of_iterations(300));
        let solution = solve(&problem, &budget, seed);
        // Listening changes nothing.
        prop_assert_eq!(&solution, &solve(&problem, &Budget::of_iterations(300), seed));
        let reports = reports.lock().expect("nobody panics");
        let mut ranks = Vec::new();
        for report in reports.iter() {
            let order: Vec<usize> = report.order.iter().map(|visit| visit.index()).collect();
            let rank = rank(&problem, &order).expect("it can be driven");
            prop_assert_eq!((report.unserved, report.lateness, report.driven), (rank.0, rank.1, rank.2));
            prop_assert!((0.0..=1.0).contains(&report.spent));
            ranks.push(rank);
        }
        prop_assert!(ranks.windows(2).all(|pair| pair[1] < pair[0]), "{:?}", ranks);
        prop_assert_eq!(ranks.last().copied(), rank_of(&problem, &solution));
        prop_assert!(reports.len() <= 110);
    }
}
