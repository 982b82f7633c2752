//! The write side of routes: each call answers the whole changed route, with its version as the entity tag.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use routemate_app::{ErrorKind, Noun, Principal, RouteChange, RouteView, StopOrder};
use routemate_domain::{RouteId, StopId};
use routemate_http::{Context, Rejection, header_text, idempotency_key, json, json_bytes, mark_replayed, read_body};

use crate::calls::{answered, caller};
use crate::convert::{
    route_dispatch, route_driver, route_to_create, stop_ids, stop_items, stop_position, stops_to_add,
};
use crate::ids::Prefixed;
use crate::path::parameter;
use crate::view::route;

/// What an idempotency key of a new route belongs to.
const CREATE: &str = "easyroutes.create_route";
/// The version that a new route has, and the answer to its making tells, however often it is replayed.
const FIRST_VERSION: i64 = 1;

/// What changes a route by its body.
type FromBody = fn(&HttpRequest, &[u8]) -> Result<RouteChange, ErrorKind>;

pub(crate) async fn create(ctx: Data<Context>, req: HttpRequest, payload: Payload) -> HttpResponse {
    answered(&req, create_route(&ctx, &req, payload).await)
}

async fn create_route(ctx: &Context, req: &HttpRequest, payload: Payload) -> Result<HttpResponse, Rejection> {
    let who = caller(ctx, req).await?;
    let body = read_body(req, payload, ctx.settings().max_body_bytes).await?;
    let key = idempotency_key(req.headers(), CREATE, &body).map_err(|problem| ErrorKind::Invalid(vec![problem]))?;
    let command = route_to_create(&body)?;
    let render = Arc::new(|view: &RouteView| {
        // Text and finite numbers: writing them cannot fail.
        serde_json::to_vec(&route(&view.itinerary, view.driver.as_ref())).unwrap_or_default()
    });
    let answer = ctx.run(move |app| async move { app.create_route(&who, command, key, render).await }).await?;
    let mut response = tagged(json_bytes(StatusCode::OK, answer.body), FIRST_VERSION);
    mark_replayed(&mut response, answer.replay);
    Ok(response)
}

pub(crate) async fn add_stops(ctx: Data<Context>, req: HttpRequest, payload: Payload) -> HttpResponse {
    from_body(&ctx, &req, payload, |_, body| stops_to_add(body)).await
}

pub(crate) async fn replace_items(ctx: Data<Context>, req: HttpRequest, payload: Payload) -> HttpResponse {
    from_body(&ctx, &req, payload, |req, body| stop_items(body, stop_id(req)?)).await
}

pub(crate) async fn move_stop(ctx: Data<Context>, req: HttpRequest, payload: Payload) -> HttpResponse {
    from_body(&ctx, &req, payload, |req, body| stop_position(body, stop_id(req)?)).await
}

pub(crate) async fn assign(ctx: Data<Context>, req: HttpRequest, payload: Payload) -> HttpResponse {
    from_body(&ctx, &req, payload, |_, body| route_driver(body)).await
}

pub(crate) async fn dispatch(ctx: Data<Context>, req: HttpRequest, payload: Payload) -> HttpResponse {
    from_body(&ctx, &req, payload, |_, body| route_dispatch(body)).await
}

async fn from_body(ctx: &Context, req: &HttpRequest, payload: Payload, read: FromBody) -> HttpResponse {
    answered(req, change_by_body(ctx, req, payload, read).await)
}

async fn change_by_body(
    ctx: &Context,
    req: &HttpRequest,
    payload: Payload,
    read: FromBody,
) -> Result<HttpResponse, Rejection> {
    let who = caller(ctx, req).await?;
    let body = read_body(req, payload, ctx.settings().max_body_bytes).await?;
    let change = read(req, &body)?;
    change_route(ctx, req, who, change).await
}

async fn change_route(
    ctx: &Context,
    req: &HttpRequest,
    who: Principal,
    change: RouteChange,
) -> Result<HttpResponse, Rejection> {
    let (id, expected) = (route_id(req)?, expected(req.headers())?);
    let view = ctx.run(move |app| async move { app.change_route(&who, id, change, expected).await }).await?;
    Ok(shown(&view))
}

pub(crate) async fn remove_stops(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    plainly(&ctx, &req, |req| {
        let stops = parameter(req, "stop_id").and_then(|ids| stop_ids(&ids));
        let stops = stops.ok_or(ErrorKind::NotFound(Noun::Stop))?;
        Ok(RouteChange::RemoveStops { stops, order: StopOrder::Given })
    })
    .await
}

pub(crate) async fn reoptimize(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    plainly(&ctx, &req, |_| Ok(RouteChange::Reoptimize)).await
}

pub(crate) async fn unassign(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    plainly(&ctx, &req, |_| Ok(RouteChange::Unassign)).await
}

pub(crate) async fn undispatch(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    plainly(&ctx, &req, |_| Ok(RouteChange::Undispatch)).await
}

pub(crate) async fn archive(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    plainly(&ctx, &req, |_| Ok(RouteChange::Archive)).await
}

pub(crate) async fn unarchive(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    plainly(&ctx, &req, |_| Ok(RouteChange::Unarchive)).await
}

/// A change that needs no body; what is sent nevertheless is not read.
async fn plainly(
    ctx: &Context,
    req: &HttpRequest,
    change: fn(&HttpRequest) -> Result<RouteChange, ErrorKind>,
) -> HttpResponse {
    answered(req, change_plainly(ctx, req, change).await)
}

async fn change_plainly(
    ctx: &Context,
    req: &HttpRequest,
    change: fn(&HttpRequest) -> Result<RouteChange, ErrorKind>,
) -> Result<HttpResponse, Rejection> {
    let who = caller(ctx, req).await?;
    change_route(ctx, req, who, change(req)?).await
}

pub(crate) async fn delete(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    answered(&req, delete_route(&ctx, &req).await)
}

async fn delete_route(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    let who = caller(ctx, req).await?;
    let (id, expected) = (route_id(req)?, expected(req.headers())?);
    ctx.run(move |app| async move { app.delete_route(&who, id, expected).await }).await?;
    Ok(json(StatusCode::OK, &serde_json::Map::new()))
}

/// The whole route, with its version.
pub(crate) fn shown(view: &RouteView) -> HttpResponse {
    let response = json(StatusCode::OK, &route(&view.itinerary, view.driver.as_ref()));
    tagged(response, view.itinerary.route.version)
}

fn tagged(mut response: HttpResponse, version: i64) -> HttpResponse {
    if let Ok(tag) = HeaderValue::try_from(format!("\"{version}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// The version that `If-Match` names; without one, or with `*`, whichever there is.
fn expected(headers: &HeaderMap) -> Result<Option<i64>, ErrorKind> {
    if !headers.contains_key(header::IF_MATCH) {
        return Ok(None);
    }
    let given = header_text(headers, header::IF_MATCH).unwrap_or_default().trim();
    if given == "*" {
        return Ok(None);
    }
    let version =
        given.strip_prefix('"').and_then(|given| given.strip_suffix('"')).and_then(|given| given.parse().ok());
    // A tag that is not of ours is no version that there is.
    version.map(Some).ok_or(ErrorKind::Changed(Noun::Route))
}

fn route_id(req: &HttpRequest) -> Result<RouteId, ErrorKind> {
    parameter(req, "route_id").and_then(|id| RouteId::read(&id)).ok_or(ErrorKind::NotFound(Noun::Route))
}

fn stop_id(req: &HttpRequest) -> Result<StopId, ErrorKind> {
    parameter(req, "stop_id").and_then(|id| StopId::read(&id)).ok_or(ErrorKind::NotFound(Noun::Stop))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(given: Option<&str>, version: Result<Option<i64>, ErrorKind>) {
        let mut headers = HeaderMap::new();
        if let Some(given) = given {
            headers.insert(header::IF_MATCH, HeaderValue::from_str(given).expect("a header"));
        }
        assert_eq!(expected(&headers), version, "{given:?}");
    }

    #[test]
    fn a_change_may_be_meant_for_one_version() {
        check(None, Ok(None));
        check(Some("*"), Ok(None));
        check(Some("\"7\""), Ok(Some(7)));
        // A weak tag never matches here (RFC 9110 §13.1.1), and what is no tag of ours matches nothing.
        for given in ["7", "W/\"7\"", "\"7-a\"", "\"7\", \"8\"", "\"\"", ""] {
            check(Some(given), Err(ErrorKind::Changed(Noun::Route)));
        }
    }
}
