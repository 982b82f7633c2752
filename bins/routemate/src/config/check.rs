//! Whether settings can be used, as far as that is seen without using them.

use super::{Config, ConfigError, geocoders, roads};

/// Ten seconds is what a server has to stop in all.
const LONGEST_DRAIN_DELAY_MS: u64 = 5_000;

pub(super) fn check(config: &Config) -> Result<(), ConfigError> {
    if let Some(url) = &config.public_url
        && !is_http_url(url)
    {
        return Err(ConfigError::PublicUrl(url.clone()));
    }
    if config.drain_delay_ms > LONGEST_DRAIN_DELAY_MS {
        let (key, value) = ("drain_delay_ms", config.drain_delay_ms);
        return Err(ConfigError::TooLarge { key, value, most: LONGEST_DRAIN_DELAY_MS });
    }
    if config.max_requests == 0 {
        return Err(ConfigError::TooSmall { key: "max_requests", value: 0, least: 1 });
    }
    if let Some(endpoint) = &config.otlp_endpoint {
        let why = if !cfg!(feature = "otlp") {
            Some("is set, and this binary was built without traces: build it with `--features otlp`")
        } else {
            (!is_http_url(endpoint)).then_some("is not an http:// or https:// URL")
        };
        if let Some(why) = why {
            return Err(ConfigError::Traces { endpoint: endpoint.clone(), why });
        }
    }
    roads::check(config)?;
    geocoders::check(config)
}

fn is_http_url(url: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| url.len() > scheme.len() && url.starts_with(scheme))
}
