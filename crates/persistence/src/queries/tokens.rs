use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use routemate_domain::{IntegrationId, OrganizationId};

use super::offset_of_last;
use crate::schema::access_tokens;
use crate::sql_types::{DbId, DbInstant};
use crate::tx::on;
use crate::{StoreError, Tx};

/// An access token as it is stored: by digest, with what it speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRecord {
    /// SHA-256 of the token.
    pub token_sha256: [u8; 32],
    /// The organisation it speaks for.
    pub organization_id: OrganizationId,
    /// The integration it speaks for.
    pub integration_id: IntegrationId,
    /// The integration's epoch when it was issued.
    pub epoch: i32,
    /// From then on it is refused.
    pub expires_at: Timestamp,
}

impl Tx {
    /// Stores an issued token.
    pub async fn system_insert_token(&mut self, token: &TokenRecord, now: Timestamp) -> Result<(), StoreError> {
        on!(self, c => diesel::insert_into(access_tokens::table)
            .values((
                access_tokens::token_sha256.eq(token.token_sha256.as_slice()),
                access_tokens::organization_id.eq(DbId(token.organization_id.to_uuid())),
                access_tokens::integration_id.eq(DbId(token.integration_id.to_uuid())),
                access_tokens::epoch.eq(token.epoch),
                access_tokens::created_at.eq(DbInstant(now)),
                access_tokens::expires_at.eq(DbInstant(token.expires_at)),
            ))
            .execute(c).await)?;
        Ok(())
    }

    /// The token of this digest, expired or not.
    pub async fn system_find_token(&mut self, token_sha256: &[u8; 32]) -> Result<Option<TokenRecord>, StoreError> {
        let digest = token_sha256.as_slice();
        let found = on!(self, c => access_tokens::table
            .find(digest)
            .select((
                access_tokens::organization_id,
                access_tokens::integration_id,
                access_tokens::epoch,
                access_tokens::expires_at,
            ))
            .first::<(DbId, DbId, i32, DbInstant)>(c).await.optional())?;
        Ok(found.map(|(organization, integration, epoch, expires_at)| TokenRecord {
            token_sha256: *token_sha256,
            organization_id: OrganizationId::from_uuid(organization.0),
            integration_id: IntegrationId::from_uuid(integration.0),
            epoch,
            expires_at: expires_at.into(),
        }))
    }

    /// Deletes tokens that expired before `before`, the oldest first and about `most` at once; gives how many.
    pub async fn system_purge_tokens(&mut self, before: Timestamp, most: usize) -> Result<usize, StoreError> {
        let last = on!(self, c => access_tokens::table
            .filter(access_tokens::expires_at.lt(DbInstant(before)))
            .order(access_tokens::expires_at)
            .offset(offset_of_last(most)).limit(1)
            .select(access_tokens::expires_at).first::<DbInstant>(c).await.optional())?;
        let expired = access_tokens::expires_at
            .lt(DbInstant(before))
            .and(access_tokens::expires_at.le(last.unwrap_or(DbInstant(before))));
        Ok(on!(self, c => diesel::delete(access_tokens::table.filter(expired)).execute(c).await)?)
    }
}
