use jiff::Timestamp;
use routemate_domain::{Event, Itinerary, OrganizationId, RouteId, RouteStatus, Stop, StopId, StopSource, StopStatus};
use routemate_persistence::Tx;

use crate::audit::Actor;
use crate::events::outbox_event;
use crate::route_storing::write_stops;
use crate::{App, Error};

/// What is to be driven no more.
pub(crate) struct Withdrawal<'a> {
    pub(crate) app: &'a App,
    pub(crate) organization: OrganizationId,
    pub(crate) actor: Actor,
    /// What the stops were made from.
    pub(crate) source: StopSource,
    pub(crate) now: Timestamp,
}

/// Takes the stops that were made from it off unstarted routes, and queues new plans for these. Routes on which a driver
/// has set out, and such as were put away, stay as they are.
pub(crate) async fn withdraw_from_routes(tx: &mut Tx, withdrawal: &Withdrawal<'_>) -> Result<(), Error> {
    // In the order of their ids, as whoever refreshes routes does.
    for route in tx.organization(withdrawal.organization).find_open_routes_with(&[withdrawal.source]).await? {
        withdraw(tx, withdrawal, route).await?;
    }
    Ok(())
}

async fn withdraw(tx: &mut Tx, withdrawal: &Withdrawal<'_>, id: RouteId) -> Result<(), Error> {
    let Withdrawal { app, actor, now, .. } = *withdrawal;
    let mut scope = tx.organization(withdrawal.organization);
    scope.lock_route(id).await?;
    let Some(before) = scope.find_itinerary(id).await? else { return Ok(()) };
    if before.route.status != RouteStatus::Planned {
        return Ok(());
    }
    let is_gone = |stop: &&Stop| stop.source == withdrawal.source && stop.status == StopStatus::Pending;
    let gone: Vec<StopId> = before.stops.iter().filter(is_gone).map(|stop| stop.id).collect();
    if gone.is_empty() {
        return Ok(());
    }
    // A route that was put away refuses.
    let Ok(after) = before.clone().remove_stops(&gone, now) else { return Ok(()) };
    if !scope.update_route(&after.route).await? {
        return Err(crate::driving::lost_race().into());
    }
    let job = scope.find_job_of_route(id).await?;
    write_stops(&mut scope, job.as_ref().map(|job| job.id), &before, &after).await?;
    scope.enqueue(&app.route_planning(&after.route, now), now).await?;
    if let Some(job) = &job {
        scope.touch_job(job.id, now).await?;
    }
    scope.insert_audit(&app.audit(actor, "route.stops_withdrawn", "route", id), now).await?;
    let Itinerary { stops, .. } = &after;
    let event = outbox_event(app.new_uuid(), Event::RouteUpdated, (id, job.as_ref()), stops)?;
    Ok(scope.insert_events(&[event], now).await?)
}
