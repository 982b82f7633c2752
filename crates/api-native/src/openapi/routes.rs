//! Routes, from whichever door.

use routemate_app::{ErrorKind, Noun, Problem};
use routemate_domain::{Refusal, RouteStatus};
use routemate_http::Rejection;
use routemate_http::openapi::{about_bodies, answers, header, idempotency_key, replayed, to_caller, with_token};
use serde_json::{Value, json};
use utoipa::openapi::path::{Operation, OperationBuilder, Parameter, ParameterIn};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, SchemaFormat};

use super::jobs::{refusals, request, stop_id};
use super::stops::{flag, item, new_stop, place, terminal, whole};
use super::{IDEMPOTENT, body, if_match, limit, list_query, required, text};
use crate::route_lists::NOBODY;

const ROUTE_ID: &str = "1c2a8c0b-1b69-4a04-85b1-608b2ebe3878";
const DRIVER_ID: &str = "0190b6e2-0000-7000-8000-000000000005";
const TAG: &str = "\"7-5d2e9a7f0b1c3d4e\"";

/// What is said of one change of a route.
struct Change {
    id: &'static str,
    summary: &'static str,
    description: &'static str,
    /// The request's schema and an example of it; `None` where nothing is to be said.
    request: Option<(ObjectBuilder, Value)>,
    is_of_stop: bool,
}

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
        .parameter(list_query("text", "Words in the name, or in title, external id or driver's address of the job.", text(), json!("Zone A")))
        .parameter(list_query("include_archived", "Whether archived routes are listed too.", flag(), json!(true)))
        .parameter(limit())
        .parameter(super::cursor())
        .response("200", page.content("application/json", body("RoutesDto", example)));
    answers(operation, refusals([super::bad_limit()])).build()
}

pub(crate) fn post_route() -> Operation {
    let stops = ArrayBuilder::new().items(new_stop().build());
    let schema = ObjectBuilder::new()
        .property("name", text().max_length(Some(4000)))
        .property("scheduled_for", instant().description(Some("When it is to be driven; its driver leaves then.")))
        .property("driver_id", text().description(Some("Who is to drive.")))
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
        .header("ETag", etag())
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
        etag,
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
    answers(operation, refusals(about_changes())).build()
}

pub(crate) fn reoptimize_route() -> Operation {
    plain("reoptimizeWholeRoute", "Compute the order again", "What is done keeps its place, and so do locked stops.")
}

pub(crate) fn cancel_route() -> Operation {
    plain("cancelRoute", "Call a route off", "Stops that have not ended are skipped; what was done stays.")
}

pub(crate) fn put_route_driver() -> Operation {
    let schema = ObjectBuilder::new().property("driver_id", text()).required("driver_id");
    describe(Change {
        id: "putRouteDriver",
        summary: "Give a route to a driver",
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
    describe(Change {
        id: "putRouteDispatch",
        summary: "Let the driver see a route",
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
    let schema = ObjectBuilder::new()
        .property("stops", ArrayBuilder::new().items(new_stop().build()).min_items(Some(1)))
        .property("position", whole().minimum(Some(0)))
        .property("optimize", flag())
        .required("stops");
    describe(Change {
        id: "postRouteStops",
        summary: "Add stops to a route",
        description: "At `position`, from 0, in the order as it stands; without one wherever it is best. `optimize` says \
                      whether the order is computed again: by default where there is no `position`.",
        request: Some((schema, json!({ "stops": [{ "address": "Kaivokatu 1, Helsinki" }] }))),
        is_of_stop: false,
    })
}

pub(crate) fn delete_route_stop() -> Operation {
    describe(Change {
        id: "deleteRouteStop",
        summary: "Take a stop off a route",
        description: "The order of the others is computed again. A stop that is done stays.",
        request: None,
        is_of_stop: true,
    })
}

pub(crate) fn put_route_stop_place() -> Operation {
    describe(Change {
        id: "putRouteStopPlace",
        summary: "Correct where a stop is",
        description: "The way out of an address that was not found: with a pin, another address, or both. An address without \
                      a pin is looked up. The order is computed again unless `optimize` is false.",
        request: Some((place().property("optimize", flag()), json!({ "latitude": 60.1699, "longitude": 24.9496 }))),
        is_of_stop: true,
    })
}

pub(crate) fn put_route_stop_position() -> Operation {
    let schema = ObjectBuilder::new().property("position", whole().minimum(Some(0))).required("position");
    describe(Change {
        id: "putRouteStopPosition",
        summary: "Put a stop somewhere else in the order",
        description: "From 0; a number beyond the end is the end. The others keep their order.",
        request: Some((schema, json!({ "position": 2 }))),
        is_of_stop: true,
    })
}

pub(crate) fn put_route_stop_items() -> Operation {
    let schema = ObjectBuilder::new().property("items", ArrayBuilder::new().items(item().build())).required("items");
    describe(Change {
        id: "putRouteStopItems",
        summary: "Replace what is handed over at a stop",
        description: "All of it.",
        request: Some((schema, json!({ "items": [{ "name": "Bananas", "quantity": 5, "weight_grams": 500 }] }))),
        is_of_stop: true,
    })
}

pub(crate) fn put_route_stop_lock() -> Operation {
    let schema = ObjectBuilder::new().property("is_locked", flag()).required("is_locked");
    describe(Change {
        id: "putRouteStopLock",
        summary: "Make a stop keep its place",
        description: "When the order is computed again it stays where it is, until it is let go.",
        request: Some((schema, json!({ "is_locked": true }))),
        is_of_stop: true,
    })
}

fn plain(id: &'static str, summary: &'static str, description: &'static str) -> Operation {
    describe(Change { id, summary, description, request: None, is_of_stop: false })
}

fn describe(change: Change) -> Operation {
    let ok = to_caller(ResponseBuilder::new().description("The route as it stands now."))
        .header("ETag", etag())
        .content("application/json", body("WholeRouteDto", route()));
    let mut operation = OperationBuilder::new()
        .operation_id(Some(change.id))
        .summary(Some(change.summary))
        .description(Some(change.description))
        .security(with_token())
        .parameter(route_id())
        .parameter(if_match(TAG))
        .response("200", ok);
    let invalid = ErrorKind::Invalid(vec![Problem::new("body", "must be valid JSON")]);
    let mut refused: Vec<Rejection> =
        about_changes().into_iter().chain(about_bodies()).chain([invalid.into()]).collect();
    if change.is_of_stop {
        operation = operation.parameter(stop_id());
        refused.push(ErrorKind::NotFound(Noun::Stop).into());
    }
    let operation = operation.request_body(change.request.map(|(schema, example)| request(schema, example)));
    answers(operation, refusals(refused)).build()
}

fn about_changes() -> Vec<Rejection> {
    let refusal = Refusal { noun: "a route", state: "completed", action: "change" };
    [ErrorKind::NotFound(Noun::Route), ErrorKind::Refused(refusal), ErrorKind::Changed(Noun::Route)]
        .map(Rejection::from)
        .into()
}

fn route_id() -> Parameter {
    let schema = text().format(Some(SchemaFormat::Custom("uuid".to_owned())));
    required("route_id", ParameterIn::Path, "RouteMate's id of the route.", schema, ROUTE_ID).build()
}

fn instant() -> ObjectBuilder {
    text().format(Some(SchemaFormat::Custom("date-time".to_owned())))
}

fn etag() -> utoipa::openapi::header::Header {
    header("Changes with every change of the route.", text().examples([json!(TAG)]))
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
