use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Keeps questions away from a server that has failed several times running, so that nobody waits for it in vain.
///
/// After [`FAILURES`] questions in a row without an answer it is left alone for [`REST`]; then one question is let
/// through, and its fate decides. A question may take several requests.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    open_until: Option<Instant>,
    is_probing: bool,
}

pub(crate) const FAILURES: u32 = 3;
pub(crate) const REST: Duration = Duration::from_secs(30);
/// However long a server asks for.
const LONGEST_REST: Duration = Duration::from_secs(600);

/// A question that was let through; dropped without a verdict, it changes nothing.
#[derive(Debug)]
pub(crate) struct Attempt<'b> {
    breaker: &'b Breaker,
    is_probe: bool,
}

impl Breaker {
    /// Lets a question through, or says how long the server is still left alone.
    pub(crate) fn admit(&self) -> Result<Attempt<'_>, Duration> {
        let mut state = self.state();
        let Some(until) = state.open_until else {
            return Ok(Attempt { breaker: self, is_probe: false });
        };
        let wait = until.saturating_duration_since(Instant::now());
        if !wait.is_zero() || state.is_probing {
            return Err(wait);
        }
        state.is_probing = true;
        Ok(Attempt { breaker: self, is_probe: true })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attempt<'_> {
    pub(crate) fn succeeded(self) {
        let mut state = self.breaker.state();
        state.failures = 0;
        state.open_until = None;
    }

    pub(crate) fn failed(self) {
        let mut state = self.breaker.state();
        state.failures = state.failures.saturating_add(1);
        if self.is_probe || state.failures >= FAILURES {
            state.open_until = Some(Instant::now() + REST);
        }
    }

    /// The server itself has said how long it wants to be left alone.
    pub(crate) fn rest_for(self, wait: Duration) {
        self.breaker.state().open_until = Some(Instant::now() + wait.min(LONGEST_REST));
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if self.is_probe {
            self.breaker.state().is_probing = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn fail(breaker: &Breaker, times: u32) {
        for _ in 0..times {
            breaker.admit().unwrap().failed();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn failures_in_a_row_open_it_and_a_success_between_does_not() {
        let breaker = Breaker::default();
        fail(&breaker, FAILURES - 1);
        breaker.admit().unwrap().succeeded();
        fail(&breaker, FAILURES - 1);
        assert!(breaker.admit().is_ok());
        fail(&breaker, 1);
        assert_eq!(breaker.admit().unwrap_err(), REST);
    }

    #[tokio::test(start_paused = true)]
    async fn after_the_rest_one_is_let_through_and_decides() {
        let breaker = Breaker::default();
        fail(&breaker, FAILURES);
        advance(REST).await;
        let probe = breaker.admit().unwrap();
        assert!(breaker.admit().is_err());
        probe.failed();
        assert_eq!(breaker.admit().unwrap_err(), REST);
        advance(REST).await;
        breaker.admit().unwrap().succeeded();
        assert!(breaker.admit().is_ok() && breaker.admit().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_without_a_verdict_makes_room_for_the_next() {
        let breaker = Breaker::default();
        fail(&breaker, FAILURES);
        advance(REST).await;
        drop(breaker.admit().unwrap());
        assert!(breaker.admit().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_asks_for_a_rest_gets_it_at_once_but_not_for_ever() {
        let breaker = Breaker::default();
        breaker.admit().unwrap().rest_for(Duration::from_secs(7));
        assert_eq!(breaker.admit().unwrap_err(), Duration::from_secs(7));
        advance(Duration::from_secs(7)).await;
        breaker.admit().unwrap().rest_for(Duration::from_secs(86_400));
        assert_eq!(breaker.admit().unwrap_err(), LONGEST_REST);
    }
}
