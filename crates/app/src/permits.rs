use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// A bounded number at work, and a bounded queue before them.
#[derive(Debug)]
pub(crate) struct Permits {
    permits: Semaphore,
    waiting: AtomicUsize,
    queue: usize,
}

/// Why somebody may not begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoPermit {
    /// Too many wait already.
    Full,
    /// The wait took too long.
    TimedOut,
}

/// Counts somebody who waits for as long as it lives, also when the wait is given up.
struct Place<'p>(&'p AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Permits {
    /// At least one at work.
    pub(crate) fn new(at_work: usize, queue: usize) -> Self {
        let permits = Semaphore::new(at_work.clamp(1, Semaphore::MAX_PERMITS));
        Self { permits, waiting: AtomicUsize::new(0), queue }
    }

    /// Whether the next one would be turned away.
    pub(crate) fn is_full(&self) -> bool {
        self.permits.available_permits() == 0 && self.waiting.load(Ordering::Relaxed) >= self.queue
    }

    /// Begins work, after a wait of so long at most if need be.
    pub(crate) async fn enter(&self, patience: Duration) -> Result<SemaphorePermit<'_>, NoPermit> {
        if let Ok(permit) = self.permits.try_acquire() {
            return Ok(permit);
        }
        let place = if self.waiting.fetch_add(1, Ordering::Relaxed) < self.queue {
            Place(&self.waiting)
        } else {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(NoPermit::Full);
        };
        let permit = timeout(patience, self.acquire()).await.map_err(|_| NoPermit::TimedOut)?;
        drop(place);
        Ok(permit)
    }

    /// The same for somebody who has waited already and of whom there are not too many: nobody is refused.
    pub(crate) async fn enter_after(&self, _held: &SemaphorePermit<'_>) -> SemaphorePermit<'_> {
        self.acquire().await
    }

    async fn acquire(&self) -> SemaphorePermit<'_> {
        match self.permits.acquire().await {
            Ok(permit) => permit,
            // Only a semaphore that is closed refuses, and nothing closes this one.
            Err(_) => std::future::pending().await,
        }
    }
}
