use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use routemate_domain::{
    Address, DriverId, Event, ImportedStop, ImportedStopId, Itinerary, Job, Location, Route, RouteEnds, RouteId,
    RouteStatus, RouteTotals, SavedStop, SavedStopId, ShopifyOrder, ShopifyOrderStatus, Stop, StopRequest, StopSource,
    StopStatus, Terminal,
};
use routemate_persistence::{AuditEntry, NewWork, Reservation, Scope, StoreError, Tx, TxError};
use uuid::Uuid;

use crate::audit::Actor;
use crate::events::outbox_event;
use crate::idempotency::{Stopped, keep_answer};
use crate::locating::{is_searched, is_terminal_searched};
use crate::planning::PlanRequest;
use crate::route_storing::check_driver;
use crate::{
    Answer, App, CreateRoute, Error, ErrorKind, Idempotency, NewStop, Noun, Principal, Problem, RenderRoute, RouteView,
    TerminalRequest,
};

/// What the transaction of a new route writes.
struct Creation {
    itinerary: Itinerary,
    sources: SourceVersions,
    driver: Option<DriverId>,
    search: Option<NewWork>,
    event_ids: [Uuid; 2],
    audit: AuditEntry,
    reservation: Option<Reservation>,
    render: RenderRoute,
    /// The last answer that was rendered: what to say where COMMIT's own answer was lost but the route is there.
    rendered: Mutex<Vec<u8>>,
    now: Timestamp,
}

impl App {
    /// Makes a route: finds its addresses, plans it, gives it to its driver, and stores all of it at once with the answer. A
    /// second call with the same idempotency key gets the first one's answer.
    ///
    /// Runs to its end or leaves nothing: callers spawn it, so that a client that hangs up does not matter.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] where a stop is not known, or there are too many; [`ErrorKind::NotFound`] or
    /// [`ErrorKind::Refused`] about the driver; [`ErrorKind::KeyReused`] where the key was used for another request;
    /// [`ErrorKind::Unavailable`] where the solver's queue is full or another call with the key takes too long.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn create_route(
        self: &Arc<Self>,
        who: &Principal,
        command: CreateRoute,
        idempotency: Option<Idempotency>,
        render: RenderRoute,
    ) -> Result<Answer, Error> {
        self.answer_once(who, idempotency.as_ref(), |reservation| {
            Box::pin(self.create_reserved(who, &command, reservation, &render))
        })
        .await
    }

    async fn create_reserved(
        &self,
        who: &Principal,
        command: &CreateRoute,
        reservation: Option<Reservation>,
        render: &RenderRoute,
    ) -> Result<Vec<u8>, Stopped> {
        let now = self.now();
        let empty = Itinerary { route: self.new_route(who, command, now), stops: Vec::new() };
        let NewStops { mut stops, sources } = self.new_route_stops(who, &command.stops, &empty, None, now).await?;
        for (stop, position) in stops.iter_mut().zip(0..) {
            stop.given_position = position;
        }
        let route = self.locate_terminals(empty.route).await?;
        let request = PlanRequest { order: command.order, day: None, vehicle: who.vehicle };
        let itinerary = self.plan(Itinerary { route, stops }, request).await?;
        let is_searching = itinerary.stops.iter().any(is_searched) || is_terminal_searched(&itinerary.route);
        let creation = Creation {
            search: is_searching.then(|| self.address_search(&itinerary.route, command.order, now)),
            driver: command.driver,
            event_ids: [self.new_uuid(), self.new_uuid()],
            audit: self.audit(Actor::Integration(who.integration_id), "route.created", "route", itinerary.route.id),
            itinerary,
            sources,
            reservation,
            render: Arc::clone(render),
            rendered: Mutex::default(),
            now,
        };
        match self.store.write(&creation, |tx, creation| Box::pin(store_route(tx, creation))).await {
            Ok(body) => Ok(body),
            Err(stopped) => self.settle_creation(who, creation, stopped).await,
        }
    }

    /// Finds out what became of a route whose COMMIT was not answered.
    async fn settle_creation(&self, who: &Principal, creation: Creation, stopped: Stopped) -> Result<Vec<u8>, Stopped> {
        if !matches!(stopped.store_error(), Some(StoreError::UnknownOutcome(_))) {
            return Err(stopped);
        }
        let found: Result<_, StoreError> = self
            .store
            .read(&(who.organization_id, creation.itinerary.route.id), |tx, (organization, route)| {
                Box::pin(async move { tx.organization(*organization).find_itinerary(*route).await })
            })
            .await;
        match found? {
            Some(_) => Ok(creation.rendered.into_inner().unwrap_or_else(PoisonError::into_inner)),
            None => Err(stopped),
        }
    }

    fn new_route(&self, who: &Principal, command: &CreateRoute, now: Timestamp) -> Route {
        Route {
            organization_id: who.organization_id,
            id: RouteId::from_uuid(self.new_uuid()),
            name: command.name.clone(),
            driver_id: None,
            status: RouteStatus::Planned,
            timezone: who.timezone.clone(),
            scheduled_for: command.scheduled_for,
            ends: RouteEnds::Terminals,
            start: self.new_terminal(&command.start),
            end: self.new_terminal(&command.end),
            end_leg: None,
            departure_at: None,
            totals: RouteTotals::nothing(),
            optimality: None,
            dispatched_until: None,
            archived_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    fn new_terminal(&self, request: &TerminalRequest) -> Terminal {
        Terminal {
            location: match request.position {
                Some(position) => Some(Location::Supplied(position)),
                None => (request.address != Address::default()).then_some(Location::Searching),
            },
            address: request.address.clone(),
            tasks: request.tasks.iter().map(|task| task.to_task(|| self.new_uuid())).collect(),
        }
    }

    /// Stops to put on a route, with their places as far as these are found in time.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] where one is not known, there would be more than the caller's plan allows, or a client's id
    /// would be there twice on the route of a job.
    pub(crate) async fn new_route_stops(
        &self,
        who: &Principal,
        wanted: &[NewStop],
        onto: &Itinerary,
        job: Option<&Job>,
        now: Timestamp,
    ) -> Result<NewStops, Error> {
        let present = onto.present_stops().count();
        if let Some(most) = who.limits.stops_per_import
            && present + wanted.len() > usize::try_from(most).unwrap_or(usize::MAX)
        {
            let problem = Problem::new("stops", format_args!("must contain at most {most} items"));
            return Err(ErrorKind::Invalid(vec![problem]).into());
        }
        let zone = &onto.route.timezone;
        let day = job
            .and_then(|job| job.scheduled_date)
            .or_else(|| onto.route.scheduled_for.map(|at| at.to_zoned(zone.zone().clone()).date()));
        let known = self.find_sources(who, wanted).await?;
        let (mut stops, mut problems) = (Vec::with_capacity(wanted.len()), Vec::new());
        let new_stop = |request: &StopRequest, source, location| {
            request.to_stop(source, location, (day, zone), now, || self.new_uuid())
        };
        for (index, wanted) in wanted.iter().enumerate() {
            match wanted {
                NewStop::Inline(request) => {
                    let source = if job.is_some() { StopSource::Job } else { StopSource::Route };
                    stops.push(new_stop(request, source, request.location()));
                }
                NewStop::Imported(id) => match known.imported.iter().find(|stop| stop.id == *id) {
                    Some(stop) => {
                        stops.push(new_stop(
                            &stop.request,
                            StopSource::ImportedStop(*id),
                            stop.location.for_new_stop(),
                        ));
                    }
                    None => problems.push(Problem::new(format!("stops[{index}].importedStopId"), "is not known")),
                },
                NewStop::Saved(id) => match known.saved.iter().find(|stop| stop.id == *id) {
                    Some(stop) => {
                        stops.push(new_stop(&stop.request, StopSource::SavedStop(*id), stop.location.for_new_stop()))
                    }
                    None => problems.push(Problem::new(format!("stops[{index}].savedStopId"), "is not known")),
                },
                NewStop::Shopify(number) => {
                    let told = known.shopify.iter().find(|order| order.told.number == *number);
                    let problem = match told.map(|order| order.told.status) {
                        Some(ShopifyOrderStatus::Open) => None,
                        Some(_) => Some("is not to be driven any more"),
                        None => Some("is not known"),
                    };
                    problems.extend(problem.map(|text| Problem::new(format!("stops[{index}].shopifyOrderId"), text)));
                    stops.extend(told.map(|order| {
                        let source = StopSource::ShopifyOrder(*number);
                        new_stop(&order.told.request, source, order.location.for_new_stop())
                    }));
                }
            }
        }
        if job.is_some() {
            problems.extend(taken_ids(&stops, onto));
        }
        if !problems.is_empty() {
            return Err(ErrorKind::Invalid(problems).into());
        }
        let sources = known.versions();
        Ok(NewStops { stops: self.locate(who.organization_id, stops).await?, sources })
    }

    /// What is wanted at the stops that were handed in before.
    async fn find_sources(&self, who: &Principal, wanted: &[NewStop]) -> Result<Sources, StoreError> {
        let imported: Vec<ImportedStopId> = wanted
            .iter()
            .filter_map(|stop| match stop {
                NewStop::Imported(id) => Some(*id),
                _ => None,
            })
            .collect();
        let saved: Vec<SavedStopId> = wanted
            .iter()
            .filter_map(|stop| match stop {
                NewStop::Saved(id) => Some(*id),
                _ => None,
            })
            .collect();
        let shopify: Vec<i64> = wanted
            .iter()
            .filter_map(|stop| match stop {
                NewStop::Shopify(number) => Some(*number),
                _ => None,
            })
            .collect();
        if imported.is_empty() && saved.is_empty() && shopify.is_empty() {
            return Ok(Sources::default());
        }
        self.store
            .read(&(who.organization_id, imported, saved, shopify), |tx, (organization, imported, saved, shopify)| {
                Box::pin(async move {
                    let mut scope = tx.organization(*organization);
                    let imported = scope.find_imported_stops_by_ids(imported).await?;
                    let saved = scope.find_saved_stops_by_ids(saved).await?;
                    Ok(Sources { imported, saved, shopify: scope.find_shopify_orders_by_numbers(shopify).await? })
                })
            })
            .await
    }
}

/// Stops that were handed in before.
#[derive(Default)]
struct Sources {
    imported: Vec<ImportedStop>,
    saved: Vec<SavedStop>,
    shopify: Vec<ShopifyOrder>,
}

impl Sources {
    fn versions(&self) -> SourceVersions {
        SourceVersions {
            imported: self.imported.iter().map(|stop| (stop.id, stop.version)).collect(),
            saved: self.saved.iter().map(|stop| (stop.id, stop.version)).collect(),
            shopify: self.shopify.iter().map(|order| (order.told.number, order.version)).collect(),
        }
    }
}

/// Stops to put on a route.
pub(crate) struct NewStops {
    pub(crate) stops: Vec<Stop>,
    pub(crate) sources: SourceVersions,
}

/// The versions in which stops handed in before were copied.
#[derive(Debug, Clone, Default)]
pub(crate) struct SourceVersions {
    imported: Vec<(ImportedStopId, i64)>,
    saved: Vec<(SavedStopId, i64)>,
    shopify: Vec<(i64, i64)>,
}

/// Whether what was copied is still what it was, and nobody replaces it before the copies are there to be refreshed.
pub(crate) async fn are_in_force(scope: &mut Scope<'_>, sources: &SourceVersions) -> Result<bool, StoreError> {
    let imported: Vec<ImportedStopId> = sources.imported.iter().map(|(id, _)| *id).collect();
    let saved: Vec<SavedStopId> = sources.saved.iter().map(|(id, _)| *id).collect();
    let found = scope.lock_imported_stops(&imported).await?;
    let is_imported = sources.imported.iter().all(|known| found.iter().any(|stop| (stop.id, stop.version) == *known));
    let found = scope.lock_saved_stops(&saved).await?;
    let is_saved = sources.saved.iter().all(|known| found.iter().any(|stop| (stop.id, stop.version) == *known));
    let numbers: Vec<i64> = sources.shopify.iter().map(|(number, _)| *number).collect();
    let found = scope.share_shopify_orders(&numbers).await?;
    let is_told = |known: &(i64, i64)| found.iter().any(|order| (order.told.number, order.version) == *known);
    Ok(is_imported && is_saved && sources.shopify.iter().all(is_told))
}

/// Whose client's id is on the route, or among those before, already.
fn taken_ids(stops: &[Stop], onto: &Itinerary) -> Vec<Problem> {
    let mut seen: Vec<&str> = onto.present_stops().filter_map(external_id).collect();
    let mut problems = Vec::new();
    for (index, id) in stops.iter().enumerate().filter_map(|(index, stop)| Some((index, external_id(stop)?))) {
        if seen.contains(&id) {
            problems.push(Problem::new(format!("stops[{index}].external_stop_id"), "must be unique"));
        }
        seen.push(id);
    }
    problems
}

fn external_id(stop: &Stop) -> Option<&str> {
    stop.external_id.as_ref().map(|id| id.as_str())
}

/// The one transaction of a new route: all of it, or nothing.
async fn store_route(tx: &mut Tx, creation: &Creation) -> Result<Vec<u8>, Stopped> {
    let Itinerary { route, stops } = &creation.itinerary;
    let organization = route.organization_id;
    let mut route = route.clone();
    let driver = match creation.driver {
        Some(driver) => Some(check_driver(tx, organization, driver).await?),
        None => None,
    };
    let mut told = vec![Event::RouteCreated];
    if let Some(driver) = &driver {
        route = route.assign(driver.id, creation.now).map_err(Error::from)?;
        told.push(Event::JobAssigned(driver.id));
    }
    let mut scope = tx.organization(organization);
    if !are_in_force(&mut scope, &creation.sources).await? {
        return Err(Error::from(ErrorKind::Changed(Noun::ImportedStop)).into());
    }
    scope.insert_route(&route).await?;
    scope.insert_stops(route.id, None, stops).await?;
    if let Some(search) = &creation.search {
        scope.enqueue(search, creation.now).await?;
    }
    let event = |(id, event): (&Uuid, Event)| outbox_event(*id, event, (route.id, None), stops);
    let events = creation.event_ids.iter().zip(told).map(event).collect::<Result<Vec<_>, _>>()?;
    scope.insert_events(&events, creation.now).await?;
    scope.insert_audit(&creation.audit, creation.now).await?;
    let stops = stops.iter().filter(|stop| stop.status != StopStatus::Removed).cloned().collect();
    let body = (creation.render)(&RouteView { itinerary: Itinerary { route, stops }, driver });
    let body = keep_answer(&mut scope, creation.reservation, body, creation.now).await?;
    creation.rendered.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&body);
    Ok(body)
}
