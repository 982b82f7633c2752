//! From a job's view to its JSON.

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use routemate_app::JobView;
use routemate_domain::{
    Address, Attribute, Contact, InputMethod, Item, JsonText, Location, Optimality, Outcome, PlannedLeg,
    ProofOfDelivery, Route, RouteStatus, Shortfall, Stop, StopStatus, Suggestion, Task, TaskInput, TaskKind,
};
use routemate_http::job_page_url;
use serde_json::value::RawValue;

use crate::dto::{
    AddressDto, AttributeDto, ContactDto, DriverDto, ItemDto, JobDto, LocationDto, OptimalityDto, OutcomeDto,
    PlannedDto, PriorityDto, ProofDto, RouteDto, ShortfallDto, StatusCountsDto, StopDto, SuggestionDto, TaskDto,
    TaskInputDto, TaskItemDto, TotalsDto, WindowDto,
};

static PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));

/// The whole job.
pub(crate) fn job<'a>(view: &'a JobView, public_url: &str) -> JobDto<'a> {
    let job = &view.job;
    let stops: Vec<_> = view.itinerary.present_stops().enumerate().map(|(at, item)| stop(at, item)).collect();
    JobDto {
        job_id: job.id.to_string(),
        external_job_id: job.external_job_id.as_str(),
        title: job.title.as_str(),
        status: view.itinerary.job_status().as_str(),
        scheduled_date: job.scheduled_date.map(|date| date.to_string()),
        timezone: job.timezone.as_ref().map(|zone| zone.as_str()),
        metadata: raw(&job.metadata),
        driver: driver(view),
        route: route(&view.itinerary.route),
        stop_count: stops.len(),
        status_counts: status_counts(&stops),
        stops,
        deep_link: job_page_url(public_url, job.id),
        created_at: instant(job.created_at),
        updated_at: instant(job.updated_at),
    }
}

/// The same as a value, for whoever shows it elsewhere.
///
/// # Errors
/// Where its metadata is no JSON, which the database does not hold.
pub fn job_json(view: &JobView, public_url: &str) -> Result<serde_json::Value, serde_json::Error> {
    serde_json::to_value(job(view, public_url))
}

/// UTC with three decimals and `Z`.
pub(crate) fn instant(instant: Timestamp) -> String {
    PRINTER.timestamp_to_string(&instant)
}

fn driver(view: &JobView) -> DriverDto<'_> {
    let driver_id = view.itinerary.route.driver_id;
    DriverDto {
        email: &view.job.driver_email,
        is_resolved: driver_id.is_some(),
        driver_id: driver_id.map(|id| id.to_string()),
        user_id: driver_id.and(view.driver_user_id).map(|id| id.to_string()),
    }
}

pub(crate) fn route(route: &Route) -> RouteDto<'_> {
    let completed_at = match route.status {
        RouteStatus::Completed { at, .. } => Some(at),
        RouteStatus::Planned | RouteStatus::Started { .. } | RouteStatus::Cancelled { .. } => None,
    };
    RouteDto {
        route_id: route.id.to_string(),
        name: route.name.as_str(),
        status: route.status.as_str(),
        timezone: route.timezone.as_str(),
        departure_at: route.departure_at.map(instant),
        started_at: route.status.started_at().map(instant),
        completed_at: completed_at.map(instant),
        totals: TotalsDto {
            distance_meters: route.totals.distance.get(),
            duration_seconds: route.totals.duration.get(),
            quality: route.totals.quality.as_str(),
            attribution: route.totals.attribution.as_deref(),
            encoded_polyline: &route.totals.polyline,
        },
        optimality: route.optimality.map(|optimality| self::optimality(optimality, route.totals.duration.get())),
        version: route.version,
        created_at: instant(route.created_at),
        updated_at: instant(route.updated_at),
    }
}

fn optimality(optimality: Optimality, duration_s: u32) -> OptimalityDto {
    let bound = optimality.bound.map(|bound| bound.get());
    let gap = bound.map(|bound| match duration_s.saturating_sub(bound) {
        0 => 0.0,
        excess => (f64::from(excess) / f64::from(duration_s) * 1e4).round() / 1e4,
    });
    OptimalityDto {
        is_proven: optimality.is_proven,
        bound_seconds: bound,
        gap: if optimality.is_proven { Some(0.0) } else { gap },
    }
}

pub(crate) fn status_counts(stops: &[StopDto<'_>]) -> StatusCountsDto {
    let count = |status| stops.iter().filter(|stop| stop.status == status).count();
    StatusCountsDto {
        pending: count("pending"),
        arrived: count("arrived"),
        completed: count("completed"),
        failed: count("failed"),
        skipped: count("skipped"),
    }
}

pub(crate) fn stop(at: usize, stop: &Stop) -> StopDto<'_> {
    let (arrived_at, outcome) = progress(&stop.status);
    StopDto {
        stop_id: stop.id.to_string(),
        external_stop_id: stop.external_id.as_ref().map(|id| id.as_str()),
        sort_order: at,
        given_order: stop.given_position,
        kind: stop.kind.as_str(),
        source: stop.source.as_str(),
        status: stop.status.as_str(),
        arrived_at,
        outcome,
        address: address(&stop.address),
        location: location(&stop.location),
        contact: contact(&stop.contact),
        note: stop.note.as_ref().map(|note| note.as_str()),
        service_type: stop.service_type.as_ref().map(|service| service.as_str()),
        service_seconds: stop.service_time.map(|time| time.get()),
        windows: windows(stop),
        delivery_date: stop.delivery_date.map(|date| date.to_string()),
        priority: PriorityDto { value: stop.priority.raw(), scale: stop.priority.scale().as_str() },
        parcel_count: stop.item_quantity(),
        items: items(&stop.items),
        order_name: stop.order_name.as_deref(),
        attributes: attributes(&stop.attributes),
        tags: stop.tags.iter().map(String::as_str).collect(),
        tasks: stop.tasks.iter().map(task).collect(),
        metadata: raw(&stop.metadata),
        planned: stop.planned.map(planned),
        shortfall: stop.shortfall.map(shortfall),
        updated_at: instant(stop.updated_at),
    }
}

fn progress(status: &StopStatus) -> (Option<String>, Option<OutcomeDto<'_>>) {
    match status {
        StopStatus::Pending | StopStatus::Removed => (None, None),
        StopStatus::Arrived { at } => (Some(instant(*at)), None),
        StopStatus::Ended { arrived_at, outcome } => (arrived_at.map(instant), Some(self::outcome(outcome))),
    }
}

fn outcome(outcome: &Outcome) -> OutcomeDto<'_> {
    let (reason, note, evidence) = match outcome {
        Outcome::Completed { proof, .. } => (None, None, Some(proof)),
        Outcome::Failed { reason, note, proof, .. } => (Some(reason.as_str()), note.as_deref(), Some(proof)),
        Outcome::Skipped { .. } => (None, None, None),
    };
    OutcomeDto { at: instant(outcome.at()), attempted_reason: reason, note, proof: evidence.map(proof) }
}

fn proof(proof: &ProofOfDelivery) -> ProofDto<'_> {
    ProofDto {
        latitude: proof.position.map(|position| position.lat()),
        longitude: proof.position.map(|position| position.lng()),
        note: proof.note.as_deref(),
    }
}

pub(crate) fn address(address: &Address) -> AddressDto<'_> {
    AddressDto {
        text: address.to_string(),
        line1: &address.line1,
        line2: &address.line2,
        city: &address.city,
        province_code: &address.province_code,
        country_code: &address.country_code,
        zip: &address.zip,
    }
}

pub(crate) fn location(location: &Location) -> LocationDto<'_> {
    let position = location.position();
    let plain = LocationDto {
        latitude: position.map(|position| position.lat()),
        longitude: position.map(|position| position.lng()),
        ..LocationDto::default()
    };
    match location {
        Location::Supplied(_) => LocationDto { status: "supplied", ..plain },
        Location::Anywhere => LocationDto { status: "anywhere", ..plain },
        Location::Searching => LocationDto { status: "searching", reason: Some("unanswered"), ..plain },
        Location::Forgotten => LocationDto { status: "forgotten", reason: Some("terms"), ..plain },
        Location::NotFound { suggestions } => LocationDto {
            status: "not_found",
            reason: Some(if suggestions.is_empty() { "unknown_address" } else { "unsure" }),
            candidates: suggestions.iter().map(suggestion).collect(),
            ..plain
        },
        Location::Geocoded(geocoded) => LocationDto {
            status: "geocoded",
            match_type: Some(&geocoded.match_type),
            confidence: Some(geocoded.confidence),
            is_approximate: Some(geocoded.is_approximate),
            source: Some(&geocoded.source),
            attribution: Some(geocoded.attribution.as_str()).filter(|words| !words.is_empty()),
            access_latitude: geocoded.access.map(|access| access.lat()),
            access_longitude: geocoded.access.map(|access| access.lng()),
            ..plain
        },
    }
}

fn suggestion(suggestion: &Suggestion) -> SuggestionDto<'_> {
    SuggestionDto {
        latitude: suggestion.position.lat(),
        longitude: suggestion.position.lng(),
        match_type: &suggestion.match_type,
        confidence: suggestion.confidence,
        source: &suggestion.source,
        formatted: Some(suggestion.label.as_str()).filter(|label| !label.is_empty()),
    }
}

pub(crate) fn contact(contact: &Contact) -> ContactDto<'_> {
    ContactDto {
        first_name: &contact.first_name,
        last_name: &contact.last_name,
        company: &contact.company,
        phone: &contact.phone,
        email: &contact.email,
    }
}

fn windows(stop: &Stop) -> Vec<WindowDto> {
    let windows = stop.windows.iter();
    windows
        .map(|window| WindowDto { start_at: window.start().map(instant), end_at: window.end().map(instant) })
        .collect()
}

pub(crate) fn items(items: &[Item]) -> Vec<ItemDto<'_>> {
    let items = items.iter();
    items.map(|item| ItemDto { name: &item.name, quantity: item.quantity, weight_grams: item.grams }).collect()
}

pub(crate) fn attributes(attributes: &[Attribute]) -> Vec<AttributeDto<'_>> {
    attributes.iter().map(|attribute| AttributeDto { key: &attribute.key, value: &attribute.value }).collect()
}

pub(crate) fn task(task: &Task) -> TaskDto<'_> {
    let (kind, items, input) = match &task.kind {
        TaskKind::Checkboxes(items) => ("checkboxes", items.as_slice(), None),
        TaskKind::RadioButtons(items) => ("radio_buttons", items.as_slice(), None),
        TaskKind::Text(input) => ("text", [].as_slice(), input.as_ref()),
        TaskKind::Decimal(input) => ("decimal", [].as_slice(), input.as_ref()),
        TaskKind::Scanner(input) => ("scanner", [].as_slice(), input.as_ref()),
    };
    let items = items.iter().map(|item| TaskItemDto {
        item_id: item.id.to_string(),
        title: &item.title,
        completed_at: item.completed_at.map(instant),
    });
    TaskDto {
        task_id: task.id.to_string(),
        title: &task.title,
        kind,
        is_required_to_complete: task.is_required_to_complete,
        is_required_to_fail: task.is_required_to_fail,
        is_done: task.is_done(),
        items: items.collect(),
        input: input.map(task_input),
    }
}

fn task_input(input: &TaskInput) -> TaskInputDto<'_> {
    let method = match input.method {
        InputMethod::Typed => "typed",
        InputMethod::Scanned => "scanned",
    };
    TaskInputDto { value: &input.value, method, updated_at: instant(input.updated_at) }
}

fn planned(leg: PlannedLeg) -> PlannedDto {
    PlannedDto {
        distance_meters: leg.distance.get(),
        duration_seconds: leg.duration.get(),
        arrival_at: leg.arrival.map(instant),
        lateness_seconds: leg.lateness.get(),
    }
}

fn shortfall(shortfall: Shortfall) -> ShortfallDto {
    let earliest = match shortfall {
        Shortfall::TooFar { earliest } => Some(earliest),
        Shortfall::OthersFirst | Shortfall::Unreachable | Shortfall::SearchStopped => None,
    };
    ShortfallDto { reason: shortfall.as_str(), earliest_arrival_at: earliest.map(instant) }
}

/// Different for different texts, as good as always (FNV-1a, 64 bits): for the tags of what has no version.
pub(crate) fn hash(text: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

fn raw(text: &JsonText) -> Box<RawValue> {
    RawValue::from_string(text.as_str().to_owned()).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

#[cfg(test)]
mod tests;
