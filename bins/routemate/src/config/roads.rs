//! What may be set of travel times.

use super::{Config, ConfigError};

const KNOWN: &str = "embedded, osrm, valhalla, google, estimate";
const ESTIMATE: &str = "estimate";

/// Whether the engines that are named can be set up, as far as that is seen without setting them up.
pub(super) fn check(config: &Config) -> Result<(), ConfigError> {
    for (place, name) in config.roads.iter().enumerate() {
        let needs = |key: &'static str, is_there: bool| {
            if is_there { Ok(()) } else { Err(ConfigError::Missing { list: "roads", name: name.clone(), key }) }
        };
        match name.as_str() {
            "embedded" => {}
            "osrm" => needs("osrm_url", config.osrm_url.is_some())?,
            "valhalla" => needs("valhalla_url", config.valhalla_url.is_some())?,
            "google" => needs("google_routes_key", config.google_routes_key.is_some())?,
            ESTIMATE if place + 1 < config.roads.len() => return Err(ConfigError::EstimateNotLast),
            ESTIMATE => {}
            _ => return Err(ConfigError::UnknownName { key: "roads", value: name.clone(), known: KNOWN }),
        }
        if config.roads.iter().take(place).any(|before| before == name) {
            return Err(ConfigError::Twice { key: "roads", value: name.clone() });
        }
    }
    for (key, value, least) in [
        ("roads_radius_m", config.roads_radius_m, 1),
        ("roads_threads", config.roads_threads, 1),
        ("roads_concurrency", config.roads_concurrency, 1),
        ("roads_imports", config.roads_imports, 1),
        ("osrm_max_table_size", config.osrm_max_table_size, 2),
        ("osrm_max_route_points", config.osrm_max_route_points, 2),
        ("valhalla_max_matrix_pairs", config.valhalla_max_matrix_pairs, 4),
        ("valhalla_max_route_points", config.valhalla_max_route_points, 2),
        ("google_routes_elements_per_minute", config.google_routes_elements_per_minute, 1),
    ] {
        if value < least {
            return Err(ConfigError::TooSmall { key, value, least });
        }
    }
    let words = [
        ("osrm_profile", Some(&config.osrm_profile)),
        ("osrm_truck_profile", config.osrm_truck_profile.as_ref()),
        ("osrm_bicycle_profile", config.osrm_bicycle_profile.as_ref()),
        ("valhalla_costing", Some(&config.valhalla_costing)),
    ];
    for (key, value) in words.into_iter().filter_map(|(key, value)| Some((key, value?))) {
        let is_word = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
        if value.is_empty() || !is_word(value) {
            return Err(ConfigError::NotAWord { key, value: value.clone() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::samples::driven_by;

    #[track_caller]
    fn check_refused(config: &Config, expected: &str) {
        assert_eq!(check(config).map_err(|error| error.to_string()), Err(expected.to_owned()));
    }

    #[test]
    fn every_engine_can_be_named() {
        assert!(check(&driven_by(&["embedded", "valhalla", "osrm", "google", "estimate"])).is_ok());
    }

    #[test]
    fn mistakes_are_named() {
        check_refused(
            &driven_by(&["teleport"]),
            "roads `teleport` is not known; known: embedded, osrm, valhalla, google, estimate",
        );
        check_refused(
            &driven_by(&["estimate", "osrm"]),
            "roads names engines after `estimate`, which answers anything",
        );
        check_refused(&driven_by(&["osrm", "osrm"]), "roads names `osrm` twice");
        check_refused(&Config { osrm_url: None, ..driven_by(&["osrm"]) }, "roads names `osrm`, which needs osrm_url");
        check_refused(
            &Config { google_routes_key: None, ..driven_by(&["google"]) },
            "roads names `google`, which needs google_routes_key",
        );
        check_refused(
            &Config { osrm_max_table_size: 1, ..driven_by(&["osrm"]) },
            "osrm_max_table_size `1` is less than 2",
        );
        check_refused(
            &Config { osrm_profile: "car/v2".to_owned(), ..driven_by(&["osrm"]) },
            "osrm_profile `car/v2` has other characters than letters, digits, `-` and `_`",
        );
    }
}
