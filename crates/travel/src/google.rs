mod quota;
mod wire;

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Method, Request, Url};
use routemate_outbound::{Http, Reach, Remote, Repetition, Reply, SetupError, Transport, base_url, key_header};
use routemate_units::{LatLng, StopToken};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::error::TravelError;
use crate::matrix::Matrix;
use crate::path::TravelPath;
use crate::port::{TravelMatrix, Work};
use crate::remote::drive::{Drive, drive};
use crate::remote::tiles::Places;
use crate::remote::{Cells, Limits, Protocol, Unanswered};
use quota::Quota;

const NAME: &str = "google";
const URL: &str = "https://routes.googleapis.com";

/// Pairs are asked for in tiles of so many squared.
///
/// Source: Google, "Routes API usage and billing", "Usage limits": 625 elements a request.
const TILE_SIDE: usize = 25;
/// Origin, destination and 25 between.
///
/// Source: as above.
const MOST_ROUTE_POINTS: usize = 27;

const API_KEY: HeaderName = HeaderName::from_static("x-goog-api-key");
const FIELD_MASK: HeaderName = HeaderName::from_static("x-goog-fieldmask");
const MATRIX_FIELDS: HeaderValue =
    HeaderValue::from_static("originIndex,destinationIndex,status,condition,distanceMeters,duration");
const ROUTE_FIELDS: HeaderValue =
    HeaderValue::from_static("routes.legs.duration,routes.legs.distanceMeters,routes.polyline.encodedPolyline");

/// How Google's Routes API is used.
#[derive(Debug, Clone)]
pub struct GoogleRoutesSettings {
    /// The API key.
    pub key: SecretString,
    /// `https://routes.googleapis.com`.
    pub url: String,
    /// The quota of the Google project for route matrices. It is kept in this process: several divide it.
    pub elements_per_minute: usize,
    /// The most pairs that one import may cost.
    pub max_elements: usize,
    /// Requests at once, those of all imports together.
    pub concurrency: usize,
}

impl GoogleRoutesSettings {
    /// Google's own quota, and at most 2,500 pairs an import: 50 stops.
    #[must_use]
    pub fn new(key: SecretString) -> Self {
        Self { key, url: URL.to_owned(), elements_per_minute: 3_000, max_elements: 2_500, concurrency: 4 }
    }

    /// What the matrix of so many stops, all at different places, takes.
    #[must_use]
    pub fn cost_of(&self, stops: usize) -> MatrixCost {
        let elements = stops.saturating_mul(stops);
        let minutes = elements.saturating_sub(1) / self.elements_per_minute.max(1);
        MatrixCost { elements, dollars: elements as f64 * DOLLARS_PER_ELEMENT, minutes }
    }
}

/// Source: Google Maps Platform price list, "Routes: Compute Route Matrix Essentials", first volume tier: 5 US$ for
/// 1,000 elements.
const DOLLARS_PER_ELEMENT: f64 = 0.005;

/// What a matrix takes of Google's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MatrixCost {
    /// Billed pairs.
    pub elements: usize,
    /// US$ at the list price, without the free elements of each month and without discounts.
    pub dollars: f64,
    /// Time that the quota makes it wait at least.
    pub minutes: usize,
}

impl fmt::Display for MatrixCost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { elements, dollars, minutes } = self;
        write!(f, "{elements} elements, about {dollars:.2} US$ at list price and {minutes} min at the quota")
    }
}

/// Google's Routes API: `computeRouteMatrix` for matrices, `computeRoutes` for paths, both without traffic.
///
/// Every pair is billed. A matrix that may not be spent or that the quota does not give in time is refused before anything
/// is asked; of those that are asked, only requests that Google has surely not worked on are sent again.
///
/// Source: Google, "Routes API reference", REST v2.
pub struct GoogleRoutes {
    remote: Remote,
    matrix_url: Url,
    routes_url: Url,
    key: HeaderValue,
    quota: Quota,
    max_elements: usize,
    limits: Limits,
}

impl GoogleRoutes {
    /// Asks nothing yet.
    ///
    /// # Errors
    /// Those of [`SetupError`].
    pub fn new(settings: &GoogleRoutesSettings) -> Result<Self, SetupError> {
        let base = base_url(&settings.url)?;
        let reach = if settings.url == URL { Reach::Public } else { Reach::Anywhere };
        Self::over(Arc::new(Http::to(&base, reach)?), settings)
    }

    pub(crate) fn over(transport: Arc<dyn Transport>, settings: &GoogleRoutesSettings) -> Result<Self, SetupError> {
        let base = base_url(&settings.url)?;
        let method = |path: &[&str]| {
            let mut url = base.clone();
            url.path_segments_mut().map_err(|()| SetupError::NotABase)?.pop_if_empty().extend(path);
            Ok::<_, SetupError>(url)
        };
        Ok(Self {
            remote: Remote::new(NAME, transport, Repetition::Billed, settings.concurrency),
            matrix_url: method(&["distanceMatrix", "v2:computeRouteMatrix"])?,
            routes_url: method(&["directions", "v2:computeRoutes"])?,
            key: key_header(settings.key.expose_secret())?,
            quota: Quota::new(settings.elements_per_minute),
            max_elements: settings.max_elements,
            limits: Limits::new(TILE_SIDE, MOST_ROUTE_POINTS),
        })
    }

    fn request(&self, url: &Url, fields: HeaderValue, body: &Value) -> Request {
        let mut request = Request::new(Method::POST, url.clone());
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(API_KEY, self.key.clone());
        headers.insert(FIELD_MASK, fields);
        *request.body_mut() = Some(body.to_string().into());
        request
    }

    /// Takes so many of the quota, waiting for them if there is time.
    async fn charge(&self, elements: usize, stop: &StopToken) -> Result<(), TravelError> {
        self.quota
            .take(elements, stop)
            .await
            .map_err(|wait| TravelError::RateLimited { engine: NAME, retry_after: Some(wait) })
    }

    /// Refuses what may not be spent, or what the quota does not give in time.
    fn check(&self, elements: usize, stop: &StopToken) -> Result<(), TravelError> {
        let too_much = |limit| Err(TravelError::TooMuch { engine: NAME, asked: elements, limit });
        if elements > self.max_elements {
            return too_much(format!("an import may cost {}", self.max_elements));
        }
        let wait = self.quota.wait_for(elements);
        if stop.remaining().is_some_and(|left| wait >= left) {
            let quota = self.quota.per_minute();
            return too_much(format!("at {quota} a minute they take {} s more", wait.as_secs()));
        }
        Ok(())
    }
}

/// The body of an answer that is none of errors.
fn accepted(reply: Reply) -> Result<Vec<u8>, Unanswered> {
    match reply.status {
        200 => Ok(reply.body),
        413 => Err(Unanswered::TooBig),
        status => Err(wire::read_fault(status, &reply.body).into()),
    }
}

/// One question to Google, and whether the quota was charged for all of it beforehand.
struct Question<'g> {
    google: &'g GoogleRoutes,
    is_charged: bool,
}

impl Protocol for Question<'_> {
    fn remote(&self) -> &Remote {
        &self.google.remote
    }

    async fn table(&self, sources: &[LatLng], targets: &[LatLng], stop: &StopToken) -> Result<Cells, Unanswered> {
        let Self { google, is_charged } = self;
        if !is_charged {
            google.charge(sources.len() * targets.len(), stop).await?;
        }
        let request = google.request(&google.matrix_url, MATRIX_FIELDS, &wire::matrix_body(sources, targets));
        let reply = google.remote.send(&request, stop).await?;
        wire::read_matrix(&accepted(reply)?, sources.len(), targets.len())
    }

    async fn drive(&self, points: &[LatLng], stop: &StopToken) -> Result<Drive, Unanswered> {
        let google = self.google;
        let Some(body) = wire::route_body(points) else {
            return Ok(Drive::default());
        };
        let reply = google.remote.send(&google.request(&google.routes_url, ROUTE_FIELDS, &body), stop).await?;
        wire::read_route(&accepted(reply)?)
    }
}

impl TravelMatrix for GoogleRoutes {
    fn name(&self) -> &'static str {
        NAME
    }

    fn work(&self) -> Work {
        Work::Waits
    }

    fn matrix<'a>(&'a self, points: &'a [LatLng], stop: &'a StopToken) -> BoxFuture<'a, Result<Matrix, TravelError>> {
        Box::pin(async move {
            let places = Places::of(points);
            let elements = match places.distinct.len() {
                // Nothing is asked.
                0 | 1 => 0,
                len => len.saturating_mul(len),
            };
            let question = async {
                self.check(elements, stop)?;
                // What fits into a minute is charged at once: no other import can take the rest of it away.
                let is_charged = elements <= self.quota.per_minute();
                if is_charged {
                    self.charge(elements, stop).await?;
                }
                places.matrix(&Question { google: self, is_charged }, &self.limits.side, stop).await
            };
            let matrix = self.remote.run(stop, question).await?;
            Ok(matrix.with_attribution(wire::ATTRIBUTION))
        })
    }

    fn path<'a>(&'a self, points: &'a [LatLng], stop: &'a StopToken) -> BoxFuture<'a, Result<TravelPath, TravelError>> {
        Box::pin(async move {
            let question = Question { google: self, is_charged: true };
            let driven = self.remote.run(stop, drive(&question, &self.limits.longest, points, stop)).await?;
            Ok(driven.into_path(wire::ATTRIBUTION))
        })
    }
}

impl fmt::Debug for GoogleRoutes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GoogleRoutes").field("host", &self.matrix_url.host_str()).finish_non_exhaustive()
    }
}
