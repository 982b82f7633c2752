use diesel::prelude::*;
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

/// How many jobs are looked through for one page where no index knows which of them are meant.
const LOOKED_THROUGH: i64 = 5_000;

/// Which jobs are listed; what is `None` does not matter.
#[derive(Debug, Clone, Default)]
pub struct JobFilter {
    /// Whose.
    pub integration: Option<IntegrationId>,
    /// The day they are for.
    pub scheduled_date: Option<Date>,
    /// How they stand.
    pub status: Option<JobStatus>,
    /// Who is to drive.
    pub driver: Option<Email>,
    /// Words in the title, the client's id or the driver's address, case ignored.
    pub text: Option<String>,
}

/// A page of jobs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobPage {
    /// The latest first.
    pub jobs: Vec<ListedJob>,
    /// Where the next page goes on: before this job. `None` where nothing is left.
    pub next: Option<JobId>,
}

/// What a job's status is in its route's row.
struct StatusColumns {
    names: Vec<&'static str>,
    with_driver: bool,
    without_driver: bool,
}

impl JobFilter {
    /// Whether an index leads to the jobs that are meant and to few others.
    fn is_indexed(&self) -> bool {
        let is_owned = self.integration.is_some() || (self.scheduled_date.is_none() && self.driver.is_none());
        is_owned && self.status.is_none() && self.text.is_none()
    }

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

impl Scope<'_> {
    /// Jobs, the latest first, so many at most and only those before one where it is given.
    ///
    /// Words, states and, without an integration, days and drivers are not what an index knows: for these at most 5,000 jobs
    /// are looked through, so that a page may hold few jobs, or none, and others still follow.
    pub async fn find_jobs(
        &mut self,
        filter: &JobFilter,
        before: Option<JobId>,
        most: i64,
    ) -> Result<JobPage, StoreError> {
        let key = self.key();
        let before = DbId(before.map_or(uuid::Uuid::max(), JobId::to_uuid));
        let floor = if filter.is_indexed() { None } else { self.find_floor(filter, before).await? };
        let StatusColumns { names, with_driver, without_driver } = filter.status_columns();
        // One more than asked for says whether there are more.
        let more = most.saturating_add(1);
        let mut rows = on!(self.tx, c => {
            let mut query = jobs::table
                .inner_join(routes::table.on(
                    routes::organization_id.eq(jobs::organization_id).and(routes::id.eq(jobs::route_id))))
                .filter(jobs::organization_id.eq(key))
                .filter(jobs::id.lt(before))
                .order(jobs::id.desc())
                .limit(more)
                .select((JobRow::as_select(), RouteRow::as_select()))
                .into_boxed();
            if let Some(integration) = filter.integration {
                query = query.filter(jobs::integration_id.eq(DbId(integration.to_uuid())));
            }
            if let Some(date) = filter.scheduled_date {
                query = query.filter(jobs::scheduled_date.eq(date.to_string()));
            }
            if let Some(driver) = &filter.driver {
                query = query.filter(jobs::driver_key.eq(driver.as_str().to_owned()));
            }
            if filter.text.is_some() {
                query = query.filter(jobs::search.like(pattern(filter.text.as_deref())).escape('\\'));
            }
            if filter.status.is_some() {
                query = query.filter(routes::status.eq_any(names));
            }
            if !without_driver {
                query = query.filter(routes::driver_id.is_not_null());
            }
            if !with_driver {
                query = query.filter(routes::driver_id.is_null());
            }
            if let Some(floor) = floor {
                query = query.filter(jobs::id.ge(floor));
            }
            query.load::<(JobRow, RouteRow)>(c).await
        })?;
        let has_more = i64::try_from(rows.len()).is_ok_and(|count| count > most);
        rows.truncate(usize::try_from(most).unwrap_or_default());
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
        let next = match listed.last() {
            Some(last) if has_more => Some(last.job.id),
            _ => floor.map(|floor| JobId::from_uuid(floor.0)),
        };
        Ok(JobPage { jobs: listed, next })
    }

    /// The job down to which is looked, where there are more than are looked through.
    async fn find_floor(&mut self, filter: &JobFilter, before: DbId) -> Result<Option<DbId>, StoreError> {
        let key = self.key();
        Ok(on!(self.tx, c => {
            let mut query = jobs::table
                .filter(jobs::organization_id.eq(key))
                .filter(jobs::id.lt(before))
                .order(jobs::id.desc())
                .offset(LOOKED_THROUGH - 1)
                .limit(1)
                .select(jobs::id)
                .into_boxed();
            // What an index has in the order of ids, and no more.
            if let Some(integration) = filter.integration {
                query = query.filter(jobs::integration_id.eq(DbId(integration.to_uuid())));
                if let Some(date) = filter.scheduled_date {
                    query = query.filter(jobs::scheduled_date.eq(date.to_string()));
                } else if let Some(driver) = &filter.driver {
                    query = query.filter(jobs::driver_key.eq(driver.as_str().to_owned()));
                }
            }
            query.first::<DbId>(c).await.optional()
        })?)
    }
}
