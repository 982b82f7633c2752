use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use routemate_domain::{Email, IntegrationId, Job, JobId, JobStatus, OrganizationId, RouteId, RouteStatus};

use super::Scope;
use crate::rows::{JobRow, searched};
use crate::schema::{jobs, routes};
use crate::sql_types::{DbId, DbInstant};
use crate::tx::on;
use crate::{StoreError, Tx};

/// A job with how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedJob {
    /// The job.
    pub job: Job,
    /// How its route stands.
    pub status: JobStatus,
    /// Stops of its route.
    pub stops: i64,
}

impl Tx {
    /// The organisation of a job, for an operator who knows only its id. Scans: not for requests.
    pub async fn system_find_organization_of_job(&mut self, id: JobId) -> Result<Option<OrganizationId>, StoreError> {
        let found = on!(self, c => jobs::table
            .filter(jobs::id.eq(DbId(id.to_uuid()))).select(jobs::organization_id).first::<DbId>(c).await.optional())?;
        Ok(found.map(|organization| OrganizationId::from_uuid(organization.0)))
    }
}

impl Scope<'_> {
    /// Adds a job. A second one with the same external id is a [`StoreError::UniqueViolation`].
    pub async fn insert_job(&mut self, job: &Job) -> Result<(), StoreError> {
        let row = JobRow::from_domain(job);
        on!(self.tx, c => diesel::insert_into(jobs::table).values(row).execute(c).await)?;
        Ok(())
    }

    /// The job, if it is one of this organisation's.
    pub async fn find_job(&mut self, id: JobId) -> Result<Option<Job>, StoreError> {
        let key = (self.key(), DbId(id.to_uuid()));
        let row = on!(self.tx, c => jobs::table.find(key).select(JobRow::as_select()).first(c).await.optional())?;
        row.map(JobRow::into_domain).transpose()
    }

    /// The job whose route this is; `None` for a route of its own.
    pub async fn find_job_of_route(&mut self, route: RouteId) -> Result<Option<Job>, StoreError> {
        let key = self.key();
        let row = on!(self.tx, c => jobs::table
            .filter(jobs::organization_id.eq(key))
            .filter(jobs::route_id.eq(DbId(route.to_uuid())))
            .select(JobRow::as_select()).first(c).await.optional())?;
        row.map(JobRow::into_domain).transpose()
    }

    /// The job that an integration knows by this id.
    pub async fn find_job_by_external_id(
        &mut self,
        integration: IntegrationId,
        external_job_id: &str,
    ) -> Result<Option<Job>, StoreError> {
        let key = self.key();
        let row = on!(self.tx, c => jobs::table
            .filter(jobs::organization_id.eq(key))
            .filter(jobs::integration_id.eq(DbId(integration.to_uuid())))
            .filter(jobs::external_job_id.eq(external_job_id))
            .select(JobRow::as_select()).first(c).await.optional())?;
        row.map(JobRow::into_domain).transpose()
    }

    /// Writes who is to drive a job.
    pub async fn update_job_driver(&mut self, job: &Job) -> Result<(), StoreError> {
        let key = (self.key(), DbId(job.id.to_uuid()));
        on!(self.tx, c => diesel::update(jobs::table.find(key))
            .set((
                jobs::driver_email.eq(&job.driver_email),
                jobs::driver_key.eq(job.driver_key.as_str()),
                jobs::search.eq(searched(job)),
                jobs::updated_at.eq(DbInstant(job.updated_at)),
            ))
            .execute(c).await)?;
        Ok(())
    }

    /// Marks the job as changed.
    pub async fn touch_job(&mut self, id: JobId, now: Timestamp) -> Result<(), StoreError> {
        let key = (self.key(), DbId(id.to_uuid()));
        on!(self.tx, c => diesel::update(jobs::table.find(key))
            .set(jobs::updated_at.eq(DbInstant(now))).execute(c).await)?;
        Ok(())
    }

    /// The jobs of this address that wait for a driver, oldest first, so many at most.
    pub async fn find_waiting_jobs(&mut self, driver_key: &Email, most: i64) -> Result<Vec<Job>, StoreError> {
        let key = self.key();
        let rows = on!(self.tx, c => jobs::table
            .inner_join(routes::table.on(
                routes::organization_id.eq(jobs::organization_id).and(routes::id.eq(jobs::route_id))))
            .filter(jobs::organization_id.eq(key))
            .filter(jobs::driver_key.eq(driver_key.as_str()))
            .filter(routes::driver_id.is_null())
            .filter(routes::status.ne_all(OVER))
            .order((jobs::created_at, jobs::id))
            .limit(most)
            .select(JobRow::as_select())
            .load(c).await)?;
        rows.into_iter().map(JobRow::into_domain).collect()
    }
}

/// The names of routes on which nothing more will be driven.
pub(super) const OVER: [&str; 2] = [
    RouteStatus::Completed { started_at: Timestamp::UNIX_EPOCH, at: Timestamp::UNIX_EPOCH }.as_str(),
    RouteStatus::Cancelled { started_at: None, at: Timestamp::UNIX_EPOCH }.as_str(),
];
