use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use percent_encoding::percent_decode_str;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, Request, RequestBuilder, Response, Url, redirect};

use crate::base::SetupError;
use crate::reach::{PublicHost, Reach};

/// Sends a request and gives the reply; the seam for tests that need a clock of their own.
pub trait Transport: Send + Sync {
    /// Sends it once.
    ///
    /// # Errors
    /// [`SendError`] where there is no whole reply. A reply of any status is none.
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Reply, SendError>>;
}

/// What came back, whatever its status.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// Of HTTP.
    pub status: u16,
    /// As they came.
    pub headers: HeaderMap,
    /// At most 32 MiB: a longer one is no reply.
    pub body: Vec<u8>,
}

impl Reply {
    /// How long the server wants to be left alone, by `Retry-After` in seconds or as a date.
    ///
    /// Source: RFC 9110, sections 10.2.3 and 5.6.7.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        let wanted = self.header(RETRY_AFTER.as_str())?.trim();
        if let Ok(seconds) = wanted.parse() {
            return Some(Duration::from_secs(seconds));
        }
        self.until(rfc2822::parse(wanted).ok()?.timestamp())
    }

    /// How long it is until a time that the server names, by the server's own clock: its `Date`.
    #[must_use]
    pub fn until(&self, then: Timestamp) -> Option<Duration> {
        let now = rfc2822::parse(self.header(DATE.as_str())?).ok()?.timestamp();
        Some(Duration::try_from(then.duration_since(now)).unwrap_or_default())
    }

    /// A header that is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Why nothing came back.
#[derive(Debug, thiserror::Error)]
#[error("no reply")]
pub struct SendError {
    /// The connection was never made.
    pub was_never_sent: bool,
    /// What happened.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// A longer reply is given up: the largest that is asked for is a matrix of 10,000 pairs, each with two numbers.
const MAX_REPLY_BYTES: usize = 32 << 20;
const CONNECT: Duration = Duration::from_secs(3);

/// HTTP as it is.
#[derive(Debug)]
pub struct Http {
    client: Client,
    reach: Reach,
}

impl Http {
    /// A client for the server of this base, which follows no redirects.
    ///
    /// The machine's certificates are needed only where the server is asked over TLS; small containers have none.
    ///
    /// # Errors
    /// Where TLS cannot be set up.
    pub fn to(base: &Url, reach: Reach) -> Result<Self, SetupError> {
        let agent = concat!("RouteMate/", env!("CARGO_PKG_VERSION"));
        let mut client =
            Client::builder().connect_timeout(CONNECT).redirect(redirect::Policy::none()).user_agent(agent);
        if base.scheme() == "http" {
            client = client.tls_certs_only([]);
        }
        if reach == Reach::Public {
            client = client.dns_resolver(PublicHost { host: base.host_str().unwrap_or_default().to_owned() });
        }
        let client = client.build().map_err(reqwest::Error::without_url)?;
        Ok(Self { client, reach })
    }
}

impl Transport for Http {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Reply, SendError>> {
        Box::pin(async move {
            let private = |source| SendError { was_never_sent: true, source: Box::new(source) };
            self.reach.check(request.url()).map_err(private)?;
            #[cfg_attr(not(feature = "otlp"), expect(unused_mut, reason = "nothing is added without traces"))]
            let mut request = with_login(&self.client, request).map_err(no_reply)?;
            #[cfg(feature = "otlp")]
            crate::trace_context::hand_on_trace(request.headers_mut());
            let mut response = self.client.execute(request).await.map_err(no_reply)?;
            let (status, headers) = (response.status().as_u16(), std::mem::take(response.headers_mut()));
            Ok(Reply { status, headers, body: body(response).await? })
        })
    }
}

/// Moves a user and password from the URL into the header that they are sent in.
fn with_login(client: &Client, mut request: Request) -> reqwest::Result<Request> {
    let url = request.url_mut();
    if url.username().is_empty() && url.password().is_none() {
        return Ok(request);
    }
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (user, password) = (decoded(url.username()), url.password().map(decoded));
    // Refused by URLs without a host alone, which are no servers'.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    RequestBuilder::from_parts(client.clone(), request).basic_auth(user, password).build()
}

async fn body(mut response: Response) -> Result<Vec<u8>, SendError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(no_reply)? {
        if body.len() + chunk.len() > MAX_REPLY_BYTES {
            let source = format!("the reply is longer than {MAX_REPLY_BYTES} bytes").into();
            return Err(SendError { was_never_sent: false, source });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The URL holds positions of customers, perhaps a password: it stays out of the log.
fn no_reply(error: reqwest::Error) -> SendError {
    SendError { was_never_sent: error.is_connect(), source: Box::new(error.without_url()) }
}

#[cfg(test)]
mod tests {
    use wiremock::matchers::{any, basic_auth};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;

    fn reply(headers: &[(&'static str, &str)]) -> Reply {
        let mut reply = Reply::default();
        for (name, value) in headers {
            reply.headers.insert(*name, value.parse().unwrap());
        }
        reply
    }

    #[track_caller]
    fn check(retry_after: &str, date: Option<&str>, expected: Option<u64>) {
        let headers: Vec<_> =
            date.map(|date| ("date", date)).into_iter().chain([("retry-after", retry_after)]).collect();
        assert_eq!(reply(&headers).retry_after(), expected.map(Duration::from_secs));
    }

    #[test]
    fn retry_after_is_read_in_seconds_and_as_a_date() {
        let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        check("7", None, Some(7));
        check("Sun, 06 Nov 1994 08:50:07 GMT", date, Some(30));
        check("Sun, 06 Nov 1994 08:49:30 GMT", date, Some(0));
        check("Sun, 06 Nov 1994 08:50:07 GMT", None, None);
        check("soon", date, None);
        assert_eq!(Reply::default().retry_after(), None);
    }

    async fn server(reply: ResponseTemplate) -> MockServer {
        // The second test of a process finds it installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(reply).mount(&server).await;
        server
    }

    async fn get(url: &str, reach: Reach) -> Result<Reply, SendError> {
        let url = Url::parse(url).unwrap();
        Http::to(&url, reach).unwrap().send(Request::new(reqwest::Method::GET, url)).await
    }

    /// The whole chain, as a log would have it.
    fn chain(error: &dyn std::error::Error) -> String {
        match error.source() {
            Some(source) => format!("{error}: {}", chain(source)),
            None => error.to_string(),
        }
    }

    #[tokio::test]
    async fn a_name_of_an_inner_address_is_asked_only_where_the_operator_has_named_it() {
        let server = server(ResponseTemplate::new(200)).await;
        let port = server.address().port();
        for host in ["localhost", "127.0.0.1"] {
            let url = format!("http://{host}:{port}/?key=hush");
            let error = get(&url, Reach::Public).await.unwrap_err();
            assert!(error.was_never_sent && chain(&error).contains("private address"), "{}", chain(&error));
            assert!(!format!("{error:?}{}", chain(&error)).contains("hush"));
        }
        assert!(server.received_requests().await.unwrap().is_empty());
        assert_eq!(get(&format!("http://localhost:{port}/"), Reach::Anywhere).await.unwrap().status, 200);
    }

    #[tokio::test]
    async fn redirects_are_an_answer_and_not_followed() {
        let server = server(ResponseTemplate::new(302).insert_header("location", "/elsewhere")).await;
        assert_eq!(get(&server.uri(), Reach::Anywhere).await.unwrap().status, 302);
        assert_eq!(server.received_requests().await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn login_in_the_url_goes_into_a_header() {
        let server = server(ResponseTemplate::new(401)).await;
        let template = ResponseTemplate::new(200);
        Mock::given(basic_auth("me", "se:cret")).respond_with(template).with_priority(1).mount(&server).await;
        let url = format!("http://me:se%3Acret@{}/", server.address());
        assert_eq!(get(&url, Reach::Anywhere).await.unwrap().status, 200);
    }

    #[tokio::test]
    async fn a_reply_that_does_not_end_is_given_up() {
        let server = server(ResponseTemplate::new(200).set_body_bytes(vec![b'x'; MAX_REPLY_BYTES + 1])).await;
        let error = get(&server.uri(), Reach::Anywhere).await.unwrap_err();
        assert!(chain(&error).contains("longer than"), "{}", chain(&error));
    }

    #[tokio::test]
    async fn what_cannot_be_reached_is_told_without_the_url() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let error = get(&format!("http://user:hush@127.0.0.1:{port}/?key=hush"), Reach::Anywhere).await.unwrap_err();
        assert!(error.was_never_sent);
        assert!(!format!("{error:?}{}", chain(&error)).contains("hush"));
    }
}
