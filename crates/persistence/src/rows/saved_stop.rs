use diesel::prelude::*;
use routemate_domain::{FreeText, Location, OrganizationId, SavedStop, SavedStopId};

use super::place::{location_from_text, location_to_text};
use super::stop_request;
use crate::StoreError;
use crate::schema::saved_stops;
use crate::sql_types::{DbId, DbInstant};

const TABLE: &str = "saved_stops";

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = saved_stops, primary_key(organization_id, id), treat_none_as_default_value = false)]
pub(crate) struct SavedStopRow {
    organization_id: DbId,
    id: DbId,
    name: String,
    request: String,
    location: String,
    pub(crate) version: i64,
    created_at: DbInstant,
    updated_at: DbInstant,
    search: String,
}

impl SavedStopRow {
    pub(crate) fn from_domain(stop: &SavedStop) -> Result<Self, StoreError> {
        Ok(Self {
            organization_id: DbId(stop.organization_id.to_uuid()),
            id: DbId(stop.id.to_uuid()),
            name: stop.name.as_str().to_owned(),
            request: stop_request::to_text(TABLE, &stop.request)?,
            location: Self::location(&stop.location)?,
            version: stop.version,
            created_at: DbInstant(stop.created_at),
            updated_at: DbInstant(stop.updated_at),
            search: searched(stop),
        })
    }

    /// The text of the column `location`.
    pub(crate) fn location(location: &Location) -> Result<String, StoreError> {
        location_to_text(TABLE, location)
    }

    pub(crate) fn into_domain(self) -> Result<SavedStop, StoreError> {
        Ok(SavedStop {
            organization_id: OrganizationId::from_uuid(self.organization_id.0),
            id: SavedStopId::from_uuid(self.id.0),
            name: FreeText::parse(self.name).map_err(|error| StoreError::corrupt(TABLE, "name", error))?,
            request: stop_request::from_text(TABLE, &self.request)?,
            location: location_from_text(TABLE, &self.location)?,
            version: self.version,
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
        })
    }
}

/// What a saved stop is searched by, in lower case on either database. Texts that are kept as JSON may hold U+0000, which no
/// column of PostgreSQL can.
fn searched(stop: &SavedStop) -> String {
    let SavedStop { name, request, .. } = stop;
    let (address, contact) = (&request.address, &request.contact);
    let text = format!("{name} {address} {} {} {}", contact.company, contact.first_name, contact.last_name);
    text.replace('\0', "").to_lowercase()
}
