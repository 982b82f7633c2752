//! Where travel times come from: the engines of the setting `roads`, in its order.

use std::num::NonZeroUsize;
use std::sync::Arc;

use routemate_travel::{
    EmbeddedRoads, EmbeddedSettings, Engines, GoogleRoutes, GoogleRoutesSettings, Osrm, OsrmSettings, TravelMatrix,
    Valhalla, ValhallaSettings,
};
use secrecy::SecretString;

use crate::config::{Config, ConfigError};

/// The engines, set up; no server is asked anything yet.
pub(crate) fn engines(config: &Config) -> Result<Engines, ConfigError> {
    let mut engines: Vec<Arc<dyn TravelMatrix>> = Vec::new();
    for name in &config.roads {
        match name.as_str() {
            "osrm" => engines.push(Arc::new(osrm(config)?)),
            "valhalla" => engines.push(Arc::new(valhalla(config)?)),
            "google" => engines.push(Arc::new(
                GoogleRoutes::new(&google(config))
                    .map_err(|source| ConfigError::Engine { key: "google_routes_key or google_routes_url", source })?,
            )),
            "embedded" => engines.push(Arc::new(embedded(config)?)),
            // The estimate is there anyway.
            _ => {}
        }
    }
    Ok(Engines::new(engines))
}

/// Tells the log which engines are asked, and what the dear one of them costs.
pub(crate) fn announce(config: &Config) {
    tracing::info!(travel.engines = config.roads.join(","), "travel times come from {}", config.roads.join(", "));
    if config.roads.iter().any(|name| name == "google") {
        let (settings, limit) = (google(config), config.google_routes_max_elements);
        let cost = settings.cost_of(200);
        tracing::info!(
            "a matrix of 200 stops takes {cost} of Google; matrices of more than {limit} elements are left to the next engine"
        );
    }
}

fn embedded(config: &Config) -> Result<EmbeddedRoads, ConfigError> {
    let radius_m = u32::try_from(config.roads_radius_m).map_or(f64::MAX, f64::from);
    let threads = NonZeroUsize::new(config.roads_threads).unwrap_or(NonZeroUsize::MIN);
    let settings = EmbeddedSettings { radius_m, threads, ..EmbeddedSettings::new(config.map_folders()) };
    let embedded = EmbeddedRoads::open(settings).map_err(ConfigError::Map)?;
    if embedded.names().is_empty() {
        let folder = config.maps_dir();
        tracing::info!("there are no maps in `{}` yet: `routemate map build` makes one", folder.display());
    }
    Ok(embedded)
}

fn osrm(config: &Config) -> Result<Osrm, ConfigError> {
    let settings = OsrmSettings {
        url: config.osrm_url.clone().unwrap_or_default(),
        profile: config.osrm_profile.clone(),
        truck_profile: config.osrm_truck_profile.clone(),
        bicycle_profile: config.osrm_bicycle_profile.clone(),
        max_table_size: config.osrm_max_table_size,
        max_route_points: config.osrm_max_route_points,
        concurrency: config.roads_concurrency,
    };
    Osrm::new(&settings).map_err(|source| ConfigError::Engine { key: "osrm_url", source })
}

fn valhalla(config: &Config) -> Result<Valhalla, ConfigError> {
    let settings = ValhallaSettings {
        url: config.valhalla_url.clone().unwrap_or_default(),
        costing: config.valhalla_costing.clone(),
        max_matrix_pairs: config.valhalla_max_matrix_pairs,
        max_route_points: config.valhalla_max_route_points,
        concurrency: config.roads_concurrency,
    };
    Valhalla::new(&settings).map_err(|source| ConfigError::Engine { key: "valhalla_url", source })
}

fn google(config: &Config) -> GoogleRoutesSettings {
    GoogleRoutesSettings {
        url: config.google_routes_url.clone(),
        elements_per_minute: config.google_routes_elements_per_minute,
        max_elements: config.google_routes_max_elements,
        concurrency: config.roads_concurrency,
        ..GoogleRoutesSettings::new(config.google_routes_key.clone().unwrap_or_else(|| SecretString::from("")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::samples::driven_by;

    #[test]
    fn engines_are_those_named_in_their_order_and_then_the_estimate() {
        // The second test of a process finds it installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = driven_by(&["embedded", "valhalla", "osrm", "google", "estimate"]);
        let engines = engines(&config).unwrap();
        let names: Vec<_> = engines.iter().map(|engine| engine.name()).collect();
        assert_eq!(names, ["embedded", "valhalla", "osrm", "google", "estimate"]);
    }

    #[test]
    fn a_url_that_is_none_is_refused_without_being_shown() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = Config { osrm_url: Some("ftp://user:hush@roads.example".to_owned()), ..driven_by(&["osrm"]) };
        let error = engines(&config).unwrap_err();
        assert_eq!(error.to_string(), "osrm_url cannot be used");
        assert!(!format!("{error:?}").contains("hush"));
    }

    #[test]
    fn the_key_is_not_shown_with_the_configuration() {
        assert!(!format!("{:?}", driven_by(&["google"])).contains("hush"));
    }
}
