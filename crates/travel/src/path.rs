use routemate_units::{LatLng, Meters, Seconds};

use crate::port::Quality;

/// What it takes to drive from one point to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leg {
    /// Driving alone, without time at the stops.
    pub duration: Seconds,
    /// Along the way driven.
    pub distance: Meters,
}

/// The way through a list of points.
#[derive(Debug, Clone, PartialEq)]
pub struct TravelPath {
    /// One per pair of consecutive points, so one fewer than points; none for fewer than two points.
    pub legs: Vec<Leg>,
    /// The line to draw, from the first point to the last.
    pub geometry: Vec<LatLng>,
    /// How far it can be trusted.
    pub quality: Quality,
    /// The words that its data's licence wants shown, if any.
    pub attribution: Option<String>,
}

impl TravelPath {
    /// Driving time over all legs.
    #[must_use]
    pub fn duration(&self) -> Seconds {
        self.legs.iter().map(|leg| leg.duration).sum()
    }

    /// Driven distance over all legs.
    #[must_use]
    pub fn distance(&self) -> Meters {
        self.legs.iter().map(|leg| leg.distance).sum()
    }

    /// The geometry as a Google Encoded Polyline of precision 5 (about 1 m), latitude first; empty without geometry.
    ///
    /// The text may hold backslashes: whoever writes it into JSON escapes them.
    ///
    /// Source: Google, "Encoded Polyline Algorithm Format".
    #[must_use]
    pub fn polyline5(&self) -> String {
        // The crate's coordinates are x, y: longitude first.
        let coordinates = self.geometry.iter().map(|point| (point.lng(), point.lat()).into());
        #[expect(clippy::expect_used, reason = "fails only outside ±90, ±180, where no LatLng is")]
        polyline::encode_coordinates(coordinates, 5).expect("positions are in range")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(points: &[(f64, f64)]) -> TravelPath {
        let geometry = points.iter().map(|&(lat, lng)| LatLng::new(lat, lng).unwrap()).collect();
        TravelPath { legs: Vec::new(), geometry, quality: Quality::Estimated, attribution: None }
    }

    #[test]
    fn polyline_is_the_one_of_the_published_example() {
        let path = line(&[(38.5, -120.2), (40.7, -120.95), (43.252, -126.453)]);
        assert_eq!(path.polyline5(), "_p~iF~ps|U_ulLnnqC_mqNvxq`@");
    }

    #[test]
    fn path_without_geometry_has_an_empty_polyline() {
        assert_eq!(line(&[]).polyline5(), "");
    }

    #[test]
    fn corners_of_the_world_can_be_encoded() {
        let corners = [(90.0, 180.0), (-90.0, -180.0), (90.0, -180.0), (-90.0, 180.0)];
        assert_eq!(decoded(&line(&corners).polyline5()), corners);
    }

    #[test]
    fn totals_are_the_sums_over_the_legs() {
        let leg = |duration, distance| Leg { duration: Seconds::new(duration), distance: Meters::new(distance) };
        let path = TravelPath { legs: vec![leg(10, 100), leg(20, 300)], ..line(&[]) };
        assert_eq!((path.duration(), path.distance()), (Seconds::new(30), Meters::new(400)));
    }

    fn decoded(text: &str) -> Vec<(f64, f64)> {
        polyline::decode_polyline(text, 5).unwrap().into_iter().map(|coord| (coord.y, coord.x)).collect()
    }

    proptest! {
        #[test]
        fn decoding_gives_back_every_point_within_half_a_unit(
            points in prop::collection::vec((-90.0..=90.0, -180.0..=180.0), 0..20),
        ) {
            let back = decoded(&line(&points).polyline5());
            prop_assert_eq!(back.len(), points.len());
            for (back, point) in back.iter().zip(&points) {
                prop_assert!((back.0 - point.0).abs() <= 0.500_01e-5 && (back.1 - point.1).abs() <= 0.500_01e-5);
            }
        }
    }
}
