//! The rungs from the very house number down to the street.

use super::numbers::Asked;
use crate::MatchType;
use crate::index::number::HouseNumber;
use crate::index::street::{Area, PackedAddress, Reader, Spot};

/// What a street has for a number.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rung {
    pub(super) match_type: MatchType,
    pub(super) spot: Spot,
    /// The number found, if it is another than the one asked for or the same; none for a street.
    pub(super) number: Option<HouseNumber>,
    pub(super) area: Option<Area>,
    /// The neighbours between which the spot is, and which part of the way it is from the first.
    pub(super) between: Option<([Spot; 2], f64)>,
    pub(super) cost: f32,
}

impl Rung {
    /// A spot that is the thing itself.
    pub(super) const fn at(match_type: MatchType, spot: Spot) -> Self {
        Self { match_type, spot, number: None, area: None, between: None, cost: 0.0 }
    }
}

/// How well an area of the street fits what was asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct AreaFit {
    /// More than that of the best one.
    pub(super) cost: f32,
    /// Of another place than the one that was named, while the street has numbers in that one.
    pub(super) is_elsewhere: bool,
}

impl AreaFit {
    const UNKNOWN: Self = Self { cost: 0.0, is_elsewhere: false };

    /// Numbers may begin anew in the next town: one of this town, if only by its neighbours, comes first.
    fn total(self) -> f32 {
        self.cost + if self.is_elsewhere { ELSEWHERE } else { 0.0 }
    }
}

/// Costs of numbers that are not quite the one asked for.
const OTHER_PADDING: f32 = 0.004;
const OTHER_SUFFIX: f32 = 0.07;
const BOTH_SUFFIXES: f32 = 0.12;
const RANGE: f32 = 0.06;
const RANGE_WITHOUT_SUFFIX: f32 = 0.10;
const INTERPOLATED: f32 = 0.12;
/// Between neighbours on the other side of the street.
const OTHER_SIDE: f32 = 0.08;
/// Between the blocks before and after one that has no number.
const OTHER_BLOCK: f32 = 0.25;
const ELSEWHERE: f32 = 0.15;
const ONE_ELSEWHERE: f32 = 0.03;
const NEAREST: f32 = 0.42;
const BLOCK_AWAY: f32 = 0.10;
const STREET: f32 = 0.55;

/// Two neighbours of one number between which others are looked for are at most that far apart, in metres.
const LARGEST_GAP_M: f64 = 1_500.0;

/// Everything that a street has, read once.
#[derive(Debug, Default)]
pub(super) struct Opened<'s> {
    pub(super) areas: Vec<Area>,
    /// Of each area, where one of its addresses is.
    pub(super) area_spots: Vec<Spot>,
    addresses: Vec<PackedAddress<'s>>,
    /// Whether any of its numbers is a compound.
    pub(super) has_blocks: bool,
}

/// Blocks farther apart than this say nothing of one between them.
const MOST_BLOCKS: u32 = 4;

/// Two of one number that are nearer are one.
const SAME_WITHIN_M: f64 = 40.0;

/// More of one number are not told.
const MOST_TWINS: usize = 3;

/// Neighbours in areas that fit worse than the best by more than this are none.
const SAME_AREA: f32 = 0.06;

impl<'s> Opened<'s> {
    /// Reads a street; its lines are left alone.
    pub(super) fn read(&mut self, bytes: &'s [u8], centre: Spot, count: u32) {
        let mut reader = Reader::new(bytes, centre);
        reader.areas(&mut self.areas);
        reader.skip_lines();
        self.addresses.clear();
        self.area_spots.clear();
        self.area_spots.resize(self.areas.len(), centre);
        let (addresses, spots) = (&mut self.addresses, &mut self.area_spots);
        reader.addresses(count, |address| {
            if let Some(spot) = spots.get_mut(address.area as usize) {
                *spot = address.spot;
            }
            addresses.push(address);
        });
        self.has_blocks = self.addresses.iter().any(|address| address.block > 0);
    }

    fn area(&self, address: &PackedAddress<'_>) -> Option<Area> {
        self.areas.get(address.area as usize).copied()
    }

    /// The best rung for a number; `fits` says how well each area of the street fits.
    pub(super) fn climb(&self, asked: &Asked, fits: &[AreaFit]) -> Option<Rung> {
        let fit = |address: &PackedAddress<'_>| fits.get(address.area as usize).copied().unwrap_or(AreaFit::UNKNOWN);
        let mut best: Option<(f32, Rung)> = None;
        for number in &asked.forms {
            for address in &self.addresses {
                let Some((match_type, cost)) = compare(number, address) else {
                    continue;
                };
                let total = cost + fit(address).total();
                if best.as_ref().is_none_or(|(best, _)| total < *best) {
                    let (area, spot) = (self.area(address), address.spot);
                    let number = Some(address.number());
                    best = Some((total, Rung { number, area, cost, ..Rung::at(match_type, spot) }));
                }
            }
        }
        let fits =
            best.as_ref().is_some_and(|(total, rung)| rung.cost < INTERPOLATED && total - rung.cost < INTERPOLATED);
        if !fits {
            for number in asked.forms.iter().filter(|number| number.value > 0) {
                let Some((area_cost, rung)) = self.between(number, &fit) else {
                    continue;
                };
                let total = area_cost + rung.cost;
                if best.as_ref().is_none_or(|(best, _)| total < *best) {
                    best = Some((total, rung));
                }
            }
        }
        best.map(|(_, rung)| rung)
    }

    /// Where else the very number that was found is, with the same postcode: some sources have one address twice.
    pub(super) fn twins(&self, found: &Rung) -> Vec<Spot> {
        let is_twin = |address: &&PackedAddress<'_>| {
            self.area(address).map(|area| area.postcode) == found.area.map(|area| area.postcode)
                && found.number.as_ref() == Some(&address.number())
                && address.spot.distance_m(found.spot) > SAME_WITHIN_M
        };
        let value = found.number.as_ref().map_or(0, |number| number.value);
        let alike = self.addresses.iter().filter(|address| address.value == value);
        alike.filter(is_twin).map(|address| address.spot).take(MOST_TWINS).collect()
    }

    /// A place between the neighbours on the same side, else between those on the other side or of the next blocks, or
    /// at the nearest one; and what its area costs.
    fn between(&self, number: &HouseNumber, fit: &impl Fn(&PackedAddress<'_>) -> AreaFit) -> Option<(f32, Rung)> {
        let all = || self.addresses.iter().filter(|address| address.value > 0);
        let of_block = || all().filter(|address| address.block == number.block);
        // Neighbours of the named place, and those of any that fits: sources do not agree on where a town ends.
        let has_elsewhere = self.addresses.iter().any(|address| fit(address).is_elsewhere);
        let measures: &[fn(AreaFit) -> f32] =
            if has_elsewhere { &[AreaFit::total, |fit| fit.cost] } else { &[AreaFit::total] };
        let mut best: Option<(f32, Rung)> = None;
        let cost = |(area_cost, rung): &(f32, Rung)| area_cost + rung.cost;
        for (side, extra) in [(0, 0.0), (1, OTHER_SIDE)] {
            // The other side only where this one has a wide gap: where numbers run up one side and down the other.
            if best.as_ref().is_some_and(|best| cost(best) <= INTERPOLATED + extra) {
                break;
            }
            let on_side = || of_block().filter(|address| (address.value ^ number.value) & 1 == side);
            let found = measures.iter().filter_map(|measure| {
                let least = on_side().map(|address| measure(fit(address))).fold(f32::INFINITY, f32::min);
                let near = || on_side().filter(|address| measure(fit(address)) <= least + SAME_AREA);
                let below =
                    near().filter(|address| address.value < number.value).max_by_key(|address| address.value)?;
                let above =
                    near().filter(|address| address.value > number.value).min_by_key(|address| address.value)?;
                let part = f64::from(number.value - below.value) / f64::from(above.value - below.value);
                self.interpolated(number, [below, above], part, extra, fit)
            });
            best = best.into_iter().chain(found).min_by(|a, b| cost(a).total_cmp(&cost(b)));
        }
        if best.is_some() {
            return best;
        }
        // The other side of the street is a little farther than the next house.
        let steps = |address: &&PackedAddress<'_>| {
            address.value.abs_diff(number.value).saturating_add(((address.value ^ number.value) & 1) * 2)
        };
        let best = of_block().map(|address| fit(address).total()).fold(f32::INFINITY, f32::min);
        let in_block = of_block().filter(|address| fit(address).total() <= best + SAME_AREA);
        if let Some(nearest) = in_block.min_by_key(steps) {
            let rung = Rung {
                number: Some(nearest.number()),
                area: self.area(nearest),
                cost: NEAREST + (steps(&nearest) as f32 * 0.01).min(0.5),
                ..Rung::at(MatchType::NearestNumber, nearest.spot)
            };
            return Some((fit(nearest).total(), rung));
        }
        // A block without any number lies between the blocks before and after it.
        let order = |address: &&PackedAddress<'_>| (address.block, address.value);
        let below = all().filter(|address| address.block < number.block).max_by_key(order);
        let above = all().filter(|address| address.block > number.block).min_by_key(order);
        if let (Some(below), Some(above)) = (below, above)
            && number.block > 0
            && below.block > 0
            && above.block - below.block <= MOST_BLOCKS
        {
            return self.interpolated(number, [below, above], 0.5, OTHER_BLOCK, fit);
        }
        // At an end of the street the last block there is.
        let blocks = |address: &&PackedAddress<'_>| address.block.abs_diff(number.block);
        let is_next = |address: &&PackedAddress<'_>| {
            number.block > 0 && address.block > 0 && (1..=MOST_BLOCKS).contains(&blocks(address))
        };
        let next = [below, above].into_iter().flatten().filter(is_next).min_by_key(blocks)?;
        let rung = Rung {
            number: Some(next.number()),
            area: self.area(next),
            cost: NEAREST + BLOCK_AWAY * blocks(&next) as f32,
            ..Rung::at(MatchType::NearestNumber, next.spot)
        };
        Some((fit(next).total(), rung))
    }

    /// A place a part of the way between neighbours that are not too far apart.
    fn interpolated(
        &self,
        number: &HouseNumber,
        [below, above]: [&PackedAddress<'_>; 2],
        part: f64,
        extra: f32,
        fit: &impl Fn(&PackedAddress<'_>) -> AreaFit,
    ) -> Option<(f32, Rung)> {
        let gap_m = below.spot.distance_m(above.spot);
        let nearer = if part < 0.5 { below } else { above };
        let elsewhere = match (fit(below).is_elsewhere, fit(above).is_elsewhere) {
            (true, true) => ELSEWHERE,
            (false, false) => 0.0,
            _ => ONE_ELSEWHERE,
        };
        let rung = Rung {
            number: Some(HouseNumber { suffix: String::new(), end: 0, ..number.clone() }),
            area: self.area(nearer),
            between: Some(([below.spot, above.spot], part)),
            cost: INTERPOLATED + extra + (gap_m / 3_000.0) as f32,
            ..Rung::at(MatchType::Interpolated, below.spot.towards(above.spot, part))
        };
        (gap_m < LARGEST_GAP_M).then(|| (fit(nearer).cost + elsewhere, rung))
    }
}

/// How a number at hand answers the one that is asked for, if it does.
fn compare(asked: &HouseNumber, address: &PackedAddress<'_>) -> Option<(MatchType, f32)> {
    if asked.block != address.block {
        return None;
    }
    if asked.value != address.value {
        // Inside a range: 49 of 48–50, or a range asked for that overlaps.
        let (low, high) = (address.value, address.end.max(address.value));
        // Ends on one side of the street stand for that side alone.
        let is_on_side = (low ^ high) & 1 == 1 || (low ^ asked.value) & 1 == 0;
        let is_inside = (asked.value > low && asked.value <= high && is_on_side)
            || (asked.end > 0 && (asked.value..=asked.end).contains(&low));
        let cost = if asked.suffix.is_empty() { RANGE } else { RANGE_WITHOUT_SUFFIX };
        return (is_inside && asked.value > 0).then_some((MatchType::Range, cost));
    }
    if asked.suffix == address.suffix {
        if asked.end != address.end {
            return Some((MatchType::Range, RANGE));
        }
        let cost = if asked.is_padded == address.is_padded { 0.0 } else { OTHER_PADDING };
        return Some((MatchType::Exact, cost));
    }
    if asked.value == 0 {
        return None;
    }
    let cost = if asked.suffix.is_empty() || address.suffix.is_empty() { OTHER_SUFFIX } else { BOTH_SUFFIXES };
    Some((MatchType::OtherSuffix, cost))
}

/// The street itself: the point of its line, or of its addresses, that is nearest to a spot.
pub(super) fn street(bytes: &[u8], centre: Spot, count: u32, towards: Spot, is_number_asked: bool) -> Rung {
    let mut reader = Reader::new(bytes, centre);
    let mut areas = Vec::new();
    reader.areas(&mut areas);
    let lines = reader.lines();
    let mut nearest: Option<(f64, Spot)> = None;
    let mut offer = |spot: Spot| {
        let distance = towards.distance_m(spot);
        if nearest.is_none_or(|(best, _)| distance < best) {
            nearest = Some((distance, spot));
        }
    };
    lines.iter().flat_map(|line| &line.points).for_each(|spot| offer(*spot));
    if lines.is_empty() {
        reader.addresses(count, |address| offer(address.spot));
    }
    let cost = if is_number_asked { STREET } else { 0.02 };
    let spot = nearest.map_or(centre, |(_, spot)| spot);
    Rung { area: areas.first().copied(), cost, ..Rung::at(MatchType::Street, spot) }
}
