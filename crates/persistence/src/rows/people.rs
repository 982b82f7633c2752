use diesel::prelude::*;
use jiff::Timestamp;
use routemate_domain::{
    Driver, DriverId, DriverStatus, Email, Invitation, InvitationId, InvitationStatus, OrganizationId, Text, UserId,
};

use super::{parse_name, required};
use crate::StoreError;
use crate::schema::{drivers, invitations};
use crate::sql_types::{DbId, DbInstant};

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = drivers, primary_key(organization_id, id), treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct DriverRow {
    organization_id: DbId,
    id: DbId,
    user_id: DbId,
    first_name: Option<String>,
    last_name: Option<String>,
    phone: Option<String>,
    status: String,
    updated_at: DbInstant,
}

impl DriverRow {
    pub(crate) fn from_domain(driver: &Driver, now: Timestamp) -> Self {
        let text = |text: &Option<Text<255>>| text.as_ref().map(|text| text.as_str().to_owned());
        Self {
            organization_id: DbId(driver.organization_id.to_uuid()),
            id: DbId(driver.id.to_uuid()),
            user_id: DbId(driver.user_id.to_uuid()),
            first_name: text(&driver.first_name),
            last_name: text(&driver.last_name),
            phone: text(&driver.phone),
            status: driver.status.as_str().to_owned(),
            updated_at: DbInstant(now),
        }
    }

    pub(crate) fn into_domain(self) -> Result<Driver, StoreError> {
        const TABLE: &str = "drivers";
        let text = |column, text: Option<String>| {
            text.map(|text| Text::parse(text).map_err(|error| StoreError::corrupt(TABLE, column, error))).transpose()
        };
        Ok(Driver {
            organization_id: OrganizationId::from_uuid(self.organization_id.0),
            id: DriverId::from_uuid(self.id.0),
            user_id: UserId::from_uuid(self.user_id.0),
            first_name: text("first_name", self.first_name)?,
            last_name: text("last_name", self.last_name)?,
            phone: text("phone", self.phone)?,
            status: parse_name(TABLE, "status", &self.status, &DriverStatus::ALL, DriverStatus::as_str)?,
        })
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = invitations, primary_key(organization_id, id), treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct InvitationRow {
    organization_id: DbId,
    id: DbId,
    email: String,
    status: String,
    accepted_at: Option<DbInstant>,
    updated_at: DbInstant,
}

impl InvitationRow {
    pub(crate) fn from_domain(invitation: &Invitation, now: Timestamp) -> Self {
        let accepted_at = match invitation.status {
            InvitationStatus::Accepted { at } => Some(DbInstant(at)),
            InvitationStatus::Pending | InvitationStatus::Revoked => None,
        };
        Self {
            organization_id: DbId(invitation.organization_id.to_uuid()),
            id: DbId(invitation.id.to_uuid()),
            email: invitation.email.as_str().to_owned(),
            status: invitation.status.as_str().to_owned(),
            accepted_at,
            updated_at: DbInstant(now),
        }
    }

    pub(crate) fn into_domain(self) -> Result<Invitation, StoreError> {
        const TABLE: &str = "invitations";
        let status = match self.status.as_str() {
            "pending" => InvitationStatus::Pending,
            "accepted" => InvitationStatus::Accepted { at: required(TABLE, "accepted_at", self.accepted_at)? },
            "revoked" => InvitationStatus::Revoked,
            other => return Err(StoreError::corrupt(TABLE, "status", super::UnknownValue(other.to_owned()))),
        };
        Ok(Invitation {
            organization_id: OrganizationId::from_uuid(self.organization_id.0),
            id: InvitationId::from_uuid(self.id.0),
            email: Email::parse(&self.email).map_err(|error| StoreError::corrupt(TABLE, "email", error))?,
            status,
        })
    }
}
