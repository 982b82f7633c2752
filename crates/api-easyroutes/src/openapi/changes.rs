//! The write side of routes.

use routemate_app::{ErrorKind, Noun};
use routemate_domain::Refusal;
use routemate_http::Rejection;
use routemate_http::openapi::{about_bodies, header, idempotency_key, replayed};
use serde_json::{Value, json};
use utoipa::openapi::Required;
use utoipa::openapi::header::Header;
use utoipa::openapi::path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::response::ResponseBuilder;

use super::{JSON, about_things, answer, body, examples, finish, invalid, operation, path, route_id, text_schema};
use crate::types::{Route, RouteDispatch, RouteDriver, RouteToCreate, StopItems, StopPosition, StopsToAdd};
use crate::wire::MessageType;

const IMPORTED_STOP: &str = "ist-123e4567-e89b-12d3-a456-426614174000";
const STOP: &str = "rst-9817a456-e6fd-4652-b918-5dc89d3621d3";
const DRIVER: &str = "drv-cb93e344-fb1d-4d34-b8a8-8df5cdd9e939";

pub(crate) fn create_route() -> Operation {
    let example = json!({
        "name": "Morning route",
        "scheduledFor": "2026-03-09T07:00:00Z",
        "start": { "address": { "address1": "Unioninkatu 29", "city": "Helsinki", "countryCode": "FI" } },
        "stops": [{ "importedStopId": IMPORTED_STOP }],
        "optimize": true,
    });
    let ok = answer("The route, planned.", &Route::TYPE, examples::route())
        .header("ETag", etag())
        .header("Idempotency-Replayed", replayed());
    let of_its_own = [invalid("name", "is required"), ErrorKind::KeyReused.into()];
    let refusals = about_changes().into_iter().chain(about_bodies()).chain(of_its_own);
    let operation = operation("CreateRoute", "Make a route")
        .description(Some(
            "Finds its addresses, plans it and gives it to its driver. It is no job of `/v1`. Routes keep their stops as they \
             are now; those of imported and saved stops are refreshed when these are replaced, until the driver has set out.",
        ))
        .parameter(idempotency_key(
            "Bare or in double quotes. For 24 hours after its first success the same request under the key gets the same \
             answer, and makes no second route; another request is refused. An empty one is none.",
        ))
        .request_body(Some(request(&RouteToCreate::TYPE, example)))
        .response("200", ok);
    finish(operation, refusals)
}

pub(crate) fn delete_route() -> Operation {
    let ok = super::empty("It is deleted.");
    let operation = operation("DeleteRoute", "Delete a route")
        .description(Some("Not the route of a job, which goes with its job, nor one whose driver is on the way."))
        .parameter(route_id())
        .parameter(if_match())
        .response("200", ok);
    finish(operation, about_changes())
}

pub(crate) fn add_stops() -> Operation {
    let example = json!({ "stops": [{ "importedStopId": IMPORTED_STOP }], "position": 0 });
    with_body(
        change("AddRouteStops", "Put stops on a route", "They come in the order given; the others keep theirs."),
        &StopsToAdd::TYPE,
        example,
        "stops",
    )
}

pub(crate) fn remove_stops() -> Operation {
    let text = "The stops' ids, separated by commas.";
    let stops = path("stop_id", text, STOP);
    plain(change("RemoveRouteStops", "Take stops off a route", "The others keep their order.").parameter(stops))
}

pub(crate) fn replace_items() -> Operation {
    let example = json!({ "items": [{ "name": "Bananas", "quantity": 3, "grams": 500 }] });
    let operation = change("ReplaceRouteStopItems", "Replace what is handed over at a stop", "All of it is replaced.");
    with_body(operation.parameter(stop_id()), &StopItems::TYPE, example, "items")
}

pub(crate) fn move_stop() -> Operation {
    let operation = change("MoveRouteStop", "Put a stop somewhere else", "The others keep their order.");
    with_body(operation.parameter(stop_id()), &StopPosition::TYPE, json!({ "position": 0 }), "position")
}

pub(crate) fn reoptimize_route() -> Operation {
    plain(change(
        "ReoptimizeRoute",
        "Compute the best order again",
        "What is done and what is locked stays where it is. A body is not needed.",
    ))
}

pub(crate) fn assign_driver() -> Operation {
    let operation = change("AssignRouteDriver", "Give a route to a driver", "Takes it from whoever had it.");
    with_body(operation, &RouteDriver::TYPE, json!({ "driverId": DRIVER }), "driverId")
}

pub(crate) fn unassign_driver() -> Operation {
    plain(change("UnassignRouteDriver", "Take a route from its driver", "Nobody drives it then."))
}

pub(crate) fn dispatch_route() -> Operation {
    let example = json!({ "dispatchedUntil": "2026-03-09T18:00:00Z" });
    let operation = change("DispatchRoute", "Let the driver see a route", "Until the time given.");
    with_body(operation, &RouteDispatch::TYPE, example, "dispatchedUntil")
}

pub(crate) fn undispatch_route() -> Operation {
    plain(change("UndispatchRoute", "Hide a route from its driver", "Until it is dispatched again."))
}

pub(crate) fn archive_route() -> Operation {
    plain(change("ArchiveRoute", "Put a route away", "It is left out of lists that do not ask for archived routes."))
}

pub(crate) fn unarchive_route() -> Operation {
    plain(change("UnarchiveRoute", "Take a route out again", "It is listed again."))
}

fn request(message: &MessageType, example: Value) -> RequestBody {
    RequestBodyBuilder::new().required(Some(Required::True)).content(JSON, body(message, example)).build()
}

fn change(id: &str, summary: &str, text: &str) -> OperationBuilder {
    operation(id, summary)
        .description(Some(text))
        .parameter(route_id())
        .parameter(if_match())
        .response("200", changed())
}

fn changed() -> ResponseBuilder {
    answer("The whole route as it is now.", &Route::TYPE, examples::route()).header("ETag", etag())
}

/// The header that tells a route's version.
pub(super) fn etag() -> Header {
    header("The version, for `If-Match`.", text_schema().examples([json!("\"7\"")]))
}

fn plain(operation: OperationBuilder) -> Operation {
    finish(operation, about_changes())
}

fn with_body(operation: OperationBuilder, message: &MessageType, example: Value, required: &str) -> Operation {
    let refusals = about_changes().into_iter().chain(about_bodies()).chain([invalid(required, "is required")]);
    finish(operation.request_body(Some(request(message, example))), refusals)
}

fn about_changes() -> Vec<Rejection> {
    let mut refusals = about_things(Noun::Route);
    refusals.extend([
        ErrorKind::NotFound(Noun::Stop).into(),
        ErrorKind::NotFound(Noun::Driver).into(),
        ErrorKind::Refused(Refusal { noun: "a route", state: "completed", action: "change" }).into(),
        ErrorKind::Changed(Noun::Route).into(),
        invalid("stops[0].importedStopId", "is not known"),
    ]);
    refusals
}

fn stop_id() -> Parameter {
    path("stop_id", "The stop's id.", STOP)
}

fn if_match() -> Parameter {
    ParameterBuilder::new()
        .name("If-Match")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "The `ETag` of the route that the change is meant for; refused where there is another by now.",
        ))
        .schema(Some(text_schema().build()))
        .example(Some(json!("*")))
        .build()
}
