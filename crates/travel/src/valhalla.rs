use std::fmt;
use std::sync::Arc;

use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Request, Url};
use routemate_outbound::{Http, Reach, Remote, Repetition, Reply, SetupError, Transport, base_url};
use routemate_units::{LatLng, Meters, Seconds, StopToken};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::TravelError;
use crate::path::Leg;
use crate::remote::drive::Drive;
use crate::remote::{Cells, Limits, Protocol, Server, Unanswered};
use crate::server::{OSM, coordinate, read_line};

const NAME: &str = "valhalla";

/// What is known about a Valhalla server.
#[derive(Debug, Clone)]
pub struct ValhallaSettings {
    /// `http://host:8002`, with a path where it sits behind one.
    pub url: String,
    /// Its costing model: `auto`, `truck`, `bicycle`, …
    pub costing: String,
    /// Its `service_limits.<costing>.max_matrix_location_pairs`.
    pub max_matrix_pairs: usize,
    /// Its `service_limits.<costing>.max_locations`.
    pub max_route_points: usize,
    /// Requests at once, those of all imports together.
    pub concurrency: usize,
}

impl ValhallaSettings {
    /// A server with Valhalla's own defaults for cars.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        let costing = "auto".to_owned();
        Self { url: url.into(), costing, max_matrix_pairs: 2_500, max_route_points: 20, concurrency: 4 }
    }
}

/// A Valhalla server: `sources_to_targets` for matrices, `route` for paths.
///
/// Answers with and without `verbose` are read: servers before 3.5 know only the former.
///
/// Source: Valhalla, `docs/docs/api/matrix`, `docs/docs/api/turn-by-turn`.
pub struct Valhalla {
    remote: Remote,
    /// Up to and without the action's name.
    base: Url,
    costing: String,
    limits: Limits,
}

impl Valhalla {
    /// Asks nothing yet.
    ///
    /// # Errors
    /// Those of [`SetupError`].
    pub fn new(settings: &ValhallaSettings) -> Result<Self, SetupError> {
        Self::over(Arc::new(Http::to(&base_url(&settings.url)?, Reach::Anywhere)?), settings)
    }

    pub(crate) fn over(transport: Arc<dyn Transport>, settings: &ValhallaSettings) -> Result<Self, SetupError> {
        Ok(Self {
            remote: Remote::new(NAME, transport, Repetition::Free, settings.concurrency),
            base: base_url(&settings.url)?,
            costing: settings.costing.clone(),
            limits: Limits::new(settings.max_matrix_pairs.isqrt(), settings.max_route_points),
        })
    }

    fn request(&self, action: &str, body: &Value) -> Result<Request, TravelError> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| TravelError::refused(NAME, "its URL takes no path"))?
            .pop_if_empty()
            .push(action);
        let mut request = Request::new(Method::POST, url);
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        *request.body_mut() = Some(body.to_string().into());
        Ok(request)
    }
}

fn locations(points: &[LatLng]) -> Value {
    points.iter().map(|at| json!({ "lon": coordinate(at.lng()), "lat": coordinate(at.lat()) })).collect()
}

fn leg(duration_s: f64, distance_km: f64) -> Leg {
    Leg { duration: Seconds::from_f64(duration_s), distance: Meters::from_f64(distance_km * 1000.0) }
}

#[derive(Debug, Deserialize)]
struct MatrixAnswer {
    sources_to_targets: Pairs,
}

/// With `verbose` false or unknown.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Pairs {
    Concise { durations: Vec<Vec<Option<f64>>>, distances: Vec<Vec<Option<f64>>> },
    Verbose(Vec<Vec<Pair>>),
}

#[derive(Debug, Deserialize)]
struct Pair {
    time: Option<f64>,
    distance: Option<f64>,
}

impl Pairs {
    fn into_cells(self) -> Result<Cells, Unanswered> {
        let both = |(duration, distance): (Option<f64>, Option<f64>)| Some(leg(duration?, distance?));
        match self {
            Self::Verbose(rows) => {
                Ok(rows.into_iter().flatten().map(|pair| both((pair.time, pair.distance))).collect())
            }
            Self::Concise { durations, distances } => {
                if durations.iter().map(Vec::len).ne(distances.iter().map(Vec::len)) {
                    let source = "its durations and distances are of different shape";
                    return Err(TravelError::unavailable(NAME, source).into());
                }
                Ok(durations.into_iter().flatten().zip(distances.into_iter().flatten()).map(both).collect())
            }
        }
    }
}

#[derive(Debug, Deserialize)]
struct RouteAnswer {
    trip: Trip,
}

#[derive(Debug, Deserialize)]
struct Trip {
    legs: Vec<RouteLeg>,
}

#[derive(Debug, Deserialize)]
struct RouteLeg {
    summary: Summary,
    shape: String,
}

#[derive(Debug, Deserialize)]
struct Summary {
    time: f64,
    length: f64,
}

#[derive(Debug, Deserialize)]
struct Fault {
    error_code: u32,
    #[serde(default)]
    error: String,
}

fn read<A: for<'de> Deserialize<'de>>(reply: &Reply) -> Result<A, Unanswered> {
    if reply.status == 200 {
        return serde_json::from_slice(&reply.body).map_err(|error| TravelError::unavailable(NAME, error).into());
    }
    if reply.status == 413 {
        return Err(Unanswered::TooBig);
    }
    let Ok(fault) = serde_json::from_slice::<Fault>(&reply.body) else {
        let source = format!("it answers with status {} and no JSON of Valhalla's", reply.status);
        let is_its_fault = reply.status >= 500;
        let error =
            if is_its_fault { TravelError::unavailable(NAME, source) } else { TravelError::refused(NAME, source) };
        return Err(error.into());
    };
    let said = format!("{}: {}", fault.error_code, fault.error);
    Err(match fault.error_code {
        // Too many locations, also said of a matrix.
        150 | 151 => Unanswered::TooBig,
        // Points farther apart than it looks: smaller questions do not bring them nearer.
        154 => TravelError::refused(NAME, said).into(),
        170 | 171 => Unanswered::OffRoad,
        442 => TravelError::NoWay { engine: NAME }.into(),
        _ if reply.status >= 500 => TravelError::unavailable(NAME, said).into(),
        _ => TravelError::refused(NAME, said).into(),
    })
}

impl Protocol for Valhalla {
    fn remote(&self) -> &Remote {
        &self.remote
    }

    async fn table(&self, sources: &[LatLng], targets: &[LatLng], stop: &StopToken) -> Result<Cells, Unanswered> {
        let body = json!({
            "sources": locations(sources),
            "targets": locations(targets),
            "costing": self.costing,
            "units": "kilometers",
            "verbose": false,
        });
        let reply = self.remote.send(&self.request("sources_to_targets", &body)?, stop).await?;
        let answer: MatrixAnswer = read(&reply)?;
        answer.sources_to_targets.into_cells()
    }

    async fn drive(&self, points: &[LatLng], stop: &StopToken) -> Result<Drive, Unanswered> {
        let body = json!({
            "locations": locations(points),
            "costing": self.costing,
            "units": "kilometers",
            "directions_type": "none",
        });
        let reply = self.remote.send(&self.request("route", &body)?, stop).await?;
        let answer: RouteAnswer = read(&reply)?;
        let mut drive = Drive::default();
        for RouteLeg { summary, shape } in answer.trip.legs {
            drive.legs.push(leg(summary.time, summary.length));
            let line = read_line(NAME, &shape, 6)?;
            let repeated = usize::from(drive.geometry.last().is_some_and(|last| line.first() == Some(last)));
            drive.geometry.extend(line.into_iter().skip(repeated));
        }
        Ok(drive)
    }
}

impl Server for Valhalla {
    const ATTRIBUTION: &'static str = OSM;

    fn limits(&self) -> &Limits {
        &self.limits
    }
}

impl fmt::Debug for Valhalla {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Valhalla").field("host", &self.base.host_str()).finish_non_exhaustive()
    }
}
