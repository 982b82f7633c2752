//! `cargo xtask ci`: everything that must be green before a review.

use std::time::Duration;

use crate::failure::{Failure, Result};
use crate::process::{Stopwatch, capture, cargo, probe, run as run_command};
use crate::test::{Databases, Plan};
use crate::{Mode, codegen, deps, fuzz, refuse, schema, tidy};

pub(crate) const HELP: &str = "\
ci
    Runs all checks and then all tests, and fails if any of them did: formatting, tidy, deps, clippy, the workspace
    without optional features, documentation, generated pages, schema, licences (if cargo-deny is installed),
    WebAssembly (if that target is installed), the targets of libFuzzer, test.";

/// One check; a reason if it was left out.
type Check = fn() -> Result<Option<&'static str>>;

/// What is optional for users. Everything that CI builds has it, so that there is one build; but `plain` and `doc` look at
/// the workspace without.
const FEATURES: &[&str] = &["--features", "routemate/otlp,routemate-optimizer/rayon"];

/// In the order of what they cost. The tests come after them, because CI reads the closing lines of the test runner.
const CHECKS: &[(&str, Check)] = &[
    ("fmt", || run_command(cargo().args(["fmt", "--all", "--check"])).map(|()| None)),
    ("tidy", || tidy::tidy(Mode::Check).map(|()| None)),
    ("deps", || deps::deps(Mode::Check).map(|()| None)),
    ("clippy", || {
        let mut clippy = cargo();
        clippy.args(["clippy", "--workspace", "--all-targets"]).args(FEATURES).args(["--", "-D", "warnings"]);
        run_command(&mut clippy).map(|()| None)
    }),
    ("plain", || run_command(cargo().args(["clippy", "--workspace", "--", "-D", "warnings"])).map(|()| None)),
    ("doc", || {
        let doc = ["doc", "--workspace", "--no-deps"];
        run_command(cargo().args(doc).env("RUSTDOCFLAGS", "-Dwarnings")).map(|()| None)
    }),
    ("codegen", || codegen::codegen(Mode::Check, FEATURES).map(|()| None)),
    ("schema", || schema::schema(Mode::Check, FEATURES).map(|()| None)),
    ("deny", deny),
    ("wasm", wasm),
    ("fuzz", || fuzz::targets::check().map(|()| None)),
];

pub(crate) fn run(mut args: lexopt::Parser) -> Result<()> {
    if let Some(argument) = args.next()? {
        return Err(refuse(&argument, HELP));
    }
    // All of them, although one has failed: one run tells everything there is to mend.
    let outcomes: Vec<_> = CHECKS.iter().map(|(name, check)| Outcome::of(name, *check)).collect();
    let spent = outcomes.iter().map(|outcome| outcome.took).sum();
    eprintln!("\n== checks, {}", seconds(spent));
    for outcome in &outcomes {
        eprintln!("{:>8} {:8} {}", seconds(outcome.took), outcome.name, outcome.verdict());
    }
    eprintln!("\n== test");
    let plan =
        Plan { databases: Databases::Both, profile: Some("ci"), features: FEATURES, runner_arguments: Vec::new() };
    let tests = plan.run();

    let mut failed: Vec<_> = outcomes.iter().filter(|outcome| outcome.result.is_err()).map(|o| o.name).collect();
    if let Err(failure) = tests {
        eprintln!("test: {failure}");
        failed.push("test");
    }
    if failed.is_empty() { Ok(()) } else { Err(Failure::new(format!("ci failed: {}", failed.join(", ")))) }
}

struct Outcome {
    name: &'static str,
    took: Duration,
    result: Result<Option<&'static str>>,
}

impl Outcome {
    fn of(name: &'static str, check: Check) -> Outcome {
        eprintln!("\n== {name}");
        let stopwatch = Stopwatch::start();
        let result = check();
        match &result {
            Ok(None) => {}
            Ok(Some(reason)) => eprintln!("{name}: SKIPPED, {reason}"),
            Err(failure) => eprintln!("{name}: {failure}"),
        }
        Outcome { name, took: stopwatch.elapsed(), result }
    }

    fn verdict(&self) -> String {
        match &self.result {
            Ok(None) => "ok".to_owned(),
            Ok(Some(reason)) => format!("SKIPPED, {reason}"),
            Err(_) => "FAILED, see above".to_owned(),
        }
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

fn deny() -> Result<Option<&'static str>> {
    if probe(cargo().args(["deny", "--version"])).is_none() {
        return Ok(Some("cargo-deny is not installed"));
    }
    run_command(cargo().args(["deny", "check"])).map(|()| None)
}

/// The crates that others embed must build for browsers too.
fn wasm() -> Result<Option<&'static str>> {
    const TARGET: &str = "wasm32-unknown-unknown";
    let mut rustc = std::process::Command::new("rustc");
    let sysroot = capture(rustc.args(["--print", "sysroot"]).current_dir(crate::process::root()))?;
    if !std::path::Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET).is_dir() {
        return Ok(Some("the target wasm32-unknown-unknown is not installed"));
    }
    let packages = ["-p", "routemate-units", "-p", "routemate-optimizer"];
    run_command(cargo().args(["check", "--target", TARGET]).args(packages)).map(|()| None)
}
