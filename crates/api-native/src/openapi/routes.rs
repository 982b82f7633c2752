//! Routes, from whichever door.

use routemate_app::{ErrorKind, Noun, Problem};
use routemate_domain::{Refusal, RouteStatus};
use routemate_http::Rejection;
use routemate_http::openapi::{about_bodies, answers, header, idempotency_key, replayed, to_caller, with_token};
use serde_json::{Value, json};
use utoipa::openapi::path::{Operation, OperationBuilder, Parameter, ParameterIn};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, SchemaFormat};

use super::changes::{Change, Changed, refusals, request};
use super::stops::{flag, name, new_stop, terminal, uuid};
use super::{IDEMPOTENT, body, if_match, limit, list_query, required, text};
use crate::route_lists::NOBODY;

const ROUTE_ID: &str = "1c2a8c0b-1b69-4a04-85b1-608b2ebe3878";
const DRIVER_ID: &str = "0190b6e2-0000-7000-8000-000000000005";
const TAG: &str = "\"7-5d2e9a7f0b1c3d4e\"";

/// A route, to those who change it.
const ROUTE: Changed =
    Changed { noun: Noun::Route, name: "route", tag: TAG, key: route_id, answer: || body("WholeRouteDto", route()) };

pub(crate) fn list_routes() -> Operation {
    let status = text().enum_values(Some(RouteStatus::NAMES));
    let date = text().format(Some(SchemaFormat::Custom("date".to_owned())));
    let driver = format!("Routes of this driver: an e-mail address or a driver's id; `{NOBODY}` for routes of nobody.");
    let example = json!({ "routes": [listed_route()], "next_cursor": null });
    let page = to_caller(ResponseBuilder::new().description("A page."));
    let operation = OperationBuilder::new()
        .operation_id(Some("listRoutes"))
        .summary(Some("The organisation's routes, the latest made first"))
        .description(Some(
            "Those of jobs and those made by hand. What is asked for together has to hold together; `status` may come several \
             times. A job is named to its own integration. Pages go on by `cursor`, which holds the whole query; a route that \
             is made or deleted meanwhile moves no other from one page to another.",
        ))
        .security(with_token())
        .parameter(list_query("status", "Routes that stand so.", status, json!("planned")))
        .parameter(list_query("driver", &driver, text(), json!("driver@example.com")))
        .parameter(list_query(
            "date",
            "Routes of this day: their job's, or that on which they are scheduled by the organisation's clocks.",
            date,
            json!("2026-03-09"),
        ))
        .parameter(super::words("Words in the name, or in title, external id or driver's address of the job.", "Zone A"))
        .parameter(list_query("include_archived", "Whether archived routes are listed too.", flag(), json!(true)))
        .parameter(limit())
        .parameter(super::cursor())
        .response("200", page.content("application/json", body("RoutesDto", example)));
    answers(operation, refusals([super::bad_limit()])).build()
}

pub(crate) fn post_route() -> Operation {
    let stops = ArrayBuilder::new().items(new_stop().build());
    let schema = ObjectBuilder::new()
        .property("name", name())
        .property("scheduled_for", instant().description(Some("When it is to be driven; its driver leaves then.")))
        .property("driver_id", uuid().description(Some("Who is to drive.")))
        .property("start", terminal().description(Some("Where the driver sets out, beside the stops.")))
        .property("end", terminal().description(Some("Where the driver goes at last, beside the stops.")))
        .property("stops", stops)
        .property(
            "optimize",
            flag().default(Some(json!(true))).description(Some("Whether the best order is computed.")),
        )
        .required("name");
    let example = json!({
        "name": "Morning route",
        "scheduled_for": "2026-03-09T08:00:00+02:00",
        "start": { "address": "Unioninkatu 29, Helsinki" },
        "stops": [{ "address": "Kaivokatu 1, Helsinki", "items": [{ "name": "Crate", "quantity": 2 }] }],
    });
    let ok = to_caller(ResponseBuilder::new().description("The route, planned."))
        .header("Location", header("Where it is.", text()))
        .header("ETag", ROUTE.etag())
        .header("Idempotency-Replayed", replayed())
        .content("application/json", body("WholeRouteDto", route()));
    let operation = OperationBuilder::new()
        .operation_id(Some("postRoute"))
        .summary(Some("Make a route"))
        .description(Some(
            "Finds its addresses, plans it and gives it to its driver. It is no job of `/v1`. Stops are given here or taken from \
             imported or saved ones; those follow what they were taken from until the driver has set out.",
        ))
        .security(with_token())
        .parameter(idempotency_key(IDEMPOTENT))
        .request_body(Some(request(schema, example)))
        .response("201", ok);
    let invalid = ErrorKind::Invalid(vec![
        Problem::new("name", "is required"),
        Problem::new("stops[0].saved_stop_id", "is not known"),
    ]);
    let refusal = Refusal { noun: "a driver", state: "inactive", action: "give a route to" };
    let own = [invalid, ErrorKind::KeyReused, ErrorKind::NotFound(Noun::Driver), ErrorKind::Refused(refusal)];
    answers(operation, refusals(about_bodies().into_iter().chain(own.map(Rejection::from)))).build()
}

pub(crate) fn get_route() -> Operation {
    let operation = super::conditional(
        OperationBuilder::new()
            .operation_id(Some("getWholeRoute"))
            .summary(Some("Everything that is known of a route"))
            .description(Some(
                "Its stops with their places and what is planned there, whichever door it came in by. Addresses that were not \
                 found say what may have been meant; stops that are late or have no place in the order say why.",
            ))
            .security(with_token())
            .parameter(route_id()),
        || ROUTE.etag(),
        TAG,
        body("WholeRouteDto", route()),
    );
    answers(operation, refusals([ErrorKind::NotFound(Noun::Route).into()])).build()
}

pub(crate) fn delete_route() -> Operation {
    let operation = OperationBuilder::new()
        .operation_id(Some("deleteWholeRoute"))
        .summary(Some("Delete a route"))
        .description(Some("Not the route of a job, which goes with its job, nor one whose driver is on the way."))
        .security(with_token())
        .parameter(route_id())
        .parameter(if_match(TAG))
        .response("204", to_caller(ResponseBuilder::new().description("It is gone.")));
    answers(operation, refusals(ROUTE.about_changes())).build()
}

pub(crate) fn patch_route() -> Operation {
    let schema = ObjectBuilder::new()
        .property("name", name())
        .property("scheduled_for", instant().description(Some("When it is to be driven; `null`: this is open.")))
        .property("optimize", flag().default(Some(json!(true))));
    ROUTE.change(Change {
        id: "patchRoute",
        summary: "Name a route anew, or say when it is driven".to_owned(),
        description: "What is left out stays. With another time the order is computed again unless `optimize` is false.",
        request: Some((schema, json!({ "scheduled_for": "2026-03-10T08:00:00+02:00" }))),
        is_of_stop: false,
    })
}

pub(crate) fn reoptimize_route() -> Operation {
    plain("reoptimizeWholeRoute", "Compute the order again", "What is done keeps its place, and so do locked stops.")
}

pub(crate) fn cancel_route() -> Operation {
    plain("cancelRoute", "Call a route off", "Stops that have not ended are skipped; what was done stays.")
}

pub(crate) fn put_route_driver() -> Operation {
    let schema = ObjectBuilder::new().property("driver_id", uuid()).required("driver_id");
    ROUTE.change(Change {
        id: "putRouteDriver",
        summary: "Give a route to a driver".to_owned(),
        description: "Takes it from whoever had it. The driver is one of the organisation, on duty.",
        request: Some((schema, json!({ "driver_id": DRIVER_ID }))),
        is_of_stop: false,
    })
}

pub(crate) fn delete_route_driver() -> Operation {
    plain("deleteRouteDriver", "Take a route from its driver", "Not once the driver has set out.")
}

pub(crate) fn put_route_dispatch() -> Operation {
    let schema = ObjectBuilder::new().property("dispatched_until", instant()).required("dispatched_until");
    ROUTE.change(Change {
        id: "putRouteDispatch",
        summary: "Let the driver see a route".to_owned(),
        description: "Until the time given.",
        request: Some((schema, json!({ "dispatched_until": "2026-03-09T18:00:00Z" }))),
        is_of_stop: false,
    })
}

pub(crate) fn delete_route_dispatch() -> Operation {
    plain("deleteRouteDispatch", "Hide a route from its driver", "Until it is dispatched again.")
}

pub(crate) fn archive_route() -> Operation {
    plain("archiveWholeRoute", "Put a route away", "Not while its driver is on the way.")
}

pub(crate) fn unarchive_route() -> Operation {
    plain("unarchiveWholeRoute", "Take a route out again", "It is listed again.")
}

pub(crate) fn post_route_stops() -> Operation {
    ROUTE.stops_added("postRouteStops", json!({ "address": "Kaivokatu 1, Helsinki" }))
}

pub(crate) fn delete_route_stop() -> Operation {
    ROUTE.stop_removed("deleteRouteStop")
}

pub(crate) fn put_route_stop_place() -> Operation {
    ROUTE.stop_corrected("putRouteStopPlace", json!({ "latitude": 60.1699, "longitude": 24.9496 }))
}

pub(crate) fn put_route_stop_position() -> Operation {
    ROUTE.stop_moved("putRouteStopPosition")
}

pub(crate) fn put_route_stop_items() -> Operation {
    ROUTE.items_replaced("putRouteStopItems")
}

pub(crate) fn put_route_stop_lock() -> Operation {
    ROUTE.stop_locked("putRouteStopLock")
}

fn plain(id: &'static str, summary: &str, description: &'static str) -> Operation {
    ROUTE.change(Change { id, summary: summary.to_owned(), description, request: None, is_of_stop: false })
}

fn route_id() -> Parameter {
    let schema = text().format(Some(SchemaFormat::Custom("uuid".to_owned())));
    required("route_id", ParameterIn::Path, "RouteMate's id of the route.", schema, ROUTE_ID).build()
}

fn instant() -> ObjectBuilder {
    text().format(Some(SchemaFormat::Custom("date-time".to_owned())))
}

fn driver() -> Value {
    json!({
        "driver_id": DRIVER_ID,
        "user_id": "573b6bee-aa3d-4cb0-af87-620bba0db049",
        "first_name": "Aino",
        "last_name": "Virtanen",
    })
}

fn listed_route() -> Value {
    json!({
        "route_id": ROUTE_ID,
        "name": "Morning route",
        "status": "planned",
        "job": null,
        "driver": driver(),
        "scheduled_for": "2026-03-09T06:00:00.000Z",
        "departure_at": "2026-03-09T06:00:00.000Z",
        "dispatched_until": null,
        "archived_at": null,
        "distance_meters": 1200,
        "duration_seconds": 240,
        "stop_count": 1,
        "ended_count": 0,
        "not_found_count": 0,
        "shortfall_count": 0,
        "version": 7,
        "created_at": "2026-03-09T08:30:00.000Z",
        "updated_at": "2026-03-09T08:30:00.000Z",
    })
}

fn route() -> Value {
    let nowhere = || {
        let address = json!({
            "text": "", "line1": "", "line2": "", "city": "", "province_code": "", "country_code": "", "zip": "",
        });
        json!({ "address": address, "location": null, "tasks": [] })
    };
    let mut whole = super::job().get_mut("route").map(Value::take).unwrap_or_default();
    let more = json!({
        "job": { "job_id": super::JOB_ID, "external_job_id": "BATCH-2026-03-09-A" },
        "driver": driver(),
        "scheduled_for": null,
        "dispatched_until": null,
        "archived_at": null,
        "start": nowhere(),
        "end": nowhere(),
        "stop_count": 1,
        "status_counts": { "pending": 1, "arrived": 0, "completed": 0, "failed": 0, "skipped": 0 },
        "not_found_count": 0,
        "shortfall_count": 0,
        "stops": [super::stop()],
    });
    if let (Some(whole), Value::Object(more)) = (whole.as_object_mut(), more) {
        whole.extend(more);
    }
    whole
}
