//! The hierarchy against the plain search on real roads.

use std::path::Path;

use routemate_roads::{Graph, Leg, Profile, Snap, build};
use routemate_units::{LatLng, StopToken};

use crate::shared::extract;

/// So many pairs of places all over a map, as cells of a table and as routes.
fn check(extract: &Path) {
    const PLACES: usize = 100;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("map.roads");
    let report = build(&[extract.to_owned()], Profile::Car, &path, &|_| {}).unwrap();
    assert!(report.shortcuts > report.edges / 2, "{report:?}");
    let graph = Graph::open(&path).unwrap();
    let (from, to) = (scattered(&graph, PLACES, 1), scattered(&graph, PLACES, 2));
    let stop = StopToken::never();
    let expected = graph.reference_table(&from, &to, &stop).unwrap();
    let found = graph.table(&from, &to, &stop).unwrap();
    assert_eq!(found, expected);
    let mut reached = 0;
    for (row, start) in from.iter().enumerate() {
        for (column, end) in to.iter().enumerate() {
            // Two places alone may stand on other roads than the same two among many.
            let pair = graph.table(&[*start], &[*end], &stop).unwrap().leg(0, 0);
            let path = graph.path(&[*start, *end], &stop).ok();
            let leg: Option<Leg> = path.and_then(|path| path.legs().first().map(|leg| leg.leg()));
            assert_eq!(leg, pair, "{row} to {column}");
            reached += usize::from(expected.leg(row, column).is_some());
        }
    }
    assert!(reached > PLACES * PLACES / 2, "{reached} ways");
}

/// Places all over the map, always the same.
fn scattered(graph: &Graph, count: usize, seed: u64) -> Vec<Snap> {
    let bounds = graph.bounds();
    let (south_west, north_east) = (bounds.south_west, bounds.north_east);
    let mut state = seed;
    let mut share = || {
        // Knuth's MMIX generator; the high bits are the random ones.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut within = |from: f64, to: f64| from + (to - from) * share();
    let positions = (0..count).map(|_| {
        LatLng::new(within(south_west.lat(), north_east.lat()), within(south_west.lng(), north_east.lng())).unwrap()
    });
    positions.map(|at| graph.snap_within(at, 1e9).unwrap()).collect()
}

#[test]
fn ten_thousand_ways_in_helsinki_are_those_of_the_plain_search() {
    check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo/helsinki_centre.osm.pbf"));
}

#[test]
fn ten_thousand_ways_in_newport_are_those_of_the_plain_search() {
    if let Some(extract) = extract("newport.osm.pbf") {
        check(&extract);
    }
}

#[test]
fn ten_thousand_ways_in_milan_are_those_of_the_plain_search() {
    if let Some(extract) = extract("milan.osm.pbf") {
        check(&extract);
    }
}
