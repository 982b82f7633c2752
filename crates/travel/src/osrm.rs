use std::fmt;
use std::sync::Arc;

use reqwest::{Method, Request, Url};
use routemate_outbound::{Http, Reach, Remote, Repetition, Reply, SetupError, Transport, base_url};
use routemate_units::{LatLng, Meters, Seconds, StopToken};
use serde::Deserialize;

use crate::error::TravelError;
use crate::path::Leg;
use crate::remote::drive::Drive;
use crate::remote::{Cells, Limits, Protocol, Server, Unanswered};
use crate::server::{OSM, coordinate, read_line};

const NAME: &str = "osrm";

/// What is known about an OSRM server.
#[derive(Debug, Clone)]
pub struct OsrmSettings {
    /// `http://host:5000`, with a path where it sits behind one.
    pub url: String,
    /// The profile in its URLs.
    pub profile: String,
    /// Its `--max-table-size`: a table may have so many pairs squared.
    pub max_table_size: usize,
    /// Its `--max-viaroute-size`.
    pub max_route_points: usize,
    /// Requests at once, those of all imports together.
    pub concurrency: usize,
}

impl OsrmSettings {
    /// A server with OSRM's own defaults, but shorter routes: their URL has to pass proxies.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        let profile = "driving".to_owned();
        Self { url: url.into(), profile, max_table_size: 100, max_route_points: 100, concurrency: 4 }
    }
}

/// An OSRM server, asked by its HTTP API version 1: `table` for matrices, `route` for paths.
///
/// Source: Project OSRM, `docs/http.md`.
pub struct Osrm {
    remote: Remote,
    /// Up to and without the service's name.
    base: Url,
    profile: String,
    limits: Limits,
}

impl Osrm {
    /// Asks nothing yet.
    ///
    /// # Errors
    /// Those of [`SetupError`].
    pub fn new(settings: &OsrmSettings) -> Result<Self, SetupError> {
        Self::over(Arc::new(Http::to(&base_url(&settings.url)?, Reach::Anywhere)?), settings)
    }

    pub(crate) fn over(transport: Arc<dyn Transport>, settings: &OsrmSettings) -> Result<Self, SetupError> {
        Ok(Self {
            remote: Remote::new(NAME, transport, Repetition::Free, settings.concurrency),
            base: base_url(&settings.url)?,
            profile: settings.profile.clone(),
            limits: Limits::new(settings.max_table_size, settings.max_route_points),
        })
    }

    fn request(
        &self,
        service: &str,
        points: impl Iterator<Item = LatLng>,
        query: &str,
    ) -> Result<Request, TravelError> {
        let at = |point: LatLng| format!("{},{}", coordinate(point.lng()), coordinate(point.lat()));
        let places = points.map(at).collect::<Vec<_>>().join(";");
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| TravelError::refused(NAME, "its URL takes no path"))?
            .pop_if_empty()
            .extend([service, "v1", &self.profile, &places]);
        url.set_query(Some(query));
        Ok(Request::new(Method::GET, url))
    }
}

fn leg(duration_s: f64, distance_m: f64) -> Leg {
    Leg { duration: Seconds::from_f64(duration_s), distance: Meters::from_f64(distance_m) }
}

#[derive(Debug, Deserialize)]
struct Answer {
    code: String,
    #[serde(default)]
    message: String,
    durations: Option<Vec<Vec<Option<f64>>>>,
    distances: Option<Vec<Vec<Option<f64>>>>,
    #[serde(default)]
    routes: Vec<Route>,
}

#[derive(Debug, Deserialize)]
struct Route {
    geometry: String,
    legs: Vec<RouteLeg>,
}

#[derive(Debug, Deserialize)]
struct RouteLeg {
    duration: f64,
    distance: f64,
}

fn read(reply: &Reply) -> Result<Answer, Unanswered> {
    // Proxies refuse long URLs and large answers with pages of their own.
    if matches!(reply.status, 413 | 414 | 431) {
        return Err(Unanswered::TooBig);
    }
    let answer: Answer = serde_json::from_slice(&reply.body).map_err(|error| match reply.status {
        200 | 500.. => TravelError::unavailable(NAME, error),
        status => TravelError::refused(NAME, format!("it answers with status {status} and no JSON of OSRM's")),
    })?;
    let said = || format!("{}: {}", answer.code, answer.message);
    match answer.code.as_str() {
        "Ok" => Ok(answer),
        "TooBig" => Err(Unanswered::TooBig),
        "NoSegment" => Err(Unanswered::OffRoad),
        "NoRoute" => Err(TravelError::NoWay { engine: NAME }.into()),
        "InvalidUrl" | "InvalidService" | "InvalidVersion" | "InvalidOptions" | "InvalidQuery" | "InvalidValue"
        | "NotImplemented" => Err(TravelError::refused(NAME, said()).into()),
        _ => Err(TravelError::unavailable(NAME, said()).into()),
    }
}

impl Protocol for Osrm {
    fn remote(&self) -> &Remote {
        &self.remote
    }

    async fn table(&self, sources: &[LatLng], targets: &[LatLng], stop: &StopToken) -> Result<Cells, Unanswered> {
        let request = if sources == targets {
            self.request("table", sources.iter().copied(), "annotations=duration,distance")?
        } else {
            let numbers =
                |from, count| (from..from + count).map(|n: usize| n.to_string()).collect::<Vec<_>>().join(";");
            let (first, second) = (numbers(0, sources.len()), numbers(sources.len(), targets.len()));
            let query = format!("annotations=duration,distance&sources={first}&destinations={second}");
            self.request("table", sources.iter().chain(targets).copied(), &query)?
        };
        let reply = self.remote.send(&request, stop).await?;
        let answer: Answer = read(&reply)?;
        let (Some(durations), Some(distances)) = (answer.durations, answer.distances) else {
            return Err(TravelError::unavailable(NAME, "its table has no durations or no distances").into());
        };
        if durations.iter().map(Vec::len).ne(distances.iter().map(Vec::len)) {
            return Err(TravelError::unavailable(NAME, "its durations and distances are of different shape").into());
        }
        let pairs = durations.into_iter().flatten().zip(distances.into_iter().flatten());
        Ok(pairs.map(|(duration, distance)| Some(leg(duration?, distance?))).collect())
    }

    async fn drive(&self, points: &[LatLng], stop: &StopToken) -> Result<Drive, Unanswered> {
        // Without `continue_straight=false` the legs would not be those of the table.
        let query = "overview=full&geometries=polyline6&steps=false&continue_straight=false";
        let request = self.request("route", points.iter().copied(), query)?;
        let reply = self.remote.send(&request, stop).await?;
        let answer: Answer = read(&reply)?;
        let Some(route) = answer.routes.into_iter().next() else {
            return Err(TravelError::NoWay { engine: NAME }.into());
        };
        let legs = route.legs.iter().map(|way| leg(way.duration, way.distance)).collect();
        Ok(Drive { legs, geometry: read_line(NAME, &route.geometry, 6)? })
    }
}

impl Server for Osrm {
    const ATTRIBUTION: &'static str = OSM;

    fn limits(&self) -> &Limits {
        &self.limits
    }
}

impl fmt::Debug for Osrm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Osrm").field("host", &self.base.host_str()).finish_non_exhaustive()
    }
}
