use std::error::Error;

use reqwest::Url;
use reqwest::header::HeaderValue;

/// Why a client cannot be set up. The URL is never part of it: it may hold a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// It is no URL.
    #[error("it is not a URL: {0}")]
    Malformed(String),
    /// Another scheme, no host, or a query or fragment that our own would be lost in.
    #[error("it is not of the form http[s]://[USER:PASSWORD@]HOST[:PORT][/PATH]")]
    NotABase,
    /// The key cannot be sent in a header.
    #[error("the key has characters that no header can hold")]
    Key,
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[source] Box<dyn Error + Send + Sync>),
}

impl From<reqwest::Error> for SetupError {
    fn from(error: reqwest::Error) -> Self {
        Self::Tls(Box::new(error))
    }
}

/// A server's URL as an operator writes it, to which paths and queries are added.
///
/// # Errors
/// [`SetupError::Malformed`] and [`SetupError::NotABase`].
pub fn base_url(text: &str) -> Result<Url, SetupError> {
    let url = Url::parse(text).map_err(|error| SetupError::Malformed(error.to_string()))?;
    let is_base = matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some_and(|host| !host.is_empty())
        && url.query().is_none()
        && url.fragment().is_none();
    if is_base { Ok(url) } else { Err(SetupError::NotABase) }
}

/// A key as the value of a header that is not shown.
///
/// # Errors
/// [`SetupError::Key`].
pub fn key_header(key: &str) -> Result<HeaderValue, SetupError> {
    let mut value = HeaderValue::from_str(key).map_err(|_| SetupError::Key)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, is_accepted: bool) {
        assert_eq!(base_url(text).is_ok(), is_accepted, "{text}");
    }

    #[test]
    fn base_is_an_http_url_without_query() {
        check("http://127.0.0.1:5000", true);
        check("https://user:secret@roads.example/osrm/", true);
        check("roads.example", false);
        check("ftp://roads.example", false);
        check("http://roads.example/?key=1", false);
        check("http://roads.example/#part", false);
        check("", false);
    }

    #[test]
    fn what_is_wrong_with_a_url_is_said_without_its_password() {
        let error = base_url("ftp://user:secret@roads.example").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("secret"));
    }

    #[test]
    fn a_key_is_not_shown_and_fits_into_a_header() {
        assert!(!format!("{:?}", key_header("hush").unwrap()).contains("hush"));
        assert!(matches!(key_header("a\nb"), Err(SetupError::Key)));
    }
}
