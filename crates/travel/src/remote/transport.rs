use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::fmt::rfc2822;
use percent_encoding::percent_decode_str;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, Request, RequestBuilder, Response, Url, redirect};

/// Sends a request and gives the reply; the seam for tests that need a clock of their own.
pub(crate) trait Transport: Send + Sync {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Reply, SendError>>;
}

/// What came back, whatever its status.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// Whether the same request may be answered later.
    pub(crate) fn is_not_now(&self) -> bool {
        matches!(self.status, 408 | 429 | 502 | 503 | 504)
    }
}

/// Why nothing came back.
#[derive(Debug, thiserror::Error)]
#[error("no reply")]
pub(crate) struct SendError {
    /// The connection was never made.
    pub(crate) was_never_sent: bool,
    #[source]
    pub(crate) source: Box<dyn std::error::Error + Send + Sync>,
}

/// The largest matrix that is asked for in one request has 10,000 pairs, each with two numbers.
const MAX_REPLY_BYTES: usize = 32 << 20;
const CONNECT: Duration = Duration::from_secs(3);

/// HTTP as it is.
#[derive(Debug)]
pub(crate) struct Http {
    client: Client,
}

impl Http {
    /// Follows no redirects: a key goes to the host that it is meant for and to no other.
    ///
    /// The machine's certificates are needed only where the server is asked over TLS; small containers have none.
    ///
    /// # Errors
    /// Where TLS cannot be set up.
    pub(crate) fn to(base: &Url) -> reqwest::Result<Self> {
        let agent = concat!("RouteMate/", env!("CARGO_PKG_VERSION"));
        let mut client =
            Client::builder().connect_timeout(CONNECT).redirect(redirect::Policy::none()).user_agent(agent);
        if base.scheme() == "http" {
            client = client.tls_certs_only([]);
        }
        let client = client.build().map_err(reqwest::Error::without_url)?;
        Ok(Self { client })
    }
}

impl Transport for Http {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Reply, SendError>> {
        Box::pin(async move {
            let request = with_login(&self.client, request).map_err(no_reply)?;
            let response = self.client.execute(request).await.map_err(no_reply)?;
            let (status, retry_after) = (response.status().as_u16(), retry_after(response.headers()));
            Ok(Reply { status, retry_after, body: body(response).await? })
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

/// `Retry-After` in seconds, or as a date, which is compared with the server's own.
///
/// Source: RFC 9110, sections 10.2.3 and 5.6.7.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok();
    let wanted = text(RETRY_AFTER)?.trim();
    if let Ok(seconds) = wanted.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let (then, now) = (rfc2822::parse(wanted).ok()?, rfc2822::parse(text(DATE)?).ok()?);
    Some(Duration::try_from(then.timestamp().duration_since(now.timestamp())).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(retry_after_header: &str, date: Option<&str>, expected: Option<u64>) {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, retry_after_header.parse().unwrap());
        if let Some(date) = date {
            headers.insert(DATE, date.parse().unwrap());
        }
        assert_eq!(retry_after(&headers), expected.map(Duration::from_secs));
    }

    #[test]
    fn retry_after_is_read_in_seconds_and_as_a_date() {
        let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        check("7", None, Some(7));
        check("Sun, 06 Nov 1994 08:50:07 GMT", date, Some(30));
        check("Sun, 06 Nov 1994 08:49:30 GMT", date, Some(0));
        check("Sun, 06 Nov 1994 08:50:07 GMT", None, None);
        check("soon", date, None);
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
