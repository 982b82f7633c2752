use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use routemate_app::{App, ErrorKind, ImportedStopKey, Noun, RoutedStop};
use routemate_domain::{ImportedStopId, StopKind};
use routemate_http::{Context, Query, Rejection, json, read_body};

use crate::calls::{answered, caller};
use crate::convert::stops_to_import;
use crate::ids::Prefixed;
use crate::page::{Asked, Page, asked, next_cursor};
use crate::path::parameter;
use crate::query::limit;
use crate::types::{ImportedStopList, ImportedStopRouteInfo, ImportedStopRoutes};
use crate::view::{delivery_status, imported_stop};
use crate::wire::Reading;

const LIST: &str = "ListImportedStops";

pub(crate) async fn import(ctx: Data<Context>, req: HttpRequest, payload: Payload) -> HttpResponse {
    answered(&req, import_stops(&ctx, &req, payload).await)
}

async fn import_stops(ctx: &Context, req: &HttpRequest, payload: Payload) -> Result<HttpResponse, Rejection> {
    let who = caller(ctx, req).await?;
    let body = read_body(req, payload, ctx.settings().max_body_bytes).await?;
    let requests = stops_to_import(&body)?;
    let stops = ctx.run(move |app| async move { app.import_stops(&who, requests).await }).await?;
    let answer = ImportedStopList { stops: stops.iter().map(imported_stop).collect(), next_cursor: String::new() };
    Ok(json(StatusCode::OK, &answer))
}

pub(crate) async fn list(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    answered(&req, list_stops(&ctx, &req).await)
}

async fn list_stops(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    let who = caller(ctx, req).await?;
    let query = Query::parse(req.query_string());
    let first = |at: &mut Reading| limit(&query, at);
    let Asked { query: limit, after }: Asked<u32, String> = asked(ctx, &who, LIST, &query, first).await?;
    let before = after.and_then(|id| ImportedStopId::read(&id));
    let reader = who.clone();
    let most = limit as usize + 1;
    let found = ctx.run(move |app| async move { app.imported_stops(&reader, before, most).await }).await?;
    let Page { items, last } = Page::cut(found, limit, |stop| stop.id.print());
    let next_cursor = next_cursor(ctx, &who, LIST, limit, last).await?;
    Ok(json(StatusCode::OK, &ImportedStopList { stops: items.iter().map(imported_stop).collect(), next_cursor }))
}

pub(crate) async fn get(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    answered(&req, get_stop(&ctx, &req).await)
}

async fn get_stop(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    let who = caller(ctx, req).await?;
    let key = key(req)?;
    let stop = ctx.run(move |app| async move { app.imported_stop(&who, &key).await }).await?;
    Ok(json(StatusCode::OK, &imported_stop(&stop)))
}

pub(crate) async fn delete(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    answered(&req, delete_stop(&ctx, &req).await)
}

async fn delete_stop(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    let who = caller(ctx, req).await?;
    let key = key(req)?;
    ctx.run(move |app| async move { app.delete_imported_stop(&who, &key).await }).await?;
    Ok(json(StatusCode::OK, &serde_json::Map::new()))
}

pub(crate) async fn routes(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    answered(&req, routes_of_stop(&ctx, &req).await)
}

async fn routes_of_stop(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    let who = caller(ctx, req).await?;
    let key = key(req)?;
    let find = move |app: Arc<App>| async move {
        let stop = app.imported_stop(&who, &key).await?;
        let routed = app.routes_of_imported_stop(&who, stop.id).await?;
        Ok((stop.id, routed))
    };
    let (id, routed) = ctx.run(find).await?;
    let answer = ImportedStopRoutes { id: id.print(), route_info: routed.iter().map(route_info).collect() };
    Ok(json(StatusCode::OK, &answer))
}

pub(crate) async fn routes_of_shopify_order(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    answered(&req, routes_of_order(&ctx, &req).await)
}

async fn routes_of_order(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    let who = caller(ctx, req).await?;
    let given = parameter(req, "shopify_order_id").unwrap_or_default();
    let order: i64 = given.parse().map_err(|_| ErrorKind::NotFound(Noun::ShopifyOrder))?;
    let find = move |app: Arc<App>| async move {
        let routed = app.routes_of_shopify_order(&who, order).await?;
        // An order whose shop is connected no more is known by its stops on routes alone.
        if routed.is_empty() {
            app.shopify_order(&who, order).await?;
        }
        Ok(routed)
    };
    let routed = ctx.run(find).await?;
    let answer = ImportedStopRoutes { id: order.to_string(), route_info: routed.iter().map(route_info).collect() };
    Ok(json(StatusCode::OK, &answer))
}

fn route_info(routed: &RoutedStop) -> ImportedStopRouteInfo {
    ImportedStopRouteInfo {
        route_id: routed.route_id.print(),
        stop_id: routed.stop_id.print(),
        // What is imported is never a break.
        delivery_status: delivery_status(StopKind::Delivery, &routed.status, routed.route_status),
    }
}

/// An id of ours is tried first; a client may have given the same text to another stop.
fn key(req: &HttpRequest) -> Result<ImportedStopKey, ErrorKind> {
    let text = parameter(req, "imported_stop_id").ok_or(ErrorKind::NotFound(Noun::ImportedStop))?;
    Ok(match ImportedStopId::read(&text) {
        Some(id) => ImportedStopKey::Either(id, text),
        None => ImportedStopKey::ClientStopId(text),
    })
}
