use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A clock that never goes back, injected because `std::time::Instant::now` panics on `wasm32-unknown-unknown`.
pub trait MonotonicClock: Send + Sync {
    /// Time since an origin that stays the same for the life of this clock.
    fn elapsed(&self) -> Duration;
}

impl<F: Fn() -> Duration + Send + Sync> MonotonicClock for F {
    fn elapsed(&self) -> Duration {
        self()
    }
}

/// Tells long-running work to stop, and what time it is while it runs.
///
/// Clones share one flag: once any of them is stopped, all are. Work polls [`is_stopped`](Self::is_stopped); nothing is
/// ever interrupted from outside.
///
/// ```
/// use routemate_units::StopToken;
/// let token = StopToken::never();
/// let worker = token.clone();
/// assert!(!worker.is_stopped());
/// token.stop();
/// assert!(worker.is_stopped());
/// ```
#[derive(Clone)]
pub struct StopToken {
    shared: Arc<Shared>,
}

struct Shared {
    is_stopped: AtomicBool,
    clock: Option<Box<dyn MonotonicClock>>,
}

impl StopToken {
    /// A token that knows the time, so that deadlines can be kept.
    pub fn with_clock(clock: impl MonotonicClock + 'static) -> Self {
        Self::from_clock(Some(Box::new(clock)))
    }

    /// A token without a clock: it stops when told to, and no deadline can be kept with it.
    #[must_use]
    pub fn never() -> Self {
        Self::from_clock(None)
    }

    fn from_clock(clock: Option<Box<dyn MonotonicClock>>) -> Self {
        Self { shared: Arc::new(Shared { is_stopped: AtomicBool::new(false), clock }) }
    }

    /// Asks all clones to stop.
    pub fn stop(&self) {
        self.shared.is_stopped.store(true, Ordering::Relaxed);
    }

    /// Whether any clone was asked to stop.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.shared.is_stopped.load(Ordering::Relaxed)
    }

    /// Time since the clock's origin; `None` without a clock.
    #[must_use]
    pub fn elapsed(&self) -> Option<Duration> {
        self.shared.clock.as_ref().map(|clock| clock.elapsed())
    }
}

impl fmt::Debug for StopToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StopToken")
            .field("is_stopped", &self.is_stopped())
            .field("has_clock", &self.shared.clock.is_some())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_injected_clock_is_the_one_that_is_read() {
        let token = StopToken::with_clock(|| Duration::from_millis(7));
        assert_eq!(token.elapsed(), Some(Duration::from_millis(7)));
        assert_eq!(StopToken::never().elapsed(), None);
    }
}
