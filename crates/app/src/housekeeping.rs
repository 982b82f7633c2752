use jiff::{SignedDuration, Timestamp};
use routemate_persistence::StoreError;

use crate::{App, Error};

/// Expired things are kept a little longer, for clocks that differ.
const GRACE: SignedDuration = SignedDuration::from_hours(1);

/// How long events wait in the outbox for somebody to subscribe.
const EVENTS_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Rows of each kind that one transaction deletes: SQLite's only writer is busy meanwhile.
const ROWS_AT_ONCE: usize = 1_000;

/// What a sweep has deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    /// Expired access tokens.
    pub tokens: usize,
    /// Idempotency keys whose answers have expired.
    pub idempotency_keys: usize,
    /// Old events.
    pub events: usize,
}

impl App {
    /// Deletes what has expired, in many small transactions where it is much. Any process may do it at any time.
    ///
    /// # Errors
    /// Those of the store; what was deleted until then stays so.
    pub async fn sweep(&self) -> Result<Swept, Error> {
        let now = self.now();
        let mut swept = Swept { tokens: 0, idempotency_keys: 0, events: 0 };
        loop {
            let turn = self.sweep_once(now).await?;
            swept.tokens += turn.tokens;
            swept.idempotency_keys += turn.idempotency_keys;
            swept.events += turn.events;
            if [turn.tokens, turn.idempotency_keys, turn.events].iter().all(|deleted| *deleted < ROWS_AT_ONCE) {
                return Ok(swept);
            }
        }
    }

    async fn sweep_once(&self, now: Timestamp) -> Result<Swept, StoreError> {
        self.store
            .write(&now, |tx, now| {
                Box::pin(async move {
                    Ok(Swept {
                        tokens: tx.system_purge_tokens(*now - GRACE, ROWS_AT_ONCE).await?,
                        idempotency_keys: tx.system_purge_keys(*now - GRACE, ROWS_AT_ONCE).await?,
                        events: tx.system_purge_events(*now - EVENTS_KEPT, ROWS_AT_ONCE).await?,
                    })
                })
            })
            .await
    }
}
