//! A caller of our own API.

use reqwest::Method;
use serde_json::Value;

use crate::server::{Credentials, Server};

/// A caller of our own API.
pub(crate) struct Client<'s> {
    server: &'s Server,
    pub(crate) token: String,
}

/// An answer: status, headers that matter here, and the body, null where there is none.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) tag: String,
    pub(crate) location: String,
    pub(crate) is_replayed: bool,
    pub(crate) body: Value,
}

impl<'s> Client<'s> {
    pub(crate) async fn new(server: &'s Server, credentials: &Credentials) -> Self {
        Self { server, token: server.token(credentials).await }
    }

    pub(crate) async fn call(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let url = format!("{}/api/v1{path}", self.server.base);
        let mut request = self.server.client.request(method, url).bearer_auth(&self.token).body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.expect("an answer");
        let header = |name: &str| {
            answer.headers().get(name).map(|value| value.to_str().expect("text").to_owned()).unwrap_or_default()
        };
        let (tag, location, is_replayed) =
            (header("etag"), header("location"), header("idempotency-replayed") == "true");
        let status = answer.status().as_u16();
        let body = answer.text().await.expect("a body");
        let body = if body.is_empty() { Value::Null } else { serde_json::from_str(&body).expect("JSON") };
        Answer { status, tag, location, is_replayed, body }
    }

    /// Sends a body, or none where it is null.
    pub(crate) async fn send(&self, method: Method, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.call(method, path, &[], &body).await
    }

    #[track_caller]
    pub(crate) fn good(answer: Answer, status: u16) -> Answer {
        assert_eq!(answer.status, status, "{}", answer.body);
        answer
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        Self::good(self.call(Method::GET, path, &[], "").await, 200).body
    }

    pub(crate) async fn post(&self, path: &str, body: &Value, status: u16) -> Value {
        Self::good(self.send(Method::POST, path, body).await, status).body
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Value {
        Self::good(self.send(Method::PUT, path, body).await, 200).body
    }
}
