//! How long it takes to find and to take the best place for a late stop: `cargo run --release --example late_stop`.
#![expect(clippy::print_stdout, reason = "figures are what it is for")]

use routemate_optimizer::{
    Alternatives, Break, Budget, CostTable, Departure, ProblemBuilder, Terminal, Vehicle, Visit, VisitId, Window, solve,
};
use routemate_units::{Meters, Seconds};
use std::error::Error;
use std::time::{Duration, Instant};

/// Late stops for each figure.
const CALLERS: usize = 200;

fn main() -> Result<(), Box<dyn Error>> {
    for (visits, vehicles) in [(200, 1), (1_000, 50)] {
        for kind in [Kind::Untimed, Kind::Windows, Kind::WindowsAndBreaks] {
            measure(visits, vehicles, kind)?;
        }
    }
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Untimed,
    /// Two hours for each visit, half of them with a refusal of lateness; capacities and an end of the shift.
    Windows,
    /// And a break at noon.
    WindowsAndBreaks,
}

/// Points over a town, in seconds of driving; more against the grain.
fn town(len: usize) -> CostTable {
    let point = |index: usize| ((index * 7_919 % 1_009) as i64, (index * 104_729 % 1_013) as i64);
    CostTable::from_fn(len, |from, to| {
        let ((x1, y1), (x2, y2)) = (point(from), point(to));
        let apart = ((x1 - x2).abs() + (y1 - y2).abs() + (x2 - x1).max(0) / 4) as u32;
        Some((Seconds::new(apart / 4), Meters::new(apart * 3)))
    })
}

fn measure(visits: usize, vehicles: usize, kind: Kind) -> Result<(), Box<dyn Error>> {
    let costs = town(visits + CALLERS + 1);
    let at = |location: usize| Visit::at(location).with_service(Seconds::new(60)).with_delivery([1, 7]);
    let van = || {
        let van = Vehicle::new().with_start(Terminal::Location(0)).with_end(Terminal::Location(0));
        let noon = Window::new(Seconds::new(10_000), Seconds::new(14_000));
        match kind {
            Kind::Untimed => van,
            Kind::Windows => van.with_latest_finish(Seconds::new(60_000)).with_capacity([400, 4_000]),
            Kind::WindowsAndBreaks => van
                .with_latest_finish(Seconds::new(60_000))
                .with_break(Break::new(Seconds::new(1_800), noon))
                .with_departure(Departure::LatestInTime),
        }
    };
    let tours = plan(&costs, visits, vehicles)?;
    let mut builder = ProblemBuilder::new(&costs);
    for location in 1..=visits + CALLERS {
        let (tour, place) = position(&tours, location).unwrap_or((0, location % visits / vehicles));
        let around = 200 * place as u32 + tour as u32;
        let window = Window::new(Seconds::new(around.saturating_sub(3_600)), Seconds::new(around + 3_600));
        builder.visit(match (kind, location % 2) {
            (Kind::Untimed, _) => at(location),
            (_, 0) => at(location).with_window(window),
            (_, _) => at(location).with_window(window).with_lateness_refused(),
        });
    }
    (0..vehicles).for_each(|_| _ = builder.vehicle(van()));
    let problem = builder.build()?;
    // What does not fit into the plan is left out of it.
    let mut alternatives = Alternatives::of(&problem, [])?;
    for visit in tours.iter().flatten() {
        if let Some(best) = alternatives.best_place(*visit) {
            alternatives.insert(&best.place)?;
        }
    }
    let served: usize = alternatives.tours().iter().map(Vec::len).sum();
    let mut found = 0;
    let callers: Vec<VisitId> = (visits..visits + CALLERS).map(VisitId::new).collect();
    // The least of several rounds: others may be at work on the machine.
    let of_each = |ask: &mut dyn FnMut(VisitId)| -> Duration {
        let rounds = (0..20).map(|_| {
            let begin = now();
            callers.iter().for_each(|&caller| ask(caller));
            begin.elapsed() / CALLERS as u32
        });
        rounds.min().unwrap_or_default()
    };
    let best = of_each(&mut |caller| found += usize::from(alternatives.best_place(caller).is_some()));
    let all = of_each(&mut |caller| drop(alternatives.places(caller)));
    let places: Vec<_> = callers.iter().filter_map(|&caller| alternatives.best_place(caller)).collect();
    let mut both = Duration::MAX;
    for _ in 0..5 {
        let begin = now();
        for best in &places {
            alternatives.insert(&best.place)?;
            alternatives.leave_out(best.place.visit)?;
        }
        both = both.min(begin.elapsed() / places.len().max(1) as u32);
    }
    println!(
        "{served} visits, {vehicles} vehicles, {kind:?}: best place {best:?} (found {}/{CALLERS}), all places {all:?}, put in and \
         taken out {both:?}",
        found / 20
    );
    Ok(())
}

/// Any tours that are no detours.
fn plan(costs: &CostTable, visits: usize, vehicles: usize) -> Result<Vec<Vec<VisitId>>, Box<dyn Error>> {
    let mut builder = ProblemBuilder::new(costs);
    for location in 1..=visits {
        builder.visit(Visit::at(location));
    }
    let solution = solve(&builder.build()?, &Budget::of_iterations(2_000), 1);
    let order: Vec<VisitId> = solution.tours.iter().flat_map(|tour| tour.visits()).collect();
    Ok(order.chunks(visits.div_ceil(vehicles)).map(<[VisitId]>::to_vec).collect())
}

fn position(tours: &[Vec<VisitId>], location: usize) -> Option<(usize, usize)> {
    let visit = VisitId::new(location - 1);
    tours.iter().enumerate().find_map(|(tour, order)| Some((tour, order.iter().position(|&it| it == visit)?)))
}

#[expect(clippy::disallowed_methods, reason = "an example measures the time that passes")]
fn now() -> Instant {
    Instant::now()
}
