//! `cargo xtask bench api`: how much of what the database can do is left over HTTP, and what happens beyond.

mod baseline;
mod measure;
mod options;
mod processor;
mod report;
mod results;
mod scale;
mod scenarios;

use std::fs;
use std::path::Path;

use self::measure::measure;
use self::options::{Database, Options};
use self::results::Results;
use super::page::{load, warn_of_load, warn_of_load_seen};
use crate::cluster::Cluster;
use crate::failure::{Context, Result};
use crate::process::{cargo, run as run_command};

/// Where results are kept, in the target folder.
const KEPT: &str = "bench-api.json";

pub(super) fn run(args: lexopt::Parser) -> Result<()> {
    let options = Options::parse(args)?;
    run_command(cargo().args(["build", "--release", "--package", "routemate", "--package", "routemate-baseline"]))?;
    let target = crate::metadata::workspace()?.target_directory;
    let (kept, programs) = (target.join(KEPT), target.join("release"));
    let mut results = if options.resumes { earlier(&kept)? } else { Results::default() };
    warn_of_load();
    let mut loads = Vec::new();
    for &database in &options.databases {
        let cluster = match database {
            Database::Sqlite => None,
            Database::Postgres => Some(Cluster::start()?),
        };
        for &scenario in &options.scenarios {
            eprintln!("bench: {} on {}", scenario.name, database.name());
            let url = cluster.as_ref().map(Cluster::url);
            results.put(measure(database, scenario, url, &programs, &options)?);
            // Whoever ends this early loses nothing.
            write(&kept, &results)?;
            loads.extend(load());
        }
        if options.scales {
            eprintln!("bench: {} on {}", scale::NAME, database.name());
            results.put_scaled(database.name(), scale::measure(database, cluster.as_ref(), &programs, &options)?);
            write(&kept, &results)?;
            loads.extend(load());
        }
    }
    let highest_load = loads.into_iter().reduce(f64::max);
    let sections = sections(&results, highest_load);
    for (_, text) in &sections {
        eprintln!("\n{text}");
    }
    if let Some(path) = &options.output {
        write(path, &results)?;
    }
    if options.writes_page {
        for (name, text) in &sections {
            super::page::write(name, text)?;
        }
    }
    warn_of_load_seen(highest_load);
    Ok(())
}

/// What there is to show, each for its section of the page.
fn sections(results: &Results, highest_load: Option<f64>) -> Vec<(&'static str, String)> {
    let mut sections = Vec::new();
    if !results.scenarios.is_empty() {
        sections.push(("api", report::text(&results.scenarios, highest_load)));
    }
    if !results.scaled.is_empty() {
        sections.push((scale::NAME, scale::report::text(&results.scaled)));
    }
    sections
}

fn earlier(path: &Path) -> Result<Results> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Results::default()),
        text => {
            let text = text.context(|| format!("cannot read {}", path.display()))?;
            Results::from_json(&serde_json::from_str(&text).context(|| path.display().to_string())?)
        }
    }
}

fn write(path: &Path, results: &Results) -> Result<()> {
    let json = format!("{:#}\n", results.to_json());
    fs::write(path, json).context(|| format!("cannot write {}", path.display()))
}
