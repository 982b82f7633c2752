use std::collections::HashMap;

use jiff::Timestamp;
use routemate_domain::{Address, ImportedStopId, Location, OrganizationId, SavedStopId, StopSource};
use routemate_persistence::{ClaimedWork, NewWork, Scope, StoreError};
use routemate_units::Seconds;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::background::{SEARCH, is_last_attempt};
use crate::{App, Error, ErrorKind};

/// The kind of work that looks for the addresses of stops beside any route.
pub(crate) const FIND_STOPS: &str = "find_stops";

/// Stops in one piece of work: as many as a service that answers once a second gets through within a lease.
const STOPS_AT_ONCE: usize = 50;

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct FindStops {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    imported_stops: Vec<Uuid>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    saved_stops: Vec<Uuid>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shopify_orders: Vec<i64>,
}

/// A stop whose address is being looked for, as it was read.
struct Searched {
    source: StopSource,
    version: i64,
    address: Address,
}

impl App {
    /// The work that looks for the addresses of these stops, in pieces.
    ///
    /// Each piece is its own: one that is at work may have read its stops before they changed. What two pieces share is
    /// found by the first of them.
    pub(crate) fn stop_searches(
        &self,
        sources: impl Iterator<Item = StopSource>,
        now: Timestamp,
    ) -> Result<Vec<NewWork>, Error> {
        let sources: Vec<StopSource> = sources.collect();
        sources
            .chunks(STOPS_AT_ONCE)
            .map(|chunk| {
                let mut payload = FindStops::default();
                for source in chunk {
                    match source {
                        StopSource::ImportedStop(id) => payload.imported_stops.push(id.to_uuid()),
                        StopSource::SavedStop(id) => payload.saved_stops.push(id.to_uuid()),
                        StopSource::ShopifyOrder(number) => payload.shopify_orders.push(*number),
                        StopSource::Job | StopSource::Route => {}
                    }
                }
                let id = self.new_uuid();
                let payload = serde_json::to_string(&payload).map_err(Error::internal)?;
                Ok(NewWork { id, kind: FIND_STOPS, payload, dedupe_key: id.to_string(), run_at: now })
            })
            .collect()
    }

    /// Looks for the addresses of stops beside any route, and writes where they are unless they have changed meanwhile; then
    /// it looks for what they have become.
    pub(crate) async fn find_stops(&self, work: &ClaimedWork) -> Result<(), Error> {
        let payload: FindStops = serde_json::from_str(&work.payload).map_err(Error::internal)?;
        let organization = work.organization_id;
        let started = self.clock.monotonic();
        loop {
            let searched = self.searched_stops(organization, &payload).await?;
            if searched.is_empty() {
                return Ok(());
            }
            let found = self.find_addresses_of(organization, searched).await?;
            let (found, left): (Vec<_>, Vec<_>) =
                found.into_iter().partition(|(_, location)| *location != Location::Searching);
            self.place_stops(organization, &found).await?;
            let is_late = self.clock.monotonic().saturating_sub(started) > SEARCH;
            if !found.is_empty() && !is_late {
                continue;
            }
            if is_last_attempt(work) {
                let given_up: Vec<_> = left.into_iter().map(|(stop, _)| (stop, Location::unknown())).collect();
                return self.place_stops(organization, &given_up).await;
            }
            return Err(ErrorKind::Unavailable { retry_after: Seconds::new(5) }.into());
        }
    }

    /// Those that are still being searched for.
    async fn searched_stops(
        &self,
        organization: OrganizationId,
        payload: &FindStops,
    ) -> Result<Vec<Searched>, StoreError> {
        self.store
            .read(&(organization, payload), |tx, (organization, payload)| {
                Box::pin(async move { find_searched(&mut tx.organization(*organization), payload).await })
            })
            .await
    }

    /// Where the stops are. An address that several share is asked for once.
    async fn find_addresses_of(
        &self,
        organization: OrganizationId,
        searched: Vec<Searched>,
    ) -> Result<Vec<(Searched, Location)>, StoreError> {
        let mut addresses: Vec<Address> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        let mut places = Vec::with_capacity(searched.len());
        for stop in &searched {
            // What tells addresses apart here: all of their parts.
            let place = *known.entry(format!("{:?}", stop.address)).or_insert(addresses.len());
            if place == addresses.len() {
                addresses.push(stop.address.clone());
            }
            places.push(place);
        }
        let locations = self.locate_addresses(organization, &addresses).await?;
        let location = |place: usize| locations.get(place).cloned().unwrap_or(Location::Searching);
        Ok(searched.into_iter().zip(places).map(|(stop, place)| (stop, location(place))).collect())
    }

    async fn place_stops(&self, organization: OrganizationId, found: &[(Searched, Location)]) -> Result<(), Error> {
        if found.is_empty() {
            return Ok(());
        }
        let stored: Result<(), StoreError> = self
            .store
            .write(&(organization, found), |tx, (organization, found)| {
                Box::pin(async move {
                    let mut scope = tx.organization(*organization);
                    for (stop, location) in *found {
                        match stop.source {
                            StopSource::ImportedStop(id) => {
                                scope.place_imported_stop(id, stop.version, location).await?;
                            }
                            StopSource::SavedStop(id) => {
                                scope.place_saved_stop(id, stop.version, location).await?;
                            }
                            StopSource::ShopifyOrder(number) => {
                                scope.place_shopify_order(number, stop.version, location).await?;
                            }
                            StopSource::Job | StopSource::Route => {}
                        }
                    }
                    Ok(())
                })
            })
            .await;
        Ok(stored?)
    }
}

async fn find_searched(scope: &mut Scope<'_>, payload: &FindStops) -> Result<Vec<Searched>, StoreError> {
    let imported: Vec<_> = payload.imported_stops.iter().copied().map(ImportedStopId::from_uuid).collect();
    let saved: Vec<_> = payload.saved_stops.iter().copied().map(SavedStopId::from_uuid).collect();
    let mut searched = Vec::new();
    for stop in scope.find_imported_stops_by_ids(&imported).await? {
        if stop.location == Location::Searching {
            let source = StopSource::ImportedStop(stop.id);
            searched.push(Searched { source, version: stop.version, address: stop.request.address });
        }
    }
    for stop in scope.find_saved_stops_by_ids(&saved).await? {
        if stop.location == Location::Searching {
            let source = StopSource::SavedStop(stop.id);
            searched.push(Searched { source, version: stop.version, address: stop.request.address });
        }
    }
    for order in scope.find_shopify_orders_by_numbers(&payload.shopify_orders).await? {
        if order.location == Location::Searching {
            let source = StopSource::ShopifyOrder(order.told.number);
            searched.push(Searched { source, version: order.version, address: order.told.request.address });
        }
    }
    Ok(searched)
}
