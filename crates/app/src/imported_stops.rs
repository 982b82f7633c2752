use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use routemate_domain::{Address, ImportedStop, ImportedStopId, Location, OrganizationId, StopRequest, StopSource};
use routemate_persistence::{AuditEntry, RoutedStop, StoreError, Tx};

use crate::audit::Actor;
use crate::refreshing::{Fresh, Refresh, refresh_routes};
use crate::{App, Error, ErrorKind, Noun, Principal};

/// What a caller knows of an imported stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportedStopKey {
    /// Our id.
    Id(ImportedStopId),
    /// The client's id.
    ClientStopId(String),
    /// Either: a text that reads as our id may also be one that the client has given. Ours is tried first.
    Either(ImportedStopId, String),
}

/// How long ago a route may have been changed to be told of.
const ROUTES_SINCE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What the transaction of an import writes.
pub(crate) struct Import<'a> {
    app: &'a App,
    pub(crate) organization: OrganizationId,
    actor: Actor,
    /// Each with the id that it gets where it is new; no client's id comes twice.
    pub(crate) requests: Vec<(ImportedStopId, StopRequest)>,
    pub(crate) now: Timestamp,
}

/// What came of a part of an import.
pub(crate) struct StoredPart {
    /// One for each request, in their order.
    pub(crate) stops: Vec<ImportedStop>,
    /// How many of them were there before.
    pub(crate) replaced: usize,
    /// Where in `stops` those are that were there before and were something else.
    changed: Vec<usize>,
}

impl App {
    /// Takes stops in, all of them or none. One whose client's id is known replaces what was known, as a whole, and keeps its
    /// id; so do unstarted routes that hold it. Of several with one client's id the last counts.
    ///
    /// Addresses without coordinates are looked up in the background; one that is the same as before stays where it was
    /// found.
    ///
    /// Gives one stop for each request, in their order; the same one for those that share a client's id.
    ///
    /// # Errors
    /// Those of the store.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn import_stops(&self, who: &Principal, requests: Vec<StopRequest>) -> Result<Vec<ImportedStop>, Error> {
        self.import_stops_of(who.organization_id, Actor::Integration(who.integration_id), requests).await
    }

    async fn import_stops_of(
        &self,
        organization: OrganizationId,
        actor: Actor,
        requests: Vec<StopRequest>,
    ) -> Result<Vec<ImportedStop>, Error> {
        if requests.is_empty() {
            return Ok(Vec::new());
        }
        let (import, places) = self.stop_import(organization, actor, requests);
        let stored = self.store.write(&import, |tx, import| Box::pin(store_stops(tx, import))).await?;
        Ok(places.into_iter().filter_map(|place| stored.get(place).cloned()).collect())
    }

    /// What an import writes, and for each request given its place there.
    pub(crate) fn stop_import(
        &self,
        organization: OrganizationId,
        actor: Actor,
        requests: Vec<StopRequest>,
    ) -> (Import<'_>, Vec<usize>) {
        let (requests, places) = last_of_each(requests);
        let requests =
            requests.into_iter().map(|request| (ImportedStopId::from_uuid(self.new_uuid()), request)).collect();
        (Import { app: self, organization, actor, requests, now: self.now() }, places)
    }

    /// Imported stops, the latest made first: one that was replaced keeps its place. So many at most, and only those made
    /// before one where it is given.
    ///
    /// # Errors
    /// Those of the store.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn imported_stops(
        &self,
        who: &Principal,
        before: Option<ImportedStopId>,
        most: usize,
    ) -> Result<Vec<ImportedStop>, Error> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let found: Result<_, StoreError> = self
            .store
            .read(&(who.organization_id, before, most), |tx, (organization, before, most)| {
                Box::pin(async move { tx.organization(*organization).find_imported_stops(*before, *most).await })
            })
            .await;
        Ok(found?)
    }

    /// An imported stop as it stands.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], also for those of other organisations.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn imported_stop(&self, who: &Principal, key: &ImportedStopKey) -> Result<ImportedStop, Error> {
        let found = self
            .store
            .read(&(who.organization_id, key), |tx, (organization, key)| Box::pin(find(tx, *organization, key)))
            .await?;
        found.ok_or_else(|| ErrorKind::NotFound(Noun::ImportedStop).into())
    }

    /// Deletes an imported stop. Stops on routes that were made from it stay as they are.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn delete_imported_stop(&self, who: &Principal, key: &ImportedStopKey) -> Result<(), Error> {
        let plan = (self, who, key, self.now());
        self.store
            .write(&plan, |tx, (app, who, key, now)| {
                Box::pin(async move {
                    let missing = || Error::from(ErrorKind::NotFound(Noun::ImportedStop));
                    let stop = find(tx, who.organization_id, key).await?.ok_or_else(missing)?;
                    let mut scope = tx.organization(who.organization_id);
                    if !scope.delete_imported_stop(stop.id).await? {
                        return Err(missing());
                    }
                    let actor = Actor::Integration(who.integration_id);
                    let audit = app.audit(actor, "imported_stop.deleted", "imported_stop", stop.id);
                    Ok(scope.insert_audit(&audit, *now).await?)
                })
            })
            .await
    }

    /// Where an imported stop has got to: the stops made from it on routes that their planner has changed within the last
    /// 30 days, the latest changed route first. Those that were taken off their route again are left out.
    ///
    /// # Errors
    /// Those of the store. Of a stop that is not known, or another organisation's, no routes are known.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn routes_of_imported_stop(&self, who: &Principal, id: ImportedStopId) -> Result<Vec<RoutedStop>, Error> {
        self.routed_stops(who, StopSource::ImportedStop(id)).await
    }

    /// As [`routes_of_imported_stop`](Self::routes_of_imported_stop), for an order of a Shopify shop by Shopify's number.
    ///
    /// # Errors
    /// Those of the store.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn routes_of_shopify_order(&self, who: &Principal, order: i64) -> Result<Vec<RoutedStop>, Error> {
        self.routed_stops(who, StopSource::ShopifyOrder(order)).await
    }

    async fn routed_stops(&self, who: &Principal, source: StopSource) -> Result<Vec<RoutedStop>, Error> {
        let since = self.now().checked_sub(ROUTES_SINCE).unwrap_or(Timestamp::UNIX_EPOCH);
        let found: Result<_, StoreError> = self
            .store
            .read(&(who.organization_id, source, since), |tx, (organization, source, since)| {
                Box::pin(async move { tx.organization(*organization).find_routed_stops(*source, *since).await })
            })
            .await;
        Ok(found?)
    }
}

async fn find(
    tx: &mut Tx,
    organization: OrganizationId,
    key: &ImportedStopKey,
) -> Result<Option<ImportedStop>, StoreError> {
    let (id, client_stop_id) = match key {
        ImportedStopKey::Id(id) => (Some(*id), None),
        ImportedStopKey::ClientStopId(text) => (None, Some(text)),
        ImportedStopKey::Either(id, text) => (Some(*id), Some(text)),
    };
    let mut scope = tx.organization(organization);
    if let Some(id) = id
        && let Some(stop) = scope.find_imported_stop(id).await?
    {
        return Ok(Some(stop));
    }
    // PostgreSQL's text cannot hold U+0000, so no stop has such an id.
    match client_stop_id.filter(|id| !id.contains('\0')) {
        Some(id) => scope.find_imported_stop_by_client_id(id).await,
        None => Ok(None),
    }
}

/// Of those with one client's id the last, in the place of the first; and for each request given its place in that list.
fn last_of_each(requests: Vec<StopRequest>) -> (Vec<StopRequest>, Vec<usize>) {
    let mut kept: Vec<StopRequest> = Vec::with_capacity(requests.len());
    let mut known = HashMap::new();
    let mut places = Vec::with_capacity(requests.len());
    for request in requests {
        let next = kept.len();
        let place = match &request.external_id {
            Some(id) => *known.entry(id.clone()).or_insert(next),
            None => next,
        };
        match kept.get_mut(place) {
            Some(slot) => *slot = request,
            None => kept.push(request),
        }
        places.push(place);
    }
    (kept, places)
}

async fn store_stops(tx: &mut Tx, import: &Import<'_>) -> Result<Vec<ImportedStop>, Error> {
    let part = store_part(tx, import, &import.requests).await?;
    let changed = part.changed.iter().filter_map(|place| part.stops.get(*place));
    end_import(tx, import, part.replaced, changed).await?;
    Ok(part.stops)
}

/// Writes some of the stops of an import.
pub(crate) async fn store_part(
    tx: &mut Tx,
    import: &Import<'_>,
    requests: &[(ImportedStopId, StopRequest)],
) -> Result<StoredPart, Error> {
    let client_ids = requests.iter().filter_map(|(_, request)| request.external_id.as_ref());
    let client_ids: Vec<&str> = client_ids.map(|id| id.as_str()).collect();
    let mut scope = tx.organization(import.organization);
    let known = scope.lock_imported_stops_by_client_ids(&client_ids).await?;
    let known: HashMap<String, ImportedStop> = known
        .into_iter()
        .filter_map(|stop| Some((stop.request.external_id.as_ref()?.as_str().to_owned(), stop)))
        .collect();
    let before = |request: &StopRequest| known.get(request.external_id.as_ref()?.as_str());
    let stops: Vec<ImportedStop> =
        requests.iter().map(|(id, request)| imported(import, *id, request, before(request))).collect();
    scope.upsert_imported_stops(&stops).await.map_err(contended)?;
    // Those that are being searched for already are found by the search that was queued then: it looks at what a stop
    // has become.
    let was_searched = |stop: &&ImportedStop| {
        before(&stop.request)
            .is_none_or(|known| known.location != Location::Searching || known.request.address != stop.request.address)
    };
    let searched = stops.iter().filter(|stop| stop.location == Location::Searching).filter(was_searched);
    for work in import.app.stop_searches(searched.map(|stop| StopSource::ImportedStop(stop.id)), import.now)? {
        scope.enqueue(&work, import.now).await?;
    }
    let is_changed = |stop: &ImportedStop| before(&stop.request).is_some_and(|known| known.request != stop.request);
    let changed = stops.iter().enumerate().filter(|(_, stop)| is_changed(stop)).map(|(place, _)| place).collect();
    Ok(StoredPart { replaced: known.len(), changed, stops })
}

impl StoredPart {
    /// Those that were there before and were something else; the rest is given up.
    pub(crate) fn into_changed(self) -> Vec<ImportedStop> {
        let Self { mut stops, changed, .. } = self;
        let mut places = changed.into_iter().peekable();
        let mut place = 0..;
        stops.retain(|_| places.next_if_eq(&place.next().unwrap_or_default()).is_some());
        stops
    }
}

/// Writes that stops were imported, and brings routes up to those that were replaced by something else.
pub(crate) async fn end_import<'s>(
    tx: &mut Tx,
    import: &Import<'_>,
    replaced: usize,
    changed: impl Iterator<Item = &'s ImportedStop>,
) -> Result<(), Error> {
    let mut scope = tx.organization(import.organization);
    scope.insert_audit(&import.audit(import.requests.len(), replaced), import.now).await?;
    let fresh = changed
        .map(|stop| (StopSource::ImportedStop(stop.id), Fresh { request: &stop.request, location: &stop.location }));
    let refresh = Refresh {
        app: import.app,
        organization: import.organization,
        actor: import.actor,
        fresh: fresh.collect(),
        now: import.now,
    };
    refresh_routes(tx, &refresh).await
}

impl Import<'_> {
    fn audit(&self, stops: usize, replaced: usize) -> AuditEntry {
        let detail = serde_json::json!({ "stops": stops, "replaced": replaced });
        let audit = self.app.audit(self.actor, "stops.imported", "organization", self.organization);
        AuditEntry { detail: detail.to_string(), ..audit }
    }
}

/// What an imported stop is once a request has been taken in: a new one, or the next version of the one before.
fn imported(
    import: &Import<'_>,
    id: ImportedStopId,
    request: &StopRequest,
    before: Option<&ImportedStop>,
) -> ImportedStop {
    ImportedStop {
        organization_id: import.organization,
        id: before.map_or(id, |before| before.id),
        request: request.clone(),
        location: location_of(request, before.map(|before| (&before.request.address, &before.location))),
        version: before.map_or(1, |before| before.version + 1),
        imported_at: import.now,
        created_at: before.map_or(import.now, |before| before.created_at),
    }
}

/// Where a request's stop is, before anybody looks: where the same address was found before, if it was.
pub(crate) fn location_of(request: &StopRequest, before: Option<(&Address, &Location)>) -> Location {
    match (request.location(), before) {
        (Location::Searching, Some((address, known @ Location::Geocoded(_)))) if *address == request.address => {
            known.clone()
        }
        // Nothing to ask anybody for.
        (Location::Searching, _) if request.address.to_string().trim().is_empty() => Location::unknown(),
        (location, _) => location,
    }
}

/// Somebody else has taken a key since it was looked for: the store runs the body again, which finds it then.
pub(crate) fn contended(error: StoreError) -> StoreError {
    match error {
        StoreError::UniqueViolation(cause) => StoreError::Contended(cause),
        other => other,
    }
}
