use reqwest::{Request, Url};
use routemate_outbound::Reply;
use serde::Deserialize;

use crate::asked::{country, parts};
use crate::candidate::Candidate;
use crate::error::GeocodeError;
use crate::grade::{Found, Level};
use crate::provider::Provider;
use crate::query::Query;
use crate::remote::{Place, Service, accepted, get};

const PHOTON: Provider = Provider::Photon;

/// A Photon server: `api` for text, `structured` for addresses in parts.
///
/// It tells nothing about how well an answer fits, and answers with another number as readily as with the one asked for.
///
/// Source: Photon, `docs/api-v1.md`.
pub(crate) struct Photon {
    pub(crate) base: Url,
    pub(crate) language: Option<String>,
}

impl Service for Photon {
    fn request(&self, query: &Query) -> Result<Request, GeocodeError> {
        let parts = parts(query);
        let mut request = get(&self.base, &[if parts.is_some() { "structured" } else { "api" }]);
        let mut pairs = request.url_mut().query_pairs_mut();
        if let Some(parts) = parts {
            let (number, street) = parts.number_and_street();
            let country_code = country(query).map(|country| country.alpha2).unwrap_or_default();
            for (key, value) in [
                ("housenumber", number),
                ("street", street),
                ("city", parts.city),
                ("state", parts.region),
                ("postcode", parts.postcode),
                ("countrycode", country_code),
            ] {
                if !value.is_empty() {
                    pairs.append_pair(key, value);
                }
            }
        } else {
            pairs.append_pair("q", query.as_text());
            if let Some(country) = country(query) {
                pairs.append_pair("countrycode", country.alpha2);
            }
        }
        if let Some(at) = query.focus() {
            pairs.append_pair("lat", &at.lat().to_string()).append_pair("lon", &at.lng().to_string());
        }
        pairs.append_pair("limit", "1");
        if let Some(language) = &self.language {
            pairs.append_pair("lang", language);
        }
        drop(pairs);
        Ok(request)
    }

    fn read(&self, query: &Query, reply: &Reply) -> Result<Vec<Candidate>, GeocodeError> {
        let answer: Answer = accepted(PHOTON.name(), reply)?;
        answer.features.iter().map(|feature| feature.place().into_candidate(PHOTON, query)).collect()
    }
}

#[derive(Debug, Deserialize)]
struct Answer {
    features: Vec<Feature>,
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
    osm_key: String,
    osm_value: String,
    r#type: String,
    name: Option<String>,
    housenumber: Option<String>,
    street: Option<String>,
    locality: Option<String>,
    district: Option<String>,
    city: Option<String>,
    county: Option<String>,
    state: Option<String>,
    country: Option<String>,
    countrycode: Option<String>,
    postcode: Option<String>,
}

impl Feature {
    fn place(&self) -> Place<'_> {
        let own = &self.properties;
        let level = own.level();
        // A street and a town have their names there.
        let street = own.street.as_deref().or(own.name.as_deref().filter(|_| level == Level::Street));
        let town_name = own.name.as_deref().filter(|_| level == Level::Town);
        let towns = [own.locality.as_deref(), own.district.as_deref(), own.city.as_deref(), town_name];
        let regions = [own.county.as_deref(), own.state.as_deref(), own.country.as_deref(), own.countrycode.as_deref()];
        let (lng, lat) = self.geometry.coordinates;
        Place {
            found: Found {
                level,
                number: own.housenumber.as_deref(),
                street,
                postcode: own.postcode.as_deref(),
                towns: towns.into_iter().flatten().collect(),
                regions: regions.into_iter().flatten().collect(),
                name: own.name.as_deref().filter(|_| !matches!(level, Level::Street | Level::Town)),
                own_confidence: None,
            },
            position: (lat, lng),
            label: own.label(),
            ..Place::default()
        }
    }
}

impl Properties {
    fn level(&self) -> Level {
        match (self.r#type.as_str(), &self.housenumber) {
            (_, Some(_)) => Level::House,
            ("street", _) => Level::Street,
            ("house", _) => Level::Place,
            _ if self.osm_key == "place" && self.osm_value == "postcode" => Level::Postcode,
            _ => Level::Town,
        }
    }

    /// In lines as they are common, since the server writes none.
    fn label(&self) -> String {
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        let joined =
            |a: String, b: String| [a, b].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        let lines = [
            text(&self.name),
            joined(text(&self.housenumber), text(&self.street)),
            text(&self.district),
            joined(text(&self.postcode), text(&self.city)),
            text(&self.state),
            text(&self.country),
        ];
        lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ")
    }
}
