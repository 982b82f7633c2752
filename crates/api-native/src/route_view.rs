//! How a route is shown: with all that is known of it, or as one of many.

use routemate_app::{ListedRoute, WholeRoute};
use routemate_domain::{Driver, IntegrationId, Itinerary, Job, Location, Stop, Terminal, Text};
use serde::Serialize;
use utoipa::ToSchema;

use crate::convert::{self, instant};
use crate::dto::{AddressDto, LocationDto, RouteDto, StatusCountsDto, StopDto, TaskDto};
use crate::openapi::schemas;

/// A route with its job, its driver and every stop.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WholeRouteDto<'a> {
    #[serde(flatten)]
    route: RouteDto<'a>,
    /// The job that was imported with it, where the caller may see that.
    #[schema(required)]
    job: Option<RouteJobDto<'a>>,
    #[schema(required)]
    driver: Option<RouteDriverDto<'a>>,
    /// When it is to be driven, as planned by a person.
    #[schema(required, format = "date-time")]
    scheduled_for: Option<String>,
    /// Until when its driver sees it before setting out; `null` is not dispatched.
    #[schema(required, format = "date-time")]
    dispatched_until: Option<String>,
    /// Since when it is put away.
    #[schema(required, format = "date-time")]
    archived_at: Option<String>,
    /// Where the driver sets out, beside the stops.
    start: TerminalDto<'a>,
    /// Where the driver goes at last, beside the stops.
    end: TerminalDto<'a>,
    stop_count: usize,
    status_counts: StatusCountsDto,
    /// Stops whose address was not found.
    not_found_count: usize,
    /// Stops that are late, or have no place in the order.
    shortfall_count: usize,
    /// In driving order; those that were not located come last.
    stops: Vec<StopDto<'a>>,
}

/// The job of a route.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RouteJobDto<'a> {
    #[schema(format = "uuid")]
    job_id: String,
    external_job_id: &'a str,
}

/// Who drives a route.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RouteDriverDto<'a> {
    #[schema(format = "uuid")]
    driver_id: String,
    /// The same person's in every organisation.
    #[schema(format = "uuid")]
    user_id: String,
    #[schema(required)]
    first_name: Option<&'a str>,
    #[schema(required)]
    last_name: Option<&'a str>,
}

/// Where a route begins or ends, beside its stops.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TerminalDto<'a> {
    address: AddressDto<'a>,
    /// `null` where the route has no such place.
    #[schema(required)]
    location: Option<LocationDto<'a>>,
    /// The driver's work there.
    tasks: Vec<TaskDto<'a>>,
}

/// A page of routes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RoutesDto<'a> {
    pub(crate) routes: Vec<ListedRouteDto<'a>>,
    /// Where the next page begins; `null` on the last one.
    #[schema(required)]
    pub(crate) next_cursor: Option<String>,
}

/// What a list tells of a route.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListedRouteDto<'a> {
    #[schema(format = "uuid")]
    route_id: String,
    name: &'a str,
    /// `planned`, `started`, `completed` or `cancelled`.
    #[schema(schema_with = schemas::route_status)]
    status: &'static str,
    /// The job that was imported with it, where the caller may see that.
    #[schema(required)]
    job: Option<RouteJobDto<'a>>,
    #[schema(required)]
    driver: Option<RouteDriverDto<'a>>,
    /// When it is to be driven, as planned by a person.
    #[schema(required, format = "date-time")]
    scheduled_for: Option<String>,
    /// When the driver should set out, where days or windows say so.
    #[schema(required, format = "date-time")]
    departure_at: Option<String>,
    #[schema(required, format = "date-time")]
    dispatched_until: Option<String>,
    #[schema(required, format = "date-time")]
    archived_at: Option<String>,
    distance_meters: u32,
    /// Driving only, without service and waiting.
    duration_seconds: u32,
    stop_count: i64,
    /// Stops that have ended, however they did.
    ended_count: i64,
    /// Stops whose address was not found.
    not_found_count: i64,
    /// Stops that are late, or have no place in the order.
    shortfall_count: i64,
    /// Counts changes of the route.
    version: i64,
    #[schema(format = "date-time")]
    created_at: String,
    #[schema(format = "date-time")]
    updated_at: String,
}

/// The whole route, for a caller of this integration; an operator sees every job.
pub(crate) fn whole_route<'a>(
    itinerary: &'a Itinerary,
    job: Option<&'a Job>,
    driver: Option<&'a Driver>,
    caller: Option<IntegrationId>,
) -> WholeRouteDto<'a> {
    let route = &itinerary.route;
    let present: Vec<&Stop> = itinerary.present_stops().collect();
    let stops: Vec<StopDto<'_>> = present.iter().enumerate().map(|(at, stop)| convert::stop(at, stop)).collect();
    WholeRouteDto {
        route: convert::route(route),
        job: job.and_then(|job| self::job(job, caller)),
        driver: driver.map(self::driver),
        scheduled_for: route.scheduled_for.map(instant),
        dispatched_until: route.dispatched_until.map(instant),
        archived_at: route.archived_at.map(instant),
        start: terminal(&route.start),
        end: terminal(&route.end),
        stop_count: present.len(),
        status_counts: convert::status_counts(&stops),
        not_found_count: present.iter().filter(|stop| matches!(stop.location, Location::NotFound { .. })).count(),
        shortfall_count: present.iter().filter(|stop| stop.shortfall.is_some()).count(),
        stops,
    }
}

/// The same as a value, as an operator sees it.
///
/// # Errors
/// Where metadata of a stop is no JSON, which the database does not hold.
pub fn route_json(route: &WholeRoute) -> Result<serde_json::Value, serde_json::Error> {
    serde_json::to_value(whole_route(&route.itinerary, route.job.as_ref(), route.driver.as_ref(), None))
}

/// A route as one of many, for a caller of this integration; an operator sees every job.
pub(crate) fn listed_route(listed: &ListedRoute, caller: Option<IntegrationId>) -> ListedRouteDto<'_> {
    let route = &listed.route;
    ListedRouteDto {
        route_id: route.id.to_string(),
        name: route.name.as_str(),
        status: route.status.as_str(),
        job: listed.job.as_ref().and_then(|job| self::job(job, caller)),
        driver: listed.driver.as_ref().map(driver),
        scheduled_for: route.scheduled_for.map(instant),
        departure_at: route.departure_at.map(instant),
        dispatched_until: route.dispatched_until.map(instant),
        archived_at: route.archived_at.map(instant),
        distance_meters: route.totals.distance.get(),
        duration_seconds: route.totals.duration.get(),
        stop_count: listed.stops,
        ended_count: listed.ended,
        not_found_count: listed.not_found,
        shortfall_count: listed.shortfalls,
        version: route.version,
        created_at: instant(route.created_at),
        updated_at: instant(route.updated_at),
    }
}

/// The same as a value, as an operator sees it.
///
/// # Errors
/// None that has been seen: it is text and numbers.
pub fn listed_route_json(listed: &ListedRoute) -> Result<serde_json::Value, serde_json::Error> {
    serde_json::to_value(listed_route(listed, None))
}

/// Jobs are their own integration's alone.
fn job(job: &Job, caller: Option<IntegrationId>) -> Option<RouteJobDto<'_>> {
    let is_shown = caller.is_none_or(|caller| caller == job.integration_id);
    is_shown.then(|| RouteJobDto { job_id: job.id.to_string(), external_job_id: job.external_job_id.as_str() })
}

fn driver(driver: &Driver) -> RouteDriverDto<'_> {
    RouteDriverDto {
        driver_id: driver.id.to_string(),
        user_id: driver.user_id.to_string(),
        first_name: driver.first_name.as_ref().map(Text::as_str),
        last_name: driver.last_name.as_ref().map(Text::as_str),
    }
}

fn terminal(terminal: &Terminal) -> TerminalDto<'_> {
    TerminalDto {
        address: convert::address(&terminal.address),
        location: terminal.location.as_ref().map(convert::location),
        tasks: terminal.tasks.iter().map(convert::task).collect(),
    }
}

/// The version, and what is shown beside it that has none: the driver's name.
pub(crate) fn tag(itinerary: &Itinerary, driver: Option<&Driver>) -> String {
    let version = itinerary.route.version;
    match driver {
        None => format!("\"{version}\""),
        Some(driver) => {
            let name = serde_json::to_string(&self::driver(driver)).unwrap_or_default();
            format!("\"{version}-{:016x}\"", convert::hash(&name))
        }
    }
}
