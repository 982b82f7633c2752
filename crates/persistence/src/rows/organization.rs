use diesel::prelude::*;
use jiff::Timestamp;
use routemate_domain::{
    AutoAdd, Integration, IntegrationId, IntegrationStatus, Organization, OrganizationId, OrganizationStatus, Plan,
    PreviousSecret, RouteEnds, Text, ZoneName,
};
use routemate_units::VehicleKind;

use super::parse_name;
use crate::StoreError;
use crate::schema::{integrations, organizations};
use crate::sql_types::{DbId, DbInstant};

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = organizations, primary_key(organization_id), treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct OrganizationRow {
    organization_id: DbId,
    name: String,
    plan: String,
    requests_per_minute: Option<i32>,
    stops_per_import: Option<i32>,
    timezone: String,
    auto_add_drivers: bool,
    status: String,
    vehicle: String,
    updated_at: DbInstant,
}

impl OrganizationRow {
    pub(crate) fn from_domain(organization: &Organization, now: Timestamp) -> Self {
        let limit = |limit: Option<u32>| limit.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX));
        Self {
            organization_id: DbId(organization.id.to_uuid()),
            name: organization.name.as_str().to_owned(),
            plan: organization.plan.as_str().to_owned(),
            requests_per_minute: limit(organization.requests_per_minute),
            stops_per_import: limit(organization.stops_per_import),
            timezone: organization.timezone.as_str().to_owned(),
            auto_add_drivers: organization.auto_add == AutoAdd::On,
            status: organization.status.as_str().to_owned(),
            vehicle: organization.vehicle.as_str().to_owned(),
            updated_at: DbInstant(now),
        }
    }

    pub(crate) fn into_domain(self) -> Result<Organization, StoreError> {
        const TABLE: &str = "organizations";
        let limit =
            |column, limit: Option<i32>| limit.map(|limit| super::to_u32(TABLE, column, i64::from(limit))).transpose();
        Ok(Organization {
            id: OrganizationId::from_uuid(self.organization_id.0),
            plan: parse_name(TABLE, "plan", &self.plan, &[Plan::Team, Plan::Enterprise], Plan::as_str)?,
            requests_per_minute: limit("requests_per_minute", self.requests_per_minute)?,
            stops_per_import: limit("stops_per_import", self.stops_per_import)?,
            timezone: ZoneName::parse(&self.timezone).map_err(|error| StoreError::corrupt(TABLE, "timezone", error))?,
            auto_add: if self.auto_add_drivers { AutoAdd::On } else { AutoAdd::Off },
            status: parse_name(
                TABLE,
                "status",
                &self.status,
                &[OrganizationStatus::Active, OrganizationStatus::Suspended],
                OrganizationStatus::as_str,
            )?,
            vehicle: parse_name(TABLE, "vehicle", &self.vehicle, &VehicleKind::ALL, VehicleKind::as_str)?,
            name: Text::parse(self.name).map_err(|error| StoreError::corrupt(TABLE, "name", error))?,
        })
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = integrations, primary_key(organization_id, id), treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct IntegrationRow {
    organization_id: DbId,
    id: DbId,
    name: String,
    client_id: String,
    secret_sha256: Vec<u8>,
    previous_secret_sha256: Option<Vec<u8>>,
    previous_secret_expires_at: Option<DbInstant>,
    status: String,
    epoch: i32,
    updated_at: DbInstant,
    route_ends: String,
}

impl IntegrationRow {
    pub(crate) fn from_domain(integration: &Integration, now: Timestamp) -> Self {
        Self {
            organization_id: DbId(integration.organization_id.to_uuid()),
            id: DbId(integration.id.to_uuid()),
            name: integration.name.as_str().to_owned(),
            client_id: integration.client_id.clone(),
            secret_sha256: integration.secret_sha256.to_vec(),
            previous_secret_sha256: integration.previous_secret.map(|previous| previous.sha256.to_vec()),
            previous_secret_expires_at: integration.previous_secret.map(|previous| DbInstant(previous.expires_at)),
            status: integration.status.as_str().to_owned(),
            epoch: integration.epoch,
            updated_at: DbInstant(now),
            route_ends: integration.route_ends.as_str().to_owned(),
        }
    }

    pub(crate) fn into_domain(self) -> Result<Integration, StoreError> {
        const TABLE: &str = "integrations";
        let digest = |column, bytes: Vec<u8>| {
            <[u8; 32]>::try_from(bytes).map_err(|_| StoreError::corrupt(TABLE, column, "not 32 bytes"))
        };
        let previous_secret = match (self.previous_secret_sha256, self.previous_secret_expires_at) {
            (Some(bytes), Some(expires_at)) => {
                Some(PreviousSecret { sha256: digest("previous_secret_sha256", bytes)?, expires_at: expires_at.into() })
            }
            _ => None,
        };
        Ok(Integration {
            organization_id: OrganizationId::from_uuid(self.organization_id.0),
            id: IntegrationId::from_uuid(self.id.0),
            name: Text::parse(self.name).map_err(|error| StoreError::corrupt(TABLE, "name", error))?,
            client_id: self.client_id,
            secret_sha256: digest("secret_sha256", self.secret_sha256)?,
            previous_secret,
            status: parse_name(
                TABLE,
                "status",
                &self.status,
                &[IntegrationStatus::Enabled, IntegrationStatus::Disabled],
                IntegrationStatus::as_str,
            )?,
            epoch: self.epoch,
            route_ends: parse_name(TABLE, "route_ends", &self.route_ends, &RouteEnds::ALL, RouteEnds::as_str)?,
        })
    }
}
