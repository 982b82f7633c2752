//! Whether an organisation that has much waits longer than one that has little: the same questions to two servers, one of
//! which holds a hundred times as much, by turns.

mod fill;
mod questions;
pub(super) mod report;

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use self::fill::{Filled, Size};
use self::questions::{QUESTIONS, Question};
use super::measure::{SETTINGS, token};
use super::options::{Database, Options};
use super::results::{median, seconds};
use super::scenarios::{DRIVER, first_token};
use crate::bench::load::{Connection, percentile};
use crate::cluster::Cluster;
use crate::failure::{Context, Failure, Result};
use crate::process::Stopwatch;
use crate::served::{Place, Server};

/// What the scenario is called.
pub(super) const NAME: &str = "scale";

const LITTLE: Size = Size { stops: 1_000, routes: 20 };
const MUCH: Size = Size { stops: 100_000, routes: 2_000 };

/// How often each question is asked in a round, of each server.
const TIMES: usize = 300;

/// The dialect counts calls of every organisation.
const UNLIMITED: (&str, &str) = ("ROUTEMATE_EASYROUTES_REQUESTS_PER_MINUTE", "0");

/// So many of them before the other server's turn: what disturbs the machine disturbs both.
const TURN: usize = 25;

/// One question on one database.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scaled {
    pub(super) database: String,
    pub(super) question: String,
    pub(super) rounds: Vec<Pair>,
}

/// How long it takes with little and with much, of one round.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Pair {
    pub(super) little: Times,
    pub(super) much: Times,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Times {
    pub(super) p50: Duration,
    pub(super) p99: Duration,
}

impl Scaled {
    /// How many times as long the slowest hundredth takes: the middle one of all rounds.
    pub(super) fn ratio(&self) -> f64 {
        median(self.rounds.iter().map(|round| round.much.p99.as_secs_f64() / round.little.p99.as_secs_f64().max(1e-9)))
    }

    /// The middle one of all rounds.
    pub(super) fn typical(&self, time: fn(&Pair) -> Duration) -> Duration {
        Duration::from_secs_f64(median(self.rounds.iter().map(|round| time(round).as_secs_f64())))
    }

    pub(super) fn to_json(&self) -> Value {
        let rounds: Vec<Value> = self
            .rounds
            .iter()
            .map(|round| json!({ "little": round.little.to_json(), "much": round.much.to_json() }))
            .collect();
        json!({ "database": self.database, "question": self.question, "rounds": rounds })
    }

    pub(super) fn from_json(json: &Value) -> Option<Scaled> {
        let text = |name: &str| json.get(name)?.as_str().map(str::to_owned);
        let rounds = json.get("rounds")?.as_array()?.iter().map(|round| {
            Some(Pair { little: Times::from_json(round.get("little")?)?, much: Times::from_json(round.get("much")?)? })
        });
        Some(Scaled {
            database: text("database")?,
            question: text("question")?,
            rounds: rounds.collect::<Option<_>>()?,
        })
    }
}

impl Times {
    fn of(mut times: Vec<Duration>) -> Times {
        times.sort_unstable();
        let quantile = |hundredths| percentile(&times, hundredths).unwrap_or_default();
        Times { p50: quantile(50), p99: quantile(99) }
    }

    fn to_json(self) -> Value {
        json!({ "p50_s": self.p50.as_secs_f64(), "p99_s": self.p99.as_secs_f64() })
    }

    fn from_json(json: &Value) -> Option<Times> {
        Some(Times { p50: seconds(json, "p50_s")?, p99: seconds(json, "p99_s")? })
    }
}

/// A server with an organisation of some size.
struct Stage {
    place: Place,
    server: Server,
    filled: Filled,
    /// Opened with the first question: the server closes those on which nothing comes.
    connection: Option<Connection>,
    /// Numbers requests, so that no two are alike in however many rounds.
    turn: usize,
}

/// Both sizes, question by question.
pub(super) fn measure(
    database: Database,
    cluster: Option<&Cluster>,
    programs: &Path,
    options: &Options,
) -> Result<Vec<Scaled>> {
    let mut little = Stage::set(database, "little", LITTLE, cluster, programs)?;
    let mut much = Stage::set(database, "much", MUCH, cluster, programs)?;
    if let Some(cluster) = cluster {
        // As PostgreSQL does by itself, within minutes of so many new rows.
        cluster.gather_statistics()?;
    }
    let mut scaled = Vec::with_capacity(QUESTIONS.len());
    for question in QUESTIONS {
        let mut rounds = Vec::with_capacity(options.rounds);
        for _ in 0..options.rounds {
            rounds.push(round(question, &mut little, &mut much)?);
        }
        let database = database.name().to_owned();
        scaled.push(Scaled { database, question: question.name.to_owned(), rounds });
    }
    for stage in [little, much] {
        drop(stage.connection);
        stage.server.stop()?;
        stage.place.remove()?;
    }
    Ok(scaled)
}

/// The same question to both, by turns.
fn round(question: &Question, little: &mut Stage, much: &mut Stage) -> Result<Pair> {
    let mut times = (Vec::with_capacity(TIMES), Vec::with_capacity(TIMES));
    for _ in 0..TIMES / TURN {
        little.ask(question, &mut times.0)?;
        much.ask(question, &mut times.1)?;
    }
    Ok(Pair { little: Times::of(times.0), much: Times::of(times.1) })
}

impl Stage {
    fn set(database: Database, name: &str, size: Size, cluster: Option<&Cluster>, programs: &Path) -> Result<Stage> {
        let name = format!("scale_{}_{name}", database.name());
        let url = cluster.map(|cluster| cluster.database(&name)).transpose()?;
        let place = Place::of(programs.join("routemate"), &name, url)?;
        let credentials = place.credentials()?;
        place.driver(&credentials, DRIVER)?;
        let settings: Vec<_> = SETTINGS.iter().copied().chain([UNLIMITED]).collect();
        let server = place.serve(&settings)?;
        let host = server.base.trim_start_matches("http://").to_owned();
        let token = token(&host, &first_token(&host, &credentials))?;
        let clock = Stopwatch::start();
        let filled = Filled::fill(host, token, size)?;
        eprintln!("bench: {name} is filled after {:.1} s", clock.elapsed().as_secs_f64());
        Ok(Stage { place, server, filled, connection: None, turn: 0 })
    }

    /// Asks a few times.
    fn ask(&mut self, question: &Question, times: &mut Vec<Duration>) -> Result<()> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => none.insert(Connection::open(&self.filled.host)?),
        };
        for _ in 0..TURN {
            self.turn += 1;
            let request = (question.make)(&self.filled, self.turn);
            let clock = Stopwatch::start();
            let answer = connection.exchange(&request).context(|| question.name)?;
            times.push(clock.elapsed());
            if answer.status != 200 {
                let body = String::from_utf8_lossy(connection.body(answer)).into_owned();
                return Err(Failure::new(format!("{}: the server answers {}: {body}", question.name, answer.status)));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn scaled(little_ms: u64, much_ms: u64) -> Scaled {
        let times = |ms: u64| Times { p50: Duration::from_millis(ms) / 2, p99: Duration::from_millis(ms) };
        let pair = |little, much| Pair { little: times(little), much: times(much) };
        Scaled {
            database: "sqlite".into(),
            question: "route by id".into(),
            // Two rounds that were disturbed, each another way.
            rounds: vec![pair(little_ms, much_ms * 9), pair(little_ms, much_ms), pair(little_ms * 9, much_ms)],
        }
    }

    #[test]
    fn a_disturbed_round_does_not_decide() {
        let scaled = scaled(10, 15);
        assert_eq!(scaled.ratio(), 1.5);
        assert_eq!(scaled.typical(|round| round.little.p99), Duration::from_millis(10));
    }

    #[test]
    fn results_survive_the_file() {
        let scaled = scaled(10, 15);
        assert_eq!(Scaled::from_json(&scaled.to_json()), Some(scaled));
    }
}
