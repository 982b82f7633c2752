use std::collections::BTreeMap;

use routemate_domain::{Event, Job, RouteId, Stop, StopStatus};
use routemate_persistence::OutboxEvent;
use serde::Serialize;
use uuid::Uuid;

use crate::Error;

/// What subscribers are told.
#[derive(Serialize)]
struct Payload<'a> {
    route_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    job_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_job_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    driver_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_stop_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_counts: Option<BTreeMap<&'static str, u32>>,
}

/// An event as subscribers will be told it: with the ids of the route and its job, those of the driver or stop that it is
/// about, and for a job that is over how its stops ended.
pub(crate) fn outbox_event(
    id: Uuid,
    event: Event,
    (route_id, job): (RouteId, Option<&Job>),
    stops: &[Stop],
) -> Result<OutboxEvent, Error> {
    let stop = event.stop_id().and_then(|id| stops.iter().find(|stop| stop.id == id));
    let payload = Payload {
        route_id: route_id.to_string(),
        job_id: job.map(|job| job.id.to_string()),
        external_job_id: job.map(|job| job.external_job_id.as_str()),
        driver_id: event.driver_id().map(|id| id.to_string()),
        stop_id: event.stop_id().map(|id| id.to_string()),
        external_stop_id: stop.and_then(|stop| stop.external_id.as_ref()).map(|id| id.as_str()),
        status_counts: matches!(event, Event::JobCompleted | Event::JobCancelled).then(|| count(stops)),
    };
    let payload = serde_json::to_string(&payload).map_err(Error::internal)?;
    Ok(OutboxEvent { id, event, job_id: job.map(|job| job.id), route_id, payload })
}

fn count(stops: &[Stop]) -> BTreeMap<&'static str, u32> {
    let mut counts = BTreeMap::new();
    for stop in stops.iter().filter(|stop| stop.status != StopStatus::Removed) {
        *counts.entry(stop.status.as_str()).or_default() += 1;
    }
    counts
}
