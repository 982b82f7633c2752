//! Saved stops.

use routemate_app::{ErrorKind, Noun, Problem};
use routemate_http::Rejection;
use routemate_http::openapi::{about_bodies, answers, header, idempotency_key, replayed, to_caller, with_token};
use serde_json::{Value, json};
use utoipa::openapi::path::{Operation, OperationBuilder, Parameter, ParameterIn};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::SchemaFormat;

use super::changes::{refusals, request};
use super::stops::saved_stop_request;
use super::{IDEMPOTENT, body, if_match, limit, required, text, words};

const ID: &str = "0190b6e2-0000-7000-8000-00000000000d";
const TAG: &str = "\"2\"";

pub(crate) fn list_saved_stops() -> Operation {
    let example = json!({ "saved_stops": [saved_stop()], "next_cursor": null });
    let page = to_caller(ResponseBuilder::new().description("A page."));
    let operation = OperationBuilder::new()
        .operation_id(Some("listSavedStops"))
        .summary(Some("The organisation's saved stops, the latest made first"))
        .description(Some("Pages go on by `cursor`, which holds the whole query."))
        .security(with_token())
        .parameter(words("Words in name, address or contact; case does not matter.", "depot"))
        .parameter(limit())
        .parameter(super::cursor())
        .response("200", page.content("application/json", body("SavedStopsDto", example)));
    answers(operation, refusals([super::bad_limit()])).build()
}

pub(crate) fn post_saved_stop() -> Operation {
    let (schema, example) = saved_stop_request();
    let ok =
        ResponseBuilder::new().description("The saved stop. An address without coordinates is looked up from now on.");
    let ok = to_caller(ok)
        .header("Location", header("Where it is.", text()))
        .header("ETag", etag())
        .header("Idempotency-Replayed", replayed())
        .content("application/json", body("SavedStopDto", saved_stop()));
    let operation = OperationBuilder::new()
        .operation_id(Some("postSavedStop"))
        .summary(Some("Keep a stop to be used again and again"))
        .description(Some(
            "Routes take it by `saved_stop_id` (`savedStopId` in the EasyRoutes API). The names of an import are read too: \
             `label`, `notes`, `service_type`, `duration_minutes`, `parcel_count`.",
        ))
        .security(with_token())
        .parameter(idempotency_key(IDEMPOTENT))
        .request_body(Some(request(schema, example)))
        .response("201", ok);
    let invalid = ErrorKind::Invalid(vec![Problem::new("name", "is required")]);
    let of_its_own = about_bodies().into_iter().chain([invalid.into(), ErrorKind::KeyReused.into()]);
    answers(operation, refusals(of_its_own)).build()
}

pub(crate) fn get_saved_stop() -> Operation {
    let operation = super::conditional(
        OperationBuilder::new()
            .operation_id(Some("getSavedStop"))
            .summary(Some("A saved stop"))
            .description(Some("With where its address was found, or why not and what may have been meant."))
            .security(with_token())
            .parameter(id()),
        etag,
        TAG,
        body("SavedStopDto", saved_stop()),
    );
    answers(operation, refusals([missing()])).build()
}

pub(crate) fn put_saved_stop() -> Operation {
    let (schema, example) = saved_stop_request();
    let ok = to_caller(ResponseBuilder::new().description("The saved stop from now on.")).header("ETag", etag());
    let operation = OperationBuilder::new()
        .operation_id(Some("putSavedStop"))
        .summary(Some("Replace a saved stop"))
        .description(Some(
            "As a whole: what is left out is taken away. Stops on routes that have not started take over what has changed, \
             and these routes are planned again; those on routes that have started stay as they are. An address that is the \
             same as before stays where it was found.",
        ))
        .security(with_token())
        .parameter(id())
        .parameter(if_match(TAG))
        .request_body(Some(request(schema, example)))
        .response("200", ok.content("application/json", body("SavedStopDto", saved_stop())));
    let invalid = ErrorKind::Invalid(vec![Problem::new("name", "is required")]);
    let of_its_own = about_bodies().into_iter().chain([invalid.into(), missing(), changed()]);
    answers(operation, refusals(of_its_own)).build()
}

pub(crate) fn delete_saved_stop() -> Operation {
    let operation = OperationBuilder::new()
        .operation_id(Some("deleteSavedStop"))
        .summary(Some("Delete a saved stop"))
        .description(Some("Stops on routes that were made from it stay as they are."))
        .security(with_token())
        .parameter(id())
        .parameter(if_match(TAG))
        .response("204", to_caller(ResponseBuilder::new().description("It is gone.")));
    answers(operation, refusals([missing(), changed()])).build()
}

fn missing() -> Rejection {
    ErrorKind::NotFound(Noun::SavedStop).into()
}

fn changed() -> Rejection {
    ErrorKind::Changed(Noun::SavedStop).into()
}

fn id() -> Parameter {
    let schema = text().format(Some(SchemaFormat::Custom("uuid".to_owned())));
    required("saved_stop_id", ParameterIn::Path, "RouteMate's id of the saved stop.", schema, ID).build()
}

fn etag() -> utoipa::openapi::header::Header {
    header("Changes with every change of the saved stop.", text().examples([json!(TAG)]))
}

fn saved_stop() -> Value {
    json!({
        "saved_stop_id": ID,
        "name": "Depot",
        "external_stop_id": "D-1",
        "kind": "pickup",
        "address": {
            "text": "Unioninkatu 29, Helsinki, 00170, FI",
            "line1": "Unioninkatu 29",
            "line2": "",
            "city": "Helsinki",
            "province_code": "",
            "country_code": "FI",
            "zip": "00170",
        },
        "latitude": 60.1699,
        "longitude": 24.9496,
        "location": {
            "status": "supplied",
            "latitude": 60.1699,
            "longitude": 24.9496,
            "match_type": null,
            "confidence": null,
            "is_approximate": null,
            "source": null,
            "attribution": null,
            "access_latitude": null,
            "access_longitude": null,
            "reason": null,
            "candidates": [],
        },
        "contact": { "first_name": "Aino", "last_name": "", "company": "Depot", "phone": "+358401234567", "email": "" },
        "note": "Gate 2",
        "service_seconds": 600,
        "windows": [{ "start": "07:00:00", "end": "17:30:00" }],
        "delivery_date": null,
        "priority": { "value": 7.0, "scale": "one_to_ten" },
        "items": [{ "name": "Crate", "quantity": 3, "weight_grams": 500 }],
        "order_name": null,
        "attributes": [{ "key": "gate", "value": "2" }],
        "tags": ["depot"],
        "tasks": [],
        "oddities": [],
        "version": 2,
        "created_at": "2026-03-09T08:30:00.000Z",
        "updated_at": "2026-03-09T08:30:00.000Z",
    })
}
