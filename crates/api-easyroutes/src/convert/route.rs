use jiff::Timestamp;
use routemate_app::{CreateRoute, ErrorKind, NewStop, RouteChange, StopOrder, TerminalRequest};
use routemate_domain::{ImportedStopId, SavedStopId, StopId, Text, TextFault};

use super::stop::{MAX_STOPS, address, each, item, position, stop_request, task};
use crate::ids::Prefixed;
use crate::types::{
    RouteDispatch, RouteDriver, RouteTerminal, RouteToCreate, StopItems, StopPosition, StopToAdd, StopsToAdd,
};
use crate::wire::{Reading, Wire};

/// Reads a route to make.
///
/// # Errors
/// [`ErrorKind::Invalid`] with all problems.
pub(crate) fn route_to_create(body: &[u8]) -> Result<CreateRoute, ErrorKind> {
    read(body, |given: RouteToCreate, at| {
        let name = Text::parse(given.name).map_err(|fault| at.complain_of("name", fault)).ok();
        let driver = match given.driver_id.is_empty() {
            true => Some(None),
            false => id("driverId", &given.driver_id, at).map(Some),
        };
        let start = at.field("start", |at| terminal(given.start, at));
        let end = at.field("end", |at| terminal(given.end, at));
        let stops = new_stops(given.stops, at);
        Some(CreateRoute {
            name: name?,
            scheduled_for: given.scheduled_for.map(|at| at.0),
            driver: driver?,
            start: start?,
            end: end?,
            stops: stops?,
            order: if given.optimize { StopOrder::Best } else { StopOrder::Given },
        })
    })
}

/// Reads stops to put on a route. They come in the order given and move nothing else.
///
/// # Errors
/// [`ErrorKind::Invalid`] with all problems.
pub(crate) fn stops_to_add(body: &[u8]) -> Result<RouteChange, ErrorKind> {
    read(body, |given: StopsToAdd, at| {
        let place = given.position.map(|number| place(number, at));
        if given.stops.is_empty() {
            at.complain_of("stops", TextFault::Blank);
        }
        let stops = new_stops(given.stops, at)?;
        Some(RouteChange::AddStops { stops, position: place.flatten(), order: StopOrder::Given })
    })
}

/// Reads the items of a stop.
///
/// # Errors
/// [`ErrorKind::Invalid`] with all problems.
pub(crate) fn stop_items(body: &[u8], stop: StopId) -> Result<RouteChange, ErrorKind> {
    read(body, |given: StopItems, at| {
        let items = at.field("items", |at| each(given.items, at, item))?;
        Some(RouteChange::ReplaceItems { stop, items })
    })
}

/// Reads who is to drive.
///
/// # Errors
/// [`ErrorKind::Invalid`] with all problems.
pub(crate) fn route_driver(body: &[u8]) -> Result<RouteChange, ErrorKind> {
    read(body, |given: RouteDriver, at| {
        if given.driver_id.is_empty() {
            at.complain_of("driverId", TextFault::Blank);
            return None;
        }
        id("driverId", &given.driver_id, at).map(RouteChange::Assign)
    })
}

/// Reads until when a route is dispatched.
///
/// # Errors
/// [`ErrorKind::Invalid`] with all problems.
pub(crate) fn route_dispatch(body: &[u8]) -> Result<RouteChange, ErrorKind> {
    read(body, |given: RouteDispatch, at| {
        let until: Option<Timestamp> = given.dispatched_until.map(|until| until.0);
        if until.is_none() {
            at.complain_of("dispatchedUntil", TextFault::Blank);
        }
        until.map(|until| RouteChange::Dispatch { until })
    })
}

/// Reads where a stop is put.
///
/// # Errors
/// [`ErrorKind::Invalid`] with all problems.
pub(crate) fn stop_position(body: &[u8], stop: StopId) -> Result<RouteChange, ErrorKind> {
    read(body, |given: StopPosition, at| {
        let Some(number) = given.position else {
            at.complain_of("position", TextFault::Blank);
            return None;
        };
        place(number, at).map(|position| RouteChange::MoveStop { stop, position })
    })
}

/// The stops that a path names, separated by commas.
pub(crate) fn stop_ids(text: &str) -> Option<Vec<StopId>> {
    text.split(',').map(StopId::read).collect()
}

fn read<T: Wire, U>(body: &[u8], convert: impl FnOnce(T, &mut Reading) -> Option<U>) -> Result<U, ErrorKind> {
    let mut at = Reading::default();
    let made = at.read_body(body).and_then(|given| convert(given, &mut at));
    at.finish(made)
}

fn new_stops(given: Vec<StopToAdd>, at: &mut Reading) -> Option<Vec<NewStop>> {
    at.field("stops", |at| {
        if given.len() > MAX_STOPS {
            at.complain(format_args!("must contain at most {MAX_STOPS} items"));
            return None;
        }
        each(given, at, new_stop)
    })
}

fn new_stop(given: StopToAdd, at: &mut Reading) -> Option<NewStop> {
    match (given.imported_stop_id.as_str(), given.saved_stop_id.as_str(), given.shopify_order_id.0, given.stop) {
        (imported, "", 0, None) if !imported.is_empty() => {
            id::<ImportedStopId>("importedStopId", imported, at).map(NewStop::Imported)
        }
        ("", saved, 0, None) if !saved.is_empty() => id::<SavedStopId>("savedStopId", saved, at).map(NewStop::Saved),
        ("", "", order, None) if order != 0 => Some(NewStop::Shopify(order)),
        ("", "", 0, Some(stop)) => {
            at.field("stop", |at| stop_request(stop, at)).map(|request| NewStop::Inline(Box::new(request)))
        }
        _ => {
            at.complain("must have just one of importedStopId, savedStopId, shopifyOrderId, stop");
            None
        }
    }
}

fn terminal(given: Option<RouteTerminal>, at: &mut Reading) -> Option<TerminalRequest> {
    let Some(given) = given else { return Some(TerminalRequest::default()) };
    let tasks = at.field("tasks", |at| each(given.tasks, at, task));
    Some(TerminalRequest {
        address: given.address.map(|given| at.field("address", |at| address(given, at))).unwrap_or_default(),
        position: given.coordinates.and_then(|given| at.field("coordinates", |at| position(given, at))),
        tasks: tasks?,
    })
}

fn id<T: Prefixed>(field: &str, text: &str, at: &mut Reading) -> Option<T> {
    let id = T::read(text);
    if id.is_none() {
        at.complain_of(field, format_args!("must be `{}` and a UUID", T::PREFIX));
    }
    id
}

fn place(number: i32, at: &mut Reading) -> Option<usize> {
    let place = usize::try_from(number).ok();
    if place.is_none() {
        at.complain_of("position", "must be at least 0");
    }
    place
}

#[cfg(test)]
mod tests {
    use routemate_app::Problem;
    use serde_json::{Value, json};

    use super::*;

    fn sentences<T>(result: Result<T, ErrorKind>) -> Vec<String> {
        match result {
            Ok(_) => Vec::new(),
            Err(ErrorKind::Invalid(problems)) => problems.iter().map(Problem::to_string).collect(),
            Err(other) => panic!("{other:?}"),
        }
    }

    fn stop() -> StopId {
        StopId::read("rst-9817a456-e6fd-4652-b918-5dc89d3621d3").expect("an id")
    }

    fn bytes(value: &Value) -> Vec<u8> {
        value.to_string().into_bytes()
    }

    #[test]
    fn a_route_is_read_whole() {
        let route = route_to_create(&bytes(&json!({
            "name": "Morning",
            "scheduled_for": "2026-03-09T08:00:00+02:00",
            "driverId": "drv-cb93e344-fb1d-4d34-b8a8-8df5cdd9e939",
            "start": { "coordinates": { "latitude": 60.2, "longitude": 24.9 }, "tasks": [{ "type": "TEXT_INPUT" }] },
            "stops": [
                { "importedStopId": "ist-123e4567-e89b-12d3-a456-426614174000" },
                { "saved_stop_id": "sst-123e4567-e89b-12d3-a456-426614174000" },
                { "shopifyOrderId": "820982911946154508" },
                { "stop": { "address": { "city": "Helsinki" } } },
            ],
            "optimize": true,
        })))
        .expect("a route");
        assert_eq!((route.name.as_str(), route.order, route.stops.len()), ("Morning", StopOrder::Best, 4));
        assert!(route.driver.is_some() && route.scheduled_for.is_some() && route.start.position.is_some());
        assert_eq!((route.start.tasks.len(), route.end.position), (1, None));
        assert!(matches!(
            route.stops.as_slice(),
            [NewStop::Imported(_), NewStop::Saved(_), NewStop::Shopify(820_982_911_946_154_508), NewStop::Inline(_)]
        ));
    }

    #[test]
    fn all_that_is_wrong_with_a_route_is_told() {
        let told = sentences(route_to_create(&bytes(&json!({
            "driver_id": "cb93e344-fb1d-4d34-b8a8-8df5cdd9e939",
            "end": { "coordinates": { "latitude": 91 } },
            "stops": [
                {},
                { "importedStopId": "rst-123e4567-e89b-12d3-a456-426614174000" },
                { "importedStopId": "x", "shopifyOrderId": 7 },
                { "stop": { "items": [{ "quantity": -1 }], "address": { "city": "Espoo" } } },
            ],
        }))));
        assert_eq!(
            told,
            [
                "name is required",
                "driver_id must be `drv-` and a UUID",
                "end.coordinates.latitude must be from -90 to 90",
                "stops[0] must have just one of importedStopId, savedStopId, shopifyOrderId, stop",
                "stops[1].importedStopId must be `ist-` and a UUID",
                "stops[2] must have just one of importedStopId, savedStopId, shopifyOrderId, stop",
                "stops[3].stop.items[0].quantity must be at least 0",
            ]
        );
        let many = json!({ "name": "N", "stops": vec![json!({}); 201] });
        assert_eq!(sentences(route_to_create(&bytes(&many))), ["stops must contain at most 200 items"]);
    }

    #[test]
    fn changes_say_what_they_need() {
        assert_eq!(sentences(stops_to_add(b"{}")), ["stops is required"]);
        assert_eq!(sentences(stop_position(b"{}", stop())), ["position is required"]);
        assert_eq!(sentences(stop_position(b"{\"position\":-1}", stop())), ["position must be at least 0"]);
        assert_eq!(sentences(route_driver(b"{}")), ["driverId is required"]);
        assert_eq!(sentences(route_dispatch(b"{}")), ["dispatchedUntil is required"]);
        let items = stop_items(b"{\"items\":[{\"name\":\"A\",\"quantity\":2}]}", stop());
        assert!(matches!(items, Ok(RouteChange::ReplaceItems { items, .. }) if items.len() == 1));
        assert!(matches!(stop_position(b"{\"position\":0}", stop()), Ok(RouteChange::MoveStop { position: 0, .. })));
    }

    #[test]
    fn stops_are_named_together() {
        let one = "rst-9817a456-e6fd-4652-b918-5dc89d3621d3";
        assert_eq!(stop_ids(&format!("{one},{one}")).map(|ids| ids.len()), Some(2));
        assert_eq!((stop_ids(""), stop_ids(&format!("{one},"))), (None, None));
    }
}
