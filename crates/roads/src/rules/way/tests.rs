use super::*;
use crate::rules::CAR;

fn drive(tags: &[(&str, &str)]) -> Option<WayDrive> {
    CAR.way(&tags.iter().copied().collect())
}

/// Speeds forward and backward; zero where closed.
#[track_caller]
fn check(tags: &[(&str, &str)], expected: [f64; 2]) {
    let way = drive(tags);
    let speed = |drive: Option<Drive>| drive.map_or(0.0, |drive| drive.speed_kmh);
    let found = [speed(way.and_then(|way| way.forward)), speed(way.and_then(|way| way.backward))];
    let same = found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-9);
    assert!(same, "{tags:?}: {found:?}");
}

#[test]
fn class_gives_the_speed_where_no_limit_does() {
    check(&[("highway", "residential")], [25.0, 25.0]);
    check(&[("highway", "motorway")], [90.0, 0.0]);
    check(&[("highway", "footway")], [0.0, 0.0]);
    check(&[("highway", "track"), ("motor_vehicle", "yes")], [10.0, 10.0]);
    check(&[("building", "yes")], [0.0, 0.0]);
}

#[test]
fn four_fifths_of_a_limit_are_driven() {
    check(&[("highway", "primary"), ("maxspeed", "50")], [40.0, 40.0]);
    check(&[("highway", "primary"), ("maxspeed", "30 mph")], [38.616, 38.616]);
    check(&[("highway", "primary"), ("maxspeed:forward", "50"), ("maxspeed", "70")], [40.0, 56.0]);
    check(&[("highway", "primary"), ("maxspeed", "70"), ("maxspeed:advisory", "40")], [32.0, 32.0]);
    check(&[("highway", "primary"), ("source:maxspeed", "RO:urban")], [40.0, 40.0]);
    check(&[("highway", "primary"), ("maxspeed:type", "GB:nsl_single")], [77.232, 77.232]);
    check(&[("highway", "primary"), ("maxspeed", "signals")], [65.0, 65.0]);
}

#[test]
fn bad_roads_are_driven_slower() {
    check(&[("highway", "primary"), ("surface", "gravel")], [40.0, 40.0]);
    check(&[("highway", "primary"), ("smoothness", "impassable")], [0.0, 0.0]);
    check(&[("highway", "track"), ("access", "yes"), ("tracktype", "grade5")], [10.0, 10.0]);
}

#[test]
fn most_specific_vehicle_decides_about_access() {
    check(&[("highway", "residential"), ("access", "no")], [0.0, 0.0]);
    check(&[("highway", "residential"), ("access", "no"), ("motorcar", "yes")], [25.0, 25.0]);
    check(&[("highway", "residential"), ("motor_vehicle:backward", "no")], [25.0, 0.0]);
    check(&[("highway", "residential"), ("access", "agricultural;destination")], [25.0, 25.0]);
    check(&[("highway", "track"), ("access", "private")], [0.0, 0.0]);
}

#[test]
fn restricted_roads_stay_usable_and_are_marked() {
    let way = drive(&[("highway", "service"), ("access", "private")]).unwrap();
    assert!(way.forward.is_some_and(|drive| drive.is_restricted));
    assert!(!way.is_start);
    let way = drive(&[("highway", "residential"), ("access", "destination")]).unwrap();
    assert!(way.backward.is_some_and(|drive| drive.is_restricted) && way.is_start);
    assert!(
        drive(&[("highway", "primary"), ("hov:lanes", "designated|designated")])
            .is_some_and(|way| way.forward.is_some_and(|drive| drive.is_restricted))
    );
}

#[test]
fn one_way_streets_in_all_their_spellings() {
    check(&[("highway", "residential"), ("oneway", "yes")], [25.0, 0.0]);
    check(&[("highway", "residential"), ("oneway", "-1")], [0.0, 25.0]);
    check(&[("highway", "residential"), ("junction", "roundabout")], [25.0, 0.0]);
    check(&[("highway", "residential"), ("junction", "roundabout"), ("oneway", "no")], [25.0, 25.0]);
    check(&[("highway", "residential"), ("oneway", "yes"), ("oneway:motorcar", "no")], [25.0, 25.0]);
    check(&[("highway", "motorway"), ("oneway", "no")], [90.0, 90.0]);
    check(&[("highway", "residential"), ("oneway", "reversible")], [0.0, 0.0]);
}

#[test]
fn roads_that_are_not_there_yet_are_not_driven() {
    check(&[("highway", "construction"), ("construction", "primary")], [0.0, 0.0]);
    check(&[("highway", "primary"), ("construction", "minor")], [65.0, 65.0]);
    check(&[("highway", "proposed"), ("access", "yes")], [0.0, 0.0]);
    check(&[("highway", "tertiary"), ("proposed", "secondary")], [40.0, 40.0]);
    check(&[("highway", "residential"), ("area", "yes")], [0.0, 0.0]);
}

#[test]
fn too_low_or_narrow_or_weak_is_closed() {
    check(&[("highway", "residential"), ("maxheight", "1.9")], [0.0, 0.0]);
    check(&[("highway", "residential"), ("maxheight", "default")], [25.0, 25.0]);
    check(&[("highway", "residential"), ("maxwidth", "6'")], [0.0, 0.0]);
    check(&[("highway", "residential"), ("maxweight", "3.5")], [25.0, 25.0]);
    check(&[("highway", "residential"), ("maxweight:forward", "1.5")], [0.0, 25.0]);
}

#[test]
fn ferries_take_the_time_they_say() {
    let ferry = drive(&[("route", "ferry"), ("duration", "00:20")]).unwrap();
    assert!(ferry.is_ferry && !ferry.is_start);
    assert_eq!(ferry.duration_s, Some(1200.0));
    check(&[("route", "ferry"), ("motor_vehicle", "no")], [0.0, 0.0]);
    check(&[("route", "bus")], [0.0, 0.0]);
    check(&[("highway", "primary"), ("bridge", "movable"), ("oneway", "yes")], [5.0, 0.0]);
}

#[track_caller]
fn check_rates(tags: &[(&str, &str)], expected: [f64; 2]) {
    let way = drive(tags).unwrap();
    let rate = |drive: Option<Drive>| drive.map_or(0.0, |drive| drive.rate_kmh / drive.speed_kmh);
    let found = [rate(way.forward), rate(way.backward)];
    assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-9), "{tags:?}: {found:?}");
}

#[test]
fn roads_that_are_no_joy_to_drive_weigh_more_than_their_time() {
    check_rates(&[("highway", "residential")], [1.0, 1.0]);
    check_rates(&[("highway", "service"), ("service", "driveway")], [0.5, 0.5]);
    check_rates(&[("highway", "residential"), ("width", "3")], [0.5, 0.5]);
    check_rates(&[("highway", "residential"), ("width", "3.5 m")], [0.6, 0.6]);
    check_rates(&[("highway", "residential"), ("width", "3"), ("oneway", "yes")], [1.0, 0.0]);
    check_rates(&[("highway", "residential"), ("lanes", "1")], [0.5, 0.5]);
    check_rates(&[("highway", "residential"), ("lane_markings", "no")], [0.75, 0.75]);
    check_rates(&[("highway", "residential"), ("oneway", "alternating")], [0.4, 0.4]);
    check_rates(&[("highway", "residential"), ("priority", "forward")], [1.0, 0.7]);
}
