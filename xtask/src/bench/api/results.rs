//! What was measured, and how it is kept between runs.

use std::time::Duration;

use serde_json::{Value, json};

use super::options::Database;
use super::processor::Shares;
use super::scale::Scaled;
use super::scenarios::SCENARIOS;
use crate::bench::load::{Outcome, percentile};
use crate::failure::{Failure, Result};

/// Everything that was measured.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Results {
    pub(super) scenarios: Vec<Measured>,
    pub(super) scaled: Vec<Scaled>,
}

/// One scenario on one database.
#[derive(Debug, PartialEq)]
pub(super) struct Measured {
    pub(super) database: String,
    pub(super) scenario: String,
    pub(super) rounds: Vec<Round>,
    /// Where as much as possible was asked of ours.
    pub(super) shares: Option<Shares>,
    pub(super) steps: Vec<Step>,
    pub(super) overload: Overload,
}

/// Ours and the baselines, one after the other: requests a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Round {
    pub(super) ours: f64,
    pub(super) endpoint: f64,
    pub(super) statements: f64,
}

/// Ours and the endpoint at the same rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Step {
    pub(super) offered: f64,
    pub(super) ours: Latency,
    pub(super) endpoint: Latency,
}

/// How many were answered a second, and how soon.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Latency {
    pub(super) goodput: f64,
    pub(super) p50: Duration,
    pub(super) p99: Duration,
}

/// Ours when too much is asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Overload {
    pub(super) offered: f64,
    /// What left in fact.
    pub(super) sent: f64,
    pub(super) accepted: Latency,
    pub(super) refused: usize,
    pub(super) refused_p99: Duration,
    pub(super) failed: usize,
    pub(super) shares: Option<Shares>,
}

impl Latency {
    pub(super) fn of(outcome: &Outcome) -> Latency {
        let quantile = |hundredths| percentile(&outcome.accepted, hundredths).unwrap_or_default();
        Latency { goodput: outcome.goodput(), p50: quantile(50), p99: quantile(99) }
    }
}

impl Measured {
    /// What can be had.
    pub(super) fn capacity(&self) -> f64 {
        median(self.rounds.iter().map(|round| round.ours))
    }

    /// Ours beside a baseline, round by round: what disturbs a round disturbs all of it.
    pub(super) fn ratio(&self, baseline: fn(&Round) -> f64) -> f64 {
        median(self.rounds.iter().map(|round| round.ours / baseline(round)))
    }
}

/// The middle one; 0 of none.
pub(super) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

impl Results {
    /// In the place of what an earlier run has measured, or in the order of the scenarios.
    pub(super) fn put(&mut self, measured: Measured) {
        let all = &mut self.scenarios;
        all.retain(|one| (&one.database, &one.scenario) != (&measured.database, &measured.scenario));
        all.push(measured);
        let place = |name: &str| SCENARIOS.iter().position(|scenario| scenario.name == name);
        all.sort_by_key(|one| (is_later(&one.database), place(&one.scenario)));
    }

    /// In the place of what an earlier run has measured on that database.
    pub(super) fn put_scaled(&mut self, database: &str, scaled: Vec<Scaled>) {
        self.scaled.retain(|one| one.database != database);
        self.scaled.extend(scaled);
        self.scaled.sort_by_key(|one| is_later(&one.database));
    }

    pub(super) fn to_json(&self) -> Value {
        let scenarios: Vec<Value> = self.scenarios.iter().map(Measured::to_json).collect();
        let scaled: Vec<Value> = self.scaled.iter().map(Scaled::to_json).collect();
        json!({ "scenarios": scenarios, "scaled": scaled })
    }

    pub(super) fn from_json(json: &Value) -> Result<Results> {
        let odd = || Failure::new("what an earlier run has left is not what this one writes: run without --resume");
        let list = |name: &str| json.get(name).and_then(Value::as_array).ok_or_else(odd);
        Ok(Results {
            scenarios: list("scenarios")?.iter().map(Measured::from_json).collect::<Option<_>>().ok_or_else(odd)?,
            scaled: list("scaled")?.iter().map(Scaled::from_json).collect::<Option<_>>().ok_or_else(odd)?,
        })
    }
}

/// SQLite comes first.
fn is_later(database: &str) -> bool {
    database != Database::Sqlite.name()
}

impl Measured {
    fn to_json(&self) -> Value {
        let rounds: Vec<Value> = self
            .rounds
            .iter()
            .map(|round| json!({ "ours": round.ours, "endpoint": round.endpoint, "statements": round.statements }))
            .collect();
        let steps: Vec<Value> = self
            .steps
            .iter()
            .map(|step| {
                json!({ "offered": step.offered, "ours": step.ours.to_json(), "endpoint": step.endpoint.to_json() })
            })
            .collect();
        let Overload { offered, sent, accepted, refused, refused_p99, failed, shares } = &self.overload;
        json!({
            "database": self.database,
            "scenario": self.scenario,
            "rounds": rounds,
            "cores": self.shares.map(Shares::to_json),
            "steps": steps,
            "overload": {
                "offered": offered, "sent": sent, "accepted": accepted.to_json(), "refused": refused,
                "refused_p99_s": refused_p99.as_secs_f64(), "failed": failed, "cores": shares.map(Shares::to_json),
            },
        })
    }

    fn from_json(json: &Value) -> Option<Measured> {
        let text = |name: &str| json.get(name)?.as_str().map(str::to_owned);
        let rounds = json.get("rounds")?.as_array()?.iter().map(|round| {
            Some(Round {
                ours: number(round, "ours")?,
                endpoint: number(round, "endpoint")?,
                statements: number(round, "statements")?,
            })
        });
        let steps = json.get("steps")?.as_array()?.iter().map(|step| {
            Some(Step {
                offered: number(step, "offered")?,
                ours: Latency::from_json(step.get("ours")?)?,
                endpoint: Latency::from_json(step.get("endpoint")?)?,
            })
        });
        let overload = json.get("overload")?;
        let count = |name: &str| usize::try_from(overload.get(name)?.as_u64()?).ok();
        Some(Measured {
            database: text("database")?,
            scenario: text("scenario")?,
            rounds: rounds.collect::<Option<_>>()?,
            shares: json.get("cores").and_then(Shares::from_json),
            steps: steps.collect::<Option<_>>()?,
            overload: Overload {
                offered: number(overload, "offered")?,
                sent: number(overload, "sent")?,
                accepted: Latency::from_json(overload.get("accepted")?)?,
                refused: count("refused")?,
                refused_p99: seconds(overload, "refused_p99_s")?,
                failed: count("failed")?,
                shares: overload.get("cores").and_then(Shares::from_json),
            },
        })
    }
}

impl Latency {
    fn to_json(self) -> Value {
        json!({ "goodput": self.goodput, "p50_s": self.p50.as_secs_f64(), "p99_s": self.p99.as_secs_f64() })
    }

    fn from_json(json: &Value) -> Option<Latency> {
        Some(Latency { goodput: number(json, "goodput")?, p50: seconds(json, "p50_s")?, p99: seconds(json, "p99_s")? })
    }
}

impl Shares {
    fn to_json(self) -> Value {
        json!({ "server": self.server, "generator": self.generator, "rest": self.rest })
    }

    fn from_json(json: &Value) -> Option<Shares> {
        let (server, generator) = (number(json, "server")?, number(json, "generator")?);
        Some(Shares { server, generator, rest: number(json, "rest")? })
    }
}

fn number(json: &Value, name: &str) -> Option<f64> {
    json.get(name)?.as_f64()
}

pub(super) fn seconds(json: &Value, name: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(number(json, name)?).ok()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::bench::api) fn measured(scenario: &str) -> Measured {
        let latency =
            |goodput, ms| Latency { goodput, p50: Duration::from_millis(ms), p99: Duration::from_millis(4 * ms) };
        let shares = Some(Shares { server: 1.0, generator: 0.25, rest: 0.5 });
        Measured {
            database: "sqlite".into(),
            scenario: scenario.into(),
            rounds: vec![
                Round { ours: 700.0, endpoint: 1000.0, statements: 1000.0 },
                Round { ours: 400.0, endpoint: 500.0, statements: 500.0 },
                Round { ours: 720.0, endpoint: 900.0, statements: 900.0 },
            ],
            shares,
            steps: vec![Step { offered: 350.0, ours: latency(350.0, 2), endpoint: latency(350.0, 1) }],
            overload: Overload {
                offered: 2100.0,
                sent: 2000.0,
                accepted: latency(630.0, 200),
                refused: 1400,
                refused_p99: Duration::from_millis(50),
                failed: 0,
                shares,
            },
        }
    }

    #[test]
    fn results_survive_the_file() {
        let scenarios = vec![measured("import-20"), Measured { shares: None, ..measured("status") }];
        let results = Results { scenarios, scaled: Vec::new() };
        assert_eq!(Results::from_json(&results.to_json()).unwrap(), results);
        assert!(Results::from_json(&json!({ "scenarios": [{}], "scaled": [] })).is_err());
    }

    #[test]
    fn ratios_are_of_rounds() {
        let measured = measured("import-20");
        assert_eq!(measured.ratio(|round| round.statements), 0.8);
        assert_eq!(measured.capacity(), 700.0);
        assert_eq!(median(std::iter::empty()), 0.0);
    }

    #[test]
    fn what_is_measured_again_takes_its_old_place() {
        let mut results = Results::default();
        let of = |database: &str, scenario| Measured { database: database.into(), ..measured(scenario) };
        for (database, scenario) in
            [("postgres", "status"), ("sqlite", "status"), ("sqlite", "import-3"), ("sqlite", "status")]
        {
            results.put(of(database, scenario));
        }
        let names: Vec<_> =
            results.scenarios.iter().map(|one| (one.database.as_str(), one.scenario.as_str())).collect();
        assert_eq!(names, [("sqlite", "import-3"), ("sqlite", "status"), ("postgres", "status")]);
        for (database, question) in [("postgres", "a"), ("sqlite", "b"), ("sqlite", "c")] {
            let scaled = Scaled { database: database.into(), question: question.into(), rounds: Vec::new() };
            results.put_scaled(database, vec![scaled]);
        }
        let names: Vec<_> = results.scaled.iter().map(|one| (one.database.as_str(), one.question.as_str())).collect();
        assert_eq!(names, [("sqlite", "c"), ("postgres", "a")]);
    }
}
