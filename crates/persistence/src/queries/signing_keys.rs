use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use uuid::Uuid;

use crate::schema::signing_keys;
use crate::sql_types::{DbId, DbInstant};
use crate::tx::on;
use crate::{StoreError, Tx};

impl Tx {
    /// The secret that links are signed with: the oldest one, so that all processes agree.
    pub async fn system_find_signing_key(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(on!(self, c => signing_keys::table
            .order((signing_keys::created_at, signing_keys::id))
            .select(signing_keys::secret).first::<Vec<u8>>(c).await.optional())?)
    }

    /// Makes `secret` the one that links are signed with, unless there is one; gives the one that is. However many
    /// processes do this at once, all get the same.
    pub async fn system_find_or_insert_signing_key(
        &mut self,
        secret: &[u8],
        now: Timestamp,
    ) -> Result<Vec<u8>, StoreError> {
        on!(self, c => diesel::insert_into(signing_keys::table)
            .values((
                signing_keys::id.eq(DbId(Uuid::nil())),
                signing_keys::secret.eq(secret),
                signing_keys::created_at.eq(DbInstant(now)),
            ))
            .on_conflict_do_nothing()
            .execute(c).await)?;
        let found = self.system_find_signing_key().await?;
        found.ok_or_else(|| StoreError::corrupt("signing_keys", "id", "gone in the middle of a transaction"))
    }
}
