use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use routemate_domain::{Integration, IntegrationId, OrganizationId};

use super::Scope;
use crate::rows::IntegrationRow;
use crate::schema::{client_ids, integrations};
use crate::sql_types::{DbId, DbInstant};
use crate::tx::on;
use crate::{StoreError, Tx};

impl Tx {
    /// Whose client id this is: the reference table that a token request starts from.
    pub async fn system_find_client_id(
        &mut self,
        client_id: &str,
    ) -> Result<Option<(OrganizationId, IntegrationId)>, StoreError> {
        let found = on!(self, c => client_ids::table
            .find(client_id)
            .select((client_ids::organization_id, client_ids::integration_id))
            .first::<(DbId, DbId)>(c).await.optional())?;
        Ok(found.map(|(organization, integration)| {
            (OrganizationId::from_uuid(organization.0), IntegrationId::from_uuid(integration.0))
        }))
    }
}

impl Scope<'_> {
    /// Adds an integration, and its client id to the reference table.
    pub async fn insert_integration(&mut self, integration: &Integration, now: Timestamp) -> Result<(), StoreError> {
        let row = IntegrationRow::from_domain(integration, now);
        let (organization_id, id) = (self.key(), DbId(integration.id.to_uuid()));
        on!(self.tx, c => {
            let values = (row, integrations::created_at.eq(DbInstant(now)));
            diesel::insert_into(integrations::table).values(values).execute(c).await
        })?;
        on!(self.tx, c => diesel::insert_into(client_ids::table)
            .values((
                client_ids::client_id.eq(&integration.client_id),
                client_ids::organization_id.eq(organization_id),
                client_ids::integration_id.eq(id),
            ))
            .execute(c).await)?;
        Ok(())
    }

    /// The integration, if it is one of this organisation's.
    pub async fn find_integration(&mut self, id: IntegrationId) -> Result<Option<Integration>, StoreError> {
        let key = (self.key(), DbId(id.to_uuid()));
        let row = on!(self.tx, c => integrations::table
            .find(key).select(IntegrationRow::as_select()).first(c).await.optional())?;
        row.map(IntegrationRow::into_domain).transpose()
    }

    /// Integrations in the order they were made, so many at most and only those after one where it is given.
    pub async fn find_integrations(
        &mut self,
        after: Option<IntegrationId>,
        most: i64,
    ) -> Result<Vec<Integration>, StoreError> {
        let (key, after) = (self.key(), DbId(after.map_or(uuid::Uuid::nil(), IntegrationId::to_uuid)));
        let rows = on!(self.tx, c => integrations::table
            .filter(integrations::organization_id.eq(key))
            .filter(integrations::id.gt(after))
            .order(integrations::id)
            .limit(most)
            .select(IntegrationRow::as_select()).load(c).await)?;
        rows.into_iter().map(IntegrationRow::into_domain).collect()
    }

    /// Keeps everyone else from changing the integration until this transaction ends, so that no change undoes another
    /// one. SQLite has a single writer anyway.
    pub async fn lock_integration(&mut self, id: IntegrationId) -> Result<(), StoreError> {
        let key = (self.key(), DbId(id.to_uuid()));
        on!(self.tx,
            pg c => integrations::table
                .find(key).select(integrations::id).for_no_key_update().load::<DbId>(c).await.map(drop),
            sqlite _c => Ok(())
        )?;
        Ok(())
    }

    /// Overwrites the integration's row as it was read after [`lock_integration`](Self::lock_integration).
    pub async fn update_integration(&mut self, integration: &Integration, now: Timestamp) -> Result<(), StoreError> {
        let key = (self.key(), DbId(integration.id.to_uuid()));
        let row = IntegrationRow::from_domain(integration, now);
        on!(self.tx, c => diesel::update(integrations::table.find(key)).set(row).execute(c).await)?;
        Ok(())
    }
}
