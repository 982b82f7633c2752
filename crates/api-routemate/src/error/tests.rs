use actix_web::body::to_bytes;
use actix_web::test::TestRequest;
use routemate_app::{Error, Noun};
use routemate_domain::JobId;
use routemate_http::header_text;
use routemate_http::openapi::{about_any_call, about_bodies, about_callers};
use routemate_units::Seconds;
use serde_json::{Value, json};

use super::*;

const URL: &str = "https://routes.example";
const ID: &str = "e7ad097b-bc51-4d01-9b04-0e372d80613a";

async fn told(response: HttpResponse) -> (u16, String, header::HeaderMap) {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = to_bytes(response.into_body()).await.expect("a body");
    (status, String::from_utf8(body.to_vec()).expect("text"), headers)
}

async fn told_of(rejection: impl Into<Rejection>) -> (u16, String, header::HeaderMap) {
    let req = TestRequest::default().to_http_request();
    told(answer(&req, URL, rejection.into())).await
}

#[actix_web::test]
async fn refusals_are_texts() {
    for (rejection, status, body) in [
        (
            ErrorKind::Unauthenticated(Unauthenticated::InvalidToken).into(),
            401,
            r#"{"error":"Invalid or expired token"}"#,
        ),
        (ErrorKind::Unauthenticated(Unauthenticated::MissingToken).into(), 401, r#"{"error":"Missing bearer token"}"#),
        (ErrorKind::Disabled.into(), 403, r#"{"error":"Integration has been disabled"}"#),
        (Rejection::HttpsRequired, 403, r#"{"error":"HTTPS is required"}"#),
        (ErrorKind::NotFound(Noun::Job).into(), 404, r#"{"error":"Job not found"}"#),
        (Rejection::UnknownPath, 404, r#"{"error":"Not found"}"#),
        (Rejection::MethodNotAllowed { allow: "POST".into() }, 405, r#"{"error":"Method not allowed"}"#),
        (Rejection::BodyStalled, 408, r#"{"error":"Request body was not received in time"}"#),
        (Rejection::BodyTooLarge, 413, r#"{"error":"Request body too large"}"#),
        (
            ErrorKind::TooMany { retry_after: Seconds::new(45), limit: 60 }.into(),
            429,
            r#"{"error":"Rate limit exceeded","retry_after_seconds":45}"#,
        ),
        (Error::internal("the database is on fire").into(), 500, r#"{"error":"Internal server error"}"#),
        (
            ErrorKind::Unavailable { retry_after: Seconds::new(2) }.into(),
            503,
            r#"{"error":"Service temporarily unavailable","retry_after_seconds":2}"#,
        ),
    ] {
        let (told_status, told_body, _) = told_of(rejection).await;
        assert_eq!((told_status, told_body.as_str()), (status, body));
    }
}

#[actix_web::test]
async fn validation_is_an_object() {
    let problems =
        vec![Problem::new("external_job_id", "is required"), Problem::new("stops[0].address", "is required")];
    let (status, body, _) = told_of(ErrorKind::Invalid(problems)).await;
    assert_eq!(status, 400);
    assert_eq!(
        body,
        r#"{"error":{"code":"VALIDATION_ERROR","messages":["external_job_id is required","stops[0].address is required"]}}"#
    );
}

#[actix_web::test]
async fn a_taken_id_says_by_which_job() {
    let (status, body, headers) = told_of(ErrorKind::ExternalJobIdTaken(ID.parse::<JobId>().expect("an id"))).await;
    assert_eq!(status, 400);
    assert_eq!(body, r#"{"error":{"code":"VALIDATION_ERROR","messages":["external_job_id already exists"]}}"#);
    let location = format!("https://routes.example/v1/integration-jobs?job_id={ID}");
    assert_eq!(header_text(&headers, header::LOCATION), Some(location.as_str()));
    assert_eq!(header_text(&headers, "x-existing-job-id"), Some(ID));
}

#[actix_web::test]
async fn headers_say_what_to_do() {
    let (_, _, headers) = told_of(ErrorKind::TooMany { retry_after: Seconds::new(45), limit: 60 }).await;
    assert_eq!(header_text(&headers, RETRY_AFTER), Some("45"));
    let (_, _, headers) = told_of(ErrorKind::Unavailable { retry_after: Seconds::ZERO }).await;
    assert_eq!(header_text(&headers, RETRY_AFTER), Some("1"));
    let (_, _, headers) = told_of(Rejection::MethodNotAllowed { allow: "GET, HEAD".into() }).await;
    assert_eq!(header_text(&headers, header::ALLOW), Some("GET, HEAD"));
    for (why, challenge) in
        [(Unauthenticated::MissingToken, "Bearer"), (Unauthenticated::InvalidToken, "Bearer error=\"invalid_token\"")]
    {
        let (_, _, headers) = told_of(ErrorKind::Unauthenticated(why)).await;
        assert_eq!(header_text(&headers, header::WWW_AUTHENTICATE), Some(challenge));
    }
}

#[actix_web::test]
async fn problems_are_for_who_asks() {
    let req = TestRequest::default().insert_header(("accept", "application/problem+json")).to_http_request();
    let invalid = ErrorKind::Invalid(vec![Problem::new("title", "is required")]);
    let (status, body, headers) = told(answer(&req, URL, invalid.into())).await;
    assert_eq!((status, header_text(&headers, header::CONTENT_TYPE)), (400, Some("application/problem+json")));
    let body: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!((&body["status"], &body["code"]), (&json!(400), &json!("validation_error")));
    assert_eq!(body["errors"], json!([{"path": "title", "detail": "title is required"}]));
    let (status, _, headers) = told(answer(&req, URL, Rejection::MethodNotAllowed { allow: "POST".into() })).await;
    assert_eq!((status, header_text(&headers, header::ALLOW)), (405, Some("POST")));
}

#[track_caller]
fn token(style: Style, refusal: TokenRefusal) -> HttpResponse {
    token_answer(&TestRequest::default().to_http_request(), style, refusal)
}

#[actix_web::test]
async fn token_errors_are_told_in_the_callers_words() {
    let wrong = || ErrorKind::Unauthenticated(Unauthenticated::InvalidCredentials).into();
    let limited = || ErrorKind::TooMany { retry_after: Seconds::new(9), limit: 10 }.into();
    let limited_body = r#"{"error":"Rate limit exceeded","retry_after_seconds":9}"#;
    for (style, refusal, status, body) in [
        (Style::Plain, wrong(), 401, r#"{"error":"Invalid credentials"}"#),
        (
            Style::Plain,
            TokenRefusal::Fault(TokenFault::Missing),
            400,
            r#"{"error":"Missing client_id or client_secret"}"#,
        ),
        (
            Style::Plain,
            TokenRefusal::Fault(TokenFault::NotText),
            400,
            r#"{"error":"client_id and client_secret must be strings"}"#,
        ),
        (Style::Plain, ErrorKind::Disabled.into(), 403, r#"{"error":"Integration has been disabled"}"#),
        (Style::Plain, limited(), 429, limited_body),
        (Style::Plain, Rejection::BodyBroken.into(), 400, r#"{"error":"body is incomplete"}"#),
        (Style::OAuth, wrong(), 401, r#"{"error":"invalid_client","error_description":"Invalid credentials"}"#),
        (
            Style::OAuth,
            TokenRefusal::Fault(TokenFault::UnsupportedGrantType),
            400,
            r#"{"error":"unsupported_grant_type","error_description":"grant_type must be client_credentials"}"#,
        ),
        (
            Style::OAuth,
            TokenRefusal::Fault(TokenFault::Missing),
            400,
            r#"{"error":"invalid_request","error_description":"Missing client_id or client_secret"}"#,
        ),
        (
            Style::OAuth,
            ErrorKind::Disabled.into(),
            403,
            r#"{"error":"unauthorized_client","error_description":"Integration has been disabled"}"#,
        ),
        (Style::OAuth, limited(), 429, limited_body),
    ] {
        let (told_status, told_body, _) = told(token(style, refusal)).await;
        assert_eq!((told_status, told_body.as_str()), (status, body), "{style:?}");
    }
}

#[actix_web::test]
async fn only_basic_is_challenged_with_basic() {
    let wrong = || TokenRefusal::from(ErrorKind::Unauthenticated(Unauthenticated::InvalidCredentials));
    let challenge =
        |response: HttpResponse| header_text(response.headers(), header::WWW_AUTHENTICATE).map(str::to_owned);
    let basic = challenge(token(Style::OAuthBasic, wrong()));
    assert!(basic.is_some_and(|challenge| challenge.starts_with("Basic realm=")));
    assert_eq!(challenge(token(Style::OAuth, wrong())), None);
    assert_eq!(challenge(token(Style::OAuthBasic, TokenRefusal::Fault(TokenFault::Missing))), None);
}

/// What is described is what is sent: bodies in both forms, status and headers.
#[actix_web::test]
async fn documents_say_what_answers_say() {
    let refusals = || {
        let mut refusals = about_any_call();
        refusals.extend(about_callers());
        refusals.extend(about_bodies());
        refusals.push(ErrorKind::Invalid(vec![Problem::new("title", "is required")]).into());
        refusals.push(ErrorKind::NotFound(Noun::Job).into());
        refusals.push(ErrorKind::ExternalJobIdTaken(ID.parse().expect("an id")).into());
        refusals
    };
    for accept in ["application/json", "application/problem+json"] {
        for (rejection, same) in refusals().into_iter().zip(refusals()) {
            let said = says(&same).expect("it is said");
            let req = TestRequest::default().insert_header(("accept", accept)).to_http_request();
            let (status, body, headers) = told(answer(&req, URL, rejection)).await;
            assert_eq!(status, said.code.status().as_u16());
            let described = said.bodies.iter().find(|(media, _, _)| *media == accept).expect("this form");
            assert_eq!(serde_json::from_str::<Value>(&body).expect("JSON"), described.2);
            assert_eq!(header_text(&headers, header::CONTENT_TYPE), Some(accept));
            assert!(said.headers.iter().all(|(name, _)| headers.contains_key(*name)), "{said:?}");
            assert_eq!(headers.contains_key(RETRY_AFTER), matches!(status, 429 | 503));
            assert_eq!(headers.contains_key(header::WWW_AUTHENTICATE), status == 401);
        }
    }
}
