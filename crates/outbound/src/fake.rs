//! A server of scripted replies, for tests that need a clock of their own.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, missing_docs, reason = "a test stops at what is amiss")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use reqwest::header::RETRY_AFTER;
use reqwest::{Method, Request, Url};
use routemate_units::StopToken;
use tokio::time::{Instant, sleep};

use crate::transport::{Reply, SendError, Transport};

/// What a scripted server does with a request.
#[derive(Debug, Clone)]
pub enum Act {
    /// Replies with this status and an empty object.
    Status(u16),
    /// Replies with this status and this `Retry-After`, in seconds.
    NotNow(u16, u64),
    /// Replies with this status and body.
    Body(u16, String),
    /// Never replies.
    Silence,
    /// The connection is not made.
    NoConnection,
    /// The connection breaks off.
    LostReply,
}

/// Acts in the order of the script, the last of it for ever; each act takes as long as `delay`.
#[derive(Debug)]
pub struct Script {
    acts: Vec<Act>,
    delay: Duration,
    asked: AtomicUsize,
    at_once: Mutex<(usize, usize)>,
}

impl Script {
    #[must_use]
    pub fn of(acts: &[Act]) -> Arc<Self> {
        Self::slow(acts, Duration::ZERO)
    }

    #[must_use]
    pub fn slow(acts: &[Act], delay: Duration) -> Arc<Self> {
        Arc::new(Self { acts: acts.to_vec(), delay, asked: AtomicUsize::new(0), at_once: Mutex::default() })
    }

    /// Requests so far.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// Requests that were under way at the same time, at most; counted only where acts take time.
    #[must_use]
    pub fn most_at_once(&self) -> usize {
        self.at_once.lock().unwrap().1
    }

    async fn act(&self) -> Result<Reply, SendError> {
        let number = self.asked.fetch_add(1, Ordering::Relaxed).min(self.acts.len() - 1);
        if !self.delay.is_zero() {
            {
                let mut at_once = self.at_once.lock().unwrap();
                at_once.0 += 1;
                at_once.1 = at_once.1.max(at_once.0);
            }
            sleep(self.delay).await;
            self.at_once.lock().unwrap().0 -= 1;
        }
        let reply = |status, body: &str| Reply { status, body: body.as_bytes().to_vec(), ..Reply::default() };
        let lost = |was_never_sent| Err(SendError { was_never_sent, source: "made up".into() });
        match &self.acts[number] {
            Act::Status(status) => Ok(reply(*status, "{}")),
            Act::NotNow(status, wait_s) => {
                let mut reply = reply(*status, "{}");
                reply.headers.insert(RETRY_AFTER, (*wait_s).into());
                Ok(reply)
            }
            Act::Body(status, body) => Ok(reply(*status, body)),
            Act::Silence => std::future::pending().await,
            Act::NoConnection => lost(true),
            Act::LostReply => lost(false),
        }
    }
}

impl Transport for Script {
    fn send(&self, _request: Request) -> BoxFuture<'_, Result<Reply, SendError>> {
        Box::pin(self.act())
    }
}

/// A request to nowhere.
#[must_use]
pub fn any_request() -> Request {
    Request::new(Method::GET, Url::parse("http://server.example/").unwrap())
}

/// A token with a deadline on the clock that tests can pause.
#[must_use]
pub fn stop_in(time: Duration) -> StopToken {
    let origin = Instant::now();
    StopToken::with_clock(move || origin.elapsed()).within(time)
}
