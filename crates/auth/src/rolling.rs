use std::collections::VecDeque;
use std::num::NonZeroU32;

use jiff::{SignedDuration, Timestamp};
use routemate_units::Seconds;

/// How long a hit counts: it is over when exactly this much time has passed.
pub const WINDOW: SignedDuration = SignedDuration::from_secs(60);

/// Whether one more hit fits into the rolling minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It did and was counted.
    Allowed {
        /// How many more would be allowed right now.
        remaining: u32,
        /// Whole seconds, at least 1, until the oldest counted hit leaves the window and `remaining` can grow.
        reset_after: Seconds,
    },
    /// It did not and was not counted.
    Refused {
        /// Whole seconds, at least 1, after which one hit is allowed again if none was allowed in between.
        retry_after: Seconds,
    },
}

/// The hits of one caller in the last minute: an exact sliding log, so no rolling minute ever holds more than the
/// limit.
///
/// Pure mathematics over a sorted list of times, for a limiter in this process ([`SlidingLog`](crate::SlidingLog)) and
/// for one whose hits lie in a database.
///
/// Time never runs back inside a window: a call that comes with an earlier time than the newest hit (another thread
/// overtook it, or clocks of two nodes differ) is counted at that hit's time. When the newest hit lies more than a
/// minute ahead, the clock was set back: the hits mean nothing any more and are dropped, so that nobody waits for the
/// old time to come round again.
///
/// Memory: one timestamp per hit, never more than the largest limit it was asked with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RollingWindow {
    /// Ascending.
    hits: VecDeque<Timestamp>,
}

impl RollingWindow {
    /// A window with these hits, in any order.
    pub fn from_hits(hits: impl IntoIterator<Item = Timestamp>) -> Self {
        let mut hits: VecDeque<_> = hits.into_iter().collect();
        hits.make_contiguous().sort_unstable();
        Self { hits }
    }

    /// The hits that are kept, ascending; after [`admit`](Self::admit) exactly those that still count.
    pub fn hits(&self) -> impl DoubleEndedIterator<Item = Timestamp> + ExactSizeIterator {
        self.hits.iter().copied()
    }

    /// Counts a hit at `now` if fewer than `limit` lie in the minute before it.
    ///
    /// `limit` may differ from call to call. Unlimited callers have no window: do not ask.
    ///
    /// Cost: O(hits that left the window since the last call).
    pub fn admit(&mut self, limit: NonZeroU32, now: Timestamp) -> Admission {
        let counted_at = self.forget_past(now);
        let limit = usize::try_from(limit.get()).unwrap_or(usize::MAX);
        if let Some(excess) = self.hits.len().checked_sub(limit) {
            // With a limit that was lowered meanwhile, more than the oldest has to leave.
            let leaves_last = self.hits.get(excess).copied().unwrap_or(now);
            return Admission::Refused { retry_after: seconds_until_over(leaves_last, now) };
        }
        self.hits.push_back(counted_at);
        let oldest = self.hits.front().copied().unwrap_or(counted_at);
        Admission::Allowed {
            remaining: u32::try_from(limit.saturating_sub(self.hits.len())).unwrap_or(u32::MAX),
            reset_after: seconds_until_over(oldest, now),
        }
    }

    /// Whether no hit counts at `now` any more.
    pub(crate) fn is_idle(&self, now: Timestamp) -> bool {
        self.hits.back().is_none_or(|&newest| newest.duration_until(now) >= WINDOW)
    }

    /// Drops what does not count any more and gives the time at which a hit now is counted.
    fn forget_past(&mut self, now: Timestamp) -> Timestamp {
        let newest = self.hits.back().copied().unwrap_or(now);
        if now.duration_until(newest) > WINDOW {
            self.hits.clear();
            return now;
        }
        let counted_at = now.max(newest);
        while self.hits.front().is_some_and(|oldest| oldest.duration_until(counted_at) >= WINDOW) {
            self.hits.pop_front();
        }
        counted_at
    }
}

/// Whole seconds, rounded up, until `hit` no longer counts; at least 1.
fn seconds_until_over(hit: Timestamp, now: Timestamp) -> Seconds {
    let left = WINDOW.saturating_sub(hit.duration_until(now));
    let rounded_up = left.as_secs().saturating_add(i64::from(left.subsec_nanos() > 0));
    Seconds::new(u32::try_from(rounded_up.max(1)).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_ms(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_800_000_000_000 + ms).unwrap()
    }

    fn limit(limit: u32) -> NonZeroU32 {
        NonZeroU32::new(limit).unwrap()
    }

    fn allowed(remaining: u32, reset_after: u32) -> Admission {
        Admission::Allowed { remaining, reset_after: Seconds::new(reset_after) }
    }

    fn refused(retry_after: u32) -> Admission {
        Admission::Refused { retry_after: Seconds::new(retry_after) }
    }

    #[track_caller]
    fn check(limit_per_minute: u32, calls: &[(i64, Admission)]) {
        let mut window = RollingWindow::default();
        for &(ms, expected) in calls {
            assert_eq!(window.admit(limit(limit_per_minute), at_ms(ms)), expected, "call at {ms} ms");
        }
    }

    #[test]
    fn first_hits_up_to_the_limit_are_allowed_and_the_next_is_told_when_to_return() {
        check(2, &[(0, allowed(1, 60)), (1_000, allowed(0, 59)), (2_000, refused(58))]);
    }

    #[test]
    fn hit_counts_for_exactly_one_minute() {
        check(1, &[(0, allowed(0, 60)), (59_999, refused(1)), (60_000, allowed(0, 60))]);
    }

    #[test]
    fn retry_after_rounds_up_and_is_never_less_than_one() {
        check(
            1,
            &[(0, allowed(0, 60)), (1, refused(60)), (1_000, refused(59)), (1_001, refused(59)), (59_500, refused(1))],
        );
    }

    #[test]
    fn coming_back_after_the_time_told_succeeds() {
        for wait in 0..60_000 {
            let mut window = RollingWindow::from_hits([at_ms(0)]);
            let Admission::Refused { retry_after } = window.admit(limit(1), at_ms(wait)) else {
                panic!("at {wait} ms")
            };
            let return_at = wait + i64::from(retry_after.get()) * 1000;
            assert!(matches!(window.admit(limit(1), at_ms(return_at)), Admission::Allowed { .. }), "at {wait} ms");
        }
    }

    #[test]
    fn refused_hits_do_not_count() {
        check(1, &[(0, allowed(0, 60)), (30_000, refused(30)), (59_000, refused(1)), (60_000, allowed(0, 60))]);
    }

    #[test]
    fn no_rolling_minute_holds_more_than_the_limit() {
        let mut window = RollingWindow::default();
        let mut admitted: Vec<i64> = Vec::new();
        // A call every 0.7 s to 1.3 s for ten minutes, in a pattern that is not a divisor of a minute.
        let mut ms = 0;
        for call in 0..600 {
            ms += 700 + (call * 137) % 600;
            if matches!(window.admit(limit(20), at_ms(ms)), Admission::Allowed { .. }) {
                admitted.push(ms);
            }
        }
        assert!(admitted.windows(21).all(|run| run[20] - run[0] >= 60_000));
        // And it is exact, not merely safe: every minute's worth is used.
        assert!(admitted.len() >= 9 * 20, "{}", admitted.len());
    }

    #[test]
    fn lowered_limit_waits_until_enough_hits_have_left() {
        let mut window = RollingWindow::from_hits([at_ms(0), at_ms(10_000), at_ms(20_000)]);
        assert_eq!(window.admit(limit(1), at_ms(30_000)), refused(50));
        assert_eq!(window.admit(limit(4), at_ms(30_000)), allowed(0, 30));
    }

    #[test]
    fn hits_from_a_store_may_come_in_any_order_and_old_ones_are_forgotten() {
        let mut window = RollingWindow::from_hits([at_ms(50_000), at_ms(-70_000), at_ms(40_000)]);
        assert_eq!(window.admit(limit(3), at_ms(60_000)), allowed(0, 40));
        assert_eq!(window.hits().collect::<Vec<_>>(), [at_ms(40_000), at_ms(50_000), at_ms(60_000)]);
    }

    #[test]
    fn overtaken_call_is_counted_at_the_time_of_the_newest_hit() {
        let mut window = RollingWindow::from_hits([at_ms(0), at_ms(60_000)]);
        assert_eq!(window.admit(limit(2), at_ms(59_990)), allowed(0, 61));
        assert_eq!(window.hits().collect::<Vec<_>>(), [at_ms(60_000), at_ms(60_000)]);
    }

    #[test]
    fn clock_set_back_by_more_than_a_minute_locks_nobody_out() {
        check(1, &[(3_600_000, allowed(0, 60)), (0, allowed(0, 60)), (1_000, refused(59))]);
    }

    #[test]
    fn time_at_the_ends_of_the_calendar_does_not_overflow() {
        let mut window = RollingWindow::from_hits([Timestamp::MIN]);
        assert_eq!(window.admit(limit(1), Timestamp::MAX), allowed(0, 60));
        assert_eq!(window.admit(limit(1), Timestamp::MIN), allowed(0, 60));
    }
}
