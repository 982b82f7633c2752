//! Traces as a collector gets them: which spans there are, what hangs on what, and what they do not tell.

use std::time::Duration;

use serde_json::json;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::server::{Place, job, on_both};

on_both!(
    a_collector_gets_what_a_request_was_made_of,
    a_callers_trace_goes_on_through_us,
    a_collector_that_is_not_there_is_no_obstacle,
);

/// People's data, of which no span may know.
const PERSONAL: [&str; 4] = ["ada.lovelace", "Unioninkatu", "Grace Hopper", "canary-of-the-key"];

/// A span, read from protobuf (`opentelemetry/proto/trace/v1/trace.proto`).
#[derive(Debug, Default, PartialEq)]
struct Span {
    trace: Vec<u8>,
    id: Vec<u8>,
    parent: Vec<u8>,
    name: String,
}

impl Span {
    fn read(message: &[u8]) -> Self {
        let mut span = Self::default();
        for (number, content) in Message(message) {
            match number {
                1 => span.trace = content.to_vec(),
                2 => span.id = content.to_vec(),
                4 => span.parent = content.to_vec(),
                5 => span.name = String::from_utf8(content.to_vec()).expect("a name"),
                _ => {}
            }
        }
        span
    }

    /// All spans of what one request brought.
    fn read_all(body: &[u8]) -> Vec<Self> {
        let below = |message, wanted| Message(message).filter(move |(number, _)| *number == wanted);
        let resources = below(body, 1);
        let scopes = resources.flat_map(|(_, resource)| below(resource, 2));
        scopes.flat_map(|(_, scope)| below(scope, 2)).map(|(_, span)| Self::read(span)).collect()
    }
}

/// A message in the wire format of protobuf: gives its fields with their numbers, small
/// numbers (varints) as no bytes.
struct Message<'m>(&'m [u8]);

impl<'m> Message<'m> {
    fn take(&mut self, length: usize) -> &'m [u8] {
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken
    }

    fn varint(&mut self) -> usize {
        let mut value = 0;
        for shift in (0..).step_by(7) {
            let byte = self.take(1)[0];
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        value
    }
}

impl<'m> Iterator for Message<'m> {
    type Item = (usize, &'m [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let key = self.varint();
        let content = match key & 7 {
            0 => {
                self.varint();
                &[]
            }
            1 => self.take(8),
            2 => {
                let length = self.varint();
                self.take(length)
            }
            5 => self.take(4),
            other => panic!("no wire type {other}"),
        };
        Some((key >> 3, content))
    }
}

async fn collector() -> MockServer {
    let collector = MockServer::start().await;
    let taken = ResponseTemplate::new(200);
    Mock::given(method("POST")).and(path("/v1/traces")).respond_with(taken).mount(&collector).await;
    collector
}

async fn received(collector: &MockServer) -> Vec<Span> {
    let requests = collector.received_requests().await.expect("they are kept");
    requests.iter().flat_map(|request| Span::read_all(&request.body)).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn a_callers_trace_goes_on_through_us(place: &Place) {
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const CALLER: &str = "00f067aa0ba902b7";
    let (collector, osrm) = (collector().await, MockServer::start().await);
    let credentials = place.credentials(&["--plan", "enterprise"]);
    let server = place.serve_with(&[
        ("ROUTEMATE_OTLP_ENDPOINT", &collector.uri()),
        ("ROUTEMATE_ROADS", "osrm,estimate"),
        ("ROUTEMATE_OSRM_URL", &osrm.uri()),
    ]);
    let token = server.token(&credentials).await;
    for (id, parent) in [("ONE", format!("00-{TRACE}-{CALLER}-01")), ("TWO", format!("00-{TRACE}-0-01"))] {
        let request = server.client.post(format!("{}/v1/integration-import", server.base)).bearer_auth(&token);
        let request = request.header("traceparent", parent).header("tracestate", "rojo=1").json(&job(id, 3));
        assert_eq!(request.send().await.expect("an answer").status(), 200);
    }
    let asked = osrm.received_requests().await.expect("they are kept");
    let (ended_well, _, log) = server.terminate();
    assert!(ended_well, "{log}");

    let spans = received(&collector).await;
    let is_root = |span: &&Span| span.name == "request" && hex(&span.trace) == TRACE;
    let roots: Vec<&Span> = spans.iter().filter(is_root).collect();
    // What is no parent begins a trace of its own.
    assert_eq!(roots.iter().map(|span| hex(&span.parent)).collect::<Vec<_>>(), [CALLER]);
    let in_the_trace = |name| spans.iter().filter(|span| span.name == name && hex(&span.trace) == TRACE).count();
    assert_eq!((in_the_trace("import_job"), in_the_trace("solve")), (1, 1));
    let handed_on = asked.iter().filter_map(|request| request.headers.get("traceparent")?.to_str().ok());
    let handed_on: Vec<&str> = handed_on.filter(|parent| parent.contains(TRACE)).collect();
    assert!(!handed_on.is_empty(), "{asked:?}");
    for parent in handed_on {
        // Below one of our own spans, not beside us.
        let [_, _, span, flags] = parent.split('-').collect::<Vec<_>>()[..] else { panic!("{parent}") };
        assert!(flags == "01" && spans.iter().any(|one| hex(&one.id) == span && one.name == "outbound"), "{parent}");
    }
    assert!(asked.iter().any(|request| request.headers.get("tracestate").is_some_and(|state| state == "rojo=1")));
}

async fn a_collector_gets_what_a_request_was_made_of(place: &Place) {
    let collector = collector().await;
    let credentials = place.credentials(&["--plan", "enterprise"]);
    let server = place.serve_with(&[
        ("ROUTEMATE_OTLP_ENDPOINT", &collector.uri()),
        ("ROUTEMATE_ROADS", "osrm,estimate"),
        // Nobody listens there.
        ("ROUTEMATE_OSRM_URL", "http://127.0.0.1:9"),
    ]);
    let token = server.token(&credentials).await;
    let stop = |id: &str, lat: f64| json!({ "external_stop_id": id, "address": "Unioninkatu 29", "label": "Grace Hopper", "latitude": lat, "longitude": 24.95 });
    let job = json!({
        "external_job_id": "ONE", "title": "Round", "driver_email": "ada.lovelace@example.com",
        "stops": [stop("A", 60.16), stop("B", 60.17), { "external_stop_id": "C", "address": "Unioninkatu 31" }],
    });
    let imported = server.import(&token, &job, Some("canary-of-the-key")).await.expect("an answer");
    assert_eq!(imported.status(), 200);
    let (ended_well, _, log) = server.terminate();
    assert!(ended_well, "{log}");

    let requests = collector.received_requests().await.expect("they are kept");
    assert!(requests.iter().all(|request| request.headers["content-type"] == "application/x-protobuf"));
    let spans: Vec<Span> = requests.iter().flat_map(|request| Span::read_all(&request.body)).collect();
    let parent = |span: &Span| spans.iter().find(|one| one.id == span.parent && one.trace == span.trace);
    // Each below the request that caused it, however deep.
    for name in ["import_job", "transaction", "geocode", "travel", "outbound", "solve"] {
        let is_of_the_import = |span: &&Span| {
            let above: Vec<&Span> = std::iter::successors(Some(*span), |span| parent(span)).collect();
            let root = above.last().expect("itself at least");
            above.iter().any(|span| span.name == "import_job") && root.name == "request" && root.parent.is_empty()
        };
        assert!(
            spans.iter().filter(|span| span.name == name).any(|span| is_of_the_import(&span)),
            "{name}: {spans:#?}"
        );
    }
    let bodies = || requests.iter().map(|request| String::from_utf8_lossy(&request.body));
    assert!(bodies().any(|told| told.contains("/v1/integration-import") && told.contains("service.name")));
    for told in bodies() {
        for canary in PERSONAL.iter().copied().chain([&*token, &*credentials.client_secret]) {
            assert!(!told.contains(canary), "`{canary}` is in a span");
        }
    }
}

async fn a_collector_that_is_not_there_is_no_obstacle(place: &Place) {
    let credentials = place.credentials(&["--plan", "enterprise"]);
    let server = place.serve_with(&[("ROUTEMATE_OTLP_ENDPOINT", "http://127.0.0.1:9")]);
    let token = server.token(&credentials).await;
    assert_eq!(server.import(&token, &job("ONE", 3), None).await.expect("an answer").status(), 200);
    let (ended_well, took, log) = server.terminate();
    assert!(ended_well, "{log}");
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert!(
        log.contains("127.0.0.1:9") || log.to_lowercase().contains("export"),
        "that nobody is there is told: {log}"
    );
}
