//! The only place that knows how refusals look on the wire: an object for validation, a text for everything else.

use std::borrow::Cow;

use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{StatusCode, header::RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse};
use routemate_app::{ErrorKind, Problem, Unauthenticated};
use routemate_http::openapi::Said;
use routemate_http::{Code, ErrorText, ProblemDetails, Rejection, allow, json, wants_problem_json};
use serde::Serialize;
use serde_json::Value;

use crate::dto::{TokenError, ValidationBody, ValidationProblems};
use crate::token::{Style, TokenFault};
use crate::view::job_location;

const EXISTING_JOB: HeaderName = HeaderName::from_static("x-existing-job-id");

/// Why there is no token.
#[derive(Debug)]
pub(crate) enum TokenRefusal {
    /// The request is not well-formed.
    Fault(TokenFault),
    /// What stands behind it said no.
    Rejected(Rejection),
}

impl<R: Into<Rejection>> From<R> for TokenRefusal {
    fn from(rejection: R) -> Self {
        Self::Rejected(rejection.into())
    }
}

/// What a refusal says, before it is known in which form.
struct Face {
    code: Code,
    message: Cow<'static, str>,
    problems: Vec<Problem>,
    retry_after: Option<u32>,
}

/// The answer to a refused request. `public_url` is where the job is that has the id already.
pub(crate) fn answer(req: &HttpRequest, public_url: &str, rejection: Rejection) -> HttpResponse {
    let face = face(&rejection);
    let mut response = if wants_problem_json(req) { problem(&face) } else { documented(&face) };
    add_headers(&mut response, &face, &rejection, public_url);
    rejection.logged_with(response)
}

/// The answer to a refused token request: never with an object as `error`.
pub(crate) fn token_answer(req: &HttpRequest, style: Style, refusal: TokenRefusal) -> HttpResponse {
    let (face, oauth_code, rejection) = match refusal {
        TokenRefusal::Fault(fault) => {
            let (face, code) = fault_face(&fault);
            (face, Some(code), None)
        }
        TokenRefusal::Rejected(rejection) => (token_face(&rejection), oauth_code(&rejection), Some(rejection)),
    };
    let mut response = match (style, oauth_code) {
        _ if wants_problem_json(req) => problem(&face),
        (Style::OAuth | Style::OAuthBasic, Some(code)) => json(face.status(), &oauth_body(&face, code)),
        _ => text(&face),
    };
    if style == Style::OAuthBasic && face.status() == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Basic realm=\"RouteMate\", charset=\"UTF-8\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    insert_retry_after(&mut response, &face);
    match rejection {
        Some(rejection) => rejection.logged_with(response),
        None => response,
    }
}

impl Face {
    fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), problems: Vec::new(), retry_after: None }
    }

    fn validation(problems: Vec<Problem>) -> Self {
        let message = "The request is not valid";
        Self { problems, ..Self::new(Code::ValidationError, message) }
    }

    const fn status(&self) -> StatusCode {
        self.code.status()
    }

    fn after(self, seconds: u32) -> Self {
        Self { retry_after: Some(seconds.max(1)), ..self }
    }
}

fn face(rejection: &Rejection) -> Face {
    match rejection {
        Rejection::App(error) => app_face(error.kind()),
        Rejection::HttpsRequired => Face::new(Code::HttpsRequired, "HTTPS is required"),
        Rejection::BodyTooLarge => Face::new(Code::BodyTooLarge, "Request body too large"),
        Rejection::BodyBroken => Face::validation(vec![Problem::new("body", "is incomplete")]),
        Rejection::BodyStalled => Face::new(Code::BodyStalled, "Request body was not received in time"),
        Rejection::UnknownPath => Face::new(Code::NotFound, "Not found"),
        Rejection::MethodNotAllowed { .. } => Face::new(Code::MethodNotAllowed, "Method not allowed"),
    }
}

fn app_face(kind: &ErrorKind) -> Face {
    match kind {
        ErrorKind::Invalid(problems) => Face::validation(problems.clone()),
        ErrorKind::ExternalJobIdTaken(_) => Face::validation(vec![Problem::new("external_job_id", "already exists")]),
        ErrorKind::Refused(refusal) => Face::validation(vec![Problem::new("request", refusal)]),
        // What only our own paths ask for; here nothing names a version, and keys are replayed.
        ErrorKind::Changed(_) => Face::new(Code::VersionChanged, "The job has changed"),
        ErrorKind::DriverEmailTaken(_) => Face::new(Code::DriverEmailTaken, "A driver has this e-mail address"),
        ErrorKind::KeyReused => Face::new(Code::KeyReused, "The idempotency key was used for another request"),
        ErrorKind::Unauthenticated(why) => {
            let (code, message) = match why {
                Unauthenticated::MissingToken => (Code::MissingToken, "Missing bearer token"),
                Unauthenticated::InvalidToken => (Code::InvalidToken, "Invalid or expired token"),
                Unauthenticated::InvalidCredentials => (Code::InvalidCredentials, "Invalid credentials"),
                // What only our own paths ask for.
                Unauthenticated::InvalidSignature => (Code::InvalidSignature, "Invalid signature"),
            };
            Face::new(code, message)
        }
        ErrorKind::Disabled => Face::new(Code::IntegrationDisabled, "Integration has been disabled"),
        ErrorKind::NotFound(noun) => Face::new(Code::NotFound, format!("{} not found", noun.as_str())),
        ErrorKind::TooMany { retry_after, .. } => {
            Face::new(Code::RateLimitExceeded, "Rate limit exceeded").after(retry_after.get())
        }
        ErrorKind::Unavailable { retry_after } => {
            Face::new(Code::Unavailable, "Service temporarily unavailable").after(retry_after.get())
        }
        ErrorKind::Internal => Face::new(Code::InternalError, "Internal server error"),
    }
}

/// Validation has no object form on the token endpoint.
fn token_face(rejection: &Rejection) -> Face {
    let mut face = face(rejection);
    if let Some(first) = face.problems.first() {
        face.message = Cow::Owned(first.to_string());
        face.problems.clear();
    }
    face
}

/// How a malformed token request looks, and RFC 6749's word for it.
fn fault_face(fault: &TokenFault) -> (Face, &'static str) {
    let (code, oauth_code) = match fault {
        TokenFault::MalformedBasic => (Code::InvalidCredentials, "invalid_client"),
        TokenFault::UnsupportedGrantType => (Code::InvalidRequest, "unsupported_grant_type"),
        TokenFault::Missing | TokenFault::NotText | TokenFault::Malformed(_) | TokenFault::InvalidRequest(_) => {
            (Code::InvalidRequest, "invalid_request")
        }
    };
    (Face::new(code, fault.to_string()), oauth_code)
}

/// RFC 6749's word, where it has one.
const fn oauth_code(rejection: &Rejection) -> Option<&'static str> {
    match rejection {
        Rejection::App(error) => match error.kind() {
            ErrorKind::Unauthenticated(_) => Some("invalid_client"),
            ErrorKind::Disabled => Some("unauthorized_client"),
            _ => None,
        },
        _ => None,
    }
}

fn documented(face: &Face) -> HttpResponse {
    if face.problems.is_empty() {
        return text(face);
    }
    json(face.status(), &validation_body(face))
}

fn text(face: &Face) -> HttpResponse {
    json(face.status(), &text_body(face))
}

fn problem(face: &Face) -> HttpResponse {
    problem_body(face).into_response()
}

fn validation_body(face: &Face) -> ValidationBody {
    let messages = face.problems.iter().map(Problem::to_string).collect();
    ValidationBody { error: ValidationProblems { code: "VALIDATION_ERROR", messages } }
}

fn text_body(face: &Face) -> ErrorText<'_> {
    ErrorText { error: &face.message, retry_after_seconds: face.retry_after }
}

fn oauth_body<'f>(face: &'f Face, code: &'f str) -> TokenError<'f> {
    TokenError { error: code, error_description: Some(&face.message), retry_after_seconds: face.retry_after }
}

fn problem_body(face: &Face) -> ProblemDetails {
    ProblemDetails::new(face.code, face.message.clone()).with_retry_after(face.retry_after).with_errors(&face.problems)
}

/// What [`answer`] says, for documents.
pub(crate) fn says(rejection: &Rejection) -> Option<Said> {
    let face = face(rejection);
    let documented = match face.problems.is_empty() {
        true => ("application/json", "ErrorText", value(&text_body(&face))),
        false => ("application/json", "ValidationBody", value(&validation_body(&face))),
    };
    let headers = match rejection {
        Rejection::App(error) if matches!(error.kind(), ErrorKind::ExternalJobIdTaken(_)) => vec![
            ("Location", "Where the job is that has the external id already."),
            ("X-Existing-Job-Id", "The id of the job that has the external id already."),
        ],
        _ => Vec::new(),
    };
    Some(said(&face, documented, headers))
}

/// What [`token_answer`] says in the documented style, for documents.
pub(crate) fn token_says(refusal: &TokenRefusal) -> Said {
    let face = match refusal {
        TokenRefusal::Fault(fault) => fault_face(fault).0,
        TokenRefusal::Rejected(rejection) => token_face(rejection),
    };
    said(&face, ("application/json", "TokenError", value(&text_body(&face))), Vec::new())
}

/// The same as RFC 6749 §5.2 has it, where it has a word for it.
pub(crate) fn oauth_says(refusal: &TokenRefusal) -> Option<Said> {
    let (face, code) = match refusal {
        TokenRefusal::Fault(fault) => fault_face(fault),
        TokenRefusal::Rejected(rejection) => (token_face(rejection), oauth_code(rejection)?),
    };
    let body = value(&oauth_body(&face, code));
    Some(said(&face, ("application/json", "TokenError", body), Vec::new()))
}

type Body = (&'static str, &'static str, Value);

fn said(face: &Face, documented: Body, headers: Vec<(&'static str, &'static str)>) -> Said {
    let problem = ("application/problem+json", "ProblemDetails", value(&problem_body(face)));
    Said { code: face.code, message: face.message.clone().into_owned(), bodies: vec![documented, problem], headers }
}

fn value(body: &impl Serialize) -> Value {
    serde_json::to_value(body).unwrap_or_default()
}

fn add_headers(response: &mut HttpResponse, face: &Face, rejection: &Rejection, public_url: &str) {
    insert_retry_after(response, face);
    let kind = match rejection {
        Rejection::App(error) => error.kind(),
        Rejection::MethodNotAllowed { allow: methods } => {
            *response = allow(std::mem::replace(response, HttpResponse::Ok().finish()), methods);
            return;
        }
        _ => return,
    };
    match kind {
        ErrorKind::Unauthenticated(why) => {
            let challenge = match why {
                Unauthenticated::MissingToken => "Bearer",
                Unauthenticated::InvalidToken
                | Unauthenticated::InvalidCredentials
                | Unauthenticated::InvalidSignature => "Bearer error=\"invalid_token\"",
            };
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        ErrorKind::ExternalJobIdTaken(job) => {
            insert_text(response, header::LOCATION, job_location(public_url, *job));
            insert_text(response, EXISTING_JOB, job.to_string());
        }
        _ => {}
    }
}

fn insert_retry_after(response: &mut HttpResponse, face: &Face) {
    if let Some(seconds) = face.retry_after {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
}

fn insert_text(response: &mut HttpResponse, name: HeaderName, text: String) {
    if let Ok(value) = HeaderValue::try_from(text) {
        response.headers_mut().insert(name, value);
    }
}

#[cfg(test)]
mod tests;
