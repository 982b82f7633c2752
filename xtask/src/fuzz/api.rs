//! `cargo xtask fuzz api`: schemathesis over what a server says of itself.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use lexopt::prelude::*;
use serde_json::Value;

use super::HELP;
use crate::cluster::Cluster;
use crate::failure::{Context, Failure, Result};
use crate::process::{capture, cargo, root, run as run_command};
use crate::refuse;

const LEAST_CASES: u64 = 2_000;

struct Options {
    venv: PathBuf,
    examples: u32,
    seed: u64,
    with_postgres: bool,
}

pub(super) fn run(mut args: lexopt::Parser) -> Result<()> {
    let mut options = Options { venv: root().join(".venv-fuzz"), examples: 300, seed: 1, with_postgres: true };
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
    fuzz(&options, "sqlite", None)?;
    if options.with_postgres {
        let cluster = Cluster::start()?;
        fuzz(&options, "postgres", Some(cluster.url()))?;
    }
    Ok(())
}

fn fuzz(options: &Options, database: &str, url: Option<String>) -> Result<()> {
    eprintln!("\n== fuzz api on {database}");
    let target = crate::metadata::workspace()?.target_directory;
    let folder = target.join("fuzz").join(format!("{database}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).context(|| format!("cannot make {}", folder.display()))?;
    let place = Place { program: target.join("debug/routemate"), folder, url };
    let organization = place.json(&["org", "create", "--name", "Fuzz", "--plan", "enterprise"])?;
    let integration =
        place.json(&["integration", "create", "--org", text(&organization, "organization_id")?, "--name", "Fuzz"])?;
    let server = place.serve()?;
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
        .env("FUZZ_CLIENT_ID", text(&integration, "client_id")?)
        .env("FUZZ_CLIENT_SECRET", text(&integration, "client_secret")?);
    let judged = run_command(&mut schemathesis);
    let log = server.stop()?;
    let failed = log.lines().filter(|line| line.contains("\"ERROR\"") || line.contains("panicked"));
    let failed: Vec<_> = failed.take(5).collect();
    if !failed.is_empty() {
        return Err(Failure::new(format!("the server's log has faults:\n{}", failed.join("\n"))));
    }
    judged?;
    let cases = cases(&report)?;
    if cases < LEAST_CASES {
        return Err(Failure::new(format!("{cases} cases on {database}; {LEAST_CASES} are wanted: raise --examples")));
    }
    eprintln!("fuzz api: {cases} cases on {database}, nothing to complain about");
    std::fs::remove_dir_all(&place.folder).context(|| format!("cannot remove {}", place.folder.display()))
}

/// Where one server has its things.
struct Place {
    program: PathBuf,
    folder: PathBuf,
    url: Option<String>,
}

impl Place {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).current_dir(&self.folder);
        command.env("ROUTEMATE_DATA_DIR", self.folder.join("data")).env("ROUTEMATE_LISTEN", "127.0.0.1:0");
        command.env("ROUTEMATE_LOG_FORMAT", "json");
        if let Some(url) = &self.url {
            command.env("ROUTEMATE_DATABASE_URL", url);
        }
        command
    }

    fn json(&self, arguments: &[&str]) -> Result<Value> {
        let said = capture(self.command(arguments).arg("--json"))?;
        serde_json::from_str(&said).context(|| format!("what `routemate {}` says", arguments.join(" ")))
    }

    fn serve(&self) -> Result<Server> {
        let mut serve = self.command(&["serve"]);
        let mut process = serve.stderr(Stdio::piped()).spawn().context(|| "cannot start the server")?;
        let stderr = process.stderr.take().ok_or_else(|| Failure::new("the server has no stderr"))?;
        let mut lines = BufReader::new(stderr).lines();
        let mut said = Vec::new();
        let base = loop {
            let Some(Ok(line)) = lines.next() else {
                return Err(Failure::new(format!("the server ended:\n{}", said.join("\n"))));
            };
            let entry: Value = serde_json::from_str(&line).unwrap_or_default();
            if let Some(url) = entry.get("public_url").and_then(Value::as_str) {
                break url.to_owned();
            }
            said.push(line);
        };
        let log = std::thread::spawn(move || lines.map_while(std::io::Result::ok).collect::<Vec<_>>().join("\n"));
        Ok(Server { process, base, log: Some(log) })
    }
}

/// A server that runs; killed when dropped.
struct Server {
    process: Child,
    base: String,
    log: Option<JoinHandle<String>>,
}

impl Server {
    /// Asks it to stop; gives what it had logged.
    ///
    /// # Errors
    /// It had died, or does not end well.
    fn stop(mut self) -> Result<String> {
        run_command(Command::new("kill").args(["-TERM", &self.process.id().to_string()]))?;
        let status = self.process.wait().context(|| "cannot wait for the server")?;
        let log = self.log.take().and_then(|log| log.join().ok()).unwrap_or_default();
        if status.success() { Ok(log) } else { Err(Failure::new(format!("the server ended with {status}:\n{log}"))) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn text<'v>(value: &'v Value, field: &str) -> Result<&'v str> {
    value.get(field).and_then(Value::as_str).ok_or_else(|| Failure::new(format!("no `{field}` in {value}")))
}

/// How many cases the report counts.
fn cases(report: &Path) -> Result<u64> {
    let text = std::fs::read_to_string(report).context(|| format!("cannot read {}", report.display()))?;
    let report: Value = serde_json::from_str(&text).context(|| "the report")?;
    report.pointer("/summary/cases").and_then(Value::as_u64).ok_or_else(|| Failure::new("the report counts no cases"))
}
