//! The sets of problems, where they come from, and how long and against whom they run.

/// Peers for tours and paths without windows, by the harness's names.
const TOUR_PEERS: &[&str] = &["lkh", "fasttsp", "pyvrp", "vroom", "ortools", "vrpcli"];
/// The same where LKH answers after minutes and would take up the whole run.
const LARGE_TOUR_PEERS: &[&str] = &["fasttsp", "pyvrp", "vroom", "ortools"];
const WINDOW_PEERS: &[&str] = &["pyvrp", "vroom", "ortools", "didp", "vrpcli"];
const FLEET_PEERS: &[&str] = &["pyvrp", "vroom", "ortools", "vrpcli"];
const PRIZE_PEERS: &[&str] = &["pyvrp", "ortools"];
const PAIR_PEERS: &[&str] = &["pyvrp", "vroom", "ortools"];

/// Problems that are reported together.
#[derive(Debug)]
pub(super) struct Set {
    pub(super) name: &'static str,
    pub(super) source: Source,
    /// What a whole run does.
    pub(super) full: Effort,
    /// What `--quick` does; no problems: the set is left out.
    pub(super) quick: Effort,
    /// Seconds that our solver gets to find a reference where no best value is published; 0: the best seen is enough.
    pub(super) reference: f64,
    /// Whether our solver runs once more for as long as one run of LKH took.
    pub(super) time_of_lkh: bool,
}

/// How much of a set is run.
#[derive(Debug)]
pub(super) struct Effort {
    /// At most so many problems, spread over the sizes.
    pub(super) problems: usize,
    pub(super) limits: &'static [f64],
    pub(super) peers: &'static [&'static str],
}

#[derive(Debug)]
pub(super) enum Source {
    /// A folder of `bench/instances`; larger problems are left out. Nodes count the depot.
    Folder { folder: &'static str, most_nodes: u64 },
    /// Generated road-like paths: every size with every seed from 1, first of the street model, then of the disc model.
    Road { sizes: &'static [u64], street: u64, disc: u64, windows: Windows },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Windows {
    None,
    Some,
}

const ALL: usize = usize::MAX;
const ALL_NODES: u64 = u64::MAX;

pub(super) const SETS: &[Set] = &[
    road("exact_12", &[8, 10, 12], (5, 2), effort(ALL, &[0.1], &[]), effort(4, &[0.1], &[])),
    road("exact_16", &[14, 16], (5, 2), effort(ALL, &[0.1], &[]), effort(4, &[0.1], &[])),
    road("road_50", &[25, 50], (5, 2), effort(ALL, &[0.01, 0.1, 1.0], TOUR_PEERS), effort(4, &[0.01, 1.0], TOUR_PEERS)),
    road("road_100", &[100], (5, 2), effort(ALL, &[0.1, 1.0], TOUR_PEERS), effort(2, &[0.1, 1.0], TOUR_PEERS)),
    Set {
        reference: 20.0,
        time_of_lkh: true,
        ..road(
            "road_200",
            &[200],
            (5, 2),
            effort(ALL, &[0.1, 1.0, 10.0], TOUR_PEERS),
            effort(2, &[0.1, 1.0], TOUR_PEERS),
        )
    },
    Set {
        reference: 60.0,
        ..road("road_500", &[500], (3, 1), effort(ALL, &[1.0, 10.0], TOUR_PEERS), effort(1, &[1.0], TOUR_PEERS))
    },
    Set {
        reference: 60.0,
        ..road("road_1000", &[1000], (3, 1), effort(ALL, &[1.0, 10.0], TOUR_PEERS), effort(1, &[1.0], LARGE_TOUR_PEERS))
    },
    Set {
        reference: 300.0,
        ..road("road_5000", &[5000], (1, 0), effort(ALL, &[1.0, 30.0], &["fasttsp"]), effort(1, &[1.0], &[]))
    },
    Set {
        source: Source::Road { sizes: &[50, 100, 200], street: 3, disc: 1, windows: Windows::Some },
        reference: 20.0,
        ..road("road_windows", &[], (0, 0), effort(ALL, &[0.1, 1.0], WINDOW_PEERS), effort(2, &[1.0], WINDOW_PEERS))
    },
    folder("tsplib_atsp", ALL_NODES, effort(ALL, &[1.0, 5.0], TOUR_PEERS), effort(3, &[1.0], TOUR_PEERS)),
    folder("tsplib", 1_100, effort(ALL, &[1.0], TOUR_PEERS), effort(3, &[1.0], LARGE_TOUR_PEERS)),
    folder("amazon_lastmile", ALL_NODES, effort(ALL, &[0.1, 1.0], TOUR_PEERS), effort(1, &[0.1], TOUR_PEERS)),
    folder("tsptw_Dumas", ALL_NODES, effort(ALL, &[3.0], WINDOW_PEERS), effort(2, &[3.0], WINDOW_PEERS)),
    folder("tsptw_AFG", ALL_NODES, effort(ALL, &[3.0], WINDOW_PEERS), effort(2, &[3.0], WINDOW_PEERS)),
    folder(
        "tsptw_GendreauDumasExtended",
        ALL_NODES,
        effort(ALL, &[3.0], WINDOW_PEERS),
        effort(2, &[3.0], WINDOW_PEERS),
    ),
    folder("tsptw_OhlmannThomas", ALL_NODES, effort(ALL, &[3.0], WINDOW_PEERS), effort(1, &[3.0], WINDOW_PEERS)),
    folder("tsptw_SolomonPotvinBengio", ALL_NODES, effort(ALL, &[3.0], WINDOW_PEERS), effort(1, &[3.0], WINDOW_PEERS)),
    folder("tsptw_SolomonPesant", ALL_NODES, effort(ALL, &[3.0], WINDOW_PEERS), effort(1, &[3.0], WINDOW_PEERS)),
    folder("vrptw_solomon", ALL_NODES, effort(ALL, &[1.0, 10.0], FLEET_PEERS), effort(3, &[1.0], FLEET_PEERS)),
    folder("vrptw_homberger200", ALL_NODES, effort(ALL, &[30.0], FLEET_PEERS), effort(1, &[3.0], FLEET_PEERS)),
    folder("vrptw_homberger1000", ALL_NODES, effort(ALL, &[60.0], FLEET_PEERS), effort(1, &[3.0], FLEET_PEERS)),
    folder("vrptw_ortec_road", ALL_NODES, effort(ALL, &[30.0], FLEET_PEERS), effort(1, &[3.0], FLEET_PEERS)),
    folder("pcvrptw_1000", ALL_NODES, effort(ALL, &[30.0], PRIZE_PEERS), effort(1, &[3.0], PRIZE_PEERS)),
    folder("pdptw_lilim100", ALL_NODES, effort(ALL, &[30.0], PAIR_PEERS), effort(2, &[3.0], PAIR_PEERS)),
    folder("cvrp_x", ALL_NODES, effort(ALL, &[10.0], FLEET_PEERS), effort(1, &[3.0], FLEET_PEERS)),
    folder("loggi_bud", ALL_NODES, effort(ALL, &[1.0, 10.0], FLEET_PEERS), effort(1, &[1.0], FLEET_PEERS)),
];

const fn road(name: &'static str, sizes: &'static [u64], seeds: (u64, u64), full: Effort, quick: Effort) -> Set {
    let (street, disc) = seeds;
    let source = Source::Road { sizes, street, disc, windows: Windows::None };
    Set { name, source, full, quick, reference: 0.0, time_of_lkh: false }
}

/// A folder whose name is the set's.
const fn folder(name: &'static str, most_nodes: u64, full: Effort, quick: Effort) -> Set {
    let source = Source::Folder { folder: name, most_nodes };
    Set { name, source, full, quick, reference: 0.0, time_of_lkh: false }
}

const fn effort(problems: usize, limits: &'static [f64], peers: &'static [&'static str]) -> Effort {
    Effort { problems, limits, peers }
}

/// At most `most` of the items, evenly spread, the first and the last among them.
pub(super) fn spread<T>(items: Vec<T>, most: usize) -> Vec<T> {
    let len = items.len();
    if len <= most {
        return items;
    }
    let is_taken = |at: usize| match most {
        0 => false,
        1 => at == len / 2,
        _ => (0..most).any(|step| step * (len - 1) / (most - 1) == at),
    };
    items.into_iter().enumerate().filter(|(at, _)| is_taken(*at)).map(|(_, item)| item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_problems_are_spread_over_all() {
        let spread_of = |most| spread((0..10).collect::<Vec<_>>(), most);
        assert!(spread_of(0).is_empty());
        assert_eq!(spread_of(1), [5]);
        assert_eq!(spread_of(3), [0, 4, 9]);
        assert_eq!(spread_of(10).len(), 10);
        assert_eq!(spread_of(ALL).len(), 10);
    }

    #[test]
    fn names_of_sets_are_unique() {
        let mut names: Vec<_> = SETS.iter().map(|set| set.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), SETS.len());
    }
}
