//! `GET /app/jobs/{id}`: the page of a job, for whoever has a signed link to it.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use routemate_app::{ErrorKind, JobView};
use routemate_http::{Context, Query, Rejection};

use crate::link::read_link;
use crate::{error, page};

/// Where it is.
pub(crate) const PATH: &str = "/app/jobs/{job_id}";

/// Shows the page.
pub(crate) async fn get(ctx: Data<Context>, req: HttpRequest) -> HttpResponse {
    match open_job(&ctx, &req).await {
        Ok(Some(view)) => html(StatusCode::OK, page::job(&view)),
        Ok(None) => html(StatusCode::OK, page::sign_in()),
        Err(rejection) => refused_page(rejection),
    }
}

/// The job that the link opens; `None` for whatever is wrong with it, so that nothing can be learnt from trying.
async fn open_job(ctx: &Context, req: &HttpRequest) -> Result<Option<JobView>, Rejection> {
    ctx.check_transport(req)?;
    let Some(link) = read_link(job_id(req), &Query::parse(req.query_string())) else {
        return Ok(None);
    };
    match ctx.run(move |app| async move { app.open_job_link(&link).await }).await {
        Ok(view) => Ok(Some(view)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// That it cannot be shown now, and when it may be.
pub(crate) fn refused_page(rejection: Rejection) -> HttpResponse {
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

fn job_id(req: &HttpRequest) -> &str {
    req.match_info().get("job_id").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use routemate_http::header_text;

    use super::*;

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
