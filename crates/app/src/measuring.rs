use jiff::Timestamp;
use routemate_metrics::{OUTBOX_EVENTS, OUTBOX_OLDEST, QUEUE_OLDEST, QUEUE_WORK};
use routemate_persistence::StoreError;

use crate::{App, Error};

/// Rows that are counted at most: a number that is far beyond what is well need not be exact.
const MOST: i64 = 10_000;

impl App {
    /// Reads how much waits in queue and outbox, and tells the metrics.
    ///
    /// # Errors
    /// Those of the store.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn measure_backlog(&self) -> Result<(), Error> {
        let now = self.now();
        let found: Result<_, StoreError> =
            self.store.read(&now, |tx, now| Box::pin(tx.system_measure_backlog(*now, MOST))).await;
        let backlog = found?;
        for (state, count) in [("due", backlog.due), ("waiting", backlog.waiting), ("leased", backlog.leased)] {
            QUEUE_WORK.set([state], count as f64);
        }
        QUEUE_OLDEST.set::<&'static str>([], age(backlog.oldest_due, now));
        OUTBOX_EVENTS.set::<&'static str>([], backlog.events as f64);
        OUTBOX_OLDEST.set::<&'static str>([], age(backlog.oldest_event, now));
        Ok(())
    }
}

/// Seconds since then; 0 where there is nothing.
fn age(since: Option<Timestamp>, now: Timestamp) -> f64 {
    since.map_or(0.0, |since| now.duration_since(since).as_secs_f64().max(0.0))
}
