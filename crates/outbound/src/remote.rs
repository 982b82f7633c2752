//! A server that is asked over HTTP: how many requests at once, how often again, until when.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Request;
use routemate_units::StopToken;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use crate::breaker::{Attempt, Breaker};
use crate::error::{OutboundError, Verdict};
use crate::pace::Pace;
use crate::transport::{Reply, SendError, Transport};

/// How a request is put again that was not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repetition {
    /// Whenever it may help: asking costs nothing.
    Free,
    /// Only where the first was surely not worked on: answers cost money, also those that were lost on the way.
    Billed,
}

/// Why a reply is no answer yet: the same request may be answered later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotNow {
    /// It wants to be asked less often.
    Limited {
        /// How long it wants to be left alone, if it says so.
        retry_after: Option<Duration>,
    },
    /// It says itself that it cannot answer now; it has not worked on the request.
    Busy {
        /// How long it wants to be left alone, if it says so.
        retry_after: Option<Duration>,
        /// In words for the log.
        said: String,
    },
    /// Whether it has worked on the request is not known.
    Lost {
        /// How long it wants to be left alone, if it says so.
        retry_after: Option<Duration>,
        /// In words for the log.
        said: String,
    },
}

impl NotNow {
    /// What the status of HTTP says.
    #[must_use]
    pub fn of(reply: &Reply) -> Option<Self> {
        let retry_after = reply.retry_after();
        let said = || format!("it answers with status {}", reply.status);
        match reply.status {
            429 => Some(Self::Limited { retry_after }),
            503 => Some(Self::Busy { retry_after, said: said() }),
            // 502 and 504 come from between, 408 after it had begun.
            408 | 502 | 504 => Some(Self::Lost { retry_after, said: said() }),
            _ => None,
        }
    }

    const fn retry_after(&self) -> Option<Duration> {
        let (Self::Limited { retry_after } | Self::Busy { retry_after, .. } | Self::Lost { retry_after, .. }) = self;
        *retry_after
    }
}

/// A server that answers over HTTP, with what is known about its state.
pub struct Remote {
    name: &'static str,
    transport: Arc<dyn Transport>,
    repetition: Repetition,
    breaker: Breaker,
    /// Requests under way, those of all callers together.
    slots: Semaphore,
    concurrency: usize,
    pace: Option<Arc<Pace>>,
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
    /// A server of this name in the configuration, asked at most `concurrency` times at once.
    #[must_use]
    pub fn new(name: &'static str, transport: Arc<dyn Transport>, repetition: Repetition, concurrency: usize) -> Self {
        let concurrency = concurrency.clamp(1, Semaphore::MAX_PERMITS);
        let slots = Semaphore::new(concurrency);
        Self { name, transport, repetition, breaker: Breaker::default(), slots, concurrency, pace: None }
    }

    /// The same, asked at the pace of its host.
    #[must_use]
    pub fn paced(self, pace: Arc<Pace>) -> Self {
        Self { pace: Some(pace), ..self }
    }

    /// Its name in the configuration.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Requests that may be under way at once.
    #[must_use]
    pub fn concurrency(&self) -> usize {
        self.concurrency
    }

    /// Awaits the answer to all of a question, unless the server is left alone at present, for as long as `stop` allows.
    ///
    /// The question may take any number of requests; its outcome as a whole says whether the server works.
    ///
    /// # Errors
    /// Those of the question; [`OutboundError::LeftAlone`], [`OutboundError::Stopped`] and [`OutboundError::TimedOut`].
    pub async fn run<T, E>(&self, stop: &StopToken, question: impl Future<Output = Result<T, E>>) -> Result<T, E>
    where
        E: From<OutboundError>,
        for<'e> Verdict: From<&'e E>,
    {
        if let Some(error) = self.end(stop) {
            return Err(error.into());
        }
        let in_time = async {
            tokio::select! {
                biased;
                error = self.ended(stop) => Err(error.into()),
                answer = question => answer,
            }
        };
        self.judge(in_time).await
    }

    /// Awaits the answer to a question that keeps its own time, unless the server is left alone at present.
    ///
    /// # Errors
    /// Those of the question; [`OutboundError::LeftAlone`].
    pub async fn judge<T, E>(&self, question: impl Future<Output = Result<T, E>>) -> Result<T, E>
    where
        E: From<OutboundError>,
        for<'e> Verdict: From<&'e E>,
    {
        let attempt = self.admit()?;
        let answer = question.await;
        match answer.as_ref().map_err(Verdict::from) {
            Ok(_) | Err(Verdict::Works) => attempt.succeeded(),
            Err(Verdict::Unknown) => drop(attempt),
            Err(Verdict::Rests(wait)) => attempt.rest_for(wait),
            Err(Verdict::Fails) => attempt.failed(),
        }
        answer
    }

    fn admit(&self) -> Result<Attempt<'_>, OutboundError> {
        self.breaker.admit().map_err(|wait| OutboundError::LeftAlone { server: self.name, wait })
    }

    /// Why nobody wants an answer any more, if so.
    fn end(&self, stop: &StopToken) -> Option<OutboundError> {
        match stop.remaining() {
            Some(Duration::ZERO) => Some(OutboundError::TimedOut { server: self.name }),
            _ => stop.is_stopped().then_some(OutboundError::Stopped { server: self.name }),
        }
    }

    /// Ends when nobody wants the answer any more, and says why.
    async fn ended(&self, stop: &StopToken) -> OutboundError {
        loop {
            if let Some(error) = self.end(stop) {
                return error;
            }
            sleep(stop.remaining().unwrap_or(TICK).min(TICK)).await;
        }
    }

    /// Sends one request, again where that is safe and there is time, and gives the reply, whatever its status but those
    /// that say "not now" ([`NotNow::of`]).
    ///
    /// # Errors
    /// All of [`OutboundError`] but [`OutboundError::LeftAlone`].
    pub async fn send(&self, request: &Request, stop: &StopToken) -> Result<Reply, OutboundError> {
        self.send_unless(request, stop, NotNow::of).await
    }

    /// As [`send`](Self::send), for servers that say "not now" in ways of their own.
    ///
    /// # Errors
    /// As there.
    pub async fn send_unless(
        &self,
        request: &Request,
        stop: &StopToken,
        not_now: impl Fn(&Reply) -> Option<NotNow>,
    ) -> Result<Reply, OutboundError> {
        let mut pause = PAUSE;
        let mut attempt = 1;
        loop {
            let failure = match self.send_once(request, stop).await? {
                Ok(reply) => match not_now(&reply) {
                    None => return Ok(reply),
                    Some(not_now) => Failure::NotNow(not_now),
                },
                Err(error) => Failure::NoReply(error),
            };
            let wait = failure.retry_after();
            if let (Some(pace), Some(wait)) = (&self.pace, wait) {
                pace.rest_for(wait);
            }
            let wait = wait.unwrap_or(pause);
            let has_time = wait < patience(stop);
            if attempt >= ATTEMPTS || !has_time || !failure.may_be_repeated(self.repetition) {
                return Err(failure.into_error(self.name));
            }
            tracing::debug!(outbound.server = self.name, attempt, "request to `{}` again", self.name);
            sleep(wait).await;
            attempt += 1;
            pause *= 4;
        }
    }

    async fn send_once(&self, request: &Request, stop: &StopToken) -> Result<Result<Reply, SendError>, OutboundError> {
        let server = self.name;
        let unavailable = |source: Box<dyn Error + Send + Sync>| OutboundError::Unavailable { server, source };
        let request = request.try_clone().ok_or_else(|| unavailable("the request cannot be sent again".into()))?;
        let turn = async {
            let slot = self.slots.acquire().await;
            if let Some(pace) = &self.pace {
                pace.take().await;
            }
            slot
        };
        let slot = timeout(patience(stop), turn).await.map_err(|_| OutboundError::NoTurn { server })?;
        let _slot = slot.map_err(|error| unavailable(error.into()))?;
        let reply = timeout(patience(stop), self.transport.send(request)).await;
        reply.map_err(|_| OutboundError::TimedOut { server })
    }
}

impl std::fmt::Debug for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remote").field("name", &self.name).finish_non_exhaustive()
    }
}

/// How long an answer is still waited for.
fn patience(stop: &StopToken) -> Duration {
    stop.remaining().unwrap_or(LONGEST).min(LONGEST)
}

/// Why an attempt has to be followed by another one.
enum Failure {
    NotNow(NotNow),
    NoReply(SendError),
}

impl Failure {
    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::NotNow(not_now) => not_now.retry_after(),
            Self::NoReply(_) => None,
        }
    }

    fn may_be_repeated(&self, repetition: Repetition) -> bool {
        match (self, repetition) {
            (_, Repetition::Free) => true,
            (Self::NotNow(not_now), Repetition::Billed) => !matches!(not_now, NotNow::Lost { .. }),
            (Self::NoReply(error), Repetition::Billed) => error.was_never_sent,
        }
    }

    fn into_error(self, server: &'static str) -> OutboundError {
        match self {
            Self::NotNow(NotNow::Limited { retry_after }) => OutboundError::RateLimited { server, retry_after },
            Self::NotNow(NotNow::Busy { said, .. } | NotNow::Lost { said, .. }) => {
                OutboundError::Unavailable { server, source: said.into() }
            }
            Self::NoReply(error) => OutboundError::Unavailable { server, source: Box::new(error) },
        }
    }
}

#[cfg(test)]
mod tests;
