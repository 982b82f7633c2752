use actix_web::web::{Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use routemate_app::{ErrorKind, JobKey, JobView, Noun};
use routemate_domain::{DriverStatus, JobId};
use routemate_http::openapi::Surface;
use routemate_http::{Context, Endpoint, Rejection, Verb, authenticate, mount};

use crate::job_page::{self, get as get_job_page};
use crate::responses::shown;
use crate::{
    addresses, convert, drivers, error, geocode, imported_stops, jobs, openapi, route_changes, route_lists,
    saved_stops, shopify, stop_files,
};

/// A row of the table: the handler and what the document says of it have one name.
macro_rules! endpoint {
    ($verb:ident, $path:expr, $name:ident) => {
        Endpoint { verb: Verb::$verb, path: $path, handler: |route| route.to($name), describe: openapi::$name }
    };
}

/// Handlers: who answers, and how what is refused is told. Those with `body` read one.
macro_rules! handlers {
    ($($name:ident = $answer:expr;)+) => {$(
        async fn $name(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
            $answer(&ctx, &req).await.unwrap_or_else(error::answer)
        }
    )+};
    (body: $($name:ident = $answer:expr;)+) => {$(
        async fn $name(ctx: Data<Context>, req: HttpRequest, payload: Payload) -> HttpResponse {
            $answer(&ctx, &req, payload).await.unwrap_or_else(error::answer)
        }
    )+};
    (in $module:ident: $($name:ident = $kind:literal;)+) => {$(
        async fn $name(ctx: Data<Context>, req: HttpRequest, payload: Payload) -> HttpResponse {
            $module::change(&ctx, &req, payload, $kind).await.unwrap_or_else(error::answer)
        }
    )+};
    (drivers: $($name:ident = $state:ident;)+) => {$(
        async fn $name(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
            drivers::set_state(&ctx, &req, DriverStatus::$state).await.unwrap_or_else(error::answer)
        }
    )+};
}

/// Everything that is served below `/api/v1` and `/app`.
const ENDPOINTS: &[Endpoint] = &[
    endpoint!(Get, "/api/v1/jobs/{job_id}", get_job),
    endpoint!(Get, "/api/v1/jobs", list_jobs),
    endpoint!(Delete, "/api/v1/jobs/{job_id}", delete_job),
    endpoint!(Post, "/api/v1/jobs/{job_id}/reoptimize", reoptimize_job),
    endpoint!(Post, "/api/v1/jobs/{job_id}/cancel", cancel_job),
    endpoint!(Put, "/api/v1/jobs/{job_id}/driver", put_job_driver),
    endpoint!(Put, "/api/v1/jobs/{job_id}/route-ends", put_job_ends),
    endpoint!(Post, "/api/v1/jobs/{job_id}/stops", post_job_stops),
    endpoint!(Delete, "/api/v1/jobs/{job_id}/stops/{stop_id}", delete_job_stop),
    endpoint!(Put, "/api/v1/jobs/{job_id}/stops/{stop_id}/place", put_stop_place),
    endpoint!(Put, "/api/v1/jobs/{job_id}/stops/{stop_id}/position", put_stop_position),
    endpoint!(Put, "/api/v1/jobs/{job_id}/stops/{stop_id}/items", put_stop_items),
    endpoint!(Put, "/api/v1/jobs/{job_id}/stops/{stop_id}/lock", put_stop_lock),
    endpoint!(Get, "/api/v1/routes", list_routes),
    endpoint!(Post, "/api/v1/routes", post_route),
    endpoint!(Get, "/api/v1/routes/{route_id}", get_route),
    endpoint!(Patch, "/api/v1/routes/{route_id}", patch_route),
    endpoint!(Delete, "/api/v1/routes/{route_id}", delete_route),
    endpoint!(Post, "/api/v1/routes/{route_id}/reoptimize", reoptimize_route),
    endpoint!(Post, "/api/v1/routes/{route_id}/cancel", cancel_route),
    endpoint!(Put, "/api/v1/routes/{route_id}/driver", put_route_driver),
    endpoint!(Delete, "/api/v1/routes/{route_id}/driver", delete_route_driver),
    endpoint!(Put, "/api/v1/routes/{route_id}/dispatch", put_route_dispatch),
    endpoint!(Delete, "/api/v1/routes/{route_id}/dispatch", delete_route_dispatch),
    endpoint!(Post, "/api/v1/routes/{route_id}/archive", archive_route),
    endpoint!(Post, "/api/v1/routes/{route_id}/unarchive", unarchive_route),
    endpoint!(Post, "/api/v1/routes/{route_id}/stops", post_route_stops),
    endpoint!(Delete, "/api/v1/routes/{route_id}/stops/{stop_id}", delete_route_stop),
    endpoint!(Put, "/api/v1/routes/{route_id}/stops/{stop_id}/place", put_route_stop_place),
    endpoint!(Put, "/api/v1/routes/{route_id}/stops/{stop_id}/position", put_route_stop_position),
    endpoint!(Put, "/api/v1/routes/{route_id}/stops/{stop_id}/items", put_route_stop_items),
    endpoint!(Put, "/api/v1/routes/{route_id}/stops/{stop_id}/lock", put_route_stop_lock),
    endpoint!(Get, "/api/v1/drivers", list_drivers),
    endpoint!(Post, "/api/v1/drivers", post_driver),
    endpoint!(Get, "/api/v1/drivers/{driver_id}", get_driver),
    endpoint!(Put, "/api/v1/drivers/{driver_id}", put_driver),
    endpoint!(Post, "/api/v1/drivers/{driver_id}/deactivate", deactivate_driver),
    endpoint!(Post, "/api/v1/drivers/{driver_id}/reactivate", reactivate_driver),
    endpoint!(Post, "/api/v1/drivers/{driver_id}/archive", archive_driver),
    endpoint!(Get, "/api/v1/imported-stops/{imported_stop_id}", get_imported_stop),
    // Beside the stops, not below them: any text may be a client's id.
    endpoint!(Post, "/api/v1/imported-stops.csv", post_stop_file),
    endpoint!(Get, "/api/v1/imported-stops.csv", get_stop_file),
    endpoint!(Get, "/api/v1/saved-stops", list_saved_stops),
    endpoint!(Post, "/api/v1/saved-stops", post_saved_stop),
    endpoint!(Get, "/api/v1/saved-stops/{saved_stop_id}", get_saved_stop),
    endpoint!(Put, "/api/v1/saved-stops/{saved_stop_id}", put_saved_stop),
    endpoint!(Delete, "/api/v1/saved-stops/{saved_stop_id}", delete_saved_stop),
    endpoint!(Post, "/api/v1/geocode", post_geocode),
    endpoint!(Get, "/api/v1/addresses", get_address),
    endpoint!(Put, "/api/v1/addresses", put_address),
    endpoint!(Delete, "/api/v1/addresses/{address_id}", delete_address),
    endpoint!(Post, "/api/v1/shopify/webhooks", receive_shopify_webhook),
    endpoint!(Get, "/api/v1/shopify/shops", list_shopify_shops),
    endpoint!(Get, "/api/v1/shopify/orders", list_shopify_orders),
    endpoint!(Get, "/api/v1/shopify/orders/{shopify_order_id}", get_shopify_order),
    endpoint!(Get, job_page::PATH, get_job_page),
];

/// Our own paths: `/api/v1` and `/app`.
pub const SURFACE: Surface = Surface {
    tag: "Native API",
    description: "Jobs and routes, their changes, everything that is known of one, and a job's page; drivers; stops that are kept; the search for addresses, and what is remembered of them.",
    endpoints: ENDPOINTS,
    configure,
    components: openapi::components,
    refuse,
    says: error::says,
};

fn configure(cfg: &mut ServiceConfig) {
    for prefix in ["/api/v1", "/app"] {
        mount(cfg, prefix, ENDPOINTS, refuse);
    }
}

/// Problems for programs; who waits for the page gets a page.
fn refuse(req: &HttpRequest, rejection: Rejection) -> HttpResponse {
    let is_busy = matches!(&rejection, Rejection::App(error) if matches!(error.kind(), ErrorKind::Unavailable { .. }));
    if is_busy && req.match_pattern().is_some_and(|pattern| pattern == job_page::PATH) {
        return job_page::refused_page(rejection);
    }
    error::answer(rejection)
}

handlers! {
    get_job = find_job;
    list_jobs = jobs::list;
    delete_job = jobs::delete;
    list_routes = route_lists::list;
    get_route = route_lists::find;
    delete_route = route_changes::delete;
    list_drivers = drivers::list;
    get_driver = drivers::find;
    get_imported_stop = imported_stops::find;
    get_stop_file = stop_files::export;
    list_saved_stops = saved_stops::list;
    get_saved_stop = saved_stops::find;
    delete_saved_stop = saved_stops::delete;
    get_address = addresses::find;
    delete_address = addresses::forget;
    list_shopify_shops = shopify::list_shops;
    list_shopify_orders = shopify::list_orders;
    get_shopify_order = shopify::find_order;
}

handlers! {
    body:
    post_route = route_changes::create;
    post_driver = drivers::create;
    post_stop_file = stop_files::import;
    put_driver = drivers::replace;
    post_saved_stop = saved_stops::create;
    put_saved_stop = saved_stops::replace;
    post_geocode = geocode::geocode;
    put_address = addresses::remember;
    receive_shopify_webhook = shopify::receive;
}

handlers! {
    drivers:
    deactivate_driver = Inactive;
    reactivate_driver = Active;
    archive_driver = Archived;
}

// Changes, each by the name of what it reads.
handlers! {
    in jobs:
    reoptimize_job = "reoptimize";
    cancel_job = "cancel";
    put_job_driver = "driver";
    put_job_ends = "ends";
    post_job_stops = "add_stops";
    delete_job_stop = "remove_stop";
    put_stop_place = "correct_stop";
    put_stop_position = "move_stop";
    put_stop_items = "replace_items";
    put_stop_lock = "lock_stop";
}

handlers! {
    in route_changes:
    patch_route = "describe";
    reoptimize_route = "reoptimize";
    cancel_route = "cancel";
    put_route_driver = "assign";
    delete_route_driver = "unassign";
    put_route_dispatch = "dispatch";
    delete_route_dispatch = "undispatch";
    archive_route = "archive";
    unarchive_route = "unarchive";
    post_route_stops = "add_stops";
    delete_route_stop = "remove_stop";
    put_route_stop_place = "correct_stop";
    put_route_stop_position = "move_stop";
    put_route_stop_items = "replace_items";
    put_route_stop_lock = "lock_stop";
}

async fn find_job(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let id = req.match_info().get("job_id").unwrap_or_default();
    let job_id: JobId = id.parse().map_err(|_| ErrorKind::NotFound(Noun::Job))?;
    let key = JobKey { job_id: Some(job_id), external_job_id: None };
    let view = ctx.run(move |app| async move { app.find_job(&who, key).await }).await?;
    Ok(shown(req, &entity_tag(&view), &convert::job(&view, ctx.public_url())))
}

/// The route's version, and the job's last change in case something else of it changed.
pub(crate) fn entity_tag(view: &JobView) -> String {
    format!("\"{}-{:x}\"", view.itinerary.route.version, view.job.updated_at.as_microsecond())
}

#[cfg(test)]
mod tests {
    use actix_web::App;
    use actix_web::http::{Method, header};
    use actix_web::test::{TestRequest, call_service, init_service, read_body};
    use routemate_http::header_text;
    use serde_json::Value;

    use super::*;

    #[actix_web::test]
    async fn wrong_methods_and_unknown_paths_are_problems() {
        let app = init_service(App::new().configure(configure)).await;
        for (method, path, status) in [
            (Method::POST, "/api/v1/geocode/7", 404),
            (Method::PUT, "/app/jobs/7", 405),
            (Method::OPTIONS, "/app/jobs/7", 405),
            (Method::GET, "/api/v1/jobs/7/stops/8/9", 404),
            (Method::GET, "/app", 404),
        ] {
            let response = call_service(&app, TestRequest::with_uri(path).method(method).to_request()).await;
            assert_eq!(response.status().as_u16(), status, "{path}");
            let allow = (status == 405).then_some("GET, HEAD");
            assert_eq!(header_text(response.headers(), header::ALLOW), allow, "{path}");
            assert_eq!(header_text(response.headers(), header::CONTENT_TYPE), Some("application/problem+json"));
            let body: Value = serde_json::from_slice(&read_body(response).await).expect("JSON");
            assert_eq!(body["status"], status, "{path}");
        }
    }
}
