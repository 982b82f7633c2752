use std::any::Any;
use std::io::{IsTerminal, stderr};

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use crate::Failure;
use crate::config::{Config, LogFormat};
#[cfg(feature = "otlp")]
use crate::traces::{self, Traces};

/// What has to live as long as there is something to tell.
#[derive(Debug)]
pub(crate) struct Logging {
    #[cfg(feature = "otlp")]
    _traces: Option<Traces>,
}

/// Starts logging to stderr; stdout belongs to what commands print. Commands other than servers only warn, unless told
/// otherwise, and send no traces.
pub(crate) fn start(config: &Config, is_serving: bool) -> Result<Logging, Failure> {
    let default = Config::default().log;
    let directives = if !is_serving && config.log == default { "warn" } else { &config.log };
    // The later directive wins: nobody can ask the PostgreSQL client to log what is bound, which is customers' data. What
    // actix cannot parse is its client's fault, which it takes for an error of its own.
    let all = format!("{directives},actix_http::h1::dispatcher=off,tokio_postgres=info");
    let filter = EnvFilter::try_new(all).map_err(|error| format!("log `{directives}` is no filter: {error}"))?;
    let format = config.log_format.unwrap_or(if stderr().is_terminal() { LogFormat::Text } else { LogFormat::Json });
    if is_serving {
        std::panic::set_hook(Box::new(tell_panic));
    }
    let lines = fmt::layer().with_writer(stderr);
    let lines = match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    #[cfg(feature = "otlp")]
    if let Some(endpoint) = config.otlp_endpoint.as_deref().filter(|_| is_serving) {
        let (layer, traces) = traces::start(endpoint)?;
        tracing_subscriber::registry().with(vec![lines.with_filter(filter).boxed(), layer]).init();
        return Ok(Logging { _traces: Some(traces) });
    }
    // A filter for all is cheaper than one for each layer.
    tracing_subscriber::registry().with(lines.with_filter(filter)).init();
    Ok(Logging {
        #[cfg(feature = "otlp")]
        _traces: None,
    })
}

/// Logs where a server panicked.
fn tell_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let at = panic.location().map(ToString::to_string).unwrap_or_default();
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("unnamed");
    let message = fixed_message(panic.payload());
    tracing::error!(panic.location = at, panic.thread = thread, "panicked at {at}: {message}");
}

/// What a panic says, where that is the same every time. A text that was put together may hold a customer's: cutting a
/// string in the middle of a character repeats the string.
fn fixed_message(payload: &(dyn Any + Send)) -> &'static str {
    payload.downcast_ref::<&'static str>().copied().unwrap_or("its message may hold customers' data")
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    #[test]
    fn a_panic_repeats_nothing_that_it_was_about() {
        let address = std::hint::black_box("Äyritie 8");
        let cut = catch_unwind(|| drop(address[..1].to_owned())).expect_err("in the middle of a character");
        assert!(cut.downcast_ref::<String>().is_some_and(|text| text.contains("Äyritie")), "this is why");
        assert_eq!(fixed_message(&*cut), "its message may hold customers' data");
        let fixed = catch_unwind(|| panic!("this cannot be")).expect_err("it panics");
        assert_eq!(fixed_message(&*fixed), "this cannot be");
    }
}
