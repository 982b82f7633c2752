//! What the adapters to servers share in reading settings and writing positions.

use std::error::Error;

use reqwest::Url;
use routemate_units::LatLng;

use crate::error::TravelError;

/// The words that the licence of OpenStreetMap's data wants shown.
pub(crate) const OSM: &str = "© OpenStreetMap contributors";

/// Why an engine cannot be set up. The URL is never part of it: it may hold a password.
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

pub(crate) fn base_url(text: &str) -> Result<Url, SetupError> {
    let url = Url::parse(text).map_err(|error| SetupError::Malformed(error.to_string()))?;
    let is_base = matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some_and(|host| !host.is_empty())
        && url.query().is_none()
        && url.fragment().is_none();
    if is_base { Ok(url) } else { Err(SetupError::NotABase) }
}

/// Degrees with six digits after the point, about 0.1 m; more would only make URLs longer.
pub(crate) fn coordinate(degrees: f64) -> f64 {
    (degrees * 1e6).round() / 1e6
}

/// A line in Google's encoding, in the precision given.
///
/// Source: Google, "Encoded Polyline Algorithm Format"; OSRM and Valhalla write six digits instead of five.
pub(crate) fn read_line(engine: &'static str, text: &str, precision: u32) -> Result<Vec<LatLng>, TravelError> {
    let line = polyline::decode_polyline(text, precision).map_err(|error| TravelError::unavailable(engine, error))?;
    // The crate's coordinates are x, y: longitude first.
    let points: Result<Vec<LatLng>, _> = line.into_iter().map(|at| LatLng::new(at.y, at.x)).collect();
    points.map_err(|error| TravelError::unavailable(engine, error))
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
    fn coordinates_are_written_as_short_as_they_are() {
        assert_eq!(coordinate(153.02).to_string(), "153.02");
        assert_eq!(coordinate(-27.470_000_049).to_string(), "-27.47");
        assert_eq!(coordinate(1e-7).to_string(), "0");
    }

    #[test]
    fn a_line_that_leaves_the_globe_or_ends_early_is_no_line() {
        assert_eq!(read_line("osrm", "_p~iF~ps|U", 5).unwrap(), [LatLng::new(38.5, -120.2).unwrap()]);
        assert!(read_line("osrm", "abc", 6).is_err());
    }
}
