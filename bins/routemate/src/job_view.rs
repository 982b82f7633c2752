//! Jobs as operators look at them, and the import of one from a file.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use routemate_api_native::job_json;
use routemate_api_routemate::{import_body, read_import};
use routemate_app::{ImportedJob, JobQuery, JobView, ListedJob};
use routemate_domain::{Email, JobStatus, OrganizationId};
use serde_json::{Value, json};

use crate::Failure;
use crate::arguments::parse;
use crate::cli::{ImportArgs, ListJobs, StatusName};
use crate::compose;
use crate::config::Config;
use crate::job_changes::told;
use crate::{lists, output};

/// What a table of stops has in it.
const STOP_COLUMNS: [&str; 9] = [
    "sort_order",
    "external_stop_id",
    "status",
    "arrival_at",
    "distance_meters",
    "is_locked",
    "location",
    "address",
    "stop_id",
];

/// Shows the jobs of an organisation that are asked for.
pub(crate) async fn list(config: &Config, list: ListJobs) -> Result<(), Failure> {
    let organization: OrganizationId = parse("--org", &list.org)?;
    let key = |email: &String| Email::parse(email).map_err(|error| format!("--driver `{email}` {error}"));
    let mut query = JobQuery {
        scheduled_date: list.date,
        status: list.status.map(status),
        driver: list.driver.as_ref().map(key).transpose()?,
        text: list.text.clone(),
        before: list.page.after.as_deref().map(|id| parse("--after", id)).transpose()?,
    };
    let product = compose::open_for_administration(config).await?;
    let integration = match &list.client {
        Some(client) => Some(product.app.holder(client).await?.integration_id),
        None => None,
    };
    // A page may hold few of many: people want a full one.
    let wanted = usize::from(list.page.limit) + 1;
    let mut found: Vec<ListedJob> = Vec::new();
    loop {
        let most = i64::try_from(wanted - found.len()).unwrap_or(i64::MAX);
        let page = product.app.jobs_of_anybody(organization, integration, &query, most).await?;
        found.extend(page.jobs);
        query.before = page.next;
        if query.before.is_none() || found.len() >= wanted {
            break;
        }
    }
    let columns = ["job_id", "external_job_id", "status", "stop_count", "driver_email", "scheduled_date", "title"];
    lists::show(&list.page, "jobs", found.iter().map(listed).collect(), &columns, "job_id");
    Ok(product.store.close().await?)
}

const fn status(name: StatusName) -> JobStatus {
    match name {
        StatusName::Pending => JobStatus::Pending,
        StatusName::Assigned => JobStatus::Assigned,
        StatusName::InProgress => JobStatus::InProgress,
        StatusName::Completed => JobStatus::Completed,
        StatusName::Cancelled => JobStatus::Cancelled,
    }
}

fn listed(listed: &ListedJob) -> Value {
    let job = &listed.job;
    json!({
        "job_id": job.id.to_string(),
        "external_job_id": job.external_job_id.as_str(),
        "title": job.title.as_str(),
        "status": listed.status.as_str(),
        "stop_count": listed.stops,
        "driver_email": job.driver_email,
        "scheduled_date": job.scheduled_date.map(|date| date.to_string()),
        "integration_id": job.integration_id.to_string(),
        "created_at": job.created_at.to_string(),
        "updated_at": job.updated_at.to_string(),
    })
}

/// Shows one job.
pub(crate) async fn find(config: &Config, id: &str, as_json: bool) -> Result<(), Failure> {
    let id = parse("job id", id)?;
    let product = compose::open_for_administration(config).await?;
    let view = product.app.job_of_anybody(id).await?;
    show(config, &view, as_json)?;
    Ok(product.store.close().await?)
}

/// All of a job as JSON, or what matters of it: a few lines, a table of its stops, and what could have been meant where an
/// address was not found.
pub(crate) fn show(config: &Config, view: &JobView, as_json: bool) -> Result<(), Failure> {
    let job = job_json(view, &config.public_url(config.listen))?;
    if as_json {
        let mut object = json!({ "organization_id": view.job.organization_id.to_string() });
        if let (Some(object), Value::Object(job)) = (object.as_object_mut(), job) {
            object.extend(job);
        }
        output::answer(&object, true);
        return Ok(());
    }
    let at = |path: &str| job.pointer(path).cloned().unwrap_or_default();
    output::answer(
        &json!({
            "job_id": at("/job_id"),
            "external_job_id": at("/external_job_id"),
            "title": at("/title"),
            "status": at("/status"),
            "scheduled_date": at("/scheduled_date"),
            "driver_email": at("/driver/email"),
            "route_ends": at("/route/route_ends"),
            "departure_at": at("/route/departure_at"),
            "distance_meters": at("/route/totals/distance_meters"),
            "duration_seconds": at("/route/totals/duration_seconds"),
            "version": at("/route/version"),
            "deep_link": at("/deep_link"),
        }),
        false,
    );
    let stops = job.get("stops").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    output::line("");
    let rows: Vec<Value> = stops.iter().map(row).collect();
    output::list(&json!({ "stops": rows }), "stops", &STOP_COLUMNS, false);
    for stop in stops {
        show_candidates(stop);
    }
    Ok(())
}

fn row(stop: &Value) -> Value {
    let at = |path: &str| stop.pointer(path).cloned().unwrap_or_default();
    json!({
        "sort_order": at("/sort_order"),
        "external_stop_id": at("/external_stop_id"),
        "status": at("/status"),
        "arrival_at": at("/planned/arrival_at"),
        "distance_meters": at("/planned/distance_meters"),
        "is_locked": at("/is_locked"),
        "location": at("/location/status"),
        "address": at("/address/text"),
        "stop_id": at("/stop_id"),
    })
}

/// What an address that was not found may have meant.
fn show_candidates(stop: &Value) {
    let candidates = stop.pointer("/location/candidates").and_then(Value::as_array);
    let candidates = candidates.map(Vec::as_slice).unwrap_or_default();
    if candidates.is_empty() {
        return;
    }
    let id = ["external_stop_id", "stop_id"].iter().find_map(|&name| stop.get(name).and_then(Value::as_str));
    output::line(format_args!("\n{} may be:", output::visible(id.unwrap_or_default())));
    let columns = ["formatted", "match_type", "confidence", "latitude", "longitude"];
    output::list(&json!({ "candidates": candidates }), "candidates", &columns, false);
}

/// Imports a job from a file, or says what importing it would lead to.
pub(crate) async fn import(config: &Config, args: ImportArgs) -> Result<(), Failure> {
    let body = read(&args.file)?;
    let product = compose::open(config).await?;
    let who = product.app.holder(&args.client).await?;
    let command = read_import(&body, &who).map_err(told)?;
    let public_url = config.public_url(config.listen);
    let answer = if args.dry_run {
        import_body(&product.app.try_import(&who, &command).await?, &public_url)
    } else {
        let render = Arc::new(move |imported: &ImportedJob| import_body(imported, &public_url));
        product.app.import_job(&who, command, None, render).await?.body
    };
    let mut answer: Value = serde_json::from_slice(&answer)?;
    if args.json {
        output::answer(&answer, true);
    } else {
        show_import(&mut answer, args.dry_run);
    }
    Ok(product.store.close().await?)
}

fn show_import(answer: &mut Value, is_dry: bool) {
    let take = |answer: &mut Value, name: &str| answer.as_object_mut().and_then(|object| object.remove(name));
    let (stops, warnings) = (take(answer, "stops"), take(answer, "warnings"));
    if is_dry {
        // They are of nothing.
        for name in ["job_id", "route_id", "deep_link"] {
            take(answer, name);
        }
        output::line("dry run: nothing was kept");
    }
    if let Some(Value::Object(optimization)) = take(answer, "optimization")
        && let Some(object) = answer.as_object_mut()
    {
        object.extend(optimization.into_iter().filter(|(name, _)| name != "encoded_polyline"));
    }
    output::answer(answer, false);
    output::line("");
    let columns = ["sort_order", "external_stop_id", "address", "latitude", "longitude"];
    output::list(&json!({ "stops": stops }), "stops", &columns, false);
    output::line("");
    output::list(&json!({ "warnings": warnings }), "warnings", &["code", "message"], false);
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    let read = if file == Path::new("-") {
        std::io::stdin().read_to_end(&mut body).map(|_| ())
    } else {
        std::fs::read(file).map(|bytes| body = bytes)
    };
    read.map_err(|error| format!("cannot read `{}`: {error}", file.display()))?;
    Ok(body)
}
