//! What all engines behind HTTP share: a limit on requests at once, repetition, a breaker, deadlines.

pub(crate) mod breaker;
pub(crate) mod drive;
#[cfg(test)]
pub(crate) mod fake;
pub(crate) mod tiles;
pub(crate) mod transport;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use reqwest::Request;
use routemate_units::{LatLng, StopToken};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use crate::error::TravelError;
use crate::path::Leg;
use breaker::{Attempt, Breaker};
use transport::{Reply, SendError, Transport};

/// How a request is put again that was not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repetition {
    /// Whenever it may help: asking costs nothing.
    Free,
    /// Only where the first was surely not worked on: answers cost money, also those that were lost on the way.
    Billed,
}

/// Why a question was not answered as it was put.
#[derive(Debug)]
pub(crate) enum Unanswered {
    /// The server gives no answers of that size; smaller questions may be answered.
    TooBig,
    /// At least one of the points is near no road.
    OffRoad,
    /// Nothing that the question could change.
    Failed(TravelError),
}

impl From<TravelError> for Unanswered {
    fn from(error: TravelError) -> Self {
        Self::Failed(error)
    }
}

/// Legs from each source to each target, row by row; `None` where there is no way.
pub(crate) type Cells = Vec<Option<Leg>>;

/// What differs between servers: how one question is put and its answer read.
pub(crate) trait Protocol: Sync {
    /// The server.
    fn remote(&self) -> &Remote;

    /// One question for a part of a matrix.
    fn table<'a>(
        &'a self,
        sources: &'a [LatLng],
        targets: &'a [LatLng],
        stop: &'a StopToken,
    ) -> BoxFuture<'a, Result<Cells, Unanswered>>;

    /// One question for a part of a path through at least two points.
    fn drive<'a>(
        &'a self,
        points: &'a [LatLng],
        stop: &'a StopToken,
    ) -> BoxFuture<'a, Result<drive::Drive, Unanswered>>;
}

/// A server that answers over HTTP.
pub(crate) struct Remote {
    pub(crate) engine: &'static str,
    transport: Arc<dyn Transport>,
    repetition: Repetition,
    breaker: Breaker,
    /// Requests under way, those of all callers together.
    slots: Semaphore,
    concurrency: usize,
}

/// How often a request is put at most.
const ATTEMPTS: u32 = 3;
/// Before the second attempt, where the server says nothing; four times as long before the third.
const PAUSE: Duration = Duration::from_millis(100);
/// For a request whose caller sets no deadline.
const LONGEST: Duration = Duration::from_secs(60);
/// How often it is looked whether the caller still wants the answer.
const TICK: Duration = Duration::from_millis(50);

impl Remote {
    pub(crate) fn new(
        engine: &'static str,
        transport: Arc<dyn Transport>,
        repetition: Repetition,
        concurrency: usize,
    ) -> Self {
        let concurrency = concurrency.clamp(1, Semaphore::MAX_PERMITS);
        let slots = Semaphore::new(concurrency);
        Self { engine, transport, repetition, breaker: Breaker::default(), slots, concurrency }
    }

    /// Requests that may be under way at once.
    pub(crate) fn concurrency(&self) -> usize {
        self.concurrency
    }

    /// Awaits the answer to all of a question, unless the server is left alone at present, for as long as `stop` allows.
    pub(crate) async fn run<T>(
        &self,
        stop: &StopToken,
        question: impl Future<Output = Result<T, TravelError>>,
    ) -> Result<T, TravelError> {
        if let Some(error) = self.end(stop) {
            return Err(error);
        }
        let attempt = self.admit()?;
        let answer = tokio::select! {
            biased;
            error = self.ended(stop) => Err(error),
            answer = question => answer,
        };
        match &answer {
            Ok(_) | Err(TravelError::NoWay { .. }) => attempt.succeeded(),
            // Nothing was learned about the server.
            Err(TravelError::Stopped | TravelError::TooMuch { .. }) => drop(attempt),
            Err(TravelError::RateLimited { retry_after: Some(wait), .. }) => attempt.rest_for(*wait),
            Err(_) => attempt.failed(),
        }
        answer
    }

    fn admit(&self) -> Result<Attempt<'_>, TravelError> {
        self.breaker.admit().map_err(|wait| TravelError::LeftAlone { engine: self.engine, wait })
    }

    /// Why nobody wants an answer any more, if so.
    fn end(&self, stop: &StopToken) -> Option<TravelError> {
        match stop.remaining() {
            Some(Duration::ZERO) => Some(TravelError::TimedOut { engine: self.engine }),
            _ => stop.is_stopped().then_some(TravelError::Stopped),
        }
    }

    /// Ends when nobody wants the answer any more, and says why.
    async fn ended(&self, stop: &StopToken) -> TravelError {
        loop {
            if let Some(error) = self.end(stop) {
                return error;
            }
            sleep(stop.remaining().unwrap_or(TICK).min(TICK)).await;
        }
    }

    /// Sends one request, again where that is safe and there is time, and gives the reply, whatever its status but those
    /// that say "not now".
    pub(crate) async fn send(&self, request: &Request, stop: &StopToken) -> Result<Reply, TravelError> {
        let mut pause = PAUSE;
        let mut attempt = 1;
        loop {
            let failure = match self.send_once(request, stop).await? {
                Ok(reply) if !reply.is_not_now() => return Ok(reply),
                Ok(reply) => Failure::NotNow(reply),
                Err(error) => Failure::NoReply(error),
            };
            let wait = failure.retry_after().unwrap_or(pause);
            let has_time = wait < stop.remaining().unwrap_or(LONGEST);
            if attempt >= ATTEMPTS || !has_time || !failure.may_be_repeated(self.repetition) {
                return Err(failure.into_error(self.engine));
            }
            tracing::debug!(travel.engine = self.engine, attempt, "request to travel engine `{}` again", self.engine);
            sleep(wait).await;
            attempt += 1;
            pause *= 4;
        }
    }

    async fn send_once(&self, request: &Request, stop: &StopToken) -> Result<Result<Reply, SendError>, TravelError> {
        let unavailable = |source: &str| TravelError::unavailable(self.engine, source.to_owned());
        let request = request.try_clone().ok_or_else(|| unavailable("the request cannot be sent again"))?;
        let _slot = self.slots.acquire().await.map_err(|error| TravelError::unavailable(self.engine, error))?;
        let patience = stop.remaining().unwrap_or(LONGEST).min(LONGEST);
        timeout(patience, self.transport.send(request)).await.map_err(|_| TravelError::TimedOut { engine: self.engine })
    }
}

/// Why an attempt has to be followed by another one.
enum Failure {
    NotNow(Reply),
    NoReply(SendError),
}

impl Failure {
    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::NotNow(reply) => reply.retry_after,
            Self::NoReply(_) => None,
        }
    }

    fn may_be_repeated(&self, repetition: Repetition) -> bool {
        match (self, repetition) {
            (_, Repetition::Free) => true,
            // 502 and 504 come from between: whether the server worked on it is not known.
            (Self::NotNow(reply), Repetition::Billed) => matches!(reply.status, 429 | 503),
            (Self::NoReply(error), Repetition::Billed) => error.was_never_sent,
        }
    }

    fn into_error(self, engine: &'static str) -> TravelError {
        match self {
            Self::NotNow(Reply { status: 429, retry_after, .. }) => TravelError::RateLimited { engine, retry_after },
            Self::NotNow(reply) => TravelError::unavailable(engine, format!("it answers with status {}", reply.status)),
            Self::NoReply(error) => TravelError::unavailable(engine, Box::new(error) as Box<dyn Error + Send + Sync>),
        }
    }
}

#[cfg(test)]
mod tests;
