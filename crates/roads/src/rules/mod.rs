//! What may be driven how fast: the tags of OpenStreetMap turned into speeds, rates, barriers and turn costs.
//!
//! The numbers are data ([`car`]); the files beside it say what tags mean and never hold a number of a vehicle.
//! [`way`] answers for ways, [`look`] for how they are seen where they meet, [`node`] for nodes, [`turn`] for turns,
//! [`side`] for which side of the road is driven on.

mod bicycle;
mod car;
mod cycling;
pub(crate) mod look;
pub(crate) mod node;
mod quantity;
mod restriction;
mod side;
mod truck;
pub(crate) mod turn;
pub(crate) mod way;

pub(crate) use side::{Side, side_at};

/// The tags of one element.
#[derive(Debug, Default)]
pub(crate) struct Tags<'t>(Vec<(&'t str, &'t str)>);

impl<'t> Tags<'t> {
    pub(crate) fn get(&self, key: &str) -> Option<&'t str> {
        self.0.iter().find(|(present, _)| *present == key).map(|(_, value)| *value)
    }

    fn is(&self, key: &str, value: &str) -> bool {
        self.get(key) == Some(value)
    }
}

impl<'t> FromIterator<(&'t str, &'t str)> for Tags<'t> {
    fn from_iter<I: IntoIterator<Item = (&'t str, &'t str)>>(tags: I) -> Self {
        Self(tags.into_iter().collect())
    }
}

type Table<T> = &'static [(&'static str, T)];
type Names = &'static [&'static str];

fn find<T: Copy>(table: Table<T>, name: &str) -> Option<T> {
    table.iter().find(|(present, _)| *present == name).map(|(_, value)| *value)
}

/// A key, and the keys that say the same for one direction only.
type Directed = [&'static str; 3];

/// What a vehicle must not exceed.
#[derive(Debug)]
struct Bound {
    /// The first that is set counts.
    keys: &'static [Directed],
    quantity: Quantity,
    /// Metres or kilogrammes of the vehicle.
    own: f64,
    /// Whether the vehicle must be smaller than the bound, rather than no larger.
    is_tight: bool,
}

/// How the value of a bound is read.
#[derive(Debug, Clone, Copy)]
enum Quantity {
    Height,
    Length,
    Weight,
}

/// What holds for those who sit on a saddle and may walk instead.
#[derive(Debug)]
struct Cycling {
    /// Values of `cycleway` keys that give bicycles a place of their own at a road.
    lanes: Names,
    /// Values that open a one-way street against its direction.
    opposite: Names,
    /// The rate where the cycleway is drawn as a way of its own beside.
    separate_rate: f64,
    /// The rate by class of road, unless it has a lane.
    class_rates: Table<f64>,
    /// Ways that are walked, and how fast; with an explicit permission they are ridden.
    pushed_kmh: Table<f64>,
    /// Those of them that are never ridden.
    never_ridden: Names,
    /// Elsewhere.
    pushed_elsewhere_kmh: f64,
    /// Whether one may walk.
    foot: &'static [Directed],
    foot_allowed: Names,
    foot_forbidden: Names,
}

/// All numbers and names of one kind of vehicle.
#[derive(Debug)]
pub(crate) struct Rules {
    /// Kinds of vehicle that tags may speak of, the most specific first.
    pub(crate) vehicles: Names,
    access: &'static [Directed],
    /// Values of access that allow, restrict (to those who have business there) and forbid.
    allowed: Names,
    restricted: Names,
    forbidden: Names,
    /// Where restricted access is a way in; elsewhere it forbids.
    restrictable: Names,
    /// `service` roads with these values of access are no place to start from.
    no_start_on_service: Names,
    forbidden_service: Names,
    oneway: Names,
    /// `highway` values that are never driven.
    closed_highways: Names,
    /// Tags of what is never driven.
    closed_tags: &'static [(&'static str, &'static str)],
    /// `construction` values that leave the road open.
    harmless_construction: Names,

    speeds_kmh: Table<f64>,
    /// Where no class of road says how fast, yet access is allowed.
    default_speed_kmh: f64,
    /// What is driven of a speed limit; `None` where a limit is no more than a cap.
    share_of_limit: Option<f64>,
    /// Limits for this vehicle alone: others do not count where one of these is set.
    own_limit_keys: &'static [Directed],
    limit_keys: &'static [Directed],
    /// What names a kind of road whose limit for this vehicle may be lower than the number on the sign.
    kind_keys: &'static [Directed],
    limits_kmh: Table<f64>,
    limits_by_kind_kmh: Table<f64>,
    /// The highest speeds driven, by class of road, whatever the limit; none where it is not listed.
    highest_kmh: Table<f64>,
    /// By key, the highest speeds for its values.
    caps_kmh: &'static [(&'static str, Table<f64>)],
    routes_kmh: Table<f64>,
    bridges_kmh: Table<f64>,

    /// Factors on the rate, by which a road counts as worse than its driving time says.
    service_rates: Table<f64>,
    /// Two-way roads narrower than so many metres (at most, for the first).
    width_rates: &'static [(f64, f64)],
    single_lane_rate: f64,
    unmarked_rate: f64,
    alternating_rate: f64,
    side_road_rate: f64,
    yielding_rate: f64,
    /// By value of access.
    access_rates: Table<f64>,

    height_m: f64,
    bounds: &'static [Bound],
    /// What words stand for in place of a height.
    heights_m: Table<f64>,

    cycling: Option<Cycling>,

    open_barriers: Names,
    barrier_waits_s: Table<f64>,
    signals_s: f64,
    stop_s: f64,
    give_way_s: f64,

    turn_s: f64,
    turn_bias: f64,
    oncoming_s: f64,
    u_turn_s: f64,
    /// Weight of turning into a restricted road from one that is not.
    into_restricted_s: f64,
}

pub(crate) use bicycle::BICYCLE;
pub(crate) use car::CAR;
pub(crate) use truck::TRUCK;
