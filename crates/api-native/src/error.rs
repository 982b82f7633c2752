//! The only place that knows how refusals look on our own paths: RFC 9457 problems.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use routemate_app::{ErrorKind, Problem, Unauthenticated};
use routemate_http::openapi::Said;
use routemate_http::{Code, ProblemDetails, Rejection, allow};

/// The answer to a refused request.
pub(crate) fn answer(rejection: Rejection) -> HttpResponse {
    let mut response = problem(&rejection).into_response();
    if let Some(seconds) = retry_after(&rejection) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(challenge) = challenge(&rejection) {
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
    let body = serde_json::to_value(problem(rejection)).unwrap_or_default();
    Some(Said {
        code,
        message,
        bodies: vec![("application/problem+json", "ProblemDetails", body)],
        headers: Vec::new(),
    })
}

fn problem(rejection: &Rejection) -> ProblemDetails {
    let (code, detail) = face(rejection);
    let problems: Vec<Problem> = problems(rejection).iter().map(spelled).collect();
    ProblemDetails::new(code, detail).with_retry_after(retry_after(rejection)).with_errors(&problems)
}

/// A problem with its path in our own spelling: use cases name some fields as the EasyRoutes API does.
fn spelled(problem: &Problem) -> Problem {
    let mut path = String::with_capacity(problem.path.len());
    for letter in problem.path.chars() {
        if letter.is_ascii_uppercase() && path.ends_with(|before: char| before.is_ascii_lowercase()) {
            path.push('_');
            path.push(letter.to_ascii_lowercase());
        } else {
            path.push(letter);
        }
    }
    Problem { path, message: problem.message.clone() }
}

/// The status of a refusal, for pages too.
pub(crate) fn status(rejection: &Rejection) -> StatusCode {
    face(rejection).0.status()
}

/// When to come again, in seconds.
pub(crate) fn retry_after(rejection: &Rejection) -> Option<u32> {
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

fn face(rejection: &Rejection) -> (Code, String) {
    let (code, detail) = match rejection {
        Rejection::App(error) => return app_face(error.kind()),
        Rejection::HttpsRequired => (Code::HttpsRequired, "HTTPS is required"),
        Rejection::BodyTooLarge => (Code::BodyTooLarge, "The request body is too large"),
        Rejection::BodyBroken => (Code::BodyBroken, "The request body is incomplete"),
        Rejection::BodyStalled => (Code::BodyStalled, "The request body was not received in time"),
        Rejection::UnknownPath => (Code::NotFound, "There is nothing at this path"),
        Rejection::MethodNotAllowed { .. } => (Code::MethodNotAllowed, "The method is not allowed at this path"),
    };
    (code, detail.to_owned())
}

fn app_face(kind: &ErrorKind) -> (Code, String) {
    let (code, detail) = match kind {
        ErrorKind::Invalid(_) => (Code::ValidationError, "The request is not valid"),
        ErrorKind::Unauthenticated(Unauthenticated::MissingToken) => (Code::MissingToken, "A bearer token is required"),
        ErrorKind::Unauthenticated(Unauthenticated::InvalidToken) => {
            (Code::InvalidToken, "The token is invalid or has expired")
        }
        ErrorKind::Unauthenticated(Unauthenticated::InvalidCredentials) => {
            (Code::InvalidCredentials, "The credentials are invalid")
        }
        ErrorKind::Unauthenticated(Unauthenticated::InvalidSignature) => {
            (Code::InvalidSignature, "No connected shop has signed this")
        }
        ErrorKind::Disabled => (Code::IntegrationDisabled, "The integration has been disabled"),
        ErrorKind::NotFound(noun) => {
            return (Code::NotFound, format!("{} not found", noun.as_str()));
        }
        ErrorKind::ExternalJobIdTaken(_) => (Code::ExternalJobIdTaken, "The external job id is taken"),
        ErrorKind::DriverEmailTaken(driver) => {
            return (Code::DriverEmailTaken, format!("Driver {driver} has this e-mail address"));
        }
        ErrorKind::Refused(refusal) => return (Code::Refused, refusal.to_string()),
        ErrorKind::Changed(noun) => {
            return (Code::VersionChanged, format!("{} has changed", noun.as_str()));
        }
        ErrorKind::KeyReused => (Code::KeyReused, "The idempotency key was used for another request"),
        ErrorKind::TooMany { .. } => (Code::RateLimitExceeded, "The rate limit is exceeded"),
        ErrorKind::Unavailable { .. } => (Code::Unavailable, "The service is temporarily unavailable"),
        ErrorKind::Internal => (Code::InternalError, "Something went wrong on our side"),
    };
    (code, detail.to_owned())
}

fn problems(rejection: &Rejection) -> &[Problem] {
    match rejection {
        Rejection::App(error) => match error.kind() {
            ErrorKind::Invalid(problems) => problems,
            _ => &[],
        },
        _ => &[],
    }
}

fn challenge(rejection: &Rejection) -> Option<&'static str> {
    match rejection {
        Rejection::App(error) => match error.kind() {
            ErrorKind::Unauthenticated(Unauthenticated::MissingToken) => Some("Bearer"),
            ErrorKind::Unauthenticated(Unauthenticated::InvalidSignature) => Some("Shopify-Hmac-Sha256"),
            ErrorKind::Unauthenticated(_) => Some("Bearer error=\"invalid_token\""),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;
    use routemate_app::{Error, Noun};
    use routemate_http::header_text;
    use routemate_units::Seconds;
    use serde_json::Value;

    use super::*;

    async fn check(rejection: impl Into<Rejection>, status: u16, code: &str, expected: Option<(&str, &str)>) {
        let response = answer(rejection.into());
        let headers = response.headers().clone();
        assert_eq!(response.status().as_u16(), status, "{code}");
        assert_eq!(header_text(&headers, "content-type"), Some("application/problem+json"), "{code}");
        if let Some((name, value)) = expected {
            assert_eq!(header_text(&headers, name), Some(value), "{code}");
        }
        let body: Value = serde_json::from_slice(&to_bytes(response.into_body()).await.expect("a body")).expect("JSON");
        assert_eq!((&body["status"], &body["code"]), (&Value::from(status), &Value::from(code)));
    }

    #[test]
    fn paths_are_in_our_own_spelling() {
        for (path, expected) in [
            ("stops[0].importedStopId", "stops[0].imported_stop_id"),
            ("stops[0].imported_stop_id", "stops[0].imported_stop_id"),
            ("Idempotency-Key", "Idempotency-Key"),
        ] {
            assert_eq!(spelled(&Problem::new(path, "is not known")).path, expected);
        }
    }

    #[actix_web::test]
    async fn refusals_are_problems_with_their_headers() {
        let invalid = ErrorKind::Unauthenticated(Unauthenticated::InvalidToken);
        let missing = ErrorKind::Unauthenticated(Unauthenticated::MissingToken);
        let limited = ErrorKind::TooMany { retry_after: Seconds::new(9), limit: 60 };
        check(invalid, 401, "invalid_token", Some(("www-authenticate", "Bearer error=\"invalid_token\""))).await;
        check(missing, 401, "missing_token", Some(("www-authenticate", "Bearer"))).await;
        let unsigned = ErrorKind::Unauthenticated(Unauthenticated::InvalidSignature);
        check(unsigned, 401, "invalid_signature", Some(("www-authenticate", "Shopify-Hmac-Sha256"))).await;
        check(ErrorKind::Disabled, 403, "integration_disabled", None).await;
        check(ErrorKind::NotFound(Noun::Job), 404, "not_found", None).await;
        check(limited, 429, "rate_limit_exceeded", Some(("retry-after", "9"))).await;
        check(Error::internal("fire"), 500, "internal_error", None).await;
        let method = Rejection::MethodNotAllowed { allow: "GET, HEAD".into() };
        check(method, 405, "method_not_allowed", Some(("allow", "GET, HEAD"))).await;
    }
}
