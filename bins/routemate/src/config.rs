//! What an operator sets: `routemate.toml`, then `ROUTEMATE_…`, then flags; the later wins.

mod check;
mod error;
mod flags;
mod geocoders;
mod reading;
mod roads;
#[cfg(test)]
pub(crate) mod samples;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use routemate_app::{Settings, SolverBudget};
use routemate_geocoding::Provider;
use routemate_http::HttpSettings;
use routemate_travel::{GoogleRoutesSettings, MapFolders, OsrmSettings, ValhallaSettings};
use secrecy::SecretString;
use serde::Deserialize;

pub(crate) use self::error::ConfigError;
pub(crate) use self::flags::{Flags, ServeFlags};
pub(crate) use self::geocoders::{EMBEDDED_GEOCODER, GeocoderKeys};
use self::reading::list;
use crate::described::described;

described! {
/// Everything that can be set. Each key is also `ROUTEMATE_<KEY>` in the environment (other `ROUTEMATE_…` variables are none
/// of the server's business); the names of `serve`'s flags are the same with hyphens. What is said of a field here is what
/// `docs/config.md` says of the key.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Address and port to listen on; port 0 takes a free one.
    pub(crate) listen: SocketAddr,
    /// Where everything is kept that has no other place.
    pub(crate) data_dir: PathBuf,
    /// `sqlite://PATH`, or `postgres://USER:PASSWORD@HOST/NAME`; by default `routemate.db` in the data folder.
    pub(crate) database_url: Option<String>,
    /// The address that the world knows the server by, in links; by default `http://` and where it listens.
    pub(crate) public_url: Option<String>,
    /// Map folders; by default every folder in `maps` in the data folder.
    #[serde(deserialize_with = "list")]
    pub(crate) maps: Vec<String>,
    /// Where `map fetch` finds regional extracts.
    pub(crate) map_index_url: String,
    /// Who finds addresses, in the order asked: `embedded`, `google`, `nominatim`, `photon`, `pelias`, `mapbox`, `here`,
    /// `opencage`.
    #[serde(deserialize_with = "list")]
    pub(crate) geocoders: Vec<String>,
    /// How long a geocoder may take for one answer, once it is asked.
    pub(crate) geocoders_timeout_ms: u64,
    /// Requests to each geocoder at the same time.
    pub(crate) geocoders_concurrency: usize,
    /// The language of names in the answers of geocoders (`en`, `fr`, …); by default the geocoder's own.
    pub(crate) geocoders_language: Option<String>,
    /// An e-mail address or page by which those who run public servers reach the operator; sent to Nominatim.
    pub(crate) geocoders_contact: Option<String>,
    /// A key of Google's Geocoding API.
    pub(crate) google_geocoding_key: Option<SecretString>,
    /// Where Google's Geocoding API is, for those who have a proxy.
    pub(crate) google_geocoding_url: Option<String>,
    /// Requests a second of this process to Google's Geocoding API; 0 is any number.
    pub(crate) google_geocoding_per_second: u32,
    /// A Nominatim server: `http[s]://[USER:PASSWORD@]HOST[:PORT][/PATH]`.
    pub(crate) nominatim_url: Option<String>,
    /// Requests a second of this process to Nominatim; 0 is any number.
    pub(crate) nominatim_per_second: u32,
    /// A Photon server: `http[s]://[USER:PASSWORD@]HOST[:PORT][/PATH]`.
    pub(crate) photon_url: Option<String>,
    /// Requests a second of this process to Photon; 0 is any number.
    pub(crate) photon_per_second: u32,
    /// A Pelias server: `http[s]://[USER:PASSWORD@]HOST[:PORT][/PATH]`.
    pub(crate) pelias_url: Option<String>,
    /// The key that the Pelias server asks for, if it does.
    pub(crate) pelias_key: Option<SecretString>,
    /// Requests a second of this process to Pelias; 0 is any number.
    pub(crate) pelias_per_second: u32,
    /// An access token of Mapbox.
    pub(crate) mapbox_key: Option<SecretString>,
    /// Where Mapbox is, for those who have a proxy.
    pub(crate) mapbox_url: Option<String>,
    /// Requests a second of this process to Mapbox; 0 is any number.
    pub(crate) mapbox_per_second: u32,
    /// A key of HERE.
    pub(crate) here_key: Option<SecretString>,
    /// Where HERE is, for those who have a proxy.
    pub(crate) here_url: Option<String>,
    /// Requests a second of this process to HERE; 0 is any number.
    pub(crate) here_per_second: u32,
    /// A key of OpenCage.
    pub(crate) opencage_key: Option<SecretString>,
    /// Where OpenCage is, for those who have a proxy.
    pub(crate) opencage_url: Option<String>,
    /// Requests a second of this process to OpenCage; 0 is any number.
    pub(crate) opencage_per_second: u32,
    /// Where travel times come from, in the order asked: `embedded`, `osrm`, `valhalla`, `google`, `estimate`. The
    /// estimate is always the last, named or not.
    #[serde(deserialize_with = "list")]
    pub(crate) roads: Vec<String>,
    /// How far from a stop its road may be on our own maps, in metres.
    pub(crate) roads_radius_m: usize,
    /// Threads for one matrix on our own maps.
    pub(crate) roads_threads: usize,
    /// How long an import waits for servers of travel times: once for the matrix, once for the line to draw.
    pub(crate) roads_deadline_ms: u64,
    /// Imports that ask such servers at the same time; as many wait as for the optimizer, then 503.
    pub(crate) roads_imports: usize,
    /// Requests to each server of travel times at the same time.
    pub(crate) roads_concurrency: usize,
    /// An OSRM server: `http[s]://[USER:PASSWORD@]HOST[:PORT][/PATH]`.
    pub(crate) osrm_url: Option<String>,
    /// The profile in OSRM's URLs for cars.
    pub(crate) osrm_profile: String,
    /// The one for trucks, where OSRM has it; `osrm-routed` has one profile, whatever the URL says.
    pub(crate) osrm_truck_profile: Option<String>,
    /// The one for bicycles, where OSRM has it.
    pub(crate) osrm_bicycle_profile: Option<String>,
    /// OSRM's `--max-table-size`.
    pub(crate) osrm_max_table_size: usize,
    /// OSRM's `--max-viaroute-size`.
    pub(crate) osrm_max_route_points: usize,
    /// A Valhalla server: `http[s]://[USER:PASSWORD@]HOST[:PORT][/PATH]`.
    pub(crate) valhalla_url: Option<String>,
    /// Valhalla's costing model for cars; for trucks it is asked with `truck`, for bicycles with `bicycle`.
    pub(crate) valhalla_costing: String,
    /// Valhalla's `max_matrix_location_pairs` for that model.
    pub(crate) valhalla_max_matrix_pairs: usize,
    /// Valhalla's `max_locations` for that model.
    pub(crate) valhalla_max_route_points: usize,
    /// A key of Google's Routes API; each pair of stops is billed.
    pub(crate) google_routes_key: Option<SecretString>,
    /// Where Google's Routes API is, for those who have a proxy.
    pub(crate) google_routes_url: String,
    /// The quota of the Google project, divided by the processes that share it.
    pub(crate) google_routes_elements_per_minute: usize,
    /// The most elements that one import may take from Google: 2500 are 50 stops.
    pub(crate) google_routes_max_elements: usize,
    /// Address and port of the metrics; by default there are none.
    pub(crate) metrics_listen: Option<SocketAddr>,
    /// Where an OpenTelemetry collector takes traces over HTTP (`http://127.0.0.1:4318`), for a binary with the feature
    /// `otlp`; by default there are none.
    pub(crate) otlp_endpoint: Option<String>,
    /// How long a server that was told to stop goes on listening, so that those in front of it notice; at most 5000.
    pub(crate) drain_delay_ms: u64,
    /// Requests worked on at the same time; more are told 503.
    pub(crate) max_requests: usize,
    /// Imports that may wait for the optimizer; more are told 503.
    pub(crate) solver_queue: usize,
    /// How long an import may wait for the optimizer; one that would wait longer is told 503 at once.
    pub(crate) solver_wait_ms: u64,
    /// Requests a minute of each integration by the EasyRoutes API; 0 is no limit.
    pub(crate) easyroutes_requests_per_minute: u32,
    /// Messages a minute of each shop at Shopify, in each process; 0 is no limit. Shopify sends again what was refused.
    pub(crate) shopify_requests_per_minute: u32,
    /// What is logged: a level, or levels by target (`info,routemate_http=debug`).
    pub(crate) log: String,
    /// `text` or `json`; by default text on a terminal, JSON elsewhere.
    pub(crate) log_format: Option<LogFormat>,
    /// Refuse calls over plain HTTP; those from this machine are exempt.
    pub(crate) require_https: bool,
    /// Networks (`10.0.0.0/8`) whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    #[serde(deserialize_with = "list")]
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// Browsers' origins that may call; `*` is any, none turns CORS off.
    #[serde(deserialize_with = "list")]
    pub(crate) cors_origins: Vec<String>,
    /// Connections to PostgreSQL for each process.
    pub(crate) postgres_connections: u32,
    /// Time of the optimizer for an import, for each hundred stops.
    pub(crate) solver_ms_per_100_stops: u64,
    /// The least time of the optimizer for an import.
    pub(crate) solver_min_ms: u64,
    /// The most time of the optimizer for an import.
    pub(crate) solver_max_ms: u64,
    /// How long an import waits for addresses; the rest goes on in the background.
    pub(crate) geocoding_deadline_ms: u64,
}
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

impl Default for Config {
    fn default() -> Self {
        let settings = Settings::default();
        let budget = settings.solver;
        let (osrm, valhalla) = (OsrmSettings::new(""), ValhallaSettings::new(""));
        let google = GoogleRoutesSettings::new(SecretString::from(""));
        let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            data_dir: PathBuf::from("data"),
            database_url: None,
            public_url: None,
            maps: Vec::new(),
            map_index_url: "https://download.geofabrik.de/index-v1-nogeom.json".to_owned(),
            geocoders: vec!["embedded".to_owned()],
            geocoders_timeout_ms: 4_000,
            geocoders_concurrency: 8,
            geocoders_language: None,
            geocoders_contact: None,
            google_geocoding_key: None,
            google_geocoding_url: None,
            google_geocoding_per_second: Provider::Google.per_second(),
            nominatim_url: None,
            nominatim_per_second: Provider::Nominatim.per_second(),
            photon_url: None,
            photon_per_second: Provider::Photon.per_second(),
            pelias_url: None,
            pelias_key: None,
            pelias_per_second: Provider::Pelias.per_second(),
            mapbox_key: None,
            mapbox_url: None,
            mapbox_per_second: Provider::Mapbox.per_second(),
            here_key: None,
            here_url: None,
            here_per_second: Provider::Here.per_second(),
            opencage_key: None,
            opencage_url: None,
            opencage_per_second: Provider::OpenCage.per_second(),
            roads: vec!["embedded".to_owned()],
            roads_radius_m: 1_000,
            roads_threads: 1,
            roads_deadline_ms: millis(settings.travel_deadline),
            roads_imports: settings.travel_fetches,
            roads_concurrency: 4,
            osrm_url: None,
            osrm_profile: osrm.profile,
            osrm_truck_profile: osrm.truck_profile,
            osrm_bicycle_profile: osrm.bicycle_profile,
            osrm_max_table_size: osrm.max_table_size,
            osrm_max_route_points: osrm.max_route_points,
            valhalla_url: None,
            valhalla_costing: valhalla.costing,
            valhalla_max_matrix_pairs: valhalla.max_matrix_pairs,
            valhalla_max_route_points: valhalla.max_route_points,
            google_routes_key: None,
            google_routes_url: google.url,
            google_routes_elements_per_minute: google.elements_per_minute,
            google_routes_max_elements: google.max_elements,
            metrics_listen: None,
            otlp_endpoint: None,
            drain_delay_ms: 1000,
            max_requests: HttpSettings::new("").max_in_flight,
            solver_queue: settings.solver_queue,
            solver_wait_ms: millis(settings.solver_wait),
            easyroutes_requests_per_minute: settings.easyroutes_requests_per_minute.unwrap_or(0),
            shopify_requests_per_minute: settings.shopify_requests_per_minute.unwrap_or(0),
            log: "info".to_owned(),
            log_format: None,
            require_https: false,
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            postgres_connections: 16,
            solver_ms_per_100_stops: millis(budget.per_hundred_stops),
            solver_min_ms: millis(budget.min),
            solver_max_ms: millis(budget.max),
            geocoding_deadline_ms: millis(settings.geocoding_deadline),
        }
    }
}

impl Config {
    /// Where the database is.
    pub(crate) fn database_url(&self) -> String {
        self.database_url
            .clone()
            .unwrap_or_else(|| format!("sqlite://{}", self.data_dir.join("routemate.db").display()))
    }

    /// Where maps are that belong to the data folder.
    pub(crate) fn maps_dir(&self) -> PathBuf {
        self.data_dir.join("maps")
    }

    /// Where a server looks for maps.
    pub(crate) fn map_folders(&self) -> MapFolders {
        match &self.maps[..] {
            [] => MapFolders::Within(self.maps_dir()),
            listed => MapFolders::These(listed.iter().map(PathBuf::from).collect()),
        }
    }

    /// The address that the world knows a server by that listens at `bound`.
    pub(crate) fn public_url(&self, bound: SocketAddr) -> String {
        self.public_url.clone().unwrap_or_else(|| {
            let mut reachable = bound;
            if bound.ip().is_unspecified() {
                reachable.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
            }
            format!("http://{reachable}")
        })
    }

    /// What the use cases are told.
    pub(crate) fn app(&self) -> Settings {
        Settings {
            solver: SolverBudget {
                per_hundred_stops: Duration::from_millis(self.solver_ms_per_100_stops),
                min: Duration::from_millis(self.solver_min_ms),
                max: Duration::from_millis(self.solver_max_ms),
            },
            geocoding_deadline: Duration::from_millis(self.geocoding_deadline_ms),
            travel_deadline: Duration::from_millis(self.roads_deadline_ms),
            travel_fetches: self.roads_imports,
            solver_queue: self.solver_queue,
            solver_wait: Duration::from_millis(self.solver_wait_ms),
            easyroutes_requests_per_minute: Some(self.easyroutes_requests_per_minute).filter(|limit| *limit > 0),
            shopify_requests_per_minute: Some(self.shopify_requests_per_minute).filter(|limit| *limit > 0),
            ..Settings::default()
        }
    }

    /// What the HTTP surface is told.
    pub(crate) fn http(&self, bound: SocketAddr) -> HttpSettings {
        HttpSettings {
            require_https: self.require_https,
            trusted_proxies: self.trusted_proxies.clone(),
            cors_origins: self.cors_origins.clone(),
            max_in_flight: self.max_requests,
            ..HttpSettings::new(self.public_url(bound))
        }
    }
}
