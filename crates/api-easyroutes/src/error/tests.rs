use actix_web::body::to_bytes;
use actix_web::test::TestRequest;
use routemate_app::Noun;
use routemate_domain::Refusal;
use routemate_http::header_text;
use routemate_units::Seconds;
use serde_json::{Value, json};

use super::*;

async fn told(rejection: Rejection) -> (u16, Value, HttpResponse<()>) {
    let response = answer(&TestRequest::default().to_http_request(), rejection);
    assert_eq!(header_text(response.headers(), header::CONTENT_TYPE), Some("application/json"));
    let (parts, body) = response.into_parts();
    let body = to_bytes(body).await.expect("a body");
    (parts.status().as_u16(), serde_json::from_slice(&body).expect("JSON"), parts)
}

async fn check(rejection: impl Into<Rejection>, status: u16, code: i32, message: &str) {
    let (told_status, body, _) = told(rejection.into()).await;
    assert_eq!((told_status, body), (status, json!({ "code": code, "message": message, "details": [] })), "{message}");
}

#[actix_web::test]
async fn every_refusal_has_its_number() {
    let problems = vec![
        Problem::new("stops[2].items[0].quantity", "must be at least 0"),
        Problem::new("stops[3].address", "or coordinates is required"),
    ];
    let message = "stops[2].items[0].quantity must be at least 0; stops[3].address or coordinates is required";
    check(ErrorKind::Invalid(problems), 400, 3, message).await;
    check(ErrorKind::Unauthenticated(Unauthenticated::MissingToken), 401, 16, "missing bearer token").await;
    check(ErrorKind::Unauthenticated(Unauthenticated::InvalidToken), 401, 16, "invalid or expired access token").await;
    let wrong = ErrorKind::Unauthenticated(Unauthenticated::InvalidCredentials);
    check(wrong, 401, 16, "invalid client id or client secret").await;
    check(ErrorKind::Disabled, 403, 7, "the integration has been disabled").await;
    check(Rejection::HttpsRequired, 403, 7, "HTTPS is required").await;
    check(ErrorKind::NotFound(Noun::ImportedStop), 404, 5, "imported stop not found").await;
    check(Rejection::UnknownPath, 404, 5, "Not Found").await;
    check(Rejection::MethodNotAllowed { allow: "GET, HEAD".into() }, 405, 12, "Method Not Allowed").await;
    check(Rejection::BodyStalled, 408, 4, "the request body was not received in time").await;
    let refusal = Refusal { noun: "a route", state: "completed", action: "assign" };
    check(ErrorKind::Refused(refusal), 409, 9, "cannot assign a route that is `completed`").await;
    check(Rejection::BodyTooLarge, 413, 3, "the request body is too large").await;
    check(Rejection::BodyBroken, 400, 3, "the request body is incomplete").await;
    let limited = ErrorKind::TooMany { retry_after: Seconds::new(7), limit: 600 };
    check(limited, 429, 8, "rate limit exceeded").await;
    check(ErrorKind::Internal, 500, 13, "internal server error").await;
    check(ErrorKind::Unavailable { retry_after: Seconds::new(1) }, 503, 14, "service temporarily unavailable").await;
}

#[actix_web::test]
async fn headers_go_with_their_refusals() {
    let (_, _, limited) = told(ErrorKind::TooMany { retry_after: Seconds::new(7), limit: 600 }.into()).await;
    assert_eq!(header_text(limited.headers(), header::RETRY_AFTER), Some("7"));
    let (_, _, method) = told(Rejection::MethodNotAllowed { allow: "GET, HEAD".into() }).await;
    assert_eq!(header_text(method.headers(), header::ALLOW), Some("GET, HEAD"));
    for (why, challenge) in [
        (Unauthenticated::MissingToken, "Bearer"),
        (Unauthenticated::InvalidToken, "Bearer error=\"invalid_token\""),
        (Unauthenticated::InvalidCredentials, "Bearer"),
    ] {
        let (_, _, unknown) = told(ErrorKind::Unauthenticated(why).into()).await;
        assert_eq!(header_text(unknown.headers(), header::WWW_AUTHENTICATE), Some(challenge));
    }
}

#[actix_web::test]
async fn who_asks_for_problems_gets_them() {
    let req = TestRequest::default().insert_header(("accept", "application/problem+json")).to_http_request();
    let response = answer(&req, ErrorKind::Invalid(vec![Problem::new("cursor", "is old")]).into());
    assert_eq!(header_text(response.headers(), header::CONTENT_TYPE), Some("application/problem+json"));
    let body: Value = serde_json::from_slice(&to_bytes(response.into_body()).await.expect("a body")).expect("JSON");
    assert_eq!(body["errors"], json!([{ "path": "cursor", "detail": "cursor is old" }]));
}
