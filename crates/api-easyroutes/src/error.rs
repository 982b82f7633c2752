//! The only place that knows how refusals look on this dialect: as grpc-gateway writes a `google.rpc.Status`
//! (<https://github.com/grpc-ecosystem/grpc-gateway/blob/main/runtime/errors.go>): gRPC's number of the code, a message,
//! and no details.
//!
//! Statuses are HTTP's own where grpc-gateway has none that fits: a wrong method is 405 and not 501, a state that does not
//! allow what was asked for 409 and not 400.

use std::borrow::Cow;

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use routemate_app::{ErrorKind, Problem, Unauthenticated};
use routemate_http::openapi::Said;
use routemate_http::{Code, ProblemDetails, Rejection, allow, json, wants_problem_json};

use crate::types::Status;

/// gRPC's numbers (<https://github.com/grpc/grpc/blob/master/doc/statuscodes.md>).
mod number {
    pub(super) const INVALID_ARGUMENT: i32 = 3;
    pub(super) const DEADLINE_EXCEEDED: i32 = 4;
    pub(super) const NOT_FOUND: i32 = 5;
    pub(super) const ALREADY_EXISTS: i32 = 6;
    pub(super) const PERMISSION_DENIED: i32 = 7;
    pub(super) const RESOURCE_EXHAUSTED: i32 = 8;
    pub(super) const FAILED_PRECONDITION: i32 = 9;
    pub(super) const ABORTED: i32 = 10;
    pub(super) const UNIMPLEMENTED: i32 = 12;
    pub(super) const INTERNAL: i32 = 13;
    pub(super) const UNAVAILABLE: i32 = 14;
    pub(super) const UNAUTHENTICATED: i32 = 16;
}

/// gRPC's number for a code.
const fn grpc_number(code: Code) -> i32 {
    match code {
        Code::ValidationError | Code::InvalidRequest | Code::BodyBroken | Code::OriginRefused | Code::BodyTooLarge => {
            number::INVALID_ARGUMENT
        }
        Code::MissingToken | Code::InvalidToken | Code::InvalidCredentials | Code::InvalidSignature => {
            number::UNAUTHENTICATED
        }
        Code::IntegrationDisabled | Code::HttpsRequired => number::PERMISSION_DENIED,
        Code::NotFound => number::NOT_FOUND,
        Code::MethodNotAllowed => number::UNIMPLEMENTED,
        Code::BodyStalled => number::DEADLINE_EXCEEDED,
        Code::ExternalJobIdTaken | Code::DriverEmailTaken => number::ALREADY_EXISTS,
        Code::Refused => number::FAILED_PRECONDITION,
        Code::VersionChanged => number::ABORTED,
        Code::KeyReused => number::INVALID_ARGUMENT,
        Code::RateLimitExceeded => number::RESOURCE_EXHAUSTED,
        Code::InternalError => number::INTERNAL,
        Code::Unavailable => number::UNAVAILABLE,
    }
}

/// The answer to a refused request.
pub(crate) fn answer(req: &HttpRequest, rejection: Rejection) -> HttpResponse {
    let (code, message) = face(&rejection);
    let mut response = match wants_problem_json(req) {
        true => problem(&rejection).into_response(),
        false => json(code.status(), &status(code, message)),
    };
    if let Some(seconds) = retry_after(&rejection) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(challenge) = challenge(code) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    if let Rejection::MethodNotAllowed { allow: methods } = &rejection {
        response = allow(response, methods);
    }
    rejection.logged_with(response)
}

/// What [`answer`] says, for documents.
pub(crate) fn says(rejection: &Rejection) -> Option<Said> {
    let (code, message) = face(rejection);
    // Writing text and numbers cannot fail.
    let body = serde_json::to_value(status(code, message.clone())).unwrap_or_default();
    let details = serde_json::to_value(problem(rejection)).unwrap_or_default();
    Some(Said {
        code,
        message: message.into_owned(),
        bodies: vec![
            ("application/json", "EasyRoutes.Status", body),
            ("application/problem+json", "ProblemDetails", details),
        ],
        headers: Vec::new(),
    })
}

fn status(code: Code, message: Cow<'static, str>) -> Status {
    Status { code: grpc_number(code), message: message.into_owned(), details: Vec::new() }
}

fn problem(rejection: &Rejection) -> ProblemDetails {
    let (code, detail) = face(rejection);
    let problems: &[Problem] = match rejection {
        Rejection::App(error) => match error.kind() {
            ErrorKind::Invalid(problems) => problems,
            _ => &[],
        },
        _ => &[],
    };
    ProblemDetails::new(code, detail).with_retry_after(retry_after(rejection)).with_errors(problems)
}

const fn challenge(code: Code) -> Option<&'static str> {
    match code {
        Code::MissingToken | Code::InvalidCredentials => Some("Bearer"),
        Code::InvalidToken => Some("Bearer error=\"invalid_token\""),
        _ => None,
    }
}

fn retry_after(rejection: &Rejection) -> Option<u32> {
    match rejection {
        Rejection::App(error) => match error.kind() {
            ErrorKind::TooMany { retry_after, .. } | ErrorKind::Unavailable { retry_after } => {
                Some(retry_after.get().max(1))
            }
            _ => None,
        },
        _ => None,
    }
}

fn face(rejection: &Rejection) -> (Code, Cow<'static, str>) {
    let (code, message) = match rejection {
        Rejection::App(error) => return app_face(error.kind()),
        Rejection::HttpsRequired => (Code::HttpsRequired, "HTTPS is required"),
        Rejection::BodyTooLarge => (Code::BodyTooLarge, "the request body is too large"),
        Rejection::BodyBroken => (Code::BodyBroken, "the request body is incomplete"),
        Rejection::BodyStalled => (Code::BodyStalled, "the request body was not received in time"),
        Rejection::UnknownPath => (Code::NotFound, "Not Found"),
        Rejection::MethodNotAllowed { .. } => (Code::MethodNotAllowed, "Method Not Allowed"),
    };
    (code, Cow::Borrowed(message))
}

fn app_face(kind: &ErrorKind) -> (Code, Cow<'static, str>) {
    let (code, message) = match kind {
        ErrorKind::Invalid(problems) => {
            let sentences: Vec<_> = problems.iter().map(Problem::to_string).collect();
            return (Code::ValidationError, Cow::Owned(sentences.join("; ")));
        }
        ErrorKind::Refused(refusal) => return (Code::Refused, Cow::Owned(refusal.to_string())),
        ErrorKind::NotFound(noun) => {
            return (Code::NotFound, Cow::Owned(format!("{} not found", noun.as_str().to_lowercase())));
        }
        ErrorKind::Changed(noun) => {
            return (Code::VersionChanged, Cow::Owned(format!("{} has changed", noun.as_str().to_lowercase())));
        }
        ErrorKind::KeyReused => (Code::KeyReused, "the idempotency key was used for another request"),
        ErrorKind::DriverEmailTaken(_) => (Code::DriverEmailTaken, "a driver has this e-mail address"),
        ErrorKind::ExternalJobIdTaken(_) => (Code::ExternalJobIdTaken, "the external job id is taken"),
        ErrorKind::Unauthenticated(Unauthenticated::MissingToken) => (Code::MissingToken, "missing bearer token"),
        ErrorKind::Unauthenticated(Unauthenticated::InvalidToken) => {
            (Code::InvalidToken, "invalid or expired access token")
        }
        ErrorKind::Unauthenticated(Unauthenticated::InvalidCredentials) => {
            (Code::InvalidCredentials, "invalid client id or client secret")
        }
        // What only our own paths ask for.
        ErrorKind::Unauthenticated(Unauthenticated::InvalidSignature) => (Code::InvalidSignature, "invalid signature"),
        ErrorKind::Disabled => (Code::IntegrationDisabled, "the integration has been disabled"),
        ErrorKind::TooMany { .. } => (Code::RateLimitExceeded, "rate limit exceeded"),
        ErrorKind::Unavailable { .. } => (Code::Unavailable, "service temporarily unavailable"),
        ErrorKind::Internal => (Code::InternalError, "internal server error"),
    };
    (code, Cow::Borrowed(message))
}

#[cfg(test)]
mod tests;
