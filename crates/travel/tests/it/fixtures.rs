//! Requests and replies of the vendors' shapes, kept beside the repository; tests without them skip visibly.

use std::path::Path;

use serde_json::Value;
use wiremock::matchers::{body_partial_json, header, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

/// What is sent and what comes back.
pub(crate) struct Fixture {
    request: Value,
    pub(crate) response: Value,
}

/// `None`, said on standard error, where the fixtures are absent.
pub(crate) fn fixture(name: &str) -> Option<Fixture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/geocode/fixtures");
    let Ok(text) = std::fs::read_to_string(folder.join(format!("{name}.json"))) else {
        eprintln!("SKIPPED: no fixture `{name}` beside the repository");
        return None;
    };
    let mut fixture: Value = serde_json::from_str(&text).unwrap();
    Some(Fixture { request: fixture["request"].take(), response: fixture["response"].take() })
}

/// A client can be built in any test.
pub(crate) fn with_tls() {
    // The second test of a process finds it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

pub(crate) async fn server() -> MockServer {
    with_tls();
    MockServer::start().await
}

impl Fixture {
    /// A server that knows this request alone; anything else is 404.
    pub(crate) async fn serve(&self) -> MockServer {
        let server = server().await;
        let url = reqwest::Url::parse(self.request["url"].as_str().unwrap()).unwrap();
        let mut mock = Mock::given(method(self.request["method"].as_str().unwrap())).and(path(url.path()));
        for (key, value) in url.query_pairs() {
            mock = mock.and(query_param(key.as_ref(), value.as_ref()));
        }
        for (name, value) in self.request["headers"].as_object().into_iter().flatten() {
            // A comma in a header is a list of values to the matcher.
            let value = value.as_str().unwrap();
            mock = if value.contains(',') {
                let values: Vec<&str> = value.split(',').collect();
                mock.and(wiremock::matchers::headers(name.as_str(), values))
            } else {
                mock.and(header(name.as_str(), value))
            };
        }
        if !self.request["body"].is_null() {
            mock = mock.and(body_partial_json(&self.request["body"]));
        }
        mock.respond_with(self.reply()).mount(&server).await;
        server
    }

    /// A server that answers so to anything.
    pub(crate) async fn serve_always(&self) -> MockServer {
        let server = server().await;
        Mock::given(wiremock::matchers::any()).respond_with(self.reply()).mount(&server).await;
        server
    }

    fn reply(&self) -> ResponseTemplate {
        let status = u16::try_from(self.response["status"].as_u64().unwrap()).unwrap();
        ResponseTemplate::new(status).set_body_json(&self.response["body"])
    }
}
