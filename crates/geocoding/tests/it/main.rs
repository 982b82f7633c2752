//! The crate through its public face: the embedded geocoder, and services over real HTTP against fixtures of the vendors'
//! shapes.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test stops at what is amiss")]

mod answers;
mod index;
mod privacy;

use std::time::Duration;

use routemate_geocoding::StructuredAddress;
use routemate_geocoding::{Candidate, GeocodeError, Geocoder, Hosts, Provider, Query, RemoteGeocoder, RemoteSettings};
use secrecy::SecretString;
use wiremock::MockServer;

/// The address of the fixtures.
pub(crate) fn query() -> Query {
    Query::text("12 Waverley Road, Taringa QLD 4068")
}

pub(crate) fn structured(city: &str, region: &str) -> Query {
    Query::structured(&StructuredAddress {
        line: "12 Waverley Road".to_owned(),
        city: city.to_owned(),
        region: region.to_owned(),
        postcode: "4068".to_owned(),
        country: "AU".to_owned(),
        ..StructuredAddress::default()
    })
}

/// A provider at a server of the test's, with what the fixtures have in their requests, and no time for repetitions.
pub(crate) fn settings(provider: Provider, server: &MockServer) -> RemoteSettings {
    let key = match provider {
        Provider::Google => Some("KEY"),
        Provider::Mapbox => Some("T"),
        Provider::Here | Provider::OpenCage => Some("K"),
        Provider::Nominatim | Provider::Photon | Provider::Pelias => None,
    };
    RemoteSettings {
        url: Some(server.uri()),
        key: key.map(SecretString::from),
        per_second: None,
        patience: Duration::from_secs(30),
        ..RemoteSettings::new(provider)
    }
}

pub(crate) fn geocoder(settings: &RemoteSettings) -> RemoteGeocoder {
    RemoteGeocoder::new(settings, &Hosts::default()).unwrap()
}

pub(crate) async fn ask(settings: &RemoteSettings, query: &Query) -> Result<Vec<Candidate>, GeocodeError> {
    geocoder(settings).geocode(query).await
}
