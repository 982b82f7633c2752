use jiff::Timestamp;
use routemate_domain::{
    Driver, DriverId, DriverStatus, Event, Itinerary, Job, JobId, OrganizationId, Refusal, Stop, StopId, StopStatus,
};
use routemate_persistence::{AuditEntry, NewWork, Reservation, Scope, StoreError, Tx};

use crate::events::outbox_event;
use crate::idempotency::{Stopped, keep_answer};
use crate::resolution::{ResolveDriver, resolve_driver};
use crate::route_creation::{SourceVersions, are_in_force};
use crate::{App, Error, ErrorKind, Noun, RenderWholeRoute, WholeRoute};

/// What the transaction of a change writes.
pub(crate) struct Store<'a> {
    pub(crate) app: &'a App,
    pub(crate) noun: Noun,
    pub(crate) before: Itinerary,
    pub(crate) after: Itinerary,
    /// What new stops were copied from.
    pub(crate) sources: SourceVersions,
    pub(crate) job: Option<Job>,
    /// Who is to drive, where that changes.
    pub(crate) driver: Option<NewDriver<'a>>,
    pub(crate) events: Vec<Event>,
    pub(crate) search: Option<NewWork>,
    pub(crate) audit: AuditEntry,
    /// The idempotency key that the answer is kept under.
    pub(crate) keep: Option<Keep<'a>>,
    pub(crate) now: Timestamp,
}

/// An answer that is kept with what it tells.
#[derive(Clone, Copy)]
pub(crate) struct Keep<'a> {
    pub(crate) reservation: Reservation,
    pub(crate) render: &'a RenderWholeRoute,
}

/// Who is to drive from now on.
pub(crate) enum NewDriver<'a> {
    /// This driver, if that is one who may.
    Driver(DriverId),
    /// Whoever has this address.
    Person(ResolveDriver<'a>),
}

/// The one transaction of a change: all of it, or nothing.
pub(crate) async fn store_change(tx: &mut Tx, store: &Store<'_>) -> Result<WholeRoute, Stopped> {
    let organization = store.after.route.organization_id;
    let mut events = store.events.clone();
    let mut route = store.after.route.clone();
    if let Some(driver) = find_new_driver(tx, organization, store.driver.as_ref()).await? {
        route.driver_id = driver;
        match (driver, store.before.route.driver_id) {
            (Some(driver), old) if old != Some(driver) => events.push(Event::JobAssigned(driver)),
            (None, Some(_)) => events.push(Event::JobUnassigned),
            _ => {}
        }
    }
    let mut scope = tx.organization(organization);
    if !are_in_force(&mut scope, &store.sources).await? || !scope.update_route(&route).await? {
        return Err(Error::from(ErrorKind::Changed(store.noun)).into());
    }
    route.version += 1;
    let job_id = store.job.as_ref().map(|job| job.id);
    write_stops(&mut scope, job_id, &store.before, &store.after).await?;
    if store.before.route.totals.polyline != route.totals.polyline {
        scope.replace_line(&route).await?;
    }
    if let Some(job) = &store.job {
        scope.update_job_driver(job).await?;
    }
    if let Some(search) = &store.search {
        scope.enqueue(search, store.now).await?;
    }
    scope.insert_audit(&store.audit, store.now).await?;
    let stops: Vec<Stop> =
        store.after.stops.iter().filter(|stop| stop.status != StopStatus::Removed).cloned().collect();
    let told = (route.id, store.job.as_ref());
    let event = |event| outbox_event(store.app.new_uuid(), event, told, &stops);
    let events = events.into_iter().map(event).collect::<Result<Vec<_>, _>>()?;
    scope.insert_events(&events, store.now).await?;
    let driver = match route.driver_id {
        Some(driver) => scope.find_driver(driver).await?,
        None => None,
    };
    let whole = WholeRoute { itinerary: Itinerary { route, stops }, job: store.job.clone(), driver };
    if let Some(Keep { reservation, render }) = store.keep {
        keep_answer(&mut scope, Some(reservation), render(&whole), store.now).await?;
    }
    Ok(whole)
}

/// Who drives from now on; `None` where that does not change.
async fn find_new_driver(
    tx: &mut Tx,
    organization: OrganizationId,
    driver: Option<&NewDriver<'_>>,
) -> Result<Option<Option<DriverId>>, Error> {
    match driver {
        None => Ok(None),
        Some(NewDriver::Driver(id)) => Ok(Some(Some(check_driver(tx, organization, *id).await?.id))),
        Some(NewDriver::Person(resolve)) => {
            Ok(Some(resolve_driver(tx, resolve).await?.driver.map(|(driver, _)| driver)))
        }
    }
}

/// A driver to whom routes may be given, and still may when this transaction ends.
pub(crate) async fn check_driver(tx: &mut Tx, organization: OrganizationId, id: DriverId) -> Result<Driver, Error> {
    let driver = tx.organization(organization).hold_driver(id).await?.ok_or(ErrorKind::NotFound(Noun::Driver))?;
    if driver.status != DriverStatus::Active {
        let state = driver.status.as_str();
        return Err(Refusal { noun: "a driver", state, action: "give a route to" }.into());
    }
    Ok(driver)
}

/// Writes all stops with their places where anything of them has changed.
pub(crate) async fn write_stops(
    scope: &mut Scope<'_>,
    job: Option<JobId>,
    before: &Itinerary,
    after: &Itinerary,
) -> Result<(), StoreError> {
    if before.stops == after.stops {
        return Ok(());
    }
    let old = |id: StopId| before.stops.iter().find(|stop| stop.id == id);
    for gone in before.stops.iter().filter(|stop| after.stops.iter().all(|kept| kept.id != stop.id)) {
        scope.delete_stop(gone.id).await?;
    }
    for (position, stop) in after.stops.iter().enumerate() {
        match old(stop.id) {
            None => scope.insert_stop(after.route.id, job, position, stop).await?,
            Some(old) if old == stop => scope.update_stop_sequence(position, stop).await?,
            Some(_) => scope.update_stop(after.route.id, position, stop).await?,
        }
    }
    Ok(())
}
