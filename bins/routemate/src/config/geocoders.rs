//! What may be set of geocoders.

use routemate_geocoding::Provider;
use secrecy::SecretString;

use super::{Config, ConfigError};

const KNOWN: &str = "embedded, google, nominatim, photon, pelias, mapbox, here, opencage";
/// The name of our own.
pub(crate) const EMBEDDED_GEOCODER: &str = "embedded";

/// The server of the OpenStreetMap Foundation, whose policy is one request a second.
const PUBLIC_NOMINATIM: &str = "nominatim.openstreetmap.org";

/// The settings of one provider, with their names for messages.
pub(crate) struct GeocoderKeys<'c> {
    pub(crate) url: (&'static str, &'c Option<String>),
    /// Empty for servers that know no keys.
    pub(crate) key: (&'static str, &'c Option<SecretString>),
    pub(crate) per_second: (&'static str, u32),
}

impl<'c> GeocoderKeys<'c> {
    pub(crate) fn of(provider: Provider, config: &'c Config) -> Self {
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
pub(super) fn check(config: &Config) -> Result<(), ConfigError> {
    for (place, name) in config.geocoders.iter().enumerate() {
        if config.geocoders.iter().take(place).any(|before| before == name) {
            return Err(ConfigError::Twice { key: "geocoders", value: name.clone() });
        }
        if name == EMBEDDED_GEOCODER {
            continue;
        }
        let Some(provider) = Provider::parse(name) else {
            return Err(ConfigError::UnknownName { key: "geocoders", value: name.clone(), known: KNOWN });
        };
        let keys = GeocoderKeys::of(provider, config);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::samples::{GEOCODERS, geocoded_by};

    #[track_caller]
    fn check_refused(config: &Config, expected: &str) {
        assert_eq!(check(config).map_err(|error| error.to_string()), Err(expected.to_owned()));
    }

    #[test]
    fn every_geocoder_can_be_named_in_any_order() {
        for turn in 0..GEOCODERS.len() {
            let mut names = GEOCODERS;
            names.rotate_left(turn);
            assert!(check(&geocoded_by(&names)).is_ok());
        }
    }

    #[test]
    fn mistakes_are_named() {
        check_refused(
            &geocoded_by(&["crystal_ball"]),
            "geocoders `crystal_ball` is not known; known: embedded, google, nominatim, photon, pelias, mapbox, here, opencage",
        );
        check_refused(&geocoded_by(&["here", "embedded", "here"]), "geocoders names `here` twice");
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
        check_refused(
            &Config { geocoders_concurrency: 0, ..geocoded_by(&[]) },
            "geocoders_concurrency `0` is less than 1",
        );
    }

    #[test]
    fn the_public_nominatim_is_not_asked_more_often_than_it_bears() {
        let public = |per_second| Config {
            nominatim_url: Some("https://Nominatim.openstreetmap.org/".to_owned()),
            nominatim_per_second: per_second,
            ..geocoded_by(&["nominatim"])
        };
        assert!(check(&public(1)).is_ok());
        for too_often in [0, 2] {
            check_refused(
                &public(too_often),
                "nominatim_per_second is more than the 1 a second that nominatim.openstreetmap.org allows",
            );
        }
        assert!(check(&Config { nominatim_per_second: 50, ..geocoded_by(&["nominatim"]) }).is_ok());
    }
}
