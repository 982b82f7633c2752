//! Commands that change a job after it was imported. They plan as the server does: with its maps and geocoders.

use routemate_api_native::read_job_change;
use routemate_app::{App, ErrorKind, JobView, RouteChange};
use routemate_domain::{JobId, RouteEnds, StopId};
use serde_json::{Map, Value, json};

use crate::Failure;
use crate::arguments::parse;
use crate::cli::{AddStop, EndsName, JobArgs, JobCommand, Pin, StopArgs, StopCommand};
use crate::compose;
use crate::config::Config;
use crate::{job_view, output};

/// A change as the native API takes it.
struct Wanted {
    job: JobArgs,
    stop: Option<String>,
    kind: &'static str,
    body: Value,
}

impl Wanted {
    fn of_job(job: JobArgs, kind: &'static str, body: Value) -> Self {
        Self { job, stop: None, kind, body }
    }

    fn of_stop(stop: StopArgs, kind: &'static str, body: Value) -> Self {
        Self { job: stop.job, stop: Some(stop.stop), kind, body }
    }
}

/// Changes a job, and shows it as it stands then.
pub(crate) async fn change(config: &Config, command: JobCommand) -> Result<(), Failure> {
    let wanted = match command {
        JobCommand::Optimise(job) => Wanted::of_job(job, "reoptimize", json!({})),
        JobCommand::Cancel(job) => Wanted::of_job(job, "cancel", json!({})),
        JobCommand::Ends { job, ends } => {
            Wanted::of_job(job, "ends", json!({ "route_ends": self::ends(ends).as_str() }))
        }
        JobCommand::Driver { job, email } => Wanted::of_job(job, "driver", json!({ "driver_email": email })),
        JobCommand::Fix { stop, address, pin, keep_order } => {
            let body = json!({ "address": address, "optimize": !keep_order });
            Wanted::of_stop(stop, "correct_stop", with_pin(body, &pin))
        }
        JobCommand::Stop(command) => stop_change(command),
        JobCommand::Delete(job) => return delete(config, job).await,
        // Answered elsewhere.
        JobCommand::List(_) | JobCommand::Show { .. } | JobCommand::Import(_) | JobCommand::Link { .. } => {
            return Ok(());
        }
    };
    let id: JobId = parse("job id", &wanted.job.id)?;
    let product = compose::open(config).await?;
    let view = apply(&product.app, id, &wanted).await?;
    job_view::show(config, &view, wanted.job.json)?;
    Ok(product.store.close().await?)
}

fn stop_change(command: StopCommand) -> Wanted {
    match command {
        StopCommand::Add(add) => {
            let AddStop { job, address, pin, position, .. } = &*add;
            let stop = json!({
                "address": address,
                "external_stop_id": add.external_stop_id,
                "label": add.label,
                "notes": add.notes,
                "duration_minutes": add.duration_minutes,
                "priority": add.priority,
                "parcel_count": add.parcel_count,
            });
            let body = json!({ "stops": [with_pin(stop, pin)], "position": position });
            let job = JobArgs { id: job.id.clone(), ..*job };
            Wanted::of_job(job, "add_stops", body)
        }
        StopCommand::Move { stop, position } => Wanted::of_stop(stop, "move_stop", json!({ "position": position })),
        StopCommand::Lock(stop) => Wanted::of_stop(stop, "lock_stop", json!({ "is_locked": true })),
        StopCommand::Unlock(stop) => Wanted::of_stop(stop, "lock_stop", json!({ "is_locked": false })),
        StopCommand::Remove { stop, keep_order } => {
            Wanted::of_stop(stop, "remove_stop", json!({ "optimize": !keep_order }))
        }
    }
}

fn with_pin(body: Value, pin: &Pin) -> Value {
    let mut object = match body {
        Value::Object(object) => object,
        _ => Map::new(),
    };
    object.insert("latitude".to_owned(), json!(pin.latitude));
    object.insert("longitude".to_owned(), json!(pin.longitude));
    Value::Object(object)
}

async fn apply(app: &App, id: JobId, wanted: &Wanted) -> Result<JobView, Failure> {
    let stop = match &wanted.stop {
        Some(given) => Some(find_stop(&app.job_of_anybody(id).await?, given)?),
        None => None,
    };
    let change: RouteChange = read_job_change(wanted.kind, &wanted.body, stop).map_err(told)?;
    app.change_job_of_anybody(id, change, wanted.job.if_version).await.map_err(|error| match error.kind() {
        ErrorKind::Invalid(_) => told(error.kind().clone()),
        _ => error.into(),
    })
}

/// A stop by its id, or by the client's.
fn find_stop(view: &JobView, given: &str) -> Result<StopId, Failure> {
    let is_meant = |stop: &&routemate_domain::Stop| {
        stop.id.to_string() == given.to_lowercase() || stop.external_id.as_ref().is_some_and(|id| id.as_str() == given)
    };
    let found = view.itinerary.present_stops().find(is_meant);
    found.map(|stop| stop.id).ok_or_else(|| format!("the job has no stop `{given}`").into())
}

/// What is wrong, each problem on a line of its own.
pub(crate) fn told(kind: ErrorKind) -> Failure {
    match kind {
        ErrorKind::Invalid(problems) => {
            problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n       ").into()
        }
        other => routemate_app::Error::from(other).into(),
    }
}

async fn delete(config: &Config, job: JobArgs) -> Result<(), Failure> {
    let id: JobId = parse("job id", &job.id)?;
    let product = compose::open_for_administration(config).await?;
    product.app.delete_job_of_anybody(id, job.if_version).await?;
    output::answer(&json!({ "job_id": id.to_string(), "status": "deleted" }), job.json);
    Ok(product.store.close().await?)
}

/// The domain's word for a kind of ends.
pub(crate) const fn ends(name: EndsName) -> RouteEnds {
    match name {
        EndsName::Fixed => RouteEnds::Fixed,
        EndsName::OpenEnd => RouteEnds::OpenEnd,
        EndsName::RoundTrip => RouteEnds::RoundTrip,
    }
}
