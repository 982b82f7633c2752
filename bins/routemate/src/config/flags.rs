//! Settings given on the command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Serialize;

/// Settings given as flags; what was not given stays open.
#[derive(Debug, Clone, Default, Serialize, clap::Args)]
pub(crate) struct Flags {
    /// Configuration file [default: routemate.toml, where there is one]
    #[arg(long, global = true, value_name = "FILE")]
    #[serde(skip)]
    pub(crate) config: Option<PathBuf>,
    /// Folder where everything is kept that has no other place [default: ./data]
    #[arg(long, global = true, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) data_dir: Option<PathBuf>,
    /// `sqlite://PATH` or `postgres://USER@HOST/NAME` [default: routemate.db in the data folder]
    #[arg(long, global = true, value_name = "URL", hide_env_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) database_url: Option<String>,
    /// What is logged: a level, or levels by target [default: info]
    #[arg(long, global = true, value_name = "FILTER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log: Option<String>,
}

/// Settings that only a server has, given as flags.
#[derive(Debug, Clone, Default, Serialize, clap::Args)]
pub(crate) struct ServeFlags {
    /// Address and port to listen on; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS:PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) listen: Option<SocketAddr>,
    /// Address that the world knows this server by [default: http:// and where it listens]
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) public_url: Option<String>,
    /// Address and port of the metrics, for Prometheus [default: none]
    #[arg(long, value_name = "ADDRESS:PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) metrics_listen: Option<SocketAddr>,
    /// Map folder; may be given several times [default: every folder in DATA_DIR/maps]
    #[arg(long, value_name = "DIR", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) maps: Vec<String>,
    /// Geocoders in the order they are asked [default: embedded]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) geocoders: Vec<String>,
    /// Where travel times come from, in the order they are asked [default: embedded]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) roads: Vec<String>,
}
