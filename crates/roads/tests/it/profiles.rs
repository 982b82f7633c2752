//! One map, three kinds of vehicle: each takes the way that is its own.

use routemate_roads::{Graph, Profile};
use routemate_units::{LatLng, StopToken};

use crate::drawn::Drawing;
use crate::shared::{drawn, extract};

const LAT: f64 = 60.0;
const LNG: f64 = 22.0;

/// Metres and seconds between two positions that are given in thousandths of a degree.
fn leg(graph: &Graph, from: (f64, f64), to: (f64, f64)) -> Option<(f64, f64)> {
    let snaps = [from, to].map(|(north, east)| {
        graph.snap_within(LatLng::new(LAT + north / 1e3, LNG + east / 1e3).unwrap(), 30.0).unwrap()
    });
    let leg = graph.matrix(&snaps, &StopToken::never()).unwrap().leg(0, 1)?;
    Some((leg.distance_m(), leg.duration_s()))
}

#[track_caller]
fn check(drawing: &Drawing, from: (f64, f64), to: (f64, f64), expected_m: [Option<f64>; 3]) {
    for (profile, expected) in Profile::ALL.into_iter().zip(expected_m) {
        let found = leg(&drawn(drawing, profile), from, to).map(|(metres, _)| metres);
        let same = match (found, expected) {
            (Some(found), Some(expected)) => (found - expected).abs() < 2.0,
            _ => found == expected,
        };
        assert!(same, "{profile}: {found:?} rather than {expected:?}");
    }
}

/// A street of 558 m from west to east, between whose ends a way round leads 223 m north of it.
fn street_with_way_round(middle: &[(&str, &str)]) -> Drawing {
    let mut drawing = Drawing::default();
    let place = |drawing: &mut Drawing, north: f64, east: f64| drawing.node(LAT + north / 1e3, LNG + east / 1e3);
    let [west, fork, merge, east] = [0.0, 3.0, 7.0, 10.0].map(|east| place(&mut drawing, 0.0, east));
    let round = [3.0, 7.0].map(|east| place(&mut drawing, 2.0, east));
    let street = [("highway", "residential")];
    drawing.way(&[west, fork], &street);
    drawing.way(&[fork, merge], &[&street, middle].concat());
    drawing.way(&[merge, east], &street);
    drawing.way(&[&[fork], round.as_slice(), &[merge]].concat(), &street);
    drawing
}

const ENDS: [(f64, f64); 2] = [(0.0, 0.0), (0.0, 10.0)];
const STRAIGHT: Option<f64> = Some(558.0);
const ROUND: Option<f64> = Some(558.0 + 446.0);

#[test]
fn low_bridge_turns_back_lorries() {
    check(&street_with_way_round(&[("maxheight", "3.2")]), ENDS[0], ENDS[1], [STRAIGHT, ROUND, STRAIGHT]);
    check(&street_with_way_round(&[("hgv", "no")]), ENDS[0], ENDS[1], [STRAIGHT, ROUND, STRAIGHT]);
    check(&street_with_way_round(&[("maxweight", "3.5")]), ENDS[0], ENDS[1], [STRAIGHT, ROUND, STRAIGHT]);
    check(&street_with_way_round(&[("motorcar", "no")]), ENDS[0], ENDS[1], [ROUND, STRAIGHT, STRAIGHT]);
}

#[test]
fn bicycles_ride_where_cars_may_not() {
    check(&street_with_way_round(&[("motor_vehicle", "no")]), ENDS[0], ENDS[1], [ROUND, ROUND, STRAIGHT]);
    let contraflow = [("oneway", "-1"), ("cycleway", "opposite_lane")];
    check(&street_with_way_round(&contraflow), ENDS[0], ENDS[1], [ROUND, ROUND, STRAIGHT]);
    check(&street_with_way_round(&[("bicycle", "no")]), ENDS[0], ENDS[1], [STRAIGHT, STRAIGHT, ROUND]);
}

#[test]
fn bicycle_is_pushed_if_that_is_quicker_than_the_way_round() {
    // 223 m at a walk are 200 s, 669 m on the saddle 160 s.
    check(&street_with_way_round(&[("oneway", "-1")]), ENDS[0], ENDS[1], [ROUND, ROUND, ROUND]);
    let mut drawing = street_with_way_round(&[("oneway", "-1")]);
    drawing.street(&[(LAT + 0.01, LNG), (LAT + 0.01, LNG + 0.001)], &[("oneway", "-1"), ("cycleway", "no")]);
    let graph = drawn(&drawing, Profile::Bicycle);
    let (metres, seconds) = leg(&graph, (10.0, 0.0), (10.0, 1.0)).unwrap();
    assert!((metres - 55.8).abs() < 0.2 && (seconds - 50.2).abs() < 0.5, "{metres} m, {seconds} s");
    assert_eq!(leg(&drawn(&drawing, Profile::Car), (10.0, 0.0), (10.0, 1.0)), None);
}

/// A crossing of four streets of 111 and 56 m with a restriction on the turn from the south to the west.
fn crossing(tags: &[(&str, &str)]) -> Drawing {
    let mut drawing = Drawing::default();
    let place = |drawing: &mut Drawing, north: f64, east: f64| drawing.node(LAT + north / 1e3, LNG + east / 1e3);
    let middle = place(&mut drawing, 0.0, 0.0);
    let mut arm = |north, east| {
        let end = place(&mut drawing, north, east);
        drawing.way(&[middle, end], &[("highway", "residential")])
    };
    let (south, west) = (arm(-1.0, 0.0), arm(0.0, -1.0));
    arm(1.0, 0.0);
    arm(0.0, 1.0);
    let members = [("from", 1, south), ("via", 0, middle), ("to", 1, west)];
    drawing.relation(&members, &[&[("type", "restriction")], tags].concat());
    drawing
}

#[test]
fn turn_restrictions_hold_for_whom_they_are_meant() {
    let (from, to) = ((-0.5, 0.0), (0.0, -0.5));
    let left = Some(55.7 + 27.9);
    // To the nearest end of a street, there to turn round.
    let round = Some(55.7 + 2.0 * 55.8 + 27.9);
    check(&crossing(&[("restriction", "no_left_turn")]), from, to, [round; 3]);
    check(&crossing(&[("restriction", "no_left_turn"), ("except", "bicycle")]), from, to, [round, round, left]);
    check(&crossing(&[("restriction", "no_left_turn"), ("except", "hgv")]), from, to, [round, left, round]);
    check(&crossing(&[("restriction:hgv", "no_left_turn")]), from, to, [left, round, left]);
    check(&crossing(&[("restriction:bicycle", "no_left_turn")]), from, to, [left, left, round]);
}

#[test]
fn real_towns_are_connected_for_everybody() {
    let Some(extract) = extract("helsinki_centre.osm.pbf") else { return };
    let folder = tempfile::tempdir().unwrap();
    let positions: Vec<LatLng> = (0..5)
        .flat_map(|row| (0..5).map(move |column| (60.166 + 0.002 * f64::from(row), 24.937 + 0.003 * f64::from(column))))
        .map(|(lat, lng)| LatLng::new(lat, lng).unwrap())
        .collect();
    let mut totals = Vec::new();
    for profile in Profile::ALL {
        let path = folder.path().join(profile.file_name());
        routemate_roads::build(std::slice::from_ref(&extract), profile, &path, &|_| {}).unwrap();
        let graph = Graph::open(&path).unwrap();
        let snaps: Vec<_> = positions.iter().map(|at| graph.snap(*at).unwrap()).collect();
        let matrix = graph.matrix(&snaps, &StopToken::never()).unwrap();
        let cells = (0..25).flat_map(|from| (0..25).map(move |to| (from, to)));
        let legs: Option<Vec<_>> = cells.map(|(from, to)| matrix.leg(from, to)).collect();
        let legs = legs.unwrap_or_else(|| panic!("no way for the {profile}"));
        totals.push(
            legs.iter()
                .fold((0.0, 0.0), |(metres, seconds), leg| (metres + leg.distance_m(), seconds + leg.duration_s())),
        );
    }
    let [car, truck, bicycle] = totals[..] else { panic!() };
    assert!(truck.1 > car.1 && truck.0 > 0.95 * car.0, "{totals:?}");
    assert!(bicycle.0 < car.0, "bicycles take short cuts: {totals:?}");
}
