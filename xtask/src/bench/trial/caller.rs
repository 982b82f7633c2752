//! A client of the Integration API, as the benches need one: one call, one answer, nothing tried twice.

use std::time::Duration;

use serde_json::Value;

use crate::failure::{Failure, Result};
use crate::served::Credentials;

/// Longer than a server keeps anybody waiting: a retry under a key that somebody else holds may take 30 s.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Kept connections are given up after so long without a call: before a server that stops ends them, which is a second
/// after it has begun to say so.
const KEPT_FOR: Duration = Duration::from_millis(500);

/// How a caller treats its connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::bench) enum Connections {
    /// As most libraries do.
    Kept,
    /// As nginx does upstream by default.
    OneForEach,
}

/// Who calls; cheap to clone, clones share their connections.
#[derive(Clone, Debug)]
pub(in crate::bench) struct Caller {
    agent: ureq::Agent,
}

/// What came back, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::bench) struct Answer {
    pub(in crate::bench) status: u16,
    /// `Idempotency-Replayed: true`.
    pub(in crate::bench) is_replay: bool,
    /// `Retry-After`, in seconds.
    pub(in crate::bench) retry_after: Option<u32>,
    pub(in crate::bench) body: String,
}

impl Answer {
    /// A text field of the body.
    pub(in crate::bench) fn text(&self, field: &str) -> Option<String> {
        let body: Value = serde_json::from_str(&self.body).ok()?;
        body.get(field)?.as_str().map(str::to_owned)
    }
}

/// There was no whole answer: what became of the request is not known.
#[derive(Debug)]
pub(in crate::bench) struct NoAnswer(pub(in crate::bench) String);

impl From<ureq::Error> for NoAnswer {
    fn from(error: ureq::Error) -> NoAnswer {
        NoAnswer(error.to_string())
    }
}

impl Caller {
    pub(in crate::bench) fn new(connections: Connections) -> Caller {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(TIMEOUT))
            // What is measured is the server, not a proxy that the environment may name.
            .proxy(None);
        let config = match connections {
            Connections::Kept => config.max_idle_connections_per_host(64).max_idle_age(KEPT_FOR),
            Connections::OneForEach => config.max_idle_connections_per_host(0),
        };
        Caller { agent: config.build().into() }
    }

    /// `GET path`, with a token where there is one.
    pub(in crate::bench) fn get(
        &self,
        base: &str,
        path: &str,
        token: Option<&str>,
    ) -> std::result::Result<Answer, NoAnswer> {
        let mut request = self.agent.get(format!("{base}{path}"));
        if let Some(token) = token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        read(request.call()?)
    }

    /// `POST /v1/integration-token`.
    pub(in crate::bench) fn ask_for_token(
        &self,
        base: &str,
        credentials: &Credentials,
    ) -> std::result::Result<Answer, NoAnswer> {
        let body =
            serde_json::json!({ "client_id": credentials.client_id, "client_secret": credentials.client_secret });
        let request = self.agent.post(format!("{base}/v1/integration-token")).content_type("application/json");
        read(request.send(body.to_string())?)
    }

    /// A token, which is there to be had.
    pub(in crate::bench) fn token(&self, base: &str, credentials: &Credentials) -> Result<String> {
        let answer = self.ask_for_token(base, credentials).map_err(|NoAnswer(why)| Failure::new(why))?;
        let token = answer.text("access_token");
        token.ok_or_else(|| Failure::new(format!("no token: {} {}", answer.status, answer.body)))
    }

    /// `POST /v1/integration-import` under an idempotency key.
    pub(in crate::bench) fn import(
        &self,
        base: &str,
        token: &str,
        key: &str,
        body: &str,
    ) -> std::result::Result<Answer, NoAnswer> {
        let request = self.agent.post(format!("{base}/v1/integration-import")).content_type("application/json");
        let request = request.header("Authorization", format!("Bearer {token}")).header("Idempotency-Key", key);
        read(request.send(body)?)
    }

    /// `GET /v1/integration-jobs` of one job.
    pub(in crate::bench) fn job(
        &self,
        base: &str,
        token: &str,
        external_job_id: &str,
    ) -> std::result::Result<Answer, NoAnswer> {
        self.get(base, &format!("/v1/integration-jobs?external_job_id={external_job_id}"), Some(token))
    }

    /// Whether a server says that it is ready.
    pub(in crate::bench) fn finds_ready(&self, base: &str) -> bool {
        self.get(base, "/readyz", None).is_ok_and(|answer| answer.status == 200)
    }
}

fn read(mut response: ureq::http::Response<ureq::Body>) -> std::result::Result<Answer, NoAnswer> {
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
    let is_replay = header("idempotency-replayed") == Some("true");
    let retry_after = header("retry-after").and_then(|text| text.parse().ok());
    let status = response.status().as_u16();
    // A connection that ends in the middle of a body is an error here: half an answer is none.
    let body = response.body_mut().read_to_string()?;
    Ok(Answer { status, is_replay, retry_after, body })
}
