//! Schemas of values that types alone do not tell.

use routemate_domain::{ExternalId, FreeText, JobStatus};
use routemate_http::openapi::patterns::{TEXT, VISIBLE_TEXT};
use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, SchemaType, Type};

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn or_null(one: Type) -> SchemaType {
    SchemaType::from_iter([one, Type::Null])
}

/// An id of ours.
pub(crate) fn id() -> ObjectBuilder {
    text().format(Some(SchemaFormat::Custom("uuid".to_owned())))
}

/// The person who drives.
pub(crate) fn optional_id() -> ObjectBuilder {
    id().schema_type(or_null(Type::String))
        .description(Some("The person who drives, the same in every organisation; `null` until somebody does."))
}

pub(crate) fn access_token() -> ObjectBuilder {
    text().pattern(Some("^rm_at_[0-9a-f]{40}$")).description(Some("Opaque. Goes into `Authorization: Bearer …`."))
}

pub(crate) fn token_type() -> ObjectBuilder {
    text().enum_values(Some(["Bearer"]))
}

pub(crate) fn validation_error() -> ObjectBuilder {
    text().enum_values(Some(["VALIDATION_ERROR"]))
}

pub(crate) fn stop_status() -> ObjectBuilder {
    text()
        .enum_values(Some(["pending", "completed", "failed"]))
        .description(Some("`pending` until the stop has ended; `failed` where it was attempted in vain or skipped."))
}

pub(crate) fn job_status() -> ObjectBuilder {
    let all = [JobStatus::Pending, JobStatus::Assigned, JobStatus::InProgress, JobStatus::Completed];
    text().enum_values(Some(all.map(JobStatus::as_str))).description(Some(
        "`pending` until somebody drives it, `in_progress` from the first event of the driver, `completed` when every \
         stop has ended.",
    ))
}

pub(crate) fn expand() -> ObjectBuilder {
    text().enum_values(Some(["stops"]))
}

/// An external id in a query; what no job can have is not found.
pub(crate) fn query_text() -> ObjectBuilder {
    text().max_length(Some(ExternalId::MAX_CHARS))
}

/// A client's id: text, or a whole number, which becomes text.
pub(crate) fn external_id() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Integer]))
        .max_length(Some(ExternalId::MAX_CHARS))
        .pattern(Some(VISIBLE_TEXT))
        .minimum(Some(i64::MIN as isize))
        .maximum(Some(u64::MAX as usize))
}

pub(crate) fn required_text() -> ObjectBuilder {
    text().max_length(Some(FreeText::MAX_CHARS)).pattern(Some(VISIBLE_TEXT))
}

/// Blank is absent.
pub(crate) fn optional_text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(or_null(Type::String)).max_length(Some(FreeText::MAX_CHARS)).pattern(Some(TEXT))
}

/// An optional text with a form of its own, which has no pattern: blank is absent.
pub(crate) fn optional_format(format: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(or_null(Type::String)).format(Some(SchemaFormat::Custom(format.to_owned())))
}

pub(crate) fn optional_number() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(or_null(Type::Number))
}

pub(crate) fn optional_count() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(or_null(Type::Integer))
}

pub(crate) fn optional_object() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(or_null(Type::Object))
}
