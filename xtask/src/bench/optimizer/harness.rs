//! The harness in `bench/peers`: Python programs that make problems, run solvers and check their answers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use super::record::Outcome;
use crate::failure::{Context, Failure, Result};
use crate::process::{probe, run, shown};

/// Peers by the harness's names, the module that each needs, and the package that has it.
const PEERS: &[(&str, &str, &str)] = &[
    ("lkh", "elkai", "elkai"),
    ("fasttsp", "fast_tsp", "fast-tsp"),
    ("pyvrp", "pyvrp", "pyvrp"),
    ("vroom", "vroom", "pyvroom"),
    ("ortools", "ortools", "ortools"),
    ("didp", "didppy", "didppy"),
];
/// What the harness itself imports to make problems and to check answers.
const NEEDS: &[&str] = &["numpy", "scipy"];
/// The one peer that is a program beside Python.
const VRP_CLI: &str = "vrpcli";

#[derive(Debug)]
pub(super) struct Harness {
    folder: PathBuf,
    python: PathBuf,
    pub(super) peers: Vec<Peer>,
}

#[derive(Clone, Debug)]
pub(super) struct Peer {
    pub(super) name: &'static str,
    pub(super) version: String,
}

/// Our program as the harness sees it.
#[derive(Debug)]
pub(super) struct Ours<'t> {
    /// Name in the answer.
    pub(super) name: &'static str,
    pub(super) program: &'t Path,
    /// Where its answer is kept: the harness passes on little of it.
    pub(super) answer: &'t Path,
}

/// What the harness says about one run.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) solver: String,
    pub(super) nodes: u64,
    pub(super) outcome: Outcome,
    pub(super) solve_s: Option<f64>,
    pub(super) best_known: Option<f64>,
    pub(super) vehicles: Option<u64>,
    pub(super) first_run_s: Option<f64>,
}

/// What is asked of the harness in one call: some solvers, one after the other, on one problem.
#[derive(Debug)]
pub(super) struct Call<'t> {
    pub(super) problem: &'t Path,
    pub(super) peers: &'t [&'static str],
    pub(super) ours: Option<Ours<'t>>,
    pub(super) limit: f64,
    pub(super) seed: u64,
    /// Where the harness writes its result.
    pub(super) result: &'t Path,
}

impl Harness {
    /// Finds Python and the peers: in the virtual environment, or else what the machine has. Where that lacks what the
    /// harness itself needs, an environment of our own is made in the folder `own`, without peers.
    ///
    /// # Errors
    /// The environment lacks what the harness needs, or none can be made.
    pub(super) fn find(folder: PathBuf, environment: Option<&Path>, own: &Path) -> Result<Harness> {
        let python = match environment {
            Some(environment) => python_of(environment),
            None => ["python3".into(), python_of(own)].into_iter().find(is_enough).map_or_else(|| make(own), Ok)?,
        };
        if !is_enough(&python) {
            return Err(Failure::new(format!("`{}` cannot import {NEEDS:?}", python.display())));
        }
        let runs = |code: &str| probe(Command::new(&python).args(["-c", code]));
        let mut peers = Vec::new();
        for (name, module, package) in PEERS {
            let version = runs(&format!("import importlib.metadata as m, {module}; print(m.version('{package}'))"));
            peers.extend(version.map(|version| Peer { name, version }));
        }
        let beside = python.with_file_name("vrp-cli");
        if let Some(version) = probe(Command::new(beside).arg("--version")) {
            let version = version.rsplit(' ').next().unwrap_or_default().to_owned();
            peers.push(Peer { name: VRP_CLI, version });
        }
        Ok(Harness { folder, python, peers })
    }

    /// Names of all peers that there could be.
    pub(super) fn known() -> impl Iterator<Item = &'static str> {
        PEERS.iter().map(|(name, ..)| *name).chain([VRP_CLI])
    }

    /// One of the harness's programs.
    pub(super) fn script(&self, name: &str) -> Command {
        let mut command = Command::new(&self.python);
        command.arg(self.folder.join(name));
        command
    }

    /// Runs a program of the harness to its end; what it prints is shown only if it fails.
    pub(super) fn finish(&self, command: &mut Command) -> Result<()> {
        let Output { status, stderr, .. } = command.output().context(|| format!("cannot run `{}`", shown(command)))?;
        if status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&stderr);
        Err(Failure::new(format!("`{}` failed ({status}): {}", shown(command), said.trim())))
    }

    /// Runs solvers on a problem. A solver that the harness leaves out has no row.
    pub(super) fn run(&self, call: &Call<'_>) -> Result<Vec<Row>> {
        let mut command = self.script("run_peers.py");
        command.arg(call.problem);
        command.arg(format!("--peers={}", call.peers.join(",")));
        command.arg(format!("--limits={}", call.limit)).arg(format!("--seed={}", call.seed));
        // LKH heeds no limit and needs about a minute for 1000 stops.
        command.args(["--threads=1", "--hard=180"]);
        if let Some(ours) = &call.ours {
            command.arg("--external").arg(external(ours, call.seed));
        }
        command.arg("-o").arg(call.result);
        self.finish(&mut command)?;
        let text = fs::read_to_string(call.result).context(|| "the harness has written no result")?;
        let json: Value = serde_json::from_str(&text).context(|| "result of the harness")?;
        Ok(json.as_array().into_iter().flatten().filter_map(row).collect())
    }
}

fn python_of(environment: &Path) -> PathBuf {
    environment.join("bin/python")
}

fn is_enough(python: &PathBuf) -> bool {
    probe(Command::new(python).arg("-c").arg(format!("import {}", NEEDS.join(", ")))).is_some()
}

/// Makes a virtual environment with what the harness needs, and gives its Python.
fn make(environment: &Path) -> Result<PathBuf> {
    let python = python_of(environment);
    eprintln!("bench: this machine's Python lacks {NEEDS:?}; making a virtual environment");
    run(Command::new("python3").args(["-m", "venv"]).arg(environment))?;
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(NEEDS))?;
    Ok(python)
}

/// `NAME=COMMAND` in the harness's form. The answer is written through a link, so that it outlives the harness.
fn external(ours: &Ours<'_>, seed: u64) -> String {
    let Ours { name, program, answer } = ours;
    let (program, answer) = (program.display(), answer.display());
    format!(
        "{name}=sh -c 'ln -s \"{answer}\" \"$3\" && exec \"{program}\" \"$1\" \"$2\" \"$3\" --seed {seed}' \
         sh \"{{problem}}\" {{limit}} \"{{out}}\""
    )
}

fn row(json: &Value) -> Option<Row> {
    let real = |key: &str| json.get(key).and_then(Value::as_f64);
    let error = json.get("error").and_then(Value::as_str);
    let outcome = match (real("cost"), error) {
        (Some(cost), _) => Outcome::Solved { cost },
        (None, Some(why)) if why.starts_with("INFEASIBLE") => Outcome::Infeasible { why: why.to_owned() },
        (None, Some(why)) if why.contains("not supported") => Outcome::NotSupported { why: clause(why) },
        (None, why) => Outcome::NoAnswer { why: last_line(why.unwrap_or("no solution")) },
    };
    Some(Row {
        solver: json.get("peer")?.as_str()?.to_owned(),
        nodes: json.get("n")?.as_u64()?,
        outcome,
        solve_s: real("solve_s"),
        best_known: real("best_known"),
        vehicles: json.get("vehicles").and_then(Value::as_u64),
        first_run_s: json.get("info").and_then(|info| info.get("first_run_s")).and_then(Value::as_f64),
    })
}

/// The words around `not supported`, without those before a colon and after a comma.
fn clause(text: &str) -> String {
    let clause = text.split([':', ',', '\n']).find(|clause| clause.contains("not supported"));
    clause.unwrap_or(text).trim().to_owned()
}

fn last_line(text: &str) -> String {
    text.trim().lines().next_back().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(cost: Value, error: Value, expected: Outcome) {
        let row = row(&json!({ "peer": "lkh", "n": 5, "cost": cost, "error": error })).unwrap();
        assert_eq!(row.outcome, expected);
    }

    #[test]
    fn outcomes_are_told_apart() {
        check(json!(5.5), Value::Null, Outcome::Solved { cost: 5.5 });
        let why = "INFEASIBLE: late at 3";
        check(Value::Null, json!(why), Outcome::Infeasible { why: why.into() });
        let said = "no output, rc 1: warning\nsolve: kind `cvrp` is not supported, only tsp\n";
        check(Value::Null, json!(said), Outcome::NotSupported { why: "kind `cvrp` is not supported".into() });
        check(Value::Null, json!("killed after 60 s"), Outcome::NoAnswer { why: "killed after 60 s".into() });
        check(Value::Null, Value::Null, Outcome::NoAnswer { why: "no solution".into() });
    }

    #[test]
    fn program_is_called_in_the_form_of_the_harness() {
        let ours = Ours { name: "ours", program: Path::new("bin/solve"), answer: Path::new("kept.json") };
        let expected = "ours=sh -c 'ln -s \"kept.json\" \"$3\" && exec \"bin/solve\" \"$1\" \"$2\" \"$3\" --seed 7' \
                        sh \"{problem}\" {limit} \"{out}\"";
        assert_eq!(external(&ours, 7), expected);
    }
}
