//! The bicycle.
//!
//! Sources. Speeds and surfaces: the defaults that OSRM publishes for its bicycle (project-osrm.org, release 26.10).
//! Meaning of tags: the OpenStreetMap wiki, pages Key:bicycle, Key:access, Key:oneway:bicycle. What is not named here is
//! as for the car.

use super::{CAR, Rules};

pub(crate) const BICYCLE: Rules = Rules {
    vehicles: &["bicycle", "vehicle"],
    access: &[
        ["bicycle", "bicycle:forward", "bicycle:backward"],
        ["vehicle", "vehicle:forward", "vehicle:backward"],
        ["access", "access:forward", "access:backward"],
    ],
    allowed: &["yes", "bicycle", "vehicle", "permissive", "designated"],
    oneway: &["oneway:bicycle", "oneway:vehicle", "oneway"],
    speeds_kmh: &[
        ("cycleway", 15.0),
        ("primary", 15.0),
        ("primary_link", 15.0),
        ("secondary", 15.0),
        ("secondary_link", 15.0),
        ("tertiary", 15.0),
        ("tertiary_link", 15.0),
        ("residential", 15.0),
        ("unclassified", 15.0),
        ("living_street", 15.0),
        ("service", 15.0),
        ("track", 12.0),
        ("path", 13.0),
    ],
    default_speed_kmh: 15.0,
    limit_keys: &[],
    width_rates: &[],
    single_lane_rate: 1.0,
    unmarked_rate: 1.0,
    width_m: 0.8,
    length_m: 2.5,
    weight_kg: 250.0,
    ..CAR
};
