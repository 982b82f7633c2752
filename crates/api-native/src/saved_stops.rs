//! `/api/v1/saved-stops`: stops that are kept to be used again and again.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use routemate_app::{ErrorKind, Noun, Problem, RenderSavedStop, SaveStop};
use routemate_domain::{SavedStop, SavedStopId, TextFault};
use routemate_http::{Context, Query, Rejection, authenticate, idempotency_key, json, read_body};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::convert::{self, instant};
use crate::dto::{AddressDto, AttributeDto, ContactDto, ItemDto, LocationDto, PriorityDto};
use crate::imported_stops::{DayWindowDto, OddityDto, TaskTemplateDto, oddities, task, windows};
use crate::job_changes::{At, Fields, Refused};
use crate::openapi::schemas;
use crate::paging::{Paged, asked_for, next_cursor, read_limit, read_text};
use crate::responses::{created, expected_version, shown, tagged};

/// What a cursor of the list belongs to.
const LIST: &str = "native.saved_stops";
/// What an idempotency key of a new one belongs to.
const CREATE: &str = "native.create_saved_stop";

/// What the first page was asked for, and the last saved stop shown.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Asked {
    text: Option<String>,
    limit: usize,
    before: Option<String>,
}

/// A page of saved stops.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SavedStopsDto<'a> {
    saved_stops: Vec<SavedStopDto<'a>>,
    /// Where the next page begins; `null` on the last one.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// A stop that is kept to be used again and again, as it stands. What `PUT` takes is told by the same names.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SavedStopDto<'a> {
    #[schema(format = "uuid")]
    saved_stop_id: String,
    /// What people call it.
    name: &'a str,
    #[schema(required)]
    external_stop_id: Option<&'a str>,
    /// `delivery`, `pickup`, `task` or `break`.
    #[schema(schema_with = schemas::stop_kind)]
    kind: &'static str,
    address: AddressDto<'a>,
    /// As given.
    #[schema(required, minimum = -90, maximum = 90)]
    latitude: Option<f64>,
    /// As given.
    #[schema(required, minimum = -180, maximum = 180)]
    longitude: Option<f64>,
    /// Where that is; `not_found` says what may have been meant.
    location: LocationDto<'a>,
    contact: ContactDto<'a>,
    #[schema(required)]
    note: Option<&'a str>,
    #[schema(required)]
    service_seconds: Option<u32>,
    /// When service may begin; none is any time, several are alternatives.
    windows: Vec<DayWindowDto>,
    #[schema(required, format = "date")]
    delivery_date: Option<String>,
    priority: PriorityDto,
    items: Vec<ItemDto<'a>>,
    #[schema(required)]
    order_name: Option<&'a str>,
    attributes: Vec<AttributeDto<'a>>,
    tags: Vec<&'a str>,
    tasks: Vec<TaskTemplateDto<'a>>,
    /// What was kept as it came because it reads as nothing known.
    oddities: Vec<OddityDto<'a>>,
    /// Counts changes.
    version: i64,
    #[schema(format = "date-time")]
    created_at: String,
    #[schema(format = "date-time")]
    updated_at: String,
}

/// A page of saved stops, the latest made first.
pub(crate) async fn list(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let query = Query::parse(req.query_string());
    let asked: Asked = asked_for(ctx, &who, LIST, &query, read_query).await?;
    let before = asked.before.as_deref().and_then(|id| id.parse().ok());
    let (organization, text, most) = (who.organization_id, asked.text.clone(), asked.limit + 1);
    let found = ctx.run(move |app| async move { app.saved_stops(organization, text.as_deref(), before, most).await });
    let Paged { items, last } = Paged::cut(found.await?, asked.limit, |stop: &SavedStop| stop.id.to_string());
    let next = last.map(|last| Asked { before: Some(last), ..asked });
    let next_cursor = next_cursor(ctx, &who, LIST, next).await?;
    let saved_stops = items.iter().map(saved_stop).collect();
    Ok(json(StatusCode::OK, &SavedStopsDto { saved_stops, next_cursor }))
}

/// Keeps a stop.
pub(crate) async fn create(ctx: &Context, req: &HttpRequest, payload: Payload) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let body = read_body(req, payload, ctx.settings().max_body_bytes).await?;
    let key = idempotency_key(req.headers(), CREATE, &body).map_err(|problem| ErrorKind::Invalid(vec![problem]))?;
    let command = read_command(&body).map_err(Refused::into_kind)?;
    // Text and finite numbers: writing them cannot fail.
    let render: RenderSavedStop = Arc::new(|stop| serde_json::to_vec(&saved_stop(stop)).unwrap_or_default());
    let answer = ctx.run(move |app| async move { app.save_stop(&who, command, key, render).await }).await?;
    Ok(created(answer, "/api/v1/saved-stops", "/saved_stop_id"))
}

/// Tells how a saved stop stands.
pub(crate) async fn find(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let organization = authenticate(ctx, req).await?.principal.organization_id;
    let id = saved_stop_id(req)?;
    let stop = ctx.run(move |app| async move { app.saved_stop(organization, id).await }).await?;
    Ok(shown(req, &tag(&stop), &saved_stop(&stop)))
}

/// Replaces a saved stop as a whole.
pub(crate) async fn replace(ctx: &Context, req: &HttpRequest, payload: Payload) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let body = read_body(req, payload, ctx.settings().max_body_bytes).await?;
    let (id, expected) = (saved_stop_id(req)?, expected_version(req, Noun::SavedStop)?);
    let command = read_command(&body).map_err(Refused::into_kind)?;
    let changed = ctx.run(move |app| async move { app.change_saved_stop(&who, id, &command, expected).await });
    let stop = changed.await?;
    Ok(tagged(json(StatusCode::OK, &saved_stop(&stop)), &tag(&stop)))
}

/// Deletes a saved stop.
pub(crate) async fn delete(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let (id, expected) = (saved_stop_id(req)?, expected_version(req, Noun::SavedStop)?);
    ctx.run(move |app| async move { app.delete_saved_stop(&who, id, expected).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The same as a value, for whoever shows it elsewhere.
///
/// # Errors
/// None that has been seen: it is text and finite numbers.
pub fn saved_stop_json(stop: &SavedStop) -> Result<serde_json::Value, serde_json::Error> {
    serde_json::to_value(saved_stop(stop))
}

/// What is to be kept, read from a body, for whoever has one from elsewhere.
///
/// # Errors
/// Every problem of it.
pub fn read_saved_stop(body: &[u8]) -> Result<SaveStop, Vec<Problem>> {
    read_command(body).map_err(|refused| match refused {
        Refused::Invalid(problems) => problems,
        // Nothing but what a path names is missing.
        Refused::Missing(_) => Vec::new(),
    })
}

fn read_command(body: &[u8]) -> Result<SaveStop, Refused> {
    let fields = Fields::read(body)?;
    let mut problems = Vec::new();
    let mut at = At { value: fields.body(), path: String::new(), problems: &mut problems };
    let name = at.checked("name");
    if at.is_blank("name") {
        at.wrong("name", TextFault::Blank);
    }
    let request = at.stop_request();
    match (name, request) {
        (Some(name), Some(request)) if problems.is_empty() => Ok(SaveStop { name, request }),
        _ => Err(Refused::Invalid(problems)),
    }
}

fn read_query(query: &Query) -> Result<Asked, Vec<Problem>> {
    let mut problems = Vec::new();
    let (text, limit) = (read_text(query, &mut problems), read_limit(query, &mut problems));
    if problems.is_empty() { Ok(Asked { text, limit, before: None }) } else { Err(problems) }
}

fn saved_stop_id(req: &HttpRequest) -> Result<SavedStopId, ErrorKind> {
    let id = req.match_info().get("saved_stop_id").unwrap_or_default();
    id.parse().map_err(|_| ErrorKind::NotFound(Noun::SavedStop))
}

fn tag(stop: &SavedStop) -> String {
    format!("\"{}\"", stop.version)
}

fn saved_stop(stop: &SavedStop) -> SavedStopDto<'_> {
    let request = &stop.request;
    SavedStopDto {
        saved_stop_id: stop.id.to_string(),
        name: stop.name.as_str(),
        external_stop_id: request.external_id.as_ref().map(|id| id.as_str()),
        kind: request.kind.as_str(),
        address: convert::address(&request.address),
        latitude: request.position.map(|position| position.lat()),
        longitude: request.position.map(|position| position.lng()),
        location: convert::location(&stop.location),
        contact: convert::contact(&request.contact),
        note: request.note.as_ref().map(|note| note.as_str()),
        service_seconds: request.service_time.map(|time| time.get()),
        windows: windows(request),
        delivery_date: request.delivery_date.map(|date| date.to_string()),
        priority: PriorityDto { value: request.priority.raw(), scale: request.priority.scale().as_str() },
        items: convert::items(&request.items),
        order_name: request.order_name.as_deref(),
        attributes: convert::attributes(&request.attributes),
        tags: request.tags.iter().map(String::as_str).collect(),
        tasks: request.tasks.iter().map(task).collect(),
        oddities: oddities(request),
        version: stop.version,
        created_at: instant(stop.created_at),
        updated_at: instant(stop.updated_at),
    }
}

#[cfg(test)]
mod tests {
    use routemate_domain::{Location, OrganizationId};
    use routemate_test_support::at;
    use uuid::Uuid;

    use super::*;
    use crate::openapi::saved_stop_request;

    fn stop(command: SaveStop) -> SavedStop {
        SavedStop {
            organization_id: OrganizationId::from_uuid(Uuid::nil()),
            id: SavedStopId::from_uuid(Uuid::nil()),
            name: command.name,
            request: command.request,
            location: Location::Searching,
            version: 1,
            created_at: at("2026-03-09T08:30:00Z"),
            updated_at: at("2026-03-09T08:30:00Z"),
        }
    }

    #[test]
    fn what_is_told_can_be_sent_back_and_changes_nothing() {
        let (schema, example) = saved_stop_request();
        let made = stop(read_command(example.to_string().as_bytes()).expect("the documented example"));
        let told = serde_json::to_value(saved_stop(&made)).expect("JSON");
        let again = stop(read_command(told.to_string().as_bytes()).expect("what was told"));
        assert_eq!(again, made);
        // Whatever may be sent is told, and is in the example.
        let schema = serde_json::to_value(schema.build()).expect("JSON");
        for name in schema["properties"].as_object().expect("properties").keys() {
            assert!(!told[name].is_null() && !example[name].is_null(), "{name}");
        }
    }

    #[test]
    fn all_that_is_wrong_is_told_with_its_path() {
        let Err(Refused::Invalid(problems)) = read_command(br#"{"name": " ", "windows": 7}"#) else { panic!("read") };
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let expected =
            ["name is required", "address is required where there is no position", "windows must be an array"];
        assert_eq!(told, expected);
    }
}
