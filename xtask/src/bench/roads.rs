//! `cargo xtask bench roads`: our road router beside OSRM and Valhalla.
//!
//! Each engine builds its index from the same extract and answers the same questions, one after the other, in a process
//! of its own with one thread. What is built lies in `target/bench-roads`.

mod figures;
mod options;
mod report;
mod targets;

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::page::{load, warn_of_load, warn_of_load_seen};
use crate::failure::{Context, Failure, Result};
use crate::metadata::workspace;
use crate::process::{capture, cargo, run as run_command};

use figures::{Agreement, Figures};
use options::Options;
use report::Report;

/// Where everything is timed, and where building alone is.
const TIMED: &str = "milan";
const BUILT: &str = "composite21";
/// Cities with answers of OSRM to compare with.
const ORACLES: [&str; 4] = ["newport", "liechtenstein", "helsinki_centre", "milan"];

pub(super) fn run(args: lexopt::Parser) -> Result<()> {
    let options = Options::parse(args)?;
    let extracts = options.shared.join("osm");
    if !extracts.join(format!("{TIMED}.osm.pbf")).is_file() {
        eprintln!("bench: SKIPPED, there is no osm/{TIMED}.osm.pbf in {}; see --shared", options.shared.display());
        return Ok(());
    }
    let target = workspace()?.target_directory;
    let folder = target.join("bench-roads");
    fs::create_dir_all(&folder).context(|| format!("cannot make {}", folder.display()))?;
    for example in ["agreement", "speed"] {
        run_command(cargo().args(["build", "--release", "-p", "routemate-roads", "--example", example]))?;
    }
    let example = |name: &str| Command::new(target.join("release/examples").join(name));

    warn_of_load();
    let mut loads = vec![load()];
    let agreements = agreements(example("agreement").arg("--json").arg(&extracts).args(ORACLES))?;
    let mut engines = Vec::new();
    let mut composite = None;
    if !options.agreement_alone {
        let points = extracts.join(format!("oracle/{TIMED}.points.json"));
        let speed = |extract: &str| -> Result<Value> {
            let mut command = example("speed");
            command.arg(extracts.join(format!("{extract}.osm.pbf"))).arg(&points);
            parsed(&capture(&mut command)?)
        };
        engines.push(Figures::of_ours(&speed(TIMED)?));
        loads.push(load());
        composite = Some(Figures::of_ours(&speed(BUILT)?));
        loads.push(load());
        match &options.environment {
            Some(environment) => {
                for peer in &options.peers {
                    let script = options.shared.join("bench/roads/peer_roads.py");
                    let found = peer_figures(environment, &script, &extracts, &points, &folder, peer)?;
                    engines.push(Figures::of_peer(peer, &found));
                    loads.push(load());
                }
            }
            None => eprintln!("bench: NO PEERS, ours runs alone; see --venv"),
        }
    }
    let highest_load = loads.into_iter().flatten().reduce(f64::max);
    let report = Report { command: options.command(), highest_load, agreements, engines, composite };
    eprintln!("\n{}", report.text());
    if let Some(path) = &options.output {
        let json = format!("{:#}\n", report.json());
        fs::write(path, json).context(|| format!("cannot write {}", path.display()))?;
    }
    if options.writes_page {
        super::page::write("roads", &report.text())?;
    }
    warn_of_load_seen(highest_load);
    Ok(())
}

fn agreements(command: &mut Command) -> Result<Vec<Agreement>> {
    capture(command)?.lines().map(|line| Agreement::of(&parsed(line)?)).collect()
}

/// Runs the harness of the peers for one of them.
fn peer_figures(
    environment: &Path,
    script: &Path,
    extracts: &Path,
    points: &Path,
    folder: &Path,
    peer: &str,
) -> Result<Value> {
    let result = folder.join(format!("{peer}.json"));
    let mut command = Command::new(environment.join("bin/python"));
    command.arg(script).arg("bench").arg("--pbf").arg(extracts.join(format!("{TIMED}.osm.pbf")));
    command.arg("--points").arg(points).arg("--out").arg(&result).arg("--engines").arg(peer);
    command.arg("--work").arg(folder.join("peers"));
    capture(&mut command)?;
    let text = fs::read_to_string(&result).context(|| format!("{peer} has left no result"))?;
    parsed(&text)
}

fn parsed(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|error| Failure::new(format!("what was measured is no JSON: {error}")))
}
