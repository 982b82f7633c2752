use futures_util::future::BoxFuture;
use routemate_units::{LatLng, Meters, Seconds, StopToken, VehicleKind};

use crate::error::TravelError;
use crate::matrix::Matrix;
use crate::path::{Leg, TravelPath};
use crate::port::{Quality, TravelMatrix};

/// How much longer roads are than the great circle.
///
/// Source: R. H. Ballou, H. Rahardja, N. Sakai, "Selected country circuity factors for road travel distance
/// estimation", Transportation Research Part A 36 (2002) 843–848, where most countries lie between about 1.2 and 1.5;
/// 1.3 is a round number in their middle. Islands, fjords and mountains are worse: that is why the answer is called an
/// estimate.
const DETOUR: f64 = 1.3;

/// The speed of each further stretch of a trip: up to so many metres of road, at so many metres per second.
///
/// The first and last kilometres of a trip are streets, and only a longer trip is worth the way to a faster road: 30
/// km/h over the first 5 km, 50 km/h up to 25 km, 80 km/h beyond. Chosen here, not taken from a source; the average
/// speed so climbs from 30 km/h in town towards 80 km/h. Stretches that only get faster make the duration a concave
/// function of the distance, and therefore no detour over a third point is ever quicker than the direct way.
///
/// Lorries are a little slower in town and kept to 70 km/h beyond; bicycles have one speed, 16 km/h.
const fn stretches(vehicle: VehicleKind) -> [(f64, f64); 3] {
    let [first, second, rest] = match vehicle {
        VehicleKind::Car => [30.0, 50.0, 80.0],
        VehicleKind::Truck => [27.0, 45.0, 70.0],
        VehicleKind::Bicycle => [16.0; 3],
    };
    [(5_000.0, first / 3.6), (25_000.0, second / 3.6), (f64::INFINITY, rest / 3.6)]
}

/// Travel without a road network: the great circle, lengthened by a usual detour, at speeds that grow with distance.
///
/// Deterministic and the same in both directions. Zero for equal positions; any distance counts as at least 1 m and 1
/// s, because both are rounded up, which also carries the triangle inequality through rounding. Right across the
/// antimeridian. The geometry of a path is the points themselves, nothing in between.
///
/// Always [`Quality::Estimated`]. Cost: O(n²) in points, about 1 ms for 200 and 25 ms for 1000, on the calling task
/// without awaiting.
#[derive(Debug, Clone, Copy, Default)]
pub struct GreatCircleEstimate;

impl GreatCircleEstimate {
    fn matrix_now(points: &[LatLng], vehicle: VehicleKind, stop: &StopToken) -> Result<Matrix, TravelError> {
        let rows = points.iter().enumerate().take_while(|_| !stop.is_stopped());
        let legs = rows.flat_map(|(row, &from)| points.iter().skip(row + 1).map(move |&to| leg(from, to, vehicle)));
        Matrix::symmetric(points.len(), Quality::Estimated, legs).ok_or(TravelError::Stopped)
    }
}

impl TravelMatrix for GreatCircleEstimate {
    fn name(&self) -> &'static str {
        "estimate"
    }

    fn matrix<'a>(
        &'a self,
        points: &'a [LatLng],
        vehicle: VehicleKind,
        stop: &'a StopToken,
    ) -> BoxFuture<'a, Result<Matrix, TravelError>> {
        Box::pin(async move { Self::matrix_now(points, vehicle, stop) })
    }

    fn path<'a>(
        &'a self,
        points: &'a [LatLng],
        vehicle: VehicleKind,
        _stop: &'a StopToken,
    ) -> BoxFuture<'a, Result<TravelPath, TravelError>> {
        Box::pin(async move {
            let legs = points.iter().zip(points.iter().skip(1)).map(|(&from, &to)| leg(from, to, vehicle)).collect();
            Ok(TravelPath { legs, geometry: points.to_vec(), quality: Quality::Estimated, attribution: None })
        })
    }
}

fn leg(from: LatLng, to: LatLng, vehicle: VehicleKind) -> Leg {
    let distance_m = from.haversine_m(to) * DETOUR;
    Leg {
        duration: Seconds::from_f64(duration_s(distance_m, vehicle).ceil()),
        distance: Meters::from_f64(distance_m.ceil()),
    }
}

fn duration_s(distance_m: f64, vehicle: VehicleKind) -> f64 {
    let mut duration = 0.0;
    let mut driven = 0.0;
    for (until, speed) in stretches(vehicle) {
        let end = distance_m.min(until);
        duration += (end - driven).max(0.0) / speed;
        driven = until;
    }
    duration
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use proptest::prelude::*;

    use super::*;

    fn at(lat: f64, lng: f64) -> LatLng {
        LatLng::new(lat, lng).unwrap()
    }

    fn matrix(points: &[LatLng]) -> Result<Matrix, TravelError> {
        GreatCircleEstimate.matrix(points, VehicleKind::Car, &StopToken::never()).now_or_never().unwrap()
    }

    fn path(points: &[LatLng]) -> TravelPath {
        GreatCircleEstimate.path(points, VehicleKind::Car, &StopToken::never()).now_or_never().unwrap().unwrap()
    }

    #[track_caller]
    fn check_duration(distance_m: f64, expected_s: f64) {
        assert!(
            (duration_s(distance_m, VehicleKind::Car) - expected_s).abs() < 1e-6,
            "{}",
            duration_s(distance_m, VehicleKind::Car)
        );
    }

    #[test]
    fn trip_is_slow_in_town_and_faster_the_longer_it_is() {
        check_duration(0.0, 0.0);
        check_duration(1_000.0, 120.0);
        check_duration(5_000.0, 600.0);
        check_duration(15_000.0, 600.0 + 720.0);
        check_duration(25_000.0, 600.0 + 1440.0);
        check_duration(105_000.0, 600.0 + 1440.0 + 3600.0);
    }

    #[test]
    fn bicycles_and_trucks_take_longer() {
        assert!((duration_s(16_000.0, VehicleKind::Bicycle) - 3600.0).abs() < 1e-6);
        for distance_m in [1_000.0, 10_000.0, 100_000.0] {
            assert!(duration_s(distance_m, VehicleKind::Truck) > duration_s(distance_m, VehicleKind::Car));
        }
        let (from, to) = (at(0.0, 0.0), at(0.0, 1.0));
        assert_eq!(leg(from, to, VehicleKind::Bicycle).distance, leg(from, to, VehicleKind::Car).distance);
    }

    #[test]
    fn distance_is_the_great_circle_times_the_detour() {
        // One degree along the equator is 111 195.08 m on the mean sphere.
        assert_eq!(leg(at(0.0, 0.0), at(0.0, 1.0), VehicleKind::Car).distance, Meters::new(144_554));
    }

    #[test]
    fn the_same_place_is_no_way_at_all() -> Result<(), TravelError> {
        let twice = [at(60.17, 24.94), at(60.17, 24.94)];
        let nothing = Leg { duration: Seconds::ZERO, distance: Meters::ZERO };
        let matrix = matrix(&twice)?;
        assert!((0..2).all(|from| (0..2).all(|to| matrix.leg(from, to) == Some(nothing))));
        assert_eq!(path(&twice).legs, [nothing]);
        Ok(())
    }

    #[test]
    fn both_sides_of_the_antimeridian_are_near() {
        assert!(leg(at(-17.0, 179.99), at(-17.0, -179.99), VehicleKind::Car).distance < Meters::new(3_000));
    }

    #[test]
    fn path_goes_through_the_points_as_given_with_the_legs_of_the_matrix() -> Result<(), TravelError> {
        let points = [at(60.17, 24.94), at(60.20, 24.93), at(61.50, 23.76), at(60.17, 24.94)];
        let (path, matrix) = (path(&points), matrix(&points)?);
        assert_eq!(path.geometry, points);
        assert_eq!(path.quality, Quality::Estimated);
        assert_eq!(matrix.quality(), Quality::Estimated);
        let legs: Vec<_> = (0..3).filter_map(|from| matrix.leg(from, from + 1)).collect();
        assert_eq!(path.legs, legs);
        Ok(())
    }

    #[test]
    fn fewer_than_two_points_have_no_legs() -> Result<(), TravelError> {
        assert!(matrix(&[])?.is_empty());
        assert!(path(&[]).legs.is_empty());
        assert_eq!(matrix(&[at(1.0, 1.0)])?.leg(0, 0).map(|leg| leg.distance), Some(Meters::ZERO));
        assert!(path(&[at(1.0, 1.0)]).legs.is_empty());
        Ok(())
    }

    #[test]
    fn stopped_matrix_is_an_error_and_never_a_half_filled_one() {
        let stop = StopToken::never();
        stop.stop();
        let answer = GreatCircleEstimate.matrix(&[at(0.0, 0.0), at(0.0, 1.0)], VehicleKind::Car, &stop).now_or_never();
        assert!(matches!(answer, Some(Err(TravelError::Stopped))));
    }

    #[test]
    fn port_can_be_shared_as_a_trait_object() {
        let port: std::sync::Arc<dyn TravelMatrix> = std::sync::Arc::new(GreatCircleEstimate);
        let stop = StopToken::never();
        assert!(port.path(&[at(0.0, 0.0)], VehicleKind::Car, &stop).now_or_never().is_some_and(|path| path.is_ok()));
    }

    fn anywhere() -> impl Strategy<Value = LatLng> {
        (-90.0..=90.0, -180.0..=180.0).prop_map(|(lat, lng)| at(lat, lng))
    }

    fn in_town() -> impl Strategy<Value = LatLng> {
        (60.1..60.3, 24.8..25.1).prop_map(|(lat, lng)| at(lat, lng))
    }

    proptest! {
        #[test]
        fn farther_is_never_quicker(a in 0.0..3e7_f64, b in 0.0..3e7_f64) {
            let (nearer, farther) = (a.min(b), a.max(b));
            prop_assert!(duration_s(nearer, VehicleKind::Car) <= duration_s(farther, VehicleKind::Car));
        }

        #[test]
        fn different_places_take_time(a in in_town(), b in in_town()) {
            prop_assert_eq!(a == b, leg(a, b, VehicleKind::Car).duration == Seconds::ZERO);
            prop_assert_eq!(a == b, leg(a, b, VehicleKind::Car).distance == Meters::ZERO);
        }

        #[test]
        fn both_directions_are_the_same(a in anywhere(), b in anywhere()) {
            prop_assert_eq!(leg(a, b, VehicleKind::Car), leg(b, a, VehicleKind::Car));
        }

        #[test]
        fn detour_over_a_third_place_is_never_shorter_or_quicker(
            (a, b, c) in prop_oneof![(anywhere(), anywhere(), anywhere()), (in_town(), in_town(), in_town())],
        ) {
            let (direct, first, second) = (leg(a, c, VehicleKind::Car), leg(a, b, VehicleKind::Car), leg(b, c, VehicleKind::Car));
            prop_assert!(direct.distance <= first.distance.saturating_add(second.distance));
            prop_assert!(direct.duration <= first.duration.saturating_add(second.duration));
        }
    }
}
