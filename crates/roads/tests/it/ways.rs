use proptest::prelude::*;
use routemate_roads::{Graph, RouteError, Snap};
use routemate_units::{LatLng, StopToken};

use crate::shared::{helsinki, sydney};

fn at(lat: f64, lng: f64) -> LatLng {
    LatLng::new(lat, lng).unwrap()
}

fn in_helsinki() -> impl Strategy<Value = LatLng> {
    (60.164..60.179, 24.935..24.953).prop_map(|(lat, lng)| at(lat, lng))
}

fn snaps(graph: &Graph, positions: &[LatLng]) -> Vec<Snap> {
    positions.iter().map(|at| graph.snap(*at).unwrap()).collect()
}

#[test]
fn no_road_is_found_on_the_other_side_of_the_world() {
    let Some(built) = sydney() else { return };
    for (lat, lng) in [(90.0, 0.0), (-90.0, 180.0), (0.0, 180.0), (0.0, -180.0), (33.9, -28.8), (60.17, 24.94)] {
        let error = built.graph.snap(at(lat, lng)).unwrap_err();
        assert_eq!(error.at, at(lat, lng));
        let far = built.graph.snap_within(at(lat, lng), 1e9).unwrap();
        assert!(far.distance_m() > 1e5);
    }
}

#[test]
fn way_to_itself_is_none() {
    let Some(built) = helsinki() else { return };
    let here = built.graph.snap(at(60.17, 24.943)).unwrap();
    let path = built.graph.path(&[here, here], &StopToken::never()).unwrap();
    assert_eq!((path.duration().get(), path.distance().get()), (0, 0));
    assert_eq!(path.geometry().len(), 1);
    assert!(built.graph.path(&[here], &StopToken::never()).unwrap().legs().is_empty());
    assert!(built.graph.path(&[], &StopToken::never()).unwrap().geometry().is_empty());
    assert_eq!(built.graph.matrix(&[], &StopToken::never()).unwrap().rows(), 0);
}

#[test]
fn streets_have_their_names() {
    let Some(built) = helsinki() else { return };
    let path = built
        .graph
        .path(&snaps(&built.graph, &[at(60.1699, 24.9384), at(60.1756, 24.9507)]), &StopToken::never())
        .unwrap();
    let streets = path.legs()[0].streets();
    assert!(streets.iter().any(|street| !street.name.is_empty()), "{streets:?}");
    let length: f64 = streets.iter().map(|street| street.length_m).sum();
    assert!((length / path.legs()[0].leg().distance_m() - 1.0).abs() < 1e-3, "{length}");
}

#[test]
fn stopped_matrix_is_an_error() {
    let Some(built) = helsinki() else { return };
    let stop = StopToken::never();
    stop.stop();
    let snaps = snaps(&built.graph, &[at(60.17, 24.943), at(60.175, 24.95)]);
    let answer = built.graph.matrix(&snaps, &stop);
    assert!(matches!(answer, Err(RouteError::Stopped)), "{answer:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_cell_is_its_route(positions in prop::collection::vec(in_helsinki(), 2..5)) {
        let Some(built) = helsinki() else { return Ok(()) };
        let snaps = snaps(&built.graph, &positions);
        let matrix = built.graph.matrix(&snaps, &StopToken::never()).unwrap();
        let path = built.graph.path(&snaps, &StopToken::never());
        for (leg, number) in path.iter().flat_map(|path| path.legs()).zip(0..) {
            prop_assert_eq!(Some(leg.leg()), matrix.leg(number, number + 1));
        }
        prop_assert_eq!(path.is_ok(), (0..positions.len() - 1).all(|from| matrix.leg(from, from + 1).is_some()));
    }

    #[test]
    fn line_that_is_driven_is_as_long_as_the_distance(from in in_helsinki(), to in in_helsinki()) {
        let Some(built) = helsinki() else { return Ok(()) };
        let snaps = snaps(&built.graph, &[from, to]);
        let path = built.graph.path(&snaps, &StopToken::never()).unwrap();
        let line = path.geometry();
        let length: f64 = line.windows(2).map(|pair| pair[0].haversine_m(pair[1])).sum();
        let distance = path.legs()[0].leg().distance_m();
        // The sphere and the ellipsoid differ by up to 0.6 %.
        prop_assert!((length - distance).abs() <= 0.006 * distance + 0.5, "{} {}", length, distance);
        prop_assert!(line.first().is_some_and(|point| point.haversine_m(snaps[0].position()) < 500.0));
    }

    #[test]
    fn nothing_on_the_road_is_nearer_than_what_was_found(position in in_helsinki(), other in in_helsinki()) {
        let Some(built) = helsinki() else { return Ok(()) };
        let (here, there) = (built.graph.snap(position).unwrap(), built.graph.snap(other).unwrap());
        prop_assert!((position.haversine_m(here.position()) - here.distance_m()).abs() < 0.006 * here.distance_m() + 0.1);
        prop_assert!(here.distance_m() <= position.haversine_m(there.position()) * 1.006 + 0.1);
        let again = built.graph.snap(here.position()).unwrap();
        prop_assert!(again.distance_m() < 0.1);
    }
}
