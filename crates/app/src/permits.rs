use std::sync::atomic::{AtomicUsize, Ordering};

use routemate_units::Seconds;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{Error, ErrorKind};

/// A bounded number at work, and a bounded queue before them.
#[derive(Debug)]
pub(crate) struct Permits {
    permits: Semaphore,
    waiting: AtomicUsize,
    queue: usize,
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

    /// Begins work, after a wait if need be.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] where too many wait already.
    pub(crate) async fn enter(&self) -> Result<SemaphorePermit<'_>, Error> {
        if let Ok(permit) = self.permits.try_acquire() {
            return Ok(permit);
        }
        let place = if self.waiting.fetch_add(1, Ordering::Relaxed) < self.queue {
            Place(&self.waiting)
        } else {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(ErrorKind::Unavailable { retry_after: Seconds::new(1) }.into());
        };
        let permit = self.permits.acquire().await.map_err(Error::internal)?;
        drop(place);
        Ok(permit)
    }

    /// The same for somebody who has waited already and of whom there are not too many: nobody is refused.
    pub(crate) async fn enter_after(&self, _held: &SemaphorePermit<'_>) -> Result<SemaphorePermit<'_>, Error> {
        self.permits.acquire().await.map_err(Error::internal)
    }
}
