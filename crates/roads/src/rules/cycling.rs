//! What bicycles do that nothing else does: ride against a one-way street, and be pushed.

use super::way::{Drive, directed, is_roundabout};
use super::{Cycling, Rules, Tags, find};

const LANE_KEYS: [&str; 4] = ["cycleway", "cycleway:both", "cycleway:left", "cycleway:right"];

impl Cycling {
    /// Whether a one-way street is open in both directions for its cycleway's sake.
    ///
    /// Source: OpenStreetMap wiki, Key:cycleway and Key:oneway:bicycle.
    pub(super) fn is_contraflow(&self, tags: &Tags<'_>) -> bool {
        if tags.get("oneway:bicycle").is_some() {
            return false;
        }
        LANE_KEYS.iter().any(|key| {
            tags.get(key).is_some_and(|value| {
                let goes_both_ways = || {
                    let oneway = tags.get(&format!("{key}:oneway"));
                    oneway == Some("no") || (oneway == Some("-1") && !tags.is("oneway", "-1"))
                };
                self.opposite.contains(&value) || (self.lanes.contains(&value) && goes_both_ways())
            })
        })
    }

    /// What riding there is worth beside riding on a cycleway.
    pub(super) fn rate(&self, tags: &Tags<'_>) -> f64 {
        let lane = |names: &[&str]| LANE_KEYS.iter().any(|key| tags.get(key).is_some_and(|lane| names.contains(&lane)));
        if lane(self.lanes) || lane(self.opposite) {
            return 1.0;
        }
        let separate = if lane(&["separate"]) { self.separate_rate } else { 1.0 };
        tags.get("highway").and_then(|highway| find(self.class_rates, highway)).unwrap_or(1.0).min(separate)
    }

    /// How fast one walks on such a way, if it is one for walking.
    fn walked_kmh(&self, highway: &str) -> Option<f64> {
        find(self.pushed_kmh, highway)
    }
}

impl Rules {
    /// What is ridden, and pushed where it may not be ridden.
    pub(super) fn ridden_or_pushed(
        &self,
        tags: &Tags<'_>,
        highway: &str,
        cycling: &Cycling,
        access: [Option<&str>; 2],
        ridden: [Option<Drive>; 2],
    ) -> [Option<Drive>; 2] {
        let own = directed(tags, self.access.get(..1).unwrap_or_default());
        let foot = directed(tags, cycling.foot).map(|foot| foot.map(|foot| self.milder(foot)));
        let is_ridden = |side: usize| {
            // Ways for walkers are ridden by permission alone, steps never.
            of(own, side) != Some("dismount")
                && !cycling.never_ridden.contains(&highway)
                && (cycling.walked_kmh(highway).is_none()
                    || of(access, side).is_some_and(|access| self.allowed.contains(&access)))
        };
        [0, 1].map(|side| {
            let ridden = ridden.get(side).copied().flatten().filter(|_| is_ridden(side));
            ridden.or_else(|| self.pushed(tags, highway, cycling, (of(own, side), of(foot, side)), side))
        })
    }

    /// What is pushed at a walk, or slower where the ground is bad.
    ///
    /// Who pushes a bicycle walks: rules for walkers hold, and a one-way street is none, but that a roundabout is not
    /// walked round the wrong way. Where `bicycle` closes a road it is not pushed along there either, as OSRM has it;
    /// ways for walkers stay open.
    fn pushed(
        &self,
        tags: &Tags<'_>,
        highway: &str,
        cycling: &Cycling,
        (own, foot): (Option<&str>, Option<&str>),
        side: usize,
    ) -> Option<Drive> {
        let walked_kmh = cycling.walked_kmh(highway);
        let is_restricted = self.is_restricted(foot, highway);
        if own != Some("dismount") {
            let is_closed_to_all = foot.is_some_and(|foot| cycling.foot_forbidden.contains(&foot)) && !is_restricted;
            let is_closed_to_bicycles = own.is_some_and(|own| self.forbidden.contains(&own)) && walked_kmh.is_none();
            let is_walkers = walked_kmh.is_some() || foot.is_some_and(|foot| cycling.foot_allowed.contains(&foot));
            let is_the_wrong_way = side == 1 && (highway == "motorway" || is_roundabout(tags));
            let is_road = find(self.speeds_kmh, highway).is_some() && !is_the_wrong_way;
            if is_closed_to_all || is_closed_to_bicycles || !(is_walkers || is_road) {
                return None;
            }
        }
        let speed_kmh = self.capped(tags, walked_kmh.unwrap_or(cycling.pushed_elsewhere_kmh));
        (speed_kmh > 0.0).then_some(Drive { speed_kmh, rate_kmh: speed_kmh, is_restricted })
    }
}

/// One direction's value.
fn of(values: [Option<&str>; 2], side: usize) -> Option<&str> {
    values.get(side).copied().flatten()
}

#[cfg(test)]
mod tests;
