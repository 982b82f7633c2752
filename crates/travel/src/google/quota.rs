use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use routemate_units::StopToken;
use tokio::time::{Instant, sleep};

/// So many elements in any minute, counted in this process.
///
/// A window that rolls, not a bucket that refills: Google counts by the minute, and a bucket would let twice the quota
/// through in its first.
#[derive(Debug)]
pub(crate) struct Quota {
    per_minute: usize,
    /// When elements were taken, in the order of time.
    taken: Mutex<VecDeque<(Instant, usize)>>,
}

const MINUTE: Duration = Duration::from_secs(60);

impl Quota {
    pub(crate) fn new(per_minute: usize) -> Self {
        Self { per_minute: per_minute.max(1), taken: Mutex::default() }
    }

    pub(crate) fn per_minute(&self) -> usize {
        self.per_minute
    }

    /// How long it takes at least until so many more have been taken, if nobody else takes any.
    pub(crate) fn wait_for(&self, elements: usize) -> Duration {
        let mut taken = self.window();
        // Whole minutes first, and then the rest of them like one request.
        let minutes = elements.saturating_sub(1) / self.per_minute;
        let rest = elements - minutes * self.per_minute;
        let minutes = u32::try_from(minutes).unwrap_or(u32::MAX);
        MINUTE.saturating_mul(minutes).saturating_add(wait(self.per_minute, &mut taken, rest))
    }

    /// Takes elements as soon as there are so many, or says how long that would take if `stop` does not allow it.
    pub(crate) async fn take(&self, elements: usize, stop: &StopToken) -> Result<(), Duration> {
        loop {
            let wait = {
                let mut taken = self.window();
                let wait = wait(self.per_minute, &mut taken, elements.min(self.per_minute));
                if wait.is_zero() {
                    taken.push_back((Instant::now(), elements));
                    return Ok(());
                }
                wait
            };
            if stop.remaining().is_some_and(|left| wait >= left) {
                return Err(wait);
            }
            sleep(wait).await;
        }
    }

    fn window(&self) -> MutexGuard<'_, VecDeque<(Instant, usize)>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Until when enough of what was taken is older than a minute.
fn wait(per_minute: usize, taken: &mut VecDeque<(Instant, usize)>, elements: usize) -> Duration {
    let now = Instant::now();
    while taken.front().is_some_and(|(at, _)| now.duration_since(*at) >= MINUTE) {
        taken.pop_front();
    }
    let mut in_window: usize = taken.iter().map(|(_, count)| count).sum();
    for (at, count) in taken.iter() {
        if in_window + elements <= per_minute {
            break;
        }
        in_window -= count;
        if in_window + elements <= per_minute {
            return (*at + MINUTE).saturating_duration_since(now);
        }
    }
    Duration::ZERO
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn stop_in(time: Duration) -> StopToken {
        let origin = Instant::now();
        StopToken::with_clock(move || origin.elapsed()).within(time)
    }

    #[tokio::test(start_paused = true)]
    async fn a_minutes_worth_is_there_at_once_and_the_next_when_it_is_over() {
        let (quota, stop) = (Quota::new(1_000), stop_in(MINUTE * 10));
        let start = Instant::now();
        quota.take(600, &stop).await.unwrap();
        advance(SECOND * 20).await;
        quota.take(400, &stop).await.unwrap();
        assert_eq!(start.elapsed(), SECOND * 20);
        quota.take(600, &stop).await.unwrap();
        assert_eq!(start.elapsed(), MINUTE);
        quota.take(1, &stop).await.unwrap();
        assert_eq!(start.elapsed(), SECOND * 80);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_what_does_not_come_in_time() {
        let (quota, stop) = (Quota::new(1_000), stop_in(SECOND * 10));
        quota.take(1_000, &stop).await.unwrap();
        assert_eq!(quota.take(1, &stop).await, Err(MINUTE));
        advance(SECOND * 55).await;
        assert_eq!(quota.take(1, &stop_in(SECOND * 10)).await, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn the_wait_for_many_counts_the_minutes_that_they_fill() {
        let quota = Quota::new(3_000);
        assert_eq!(quota.wait_for(3_000), Duration::ZERO);
        assert_eq!(quota.wait_for(3_001), MINUTE);
        assert_eq!(quota.wait_for(40_000), MINUTE * 13);
        quota.take(2_000, &stop_in(SECOND)).await.unwrap();
        advance(SECOND * 15).await;
        assert_eq!(quota.wait_for(1_000), Duration::ZERO);
        assert_eq!(quota.wait_for(1_001), SECOND * 45);
    }
}
