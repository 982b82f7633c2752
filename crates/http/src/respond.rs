use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, Route, guard, web};
use serde::Serialize;

use crate::rejection::Rejection;

/// An answer in JSON.
#[must_use]
pub fn json(status: StatusCode, body: &impl Serialize) -> HttpResponse {
    match serde_json::to_vec(body) {
        Ok(bytes) => json_bytes(status, bytes),
        // Answers are structs with text keys and finite numbers: this has not been seen.
        Err(error) => refuse(
            HttpResponse::InternalServerError().json(serde_json::json!({"error": "Internal server error"})),
            Rejection::App(routemate_app::Error::internal(error)),
        ),
    }
}

/// An answer whose JSON has been written already.
#[must_use]
pub fn json_bytes(status: StatusCode, body: Vec<u8>) -> HttpResponse {
    HttpResponse::build(status).insert_header(header::ContentType::json()).body(body)
}

/// Hands the reason of a refusal to the request's log line.
pub(crate) fn refuse(mut response: HttpResponse, because: Rejection) -> HttpResponse {
    response.extensions_mut().insert(because);
    response
}

impl Rejection {
    /// Hands the reason to the request's log line, so that it is logged once, where it is answered.
    #[must_use]
    pub fn logged_with(self, response: HttpResponse) -> HttpResponse {
        refuse(response, self)
    }
}

/// Where GET works, HEAD does.
pub fn get_or_head() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// Adds the `Allow` header that belongs to a 405.
#[must_use]
pub fn allow(mut response: HttpResponse, methods: &'static str) -> HttpResponse {
    response.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static(methods));
    response
}

/// What is said where no dialect answers: `{"error":"Not found"}`.
#[must_use]
pub fn not_found_json() -> HttpResponse {
    refuse(json(StatusCode::NOT_FOUND, &serde_json::json!({"error": "Not found"})), Rejection::UnknownPath)
}

/// What is said where no dialect answers and the method is wrong.
pub(crate) fn method_not_allowed_json(methods: &'static str) -> HttpResponse {
    let response = json(StatusCode::METHOD_NOT_ALLOWED, &serde_json::json!({"error": "Method not allowed"}));
    refuse(allow(response, methods), Rejection::MethodNotAllowed { allow: methods })
}
