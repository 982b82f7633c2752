//! One run of one solver on one problem, and the file that keeps all of them so that a cut run can go on.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::failure::{Context, Failure, Result};

/// Our own solver, as it is called in every table.
pub(super) const OURS: &str = "ours";
/// Our own solver with as much time as one run of LKH took on the same problem.
pub(super) const OURS_TIME_OF_LKH: &str = "ours (time of LKH)";
/// Our own solver with much time, to have a value to compare with.
pub(super) const REFERENCE: &str = "reference";

/// Costs are in the units of the set; times in seconds.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Run {
    pub(super) set: String,
    pub(super) problem: String,
    /// Depot included.
    pub(super) nodes: u64,
    pub(super) solver: String,
    /// Of the peer's package; for ours a digest of the program.
    pub(super) version: String,
    pub(super) limit: f64,
    pub(super) seed: u64,
    pub(super) outcome: Outcome,
    pub(super) solve_s: Option<f64>,
    /// Published best value, if there is one.
    pub(super) best_known: Option<f64>,
    pub(super) vehicles: Option<u64>,
    /// Published smallest number of vehicles, where the set counts them first.
    pub(super) fewest_vehicles: Option<u64>,
    /// How long the first run of a solver that knows no limit took.
    pub(super) first_run_s: Option<f64>,
    /// Whether the solver says that its answer is proven optimal.
    pub(super) proven_optimal: bool,
    /// From the solver's lower bound to its answer, in percent of the answer.
    pub(super) bound_gap: Option<f64>,
    /// Whether a simple move makes the answer better; `None` where that was not looked at.
    pub(super) improvable: Option<bool>,
    /// Load average right after it, where the system tells.
    pub(super) load: Option<f64>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    /// The checker accepts the answer.
    Solved {
        cost: f64,
    },
    /// There is an answer that the checker refuses.
    Infeasible {
        why: String,
    },
    NoAnswer {
        why: String,
    },
    /// This solver does not know this kind of problem or such a limit.
    NotSupported {
        why: String,
    },
}

/// What is run: where two of these are equal, the second run would only repeat the first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Task<'t> {
    pub(super) set: &'t str,
    pub(super) problem: &'t str,
    pub(super) solver: &'t str,
    pub(super) version: &'t str,
    pub(super) limit: f64,
    pub(super) seed: u64,
}

impl Task<'_> {
    fn key(&self) -> String {
        let Task { set, problem, solver, version, limit, seed } = self;
        format!("{set}\n{problem}\n{solver}\n{version}\n{limit}\n{seed}")
    }
}

impl Run {
    pub(super) fn cost(&self) -> Option<f64> {
        match self.outcome {
            Outcome::Solved { cost } => Some(cost),
            _ => None,
        }
    }

    /// The run in a few words.
    pub(super) fn shown(&self) -> String {
        format!("{} {}, {} s", self.set, self.problem, self.limit)
    }

    pub(super) fn is_supported(&self) -> bool {
        !matches!(self.outcome, Outcome::NotSupported { .. })
    }

    fn key(&self) -> String {
        let Run { set, problem, solver, version, limit, seed, .. } = self;
        Task { set, problem, solver, version, limit: *limit, seed: *seed }.key()
    }

    pub(super) fn to_json(&self) -> Value {
        let (outcome, cost, why) = match &self.outcome {
            Outcome::Solved { cost } => ("solved", Some(*cost), None),
            Outcome::Infeasible { why } => ("infeasible", None, Some(why)),
            Outcome::NoAnswer { why } => ("no answer", None, Some(why)),
            Outcome::NotSupported { why } => ("not supported", None, Some(why)),
        };
        json!({
            "set": self.set, "problem": self.problem, "nodes": self.nodes, "solver": self.solver,
            "version": self.version, "limit": self.limit, "seed": self.seed, "outcome": outcome, "cost": cost,
            "why": why, "solve_s": self.solve_s, "best_known": self.best_known, "vehicles": self.vehicles,
            "fewest_vehicles": self.fewest_vehicles, "first_run_s": self.first_run_s,
            "proven_optimal": self.proven_optimal, "bound_gap": self.bound_gap, "improvable": self.improvable, "load": self.load,
        })
    }

    /// Nothing if it is no run, such as a line that was cut.
    fn parse(json: &Value) -> Option<Run> {
        let text = |key: &str| json.get(key).and_then(Value::as_str).map(str::to_owned);
        let real = |key: &str| json.get(key).and_then(Value::as_f64);
        let count = |key: &str| json.get(key).and_then(Value::as_u64);
        let truth = |key: &str| json.get(key).and_then(Value::as_bool);
        let why = text("why").unwrap_or_default();
        let outcome = match json.get("outcome")?.as_str()? {
            "solved" => Outcome::Solved { cost: real("cost")? },
            "infeasible" => Outcome::Infeasible { why },
            "no answer" => Outcome::NoAnswer { why },
            "not supported" => Outcome::NotSupported { why },
            _ => return None,
        };
        Some(Run {
            set: text("set")?,
            problem: text("problem")?,
            nodes: count("nodes")?,
            solver: text("solver")?,
            version: text("version")?,
            limit: real("limit")?,
            seed: count("seed")?,
            outcome,
            solve_s: real("solve_s"),
            best_known: real("best_known"),
            vehicles: count("vehicles"),
            fewest_vehicles: count("fewest_vehicles"),
            first_run_s: real("first_run_s"),
            proven_optimal: truth("proven_optimal")?,
            bound_gap: real("bound_gap"),
            improvable: truth("improvable"),
            load: real("load"),
        })
    }
}

/// All runs of now and, if asked for, of before; each is in the file as soon as it is over.
#[derive(Debug)]
pub(super) struct Records {
    runs: BTreeMap<String, Run>,
    file: File,
}

/// What becomes of the runs that are on file already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Earlier {
    Kept,
    Forgotten,
}

impl Records {
    pub(super) fn open(path: &Path, earlier: Earlier) -> Result<Records> {
        let runs = match earlier {
            Earlier::Kept => read(&fs::read_to_string(path).unwrap_or_default()),
            Earlier::Forgotten => BTreeMap::new(),
        };
        let mut options = File::options();
        options.create(true).write(true);
        match earlier {
            Earlier::Kept => options.append(true),
            Earlier::Forgotten => options.truncate(true),
        };
        let mut file = options.open(path).context(|| format!("cannot write {}", path.display()))?;
        // A line that was cut must not take the next one with it.
        file.write_all(b"\n").context(|| format!("cannot write {}", path.display()))?;
        Ok(Records { runs, file })
    }

    pub(super) fn get(&self, task: &Task<'_>) -> Option<&Run> {
        self.runs.get(&task.key())
    }

    pub(super) fn add(&mut self, run: Run) -> Result<()> {
        writeln!(self.file, "{}", run.to_json())
            .map_err(|error| Failure::new(format!("cannot keep a result: {error}")))?;
        self.runs.insert(run.key(), run);
        Ok(())
    }
}

fn read(text: &str) -> BTreeMap<String, Run> {
    let lines = text.lines().filter_map(|line| serde_json::from_str(line).ok());
    lines.filter_map(|json: Value| Run::parse(&json)).map(|run| (run.key(), run)).collect()
}

#[cfg(test)]
impl Run {
    /// A run of our solver on a problem of 100 nodes, to be changed where it matters.
    pub(super) fn sample(set: &str, problem: &str, solver: &str, limit: f64, cost: f64) -> Run {
        Run {
            set: set.into(),
            problem: problem.into(),
            nodes: 100,
            solver: solver.into(),
            version: "1".into(),
            limit,
            seed: 1,
            outcome: Outcome::Solved { cost },
            solve_s: Some(limit),
            best_known: None,
            vehicles: None,
            fewest_vehicles: None,
            first_run_s: None,
            proven_optimal: false,
            bound_gap: None,
            improvable: None,
            load: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_survive_the_file_and_a_cut_line_does_not() {
        let solved = Run { bound_gap: Some(0.5), improvable: Some(false), ..Run::sample("a", "p", OURS, 0.01, 12.5) };
        let outcome = Outcome::NotSupported { why: "kind".into() };
        let other = Run { outcome, solve_s: None, ..Run::sample("a", "q", "lkh", 1.0, 0.0) };
        let cut = solved.to_json().to_string();
        let cut = cut.get(..cut.len() / 2).unwrap();
        let runs = read(&format!("\n{}\n{}\n{cut}", solved.to_json(), other.to_json()));
        let runs: Vec<_> = runs.into_values().collect();
        assert_eq!(runs, [solved, other]);
    }

    #[test]
    fn changed_program_is_another_task() {
        let run = Run::sample("a", "p", OURS, 1.0, 5.0);
        let task = Task { set: "a", problem: "p", solver: OURS, version: "1", limit: 1.0, seed: 1 };
        assert_eq!(run.key(), task.key());
        assert_ne!(run.key(), Task { version: "2", ..task }.key());
        assert_ne!(run.key(), Task { limit: 10.0, ..task }.key());
        assert_ne!(run.key(), Task { seed: 2, ..task }.key());
    }
}
