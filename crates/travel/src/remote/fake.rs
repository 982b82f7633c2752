//! Servers for tests: one of scripted replies, and one that knows every way.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use reqwest::{Method, Request, Url};
use routemate_units::{LatLng, Meters, Seconds, StopToken};
use tokio::time::{Instant, sleep};

use super::drive::Drive;
use super::transport::{Reply, SendError, Transport};
use super::{Cells, Protocol, Remote, Repetition, Unanswered};
use crate::path::Leg;

/// What a scripted server does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    Status(u16),
    NotNow(u16, u64),
    Silence,
    NoConnection,
    LostReply,
}

/// Acts in the order of the script, the last of it for ever; each act takes as long as `delay`.
#[derive(Debug)]
pub(crate) struct Script {
    acts: Vec<Act>,
    delay: Duration,
    asked: AtomicUsize,
    at_once: Mutex<(usize, usize)>,
}

impl Script {
    pub(crate) fn of(acts: &[Act]) -> Arc<Self> {
        Self::slow(acts, Duration::ZERO)
    }

    pub(crate) fn slow(acts: &[Act], delay: Duration) -> Arc<Self> {
        Arc::new(Self { acts: acts.to_vec(), delay, asked: AtomicUsize::new(0), at_once: Mutex::default() })
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    pub(crate) fn most_at_once(&self) -> usize {
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
        let reply = |status, retry_after| Ok(Reply { status, retry_after, body: b"{}".to_vec() });
        let lost = |was_never_sent| Err(SendError { was_never_sent, source: "made up".into() });
        match &self.acts[number] {
            Act::Status(status) => reply(*status, None),
            Act::NotNow(status, wait_s) => reply(*status, Some(Duration::from_secs(*wait_s))),
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

pub(crate) fn any_request() -> Request {
    Request::new(Method::GET, Url::parse("http://roads.example/").unwrap())
}

/// A token with a deadline on the clock that tests can pause.
pub(crate) fn stop_in(time: Duration) -> StopToken {
    let origin = Instant::now();
    StopToken::with_clock(move || origin.elapsed()).within(time)
}

/// Different places in a row; `numbered` finds the number again.
pub(crate) fn place(number: usize) -> LatLng {
    LatLng::new(60.0, 20.0 + number as f64 / 1000.0).unwrap()
}

fn number(at: LatLng) -> usize {
    ((at.lng() - 20.0) * 1000.0).round() as usize
}

/// What the server below says about a pair; every seventh is no way.
pub(crate) fn way(from: usize, to: usize) -> Option<Leg> {
    let pair = u32::try_from(1000 * from + to).unwrap();
    ((from + 2 * to) % 7 != 6).then_some(Leg { duration: Seconds::new(pair), distance: Meters::new(2 * pair) })
}

/// A server that knows [`way`], takes only so much at once, and has no roads near some places.
pub(crate) struct Knowing {
    pub(crate) remote: Remote,
    pub(crate) most_pairs: usize,
    pub(crate) most_points: usize,
    pub(crate) off_road: Vec<usize>,
    /// Pairs or points of each question that was put.
    pub(crate) asked: Mutex<Vec<usize>>,
}

impl Knowing {
    pub(crate) fn new(most: usize) -> Self {
        let remote = Remote::new("knowing", Script::of(&[Act::Silence]), Repetition::Free, 3);
        Self { remote, most_pairs: most, most_points: most, off_road: Vec::new(), asked: Mutex::default() }
    }

    fn refuses(&self, asked: usize, most: usize, points: &[&[LatLng]]) -> Result<(), Unanswered> {
        self.asked.lock().unwrap().push(asked);
        if asked > most {
            return Err(Unanswered::TooBig);
        }
        if points.iter().copied().flatten().any(|at| self.off_road.contains(&number(*at))) {
            Err(Unanswered::OffRoad)
        } else {
            Ok(())
        }
    }
}

impl Protocol for Knowing {
    fn remote(&self) -> &Remote {
        &self.remote
    }

    fn table<'a>(
        &'a self,
        sources: &'a [LatLng],
        targets: &'a [LatLng],
        _stop: &'a StopToken,
    ) -> BoxFuture<'a, Result<Cells, Unanswered>> {
        Box::pin(async move {
            self.refuses(sources.len() * targets.len(), self.most_pairs, &[sources, targets])?;
            Ok(sources.iter().flat_map(|from| targets.iter().map(|to| way(number(*from), number(*to)))).collect())
        })
    }

    fn drive<'a>(&'a self, points: &'a [LatLng], _stop: &'a StopToken) -> BoxFuture<'a, Result<Drive, Unanswered>> {
        Box::pin(async move {
            self.refuses(points.len(), self.most_points, &[points])?;
            let pairs = points.iter().zip(points.iter().skip(1));
            let leg = |(from, to): (&LatLng, &LatLng)| Leg {
                duration: Seconds::new(u32::try_from(number(*from)).unwrap()),
                distance: Meters::new(u32::try_from(number(*to)).unwrap()),
            };
            Ok(Drive { legs: pairs.map(leg).collect(), geometry: points.to_vec() })
        })
    }
}
