use std::collections::HashMap;

use diesel::dsl::{count, count_star};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use jiff::civil::Date;
use routemate_domain::{
    Driver, DriverId, Email, IntegrationId, Job, OrganizationId, Route, RouteId, RouteStatus, StopStatus,
};

use super::Scope;
use super::route_lists::EARLIEST;
use super::text_search::pattern;
use crate::rows::{JobRow, RouteRow};
use crate::schema::{jobs, routes, stops};
use crate::sql_types::{DbId, DbInstant};
use crate::tx::on;
use crate::{StoreError, Tx};

/// Which routes are looked for; what is `None` or empty does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RouteFilter {
    /// How they stand: names of [`RouteStatus`].
    pub statuses: Vec<&'static str>,
    /// Who drives.
    pub driver: Option<WhoDrives>,
    /// The day they are for.
    pub day: Option<RouteDay>,
    /// Words in the name, or in what the job of the route is searched by; case ignored.
    pub text: Option<String>,
    /// Only jobs of this integration are known by their words.
    pub jobs_of: Option<IntegrationId>,
    /// Whether archived ones are listed too.
    pub include_archived: bool,
}

/// Who drives a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhoDrives {
    /// Nobody yet.
    Nobody,
    /// This driver.
    Driver(DriverId),
    /// Nobody yet, but its job waits for whoever has this address.
    Awaited(Email),
    /// This driver has the address, or it is waited for.
    DriverOrAwaited(DriverId, Email),
}

/// A day, and when it begins and ends where the route is driven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteDay {
    /// The day, which is that of a job.
    pub date: Date,
    /// Its first instant, for routes that are scheduled for one.
    pub from: Timestamp,
    /// The first instant after it.
    pub until: Timestamp,
}

/// What a list tells of a route. Its line is left out.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedRoute {
    /// The route.
    pub route: Route,
    /// The job that it belongs to.
    pub job: Option<Job>,
    /// Who drives it.
    pub driver: Option<Driver>,
    /// How many stops are on it.
    pub stops: i64,
    /// How many of these have ended, however they did.
    pub ended: i64,
    /// How many addresses were not found.
    pub not_found: i64,
    /// How many have no place in the order, or are late.
    pub shortfalls: i64,
}

/// How many stops of a route share a state and a source of their place, and how many of these fall short.
type Counted = (DbId, String, String, i64, i64);

/// A page of routes that fulfil one more condition: the one that an index may answer.
macro_rules! page {
    ($tx:expr, $organization:expr, $filter:expr, $before:expr, $most:expr, $condition:expr) => {{
        let statuses = $filter.status_names();
        let pattern = pattern($filter.text.as_deref());
        let (from, until, date) = $filter.day_bounds();
        let jobs_of = $filter.jobs_of.map(|integration| DbId(integration.to_uuid()));
        on!($tx, c => routes::table
            .left_join(jobs::table.on(
                jobs::organization_id.eq(routes::organization_id).and(jobs::route_id.eq(routes::id))))
            .filter(routes::organization_id.eq($organization))
            .filter($condition)
            .filter(routes::id.lt($before))
            .filter(routes::status.eq_any(statuses))
            .filter(routes::archived_at.is_null().or($filter.include_archived.into_sql::<Bool>()))
            .filter(routes::search.like(pattern.clone()).escape('\\')
                .or(jobs::search.nullable().is_not_null()
                    .and($filter.jobs_of.is_none().into_sql::<Bool>().or(jobs::integration_id.nullable().eq(jobs_of)))
                    .and(jobs::search.nullable().like(pattern).escape('\\'))))
            .filter($filter.day.is_none().into_sql::<Bool>()
                .or(routes::scheduled_for.ge(from).and(routes::scheduled_for.lt(until)))
                .or(jobs::scheduled_date.nullable().eq(date)))
            .order(routes::id.desc())
            .limit($most)
            .select((RouteRow::as_select(), Option::<JobRow>::as_select()))
            .load::<(RouteRow, Option<JobRow>)>(c).await)
    }};
}

impl RouteFilter {
    fn status_names(&self) -> Vec<&'static str> {
        if self.statuses.is_empty() { RouteStatus::NAMES.to_vec() } else { self.statuses.clone() }
    }

    fn day_bounds(&self) -> (DbInstant, DbInstant, Option<String>) {
        let (from, until) =
            self.day.map_or((Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH), |day| (day.from, day.until));
        (DbInstant(from.max(EARLIEST)), DbInstant(until.max(EARLIEST)), self.day.map(|day| day.date.to_string()))
    }
}

impl Tx {
    /// The organisation of a route, for an operator who knows only its id. Scans: not for requests.
    pub async fn system_find_organization_of_route(
        &mut self,
        id: RouteId,
    ) -> Result<Option<OrganizationId>, StoreError> {
        let found = on!(self, c => routes::table
            .filter(routes::id.eq(DbId(id.to_uuid())))
            .select(routes::organization_id).first::<DbId>(c).await.optional())?;
        Ok(found.map(|organization| OrganizationId::from_uuid(organization.0)))
    }
}

impl Scope<'_> {
    /// Routes, those of jobs among them, the latest made first, so many at most and only those before one where it is
    /// given.
    pub async fn search_routes(
        &mut self,
        filter: &RouteFilter,
        before: Option<RouteId>,
        most: i64,
    ) -> Result<Vec<ListedRoute>, StoreError> {
        let (key, before) = (self.key(), DbId(before.map_or(uuid::Uuid::max(), RouteId::to_uuid)));
        let (awaited, driver) = match &filter.driver {
            None | Some(WhoDrives::Nobody) => (None, None),
            Some(WhoDrives::Driver(driver)) => (None, Some(*driver)),
            Some(WhoDrives::Awaited(email)) => (Some(email), None),
            Some(WhoDrives::DriverOrAwaited(driver, email)) => (Some(email), Some(*driver)),
        };
        let awaited = awaited.map(|email| email.as_str().to_owned());
        let driver = driver.map(|driver| DbId(driver.to_uuid()));
        let is_awaited = || routes::driver_id.is_null().and(jobs::driver_key.nullable().eq(awaited.clone()));
        // Each arm is a statement of its own: SQLite plans without knowing what is bound.
        let rows = match &filter.driver {
            None => page!(self.tx, key, filter, before, most, routes::organization_id.eq(key)),
            Some(WhoDrives::Nobody) => page!(self.tx, key, filter, before, most, routes::driver_id.is_null()),
            Some(WhoDrives::Driver(_)) => page!(self.tx, key, filter, before, most, routes::driver_id.eq(driver)),
            Some(WhoDrives::Awaited(_) | WhoDrives::DriverOrAwaited(..)) => {
                page!(self.tx, key, filter, before, most, routes::driver_id.eq(driver).or(is_awaited()))
            }
        }?;
        let rows = rows
            .into_iter()
            .map(|(route, job)| Ok((route.into_domain(String::new())?, job.map(JobRow::into_domain).transpose()?)));
        let found = rows.collect::<Result<Vec<(Route, Option<Job>)>, StoreError>>()?;
        self.listed(found).await
    }

    /// Routes with their drivers and the counts of their stops.
    async fn listed(&mut self, found: Vec<(Route, Option<Job>)>) -> Result<Vec<ListedRoute>, StoreError> {
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let mut drivers: Vec<DriverId> = found.iter().filter_map(|(route, _)| route.driver_id).collect();
        drivers.sort_unstable();
        drivers.dedup();
        let drivers = if drivers.is_empty() { Vec::new() } else { self.find_drivers_by_ids(&drivers).await? };
        let drivers: HashMap<DriverId, Driver> = drivers.into_iter().map(|driver| (driver.id, driver)).collect();
        let key = self.key();
        let ids: Vec<DbId> = found.iter().map(|(route, _)| DbId(route.id.to_uuid())).collect();
        let counted = on!(self.tx, c => stops::table
            .filter(stops::organization_id.eq(key))
            .filter(stops::route_id.eq_any(ids))
            .filter(stops::status.ne(StopStatus::Removed.as_str()))
            .group_by((stops::route_id, stops::status, stops::location_source))
            .order((stops::route_id, stops::status, stops::location_source))
            .select((stops::route_id, stops::status, stops::location_source, count_star(), count(stops::shortfall)))
            .load::<Counted>(c).await)?;
        let listed = |(route, job): (Route, Option<Job>)| {
            let driver = route.driver_id.and_then(|id| drivers.get(&id).cloned());
            let mut listed = ListedRoute { route, job, driver, stops: 0, ended: 0, not_found: 0, shortfalls: 0 };
            for (_, status, source, stops, shortfalls) in
                counted.iter().filter(|(route, ..)| route.0 == listed.route.id.to_uuid())
            {
                listed.stops += stops;
                listed.shortfalls += shortfalls;
                listed.ended += if OPEN.contains(&status.as_str()) { 0 } else { *stops };
                listed.not_found += if source == "not_found" { *stops } else { 0 };
            }
            listed
        };
        Ok(found.into_iter().map(listed).collect())
    }
}

/// The names of what a stop is until it has ended.
const OPEN: [&str; 2] = [StopStatus::Pending.as_str(), StopStatus::Arrived { at: Timestamp::UNIX_EPOCH }.as_str()];
