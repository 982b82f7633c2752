//! What operations answer: refusals with the very bodies that are sent, and the headers that go with them.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use routemate_app::{ErrorKind, Unauthenticated};
use routemate_units::Seconds;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::example::{Example, ExampleBuilder};
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ComponentsBuilder, Ref, Required};

use crate::code::Code;
use crate::idempotency::MAX_KEY;
use crate::problem::ProblemDetails;
use crate::rejection::Rejection;
use crate::respond::ErrorText;

/// What a surface says when it refuses.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// The code, and with it the status.
    pub code: Code,
    /// The sentence for people.
    pub message: String,
    /// For each form of the answer its media type, the schema's name, and the body.
    pub bodies: Vec<(&'static str, &'static str, Value)>,
    /// Headers beside those that go with the status, and what they say.
    pub headers: Vec<(&'static str, &'static str)>,
}

/// What may happen to any call.
#[must_use]
pub fn about_any_call() -> Vec<Rejection> {
    vec![
        Rejection::HttpsRequired,
        ErrorKind::Internal.into(),
        ErrorKind::Unavailable { retry_after: Seconds::new(1) }.into(),
    ]
}

/// What may happen to a call that needs a token, beside what may happen to any.
#[must_use]
pub fn about_callers() -> Vec<Rejection> {
    vec![
        ErrorKind::Unauthenticated(Unauthenticated::MissingToken).into(),
        ErrorKind::Unauthenticated(Unauthenticated::InvalidToken).into(),
        ErrorKind::Disabled.into(),
        ErrorKind::TooMany { retry_after: Seconds::new(45), limit: 60 }.into(),
    ]
}

/// What may happen to a body, beside breaking rules.
#[must_use]
pub fn about_bodies() -> Vec<Rejection> {
    vec![Rejection::BodyTooLarge, Rejection::BodyBroken, Rejection::BodyStalled]
}

/// Adds the answers to refusals: a response for each status, an example for each refusal.
#[must_use]
pub fn answers(operation: OperationBuilder, refusals: impl IntoIterator<Item = Said>) -> OperationBuilder {
    let mut by_status: BTreeMap<u16, Vec<Said>> = BTreeMap::new();
    for said in refusals {
        by_status.entry(said.code.status().as_u16()).or_default().push(said);
    }
    let by_status = by_status.into_iter();
    by_status.fold(operation, |operation, (status, said)| operation.response(status.to_string(), refusal(&said)))
}

fn refusal(said: &[Said]) -> ResponseBuilder {
    let mut meanings: Vec<_> = said.iter().map(|said| said.code.meaning()).collect();
    meanings.dedup();
    let response = with_request_id(ResponseBuilder::new().description(meanings.join(" ")));
    let response = forms(said).into_iter().fold(response, |response, (media, schema)| {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema)));
        response.content(media, content.examples_from_iter(examples(said, media)).build())
    });
    let usual: &[&str] = match said.first().map(|said| said.code.status()) {
        Some(StatusCode::UNAUTHORIZED) => &["WWW-Authenticate"],
        Some(StatusCode::TOO_MANY_REQUESTS) => &["Retry-After", "RateLimit", "RateLimit-Policy"],
        Some(StatusCode::SERVICE_UNAVAILABLE) => &["Retry-After"],
        _ => &[],
    };
    let response = usual.iter().fold(response, |response, name| response.header_ref(*name, shared(name)));
    let more = said.iter().flat_map(|said| &said.headers);
    more.fold(response, |response, (name, text)| {
        response.header(*name, header(*text, ObjectBuilder::new().schema_type(Type::String)))
    })
}

/// Each media type with its schema, once.
fn forms(said: &[Said]) -> Vec<(&'static str, &'static str)> {
    let mut forms = Vec::new();
    for (media, schema, _) in said.iter().flat_map(|said| &said.bodies) {
        if !forms.contains(&(*media, *schema)) {
            forms.push((*media, *schema));
        }
    }
    forms
}

/// The bodies of one media type, named by their codes.
fn examples(said: &[Said], media: &str) -> BTreeMap<String, Example> {
    let mut examples = BTreeMap::new();
    for said in said {
        for (_, _, body) in said.bodies.iter().filter(|(of, _, _)| *of == media) {
            let example = ExampleBuilder::new().summary(said.message.clone()).value(Some(body.clone())).build();
            let number = examples.keys().filter(|name: &&String| name.starts_with(said.code.as_str())).count();
            let name = if number == 0 {
                said.code.as_str().to_owned()
            } else {
                format!("{}_{}", said.code.as_str(), number + 1)
            };
            examples.insert(name, example);
        }
    }
    examples
}

/// Adds the header that every answer has.
#[must_use]
pub fn with_request_id(response: ResponseBuilder) -> ResponseBuilder {
    response.header_ref("X-Request-Id", shared("X-Request-Id"))
}

/// Adds the headers of an answer to a caller who is known; those of the limit are there where the plan has one.
#[must_use]
pub fn to_caller(response: ResponseBuilder) -> ResponseBuilder {
    let response = with_request_id(response);
    ["RateLimit", "RateLimit-Policy"].iter().fold(response, |response, name| response.header_ref(*name, shared(name)))
}

/// A header of an answer.
#[must_use]
pub fn header(text: impl Into<String>, schema: ObjectBuilder) -> Header {
    HeaderBuilder::new().description(Some(text)).schema(Some(schema.build())).build()
}

/// The header of a request that may be sent again; `text` says what becomes of the second one.
#[must_use]
pub fn idempotency_key(text: &str) -> Parameter {
    let schema = ObjectBuilder::new().schema_type(Type::String).max_length(Some(MAX_KEY)).pattern(Some("^[ -~]*$"));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(text))
        .schema(Some(schema.build()))
        .example(Some(json!("order-batch-2026-03-09-001")))
        .build()
}

/// The header of an answer that was given before.
#[must_use]
pub fn replayed() -> Header {
    let says_true = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["true"]));
    header("There where the key was answered before: this is that answer.", says_true)
}

fn shared(name: &str) -> Ref {
    Ref::new(format!("#/components/headers/{name}"))
}

/// Adds the schema of a type and of everything that it is made of.
#[must_use]
pub fn with_schema<T: ToSchema>(components: ComponentsBuilder) -> ComponentsBuilder {
    let mut schemas = Vec::new();
    T::schemas(&mut schemas);
    components.schemas_from_iter(schemas).schema_from::<T>()
}

/// The schemas and headers that all surfaces share.
pub(crate) fn components(components: ComponentsBuilder) -> ComponentsBuilder {
    let text = |example: &str| ObjectBuilder::new().schema_type(Type::String).examples([json!(example)]);
    let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).examples([json!(45)]);
    with_schema::<ErrorText<'_>>(with_schema::<ProblemDetails>(components))
        .header(
            "X-Request-Id",
            header(
                "The id of this request, also in the server's log.",
                text("01912345-6789-7abc-8def-0123456789ab").max_length(Some(128)).pattern(Some("^[A-Za-z0-9._-]+$")),
            ),
        )
        .header("Retry-After", header("Seconds until the same request may succeed.", seconds))
        .header(
            "RateLimit-Policy",
            header(
                "Requests that are admitted in any rolling minute. Absent where there is no limit.",
                text("\"default\";q=60;w=60").pattern(Some("^\"default\";q=[0-9]+;w=60$")),
            ),
        )
        .header(
            "RateLimit",
            header(
                "Requests that are left, and seconds until one more is. Absent where there is no limit.",
                text("\"default\";r=59;t=12").pattern(Some("^\"default\";r=[0-9]+;t=[0-9]+$")),
            ),
        )
        .header(
            "WWW-Authenticate",
            header("How to authenticate (RFC 6750 §3, RFC 7617 §2).", text("Bearer error=\"invalid_token\"")),
        )
}
