//! The list of jobs, and their changes.

use routemate_app::{ErrorKind, Noun, Problem};
use routemate_domain::{JobStatus, Refusal};
use routemate_http::Rejection;
use routemate_http::openapi::{
    Said, about_any_call, about_bodies, about_callers, answers, header, to_caller, with_token,
};
use serde_json::{Value, json};
use utoipa::openapi::Required;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::{Operation, OperationBuilder, Parameter, ParameterIn};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, SchemaFormat};

use super::stops::{flag, item, new_stop, place, whole};
use super::{JOB_ID, TAG, body, if_match, job, job_id, parameter, text};
use crate::error::says;
use crate::jobs::{DEFAULT_LIMIT, MAX_LIMIT};

const STOP_ID: &str = "0190b6e2-0000-7000-8000-00000000000b";

/// What is said of one change of a job.
struct Change {
    id: &'static str,
    summary: &'static str,
    description: &'static str,
    /// The request's schema and an example of it; `None` where nothing is to be said.
    request: Option<(ObjectBuilder, Value)>,
    is_of_stop: bool,
}

pub(crate) fn list_jobs() -> Operation {
    let query = |name, text: &str, schema, example: Value| parameter(name, ParameterIn::Query, text, schema, example);
    let limit = whole().minimum(Some(1)).maximum(Some(MAX_LIMIT)).default(Some(json!(DEFAULT_LIMIT)));
    let status = text().enum_values(Some(JobStatus::ALL.map(JobStatus::as_str)));
    let example = json!({
        "jobs": [{
            "job_id": JOB_ID,
            "external_job_id": "BATCH-2026-03-09-A",
            "title": "Morning Deliveries - Zone A",
            "status": "assigned",
            "scheduled_date": "2026-03-09",
            "driver_email": "driver@example.com",
            "stop_count": 3,
            "deep_link": format!("https://routemate.example/app/jobs/{JOB_ID}"),
            "created_at": "2026-03-09T08:30:00.000Z",
            "updated_at": "2026-03-09T08:30:00.000Z",
        }],
        "next_cursor": null,
    });
    let invalid = ErrorKind::Invalid(vec![Problem::new("limit", format_args!("must be between 1 and {MAX_LIMIT}"))]);
    let operation = OperationBuilder::new()
        .operation_id(Some("listJobs"))
        .summary(Some("The caller's jobs, the latest first"))
        .description(Some(
            "What is asked for together has to hold together. Pages go on by `cursor`, which holds the whole query; a job that \
             is made or deleted meanwhile moves no other from one page to another.",
        ))
        .security(with_token())
        .parameter(query("date", "Jobs of this day.", text().format(Some(SchemaFormat::Custom("date".to_owned()))), json!("2026-03-09")))
        .parameter(query("status", "Jobs that stand so.", status, json!("assigned")))
        .parameter(query("driver", "Jobs for whoever has this e-mail address.", text(), json!("driver@example.com")))
        .parameter(query("text", "Words in title, external id or driver's address; case does not matter.", text(), json!("Zone A")))
        .parameter(query("limit", "Jobs on a page.", limit, json!(DEFAULT_LIMIT)))
        .parameter(query("cursor", "`next_cursor` of the page before. Nothing else counts beside it.", text(), json!("AAAAAGm7")))
        .response("200", to_caller(ResponseBuilder::new().description("A page.")).content("application/json", body("JobsDto", example)));
    answers(operation, refusals([invalid.into()])).build()
}

pub(crate) fn delete_job() -> Operation {
    let operation = OperationBuilder::new()
        .operation_id(Some("deleteJob"))
        .summary(Some("Delete a job"))
        .description(Some(
            "With its route and all that is known of it; its external id is free again. An answer that was stored under an \
             `Idempotency-Key` is replayed until it expires. A job whose driver is on the way is cancelled first.",
        ))
        .security(with_token())
        .parameter(job_id())
        .parameter(if_match(TAG))
        .response("204", to_caller(ResponseBuilder::new().description("It is gone.")));
    answers(operation, refusals(about_changes())).build()
}

pub(crate) fn reoptimize_job() -> Operation {
    describe(Change {
        id: "reoptimizeJob",
        summary: "Compute the order again",
        description: "What is done keeps its place, and so do locked stops.",
        request: None,
        is_of_stop: false,
    })
}

pub(crate) fn cancel_job() -> Operation {
    describe(Change {
        id: "cancelJob",
        summary: "Call a job off",
        description: "Stops that have not ended are skipped; what was done stays. `/v1` shows such a job as `completed`, and \
                      what was skipped as `failed`.",
        request: None,
        is_of_stop: false,
    })
}

pub(crate) fn put_job_driver() -> Operation {
    let schema = ObjectBuilder::new().property("driver_email", text()).required("driver_email");
    describe(Change {
        id: "putJobDriver",
        summary: "Give a job to another driver",
        description: "As an import does: to a driver of the organisation, or to whoever has an account; anybody else is \
                      invited and gets it on joining.",
        request: Some((schema, json!({ "driver_email": "driver@example.com" }))),
        is_of_stop: false,
    })
}

pub(crate) fn put_job_ends() -> Operation {
    let kinds = text().enum_values(Some(["fixed", "open_end", "round_trip"]));
    let schema = ObjectBuilder::new().property("route_ends", kinds).required("route_ends");
    describe(Change {
        id: "putJobRouteEnds",
        summary: "Say what holds the ends of a job's route",
        description: "`fixed`: the first and the last stop as given stay so. `open_end`: the first alone. `round_trip`: the \
                      driver comes back to the first. The order is computed again.",
        request: Some((schema, json!({ "route_ends": "open_end" }))),
        is_of_stop: false,
    })
}

pub(crate) fn post_job_stops() -> Operation {
    let schema = ObjectBuilder::new()
        .property("stops", ArrayBuilder::new().items(new_stop().build()).min_items(Some(1)))
        .property("position", whole().minimum(Some(0)))
        .property("optimize", flag())
        .required("stops");
    let example = json!({ "stops": [{ "external_stop_id": "ORD-1004", "address": "1 George St, Brisbane QLD 4000" }] });
    describe(Change {
        id: "postJobStops",
        summary: "Add stops to a job",
        description: "At `position`, from 0, in the order as it stands; without one wherever it is best. `optimize` says \
                      whether the order is computed again: by default where there is no `position`.",
        request: Some((schema, example)),
        is_of_stop: false,
    })
}

pub(crate) fn delete_job_stop() -> Operation {
    describe(Change {
        id: "deleteJobStop",
        summary: "Take a stop off a job",
        description: "The order of the others is computed again. A stop that is done stays.",
        request: None,
        is_of_stop: true,
    })
}

pub(crate) fn put_stop_place() -> Operation {
    let schema = place().property("optimize", flag());
    describe(Change {
        id: "putStopPlace",
        summary: "Correct where a stop is",
        description: "The way out of an address that was not found: with a pin, another address, or both. An address without \
                      a pin is looked up. The order is computed again unless `optimize` is false.",
        request: Some((schema, json!({ "latitude": -27.4710, "longitude": 153.0234 }))),
        is_of_stop: true,
    })
}

pub(crate) fn put_stop_position() -> Operation {
    let schema = ObjectBuilder::new().property("position", whole().minimum(Some(0))).required("position");
    describe(Change {
        id: "putStopPosition",
        summary: "Put a stop somewhere else in the order",
        description: "From 0; a number beyond the end is the end. The others keep their order.",
        request: Some((schema, json!({ "position": 2 }))),
        is_of_stop: true,
    })
}

pub(crate) fn put_stop_items() -> Operation {
    let schema = ObjectBuilder::new().property("items", ArrayBuilder::new().items(item().build())).required("items");
    describe(Change {
        id: "putStopItems",
        summary: "Replace what is handed over at a stop",
        description: "All of it.",
        request: Some((schema, json!({ "items": [{ "name": "Bananas", "quantity": 5, "weight_grams": 500 }] }))),
        is_of_stop: true,
    })
}

pub(crate) fn put_stop_lock() -> Operation {
    let schema = ObjectBuilder::new().property("is_locked", flag()).required("is_locked");
    describe(Change {
        id: "putStopLock",
        summary: "Make a stop keep its place",
        description: "When the order is computed again it stays where it is, until it is let go.",
        request: Some((schema, json!({ "is_locked": true }))),
        is_of_stop: true,
    })
}

fn describe(change: Change) -> Operation {
    let etag = header("Changes with every change of the job.", text().examples([json!(TAG)]));
    let ok = to_caller(ResponseBuilder::new().description("The job as it stands now."))
        .header("ETag", etag)
        .content("application/json", body("JobDto", job()));
    let mut operation = OperationBuilder::new()
        .operation_id(Some(change.id))
        .summary(Some(change.summary))
        .description(Some(change.description))
        .security(with_token())
        .parameter(job_id())
        .parameter(if_match(TAG))
        .response("200", ok);
    if change.is_of_stop {
        operation = operation.parameter(stop_id());
    }
    let invalid = ErrorKind::Invalid(vec![Problem::new("body", "must be valid JSON")]);
    let mut refused: Vec<Rejection> =
        about_changes().into_iter().chain(about_bodies()).chain([invalid.into()]).collect();
    if change.is_of_stop {
        refused.push(ErrorKind::NotFound(Noun::Stop).into());
    }
    let operation = operation.request_body(change.request.map(|(schema, example)| request(schema, example)));
    answers(operation, refusals(refused)).build()
}

fn about_changes() -> Vec<Rejection> {
    let refusal = Refusal { noun: "a route", state: "completed", action: "change" };
    [ErrorKind::NotFound(Noun::Job), ErrorKind::Refused(refusal), ErrorKind::Changed(Noun::Job)]
        .map(Rejection::from)
        .into()
}

pub(super) fn refusals(of_its_own: impl IntoIterator<Item = Rejection>) -> Vec<Said> {
    let all = about_any_call().into_iter().chain(about_callers()).chain(of_its_own);
    all.filter_map(|rejection| says(&rejection)).collect()
}

pub(super) fn request(schema: ObjectBuilder, example: Value) -> RequestBody {
    let content = ContentBuilder::new().schema(Some(schema.build())).example(Some(example)).build();
    RequestBodyBuilder::new().required(Some(Required::True)).content("application/json", content).build()
}

pub(super) fn stop_id() -> Parameter {
    let schema = text().format(Some(SchemaFormat::Custom("uuid".to_owned())));
    parameter("stop_id", ParameterIn::Path, "RouteMate's id of the stop.", schema, STOP_ID).build()
}
