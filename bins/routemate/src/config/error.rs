//! Why settings cannot be used.

use std::path::PathBuf;

use routemate_travel::{MapError, SetupError};

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// A file or variable is malformed.
    #[error("the configuration cannot be read: {0}")]
    Malformed(Box<figment::Error>),
    /// The file that was named is not there.
    #[error("there is no configuration file `{}`", .0.display())]
    NoFile(PathBuf),
    /// The public URL has no scheme or no host.
    #[error("public_url `{0}` is not an http:// or https:// URL")]
    PublicUrl(String),
    /// Traces were asked for, and cannot be sent there, or not by this binary.
    #[error("otlp_endpoint `{endpoint}` {why}")]
    Traces { endpoint: String, why: &'static str },
    /// A name of a road engine or geocoder is not known.
    #[error("{key} `{value}` is not known; known: {known}")]
    UnknownName { key: &'static str, value: String, known: &'static str },
    /// A list names the same twice.
    #[error("{key} names `{value}` twice")]
    Twice { key: &'static str, value: String },
    /// What is named after the estimate would never be asked.
    #[error("roads names engines after `estimate`, which answers anything")]
    EstimateNotLast,
    /// A server is named, but not where it is or who we are.
    #[error("{list} names `{name}`, which needs {key}")]
    Missing { list: &'static str, name: String, key: &'static str },
    /// A number with which nothing works.
    #[error("{key} `{value}` is less than {least}")]
    TooSmall { key: &'static str, value: usize, least: usize },
    /// A number with which stopping would take too long.
    #[error("{key} `{value}` is more than {most}")]
    TooLarge { key: &'static str, value: u64, most: u64 },
    /// A name that would change the meaning of what it is put into.
    #[error("{key} `{value}` has other characters than letters, digits, `-` and `_`")]
    NotAWord { key: &'static str, value: String },
    /// A map that was named cannot be opened.
    #[error("maps cannot be used")]
    Map(#[source] MapError),
    /// A public server would be asked more often than it allows.
    #[error("{key} is more than the {most} a second that {host} allows")]
    TooOften { key: &'static str, host: &'static str, most: u32 },
    /// A road engine or geocoder cannot be set up.
    #[error("{key} cannot be used")]
    Engine {
        key: &'static str,
        #[source]
        source: SetupError,
    },
}
