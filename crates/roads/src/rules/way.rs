//! What the tags of a way allow.

use super::quantity::{duration_s, kilogrammes, leading_digits, metres, speed_kmh};
use super::{Directed, Rules, Side, Tags, find};

/// How a way is driven; without both directions it is no [`WayDrive`] at all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct WayDrive {
    pub(crate) forward: Option<Drive>,
    pub(crate) backward: Option<Drive>,
    pub(crate) is_ferry: bool,
    pub(crate) is_roundabout: bool,
    /// Whether a trip may begin or end on it.
    pub(crate) is_start: bool,
    /// What a tag says about the side driven on.
    pub(crate) side: Option<Side>,
    /// What a tag says about the time from end to end, in place of the speeds.
    pub(crate) duration_s: Option<f64>,
}

/// One direction of a way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Drive {
    pub(crate) speed_kmh: f64,
    /// The speed times how good the road is to drive: what the choice of the way goes by.
    pub(crate) rate_kmh: f64,
    /// For those who have business there.
    pub(crate) is_restricted: bool,
}

impl Rules {
    /// What a way with these tags allows; `None` if nothing.
    pub(crate) fn way(&self, tags: &Tags<'_>) -> Option<WayDrive> {
        let highway = tags.get("highway").unwrap_or_default();
        let route = tags.get("route").unwrap_or_default();
        if (highway.is_empty() && route.is_empty()) || self.is_closed(tags, highway) {
            return None;
        }
        let access = self.access_of(tags);
        let is_restricted = access.map(|access| {
            access.is_some_and(|access| self.restricted.contains(&access)) && self.restrictable.contains(&highway)
        });
        let mut is_open = [0, 1].map(|side| {
            let (access, is_restricted) = pick(&access, &is_restricted, side);
            is_restricted || access.is_none_or(|access| !self.forbidden.contains(&access))
        });
        if is_open == [false, false] {
            return None;
        }
        let fits = self.fits(tags);
        let ways = self.oneway(tags, highway);
        for side in 0..2 {
            let (fits, goes) = pick(&fits, &ways, side);
            if let Some(open) = is_open.get_mut(side) {
                *open &= fits && goes;
            }
        }
        if self.forbidden_service.contains(&tags.get("service").unwrap_or_default()) {
            return None;
        }
        let ferry_kmh = find(self.routes_kmh, route);
        let speeds = self.speeds(tags, highway, ferry_kmh, access);
        let rates = self.rates(tags, is_open == [true, true]);
        let hov = hov_only(tags);
        let drive = |side: usize| {
            let (&open, &speed, &rate) = (is_open.get(side)?, speeds.get(side)?, rates.get(side)?);
            let (restricted, hov) = pick(&is_restricted, &hov, side);
            let is_restricted = restricted || hov;
            (open && speed > 0.0).then_some(Drive { speed_kmh: speed, rate_kmh: speed * rate, is_restricted })
        };
        let [forward, backward] = [drive(0), drive(1)];
        if forward.is_none() && backward.is_none() {
            return None;
        }
        let is_start = ferry_kmh.is_none()
            && !(highway == "service" && access[0].is_some_and(|access| self.no_start_on_service.contains(&access)));
        let is_timed = ferry_kmh.is_some() || find(self.bridges_kmh, tags.get("bridge").unwrap_or_default()).is_some();
        Some(WayDrive {
            forward,
            backward,
            is_ferry: ferry_kmh.is_some(),
            is_roundabout: matches!(tags.get("junction"), Some("roundabout" | "circular")),
            is_start,
            side: match tags.get("driving_side") {
                Some("left") => Some(Side::Left),
                Some("right") => Some(Side::Right),
                _ => None,
            },
            duration_s: tags.get("duration").filter(|_| is_timed).and_then(duration_s).map(|time| time.max(1.0)),
        })
    }

    /// Not there, not yet there, or not for driving now.
    fn is_closed(&self, tags: &Tags<'_>, highway: &str) -> bool {
        tags.is("area", "yes")
            || self.closed_highways.contains(&highway)
            || tags.is("railway", "construction")
            || tags.get("construction").is_some_and(|value| !self.harmless_construction.contains(&value))
            || (highway.is_empty() && tags.get("proposed").is_some())
            || tags.is("oneway", "reversible")
            || tags.is("impassable", "yes")
            || tags.is("status", "impassable")
    }

    /// The value of the most specific key that is set, for each direction.
    fn access_of<'t>(&self, tags: &Tags<'t>) -> [Option<&'t str>; 2] {
        directed(tags, self.access).map(|access| access.map(|access| self.milder(access)))
    }

    /// Of several values in one tag, the one that allows most.
    pub(super) fn milder<'t>(&self, access: &'t str) -> &'t str {
        if !access.contains(';') {
            return access;
        }
        let rank = |value: &str| {
            if self.allowed.contains(&value) {
                0
            } else if self.restricted.contains(&value) {
                1
            } else if self.forbidden.contains(&value) {
                2
            } else {
                3
            }
        };
        access
            .split(';')
            .map(str::trim)
            .filter(|value| !value.is_empty())
            .min_by_key(|value| rank(value))
            .unwrap_or(access)
    }

    /// Whether the vehicle is small and light enough, by direction.
    fn fits(&self, tags: &Tags<'_>) -> [bool; 2] {
        const HEIGHT: &[Directed] = &[
            ["maxheight:physical", "maxheight:physical:forward", "maxheight:physical:backward"],
            ["maxheight", "maxheight:forward", "maxheight:backward"],
        ];
        const WIDTH: &[Directed] = &[
            ["maxwidth:physical", "maxwidth:physical:forward", "maxwidth:physical:backward"],
            ["maxwidth", "maxwidth:forward", "maxwidth:backward"],
            ["width", "width:forward", "width:backward"],
            ["est_width", "est_width:forward", "est_width:backward"],
        ];
        const LENGTH: &[Directed] = &[["maxlength", "maxlength:forward", "maxlength:backward"]];
        const WEIGHT: &[Directed] = &[
            ["maxweightrating", "maxweightrating:forward", "maxweightrating:backward"],
            ["maxweight", "maxweight:forward", "maxweight:backward"],
        ];
        let height = directed(tags, HEIGHT).map(|value| value.and_then(|value| self.height_m(value)));
        let width = directed(tags, WIDTH).map(|value| value.and_then(metres));
        let length = directed(tags, LENGTH).map(|value| value.and_then(metres));
        let weight = directed(tags, WEIGHT).map(|value| value.and_then(kilogrammes));
        [0, 1].map(|side| {
            let over = |limits: &[Option<f64>; 2], own: f64| {
                limits.get(side).copied().flatten().is_some_and(|limit| limit < own)
            };
            // A way as wide as the vehicle is too narrow.
            let tight = width.get(side).copied().flatten().is_some_and(|limit| limit <= self.width_m);
            !over(&height, self.height_m) && !tight && !over(&length, self.length_m) && !over(&weight, self.weight_kg)
        })
    }

    pub(super) fn height_m(&self, value: &str) -> Option<f64> {
        match value {
            "default" | "none" | "no-sign" | "unsigned" => Some(self.height_of_unmarked_m),
            value => metres(value),
        }
    }

    /// Which directions the one-way tags leave.
    fn oneway(&self, tags: &Tags<'_>, highway: &str) -> [bool; 2] {
        match self.oneway.iter().find_map(|key| tags.get(key)) {
            Some("-1") => [false, true],
            Some("yes" | "1" | "true") => [true, false],
            Some("no") => [true, true],
            // Wiki, Key:oneway: implied by motorways and roundabouts.
            _ if highway == "motorway" => [true, false],
            _ if matches!(tags.get("junction"), Some("roundabout" | "circular")) => [true, false],
            _ => [true, true],
        }
    }

    /// Speeds by direction; what is not positive is no way.
    fn speeds(&self, tags: &Tags<'_>, highway: &str, ferry_kmh: Option<f64>, access: [Option<&str>; 2]) -> [f64; 2] {
        let bridge_kmh = find(self.bridges_kmh, tags.get("bridge").unwrap_or_default());
        let by_class = bridge_kmh.or(ferry_kmh).or_else(|| find(self.speeds_kmh, highway));
        let mut speeds = match by_class {
            Some(speed) => [speed; 2],
            // No road for cars by its class: only an explicit tag opens it.
            None => access.map(|access| match access {
                Some(access) if !self.forbidden.contains(&access) => self.default_speed_kmh,
                _ => 0.0,
            }),
        };
        let limits = directed(tags, self.limit_keys).map(|limit| limit.map_or(0.0, |limit| self.limit_kmh(limit)));
        for (speed, limit) in speeds.iter_mut().zip(limits) {
            if limit > 0.0 && *speed > 0.0 {
                *speed = limit * self.share_of_limit;
            }
        }
        let tables =
            [("surface", self.surfaces_kmh), ("tracktype", self.tracktypes_kmh), ("smoothness", self.smoothness_kmh)];
        for (key, table) in tables {
            if let Some(cap) = tags.get(key).and_then(|value| find(table, value)) {
                speeds = speeds.map(|speed| speed.min(cap));
            }
        }
        speeds
    }

    /// A limit in numbers, or one that names a kind of road (`RO:urban`); 0 where it tells nothing.
    fn limit_kmh(&self, text: &str) -> f64 {
        if let Some(speed) = speed_kmh(text) {
            return speed;
        }
        let text = text.to_ascii_lowercase();
        let by_kind = || {
            let (_, kind) = text.split_once(':')?;
            let end = kind.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(kind.len());
            find(self.limits_by_kind_kmh, kind.get(..end)?)
        };
        find(self.limits_kmh, &text).or_else(by_kind).unwrap_or(0.0)
    }

    /// Factors on the speed by which the rate is worse, by direction.
    fn rates(&self, tags: &Tags<'_>, is_two_way: bool) -> [f64; 2] {
        let service = tags.get("service").and_then(|service| find(self.service_rates, service)).unwrap_or(1.0);
        let mut narrow = 1.0;
        if is_two_way {
            if tags.is("lane_markings", "no") {
                narrow = self.unmarked_rate;
            }
            if let Some(width) = tags.get("width").and_then(metres) {
                let mut classes = self.width_rates.iter().enumerate();
                // The narrowest class includes its bound.
                let class = classes.find(|(at, (bound, _))| width < *bound || (*at == 0 && width <= *bound));
                narrow = class.map_or(narrow, |(_, (_, rate))| *rate);
            }
            if tags.get("lanes").and_then(leading_digits).is_some_and(|lanes| lanes <= 1.0) {
                narrow = self.single_lane_rate;
            }
        }
        let oneway = self.oneway.iter().find_map(|key| tags.get(key));
        let alternating = if oneway == Some("alternating") { self.alternating_rate } else { 1.0 };
        let side_road = match tags.get("side_road") {
            Some("yes" | "rotary") => self.side_road_rate,
            _ => 1.0,
        };
        let common = f64::min(service, narrow).min(alternating).min(side_road);
        match tags.get("priority") {
            Some("forward") => [common, common.min(self.yielding_rate)],
            Some("backward") => [common.min(self.yielding_rate), common],
            _ => [common; 2],
        }
    }
}

/// Whether all lanes of a direction are for cars with passengers.
fn hov_only(tags: &Tags<'_>) -> [bool; 2] {
    if tags.is("hov", "designated") {
        return [true, true];
    }
    let all = |key: &str| tags.get(key).is_some_and(|lanes| lanes.split('|').all(|lane| lane == "designated"));
    let both = all("hov:lanes");
    [both || all("hov:lanes:forward"), both || all("hov:lanes:backward")]
}

/// The first value among keys, those of one direction before the common one.
fn directed<'t>(tags: &Tags<'t>, keys: &[Directed]) -> [Option<&'t str>; 2] {
    let mut found = [None, None];
    for [common, forward, backward] in keys {
        if found[0].is_none() {
            found[0] = tags.get(forward).or_else(|| tags.get(common));
        }
        if found[1].is_none() {
            found[1] = tags.get(backward).or_else(|| tags.get(common));
        }
    }
    found
}

/// One direction's part of two pairs.
fn pick<A: Copy + Default, B: Copy + Default>(a: &[A; 2], b: &[B; 2], side: usize) -> (A, B) {
    (a.get(side).copied().unwrap_or_default(), b.get(side).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests;
