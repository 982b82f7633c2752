//! What the adapters to servers share in writing and reading positions.

use routemate_units::LatLng;

use crate::error::TravelError;

/// The words that the licence of OpenStreetMap's data wants shown.
pub(crate) const OSM: &str = "© OpenStreetMap contributors";

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
