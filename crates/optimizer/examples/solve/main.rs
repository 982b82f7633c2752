//! Solves a problem in the neutral format of `bench/peers/README.md`:
//! `solve PROBLEM.json LIMIT_SECONDS OUT.json [--seed N] [--vehicle-cost N]`.
//!
//! Writes `{"routes":[[start,…,end],…]}` with cost, bound and `proven_optimal`. Kinds: `tsp`, `path_tsp`, `tsptw`,
//! `path_tsptw`, `cvrp`, `vrptw`, `pcvrptw` and `pdptw`.

mod neutral;

use neutral::{Neutral, Result};
use routemate_optimizer::{Budget, check, solve};
use routemate_units::StopToken;
use serde_json::json;
use std::process::ExitCode;
use std::time::{Duration, Instant};

const USAGE: &str = "usage: solve PROBLEM.json LIMIT_SECONDS OUT.json [--seed N] [--vehicle-cost N]";

fn main() -> ExitCode {
    match run(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("solve: {error}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a program is where the clock is read")]
fn run(arguments: &[String]) -> Result<()> {
    let [input, limit, output, options @ ..] = arguments else { return Err(USAGE.into()) };
    let (mut seed, mut vehicle_cost) = (1, 0);
    for option in options.chunks(2) {
        match option {
            [flag, value] if flag == "--seed" => seed = value.parse()?,
            [flag, value] if flag == "--vehicle-cost" => vehicle_cost = value.parse()?,
            _ => return Err(USAGE.into()),
        }
    }
    let limit = Duration::try_from_secs_f64(limit.parse()?)?;
    let neutral = Neutral::parse(&std::fs::read_to_string(input)?)?;
    let problem = neutral.problem(vehicle_cost)?;
    let begin = Instant::now();
    let budget = Budget::within(limit, StopToken::with_clock(move || begin.elapsed()));
    let solution = solve(&problem, &budget, seed);
    let solve_s = begin.elapsed().as_secs_f64();
    let faults = check(&problem, &solution).err().unwrap_or_default();
    let answer = json!({
        "routes": neutral.routes(&solution),
        "cost": u64::from(solution.cost.duration.get()) + solution.cost.prizes,
        "bound": solution.bound,
        "proven_optimal": solution.proven_optimal,
        "lateness": solution.cost.lateness.get(),
        "late": solution.late.len(),
        "unserved": solution.unserved.len(),
        "solve_s": solve_s,
        "info": { "iterations": solution.iterations },
    });
    std::fs::write(output, answer.to_string())?;
    match faults.first() {
        None => Ok(()),
        Some(fault) => Err(format!("the answer is wrong: {fault}").into()),
    }
}
