use std::io::{IsTerminal, stderr};

use tracing_subscriber::EnvFilter;

use crate::Failure;
use crate::config::{Config, LogFormat};

/// Starts logging to stderr; stdout belongs to what commands print. Commands other than servers only warn, unless told
/// otherwise.
pub(crate) fn start(config: &Config, is_serving: bool) -> Result<(), Failure> {
    let default = Config::default().log;
    let directives = if !is_serving && config.log == default { "warn" } else { &config.log };
    // The later directive wins: nobody can ask the PostgreSQL client to log what is bound, which is customers' data. What
    // actix cannot parse is its client's fault, which it takes for an error of its own.
    let all = format!("{directives},actix_http::h1::dispatcher=off,tokio_postgres=info");
    let filter = EnvFilter::try_new(all).map_err(|error| format!("log `{directives}` is no filter: {error}"))?;
    let format = config.log_format.unwrap_or(if stderr().is_terminal() { LogFormat::Text } else { LogFormat::Json });
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr);
    match format {
        LogFormat::Text => subscriber.init(),
        LogFormat::Json => subscriber.json().flatten_event(true).init(),
    }
    Ok(())
}
