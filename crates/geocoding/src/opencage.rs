use reqwest::{Request, Url};
use routemate_outbound::Reply;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::asked::country;
use crate::candidate::Candidate;
use crate::error::GeocodeError;
use crate::grade::{Found, Level};
use crate::provider::Provider;
use crate::query::Query;
use crate::remote::{Place, Service, accepted, get};

const OPENCAGE: Provider = Provider::OpenCage;

/// OpenCage's Geocoding API.
///
/// Its `confidence` is the size of a box on the ground and says nothing about how well the answer fits: it is not read.
/// `no_record` keeps the addresses of our customers out of its logs.
///
/// Source: OpenCage, "Geocoding API", Forward geocoding, Response codes.
pub(crate) struct OpenCage {
    pub(crate) base: Url,
    pub(crate) key: Option<SecretString>,
    pub(crate) language: Option<String>,
}

impl Service for OpenCage {
    fn request(&self, query: &Query) -> Result<Request, GeocodeError> {
        let mut request = get(&self.base, &["geocode", "v1", "json"]);
        let mut pairs = request.url_mut().query_pairs_mut();
        pairs.append_pair("q", query.as_text());
        if let Some(country) = country(query) {
            pairs.append_pair("countrycode", &country.alpha2.to_ascii_lowercase());
        }
        if let Some(at) = query.focus() {
            pairs.append_pair("proximity", &format!("{},{}", at.lat(), at.lng()));
        }
        pairs.append_pair("limit", "1").append_pair("no_annotations", "1").append_pair("no_record", "1");
        if let Some(language) = &self.language {
            pairs.append_pair("language", language);
        }
        if let Some(key) = &self.key {
            pairs.append_pair("key", key.expose_secret());
        }
        drop(pairs);
        Ok(request)
    }

    fn read(&self, query: &Query, reply: &Reply) -> Result<Vec<Candidate>, GeocodeError> {
        let answer: Answer = accepted(OPENCAGE.name(), reply)?;
        answer.results.iter().map(|result| result.place().into_candidate(OPENCAGE, query)).collect()
    }
}

#[derive(Debug, Deserialize)]
struct Answer {
    results: Vec<Outcome>,
}

#[derive(Debug, Deserialize)]
struct Outcome {
    #[serde(default)]
    components: Components,
    #[serde(default)]
    formatted: String,
    geometry: Location,
}

#[derive(Debug, Deserialize)]
struct Location {
    lat: f64,
    lng: f64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Components {
    #[serde(rename = "_type")]
    kind: String,
    house_number: Option<String>,
    road: Option<String>,
    pedestrian: Option<String>,
    postcode: Option<String>,
    neighbourhood: Option<String>,
    quarter: Option<String>,
    suburb: Option<String>,
    city_district: Option<String>,
    hamlet: Option<String>,
    village: Option<String>,
    town: Option<String>,
    city: Option<String>,
    municipality: Option<String>,
    county: Option<String>,
    state: Option<String>,
    state_code: Option<String>,
    country: Option<String>,
    country_code: Option<String>,
}

impl Outcome {
    fn place(&self) -> Place<'_> {
        let own = &self.components;
        let level = own.level();
        let towns = [
            &own.neighbourhood,
            &own.quarter,
            &own.suburb,
            &own.city_district,
            &own.hamlet,
            &own.village,
            &own.town,
            &own.city,
            &own.municipality,
        ];
        let regions = [&own.county, &own.state, &own.state_code, &own.country, &own.country_code];
        Place {
            found: Found {
                level,
                number: own.house_number.as_deref(),
                street: own.road.as_deref().or(own.pedestrian.as_deref()),
                postcode: own.postcode.as_deref(),
                towns: towns.into_iter().filter_map(|part| part.as_deref()).collect(),
                regions: regions.into_iter().filter_map(|part| part.as_deref()).collect(),
                // Its formatted address begins with the name of a place.
                name: self.formatted.split(',').next().filter(|_| level == Level::Place),
                own_confidence: None,
            },
            position: (self.geometry.lat, self.geometry.lng),
            label: self.formatted.clone(),
            ..Place::default()
        }
    }
}

impl Components {
    fn level(&self) -> Level {
        match (self.kind.as_str(), &self.house_number) {
            ("road" | "pedestrian" | "footway" | "path", _) => Level::Street,
            ("postcode", _) => Level::Postcode,
            (_, Some(_)) => Level::House,
            (
                "neighbourhood"
                | "quarter"
                | "suburb"
                | "city_district"
                | "hamlet"
                | "village"
                | "town"
                | "city"
                | "municipality"
                | "county"
                | "state_district"
                | "state"
                | "region"
                | "island"
                | "country"
                | "continent"
                | "local_administrative_area"
                | "place",
                _,
            ) => Level::Town,
            _ => Level::Place,
        }
    }
}
