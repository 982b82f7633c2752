use crate::rules::node::{Obstacle, Towards, Wait};
use crate::rules::turn::Turn;
use crate::rules::way::WayDrive;
use crate::rules::{BICYCLE, CAR, Side};

fn ride(tags: &[(&str, &str)]) -> Option<WayDrive> {
    BICYCLE.way(&tags.iter().copied().collect())
}

/// Speeds forward and backward; zero where closed.
#[track_caller]
fn check(tags: &[(&str, &str)], expected: [f64; 2]) {
    let way = ride(tags);
    let found = [way.and_then(|way| way.forward), way.and_then(|way| way.backward)]
        .map(|drive| drive.map_or(0.0, |drive| drive.speed_kmh));
    let same = found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-9);
    assert!(same, "{tags:?}: {found:?}");
}

const RIDDEN: [f64; 2] = [15.0, 15.0];
const PUSHED: [f64; 2] = [4.0, 4.0];
const CLOSED: [f64; 2] = [0.0, 0.0];

#[test]
fn streets_and_cycleways_are_ridden() {
    for class in ["cycleway", "residential", "primary", "living_street", "service"] {
        check(&[("highway", class)], RIDDEN);
    }
    check(&[("highway", "path")], [13.0, 13.0]);
    check(&[("highway", "track")], [12.0, 12.0]);
    check(&[("highway", "motorway")], CLOSED);
    check(&[("highway", "trunk")], CLOSED);
    check(&[("highway", "trunk"), ("bicycle", "yes")], RIDDEN);
    check(&[("highway", "primary"), ("motorroad", "yes")], CLOSED);
    check(&[("highway", "bridleway")], CLOSED);
    check(&[("highway", "bridleway"), ("bicycle", "yes")], RIDDEN);
}

#[test]
fn ways_for_walkers_are_pushed_along_unless_cyclists_are_welcome() {
    check(&[("highway", "footway")], PUSHED);
    check(&[("highway", "pedestrian"), ("area", "yes")], PUSHED);
    check(&[("highway", "footway"), ("bicycle", "yes")], [12.0, 12.0]);
    check(&[("highway", "footway"), ("bicycle", "designated")], [12.0, 12.0]);
    check(&[("highway", "footway"), ("bicycle", "no")], PUSHED);
    check(&[("highway", "footway"), ("foot", "no")], CLOSED);
    check(&[("highway", "footway"), ("access", "no")], CLOSED);
    check(&[("highway", "footway"), ("access", "no"), ("foot", "yes")], PUSHED);
    check(&[("highway", "pedestrian"), ("vehicle", "no")], PUSHED);
    check(&[("highway", "footway"), ("oneway", "yes")], PUSHED);
}

#[test]
fn steps_are_walked_slowly_and_never_ridden() {
    check(&[("highway", "steps")], [2.0, 2.0]);
    check(&[("highway", "steps"), ("bicycle", "yes")], [2.0, 2.0]);
    check(&[("highway", "steps"), ("foot", "no")], CLOSED);
}

#[test]
fn cyclists_go_by_their_own_access_first() {
    check(&[("highway", "residential"), ("motor_vehicle", "no")], RIDDEN);
    check(&[("highway", "residential"), ("access", "no"), ("bicycle", "yes")], RIDDEN);
    check(&[("highway", "residential"), ("vehicle", "no"), ("bicycle", "permissive")], RIDDEN);
    check(&[("highway", "residential"), ("bicycle", "no")], CLOSED);
    check(&[("highway", "primary"), ("bicycle", "use_sidepath")], CLOSED);
    check(&[("highway", "primary"), ("bicycle", "optional_sidepath")], RIDDEN);
    check(&[("highway", "primary"), ("bicycle:backward", "use_sidepath")], [15.0, 0.0]);
    check(&[("highway", "residential"), ("access", "no")], CLOSED);
    // Closed to vehicles, not to walkers.
    check(&[("highway", "track"), ("vehicle", "agricultural")], PUSHED);
    check(&[("highway", "residential"), ("vehicle", "no"), ("foot", "no")], CLOSED);
}

#[test]
fn private_ways_lead_to_customers() {
    for class in ["service", "residential", "path", "cycleway", "footway"] {
        let way = ride(&[("highway", class), ("access", "private")]).unwrap();
        assert!(way.forward.is_some_and(|drive| drive.is_restricted), "{class}");
    }
}

#[test]
fn dismounting_is_walking_whatever_the_class() {
    check(&[("highway", "cycleway"), ("bicycle", "dismount")], PUSHED);
    check(&[("highway", "primary"), ("bicycle", "dismount"), ("oneway", "yes")], PUSHED);
}

#[test]
fn one_way_streets_are_ridden_one_way_and_walked_the_other() {
    check(&[("highway", "residential"), ("oneway", "yes")], [15.0, 4.0]);
    check(&[("highway", "residential"), ("oneway", "-1")], [4.0, 15.0]);
    check(&[("highway", "residential"), ("oneway", "yes"), ("foot", "no")], [15.0, 0.0]);
    check(&[("highway", "residential"), ("oneway", "yes"), ("oneway:bicycle", "no")], RIDDEN);
    check(&[("highway", "cycleway"), ("oneway:bicycle", "yes")], [15.0, 4.0]);
    check(&[("highway", "tertiary"), ("junction", "roundabout")], [15.0, 0.0]);
    check(&[("highway", "cycleway"), ("junction", "roundabout")], [15.0, 0.0]);
    // A limit for motor vehicles alone.
    check(&[("highway", "residential"), ("oneway:motor_vehicle", "yes")], RIDDEN);
}

#[test]
fn cycleways_against_the_traffic_open_one_way_streets() {
    let street = [("highway", "residential"), ("oneway", "yes")];
    let with = |tags: &[(&'static str, &'static str)]| [&street[..], tags].concat();
    check(&with(&[("cycleway", "opposite")]), RIDDEN);
    check(&with(&[("cycleway", "opposite_lane")]), RIDDEN);
    check(&with(&[("cycleway:left", "opposite_track")]), RIDDEN);
    check(&with(&[("cycleway:left", "lane"), ("cycleway:left:oneway", "-1")]), RIDDEN);
    check(&with(&[("cycleway:right", "track"), ("cycleway:right:oneway", "no")]), RIDDEN);
    check(&with(&[("cycleway:right", "lane")]), [15.0, 4.0]);
    check(&with(&[("cycleway", "opposite"), ("oneway:bicycle", "yes")]), [15.0, 4.0]);
    check(&[("highway", "residential"), ("oneway", "-1"), ("cycleway", "opposite_lane")], RIDDEN);
}

#[test]
fn ground_and_limits_slow_down_and_speed_nothing_up() {
    check(&[("highway", "residential"), ("surface", "sett")], [9.0, 9.0]);
    check(&[("highway", "residential"), ("surface", "asphalt")], RIDDEN);
    check(&[("highway", "residential"), ("maxspeed", "10")], [10.0, 10.0]);
    check(&[("highway", "residential"), ("maxspeed", "50")], RIDDEN);
    check(&[("highway", "living_street"), ("maxspeed", "7")], [7.0, 7.0]);
    check(&[("highway", "track"), ("tracktype", "grade5")], [6.0, 6.0]);
    check(&[("highway", "path"), ("surface", "sand")], [3.0, 3.0]);
    check(&[("highway", "path"), ("smoothness", "impassable")], CLOSED);
    check(&[("highway", "path"), ("mtb:scale", "2")], [5.0, 5.0]);
    check(&[("highway", "path"), ("sac_scale", "alpine_hiking")], CLOSED);
    check(&[("highway", "path"), ("sac_scale", "hiking")], [13.0, 13.0]);
    check(&[("highway", "footway"), ("surface", "mud")], [3.0, 3.0]);
}

#[test]
fn ferries_carry_bicycles_unless_they_say_no() {
    let ferry = ride(&[("route", "ferry"), ("duration", "00:20")]).unwrap();
    assert!(ferry.is_ferry && !ferry.is_start);
    assert_eq!(ferry.duration_s, Some(1200.0));
    check(&[("route", "ferry"), ("motor_vehicle", "no")], [5.0, 5.0]);
    check(&[("route", "ferry"), ("bicycle", "no")], CLOSED);
    check(&[("route", "ferry"), ("bicycle", "no"), ("foot", "yes")], CLOSED);
}

#[test]
fn traffic_weighs_a_little_and_lanes_take_it_off() {
    let rate = |tags: &[(&str, &str)]| {
        let drive = ride(tags).unwrap().forward.unwrap();
        drive.rate_kmh / drive.speed_kmh
    };
    let primary = rate(&[("highway", "primary")]);
    assert!((0.8..1.0).contains(&primary), "{primary}");
    assert!((rate(&[("highway", "primary"), ("cycleway:right", "lane")]) - 1.0).abs() < 1e-9);
    assert!(rate(&[("highway", "primary"), ("cycleway", "separate")]) < primary);
    assert!((rate(&[("highway", "residential")]) - 1.0).abs() < 1e-9);
    assert!((rate(&[("highway", "residential"), ("width", "3"), ("lanes", "1")]) - 1.0).abs() < 1e-9);
}

#[test]
fn wide_boxes_need_wide_gaps() {
    check(&[("highway", "cycleway"), ("maxwidth:physical", "0.7")], PUSHED);
    check(&[("highway", "cycleway"), ("maxwidth:physical", "1")], RIDDEN);
}

#[test]
fn bollards_let_bicycles_through_and_stiles_do_not() {
    let node = |tags: &[(&str, &str)]| BICYCLE.node(&tags.iter().copied().collect());
    let waits = |seconds| [Some(Obstacle::Wait { kind: Wait::Gate, towards: Towards::Both, seconds }), None];
    let barrier = [Some(Obstacle::Barrier), None];
    for open in ["bollard", "cycle_barrier", "block", "kerb", "cattle_grid"] {
        assert_eq!(node(&[("barrier", open)]), [None, None], "{open}");
    }
    for closed in ["stile", "fence", "wall", "turnstile", "full-height_turnstile"] {
        assert_eq!(node(&[("barrier", closed)]), barrier, "{closed}");
    }
    assert_eq!(node(&[("barrier", "gate")]), waits(15.0));
    assert_eq!(node(&[("barrier", "gate"), ("bicycle", "no")]), barrier);
    assert_eq!(node(&[("barrier", "bollard"), ("motor_vehicle", "no")]), [None, None]);
}

#[test]
fn turn_restrictions_leave_out_bicycles_where_they_say_so() {
    let check = |tags: &[(&str, &str)], expected| {
        assert_eq!(BICYCLE.restriction(&tags.iter().copied().collect()), expected, "{tags:?}");
    };
    check(&[("restriction", "no_left_turn")], Some(false));
    check(&[("restriction", "no_left_turn"), ("except", "psv;bicycle")], None);
    check(&[("restriction:bicycle", "no_left_turn")], Some(false));
    check(&[("restriction:motor_vehicle", "no_left_turn")], None);
    check(&[("restriction:hgv", "no_left_turn")], None);
}

#[test]
fn turning_a_bicycle_is_cheap_right_round_too() {
    for angle in [-90.0, 45.0, 90.0, 180.0] {
        let turn = Turn {
            angle,
            roads: 4,
            is_u_turn: angle == 180.0,
            changes_mode: false,
            touches_roundabout: false,
            enters_restricted: false,
            side: Side::Right,
            waits_s: 0.0,
        };
        let [bicycle, car] = [&BICYCLE, &CAR].map(|rules| rules.turn(&turn).duration_ds);
        assert!(bicycle < car && bicycle <= 70, "{angle}: {bicycle}");
    }
}
