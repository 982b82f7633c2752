use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use routemate_domain::IntegrationId;
use uuid::Uuid;

use super::{Scope, offset_of_last};
use crate::schema::idempotency_keys as keys;
use crate::sql_types::{DbId, DbInstant};
use crate::tx::on;
use crate::{StoreError, Tx};

/// Which call a key belongs to, and what was in it.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    /// Whose key it is.
    pub integration_id: IntegrationId,
    /// What it was used for.
    pub operation: &'static str,
    /// The client's key.
    pub key: String,
    /// SHA-256 of the request.
    pub fingerprint: [u8; 32],
}

/// The right to do the work of a key. Whoever takes over after a crash gets a higher epoch, so that the one who was
/// thought dead cannot finish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reservation {
    /// The row.
    pub id: Uuid,
    /// Which holder of it.
    pub epoch: i64,
}

/// An answer that was given before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishedKey {
    /// The row.
    pub id: Uuid,
    /// SHA-256 of the request that was answered.
    pub fingerprint: [u8; 32],
    /// HTTP status.
    pub status: u16,
    /// The body to the byte.
    pub body: Vec<u8>,
}

/// How a key stands for somebody who wants to use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyState {
    /// The caller does the work.
    Reserved(Reservation),
    /// Somebody else is doing it.
    Busy,
    /// It was done.
    Finished(FinishedKey),
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = keys)]
struct KeyRow {
    id: DbId,
    fingerprint: Vec<u8>,
    epoch: i64,
    lease_until: Option<DbInstant>,
    response_status: Option<i32>,
    response_body: Option<Vec<u8>>,
    expires_at: Option<DbInstant>,
}

impl Scope<'_> {
    /// Reserves a key until `lease_until`, or tells why not. A key whose answer has expired, or whose holder has let its
    /// lease run out, is taken over.
    pub async fn reserve_key(
        &mut self,
        key: &IdempotencyKey,
        new_id: Uuid,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<KeyState, StoreError> {
        let organization = self.key();
        let integration = DbId(key.integration_id.to_uuid());
        let inserted = on!(self.tx, c => diesel::insert_into(keys::table)
            .values((
                keys::organization_id.eq(organization),
                keys::id.eq(DbId(new_id)),
                keys::integration_id.eq(integration),
                keys::operation.eq(key.operation),
                keys::idempotency_key.eq(&key.key),
                keys::fingerprint.eq(key.fingerprint.as_slice()),
                keys::epoch.eq(1_i64),
                keys::lease_until.eq(DbInstant(lease_until)),
                keys::mismatched_replays.eq(0),
                keys::created_at.eq(DbInstant(now)),
            ))
            .on_conflict_do_nothing()
            .execute(c).await)?;
        if inserted == 1 {
            return Ok(KeyState::Reserved(Reservation { id: new_id, epoch: 1 }));
        }
        // Freed since the insert: whoever asks again gets it.
        let Some(row) = self.find_key(key).await? else { return Ok(KeyState::Busy) };
        let is_free = match (&row.response_status, row.expires_at, row.lease_until) {
            (Some(_), Some(expires_at), _) => Timestamp::from(expires_at) <= now,
            (None, _, Some(lease_until)) => Timestamp::from(lease_until) <= now,
            _ => true,
        };
        if !is_free {
            return row.into_state();
        }
        // Asked again in the statement: its holder may have answered, or prolonged its lease, since the row was read.
        let now = DbInstant(now);
        let is_free = keys::expires_at
            .le(now)
            .or(keys::response_status.is_null().and(keys::lease_until.is_null().or(keys::lease_until.le(now))));
        let taken = on!(self.tx, c => diesel::update(keys::table.find((organization, row.id)))
            .filter(keys::epoch.eq(row.epoch))
            .filter(is_free)
            .set((
                keys::epoch.eq(row.epoch + 1),
                keys::fingerprint.eq(key.fingerprint.as_slice()),
                keys::lease_until.eq(DbInstant(lease_until)),
                keys::response_status.eq(None::<i32>),
                keys::response_body.eq(None::<Vec<u8>>),
                keys::expires_at.eq(None::<DbInstant>),
            ))
            .execute(c).await)?;
        if taken == 1 {
            Ok(KeyState::Reserved(Reservation { id: row.id.0, epoch: row.epoch + 1 }))
        } else {
            Ok(KeyState::Busy)
        }
    }

    /// The answer that was given under a key, where there is one that has not expired.
    pub async fn find_finished_key(
        &mut self,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<FinishedKey>, StoreError> {
        let row = self.find_key(key).await?;
        let row = row.filter(|row| row.expires_at.is_some_and(|expires_at| Timestamp::from(expires_at) > now));
        match row.map(KeyRow::into_state).transpose()? {
            Some(KeyState::Finished(finished)) => Ok(Some(finished)),
            Some(KeyState::Reserved(_) | KeyState::Busy) | None => Ok(None),
        }
    }

    async fn find_key(&mut self, key: &IdempotencyKey) -> Result<Option<KeyRow>, StoreError> {
        let organization = self.key();
        Ok(on!(self.tx, c => keys::table
            .filter(keys::organization_id.eq(organization))
            .filter(keys::integration_id.eq(DbId(key.integration_id.to_uuid())))
            .filter(keys::operation.eq(key.operation))
            .filter(keys::idempotency_key.eq(&key.key))
            .select(KeyRow::as_select()).first(c).await.optional())?)
    }

    /// Prolongs a reservation; gives whether it is still held.
    pub async fn renew_key(&mut self, held: Reservation, lease_until: Timestamp) -> Result<bool, StoreError> {
        let row = (self.key(), DbId(held.id));
        let renewed = on!(self.tx, c => diesel::update(keys::table.find(row))
            .filter(keys::epoch.eq(held.epoch))
            .filter(keys::response_status.is_null())
            .set(keys::lease_until.eq(DbInstant(lease_until)))
            .execute(c).await)?;
        Ok(renewed == 1)
    }

    /// Stores the answer; gives whether the reservation was still held. `false` means that somebody else has taken over,
    /// and this transaction must not be committed.
    pub async fn finish_key(
        &mut self,
        held: Reservation,
        status: u16,
        body: &[u8],
        expires_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let row = (self.key(), DbId(held.id));
        let finished = on!(self.tx, c => diesel::update(keys::table.find(row))
            .filter(keys::epoch.eq(held.epoch))
            .filter(keys::response_status.is_null())
            .set((
                keys::lease_until.eq(None::<DbInstant>),
                keys::response_status.eq(i32::from(status)),
                keys::response_body.eq(body),
                keys::expires_at.eq(DbInstant(expires_at)),
            ))
            .execute(c).await)?;
        Ok(finished == 1)
    }

    /// Frees a key whose work has failed, unless somebody else holds it by now.
    pub async fn free_key(&mut self, held: Reservation) -> Result<(), StoreError> {
        let row = (self.key(), DbId(held.id));
        on!(self.tx, c => diesel::delete(keys::table.find(row))
            .filter(keys::epoch.eq(held.epoch))
            .filter(keys::response_status.is_null())
            .execute(c).await)?;
        Ok(())
    }

    /// Counts a replay whose request differed from the one that was answered.
    pub async fn count_mismatched_replay(&mut self, id: Uuid) -> Result<(), StoreError> {
        let row = (self.key(), DbId(id));
        on!(self.tx, c => diesel::update(keys::table.find(row))
            .set(keys::mismatched_replays.eq(keys::mismatched_replays + 1))
            .execute(c).await)?;
        Ok(())
    }
}

impl KeyRow {
    fn into_state(self) -> Result<KeyState, StoreError> {
        const TABLE: &str = "idempotency_keys";
        let (Some(status), Some(body)) = (self.response_status, self.response_body) else {
            return Ok(KeyState::Busy);
        };
        Ok(KeyState::Finished(FinishedKey {
            id: self.id.0,
            fingerprint: <[u8; 32]>::try_from(self.fingerprint)
                .map_err(|_| StoreError::corrupt(TABLE, "fingerprint", "not 32 bytes"))?,
            status: u16::try_from(status).map_err(|error| StoreError::corrupt(TABLE, "response_status", error))?,
            body,
        }))
    }
}

impl Tx {
    /// Deletes answers that expired before `before`, the oldest first and about `most` at once, and reservations that
    /// nobody has renewed since; gives how many.
    pub async fn system_purge_keys(&mut self, before: Timestamp, most: usize) -> Result<usize, StoreError> {
        let before = DbInstant(before);
        let last = on!(self, c => keys::table
            .filter(keys::expires_at.lt(before))
            .order(keys::expires_at)
            .offset(offset_of_last(most)).limit(1)
            .select(keys::expires_at).first::<Option<DbInstant>>(c).await.optional())?;
        let expired = keys::expires_at.lt(before).and(keys::expires_at.le(last.flatten().unwrap_or(before)));
        let answers = on!(self, c => diesel::delete(keys::table.filter(expired)).execute(c).await)?;
        // What crashes leave behind is little. One statement for both would use neither index.
        let abandoned = keys::lease_until.lt(before);
        let reservations = on!(self, c => diesel::delete(keys::table.filter(abandoned)).execute(c).await)?;
        Ok(answers + reservations)
    }
}
