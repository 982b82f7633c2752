//! Where settings are read from.

use std::path::Path;

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Deserializer};

use super::{Config, ConfigError, Flags, ServeFlags, check};

/// Where the configuration is looked for when no flag says so.
const FILE: &str = "routemate.toml";

impl Config {
    /// Reads file, environment and flags.
    pub(crate) fn read(flags: &Flags, serve: &ServeFlags) -> Result<Self, ConfigError> {
        let config: Self = sources(flags, serve)?.extract().map_err(|error| ConfigError::Malformed(Box::new(error)))?;
        check::check(&config)?;
        Ok(config)
    }

    /// The keys that file, environment or flags set, in the order of [`Config::KEYS`].
    pub(crate) fn given(flags: &Flags, serve: &ServeFlags) -> Result<Vec<&'static str>, ConfigError> {
        let sources = sources(flags, serve)?;
        Ok(Self::KEYS.iter().copied().filter(|key| sources.find_value(key).is_ok()).collect())
    }

    /// Variables that look as if they were meant to set something, and set nothing.
    pub(crate) fn unknown_variables() -> Vec<String> {
        let environment = Env::prefixed("ROUTEMATE_");
        let names = environment.iter().map(|(name, _)| name.as_str().to_owned());
        let unknown = names.filter(|name| !Self::KEYS.contains(&name.as_str()));
        let mut unknown: Vec<String> = unknown.map(|name| format!("ROUTEMATE_{}", name.to_uppercase())).collect();
        unknown.sort();
        unknown
    }
}

fn sources(flags: &Flags, serve: &ServeFlags) -> Result<Figment, ConfigError> {
    let file = match &flags.config {
        Some(path) if !path.exists() => return Err(ConfigError::NoFile(path.clone())),
        Some(path) => Toml::file_exact(path),
        None if Path::new(FILE).exists() => Toml::file_exact(FILE),
        None => Toml::string(""),
    };
    Ok(Figment::new()
        .merge(file)
        .merge(Env::prefixed("ROUTEMATE_").only(Config::KEYS))
        .merge(Serialized::defaults(flags))
        .merge(Serialized::defaults(serve)))
}

/// A list as a TOML array, or as text with commas between.
pub(super) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + std::str::FromStr,
    T::Err: std::fmt::Display,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum List<T> {
        Items(Vec<T>),
        Text(String),
    }
    match List::deserialize(deserializer)? {
        List::Items(items) => Ok(items),
        List::Text(text) => text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(|item| item.parse().map_err(|error| serde::de::Error::custom(format!("`{item}`: {error}"))))
            .collect(),
    }
}
