//! `GET /api/v1/jobs/{id}`: everything that is known of a job.
//!
//! Names carry their units; times are UTC with three decimals; what is unknown is `null`, never left out.

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::openapi::schemas;

/// A job with its driver, its route and every stop.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JobDto<'a> {
    #[schema(format = "uuid")]
    pub(crate) job_id: String,
    pub(crate) external_job_id: &'a str,
    pub(crate) title: &'a str,
    /// `pending`, `assigned`, `in_progress` or `completed`.
    #[schema(schema_with = schemas::job_status)]
    pub(crate) status: &'static str,
    #[schema(required, format = "date")]
    pub(crate) scheduled_date: Option<String>,
    /// As submitted; the route's is the one in force.
    #[schema(required)]
    pub(crate) timezone: Option<&'a str>,
    /// The client's object, as given.
    #[schema(value_type = Object)]
    pub(crate) metadata: Box<RawValue>,
    pub(crate) driver: DriverDto<'a>,
    pub(crate) route: RouteDto<'a>,
    pub(crate) stop_count: usize,
    pub(crate) status_counts: StatusCountsDto,
    /// In driving order; those that were not located come last.
    pub(crate) stops: Vec<StopDto<'a>>,
    /// The page of this job.
    #[schema(format = "uri")]
    pub(crate) deep_link: String,
    #[schema(format = "date-time")]
    pub(crate) created_at: String,
    #[schema(format = "date-time")]
    pub(crate) updated_at: String,
}

/// Who is to drive.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DriverDto<'a> {
    /// As submitted.
    pub(crate) email: &'a str,
    /// Whether the route is somebody's.
    pub(crate) is_resolved: bool,
    /// The driver within this organisation.
    #[schema(required, format = "uuid")]
    pub(crate) driver_id: Option<String>,
    /// The person, the same in every organisation.
    #[schema(required, format = "uuid")]
    pub(crate) user_id: Option<String>,
}

/// The stops in order and what driving them takes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RouteDto<'a> {
    #[schema(format = "uuid")]
    pub(crate) route_id: String,
    pub(crate) name: &'a str,
    /// `planned`, `started`, `completed` or `cancelled`.
    #[schema(schema_with = schemas::route_status)]
    pub(crate) status: &'static str,
    /// The zone of its civil times.
    pub(crate) timezone: &'a str,
    /// When the driver should set out, where days or windows say so.
    #[schema(required, format = "date-time")]
    pub(crate) departure_at: Option<String>,
    #[schema(required, format = "date-time")]
    pub(crate) started_at: Option<String>,
    #[schema(required, format = "date-time")]
    pub(crate) completed_at: Option<String>,
    pub(crate) totals: TotalsDto<'a>,
    /// `None` where there was nothing to order.
    #[schema(required)]
    pub(crate) optimality: Option<OptimalityDto>,
    /// Counts changes of the route.
    pub(crate) version: i64,
    #[schema(format = "date-time")]
    pub(crate) created_at: String,
    #[schema(format = "date-time")]
    pub(crate) updated_at: String,
}

/// The whole route.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TotalsDto<'a> {
    pub(crate) distance_meters: u32,
    /// Driving only, without service and waiting.
    pub(crate) duration_seconds: u32,
    /// What the figures rest on: `roads` or `estimated`.
    #[schema(schema_with = schemas::quality)]
    pub(crate) quality: &'static str,
    /// The words that have to be shown with figures and line, if any.
    #[schema(required)]
    pub(crate) attribution: Option<&'a str>,
    /// Google's encoding, precision 5.
    pub(crate) encoded_polyline: &'a str,
}

/// How good the order is known to be.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OptimalityDto {
    /// No better order exists.
    pub(crate) is_proven: bool,
    /// No order drives less than this.
    #[schema(required)]
    pub(crate) bound_seconds: Option<u32>,
    /// The share of the driving time that a better order could save at most, 0 to 1.
    #[schema(required, minimum = 0, maximum = 1)]
    pub(crate) gap: Option<f64>,
}

/// How many stops are in which state.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct StatusCountsDto {
    pub(crate) pending: usize,
    pub(crate) arrived: usize,
    pub(crate) completed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

/// A stop.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StopDto<'a> {
    #[schema(format = "uuid")]
    pub(crate) stop_id: String,
    #[schema(required)]
    pub(crate) external_stop_id: Option<&'a str>,
    /// The place in driving order, from 0.
    pub(crate) sort_order: usize,
    /// The place in which the client gave it, from 0.
    pub(crate) given_order: u32,
    /// `delivery`, `pickup`, `task` or `break`.
    #[schema(schema_with = schemas::stop_kind)]
    pub(crate) kind: &'static str,
    /// Where it came from.
    #[schema(schema_with = schemas::stop_source)]
    pub(crate) source: &'static str,
    /// `pending`, `arrived`, `completed`, `failed` or `skipped`.
    #[schema(schema_with = schemas::stop_status)]
    pub(crate) status: &'static str,
    /// When the driver came.
    #[schema(required, format = "date-time")]
    pub(crate) arrived_at: Option<String>,
    /// How it ended.
    #[schema(required)]
    pub(crate) outcome: Option<OutcomeDto<'a>>,
    pub(crate) address: AddressDto<'a>,
    pub(crate) location: LocationDto<'a>,
    pub(crate) contact: ContactDto<'a>,
    /// Words for the driver.
    #[schema(required)]
    pub(crate) note: Option<&'a str>,
    #[schema(required)]
    pub(crate) service_type: Option<&'a str>,
    #[schema(required)]
    pub(crate) service_seconds: Option<u32>,
    /// When service may begin; none is any time, several are alternatives.
    pub(crate) windows: Vec<WindowDto>,
    #[schema(required, format = "date")]
    pub(crate) delivery_date: Option<String>,
    pub(crate) priority: PriorityDto,
    /// The sum of all items.
    pub(crate) parcel_count: u32,
    pub(crate) items: Vec<ItemDto<'a>>,
    #[schema(required)]
    pub(crate) order_name: Option<&'a str>,
    pub(crate) attributes: Vec<AttributeDto<'a>>,
    pub(crate) tags: Vec<&'a str>,
    pub(crate) tasks: Vec<TaskDto<'a>>,
    #[schema(value_type = Object)]
    pub(crate) metadata: Box<RawValue>,
    /// `None` until the stop has a place in the sequence.
    #[schema(required)]
    pub(crate) planned: Option<PlannedDto>,
    /// Why it is late or has no place in the sequence; `None` where all is well.
    #[schema(required)]
    pub(crate) shortfall: Option<ShortfallDto>,
    #[schema(format = "date-time")]
    pub(crate) updated_at: String,
}

/// Where the plan falls short of a stop.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShortfallDto {
    /// `too_far`, `others_first`, `unreachable` or `search_stopped`.
    #[schema(schema_with = schemas::shortfall)]
    pub(crate) reason: &'static str,
    /// With `too_far`: in no order could anybody be there before.
    #[schema(required, format = "date-time")]
    pub(crate) earliest_arrival_at: Option<String>,
}

/// How a stop ended.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OutcomeDto<'a> {
    #[schema(format = "date-time")]
    pub(crate) at: String,
    /// Why it was attempted in vain, such as `not_available`.
    #[schema(required)]
    pub(crate) attempted_reason: Option<&'static str>,
    /// In the driver's words.
    #[schema(required)]
    pub(crate) note: Option<&'a str>,
    #[schema(required)]
    pub(crate) proof: Option<ProofDto<'a>>,
}

/// What the driver left behind as evidence.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProofDto<'a> {
    #[schema(required, minimum = -90, maximum = 90)]
    pub(crate) latitude: Option<f64>,
    #[schema(required, minimum = -180, maximum = 180)]
    pub(crate) longitude: Option<f64>,
    #[schema(required)]
    pub(crate) note: Option<&'a str>,
}

/// The address as submitted, in one line and in parts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AddressDto<'a> {
    pub(crate) text: String,
    pub(crate) line1: &'a str,
    pub(crate) line2: &'a str,
    pub(crate) city: &'a str,
    pub(crate) province_code: &'a str,
    pub(crate) country_code: &'a str,
    pub(crate) zip: &'a str,
}

/// Where a stop is and how that is known.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct LocationDto<'a> {
    /// `supplied`, `geocoded`, `searching`, `not_found`, `forgotten` or `anywhere`.
    #[schema(schema_with = schemas::location_status)]
    pub(crate) status: &'static str,
    #[schema(required, minimum = -90, maximum = 90)]
    pub(crate) latitude: Option<f64>,
    #[schema(required, minimum = -180, maximum = 180)]
    pub(crate) longitude: Option<f64>,
    /// What was matched, in the geocoder's words.
    #[schema(required)]
    pub(crate) match_type: Option<&'a str>,
    /// How sure the geocoder is, 0 to 1.
    #[schema(required, minimum = 0, maximum = 1)]
    pub(crate) confidence: Option<f64>,
    #[schema(required)]
    pub(crate) is_approximate: Option<bool>,
    /// Which geocoder found it; `memory` is a person of the organisation.
    #[schema(required)]
    pub(crate) source: Option<&'a str>,
    /// Whom to name with the place, and under which licence it is.
    #[schema(required)]
    pub(crate) attribution: Option<&'a str>,
    /// Where a vehicle stops for it, where that is known: the route goes there.
    #[schema(required, minimum = -90, maximum = 90)]
    pub(crate) access_latitude: Option<f64>,
    #[schema(required, minimum = -180, maximum = 180)]
    pub(crate) access_longitude: Option<f64>,
    /// Why there is no place: `unanswered`, `unknown_address`, `unsure` or `terms`.
    #[schema(required)]
    pub(crate) reason: Option<&'static str>,
    /// What may have been meant, the likeliest first, at most five; none of it is sure enough.
    pub(crate) candidates: Vec<SuggestionDto<'a>>,
}

/// A place that an address may stand for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuggestionDto<'a> {
    #[schema(minimum = -90, maximum = 90)]
    pub(crate) latitude: f64,
    #[schema(minimum = -180, maximum = 180)]
    pub(crate) longitude: f64,
    pub(crate) match_type: &'a str,
    /// 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    pub(crate) confidence: f64,
    pub(crate) source: &'a str,
    /// The address found, where it may be told.
    #[schema(required)]
    pub(crate) formatted: Option<&'a str>,
}

/// Who receives; an empty part was not given.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContactDto<'a> {
    pub(crate) first_name: &'a str,
    pub(crate) last_name: &'a str,
    /// The Integration API's `label`.
    pub(crate) company: &'a str,
    pub(crate) phone: &'a str,
    pub(crate) email: &'a str,
}

/// A time window; an absent bound is open.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WindowDto {
    #[schema(required, format = "date-time")]
    pub(crate) start_at: Option<String>,
    #[schema(required, format = "date-time")]
    pub(crate) end_at: Option<String>,
}

/// A priority as given, and which way it counts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PriorityDto {
    pub(crate) value: f64,
    /// `lower_first` or `one_to_ten`.
    #[schema(schema_with = schemas::priority_scale)]
    pub(crate) scale: &'static str,
}

/// Something to hand over.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ItemDto<'a> {
    pub(crate) name: &'a str,
    pub(crate) quantity: u32,
    /// Each.
    pub(crate) weight_grams: u32,
}

/// A key and a value.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttributeDto<'a> {
    pub(crate) key: &'a str,
    pub(crate) value: &'a str,
}

/// Work for the driver.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskDto<'a> {
    #[schema(format = "uuid")]
    pub(crate) task_id: String,
    pub(crate) title: &'a str,
    /// `checkboxes`, `radio_buttons`, `text`, `decimal` or `scanner`.
    #[schema(schema_with = schemas::task_kind)]
    pub(crate) kind: &'static str,
    pub(crate) is_required_to_complete: bool,
    pub(crate) is_required_to_fail: bool,
    pub(crate) is_done: bool,
    /// What may be ticked; empty for inputs.
    pub(crate) items: Vec<TaskItemDto<'a>>,
    /// What was entered, for inputs.
    #[schema(required)]
    pub(crate) input: Option<TaskInputDto<'a>>,
}

/// One item of a task's list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskItemDto<'a> {
    #[schema(format = "uuid")]
    pub(crate) item_id: String,
    pub(crate) title: &'a str,
    #[schema(required, format = "date-time")]
    pub(crate) completed_at: Option<String>,
}

/// What a driver entered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskInputDto<'a> {
    pub(crate) value: &'a str,
    /// `typed` or `scanned`.
    #[schema(schema_with = schemas::input_method)]
    pub(crate) method: &'static str,
    #[schema(format = "date-time")]
    pub(crate) updated_at: String,
}

/// What the plan says of a stop.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlannedDto {
    /// From the stop before.
    pub(crate) distance_meters: u32,
    /// From the stop before.
    pub(crate) duration_seconds: u32,
    #[schema(required, format = "date-time")]
    pub(crate) arrival_at: Option<String>,
    /// How long after its window service begins; 0 is in time.
    pub(crate) lateness_seconds: u32,
}
