//! The bodies of requests, which `convert` and `token` read field by field.

use routemate_http::openapi::patterns::NOT_BLANK;
use serde_json::json;
use utoipa::openapi::Ref;
use utoipa::openapi::schema::{ArrayBuilder, Object, ObjectBuilder, SchemaFormat, SchemaType, Type};

use super::schemas::{
    external_id, optional_count, optional_format, optional_number, optional_object, optional_text, required_text,
};
use crate::convert::{MAX_PARCELS, MAX_SERVICE_MINUTES};
use crate::token::GRANT;

/// What `POST /v1/integration-import` takes.
pub(super) fn import() -> Object {
    let email = ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::Custom("email".to_owned())))
        .max_length(Some(254));
    ObjectBuilder::new()
        .description(Some("A job with its stops. `null` and blank text are the same as absent."))
        .property("external_job_id", external_id().description(Some("Your id, unique within the integration.")))
        .required("external_job_id")
        .property("title", required_text().description(Some("What people call the job.")))
        .required("title")
        .property("driver_email", email.description(Some("Who is to drive. Case does not matter.")))
        .required("driver_email")
        .property(
            "scheduled_date",
            optional_format("date").description(Some("The day it is for, from 1900-01-01 to 2999-12-31.")),
        )
        .property(
            "timezone",
            optional_format("iana-time-zone").description(Some(
                "An IANA time zone, in which times without an offset are read; by default the organisation's.",
            )),
        )
        .property("metadata", metadata("Your object, at most 16,384 characters of JSON."))
        .property(
            "stops",
            ArrayBuilder::new().items(Ref::from_schema_name("ImportStop")).min_items(Some(1)).description(Some(
                "The first is where the route begins, the last where it ends. At most as many as the plan allows: 200 \
                 unless the organisation has another limit.",
            )),
        )
        .required("stops")
        .build()
}

/// One stop of an import.
pub(super) fn stop() -> Object {
    let window = |text: &str| optional_format("iso-8601-date-time").description(Some(text));
    ObjectBuilder::new()
        .description(Some("A stop. `null` and blank text are the same as absent."))
        .property("external_stop_id", external_id().description(Some("Your id, unique within the job.")))
        .required("external_stop_id")
        .property("address", required_text().description(Some("The full street address; looked up where there are no coordinates.")))
        .required("address")
        .property("latitude", coordinate(90, "In degrees. Counts only together with `longitude`, and (0, 0) is absent."))
        .property("longitude", coordinate(180, "In degrees. Counts only together with `latitude`, and (0, 0) is absent."))
        .property("label", optional_text().description(Some("Who receives, such as a name or an order number.")))
        .property("notes", optional_text().description(Some("Words for the driver.")))
        .property("service_type", optional_text().description(Some("What is to be done: `delivery`, `pickup`, or a word of yours.")))
        .property(
            "duration_minutes",
            optional_number()
                .minimum(Some(0))
                .maximum(Some(MAX_SERVICE_MINUTES as usize))
                .description(Some("How long the driver stays.")),
        )
        .property("time_window_start", window("When service may begin at the earliest: an ISO 8601 date and time. Without an offset it is local time."))
        .property("time_window_end", window("When service may begin at the latest; not before `time_window_start`."))
        .property("priority", optional_number().default(Some(json!(0))).description(Some("Lower is more important.")))
        .property(
            "parcel_count",
            optional_count()
                .minimum(Some(0))
                .maximum(Some(MAX_PARCELS as usize))
                .default(Some(json!(1)))
                .description(Some("Parcels to hand over.")),
        )
        .property("metadata", metadata("Your object, at most 16,384 characters of JSON."))
        .build()
}

fn coordinate(limit: isize, text: &str) -> ObjectBuilder {
    optional_number().minimum(Some(-limit)).maximum(Some(limit)).description(Some(text))
}

fn metadata(text: &str) -> ObjectBuilder {
    optional_object().description(Some(text))
}

/// What `POST /v1/integration-token` takes as JSON.
pub(super) fn token() -> Object {
    let grant = ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Null]));
    credentials()
        .property("grant_type", grant.enum_values(Some([json!(GRANT), json!(null)])).description(Some(GRANT_TEXT)))
        .build()
}

/// The same as a form (RFC 6749 §4.4.2).
pub(super) fn token_form() -> Object {
    let grant = ObjectBuilder::new().schema_type(Type::String).enum_values(Some([GRANT]));
    credentials().property("grant_type", grant.description(Some(GRANT_TEXT))).build()
}

const GRANT_TEXT: &str = "May be left out; where it is named, failures are told as RFC 6749 §5.2 has it.";

fn credentials() -> ObjectBuilder {
    let credential = |text: &str| {
        let schema = ObjectBuilder::new().schema_type(Type::String).pattern(Some(NOT_BLANK));
        schema.description(Some(text))
    };
    ObjectBuilder::new()
        .property("client_id", credential("Your integration's client id; begins with `rm_ci_`."))
        .required("client_id")
        .property("client_secret", credential("Its secret; begins with `rm_cs_`."))
        .required("client_secret")
}
