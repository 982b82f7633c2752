//! `/api/v1/routes`: making routes and changing them. Each change answers the whole route as it stands then.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use routemate_app::{
    App, CreateRoute, ErrorKind, NewStop, Noun, RenderRoute, RenderWholeRoute, RouteChange, RouteKey, RouteView,
    StopOrder, TerminalRequest, WholeRoute,
};
use routemate_domain::{DriverId, TextFault};
use routemate_http::{Context, Rejection, authenticate, idempotency_key, json, read_body};

use crate::job_changes::{At, Fields, Refused, read_change};
use crate::responses::{change_key, changed, created, expected_version, tagged};
use crate::route_lists::route_id;
use crate::route_view::{tag, whole_route};

/// What an idempotency key of a new route belongs to.
const CREATE: &str = "native.create_route";
/// What one of a change belongs to.
const CHANGE: &str = "native.change_route";

/// Makes a route.
pub(crate) async fn create(ctx: &Context, req: &HttpRequest, payload: Payload) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let body = read_body(req, payload, ctx.settings().max_body_bytes).await?;
    let key = idempotency_key(req.headers(), CREATE, &body).map_err(|problem| ErrorKind::Invalid(vec![problem]))?;
    let command = read_route(&body).map_err(Refused::into_kind)?;
    let caller = who.integration_id;
    let render: RenderRoute = Arc::new(move |RouteView { itinerary, driver }| {
        // Text and finite numbers: writing them cannot fail.
        serde_json::to_vec(&whole_route(itinerary, None, driver.as_ref(), Some(caller))).unwrap_or_default()
    });
    let answer = ctx.run(move |app| async move { app.create_route(&who, command, key, render).await }).await?;
    Ok(created(answer, "/api/v1/routes", "/route_id"))
}

/// Changes a route as the path's last part says.
pub(crate) async fn change(
    ctx: &Context,
    req: &HttpRequest,
    payload: Payload,
    kind: &'static str,
) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let body = read_body(req, payload, ctx.settings().max_body_bytes).await?;
    let (id, expected) = (route_id(req)?, expected_version(req, Noun::Route)?);
    let change = read_route_change(kind, &body, req.match_info().get("stop_id")).map_err(Refused::into_kind)?;
    let caller = who.integration_id;
    if let Some(key) = change_key(req, CHANGE, &body)? {
        let render: RenderWholeRoute = Arc::new(move |WholeRoute { itinerary, job, driver }| {
            serde_json::to_vec(&whole_route(itinerary, job.as_ref(), driver.as_ref(), Some(caller))).unwrap_or_default()
        });
        let route = RouteKey::Route(id);
        let change = move |app: Arc<App>| async move {
            app.change_once_for_key(&who, route, change, expected, &key, render).await
        };
        return Ok(changed(ctx.run(change).await?));
    }
    let changed = ctx.run(move |app| async move { app.change_whole_route(&who, id, change, expected).await }).await?;
    let (job, driver) = (changed.job.as_ref(), changed.driver.as_ref());
    let body = whole_route(&changed.itinerary, job, driver, Some(caller));
    Ok(tagged(json(StatusCode::OK, &body), &tag(&changed.itinerary, driver)))
}

/// Deletes a route that belongs to no job.
pub(crate) async fn delete(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let (id, expected) = (route_id(req)?, expected_version(req, Noun::Route)?);
    ctx.run(move |app| async move { app.delete_route(&who, id, expected).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The change that a path's last part and the body say: those of jobs, and those that only routes know.
fn read_route_change(kind: &str, body: &[u8], stop: Option<&str>) -> Result<RouteChange, Refused> {
    let fields = Fields::read(body)?;
    let mut problems = Vec::new();
    let mut at = At { value: fields.body(), path: String::new(), problems: &mut problems };
    let change = match kind {
        "describe" => {
            let name = at.checked("name");
            if name.is_none() && at.is_sent("name") && at.problems.is_empty() {
                at.wrong("name", TextFault::Blank);
            }
            let scheduled_for = at.is_sent("scheduled_for").then(|| at.instant("scheduled_for"));
            if name.is_none() && scheduled_for.is_none() && at.problems.is_empty() {
                at.wrong("name", "is required where there is no scheduled_for");
            }
            let order = if at.flag("optimize") == Some(false) { StopOrder::Given } else { StopOrder::Best };
            Some(RouteChange::Describe { name, scheduled_for, order })
        }
        "assign" => {
            if at.is_blank("driver_id") {
                at.wrong("driver_id", TextFault::Blank);
            }
            at.driver_id().map(RouteChange::Assign)
        }
        "unassign" => Some(RouteChange::Unassign),
        "dispatch" => {
            if at.is_blank("dispatched_until") {
                at.wrong("dispatched_until", TextFault::Blank);
            }
            at.instant("dispatched_until").map(|until| RouteChange::Dispatch { until })
        }
        "undispatch" => Some(RouteChange::Undispatch),
        "archive" => Some(RouteChange::Archive),
        "unarchive" => Some(RouteChange::Unarchive),
        _ => return read_change(kind, &fields, stop),
    };
    change.filter(|_| problems.is_empty()).ok_or(Refused::Invalid(problems))
}

/// The route that is to be made, read from a body.
fn read_route(body: &[u8]) -> Result<CreateRoute, Refused> {
    let fields = Fields::read(body)?;
    let mut problems = Vec::new();
    let mut at = At { value: fields.body(), path: String::new(), problems: &mut problems };
    let name = at.checked("name");
    if at.is_blank("name") {
        at.wrong("name", TextFault::Blank);
    }
    let scheduled_for = at.instant("scheduled_for");
    let driver = at.driver_id();
    let start = at.within("start", |at| at.terminal()).unwrap_or_default();
    let end = at.within("end", |at| at.terminal()).unwrap_or_default();
    let stops: Vec<NewStop> = match at.given("stops") {
        None => Vec::new(),
        Some(_) => at.objects("stops", |stop| stop.new_stop()).unwrap_or_default(),
    };
    let order = if at.flag("optimize") == Some(false) { StopOrder::Given } else { StopOrder::Best };
    match name {
        Some(name) if problems.is_empty() => Ok(CreateRoute { name, scheduled_for, driver, start, end, stops, order }),
        _ => Err(Refused::Invalid(problems)),
    }
}

impl At<'_> {
    fn driver_id(&mut self) -> Option<DriverId> {
        let id = self.text("driver_id")?.parse();
        id.map_err(|_| self.wrong("driver_id", "must be a UUID")).ok()
    }

    /// Where a route begins or ends.
    fn terminal(&mut self) -> TerminalRequest {
        TerminalRequest {
            address: self.address("address").unwrap_or_default(),
            // (0, 0) is what is sent where nothing is known.
            position: self.position().filter(|position| (position.lat(), position.lng()) != (0.0, 0.0)),
            tasks: self.tasks("tasks"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STOP: &str = "0190b6e2-0000-7000-8000-00000000000b";

    fn told<T>(read: Result<T, Refused>) -> Vec<String> {
        match read {
            Err(Refused::Invalid(problems)) => problems.iter().map(ToString::to_string).collect(),
            Err(other) => panic!("{other:?}"),
            Ok(_) => Vec::new(),
        }
    }

    #[test]
    fn a_route_is_read_whole() {
        let body = format!(
            r#"{{"name": "Morning", "scheduled_for": "2026-03-09T08:00:00+02:00", "driver_id": "{STOP}",
            "start": {{"latitude": 60.2, "longitude": 24.9, "tasks": [{{"title": "Load", "kind": "text"}}]}},
            "end": {{"address": "Unioninkatu 29"}}, "optimize": false,
            "stops": [{{"imported_stop_id": "{STOP}"}}, {{"saved_stop_id": "{STOP}"}}, {{"address": "Kaivokatu 1"}}]}}"#
        );
        let route = read_route(body.as_bytes()).expect("a route");
        assert_eq!((route.name.as_str(), route.order), ("Morning", StopOrder::Given));
        assert!(route.driver.is_some() && route.scheduled_for.is_some() && route.start.position.is_some());
        assert_eq!((route.start.tasks.len(), route.end.address.line1.as_str()), (1, "Unioninkatu 29"));
        assert!(matches!(route.stops.as_slice(), [NewStop::Imported(_), NewStop::Saved(_), NewStop::Inline(_)]));
        let bare = read_route(br#"{"name": "N", "stops": null}"#).expect("a route");
        assert_eq!((bare.order, bare.stops.len()), (StopOrder::Best, 0));
    }

    #[test]
    fn all_that_is_wrong_with_a_route_is_told() {
        let body = br#"{"scheduled_for": "tomorrow", "driver_id": "7", "start": 7, "end": {"latitude": 91},
            "stops": [{}, 7, {"imported_stop_id": "x"}], "optimize": "yes"}"#;
        assert_eq!(
            told(read_route(body)),
            [
                "name is required",
                "scheduled_for must be a time with its offset, such as 2026-03-09T08:00:00Z",
                "driver_id must be a UUID",
                "start must be an object",
                "end.latitude must be a number between -90 and 90",
                "end.longitude is required beside latitude",
                "stops[0].address is required where there is no position",
                "stops[1] must be an object",
                "stops[2].imported_stop_id must be a UUID",
                "optimize must be true or false",
            ]
        );
        assert_eq!(told(read_route(b"[]")), ["body must be an object"]);
        let early = read_route(br#"{"name": "N", "scheduled_for": "-000001-01-01T00:00:00Z"}"#);
        assert_eq!(told(early).len(), 1, "not all databases have that time");
    }

    #[test]
    fn a_name_or_a_time_is_changed_alone() {
        let read = |body: &str| read_route_change("describe", body.as_bytes(), None);
        let named = read(r#"{"name": "Noon"}"#);
        assert!(matches!(named, Ok(RouteChange::Describe { name: Some(_), scheduled_for: None, .. })));
        let open = read(r#"{"scheduled_for": null, "optimize": false}"#);
        let Ok(RouteChange::Describe { name: None, scheduled_for: Some(None), order }) = open else {
            panic!("{open:?}")
        };
        assert_eq!(order, StopOrder::Given);
        assert_eq!(told(read("{}")), ["name is required where there is no scheduled_for"]);
        assert_eq!(told(read(r#"{"name": " "}"#)), ["name is required"]);
        assert_eq!(told(read(r#"{"name": null, "scheduled_for": "noon"}"#)).len(), 2);
    }

    #[test]
    fn changes_say_what_they_need() {
        let read = |kind, body: &str| read_route_change(kind, body.as_bytes(), Some(STOP));
        assert_eq!(told(read("assign", "{}")), ["driver_id is required"]);
        assert_eq!(told(read("assign", r#"{"driver_id": "x"}"#)), ["driver_id must be a UUID"]);
        assert_eq!(told(read("dispatch", "")), ["dispatched_until is required"]);
        assert!(matches!(read("unassign", ""), Ok(RouteChange::Unassign)));
        assert!(matches!(read("archive", "{}"), Ok(RouteChange::Archive)));
        assert!(matches!(read("move_stop", r#"{"position": 2}"#), Ok(RouteChange::MoveStop { position: 2, .. })));
        assert!(matches!(read_route_change("remove_stop", b"", Some("x")), Err(Refused::Missing(Noun::Stop))));
    }
}
