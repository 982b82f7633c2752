use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, Route, guard, web};
use routemate_app::ErrorKind;
use serde::Serialize;
use utoipa::ToSchema;

use crate::code::Code;
use crate::headers::wants_problem_json;
use crate::problem::ProblemDetails;
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
pub fn allow(mut response: HttpResponse, methods: &str) -> HttpResponse {
    if let Ok(methods) = header::HeaderValue::from_str(methods) {
        response.headers_mut().insert(header::ALLOW, methods);
    }
    response
}

/// What is said where no dialect answers: `{"error":"Not found"}`, or a problem to who asks for one.
#[must_use]
pub fn not_found_json(req: &HttpRequest) -> HttpResponse {
    refuse_plainly(req, Rejection::UnknownPath)
}

/// Answers what goes wrong where no dialect answers.
pub(crate) fn refuse_plainly(req: &HttpRequest, rejection: Rejection) -> HttpResponse {
    let mut response = PlainRefusal::of(&rejection).into_response(req);
    if let Rejection::MethodNotAllowed { allow: methods } = &rejection {
        response = allow(response, methods);
    }
    refuse(response, rejection)
}

/// A refusal in words.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorText<'a> {
    /// What went wrong.
    pub error: &'a str,
    /// With 429 and 503: when to come again.
    #[schema(nullable = false, minimum = 1)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u32>,
}

/// A refusal of no dialect.
pub(crate) struct PlainRefusal {
    pub(crate) code: Code,
    pub(crate) message: &'static str,
    retry_after: Option<u32>,
}

impl PlainRefusal {
    pub(crate) const fn new(code: Code, message: &'static str) -> Self {
        Self { code, message, retry_after: None }
    }

    /// What is said of a rejection that no dialect sees.
    pub(crate) fn of(rejection: &Rejection) -> Self {
        match rejection {
            Rejection::MethodNotAllowed { .. } => Self::new(Code::MethodNotAllowed, "Method not allowed"),
            Rejection::App(error) => match error.kind() {
                ErrorKind::Unavailable { retry_after } => {
                    let refusal = Self::new(Code::Unavailable, "Service temporarily unavailable");
                    Self { retry_after: Some(retry_after.get().max(1)), ..refusal }
                }
                _ => Self::new(Code::InternalError, "Internal server error"),
            },
            _ => Self::new(Code::NotFound, "Not found"),
        }
    }

    pub(crate) const fn text(&self) -> ErrorText<'static> {
        ErrorText { error: self.message, retry_after_seconds: self.retry_after }
    }

    pub(crate) fn problem(&self) -> ProblemDetails {
        ProblemDetails::new(self.code, self.message).with_retry_after(self.retry_after)
    }

    /// In the form that the client asks for.
    pub(crate) fn into_response(self, req: &HttpRequest) -> HttpResponse {
        let mut response = match wants_problem_json(req) {
            true => self.problem().into_response(),
            false => json(self.code.status(), &self.text()),
        };
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;
    use actix_web::test::TestRequest;

    use super::*;
    use crate::headers::header_text;

    async fn told(response: HttpResponse) -> (u16, String, String) {
        let kind = header_text(response.headers(), header::CONTENT_TYPE).unwrap_or_default().to_owned();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body()).await.expect("a body");
        (status, kind, String::from_utf8_lossy(&body).into_owned())
    }

    #[actix_web::test]
    async fn refusals_of_no_dialect_are_texts_and_problems_for_who_asks() {
        let wrong = || Rejection::MethodNotAllowed { allow: "GET, HEAD".into() };
        let plain = TestRequest::default().to_http_request();
        let json = "application/json".to_owned();
        assert_eq!(told(not_found_json(&plain)).await, (404, json.clone(), r#"{"error":"Not found"}"#.to_owned()));
        let (status, kind, body) = told(refuse_plainly(&plain, wrong())).await;
        assert_eq!((status, kind, body.as_str()), (405, json, r#"{"error":"Method not allowed"}"#));

        let asks = TestRequest::default().insert_header(("accept", "application/problem+json")).to_http_request();
        let refused = refuse_plainly(&asks, wrong());
        assert_eq!(header_text(refused.headers(), header::ALLOW), Some("GET, HEAD"));
        for (response, code) in [(not_found_json(&asks), "not_found"), (refused, "method_not_allowed")] {
            let (status, kind, body) = told(response).await;
            assert_eq!(kind, "application/problem+json", "{code}");
            let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
            assert_eq!((&body["status"], &body["code"]), (&status.into(), &code.into()));
        }
    }
}
