//! The documented answers: every field, in the documented order. Nothing is left out when it is absent; it is `null`.
//! Doc comments go into the OpenAPI document.

use serde::Serialize;
use serde_json::Number;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::openapi::schemas;

/// `POST /v1/integration-token`.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenAnswer<'a> {
    /// Opaque. Goes into `Authorization: Bearer …`.
    #[schema(schema_with = schemas::access_token)]
    pub(crate) access_token: &'a str,
    /// Always `Bearer`.
    #[schema(schema_with = schemas::token_type)]
    pub(crate) token_type: &'static str,
    /// Seconds until the token expires.
    #[schema(minimum = 1)]
    pub(crate) expires_in: u32,
}

/// `POST /v1/integration-import`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportAnswer<'a> {
    #[schema(schema_with = schemas::id)]
    pub(crate) job_id: String,
    /// The client's id.
    pub(crate) external_job_id: &'a str,
    #[schema(schema_with = schemas::id)]
    pub(crate) route_id: String,
    /// As submitted.
    pub(crate) driver_email: &'a str,
    /// Whether somebody drives the route already.
    pub(crate) driver_resolved: bool,
    #[schema(required, schema_with = schemas::optional_id)]
    pub(crate) driver_user_id: Option<String>,
    /// All stops.
    #[schema(minimum = 1)]
    pub(crate) stops_imported: usize,
    /// Stops that were located by their address.
    pub(crate) stops_geocoded: usize,
    /// Stops without a position.
    pub(crate) stops_geocode_failed: usize,
    pub(crate) optimization: Optimization<'a>,
    /// In the order in which they are to be driven; those without a position come last.
    #[schema(min_items = 1)]
    pub(crate) stops: Vec<ImportedStop<'a>>,
    /// The job's page.
    #[schema(format = "uri")]
    pub(crate) deep_link: String,
    /// What the client should know, in the order in which things were done.
    pub(crate) warnings: Vec<Warning>,
}

/// Always an object: zeros and no line where fewer than two stops have a position.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Optimization<'a> {
    /// Driving distance to one decimal.
    #[schema(value_type = f64, minimum = 0)]
    pub(crate) total_distance_km: Number,
    /// Driving time to the nearest minute, without service and waiting.
    #[schema(minimum = 0)]
    pub(crate) total_duration_minutes: u32,
    /// The way in Google's encoding, precision 5; empty where there is none.
    pub(crate) encoded_polyline: &'a str,
}

/// A stop of an import's answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportedStop<'a> {
    /// The client's id.
    #[schema(required)]
    pub(crate) external_stop_id: Option<&'a str>,
    /// As submitted.
    pub(crate) address: String,
    /// `null` where the stop has no position.
    #[schema(required, minimum = -90, maximum = 90)]
    pub(crate) latitude: Option<f64>,
    /// `null` where the stop has no position.
    #[schema(required, minimum = -180, maximum = 180)]
    pub(crate) longitude: Option<f64>,
    /// As submitted.
    #[schema(required)]
    pub(crate) label: Option<&'a str>,
    /// As submitted.
    #[schema(required)]
    pub(crate) notes: Option<&'a str>,
    /// The place in driving order, from 0.
    pub(crate) sort_order: usize,
    /// As submitted; lower is more important.
    #[schema(value_type = f64)]
    pub(crate) priority: Number,
    /// As submitted, 1 where it was not.
    pub(crate) parcel_count: u32,
    #[schema(schema_with = schemas::stop_status)]
    pub(crate) status: &'static str,
}

/// Something the client should know about an import.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Warning {
    /// What to act upon.
    pub(crate) code: WarningCode,
    /// A sentence for people.
    pub(crate) message: String,
}

/// `GET /v1/integration-jobs`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JobAnswer<'a> {
    #[schema(schema_with = schemas::id)]
    pub(crate) job_id: String,
    /// The client's id.
    pub(crate) external_job_id: &'a str,
    /// As submitted.
    pub(crate) title: &'a str,
    #[schema(schema_with = schemas::job_status)]
    pub(crate) status: &'static str,
    /// As submitted.
    pub(crate) driver_email: &'a str,
    /// Whether somebody drives the route already.
    pub(crate) driver_resolved: bool,
    #[schema(required, schema_with = schemas::optional_id)]
    pub(crate) driver_user_id: Option<String>,
    #[schema(schema_with = schemas::id)]
    pub(crate) route_id: String,
    /// The day it is for.
    #[schema(required, format = "date")]
    pub(crate) scheduled_date: Option<String>,
    /// As submitted.
    #[schema(required)]
    pub(crate) timezone: Option<&'a str>,
    /// As submitted; an empty object where it was not.
    #[schema(value_type = Object)]
    pub(crate) metadata: Box<RawValue>,
    /// All stops.
    pub(crate) stop_count: usize,
    pub(crate) status_counts: StatusCounts,
    /// The job's page.
    #[schema(format = "uri")]
    pub(crate) deep_link: String,
    /// In driving order; those without a position come last.
    pub(crate) stops: Vec<JobStop<'a>>,
    /// UTC with three decimals.
    #[schema(format = "date-time")]
    pub(crate) created_at: String,
    /// UTC with three decimals.
    #[schema(format = "date-time")]
    pub(crate) updated_at: String,
}

/// How many stops are in which state; what the documents do not print is left out when it is zero.
#[derive(Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct StatusCounts {
    /// Stops that are still to be served.
    pub(crate) pending: usize,
    /// Stops that were served.
    pub(crate) completed: usize,
    /// Stops that were not served; absent where there are none.
    #[schema(required = false, minimum = 1)]
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) failed: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// A stop of a job query's answer. `sort_order` is ours.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JobStop<'a> {
    /// The client's id.
    #[schema(required)]
    pub(crate) external_stop_id: Option<&'a str>,
    /// As submitted.
    pub(crate) address: String,
    /// `null` where the stop has no position.
    #[schema(required, minimum = -90, maximum = 90)]
    pub(crate) latitude: Option<f64>,
    /// `null` where the stop has no position.
    #[schema(required, minimum = -180, maximum = 180)]
    pub(crate) longitude: Option<f64>,
    /// As submitted.
    #[schema(required)]
    pub(crate) label: Option<&'a str>,
    /// As submitted.
    #[schema(required)]
    pub(crate) notes: Option<&'a str>,
    #[schema(schema_with = schemas::stop_status)]
    pub(crate) status: &'static str,
    /// As submitted; lower is more important.
    #[schema(value_type = f64)]
    pub(crate) priority: Number,
    /// As submitted, 1 where it was not.
    pub(crate) parcel_count: u32,
    /// The place in driving order, from 0.
    pub(crate) sort_order: usize,
    #[serde(flatten)]
    pub(crate) expanded: Option<ExpandedStop<'a>>,
}

/// What `?expand=stops` adds to each stop.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExpandedStop<'a> {
    /// As submitted.
    pub(crate) service_type: Option<&'a str>,
    /// As submitted.
    #[schema(value_type = Option<f64>, minimum = 0)]
    pub(crate) duration_minutes: Option<Number>,
    /// UTC with three decimals.
    #[schema(format = "date-time")]
    pub(crate) time_window_start: Option<String>,
    /// UTC with three decimals.
    #[schema(format = "date-time")]
    pub(crate) time_window_end: Option<String>,
    /// As submitted; an empty object where it was not.
    #[schema(required = false, value_type = Object)]
    pub(crate) metadata: Box<RawValue>,
}

/// What a warning is about. The published codes and, as the documents allow, ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum WarningCode {
    AddressGeocoded,
    GeocodeApproximate,
    GeocodeFailed,
    OptimizationSkipped,
    RouteOptimized,
    RouteEstimated,
    TimeWindowInfeasible,
    DriverAutoAdded,
    DriverNotFound,
}

/// A refusal of the token endpoint: in words, or as RFC 6749 §5.2 has it for who asks in its way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokenError<'a> {
    /// What went wrong, or RFC 6749's word for it.
    pub(crate) error: &'a str,
    /// What went wrong, beside RFC 6749's word.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_description: Option<&'a str>,
    /// With 429 and 503: when to come again.
    #[schema(nullable = false, minimum = 1)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retry_after_seconds: Option<u32>,
}

/// A refusal of a request that breaks rules.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ValidationBody {
    pub(crate) error: ValidationProblems,
}

/// Every broken rule.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ValidationProblems {
    /// Always `VALIDATION_ERROR`.
    #[schema(schema_with = schemas::validation_error)]
    pub(crate) code: &'static str,
    /// One sentence for each, beginning with the path of the field.
    #[schema(min_items = 1)]
    pub(crate) messages: Vec<String>,
}
