//! Places that a geocoder's terms let us keep for some days: then they are erased, or looked for again.

use jiff::Timestamp;
use routemate_domain::{
    Afterwards, ImportedStopId, Itinerary, Location, OrganizationId, Route, RouteId, SavedStopId, StopSource,
};
use routemate_geocoding::Provider;
use routemate_persistence::{AuditEntry, NewWork, PlaceHolder, StoreError, Tx};

use crate::audit::Actor;
use crate::locating::{is_searched, is_terminal_searched};
use crate::planning::StopOrder;
use crate::{App, Error};

/// Holders of places that are looked at before the rest of them is asked for.
const HOLDERS_AT_ONCE: i64 = 200;

/// What a transaction forgets, and of whom.
struct Forgetting<'a> {
    app: &'a App,
    organization: OrganizationId,
    holder: PlaceHolder,
    now: Timestamp,
}

impl App {
    /// Forgets the places whose time has come: what is over loses them, an unfinished route has its addresses looked for
    /// again. Gives how many routes and stops have lost some.
    ///
    /// # Errors
    /// Those of the store; what was forgotten until then stays so.
    pub(crate) async fn forget_places(&self, now: Timestamp) -> Result<usize, Error> {
        let mut forgotten = 0;
        loop {
            let due: Result<Vec<_>, StoreError> =
                self.store.read(&now, |tx, now| Box::pin(tx.system_find_places_to_forget(*now, HOLDERS_AT_ONCE))).await;
            let due = due?;
            let before = forgotten;
            for (organization, holder) in &due {
                let forgetting = Forgetting { app: self, organization: *organization, holder: *holder, now };
                match self.store.write(&forgetting, |tx, forgetting| Box::pin(forget(tx, forgetting))).await {
                    Ok(()) => forgotten += 1,
                    // Somebody is changing it at this moment: the next sweep comes by again.
                    Err(error) => {
                        tracing::warn!(error = &error as &dyn std::error::Error, "places were not forgotten");
                    }
                }
            }
            if forgotten == before || due.len() < usize::try_from(HOLDERS_AT_ONCE).unwrap_or(usize::MAX) {
                return Ok(forgotten);
            }
        }
    }

    fn forgot(&self, noun: &str, id: impl std::fmt::Display) -> AuditEntry {
        self.audit(Actor::System, "places.forgotten", noun, id)
    }

    /// The work that looks for what a route has just lost.
    fn search_again(&self, itinerary: &Itinerary, now: Timestamp) -> Option<NewWork> {
        let is_searching = itinerary.stops.iter().any(is_searched) || is_terminal_searched(&itinerary.route);
        let order = StopOrder::of(itinerary);
        (is_searching && !itinerary.route.status.is_over()).then(|| self.address_search(&itinerary.route, order, now))
    }
}

async fn forget(tx: &mut Tx, forgetting: &Forgetting<'_>) -> Result<(), Error> {
    match forgetting.holder {
        PlaceHolder::Route(id) => forget_route(tx, forgetting, id).await,
        PlaceHolder::ImportedStop(id) => forget_imported_stop(tx, forgetting, id).await,
        PlaceHolder::SavedStop(id) => forget_saved_stop(tx, forgetting, id).await,
        PlaceHolder::ShopifyOrder(number) => forget_shopify_order(tx, forgetting, number).await,
    }
}

async fn forget_route(tx: &mut Tx, forgetting: &Forgetting<'_>, id: RouteId) -> Result<(), Error> {
    let Forgetting { app, organization, holder, now } = forgetting;
    let mut scope = tx.organization(*organization);
    scope.lock_route(id).await?;
    let Some(before) = scope.find_itinerary(id).await? else {
        return Ok(scope.renote_places(*holder, []).await?);
    };
    let mut after = before.clone();
    let is_over = before.route.status.is_over();
    for stop in &mut after.stops {
        let afterwards =
            if is_over || stop.status.is_terminal() { Afterwards::Gone } else { Afterwards::SearchedAgain };
        stop.location = kept(&stop.location, *now, afterwards);
    }
    let afterwards = if is_over { Afterwards::Gone } else { Afterwards::SearchedAgain };
    for end in [&mut after.route.start, &mut after.route.end] {
        end.location = end.location.as_ref().map(|location| kept(location, *now, afterwards));
    }
    if after != before {
        // The line leads from place to place.
        after.route.totals.polyline.clear();
        for (position, (stop, old)) in after.stops.iter().zip(&before.stops).enumerate() {
            if stop != old {
                scope.update_stop_sequence(position, stop).await?;
            }
        }
        if !scope.update_route(&after.route).await? {
            return Err(crate::driving::lost_race().into());
        }
        scope.replace_line(&after.route).await?;
        if let Some(search) = app.search_again(&after, *now) {
            scope.enqueue(&search, *now).await?;
        }
        scope.insert_audit(&app.forgot("route", id), *now).await?;
    }
    Ok(scope.renote_places(*holder, places(&after)).await?)
}

fn places(itinerary: &Itinerary) -> impl Iterator<Item = &Location> {
    let Route { start, end, .. } = &itinerary.route;
    let ends = [start, end].into_iter().filter_map(|end| end.location.as_ref());
    itinerary.stops.iter().map(|stop| &stop.location).chain(ends)
}

async fn forget_imported_stop(tx: &mut Tx, forgetting: &Forgetting<'_>, id: ImportedStopId) -> Result<(), Error> {
    let Forgetting { app, organization, holder, now } = forgetting;
    let mut scope = tx.organization(*organization);
    let stop = scope.lock_imported_stops(&[id]).await?.pop();
    let before = stop.as_ref().map(|stop| (stop.version, &stop.location));
    let Some((version, before)) = before else {
        return Ok(scope.renote_places(*holder, []).await?);
    };
    let after = kept(before, *now, Afterwards::Gone);
    if after != *before {
        if !scope.place_imported_stop(id, version, &after).await? {
            return Err(crate::driving::lost_race().into());
        }
        scope.insert_audit(&app.forgot(StopSource::ImportedStop(id).as_str(), id), *now).await?;
    }
    Ok(scope.renote_places(*holder, [&after]).await?)
}

async fn forget_saved_stop(tx: &mut Tx, forgetting: &Forgetting<'_>, id: SavedStopId) -> Result<(), Error> {
    let Forgetting { app, organization, holder, now } = forgetting;
    let mut scope = tx.organization(*organization);
    let Some(stop) = scope.find_saved_stop(id).await? else {
        return Ok(scope.renote_places(*holder, []).await?);
    };
    let after = kept(&stop.location, *now, Afterwards::Gone);
    if after != stop.location {
        if !scope.place_saved_stop(id, stop.version, &after).await? {
            return Err(crate::driving::lost_race().into());
        }
        scope.insert_audit(&app.forgot(StopSource::SavedStop(id).as_str(), id), *now).await?;
    }
    Ok(scope.renote_places(*holder, [&after]).await?)
}

async fn forget_shopify_order(tx: &mut Tx, forgetting: &Forgetting<'_>, number: i64) -> Result<(), Error> {
    let Forgetting { app, organization, holder, now } = forgetting;
    let mut scope = tx.organization(*organization);
    let Some(order) = scope.share_shopify_orders(&[number]).await?.pop() else {
        return Ok(scope.renote_places(*holder, []).await?);
    };
    let after = kept(&order.location, *now, Afterwards::Gone);
    if after != order.location {
        if !scope.place_shopify_order(number, order.version, &after).await? {
            return Err(crate::driving::lost_race().into());
        }
        scope.insert_audit(&app.forgot(StopSource::ShopifyOrder(number).as_str(), number), *now).await?;
    }
    Ok(scope.renote_places(*holder, [&after]).await?)
}

/// What may be known of a place now. Where an earlier release has written one without its time, that has passed.
fn kept(location: &Location, now: Timestamp, afterwards: Afterwards) -> Location {
    let mut location = location.clone();
    let date = |forget_at: &mut Option<Timestamp>, source: &str| {
        if forget_at.is_none() && is_lent(source) {
            *forget_at = Some(now);
        }
    };
    match &mut location {
        Location::Geocoded(geocoded) => date(&mut geocoded.forget_at, &geocoded.source),
        Location::NotFound { suggestions } => {
            for suggestion in suggestions {
                date(&mut suggestion.forget_at, &suggestion.source);
            }
        }
        Location::Supplied(_) | Location::Searching | Location::Forgotten | Location::Anywhere => {}
    }
    location.kept(now, afterwards)
}

/// Whether the terms of a geocoder let its places be kept for some days only.
fn is_lent(source: &str) -> bool {
    Provider::parse(source).is_some_and(|provider| provider.terms().stored().is_some())
}
