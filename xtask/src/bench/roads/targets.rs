//! What the road router is to reach, all in one table.

use super::report::Report;

use Goal::{AtLeast, AtMost, OfPeer};

/// What counts as reached.
#[derive(Clone, Copy, Debug)]
pub(super) enum Goal {
    AtMost(f64),
    AtLeast(f64),
    /// At most so many times the figure of OSRM-CH in the same run.
    OfPeer(f64),
}

/// Ours and, where they are compared, OSRM-CH's.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Figure {
    pub(super) ours: Option<f64>,
    pub(super) peer: Option<f64>,
}

pub(super) struct Target {
    pub(super) what: &'static str,
    pub(super) unit: &'static str,
    pub(super) must: Goal,
    pub(super) aim: Goal,
    pub(super) figure: fn(&Report) -> Figure,
}

impl Goal {
    /// `None` if it cannot be told.
    pub(super) fn is_reached(self, figure: Figure) -> Option<bool> {
        let ours = figure.ours?;
        Some(match self {
            AtMost(most) => ours <= most,
            AtLeast(least) => ours >= least,
            OfPeer(share) => ours <= share * figure.peer?,
        })
    }

    pub(super) fn shown(self, unit: &str) -> String {
        match self {
            AtMost(most) => format!("≤ {most}{unit}"),
            AtLeast(least) => format!("≥ {least}{unit}"),
            OfPeer(share) => format!("≤ {share} ×"),
        }
    }
}

pub(super) const TARGETS: &[Target] = &[
    of("milan: extract to index, CPU", " s", (OfPeer(0.5), OfPeer(0.25)), |r| r.both(|f| f.build_s)),
    of("composite21: extract to index, CPU", " s", (AtMost(90.0), AtMost(90.0)), |r| r.composite(|f| f.build_s)),
    of("milan: memory of the build", " MB", (OfPeer(1.0), OfPeer(0.7)), |r| r.both(|f| f.build_mb)),
    of("milan: size of the index", " MB", (OfPeer(1.0), OfPeer(0.6)), |r| r.both(|f| f.index_mb)),
    of("milan: open", " ms", (AtMost(2.0), AtMost(1.0)), |r| r.both(|f| f.open_ms)),
    of("milan: open and first answer", " ms", (AtMost(10.0), AtMost(3.0)), |r| r.both(|f| f.first_ms)),
    of("milan: route with geometry, p50", " µs", (AtMost(200.0), AtMost(80.0)), |r| r.both(|f| f.route_p50_us)),
    of("milan: route with geometry, p99", " µs", (AtMost(600.0), AtMost(250.0)), |r| r.both(|f| f.route_p99_us)),
    of("milan: table of 50, CPU", " ms", (AtMost(6.0), AtMost(2.5)), |r| r.both(|f| f.table_ms[0])),
    of("milan: table of 200, CPU", " ms", (AtMost(22.0), AtMost(11.0)), |r| r.both(|f| f.table_ms[1])),
    of("milan: table of 1000, CPU", " ms", (AtMost(250.0), AtMost(110.0)), |r| r.both(|f| f.table_ms[2])),
    of("pairs that OSRM routes and we do not", " %", (AtMost(0.5), AtMost(0.0)), |r| {
        r.worst(|a| 100.0 * a.unrouted / a.pairs.max(1.0), f64::max)
    }),
    of("distance within 1 %, worst city", " %", (AtLeast(95.0), AtLeast(99.0)), |r| {
        r.worst(|a| a.distance_1, f64::min)
    }),
    of("duration within 1 %, worst city", " %", (AtLeast(90.0), AtLeast(98.0)), |r| {
        r.worst(|a| a.duration_1, f64::min)
    }),
    of("duration within 3 %, worst city", " %", (AtLeast(96.0), AtLeast(99.5)), |r| {
        r.worst(|a| a.duration_3, f64::min)
    }),
];

const fn of(
    what: &'static str,
    unit: &'static str,
    (must, aim): (Goal, Goal),
    figure: fn(&Report) -> Figure,
) -> Target {
    Target { what, unit, must, aim, figure }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_a_peer_need_the_peer() {
        let alone = Figure { ours: Some(1.0), peer: None };
        let beside = |peer| Figure { peer: Some(peer), ..alone };
        assert_eq!(OfPeer(0.5).is_reached(alone), None);
        assert_eq!(OfPeer(0.5).is_reached(beside(2.0)), Some(true));
        assert_eq!(OfPeer(0.5).is_reached(beside(1.9)), Some(false));
        assert_eq!(AtMost(1.0).is_reached(alone), Some(true));
        assert_eq!(AtLeast(1.1).is_reached(alone), Some(false));
        assert_eq!(AtLeast(1.1).is_reached(Figure::default()), None);
    }
}
