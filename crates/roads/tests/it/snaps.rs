//! Where positions come to lie on the road, on maps drawn for the purpose.

use routemate_roads::{Approach, Graph, Profile, Snap, SnapOptions};
use routemate_units::{LatLng, StopToken};

use crate::drawn::Drawing;
use crate::shared::drawn;

fn at(lat: f64, lng: f64) -> LatLng {
    LatLng::new(lat, lng).unwrap()
}

fn graph(drawing: &Drawing) -> Graph {
    drawn(drawing, Profile::Car)
}

#[track_caller]
fn distance_m(graph: &Graph, from: Snap, to: Snap) -> Option<f64> {
    let matrix = graph.matrix(&[from, to], &StopToken::never()).unwrap();
    let leg = matrix.leg(0, 1)?;
    let path = graph.path(&[from, to], &StopToken::never()).unwrap();
    assert_eq!(path.legs().first().map(|way| way.leg()), Some(leg));
    Some(leg.distance_m())
}

const ALL_ROUND: [f64; 6] = [-180.0, -90.0, -0.001, 0.0, 90.0, 180.0];

#[test]
fn poles_find_the_road_around_them() {
    for pole in [90.0, -90.0] {
        let mut drawing = Drawing::default();
        let lat = pole - 0.001 * f64::signum(pole);
        let ring: Vec<(f64, f64)> = (0..=36).map(|tenth| (lat, -180.0 + 10.0 * f64::from(tenth))).collect();
        drawing.street(&ring, &[]);
        let graph = graph(&drawing);
        for lng in ALL_ROUND {
            let snap = graph.snap(at(pole, lng)).unwrap();
            assert!((snap.distance_m() - 111.7).abs() < 0.5, "{pole} {lng}: {}", snap.distance_m());
            let below = graph.snap(at(pole - 0.002 * f64::signum(pole), lng)).unwrap();
            assert!((below.distance_m() - 111.7).abs() < 1.5, "{pole} {lng}: {}", below.distance_m());
        }
        let antipole = graph.snap_with(at(-pole, 0.0), &SnapOptions::new().with_radius(1e9)).unwrap();
        assert!(antipole.distance_m() > 1e7);
        assert!(graph.snap(at(-pole, 0.0)).is_err());
    }
}

#[test]
fn road_across_the_antimeridian_is_one_road() {
    let mut drawing = Drawing::default();
    drawing.street(&[(-17.0, 179.999), (-17.0, -179.999)], &[]);
    let graph = graph(&drawing);
    for lng in [180.0, -180.0, 179.9995, -179.9995] {
        let snap = graph.snap(at(-17.0, lng)).unwrap();
        assert!(snap.distance_m() < 0.01, "{lng}: {}", snap.distance_m());
        let aside = graph.snap(at(-17.001, lng)).unwrap();
        assert!((aside.distance_m() - 110.7).abs() < 0.5, "{lng}: {}", aside.distance_m());
    }
    let [west, east] = [179.9995, -179.9995].map(|lng| graph.snap(at(-17.0, lng)).unwrap());
    let across = distance_m(&graph, west, east).unwrap();
    assert!((across - 106.5).abs() < 0.5, "{across}");
}

#[test]
fn other_side_of_the_world_is_far_away() {
    // The short way round to one end is the other way than to the other end.
    for lng in [180.0, 90.0, -73.0, 0.0] {
        let wrapped = |lng: f64| if lng > 180.0 { lng - 360.0 } else { lng };
        let mut drawing = Drawing::default();
        drawing.street(&[(-17.0, lng - 0.001), (-17.0, wrapped(lng + 0.001))], &[]);
        let graph = graph(&drawing);
        let opposite = at(-17.0, wrapped(lng + 180.0));
        assert!(graph.snap(opposite).is_err(), "{lng}");
        let far = graph.snap_within(opposite, 1e9).unwrap();
        assert!(far.distance_m() > 1e7, "{lng}: {}", far.distance_m());
    }
}

#[test]
fn empty_sea_has_no_road() {
    let mut drawing = Drawing::default();
    drawing.blocks((60.0, 20.0), 2, 0.001);
    let graph = graph(&drawing);
    let sea = at(60.0, 20.1);
    let error = graph.snap(sea).unwrap_err();
    assert_eq!((error.at, error.radius_m, error.heading_degrees), (sea, Graph::SNAP_RADIUS_M, None));
    assert!(graph.snap_within(sea, 6_000.0).is_ok());
    for radius in [0.0, -1.0, f64::NAN, f64::NEG_INFINITY] {
        assert!(graph.snap_within(sea, radius).is_err(), "{radius}");
    }
    assert!(graph.snap_within(sea, f64::INFINITY).is_ok());
    assert!(graph.snap_within(at(60.0, 20.0005), 0.01).is_ok());
}

/// Two towns of streets, a lane that touches neither, and a hamlet far out.
fn archipelago() -> Graph {
    let mut drawing = Drawing::default();
    drawing.blocks((60.0, 20.0), 5, 0.001);
    // 700 m east of the first.
    drawing.blocks((60.0, 20.018), 4, 0.001);
    // 20 m south of the first.
    drawing.street(&[(59.9998, 20.0), (59.9998, 20.001)], &[]);
    // 2 km north of the first.
    drawing.street(&[(60.025, 20.0), (60.025, 20.002)], &[]);
    graph(&drawing)
}

#[test]
fn towns_without_a_way_between_stay_apart_and_whole() {
    let graph = archipelago();
    let points = [(60.0001, 20.0001), (60.0041, 20.0041), (60.0001, 20.0181), (60.0031, 20.0211)];
    let snaps = points.map(|(lat, lng)| graph.snap(at(lat, lng)).unwrap());
    let matrix = graph.matrix(&snaps, &StopToken::never()).unwrap();
    for from in 0..4 {
        for to in 0..4 {
            let is_together = from / 2 == to / 2;
            assert_eq!(matrix.leg(from, to).is_some(), is_together, "{from} {to}");
            if is_together && from != to {
                let apart = points[from].0 - points[to].0;
                assert!(matrix.leg(from, to).unwrap().distance_m() > apart.abs() * 111_000.0, "{from} {to}");
            }
        }
    }
    let rows = graph.table(&snaps[..2], &snaps[2..], &StopToken::never()).unwrap();
    assert!((0..2).all(|from| (0..2).all(|to| rows.leg(from, to).is_none())));
}

#[test]
fn lane_that_leads_nowhere_is_left_for_the_street_beside() {
    let graph = archipelago();
    let [lane, other_end] = [20.0002, 20.0008].map(|lng| graph.snap(at(59.9997, lng)).unwrap());
    let town = graph.snap(at(60.0031, 20.0031)).unwrap();
    assert!((lane.position().lat() - 59.9998).abs() < 1e-6, "{lane:?}");
    assert!(distance_m(&graph, lane, town).is_some() && distance_m(&graph, town, lane).is_some());
    // Among themselves they stay on the lane.
    assert!((distance_m(&graph, lane, other_end).unwrap() - 33.5).abs() < 0.5);
}

#[test]
fn hamlet_far_from_any_town_is_not_moved_there() {
    let graph = archipelago();
    let [one, other] = [20.0002, 20.0018].map(|lng| graph.snap(at(60.025, lng)).unwrap());
    let town = graph.snap(at(60.0031, 20.0031)).unwrap();
    let matrix = graph.matrix(&[one, other, town], &StopToken::never()).unwrap();
    assert!((matrix.leg(0, 1).unwrap().distance_m() - 89.3).abs() < 0.5, "{matrix:?}");
    assert!(matrix.leg(0, 2).is_none() && matrix.leg(2, 1).is_none());
    assert!(graph.path(&[one, town], &StopToken::never()).is_err());
}

#[test]
fn of_two_roads_equally_near_the_one_that_leads_on_is_taken() {
    for first in ["lane", "street"] {
        let mut drawing = Drawing::default();
        let lane = |drawing: &mut Drawing| {
            drawing.street(&[(59.999, 20.0), (59.999, 20.001)], &[]);
        };
        if first == "lane" {
            lane(&mut drawing);
        }
        drawing.blocks((60.0, 20.0), 3, 0.001);
        if first == "street" {
            lane(&mut drawing);
        }
        let graph = graph(&drawing);
        let middle = graph.snap(at(59.9995, 20.0005)).unwrap();
        assert!((middle.position().lat() - 60.0).abs() < 1e-6, "{first}: {middle:?}");
        assert!((middle.distance_m() - 55.7).abs() < 0.2);
    }
}

#[test]
fn place_on_a_junction_is_on_all_its_streets() {
    let mut drawing = Drawing::default();
    drawing.blocks((60.0, 20.0), 2, 0.001);
    let graph = graph(&drawing);
    let junction = graph.snap(at(60.001, 20.001)).unwrap();
    assert_eq!(junction.position(), at(60.001, 20.001));
    for (lat, lng, expected) in
        [(60.0015, 20.001, 55.7), (60.0005, 20.001, 55.7), (60.001, 20.0015, 27.9), (60.001, 20.0005, 27.9)]
    {
        let end = graph.snap(at(lat, lng)).unwrap();
        for (from, to) in [(junction, end), (end, junction)] {
            let found = distance_m(&graph, from, to).unwrap();
            assert!((found - expected).abs() < 0.2, "{lat} {lng}: {found}");
        }
    }
}

#[test]
fn one_way_street_is_gone_round_to_get_back() {
    let mut drawing = Drawing::default();
    let ring = [(60.0, 20.0), (60.0, 20.002), (60.001, 20.002), (60.001, 20.0), (60.0, 20.0)];
    let nodes: Vec<i64> = ring[..4].iter().map(|(lat, lng)| drawing.node(*lat, *lng)).collect();
    drawing.way(&[nodes[0], nodes[1], nodes[2], nodes[3], nodes[0]], &[("highway", "residential"), ("oneway", "yes")]);
    let graph = graph(&drawing);
    let [west, east] = [20.0005, 20.0015].map(|lng| graph.snap(at(60.0, lng)).unwrap());
    let (there, back) = (distance_m(&graph, west, east).unwrap(), distance_m(&graph, east, west).unwrap());
    assert!((there - 55.8).abs() < 0.2 && (there + back - 446.0).abs() < 1.0, "{there} {back}");
    // Neither the kerb nor the heading opens it the other way.
    let kerb = SnapOptions::new().with_approach(Approach::Kerb);
    for lat in [60.0001, 59.9999] {
        let [west, east] = [20.0005, 20.0015].map(|lng| graph.snap_with(at(lat, lng), &kerb).unwrap());
        assert!((distance_m(&graph, east, west).unwrap() - back).abs() < 0.2);
    }
    let east_only =
        |degrees| graph.snap_with(at(60.0, 20.0005), &SnapOptions::new().with_radius(50.0).with_heading(degrees, 20.0));
    assert!(east_only(90.0).is_ok() && east_only(-280.0).is_ok() && east_only(460.0).is_ok());
    let error = east_only(270.0).unwrap_err();
    assert!(error.to_string().starts_with("no road that is driven towards `270` degrees within `50` m"), "{error}");
    assert!(east_only(f64::NAN).is_err());
}

#[test]
fn inside_of_a_roundabout_leads_out_of_it() {
    let mut drawing = Drawing::default();
    let (lat, lng, radius) = (60.0, 20.0, 0.0002);
    let ring: Vec<i64> = (0..12)
        .map(|hour| {
            let (sin, cos) = (f64::from(hour) * std::f64::consts::TAU / 12.0).sin_cos();
            drawing.node(lat + radius * sin, lng + 2.0 * radius * cos)
        })
        .collect();
    let closed = [&ring[..], &ring[..1]].concat();
    drawing.way(&closed, &[("highway", "residential"), ("junction", "roundabout")]);
    for (hour, (lat, lng)) in [(0, (60.0, 20.003)), (3, (60.0015, 20.0)), (6, (60.0, 19.997)), (9, (59.9985, 20.0))] {
        let end = drawing.node(lat, lng);
        drawing.way(&[ring[hour], end], &[("highway", "residential")]);
    }
    let graph = graph(&drawing);
    let inside = graph.snap(at(lat, lng)).unwrap();
    assert!((inside.distance_m() - 22.3).abs() < 2.0, "{}", inside.distance_m());
    for (lat, lng) in [(60.0, 20.003), (60.0015, 20.0), (60.0, 19.997), (59.9985, 20.0)] {
        let end = graph.snap(at(lat, lng)).unwrap();
        let (out, back) = (distance_m(&graph, inside, end).unwrap(), distance_m(&graph, end, inside).unwrap());
        // Once round is 150 m.
        assert!(out < 300.0 && back < 300.0 && out + back > 290.0, "{out} {back}");
    }
}

#[test]
fn roads_without_length_do_no_harm() {
    let mut drawing = Drawing::default();
    // Two nodes at one position, twice; then a way that is nothing else.
    let twice = drawing.street(&[(60.0, 20.0), (60.0, 20.0), (60.0, 20.001), (60.0, 20.001), (60.0, 20.002)], &[]);
    let point = drawing.node(60.0, 20.002);
    drawing.way(&[twice[4], point], &[("highway", "residential")]);
    let [lone, twin] = [drawing.node(60.001, 20.0), drawing.node(60.001, 20.0)];
    drawing.way(&[lone, twin], &[("highway", "residential")]);
    let graph = graph(&drawing);
    for options in [
        SnapOptions::new(),
        SnapOptions::new().with_approach(Approach::Kerb),
        SnapOptions::new().with_heading(90.0, 45.0),
    ] {
        let ends = [20.0, 20.002].map(|lng| graph.snap_with(at(60.0, lng), &options).unwrap());
        assert!(ends.iter().all(|snap| snap.distance_m() < 0.01));
        assert!((distance_m(&graph, ends[0], ends[1]).unwrap() - 111.6).abs() < 0.2, "{options:?}");
    }
    let lone = graph.snap(at(60.001, 20.0)).unwrap();
    assert!(lone.distance_m() < 0.01);
    assert_eq!(distance_m(&graph, lone, lone), Some(0.0));
}

#[test]
fn heading_tells_one_carriageway_from_the_other() {
    let mut drawing = Drawing::default();
    let lower = drawing.street(&[(60.0, 20.0), (60.0, 20.01)], &[("oneway", "yes")]);
    let upper = drawing.street(&[(60.0002, 20.01), (60.0002, 20.0)], &[("oneway", "yes")]);
    drawing.way(&[lower[1], upper[0]], &[("highway", "residential")]);
    drawing.way(&[upper[1], lower[0]], &[("highway", "residential")]);
    let graph = graph(&drawing);
    let near_upper = at(60.00018, 20.005);
    let lat = |options: &SnapOptions| graph.snap_with(near_upper, options).unwrap().position().lat();
    assert!((lat(&SnapOptions::new()) - 60.0002).abs() < 1e-6);
    assert!((lat(&SnapOptions::new().with_heading(270.0, 30.0)) - 60.0002).abs() < 1e-6);
    assert!((lat(&SnapOptions::new().with_heading(90.0, 30.0)) - 60.0).abs() < 1e-6);
    assert!(graph.snap_with(near_upper, &SnapOptions::new().with_heading(90.0, 30.0).with_radius(5.0)).is_err());
    // North is only driven on the links at the ends.
    let north = graph.snap_with(near_upper, &SnapOptions::new().with_heading(0.0, 30.0)).unwrap();
    assert!(north.distance_m() > 200.0);
}

#[test]
fn vehicle_on_its_way_goes_on_before_it_turns_round() {
    let mut drawing = Drawing::default();
    drawing.street(&[(60.0, 20.0), (60.0, 20.01)], &[]);
    let graph = graph(&drawing);
    let goal = graph.snap(at(60.0, 20.001)).unwrap();
    let vehicle =
        |heading: f64| graph.snap_with(at(60.0, 20.005), &SnapOptions::new().with_heading(heading, 45.0)).unwrap();
    let west = distance_m(&graph, vehicle(270.0), goal).unwrap();
    let east = distance_m(&graph, vehicle(90.0), goal).unwrap();
    assert!((west - 223.1).abs() < 0.5 && (east - 781.0).abs() < 1.5, "{west} {east}");
}

/// A street from west to east with turning places at its ends, in a country of either side.
fn street_in(lat: f64, lng: f64) -> (Graph, impl Fn(f64, f64) -> LatLng) {
    let mut drawing = Drawing::default();
    drawing.street(&[(lat, lng), (lat, lng + 0.01)], &[]);
    (graph(&drawing), move |north, east| at(lat + north, lng + east))
}

#[test]
fn kerb_is_on_the_right_in_finland_and_on_the_left_in_wales() {
    for (lat, lng, is_left) in [(60.0, 22.0, false), (51.6, -3.0, true)] {
        let (graph, place) = street_in(lat, lng);
        let kerb = SnapOptions::new().with_approach(Approach::Kerb);
        let from = graph.snap(place(0.0, 0.001)).unwrap();
        let metre = distance_m(&graph, from, graph.snap(place(0.0, 0.002)).unwrap()).unwrap() / 0.001;
        for (north, options, is_near) in [
            (-0.0001, kerb, !is_left),
            (0.0001, kerb, is_left),
            (-0.0001, SnapOptions::new(), true),
            (0.0001, SnapOptions::new(), true),
            // In the middle of the road.
            (0.000_001, kerb, true),
        ] {
            let stop = graph.snap_with(place(north, 0.005), &options).unwrap();
            let expected = metre * if is_near { 0.004 } else { 0.009 + 0.005 };
            let found = distance_m(&graph, from, stop).unwrap();
            assert!((found - expected).abs() < 1.0, "{lat} {north}: {found} rather than {expected}");
            // Who stopped at the kerb leaves in the same direction.
            let back = distance_m(&graph, stop, from).unwrap();
            let expected = match (options == kerb && north.abs() > 0.000_05, is_near) {
                (false, _) | (true, false) => 0.004,
                (true, true) => 0.005 + 0.009,
            };
            assert!((back - metre * expected).abs() < 1.0, "{lat} {north}: {back} back");
        }
    }
}

#[test]
fn kerb_and_heading_together_keep_to_the_heading() {
    let (graph, place) = street_in(60.0, 22.0);
    let options = SnapOptions::new().with_heading(270.0, 30.0);
    let south = place(-0.0001, 0.005);
    let kerb = graph.snap_with(south, &options.with_approach(Approach::Kerb)).unwrap();
    assert_eq!(kerb, graph.snap_with(south, &options).unwrap());
}
