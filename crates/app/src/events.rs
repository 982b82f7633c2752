use std::collections::BTreeMap;

use routemate_domain::{Event, Job, Stop};
use routemate_persistence::OutboxEvent;
use serde::Serialize;
use uuid::Uuid;

use crate::Error;

/// What subscribers are told.
#[derive(Serialize)]
struct Payload<'a> {
    job_id: String,
    external_job_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    driver_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_stop_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_counts: Option<BTreeMap<&'static str, u32>>,
}

/// An event as subscribers will be told it: with the job's ids, those of the driver or stop that it is about, and for a
/// completed job how its stops ended.
pub(crate) fn outbox_event(id: Uuid, event: Event, job: &Job, stops: &[Stop]) -> Result<OutboxEvent, Error> {
    let stop = event.stop_id().and_then(|id| stops.iter().find(|stop| stop.id == id));
    let payload = Payload {
        job_id: job.id.to_string(),
        external_job_id: job.external_job_id.as_str(),
        driver_id: event.driver_id().map(|id| id.to_string()),
        stop_id: event.stop_id().map(|id| id.to_string()),
        external_stop_id: stop.and_then(|stop| stop.external_id.as_ref()).map(|id| id.as_str()),
        status_counts: (event == Event::JobCompleted).then(|| count(stops)),
    };
    let payload = serde_json::to_string(&payload).map_err(Error::internal)?;
    Ok(OutboxEvent { id, event, job_id: Some(job.id), route_id: job.route_id, payload })
}

fn count(stops: &[Stop]) -> BTreeMap<&'static str, u32> {
    let mut counts = BTreeMap::new();
    for stop in stops {
        *counts.entry(stop.status.as_str()).or_default() += 1;
    }
    counts
}
