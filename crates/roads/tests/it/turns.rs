//! What turns cost on maps drawn for the purpose: seconds that a trip takes beyond its length.

use routemate_roads::{Graph, Profile, SnapOptions};
use routemate_units::{LatLng, StopToken};

use crate::drawn::Drawing;
use crate::shared::drawn;

/// A position so many metres east and north of a place in Milan.
fn metres(east: f64, north: f64) -> (f64, f64) {
    (45.0 + north / 111_131.8, 9.0 + east / 78_846.8)
}

/// Seconds that a trip along residential streets takes at their corners and signs.
#[track_caller]
fn lost_s(graph: &Graph, from: (f64, f64), to: (f64, f64)) -> f64 {
    let snaps = [from, to].map(|(east, north)| {
        let (lat, lng) = metres(east, north);
        graph.snap(LatLng::new(lat, lng).unwrap()).unwrap()
    });
    let matrix = graph.matrix(&snaps, &StopToken::never()).unwrap();
    let leg = matrix.leg(0, 1).unwrap();
    leg.duration_s() - leg.distance_m() / 25.0 * 3.6
}

fn line(drawing: &mut Drawing, positions: &[(f64, f64)]) -> Vec<i64> {
    positions
        .iter()
        .map(|&(east, north)| {
            let (lat, lng) = metres(east, north);
            drawing.node(lat, lng)
        })
        .collect()
}

const STREET: &[(&str, &str)] = &[("highway", "residential")];

#[track_caller]
fn check(found: f64, expected: f64) {
    assert!((found - expected).abs() < 0.35, "{found} rather than {expected}");
}

/// A street to the east and west, and one from its middle to the north that begins as drawn.
fn side_street(beginning: &[(f64, f64)]) -> Graph {
    let mut drawing = Drawing::default();
    let west = line(&mut drawing, &[(-100.0, 0.0)]);
    let corner = line(&mut drawing, &[(0.0, 0.0)]);
    let east = line(&mut drawing, &[(100.0, 0.0)]);
    let side = line(&mut drawing, beginning);
    drawing.way(&[west, corner.clone(), east].concat(), STREET);
    drawing.way(&[corner, side].concat(), STREET);
    drawn(&drawing, Profile::Car)
}

#[test]
fn left_turn_waits_for_those_who_come_towards() {
    let graph = side_street(&[(0.0, 100.0)]);
    check(lost_s(&graph, (-50.0, 0.0), (0.0, 50.0)), 7.3);
    check(lost_s(&graph, (50.0, 0.0), (0.0, 50.0)), 2.1);
    check(lost_s(&graph, (-50.0, 0.0), (50.0, 0.0)), 0.0);
}

#[test]
fn road_leads_where_it_goes_after_its_first_metres() {
    for beginning in [
        // A kink at the kerb, a step to the side, a rounded corner.
        &[(1.0, 1.5), (0.2, 8.0), (0.0, 100.0)][..],
        &[(2.5, 2.5), (2.5, 100.0)],
        &[(0.7, 2.0), (0.9, 5.0), (0.5, 20.0), (0.0, 100.0)],
    ] {
        let graph = side_street(beginning);
        check(lost_s(&graph, (-50.0, 0.0), (0.0, 60.0)), 7.3);
        check(lost_s(&graph, (50.0, 0.0), (0.0, 60.0)), 2.1);
    }
}

/// A street that splits into two carriageways to the west.
fn boulevard(names: [&str; 2]) -> Graph {
    let mut drawing = Drawing::default();
    let fork = line(&mut drawing, &[(0.0, 0.0)]);
    let east = line(&mut drawing, &[(200.0, 0.0)]);
    let away = line(&mut drawing, &[(-15.0, 5.0), (-200.0, 5.0)]);
    let back = line(&mut drawing, &[(-200.0, -5.0), (-15.0, -5.0)]);
    let [one, other] = names;
    drawing.way(&[fork.clone(), east].concat(), &[STREET, &[("name", one)]].concat());
    drawing.way(&[fork.clone(), away].concat(), &[STREET, &[("oneway", "yes"), ("name", one)]].concat());
    drawing.way(&[back, fork].concat(), &[STREET, &[("oneway", "yes"), ("name", other)]].concat());
    drawn(&drawing, Profile::Car)
}

#[test]
fn carriageways_of_one_street_are_one_road() {
    let boulevard_of_one_name = boulevard(["Corso", "Corso"]);
    // Straight on where they part, and a u-turn from one to the other.
    check(lost_s(&boulevard_of_one_name, (-100.0, -5.0), (100.0, 0.0)), 0.0);
    check(lost_s(&boulevard_of_one_name, (100.0, 0.0), (-100.0, 5.0)), 0.0);
    check(lost_s(&boulevard_of_one_name, (-100.0, -5.0), (-100.0, 5.0)), 27.4);
    // Two streets are two, and going back along the other is a sharp turn to the left.
    check(lost_s(&boulevard(["Corso", "Viale"]), (-100.0, -5.0), (-100.0, 5.0)), 9.5);
}

#[test]
fn signs_and_signals_between_junctions_take_their_time() {
    let mut drawing = Drawing::default();
    let street = line(&mut drawing, &[(0.0, 0.0)]);
    let (lat, lng) = metres(100.0, 0.0);
    let signals = drawing.tagged_node(lat, lng, &[("highway", "traffic_signals")]);
    let (lat, lng) = metres(150.0, 0.0);
    let sign = drawing.tagged_node(lat, lng, &[("highway", "give_way"), ("direction", "forward")]);
    let end = line(&mut drawing, &[(250.0, 0.0)]);
    drawing.way(&[street[0], signals, sign, end[0]], STREET);
    let graph = drawn(&drawing, Profile::Car);
    // One street, driven both ways, whatever stands there.
    assert_eq!(graph.edges(), 2);
    check(lost_s(&graph, (50.0, 0.0), (125.0, 0.0)), 2.0);
    check(lost_s(&graph, (50.0, 0.0), (200.0, 0.0)), 3.0);
    check(lost_s(&graph, (200.0, 0.0), (50.0, 0.0)), 2.0);
    check(lost_s(&graph, (110.0, 0.0), (140.0, 0.0)), 0.0);
}

#[test]
fn one_turns_round_where_there_is_room() {
    let turned_m = |tags: &[(&str, &str)]| {
        let mut drawing = Drawing::default();
        let start = line(&mut drawing, &[(-300.0, 0.0)]);
        let (lat, lng) = metres(0.0, 0.0);
        let middle = drawing.tagged_node(lat, lng, tags);
        let end = line(&mut drawing, &[(1000.0, 0.0)]);
        drawing.way(&[start[0], middle, end[0]], STREET);
        let graph = drawn(&drawing, Profile::Car);
        // On the way east, and back west.
        let snaps = [(-50.0, 90.0), (-60.0, 270.0)].map(|(east, heading)| {
            let (lat, lng) = metres(east, 0.0);
            let options = SnapOptions::new().with_heading(heading, 10.0);
            graph.snap_with(LatLng::new(lat, lng).unwrap(), &options).unwrap()
        });
        let matrix = graph.matrix(&snaps, &StopToken::never()).unwrap();
        matrix.leg(0, 1).unwrap().distance_m()
    };
    check(turned_m(&[("highway", "mini_roundabout")]), 110.0);
    check(turned_m(&[("highway", "turning_circle")]), 110.0);
    check(turned_m(&[("highway", "crossing")]), 2110.0);
}
