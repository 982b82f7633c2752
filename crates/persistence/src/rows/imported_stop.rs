use diesel::prelude::*;
use routemate_domain::{ImportedStop, ImportedStopId, Location, OrganizationId};

use super::place::{location_from_text, location_to_text};
use super::stop_request;
use crate::StoreError;
use crate::schema::imported_stops;
use crate::sql_types::{DbId, DbInstant};

const TABLE: &str = "imported_stops";

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = imported_stops, treat_none_as_default_value = false)]
pub(crate) struct ImportedStopRow {
    organization_id: DbId,
    id: DbId,
    client_stop_id: Option<String>,
    request: String,
    location: String,
    version: i64,
    imported_at: DbInstant,
    created_at: DbInstant,
}

impl ImportedStopRow {
    pub(crate) fn from_domain(stop: &ImportedStop) -> Result<Self, StoreError> {
        Ok(Self {
            organization_id: DbId(stop.organization_id.to_uuid()),
            id: DbId(stop.id.to_uuid()),
            client_stop_id: stop.request.external_id.as_ref().map(|id| id.as_str().to_owned()),
            request: stop_request::to_text(TABLE, &stop.request)?,
            location: Self::location(&stop.location)?,
            version: stop.version,
            imported_at: DbInstant(stop.imported_at),
            created_at: DbInstant(stop.created_at),
        })
    }

    /// The text of the column `location`.
    pub(crate) fn location(location: &Location) -> Result<String, StoreError> {
        location_to_text(TABLE, location)
    }

    pub(crate) fn into_domain(self) -> Result<ImportedStop, StoreError> {
        Ok(ImportedStop {
            organization_id: OrganizationId::from_uuid(self.organization_id.0),
            id: ImportedStopId::from_uuid(self.id.0),
            request: stop_request::from_text(TABLE, &self.request)?,
            location: location_from_text(TABLE, &self.location)?,
            version: self.version,
            imported_at: self.imported_at.into(),
            created_at: self.created_at.into(),
        })
    }
}
