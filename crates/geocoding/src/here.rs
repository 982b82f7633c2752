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

const HERE: Provider = Provider::Here;

/// HERE's Geocoding and Search API, version 7.
///
/// Source: HERE, "Geocoding and Search API v7", `/geocode`.
pub(crate) struct Here {
    pub(crate) base: Url,
    pub(crate) key: Option<SecretString>,
    pub(crate) language: Option<String>,
}

impl Service for Here {
    fn request(&self, query: &Query) -> Result<Request, GeocodeError> {
        let (parts, country) = (parts(query), country(query));
        let mut request = get(&self.base, &["v1", "geocode"]);
        let mut pairs = request.url_mut().query_pairs_mut();
        if let Some(parts) = parts {
            let (number, street) = parts.number_and_street();
            let qualified = [
                ("houseNumber", number),
                ("street", street),
                ("city", parts.city),
                ("state", parts.region),
                ("postalCode", parts.postcode),
                ("country", country.map(|country| country.name).unwrap_or_default()),
            ];
            // A semicolon parts the fields and cannot be escaped.
            let fields = qualified.iter().filter(|(_, value)| !value.is_empty());
            let fields: Vec<String> = fields.map(|(key, value)| format!("{key}={}", value.replace(';', ","))).collect();
            pairs.append_pair("qq", &fields.join(";"));
        } else {
            pairs.append_pair("q", query.as_text());
        }
        if let Some(country) = country {
            pairs.append_pair("in", &format!("countryCode:{}", country.alpha3));
        }
        if let Some(at) = query.focus() {
            pairs.append_pair("at", &format!("{},{}", at.lat(), at.lng()));
        }
        pairs.append_pair("limit", "1");
        if let Some(language) = &self.language {
            pairs.append_pair("lang", language);
        }
        if let Some(key) = &self.key {
            pairs.append_pair("apiKey", key.expose_secret());
        }
        drop(pairs);
        Ok(request)
    }

    fn read(&self, query: &Query, reply: &Reply) -> Result<Vec<Candidate>, GeocodeError> {
        let answer: Answer = accepted(HERE.name(), reply)?;
        answer.items.iter().map(|item| item.place().into_candidate(HERE, query)).collect()
    }
}

#[derive(Debug, Deserialize)]
struct Answer {
    items: Vec<Item>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    #[serde(default)]
    title: String,
    #[serde(default)]
    result_type: String,
    #[serde(default)]
    house_number_type: String,
    #[serde(default)]
    house_number_fallback: bool,
    #[serde(default)]
    address: Address,
    position: Location,
    #[serde(default)]
    access: Vec<Location>,
    #[serde(default)]
    scoring: Scoring,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Address {
    label: String,
    country_code: Option<String>,
    country_name: Option<String>,
    state_code: Option<String>,
    state: Option<String>,
    county: Option<String>,
    city: Option<String>,
    district: Option<String>,
    subdistrict: Option<String>,
    street: Option<String>,
    postal_code: Option<String>,
    house_number: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Location {
    lat: f64,
    lng: f64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Scoring {
    query_score: Option<f64>,
}

impl Item {
    fn place(&self) -> Place<'_> {
        let address = &self.address;
        let level = self.level();
        let towns = [&address.subdistrict, &address.district, &address.city];
        let regions =
            [&address.county, &address.state, &address.state_code, &address.country_name, &address.country_code];
        let is_named = matches!(level, Level::Place);
        Place {
            found: Found {
                level,
                number: address.house_number.as_deref(),
                street: address.street.as_deref(),
                postcode: address.postal_code.as_deref(),
                towns: towns.into_iter().filter_map(|part| part.as_deref()).collect(),
                regions: regions.into_iter().filter_map(|part| part.as_deref()).collect(),
                name: Some(self.title.as_str()).filter(|_| is_named),
                own_confidence: self.scoring.query_score,
            },
            position: (self.position.lat, self.position.lng),
            access: self.access.first().map(|at| (at.lat, at.lng)),
            label: address.label.clone(),
            ..Place::default()
        }
    }

    fn level(&self) -> Level {
        match self.result_type.as_str() {
            "houseNumber" if self.house_number_fallback => Level::OtherHouse,
            "houseNumber" if self.house_number_type == "interpolated" => Level::Interpolated,
            "houseNumber" => Level::House,
            "street" | "intersection" => Level::Street,
            "place" => Level::Place,
            "postalCodePoint" => Level::Postcode,
            _ => Level::Town,
        }
    }
}
