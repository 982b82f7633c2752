use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use routemate_app::{ErrorKind, Noun, RouteQuery, RouteSort, RouteView};
use routemate_domain::{RouteId, StopId};
use routemate_http::{Context, Query, Rejection, json};

use crate::calls::{answered, caller};
use crate::ids::Prefixed;
use crate::page::{Asked, Page, asked, next_cursor};
use crate::path::parameter;
use crate::query::{RoutesQuery, routes_query};
use crate::route_changes::shown;
use crate::types::RouteList;
use crate::view::{route, route_stop};
use crate::wire::{Instant, Reading};

const LIST: &str = "ListRoutes";

pub(crate) async fn list(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    answered(&req, list_routes(&ctx, &req).await)
}

async fn list_routes(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    let who = caller(ctx, req).await?;
    let query = Query::parse(req.query_string());
    let first = |at: &mut Reading| routes_query(&query, at);
    let Asked { query, after }: Asked<RoutesQuery, (Instant, String)> = asked(ctx, &who, LIST, &query, first).await?;
    let (reader, wanted) = (who.clone(), route_query(&query, after));
    let found = ctx.run(move |app| async move { app.routes(&reader, &wanted).await }).await?;
    let Page { items, last } = Page::cut(found, query.limit, |view| key(&query, view));
    let next_cursor = next_cursor(ctx, &who, LIST, &query, last).await?;
    let routes = items.iter().map(|view| route(&view.itinerary, view.driver.as_ref())).collect();
    Ok(json(StatusCode::OK, &RouteList { routes, next_cursor }))
}

pub(crate) fn route_query(query: &RoutesQuery, after: Option<(Instant, String)>) -> RouteQuery {
    RouteQuery {
        sort: if query.is_by_update { RouteSort::UpdatedAt } else { RouteSort::CreatedAt },
        from: query.start.map(|at| at.0),
        until: query.end.map(|at| at.0),
        include_archived: query.include_archived,
        after: after.and_then(|(at, id)| Some((at.0, RouteId::read(&id)?))),
        // One more tells whether there is a next page.
        most: i64::from(query.limit) + 1,
    }
}

/// Where a route stands in the list.
fn key(query: &RoutesQuery, view: &RouteView) -> (Instant, String) {
    let route = &view.itinerary.route;
    let at = if query.is_by_update { route.updated_at } else { route.created_at };
    (Instant(at), route.id.print())
}

pub(crate) async fn get(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    answered(&req, get_route(&ctx, &req).await)
}

async fn get_route(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    let view = find(ctx, req).await?;
    Ok(shown(&view))
}

pub(crate) async fn get_stop(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    answered(&req, get_route_stop(&ctx, &req).await)
}

async fn get_route_stop(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    let view = find(ctx, req).await?;
    let id = parameter(req, "stop_id").and_then(|id| StopId::read(&id));
    let stop = view.itinerary.present_stops().find(|stop| Some(stop.id) == id);
    let stop = stop.ok_or(ErrorKind::NotFound(Noun::Stop))?;
    Ok(json(StatusCode::OK, &route_stop(&view.itinerary.route, stop)))
}

async fn find(ctx: &Context, req: &HttpRequest) -> Result<RouteView, Rejection> {
    let who = caller(ctx, req).await?;
    let id = parameter(req, "route_id").and_then(|id| RouteId::read(&id));
    let id = id.ok_or(ErrorKind::NotFound(Noun::Route))?;
    Ok(ctx.run(move |app| async move { app.route(&who, id).await }).await?)
}
