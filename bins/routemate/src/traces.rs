//! Traces for an OpenTelemetry collector, over HTTP with protobuf: what is in the log with its times, as a tree.
//!
//! Never holds more than the log does: spans have no paths, queries, headers, bodies or names in them.

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::resource::EnvResourceDetector;
use opentelemetry_sdk::trace::SdkTracerProvider;
use reqwest::blocking::Client;
use reqwest::redirect::Policy;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::{Layer, Registry};

use crate::Failure;

/// How long the collector may take for what it is sent at once.
const ONE_BATCH: Duration = Duration::from_secs(10);
/// How long the last spans may take to be sent at the end.
const LAST_SPANS: Duration = Duration::from_secs(1);

/// Sends traces as long as it lives, and what is left of them when it is dropped.
#[derive(Debug)]
pub(crate) struct Traces(SdkTracerProvider);

/// What subscribers are made of.
pub(crate) type BoxedLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// Takes our own spans, down to transactions and outbound calls, whatever is logged, and sends them to the collector at
/// this address.
///
/// The variables of OpenTelemetry's specification set the rest: `OTEL_TRACES_SAMPLER`, `OTEL_EXPORTER_OTLP_HEADERS`,
/// `OTEL_BSP_SCHEDULE_DELAY`, `OTEL_RESOURCE_ATTRIBUTES`.
pub(crate) fn start(endpoint: &str) -> Result<(BoxedLayer, Traces), Failure> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(client(endpoint)?)
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()?;
    let ours =
        [KeyValue::new("service.name", "routemate"), KeyValue::new("service.version", env!("CARGO_PKG_VERSION"))];
    let resource = Resource::builder_empty().with_attributes(ours).with_detector(Box::new(EnvResourceDetector::new()));
    let provider = SdkTracerProvider::builder().with_resource(resource.build()).with_batch_exporter(exporter).build();
    // Requests are parts of their callers' traces, and hand them on.
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("routemate")).with_threads(false);
    let ours = Targets::new().with_target("routemate", LevelFilter::DEBUG);
    Ok((Layer::<Registry>::with_filter(layer, ours).boxed(), Traces(provider)))
}

/// Blocks, as what sends spans has a thread of its own; must not be made within a runtime.
fn client(endpoint: &str) -> Result<Client, Failure> {
    let builder = Client::builder().redirect(Policy::none()).timeout(ONE_BATCH);
    // Without TLS the machine's certificates are not needed, and there may be none.
    let builder = if endpoint.starts_with("http://") { builder.tls_certs_only([]) } else { builder };
    Ok(builder.build()?)
}

impl Drop for Traces {
    fn drop(&mut self) {
        // A collector that is gone has been told of in the log.
        let _ = self.0.shutdown_with_timeout(LAST_SPANS);
    }
}
