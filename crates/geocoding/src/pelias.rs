use reqwest::{Request, Url};
use routemate_outbound::Reply;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::asked::{country, parts};
use crate::candidate::Candidate;
use crate::error::GeocodeError;
use crate::grade::{Found, Level};
use crate::provider::Provider;
use crate::query::Query;
use crate::remote::{Place, Service, accepted, get};

const PELIAS: Provider = Provider::Pelias;

/// A Pelias server, or a service that runs one and asks for a key.
///
/// Source: Pelias documentation, "Search endpoint", "Structured geocoding", "Response".
pub(crate) struct Pelias {
    pub(crate) base: Url,
    pub(crate) key: Option<SecretString>,
    pub(crate) language: Option<String>,
}

impl Service for Pelias {
    fn request(&self, query: &Query) -> Result<Request, GeocodeError> {
        let (parts, country) = (parts(query), country(query));
        let mut request = match parts {
            Some(_) => get(&self.base, &["v1", "search", "structured"]),
            None => get(&self.base, &["v1", "search"]),
        };
        let mut pairs = request.url_mut().query_pairs_mut();
        if let Some(parts) = parts {
            for (key, value) in [
                ("address", parts.line),
                ("locality", parts.city),
                ("region", parts.region),
                ("postalcode", parts.postcode),
                ("country", country.map(|country| country.alpha3).unwrap_or_default()),
            ] {
                if !value.is_empty() {
                    pairs.append_pair(key, value);
                }
            }
            pairs.append_pair("size", "1");
        } else {
            pairs.append_pair("text", query.as_text()).append_pair("size", "1");
            if let Some(country) = country {
                pairs.append_pair("boundary.country", country.alpha3);
            }
        }
        if let Some(at) = query.focus() {
            pairs.append_pair("focus.point.lat", &at.lat().to_string());
            pairs.append_pair("focus.point.lon", &at.lng().to_string());
        }
        if let Some(language) = &self.language {
            pairs.append_pair("lang", language);
        }
        if let Some(key) = &self.key {
            pairs.append_pair("api_key", key.expose_secret());
        }
        drop(pairs);
        Ok(request)
    }

    fn read(&self, query: &Query, reply: &Reply) -> Result<Vec<Candidate>, GeocodeError> {
        let answer: Answer = accepted(PELIAS.name(), reply)?;
        let attribution = answer.geocoding.attribution;
        answer
            .features
            .iter()
            .map(|feature| Place { attribution: attribution.clone(), ..feature.place() }.into_candidate(PELIAS, query))
            .collect()
    }
}

#[derive(Debug, Deserialize)]
struct Answer {
    #[serde(default)]
    geocoding: Geocoding,
    features: Vec<Feature>,
}

#[derive(Debug, Default, Deserialize)]
struct Geocoding {
    /// The page that names the sources.
    attribution: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Feature {
    geometry: Geometry,
    properties: Properties,
}

#[derive(Debug, Deserialize)]
struct Geometry {
    /// Longitude first.
    coordinates: (f64, f64),
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Properties {
    layer: String,
    name: Option<String>,
    label: String,
    housenumber: Option<String>,
    street: Option<String>,
    postalcode: Option<String>,
    confidence: Option<f64>,
    match_type: String,
    neighbourhood: Option<String>,
    borough: Option<String>,
    locality: Option<String>,
    localadmin: Option<String>,
    county: Option<String>,
    region: Option<String>,
    region_a: Option<String>,
    country: Option<String>,
    country_a: Option<String>,
}

impl Feature {
    fn place(&self) -> Place<'_> {
        let own = &self.properties;
        let level = own.level();
        let is_area = matches!(level, Level::Town | Level::Postcode);
        let street = own.street.as_deref().or(own.name.as_deref().filter(|_| level == Level::Street));
        let towns = [&own.neighbourhood, &own.borough, &own.locality, &own.localadmin];
        let regions = [&own.county, &own.region, &own.region_a, &own.country, &own.country_a];
        let (lng, lat) = self.geometry.coordinates;
        Place {
            found: Found {
                level,
                number: own.housenumber.as_deref().filter(|_| !is_area),
                street: street.filter(|_| !is_area),
                postcode: own.postalcode.as_deref(),
                towns: towns.into_iter().filter_map(|part| part.as_deref()).collect(),
                regions: regions.into_iter().filter_map(|part| part.as_deref()).collect(),
                name: own.name.as_deref().filter(|_| level == Level::Place),
                own_confidence: own.confidence,
            },
            position: (lat, lng),
            label: own.label.clone(),
            ..Place::default()
        }
    }
}

impl Properties {
    fn level(&self) -> Level {
        match (self.layer.as_str(), self.match_type.as_str()) {
            ("address", "interpolated") => Level::Interpolated,
            ("address", _) => Level::House,
            ("street", _) => Level::Street,
            ("venue", _) => Level::Place,
            ("postalcode", _) => Level::Postcode,
            _ => Level::Town,
        }
    }
}
