//! The search for addresses, and what an organisation remembers of them.

use routemate_app::{ErrorKind, Noun, Problem};
use routemate_domain::FreeText;
use routemate_http::Rejection;
use routemate_http::openapi::patterns::{TEXT, VISIBLE_TEXT};
use routemate_http::openapi::{Said, about_any_call, about_bodies, about_callers, answers, to_caller, with_token};
use serde_json::{Value, json};
use utoipa::openapi::Required;
use utoipa::openapi::path::{Operation, OperationBuilder, ParameterIn};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{Array, ArrayBuilder, Object, ObjectBuilder, SchemaFormat, SchemaType, Type};

use super::{body, required, text};
use crate::error::says;
use crate::geocode::MOST;

const ADDRESS: &str = "1 George St, Brisbane QLD 4000, Australia";
const ADDRESS_ID: &str = "0190b6e2-0000-7000-8000-00000000000a";

pub(crate) fn post_geocode() -> Operation {
    let invalid = ErrorKind::Invalid(vec![Problem::new("queries", "is required")]);
    let ok = to_caller(ResponseBuilder::new().description("One answer for each question, in their order."));
    let operation = OperationBuilder::new()
        .operation_id(Some("geocode"))
        .summary(Some("Find where addresses are"))
        .description(Some(
            "What the organisation remembers of an address comes first, then the geocoders. What is wrong with one question is \
             its own answer (`invalid`) and stops no other. As many questions as the plan allows stops, at most 1,000.",
        ))
        .security(with_token())
        .request_body(Some(request("Questions", questions_example())))
        .response("200", ok.content("application/json", body("AnswersDto", answers_example())));
    answers(operation, refusals(about_bodies().into_iter().chain([invalid.into()]))).build()
}

pub(crate) fn get_address() -> Operation {
    let invalid = ErrorKind::Invalid(vec![Problem::new("address", "is required")]);
    let address = text().pattern(Some(VISIBLE_TEXT));
    let operation = OperationBuilder::new()
        .operation_id(Some("getAddress"))
        .summary(Some("Where an address is remembered to be"))
        .description(Some("Case, marks and punctuation of the address do not matter."))
        .security(with_token())
        .parameter(required("address", ParameterIn::Query, "The address.", address, ADDRESS))
        .response("200", remembered("What the organisation remembers."));
    answers(operation, refusals([invalid.into(), ErrorKind::NotFound(Noun::Address).into()])).build()
}

pub(crate) fn put_address() -> Operation {
    let invalid = ErrorKind::Invalid(vec![Problem::new("address", "is required")]);
    let operation = OperationBuilder::new()
        .operation_id(Some("putAddress"))
        .summary(Some("Remember where an address is"))
        .description(Some(
            "From then on the stops of the organisation at that address are there, whatever geocoders say. It takes the place \
             of what was remembered of the address before.",
        ))
        .security(with_token())
        .request_body(Some(request("AddressPlace", place_example())))
        .response("200", remembered("What is remembered now."));
    answers(operation, refusals(about_bodies().into_iter().chain([invalid.into()]))).build()
}

pub(crate) fn delete_address() -> Operation {
    let id = text().format(Some(SchemaFormat::Custom("uuid".to_owned())));
    let operation = OperationBuilder::new()
        .operation_id(Some("deleteAddress"))
        .summary(Some("Forget an address"))
        .description(Some("Stops that are there already stay where they are."))
        .security(with_token())
        .parameter(required("address_id", ParameterIn::Path, "The id of what is remembered.", id, ADDRESS_ID))
        .response("204", to_caller(ResponseBuilder::new().description("It is forgotten.")));
    answers(operation, refusals([ErrorKind::NotFound(Noun::Address).into()])).build()
}

fn refusals(of_its_own: impl IntoIterator<Item = Rejection>) -> Vec<Said> {
    let all = about_any_call().into_iter().chain(about_callers()).chain(of_its_own);
    all.filter_map(|rejection| says(&rejection)).collect()
}

fn remembered(description: &str) -> ResponseBuilder {
    let example = json!({
        "address_id": ADDRESS_ID,
        "address": ADDRESS,
        "latitude": -27.4710,
        "longitude": 153.0234,
        "created_at": "2026-03-09T08:30:00.000Z",
        "updated_at": "2026-03-09T08:30:00.000Z",
    });
    let response = to_caller(ResponseBuilder::new().description(description));
    response.content("application/json", body("RememberedAddressDto", example))
}

fn request(schema: &str, example: Value) -> RequestBody {
    let required = RequestBodyBuilder::new().required(Some(Required::True));
    required.content("application/json", body(schema, example)).build()
}

/// What `POST /api/v1/geocode` takes.
pub(super) fn questions() -> Object {
    let queries = ArrayBuilder::new().items(question()).min_items(Some(1)).max_items(usize::try_from(MOST).ok());
    ObjectBuilder::new().property("queries", queries).required("queries").build()
}

/// Anything may be wrong with a question without the others suffering; this is what is right.
fn question() -> Object {
    let country = optional(Type::String).pattern(Some("^[A-Za-z]{2}$"));
    ObjectBuilder::new()
        .description(Some("`query`, or `structured` where there is no `query`."))
        .property("id", super::schemas::question_id())
        .property("query", optional_text().description(Some("The address as text.")))
        .property("structured", structured())
        .property("focus", focus())
        .property("country", country.description(Some("A code of ISO 3166-1, in which the address must be.")))
        .build()
}

fn structured() -> Object {
    let parts = [
        ("address1", "Street and number; also `line1`."),
        ("address2", "Flat, floor or door; also `line2`."),
        ("city", "The town."),
        ("provinceCode", "State or province; also `province_code`."),
        ("zip", "The postcode."),
        ("countryCode", "A code of ISO 3166-1; also `country_code`."),
    ];
    let object =
        optional(Type::Object).description(Some("The address in parts; all may be left out but not all at once."));
    let with = |object: ObjectBuilder, (name, says): (&str, &'static str)| {
        object.property(name, optional_text().description(Some(says)))
    };
    parts.into_iter().fold(object, with).build()
}

fn focus() -> Array {
    let degrees = ObjectBuilder::new().schema_type(Type::Number).minimum(Some(-180)).maximum(Some(180));
    let says = "`[latitude, longitude]`: of equally good places the nearer one is meant.";
    let two = ArrayBuilder::new().items(degrees).min_items(Some(2)).max_items(Some(2));
    two.schema_type(SchemaType::from_iter([Type::Array, Type::Null])).description(Some(says)).build()
}

/// What `PUT /api/v1/addresses` takes.
pub(super) fn place() -> Object {
    let degrees = |most: isize, says: &'static str| {
        let number = ObjectBuilder::new().schema_type(Type::Number).minimum(Some(-most)).maximum(Some(most));
        number.description(Some(says))
    };
    let address = text().max_length(Some(FreeText::MAX_CHARS)).pattern(Some(VISIBLE_TEXT));
    ObjectBuilder::new()
        .property("address", address.description(Some("As it is written.")))
        .property("latitude", degrees(90, "In degrees; (0, 0) is refused."))
        .property("longitude", degrees(180, "In degrees."))
        .required("address")
        .required("latitude")
        .required("longitude")
        .build()
}

fn optional(one: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::from_iter([one, Type::Null]))
}

fn optional_text() -> ObjectBuilder {
    optional(Type::String).max_length(Some(FreeText::MAX_CHARS)).pattern(Some(TEXT))
}

fn questions_example() -> Value {
    json!({
        "queries": [
            { "id": "ORD-1001", "query": ADDRESS, "focus": [-27.47, 153.02], "country": "AU" },
            { "id": 7, "structured": { "address1": "Platzl 4a", "city": "München", "zip": "80331", "countryCode": "DE" } },
        ],
    })
}

fn answers_example() -> Value {
    json!({
        "results": [
            {
                "id": "ORD-1001",
                "status": "found",
                "latitude": -27.4710,
                "longitude": 153.0234,
                "access_latitude": null,
                "access_longitude": null,
                "confidence": 0.98,
                "match_type": "house",
                "formatted": ADDRESS,
                "source": "embedded",
                "attribution": "© OpenStreetMap contributors",
                "warning": null,
                "reason": null,
                "candidates": [],
            },
            {
                "id": 7,
                "status": "not_found",
                "latitude": null,
                "longitude": null,
                "access_latitude": null,
                "access_longitude": null,
                "confidence": null,
                "match_type": null,
                "formatted": null,
                "source": null,
                "attribution": null,
                "warning": "GEOCODE_FAILED",
                "reason": "unknown_address",
                "candidates": [],
            },
        ],
    })
}

fn place_example() -> Value {
    json!({ "address": ADDRESS, "latitude": -27.4710, "longitude": 153.0234 })
}
