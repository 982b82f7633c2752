//! What the tags of a way allow.

use super::quantity::{duration_s, kilogrammes, leading_digits, metres, speed_kmh};
use super::{Directed, Quantity, Rules, Side, Tags, find};

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
        let ferry_kmh = find(self.routes_kmh, route);
        let driven = self.driven(tags, highway, ferry_kmh, access);
        let [forward, backward] = match &self.cycling {
            Some(cycling) => self.ridden_or_pushed(tags, highway, cycling, access, driven),
            None => driven,
        };
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
            is_roundabout: is_roundabout(tags),
            is_start,
            side: match tags.get("driving_side") {
                Some("left") => Some(Side::Left),
                Some("right") => Some(Side::Right),
                _ => None,
            },
            duration_s: tags.get("duration").filter(|_| is_timed).and_then(duration_s).map(|time| time.max(1.0)),
        })
    }

    /// Both directions of a way, as a driver may use them.
    fn driven(
        &self,
        tags: &Tags<'_>,
        highway: &str,
        ferry_kmh: Option<f64>,
        access: [Option<&str>; 2],
    ) -> [Option<Drive>; 2] {
        let is_restricted = access.map(|access| self.is_restricted(access, highway));
        let mut is_open = [0, 1].map(|side| {
            let (access, is_restricted) = pick(&access, &is_restricted, side);
            is_restricted || access.is_none_or(|access| !self.forbidden.contains(&access))
        });
        if is_open == [false, false] || self.forbidden_service.contains(&tags.get("service").unwrap_or_default()) {
            return [None, None];
        }
        let fits = self.fits(tags);
        let ways = self.oneway(tags, highway);
        for (side, open) in is_open.iter_mut().enumerate() {
            let (fits, goes) = pick(&fits, &ways, side);
            *open &= fits != Fit::No && goes;
        }
        let speeds = self.speeds(tags, highway, ferry_kmh, access);
        let rates = self.rates(tags, is_open == [true, true]);
        let hov = hov_only(tags);
        [0, 1].map(|side| {
            let (&open, &speed, &rate) = (is_open.get(side)?, speeds.get(side)?, rates.get(side)?);
            let (restricted, hov) = pick(&is_restricted, &hov, side);
            let (access, fit) = pick(&access, &fits, side);
            let is_restricted = restricted || hov || fit == Fit::OnBusiness;
            let rate = rate * access.and_then(|access| find(self.access_rates, access)).unwrap_or(1.0);
            (open && speed > 0.0).then_some(Drive { speed_kmh: speed, rate_kmh: speed * rate, is_restricted })
        })
    }

    pub(super) fn is_restricted(&self, access: Option<&str>, highway: &str) -> bool {
        access.is_some_and(|access| self.restricted.contains(&access)) && self.restrictable.contains(&highway)
    }

    /// Not there, not yet there, or not for driving now.
    fn is_closed(&self, tags: &Tags<'_>, highway: &str) -> bool {
        self.closed_tags.iter().any(|(key, value)| tags.is(key, value))
            || self.closed_highways.contains(&highway)
            || tags.get("construction").is_some_and(|value| !self.harmless_construction.contains(&value))
            || (highway.is_empty() && tags.get("proposed").is_some())
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
    fn fits(&self, tags: &Tags<'_>) -> [Fit; 2] {
        let mut fits = [Fit::Yes; 2];
        for bound in self.bounds {
            let limits = directed(tags, bound.keys).map(|value| {
                value.and_then(|value| match bound.quantity {
                    Quantity::Height => self.height_m(value),
                    Quantity::Length => metres(value),
                    Quantity::Weight => kilogrammes(value),
                })
            });
            for (fit, limit) in fits.iter_mut().zip(limits) {
                if limit.is_some_and(|limit| limit < bound.own || (bound.is_tight && limit <= bound.own)) {
                    let is_lifted = bound.keys.iter().any(|[key, ..]| is_lifted_on_business(tags, key));
                    *fit = (*fit).max(if is_lifted { Fit::OnBusiness } else { Fit::No });
                }
            }
        }
        fits
    }

    pub(super) fn height_m(&self, value: &str) -> Option<f64> {
        find(self.heights_m, value).or_else(|| metres(value))
    }

    /// Which directions the one-way tags leave.
    fn oneway(&self, tags: &Tags<'_>, highway: &str) -> [bool; 2] {
        if self.cycling.as_ref().is_some_and(|cycling| cycling.is_contraflow(tags)) {
            return [true, true];
        }
        match self.oneway.iter().find_map(|key| tags.get(key)) {
            Some("-1") => [false, true],
            Some("yes" | "1" | "true") => [true, false],
            Some("no") => [true, true],
            // Wiki, Key:oneway: implied by motorways and roundabouts.
            _ if highway == "motorway" => [true, false],
            _ if is_roundabout(tags) => [true, false],
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
        for (speed, limit) in speeds.iter_mut().zip(self.limits(tags)) {
            if limit > 0.0 && *speed > 0.0 {
                *speed = self.share_of_limit.map_or(speed.min(limit), |share| limit * share);
            }
            *speed = find(self.highest_kmh, highway).map_or(*speed, |highest| speed.min(highest));
        }
        speeds.map(|speed| self.capped(tags, speed))
    }

    /// A speed, as far as the ground lets it be driven.
    pub(super) fn capped(&self, tags: &Tags<'_>, speed_kmh: f64) -> f64 {
        let caps = self.caps_kmh.iter().filter_map(|(key, table)| tags.get(key).and_then(|value| find(table, value)));
        caps.fold(speed_kmh, f64::min)
    }

    /// The limits in force by direction; 0 where there is none.
    fn limits(&self, tags: &Tags<'_>) -> [f64; 2] {
        let read = |keys| directed(tags, keys).map(|limit| limit.map_or(0.0, |limit| self.limit_kmh(limit)));
        let (own, signed, by_kind) = (read(self.own_limit_keys), read(self.limit_keys), read(self.kind_keys));
        [0, 1].map(|side| {
            let (own, signed) = pick(&own, &signed, side);
            let (by_kind, _) = pick(&by_kind, &by_kind, side);
            match (signed > 0.0, by_kind > 0.0) {
                _ if own > 0.0 => own,
                (true, true) => signed.min(by_kind),
                _ => signed.max(by_kind),
            }
        })
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
        let cycling = self.cycling.as_ref().map_or(1.0, |cycling| cycling.rate(tags));
        let common = f64::min(service, narrow).min(alternating).min(side_road).min(cycling);
        match tags.get("priority") {
            Some("forward") => [common, common.min(self.yielding_rate)],
            Some("backward") => [common.min(self.yielding_rate), common],
            _ => [common; 2],
        }
    }
}

/// Whether the size of a vehicle keeps it from a way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    #[default]
    Yes,
    /// Too large to pass through, not to deliver.
    OnBusiness,
    No,
}

/// Whether a bound does not hold for those who have business there, as on a sign "except for access".
///
/// Source: OpenStreetMap wiki, Conditional restrictions.
fn is_lifted_on_business(tags: &Tags<'_>, key: &str) -> bool {
    let condition = tags.get(&format!("{key}:conditional")).and_then(|value| value.split_once('@'));
    condition.is_some_and(|(value, condition)| {
        let condition = condition.trim().trim_matches(['(', ')']).trim();
        value.trim() == "none" && matches!(condition, "destination" | "delivery" | "access" | "customers")
    })
}

pub(super) fn is_roundabout(tags: &Tags<'_>) -> bool {
    matches!(tags.get("junction"), Some("roundabout" | "circular"))
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
pub(super) fn directed<'t>(tags: &Tags<'t>, keys: &[Directed]) -> [Option<&'t str>; 2] {
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
