use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use routemate_units::Seconds;

/// How much solving lies ahead of whoever comes next: the time that was promised to everybody who waits for a solver or
/// keeps one, stretched by how much solvers have lately overrun what they were given (matrices are computed on their
/// threads too, and a busy machine is slow).
///
/// It is an estimate. It errs on the long side, because many a search ends before its time.
#[derive(Debug)]
pub(crate) struct Backlog {
    threads: u64,
    promised_us: AtomicU64,
    /// How long solvers take in thousandths of what they were given; 1000 at least.
    overrun: AtomicU64,
}

/// Solving that lies ahead for as long as this lives.
#[derive(Debug)]
pub(crate) struct Promise<'b> {
    backlog: &'b Backlog,
    us: u64,
}

/// No search counts as longer: those that are limited otherwise have no time of their own.
const LONGEST: Duration = Duration::from_secs(60);

/// No machine is believed to be slower.
const WORST_OVERRUN: u64 = 100_000;

impl Backlog {
    pub(crate) fn new(threads: usize) -> Self {
        let threads = u64::try_from(threads.max(1)).unwrap_or(u64::MAX);
        Self { threads, promised_us: AtomicU64::new(0), overrun: AtomicU64::new(1000) }
    }

    /// Adds a search of so long.
    pub(crate) fn promise(&self, budget: Duration) -> Promise<'_> {
        let us = micros(budget.min(LONGEST));
        self.promised_us.fetch_add(us, Ordering::Relaxed);
        Promise { backlog: self, us }
    }

    /// How long whoever comes now would wait for a solver.
    pub(crate) fn wait(&self) -> Duration {
        let promised_us = self.promised_us.load(Ordering::Relaxed) / self.threads;
        Duration::from_micros(promised_us.saturating_mul(self.overrun.load(Ordering::Relaxed)) / 1000)
    }

    /// When to come again for a wait that is no longer than `patience`.
    pub(crate) fn retry_after(&self, patience: Duration) -> Seconds {
        let excess_s = self.wait().saturating_sub(patience).as_secs_f64().ceil();
        Seconds::new((excess_s as u32).clamp(1, 60))
    }
}

impl Promise<'_> {
    /// Ends the search and learns from how long it took; a single one moves the picture a little.
    pub(crate) fn took(self, actual: Duration) {
        let ratio = micros(actual).saturating_mul(1000) / self.us.max(1);
        let ratio = ratio.clamp(1000, WORST_OVERRUN);
        let smoothed = |before: u64| Some((before.saturating_mul(7) + ratio) / 8);
        // `smoothed` always gives a value.
        let _ = self.backlog.overrun.fetch_update(Ordering::Relaxed, Ordering::Relaxed, smoothed);
    }
}

impl Drop for Promise<'_> {
    fn drop(&mut self) {
        self.backlog.promised_us.fetch_sub(self.us, Ordering::Relaxed);
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_wait_is_what_was_promised_shared_by_the_solvers() {
        let backlog = Backlog::new(2);
        assert_eq!(backlog.wait(), Duration::ZERO);
        let (one, two) = (backlog.promise(SECOND), backlog.promise(SECOND * 3));
        assert_eq!(backlog.wait(), SECOND * 2);
        drop(two);
        assert_eq!(backlog.wait(), SECOND / 2);
        one.took(SECOND);
        assert_eq!(backlog.wait(), Duration::ZERO);
    }

    #[test]
    fn solvers_that_overrun_make_the_wait_longer_and_quick_ones_make_it_as_promised() {
        let backlog = Backlog::new(1);
        for _ in 0..100 {
            backlog.promise(SECOND).took(SECOND * 4);
        }
        let waiting = backlog.promise(SECOND);
        assert!(backlog.wait() > SECOND * 3, "{:?}", backlog.wait());
        for _ in 0..100 {
            backlog.promise(SECOND).took(SECOND / 100);
        }
        assert!(backlog.wait() < SECOND * 2, "{:?}", backlog.wait());
        drop(waiting);
    }

    #[test]
    fn who_is_sent_away_is_told_when_the_wait_will_be_short_enough() {
        let backlog = Backlog::new(1);
        assert_eq!(backlog.retry_after(SECOND), Seconds::new(1));
        let _waiting: Vec<_> = (0..15).map(|_| backlog.promise(SECOND)).collect();
        assert_eq!(backlog.retry_after(SECOND * 10), Seconds::new(5));
        let _more: Vec<_> = (0..500).map(|_| backlog.promise(SECOND)).collect();
        assert_eq!(backlog.retry_after(SECOND * 10), Seconds::new(60));
    }

    #[test]
    fn a_search_without_a_deadline_is_not_for_ever() {
        let backlog = Backlog::new(1);
        let _waiting = backlog.promise(Duration::MAX);
        assert_eq!(backlog.wait(), LONGEST);
    }
}
