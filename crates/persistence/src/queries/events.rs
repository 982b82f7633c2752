use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use routemate_domain::{Event, JobId, RouteId};
use uuid::Uuid;

use super::{Scope, offset_of_last};
use crate::schema::outbox;
use crate::sql_types::{DbId, DbInstant};
use crate::tx::{insert_all, on};
use crate::{StoreError, Tx};

/// An event on its way to whoever subscribes, written in the transaction that caused it.
#[derive(Debug, Clone)]
pub struct OutboxEvent {
    /// Its id, the same each time it is delivered.
    pub id: Uuid,
    /// What happened.
    pub event: Event,
    /// To which job, where the route belongs to one.
    pub job_id: Option<JobId>,
    /// To which route.
    pub route_id: RouteId,
    /// What subscribers are told beside that, as JSON.
    pub payload: String,
}

#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = outbox, treat_none_as_default_value = false)]
struct OutboxRow {
    organization_id: DbId,
    id: DbId,
    event: String,
    job_id: Option<DbId>,
    route_id: Option<DbId>,
    stop_id: Option<DbId>,
    payload: String,
    created_at: DbInstant,
}

impl Scope<'_> {
    /// Adds events to the outbox.
    pub async fn insert_events(&mut self, events: &[OutboxEvent], now: Timestamp) -> Result<(), StoreError> {
        let organization_id = self.key();
        let row = |event: &OutboxEvent| OutboxRow {
            organization_id,
            id: DbId(event.id),
            event: event.event.name().to_owned(),
            job_id: event.job_id.map(|job| DbId(job.to_uuid())),
            route_id: Some(DbId(event.route_id.to_uuid())),
            stop_id: event.event.stop_id().map(|stop| DbId(stop.to_uuid())),
            payload: event.payload.clone(),
            created_at: DbInstant(now),
        };
        let rows: Vec<OutboxRow> = events.iter().map(row).collect();
        insert_all!(self.tx, outbox::table, rows)?;
        Ok(())
    }

    /// The names of a job's events, oldest first.
    pub async fn find_event_names(&mut self, job: JobId) -> Result<Vec<String>, StoreError> {
        let organization = self.key();
        Ok(on!(self.tx, c => outbox::table
            .filter(outbox::organization_id.eq(organization))
            .filter(outbox::job_id.eq(DbId(job.to_uuid())))
            .order((outbox::created_at, outbox::id))
            .select(outbox::event).load::<String>(c).await)?)
    }
}

impl Tx {
    /// Deletes events from before `before`, the oldest first and about `most` at once; gives how many.
    pub async fn system_purge_events(&mut self, before: Timestamp, most: usize) -> Result<usize, StoreError> {
        let last = on!(self, c => outbox::table
            .filter(outbox::created_at.lt(DbInstant(before)))
            .order(outbox::created_at)
            .offset(offset_of_last(most)).limit(1)
            .select(outbox::created_at).first::<DbInstant>(c).await.optional())?;
        let old =
            outbox::created_at.lt(DbInstant(before)).and(outbox::created_at.le(last.unwrap_or(DbInstant(before))));
        Ok(on!(self, c => diesel::delete(outbox::table.filter(old)).execute(c).await)?)
    }
}
