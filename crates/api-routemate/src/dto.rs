//! The documented answers: every field, in the documented order. Nothing is left out when it is absent; it is `null`.

use serde::Serialize;
use serde_json::Number;
use serde_json::value::RawValue;

/// `POST /v1/integration-token`.
#[derive(Serialize)]
pub(crate) struct TokenAnswer<'a> {
    pub(crate) access_token: &'a str,
    pub(crate) token_type: &'static str,
    pub(crate) expires_in: u32,
}

/// `POST /v1/integration-import`.
#[derive(Debug, Serialize)]
pub(crate) struct ImportAnswer<'a> {
    pub(crate) job_id: String,
    pub(crate) external_job_id: &'a str,
    pub(crate) route_id: String,
    pub(crate) driver_email: &'a str,
    pub(crate) driver_resolved: bool,
    pub(crate) driver_user_id: Option<String>,
    pub(crate) stops_imported: usize,
    pub(crate) stops_geocoded: usize,
    pub(crate) stops_geocode_failed: usize,
    pub(crate) optimization: Optimization<'a>,
    pub(crate) stops: Vec<ImportedStop<'a>>,
    pub(crate) deep_link: String,
    pub(crate) warnings: Vec<Warning>,
}

/// Always an object: zeros and no line where fewer than two stops have a position.
#[derive(Debug, Serialize)]
pub(crate) struct Optimization<'a> {
    pub(crate) total_distance_km: Number,
    pub(crate) total_duration_minutes: u32,
    pub(crate) encoded_polyline: &'a str,
}

/// A stop of an import's answer.
#[derive(Debug, Serialize)]
pub(crate) struct ImportedStop<'a> {
    pub(crate) external_stop_id: Option<&'a str>,
    pub(crate) address: String,
    pub(crate) latitude: Option<f64>,
    pub(crate) longitude: Option<f64>,
    pub(crate) label: Option<&'a str>,
    pub(crate) notes: Option<&'a str>,
    pub(crate) sort_order: usize,
    pub(crate) priority: Number,
    pub(crate) parcel_count: u32,
    pub(crate) status: &'static str,
}

/// Something the client should know about an import.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Warning {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// `GET /v1/integration-jobs`.
#[derive(Debug, Serialize)]
pub(crate) struct JobAnswer<'a> {
    pub(crate) job_id: String,
    pub(crate) external_job_id: &'a str,
    pub(crate) title: &'a str,
    pub(crate) status: &'static str,
    pub(crate) driver_email: &'a str,
    pub(crate) driver_resolved: bool,
    pub(crate) driver_user_id: Option<String>,
    pub(crate) route_id: String,
    pub(crate) scheduled_date: Option<String>,
    pub(crate) timezone: Option<&'a str>,
    pub(crate) metadata: Box<RawValue>,
    pub(crate) stop_count: usize,
    pub(crate) status_counts: StatusCounts,
    pub(crate) deep_link: String,
    pub(crate) stops: Vec<JobStop<'a>>,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
}

/// How many stops are in which state; what the documents do not print is left out when it is zero.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct StatusCounts {
    pub(crate) pending: usize,
    pub(crate) completed: usize,
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) failed: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// A stop of a job query's answer. `sort_order` is ours.
#[derive(Debug, Serialize)]
pub(crate) struct JobStop<'a> {
    pub(crate) external_stop_id: Option<&'a str>,
    pub(crate) address: String,
    pub(crate) latitude: Option<f64>,
    pub(crate) longitude: Option<f64>,
    pub(crate) label: Option<&'a str>,
    pub(crate) notes: Option<&'a str>,
    pub(crate) status: &'static str,
    pub(crate) priority: Number,
    pub(crate) parcel_count: u32,
    pub(crate) sort_order: usize,
    #[serde(flatten)]
    pub(crate) expanded: Option<ExpandedStop<'a>>,
}

/// What `?expand=stops` adds to each stop.
#[derive(Debug, Serialize)]
pub(crate) struct ExpandedStop<'a> {
    pub(crate) service_type: Option<&'a str>,
    pub(crate) duration_minutes: Option<Number>,
    pub(crate) time_window_start: Option<String>,
    pub(crate) time_window_end: Option<String>,
    pub(crate) metadata: Box<RawValue>,
}
