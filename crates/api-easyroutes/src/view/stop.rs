use jiff::civil;
use routemate_domain::{
    AttemptedReason, Outcome, ProofOfDelivery, Route, RouteStatus, Stop, StopKind, StopSource, StopStatus, TimeWindow,
    ZoneName,
};
use serde_json::{Map, Value};

use super::task::task;
use super::{address, attribute, contact, date, item, kind, lat_lng, priority, text, time_of_day, window};
use crate::ids::Prefixed;
use crate::types::{self, BreakStatus, DeliveryStatus};
use crate::wire::{Double, Instant, Int64, Span};

/// A stop of this route.
pub(crate) fn route_stop(route: &Route, stop: &Stop) -> types::RouteStop {
    let proof = proof(&stop.status);
    let (attempted_reason, attempted_note) = attempted(&stop.status);
    let planned = stop.planned.and_then(|planned| planned.arrival);
    let client_stop_id = text(stop.external_id.as_ref());
    // What a client of the Integration API calls a stop is the nearest it has to an order's name.
    let order_name = match (&stop.order_name, stop.source) {
        (Some(name), _) => name.clone(),
        (None, StopSource::Job) => client_stop_id.clone(),
        (None, _) => String::new(),
    };
    types::RouteStop {
        id: stop.id.print(),
        kind: kind(stop.kind),
        delivery_status: delivery_status(stop.kind, &stop.status, route.status),
        break_status: break_status(stop),
        updated_at: Some(Instant(stop.updated_at)),
        duration: stop.service_time.map(Span),
        planned_arrival: planned.map(Instant),
        note: text(stop.note.as_ref()),
        address: address(&stop.address),
        contact: contact(&stop.contact),
        planned_coordinates: stop.location.position().map(lat_lng),
        items: stop.items.iter().map(item).collect(),
        source: source(stop.source),
        shopify_order_id: match stop.source {
            StopSource::ShopifyOrder(number) => Int64(number),
            _ => Int64(0),
        },
        saved_stop_id: match stop.source {
            StopSource::SavedStop(id) => id.print(),
            _ => String::new(),
        },
        delivered_coordinates: proof.and_then(|proof| proof.position).map(lat_lng),
        proof_of_delivery_note: proof.and_then(|proof| proof.note.clone()).unwrap_or_default(),
        proof_of_delivery_photos: Vec::new(),
        proof_of_delivery_signatures: Vec::new(),
        tasks: stop.tasks.iter().map(task).collect(),
        priority: priority(stop.priority),
        imported_stop_id: match stop.source {
            StopSource::ImportedStop(id) => id.print(),
            _ => String::new(),
        },
        order_name,
        distance_meters: Double(stop.planned.map_or(0.0, |planned| f64::from(planned.distance.get()))),
        updated_arrival: match &stop.status {
            StopStatus::Arrived { at } => Some(*at),
            StopStatus::Ended { arrived_at: Some(at), .. } => Some(*at),
            StopStatus::Ended { outcome: Outcome::Skipped { .. }, .. } => None,
            StopStatus::Ended { outcome, .. } => Some(outcome.at()),
            StopStatus::Pending | StopStatus::Removed => planned,
        }
        .map(Instant),
        time_windows: time_windows(stop, &route.timezone),
        delivery_date: stop.delivery_date.or_else(|| day_of_windows(stop, &route.timezone)).map(date),
        attributes: attributes(stop),
        client_stop_id,
        tags: stop.tags.clone(),
        attempted_reason,
        attempted_note,
    }
}

/// How a stop stands that is no break: what is to come goes with whether the driver has set out.
pub(crate) const fn delivery_status(kind: StopKind, status: &StopStatus, route: RouteStatus) -> DeliveryStatus {
    match (kind, status) {
        (StopKind::Break, _) => DeliveryStatus::Unknown,
        (_, StopStatus::Ended { outcome: Outcome::Completed { .. }, .. }) => DeliveryStatus::Delivered,
        (_, StopStatus::Ended { outcome: Outcome::Failed { .. } | Outcome::Skipped { .. }, .. }) => {
            DeliveryStatus::AttemptedDelivery
        }
        (_, StopStatus::Arrived { .. }) => DeliveryStatus::OutForDelivery,
        (_, StopStatus::Pending | StopStatus::Removed) => match route {
            RouteStatus::Planned => DeliveryStatus::ReadyForDelivery,
            RouteStatus::Started { .. } | RouteStatus::Completed { .. } | RouteStatus::Cancelled { .. } => {
                DeliveryStatus::OutForDelivery
            }
        },
    }
}

const fn break_status(stop: &Stop) -> BreakStatus {
    match (stop.kind, &stop.status) {
        (StopKind::Break, StopStatus::Ended { outcome: Outcome::Completed { .. }, .. }) => BreakStatus::Completed,
        _ => BreakStatus::Unknown,
    }
}

const fn source(source: StopSource) -> types::StopSource {
    match source {
        StopSource::Job | StopSource::Route => types::StopSource::Unknown,
        StopSource::ImportedStop(_) => types::StopSource::ImportedStop,
        StopSource::SavedStop(_) => types::StopSource::SavedStop,
        StopSource::ShopifyOrder(_) => types::StopSource::ShopifyOrder,
    }
}

const fn proof(status: &StopStatus) -> Option<&ProofOfDelivery> {
    match status {
        StopStatus::Ended { outcome: Outcome::Completed { proof, .. } | Outcome::Failed { proof, .. }, .. } => {
            Some(proof)
        }
        _ => None,
    }
}

fn attempted(status: &StopStatus) -> (types::AttemptedReason, String) {
    match status {
        StopStatus::Ended { outcome: Outcome::Failed { reason, note, .. }, .. } => {
            let reason = match reason {
                AttemptedReason::Unknown => types::AttemptedReason::Unknown,
                AttemptedReason::NotAvailable => types::AttemptedReason::NotAvailable,
                AttemptedReason::AccessDenied => types::AttemptedReason::AccessDenied,
                AttemptedReason::IncorrectAddress => types::AttemptedReason::IncorrectAddress,
                AttemptedReason::SafePlaceUnavailable => types::AttemptedReason::SafePlaceUnavailable,
                AttemptedReason::Refused => types::AttemptedReason::Refused,
                AttemptedReason::External => types::AttemptedReason::External,
                AttemptedReason::IncorrectItems => types::AttemptedReason::IncorrectItems,
                AttemptedReason::Other => types::AttemptedReason::Other,
            };
            (reason, note.clone().unwrap_or_default())
        }
        _ => (types::AttemptedReason::Unknown, String::new()),
    }
}

/// Windows by the clock on the wall: as they were given, or as the route's zone shows the instants that were.
fn time_windows(stop: &Stop, zone: &ZoneName) -> Vec<types::TimeWindow> {
    if !stop.day_windows.is_empty() {
        return stop.day_windows.iter().map(window).collect();
    }
    let side = |at: jiff::Timestamp| time_of_day(at.to_zoned(zone.zone().clone()).time());
    let shown =
        |window: &TimeWindow| types::TimeWindow { start: window.start().map(side), end: window.end().map(side) };
    stop.windows.iter().map(shown).collect()
}

/// The day in the route's zone that windows given as instants begin on.
fn day_of_windows(stop: &Stop, zone: &ZoneName) -> Option<civil::Date> {
    let window = stop.windows.first().filter(|_| stop.day_windows.is_empty())?;
    let at = window.start().or(window.end())?;
    Some(at.to_zoned(zone.zone().clone()).date())
}

/// The stop's attributes, and the object that a client of the Integration API gave it.
fn attributes(stop: &Stop) -> Vec<types::Attribute> {
    let given = stop.attributes.iter().map(attribute);
    // What serde_json has written once it reads again.
    let object: Map<String, Value> = serde_json::from_str(stop.metadata.as_str()).unwrap_or_default();
    let metadata = object.into_iter().map(|(key, value)| {
        let value = match value {
            Value::String(text) => text,
            value => value.to_string(),
        };
        types::Attribute { key, value }
    });
    given.chain(metadata).collect()
}
