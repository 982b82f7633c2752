//! What a developer may ask of `cargo xtask bench api`.

use std::path::PathBuf;
use std::time::Duration;

use lexopt::prelude::*;

use super::scale;
use super::scenarios::{SCENARIOS, Scenario};
use crate::bench::HELP;
use crate::failure::{Failure, Result};
use crate::refuse;

/// A database to measure on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Database {
    Sqlite,
    Postgres,
}

impl Database {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Database::Sqlite => "sqlite",
            Database::Postgres => "postgres",
        }
    }
}

#[derive(Debug)]
pub(super) struct Options {
    pub(super) databases: Vec<Database>,
    pub(super) scenarios: Vec<&'static Scenario>,
    /// Whether an organisation that has much is compared with one that has little.
    pub(super) scales: bool,
    /// How long each load lasts.
    pub(super) time: Duration,
    /// How often ours and the baselines take turns.
    pub(super) rounds: usize,
    /// Keeps what an earlier run has measured.
    pub(super) resumes: bool,
    pub(super) output: Option<PathBuf>,
    pub(super) writes_page: bool,
}

impl Options {
    pub(super) fn parse(mut args: lexopt::Parser) -> Result<Options> {
        let mut options = Options {
            databases: vec![Database::Sqlite, Database::Postgres],
            scenarios: SCENARIOS.iter().collect(),
            scales: true,
            time: Duration::from_secs(2),
            rounds: 3,
            resumes: false,
            output: None,
            writes_page: false,
        };
        while let Some(argument) = args.next()? {
            match argument {
                Long("database") => options.databases = databases(&args.value()?.string()?)?,
                Long("scenarios") => (options.scenarios, options.scales) = scenarios(&args.value()?.string()?)?,
                Long("seconds") => options.time = seconds(&args.value()?.string()?)?,
                Long("rounds") => options.rounds = args.value()?.parse::<usize>()?.max(1),
                Long("resume") => options.resumes = true,
                Short('o') | Long("output") => options.output = Some(args.value()?.into()),
                Long("write") => options.writes_page = true,
                other => return Err(refuse(&other, HELP)),
            }
        }
        Ok(options)
    }
}

fn databases(text: &str) -> Result<Vec<Database>> {
    match text {
        "sqlite" => Ok(vec![Database::Sqlite]),
        "postgres" => Ok(vec![Database::Postgres]),
        "both" => Ok(vec![Database::Sqlite, Database::Postgres]),
        other => Err(Failure::new(format!("no database `{other}`; there are: sqlite, postgres, both"))),
    }
}

/// Those that are named, and whether that of sizes is.
fn scenarios(text: &str) -> Result<(Vec<&'static Scenario>, bool)> {
    let find = |name: &str| {
        SCENARIOS.iter().find(|scenario| scenario.name == name).ok_or_else(|| {
            let names: Vec<_> = SCENARIOS.iter().map(|scenario| scenario.name).chain([scale::NAME]).collect();
            Failure::new(format!("no scenario `{name}`; there are: {}", names.join(", ")))
        })
    };
    let (scaled, named): (Vec<_>, Vec<_>) = text.split(',').map(str::trim).partition(|name| *name == scale::NAME);
    Ok((named.into_iter().map(find).collect::<Result<_>>()?, !scaled.is_empty()))
}

fn seconds(text: &str) -> Result<Duration> {
    let seconds = text.parse().ok().filter(|seconds: &f64| (0.1..=600.0).contains(seconds));
    seconds
        .map(Duration::from_secs_f64)
        .ok_or_else(|| Failure::new(format!("`{text}` is no time between 0.1 and 600 seconds")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(words: &[&str]) -> Result<Options> {
        Options::parse(lexopt::Parser::from_args(words))
    }

    #[test]
    fn everything_is_measured_unless_told_otherwise() {
        let all = options(&[]).unwrap();
        assert_eq!((all.databases.len(), all.scenarios.len()), (2, SCENARIOS.len()));
        let some = options(&["--database", "sqlite", "--scenarios", "status,import-20", "--seconds", "0.5"]).unwrap();
        assert!(all.scales && !some.scales);
        assert_eq!(some.databases, [Database::Sqlite]);
        assert_eq!(some.scenarios.iter().map(|s| s.name).collect::<Vec<_>>(), ["status", "import-20"]);
        assert_eq!(some.time, Duration::from_millis(500));
    }

    #[test]
    fn sizes_can_be_compared_alone() {
        let alone = options(&["--scenarios", "scale"]).unwrap();
        assert!(alone.scales && alone.scenarios.is_empty());
    }

    #[test]
    fn what_there_is_not_is_refused_with_what_there_is() {
        assert!(options(&["--scenarios", "imports"]).unwrap_err().message.contains("import-200"));
        assert!(options(&["--database", "mysql"]).unwrap_err().message.contains("postgres"));
        assert!(options(&["--seconds", "-1"]).unwrap_err().message.contains("`-1`"));
    }
}
