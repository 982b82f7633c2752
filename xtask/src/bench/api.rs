//! `cargo xtask bench api`: how much of what the database can do is left over HTTP, and what happens beyond.

mod baseline;
mod measure;
mod options;
mod processor;
mod report;
mod results;
mod scenarios;

use std::fs;
use std::path::Path;

use self::measure::measure;
use self::options::{Database, Options};
use self::results::Measured;
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
    let kept = target.join(KEPT);
    let mut results = if options.resumes { earlier(&kept)? } else { Vec::new() };
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
            put(&mut results, measure(database, scenario, url, &target.join("release"), &options)?);
            // Whoever ends this early loses nothing.
            write(&kept, &results)?;
            loads.extend(load());
        }
    }
    let highest_load = loads.into_iter().reduce(f64::max);
    let text = report::text(&results, highest_load);
    eprintln!("\n{text}");
    if let Some(path) = &options.output {
        write(path, &results)?;
    }
    if options.writes_page {
        super::page::write("api", &text)?;
    }
    warn_of_load_seen(highest_load);
    Ok(())
}

fn earlier(path: &Path) -> Result<Vec<Measured>> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        text => {
            let text = text.context(|| format!("cannot read {}", path.display()))?;
            results::from_json(&serde_json::from_str(&text).context(|| path.display().to_string())?)
        }
    }
}

/// In the place of what an earlier run has measured, or in the order of the scenarios.
fn put(results: &mut Vec<Measured>, measured: Measured) {
    results.retain(|one| (&one.database, &one.scenario) != (&measured.database, &measured.scenario));
    results.push(measured);
    let place = |name: &str| scenarios::SCENARIOS.iter().position(|scenario| scenario.name == name);
    // SQLite comes first.
    results.sort_by_key(|one| (one.database != Database::Sqlite.name(), place(&one.scenario)));
}

fn write(path: &Path, results: &[Measured]) -> Result<()> {
    let json = format!("{:#}\n", results::to_json(results));
    fs::write(path, json).context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_again_takes_its_old_place() {
        let mut results = Vec::new();
        let of =
            |database: &str, scenario| Measured { database: database.into(), ..results::tests::measured(scenario) };
        for (database, scenario) in
            [("postgres", "status"), ("sqlite", "status"), ("sqlite", "import-3"), ("sqlite", "status")]
        {
            put(&mut results, of(database, scenario));
        }
        let names: Vec<_> = results.iter().map(|one| (one.database.as_str(), one.scenario.as_str())).collect();
        assert_eq!(names, [("sqlite", "import-3"), ("sqlite", "status"), ("postgres", "status")]);
    }
}
