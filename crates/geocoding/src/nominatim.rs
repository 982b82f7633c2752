use reqwest::header::{ACCEPT_LANGUAGE, HeaderValue, USER_AGENT};
use reqwest::{Request, Url};
use routemate_outbound::Reply;
use serde::Deserialize;

use crate::asked::{country, parts};
use crate::candidate::Candidate;
use crate::error::GeocodeError;
use crate::grade::{Found, Level};
use crate::provider::Provider;
use crate::query::Query;
use crate::remote::{Place, RemoteSettings, Service, accepted, get};

const NOMINATIM: Provider = Provider::Nominatim;
/// Degrees to each side of a focus that results are drawn to.
const FOCUS_BOX: f64 = 0.25;

/// A Nominatim server, asked by `search` in the format `jsonv2`.
///
/// The public one blocks clients that do not say who they are: the header names us, and the operator where told.
///
/// Source: Nominatim manual, "Search queries" and "Place output formats"; OSMF, "Nominatim Usage Policy".
pub(crate) struct Nominatim {
    base: Url,
    agent: HeaderValue,
    language: HeaderValue,
}

impl Nominatim {
    pub(crate) fn new(base: Url, settings: &RemoteSettings) -> Self {
        let product = concat!("RouteMate/", env!("CARGO_PKG_VERSION"));
        let agent = settings.contact.as_ref().map_or_else(|| product.to_owned(), |who| format!("{product} ({who})"));
        let header = |text: &str, default| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(default));
        let language = header(settings.language.as_deref().unwrap_or("en"), "en");
        Self { base, agent: header(&agent, product), language }
    }
}

impl Service for Nominatim {
    fn request(&self, query: &Query) -> Result<Request, GeocodeError> {
        let mut request = get(&self.base, &["search"]);
        let mut pairs = request.url_mut().query_pairs_mut();
        let country = country(query);
        if let Some(parts) = parts(query) {
            let country_name = country.map(|country| country.name).unwrap_or_default();
            for (key, value) in [
                ("street", parts.line),
                ("city", parts.city),
                ("state", parts.region),
                ("postalcode", parts.postcode),
                ("country", country_name),
            ] {
                if !value.is_empty() {
                    pairs.append_pair(key, value);
                }
            }
        } else {
            pairs.append_pair("q", query.as_text());
        }
        if let Some(country) = country {
            pairs.append_pair("countrycodes", &country.alpha2.to_ascii_lowercase());
        }
        if let Some(at) = query.focus() {
            let (south, north) = (at.lat() - FOCUS_BOX, at.lat() + FOCUS_BOX);
            let (west, east) = (at.lng() - FOCUS_BOX, at.lng() + FOCUS_BOX);
            pairs.append_pair("viewbox", &format!("{west},{south},{east},{north}"));
        }
        pairs.append_pair("format", "jsonv2").append_pair("addressdetails", "1").append_pair("limit", "1");
        drop(pairs);
        let headers = request.headers_mut();
        headers.insert(USER_AGENT, self.agent.clone());
        headers.insert(ACCEPT_LANGUAGE, self.language.clone());
        Ok(request)
    }

    fn read(&self, query: &Query, reply: &Reply) -> Result<Vec<Candidate>, GeocodeError> {
        let answer: Vec<Outcome> = accepted(NOMINATIM.name(), reply)?;
        answer.iter().map(|outcome| outcome.place()?.into_candidate(NOMINATIM, query)).collect()
    }
}

#[derive(Debug, Deserialize)]
struct Outcome {
    lat: String,
    lon: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    place_rank: u8,
    #[serde(default)]
    name: String,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    licence: Option<String>,
    #[serde(default)]
    address: Address,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Address {
    house_number: Option<String>,
    road: Option<String>,
    pedestrian: Option<String>,
    quarter: Option<String>,
    neighbourhood: Option<String>,
    suburb: Option<String>,
    city_district: Option<String>,
    hamlet: Option<String>,
    village: Option<String>,
    town: Option<String>,
    municipality: Option<String>,
    city: Option<String>,
    county: Option<String>,
    state: Option<String>,
    country: Option<String>,
    country_code: Option<String>,
    postcode: Option<String>,
    #[serde(rename = "ISO3166-2-lvl4")]
    state_code: Option<String>,
}

impl Outcome {
    fn place(&self) -> Result<Place<'_>, GeocodeError> {
        let number = |text: &str| {
            let unreadable = || GeocodeError::unavailable(NOMINATIM.name(), "its position is not a number");
            text.parse::<f64>().map_err(|_| unreadable())
        };
        let address = &self.address;
        let found = Found {
            level: self.level(),
            number: address.house_number.as_deref(),
            street: address.road.as_deref().or(address.pedestrian.as_deref()),
            postcode: address.postcode.as_deref(),
            towns: address.towns(),
            regions: address.regions(),
            name: Some(self.name.as_str()).filter(|name| !name.is_empty()),
            own_confidence: None,
        };
        Ok(Place {
            found,
            position: (number(&self.lat)?, number(&self.lon)?),
            label: self.display_name.clone(),
            attribution: self.licence.clone(),
            ..Place::default()
        })
    }

    /// By the rank in the hierarchy of addresses, not by what the object is: 26 and 27 are streets, 30 houses and places
    /// of their size.
    ///
    /// Source: Nominatim, developer manual, "Place ranking".
    fn level(&self) -> Level {
        match (self.place_rank, self.r#type.as_str(), &self.address.house_number) {
            (_, "postcode", _) => Level::Postcode,
            (_, _, Some(_)) => Level::House,
            (28.., ..) => Level::Place,
            (26..=27, ..) => Level::Street,
            _ if self.category == "highway" => Level::Street,
            _ => Level::Town,
        }
    }
}

impl Address {
    fn towns(&self) -> Vec<&str> {
        let parts = [
            &self.quarter,
            &self.neighbourhood,
            &self.suburb,
            &self.city_district,
            &self.hamlet,
            &self.village,
            &self.town,
            &self.municipality,
            &self.city,
        ];
        parts.into_iter().filter_map(|part| part.as_deref()).collect()
    }

    fn regions(&self) -> Vec<&str> {
        // Of `AU-QLD` the part after the country.
        let state_code = self.state_code.as_deref().and_then(|code| code.split_once('-')).map(|(_, code)| code);
        let parts = [&self.county, &self.state, &self.country, &self.country_code];
        parts.into_iter().filter_map(|part| part.as_deref()).chain(state_code).collect()
    }
}
