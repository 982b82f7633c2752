//! From what the use cases return to the documented answers.

use routemate_app::{ImportedJob, JobView};
use routemate_domain::{JobId, JsonText, Location, Outcome, Stop, StopStatus, UserId};
use routemate_http::job_page_url;
use serde_json::Number;
use serde_json::value::RawValue;

use crate::datetime::print_instant;
use crate::dto::{ExpandedStop, ImportAnswer, ImportedStop, JobAnswer, JobStop, Optimization, StatusCounts};
use crate::job_query::Expand;
use crate::warnings::warnings;

/// The body of an import's answer. Kept and replayed byte for byte.
pub fn import_body(imported: &ImportedJob, public_url: &str) -> Vec<u8> {
    // Structs of text, whole and finite numbers: writing them cannot fail.
    serde_json::to_vec(&import_answer(imported, public_url)).unwrap_or_default()
}

fn import_answer<'a>(imported: &'a ImportedJob, public_url: &str) -> ImportAnswer<'a> {
    let view = &imported.view;
    let stops: Vec<_> = view.itinerary.present_stops().collect();
    let driver = driver_user_id(view);
    ImportAnswer {
        job_id: view.job.id.to_string(),
        external_job_id: view.job.external_job_id.as_str(),
        route_id: view.job.route_id.to_string(),
        driver_email: &view.job.driver_email,
        driver_resolved: driver.is_some(),
        driver_user_id: driver.map(|id| id.to_string()),
        stops_imported: stops.len(),
        stops_geocoded: stops.iter().filter(|stop| matches!(stop.location, Location::Geocoded(_))).count(),
        stops_geocode_failed: stops.iter().filter(|stop| stop.location.position().is_none()).count(),
        optimization: optimization(view),
        stops: stops.iter().enumerate().map(|(at, stop)| imported_stop(at, stop)).collect(),
        deep_link: job_page_url(public_url, view.job.id),
        warnings: warnings(imported),
    }
}

/// The answer to a job query.
pub(crate) fn job_answer<'a>(view: &'a JobView, expand: Expand, public_url: &str) -> JobAnswer<'a> {
    let (job, driver) = (&view.job, driver_user_id(view));
    let stops = view.itinerary.present_stops().enumerate();
    let stops: Vec<_> = stops.map(|(at, stop)| job_stop(at, stop, expand)).collect();
    JobAnswer {
        job_id: job.id.to_string(),
        external_job_id: job.external_job_id.as_str(),
        title: job.title.as_str(),
        status: view.itinerary.job_status().published(),
        driver_email: &job.driver_email,
        driver_resolved: driver.is_some(),
        driver_user_id: driver.map(|id| id.to_string()),
        route_id: job.route_id.to_string(),
        scheduled_date: job.scheduled_date.map(|date| date.to_string()),
        timezone: job.timezone.as_ref().map(|zone| zone.as_str()),
        metadata: raw(&job.metadata),
        stop_count: stops.len(),
        status_counts: status_counts(&stops),
        deep_link: job_page_url(public_url, job.id),
        stops,
        created_at: print_instant(job.created_at),
        updated_at: print_instant(job.updated_at),
    }
}

/// Where a job can be queried by its own id.
pub(crate) fn job_location(public_url: &str, job: JobId) -> String {
    format!("{public_url}/v1/integration-jobs?job_id={job}")
}

/// The stops that have a place in the sequence.
pub(crate) fn located_stops(view: &JobView) -> usize {
    view.itinerary.present_stops().filter(|stop| stop.location.position().is_some()).count()
}

/// The person, once the route is theirs.
fn driver_user_id(view: &JobView) -> Option<UserId> {
    view.itinerary.route.driver_id.and(view.driver_user_id)
}

fn optimization(view: &JobView) -> Optimization<'_> {
    let totals = &view.itinerary.route.totals;
    if located_stops(view) < 2 {
        return Optimization { total_distance_km: Number::from(0), total_duration_minutes: 0, encoded_polyline: "" };
    }
    Optimization {
        total_distance_km: number(kilometres(totals.distance.get())),
        total_duration_minutes: minutes(totals.duration.get()),
        encoded_polyline: &totals.polyline,
    }
}

/// To one decimal.
pub(crate) fn kilometres(meters: u32) -> f64 {
    (f64::from(meters) / 100.0).round() / 10.0
}

/// To the nearest.
pub(crate) const fn minutes(seconds: u32) -> u32 {
    seconds.saturating_add(30) / 60
}

fn imported_stop(at: usize, stop: &Stop) -> ImportedStop<'_> {
    let position = stop.location.position();
    ImportedStop {
        external_stop_id: stop.external_id.as_ref().map(|id| id.as_str()),
        address: stop.address.to_string(),
        latitude: position.map(|position| position.lat()),
        longitude: position.map(|position| position.lng()),
        label: label(stop),
        notes: stop.note.as_ref().map(|note| note.as_str()),
        sort_order: at,
        priority: number(stop.priority.raw()),
        parcel_count: stop.item_quantity(),
        status: status(stop),
    }
}

fn job_stop(at: usize, stop: &Stop, expand: Expand) -> JobStop<'_> {
    let plain = imported_stop(at, stop);
    JobStop {
        external_stop_id: plain.external_stop_id,
        address: plain.address,
        latitude: plain.latitude,
        longitude: plain.longitude,
        label: plain.label,
        notes: plain.notes,
        status: plain.status,
        priority: plain.priority,
        parcel_count: plain.parcel_count,
        sort_order: plain.sort_order,
        expanded: (expand == Expand::Stops).then(|| expanded_stop(stop)),
    }
}

fn expanded_stop(stop: &Stop) -> ExpandedStop<'_> {
    let window = stop.windows.first();
    ExpandedStop {
        service_type: stop.service_type.as_ref().map(|service| service.as_str()),
        duration_minutes: stop.service_time.map(|time| number((f64::from(time.get()) / 0.006).round() / 10_000.0)),
        time_window_start: window.and_then(|window| window.start()).map(print_instant),
        time_window_end: window.and_then(|window| window.end()).map(print_instant),
        metadata: raw(&stop.metadata),
    }
}

fn label(stop: &Stop) -> Option<&str> {
    Some(stop.contact.company.as_str()).filter(|label| !label.is_empty())
}

/// The three states of the documents: who has arrived has not delivered yet, what was skipped was not delivered.
fn status(stop: &Stop) -> &'static str {
    match &stop.status {
        StopStatus::Pending | StopStatus::Arrived { .. } | StopStatus::Removed => "pending",
        StopStatus::Ended { outcome: Outcome::Completed { .. }, .. } => "completed",
        StopStatus::Ended { outcome: Outcome::Failed { .. } | Outcome::Skipped { .. }, .. } => "failed",
    }
}

fn status_counts(stops: &[JobStop<'_>]) -> StatusCounts {
    let count = |status| stops.iter().filter(|stop| stop.status == status).count();
    StatusCounts { pending: count("pending"), completed: count("completed"), failed: count("failed") }
}

/// A number as people write it: 1, not 1.0.
fn number(value: f64) -> Number {
    /// Whole numbers up to here are exact in every JSON reader.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < EXACT {
        return Number::from(value as i64);
    }
    Number::from_f64(value).unwrap_or_else(|| Number::from(0))
}

fn raw(text: &JsonText) -> Box<RawValue> {
    RawValue::from_string(text.as_str().to_owned()).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

#[cfg(test)]
mod tests;
