//! The lorry.
//!
//! Sources. Dimensions: the largest rigid lorry on two axles that may go anywhere in the European Union, Council
//! Directive 96/53/EC, annex I (4.00 m high, 2.55 m wide, 12.00 m long, 18 t). Meaning of tags: the OpenStreetMap wiki,
//! pages Key:hgv and Key:access. What is not named here is as for the car.

use super::{CAR, Rules};

pub(crate) const TRUCK: Rules = Rules {
    vehicles: &["hgv", "motor_vehicle", "vehicle"],
    access: &[
        ["hgv", "hgv:forward", "hgv:backward"],
        ["motor_vehicle", "motor_vehicle:forward", "motor_vehicle:backward"],
        ["vehicle", "vehicle:forward", "vehicle:backward"],
        ["access", "access:forward", "access:backward"],
    ],
    allowed: &["yes", "hgv", "motor_vehicle", "vehicle", "permissive", "designated"],
    oneway: &["oneway:hgv", "oneway:motor_vehicle", "oneway:vehicle", "oneway"],
    height_m: 4.0,
    width_m: 2.55,
    length_m: 12.0,
    weight_kg: 18_000.0,
    ..CAR
};
