mod gathering;

use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Request, Url};
use routemate_outbound::{NotNow, Reply};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::asked::{country, parts};
use crate::candidate::Candidate;
use crate::error::GeocodeError;
use crate::grade::{Found, Level};
use crate::provider::Provider;
use crate::query::Query;
use crate::remote::{BatchService, Place, Service, accepted, below, get};

pub(crate) use gathering::Gathering;

const MAPBOX: Provider = Provider::Mapbox;

/// Mapbox's Geocoding API, version 6: `forward` for one question, `batch` for many.
///
/// Asks for permanent results, which alone may be kept; they are billed at their own price.
///
/// Source: Mapbox, "Geocoding API" v6, Forward geocoding, Batch geocoding, Smart Address Match.
pub(crate) struct Mapbox {
    pub(crate) base: Url,
    pub(crate) key: Option<SecretString>,
    pub(crate) language: Option<String>,
}

impl Mapbox {
    /// One question as names and values; numbers as text.
    fn question(&self, query: &Query) -> Vec<(&'static str, String)> {
        let country = country(query).map(|country| country.alpha2.to_ascii_lowercase()).unwrap_or_default();
        let mut pairs = match parts(query) {
            Some(parts) => vec![
                ("address_line1", parts.line.to_owned()),
                ("place", parts.city.to_owned()),
                ("region", parts.region.to_owned()),
                ("postcode", parts.postcode.to_owned()),
            ],
            None => vec![("q", query.as_text().to_owned())],
        };
        pairs.push(("country", country));
        pairs.push(("proximity", query.focus().map(|at| format!("{},{}", at.lng(), at.lat())).unwrap_or_default()));
        pairs.push(("language", self.language.clone().unwrap_or_default()));
        pairs.retain(|(_, value)| !value.is_empty());
        pairs
    }

    fn authorize(&self, url: &mut Url) {
        let mut pairs = url.query_pairs_mut();
        pairs.append_pair("permanent", "true");
        if let Some(key) = &self.key {
            pairs.append_pair("access_token", key.expose_secret());
        }
    }
}

impl Service for Mapbox {
    fn request(&self, query: &Query) -> Result<Request, GeocodeError> {
        let mut request = get(&self.base, &["search", "geocode", "v6", "forward"]);
        let url = request.url_mut();
        url.query_pairs_mut()
            .extend_pairs(self.question(query))
            .append_pair("limit", "1")
            .append_pair("autocomplete", "false");
        self.authorize(url);
        Ok(request)
    }

    /// It says at what second it will answer again, and how long its minute is.
    fn not_now(&self, reply: &Reply) -> Option<NotNow> {
        let number = |name| reply.header(name)?.trim().parse::<i64>().ok();
        let at_reset = || reply.until(Timestamp::from_second(number("x-rate-limit-reset")?).ok()?);
        match NotNow::of(reply)? {
            NotNow::Limited { retry_after } => Some(NotNow::Limited { retry_after: retry_after.or_else(at_reset) }),
            other => Some(other),
        }
    }

    fn read(&self, query: &Query, reply: &Reply) -> Result<Vec<Candidate>, GeocodeError> {
        accepted::<Answer>(MAPBOX.name(), reply)?.candidates(query)
    }

    fn batch(&self) -> Option<&dyn BatchService> {
        Some(self)
    }
}

impl BatchService for Mapbox {
    fn requests(&self, queries: &[Query]) -> Result<Request, GeocodeError> {
        let mut url = below(&self.base, &["search", "geocode", "v6", "batch"]);
        self.authorize(&mut url);
        let question = |query: &Query| {
            let pairs = self.question(query).into_iter();
            let mut question: Map<String, Value> = pairs.map(|(key, value)| (key.to_owned(), value.into())).collect();
            question.insert("limit".to_owned(), 1.into());
            // A number is asked for: no town of its name is wanted.
            if parts(query).is_none() && query.as_text().contains(|letter: char| letter.is_ascii_digit()) {
                question.insert("types".to_owned(), json!(["address"]));
            }
            Value::Object(question)
        };
        let body: Value = queries.iter().map(question).collect();
        let mut request = Request::new(Method::POST, url);
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        *request.body_mut() = Some(body.to_string().into());
        Ok(request)
    }

    fn read_all(&self, queries: &[Query], reply: &Reply) -> Result<Vec<Vec<Candidate>>, GeocodeError> {
        let answers: Answers = accepted(MAPBOX.name(), reply)?;
        queries.iter().zip(&answers.batch).map(|(query, answer)| answer.candidates(query)).collect()
    }
}

#[derive(Debug, Deserialize)]
struct Answers {
    batch: Vec<Answer>,
}

#[derive(Debug, Deserialize)]
struct Answer {
    features: Vec<Feature>,
    #[serde(default)]
    attribution: String,
}

#[derive(Debug, Deserialize)]
struct Feature {
    properties: Properties,
}

#[derive(Debug, Deserialize)]
struct Properties {
    #[serde(default)]
    feature_type: String,
    #[serde(default)]
    full_address: Option<String>,
    #[serde(default)]
    name: String,
    coordinates: Coordinates,
    #[serde(default)]
    match_code: MatchCode,
    #[serde(default)]
    context: Context,
}

#[derive(Debug, Deserialize)]
struct Coordinates {
    latitude: f64,
    longitude: f64,
    #[serde(default)]
    accuracy: String,
    #[serde(default)]
    routable_points: Vec<RoutablePoint>,
}

#[derive(Debug, Deserialize)]
struct RoutablePoint {
    latitude: f64,
    longitude: f64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct MatchCode {
    address_number: String,
    confidence: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Context {
    address: Option<Part>,
    street: Option<Part>,
    neighborhood: Option<Part>,
    locality: Option<Part>,
    place: Option<Part>,
    district: Option<Part>,
    postcode: Option<Part>,
    region: Option<Part>,
    country: Option<Part>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Part {
    name: String,
    address_number: Option<String>,
    street_name: Option<String>,
    region_code: Option<String>,
    country_code: Option<String>,
}

impl Answer {
    fn candidates(&self, query: &Query) -> Result<Vec<Candidate>, GeocodeError> {
        let attribution = Some(self.attribution.clone()).filter(|text| !text.is_empty());
        let place = |feature: &Feature| {
            Place { attribution: attribution.clone(), ..feature.properties.place() }.into_candidate(MAPBOX, query)
        };
        self.features.iter().map(place).collect()
    }
}

fn name(part: &Option<Part>) -> Option<&str> {
    part.as_ref().map(|part| part.name.as_str()).filter(|name| !name.is_empty())
}

impl Properties {
    fn place(&self) -> Place<'_> {
        let (level, context) = (self.level(), &self.context);
        let address = context.address.as_ref();
        let street = name(&context.street).or_else(|| address?.street_name.as_deref());
        let towns = [&context.neighborhood, &context.locality, &context.place].map(name);
        let region_code = context.region.as_ref().and_then(|region| region.region_code.as_deref());
        let country_code = context.country.as_ref().and_then(|country| country.country_code.as_deref());
        let regions =
            [name(&context.district), name(&context.region), name(&context.country), region_code, country_code];
        // Suburbs are often in the address alone, where its parts name the city.
        let written = self.full_address.as_deref();
        Place {
            found: Found {
                level,
                number: address.and_then(|address| address.address_number.as_deref()),
                street: street.or(Some(self.name.as_str()).filter(|_| level == Level::Street)),
                postcode: name(&context.postcode),
                towns: towns.into_iter().flatten().chain(written).collect(),
                regions: regions.into_iter().flatten().collect(),
                name: Some(self.name.as_str()).filter(|_| level == Level::Place),
                own_confidence: self.own_confidence(),
            },
            position: (self.coordinates.latitude, self.coordinates.longitude),
            access: self.coordinates.routable_points.first().map(|at| (at.latitude, at.longitude)),
            label: written.unwrap_or(&self.name).to_owned(),
            ..Place::default()
        }
    }

    fn level(&self) -> Level {
        match (self.feature_type.as_str(), self.coordinates.accuracy.as_str()) {
            ("street" | "block", _) | ("address", "street" | "intersection") => Level::Street,
            ("address" | "secondary_address", _) if self.match_code.address_number == "unmatched" => Level::OtherHouse,
            ("address", "interpolated" | "approximate") => Level::Interpolated,
            ("address" | "secondary_address", _) => Level::House,
            ("poi", _) => Level::Place,
            ("postcode", _) => Level::Postcode,
            _ => Level::Town,
        }
    }

    /// `medium` has two corrected parts, `low` more, or the number or region among them; addresses alone have it.
    fn own_confidence(&self) -> Option<f64> {
        match self.match_code.confidence.as_str() {
            "exact" => Some(1.0),
            "high" => Some(0.9),
            "medium" => Some(0.65),
            "low" => Some(0.5),
            _ => None,
        }
    }
}
