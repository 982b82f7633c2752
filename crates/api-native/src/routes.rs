use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::web::{Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use routemate_app::{ErrorKind, JobKey, JobView, Noun};
use routemate_domain::{DriverStatus, JobId};
use routemate_http::openapi::Surface;
use routemate_http::{Context, Endpoint, Query, Rejection, Verb, authenticate, json, mount};

use crate::link::read_link;
use crate::{addresses, convert, drivers, error, geocode, imported_stops, jobs, openapi, page, stop_files};

const JOB_PAGE: &str = "/app/jobs/{job_id}";

/// Everything that is served below `/api/v1` and `/app`.
const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        verb: Verb::Get,
        path: "/api/v1/jobs/{job_id}",
        handler: |route| route.to(get_job),
        describe: openapi::get_job,
    },
    Endpoint {
        verb: Verb::Get,
        path: "/api/v1/jobs",
        handler: |route| route.to(list_jobs),
        describe: openapi::list_jobs,
    },
    Endpoint {
        verb: Verb::Delete,
        path: "/api/v1/jobs/{job_id}",
        handler: |route| route.to(delete_job),
        describe: openapi::delete_job,
    },
    Endpoint {
        verb: Verb::Post,
        path: "/api/v1/jobs/{job_id}/reoptimize",
        handler: |route| route.to(reoptimize_job),
        describe: openapi::reoptimize_job,
    },
    Endpoint {
        verb: Verb::Post,
        path: "/api/v1/jobs/{job_id}/cancel",
        handler: |route| route.to(cancel_job),
        describe: openapi::cancel_job,
    },
    Endpoint {
        verb: Verb::Put,
        path: "/api/v1/jobs/{job_id}/driver",
        handler: |route| route.to(put_job_driver),
        describe: openapi::put_job_driver,
    },
    Endpoint {
        verb: Verb::Put,
        path: "/api/v1/jobs/{job_id}/route-ends",
        handler: |route| route.to(put_job_ends),
        describe: openapi::put_job_ends,
    },
    Endpoint {
        verb: Verb::Post,
        path: "/api/v1/jobs/{job_id}/stops",
        handler: |route| route.to(post_job_stops),
        describe: openapi::post_job_stops,
    },
    Endpoint {
        verb: Verb::Delete,
        path: "/api/v1/jobs/{job_id}/stops/{stop_id}",
        handler: |route| route.to(delete_job_stop),
        describe: openapi::delete_job_stop,
    },
    Endpoint {
        verb: Verb::Put,
        path: "/api/v1/jobs/{job_id}/stops/{stop_id}/place",
        handler: |route| route.to(put_stop_place),
        describe: openapi::put_stop_place,
    },
    Endpoint {
        verb: Verb::Put,
        path: "/api/v1/jobs/{job_id}/stops/{stop_id}/position",
        handler: |route| route.to(put_stop_position),
        describe: openapi::put_stop_position,
    },
    Endpoint {
        verb: Verb::Put,
        path: "/api/v1/jobs/{job_id}/stops/{stop_id}/items",
        handler: |route| route.to(put_stop_items),
        describe: openapi::put_stop_items,
    },
    Endpoint {
        verb: Verb::Put,
        path: "/api/v1/jobs/{job_id}/stops/{stop_id}/lock",
        handler: |route| route.to(put_stop_lock),
        describe: openapi::put_stop_lock,
    },
    Endpoint {
        verb: Verb::Get,
        path: "/api/v1/drivers",
        handler: |route| route.to(list_drivers),
        describe: openapi::list_drivers,
    },
    Endpoint {
        verb: Verb::Get,
        path: "/api/v1/drivers/{driver_id}",
        handler: |route| route.to(get_driver),
        describe: openapi::get_driver,
    },
    Endpoint {
        verb: Verb::Put,
        path: "/api/v1/drivers/{driver_id}",
        handler: |route| route.to(put_driver),
        describe: openapi::put_driver,
    },
    Endpoint {
        verb: Verb::Post,
        path: "/api/v1/drivers/{driver_id}/deactivate",
        handler: |route| route.to(deactivate_driver),
        describe: openapi::deactivate_driver,
    },
    Endpoint {
        verb: Verb::Post,
        path: "/api/v1/drivers/{driver_id}/reactivate",
        handler: |route| route.to(reactivate_driver),
        describe: openapi::reactivate_driver,
    },
    Endpoint {
        verb: Verb::Post,
        path: "/api/v1/drivers/{driver_id}/archive",
        handler: |route| route.to(archive_driver),
        describe: openapi::archive_driver,
    },
    Endpoint {
        verb: Verb::Get,
        path: "/api/v1/imported-stops/{imported_stop_id}",
        handler: |route| route.to(get_imported_stop),
        describe: openapi::get_imported_stop,
    },
    // Beside the stops, not below them: any text may be a client's id.
    Endpoint {
        verb: Verb::Post,
        path: "/api/v1/imported-stops.csv",
        handler: |route| route.to(post_stop_file),
        describe: openapi::post_stop_file,
    },
    Endpoint {
        verb: Verb::Get,
        path: "/api/v1/imported-stops.csv",
        handler: |route| route.to(get_stop_file),
        describe: openapi::get_stop_file,
    },
    Endpoint {
        verb: Verb::Post,
        path: "/api/v1/geocode",
        handler: |route| route.to(post_geocode),
        describe: openapi::geocode,
    },
    Endpoint {
        verb: Verb::Get,
        path: "/api/v1/addresses",
        handler: |route| route.to(get_address),
        describe: openapi::get_address,
    },
    Endpoint {
        verb: Verb::Put,
        path: "/api/v1/addresses",
        handler: |route| route.to(put_address),
        describe: openapi::put_address,
    },
    Endpoint {
        verb: Verb::Delete,
        path: "/api/v1/addresses/{address_id}",
        handler: |route| route.to(delete_address),
        describe: openapi::delete_address,
    },
    Endpoint {
        verb: Verb::Get,
        path: JOB_PAGE,
        handler: |route| route.to(get_job_page),
        describe: openapi::get_job_page,
    },
];

/// Our own paths: `/api/v1` and `/app`.
pub const SURFACE: Surface = Surface {
    tag: "Native API",
    description: "Jobs, their changes, everything that is known of one, and its page; the search for addresses, and what is remembered of them.",
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
    if is_busy && req.match_pattern().is_some_and(|pattern| pattern == JOB_PAGE) {
        return refused_page(rejection);
    }
    error::answer(rejection)
}

async fn get_job(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    find_job(&ctx, &req).await.unwrap_or_else(error::answer)
}

async fn find_job(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let job_id: JobId = id(req).parse().map_err(|_| ErrorKind::NotFound(Noun::Job))?;
    let key = JobKey { job_id: Some(job_id), external_job_id: None };
    let view = ctx.run(move |app| async move { app.find_job(&who, key).await }).await?;
    let tag = entity_tag(&view);
    let mut response = if is_known(req.headers(), &tag) {
        HttpResponse::NotModified().finish()
    } else {
        json(StatusCode::OK, &convert::job(&view, ctx.public_url()))
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    Ok(response)
}

/// The route's version, and the job's last change in case something else of it changed.
pub(crate) fn entity_tag(view: &JobView) -> String {
    format!("\"{}-{:x}\"", view.itinerary.route.version, view.job.updated_at.as_microsecond())
}

/// Whether the client has this version already (RFC 9110 §13.1.2: weak comparison).
pub(crate) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let lines = headers.get_all(header::IF_NONE_MATCH).filter_map(|line| line.to_str().ok());
    let mut tags = lines.flat_map(|line| line.split(',')).map(str::trim);
    tags.any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

async fn list_jobs(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    jobs::list(&ctx, &req).await.unwrap_or_else(error::answer)
}

async fn delete_job(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    jobs::delete(&ctx, &req).await.unwrap_or_else(error::answer)
}

/// Handlers of the changes of a job, each by the name of what it reads.
macro_rules! changes {
    ($($handler:ident = $kind:literal;)+) => {$(
        async fn $handler(ctx: Data<Context>, req: HttpRequest, payload: Payload) -> HttpResponse {
            jobs::change(&ctx, &req, payload, $kind).await.unwrap_or_else(error::answer)
        }
    )+};
}

changes! {
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

async fn list_drivers(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    drivers::list(&ctx, &req).await.unwrap_or_else(error::answer)
}

async fn get_driver(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    drivers::find(&ctx, &req).await.unwrap_or_else(error::answer)
}

async fn put_driver(ctx: Data<Context>, req: HttpRequest, payload: Payload) -> HttpResponse {
    drivers::replace(&ctx, &req, payload).await.unwrap_or_else(error::answer)
}

async fn deactivate_driver(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    drivers::set_state(&ctx, &req, DriverStatus::Inactive).await.unwrap_or_else(error::answer)
}

async fn reactivate_driver(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    drivers::set_state(&ctx, &req, DriverStatus::Active).await.unwrap_or_else(error::answer)
}

async fn archive_driver(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    drivers::set_state(&ctx, &req, DriverStatus::Archived).await.unwrap_or_else(error::answer)
}

async fn get_imported_stop(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    imported_stops::find(&ctx, &req).await.unwrap_or_else(error::answer)
}

async fn post_stop_file(ctx: Data<Context>, req: HttpRequest, payload: Payload) -> HttpResponse {
    stop_files::import(&ctx, &req, payload).await.unwrap_or_else(error::answer)
}

async fn get_stop_file(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    stop_files::export(&ctx, &req).await.unwrap_or_else(error::answer)
}

async fn post_geocode(ctx: Data<Context>, req: HttpRequest, payload: Payload) -> HttpResponse {
    geocode::geocode(&ctx, &req, payload).await.unwrap_or_else(error::answer)
}

async fn get_address(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    addresses::find(&ctx, &req).await.unwrap_or_else(error::answer)
}

async fn put_address(ctx: Data<Context>, req: HttpRequest, payload: Payload) -> HttpResponse {
    addresses::remember(&ctx, &req, payload).await.unwrap_or_else(error::answer)
}

async fn delete_address(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    addresses::forget(&ctx, &req).await.unwrap_or_else(error::answer)
}

async fn get_job_page(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    match open_job(&ctx, &req).await {
        Ok(Some(view)) => html(StatusCode::OK, page::job(&view)),
        Ok(None) => html(StatusCode::OK, page::sign_in()),
        Err(rejection) => refused_page(rejection),
    }
}

/// The job that the link opens; `None` for whatever is wrong with it, so that nothing can be learnt from trying.
async fn open_job(ctx: &Context, req: &HttpRequest) -> Result<Option<JobView>, Rejection> {
    ctx.check_transport(req)?;
    let Some(link) = read_link(id(req), &Query::parse(req.query_string())) else {
        return Ok(None);
    };
    match ctx.run(move |app| async move { app.open_job_link(&link).await }).await {
        Ok(view) => Ok(Some(view)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn refused_page(rejection: Rejection) -> HttpResponse {
    let text = match rejection {
        Rejection::HttpsRequired => "This page is shown over HTTPS only.",
        _ => "Please try again in a moment.",
    };
    let mut response = html(error::status(&rejection), page::message("This page cannot be shown now", text));
    if let Some(seconds) = error::retry_after(&rejection) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    rejection.logged_with(response)
}

fn html(status: StatusCode, body: String) -> HttpResponse {
    let mut response = HttpResponse::build(status).content_type(header::ContentType::html()).body(body);
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::from_str(&page::CONTENT_SECURITY_POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn id(req: &HttpRequest) -> &str {
    req.match_info().get("job_id").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use actix_web::App;
    use actix_web::http::Method;
    use actix_web::test::{TestRequest, call_service, init_service, read_body};
    use routemate_http::header_text;
    use serde_json::Value;

    use super::*;
    use crate::samples::{stop, supplied, view};

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

    #[test]
    fn a_tag_is_known_by_weak_comparison() {
        let tag = entity_tag(&view(vec![stop("A", supplied())]));
        assert!(tag.starts_with("\"7-"), "{tag}");
        let known = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, HeaderValue::from_str(value).expect("a header"));
            is_known(&headers, &tag)
        };
        assert!(known(&tag) && known("*") && known(&format!("\"1\", W/{tag}")));
        assert!(!known("\"7\"") && !known("") && !is_known(&HeaderMap::new(), &tag));
    }

    #[test]
    fn pages_are_kept_by_nobody_and_run_nothing() {
        let response = html(StatusCode::OK, page::sign_in());
        let text = |name| header_text(response.headers(), name);
        assert_eq!(text(header::CACHE_CONTROL), Some("no-store"));
        assert_eq!(text(header::REFERRER_POLICY), Some("no-referrer"));
        assert_eq!(text(header::X_CONTENT_TYPE_OPTIONS), Some("nosniff"));
        assert_eq!(header_text(response.headers(), "x-robots-tag"), Some("noindex"));
        assert!(text(header::CONTENT_SECURITY_POLICY).is_some_and(|policy| policy.starts_with("default-src 'none'")));
        assert_eq!(text(header::CONTENT_TYPE), Some("text/html; charset=utf-8"));
    }
}
