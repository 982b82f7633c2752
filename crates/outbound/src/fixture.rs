//! Requests and replies of the vendors' shapes, kept beside the repository; tests without them skip visibly.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, missing_docs, reason = "a test stops at what is amiss")]

use std::path::Path;

use reqwest::header::HeaderName;
use serde_json::Value;
use wiremock::matchers::{any, body_partial_json, header, headers, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::transport::Reply;

/// What is sent, what comes back, and what is to be made of it.
#[derive(Debug)]
pub struct Fixture {
    pub request: Value,
    pub response: Value,
    pub want: Value,
}

/// `None`, said on standard error, where the fixtures are absent.
#[must_use]
pub fn fixture(name: &str) -> Option<Fixture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/geocode/fixtures");
    let Ok(text) = std::fs::read_to_string(folder.join(format!("{name}.json"))) else {
        eprintln!("SKIPPED: no fixture `{name}` beside the repository");
        return None;
    };
    let mut fixture: Value = serde_json::from_str(&text).unwrap();
    let mut take = |key: &str| fixture[key].take();
    Some(Fixture { request: take("request"), response: take("response"), want: take("want") })
}

/// A client can be built in any test.
pub fn with_tls() {
    // The second test of a process finds it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

pub async fn server() -> MockServer {
    with_tls();
    MockServer::start().await
}

impl Fixture {
    /// A server that knows this request alone; anything else is 404.
    pub async fn serve(&self) -> MockServer {
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
                mock.and(headers(name.as_str(), value.split(',').collect()))
            } else {
                mock.and(header(name.as_str(), value))
            };
        }
        if !self.request["body"].is_null() {
            mock = mock.and(body_partial_json(&self.request["body"]));
        }
        mock.respond_with(self.template()).mount(&server).await;
        server
    }

    /// A server that answers so to anything.
    pub async fn serve_always(&self) -> MockServer {
        let server = server().await;
        Mock::given(any()).respond_with(self.template()).mount(&server).await;
        server
    }

    fn template(&self) -> ResponseTemplate {
        let reply = self.reply();
        let template = ResponseTemplate::new(reply.status);
        reply
            .headers
            .iter()
            .fold(template, |template, (name, value)| template.append_header(name, value))
            .set_body_bytes(reply.body)
    }

    /// What comes back, for a scripted server.
    #[must_use]
    pub fn reply(&self) -> Reply {
        let body = match &self.response["body"] {
            Value::String(text) => text.clone(),
            body => body.to_string(),
        };
        let status = u16::try_from(self.response["status"].as_u64().unwrap()).unwrap();
        let mut reply = Reply { status, body: body.into_bytes(), ..Reply::default() };
        for (name, value) in self.response["headers"].as_object().into_iter().flatten() {
            let name: HeaderName = name.parse().unwrap();
            reply.headers.insert(name, value.as_str().unwrap().parse().unwrap());
        }
        reply
    }
}
