use crate::rules::TRUCK;
use crate::rules::node::Obstacle;
use crate::rules::turn::Turn;
use crate::rules::way::WayDrive;
use crate::rules::{CAR, Side};

fn drive(tags: &[(&str, &str)]) -> Option<WayDrive> {
    TRUCK.way(&tags.iter().copied().collect())
}

/// Speeds forward and backward; zero where closed.
#[track_caller]
fn check(tags: &[(&str, &str)], expected: [f64; 2]) {
    let way = drive(tags);
    let found = [way.and_then(|way| way.forward), way.and_then(|way| way.backward)]
        .map(|drive| drive.map_or(0.0, |drive| drive.speed_kmh));
    let same = found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-9);
    assert!(same, "{tags:?}: {found:?}");
}

/// Whether both directions are open, and for those who have business there only.
#[track_caller]
fn check_access(tags: &[(&str, &str)], expected: Option<bool>) {
    let way = drive(&[&[("highway", "residential")], tags].concat());
    let found = way.map(|way| {
        let [forward, backward] = [way.forward, way.backward].map(|drive| drive.expect("open both ways").is_restricted);
        assert_eq!(forward, backward, "{tags:?}");
        forward
    });
    assert_eq!(found, expected, "{tags:?}");
}

const OPEN: Option<bool> = Some(false);
const ON_BUSINESS: Option<bool> = Some(true);

#[test]
fn lorries_go_by_their_own_access_first() {
    check_access(&[], OPEN);
    check_access(&[("hgv", "no")], None);
    check_access(&[("hgv", "designated")], OPEN);
    check_access(&[("hgv", "destination")], ON_BUSINESS);
    check_access(&[("hgv", "delivery")], ON_BUSINESS);
    check_access(&[("hgv", "local")], ON_BUSINESS);
    check_access(&[("motor_vehicle", "no"), ("hgv", "delivery")], ON_BUSINESS);
    check_access(&[("motor_vehicle", "destination"), ("hgv", "yes")], OPEN);
    check_access(&[("access", "no"), ("motor_vehicle", "yes")], OPEN);
    check_access(&[("vehicle", "no")], None);
    // Of cars and vans only.
    check_access(&[("motorcar", "no")], OPEN);
    check_access(&[("goods", "no")], OPEN);
    check(&[("highway", "residential"), ("hgv:backward", "no")], [20.0, 0.0]);
}

#[test]
fn advice_against_lorries_is_weighed_not_obeyed() {
    let rate = |tags: &[(&str, &str)]| drive(tags).unwrap().forward.unwrap().rate_kmh;
    let open = rate(&[("highway", "tertiary")]);
    assert!(rate(&[("highway", "tertiary"), ("hgv", "discouraged")]) < 0.5 * open);
    assert!(rate(&[("highway", "tertiary"), ("hgv", "unsuitable")]) < 0.5 * open);
    check(&[("highway", "tertiary"), ("hgv", "unsuitable")], [35.0, 35.0]);
}

#[test]
fn bounds_below_its_size_close_a_road() {
    check_access(&[("maxheight", "3.9")], None);
    check_access(&[("maxheight", "4.0")], OPEN);
    check_access(&[("maxheight", "13'0\"")], None);
    check_access(&[("maxheight", "default")], OPEN);
    check_access(&[("maxheight", "below_default")], None);
    check_access(&[("maxheight:physical", "4.3"), ("maxheight", "3.8")], None);
    check_access(&[("maxwidth", "2.3")], None);
    check_access(&[("maxwidth", "2.55")], OPEN);
    check_access(&[("width", "2.5")], None);
    check_access(&[("width", "3.5")], OPEN);
    check_access(&[("maxlength", "10")], None);
    check_access(&[("maxlength:hgv", "11.5")], None);
    check_access(&[("maxlength", "12")], OPEN);
    check_access(&[("maxweight", "7.5")], None);
    check_access(&[("maxweight", "26")], OPEN);
    check_access(&[("maxweight", "40000 lbs")], OPEN);
    check_access(&[("maxweight", "36000 lbs")], None);
    check_access(&[("maxweightrating", "12")], None);
    check_access(&[("maxweightrating:hgv", "7.5")], None);
    check_access(&[("maxweight", "40"), ("maxweightrating:hgv", "7.5")], None);
    check_access(&[("maxaxleload", "8")], None);
    check_access(&[("maxaxleload", "11.5")], OPEN);
    check(&[("highway", "residential"), ("maxheight:forward", "3.5")], [0.0, 20.0]);
}

#[test]
fn bound_except_for_access_leaves_the_way_to_the_customer() {
    check_access(&[("maxweight", "7.5"), ("maxweight:conditional", "none @ destination")], ON_BUSINESS);
    check_access(&[("maxweightrating", "7.5"), ("maxweightrating:conditional", "none @ (delivery)")], ON_BUSINESS);
    check_access(
        &[("maxweightrating:hgv", "7.5"), ("maxweightrating:hgv:conditional", "none @ destination")],
        ON_BUSINESS,
    );
    check_access(&[("maxweight", "7.5"), ("maxweight:conditional", "12 @ (18:00-06:00)")], None);
    // A bridge does not grow for a customer.
    check_access(&[("maxweight", "7.5"), ("maxweight:conditional", "none @ destination"), ("maxheight", "3")], None);
}

#[test]
fn limits_for_lorries_go_before_those_for_all() {
    check(&[("highway", "primary"), ("maxspeed", "70"), ("maxspeed:hgv", "50")], [40.0, 40.0]);
    check(&[("highway", "primary"), ("maxspeed", "70"), ("maxspeed:hgv:backward", "50")], [56.0, 40.0]);
    check(&[("highway", "primary"), ("maxspeed", "40 mph"), ("maxspeed:hgv", "30 mph")], [38.616, 38.616]);
}

#[test]
fn kind_of_road_tells_a_lower_limit_than_its_sign() {
    check(&[("highway", "secondary"), ("maxspeed", "100"), ("source:maxspeed", "DE:rural")], [48.0, 48.0]);
    check(&[("highway", "secondary"), ("maxspeed", "50"), ("zone:traffic", "DE:rural")], [40.0, 40.0]);
    check(&[("highway", "trunk"), ("maxspeed", "60 mph"), ("maxspeed:type", "GB:nsl_single")], [64.36, 64.36]);
    check(&[("highway", "trunk"), ("maxspeed:type", "GB:nsl_dual")], [75.0, 75.0]);
    check(&[("highway", "primary"), ("maxspeed", "70"), ("source:maxspeed", "sign")], [56.0, 56.0]);
}

#[test]
fn no_limit_makes_a_lorry_fast() {
    check(&[("highway", "motorway"), ("maxspeed", "none")], [72.0, 0.0]);
    check(&[("highway", "motorway"), ("maxspeed", "130")], [80.0, 0.0]);
    check(&[("highway", "unclassified"), ("maxspeed", "60 mph")], [40.0, 40.0]);
    check(&[("highway", "service"), ("maxspeed", "50")], [20.0, 20.0]);
}

#[test]
fn no_class_is_driven_faster_than_by_car() {
    for (class, _) in CAR.speeds_kmh {
        for limit in [None, Some("30"), Some("70"), Some("130")] {
            let mut tags = vec![("highway", *class)];
            tags.extend(limit.map(|limit| ("maxspeed", limit)));
            let speed = |rules: &crate::rules::Rules| {
                rules.way(&tags.iter().copied().collect()).unwrap().forward.unwrap().speed_kmh
            };
            assert!(speed(&TRUCK) <= speed(&CAR), "{tags:?}");
        }
    }
}

#[test]
fn narrow_streets_are_avoided() {
    let rate = |tags: &[(&str, &str)]| {
        let drive = drive(tags).unwrap().forward.unwrap();
        drive.rate_kmh / drive.speed_kmh
    };
    assert!((rate(&[("highway", "residential"), ("width", "3.5")]) - 0.3).abs() < 1e-9);
    assert!((rate(&[("highway", "residential"), ("width", "7")]) - 1.0).abs() < 1e-9);
    assert!((rate(&[("highway", "residential"), ("lanes", "1")]) - 0.4).abs() < 1e-9);
}

#[test]
fn turn_restrictions_for_lorries_hold_and_exceptions_free() {
    let check = |tags: &[(&str, &str)], expected| {
        assert_eq!(TRUCK.restriction(&tags.iter().copied().collect()), expected, "{tags:?}");
    };
    check(&[("restriction:hgv", "no_left_turn")], Some(false));
    check(&[("restriction:hgv", "only_straight_on"), ("restriction", "no_u_turn")], Some(true));
    check(&[("restriction", "no_left_turn"), ("except", "hgv")], None);
    check(&[("restriction", "no_left_turn"), ("except", "motorcar;bicycle")], Some(false));
    check(&[("restriction:motorcar", "no_left_turn")], None);
}

#[test]
fn bars_for_height_keep_lorries_out() {
    let node = |tags: &[(&str, &str)]| TRUCK.node(&tags.iter().copied().collect());
    assert_eq!(node(&[("barrier", "height_restrictor")]), [Some(Obstacle::Barrier), None]);
    assert_eq!(node(&[("barrier", "bollard"), ("hgv", "yes")]), [None, None]);
    assert_eq!(node(&[("barrier", "toll_booth")]), [None, None]);
}

#[test]
fn turning_a_lorry_takes_longer() {
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
        assert!(TRUCK.turn(&turn).duration_ds > CAR.turn(&turn).duration_ds, "{angle}");
    }
}
