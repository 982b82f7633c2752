//! Who finds addresses: the geocoders of the setting `geocoders`, in its order.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use routemate_geocoding::{
    Cached, Chain, EmbeddedGeocoder, Geocoder, Hosts, Measured, Provider, RemoteGeocoder, RemoteSettings, Storage,
};

use crate::config::{Config, ConfigError, EMBEDDED_GEOCODER, GeocoderKeys};

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
            None => geocoders.push(Arc::new(Measured::new(EMBEDDED_GEOCODER, embedded(config)?))),
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
    let keys = GeocoderKeys::of(provider, config);
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
    use crate::config::samples::{GEOCODERS, geocoded_by};

    #[test]
    fn every_geocoder_can_be_named_in_any_order() {
        // The second test of a process finds it installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        for turn in 0..GEOCODERS.len() {
            let mut names = GEOCODERS;
            names.rotate_left(turn);
            let config = geocoded_by(&names);
            assert!(format!("{:?}", chain(&config).unwrap()).contains("len: 8"));
        }
    }

    #[test]
    fn a_url_that_is_none_is_refused_without_being_shown() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config =
            Config { photon_url: Some("ftp://user:hush@photon.example".to_owned()), ..geocoded_by(&["photon"]) };
        let error = chain(&config).unwrap_err();
        assert_eq!(error.to_string(), "photon_url cannot be used");
        assert!(!format!("{error:?}").contains("hush"));
    }

    #[test]
    fn keys_are_not_shown_with_the_configuration() {
        assert!(!format!("{:?}", geocoded_by(&GEOCODERS)).contains("hush"));
    }
}
