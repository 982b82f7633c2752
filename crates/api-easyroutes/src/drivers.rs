use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use routemate_app::{App, ErrorKind, Noun};
use routemate_domain::DriverId;
use routemate_http::{Context, Query, Rejection, json};

use crate::calls::{answered, caller};
use crate::ids::Prefixed;
use crate::page::{Asked, Page, asked, next_cursor};
use crate::path::parameter;
use crate::query::{DriversQuery, drivers_query};
use crate::types::DriverList;
use crate::view::driver;
use crate::wire::Reading;

const LIST: &str = "ListDrivers";

pub(crate) async fn list(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    answered(&req, list_drivers(&ctx, &req).await)
}

async fn list_drivers(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    let who = caller(ctx, req).await?;
    let query = Query::parse(req.query_string());
    let first = |at: &mut Reading| drivers_query(&query, at);
    let Asked { query, after }: Asked<DriversQuery, String> = asked(ctx, &who, LIST, &query, first).await?;
    let after = after.and_then(|id| DriverId::read(&id));
    let (reader, statuses, most) = (who.clone(), query.statuses(), query.limit as usize + 1);
    let find = move |app: Arc<App>| async move { app.drivers_page(&reader, &statuses, after, most).await };
    let found = ctx.run(find).await?;
    let Page { items, last } = Page::cut(found, query.limit, |listed| listed.driver.id.print());
    let next_cursor = next_cursor(ctx, &who, LIST, query, last).await?;
    let drivers = items.iter().map(|listed| driver(&listed.driver)).collect();
    Ok(json(StatusCode::OK, &DriverList { drivers, next_cursor }))
}

pub(crate) async fn get(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    answered(&req, get_driver(&ctx, &req).await)
}

async fn get_driver(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    let who = caller(ctx, req).await?;
    let id = parameter(req, "driver_id").and_then(|id| DriverId::read(&id));
    let id = id.ok_or(ErrorKind::NotFound(Noun::Driver))?;
    let found = ctx.run(move |app| async move { app.driver(&who, id).await }).await?;
    Ok(json(StatusCode::OK, &driver(&found)))
}
