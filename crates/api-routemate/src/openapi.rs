//! What the OpenAPI document says of `/v1`.

mod examples;
mod request;
pub(crate) mod schemas;

use routemate_app::{ErrorKind, Noun, Problem, Unauthenticated};
use routemate_http::Rejection;
use routemate_http::openapi::{
    BASIC, Said, about_any_call, about_bodies, about_callers, answers, header, idempotency_key, replayed, to_caller,
    with_request_id, with_schema, with_token,
};
use routemate_units::Seconds;
use serde_json::{Value, json};
use utoipa::openapi::content::{Content, ContentBuilder};
use utoipa::openapi::link::Link;
use utoipa::openapi::path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ComponentsBuilder, Ref, Required, SecurityRequirement};

use crate::dto::{ImportAnswer, JobAnswer, TokenAnswer, TokenError, ValidationBody};
use crate::error::{TokenRefusal, oauth_says, says, token_says};
use crate::token::TokenFault;

const JSON: &str = "application/json";

/// The schemas that the operations refer to.
pub(crate) fn components(components: ComponentsBuilder) -> ComponentsBuilder {
    let answers = [
        with_schema::<TokenAnswer<'_>>,
        with_schema::<ImportAnswer<'_>>,
        with_schema::<JobAnswer<'_>>,
        with_schema::<TokenError<'_>>,
        with_schema::<ValidationBody>,
    ];
    let components = answers.into_iter().fold(components, |components, with| with(components));
    components
        .schema("TokenRequest", request::token())
        .schema("TokenForm", request::token_form())
        .schema("ImportRequest", request::import())
        .schema("ImportStop", request::stop())
}

pub(crate) fn post_token() -> Operation {
    let faults =
        [TokenFault::Missing, TokenFault::NotText, TokenFault::Malformed("body must be a JSON object".to_owned())];
    let rejections = [
        ErrorKind::Unauthenticated(Unauthenticated::InvalidCredentials).into(),
        ErrorKind::Disabled.into(),
        ErrorKind::TooMany { retry_after: Seconds::new(45), limit: 60 }.into(),
    ];
    let rejections = about_any_call().into_iter().chain(about_bodies()).chain(rejections);
    let mut refusals: Vec<_> = faults.into_iter().map(TokenRefusal::Fault).collect();
    refusals.extend(rejections.map(TokenRefusal::Rejected));
    let in_oauth = [TokenFault::Missing, TokenFault::UnsupportedGrantType, TokenFault::MalformedBasic];
    let mut said: Vec<Said> = refusals.iter().map(token_says).collect();
    said.extend(in_oauth.into_iter().map(TokenRefusal::Fault).filter_map(|fault| oauth_says(&fault)));
    let ok = ResponseBuilder::new().description("The token. Earlier ones stay valid until they expire.");
    let ok = uncached(with_request_id(ok)).content(JSON, body("TokenAnswer", examples::token_answer()));
    let operation = OperationBuilder::new()
        .operation_id(Some("createToken"))
        .summary(Some("Get an access token"))
        .description(Some(
            "Exchanges client credentials for a token that is valid for an hour. The body says what it is, whatever its \
             content type: JSON as documented, or a form as RFC 6749 §4.4 has it; the credentials may also come as HTTP \
             Basic. 60 tokens a minute for each client, 600 for each address.",
        ))
        .security(SecurityRequirement::default())
        .security(SecurityRequirement::new::<_, [&str; 0], _>(BASIC, []))
        .request_body(Some(
            RequestBodyBuilder::new()
                .required(Some(Required::False))
                .description(Some("Client id and secret; not where HTTP Basic says them."))
                .content(JSON, body("TokenRequest", examples::token_request()))
                .content("application/x-www-form-urlencoded", body("TokenForm", examples::token_form()))
                .build(),
        ))
        .response("200", ok);
    answers(operation, said).build()
}

pub(crate) fn post_import() -> Operation {
    let says_true = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["true"]));
    let ok = to_caller(
        ResponseBuilder::new().description("The job, its stops in the order in which they are to be driven."),
    )
    .header("Idempotency-Replayed", replayed())
    .header("Idempotency-Mismatch", header("There where the key was answered before for another body.", says_true))
    .content(JSON, body("ImportAnswer", examples::import_answer()))
    .link("getImportedJob", link("getJob", "job_id", "$response.body#/job_id"))
    .link("getJobByItsExternalId", link("getJob", "external_job_id", "$response.body#/external_job_id"))
    .link("getWholeJob", link("getWholeJob", "job_id", "$response.body#/job_id"));
    let invalid = ErrorKind::Invalid(vec![
        Problem::new("external_job_id", "is required"),
        Problem::new("stops[0].address", "is required"),
    ]);
    let taken = examples::JOB_ID.parse().ok().map(|job| ErrorKind::ExternalJobIdTaken(job).into());
    let refusals = rejections().into_iter().chain(about_bodies()).chain([invalid.into()]).chain(taken);
    let operation = OperationBuilder::new()
        .operation_id(Some("importJob"))
        .summary(Some("Import a job and its stops"))
        .description(Some(
            "Locates the stops, puts them into the best order between the first and the last, and assigns the driver. \
             With an `Idempotency-Key` a request may be sent again without making a second job; without one, an external \
             id that exists already is refused. All problems of a body are told at once.",
        ))
        .security(with_token())
        .parameter(idempotency_key(
            "Bare or in double quotes. For 24 hours after its first success the key is answered with the same bytes, \
             whatever body comes with it. An empty one is none.",
        ))
        .request_body(Some(import_body()))
        .response("200", ok);
    answers(operation, refusals.filter_map(|rejection| says(&rejection))).build()
}

pub(crate) fn post_dry_run() -> Operation {
    let ok = to_caller(ResponseBuilder::new().description("What an import would answer. Its ids are of nothing."))
        .content(JSON, body("ImportAnswer", examples::import_answer()));
    let invalid = ErrorKind::Invalid(vec![Problem::new("stops[0].address", "is required")]);
    let taken = examples::JOB_ID.parse().ok().map(|job| ErrorKind::ExternalJobIdTaken(job).into());
    let refusals = rejections().into_iter().chain(about_bodies()).chain([invalid.into()]).chain(taken);
    let operation = OperationBuilder::new()
        .operation_id(Some("tryImport"))
        .summary(Some("See what an import would do"))
        .description(Some(
            "Checks, locates and orders as an import does, says who would drive, and keeps nothing: no job, no invitation, \
             no idempotency key.",
        ))
        .security(with_token())
        .request_body(Some(import_body()))
        .response("200", ok);
    answers(operation, refusals.filter_map(|rejection| says(&rejection))).build()
}

pub(crate) fn get_job() -> Operation {
    let ok = to_caller(ResponseBuilder::new().description("The job as it stands."))
        .content(JSON, body("JobAnswer", examples::job_answer()));
    let invalid = ErrorKind::Invalid(vec![Problem::new("external_job_id", "or job_id is required")]);
    let refusals = rejections().into_iter().chain([invalid.into(), ErrorKind::NotFound(Noun::Job).into()]);
    let id = schemas::query_text();
    let operation = OperationBuilder::new()
        .operation_id(Some("getJob"))
        .summary(Some("Query a job"))
        .description(Some(
            "At least one of the ids must be given; of both, they must denote the same job. What belongs to another \
             integration is not found.",
        ))
        .security(with_token())
        .parameter(query("external_job_id", "The id under which the job was imported.", id, "BATCH-2026-03-09-A"))
        .parameter(query("job_id", "RouteMate's id of the job.", schemas::id(), examples::JOB_ID))
        .parameter(query("expand", "`stops` shows everything that was said of each stop.", schemas::expand(), "stops"))
        .response("200", ok);
    answers(operation, refusals.filter_map(|rejection| says(&rejection))).build()
}

fn rejections() -> Vec<Rejection> {
    about_any_call().into_iter().chain(about_callers()).collect()
}

fn import_body() -> RequestBody {
    RequestBodyBuilder::new()
        .required(Some(Required::True))
        .content(JSON, body("ImportRequest", examples::import_request()))
        .build()
}

fn query(name: &str, text: &str, schema: ObjectBuilder, example: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(text))
        .schema(Some(schema.build()))
        .example(Some(json!(example)))
        .build()
}

fn link(operation: &str, parameter: &str, expression: &str) -> Link {
    Link::builder().operation_id(operation).parameter(parameter, expression).build()
}

fn body(schema: &str, example: Value) -> Content {
    ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).example(Some(example)).build()
}

/// RFC 6749 §5.1.
fn uncached(response: ResponseBuilder) -> ResponseBuilder {
    let text = |value: &str| ObjectBuilder::new().schema_type(Type::String).enum_values(Some([value]));
    response
        .header("Cache-Control", header("Nobody keeps a token.", text("no-store")))
        .header("Pragma", header("Nobody keeps a token.", text("no-cache")))
}

#[cfg(test)]
mod tests;
