//! What the optimizer is to reach, all in one table.

use super::measure::{Goal, Statistic, Target};

use Goal::{AtLeast, AtMost, Below};
use Statistic::{
    Answered, AsGoodAs, AtBest, BoundGap, Feasible, FewestVehicles, Improvable, MeanGap, Overrun, PointsAbove,
    PointsAboveInItsTime, ProvenTime,
};

const WINDOWS_100: &[&str] = &["tsptw_Dumas", "tsptw_AFG", "tsptw_GendreauDumasExtended"];
const WINDOWS_200: &[&str] = &["tsptw_Dumas", "tsptw_AFG", "tsptw_GendreauDumasExtended", "tsptw_OhlmannThomas"];
const PLAIN: &[&str] = &["road_50", "road_100", "road_200", "tsplib_atsp", "amazon_lastmile"];
const UP_TO_200: &[&str] = &["road_50", "road_100", "road_200"];

const SOLOMON: &[&str] = &["vrptw_solomon"];
const HOMBERGER_200: &[&str] = &["vrptw_homberger200"];
const HOMBERGER_1000: &[&str] = &["vrptw_homberger1000"];
const ORTEC: &[&str] = &["vrptw_ortec_road"];

/// The prize set has no limit of its own.
const PRIZE_LIMIT: f64 = 30.0;

pub(super) const TARGETS: &[Target] = &[
    of("n ≤ 12: proven optimal, slowest", &["exact_12"], 0.1, ProvenTime, AtMost(2.0)),
    of("n ≤ 16: proven optimal, slowest", &["exact_16"], 0.1, ProvenTime, AtMost(60.0)),
    over("n ≤ 1000: answer after the limit, latest of all sets", &[], (0, 1_001), Overrun, AtMost(5.0)),
    over("any size: runs with an answer, all sets", &[], (0, u64::MAX), Answered, AtLeast(100.0)),
    over("n ≤ 200: answers that 2-opt, or-opt or or-3opt improve", PLAIN, (0, 201), Improvable, AtMost(0.0)),
    of("path, n ≤ 50, 10 ms: as good as LKH's final answer", &["road_50"], 0.01, AsGoodAs("lkh"), AtLeast(100.0)),
    of("path, n = 100, 0.1 s: as good as LKH's final answer", &["road_100"], 0.1, AsGoodAs("lkh"), AtLeast(100.0)),
    of("path, n = 200, 0.1 s: mean gap", &["road_200"], 0.1, MeanGap, AtMost(0.2)),
    of("path, n = 200, 1 s: mean gap", &["road_200"], 1.0, MeanGap, AtMost(0.05)),
    of("path, n = 200, 10 s: mean gap", &["road_200"], 10.0, MeanGap, AtMost(0.0)),
    of("path, n = 200, 0.1 s: above fast-tsp", &["road_200"], 0.1, PointsAbove("fasttsp"), AtMost(0.0)),
    of("path, n = 200, 1 s: above fast-tsp", &["road_200"], 1.0, PointsAbove("fasttsp"), AtMost(0.0)),
    of("path, n = 200, 10 s: above fast-tsp", &["road_200"], 10.0, PointsAbove("fasttsp"), AtMost(0.0)),
    of("path, n = 200, time of one LKH run: above LKH", &["road_200"], 0.1, PointsAboveInItsTime("lkh"), AtMost(0.0)),
    of("path, n = 500, 1 s: mean gap", &["road_500"], 1.0, MeanGap, AtMost(0.5)),
    of("path, n = 500, 10 s: mean gap", &["road_500"], 10.0, MeanGap, AtMost(0.1)),
    of("path, n = 1000, 1 s: mean gap", &["road_1000"], 1.0, MeanGap, AtMost(0.5)),
    of("path, n = 1000, 10 s: mean gap", &["road_1000"], 10.0, MeanGap, AtMost(0.2)),
    of("path, n = 5000, 1 s: runs with an answer", &["road_5000"], 1.0, Answered, AtLeast(100.0)),
    of("path, n = 5000, 30 s: mean gap", &["road_5000"], 30.0, MeanGap, AtMost(3.0)),
    Target {
        nodes: (0, 171),
        ..of("TSPLIB ATSP, n ≤ 171, 1 s: at the optimum", &["tsplib_atsp"], 1.0, AtBest, AtLeast(100.0))
    },
    Target {
        nodes: (172, u64::MAX),
        ..of("TSPLIB ATSP, rbg*, 5 s: at the optimum", &["tsplib_atsp"], 5.0, AtBest, AtLeast(100.0))
    },
    of("TSPLIB symmetric, n ≤ 1100, 1 s: mean gap", &["tsplib"], 1.0, MeanGap, AtMost(0.3)),
    // The depot is one more node than there are customers.
    windows("path with windows, n ≤ 100, 3 s: at the best known", WINDOWS_100, (0, 101), AtBest, AtLeast(95.0)),
    windows("path with windows, n ≤ 100, 3 s: feasible", WINDOWS_100, (0, 101), Feasible, AtLeast(100.0)),
    windows("path with windows, n = 150–200, 3 s: mean gap", WINDOWS_200, (151, 201), MeanGap, AtMost(0.5)),
    of("Solomon, 1 s: mean gap", SOLOMON, 1.0, MeanGap, AtMost(1.5)),
    of("Solomon, 1 s: above vrp-cli", SOLOMON, 1.0, PointsAbove("vrpcli"), Below(0.0)),
    of("Solomon, 1 s: above PyVRP", SOLOMON, 1.0, PointsAbove("pyvrp"), AtMost(0.3)),
    of("Solomon, 10 s: mean gap", SOLOMON, 10.0, MeanGap, AtMost(0.5)),
    of("Solomon, 10 s: above vrp-cli", SOLOMON, 10.0, PointsAbove("vrpcli"), Below(0.0)),
    of("Solomon, 10 s: above PyVRP", SOLOMON, 10.0, PointsAbove("pyvrp"), AtMost(0.3)),
    of("Gehring–Homberger 200, 30 s: mean gap", HOMBERGER_200, 30.0, MeanGap, AtMost(1.0)),
    of("Gehring–Homberger 200, 30 s: above vrp-cli", HOMBERGER_200, 30.0, PointsAbove("vrpcli"), Below(0.0)),
    of("Gehring–Homberger 200, 30 s: above PyVRP", HOMBERGER_200, 30.0, PointsAbove("pyvrp"), AtMost(0.3)),
    of("Gehring–Homberger 1000, 60 s: mean gap", HOMBERGER_1000, 60.0, MeanGap, AtMost(4.0)),
    of("Gehring–Homberger 1000, 60 s: above vrp-cli", HOMBERGER_1000, 60.0, PointsAbove("vrpcli"), Below(0.0)),
    of("Gehring–Homberger 1000, 60 s: above PyVRP", HOMBERGER_1000, 60.0, PointsAbove("pyvrp"), AtMost(0.3)),
    of("road instances with windows, 30 s: mean gap", ORTEC, 30.0, MeanGap, AtMost(1.0)),
    of("road instances with windows, 30 s: above vrp-cli", ORTEC, 30.0, PointsAbove("vrpcli"), Below(0.0)),
    of("road instances with windows, 30 s: above PyVRP", ORTEC, 30.0, PointsAbove("pyvrp"), AtMost(0.3)),
    of(
        "optional stops with prizes, 30 s: above PyVRP",
        &["pcvrptw_1000"],
        PRIZE_LIMIT,
        PointsAbove("pyvrp"),
        AtMost(1.0),
    ),
    of(
        "Li & Lim 100, 30 s: no more vehicles than best known (50 of 56)",
        &["pdptw_lilim100"],
        30.0,
        FewestVehicles,
        AtLeast(100.0 * 50.0 / 56.0),
    ),
    of("road matrices, n ≤ 200, 1 s: widest gap to the lower bound", UP_TO_200, 1.0, BoundGap, AtMost(1.0)),
];

const fn of(what: &'static str, sets: &'static [&'static str], limit: f64, statistic: Statistic, goal: Goal) -> Target {
    Target { what, sets, nodes: (0, u64::MAX), limit: Some(limit), statistic, goal }
}

/// Under every limit.
const fn over(
    what: &'static str,
    sets: &'static [&'static str],
    nodes: (u64, u64),
    statistic: Statistic,
    goal: Goal,
) -> Target {
    Target { what, sets, nodes, limit: None, statistic, goal }
}

const fn windows(
    what: &'static str,
    sets: &'static [&'static str],
    nodes: (u64, u64),
    statistic: Statistic,
    goal: Goal,
) -> Target {
    Target { what, sets, nodes, limit: Some(3.0), statistic, goal }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::optimizer::sets::SETS;

    #[test]
    fn full_run_measures_every_target() {
        for target in TARGETS {
            for name in target.sets {
                let set = SETS.iter().find(|set| set.name == *name).unwrap_or_else(|| panic!("no set {name}"));
                let measured = target.limit.is_none_or(|limit| set.full.limits.contains(&limit));
                assert!(measured, "{}: {name} is not run with this limit", target.what);
                let peer = target.statistic.peer();
                assert!(peer.is_none_or(|peer| set.full.peers.contains(&peer)), "{}: no {peer:?}", target.what);
            }
        }
    }

    #[test]
    fn targets_have_each_their_name() {
        let mut names: Vec<_> = TARGETS.iter().map(|target| target.what).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TARGETS.len());
    }
}
