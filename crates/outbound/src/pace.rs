//! How often a host is asked, whoever asks it.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::Url;
use tokio::time::{Instant, sleep_until};

/// So many requests a second to one host, evenly spaced, each in the order in which it was asked for.
///
/// Even spacing, not a bucket: "one request a second" is meant so by the services that say it, and a burst after a pause is
/// what they block for.
#[derive(Debug)]
pub struct Pace {
    state: Mutex<State>,
    /// Held by whoever is next.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    /// Between two requests: the longest that anybody has asked for.
    interval: Duration,
    /// Not before then.
    next: Option<Instant>,
}

impl Pace {
    /// At most so many requests a second; `None` is any number.
    #[must_use]
    pub fn new(per_second: Option<NonZeroU32>) -> Self {
        let state = State { interval: interval(per_second), next: None };
        Self { state: Mutex::new(state), turn: tokio::sync::Mutex::default() }
    }

    /// Waits for the next turn and takes it. A turn that is waited for and not taken, because the future was dropped, is
    /// free for the next.
    pub(crate) async fn take(&self) {
        let _turn = self.turn.lock().await;
        while let Some(next) = self.next() {
            sleep_until(next).await;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.next = Some(Instant::now() + state.interval);
    }

    /// Until when nobody may ask, if that is not over.
    fn next(&self) -> Option<Instant> {
        let next = self.state.lock().unwrap_or_else(PoisonError::into_inner).next;
        next.filter(|next| *next > Instant::now())
    }

    /// Nobody asks for so long: the host has said so.
    pub(crate) fn rest_for(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.next = Some(state.next.map_or(until, |next| next.max(until)));
    }

    fn slow_down(&self, per_second: Option<NonZeroU32>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.interval = state.interval.max(interval(per_second));
    }
}

fn interval(per_second: Option<NonZeroU32>) -> Duration {
    per_second.map_or(Duration::ZERO, |count| Duration::from_secs(1) / count.get())
}

/// The paces of all hosts that this process asks: one for each, shared by whoever asks it.
///
/// Made once by the program and handed to all adapters.
#[derive(Debug, Default)]
pub struct Hosts {
    paces: Mutex<HashMap<String, Arc<Pace>>>,
}

impl Hosts {
    /// The pace of a URL's host and port. Where several give it a limit, the lowest is kept.
    pub fn pace(&self, url: &Url, per_second: Option<NonZeroU32>) -> Arc<Pace> {
        let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
        let key = format!("{host}:{}", url.port_or_known_default().unwrap_or_default());
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        let pace = paces.entry(key).or_insert_with(|| Arc::new(Pace::new(per_second)));
        pace.slow_down(per_second);
        Arc::clone(pace)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;
    use tokio::time::timeout;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn per_second(count: u32) -> Option<NonZeroU32> {
        NonZeroU32::new(count)
    }

    async fn took(pace: &Pace, turns: usize) -> Duration {
        let start = Instant::now();
        join_all((0..turns).map(|_| pace.take())).await;
        start.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn turns_come_evenly_and_not_in_bursts() {
        let pace = Pace::new(per_second(1));
        assert_eq!(took(&pace, 4).await, SECOND * 3);
        tokio::time::advance(SECOND * 60).await;
        assert_eq!(took(&pace, 4).await, SECOND * 3);
        assert_eq!(took(&Pace::new(per_second(10)), 21).await, SECOND * 2);
        assert_eq!(took(&Pace::new(None), 1_000).await, Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_that_nobody_waits_for_any_more_is_not_lost() {
        let pace = Pace::new(per_second(1));
        pace.take().await;
        let start = Instant::now();
        assert!(timeout(SECOND / 2, join_all((0..50).map(|_| pace.take()))).await.is_err());
        pace.take().await;
        assert_eq!(start.elapsed(), SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_that_asks_for_a_rest_gets_it_from_everybody() {
        let pace = Pace::new(per_second(10));
        let start = Instant::now();
        let mut waiting = std::pin::pin!(async {
            pace.take().await;
            pace.take().await;
            start.elapsed()
        });
        assert!(futures_util::poll!(&mut waiting).is_pending());
        pace.rest_for(SECOND * 5);
        assert_eq!(waiting.await, SECOND * 5);
    }

    #[tokio::test(start_paused = true)]
    async fn users_of_one_host_share_its_pace_and_the_lowest_limit_holds() {
        let hosts = Hosts::default();
        let url = |text: &str| Url::parse(text).unwrap();
        let first = hosts.pace(&url("https://geo.example/search"), per_second(50));
        let second = hosts.pace(&url("https://GEO.example:443/other"), per_second(1));
        let other = hosts.pace(&url("https://geo.example:8443/"), None);
        assert!(Arc::ptr_eq(&first, &second) && !Arc::ptr_eq(&first, &other));
        let start = Instant::now();
        futures_util::join!(first.take(), second.take(), first.take());
        assert_eq!(start.elapsed(), SECOND * 2);
    }
}
