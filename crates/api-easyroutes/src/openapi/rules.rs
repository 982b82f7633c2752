//! What a request's fields may hold beyond their types, as far as a schema can say it.

use routemate_domain::{ExternalId, StopRequest};
use routemate_http::openapi::patterns::{TEXT, VISIBLE_TEXT};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder};

use crate::convert::{MAX_STOPS, MAX_TEXT};
use crate::types::{StopType, TaskType};

/// Seconds up to a week.
const WEEK: &str = "^(0|[1-9][0-9]{0,4}|[1-5][0-9]{5}|60[0-3][0-9]{3}|604[0-7][0-9]{2}|604800)s$";

/// An id with its prefix.
macro_rules! id {
    ($prefix:literal) => {
        concat!("^", $prefix, "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
    };
}

/// The fields that a request has to have.
pub(super) fn required(message: &str) -> &'static [&'static str] {
    match message {
        "Credentials" => &["clientId", "clientSecret"],
        "StopsToImport" | "StopsToAdd" => &["stops"],
        "RouteToCreate" => &["name"],
        "RouteDriver" => &["driverId"],
        "RouteDispatch" => &["dispatchedUntil"],
        "StopPosition" => &["position"],
        "Attribute" => &["key"],
        "TaskTemplate" => &["type"],
        "Date" => &["year", "month", "day"],
        _ => &[],
    }
}

/// The values of an enumeration that a request's field may have; `None` where it may have all.
pub(super) fn values(message: &str, field: &str) -> Option<Vec<&'static str>> {
    match (message, field) {
        ("StopToImport", "type") => Some(all_but(StopType::TYPE.values, StopType::Break.as_str())),
        ("TaskTemplate", "type") => Some(all_but(TaskType::TYPE.values, TaskType::Unknown.as_str())),
        _ => None,
    }
}

fn all_but(values: &[&'static str], one: &str) -> Vec<&'static str> {
    values.iter().copied().filter(|value| *value != one).collect()
}

/// The bounds of a request's text.
pub(super) fn text(message: &str, field: &str, text: ObjectBuilder) -> ObjectBuilder {
    match (message, field) {
        // In answers they may hold what a client of the Integration API calls metadata, which has other rules.
        ("Attribute", _) => text,
        ("Credentials", _) => text.pattern(Some(VISIBLE_TEXT)),
        ("StopToImport", "clientStopId") => text.max_length(Some(ExternalId::MAX_CHARS)).pattern(Some(TEXT)),
        ("RouteToCreate", "name") => text.max_length(Some(MAX_TEXT)).pattern(Some(VISIBLE_TEXT)),
        ("RouteToCreate" | "RouteDriver", "driverId") => text.pattern(Some(id!("drv-"))),
        ("StopToAdd", "importedStopId") => text.pattern(Some(id!("ist-"))),
        ("StopToAdd", "savedStopId") => text.pattern(Some(id!("sst-"))),
        _ => text.max_length(Some(MAX_TEXT)).pattern(Some(TEXT)),
    }
}

/// The bounds of a request's number.
pub(super) fn number(message: &str, field: &str, number: ObjectBuilder) -> ObjectBuilder {
    let (least, most) = match (message, field) {
        ("Date", "year") => (1, 9999),
        ("Date", "month") => (1, 12),
        ("Date", "day") => (1, 31),
        ("TimeOfDay", "hours") => (0, 23),
        ("TimeOfDay", "minutes" | "seconds") => (0, 59),
        ("LatLng", "latitude") => (-90, 90),
        ("LatLng", "longitude") => (-180, 180),
        ("StopItem", "quantity" | "grams") | ("StopsToAdd" | "StopPosition", "position") => (0, i32::MAX),
        ("StopToImport", "priority") => (0, 10),
        _ => return number,
    };
    number.minimum(Some(least)).maximum(Some(most))
}

/// The bounds of a request's duration.
pub(super) fn span(message: &str, span: ObjectBuilder) -> ObjectBuilder {
    if message == "StopToImport" { span.pattern(Some(WEEK)) } else { span }
}

/// How many items a request's list may have.
pub(super) fn list(message: &str, field: &str, list: ArrayBuilder) -> ArrayBuilder {
    match (message, field) {
        ("StopToImport", "attributes") => list.max_items(Some(StopRequest::MAX_ATTRIBUTES)),
        ("StopToImport", "tags") => list.max_items(Some(StopRequest::MAX_TAGS)),
        ("StopsToImport" | "RouteToCreate", "stops") => list.max_items(Some(MAX_STOPS)),
        ("StopsToAdd", "stops") => list.min_items(Some(1)).max_items(Some(MAX_STOPS)),
        _ => list,
    }
}
