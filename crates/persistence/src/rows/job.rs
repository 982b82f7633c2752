use diesel::prelude::*;
use routemate_domain::{
    Email, ExternalId, IntegrationId, Job, JobId, JsonText, OrganizationId, RouteId, Text, ZoneName,
};

use crate::StoreError;
use crate::schema::jobs;
use crate::sql_types::{DbId, DbInstant};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = jobs, treat_none_as_default_value = false)]
pub(crate) struct JobRow {
    organization_id: DbId,
    id: DbId,
    integration_id: DbId,
    external_job_id: String,
    title: String,
    driver_email: String,
    driver_key: String,
    scheduled_date: Option<String>,
    timezone: Option<String>,
    metadata: String,
    route_id: DbId,
    created_at: DbInstant,
    updated_at: DbInstant,
    search: String,
}

impl JobRow {
    pub(crate) fn from_domain(job: &Job) -> Self {
        Self {
            organization_id: DbId(job.organization_id.to_uuid()),
            id: DbId(job.id.to_uuid()),
            integration_id: DbId(job.integration_id.to_uuid()),
            external_job_id: job.external_job_id.as_str().to_owned(),
            title: job.title.as_str().to_owned(),
            driver_email: job.driver_email.clone(),
            driver_key: job.driver_key.as_str().to_owned(),
            scheduled_date: job.scheduled_date.map(|date| date.to_string()),
            timezone: job.timezone.as_ref().map(|zone| zone.as_str().to_owned()),
            metadata: job.metadata.as_str().to_owned(),
            route_id: DbId(job.route_id.to_uuid()),
            created_at: DbInstant(job.created_at),
            updated_at: DbInstant(job.updated_at),
            search: searched(job),
        }
    }

    pub(crate) fn into_domain(self) -> Result<Job, StoreError> {
        const TABLE: &str = "jobs";
        let scheduled_date = self
            .scheduled_date
            .map(|date| date.parse().map_err(|error: jiff::Error| StoreError::corrupt(TABLE, "scheduled_date", error)))
            .transpose()?;
        let timezone = self
            .timezone
            .map(|zone| ZoneName::parse(&zone).map_err(|error| StoreError::corrupt(TABLE, "timezone", error)))
            .transpose()?;
        Ok(Job {
            organization_id: OrganizationId::from_uuid(self.organization_id.0),
            id: JobId::from_uuid(self.id.0),
            integration_id: IntegrationId::from_uuid(self.integration_id.0),
            external_job_id: ExternalId::parse(self.external_job_id)
                .map_err(|error| StoreError::corrupt(TABLE, "external_job_id", error))?,
            title: Text::parse(self.title).map_err(|error| StoreError::corrupt(TABLE, "title", error))?,
            driver_email: self.driver_email,
            driver_key: Email::parse(&self.driver_key)
                .map_err(|error| StoreError::corrupt(TABLE, "driver_key", error))?,
            scheduled_date,
            timezone,
            metadata: JsonText::from_serialized(self.metadata),
            route_id: RouteId::from_uuid(self.route_id.0),
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
        })
    }
}

/// What a job is searched by, in lower case on either database.
pub(crate) fn searched(job: &Job) -> String {
    format!("{} {} {}", job.title, job.external_job_id, job.driver_email).to_lowercase()
}
