use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use jiff::civil::Date;
use routemate_domain::{Email, IntegrationId, JobId, JobStatus, RouteStatus};

use super::Scope;
use super::jobs::ListedJob;
use super::text_search::pattern;
use crate::StoreError;
use crate::rows::{JobRow, RouteRow};
use crate::schema::{jobs, routes, stops};
use crate::sql_types::DbId;
use crate::tx::on;

/// Which jobs of an integration are listed; what is `None` does not matter.
#[derive(Debug, Clone)]
pub struct JobFilter {
    /// Whose.
    pub integration: IntegrationId,
    /// The day they are for.
    pub scheduled_date: Option<Date>,
    /// How they stand.
    pub status: Option<JobStatus>,
    /// Who is to drive.
    pub driver: Option<Email>,
    /// Words in the title, the client's id or the driver's address, case ignored.
    pub text: Option<String>,
}

/// What a job's status is in its route's row.
struct StatusColumns {
    names: Vec<&'static str>,
    with_driver: bool,
    without_driver: bool,
}

impl JobFilter {
    fn status_columns(&self) -> StatusColumns {
        const PLANNED: &str = RouteStatus::Planned.as_str();
        const AT: Timestamp = Timestamp::UNIX_EPOCH;
        const STARTED: &str = RouteStatus::Started { at: AT }.as_str();
        const COMPLETED: &str = RouteStatus::Completed { started_at: AT, at: AT }.as_str();
        const CANCELLED: &str = RouteStatus::Cancelled { started_at: None, at: AT }.as_str();
        let (names, with_driver, without_driver) = match self.status {
            None => (vec![PLANNED, STARTED, COMPLETED, CANCELLED], true, true),
            Some(JobStatus::Pending) => (vec![PLANNED], false, true),
            Some(JobStatus::Assigned) => (vec![PLANNED], true, false),
            Some(JobStatus::InProgress) => (vec![STARTED], true, true),
            Some(JobStatus::Completed) => (vec![COMPLETED], true, true),
            Some(JobStatus::Cancelled) => (vec![CANCELLED], true, true),
        };
        StatusColumns { names, with_driver, without_driver }
    }
}

/// A page of jobs that fulfil one more condition: the one that an index answers.
macro_rules! page {
    ($tx:expr, $organization:expr, $filter:expr, $before:expr, $most:expr, $condition:expr) => {{
        let StatusColumns { names, with_driver, without_driver } = $filter.status_columns();
        let pattern = pattern($filter.text.as_deref());
        on!($tx, c => jobs::table
            .inner_join(routes::table.on(
                routes::organization_id.eq(jobs::organization_id).and(routes::id.eq(jobs::route_id))))
            .filter(jobs::organization_id.eq($organization))
            .filter(jobs::integration_id.eq(DbId($filter.integration.to_uuid())))
            .filter($condition)
            .filter(jobs::id.lt($before))
            .filter(routes::status.eq_any(names))
            .filter(routes::driver_id.is_not_null().or(without_driver.into_sql::<Bool>()))
            .filter(routes::driver_id.is_null().or(with_driver.into_sql::<Bool>()))
            .filter(jobs::search.like(pattern).escape('\\'))
            .order(jobs::id.desc())
            .limit($most)
            .select((JobRow::as_select(), RouteRow::as_select()))
            .load::<(JobRow, RouteRow)>(c).await)
    }};
}

impl Scope<'_> {
    /// Jobs of an integration, the latest first, so many at most and only those before one where it is given.
    pub async fn find_jobs(
        &mut self,
        filter: &JobFilter,
        before: Option<JobId>,
        most: i64,
    ) -> Result<Vec<ListedJob>, StoreError> {
        let (key, before) = (self.key(), DbId(before.map_or(uuid::Uuid::max(), JobId::to_uuid)));
        let date = filter.scheduled_date.map(|date| date.to_string());
        let driver = filter.driver.as_ref().map(|driver| driver.as_str().to_owned());
        // Each arm is a statement of its own: SQLite plans without knowing what is bound.
        let rows = match (date, driver) {
            (None, None) => page!(self.tx, key, filter, before, most, jobs::organization_id.eq(key)),
            (Some(date), None) => page!(self.tx, key, filter, before, most, jobs::scheduled_date.eq(date)),
            (None, Some(driver)) => page!(self.tx, key, filter, before, most, jobs::driver_key.eq(driver)),
            (Some(date), Some(driver)) => {
                page!(
                    self.tx,
                    key,
                    filter,
                    before,
                    most,
                    jobs::scheduled_date.eq(date).and(jobs::driver_key.eq(driver))
                )
            }
        }?;
        let mut listed = Vec::with_capacity(rows.len());
        for (job, route) in rows {
            // Its line is of no interest here.
            let (job, route) = (job.into_domain()?, route.into_domain(String::new())?);
            let stops = on!(self.tx, c => stops::table
                .filter(stops::organization_id.eq(key))
                .filter(stops::route_id.eq(DbId(route.id.to_uuid())))
                .filter(stops::status.ne("removed"))
                .count().get_result::<i64>(c).await)?;
            listed.push(ListedJob { job, status: JobStatus::of(route.driver_id, route.status), stops });
        }
        Ok(listed)
    }
}
