use reqwest::{Request, Url};
use routemate_outbound::{NotNow, Reply};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::asked::country;
use crate::candidate::Candidate;
use crate::error::GeocodeError;
use crate::grade::{Found, Level};
use crate::provider::Provider;
use crate::query::Query;
use crate::remote::{Place, Service, fault, get, read_json};

const GOOGLE: Provider = Provider::Google;
/// What a match of a part is at most: below the threshold of what is taken without comment.
const PARTIAL: f64 = 0.69;
/// Degrees to each side of a focus that results are drawn to.
const FOCUS_BOX: f64 = 0.25;

/// Google's Geocoding API.
///
/// Faults come with status 200 and are named in the body.
///
/// Source: Google, "Geocoding API", Requests and responses.
pub(crate) struct Google {
    pub(crate) base: Url,
    pub(crate) key: Option<SecretString>,
    pub(crate) language: Option<String>,
}

impl Service for Google {
    fn request(&self, query: &Query) -> Result<Request, GeocodeError> {
        let mut request = get(&self.base, &["maps", "api", "geocode", "json"]);
        let mut pairs = request.url_mut().query_pairs_mut();
        pairs.append_pair("address", query.as_text());
        if let Some(country) = country(query) {
            pairs.append_pair("components", &format!("country:{}", country.alpha2));
        }
        if let Some(at) = query.focus() {
            let (south, north) = (at.lat() - FOCUS_BOX, at.lat() + FOCUS_BOX);
            let (west, east) = (at.lng() - FOCUS_BOX, at.lng() + FOCUS_BOX);
            pairs.append_pair("bounds", &format!("{south},{west}|{north},{east}"));
        }
        if let Some(language) = &self.language {
            pairs.append_pair("language", language);
        }
        if let Some(key) = &self.key {
            pairs.append_pair("key", key.expose_secret());
        }
        drop(pairs);
        Ok(request)
    }

    fn not_now(&self, reply: &Reply) -> Option<NotNow> {
        if reply.status != 200 {
            return NotNow::of(reply);
        }
        let retry_after = reply.retry_after();
        match serde_json::from_slice::<Status>(&reply.body).ok()?.status.as_str() {
            "OVER_QUERY_LIMIT" => Some(NotNow::Limited { retry_after }),
            "UNKNOWN_ERROR" => Some(NotNow::Busy { retry_after, said: "it answers with UNKNOWN_ERROR".to_owned() }),
            _ => None,
        }
    }

    fn read(&self, query: &Query, reply: &Reply) -> Result<Vec<Candidate>, GeocodeError> {
        if reply.status != 200 {
            return Err(fault(GOOGLE.name(), reply.status));
        }
        let answer: Answer = read_json(GOOGLE.name(), &reply.body)?;
        let said = |status: &str| format!("it answers with {status}");
        match answer.status.as_str() {
            "OK" => answer.results.iter().map(|result| result.place().into_candidate(GOOGLE, query)).collect(),
            "ZERO_RESULTS" => Ok(Vec::new()),
            "OVER_DAILY_LIMIT" => Err(GeocodeError::OutOfQuota { geocoder: GOOGLE.name().into(), retry_after: None }),
            "REQUEST_DENIED" => Err(GeocodeError::refused(GOOGLE.name(), said("REQUEST_DENIED"))),
            "INVALID_REQUEST" => Err(GeocodeError::invalid(GOOGLE.name(), said("INVALID_REQUEST"))),
            _ => Err(GeocodeError::unavailable(GOOGLE.name(), "it answers with a status that is not known")),
        }
    }
}

#[derive(Debug, Deserialize)]
struct Status {
    status: String,
}

#[derive(Debug, Deserialize)]
struct Answer {
    status: String,
    #[serde(default)]
    results: Vec<Outcome>,
}

#[derive(Debug, Deserialize)]
struct Outcome {
    #[serde(default)]
    address_components: Vec<Component>,
    #[serde(default)]
    formatted_address: String,
    geometry: Geometry,
    #[serde(default)]
    types: Vec<String>,
    #[serde(default)]
    partial_match: bool,
}

#[derive(Debug, Deserialize)]
struct Component {
    long_name: String,
    #[serde(default)]
    short_name: String,
    types: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Geometry {
    location: Location,
    #[serde(default)]
    location_type: String,
}

#[derive(Debug, Deserialize)]
struct Location {
    lat: f64,
    lng: f64,
}

impl Outcome {
    fn place(&self) -> Place<'_> {
        let own_confidence = self.partial_match.then_some(PARTIAL);
        let found = Found {
            level: self.level(),
            number: self.part("street_number"),
            street: self.part("route"),
            postcode: self.part("postal_code"),
            towns: self.parts(&[
                "neighborhood",
                "sublocality",
                "locality",
                "postal_town",
                "administrative_area_level_3",
            ]),
            regions: self.parts(&["administrative_area_level_2", "administrative_area_level_1", "country"]),
            name: self.parts(&["premise", "point_of_interest", "establishment"]).first().copied(),
            own_confidence,
        };
        Place {
            found,
            position: (self.geometry.location.lat, self.geometry.location.lng),
            label: self.formatted_address.clone(),
            ..Place::default()
        }
    }

    fn level(&self) -> Level {
        let is = |wanted: &[&str]| self.types.iter().any(|own| wanted.contains(&own.as_str()));
        let has_number = self.part("street_number").is_some();
        match self.geometry.location_type.as_str() {
            "RANGE_INTERPOLATED" => Level::Interpolated,
            _ if is(&["route", "intersection"]) => Level::Street,
            _ if has_number => Level::House,
            _ if is(&["postal_code"]) => Level::Postcode,
            _ if is(&["locality", "sublocality", "neighborhood", "postal_town", "country", "political"]) => Level::Town,
            _ => Level::Place,
        }
    }

    fn part(&self, kind: &str) -> Option<&str> {
        self.parts(&[kind]).first().copied()
    }

    /// Names, and codes where they differ.
    fn parts(&self, kinds: &[&str]) -> Vec<&str> {
        let meant = |part: &&Component| part.types.iter().any(|own| kinds.contains(&own.as_str()));
        let mut found: Vec<&str> = Vec::new();
        for part in self.address_components.iter().filter(meant) {
            for name in [part.long_name.as_str(), part.short_name.as_str()] {
                if !name.is_empty() && !found.contains(&name) {
                    found.push(name);
                }
            }
        }
        found
    }
}
