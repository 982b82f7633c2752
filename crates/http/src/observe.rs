//! One id, one span, one log line and one count for each request.

use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, Method};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};
use routemate_app::{EndedRequest, RateState};
use routemate_metrics::{HTTP_DURATION, HTTP_IN_FLIGHT, HTTP_REQUESTS};
use tracing::{Instrument, Level, Span, debug, enabled, error, field, info_span, record_all, warn};

use crate::admit::Caller;
use crate::context::Context;
use crate::headers::{header_text, insert_rate};
use crate::rejection::Rejection;
use crate::shed::{HELD_BACK, Surfaces, is_for_watchers, overloaded};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// A chain of causes may hold what a database or a server said.
const MAX_KEPT_ERROR: usize = 500;

/// Stands for paths that lead nowhere. They are the client's invention, and may hold anything: a token, say.
const NO_ROUTE: &str = "unmatched";

/// The outermost middleware: turns away what is too much, gives every answer its request id and the rate limit headers,
/// logs it and counts it.
///
/// Never logs paths, queries, headers or bodies, where tokens, addresses and names are.
pub(crate) async fn observe(
    ctx: Data<Context>,
    surfaces: Data<Surfaces>,
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let clock = ctx.app().clock();
    let started = clock.monotonic();
    let id = request_id(req.headers()).unwrap_or_else(|| ctx.app().new_uuid().to_string());
    let (entered, in_flight) = (ctx.enter(), HTTP_IN_FLIGHT.raise());
    let (span, mut response) = if entered.is_some() || is_for_watchers(req.path()) {
        let span = span(&req, &id);
        #[cfg(feature = "otlp")]
        crate::trace_context::continue_trace(&span, req.headers());
        let response = next.call(req).instrument(span.clone()).await?.map_into_boxed_body();
        (span, response)
    } else {
        let refused = overloaded(req.request(), **surfaces);
        tokio::time::sleep(HELD_BACK).await;
        // No span: costs as little as can be.
        (Span::none(), req.into_response(refused))
    };
    drop((entered, in_flight));
    if let Ok(value) = HeaderValue::try_from(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    if response.request().head().connection_type() == ConnectionType::Upgrade {
        decline_upgrade(&mut response);
    }
    if ctx.is_draining() {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    let rate = response.request().extensions().get::<RateState>().copied();
    if let Some(rate) = rate {
        insert_rate(response.headers_mut(), rate);
    }
    let now = clock.monotonic();
    let took = now.saturating_sub(started);
    log(&ctx, &span, &response, (now, took));
    count(&ctx, &response, &id, took);
    Ok(response)
}

/// Says that the connection ends: it does after a request for an upgrade, and actix-http would announce an upgrade that
/// never comes. Java's client asks for h2c with its first request and would send its next one into the closed connection.
fn decline_upgrade<B>(response: &mut ServiceResponse<B>) {
    response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
}

/// The caller's id, where it is safe to repeat.
fn request_id(headers: &HeaderMap) -> Option<String> {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    header_text(headers, REQUEST_ID)
        .filter(|id| !id.is_empty() && id.len() <= 128 && id.bytes().all(is_safe))
        .map(str::to_owned)
}

fn span(req: &ServiceRequest, id: &str) -> Span {
    info_span!(
        "request",
        http.method = %req.method(),
        http.route = field::Empty,
        http.status = field::Empty,
        http.duration_ms = field::Empty,
        request.id = %id,
    )
}

fn log<B>(ctx: &Context, span: &Span, response: &ServiceResponse<B>, (now, took): (Duration, Duration)) {
    let (status, extensions) = (response.status(), response.response().extensions());
    let rejection = extensions.get::<Rejection>();
    if rejection.is_some_and(Rejection::is_for_lack_of_room) {
        if let Some(requests) = ctx.turned_away().count(now) {
            warn!(http.turned_away = requests, "{requests} requests were turned away: there is too much to do");
        }
        return;
    }
    // The log's lines are put together as fields come, which costs more than most requests' own work; traces want them all.
    if !status.is_server_error() && !enabled!(Level::DEBUG) {
        return;
    }
    let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let route = route(response.request());
    record_all!(span, http.route = route, http.status = status.as_u16(), http.duration_ms = took_ms);
    let _entered = span.enter();
    match rejection.map(Rejection::chain) {
        Some(chain) if status.is_server_error() => error!(error.chain = chain, "request failed"),
        Some(chain) => debug!(error.chain = chain, "request refused"),
        None => debug!("request answered"),
    }
}

/// Counts it for the metrics, and for the integration that asked, if one did.
fn count<B>(ctx: &Context, response: &ServiceResponse<B>, id: &str, took: Duration) {
    let req = response.request();
    let route = req.match_pattern().unwrap_or_else(|| NO_ROUTE.to_owned());
    let (method, status) = (method_name(req.method()), response.status().as_u16());
    HTTP_REQUESTS.increment([method.to_owned(), route.clone(), status.to_string()]);
    HTTP_DURATION.record([route.clone()], took);
    let caller = req.extensions().get::<Caller>().copied();
    if let Some(Caller(organization_id, integration_id)) = caller {
        let error = response.response().extensions().get::<Rejection>().map(Rejection::chain);
        ctx.app().count_request(EndedRequest {
            organization_id,
            integration_id,
            request_id: id.to_owned(),
            method: method.to_owned(),
            route,
            status,
            error: error.map(|chain| chain.chars().take(MAX_KEPT_ERROR).collect()),
        });
    }
}

/// Anybody can make up methods.
fn method_name(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

fn route(req: &HttpRequest) -> String {
    req.match_pattern().unwrap_or_else(|| NO_ROUTE.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sent: &str, expected: Option<&str>) {
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, HeaderValue::from_str(sent).unwrap());
        assert_eq!(request_id(&headers).as_deref(), expected);
    }

    #[test]
    fn only_safe_ids_are_taken_over() {
        check("order-17_a.B", Some("order-17_a.B"));
        check(&"x".repeat(128), Some(&"x".repeat(128)));
        check(&"x".repeat(129), None);
        check("", None);
        check("a b", None);
        check("a\"b", None);
    }
}
