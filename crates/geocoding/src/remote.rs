//! Geocoders behind HTTP: what they share, and which there are.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use reqwest::{Method, Request, Url};
use routemate_outbound::{Hosts, Http, NotNow, Reach, Remote, Reply, SetupError, Transport, base_url};
use routemate_units::{LatLng, StopToken};
use secrecy::SecretString;
use serde::de::DeserializeOwned;

use crate::candidate::Candidate;
use crate::error::GeocodeError;
use crate::grade::{Found, grade};
use crate::port::Geocoder;
use crate::provider::Provider;
use crate::query::Query;
use crate::{google, here, mapbox, nominatim, opencage, pelias, photon};

/// What is known about a geocoder behind HTTP.
#[derive(Clone)]
pub struct RemoteSettings {
    /// Which one.
    pub provider: Provider,
    /// Where it is; `None` is where the vendor has it. What is written here may be a private address.
    pub url: Option<String>,
    /// The key that it knows us by.
    pub key: Option<SecretString>,
    /// Requests a second, those of all imports and of all who ask the same host together; `None` is any number.
    pub per_second: Option<NonZeroU32>,
    /// Requests at once.
    pub concurrency: usize,
    /// How long an answer is waited for, once it is the question's turn.
    pub patience: Duration,
    /// The language of names in answers, as a tag such as `en`; `None` is the place's own, or the service's choice.
    pub language: Option<String>,
    /// Who we are: an e-mail address or page by which the operator can be reached.
    pub contact: Option<String>,
}

impl RemoteSettings {
    /// The provider at its vendor's, as it is used when nothing else is agreed.
    #[must_use]
    pub fn new(provider: Provider) -> Self {
        Self {
            provider,
            url: None,
            key: None,
            per_second: NonZeroU32::new(provider.per_second()),
            concurrency: 8,
            patience: Duration::from_secs(4),
            language: None,
            contact: None,
        }
    }
}

/// The URL is left out: it may hold a password.
impl fmt::Debug for RemoteSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteSettings")
            .field("provider", &self.provider)
            .field("key", &self.key)
            .field("per_second", &self.per_second)
            .field("concurrency", &self.concurrency)
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}

/// A geocoder behind HTTP.
///
/// Asked at the pace of its host, again where that is safe, and left alone after failures. A question waits for its turn for
/// as long as somebody waits for the answer.
pub struct RemoteGeocoder {
    shared: Arc<Shared>,
    batch: Option<mapbox::Gathering>,
}

/// What is behind one geocoder.
pub(crate) struct Shared {
    remote: Remote,
    service: Box<dyn Service>,
    host: String,
}

/// What differs between services: how a question is put and its answer read.
pub(crate) trait Service: Send + Sync {
    /// The question.
    fn request(&self, query: &Query) -> Result<Request, GeocodeError>;

    /// Whether a reply says that the question may be answered later.
    fn not_now(&self, reply: &Reply) -> Option<NotNow> {
        NotNow::of(reply)
    }

    /// The answer to the question.
    fn read(&self, query: &Query, reply: &Reply) -> Result<Vec<Candidate>, GeocodeError>;

    /// Many questions at once, and how their answers are read: where the service has that.
    fn batch(&self) -> Option<&dyn BatchService> {
        None
    }
}

/// What a service does that takes many questions at once.
pub(crate) trait BatchService: Send + Sync {
    /// The questions.
    fn requests(&self, queries: &[Query]) -> Result<Request, GeocodeError>;

    /// The answers, in the order of the questions.
    fn read_all(&self, queries: &[Query], reply: &Reply) -> Result<Vec<Vec<Candidate>>, GeocodeError>;
}

impl RemoteGeocoder {
    /// Asks nothing yet. `hosts` are those of the whole process: who asks the same host shares its pace.
    ///
    /// # Errors
    /// Those of [`SetupError`].
    pub fn new(settings: &RemoteSettings, hosts: &Hosts) -> Result<Self, SetupError> {
        let (base, reach) = match (&settings.url, settings.provider.vendor_url()) {
            (Some(url), _) => (base_url(url)?, Reach::Anywhere),
            (None, Some(url)) => (base_url(url)?, Reach::Public),
            (None, None) => return Err(SetupError::NotABase),
        };
        Self::over(Arc::new(Http::to(&base, reach)?), settings, &base, hosts)
    }

    pub(crate) fn over(
        transport: Arc<dyn Transport>,
        settings: &RemoteSettings,
        base: &Url,
        hosts: &Hosts,
    ) -> Result<Self, SetupError> {
        let provider = settings.provider;
        if let Some(contact) = &settings.contact {
            routemate_outbound::key_header(contact)?;
        }
        let remote = Remote::new(provider.name(), transport, provider.repetition(), settings.concurrency)
            .paced(hosts.pace(base, settings.per_second))
            .patient(settings.patience);
        let shared = Arc::new(Shared {
            remote,
            service: service(settings, base),
            host: base.host_str().unwrap_or_default().to_owned(),
        });
        let batch = shared.service.batch().is_some().then(|| mapbox::Gathering::new(Arc::clone(&shared)));
        Ok(Self { shared, batch })
    }
}

impl Geocoder for RemoteGeocoder {
    fn geocode<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Vec<Candidate>, GeocodeError>> {
        match &self.batch {
            Some(gathering) => Box::pin(gathering.ask(query)),
            None => Box::pin(self.shared.ask(query)),
        }
    }
}

impl fmt::Debug for RemoteGeocoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.shared.remote.name();
        f.debug_struct("RemoteGeocoder").field("name", &name).field("host", &self.shared.host).finish_non_exhaustive()
    }
}

impl Shared {
    /// One question.
    pub(crate) async fn ask(&self, query: &Query) -> Result<Vec<Candidate>, GeocodeError> {
        let request = self.service.request(query)?;
        self.send(&request, |reply| self.service.read(query, reply)).await
    }

    /// Many questions at once, one answer for each.
    pub(crate) async fn ask_all(
        &self,
        batch: &dyn BatchService,
        queries: &[Query],
    ) -> Result<Vec<Vec<Candidate>>, GeocodeError> {
        let request = batch.requests(queries)?;
        let answers = self.send(&request, |reply| batch.read_all(queries, reply)).await?;
        self.remote.charge(u32::try_from(queries.len().saturating_sub(1)).unwrap_or(u32::MAX));
        if answers.len() == queries.len() {
            return Ok(answers);
        }
        let said = format!("of {} questions it has answered {}", queries.len(), answers.len());
        Err(GeocodeError::unavailable(self.remote.name(), said))
    }

    pub(crate) fn service(&self) -> &dyn Service {
        &*self.service
    }

    async fn send<A>(
        &self,
        request: &Request,
        read: impl Fn(&Reply) -> Result<A, GeocodeError>,
    ) -> Result<A, GeocodeError> {
        // Given up by whoever drops the question.
        let stop = StopToken::never();
        let question = async {
            let reply = self.remote.send_unless(request, &stop, |reply| self.service.not_now(reply)).await?;
            read(&reply)
        };
        self.remote.judge(question).await
    }
}

/// The service that the settings name.
fn service(settings: &RemoteSettings, base: &Url) -> Box<dyn Service> {
    let (base, key) = (base.clone(), settings.key.clone());
    match settings.provider {
        Provider::Google => Box::new(google::Google { base, key, language: settings.language.clone() }),
        Provider::Nominatim => Box::new(nominatim::Nominatim::new(base, settings)),
        Provider::Photon => Box::new(photon::Photon { base, language: settings.language.clone() }),
        Provider::Pelias => Box::new(pelias::Pelias { base, key, language: settings.language.clone() }),
        Provider::Mapbox => Box::new(mapbox::Mapbox { base, key, language: settings.language.clone() }),
        Provider::Here => Box::new(here::Here { base, key, language: settings.language.clone() }),
        Provider::OpenCage => Box::new(opencage::OpenCage { base, key, language: settings.language.clone() }),
    }
}

/// A request for a path below the base.
pub(crate) fn get(base: &Url, path: &[&str]) -> Request {
    Request::new(Method::GET, below(base, path))
}

/// The base with a path below it. A base takes paths: that was seen when it was read.
pub(crate) fn below(base: &Url, path: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}

/// The answer of a service that tells faults by the status of HTTP.
pub(crate) fn accepted<A: DeserializeOwned>(geocoder: &'static str, reply: &Reply) -> Result<A, GeocodeError> {
    match reply.status {
        200 => read_json(geocoder, &reply.body),
        status => Err(fault(geocoder, status)),
    }
}

/// What a status says that is no success. What came with it is not repeated: services quote the question.
pub(crate) fn fault(geocoder: &'static str, status: u16) -> GeocodeError {
    let said = format!("it answers with status {status}");
    match status {
        400 | 413 | 414 | 422 => GeocodeError::invalid(geocoder, said),
        402 => GeocodeError::OutOfQuota { geocoder: geocoder.into(), retry_after: None },
        300..=499 => GeocodeError::refused(geocoder, said),
        _ => GeocodeError::unavailable(geocoder, said),
    }
}

/// The body. What cannot be read is told by its place alone: it may hold the address.
pub(crate) fn read_json<A: DeserializeOwned>(geocoder: &'static str, body: &[u8]) -> Result<A, GeocodeError> {
    serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        GeocodeError::unavailable(geocoder, format!("its answer cannot be read, line {line}, column {column}"))
    })
}

/// One position of an answer, as the service tells it.
#[derive(Debug, Default)]
pub(crate) struct Place<'a> {
    pub(crate) found: Found<'a>,
    /// Latitude and longitude.
    pub(crate) position: (f64, f64),
    /// Where one drives to.
    pub(crate) access: Option<(f64, f64)>,
    /// The address found, written out.
    pub(crate) label: String,
    /// Words to be shown with it.
    pub(crate) attribution: Option<String>,
}

impl Place<'_> {
    /// The candidate that it makes for a question to this provider.
    pub(crate) fn into_candidate(self, provider: Provider, query: &Query) -> Result<Candidate, GeocodeError> {
        let position = |(lat, lng)| {
            LatLng::new(lat, lng)
                .map_err(|_| GeocodeError::unavailable(provider.name(), "its answer is nowhere on the globe"))
        };
        let (match_type, confidence) = grade(query.as_text(), &self.found);
        Ok(Candidate {
            position: position(self.position)?,
            match_type,
            confidence,
            source: provider.name().into(),
            label: self.label,
            access: self.access.map(position).transpose()?,
            attribution: self.attribution.map_or(provider.terms().attribution.into(), Into::into),
        })
    }
}

#[cfg(test)]
mod tests;
