//! `/api/v1/jobs`: listing jobs, and changing them after they were imported.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use routemate_app::{App, ErrorKind, JobQuery, JobView, ListedJob, Noun, Problem, RenderWholeRoute, RouteKey};
use routemate_domain::{Email, JobId, JobStatus};
use routemate_http::{Context, Query, Rejection, authenticate, job_page_url, json, read_body};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::convert::{self, instant};
use crate::job_changes::{Fields, Refused, read_change};
use crate::openapi::schemas;
use crate::paging::{asked_for, next_cursor, read_limit, read_text};
use crate::responses::{change_key, changed, expected_version, tagged};
use crate::routes::entity_tag;

/// What a cursor of the list belongs to.
const OPERATION: &str = "jobs.list";
/// What an idempotency key of a change belongs to.
const CHANGE: &str = "native.change_job";

/// What the first page was asked for, and the last job shown.
#[derive(Debug, Serialize, Deserialize)]
struct Asked {
    date: Option<jiff::civil::Date>,
    status: Option<String>,
    driver: Option<String>,
    text: Option<String>,
    limit: usize,
    before: Option<String>,
}

/// A page of jobs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JobsDto<'a> {
    jobs: Vec<ListedJobDto<'a>>,
    /// Where the next page begins; `null` on the last one. Words and states are looked for among 5,000 jobs at a time: a page
    /// with few jobs, or none, is the last one only if this is `null`.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// What a list tells of a job.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListedJobDto<'a> {
    #[schema(format = "uuid")]
    job_id: String,
    external_job_id: &'a str,
    title: &'a str,
    #[schema(schema_with = schemas::job_status)]
    status: &'static str,
    #[schema(required, format = "date")]
    scheduled_date: Option<String>,
    driver_email: &'a str,
    /// Stops that are on the route.
    stop_count: i64,
    deep_link: String,
    #[schema(format = "date-time")]
    created_at: String,
    #[schema(format = "date-time")]
    updated_at: String,
}

/// A page of the caller's jobs, the latest first.
pub(crate) async fn list(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let query = Query::parse(req.query_string());
    let asked: Asked = asked_for(ctx, &who, OPERATION, &query, read_query).await?;
    let wanted = job_query(&asked).map_err(ErrorKind::Invalid)?;
    let (caller, most) = (who.clone(), i64::try_from(asked.limit).unwrap_or(i64::MAX));
    let page = ctx.run(move |app| async move { app.list_jobs(&caller, &wanted, most).await }).await?;
    let next = page.next.map(|next| Asked { before: Some(next.to_string()), ..asked });
    let next_cursor = next_cursor(ctx, &who, OPERATION, next).await?;
    let jobs = page.jobs.iter().map(|listed| listed_job(listed, ctx.public_url())).collect();
    Ok(json(StatusCode::OK, &JobsDto { jobs, next_cursor }))
}

fn listed_job<'a>(listed: &'a ListedJob, public_url: &str) -> ListedJobDto<'a> {
    let job = &listed.job;
    ListedJobDto {
        job_id: job.id.to_string(),
        external_job_id: job.external_job_id.as_str(),
        title: job.title.as_str(),
        status: listed.status.as_str(),
        scheduled_date: job.scheduled_date.map(|date| date.to_string()),
        driver_email: &job.driver_email,
        stop_count: listed.stops,
        deep_link: job_page_url(public_url, job.id),
        created_at: instant(job.created_at),
        updated_at: instant(job.updated_at),
    }
}

fn read_query(query: &Query) -> Result<Asked, Vec<Problem>> {
    let mut problems = Vec::new();
    let given = |name| query.first(name).filter(|value| !value.is_empty());
    let date = given("date").and_then(|text| {
        text.parse().map_err(|_| problems.push(Problem::new("date", "must be a date, such as 2026-03-09"))).ok()
    });
    let limit = read_limit(query, &mut problems);
    let words = read_text(query, &mut problems);
    let text = |name| given(name).map(str::to_owned);
    let asked = Asked { date, status: text("status"), driver: text("driver"), text: words, limit, before: None };
    match job_query(&asked) {
        Ok(_) if problems.is_empty() => Ok(asked),
        Ok(_) => Err(problems),
        Err(more) => Err(problems.into_iter().chain(more).collect()),
    }
}

fn job_query(asked: &Asked) -> Result<JobQuery, Vec<Problem>> {
    let mut problems = Vec::new();
    let status = asked.status.as_deref().and_then(|name| {
        let found = JobStatus::ALL.into_iter().find(|status| status.as_str() == name);
        if found.is_none() {
            let names = JobStatus::ALL.map(JobStatus::as_str).join(", ");
            problems.push(Problem::new("status", format_args!("must be one of {names}")));
        }
        found
    });
    let driver = asked.driver.as_deref().and_then(|text| {
        Email::parse(text).map_err(|_| problems.push(Problem::new("driver", "must be an e-mail address"))).ok()
    });
    let before = asked.before.as_deref().and_then(|id| id.parse().ok());
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(JobQuery { scheduled_date: asked.date, status, driver, text: asked.text.clone(), before })
}

/// Changes a job as the path's last part says.
pub(crate) async fn change(
    ctx: &Context,
    req: &HttpRequest,
    payload: Payload,
    kind: &'static str,
) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let body = read_body(req, payload, ctx.settings().max_body_bytes).await?;
    let job = job_id(req)?;
    let change = Fields::read(&body)
        .and_then(|fields| read_change(kind, &fields, req.match_info().get("stop_id")))
        .map_err(Refused::into_kind)?;
    let expected = expected_version(req, Noun::Job)?;
    if let Some(key) = change_key(req, CHANGE, &body)? {
        let public_url = ctx.public_url().to_owned();
        let render: RenderWholeRoute = Arc::new(move |whole| {
            let view = JobView::of(whole.clone());
            // Text and finite numbers: writing them cannot fail; and a job's route has its job.
            view.and_then(|view| serde_json::to_vec(&convert::job(&view, &public_url)).ok()).unwrap_or_default()
        });
        let job = RouteKey::Job(job);
        let change = move |app: Arc<App>| async move {
            app.change_once_for_key(&who, job, change, expected, &key, render).await
        };
        return Ok(changed(ctx.run(change).await?));
    }
    let view = ctx.run(move |app| async move { app.change_job(&who, job, change, expected).await }).await?;
    Ok(answer(&view, ctx.public_url()))
}

/// Deletes a job with its route.
pub(crate) async fn delete(ctx: &Context, req: &HttpRequest) -> Result<HttpResponse, Rejection> {
    ctx.check_transport(req)?;
    let who = authenticate(ctx, req).await?.principal;
    let (job, expected) = (job_id(req)?, expected_version(req, Noun::Job)?);
    ctx.run(move |app| async move { app.delete_job(&who, job, expected).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn answer(view: &JobView, public_url: &str) -> HttpResponse {
    tagged(json(StatusCode::OK, &convert::job(view, public_url)), &entity_tag(view))
}

fn job_id(req: &HttpRequest) -> Result<JobId, ErrorKind> {
    let id = req.match_info().get("job_id").unwrap_or_default();
    id.parse().map_err(|_| ErrorKind::NotFound(Noun::Job))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header;
    use actix_web::test::TestRequest;

    use super::*;
    use crate::paging::DEFAULT_LIMIT;
    use crate::samples::{stop, supplied, view};

    #[test]
    fn a_tag_names_the_version_it_was_given_for() {
        let tag = entity_tag(&view(vec![stop("A", supplied())]));
        let expected = |tag: &str| {
            let req = TestRequest::default().insert_header((header::IF_MATCH, tag)).to_http_request();
            expected_version(&req, Noun::Job)
        };
        assert_eq!(expected(&tag), Ok(Some(7)));
        assert_eq!(expected("*"), Ok(None));
        assert_eq!(expected("\"x\""), Err(ErrorKind::Changed(Noun::Job)));
        assert_eq!(expected(&format!("W/{tag}")), Err(ErrorKind::Changed(Noun::Job)));
        assert_eq!(expected(&format!("\"6-0\", {tag}, \"x\"")), Ok(Some(7)));
    }

    #[test]
    fn all_that_is_wrong_with_a_query_is_told() {
        let problems = read_query(&Query::parse("date=x&limit=0&status=late&driver=nobody")).expect_err("refused");
        let paths: Vec<_> = problems.iter().map(|problem| problem.path.as_str()).collect();
        assert_eq!(paths, ["date", "limit", "status", "driver"]);
        let asked = read_query(&Query::parse("date=2026-03-09&status=cancelled&text=A%20b")).expect("a query");
        assert_eq!((asked.limit, asked.text.as_deref()), (DEFAULT_LIMIT, Some("A b")));
    }
}
