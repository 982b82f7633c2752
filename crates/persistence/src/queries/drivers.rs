use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use routemate_domain::{Driver, DriverId, DriverStatus, Email, Invitation, InvitationId, User, UserId};

use super::Scope;
use crate::rows::{DriverRow, InvitationRow};
use crate::schema::{drivers, invitations, users};
use crate::sql_types::{DbId, DbInstant};
use crate::tx::on;
use crate::{StoreError, Tx};

/// A driver with what is known elsewhere of the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedDriver {
    /// The driver.
    pub driver: Driver,
    /// The person's address.
    pub email: String,
}

impl Tx {
    /// The person with this address, in the reference table of all organisations.
    pub async fn system_find_user(&mut self, email: &Email) -> Result<Option<User>, StoreError> {
        let id = on!(self, c => users::table
            .filter(users::email.eq(email.as_str())).select(users::id).first::<DbId>(c).await.optional())?;
        Ok(id.map(|id| User { id: UserId::from_uuid(id.0), email: email.clone() }))
    }

    /// The person with this address, made with `user.id` where there is none yet.
    pub async fn system_find_or_insert_user(&mut self, user: &User, now: Timestamp) -> Result<User, StoreError> {
        on!(self, c => diesel::insert_into(users::table)
            .values((
                users::id.eq(DbId(user.id.to_uuid())),
                users::email.eq(user.email.as_str()),
                users::created_at.eq(DbInstant(now)),
            ))
            .on_conflict_do_nothing()
            .execute(c).await)?;
        let found = self.system_find_user(&user.email).await?;
        found.ok_or_else(|| StoreError::corrupt("users", "email", "gone in the middle of a transaction"))
    }
}

impl Scope<'_> {
    /// Adds a driver.
    pub async fn insert_driver(&mut self, driver: &Driver, now: Timestamp) -> Result<(), StoreError> {
        let row = DriverRow::from_domain(driver, now);
        on!(self.tx, c => {
            let values = (row, drivers::created_at.eq(DbInstant(now)));
            diesel::insert_into(drivers::table).values(values).execute(c).await
        })?;
        Ok(())
    }

    /// The driver, if it is one of this organisation's.
    pub async fn find_driver(&mut self, id: DriverId) -> Result<Option<Driver>, StoreError> {
        let key = (self.key(), DbId(id.to_uuid()));
        let row = on!(self.tx, c => drivers::table
            .find(key).select(DriverRow::as_select()).first(c).await.optional())?;
        row.map(DriverRow::into_domain).transpose()
    }

    /// The driver with the person's address, if it is one of this organisation's.
    pub async fn find_listed_driver(&mut self, id: DriverId) -> Result<Option<ListedDriver>, StoreError> {
        let key = (self.key(), DbId(id.to_uuid()));
        let row = on!(self.tx, c => drivers::table
            .inner_join(users::table.on(users::id.eq(drivers::user_id)))
            .filter(drivers::organization_id.eq(key.0))
            .filter(drivers::id.eq(key.1))
            .select((DriverRow::as_select(), users::email)).first::<(DriverRow, String)>(c).await.optional())?;
        row.map(|(row, email)| Ok(ListedDriver { driver: row.into_domain()?, email })).transpose()
    }

    /// Drivers in the order they were made, so many at most and only those after one where it is given.
    pub async fn find_drivers(&mut self, after: Option<DriverId>, most: i64) -> Result<Vec<ListedDriver>, StoreError> {
        let (key, after) = (self.key(), DbId(after.map_or(uuid::Uuid::nil(), DriverId::to_uuid)));
        let rows = on!(self.tx, c => drivers::table
            .inner_join(users::table.on(users::id.eq(drivers::user_id)))
            .filter(drivers::organization_id.eq(key))
            .filter(drivers::id.gt(after))
            .order(drivers::id)
            .limit(most)
            .select((DriverRow::as_select(), users::email)).load::<(DriverRow, String)>(c).await)?;
        rows.into_iter().map(|(row, email)| Ok(ListedDriver { driver: row.into_domain()?, email })).collect()
    }

    /// Drivers of these states, all states where none is given, in the order they were made; so many at most and only those
    /// after one where it is given.
    pub async fn find_drivers_of_status(
        &mut self,
        statuses: &[DriverStatus],
        after: Option<DriverId>,
        most: i64,
    ) -> Result<Vec<ListedDriver>, StoreError> {
        let (key, after) = (self.key(), DbId(after.map_or(uuid::Uuid::nil(), DriverId::to_uuid)));
        let statuses = if statuses.is_empty() { &DriverStatus::ALL } else { statuses };
        let statuses: Vec<&str> = statuses.iter().map(|status| status.as_str()).collect();
        let rows = on!(self.tx, c => drivers::table
            .inner_join(users::table.on(users::id.eq(drivers::user_id)))
            .filter(drivers::organization_id.eq(key))
            .filter(drivers::status.eq_any(statuses))
            .filter(drivers::id.gt(after))
            .order(drivers::id)
            .limit(most)
            .select((DriverRow::as_select(), users::email)).load::<(DriverRow, String)>(c).await)?;
        rows.into_iter().map(|(row, email)| Ok(ListedDriver { driver: row.into_domain()?, email })).collect()
    }

    /// Those of these drivers that there are, in the order they were made.
    pub async fn find_drivers_by_ids(&mut self, ids: &[DriverId]) -> Result<Vec<Driver>, StoreError> {
        let key = self.key();
        let ids: Vec<DbId> = ids.iter().map(|id| DbId(id.to_uuid())).collect();
        let rows = on!(self.tx, c => drivers::table
            .filter(drivers::organization_id.eq(key))
            .filter(drivers::id.eq_any(ids))
            .order(drivers::id)
            .select(DriverRow::as_select()).load(c).await)?;
        rows.into_iter().map(DriverRow::into_domain).collect()
    }

    /// Invitations in the order they were made, so many at most and only those after one where it is given.
    pub async fn find_invitations(
        &mut self,
        after: Option<InvitationId>,
        most: i64,
    ) -> Result<Vec<Invitation>, StoreError> {
        let (key, after) = (self.key(), DbId(after.map_or(uuid::Uuid::nil(), InvitationId::to_uuid)));
        let rows = on!(self.tx, c => invitations::table
            .filter(invitations::organization_id.eq(key))
            .filter(invitations::id.gt(after))
            .order(invitations::id)
            .limit(most)
            .select(InvitationRow::as_select()).load(c).await)?;
        rows.into_iter().map(InvitationRow::into_domain).collect()
    }

    /// This person as a driver of this organisation.
    pub async fn find_driver_of_user(&mut self, user: UserId) -> Result<Option<Driver>, StoreError> {
        let key = self.key();
        let row = on!(self.tx, c => drivers::table
            .filter(drivers::organization_id.eq(key))
            .filter(drivers::user_id.eq(DbId(user.to_uuid())))
            .select(DriverRow::as_select()).first(c).await.optional())?;
        row.map(DriverRow::into_domain).transpose()
    }

    /// Overwrites the driver's row.
    pub async fn update_driver(&mut self, driver: &Driver, now: Timestamp) -> Result<(), StoreError> {
        let key = (self.key(), DbId(driver.id.to_uuid()));
        let row = DriverRow::from_domain(driver, now);
        on!(self.tx, c => diesel::update(drivers::table.find(key)).set(row).execute(c).await)?;
        Ok(())
    }

    /// The invitation of this address, however it stands.
    pub async fn find_invitation(&mut self, email: &Email) -> Result<Option<Invitation>, StoreError> {
        let key = self.key();
        let row = on!(self.tx, c => invitations::table
            .filter(invitations::organization_id.eq(key))
            .filter(invitations::email.eq(email.as_str()))
            .select(InvitationRow::as_select()).first(c).await.optional())?;
        row.map(InvitationRow::into_domain).transpose()
    }

    /// Adds an invitation.
    pub async fn insert_invitation(&mut self, invitation: &Invitation, now: Timestamp) -> Result<(), StoreError> {
        let row = InvitationRow::from_domain(invitation, now);
        on!(self.tx, c => {
            let values = (row, invitations::created_at.eq(DbInstant(now)));
            diesel::insert_into(invitations::table).values(values).execute(c).await
        })?;
        Ok(())
    }

    /// Overwrites the invitation's row.
    pub async fn update_invitation(&mut self, invitation: &Invitation, now: Timestamp) -> Result<(), StoreError> {
        let key = (self.key(), DbId(invitation.id.to_uuid()));
        let row = InvitationRow::from_domain(invitation, now);
        on!(self.tx, c => diesel::update(invitations::table.find(key)).set(row).execute(c).await)?;
        Ok(())
    }
}
