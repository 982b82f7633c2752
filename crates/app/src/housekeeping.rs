use jiff::SignedDuration;
use routemate_persistence::StoreError;

use crate::{App, Error};

/// Expired things are kept a little longer, for clocks that differ.
const GRACE: SignedDuration = SignedDuration::from_hours(1);

/// How long events wait in the outbox for somebody to subscribe.
const EVENTS_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

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
    /// Deletes what has expired. Any process may do it at any time.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn sweep(&self) -> Result<Swept, Error> {
        let now = self.now();
        let swept: Result<_, StoreError> = self
            .store
            .write(&now, |tx, now| {
                Box::pin(async move {
                    Ok(Swept {
                        tokens: tx.system_purge_tokens(*now - GRACE).await?,
                        idempotency_keys: tx.system_purge_keys(*now - GRACE).await?,
                        events: tx.system_purge_events(*now - EVENTS_KEPT).await?,
                    })
                })
            })
            .await;
        Ok(swept?)
    }
}
