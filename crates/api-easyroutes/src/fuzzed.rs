//! Any bytes as a request: what must hold of what is read from them. The fuzz targets (`crates/api-routemate/fuzz`) and the
//! tests below run the same judges, so that they never rot.
#![expect(clippy::panic, reason = "a judge stops at what is amiss")]

use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use routemate_app::{ErrorKind, NewStop, RouteChange};
use routemate_domain::{DriverId, ImportedStop, ImportedStopId, OrganizationId, RouteId, StopId, StopRequest};
use routemate_http::Query;
use uuid::Uuid;

use crate::convert::{
    route_dispatch, route_driver, route_to_create, stop_ids, stop_items, stop_position, stops_to_add, stops_to_import,
};
use crate::ids::Prefixed;
use crate::page::Asked;
use crate::path::named;
use crate::query::{DriversQuery, RoutesQuery, drivers_query, limit, routes_query};
use crate::route_lists::route_query;
use crate::view::imported_stop;
use crate::wire::{Instant, Reading};

/// A body of `POST /stops/imports`: every stop is one that can be, or every problem is named. What was read is told so that
/// it reads the same: a client that sends back what it got changes nothing.
pub fn judge_stops(bytes: &[u8]) {
    let Some(requests) = judged(stops_to_import(bytes)) else { return };
    assert!(requests.len() <= 200);
    for request in requests {
        judge_request(&request);
        let stop = ImportedStop {
            organization_id: OrganizationId::from_uuid(Uuid::nil()),
            id: ImportedStopId::from_uuid(Uuid::nil()),
            location: request.location(),
            request: request.clone(),
            version: 1,
            imported_at: Timestamp::UNIX_EPOCH,
            created_at: Timestamp::UNIX_EPOCH,
        };
        let told = serde_json::to_vec(&[imported_stop(&stop)]).unwrap_or_default();
        match stops_to_import(&told) {
            Ok(again) => assert_eq!(again, [request], "{}", String::from_utf8_lossy(&told)),
            Err(error) => panic!("{error:?}: {}", String::from_utf8_lossy(&told)),
        }
    }
}

fn judge_request(request: &StopRequest) {
    let address = request.address.to_string();
    assert!(request.position.is_some() || !address.trim().is_empty(), "a stop that is nowhere");
    assert!(request.position.is_none_or(|at| (at.lat(), at.lng()) != (0.0, 0.0)));
    assert!(request.external_id.as_ref().is_none_or(|id| (1..=255).contains(&id.as_str().chars().count())));
    assert!(request.attributes.len() <= 50 && request.tags.len() <= 250);
    assert!(request.attributes.iter().all(|attribute| !attribute.key.trim().is_empty()));
    assert!(request.service_time.is_none_or(|time| time.get() <= 7 * 24 * 60 * 60));
    assert!((0.0..=10.0).contains(&request.priority.raw()));
    // PostgreSQL's text cannot hold it.
    assert!(!format!("{request:?}").replace("\\\\", "").contains("\\0"), "U+0000");
}

/// A body of any of the calls that make or change a route: it is read, or every problem is named.
pub fn judge_route_change(bytes: &[u8]) {
    let stop = StopId::from_uuid(Uuid::nil());
    if let Some(route) = judged(route_to_create(bytes)) {
        assert!(!route.name.as_str().trim().is_empty());
        judge_new_stops(&route.stops);
    }
    if let Some(change) = judged(stops_to_add(bytes)) {
        let RouteChange::AddStops { stops, .. } = change else { panic!("{change:?}") };
        assert!(!stops.is_empty());
        judge_new_stops(&stops);
    }
    let changes = [stop_items(bytes, stop), route_driver(bytes), route_dispatch(bytes), stop_position(bytes, stop)];
    for change in changes {
        judged(change);
    }
}

fn judge_new_stops(stops: &[NewStop]) {
    assert!(stops.len() <= 200);
    for stop in stops {
        if let NewStop::Inline(request) = stop {
            judge_request(request);
        }
    }
}

/// A query of the lists: it is read within the limits, or every problem is named. A cursor keeps it as it is; and whatever
/// an earlier version may have kept in one, it is a query or none.
pub fn judge_query(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let query = Query::parse(&text);
    let mut at = Reading::default();
    let routes = routes_query(&query, &mut at);
    if let Some(routes) = judged(at.finish(Some(routes))) {
        assert!((1..=200).contains(&routes.limit));
        assert_eq!(kept(&routes), Some(routes));
    }
    let mut at = Reading::default();
    let drivers = drivers_query(&query, &mut at);
    if let Some(drivers) = judged(at.finish(Some(drivers))) {
        assert!((1..=200).contains(&drivers.limit) && drivers.statuses().len() <= 3);
        assert_eq!(kept(&drivers), Some(drivers));
    }
    let mut at = Reading::default();
    let most = limit(&query, &mut at);
    if let Some(most) = judged(at.finish(Some(most))) {
        assert!((1..=200).contains(&most));
    }
    if let Ok(Asked { query, after }) = serde_json::from_slice::<Asked<RoutesQuery, (Instant, String)>>(bytes) {
        assert!(route_query(&query, after).most > 0);
    }
    if let Ok(asked) = serde_json::from_slice::<Asked<DriversQuery, String>>(bytes) {
        assert!(asked.query.statuses().len() <= bytes.len());
    }
}

fn kept<Q: serde::Serialize + serde::de::DeserializeOwned>(query: &Q) -> Option<Q> {
    serde_json::from_value(serde_json::to_value(query).ok()?).ok()
}

/// A part of a path: what a client has named, escaped, is what is read; and an id is read in one spelling only.
pub fn judge_id(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let escaped = utf8_percent_encode(&text, NON_ALPHANUMERIC);
    const PATTERN: &str = "/api/2024-07/stops/imports/{imported_stop_id}/routes";
    let path = format!("/api/2024-07/stops/imports/{escaped}/routes");
    assert_eq!(named(PATTERN, &path, "imported_stop_id").as_deref(), Some(&*text));
    // Sent as it is, it may name anything.
    named(PATTERN, &text, "imported_stop_id");

    judge_prefixed::<RouteId>(&text);
    judge_prefixed::<StopId>(&text);
    judge_prefixed::<ImportedStopId>(&text);
    judge_prefixed::<DriverId>(&text);
    if let Some(ids) = stop_ids(&text) {
        let printed: Vec<_> = ids.iter().map(Prefixed::print).collect();
        assert!(!ids.is_empty() && text.split(',').all(|part| printed.iter().any(|id| id == part)));
    }
}

fn judge_prefixed<T: Prefixed>(text: &str) {
    if let Some(id) = T::read(text) {
        assert_eq!(id.print(), text);
    }
}

/// What was read, unless problems were named instead.
fn judged<T>(read: Result<T, ErrorKind>) -> Option<T> {
    match read {
        Ok(read) => Some(read),
        Err(ErrorKind::Invalid(problems)) => {
            assert!(!problems.is_empty());
            assert!(problems.iter().all(|problem| !problem.path.is_empty() && !problem.message.is_empty()));
            None
        }
        Err(other) => panic!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const STOPS: &str = include_str!("../../api-routemate/fuzz/seeds/easyroutes_stops/whole.seed");
    const ROUTE: &str = include_str!("../../api-routemate/fuzz/seeds/easyroutes_routes/whole.seed");
    const QUERY: &str = include_str!("../../api-routemate/fuzz/seeds/easyroutes_queries/routes.seed");
    const KEPT: &str = include_str!("../../api-routemate/fuzz/seeds/easyroutes_queries/kept.seed");
    const ID: &str = include_str!("../../api-routemate/fuzz/seeds/easyroutes_ids/stops.seed");

    type Judge = fn(&[u8]);
    const JUDGES: [(Judge, &str); 5] =
        [(judge_stops, STOPS), (judge_route_change, ROUTE), (judge_query, QUERY), (judge_query, KEPT), (judge_id, ID)];

    #[test]
    fn what_is_right_is_read() {
        assert_eq!(stops_to_import(STOPS.as_bytes()).map(|stops| stops.len()).ok(), Some(2));
        assert_eq!(route_to_create(ROUTE.as_bytes()).map(|route| route.stops.len()).ok(), Some(3));
        assert!(
            stops_to_add(ROUTE.as_bytes()).is_ok()
                && stop_items(ROUTE.as_bytes(), StopId::from_uuid(Uuid::nil())).is_ok()
        );
        assert!(serde_json::from_str::<Asked<RoutesQuery, (Instant, String)>>(KEPT).is_ok());
        assert_eq!(stop_ids(ID).map(|ids| ids.len()), Some(2));
        for (judge, text) in JUDGES {
            judge(text.as_bytes());
        }
    }

    #[test]
    fn whatever_is_nearly_right_is_judged() {
        for (judge, text) in JUDGES {
            for at in 0..text.len() {
                for byte in b"\"{}[],:0-e\\%\0 \xff" {
                    let mut bytes = text.as_bytes().to_vec();
                    bytes[at] = *byte;
                    judge(&bytes);
                    bytes.remove(at);
                    judge(&bytes);
                }
            }
        }
    }

    /// Every value of the sample in the place of every other one: what is right by itself and wrong where it stands.
    #[test]
    fn whatever_is_right_elsewhere_is_judged() {
        for (judge, text) in [(judge_stops as Judge, STOPS), (judge_route_change, ROUTE)] {
            let whole: Value = serde_json::from_str(text).expect("JSON");
            let mut places = Vec::new();
            collect(&whole, String::new(), &mut places);
            let mut values: Vec<Value> = places
                .iter()
                .filter_map(|place| whole.pointer(place))
                .filter(|value| !value.is_object())
                .cloned()
                .collect();
            values.extend(
                ["null", "{}", "[]", "[null]", "-1", "1e400", "9223372036854775808", "\"\\u0000\"", "\"1e3\""]
                    .map(|text| serde_json::from_str(text).unwrap_or(Value::Null)),
            );
            for place in &places {
                for value in &values {
                    let mut body = whole.clone();
                    *body.pointer_mut(place).expect("a place") = value.clone();
                    judge(body.to_string().as_bytes());
                }
            }
        }
    }

    fn collect(value: &Value, path: String, places: &mut Vec<String>) {
        places.push(path.clone());
        match value {
            Value::Object(fields) => {
                fields.iter().for_each(|(name, value)| collect(value, format!("{path}/{name}"), places))
            }
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(at, item)| collect(item, format!("{path}/{at}"), places))
            }
            _ => {}
        }
    }
}
