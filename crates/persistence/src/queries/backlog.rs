use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::Timestamp;

use crate::schema::{outbox, queue};
use crate::sql_types::DbInstant;
use crate::tx::on;
use crate::{StoreError, Tx};

/// How much waits in queue and outbox, of all organisations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// Work whose time has come and that nobody does.
    pub due: usize,
    /// Work whose time has not come.
    pub waiting: usize,
    /// Work that somebody does.
    pub leased: usize,
    /// Since when the oldest due work has been due.
    pub oldest_due: Option<Timestamp>,
    /// Events that nobody has fetched.
    pub events: usize,
    /// When the oldest of them happened.
    pub oldest_event: Option<Timestamp>,
}

impl Tx {
    /// How much waits, counted up to `most` of each: the oldest.
    pub async fn system_measure_backlog(&mut self, now: Timestamp, most: i64) -> Result<Backlog, StoreError> {
        let work = on!(self, c => queue::table
            .order((queue::run_at, queue::id))
            .limit(most)
            .select((queue::run_at, queue::lease_until))
            .load::<(DbInstant, Option<DbInstant>)>(c).await)?;
        let events = on!(self, c => outbox::table
            .order((outbox::created_at, outbox::id))
            .limit(most)
            .select(outbox::created_at)
            .load::<DbInstant>(c).await)?;
        let (mut due, mut waiting, mut leased, mut oldest_due) = (0, 0, 0, None);
        for (run_at, lease_until) in work {
            if lease_until.is_some_and(|until| until.0 >= now) {
                leased += 1;
            } else if run_at.0 <= now {
                due += 1;
                oldest_due = oldest_due.or(Some(run_at.0));
            } else {
                waiting += 1;
            }
        }
        let oldest_event = events.as_slice().first().map(|at| at.0);
        Ok(Backlog { due, waiting, leased, oldest_due, events: events.len(), oldest_event })
    }
}
