use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use routemate_persistence::to_stored_precision;
use uuid::Uuid;

/// Ids in the order of time, as the server makes them: indexes grow at their ends.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    last: AtomicU64,
}

impl Ids {
    pub(crate) fn next(&self) -> Uuid {
        let now = u64::try_from(now().as_millisecond()).unwrap_or_default() << 12;
        let next = |last: u64| last.saturating_add(1).max(now);
        let last = self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(next(last)));
        let id = next(last.unwrap_or_default());
        let [.., high, low] = id.to_be_bytes();
        let mut random: [u8; 10] = random();
        let [first, second, ..] = &mut random;
        (*first, *second) = (high & 0x0f, low);
        uuid::Builder::from_unix_timestamp_millis(id >> 12, &random).into_uuid()
    }
}

/// Bytes that nobody can foresee: a token's digest lies anywhere in its index.
#[expect(clippy::expect_used, reason = "without random numbers there is nothing to measure")]
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
    bytes
}

#[expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
pub(crate) fn now() -> Timestamp {
    to_stored_precision(Timestamp::now())
}
