//! What a solve takes of memory at most, beside the promise of 4 n² + 200 n bytes + 16 MB: `memory VISITS [ROUNDS]`.
//!
//! Linux only: asks `/proc/self/status` for the highest resident size, so each run measures one problem. The costs are
//! worked out as they are asked for and take none.

use routemate_optimizer::{Budget, Costs, ProblemBuilder, Terminal, Vehicle, Visit, VisitId, check, solve};
use routemate_units::{Meters, Seconds};
use std::process::ExitCode;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Points scattered over a square, dearer against the grain.
struct Plane {
    points: Vec<(i64, i64)>,
}

impl Plane {
    fn of(count: usize) -> Self {
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as i64 % 20_000
        };
        Self { points: (0..count).map(|_| (next(), next())).collect() }
    }
}

impl Costs for Plane {
    fn len(&self) -> usize {
        self.points.len()
    }

    fn duration(&self, from: usize, to: usize) -> Option<Seconds> {
        let ((x1, y1), (x2, y2)) = (self.points.get(from)?, self.points.get(to)?);
        Some(Seconds::new(((x1 - x2).abs() + (y1 - y2).abs() + (x2 - x1).max(0) / 8) as u32 / 8))
    }

    fn distance(&self, from: usize, to: usize) -> Option<Meters> {
        Some(Meters::new(self.duration(from, to)?.get() * 8))
    }
}

fn main() -> ExitCode {
    match run(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("memory: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let (count, rounds) = match arguments {
        [count] => (count.parse()?, 1_000),
        [count, rounds] => (count.parse()?, rounds.parse()?),
        _ => return Err("usage: memory VISITS [ROUNDS]".into()),
    };
    if count < 2 {
        return Err("it takes two visits".into());
    }
    let costs = Plane::of(count);
    let mut builder = ProblemBuilder::new(&costs);
    for location in 0..count {
        builder.visit(Visit::at(location));
    }
    let ends = (Terminal::Visit(VisitId::new(0)), Terminal::Visit(VisitId::new(count - 1)));
    builder.vehicle(Vehicle::new().with_start(ends.0).with_end(ends.1));
    let problem = builder.build()?;
    let before = resident("VmRSS:")?;
    let solution = solve(&problem, &Budget::of_iterations(rounds), 1);
    let peak = resident("VmHWM:")?.saturating_sub(before);
    if check(&problem, &solution).is_err() {
        return Err("the answer is wrong".into());
    }
    let promise = 4 * count * count + 200 * count + (16 << 20);
    let bound = solution.bound.map_or_else(|| "none".to_owned(), |bound| bound.to_string());
    eprintln!("{count} visits: {peak} B of {promise} B promised; {} driven, bound {bound}", solution.cost.duration);
    if peak > promise { Err("more than promised".into()) } else { Ok(()) }
}

/// A line of `/proc/self/status`, in bytes.
fn resident(line: &str) -> Result<usize> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let value = status.lines().find_map(|text| text.strip_prefix(line)).ok_or("the line is missing")?;
    Ok(value.trim().trim_end_matches(" kB").parse::<usize>()? * 1024)
}
