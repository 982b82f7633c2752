//! How a way looks to who comes to a junction: its class, its lanes, and what sets it apart from the next way.
//!
//! The same for all vehicles. Source: the OpenStreetMap wiki, pages Key:highway, Key:lanes, Lanes, Key:turn.

use super::Tags;
use super::way::WayDrive;

/// What of a way's tags shapes junctions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Look {
    pub(crate) class: RoadClass,
    /// Lanes of both directions together; 0 if unknown.
    pub(crate) lanes: u8,
    /// Drawn as a circle, but without the rules of a roundabout.
    pub(crate) is_circular: bool,
    /// Open both ways, and not the same both ways.
    pub(crate) is_split: bool,
    /// Kinds of road that some drivers avoid, a bit for each, along the way and against it.
    pub(crate) kinds: [u8; 2],
    /// What the marks on the lanes say, along the way and against it.
    pub(crate) marks: [Marks; 2],
}

/// The class that a road is built and signed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum RoadClass {
    Motorway,
    MotorwayLink,
    Trunk,
    TrunkLink,
    Primary,
    PrimaryLink,
    Secondary,
    SecondaryLink,
    Tertiary,
    TertiaryLink,
    Unclassified,
    Residential,
    LivingStreet,
    Service,
    Track,
    Footway,
    Other,
}

impl RoadClass {
    fn of(highway: &str) -> Self {
        match highway {
            "motorway" => Self::Motorway,
            "motorway_link" => Self::MotorwayLink,
            "trunk" => Self::Trunk,
            "trunk_link" => Self::TrunkLink,
            "primary" => Self::Primary,
            "primary_link" => Self::PrimaryLink,
            "secondary" => Self::Secondary,
            "secondary_link" => Self::SecondaryLink,
            "tertiary" => Self::Tertiary,
            "tertiary_link" => Self::TertiaryLink,
            "unclassified" => Self::Unclassified,
            "residential" => Self::Residential,
            "living_street" => Self::LivingStreet,
            "service" => Self::Service,
            "track" | "path" => Self::Track,
            "footway" | "pedestrian" | "steps" => Self::Footway,
            _ => Self::Other,
        }
    }

    /// Small roads, which are drawn in many ways where they begin.
    pub(crate) const fn is_minor(self) -> bool {
        matches!(self, Self::Service | Self::Track | Self::Footway | Self::Other)
    }

    /// How much wider than its lanes the beginning of such a road is drawn.
    pub(crate) const fn opening(self) -> f64 {
        match self {
            Self::Motorway | Self::MotorwayLink | Self::Trunk | Self::TrunkLink => 2.5,
            Self::Primary => 1.5,
            _ => 1.0,
        }
    }
}

/// What the arrows on the lanes of one direction say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Marks {
    Unsaid,
    /// There are arrows.
    Arrows,
    /// One of them turns round.
    UTurn,
}

impl Look {
    /// How a way with these tags looks that is driven like this.
    pub(crate) fn of(tags: &Tags<'_>, drive: &WayDrive) -> Self {
        let class = RoadClass::of(tags.get("highway").unwrap_or_default());
        let is_two_way = drive.forward.is_some() && drive.backward.is_some();
        let [forward, backward] = by_direction(tags, "turn:lanes", drive);
        let arrows = [forward.and_then(arrows).unwrap_or_default(), backward.and_then(arrows).unwrap_or_default()];
        let marked: usize = arrows.iter().map(Vec::len).sum();
        let counted = count(tags, "lanes").unwrap_or_else(|| {
            let of = |key| count(tags, key).unwrap_or(0);
            if tags.get("lanes").is_some() { 0 } else { of("lanes:forward").saturating_add(of("lanes:backward")) }
        });
        let toll = by_direction(tags, "toll", drive).map(|toll| toll == Some("yes"));
        let is_tunnel = tags.get("tunnel").is_some_and(|tunnel| tunnel != "no");
        let is_restricted = [drive.forward, drive.backward].map(|drive| drive.is_some_and(|drive| drive.is_restricted));
        let [toll_forward, toll_backward] = toll;
        let [restricted_forward, restricted_backward] = is_restricted;
        let kinds = [
            u8::from(toll_forward) | u8::from(is_tunnel) << 1 | u8::from(restricted_forward) << 2,
            u8::from(toll_backward) | u8::from(is_tunnel) << 1 | u8::from(restricted_backward) << 2,
        ];
        let [marks_forward, marks_backward] = &arrows;
        let differs = kinds[0] != kinds[1]
            || marks_forward != marks_backward
            || drive.forward.map(|drive| (drive.speed_kmh, drive.rate_kmh))
                != drive.backward.map(|drive| (drive.speed_kmh, drive.rate_kmh));
        Self {
            class,
            lanes: counted.max(u8::try_from(marked).unwrap_or(u8::MAX)),
            is_circular: tags.is("junction", "circular"),
            is_split: is_two_way && differs,
            kinds,
            marks: arrows.map(|arrows| {
                if arrows.is_empty() {
                    Marks::Unsaid
                } else if arrows.iter().any(|lane| lane.contains("reverse")) {
                    Marks::UTurn
                } else {
                    Marks::Arrows
                }
            }),
        }
    }
}

/// The values of a key along the way and against it; on a one-way street the common key is for its one direction.
fn by_direction<'t>(tags: &Tags<'t>, key: &str, drive: &WayDrive) -> [Option<&'t str>; 2] {
    let own = [tags.get(&format!("{key}:forward")), tags.get(&format!("{key}:backward"))];
    let common = tags.get(key);
    let is_open = [drive.forward.is_some(), drive.backward.is_some()];
    let [forward, backward] = own;
    [forward.or(common.filter(|_| is_open[0])), backward.or(common.filter(|_| is_open[1]))]
}

/// The arrows lane by lane; `None` if one of them is none that is known.
fn arrows(text: &str) -> Option<Vec<&str>> {
    const ARROWS: &[&str] = &[
        "none",
        "through",
        "sharp_left",
        "left",
        "slight_left",
        "slight_right",
        "right",
        "sharp_right",
        "reverse",
        "merge_to_left",
        "merge_to_right",
    ];
    if text.is_empty() {
        return None;
    }
    let lanes: Vec<&str> = text.split('|').collect();
    let is_known = |lane: &&str| lane.split(';').all(|arrow| arrow.is_empty() || ARROWS.contains(&arrow));
    lanes.iter().all(is_known).then_some(lanes)
}

/// A whole number of lanes.
fn count(tags: &Tags<'_>, key: &str) -> Option<u8> {
    let lanes: f64 = tags.get(key)?.trim().parse().ok()?;
    (lanes >= 1.0 && lanes.fract() == 0.0).then_some(lanes.min(255.0) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::CAR;

    fn look(tags: &[(&str, &str)]) -> Look {
        let tags: Tags<'_> = tags.iter().copied().collect();
        Look::of(&tags, &CAR.way(&tags).unwrap())
    }

    #[test]
    fn lanes_are_counted_or_read_off_their_arrows() {
        assert_eq!(look(&[("highway", "primary"), ("lanes", "3")]).lanes, 3);
        assert_eq!(look(&[("highway", "primary"), ("lanes", "2.5")]).lanes, 0);
        assert_eq!(look(&[("highway", "primary"), ("lanes:forward", "2"), ("lanes:backward", "1")]).lanes, 3);
        let marked = look(&[("highway", "primary"), ("oneway", "yes"), ("turn:lanes", "left|through;right|")]);
        assert_eq!((marked.lanes, marked.marks), (3, [Marks::Arrows, Marks::Unsaid]));
        assert_eq!(look(&[("highway", "primary"), ("oneway", "yes"), ("turn:lanes", "left|up")]).lanes, 0);
        let around = look(&[("highway", "primary"), ("turn:lanes:backward", "reverse|through")]);
        assert_eq!(around.marks, [Marks::Unsaid, Marks::UTurn]);
    }

    #[test]
    fn ways_that_differ_by_direction_are_split() {
        assert!(!look(&[("highway", "primary")]).is_split);
        assert!(look(&[("highway", "primary"), ("maxspeed:forward", "30")]).is_split);
        assert!(look(&[("highway", "primary"), ("turn:lanes:forward", "left|right")]).is_split);
        assert!(!look(&[("highway", "primary"), ("oneway", "yes"), ("turn:lanes", "left|right")]).is_split);
    }
}
