//! The lorry.
//!
//! Sources. Dimensions: the largest rigid lorry on two axles that may go anywhere in the European Union, Council
//! Directive 96/53/EC, annex I: 4.00 m high, 2.55 m wide, 12.00 m long, 18 t, 11.5 t on the driving axle. Meaning of
//! tags: the OpenStreetMap wiki, pages Key:hgv, Key:access, Key:maxspeed:hgv, Key:maxheight, Key:maxweight,
//! Key:maxweightrating, Key:maxaxleload, Relation:restriction. Legal limits: the wiki's Default_speed_limits and the
//! European Commission's tables of limits for goods vehicles above 12 t. Speeds, rates and turns: the car's, slowed down by own
//! judgement; nobody publishes measured ones. Dangerous goods are not looked at. What is not named here is as for the
//! car.

use super::car::{HEIGHT, LENGTH};
use super::{Bound, CAR, Directed, Quantity, Rules};

pub(crate) const TRUCK: Rules = Rules {
    vehicles: &["hgv", "motor_vehicle", "vehicle"],
    // Wiki, Key:access: goods vehicles (`goods`) are those up to 3.5 t, and no kind of this one.
    access: &[
        ["hgv", "hgv:forward", "hgv:backward"],
        ["motor_vehicle", "motor_vehicle:forward", "motor_vehicle:backward"],
        ["vehicle", "vehicle:forward", "vehicle:backward"],
        ["access", "access:forward", "access:backward"],
    ],
    allowed: &["yes", "hgv", "motor_vehicle", "vehicle", "permissive", "designated"],
    // `local`: wiki, Key:hgv, on roads off the networks for lorries of North America.
    restricted: &[
        "private",
        "delivery",
        "destination",
        "customers",
        "permit",
        "residents",
        "unknown",
        "local",
        "unloading",
        "loading",
    ],
    oneway: &["oneway:hgv", "oneway:motor_vehicle", "oneway:vehicle", "oneway"],

    speeds_kmh: &[
        ("motorway", 75.0),
        ("motorway_link", 40.0),
        ("trunk", 65.0),
        ("trunk_link", 35.0),
        ("primary", 55.0),
        ("primary_link", 25.0),
        ("secondary", 45.0),
        ("secondary_link", 20.0),
        ("tertiary", 35.0),
        ("tertiary_link", 18.0),
        ("unclassified", 20.0),
        ("residential", 20.0),
        ("living_street", 7.0),
        ("service", 10.0),
        ("winter_road", 15.0),
        ("ice_road", 10.0),
    ],
    default_speed_kmh: 7.0,
    own_limit_keys: &[["maxspeed:hgv", "maxspeed:hgv:forward", "maxspeed:hgv:backward"]],
    limit_keys: &[
        ["maxspeed:advisory", "maxspeed:advisory:forward", "maxspeed:advisory:backward"],
        ["maxspeed", "maxspeed:forward", "maxspeed:backward"],
    ],
    kind_keys: &[
        ["source:maxspeed", "source:maxspeed:forward", "source:maxspeed:backward"],
        ["maxspeed:type", "maxspeed:type:forward", "maxspeed:type:backward"],
        ["zone:traffic", "zone:traffic:forward", "zone:traffic:backward"],
    ],
    limits_kmh: &[
        ("at:rural", 70.0),
        ("at:trunk", 80.0),
        ("be:rural", 90.0),
        ("be:motorway", 90.0),
        ("be-bru:urban", 30.0),
        ("be-bru:rural", 70.0),
        ("be-vlg:rural", 70.0),
        ("bg:trunk", 90.0),
        ("bg:motorway", 90.0),
        ("cy:rural", 64.0),
        ("cz:rural", 80.0),
        ("de:living_street", 7.0),
        ("de:rural", 60.0),
        ("ee:rural", 90.0),
        ("es:motorway", 90.0),
        ("fr:motorway", 90.0),
        ("gb:nsl_single", 50.0 * 1.609),
        ("gb:nsl_dual", 60.0 * 1.609),
        ("gb:motorway", 60.0 * 1.609),
        ("hr:motorway", 90.0),
        ("hu:rural", 70.0),
        ("ie:motorway", 90.0),
        ("it:rural", 70.0),
        ("it:trunk", 70.0),
        ("lv:living_street", 20.0),
        ("pl:rural", 70.0),
        ("pt:motorway", 90.0),
        ("ru:living_street", 20.0),
        ("ru:urban", 60.0),
        ("ru:rural", 70.0),
        ("ru:motorway", 90.0),
        ("si:motorway", 90.0),
        ("sk:rural", 90.0),
        ("sk:motorway", 90.0),
        ("uk:nsl_single", 50.0 * 1.609),
        ("uk:nsl_dual", 60.0 * 1.609),
        ("uk:motorway", 60.0 * 1.609),
        // Limiters stand at 90 km/h by Council Directive 92/6/EEC.
        ("none", 90.0),
    ],
    limits_by_kind_kmh: &[("urban", 50.0), ("rural", 80.0), ("trunk", 80.0), ("motorway", 80.0)],
    // Limiters, legal limits of most countries, and hills: what is driven on the level and without others.
    highest_kmh: &[
        ("motorway", 80.0),
        ("trunk", 75.0),
        ("primary", 65.0),
        ("secondary", 60.0),
        ("tertiary", 50.0),
        ("unclassified", 40.0),
        ("residential", 30.0),
        ("living_street", 7.0),
        ("service", 20.0),
        ("track", 10.0),
        ("motorway_link", 60.0),
        ("trunk_link", 50.0),
        ("primary_link", 50.0),
        ("secondary_link", 40.0),
        ("tertiary_link", 40.0),
    ],

    service_rates: &[
        ("alley", 0.3),
        ("parking", 0.3),
        ("parking_aisle", 0.3),
        ("driveway", 0.5),
        ("drive-through", 0.3),
        ("drive-thru", 0.3),
    ],
    // Two of these meet on 5.5 m at a walk, and pass each other on 6.5 m (own reading of carriageway widths).
    width_rates: &[(4.0, 0.3), (5.5, 0.5), (6.5, 0.75)],
    single_lane_rate: 0.4,
    // Wiki, Key:hgv: signs that advise against.
    access_rates: &[("discouraged", 0.4), ("unsuitable", 0.3)],

    height_m: 4.0,
    bounds: &[
        Bound { keys: HEIGHT, quantity: Quantity::Height, own: 4.0, is_tight: false },
        Bound { keys: HEIGHT_SIGNED, quantity: Quantity::Height, own: 4.0, is_tight: false },
        Bound { keys: WIDTH_SIGNED, quantity: Quantity::Length, own: 2.55, is_tight: false },
        Bound { keys: WIDTH_BUILT, quantity: Quantity::Length, own: 2.55, is_tight: true },
        Bound { keys: LENGTH, quantity: Quantity::Length, own: 12.0, is_tight: false },
        Bound { keys: LENGTH_OF_LORRIES, quantity: Quantity::Length, own: 12.0, is_tight: false },
        Bound { keys: WEIGHT, quantity: Quantity::Weight, own: 18_000.0, is_tight: false },
        Bound { keys: WEIGHT_RATING, quantity: Quantity::Weight, own: 18_000.0, is_tight: false },
        Bound { keys: AXLE_LOAD, quantity: Quantity::Weight, own: 11_500.0, is_tight: false },
    ],
    // Wiki, Key:maxheight. A bridge that carries no sign but is `below_default` may be as low as anything.
    heights_m: &[
        ("default", 4.5),
        ("none", 4.5),
        ("no-sign", 4.5),
        ("no_sign", 4.5),
        ("unsigned", 4.5),
        ("no_indications", 4.5),
        ("below_default", 3.5),
    ],

    // Bars stand where lorries are to be kept out.
    open_barriers: &["cattle_grid", "border_control", "toll_booth", "sally_port", "no", "entrance", "arch"],
    signals_s: 4.0,
    stop_s: 5.0,
    give_way_s: 2.0,

    turn_s: 11.0,
    oncoming_s: 4.0,
    u_turn_s: 90.0,
    ..CAR
};

const HEIGHT_SIGNED: &[Directed] = &[
    ["maxheight:hgv", "maxheight:hgv:forward", "maxheight:hgv:backward"],
    ["maxheight", "maxheight:forward", "maxheight:backward"],
];

const WIDTH_SIGNED: &[Directed] = &[
    ["maxwidth:hgv", "maxwidth:hgv:forward", "maxwidth:hgv:backward"],
    ["maxwidth:physical", "maxwidth:physical:forward", "maxwidth:physical:backward"],
    ["maxwidth", "maxwidth:forward", "maxwidth:backward"],
];

const WIDTH_BUILT: &[Directed] =
    &[["width", "width:forward", "width:backward"], ["est_width", "est_width:forward", "est_width:backward"]];

const LENGTH_OF_LORRIES: &[Directed] = &[["maxlength:hgv", "maxlength:hgv:forward", "maxlength:hgv:backward"]];

const WEIGHT: &[Directed] = &[
    ["maxweight:hgv", "maxweight:hgv:forward", "maxweight:hgv:backward"],
    ["maxweight", "maxweight:forward", "maxweight:backward"],
];

const WEIGHT_RATING: &[Directed] = &[
    ["maxweightrating:hgv", "maxweightrating:hgv:forward", "maxweightrating:hgv:backward"],
    ["maxweightrating", "maxweightrating:forward", "maxweightrating:backward"],
];

const AXLE_LOAD: &[Directed] = &[["maxaxleload", "maxaxleload:forward", "maxaxleload:backward"]];

#[cfg(test)]
mod tests;
