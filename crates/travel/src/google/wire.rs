//! Bodies of the Routes API, both ways.

use routemate_units::{LatLng, Meters, Seconds};
use serde::Deserialize;
use serde_json::{Value, json};

use super::NAME;
use crate::error::TravelError;
use crate::path::Leg;
use crate::remote::drive::Drive;
use crate::remote::{Cells, Unanswered};
use crate::server::{coordinate, read_line};

/// The words that Google's terms want shown.
pub(crate) const ATTRIBUTION: &str = "Google Maps";

/// How somebody travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Drive,
    Bicycle,
}

impl Mode {
    /// Adds the fields that say so. Traffic is a question of driving alone; with other modes the field is an error.
    ///
    /// Source: Google, "Routes API reference", `routingPreference`.
    fn put_into(self, mut body: Value) -> Value {
        if let Some(body) = body.as_object_mut() {
            let (name, preference) = match self {
                Self::Drive => ("DRIVE", Some("TRAFFIC_UNAWARE")),
                Self::Bicycle => ("BICYCLE", None),
            };
            body.insert("travelMode".to_owned(), name.into());
            body.extend(preference.map(|preference| ("routingPreference".to_owned(), preference.into())));
        }
        body
    }
}

pub(crate) fn matrix_body(mode: Mode, sources: &[LatLng], targets: &[LatLng]) -> Value {
    let waypoints = |points: &[LatLng]| points.iter().map(|at| json!({ "waypoint": waypoint(*at) })).collect::<Value>();
    mode.put_into(json!({ "origins": waypoints(sources), "destinations": waypoints(targets) }))
}

/// `None` for fewer than two points.
pub(crate) fn route_body(mode: Mode, points: &[LatLng]) -> Option<Value> {
    let [origin, between @ .., destination] = points else {
        return None;
    };
    Some(mode.put_into(json!({
        "origin": waypoint(*origin),
        "destination": waypoint(*destination),
        "intermediates": between.iter().map(|at| waypoint(*at)).collect::<Value>(),
        "polylineQuality": "HIGH_QUALITY",
    })))
}

fn waypoint(at: LatLng) -> Value {
    json!({ "location": { "latLng": { "latitude": coordinate(at.lat()), "longitude": coordinate(at.lng()) } } })
}

/// A pair; what is absent is zero.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Element {
    origin_index: usize,
    destination_index: usize,
    status: Status,
    condition: String,
    distance_meters: f64,
    duration: Option<String>,
    /// An answer that breaks off ends in one of these.
    error: Option<Status>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Status {
    code: u32,
    message: String,
    /// The name of the code, in errors of a whole request.
    status: String,
}

/// `google.rpc.Code.NOT_FOUND`.
const NOT_FOUND: u32 = 5;

pub(crate) fn read_matrix(body: &[u8], sources: usize, targets: usize) -> Result<Cells, Unanswered> {
    let unavailable = |source: String| Unanswered::from(TravelError::unavailable(NAME, source));
    let elements: Vec<Element> = serde_json::from_slice(body).map_err(|error| TravelError::unavailable(NAME, error))?;
    let mut cells: Vec<Option<Option<Leg>>> = vec![None; sources * targets];
    for element in elements {
        if let Some(error) = element.error {
            return Err(to_error(error.code, &error).into());
        }
        let cell = (element.destination_index < targets)
            .then(|| cells.get_mut(element.origin_index * targets + element.destination_index))
            .flatten()
            .ok_or_else(|| unavailable("its matrix has a pair that was not asked for".to_owned()))?;
        *cell = Some(match (element.status.code, element.condition.as_str()) {
            (0, "ROUTE_EXISTS") => Some(leg(element.duration.as_deref(), element.distance_meters)?),
            (0 | NOT_FOUND, "ROUTE_NOT_FOUND") | (NOT_FOUND, _) => None,
            (code, condition) => {
                let said = element.status.message;
                return Err(unavailable(format!("a pair has status {code}, condition `{condition}`: {said}")));
            }
        });
    }
    let missing = cells.iter().filter(|cell| cell.is_none()).count();
    cells.into_iter().collect::<Option<Cells>>().ok_or_else(|| unavailable(format!("its matrix lacks {missing} pairs")))
}

#[derive(Debug, Deserialize)]
struct RoutesAnswer {
    /// Absent where there is no route.
    #[serde(default)]
    routes: Vec<Route>,
}

#[derive(Debug, Deserialize)]
struct Route {
    #[serde(default)]
    legs: Vec<RouteLeg>,
    polyline: Polyline,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RouteLeg {
    #[serde(default)]
    distance_meters: f64,
    duration: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Polyline {
    encoded_polyline: String,
}

pub(crate) fn read_route(body: &[u8]) -> Result<Drive, Unanswered> {
    let answer: RoutesAnswer = serde_json::from_slice(body).map_err(|error| TravelError::unavailable(NAME, error))?;
    let Some(route) = answer.routes.into_iter().next() else {
        return Err(TravelError::NoWay { engine: NAME }.into());
    };
    let legs = route.legs.iter().map(|way| leg(way.duration.as_deref(), way.distance_meters));
    Ok(Drive { legs: legs.collect::<Result<_, _>>()?, geometry: read_line(NAME, &route.polyline.encoded_polyline, 5)? })
}

fn leg(duration: Option<&str>, distance_m: f64) -> Result<Leg, TravelError> {
    let duration_s = match duration {
        None => 0.0,
        Some(text) => text
            .strip_suffix('s')
            .and_then(|number| number.parse::<f64>().ok())
            .ok_or_else(|| TravelError::unavailable(NAME, format!("`{text}` is not a duration")))?,
    };
    Ok(Leg { duration: Seconds::from_f64(duration_s), distance: Meters::from_f64(distance_m) })
}

#[derive(Debug, Deserialize)]
struct Fault {
    error: Status,
}

/// A whole request's error: an object, or the same as the only element of an array.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Faults {
    // First, because a structure of one field is read from an array as well.
    Streamed(Vec<Fault>),
    One(Fault),
}

pub(crate) fn read_fault(status: u16, body: &[u8]) -> TravelError {
    let fault = match serde_json::from_slice(body) {
        Ok(Faults::One(fault)) => Some(fault),
        Ok(Faults::Streamed(faults)) => faults.into_iter().next(),
        Err(_) => None,
    };
    let said = fault.map(|fault| fault.error).unwrap_or_default();
    to_error(u32::from(status), &said)
}

/// `code` is a status of HTTP or, in the midst of an answer, one of gRPC.
fn to_error(code: u32, said: &Status) -> TravelError {
    let source = format!("it answers with {code} {}: {}", said.status, said.message);
    match (code, said.status.as_str()) {
        (_, "RESOURCE_EXHAUSTED") | (8, _) => TravelError::RateLimited { engine: NAME, retry_after: None },
        (300..=499, _) => TravelError::refused(NAME, source),
        _ => TravelError::unavailable(NAME, source),
    }
}
