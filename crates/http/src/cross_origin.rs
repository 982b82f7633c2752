//! Calls from scripts of other origins, where an operator allows them.

use actix_cors::Cors;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;

use crate::code::Code;
use crate::respond::plain;

/// Tokens travel in a header that scripts set themselves, so no origin ever needs the browser's own credentials.
pub(crate) fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "DELETE"])
        .allowed_headers([
            "accept",
            "authorization",
            "content-type",
            "idempotency-key",
            "if-none-match",
            "x-request-id",
        ])
        .expose_headers([
            "etag",
            "idempotency-mismatch",
            "idempotency-replayed",
            "location",
            "ratelimit",
            "ratelimit-policy",
            "retry-after",
            "x-existing-job-id",
            "x-request-id",
        ])
        .max_age(3600);
    if origins.iter().any(|origin| origin == "*") {
        return cors.allow_any_origin().send_wildcard();
    }
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}

/// Says in JSON what actix-cors says in plain text when it refuses a preflight.
pub(crate) async fn refuse_in_json(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let is_options = req.method() == Method::OPTIONS;
    let response = next.call(req).await?.map_into_boxed_body();
    let is_refusal = is_options
        && response.status() == StatusCode::BAD_REQUEST
        && !response.headers().contains_key(header::CONTENT_TYPE);
    if is_refusal {
        let told = plain(response.request(), Code::OriginRefused, "Cross-origin request not allowed");
        return Ok(response.into_response(told));
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, call_service, init_service, read_body};
    use actix_web::{App, HttpResponse, web};

    use super::*;
    use crate::headers::header_text;

    async fn preflight(origins: &[&str], origin: &'static str) -> (u16, Option<String>, String) {
        let origins: Vec<_> = origins.iter().map(|&origin| origin.to_owned()).collect();
        let app =
            App::new().default_service(web::to(HttpResponse::Ok)).wrap(cors(&origins)).wrap(from_fn(refuse_in_json));
        let service = init_service(app).await;
        let req = TestRequest::with_uri("/v1/integration-import")
            .method(Method::OPTIONS)
            .insert_header(("origin", origin))
            .insert_header(("access-control-request-method", "POST"))
            .insert_header(("access-control-request-headers", "authorization,idempotency-key"));
        let response = call_service(&service, req.to_request()).await;
        let allowed = header_text(response.headers(), "access-control-allow-origin").map(str::to_owned);
        let status = response.status().as_u16();
        (status, allowed, String::from_utf8_lossy(&read_body(response).await).into_owned())
    }

    #[actix_web::test]
    async fn preflights_of_allowed_origins_pass() {
        let (status, allowed, _) = preflight(&["https://a.example"], "https://a.example").await;
        assert_eq!((status, allowed.as_deref()), (200, Some("https://a.example")));
        let (status, allowed, _) = preflight(&["*"], "https://b.example").await;
        assert_eq!((status, allowed.as_deref()), (200, Some("*")));
    }

    #[actix_web::test]
    async fn preflights_of_others_are_refused_in_json() {
        let (status, allowed, body) = preflight(&["https://a.example"], "https://b.example").await;
        assert_eq!((status, allowed), (400, None));
        assert_eq!(body, r#"{"error":"Cross-origin request not allowed"}"#);
    }
}
