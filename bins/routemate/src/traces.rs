//! Traces for an OpenTelemetry collector, over HTTP with protobuf: what is in the log with its times, as a tree.
//!
//! Never holds more than the log does: spans have no paths, queries, headers, bodies or names in them.

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::EnvResourceDetector;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

use crate::Failure;

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
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()?;
    let ours =
        [KeyValue::new("service.name", "routemate"), KeyValue::new("service.version", env!("CARGO_PKG_VERSION"))];
    let resource = Resource::builder_empty().with_attributes(ours).with_detector(Box::new(EnvResourceDetector::new()));
    let provider = SdkTracerProvider::builder().with_resource(resource.build()).with_batch_exporter(exporter).build();
    let layer = layer::<Registry>(&provider);
    Ok((layer, Traces(provider)))
}

fn layer<S>(provider: &SdkTracerProvider) -> Box<dyn Layer<S> + Send + Sync>
where
    S: tracing::Subscriber + for<'span> LookupSpan<'span>,
{
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("routemate")).with_threads(false);
    layer.with_filter(Targets::new().with_target("routemate", LevelFilter::DEBUG)).boxed()
}

impl Drop for Traces {
    fn drop(&mut self) {
        // A collector that is gone has been told of in the log.
        let _ = self.0.shutdown_with_timeout(LAST_SPANS);
    }
}
