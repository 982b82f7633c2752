//! The only place that knows how refusals look on the wire: an object for validation, a text for everything else.

use std::borrow::Cow;

use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{StatusCode, header::RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse};
use routemate_app::{ErrorKind, Problem, Unauthenticated};
use routemate_http::{ProblemDetails, Rejection, allow, json, wants_problem_json};
use serde_json::json;

use crate::token::{Style, TokenFault};
use crate::view::job_location;

const EXISTING_JOB: HeaderName = HeaderName::from_static("x-existing-job-id");
const VALIDATION: &str = "VALIDATION_ERROR";

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
    status: StatusCode,
    code: &'static str,
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
            let (status, code) = fault_status(&fault);
            let message = Cow::Owned(fault.to_string());
            (Face::new(status, "invalid_request", message), Some(code), None)
        }
        TokenRefusal::Rejected(rejection) => (token_face(&rejection), oauth_code(&rejection), Some(rejection)),
    };
    let mut response = match (style, oauth_code) {
        _ if wants_problem_json(req) => problem(&face),
        (Style::OAuth | Style::OAuthBasic, Some(code)) => {
            json(face.status, &json!({"error": code, "error_description": face.message}))
        }
        _ => text(&face),
    };
    if style == Style::OAuthBasic && face.status == StatusCode::UNAUTHORIZED {
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
    fn new(status: StatusCode, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, message: message.into(), problems: Vec::new(), retry_after: None }
    }

    fn validation(problems: Vec<Problem>) -> Self {
        let message = "The request is not valid";
        Self { problems, ..Self::new(StatusCode::BAD_REQUEST, "validation_error", message) }
    }

    fn after(self, seconds: u32) -> Self {
        Self { retry_after: Some(seconds.max(1)), ..self }
    }
}

fn face(rejection: &Rejection) -> Face {
    match rejection {
        Rejection::App(error) => app_face(error.kind()),
        Rejection::HttpsRequired => Face::new(StatusCode::FORBIDDEN, "https_required", "HTTPS is required"),
        Rejection::BodyTooLarge => Face::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "Request body too large"),
        Rejection::BodyBroken => Face::validation(vec![Problem::new("body", "is incomplete")]),
        Rejection::BodyStalled => {
            Face::new(StatusCode::REQUEST_TIMEOUT, "body_stalled", "Request body was not received in time")
        }
        Rejection::UnknownPath => Face::new(StatusCode::NOT_FOUND, "not_found", "Not found"),
        Rejection::MethodNotAllowed { .. } => {
            Face::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed")
        }
    }
}

fn app_face(kind: &ErrorKind) -> Face {
    match kind {
        ErrorKind::Invalid(problems) => Face::validation(problems.clone()),
        ErrorKind::ExternalJobIdTaken(_) => Face::validation(vec![Problem::new("external_job_id", "already exists")]),
        ErrorKind::Refused(refusal) => Face::validation(vec![Problem::new("request", refusal)]),
        ErrorKind::Unauthenticated(why) => {
            let (code, message) = match why {
                Unauthenticated::MissingToken => ("missing_token", "Missing bearer token"),
                Unauthenticated::InvalidToken => ("invalid_token", "Invalid or expired token"),
                Unauthenticated::InvalidCredentials => ("invalid_credentials", "Invalid credentials"),
            };
            Face::new(StatusCode::UNAUTHORIZED, code, message)
        }
        ErrorKind::Disabled => {
            Face::new(StatusCode::FORBIDDEN, "integration_disabled", "Integration has been disabled")
        }
        ErrorKind::NotFound(noun) => {
            Face::new(StatusCode::NOT_FOUND, "not_found", format!("{} not found", noun.as_str()))
        }
        ErrorKind::TooMany { retry_after, .. } => {
            Face::new(StatusCode::TOO_MANY_REQUESTS, "rate_limit_exceeded", "Rate limit exceeded")
                .after(retry_after.get())
        }
        ErrorKind::Unavailable { retry_after } => {
            Face::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Service temporarily unavailable")
                .after(retry_after.get())
        }
        ErrorKind::Internal => Face::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "Internal server error"),
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

const fn fault_status(fault: &TokenFault) -> (StatusCode, &'static str) {
    match fault {
        TokenFault::MalformedBasic => (StatusCode::UNAUTHORIZED, "invalid_client"),
        TokenFault::UnsupportedGrantType => (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
        TokenFault::Missing | TokenFault::NotText | TokenFault::Malformed(_) | TokenFault::InvalidRequest(_) => {
            (StatusCode::BAD_REQUEST, "invalid_request")
        }
    }
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
    let messages: Vec<_> = face.problems.iter().map(Problem::to_string).collect();
    json(face.status, &json!({"error": {"code": VALIDATION, "messages": messages}}))
}

fn text(face: &Face) -> HttpResponse {
    match face.retry_after {
        Some(seconds) => json(face.status, &json!({"error": face.message, "retry_after_seconds": seconds})),
        None => json(face.status, &json!({"error": face.message})),
    }
}

fn problem(face: &Face) -> HttpResponse {
    ProblemDetails::new(face.status, face.code, face.message.clone())
        .with_retry_after(face.retry_after)
        .with_errors(&face.problems)
        .into_response()
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
                Unauthenticated::InvalidToken | Unauthenticated::InvalidCredentials => "Bearer error=\"invalid_token\"",
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
