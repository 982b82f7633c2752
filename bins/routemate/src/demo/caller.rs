use std::net::SocketAddr;

use reqwest::{Client, Method, RequestBuilder};
use routemate_app::IssuedSecret;
use serde_json::{Value, json};

use crate::Failure;
use crate::demo_stops::DemoAddress;

/// A consumer of the APIs, with a token that all dialects take.
#[derive(Clone)]
pub(super) struct Caller {
    client: Client,
    base: String,
    pub(super) token: String,
}

impl Caller {
    /// Gets a token as the Integration API has it.
    pub(super) async fn sign_in(address: SocketAddr, issued: &IssuedSecret) -> Result<Self, Failure> {
        // Our own server is asked without TLS: no certificates are needed.
        let client = Client::builder().tls_certs_only([]).build()?;
        let mut caller = Self { client, base: format!("http://{address}"), token: String::new() };
        let body = json!({ "client_id": issued.client_id, "client_secret": issued.client_secret.reveal() });
        let answer = caller.post("/v1/integration-token", &body).await?;
        text(&answer, "access_token").clone_into(&mut caller.token);
        Ok(caller)
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.send(self.request(Method::GET, path)).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// The same under an idempotency key.
    pub(super) async fn post_once(&self, path: &str, body: &Value, key: &str) -> Result<Value, Failure> {
        self.send(self.request(Method::POST, path).header("Idempotency-Key", key).json(body)).await
    }

    pub(super) async fn put(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.send(self.request(Method::PUT, path).json(body)).await
    }

    /// Somebody with another token.
    pub(super) fn with_token(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        if self.token.is_empty() { request } else { request.bearer_auth(&self.token) }
    }

    async fn send(&self, request: RequestBuilder) -> Result<Value, Failure> {
        let response = request.send().await?;
        let (path, status) = (response.url().path().to_owned(), response.status());
        let body = response.text().await?;
        if status.is_success() {
            Ok(serde_json::from_str(&body)?)
        } else {
            Err(format!("{path}: {status}: {body}").into())
        }
    }
}

/// Stops for an import over `/v1`, with order numbers from this one on.
pub(super) fn stops(addresses: &[DemoAddress], first: usize) -> Vec<Value> {
    let stop = |(number, address): (usize, &DemoAddress)| {
        json!({
            "external_stop_id": format!("ORD-{:04}", first + number),
            "address": address.line(),
            "duration_minutes": 3,
        })
    };
    addresses.iter().enumerate().map(stop).collect()
}

/// A text field, or nothing.
pub(super) fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}
