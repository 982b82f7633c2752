//! What was measured, and how it is kept between runs.

use std::time::Duration;

use serde_json::{Value, json};

use super::processor::Shares;
use crate::bench::load::{Outcome, percentile};
use crate::failure::{Failure, Result};

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

pub(super) fn to_json(results: &[Measured]) -> Value {
    results.iter().map(Measured::to_json).collect()
}

pub(super) fn from_json(json: &Value) -> Result<Vec<Measured>> {
    let odd = || Failure::new("what an earlier run has left is not what this one writes: run without --resume");
    json.as_array().ok_or_else(odd)?.iter().map(|one| Measured::from_json(one).ok_or_else(odd)).collect()
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

fn seconds(json: &Value, name: &str) -> Option<Duration> {
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
        let results = [measured("import-20"), Measured { shares: None, ..measured("status") }];
        assert_eq!(from_json(&to_json(&results)).unwrap(), results);
        assert!(from_json(&json!([{}])).is_err());
    }

    #[test]
    fn ratios_are_of_rounds() {
        let measured = measured("import-20");
        assert_eq!(measured.ratio(|round| round.statements), 0.8);
        assert_eq!(measured.capacity(), 700.0);
        assert_eq!(median(std::iter::empty()), 0.0);
    }
}
