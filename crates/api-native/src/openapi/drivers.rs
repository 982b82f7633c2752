//! Drivers, and stops that were handed in from outside.

use routemate_app::{ErrorKind, Noun, Problem};
use routemate_domain::{DriverStatus, Refusal};
use routemate_http::Rejection;
use routemate_http::openapi::{about_bodies, answers, header, idempotency_key, replayed, to_caller, with_token};
use serde_json::{Value, json};
use utoipa::openapi::path::{Operation, OperationBuilder, Parameter, ParameterIn};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, SchemaType, Type};

use super::changes::{refusals, request};
use super::{IDEMPOTENT, body, if_match, limit, list_query, required, text};

const DRIVER_ID: &str = "0190b6e2-0000-7000-8000-000000000005";
const TAG: &str = "\"5d2e9a7f0b1c3d4e\"";

pub(crate) fn list_drivers() -> Operation {
    let status = text().enum_values(Some(DriverStatus::ALL.map(DriverStatus::as_str)));
    let example = json!({ "drivers": [driver()], "next_cursor": null });
    let page = ResponseBuilder::new().description("A page.");
    let operation = OperationBuilder::new()
        .operation_id(Some("listDrivers"))
        .summary(Some("The organisation's drivers in the order they were made"))
        .description(Some(
            "`status` may come several times. People who are invited and have not signed up are no drivers yet. Pages go on by \
             `cursor`, which holds the whole query.",
        ))
        .security(with_token())
        .parameter(list_query("status", "Drivers in this state.", status, json!("active")))
        .parameter(limit())
        .parameter(super::cursor())
        .response("200", to_caller(page).content("application/json", body("DriversDto", example)));
    answers(operation, refusals([super::bad_limit()])).build()
}

pub(crate) fn post_driver() -> Operation {
    let email = text().format(Some(SchemaFormat::Custom("email".to_owned())));
    let schema = names().property("email", email.description(Some("The person's address."))).required("email");
    let example = json!({ "email": "aino@example.com", "first_name": "Aino", "last_name": "Virtanen" });
    let answer = json!({ "driver": driver(), "is_invitation_accepted": true, "jobs_assigned": 1 });
    let ok = to_caller(ResponseBuilder::new().description("The driver, and what was waiting for the person."))
        .header("Location", header("Where the driver is.", text()))
        .header("Idempotency-Replayed", replayed())
        .content("application/json", body("NewDriverDto", answer));
    let operation = OperationBuilder::new()
        .operation_id(Some("postDriver"))
        .summary(Some("Make a person a driver"))
        .description(Some(
            "An invitation that waits for the address is accepted by it, and jobs that wait for the person are the driver's. \
             Whoever is a driver already, also one who is off duty or put away, is changed or reactivated instead.",
        ))
        .security(with_token())
        .parameter(idempotency_key(IDEMPOTENT))
        .request_body(Some(request(schema, example)))
        .response("201", ok);
    let taken = DRIVER_ID.parse().ok().map(|driver| ErrorKind::DriverEmailTaken(driver).into());
    let invalid = ErrorKind::Invalid(vec![Problem::new("email", "is required")]);
    let of_its_own = about_bodies().into_iter().chain([invalid.into(), ErrorKind::KeyReused.into()]).chain(taken);
    answers(operation, refusals(of_its_own)).build()
}

pub(crate) fn get_driver() -> Operation {
    let operation = super::conditional(
        OperationBuilder::new()
            .operation_id(Some("getDriver"))
            .summary(Some("A driver"))
            .security(with_token())
            .parameter(driver_id()),
        etag,
        TAG,
        body("ListedDriverDto", driver()),
    );
    answers(operation, refusals([ErrorKind::NotFound(Noun::Driver).into()])).build()
}

pub(crate) fn put_driver() -> Operation {
    let schema = names();
    let example = json!({ "first_name": "Aino", "last_name": "Virtanen", "phone": "+358401234567" });
    let invalid = ErrorKind::Invalid(vec![Problem::new("first_name", "must be a string")]);
    let operation =
        changed("putDriver", "Write a driver's name and telephone number", "What is left out is taken away.");
    let operation = operation.request_body(Some(request(schema, example)));
    let of_its_own = about_changes().into_iter().chain(about_bodies()).chain([invalid.into()]);
    answers(operation, refusals(of_its_own)).build()
}

fn names() -> ObjectBuilder {
    let nullable = || ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Null]));
    let name = |says: &'static str| nullable().max_length(Some(255)).description(Some(says));
    ObjectBuilder::new()
        .property("first_name", name("Given name."))
        .property("last_name", name("Family name."))
        .property("phone", name("Telephone number."))
}

pub(crate) fn deactivate_driver() -> Operation {
    let about = "Routes that are the driver's stay so, and are told as `open_routes`; new ones are not given.";
    state("deactivateDriver", "Take a driver off duty", about)
}

pub(crate) fn reactivate_driver() -> Operation {
    state("reactivateDriver", "Put a driver on duty again", "Also one who was put away.")
}

pub(crate) fn archive_driver() -> Operation {
    let about = "Routes that have not started lose their driver, and are told as `unassigned_routes`; those that are done stay \
                 the driver's. Refused while the driver is on the way.";
    state("archiveDriver", "Put a driver away", about)
}

fn state(id: &str, summary: &str, description: &str) -> Operation {
    answers(changed(id, summary, description), refusals(about_changes())).build()
}

fn changed(id: &str, summary: &str, description: &str) -> OperationBuilder {
    let route = json!({
        "route_id": "1c2a8c0b-1b69-4a04-85b1-608b2ebe3878",
        "name": "Morning route",
        "status": "planned",
        "scheduled_for": null,
    });
    let example = json!({ "driver": driver(), "open_routes": [route], "unassigned_routes": [] });
    let ok = to_caller(ResponseBuilder::new().description("The driver from now on.")).header("ETag", etag());
    OperationBuilder::new()
        .operation_id(Some(id))
        .summary(Some(summary))
        .description(Some(description))
        .security(with_token())
        .parameter(driver_id())
        .parameter(if_match(TAG))
        .response("200", ok.content("application/json", body("ChangedDriverDto", example)))
}

pub(crate) fn get_imported_stop() -> Operation {
    let id = text().min_length(Some(1));
    let about = "RouteMate's id, with or without the `ist-` of EasyRoutes, or the client's.";
    let operation = super::conditional(
        OperationBuilder::new()
            .operation_id(Some("getWholeImportedStop"))
            .summary(Some("Everything that is known of a stop that was handed in from outside"))
            .description(Some(
                "Where its address was found, or why not and what may have been meant; and what was kept as it came because \
                 it reads as nothing known.",
            ))
            .security(with_token())
            .parameter(required("imported_stop_id", ParameterIn::Path, about, id, "mystopid-123")),
        || header("Changes with every change of the stop.", text().examples([json!("\"2\"")])),
        "\"2\"",
        body("ImportedStopDto", imported_stop()),
    );
    answers(operation, refusals([ErrorKind::NotFound(Noun::ImportedStop).into()])).build()
}

fn about_changes() -> Vec<Rejection> {
    let refusal = Refusal { noun: "a driver", state: "on the way", action: "archive" };
    [ErrorKind::NotFound(Noun::Driver), ErrorKind::Refused(refusal), ErrorKind::Changed(Noun::Driver)]
        .map(Rejection::from)
        .into()
}

fn driver_id() -> Parameter {
    let schema = text().format(Some(SchemaFormat::Custom("uuid".to_owned())));
    required("driver_id", ParameterIn::Path, "RouteMate's id of the driver.", schema, DRIVER_ID).build()
}

fn etag() -> utoipa::openapi::header::Header {
    header("Changes with every change of the driver.", text().examples([json!(TAG)]))
}

fn driver() -> Value {
    json!({
        "driver_id": DRIVER_ID,
        "user_id": "573b6bee-aa3d-4cb0-af87-620bba0db049",
        "first_name": "Aino",
        "last_name": "Virtanen",
        "email": "aino@example.com",
        "phone": "+358401234567",
        "status": "active",
    })
}

fn imported_stop() -> Value {
    json!({
        "imported_stop_id": "0190b6e2-0000-7000-8000-00000000000c",
        "client_stop_id": "mystopid-123",
        "kind": "delivery",
        "address": {
            "text": "1 George St, Brisbane, QLD, 4000, AU",
            "line1": "1 George St",
            "line2": "",
            "city": "Brisbane",
            "province_code": "QLD",
            "country_code": "AU",
            "zip": "4000",
        },
        "location": {
            "status": "not_found",
            "latitude": null,
            "longitude": null,
            "match_type": null,
            "confidence": null,
            "is_approximate": null,
            "source": null,
            "access_latitude": null,
            "access_longitude": null,
            "attribution": null,
            "reason": "unknown_address",
            "candidates": [],
        },
        "contact": { "first_name": "Ann", "last_name": "Lee", "company": "", "phone": "ask inside", "email": "" },
        "note": "Leave at front door",
        "service_seconds": 300,
        "windows": [{ "start": "09:00:00", "end": null }],
        "delivery_date": "2026-03-09",
        "priority": { "value": 5.0, "scale": "one_to_ten" },
        "items": [{ "name": "Bananas", "quantity": 5, "weight_grams": 500 }],
        "order_name": "#123",
        "attributes": [],
        "tags": ["cold"],
        "tasks": [],
        "oddities": [{ "field": "contact.phone", "value": "ask inside", "message": "is no telephone number in E.164" }],
        "version": 2,
        "imported_at": "2026-03-09T08:30:00.000Z",
        "created_at": "2026-03-09T08:30:00.000Z",
    })
}
