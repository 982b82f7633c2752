use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use routemate_domain::{Organization, OrganizationId};

use super::Scope;
use crate::rows::OrganizationRow;
use crate::schema::organizations;
use crate::sql_types::{DbId, DbInstant};
use crate::tx::on;
use crate::{StoreError, Tx};

impl Tx {
    /// Organisations in the order they were made, so many at most and only those after one where it is given.
    pub async fn system_find_organizations(
        &mut self,
        after: Option<OrganizationId>,
        most: i64,
    ) -> Result<Vec<Organization>, StoreError> {
        let after = DbId(after.map_or(uuid::Uuid::nil(), OrganizationId::to_uuid));
        let rows = on!(self, c => organizations::table
            .filter(organizations::organization_id.gt(after))
            .order(organizations::organization_id)
            .limit(most)
            .select(OrganizationRow::as_select()).load(c).await)?;
        rows.into_iter().map(OrganizationRow::into_domain).collect()
    }
}

impl Scope<'_> {
    /// Adds the organisation.
    pub async fn insert_organization(&mut self, organization: &Organization, now: Timestamp) -> Result<(), StoreError> {
        let row = OrganizationRow::from_domain(organization, now);
        on!(self.tx, c => {
            let values = (row, organizations::created_at.eq(DbInstant(now)));
            diesel::insert_into(organizations::table).values(values).execute(c).await
        })?;
        Ok(())
    }

    /// The organisation, if there is one of this id.
    pub async fn find_organization(&mut self) -> Result<Option<Organization>, StoreError> {
        let key = self.key();
        let row = on!(self.tx, c => organizations::table
            .find(key).select(OrganizationRow::as_select()).first(c).await.optional())?;
        row.map(OrganizationRow::into_domain).transpose()
    }

    /// Overwrites the organisation's row as it was read after [`lock_organization`](Self::lock_organization).
    pub async fn update_organization(&mut self, organization: &Organization, now: Timestamp) -> Result<(), StoreError> {
        let (key, row) = (self.key(), OrganizationRow::from_domain(organization, now));
        on!(self.tx, c => diesel::update(organizations::table.find(key)).set(row).execute(c).await)?;
        Ok(())
    }

    /// Keeps everyone else from deciding who drives here until this transaction ends, so that an import that finds no
    /// driver and the creation of that driver never miss each other.
    pub async fn lock_drivers(&mut self) -> Result<(), StoreError> {
        self.lock_organization().await
    }

    /// Keeps everyone else from changing the organisation until this transaction ends, so that no change undoes another
    /// one. SQLite has a single writer anyway.
    pub async fn lock_organization(&mut self) -> Result<(), StoreError> {
        let key = self.key();
        on!(self.tx,
            pg c => organizations::table
                .find(key).select(organizations::organization_id).for_no_key_update().load::<DbId>(c).await.map(drop),
            sqlite _c => Ok(())
        )?;
        Ok(())
    }
}
