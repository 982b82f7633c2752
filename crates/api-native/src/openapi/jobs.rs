//! The list of jobs, and their changes.

use routemate_app::Noun;
use routemate_domain::JobStatus;
use routemate_http::openapi::{answers, to_caller, with_token};
use serde_json::json;
use utoipa::openapi::path::{Operation, OperationBuilder};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat};

use super::changes::{Change, Changed, refusals};
use super::{JOB_ID, TAG, bad_limit, body, cursor, if_match, job, job_id, limit, list_query, text, words};

/// A job, to those who change it.
const JOB: Changed =
    Changed { noun: Noun::Job, name: "job", tag: TAG, key: || job_id().build(), answer: || body("JobDto", job()) };

pub(crate) fn list_jobs() -> Operation {
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
    let operation = OperationBuilder::new()
        .operation_id(Some("listJobs"))
        .summary(Some("The caller's jobs, the latest first"))
        .description(Some(
            "What is asked for together has to hold together. Pages go on by `cursor`, which holds the whole query; a job that \
             is made or deleted meanwhile moves no other from one page to another. Words and states are looked for among 5,000 \
             jobs at a time: a page may hold fewer jobs than `limit`, even none, while `next_cursor` says that others follow.",
        ))
        .security(with_token())
        .parameter(list_query("date", "Jobs of this day.", text().format(Some(SchemaFormat::Custom("date".to_owned()))), json!("2026-03-09")))
        .parameter(list_query("status", "Jobs that stand so.", status, json!("assigned")))
        .parameter(list_query("driver", "Jobs for whoever has this e-mail address.", email(), json!("driver@example.com")))
        .parameter(words("Words in title, external id or driver's address; case does not matter.", "Zone A"))
        .parameter(limit())
        .parameter(cursor())
        .response("200", to_caller(ResponseBuilder::new().description("A page.")).content("application/json", body("JobsDto", example)));
    answers(operation, refusals([bad_limit()])).build()
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
    answers(operation, refusals(JOB.about_changes())).build()
}

pub(crate) fn reoptimize_job() -> Operation {
    JOB.change(Change {
        id: "reoptimizeJob",
        summary: "Compute the order again".to_owned(),
        description: "What is done keeps its place, and so do locked stops.",
        request: None,
        is_of_stop: false,
    })
}

pub(crate) fn cancel_job() -> Operation {
    JOB.change(Change {
        id: "cancelJob",
        summary: "Call a job off".to_owned(),
        description: "Stops that have not ended are skipped; what was done stays. `/v1` shows such a job as `completed`, and \
                      what was skipped as `failed`.",
        request: None,
        is_of_stop: false,
    })
}

fn email() -> ObjectBuilder {
    text().format(Some(SchemaFormat::Custom("email".to_owned())))
}

pub(crate) fn put_job_driver() -> Operation {
    let schema = ObjectBuilder::new().property("driver_email", email()).required("driver_email");
    JOB.change(Change {
        id: "putJobDriver",
        summary: "Give a job to another driver".to_owned(),
        description: "As an import does: to a driver of the organisation, or to whoever has an account; anybody else is \
                      invited and gets it on joining.",
        request: Some((schema, json!({ "driver_email": "driver@example.com" }))),
        is_of_stop: false,
    })
}

pub(crate) fn put_job_ends() -> Operation {
    let kinds = text().enum_values(Some(["fixed", "open_end", "round_trip"]));
    let schema = ObjectBuilder::new().property("route_ends", kinds).required("route_ends");
    JOB.change(Change {
        id: "putJobRouteEnds",
        summary: "Say what holds the ends of a job's route".to_owned(),
        description: "`fixed`: the first and the last stop as given stay so. `open_end`: the first alone. `round_trip`: the \
                      driver comes back to the first. The order is computed again.",
        request: Some((schema, json!({ "route_ends": "open_end" }))),
        is_of_stop: false,
    })
}

pub(crate) fn post_job_stops() -> Operation {
    let example = json!({ "external_stop_id": "ORD-1004", "address": "1 George St, Brisbane QLD 4000" });
    JOB.stops_added("postJobStops", example)
}

pub(crate) fn delete_job_stop() -> Operation {
    JOB.stop_removed("deleteJobStop")
}

pub(crate) fn put_stop_place() -> Operation {
    JOB.stop_corrected("putStopPlace", json!({ "latitude": -27.4710, "longitude": 153.0234 }))
}

pub(crate) fn put_stop_position() -> Operation {
    JOB.stop_moved("putStopPosition")
}

pub(crate) fn put_stop_items() -> Operation {
    JOB.items_replaced("putStopItems")
}

pub(crate) fn put_stop_lock() -> Operation {
    JOB.stop_locked("putStopLock")
}
