//! Who finds addresses: the geocoders of the setting `geocoders`, in its order.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use routemate_geocoding::{
    Cached, Chain, EmbeddedGeocoder, Geocoder, Hosts, Measured, Provider, RemoteGeocoder, RemoteSettings, Storage,
};
use secrecy::SecretString;

use crate::config::{Config, ConfigError};

const KNOWN: &str = "embedded, google, nominatim, photon, pelias, mapbox, here, opencage";
const EMBEDDED: &str = "embedded";

/// The server of the OpenStreetMap Foundation, whose policy is one request a second.
const PUBLIC_NOMINATIM: &str = "nominatim.openstreetmap.org";

/// The settings of one provider, with their names for messages.
struct Keys<'c> {
    url: (&'static str, &'c Option<String>),
    /// Empty for servers that know no keys.
    key: (&'static str, &'c Option<SecretString>),
    per_second: (&'static str, u32),
}

impl<'c> Keys<'c> {
    fn of(provider: Provider, config: &'c Config) -> Self {
        let (url, key, per_second) = match provider {
            Provider::Google => (
                ("google_geocoding_url", &config.google_geocoding_url),
                ("google_geocoding_key", &config.google_geocoding_key),
                ("google_geocoding_per_second", config.google_geocoding_per_second),
            ),
            Provider::Nominatim => (
                ("nominatim_url", &config.nominatim_url),
                ("", &None),
                ("nominatim_per_second", config.nominatim_per_second),
            ),
            Provider::Photon => {
                (("photon_url", &config.photon_url), ("", &None), ("photon_per_second", config.photon_per_second))
            }
            Provider::Pelias => (
                ("pelias_url", &config.pelias_url),
                ("pelias_key", &config.pelias_key),
                ("pelias_per_second", config.pelias_per_second),
            ),
            Provider::Mapbox => (
                ("mapbox_url", &config.mapbox_url),
                ("mapbox_key", &config.mapbox_key),
                ("mapbox_per_second", config.mapbox_per_second),
            ),
            Provider::Here => (
                ("here_url", &config.here_url),
                ("here_key", &config.here_key),
                ("here_per_second", config.here_per_second),
            ),
            Provider::OpenCage => (
                ("opencage_url", &config.opencage_url),
                ("opencage_key", &config.opencage_key),
                ("opencage_per_second", config.opencage_per_second),
            ),
        };
        Self { url, key, per_second }
    }
}

/// Whether the geocoders that are named can be set up, as far as that is seen without setting them up.
pub(crate) fn check(config: &Config) -> Result<(), ConfigError> {
    for (place, name) in config.geocoders.iter().enumerate() {
        if config.geocoders.iter().take(place).any(|before| before == name) {
            return Err(ConfigError::Twice { key: "geocoders", value: name.clone() });
        }
        if name == EMBEDDED {
            continue;
        }
        let Some(provider) = Provider::parse(name) else {
            return Err(ConfigError::UnknownName { key: "geocoders", value: name.clone(), known: KNOWN });
        };
        let keys = Keys::of(provider, config);
        let missing = |key| ConfigError::Missing { list: "geocoders", name: name.clone(), key };
        if provider.needs_key() && keys.key.1.is_none() {
            return Err(missing(keys.key.0));
        }
        if provider.vendor_url().is_none() && keys.url.1.is_none() {
            return Err(missing(keys.url.0));
        }
        let is_public_nominatim = provider == Provider::Nominatim
            && keys.url.1.as_ref().is_some_and(|url| url.to_ascii_lowercase().contains(PUBLIC_NOMINATIM));
        if is_public_nominatim && keys.per_second.1 != 1 {
            return Err(ConfigError::TooOften { key: keys.per_second.0, host: PUBLIC_NOMINATIM, most: 1 });
        }
    }
    for (key, value, least) in [
        ("geocoders_concurrency", config.geocoders_concurrency, 1),
        ("geocoders_timeout_ms", usize::try_from(config.geocoders_timeout_ms).unwrap_or(usize::MAX), 1),
    ] {
        if value < least {
            return Err(ConfigError::TooSmall { key, value, least });
        }
    }
    Ok(())
}

/// The geocoders, set up; none is asked anything yet.
pub(crate) fn chain(config: &Config) -> Result<Chain, ConfigError> {
    let hosts = Hosts::default();
    let mut geocoders: Vec<Arc<dyn Geocoder>> = Vec::new();
    for name in &config.geocoders {
        match Provider::parse(name) {
            Some(provider) => {
                let cached = Cached::new(remote(provider, config, &hosts)?, provider.terms());
                geocoders.push(Arc::new(Measured::new(provider.name(), cached)));
            }
            // What it knows changes with the maps, and it is as fast as a cache.
            None => geocoders.push(Arc::new(Measured::new(EMBEDDED, embedded(config)?))),
        }
    }
    // Early enough that what is known by then still counts for the import that waits.
    let deadline = Duration::from_millis(config.geocoding_deadline_ms) * 9 / 10;
    Ok(Chain::new(geocoders).within(deadline))
}

fn embedded(config: &Config) -> Result<EmbeddedGeocoder, ConfigError> {
    let embedded = EmbeddedGeocoder::of_maps(config.map_folders()).map_err(ConfigError::Map)?;
    if embedded.addresses() == 0 {
        tracing::info!("no map has addresses yet: `routemate map build` or `routemate map fetch` makes one that has");
    }
    Ok(embedded)
}

fn remote(provider: Provider, config: &Config, hosts: &Hosts) -> Result<RemoteGeocoder, ConfigError> {
    let keys = Keys::of(provider, config);
    let settings = RemoteSettings {
        url: keys.url.1.clone(),
        key: keys.key.1.clone(),
        per_second: NonZeroU32::new(keys.per_second.1),
        concurrency: config.geocoders_concurrency,
        patience: Duration::from_millis(config.geocoders_timeout_ms),
        language: config.geocoders_language.clone(),
        contact: config.geocoders_contact.clone(),
        ..RemoteSettings::new(provider)
    };
    RemoteGeocoder::new(&settings, hosts).map_err(|source| ConfigError::Engine { key: keys.url.0, source })
}

/// Tells the log who is asked, and whose answers may not stay for good.
pub(crate) fn announce(config: &Config) {
    let names = config.geocoders.join(", ");
    tracing::info!(geocoding.geocoders = config.geocoders.join(","), "addresses are found by {names}");
    for provider in config.geocoders.iter().filter_map(|name| Provider::parse(name)) {
        if let Storage::Days(days) = provider.terms().storage {
            tracing::info!(
                "the terms of `{}` let its positions be stored for {days} days: {}",
                provider.name(),
                provider.terms().source
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(geocoders: &[&str]) -> Config {
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

    #[track_caller]
    fn check_refused(config: &Config, expected: &str) {
        assert_eq!(check(config).map_err(|error| error.to_string()), Err(expected.to_owned()));
    }

    const ALL: [&str; 8] = ["embedded", "google", "nominatim", "photon", "pelias", "mapbox", "here", "opencage"];

    #[test]
    fn every_geocoder_can_be_named_in_any_order() {
        // The second test of a process finds it installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        for turn in 0..ALL.len() {
            let mut names = ALL;
            names.rotate_left(turn);
            let config = config(&names);
            assert!(check(&config).is_ok());
            assert!(format!("{:?}", chain(&config).unwrap()).contains("len: 8"));
        }
    }

    #[test]
    fn mistakes_are_named() {
        check_refused(
            &config(&["crystal_ball"]),
            "geocoders `crystal_ball` is not known; known: embedded, google, nominatim, photon, pelias, mapbox, here, opencage",
        );
        check_refused(&config(&["here", "embedded", "here"]), "geocoders names `here` twice");
        for (name, key) in [
            ("google", "google_geocoding_key"),
            ("mapbox", "mapbox_key"),
            ("here", "here_key"),
            ("opencage", "opencage_key"),
            ("nominatim", "nominatim_url"),
            ("photon", "photon_url"),
            ("pelias", "pelias_url"),
        ] {
            let bare = Config { geocoders: vec![name.to_owned()], ..Config::default() };
            check_refused(&bare, &format!("geocoders names `{name}`, which needs {key}"));
        }
        check_refused(&Config { geocoders_concurrency: 0, ..config(&[]) }, "geocoders_concurrency `0` is less than 1");
    }

    #[test]
    fn the_public_nominatim_is_not_asked_more_often_than_it_bears() {
        let public = |per_second| Config {
            nominatim_url: Some("https://Nominatim.openstreetmap.org/".to_owned()),
            nominatim_per_second: per_second,
            ..config(&["nominatim"])
        };
        assert!(check(&public(1)).is_ok());
        for too_often in [0, 2] {
            check_refused(
                &public(too_often),
                "nominatim_per_second is more than the 1 a second that nominatim.openstreetmap.org allows",
            );
        }
        assert!(check(&Config { nominatim_per_second: 50, ..config(&["nominatim"]) }).is_ok());
    }

    #[test]
    fn a_url_that_is_none_is_refused_without_being_shown() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = Config { photon_url: Some("ftp://user:hush@photon.example".to_owned()), ..config(&["photon"]) };
        let error = chain(&config).unwrap_err();
        assert_eq!(error.to_string(), "photon_url cannot be used");
        assert!(!format!("{error:?}").contains("hush"));
    }

    #[test]
    fn keys_are_not_shown_with_the_configuration() {
        assert!(!format!("{:?}", config(&ALL)).contains("hush"));
    }
}
