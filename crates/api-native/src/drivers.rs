//! `/api/v1/drivers`: an organisation's drivers, and what becomes of their open routes when they change.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use routemate_app::{
    ChangedDriver, CreateDriver, DriverChange, ErrorKind, ListedDriver, Noun, Principal, Problem, RenderDriver,
};
use routemate_domain::{Driver, DriverId, DriverStatus, Email, OrganizationId, Route, Text, TextFault};
use routemate_http::{Context, Query, Rejection, authenticate, header_text, idempotency_key, json, read_body};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::convert::{self, instant};
use crate::job_changes::{At, Fields, Refused};
use crate::openapi::schemas;
use crate::paging::{Paged, asked_for, next_cursor, read_limit};
use crate::responses::{created, shown, tagged};

/// What a cursor of the list belongs to.
const OPERATION: &str = "native.drivers";

/// What an idempotency key of a new one belongs to.
const CREATE: &str = "native.create_driver";

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
    /// The person's, normalised.
    #[schema(format = "email")]
    email: &'a str,
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
    /// The routes that stay the driver's and are still to be driven.
    open_routes: Vec<DriverRouteDto<'a>>,
    /// The routes that have no driver any more.
    unassigned_routes: Vec<DriverRouteDto<'a>>,
}

/// A route that a change of its driver is about.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DriverRouteDto<'a> {
    #[schema(format = "uuid")]
    route_id: String,
    name: &'a str,
    /// `planned` or `started`.
    #[schema(schema_with = schemas::route_status)]
    status: &'static str,
    /// When it is to be driven, as planned by a person.
    #[schema(required, format = "date-time")]
    scheduled_for: Option<String>,
}

/// A driver who was made just now, with what was waiting for the person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NewDriverDto<'a> {
    driver: ListedDriverDto<'a>,
    /// Whether an invitation that waited for the address is accepted by it.
    is_invitation_accepted: bool,
    /// How many jobs that waited for the address are the driver's now.
    jobs_assigned: usize,
}

/// A page of drivers in the order they were made.
pub(crate) async fn list(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let query = Query::parse(req.query_string());
    let asked: Asked = asked_for(ctx, &who, OPERATION, &query, read_query).await?;
    let statuses: Vec<DriverStatus> = asked.statuses.iter().filter_map(|name| status_named(name)).collect();
    let after = asked.after.as_deref().and_then(|id| id.parse().ok());
    let (caller, most) = (who.clone(), asked.limit + 1);
    let listed = ctx.run(move |app| async move { app.drivers_page(&caller, &statuses, after, most).await });
    let key = |listed: &ListedDriver| listed.driver.id.to_string();
    let Paged { items, last } = Paged::cut(listed.await?, asked.limit, key);
    let next = last.map(|last| Asked { after: Some(last), ..asked });
    let next_cursor = next_cursor(ctx, &who, OPERATION, next).await?;
    let drivers = items.iter().map(|listed| driver(&listed.driver, &listed.email)).collect();
    Ok(json(StatusCode::OK, &DriversDto { drivers, next_cursor }))
}

/// Makes a person a driver.
pub(crate) async fn create(ctx: &Context, req: &HttpRequest, payload: Payload) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let body = read_body(req, payload, ctx.settings().max_body_bytes).await?;
    let key = idempotency_key(req.headers(), CREATE, &body).map_err(|problem| ErrorKind::Invalid(vec![problem]))?;
    let command = new_driver(who.organization_id, &body).map_err(Refused::into_kind)?;
    let render: RenderDriver = Arc::new(|created| {
        let body = NewDriverDto {
            driver: driver(&created.driver, created.email.as_str()),
            is_invitation_accepted: created.is_invitation_accepted,
            jobs_assigned: created.jobs_assigned,
        };
        // Text and numbers: writing them cannot fail.
        serde_json::to_vec(&body).unwrap_or_default()
    });
    let answer = ctx.run(move |app| async move { app.add_driver(&who, command, key, render).await }).await?;
    Ok(created(answer, "/api/v1/drivers", "/driver/driver_id"))
}

/// Tells what is known of a driver.
pub(crate) async fn find(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let ListedDriver { driver: found, email } = read(ctx, who, driver_id(req)?).await?;
    Ok(shown(req, &tag(&found, &email), &driver(&found, &email)))
}

/// Writes name and telephone number.
pub(crate) async fn replace(ctx: &Context, req: &HttpRequest, payload: Payload) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let body = read_body(req, payload, ctx.settings().max_body_bytes).await?;
    change(ctx, req, who, edit(&body).map_err(Refused::into_kind)?).await
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
            if !named.split(',').any(|one| one.trim() == tag(&found.driver, &found.email)) {
                return Err(ErrorKind::Changed(Noun::Driver).into());
            }
            Some(found.driver)
        }
    };
    let changed =
        ctx.run(move |app| async move { app.change_driver(&who, id, &change, expected.as_ref()).await }).await?;
    Ok(tagged(json(StatusCode::OK, &changed_driver(&changed)), &tag(&changed.driver, &changed.email)))
}

/// A driver as a value, for whoever shows it elsewhere.
///
/// # Errors
/// None that has been seen: it is text.
pub fn driver_json(listed: &ListedDriver) -> Result<Value, serde_json::Error> {
    serde_json::to_value(driver(&listed.driver, &listed.email))
}

/// A driver after a change, as a value, for whoever shows it elsewhere.
///
/// # Errors
/// None that has been seen: it is text.
pub fn changed_driver_json(changed: &ChangedDriver) -> Result<Value, serde_json::Error> {
    serde_json::to_value(changed_driver(changed))
}

fn changed_driver(changed: &ChangedDriver) -> ChangedDriverDto<'_> {
    ChangedDriverDto {
        driver: driver(&changed.driver, &changed.email),
        open_routes: changed.open_routes.iter().map(route).collect(),
        unassigned_routes: changed.unassigned_routes.iter().map(route).collect(),
    }
}

fn route(route: &Route) -> DriverRouteDto<'_> {
    DriverRouteDto {
        route_id: route.id.to_string(),
        name: route.name.as_str(),
        status: route.status.as_str(),
        scheduled_for: route.scheduled_for.map(instant),
    }
}

async fn read(ctx: &Context, who: Principal, id: DriverId) -> Result<ListedDriver, Rejection> {
    Ok(ctx.run(move |app| async move { app.listed_driver(who.organization_id, id).await }).await?)
}

fn driver_id(req: &HttpRequest) -> Result<DriverId, ErrorKind> {
    let id = req.match_info().get("driver_id").unwrap_or_default();
    id.parse().map_err(|_| ErrorKind::NotFound(Noun::Driver))
}

fn driver<'a>(driver: &'a Driver, email: &'a str) -> ListedDriverDto<'a> {
    ListedDriverDto {
        driver_id: driver.id.to_string(),
        user_id: driver.user_id.to_string(),
        first_name: driver.first_name.as_ref().map(Text::as_str),
        last_name: driver.last_name.as_ref().map(Text::as_str),
        email,
        phone: driver.phone.as_ref().map(Text::as_str),
        status: driver.status.as_str(),
    }
}

/// Different for different contents: drivers have no version.
fn tag(of: &Driver, email: &str) -> String {
    let text = serde_json::to_string(&driver(of, email)).unwrap_or_default();
    format!("\"{:016x}\"", convert::hash(&text))
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
    let limit = read_limit(query, &mut problems);
    if problems.is_empty() { Ok(Asked { statuses, limit, after: None }) } else { Err(problems) }
}

/// Name and telephone number, all of them: what is left out, null or blank is taken away.
fn edit(body: &[u8]) -> Result<DriverChange, Refused> {
    // Nothing at all is a slip, not the wish that nothing be left.
    if body.trim_ascii().is_empty() {
        return Err(Refused::Invalid(vec![Problem::new("body", TextFault::Blank)]));
    }
    let fields = Fields::read(body)?;
    let mut problems = Vec::new();
    let mut at = At { value: fields.body(), path: String::new(), problems: &mut problems };
    let (first_name, last_name, phone) = (at.checked("first_name"), at.checked("last_name"), at.checked("phone"));
    match problems.is_empty() {
        true => Ok(DriverChange::Edit { first_name, last_name, phone }),
        false => Err(Refused::Invalid(problems)),
    }
}

/// Who is to drive from now on.
fn new_driver(organization_id: OrganizationId, body: &[u8]) -> Result<CreateDriver, Refused> {
    let fields = Fields::read(body)?;
    let mut problems = Vec::new();
    let mut at = At { value: fields.body(), path: String::new(), problems: &mut problems };
    let email = at.text("email");
    let email = email.and_then(|email| Email::parse(email).map_err(|fault| at.wrong("email", fault)).ok());
    if at.is_blank("email") {
        at.wrong("email", TextFault::Blank);
    }
    let (first_name, last_name, phone) = (at.checked("first_name"), at.checked("last_name"), at.checked("phone"));
    match email {
        Some(email) if problems.is_empty() => Ok(CreateDriver { organization_id, email, first_name, last_name, phone }),
        _ => Err(Refused::Invalid(problems)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paging::DEFAULT_LIMIT;

    #[track_caller]
    fn check_refused(body: &str, expected: &[&str]) {
        let Err(Refused::Invalid(problems)) = edit(body.as_bytes()) else { panic!("{body} is read") };
        assert_eq!(problems.iter().map(ToString::to_string).collect::<Vec<_>>(), expected, "{body}");
    }

    #[test]
    fn an_edit_says_all_that_a_driver_is_called() {
        let name = |text: &str| Some(Text::parse(text).expect("a name"));
        let expected = DriverChange::Edit { first_name: name("Äino"), last_name: None, phone: None };
        assert_eq!(edit(r#"{"first_name": "Äino", "last_name": null, "phone": " "}"#.as_bytes()), Ok(expected));
        check_refused(" ", &["body is required"]);
        check_refused("{", &["body must be valid JSON"]);
        check_refused("[]", &["body must be an object"]);
        check_refused(r#"{"first_name": 7, "phone": {}}"#, &["first_name must be a string", "phone must be a string"]);
    }

    #[test]
    fn a_new_driver_needs_an_address() {
        let told = |body: &str| match new_driver(OrganizationId::from_uuid(uuid::Uuid::nil()), body.as_bytes()) {
            Err(Refused::Invalid(problems)) => problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
            read => panic!("{read:?}"),
        };
        assert_eq!(told("{}"), ["email is required"]);
        assert_eq!(told(r#"{"email": 7, "phone": 7}"#), ["email must be a string", "phone must be a string"]);
        assert_eq!(told(r#"{"email": "nobody"}"#).len(), 1);
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
