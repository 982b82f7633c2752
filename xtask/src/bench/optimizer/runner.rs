//! Runs everything that is asked for on a problem, unless it is on record already.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::harness::{Call, Harness, Ours, Row};
use super::local_optimum::is_improvable;
use super::options::Options;
use super::problems::Problem;
use super::record::{OURS, OURS_TIME_OF_LKH, Outcome, REFERENCE, Records, Run, Task};
use super::report::seconds;
use super::sets::Set;
use super::summary::{References, why};
use crate::bench::page::load;
use crate::failure::{Context, Result};

/// Most nodes, and least seconds, with which an answer must be beyond simple moves.
const LOCAL_OPTIMUM: (u64, f64) = (201, 0.1);

pub(super) struct Runner<'r> {
    pub(super) records: Records,
    pub(super) references: References,
    pub(super) options: &'r Options,
    pub(super) harness: &'r Harness,
    pub(super) program: &'r Path,
    /// Digest of the program.
    pub(super) version: &'r str,
    pub(super) folder: &'r Path,
    /// What is reported, in the order of the runs.
    pub(super) runs: Vec<Run>,
}

pub(super) fn is_of_peer(run: &Run) -> bool {
    run.solver != OURS && run.solver != OURS_TIME_OF_LKH
}

/// A solver and how long it runs.
#[derive(Clone, Copy, Debug)]
struct Turn {
    solver: &'static str,
    /// Under which it is recorded.
    limit: f64,
    /// Which it really gets.
    seconds: f64,
}

impl Runner<'_> {
    pub(super) fn run(&mut self, problem: &Problem) -> Result<()> {
        let set = problem.set;
        let limits = self.options.limits(set);
        let reference = self.options.reference(set);
        if reference > 0.0 {
            self.turns(problem, &[Turn { solver: REFERENCE, limit: reference, seconds: reference }])?;
        }
        for &limit in &limits {
            let solvers = [OURS].into_iter().chain(self.present_peers(set, limit));
            let turns: Vec<_> = solvers.map(|solver| Turn { solver, limit, seconds: limit }).collect();
            let mut runs = self.turns(problem, &turns)?;
            let is_shortest = limits.iter().all(|other| limit <= *other);
            let lkh = runs.iter().find(|run| run.solver == "lkh").and_then(|run| run.first_run_s);
            if let Some(seconds) = lkh.filter(|_| set.time_of_lkh && is_shortest) {
                runs.extend(self.turns(problem, &[Turn { solver: OURS_TIME_OF_LKH, limit, seconds }])?);
            }
            let shown: Vec<_> = runs.iter().map(|run| self.shown(run)).collect();
            eprintln!("    {}: {}", seconds(limit), shown.join(", "));
            self.runs.extend(runs);
        }
        Ok(())
    }

    /// Seconds that the problem takes at least, if nothing of it is on record.
    pub(super) fn least_seconds(&self, problem: &Problem) -> f64 {
        let limits = self.options.limits(problem.set);
        let turns = limits.iter().map(|limit| limit * (1 + self.present_peers(problem.set, *limit).len()) as f64);
        turns.sum::<f64>() + self.options.reference(problem.set)
    }

    fn present_peers(&self, set: &'static Set, limit: f64) -> Vec<&'static str> {
        let is_present = |peer: &&'static str| self.harness.peers.iter().any(|present| present.name == *peer);
        // vrp-cli counts whole seconds.
        let can = |peer: &&'static str| *peer != "vrpcli" || limit >= 1.0;
        self.options.peers(set).into_iter().filter(is_present).filter(can).collect()
    }

    /// Runs what is not on record; all turns have the same limit.
    fn turns(&mut self, problem: &Problem, turns: &[Turn]) -> Result<Vec<Run>> {
        let mut runs: Vec<_> = turns.iter().filter_map(|turn| self.recorded(problem, turn)).collect();
        let missing = |turn: &&Turn| !runs.iter().any(|run: &Run| run.solver == turn.solver);
        let missing: Vec<_> = turns.iter().filter(missing).copied().collect();
        if let Some(first) = missing.first() {
            for run in self.call(problem, &missing, first.seconds)? {
                self.records.add(run.clone())?;
                runs.push(run);
            }
        }
        runs.sort_by_key(|run| turns.iter().position(|turn| turn.solver == run.solver));
        runs.iter().for_each(|run| self.references.see(run));
        Ok(runs)
    }

    fn recorded(&self, problem: &Problem, turn: &Turn) -> Option<Run> {
        let version = self.version(turn.solver);
        let (set, name, seed) = (problem.set.name, problem.name.as_str(), self.options.seed);
        let task = Task { set, problem: name, solver: turn.solver, version, limit: turn.limit, seed };
        self.records.get(&task).cloned()
    }

    fn call(&self, problem: &Problem, turns: &[Turn], limit: f64) -> Result<Vec<Run>> {
        let file = problem.file(&self.folder.join("problems"), self.harness)?;
        let (answer, result) = (self.folder.join("answer.json"), self.folder.join("result.json"));
        for left in [&answer, &result] {
            if left.exists() {
                fs::remove_file(left).context(|| format!("cannot remove {}", left.display()))?;
            }
        }
        let is_ours = |turn: &&Turn| [OURS, OURS_TIME_OF_LKH, REFERENCE].contains(&turn.solver);
        let ours = turns.iter().find(is_ours).map(|turn| turn.solver);
        let peers: Vec<_> = turns.iter().filter(|turn| !is_ours(turn)).map(|turn| turn.solver).collect();
        let rows = self.harness.run(&Call {
            problem: &file,
            peers: &peers,
            ours: ours.map(|name| Ours { name, program: self.program, answer: &answer }),
            limit,
            seed: self.options.seed,
            result: &result,
        })?;
        let mut runs = Vec::new();
        for turn in turns {
            let row = rows.iter().find(|row| row.solver == turn.solver);
            let mut run = self.run_of(problem, turn, row);
            if Some(turn.solver) == ours {
                add_what_the_answer_says(&mut run, &file, &answer);
            }
            runs.push(run);
        }
        Ok(runs)
    }

    fn run_of(&self, problem: &Problem, turn: &Turn, row: Option<&Row>) -> Run {
        let left_out = || Outcome::NotSupported { why: "left out by the harness".into() };
        Run {
            set: problem.set.name.to_owned(),
            problem: problem.name.clone(),
            nodes: row.map_or(problem.nodes, |row| row.nodes),
            solver: turn.solver.to_owned(),
            version: self.version(turn.solver).to_owned(),
            limit: turn.limit,
            seed: self.options.seed,
            outcome: row.map_or_else(left_out, |row| row.outcome.clone()),
            solve_s: row.and_then(|row| row.solve_s),
            best_known: row.and_then(|row| row.best_known),
            vehicles: row.and_then(|row| row.vehicles),
            fewest_vehicles: problem.fewest_vehicles,
            first_run_s: row.and_then(|row| row.first_run_s),
            proven_optimal: false,
            bound_gap: None,
            improvable: None,
            load: load(),
        }
    }

    /// Of the peer's package, or the digest of our program.
    fn version(&self, solver: &str) -> &str {
        let peer = self.harness.peers.iter().find(|peer| peer.name == solver);
        peer.map_or(self.version, |peer| peer.version.as_str())
    }

    fn shown(&self, run: &Run) -> String {
        let time = run.solve_s.map_or_else(String::new, |seconds| format!(" ({seconds:.3} s)"));
        match (self.references.gap(run), why(run)) {
            (Some(gap), _) => format!("{} {gap:.2} %{time}", run.solver),
            (None, why) => format!("{} {}{time}", run.solver, why.unwrap_or_else(|| "?".into())),
        }
    }
}

/// Bound, proof and whether simple moves are left, which the harness does not pass on.
fn add_what_the_answer_says(run: &mut Run, problem: &Path, answer: &Path) {
    let read = |path: &Path| -> Option<Value> { serde_json::from_str(&fs::read_to_string(path).ok()?).ok() };
    let Some(answer) = read(answer).filter(|_| run.cost().is_some()) else { return };
    let real = |key: &str| answer.get(key).and_then(Value::as_f64);
    run.proven_optimal = answer.get("proven_optimal").and_then(Value::as_bool).unwrap_or_default();
    run.bound_gap = real("cost").zip(real("bound")).filter(|(cost, _)| *cost > 0.0).map(|(c, b)| 100.0 * (c - b) / c);
    let (most_nodes, least_seconds) = LOCAL_OPTIMUM;
    if run.nodes <= most_nodes && run.limit >= least_seconds {
        run.improvable = read(problem).and_then(|problem| is_improvable(&problem, &answer));
    }
}
