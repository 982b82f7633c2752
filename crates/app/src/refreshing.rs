use std::collections::HashMap;

use jiff::Timestamp;
use routemate_domain::{
    Event, Itinerary, Location, OrganizationId, Route, RouteId, RouteStatus, Stop, StopRequest, StopSource, StopStatus,
};
use routemate_persistence::Tx;

use crate::audit::Actor;
use crate::events::outbox_event;
use crate::{App, Error};

/// What stops on routes were made from, as it is now.
pub(crate) struct Refresh<'a> {
    pub(crate) app: &'a App,
    pub(crate) organization: OrganizationId,
    pub(crate) actor: Actor,
    pub(crate) fresh: HashMap<StopSource, Fresh<'a>>,
    pub(crate) now: Timestamp,
}

/// What is wanted now, and where that is.
pub(crate) struct Fresh<'a> {
    pub(crate) request: &'a StopRequest,
    pub(crate) location: &'a Location,
}

/// Brings the stops of unstarted routes up to what they were made from, each in its place, and queues new plans where
/// places or times have changed. Routes on which a driver has set out stay as they are.
pub(crate) async fn refresh_routes(tx: &mut Tx, refresh: &Refresh<'_>) -> Result<(), Error> {
    if refresh.fresh.is_empty() {
        return Ok(());
    }
    let sources: Vec<StopSource> = refresh.fresh.keys().copied().collect();
    // In the order of their ids, so that two refreshes wait for each other at most one way round.
    for route in tx.organization(refresh.organization).find_open_routes_with(&sources).await? {
        refresh_route(tx, refresh, route).await?;
    }
    Ok(())
}

async fn refresh_route(tx: &mut Tx, refresh: &Refresh<'_>, id: RouteId) -> Result<(), Error> {
    let mut scope = tx.organization(refresh.organization);
    scope.lock_route(id).await?;
    let Some(Itinerary { mut route, stops }) = scope.find_itinerary(id).await? else { return Ok(()) };
    if route.status != RouteStatus::Planned {
        return Ok(());
    }
    let job = scope.find_job_of_route(id).await?;
    let day = job.as_ref().and_then(|job| job.scheduled_date).or_else(|| day_of(&route));
    let mut is_replanned = false;
    let mut refreshed = Vec::with_capacity(stops.len());
    for (position, stop) in stops.into_iter().enumerate() {
        let fresh = refresh.fresh.get(&stop.source).filter(|_| stop.status == StopStatus::Pending);
        let Some(fresh) = fresh else {
            refreshed.push(stop);
            continue;
        };
        let location = place_on_route(&stop, fresh);
        let day = (day, &route.timezone);
        let mut new = stop.refreshed(fresh.request, location, day, refresh.now, || refresh.app.new_uuid());
        if new.location.position().is_none() {
            new.planned = None;
            new.shortfall = None;
        }
        is_replanned |= is_planned_otherwise(&stop, &new);
        scope.update_stop(id, position, &new).await?;
        refreshed.push(new);
    }
    route.updated_at = refresh.now;
    if !scope.update_route(&route).await? {
        return Err(crate::driving::lost_race().into());
    }
    if is_replanned {
        scope.enqueue(&refresh.app.route_planning(&route, refresh.now), refresh.now).await?;
    }
    if let Some(job) = &job {
        scope.touch_job(job.id, refresh.now).await?;
    }
    scope.insert_audit(&refresh.app.audit(refresh.actor, "route.stops_refreshed", "route", id), refresh.now).await?;
    let event = outbox_event(refresh.app.new_uuid(), Event::RouteUpdated, (id, job.as_ref()), &refreshed)?;
    Ok(scope.insert_events(&[event], refresh.now).await?)
}

/// The day that windows without a date are on.
fn day_of(route: &Route) -> Option<jiff::civil::Date> {
    route.scheduled_for.map(|at| at.to_zoned(route.timezone.zone().clone()).date())
}

/// Where the stop is now. What a planner or a geocoder has found for the same address on the route stays, unless the client
/// says where it is.
fn place_on_route(stop: &Stop, fresh: &Fresh<'_>) -> Location {
    let is_same_address = stop.address == fresh.request.address;
    if is_same_address && fresh.request.position.is_none() && stop.location.position().is_some() {
        return stop.location.clone();
    }
    fresh.location.clone()
}

/// Whether a plan that was right for the old stop may be wrong for the new one.
fn is_planned_otherwise(old: &Stop, new: &Stop) -> bool {
    old.location.driven_to() != new.location.driven_to()
        || new.location == Location::Searching
        || old.service_time != new.service_time
        || old.windows != new.windows
        || old.priority != new.priority
}
