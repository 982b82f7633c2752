//! `/api/v1/drivers`: an organisation's drivers, and what becomes of their open routes when they change.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use routemate_app::{DriverChange, ErrorKind, ListedDriver, Noun, Principal, Problem};
use routemate_domain::{Driver, DriverId, DriverStatus, RouteId, Text};
use routemate_http::{Context, Query, Rejection, authenticate, header_text, json, open_cursor, read_body, seal_cursor};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::openapi::schemas;

/// What a cursor of the list belongs to.
const OPERATION: &str = "native.drivers";

/// Drivers on a page unless the caller asks for another number.
pub(crate) const DEFAULT_LIMIT: usize = 50;
/// Drivers on a page at most.
pub(crate) const MAX_LIMIT: usize = 200;

/// What the first page was asked for, and the last driver shown.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Asked {
    statuses: Vec<String>,
    limit: usize,
    after: Option<String>,
}

/// A page of drivers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DriversDto<'a> {
    drivers: Vec<ListedDriverDto<'a>>,
    /// Where the next page begins; `null` on the last one.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// Somebody who drives for the organisation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListedDriverDto<'a> {
    #[schema(format = "uuid")]
    driver_id: String,
    /// The same person's in every organisation.
    #[schema(format = "uuid")]
    user_id: String,
    #[schema(required)]
    first_name: Option<&'a str>,
    #[schema(required)]
    last_name: Option<&'a str>,
    #[schema(required)]
    phone: Option<&'a str>,
    /// `active`, `inactive` or `archived`.
    #[schema(schema_with = schemas::driver_status)]
    status: &'static str,
}

/// A driver after a change, with the routes that it is about.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangedDriverDto<'a> {
    driver: ListedDriverDto<'a>,
    /// The routes that are the driver's and still to be driven.
    open_routes: Vec<String>,
    /// The routes that have no driver any more.
    unassigned_routes: Vec<String>,
}

/// A page of drivers in the order they were made.
pub(crate) async fn list(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let query = Query::parse(req.query_string());
    let mut asked: Asked = match query.first("cursor").filter(|cursor| !cursor.is_empty()) {
        Some(cursor) => open_cursor(ctx, &who, OPERATION, ("cursor", cursor)).await?,
        None => read_query(&query).map_err(ErrorKind::Invalid)?,
    };
    let statuses: Vec<DriverStatus> = asked.statuses.iter().filter_map(|name| status_named(name)).collect();
    let after = asked.after.as_deref().and_then(|id| id.parse().ok());
    let (caller, most) = (who.clone(), asked.limit + 1);
    let listed = ctx.run(move |app| async move { app.drivers_page(&caller, &statuses, after, most).await });
    let mut listed: Vec<ListedDriver> = listed.await?;
    let has_more = listed.len() > asked.limit;
    listed.truncate(asked.limit);
    asked.after = listed.last().map(|last| last.driver.id.to_string());
    let next_cursor = if has_more { Some(seal_cursor(ctx, &who, OPERATION, &asked).await?) } else { None };
    let drivers = listed.iter().map(|listed| driver(&listed.driver)).collect();
    Ok(json(StatusCode::OK, &DriversDto { drivers, next_cursor }))
}

/// Tells what is known of a driver.
pub(crate) async fn find(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let found = read(ctx, who, driver_id(req)?).await?;
    Ok(with_tag(json(StatusCode::OK, &driver(&found)), &found))
}

/// Writes name and telephone number.
pub(crate) async fn replace(ctx: &Context, req: &HttpRequest, payload: Payload) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let body = read_body(req, payload, ctx.settings().max_body_bytes).await?;
    change(ctx, req, who, edit(&body).map_err(ErrorKind::Invalid)?).await
}

/// Takes a driver off duty, puts one on duty again, or away.
pub(crate) async fn set_state(
    ctx: &Context,
    req: &HttpRequest,
    state: DriverStatus,
) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let wanted = match state {
        DriverStatus::Active => DriverChange::Reactivate,
        DriverStatus::Inactive => DriverChange::Deactivate,
        DriverStatus::Archived => DriverChange::Archive,
    };
    change(ctx, req, who, wanted).await
}

async fn change(
    ctx: &Context,
    req: &HttpRequest,
    who: Principal,
    change: DriverChange,
) -> Result<HttpResponse, Rejection> {
    let id = driver_id(req)?;
    let expected = match header_text(req.headers(), header::IF_MATCH).map(str::trim) {
        None | Some("" | "*") => None,
        Some(named) => {
            let found = read(ctx, who.clone(), id).await?;
            if !named.split(',').any(|one| one.trim() == tag(&found)) {
                return Err(ErrorKind::Changed(Noun::Driver).into());
            }
            Some(found)
        }
    };
    let changed =
        ctx.run(move |app| async move { app.change_driver(&who, id, &change, expected.as_ref()).await }).await?;
    let ids = |routes: &[RouteId]| routes.iter().map(ToString::to_string).collect();
    let body = ChangedDriverDto {
        driver: driver(&changed.driver),
        open_routes: ids(&changed.open_routes),
        unassigned_routes: ids(&changed.unassigned_routes),
    };
    Ok(with_tag(json(StatusCode::OK, &body), &changed.driver))
}

async fn read(ctx: &Context, who: Principal, id: DriverId) -> Result<Driver, Rejection> {
    Ok(ctx.run(move |app| async move { app.driver(&who, id).await }).await?)
}

fn driver_id(req: &HttpRequest) -> Result<DriverId, ErrorKind> {
    let id = req.match_info().get("driver_id").unwrap_or_default();
    id.parse().map_err(|_| ErrorKind::NotFound(Noun::Driver))
}

fn driver(driver: &Driver) -> ListedDriverDto<'_> {
    ListedDriverDto {
        driver_id: driver.id.to_string(),
        user_id: driver.user_id.to_string(),
        first_name: driver.first_name.as_ref().map(Text::as_str),
        last_name: driver.last_name.as_ref().map(Text::as_str),
        phone: driver.phone.as_ref().map(Text::as_str),
        status: driver.status.as_str(),
    }
}

fn with_tag(mut response: HttpResponse, driver: &Driver) -> HttpResponse {
    if let Ok(tag) = HeaderValue::try_from(tag(driver)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// Different for different contents (FNV-1a, 64 bits): drivers have no version.
fn tag(of: &Driver) -> String {
    let text = serde_json::to_string(&driver(of)).unwrap_or_default();
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    format!("\"{hash:016x}\"")
}

fn status_named(name: &str) -> Option<DriverStatus> {
    DriverStatus::ALL.into_iter().find(|status| status.as_str() == name)
}

fn read_query(query: &Query) -> Result<Asked, Vec<Problem>> {
    let mut problems = Vec::new();
    let statuses: Vec<String> = query.all("status").filter(|name| !name.is_empty()).map(str::to_owned).collect();
    if statuses.iter().any(|name| status_named(name).is_none()) {
        let names = DriverStatus::ALL.map(DriverStatus::as_str).join(", ");
        problems.push(Problem::new("status", format_args!("must be one of {names}")));
    }
    let limit = match query.first("limit").filter(|text| !text.is_empty()).map(str::parse::<usize>) {
        None => DEFAULT_LIMIT,
        Some(Ok(limit @ 1..=MAX_LIMIT)) => limit,
        Some(_) => {
            problems.push(Problem::new("limit", format_args!("must be between 1 and {MAX_LIMIT}")));
            DEFAULT_LIMIT
        }
    };
    if problems.is_empty() { Ok(Asked { statuses, limit, after: None }) } else { Err(problems) }
}

/// Name and telephone number, all of them: what is left out, null or blank is taken away.
fn edit(body: &[u8]) -> Result<DriverChange, Vec<Problem>> {
    let wrong = |message| vec![Problem::new("body", message)];
    let body: Value = serde_json::from_slice(body).map_err(|_| wrong("must be valid JSON"))?;
    let body = body.as_object().ok_or_else(|| wrong("must be an object"))?;
    let mut problems = Vec::new();
    let mut text = |name: &str| {
        let value = body.get(name).filter(|value| !value.is_null())?;
        let Some(text) = value.as_str() else {
            problems.push(Problem::new(name, "must be a string"));
            return None;
        };
        if text.trim().is_empty() {
            return None;
        }
        Text::parse(text).map_err(|fault| problems.push(Problem::new(name, fault))).ok()
    };
    let (first_name, last_name, phone) = (text("first_name"), text("last_name"), text("phone"));
    if problems.is_empty() { Ok(DriverChange::Edit { first_name, last_name, phone }) } else { Err(problems) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_refused(body: &str, expected: &[&str]) {
        let problems = edit(body.as_bytes()).expect_err("a refusal");
        assert_eq!(problems.iter().map(ToString::to_string).collect::<Vec<_>>(), expected, "{body}");
    }

    #[test]
    fn an_edit_says_all_that_a_driver_is_called() {
        let name = |text: &str| Some(Text::parse(text).expect("a name"));
        let expected = DriverChange::Edit { first_name: name("Äino"), last_name: None, phone: None };
        assert_eq!(edit(r#"{"first_name": "Äino", "last_name": null, "phone": " "}"#.as_bytes()), Ok(expected));
        check_refused("", &["body must be valid JSON"]);
        check_refused("[]", &["body must be an object"]);
        check_refused(r#"{"first_name": 7, "phone": {}}"#, &["first_name must be a string", "phone must be a string"]);
    }

    #[test]
    fn a_query_names_states_and_a_limit() {
        let asked = read_query(&Query::parse("status=active&status=archived&limit=7")).expect("a query");
        assert_eq!((asked.statuses.len(), asked.limit), (2, 7));
        assert_eq!(read_query(&Query::parse("limit=&status=")).expect("a query").limit, DEFAULT_LIMIT);
        let problems = read_query(&Query::parse("status=ACTIVE&limit=201")).expect_err("a refusal");
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["status must be one of active, inactive, archived", "limit must be between 1 and 200"]);
    }
}
