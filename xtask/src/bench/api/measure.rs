//! One scenario on one database: ours and both baselines by turns, then ours at its rates and beyond them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::baseline::{Baseline, Endpoint};
use super::options::{Database, Options};
use super::processor::Watch;
use super::results::{Latency, Measured, Overload, Round, Step};
use super::scenarios::{DRIVER, Maker, Scenario, Setup, first_import, first_token};
use crate::bench::load::{Connection, Load, Outcome, Pace, percentile};
use crate::failure::{Context, Failure, Result};
use crate::served::{Place, Server};

/// Requests under way where as much as possible is wanted.
const CLIENTS: usize = 32;
/// Connections of an open loop: more than are needed while the server keeps up.
const OPEN_CLIENTS: usize = 128;
/// Connections beyond capacity: more than the server works on at the same time.
const CROWD: usize = 1_200;
/// Shares of what can be had that an open loop asks for.
const SHARES: [f64; 4] = [0.25, 0.5, 0.75, 0.9];
/// How many times of what can be had are too much.
const TOO_MUCH: f64 = 3.0;
/// External id and idempotency key of the job that lies there.
const TEMPLATE: &str = "TEMPLATE";

pub(super) const SETTINGS: &[(&str, &str)] = &[
    // The optimizer's budget at its minimum.
    ("ROUTEMATE_SOLVER_MS_PER_100_STOPS", "0"),
    ("ROUTEMATE_SOLVER_MIN_MS", "0"),
    // Token requests say that they come from elsewhere.
    ("ROUTEMATE_TRUSTED_PROXIES", "127.0.0.0/8"),
];

/// Everything that runs while a scenario is measured.
struct Stage {
    server: Server,
    setup: Setup,
    make: Maker,
    endpoint: Endpoint,
    raw: Maker,
}

pub(super) fn measure(
    database: Database,
    scenario: &'static Scenario,
    url: Option<String>,
    programs: &Path,
    options: &Options,
) -> Result<Measured> {
    let place = Place::of(programs.join("routemate"), &format!("api-{}-{}", database.name(), scenario.name), url)?;
    let credentials = place.credentials()?;
    place.json(&[
        "driver",
        "create",
        "--org",
        &credentials.organization_id,
        "--email",
        DRIVER,
        "--first-name",
        "Aino",
        "--last-name",
        "Virtanen",
        "--phone",
        "+358401234567",
    ])?;
    let server = place.serve(SETTINGS)?;
    let host = server.base.trim_start_matches("http://").to_owned();
    let mut setup = Setup {
        token: token(&host, &first_token(&host, &credentials))?,
        host,
        job: TEMPLATE.to_owned(),
        stops: scenario.stops,
        clients: Vec::new(),
        turn: Arc::default(),
    };
    answered(&setup.host, &first_import(&setup))?;
    let (token, job) = (setup.token.clone(), setup.job.clone());
    let baseline = Baseline {
        program: programs.join("routemate-baseline"),
        database_url: place.database_url(),
        token: &token,
        job: &job,
        scenario,
    };
    if scenario.clients > 0 {
        setup.clients = baseline.seed()?;
    }
    let endpoint = baseline.serve()?;
    let raw = Setup { host: endpoint.address.clone(), ..setup.clone() };
    let stage = Stage { make: (scenario.maker)(&setup), raw: (scenario.maker)(&raw), server, setup, endpoint };
    let measured = stage.measure(database, scenario, &baseline, options)?;
    drop(stage.endpoint);
    stage.server.stop()?;
    place.remove()?;
    Ok(measured)
}

impl Stage {
    fn measure(
        &self,
        database: Database,
        scenario: &Scenario,
        baseline: &Baseline<'_>,
        options: &Options,
    ) -> Result<Measured> {
        let time = options.time;
        let saturating = (Pace::Saturating, CLIENTS);
        // Caches, pools and the allocator are as they stay.
        for is_ours in [true, false] {
            self.load(is_ours, saturating, time / 4)?;
        }
        let mut rounds = Vec::with_capacity(options.rounds);
        let mut shares = None;
        for _ in 0..options.rounds {
            let watch = Watch::begin(self.server.id());
            let ours = whole(self.load(true, saturating, time)?)?.goodput();
            shares = watch.end();
            let endpoint = whole(self.load(false, saturating, time)?)?.goodput();
            rounds.push(Round { ours, endpoint, statements: baseline.drive(CLIENTS, time)? });
        }
        let capacity = super::results::median(rounds.iter().map(|round| round.ours));
        let mut steps = Vec::with_capacity(SHARES.len());
        for share in SHARES {
            let pace = (Pace::Rate(capacity * share), OPEN_CLIENTS);
            let ours = Latency::of(&whole(self.load(true, pace, time)?)?);
            let endpoint = Latency::of(&whole(self.load(false, pace, time)?)?);
            steps.push(Step { offered: capacity * share, ours, endpoint });
        }
        let watch = Watch::begin(self.server.id());
        let offered = capacity * TOO_MUCH;
        // Long enough for queues to be as full as they get.
        let time = time * 4;
        let outcome = self.load(true, (Pace::Rate(offered), CROWD), time)?;
        let overload = Overload {
            offered,
            sent: sent(&outcome, time),
            accepted: Latency::of(&outcome),
            refused: outcome.refused.len(),
            refused_p99: percentile(&outcome.refused, 99).unwrap_or_default(),
            failed: outcome.failed.len(),
            shares: watch.end(),
        };
        if let Some(failure) = outcome.failed.first() {
            eprintln!(
                "bench: WARNING, {} requests failed beyond capacity, the first with: {failure}",
                outcome.failed.len()
            );
        }
        Ok(Measured {
            database: database.name().to_owned(),
            scenario: scenario.name.to_owned(),
            rounds,
            shares,
            steps,
            overload,
        })
    }

    fn load(&self, is_ours: bool, (pace, connections): (Pace, usize), time: Duration) -> Result<Outcome> {
        let (address, make) = match is_ours {
            true => (&self.setup.host, &self.make),
            false => (&self.endpoint.address, &self.raw),
        };
        Load { address, connections, pace, time, make: &**make }.run()
    }
}

/// The rate at which requests left: less than was wanted where all connections were taken.
fn sent(outcome: &Outcome, time: Duration) -> f64 {
    let latest = outcome.late.last().copied().unwrap_or_default();
    outcome.late.len() as f64 / (time + latest).as_secs_f64()
}

/// What was asked below capacity is answered.
fn whole(outcome: Outcome) -> Result<Outcome> {
    match (outcome.failed.first(), outcome.refused.len()) {
        (Some(failure), _) => {
            Err(Failure::new(format!("{} requests failed, the first with: {failure}", outcome.failed.len())))
        }
        (None, 1..) => {
            eprintln!("bench: WARNING, {} of {} requests were refused", outcome.refused.len(), outcome.late.len());
            Ok(outcome)
        }
        (None, 0) => Ok(outcome),
    }
}

/// Sends one request and gives the body of its answer.
fn answered(host: &str, request: &[u8]) -> Result<Value> {
    let mut connection = Connection::open(host)?;
    let answer = connection.exchange(request).context(|| "no answer")?;
    let body = String::from_utf8_lossy(connection.body(answer));
    match answer.status {
        200 => serde_json::from_str(&body).context(|| "the answer"),
        status => Err(Failure::new(format!("the server answers {status}: {body}"))),
    }
}

pub(super) fn token(host: &str, request: &[u8]) -> Result<String> {
    let answer = answered(host, request)?;
    let token = answer.get("access_token").and_then(Value::as_str);
    token.map(str::to_owned).ok_or_else(|| Failure::new("no `access_token` in the answer"))
}
