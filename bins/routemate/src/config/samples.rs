//! Configurations for tests, with everything that what they name needs.

use secrecy::SecretString;

use super::Config;

/// All geocoders.
pub(crate) const GEOCODERS: [&str; 8] =
    ["embedded", "google", "nominatim", "photon", "pelias", "mapbox", "here", "opencage"];

/// These geocoders, in this order.
pub(crate) fn geocoded_by(geocoders: &[&str]) -> Config {
    let key = || Some(SecretString::from("hush"));
    let url = || Some("http://10.0.0.7:8080".to_owned());
    Config {
        geocoders: geocoders.iter().map(|&name| name.to_owned()).collect(),
        google_geocoding_key: key(),
        mapbox_key: key(),
        here_key: key(),
        opencage_key: key(),
        nominatim_url: url(),
        photon_url: url(),
        pelias_url: url(),
        ..Config::default()
    }
}

/// These engines for travel times, in this order.
pub(crate) fn driven_by(roads: &[&str]) -> Config {
    let roads = roads.iter().map(|&name| name.to_owned()).collect();
    Config {
        roads,
        osrm_url: Some("http://127.0.0.1:5000".to_owned()),
        valhalla_url: Some("http://127.0.0.1:8002".to_owned()),
        google_routes_key: Some(SecretString::from("hush")),
        ..Config::default()
    }
}
