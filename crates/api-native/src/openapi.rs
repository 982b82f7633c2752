//! What the OpenAPI document says of `/api/v1` and `/app`.

mod addresses;
mod changes;
mod drivers;
mod jobs;
mod routes;
mod saved_stops;
pub(crate) mod schemas;
mod shopify;
mod stop_files;
mod stops;

use routemate_app::{ErrorKind, Noun, Problem};
use routemate_http::Rejection;
use routemate_http::openapi::{
    about_any_call, about_callers, answers, header, to_caller, with_request_id, with_schema, with_token,
};
use serde_json::{Value, json};
use utoipa::openapi::content::{Content, ContentBuilder};
use utoipa::openapi::header::Header;
use utoipa::openapi::path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{ComponentsBuilder, Ref, Required, SecurityRequirement};

pub(crate) use self::addresses::{delete_address, get_address, post_geocode, put_address};
pub(crate) use self::drivers::{
    archive_driver, deactivate_driver, get_driver, get_imported_stop, list_drivers, post_driver, put_driver,
    reactivate_driver,
};
pub(crate) use self::jobs::{
    cancel_job, delete_job, delete_job_stop, list_jobs, post_job_stops, put_job_driver, put_job_ends, put_stop_items,
    put_stop_lock, put_stop_place, put_stop_position, reoptimize_job,
};
pub(crate) use self::routes::{
    archive_route, cancel_route, delete_route, delete_route_dispatch, delete_route_driver, delete_route_stop,
    get_route, list_routes, patch_route, post_route, post_route_stops, put_route_dispatch, put_route_driver,
    put_route_stop_items, put_route_stop_lock, put_route_stop_place, put_route_stop_position, reoptimize_route,
    unarchive_route,
};
pub(crate) use self::saved_stops::{
    delete_saved_stop, get_saved_stop, list_saved_stops, post_saved_stop, put_saved_stop,
};
pub(crate) use self::shopify::{get_shopify_order, list_shopify_orders, list_shopify_shops, receive_shopify_webhook};
pub(crate) use self::stop_files::{get_stop_file, post_stop_file};
#[cfg(test)]
pub(crate) use self::stops::saved_stop_request;
use crate::addresses::RememberedAddressDto;
use crate::drivers::{ChangedDriverDto, DriversDto, NewDriverDto};
use crate::dto::JobDto;
use crate::error::says;
use crate::geocode::AnswersDto;
use crate::imported_stops::ImportedStopDto;
use crate::jobs::JobsDto;
use crate::paging::{DEFAULT_LIMIT, MAX_LIMIT, MAX_SEARCHED};
use crate::route_view::{RoutesDto, WholeRouteDto};
use crate::saved_stops::SavedStopsDto;
use crate::shopify::{ReceivedDto, ShopifyOrdersDto, ShopsDto};
use crate::stop_file_view::StopFileDto;

const JOB_ID: &str = "e7ad097b-bc51-4d01-9b04-0e372d80613a";
const TAG: &str = "\"7-64c91e1f0a3c0\"";
/// What becomes of a request under a key that was used before.
const IDEMPOTENT: &str = "Bare or in double quotes. For 24 hours after its first success the same request under the key gets \
                          the same answer and makes nothing more; another request is refused. An empty one is none.";

/// The schemas that the operations refer to.
pub(crate) fn components(components: ComponentsBuilder) -> ComponentsBuilder {
    let answers = [
        with_schema::<JobDto<'_>>,
        with_schema::<JobsDto<'_>>,
        with_schema::<AnswersDto<'_>>,
        with_schema::<RememberedAddressDto<'_>>,
        with_schema::<DriversDto<'_>>,
        with_schema::<ChangedDriverDto<'_>>,
        with_schema::<NewDriverDto<'_>>,
        with_schema::<RoutesDto<'_>>,
        with_schema::<WholeRouteDto<'_>>,
        with_schema::<SavedStopsDto<'_>>,
        with_schema::<ImportedStopDto<'_>>,
        with_schema::<StopFileDto<'_>>,
        with_schema::<ReceivedDto>,
        with_schema::<ShopsDto<'_>>,
        with_schema::<ShopifyOrdersDto<'_>>,
    ];
    let components = answers.into_iter().fold(components, |components, with| with(components));
    components.schema("Questions", addresses::questions()).schema("AddressPlace", addresses::place())
}

pub(crate) fn get_job() -> Operation {
    let operation = conditional(
        OperationBuilder::new()
            .operation_id(Some("getWholeJob"))
            .summary(Some("Everything that is known of a job"))
            .description(Some("A job of the caller's own integration; any other, and any that is none, is not found."))
            .security(with_token())
            .parameter(job_id()),
        || header("Changes with every change of the job.", text().examples([json!(TAG)])),
        TAG,
        body("JobDto", job()),
    );
    let missing = ErrorKind::NotFound(Noun::Job).into();
    let refusals = about_any_call().into_iter().chain(about_callers()).chain([missing]);
    answers(operation, refusals.filter_map(|rejection: Rejection| says(&rejection))).build()
}

/// Adds to the reading of a thing what its tag is for: an answer with it, and one to whoever has this version already.
fn conditional(operation: OperationBuilder, etag: fn() -> Header, tag: &str, content: Content) -> OperationBuilder {
    let cached =
        || header("Kept by the caller alone, and asked again.", text().enum_values(Some(["private, no-cache"])));
    let answer = |says: &str| {
        let answer = to_caller(ResponseBuilder::new().description(says));
        answer.header("ETag", etag()).header("Cache-Control", cached())
    };
    operation
        .parameter(parameter("If-None-Match", ParameterIn::Header, "An `ETag` of an earlier answer.", text(), tag))
        .response("200", answer("As it stands.").content("application/json", content))
        .response("304", answer("The caller has this version already."))
}

/// The header of a change that is meant for one version.
fn if_match(tag: &str) -> Parameter {
    let about = "An `ETag` of an earlier answer: the change is made to that version or not at all.";
    parameter("If-Match", ParameterIn::Header, about, text(), tag).build()
}

/// A parameter of a list.
fn list_query(name: &str, says: &str, schema: ObjectBuilder, example: impl Into<Value>) -> Parameter {
    parameter(name, ParameterIn::Query, says, schema, example).build()
}

/// Words that a list is searched for.
fn words(says: &str, example: &str) -> Parameter {
    list_query("text", says, text().max_length(Some(MAX_SEARCHED)), example)
}

fn limit() -> Parameter {
    let schema = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(MAX_LIMIT));
    let schema = schema.default(Some(json!(DEFAULT_LIMIT)));
    list_query("limit", "How many on a page.", schema, json!(DEFAULT_LIMIT))
}

fn cursor() -> Parameter {
    let says = "`next_cursor` of the page before. Nothing else counts beside it.";
    list_query("cursor", says, text(), json!("AAAAAGm7"))
}

fn bad_limit() -> Rejection {
    ErrorKind::Invalid(vec![Problem::new("limit", format_args!("must be between 1 and {MAX_LIMIT}"))]).into()
}

pub(crate) fn get_job_page() -> Operation {
    let page = |text: &str| {
        let page = ContentBuilder::new().schema(Some(self::text().build())).build();
        with_request_id(ResponseBuilder::new().description(text)).content("text/html; charset=utf-8", page)
    };
    let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1));
    let again = header("Seconds until the same request may succeed.", seconds);
    let query =
        |name: &str, text: &str, schema, example: Value| parameter(name, ParameterIn::Query, text, schema, example);
    OperationBuilder::new()
        .operation_id(Some("getJobPage"))
        .summary(Some("The page of a job"))
        .description(Some(
            "Shows a job to whoever has a signed link (`routemate job link`). Whatever is wrong with the link, and without \
             one, it is the same page that asks to sign in and names nothing of the job.",
        ))
        .security(SecurityRequirement::default())
        .parameter(job_id())
        .parameter(query("organization", "Of the signed link.", text(), json!("0190b6e2-0000-7000-8000-000000000001")))
        .parameter(query("expires", "Of the signed link: seconds since 1970.", text(), json!("1773045000")))
        .parameter(query("signature", "Of the signed link.", text(), json!("kqO2x0V1")))
        .response("200", page("The job, or the page that asks to sign in."))
        .response("403", page("The server refuses plain HTTP."))
        .response("500", page("A fault of the server."))
        .response("503", page("Not now.").header("Retry-After", again))
        .build()
}

fn job_id() -> ParameterBuilder {
    let schema = text().format(Some(SchemaFormat::Custom("uuid".to_owned())));
    required("job_id", ParameterIn::Path, "RouteMate's id of the job.", schema, JOB_ID)
}

fn parameter(
    name: &str,
    place: ParameterIn,
    text: &str,
    schema: ObjectBuilder,
    example: impl Into<Value>,
) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(Required::False)
        .description(Some(text))
        .schema(Some(schema.build()))
        .example(Some(example.into()))
}

/// A parameter that must be there.
fn required(
    name: &str,
    place: ParameterIn,
    text: &str,
    schema: ObjectBuilder,
    example: impl Into<Value>,
) -> ParameterBuilder {
    parameter(name, place, text, schema, example).required(Required::True)
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn body(schema: &str, example: Value) -> Content {
    ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).example(Some(example)).build()
}

/// A job of one stop.
fn job() -> Value {
    json!({
        "job_id": JOB_ID,
        "external_job_id": "BATCH-2026-03-09-A",
        "title": "Morning Deliveries - Zone A",
        "status": "assigned",
        "scheduled_date": "2026-03-09",
        "timezone": "Australia/Brisbane",
        "metadata": {},
        "driver": {
            "email": "driver@example.com",
            "is_resolved": true,
            "driver_id": "0190b6e2-0000-7000-8000-000000000005",
            "user_id": "573b6bee-aa3d-4cb0-af87-620bba0db049",
        },
        "route": {
            "route_id": "1c2a8c0b-1b69-4a04-85b1-608b2ebe3878",
            "name": "Morning Deliveries - Zone A",
            "status": "planned",
            "timezone": "Australia/Brisbane",
            "departure_at": "2026-03-08T22:50:00.000Z",
            "started_at": null,
            "completed_at": null,
            "cancelled_at": null,
            "route_ends": "fixed",
            "end_leg": null,
            "totals": { "distance_meters": 0, "duration_seconds": 0, "quality": "roads", "attribution": null, "encoded_polyline": "" },
            "optimality": null,
            "version": 7,
            "created_at": "2026-03-09T08:30:00.000Z",
            "updated_at": "2026-03-09T08:30:00.000Z",
        },
        "stop_count": 1,
        "status_counts": { "pending": 1, "arrived": 0, "completed": 0, "failed": 0, "skipped": 0 },
        "stops": [stop()],
        "deep_link": format!("https://routes.example/app/jobs/{JOB_ID}"),
        "created_at": "2026-03-09T08:30:00.000Z",
        "updated_at": "2026-03-09T08:30:00.000Z",
    })
}

fn stop() -> Value {
    json!({
        "stop_id": "0190b6e2-0000-7000-8000-000000000009",
        "external_stop_id": "ORD-1001",
        "sort_order": 0,
        "given_order": 0,
        "kind": "delivery",
        "source": "job",
        "status": "pending",
        "arrived_at": null,
        "outcome": null,
        "address": {
            "text": "1 George St, Brisbane QLD 4000, Australia",
            "line1": "1 George St, Brisbane QLD 4000, Australia",
            "line2": "",
            "city": "",
            "province_code": "",
            "country_code": "",
            "zip": "",
        },
        "location": {
            "status": "geocoded",
            "latitude": -27.4710,
            "longitude": 153.0234,
            "match_type": "house",
            "confidence": 0.98,
            "is_approximate": false,
            "source": "embedded",
            "attribution": "© OpenStreetMap contributors (openstreetmap.org/copyright), Open Database Licence 1.0",
            "access_latitude": null,
            "access_longitude": null,
            "reason": null,
            "candidates": [],
        },
        "contact": { "first_name": "", "last_name": "", "company": "John Smith", "phone": "", "email": "" },
        "note": "Leave at front door",
        "service_type": null,
        "service_seconds": 300,
        "windows": [{ "start_at": "2026-03-08T23:00:00.000Z", "end_at": null }],
        "delivery_date": null,
        "priority": { "value": 1.0, "scale": "lower_first" },
        "parcel_count": 2,
        "items": [{ "name": "Parcel", "quantity": 2, "weight_grams": 0 }],
        "order_name": null,
        "attributes": [],
        "tags": [],
        "tasks": [],
        "metadata": {},
        "is_locked": false,
        "planned": {
            "distance_meters": 0,
            "duration_seconds": 0,
            "arrival_at": "2026-03-08T23:00:00.000Z",
            "lateness_seconds": 0,
        },
        "shortfall": null,
        "updated_at": "2026-03-09T08:30:00.000Z",
    })
}
