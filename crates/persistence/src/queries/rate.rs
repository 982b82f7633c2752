use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use routemate_domain::IntegrationId;
use uuid::Uuid;

use super::Scope;
use crate::StoreError;
use crate::schema::rate_windows as windows;
use crate::sql_types::{DbId, DbInstant};
use crate::tx::on;

/// The requests of one integration that were admitted lately, shared by all processes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateWindow {
    id: Uuid,
    /// When each was admitted, oldest first.
    pub hits: Vec<Timestamp>,
}

impl Scope<'_> {
    /// The window of a bucket, locked until this transaction ends, made with `new_id` where there is none yet.
    pub async fn lock_rate_window(
        &mut self,
        integration: IntegrationId,
        bucket: &'static str,
        new_id: Uuid,
        now: Timestamp,
    ) -> Result<RateWindow, StoreError> {
        if let Some(window) = self.find_rate_window(integration, bucket).await? {
            return Ok(window);
        }
        let organization = self.key();
        on!(self.tx, c => diesel::insert_into(windows::table)
            .values((
                windows::organization_id.eq(organization),
                windows::id.eq(DbId(new_id)),
                windows::integration_id.eq(DbId(integration.to_uuid())),
                windows::bucket.eq(bucket),
                windows::hits.eq(Vec::new()),
                windows::updated_at.eq(DbInstant(now)),
            ))
            .on_conflict_do_nothing()
            .execute(c).await)?;
        let window = self.find_rate_window(integration, bucket).await?;
        window.ok_or_else(|| StoreError::corrupt("rate_windows", "id", "gone in the middle of a transaction"))
    }

    async fn find_rate_window(
        &mut self,
        integration: IntegrationId,
        bucket: &'static str,
    ) -> Result<Option<RateWindow>, StoreError> {
        let organization = self.key();
        let query = windows::table
            .filter(windows::organization_id.eq(organization))
            .filter(windows::integration_id.eq(DbId(integration.to_uuid())))
            .filter(windows::bucket.eq(bucket))
            .select((windows::id, windows::hits));
        let found = on!(self.tx,
            pg c => query.for_update().first::<(DbId, Vec<u8>)>(c).await.optional(),
            // A writing transaction on SQLite has the whole database for itself.
            sqlite c => query.first::<(DbId, Vec<u8>)>(c).await.optional()
        )?;
        found.map(|(id, bytes)| Ok(RateWindow { id: id.0, hits: decode(&bytes)? })).transpose()
    }

    /// Writes a locked window back.
    pub async fn update_rate_window(&mut self, window: &RateWindow, now: Timestamp) -> Result<(), StoreError> {
        let key = (self.key(), DbId(window.id));
        let hits = encode(&window.hits);
        on!(self.tx, c => diesel::update(windows::table.find(key))
            .set((windows::hits.eq(hits), windows::updated_at.eq(DbInstant(now))))
            .execute(c).await)?;
        Ok(())
    }
}

/// Eight bytes each: microseconds since 1970, big-endian.
fn encode(hits: &[Timestamp]) -> Vec<u8> {
    hits.iter().flat_map(|hit| hit.as_microsecond().to_be_bytes()).collect()
}

fn decode(bytes: &[u8]) -> Result<Vec<Timestamp>, StoreError> {
    let (chunks, rest) = bytes.as_chunks::<8>();
    if !rest.is_empty() {
        return Err(StoreError::corrupt("rate_windows", "hits", "not a whole number of times"));
    }
    chunks
        .iter()
        .map(|chunk| Timestamp::from_microsecond(i64::from_be_bytes(*chunk)))
        .collect::<Result<_, _>>()
        .map_err(|error| StoreError::corrupt("rate_windows", "hits", error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_survive_their_encoding_to_the_microsecond() {
        let hits = vec![Timestamp::UNIX_EPOCH, Timestamp::from_microsecond(1_764_000_000_123_456).expect("a time")];
        assert_eq!(decode(&encode(&hits)).expect("decodes"), hits);
        assert!(decode(&[0; 7]).is_err());
    }
}
