use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::Hash;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::rolling::{Admission, RollingWindow};

/// One [`RollingWindow`] per key, in this process: failed log-ins per address, tokens per client.
///
/// Callers on several nodes that share a limit keep its hits in the database instead.
///
/// Memory is bounded: keys whose hits are all over are dropped as other keys are used, and beyond `capacity` keys the
/// one that was not used for longest is forgotten with its hits. Whoever can invent keys can thereby make room for
/// themselves, so ask the limit of a key that cannot be invented (the address) before that of one that can (the client
/// id), and let the capacity be far above the first limit.
///
/// Cost: O(log keys), under one lock that is never held across anything else.
pub struct SlidingLog<K> {
    capacity: usize,
    log: Mutex<Log<K>>,
}

struct Log<K> {
    entries: HashMap<K, Entry>,
    /// Every key by its latest use, the longest unused first.
    by_use: BTreeMap<u64, K>,
    uses: u64,
}

struct Entry {
    window: RollingWindow,
    last_use: u64,
}

impl<K: Clone + Eq + Hash> SlidingLog<K> {
    /// An empty log of at most `capacity` keys.
    #[must_use]
    pub fn new(capacity: NonZeroUsize) -> Self {
        let log = Log { entries: HashMap::new(), by_use: BTreeMap::new(), uses: 0 };
        Self { capacity: capacity.get(), log: Mutex::new(log) }
    }

    /// Counts a hit of `key` at `now` if it had fewer than `limit` in the minute before.
    pub fn admit(&self, key: K, limit: NonZeroU32, now: Timestamp) -> Admission {
        // A thread that panicked in here left at worst one key forgotten.
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.drop_idle(now);
        let mut window = log.take(&key);
        let admission = window.admit(limit, now);
        log.put(key, window);
        if log.entries.len() > self.capacity {
            log.drop_longest_unused();
        }
        admission
    }

    /// How many keys are held.
    #[cfg(test)]
    fn len(&self) -> usize {
        let log = self.log.lock().unwrap();
        assert_eq!(log.entries.len(), log.by_use.len());
        log.entries.len()
    }
}

impl<K: Clone + Eq + Hash> Log<K> {
    /// At most this many idle keys go per call: more than come in, so that they run out, and few, so that no call
    /// waits.
    const IDLE_DROPS: usize = 4;

    fn drop_idle(&mut self, now: Timestamp) {
        for _ in 0..Self::IDLE_DROPS {
            let Some((_, key)) = self.by_use.first_key_value() else {
                return;
            };
            if self.entries.get(key).is_some_and(|entry| !entry.window.is_idle(now)) {
                return;
            }
            self.drop_longest_unused();
        }
    }

    fn drop_longest_unused(&mut self) {
        if let Some((_, key)) = self.by_use.pop_first() {
            self.entries.remove(&key);
        }
    }

    fn take(&mut self, key: &K) -> RollingWindow {
        let Some(entry) = self.entries.remove(key) else {
            return RollingWindow::default();
        };
        self.by_use.remove(&entry.last_use);
        entry.window
    }

    fn put(&mut self, key: K, window: RollingWindow) {
        self.uses += 1;
        self.by_use.insert(self.uses, key.clone());
        self.entries.insert(key, Entry { window, last_use: self.uses });
    }
}

/// Shows no keys: they are addresses and client ids.
impl<K> fmt::Debug for SlidingLog<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlidingLog").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use routemate_units::Seconds;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn log(capacity: usize) -> SlidingLog<u32> {
        SlidingLog::new(NonZeroUsize::new(capacity).unwrap())
    }

    fn is_allowed(log: &SlidingLog<u32>, key: u32, second: i64) -> bool {
        matches!(log.admit(key, NonZeroU32::MIN, at(second)), Admission::Allowed { .. })
    }

    #[test]
    fn keys_do_not_share_a_limit() {
        let log = log(10);
        assert!(is_allowed(&log, 1, 0));
        assert!(is_allowed(&log, 2, 0));
        assert_eq!(log.admit(1, NonZeroU32::MIN, at(15)), Admission::Refused { retry_after: Seconds::new(45) });
    }

    #[test]
    fn longest_unused_key_is_forgotten_when_there_are_too_many() {
        let log = log(2);
        assert!(is_allowed(&log, 1, 0));
        assert!(is_allowed(&log, 2, 1));
        assert!(!is_allowed(&log, 1, 2));
        assert!(is_allowed(&log, 3, 3));
        assert_eq!(log.len(), 2);
        assert!(!is_allowed(&log, 1, 4), "used a moment ago, so kept");
        assert!(is_allowed(&log, 2, 5), "longest unused, so forgotten");
    }

    #[test]
    fn idle_keys_are_dropped_as_others_come() {
        let log = log(1000);
        for key in 0..100 {
            assert!(is_allowed(&log, key, 0));
        }
        for key in 100..130 {
            assert!(is_allowed(&log, key, 60));
        }
        assert_eq!(log.len(), 30);
    }

    #[test]
    fn threads_together_get_no_more_than_the_limit() {
        let (log, admitted) = (log(10), AtomicU32::new(0));
        let limit = NonZeroU32::new(50).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        if matches!(log.admit(7, limit, at(0)), Admission::Allowed { .. }) {
                            admitted.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        assert_eq!(admitted.into_inner(), 50);
    }
}
