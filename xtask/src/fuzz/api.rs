//! `cargo xtask fuzz api`: schemathesis over what a server says of itself.

use std::path::{Path, PathBuf};
use std::process::Command;

use lexopt::prelude::*;
use serde_json::Value;

use super::HELP;
use crate::cluster::Cluster;
use crate::failure::{Context, Failure, Result};
use crate::process::{cargo, root, run as run_command};
use crate::refuse;
use crate::served::Place;

const LEAST_CASES: u64 = 2_000;

struct Options {
    venv: PathBuf,
    examples: u32,
    seed: u64,
    with_postgres: bool,
}

pub(super) fn run(mut args: lexopt::Parser) -> Result<()> {
    let mut options = Options { venv: root().join(".venv-fuzz"), examples: 400, seed: 1, with_postgres: true };
    while let Some(argument) = args.next()? {
        match argument {
            Long("venv") => options.venv = args.value()?.into(),
            Long("examples") => options.examples = args.value()?.parse()?,
            Long("seed") => options.seed = args.value()?.parse()?,
            Long("sqlite-only") => options.with_postgres = false,
            other => return Err(refuse(&other, HELP)),
        }
    }
    let program = options.venv.join("bin/schemathesis");
    if !program.is_file() {
        eprintln!(
            "fuzz api: SKIPPED, {} is not there (python -m venv DIR && DIR/bin/pip install schemathesis)",
            program.display()
        );
        return Ok(());
    }
    run_command(cargo().args(["build", "--package", "routemate"]))?;
    // The other one too, although one has failed.
    let sqlite = fuzz(&options, "sqlite", None);
    let postgres = if options.with_postgres {
        let cluster = Cluster::start()?;
        fuzz(&options, "postgres", Some(cluster.url()))
    } else {
        Ok(())
    };
    sqlite.and(postgres)
}

fn fuzz(options: &Options, database: &str, url: Option<String>) -> Result<()> {
    eprintln!("\n== fuzz api on {database}");
    let place = Place::make(&format!("fuzz-{database}"), url)?;
    let credentials = place.credentials()?;
    place.driver(&credentials, "driver@example.com")?;
    // The limits of plans are off; this one is a setting.
    let server = place.serve(&[("ROUTEMATE_EASYROUTES_REQUESTS_PER_MINUTE", "0")])?;
    let report = place.folder.join("report.json");
    let mut schemathesis = Command::new(options.venv.join("bin/schemathesis"));
    schemathesis
        .current_dir(&place.folder)
        .args(["--config-file"])
        .arg(root().join("xtask/src/fuzz/schemathesis.toml"))
        .arg("run")
        .arg(format!("{}/openapi.json", server.base))
        .args(["--max-examples", &options.examples.to_string(), "--seed", &options.seed.to_string()])
        .args(["--report", "json", "--report-json-path"])
        .arg(&report)
        .env("SCHEMATHESIS_HOOKS", root().join("xtask/src/fuzz/hooks.py"))
        .env("FUZZ_BASE_URL", &server.base)
        .env("FUZZ_CLIENT_ID", credentials.client_id)
        .env("FUZZ_CLIENT_SECRET", credentials.client_secret);
    let judged = run_command(&mut schemathesis);
    let log = server.stop()?;
    let kept = place.folder.join("server.log");
    std::fs::write(&kept, &log).context(|| format!("cannot write {}", kept.display()))?;
    let failed = log.lines().filter(|line| line.contains("\"ERROR\"") || line.contains("panicked"));
    let failed: Vec<_> = failed.take(5).collect();
    if !failed.is_empty() {
        let failed = failed.join("\n");
        return Err(Failure::new(format!("the server's log has faults, see {}:\n{failed}", kept.display())));
    }
    judged?;
    let cases = cases(&report)?;
    if cases < LEAST_CASES {
        return Err(Failure::new(format!("{cases} cases on {database}; {LEAST_CASES} are wanted: raise --examples")));
    }
    eprintln!("fuzz api: {cases} cases on {database}, nothing to complain about");
    place.remove()
}

/// How many cases the report counts.
fn cases(report: &Path) -> Result<u64> {
    let text = std::fs::read_to_string(report).context(|| format!("cannot read {}", report.display()))?;
    let report: Value = serde_json::from_str(&text).context(|| "the report")?;
    report
        .pointer("/test_cases/generated")
        .and_then(Value::as_u64)
        .ok_or_else(|| Failure::new("the report counts no cases"))
}
