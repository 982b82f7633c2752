//! Random problems of every kind.

use proptest::prelude::*;
use routemate_optimizer::{
    CostTable, Departure, Objective, Problem, ProblemBuilder, ProblemError, Terminal, Vehicle, Visit, VisitId, Window,
};
use routemate_units::{Meters, Seconds};

/// Everything a problem is made of, owned.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    pub(crate) costs: CostTable,
    pub(crate) visits: Vec<Visit>,
    pub(crate) vehicle: Vehicle,
    pub(crate) objective: Objective,
}

impl Parts {
    pub(crate) fn problem(&self) -> Result<Problem<'_, CostTable>, ProblemError> {
        let mut builder = ProblemBuilder::new(&self.costs);
        for visit in &self.visits {
            builder.visit(visit.clone());
        }
        builder.vehicle(self.vehicle.clone());
        builder.objective(self.objective);
        builder.build()
    }
}

/// How often pairs are unreachable and visits have windows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) unreachable_percent: u8,
    pub(crate) window_percent: u8,
    /// The longest drive; small ones make many ties.
    pub(crate) longest: u32,
}

/// Problems with `sizes` visits at locations that some of them share, any ends, and a kind.
pub(crate) fn parts(sizes: std::ops::RangeInclusive<usize>, kind: Kind) -> impl Strategy<Value = Parts> {
    sizes.prop_flat_map(move |count| {
        let locations = count + 2;
        let percent = 0..100_u8;
        let pairs = prop::collection::vec((0..=kind.longest, 0..=kind.longest, percent), locations * locations);
        let visits = prop::collection::vec(visit(locations, kind), count);
        (pairs, visits, vehicle(count, locations), any::<bool>()).prop_map(move |(pairs, visits, vehicle, by_time)| {
            let costs = CostTable::from_fn(locations, |from, to| {
                let (duration, distance, chance) = pairs[from * locations + to];
                let is_reachable = chance >= kind.unreachable_percent;
                is_reachable.then_some((Seconds::new(duration), Meters::new(distance)))
            });
            let objective = if by_time { Objective::Duration } else { Objective::Distance };
            Parts { costs, visits, vehicle, objective }
        })
    })
}

fn visit(locations: usize, kind: Kind) -> impl Strategy<Value = Visit> {
    let window = (0..6 * kind.longest, 0..2 * kind.longest)
        .prop_map(|(start, length)| Window::new(Seconds::new(start), Seconds::new(start + length)));
    let windows = (0..100_u8, prop::collection::vec(window, 1..=3));
    (0..locations, 0..20_u32, 1..=4_u16, windows).prop_map(move |(location, service, importance, (chance, windows))| {
        let visit = Visit::at(location).with_service(Seconds::new(service)).with_importance(importance);
        if chance < kind.window_percent { windows.into_iter().fold(visit, Visit::with_window) } else { visit }
    })
}

fn vehicle(count: usize, locations: usize) -> impl Strategy<Value = Vehicle> {
    let terminal = move || {
        prop_oneof![
            Just(None),
            (0..locations).prop_map(|location| Some(Terminal::Location(location))),
            (0..count.max(1)).prop_map(|visit| Some(Terminal::Visit(VisitId::new(visit)))),
        ]
    };
    let departure = prop_oneof![Just(Departure::SoonestFinish), Just(Departure::LatestInTime)];
    let start_time = (0..50_u32, prop::option::of(0..100_u32), departure);
    (terminal(), terminal(), any::<bool>(), start_time).prop_map(move |(start, end, is_closed, start_time)| {
        let (earliest, span, departure) = start_time;
        let usable = |terminal: Option<Terminal>| match terminal {
            Some(Terminal::Visit(_)) if count == 0 => Terminal::Anywhere,
            other => other.unwrap_or_default(),
        };
        let (start, mut end) = (usable(start), usable(end));
        if matches!((start, is_closed), (Terminal::Location(_), true))
            || (start == end && matches!(start, Terminal::Visit(_)) && count > 1)
        {
            end = if matches!(start, Terminal::Visit(_)) { Terminal::Anywhere } else { start };
        }
        let vehicle = Vehicle::new()
            .with_start(start)
            .with_end(end)
            .with_earliest_start(Seconds::new(earliest))
            .with_departure(departure);
        match span {
            Some(span) => vehicle.with_latest_start(Seconds::new(earliest + span)),
            None => vehicle,
        }
    })
}
