use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use routemate_metrics::SWEPT_ROWS;
use routemate_persistence::StoreError;

use crate::{App, Error};

/// Expired things are kept a little longer, for clocks that differ.
const GRACE: SignedDuration = SignedDuration::from_hours(1);

/// How long events wait in the outbox for somebody to subscribe.
const EVENTS_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How long request errors can be looked up.
const ERRORS_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How long a shop's messages are known. Shopify gives up after hours; what comes after days is older than what is known.
const SHOPIFY_WEBHOOKS_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How long usage is kept: a year and a month, to compare with.
const USAGE_KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);

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
    /// Old request errors.
    pub request_errors: usize,
    /// Old days of usage.
    pub usage_days: usize,
    /// Routes and stops with places that a geocoder's terms did not let us keep for longer.
    pub lent_places: usize,
    /// Old messages of shops.
    pub shopify_webhooks: usize,
}

impl App {
    /// Deletes what has expired and forgets places that were lent, in many small transactions where it is much. Any process may do it at any time.
    ///
    /// # Errors
    /// Those of the store; what was deleted until then stays so.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn sweep(&self) -> Result<Swept, Error> {
        let now = self.now();
        let mut swept = Swept {
            tokens: 0,
            idempotency_keys: 0,
            events: 0,
            request_errors: 0,
            usage_days: 0,
            shopify_webhooks: 0,
            lent_places: 0,
        };
        loop {
            let turn = self.sweep_once(now).await?;
            swept.tokens += turn.tokens;
            swept.idempotency_keys += turn.idempotency_keys;
            swept.events += turn.events;
            swept.request_errors += turn.request_errors;
            swept.usage_days += turn.usage_days;
            swept.shopify_webhooks += turn.shopify_webhooks;
            if [turn.tokens, turn.idempotency_keys, turn.events, turn.request_errors, turn.shopify_webhooks]
                .iter()
                .all(|deleted| *deleted < ROWS_AT_ONCE)
            {
                swept.lent_places = self.forget_places(now).await?;
                for (table, rows) in [
                    ("access_tokens", swept.tokens),
                    ("idempotency_keys", swept.idempotency_keys),
                    ("outbox", swept.events),
                    ("request_errors", swept.request_errors),
                    ("usage_days", swept.usage_days),
                    ("places_to_forget", swept.lent_places),
                    ("shopify_webhooks", swept.shopify_webhooks),
                ] {
                    SWEPT_ROWS.add([table], u64::try_from(rows).unwrap_or_default());
                }
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
                        request_errors: tx.system_purge_request_errors(*now - ERRORS_KEPT, ROWS_AT_ONCE).await?,
                        shopify_webhooks: tx
                            .system_purge_shopify_webhooks(*now - SHOPIFY_WEBHOOKS_KEPT, ROWS_AT_ONCE)
                            .await?,
                        // A row a day for each integration: never many at once.
                        usage_days: tx.system_purge_usage(TimeZone::UTC.to_datetime(*now - USAGE_KEPT).date()).await?,
                        lent_places: 0,
                    })
                })
            })
            .await
    }
}
