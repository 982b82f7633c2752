use actix_web::http::{StatusCode, header};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use crate::context::Context;
use crate::respond::{get_or_head, json, method_not_allowed_json};

/// `GET /healthz` (the process is up) and `GET /readyz` (it can do its work).
pub(crate) fn configure(cfg: &mut ServiceConfig) {
    let no_method = || web::to(async |req: HttpRequest| method_not_allowed_json(&req, "GET, HEAD"));
    cfg.service(web::resource("/healthz").route(get_or_head().to(healthz)).default_service(no_method()));
    cfg.service(web::resource("/readyz").route(get_or_head().to(readyz)).default_service(no_method()));
}

async fn healthz() -> HttpResponse {
    uncached(json(StatusCode::OK, &json!({"status": "ok"})))
}

async fn readyz(ctx: Data<Context>) -> HttpResponse {
    if ctx.is_draining() {
        return uncached(json(StatusCode::SERVICE_UNAVAILABLE, &json!({"status": "stopping"})));
    }
    let is_ready = ctx.run(|app| async move { Ok(app.is_ready().await) }).await.unwrap_or(false);
    uncached(if is_ready {
        json(StatusCode::OK, &json!({"status": "ready"}))
    } else {
        json(StatusCode::SERVICE_UNAVAILABLE, &json!({"status": "unavailable"}))
    })
}

fn uncached(mut response: HttpResponse) -> HttpResponse {
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}
