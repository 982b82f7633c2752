use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use jiff::civil::Date;
use routemate_domain::IntegrationId;
use uuid::Uuid;

use super::{Scope, offset_of_last};
use crate::schema::{request_errors as errors, usage_days as days};
use crate::sql_types::{DbId, DbInstant};
use crate::tx::{insert_all, on};
use crate::{StoreError, Tx};

/// What an integration has asked for on one UTC day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageDay {
    /// Who.
    pub integration_id: IntegrationId,
    /// When, in UTC.
    pub day: Date,
    /// Requests with a valid token, however they were answered.
    pub requests: i64,
    /// Those of them that were refused for what was in them (4xx but 429).
    pub refused: i64,
    /// Those that were over a limit (429).
    pub limited: i64,
    /// Those that failed (5xx).
    pub failed: i64,
    /// Jobs imported.
    pub imports: i64,
    /// Their stops.
    pub imported_stops: i64,
    /// The latest request.
    pub last_request_at: Timestamp,
}

/// A request that was not answered as asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestError {
    /// Its id here, in the order of time.
    pub id: Uuid,
    /// Whose request.
    pub integration_id: IntegrationId,
    /// When it was answered.
    pub at: Timestamp,
    /// The id that the client was told.
    pub request_id: String,
    /// `GET`, `POST`, …
    pub method: String,
    /// The route's template.
    pub route: String,
    /// HTTP status.
    pub status: u16,
    /// Why; nothing of the request itself.
    pub error: String,
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = days)]
struct DayRow {
    integration_id: DbId,
    day: String,
    requests: i64,
    refused: i64,
    limited: i64,
    failed: i64,
    imports: i64,
    imported_stops: i64,
    last_request_at: DbInstant,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = errors, treat_none_as_default_value = false)]
struct ErrorRow {
    organization_id: DbId,
    id: DbId,
    integration_id: DbId,
    at: DbInstant,
    request_id: String,
    method: String,
    route: String,
    status: i32,
    error: String,
}

impl DayRow {
    fn into_usage(self) -> Result<UsageDay, StoreError> {
        Ok(UsageDay {
            integration_id: IntegrationId::from_uuid(self.integration_id.0),
            day: self.day.parse().map_err(|error: jiff::Error| StoreError::corrupt("usage_days", "day", error))?,
            requests: self.requests,
            refused: self.refused,
            limited: self.limited,
            failed: self.failed,
            imports: self.imports,
            imported_stops: self.imported_stops,
            last_request_at: self.last_request_at.into(),
        })
    }
}

impl ErrorRow {
    fn into_error(self) -> Result<RequestError, StoreError> {
        Ok(RequestError {
            id: self.id.0,
            integration_id: IntegrationId::from_uuid(self.integration_id.0),
            at: self.at.into(),
            request_id: self.request_id,
            method: self.method,
            route: self.route,
            status: u16::try_from(self.status)
                .map_err(|error| StoreError::corrupt("request_errors", "status", error))?,
            error: self.error,
        })
    }
}

impl Scope<'_> {
    /// Adds to what an integration has asked for on a day.
    pub async fn add_usage(&mut self, usage: &UsageDay) -> Result<(), StoreError> {
        let organization = self.key();
        on!(self.tx, c => diesel::insert_into(days::table)
            .values((
                days::organization_id.eq(organization),
                days::integration_id.eq(DbId(usage.integration_id.to_uuid())),
                days::day.eq(usage.day.to_string()),
                days::requests.eq(usage.requests),
                days::refused.eq(usage.refused),
                days::limited.eq(usage.limited),
                days::failed.eq(usage.failed),
                days::imports.eq(usage.imports),
                days::imported_stops.eq(usage.imported_stops),
                days::last_request_at.eq(DbInstant(usage.last_request_at)),
            ))
            .on_conflict((days::organization_id, days::integration_id, days::day))
            .do_update()
            .set((
                days::requests.eq(days::requests + usage.requests),
                days::refused.eq(days::refused + usage.refused),
                days::limited.eq(days::limited + usage.limited),
                days::failed.eq(days::failed + usage.failed),
                days::imports.eq(days::imports + usage.imports),
                days::imported_stops.eq(days::imported_stops + usage.imported_stops),
                // Processes write a few seconds apart: the last one is late enough.
                days::last_request_at.eq(DbInstant(usage.last_request_at)),
            ))
            .execute(c).await)?;
        Ok(())
    }

    /// What all integrations have asked for since a day, by day and integration.
    pub async fn find_usage(&mut self, since: Date) -> Result<Vec<UsageDay>, StoreError> {
        let organization = self.key();
        let rows = on!(self.tx, c => days::table
            .filter(days::organization_id.eq(organization))
            .filter(days::day.ge(since.to_string()))
            .order((days::day, days::integration_id))
            .select(DayRow::as_select()).load(c).await)?;
        rows.into_iter().map(DayRow::into_usage).collect()
    }

    /// When an integration last asked for anything, as far back as is kept.
    pub async fn find_last_request(&mut self, integration: IntegrationId) -> Result<Option<Timestamp>, StoreError> {
        let organization = self.key();
        let last = on!(self.tx, c => days::table
            .filter(days::organization_id.eq(organization))
            .filter(days::integration_id.eq(DbId(integration.to_uuid())))
            .order(days::day.desc())
            .select(days::last_request_at).first::<DbInstant>(c).await.optional())?;
        Ok(last.map(Timestamp::from))
    }

    /// Adds requests that were not answered as asked.
    pub async fn insert_request_errors(&mut self, found: &[RequestError]) -> Result<(), StoreError> {
        let organization_id = self.key();
        let row = |error: &RequestError| ErrorRow {
            organization_id,
            id: DbId(error.id),
            integration_id: DbId(error.integration_id.to_uuid()),
            at: DbInstant(error.at),
            request_id: error.request_id.clone(),
            method: error.method.clone(),
            route: error.route.clone(),
            status: i32::from(error.status),
            error: error.error.clone(),
        };
        let rows: Vec<ErrorRow> = found.iter().map(row).collect();
        insert_all!(self.tx, errors::table, rows)?;
        Ok(())
    }

    /// Deletes all but the latest `kept` of an integration.
    pub async fn trim_request_errors(&mut self, integration: IntegrationId, kept: i64) -> Result<(), StoreError> {
        let (organization, integration) = (self.key(), DbId(integration.to_uuid()));
        let first_over = on!(self.tx, c => errors::table
            .filter(errors::organization_id.eq(organization))
            .filter(errors::integration_id.eq(integration))
            .order(errors::id.desc())
            .offset(kept).limit(1)
            .select(errors::id).first::<DbId>(c).await.optional())?;
        if let Some(first_over) = first_over {
            on!(self.tx, c => diesel::delete(errors::table)
                .filter(errors::organization_id.eq(organization))
                .filter(errors::integration_id.eq(integration))
                .filter(errors::id.le(first_over))
                .execute(c).await)?;
        }
        Ok(())
    }

    /// The latest requests that were not answered as asked, or those of one request id, latest first.
    pub async fn find_request_errors(
        &mut self,
        request_id: Option<&str>,
        most: i64,
    ) -> Result<Vec<RequestError>, StoreError> {
        let organization = self.key();
        let rows = on!(self.tx, c => {
            let mut query = errors::table
                .filter(errors::organization_id.eq(organization))
                .order(errors::id.desc())
                .limit(most)
                .select(ErrorRow::as_select())
                .into_boxed();
            if let Some(request_id) = request_id {
                query = query.filter(errors::request_id.eq(request_id.to_owned()));
            }
            query.load(c).await
        })?;
        rows.into_iter().map(ErrorRow::into_error).collect()
    }
}

impl Tx {
    /// Deletes what was counted before a day; gives how many rows.
    pub async fn system_purge_usage(&mut self, before: Date) -> Result<usize, StoreError> {
        let old = days::day.lt(before.to_string());
        Ok(on!(self, c => diesel::delete(days::table.filter(old)).execute(c).await)?)
    }

    /// Deletes request errors from before `before`, the oldest first and about `most` at once; gives how many.
    pub async fn system_purge_request_errors(&mut self, before: Timestamp, most: usize) -> Result<usize, StoreError> {
        let last = on!(self, c => errors::table
            .filter(errors::at.lt(DbInstant(before)))
            .order(errors::at)
            .offset(offset_of_last(most)).limit(1)
            .select(errors::at).first::<DbInstant>(c).await.optional())?;
        let old = errors::at.lt(DbInstant(before)).and(errors::at.le(last.unwrap_or(DbInstant(before))));
        Ok(on!(self, c => diesel::delete(errors::table.filter(old)).execute(c).await)?)
    }
}
