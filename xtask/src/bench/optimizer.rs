//! `cargo xtask bench optimizer`: our solver beside its peers.
//!
//! Every run is a process of its own, one at a time, driven by the harness in `bench/peers`, whose checker judges the
//! answers. What is generated and measured lies in `target/bench-optimizer`.

mod harness;
mod local_optimum;
mod measure;
mod options;
mod problems;
mod record;
mod report;
mod runner;
mod sets;
mod summary;
mod targets;

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use super::page::{warn_of_load, warn_of_load_seen};
use crate::failure::{Context, Result};
use crate::metadata::workspace;
use crate::process::{cargo, run as run_command};

use harness::Harness;
use options::{Options, Page};
use problems::problems;
use record::Records;
use report::Report;
use runner::Runner;
use summary::{References, summarize};
use targets::TARGETS;

pub(super) fn run(args: lexopt::Parser) -> Result<()> {
    let options = Options::parse(args)?;
    let bench = options.shared.join("bench");
    if !bench.join("peers/run_peers.py").is_file() {
        eprintln!("bench: SKIPPED, there is no bench/peers/run_peers.py in {}; see --shared", options.shared.display());
        return Ok(());
    }
    let folder = workspace()?.target_directory.join("bench-optimizer");
    fs::create_dir_all(&folder).context(|| format!("cannot make {}", folder.display()))?;
    let (peers, own) = (absolute(&bench.join("peers"))?, folder.join("python"));
    let harness = Harness::find(peers, options.environment.as_deref(), &own)?;
    let peers: Vec<_> = harness.peers.iter().map(|peer| format!("{} {}", peer.name, peer.version)).collect();
    match (peers.as_slice(), &options.environment) {
        ([], _) => eprintln!("bench: NO PEERS found, ours runs alone; see --venv"),
        (_, None) => eprintln!("bench: no --venv; peers that this machine has: {}", peers.join(", ")),
        (_, Some(_)) => eprintln!("bench: peers: {}", peers.join(", ")),
    }
    let (program, version) = program()?;

    let mut chosen = Vec::new();
    for set in &options.sets {
        let found = problems(set, options.most_problems(set), &bench.join("instances"))?;
        if found.is_empty() {
            let why = if options.most_problems(set) == 0 { "too long for --quick" } else { "no such instances" };
            eprintln!("bench: {} SKIPPED, {why}", set.name);
        }
        chosen.extend(found);
    }
    warn_of_load();
    let seen = folder.join("best_seen.json");
    let mut runner = Runner {
        records: Records::open(&folder.join("runs.jsonl"), options.earlier)?,
        references: References::open(&seen),
        options: &options,
        harness: &harness,
        program: &program,
        version: &version,
        folder: &folder,
        runs: Vec::new(),
    };
    let least: f64 = chosen.iter().map(|problem| runner.least_seconds(problem)).sum();
    eprintln!("bench: {} problems, {:.0} min or more", chosen.len(), least / 60.0);
    for (done, problem) in chosen.iter().enumerate() {
        eprintln!("[{}/{}] {} {}", done + 1, chosen.len(), problem.set.name, problem.name);
        runner.run(problem)?;
        runner.references.save(&seen)?;
    }

    let Runner { runs, references, .. } = runner;
    let highest_load = runs.iter().filter_map(|run| run.load).reduce(f64::max);
    let report = Report {
        command: options.command(),
        peers: if runs.iter().any(runner::is_of_peer) { peers } else { Vec::new() },
        highest_load,
        lines: summarize(&runs, &references),
        findings: TARGETS.iter().map(|target| (target, target.measure(&runs, &references))).collect(),
        runs: &runs,
        references: &references,
    };
    eprintln!("\n{}", report.for_screen());
    if let Some(path) = &options.output {
        report.save(path)?;
    }
    if options.page == Page::Written {
        report.write()?;
    }
    warn_of_load_seen(highest_load);
    Ok(())
}

/// Our program, built, and a digest of it.
fn program() -> Result<(PathBuf, String)> {
    run_command(cargo().args(["build", "--release", "-p", "routemate-optimizer", "--example", "solve"]))?;
    let path = workspace()?.target_directory.join("release/examples/solve");
    let bytes = fs::read(&path).context(|| format!("cannot read {}", path.display()))?;
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    Ok((path, format!("{:016x}", hasher.finish())))
}

fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).context(|| format!("cannot find {}", path.display()))
}
