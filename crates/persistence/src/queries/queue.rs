use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use routemate_domain::OrganizationId;
use uuid::Uuid;

use super::Scope;
use crate::schema::queue;
use crate::sql_types::{DbId, DbInstant};
use crate::tx::on;
use crate::{StoreError, Tx};

/// Work to be done in the background.
#[derive(Debug, Clone)]
pub struct NewWork {
    /// Its id.
    pub id: Uuid,
    /// What kind of work.
    pub kind: &'static str,
    /// What it needs to know, as JSON.
    pub payload: String,
    /// Work of the same kind and key is queued once.
    pub dedupe_key: String,
    /// Not before.
    pub run_at: Timestamp,
}

/// Work whose time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueWork {
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// Its id.
    pub id: Uuid,
}

/// Work that the caller has claimed and nobody else does until the lease runs out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedWork {
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// Its id.
    pub id: Uuid,
    /// What kind of work.
    pub kind: String,
    /// What it needs to know, as JSON.
    pub payload: String,
    /// How often it was begun, this time included.
    pub attempts: i32,
    epoch: i64,
}

impl Tx {
    /// Work that is due and not leased, in all organisations, the longest waiting first. Takes no locks.
    pub async fn system_find_due_work(&mut self, now: Timestamp, most: i64) -> Result<Vec<DueWork>, StoreError> {
        let now = DbInstant(now);
        let rows = on!(self, c => queue::table
            .filter(queue::run_at.le(now))
            .filter(queue::lease_until.is_null().or(queue::lease_until.lt(now)))
            .order((queue::run_at, queue::id))
            .limit(most)
            .select((queue::organization_id, queue::id))
            .load::<(DbId, DbId)>(c).await)?;
        let due = |(organization, id): (DbId, DbId)| DueWork {
            organization_id: OrganizationId::from_uuid(organization.0),
            id: id.0,
        };
        Ok(rows.into_iter().map(due).collect())
    }
}

impl Scope<'_> {
    /// Queues work, unless the same is queued already.
    pub async fn enqueue(&mut self, work: &NewWork, now: Timestamp) -> Result<(), StoreError> {
        let organization = self.key();
        on!(self.tx, c => diesel::insert_into(queue::table)
            .values((
                queue::organization_id.eq(organization),
                queue::id.eq(DbId(work.id)),
                queue::kind.eq(work.kind),
                queue::payload.eq(&work.payload),
                queue::dedupe_key.eq(&work.dedupe_key),
                queue::run_at.eq(DbInstant(work.run_at)),
                queue::attempts.eq(0),
                queue::lease_epoch.eq(0_i64),
                queue::created_at.eq(DbInstant(now)),
            ))
            .on_conflict_do_nothing()
            .execute(c).await)?;
        Ok(())
    }

    /// Claims due work by compare-and-set; `None` where somebody else was faster, also when they have put it back for later.
    pub async fn claim_work(
        &mut self,
        id: Uuid,
        owner: Uuid,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Option<ClaimedWork>, StoreError> {
        let key = (self.key(), DbId(id));
        let claimed = on!(self.tx, c => diesel::update(queue::table.find(key))
            .filter(queue::run_at.le(DbInstant(now)))
            .filter(queue::lease_until.is_null().or(queue::lease_until.lt(DbInstant(now))))
            .set((
                queue::lease_owner.eq(DbId(owner)),
                queue::lease_until.eq(DbInstant(lease_until)),
                queue::lease_epoch.eq(queue::lease_epoch + 1),
                queue::attempts.eq(queue::attempts + 1),
            ))
            .execute(c).await)?;
        if claimed == 0 {
            return Ok(None);
        }
        let row = on!(self.tx, c => queue::table
            .find(key)
            .select((queue::kind, queue::payload, queue::attempts, queue::lease_epoch))
            .first::<(String, String, i32, i64)>(c).await.optional())?;
        let organization_id = self.organization;
        Ok(row.map(|(kind, payload, attempts, epoch)| ClaimedWork {
            organization_id,
            id,
            kind,
            payload,
            attempts,
            epoch,
        }))
    }

    /// Takes finished work off the queue; gives whether the lease was still held.
    pub async fn finish_work(&mut self, work: &ClaimedWork) -> Result<bool, StoreError> {
        let key = (self.key(), DbId(work.id));
        let finished = on!(self.tx, c => diesel::delete(queue::table.find(key))
            .filter(queue::lease_epoch.eq(work.epoch)).execute(c).await)?;
        Ok(finished == 1)
    }

    /// Gives work back to be tried again at `run_at`, where the lease is still held.
    pub async fn retry_work(&mut self, work: &ClaimedWork, run_at: Timestamp, error: &str) -> Result<(), StoreError> {
        let key = (self.key(), DbId(work.id));
        on!(self.tx, c => diesel::update(queue::table.find(key))
            .filter(queue::lease_epoch.eq(work.epoch))
            .set((
                queue::run_at.eq(DbInstant(run_at)),
                queue::lease_owner.eq(None::<DbId>),
                queue::lease_until.eq(None::<DbInstant>),
                queue::last_error.eq(error),
            ))
            .execute(c).await)?;
        Ok(())
    }
}
