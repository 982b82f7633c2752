//! The caller's trace, as it is told by `traceparent` and `tracestate` (W3C Trace Context, Level 1).

use actix_web::http::header::HeaderMap;
use opentelemetry::global;
use opentelemetry::propagation::Extractor;
use opentelemetry::trace::TraceContextExt;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Makes a span that has not begun a part of the caller's trace, if there is one. What cannot be read is no trace: the
/// specification wants a new one to begin.
pub(crate) fn continue_trace(span: &Span, headers: &HeaderMap) {
    let context = global::get_text_map_propagator(|propagator| propagator.extract(&Headers(headers)));
    if context.span().span_context().is_valid() {
        // Refused where nobody takes traces, or this span is left out of them.
        let _ = span.set_parent(context);
    }
}

struct Headers<'h>(&'h HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        let mut values = self.0.get_all(key);
        let first = values.next()?.to_str().ok()?;
        // Two parents are none (section 3.2.1): nobody can tell which one is meant.
        (key != "traceparent" || values.next().is_none()).then_some(first)
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(|name| name.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn two_parents_are_none() {
        let name = HeaderName::from_static("traceparent");
        let mut headers = HeaderMap::new();
        headers.append(name.clone(), HeaderValue::from_static("one"));
        assert_eq!(Headers(&headers).get("traceparent"), Some("one"));
        headers.append(name, HeaderValue::from_static("two"));
        assert_eq!(Headers(&headers).get("traceparent"), None);
    }
}
