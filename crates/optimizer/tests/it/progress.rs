use crate::brute_force::{rank, rank_of};
use crate::drawn::{Bytes, Size, fleet, with};
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
            let order: Vec<usize> = report.tours[0].iter().map(|visit| visit.index()).collect();
            let rank = rank(&problem, &order).expect("it can be driven");
            prop_assert_eq!((report.unserved, report.lateness, report.total), (rank.0, rank.1, rank.2));
            prop_assert!((0.0..=1.0).contains(&report.spent));
            ranks.push(rank);
        }
        prop_assert!(ranks.windows(2).all(|pair| pair[1] < pair[0]), "{:?}", ranks);
        prop_assert_eq!(ranks.last().copied(), rank_of(&problem, &solution));
        prop_assert!(reports.len() <= 110);
    }

    #[test]
    fn reports_of_several_vehicles_get_better_up_to_the_answer(
        bytes in prop::collection::vec(any::<u8>(), 1_200),
        kinds in any::<u32>(),
        seed in any::<u64>(),
    ) {
        let size = Size { visits: 20, vehicles: 3, longest: 60 };
        // What these cost, or how late they make others, is only estimated on the way.
        let estimated = with::BALANCE | with::BREAKS | with::SHIFTS | with::LATE_DEPARTURES;
        let fleet = fleet(&mut Bytes::new(&bytes), size, kinds & with::EVERYTHING & !estimated);
        let problem = fleet.problem().expect("drawn problems are valid");
        let (budget, reports) = overheard(Budget::of_iterations(60));
        let solution = solve(&problem, &budget, seed);
        prop_assert_eq!(&solution, &solve(&problem, &Budget::of_iterations(60), seed));
        let reports = reports.lock().expect("nobody panics");
        let better = |pair: &[Progress]| {
            let [before, after] = [&pair[0], &pair[1]].map(|report| (report.unserved, report.lateness, report.total));
            after < before
        };
        // Ties between tours of one vehicle are not shown.
        prop_assert!(problem.vehicles().len() == 1 || reports.windows(2).all(better), "{:?}", reports);
        let last = reports.last().expect("there is an answer");
        prop_assert_eq!(last.total, solution.cost.total);
        let served: usize = last.tours.iter().map(Vec::len).sum();
        prop_assert_eq!(served + solution.unserved.len(), problem.visits().len());
    }
}
