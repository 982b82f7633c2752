//! `GET /api/v1/jobs/{id}`: everything that is known of a job.
//!
//! Names carry their units; times are UTC with three decimals; what is unknown is `null`, never left out.

use serde::Serialize;
use serde_json::value::RawValue;

/// A job with its driver, its route and every stop.
#[derive(Debug, Serialize)]
pub(crate) struct JobDto<'a> {
    pub(crate) job_id: String,
    pub(crate) external_job_id: &'a str,
    pub(crate) title: &'a str,
    /// `pending`, `assigned`, `in_progress` or `completed`.
    pub(crate) status: &'static str,
    pub(crate) scheduled_date: Option<String>,
    /// As submitted; the route's is the one in force.
    pub(crate) timezone: Option<&'a str>,
    /// The client's object, as given.
    pub(crate) metadata: Box<RawValue>,
    pub(crate) driver: DriverDto<'a>,
    pub(crate) route: RouteDto<'a>,
    pub(crate) stop_count: usize,
    pub(crate) status_counts: StatusCountsDto,
    /// In driving order; those that were not located come last.
    pub(crate) stops: Vec<StopDto<'a>>,
    /// The page of this job.
    pub(crate) deep_link: String,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
}

/// Who is to drive.
#[derive(Debug, Serialize)]
pub(crate) struct DriverDto<'a> {
    /// As submitted.
    pub(crate) email: &'a str,
    /// Whether the route is somebody's.
    pub(crate) is_resolved: bool,
    /// The driver within this organisation.
    pub(crate) driver_id: Option<String>,
    /// The person, the same in every organisation.
    pub(crate) user_id: Option<String>,
}

/// The stops in order and what driving them takes.
#[derive(Debug, Serialize)]
pub(crate) struct RouteDto<'a> {
    pub(crate) route_id: String,
    pub(crate) name: &'a str,
    /// `planned`, `started` or `completed`.
    pub(crate) status: &'static str,
    /// The zone of its civil times.
    pub(crate) timezone: &'a str,
    /// When the driver should set out, where days or windows say so.
    pub(crate) departure_at: Option<String>,
    pub(crate) started_at: Option<String>,
    pub(crate) completed_at: Option<String>,
    pub(crate) totals: TotalsDto<'a>,
    /// `None` where there was nothing to order.
    pub(crate) optimality: Option<OptimalityDto>,
    /// Counts changes of the route.
    pub(crate) version: i64,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
}

/// The whole route.
#[derive(Debug, Serialize)]
pub(crate) struct TotalsDto<'a> {
    pub(crate) distance_meters: u32,
    /// Driving only, without service and waiting.
    pub(crate) duration_seconds: u32,
    /// What the figures rest on: `roads` or `estimated`.
    pub(crate) quality: &'static str,
    /// The words that have to be shown with figures and line, if any.
    pub(crate) attribution: Option<&'a str>,
    /// Google's encoding, precision 5.
    pub(crate) encoded_polyline: &'a str,
}

/// How good the order is known to be.
#[derive(Debug, Serialize)]
pub(crate) struct OptimalityDto {
    /// No better order exists.
    pub(crate) is_proven: bool,
    /// No order drives less than this.
    pub(crate) bound_seconds: Option<u32>,
    /// The share of the driving time that a better order could save at most, 0 to 1.
    pub(crate) gap: Option<f64>,
}

/// How many stops are in which state.
#[derive(Debug, Default, Serialize)]
pub(crate) struct StatusCountsDto {
    pub(crate) pending: usize,
    pub(crate) arrived: usize,
    pub(crate) completed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

/// A stop.
#[derive(Debug, Serialize)]
pub(crate) struct StopDto<'a> {
    pub(crate) stop_id: String,
    pub(crate) external_stop_id: Option<&'a str>,
    /// The place in driving order, from 0.
    pub(crate) sort_order: usize,
    /// The place in which the client gave it, from 0.
    pub(crate) given_order: u32,
    /// `delivery`, `pickup`, `task` or `break`.
    pub(crate) kind: &'static str,
    /// Where it came from.
    pub(crate) source: &'static str,
    /// `pending`, `arrived`, `completed`, `failed` or `skipped`.
    pub(crate) status: &'static str,
    /// When the driver came.
    pub(crate) arrived_at: Option<String>,
    /// How it ended.
    pub(crate) outcome: Option<OutcomeDto<'a>>,
    pub(crate) address: AddressDto<'a>,
    pub(crate) location: LocationDto<'a>,
    pub(crate) contact: ContactDto<'a>,
    /// Words for the driver.
    pub(crate) note: Option<&'a str>,
    pub(crate) service_type: Option<&'a str>,
    pub(crate) service_seconds: Option<u32>,
    /// When service may begin; none is any time, several are alternatives.
    pub(crate) windows: Vec<WindowDto>,
    pub(crate) delivery_date: Option<String>,
    pub(crate) priority: PriorityDto,
    /// The sum of all items.
    pub(crate) parcel_count: u32,
    pub(crate) items: Vec<ItemDto<'a>>,
    pub(crate) order_name: Option<&'a str>,
    pub(crate) attributes: Vec<AttributeDto<'a>>,
    pub(crate) tags: Vec<&'a str>,
    pub(crate) tasks: Vec<TaskDto<'a>>,
    pub(crate) metadata: Box<RawValue>,
    /// `None` until the stop has a place in the sequence.
    pub(crate) planned: Option<PlannedDto>,
    /// Why it is late or has no place in the sequence; `None` where all is well.
    pub(crate) shortfall: Option<ShortfallDto>,
    pub(crate) updated_at: String,
}

/// Where the plan falls short of a stop.
#[derive(Debug, Serialize)]
pub(crate) struct ShortfallDto {
    /// `too_far`, `others_first`, `unreachable` or `search_stopped`.
    pub(crate) reason: &'static str,
    /// With `too_far`: in no order could anybody be there before.
    pub(crate) earliest_arrival_at: Option<String>,
}

/// How a stop ended.
#[derive(Debug, Serialize)]
pub(crate) struct OutcomeDto<'a> {
    pub(crate) at: String,
    /// Why it was attempted in vain, such as `not_available`.
    pub(crate) attempted_reason: Option<&'static str>,
    /// In the driver's words.
    pub(crate) note: Option<&'a str>,
    pub(crate) proof: Option<ProofDto<'a>>,
}

/// What the driver left behind as evidence.
#[derive(Debug, Serialize)]
pub(crate) struct ProofDto<'a> {
    pub(crate) latitude: Option<f64>,
    pub(crate) longitude: Option<f64>,
    pub(crate) note: Option<&'a str>,
}

/// The address as submitted, in one line and in parts.
#[derive(Debug, Serialize)]
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
#[derive(Debug, Default, Serialize)]
pub(crate) struct LocationDto<'a> {
    /// `supplied`, `geocoded`, `searching` or `not_found`.
    pub(crate) status: &'static str,
    pub(crate) latitude: Option<f64>,
    pub(crate) longitude: Option<f64>,
    /// What was matched, in the geocoder's words.
    pub(crate) match_type: Option<&'a str>,
    /// How sure the geocoder is, 0 to 1.
    pub(crate) confidence: Option<f64>,
    pub(crate) is_approximate: Option<bool>,
    /// Which geocoder found it; `memory` is a person of the organisation.
    pub(crate) source: Option<&'a str>,
    /// Where a vehicle stops for it, where that is known: the route goes there.
    pub(crate) access_latitude: Option<f64>,
    pub(crate) access_longitude: Option<f64>,
    /// Why there is no place: `unanswered`, `unknown_address` or `unsure`.
    pub(crate) reason: Option<&'static str>,
    /// What may have been meant, the likeliest first, at most five; none of it is sure enough.
    pub(crate) candidates: Vec<SuggestionDto<'a>>,
}

/// A place that an address may stand for.
#[derive(Debug, Serialize)]
pub(crate) struct SuggestionDto<'a> {
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
    pub(crate) match_type: &'a str,
    /// 0 to 1.
    pub(crate) confidence: f64,
    pub(crate) source: &'a str,
    /// The address found, where it may be told.
    pub(crate) formatted: Option<&'a str>,
}

/// Who receives; an empty part was not given.
#[derive(Debug, Serialize)]
pub(crate) struct ContactDto<'a> {
    pub(crate) first_name: &'a str,
    pub(crate) last_name: &'a str,
    /// The Integration API's `label`.
    pub(crate) company: &'a str,
    pub(crate) phone: &'a str,
    pub(crate) email: &'a str,
}

/// A time window; an absent bound is open.
#[derive(Debug, Serialize)]
pub(crate) struct WindowDto {
    pub(crate) start_at: Option<String>,
    pub(crate) end_at: Option<String>,
}

/// A priority as given, and which way it counts.
#[derive(Debug, Serialize)]
pub(crate) struct PriorityDto {
    pub(crate) value: f64,
    /// `lower_first` or `one_to_ten`.
    pub(crate) scale: &'static str,
}

/// Something to hand over.
#[derive(Debug, Serialize)]
pub(crate) struct ItemDto<'a> {
    pub(crate) name: &'a str,
    pub(crate) quantity: u32,
    /// Each.
    pub(crate) weight_grams: u32,
}

/// A key and a value.
#[derive(Debug, Serialize)]
pub(crate) struct AttributeDto<'a> {
    pub(crate) key: &'a str,
    pub(crate) value: &'a str,
}

/// Work for the driver.
#[derive(Debug, Serialize)]
pub(crate) struct TaskDto<'a> {
    pub(crate) task_id: String,
    pub(crate) title: &'a str,
    /// `checkboxes`, `radio_buttons`, `text`, `decimal` or `scanner`.
    pub(crate) kind: &'static str,
    pub(crate) is_required_to_complete: bool,
    pub(crate) is_required_to_fail: bool,
    pub(crate) is_done: bool,
    /// What may be ticked; empty for inputs.
    pub(crate) items: Vec<TaskItemDto<'a>>,
    /// What was entered, for inputs.
    pub(crate) input: Option<TaskInputDto<'a>>,
}

/// One item of a task's list.
#[derive(Debug, Serialize)]
pub(crate) struct TaskItemDto<'a> {
    pub(crate) item_id: String,
    pub(crate) title: &'a str,
    pub(crate) completed_at: Option<String>,
}

/// What a driver entered.
#[derive(Debug, Serialize)]
pub(crate) struct TaskInputDto<'a> {
    pub(crate) value: &'a str,
    /// `typed` or `scanned`.
    pub(crate) method: &'static str,
    pub(crate) updated_at: String,
}

/// What the plan says of a stop.
#[derive(Debug, Serialize)]
pub(crate) struct PlannedDto {
    /// From the stop before.
    pub(crate) distance_meters: u32,
    /// From the stop before.
    pub(crate) duration_seconds: u32,
    pub(crate) arrival_at: Option<String>,
    /// How long after its window service begins; 0 is in time.
    pub(crate) lateness_seconds: u32,
}
