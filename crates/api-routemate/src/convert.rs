//! From the wire to commands. Everything that is wrong is said at once, in the order of the documented fields.

use std::collections::HashSet;

use actix_web::http::header::HeaderMap;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use routemate_app::{ErrorKind, Idempotency, ImportJob, ImportStop, Principal, Problem};
use routemate_domain::{Email, ExternalId, Priority, TextFault, TimeWindow, ZoneName};
use routemate_http::idempotency_key;
use routemate_units::{LatLng, Seconds};
use serde_json::{Map, Value};

use crate::datetime::{TimeFault, parse_date, parse_instant};
use crate::fields::{Fields, Problems};

const OPERATION: &str = "integration-import";
pub(crate) const MAX_SERVICE_MINUTES: f64 = 7.0 * 24.0 * 60.0;
pub(crate) const MAX_PARCELS: u32 = 1_000_000;

/// A request to import a job, as far as it could be read.
#[derive(Debug)]
pub(crate) struct ImportRequest {
    /// Its `Idempotency-Key`, where there is one that can be used.
    pub(crate) key: Option<Idempotency>,
    /// What is asked for, or [`ErrorKind::Invalid`] with every problem of body and key.
    pub(crate) command: Result<ImportJob, ErrorKind>,
}

/// Reads an import: its body and its `Idempotency-Key`.
pub(crate) fn import_request(headers: &HeaderMap, body: &[u8], who: &Principal) -> ImportRequest {
    let (key, command) = (idempotency_key(headers, OPERATION, body), import_job(body, who));
    let (key, mut problems) = match key {
        Ok(key) => (key, Vec::new()),
        Err(problem) => (None, vec![problem]),
    };
    let command = match command {
        Ok(command) if problems.is_empty() => Ok(command),
        Ok(_) => Err(ErrorKind::Invalid(problems)),
        Err(more) => {
            problems.extend(more);
            Err(ErrorKind::Invalid(problems))
        }
    };
    ImportRequest { key, command }
}

/// A JSON object, whatever the content type says. Some clients send a byte order mark.
pub(crate) fn json_object(body: &[u8]) -> Result<Map<String, Value>, Problem> {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Problem::new("body", "must be a JSON object")),
        // The parser tells what it expected and where, never what it found.
        Err(error) => Err(Problem::new("body", format_args!("is not valid JSON: {error}"))),
    }
}

fn import_job(body: &[u8], who: &Principal) -> Result<ImportJob, Vec<Problem>> {
    let object = json_object(body).map_err(|problem| vec![problem])?;
    let mut problems = Problems::default();
    let mut fields = Fields { object: &object, prefix: String::new(), problems: &mut problems };
    let external_job_id = fields.required_id("external_job_id");
    let title = fields.required_text("title");
    let driver = driver(&mut fields);
    let scheduled_date = fields.parsed("scheduled_date", parse_date);
    let timezone = fields.parsed("timezone", ZoneName::parse);
    let metadata = fields.metadata("metadata");
    let stops = stops(&mut fields, timezone.as_ref().unwrap_or(&who.timezone).zone(), who.limits.stops_per_import);
    let made = (|| {
        let (driver_email, driver_key) = driver?;
        Some(ImportJob {
            external_job_id: external_job_id?,
            title: title?,
            driver_email,
            driver_key,
            scheduled_date,
            timezone,
            metadata,
            stops: stops?,
        })
    })();
    problems.unless_any(made)
}

/// The driver's address as submitted and as a key.
fn driver(fields: &mut Fields<'_, '_>) -> Option<(String, Email)> {
    const NAME: &str = "driver_email";
    let is_missing = match fields.value(NAME) {
        None => true,
        Some(value) => value.as_str().is_some_and(|text| text.trim().is_empty()),
    };
    if is_missing {
        fields.complain(NAME, TextFault::Blank);
        return None;
    }
    fields.parsed(NAME, |text| Email::parse(text).map(|key| (text.to_owned(), key)))
}

fn stops(fields: &mut Fields<'_, '_>, zone: &TimeZone, max: Option<u32>) -> Option<Vec<ImportStop>> {
    const NAME: &str = "stops";
    let Some(value) = fields.value(NAME) else {
        fields.complain(NAME, TextFault::Blank);
        return None;
    };
    let Some(items) = value.as_array() else {
        fields.complain(NAME, "must be an array");
        return None;
    };
    if items.is_empty() {
        fields.complain(NAME, "must contain at least 1 item");
    }
    let max = max.map_or(usize::MAX, |max| usize::try_from(max).unwrap_or(usize::MAX));
    if items.len() > max {
        fields.complain(NAME, format_args!("must contain at most {max} items"));
    }
    let mut seen = HashSet::new();
    // What is beyond the limit is refused whatever it holds.
    let read = items.iter().take(max).enumerate();
    let stops = read.map(|(at, item)| stop(at, item, zone, &mut seen, fields.problems));
    // Every stop is read before any is given up.
    stops.collect::<Vec<_>>().into_iter().collect()
}

fn stop(
    at: usize,
    item: &Value,
    zone: &TimeZone,
    seen: &mut HashSet<ExternalId>,
    problems: &mut Problems,
) -> Option<ImportStop> {
    let Some(object) = item.as_object() else {
        problems.push(format!("stops[{at}]"), "must be an object");
        return None;
    };
    let fields = &mut Fields { object, prefix: format!("stops[{at}]."), problems };
    let external_stop_id = fields.required_id("external_stop_id");
    if external_stop_id.as_ref().is_some_and(|id| !seen.insert(id.clone())) {
        fields.complain("external_stop_id", "must be unique");
    }
    let address = fields.required_text("address");
    let position = position(fields);
    let label = fields.optional_text("label");
    let notes = fields.optional_text("notes");
    let service_type = fields.optional_text("service_type");
    let minutes = fields.number_up_to("duration_minutes", MAX_SERVICE_MINUTES);
    let window = window(fields, zone);
    let priority = fields.number("priority").and_then(Priority::lower_first).unwrap_or_default();
    let parcel_count = fields.count_up_to("parcel_count", MAX_PARCELS).unwrap_or(1);
    let metadata = fields.metadata("metadata");
    Some(ImportStop {
        external_stop_id: external_stop_id?,
        address: address?,
        position,
        label,
        notes,
        service_type,
        service_time: minutes.map(|minutes| Seconds::from_f64(minutes * 60.0)),
        window,
        priority,
        parcel_count,
        metadata,
    })
}

/// One coordinate alone says nothing, and (0, 0) is what is sent where nothing is known.
fn position(fields: &mut Fields<'_, '_>) -> Option<LatLng> {
    let lat = fields.number_within("latitude", -90.0..=90.0);
    let lng = fields.number_within("longitude", -180.0..=180.0);
    let (lat, lng) = lat.zip(lng).filter(|position| *position != (0.0, 0.0))?;
    LatLng::new(lat, lng).ok()
}

fn window(fields: &mut Fields<'_, '_>, zone: &TimeZone) -> Option<TimeWindow> {
    // 0001-01-01 and 9999-12-31 are what some systems send where a side is open.
    let start = fields.parsed("time_window_start", |text| open_if(TimeFault::TooEarly, parse_instant(text, zone)));
    let end = fields.parsed("time_window_end", |text| open_if(TimeFault::TooLate, parse_instant(text, zone)));
    let (start, end) = (start.flatten(), end.flatten());
    TimeWindow::new(start, end).unwrap_or_else(|_| {
        fields.complain("time_window_end", "must not be before time_window_start");
        None
    })
}

fn open_if(fault: TimeFault, parsed: Result<Timestamp, TimeFault>) -> Result<Option<Timestamp>, TimeFault> {
    match parsed {
        Err(found) if found == fault => Ok(None),
        other => other.map(Some),
    }
}

#[cfg(test)]
mod tests;
