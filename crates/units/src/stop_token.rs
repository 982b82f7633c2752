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
    /// On the shared clock.
    deadline: Option<Duration>,
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
        Self { shared: Arc::new(Shared { is_stopped: AtomicBool::new(false), clock }), deadline: None }
    }

    /// A token for a part of the work that has so much time from now: it shares flag and clock, and is stopped by itself
    /// when its time, or that of the token it is made from, is over.
    ///
    /// Without a clock no deadline can be kept, and none is set.
    #[must_use]
    pub fn within(&self, time: Duration) -> Self {
        let own = self.elapsed().map(|now| now.saturating_add(time));
        let deadline = [self.deadline, own].into_iter().flatten().min();
        Self { shared: Arc::clone(&self.shared), deadline }
    }

    /// Asks all clones to stop.
    pub fn stop(&self) {
        self.shared.is_stopped.store(true, Ordering::Relaxed);
    }

    /// Whether any clone was asked to stop, or the deadline has passed.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.shared.is_stopped.load(Ordering::Relaxed) || self.remaining() == Some(Duration::ZERO)
    }

    /// Time until the deadline, zero once it has passed; `None` without a deadline. Told nothing by [`stop`](Self::stop).
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        Some(self.deadline?.saturating_sub(self.elapsed()?))
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
            .field("remaining", &self.remaining())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;

    #[test]
    fn the_injected_clock_is_the_one_that_is_read() {
        let token = StopToken::with_clock(|| Duration::from_millis(7));
        assert_eq!(token.elapsed(), Some(Duration::from_millis(7)));
        assert_eq!(StopToken::never().elapsed(), None);
    }

    /// A token, and the milliseconds that its clock shows.
    fn timed() -> (StopToken, Arc<AtomicU64>) {
        let now = Arc::new(AtomicU64::new(100));
        let clock = Arc::clone(&now);
        (StopToken::with_clock(move || Duration::from_millis(clock.load(Ordering::Relaxed))), now)
    }

    #[test]
    fn a_part_of_the_work_stops_by_itself_when_its_time_is_over() {
        let (whole, now) = timed();
        let part = whole.within(Duration::from_millis(5));
        assert_eq!((part.remaining(), whole.remaining()), (Some(Duration::from_millis(5)), None));
        now.store(104, Ordering::Relaxed);
        assert!(!part.is_stopped());
        now.store(105, Ordering::Relaxed);
        assert!(part.is_stopped() && !whole.is_stopped());
        assert_eq!(part.remaining(), Some(Duration::ZERO));
    }

    #[test]
    fn a_part_of_a_part_has_no_more_time_than_the_whole() {
        let (whole, _) = timed();
        let part = whole.within(Duration::from_millis(5));
        assert_eq!(part.within(Duration::from_secs(1)).remaining(), Some(Duration::from_millis(5)));
        assert_eq!(part.within(Duration::from_millis(2)).remaining(), Some(Duration::from_millis(2)));
    }

    #[test]
    fn a_part_is_stopped_with_the_whole() {
        let (whole, _) = timed();
        let part = whole.within(Duration::from_millis(5));
        whole.stop();
        assert!(part.is_stopped());
    }

    #[test]
    fn without_a_clock_there_is_no_deadline() {
        assert_eq!(StopToken::never().within(Duration::ZERO).remaining(), None);
        assert!(!StopToken::never().within(Duration::ZERO).is_stopped());
    }
}
