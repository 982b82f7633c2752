use jiff::Timestamp;
use routemate_domain::{Driver, Itinerary, Route, RouteStatus, StopSource, Terminal};

use super::stop::route_stop;
use super::task::task;
use super::{address, count, driver};
use crate::ids::Prefixed;
use crate::types::{self, RouteEndStatus, RouteStartStatus};
use crate::wire::{Double, Instant, Int64};

/// A route with its stops, and who drives it. That of a job imported by the other dialect is one like any other.
pub(crate) fn route(itinerary: &Itinerary, by: Option<&Driver>) -> types::Route {
    let route = &itinerary.route;
    let items = || itinerary.present_stops().flat_map(|stop| &stop.items);
    let quantity = items().fold(0, |sum: u32, item| sum.saturating_add(item.quantity));
    let grams = items()
        .fold(0, |sum: i64, item| sum.saturating_add(i64::from(item.quantity).saturating_mul(i64::from(item.grams))));
    types::Route {
        id: route.id.print(),
        name: route.name.as_str().to_owned(),
        driver: by.map(driver),
        start: Some(start(route)),
        end: Some(end(route)),
        stops: itinerary.present_stops().map(|stop| route_stop(route, stop)).collect(),
        created_at: Some(Instant(route.created_at)),
        updated_at: Some(Instant(route.updated_at)),
        archived_at: route.archived_at.map(Instant),
        scheduled_for: scheduled_for(itinerary).map(Instant),
        total_distance_meters: Double(f64::from(route.totals.distance.get())),
        total_item_quantity: count(quantity),
        total_item_grams: Int64(grams),
    }
}

/// As planned by a person; the route of a job is for when its driver sets out, or for midnight of its day.
fn scheduled_for(itinerary: &Itinerary) -> Option<Timestamp> {
    let is_of_job = itinerary.stops.iter().any(|stop| stop.source == StopSource::Job);
    let route = &itinerary.route;
    route.scheduled_for.or_else(|| route.departure_at.filter(|_| is_of_job))
}

fn start(route: &Route) -> types::RouteStart {
    types::RouteStart {
        address: place(&route.start),
        tasks: route.start.tasks.iter().map(task).collect(),
        status: match route.status.started_at() {
            Some(_) => RouteStartStatus::Started,
            None => RouteStartStatus::Unknown,
        },
    }
}

fn end(route: &Route) -> types::RouteEnd {
    let planned = route.end_leg.and_then(|leg| leg.arrival);
    let (status, arrived) = match route.status {
        RouteStatus::Completed { at, .. } | RouteStatus::Cancelled { at, .. } => (RouteEndStatus::Completed, Some(at)),
        RouteStatus::Planned | RouteStatus::Started { .. } => (RouteEndStatus::Unknown, None),
    };
    types::RouteEnd {
        address: place(&route.end),
        tasks: route.end.tasks.iter().map(task).collect(),
        planned_arrival: planned.map(Instant),
        distance_meters: Double(route.end_leg.map_or(0.0, |leg| f64::from(leg.distance.get()))),
        updated_arrival: arrived.or(planned).map(Instant),
        status,
    }
}

fn place(terminal: &Terminal) -> Option<types::Address> {
    address(&terminal.address)
}
