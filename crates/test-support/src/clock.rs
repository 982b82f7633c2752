use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use routemate_app::Clock;

/// When every [`FakeClock`] starts: a Monday morning, 2026-03-09T08:30:00Z.
pub const START: Timestamp = Timestamp::constant(1_773_045_000, 0);

/// A wall clock that stands still until the test moves it, and a monotonic clock that is real, so that deadlines within
/// the process (the solver's, say) are kept.
#[derive(Debug)]
pub struct FakeClock {
    now: Mutex<Timestamp>,
    started: Instant,
    asked: AtomicUsize,
}

impl FakeClock {
    /// A clock that stands at [`START`].
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the edge of the tests: deadlines in them are real")]
    pub fn new() -> Self {
        Self { now: Mutex::new(START), started: Instant::now(), asked: AtomicUsize::new(0) }
    }

    /// Lets so much time pass at once.
    pub fn advance(&self, by: SignedDuration) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now += by;
    }

    /// How often somebody wanted to know the time.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// Puts the clock to a time, also to an earlier one.
    pub fn set(&self, now: Timestamp) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

impl Default for FakeClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        self.asked.fetch_add(1, Ordering::Relaxed);
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_stands_still_until_it_is_moved() {
        let clock = FakeClock::new();
        assert_eq!(clock.now().to_string(), "2026-03-09T08:30:00Z");
        clock.advance(SignedDuration::from_secs(90));
        assert_eq!(clock.now().to_string(), "2026-03-09T08:31:30Z");
        clock.set(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
    }
}
