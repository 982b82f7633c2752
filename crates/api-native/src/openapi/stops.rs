//! What is said of stops in requests.

use routemate_domain::{FreeText, PriorityScale, StopKind, StopRequest};
use routemate_http::openapi::patterns::{TEXT, VISIBLE_TEXT};
use serde_json::{Value, json};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, SchemaFormat, SchemaType, Type};

use super::text;
use crate::job_changes::{MAX_GRAMS, MAX_PART, MAX_POSITION, MAX_QUANTITY};
use crate::stop_requests::{MAX_PARCELS, MAX_SERVICE_S};

pub(super) fn whole() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Integer)
}

pub(super) fn flag() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Boolean)
}

/// What people call something.
pub(super) fn name() -> ObjectBuilder {
    text().max_length(Some(FreeText::MAX_CHARS)).pattern(Some(VISIBLE_TEXT))
}

pub(super) fn uuid() -> ObjectBuilder {
    text().format(Some(SchemaFormat::Custom("uuid".to_owned())))
}

fn degrees(most: u32) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Number).minimum(Some(-f64::from(most))).maximum(Some(most))
}

/// A place in an order, from 0.
pub(super) fn position() -> ObjectBuilder {
    whole().minimum(Some(0)).maximum(Some(MAX_POSITION))
}

/// An address in one line or in parts, a pin, or both.
pub(super) fn place() -> ObjectBuilder {
    let parts = ["line1", "line2", "city", "province_code", "country_code", "zip"];
    let address = ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Object]));
    let address = address.max_length(Some(FreeText::MAX_CHARS)).pattern(Some(TEXT));
    let address = parts
        .into_iter()
        .fold(address, |address, part| address.property(part, text().max_length(Some(MAX_PART)).pattern(Some(TEXT))));
    ObjectBuilder::new()
        .property("address", address.description(Some("In one line, or in parts.")))
        .property("latitude", degrees(90))
        .property("longitude", degrees(180))
}

pub(super) fn item() -> ObjectBuilder {
    ObjectBuilder::new()
        .property("name", text().max_length(Some(255)).pattern(Some(VISIBLE_TEXT)))
        .property("quantity", whole().minimum(Some(0)).maximum(Some(MAX_QUANTITY)))
        .property("weight_grams", whole().minimum(Some(0)).maximum(Some(MAX_GRAMS)))
        .required("name")
}

/// All that may be wanted at a stop, by the names in which our answers tell it.
pub(super) fn stop_request() -> ObjectBuilder {
    let kinds = StopKind::ALL.map(StopKind::as_str);
    let part = |longest| text().max_length(Some(longest)).pattern(Some(TEXT));
    let contact = ["first_name", "last_name", "company", "phone", "email"]
        .into_iter()
        .fold(ObjectBuilder::new(), |contact, name| contact.property(name, part(4000)));
    let time = || {
        let time = nullable(Type::String).pattern(Some("^([01][0-9]|2[0-3]):[0-5][0-9]$"));
        time.description(Some("A time of day, such as 09:30; without one it is open."))
    };
    let window = ObjectBuilder::new().property("start", time()).property("end", time());
    let date = text().format(Some(SchemaFormat::Custom("date".to_owned())));
    let attribute = ObjectBuilder::new()
        .property("key", part(4000).pattern(Some(VISIBLE_TEXT)))
        .property("value", part(4000))
        .required("key");
    let task = task();
    place()
        .property("external_stop_id", part(255))
        .property("kind", text().enum_values(Some(kinds)).default(Some(json!("delivery"))))
        .property("contact", contact)
        .property("note", part(4000))
        .property("service_seconds", whole().minimum(Some(0)).maximum(Some(MAX_SERVICE_S)))
        .property("windows", ArrayBuilder::new().items(window.build()))
        .property("delivery_date", date)
        .property("priority", priority())
        .property("items", ArrayBuilder::new().items(item().build()))
        .property("order_name", part(4000))
        .property(
            "attributes",
            ArrayBuilder::new().items(attribute.build()).max_items(Some(StopRequest::MAX_ATTRIBUTES)),
        )
        .property("tags", ArrayBuilder::new().items(part(4000).build()).max_items(Some(StopRequest::MAX_TAGS)))
        .property("tasks", ArrayBuilder::new().items(task.build()))
}

/// A stop to put on a route: all of it here, or one that is known.
pub(super) fn new_stop() -> ObjectBuilder {
    let of_imports = |name: &str| format!("`{name}` of the Integration API's import, in the place of its like here.");
    let texts = ["label", "notes", "service_type"].map(|name| {
        let text = text().max_length(Some(FreeText::MAX_CHARS)).pattern(Some(TEXT));
        (name, text)
    });
    let counts = [("duration_minutes", MAX_SERVICE_S / 60), ("parcel_count", MAX_PARCELS)]
        .map(|(name, most)| (name, whole().minimum(Some(0)).maximum(Some(most))));
    let likes = texts.into_iter().chain(counts);
    likes
        .fold(stop_request(), |stop, (name, like)| stop.property(name, like.description(Some(of_imports(name)))))
        .property(
            "imported_stop_id",
            uuid().description(Some("A stop that was handed in before, in the place of all else.")),
        )
        .property("saved_stop_id", uuid().description(Some("A saved stop, in the place of all else.")))
        .property(
            "shopify_order_id",
            text()
                .pattern(Some("^[0-9]{1,18}$"))
                .description(Some("Shopify's number of an order that is open, in the place of all else.")),
        )
}

/// What a saved stop is to be, with an example that has all of it.
pub(crate) fn saved_stop_request() -> (ObjectBuilder, Value) {
    let schema = stop_request().property("name", name()).required("name");
    let example = json!({
        "name": "Depot",
        "external_stop_id": "D-1",
        "kind": "pickup",
        "address": { "line1": "Unioninkatu 29", "city": "Helsinki", "country_code": "FI", "zip": "00170" },
        "latitude": 60.1699,
        "longitude": 24.9496,
        "contact": { "first_name": "Aino", "company": "Depot", "phone": "+358401234567" },
        "note": "Gate 2",
        "service_seconds": 600,
        "windows": [{ "start": "07:00", "end": "17:30" }],
        "delivery_date": "2026-03-09",
        "priority": { "value": 7, "scale": "one_to_ten" },
        "items": [{ "name": "Crate", "quantity": 3, "weight_grams": 500 }],
        "order_name": "#1",
        "attributes": [{ "key": "gate", "value": "2" }],
        "tags": ["depot"],
        "tasks": [{ "title": "Check the seal", "kind": "checkboxes", "items": ["Left", "Right"] }],
    });
    (schema, example)
}

/// Where a route begins or ends, beside its stops.
pub(super) fn terminal() -> ObjectBuilder {
    place().property("tasks", ArrayBuilder::new().items(task().build()))
}

fn task() -> ObjectBuilder {
    let kinds = ["checkboxes", "radio_buttons", "text", "decimal", "scanner"];
    let title = || text().max_length(Some(4000)).pattern(Some(TEXT));
    let items = ArrayBuilder::new().items(title().pattern(Some(VISIBLE_TEXT)).build());
    ObjectBuilder::new()
        .property("title", title())
        .property("kind", text().enum_values(Some(kinds)))
        .property("items", items.description(Some("The titles of what may be ticked; for lists only.")))
        .property("is_required_to_complete", flag())
        .property("is_required_to_fail", flag())
        .required("kind")
}

fn priority() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Number, Type::Object]))
        .property("value", ObjectBuilder::new().schema_type(Type::Number))
        .property(
            "scale",
            text().enum_values(Some([PriorityScale::LowerFirst, PriorityScale::OneToTen].map(PriorityScale::as_str))),
        )
        .required("value")
        .description(Some(
            "A `value` on its `scale`: `one_to_ten`, of which 10 matters most, or `lower_first`. A bare number is one of \
             `lower_first`, as in an import.",
        ))
}

fn nullable(schema_type: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::from_iter([schema_type, Type::Null]))
}
