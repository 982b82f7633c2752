//! What is known of one street: where it runs, the places and postcodes along it, and its house numbers, packed.
//!
//! ```text
//! areas: count, then place + 1 and postcode + 1 of each
//! lines: count, then of each twice the number of points, plus 1 if it can be driven, and the points
//! addresses, ascending by number: what changed since the one before, and the way to it
//! ```
//!
//! All are [`varint`]s. Points are steps from the one before; the first, from the centre of the street. An address is
//! a head (five flags below, then the step of the number), what the flags announce, and the step of its position.

pub(crate) mod varint;

use super::file::PER_DEGREE;
use super::number::HouseNumber;

/// A position in millionths of a degree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, Hash)]
pub(crate) struct Spot {
    pub(crate) lat: i32,
    pub(crate) lng: i32,
}

impl Spot {
    /// A position in degrees, rounded.
    pub(crate) fn from_degrees(lat: f64, lng: f64) -> Self {
        // A float-to-int `as` saturates.
        Self { lat: (lat * PER_DEGREE).round() as i32, lng: (lng * PER_DEGREE).round() as i32 }
    }

    pub(crate) fn lat_degrees(self) -> f64 {
        f64::from(self.lat) / PER_DEGREE
    }

    pub(crate) fn lng_degrees(self) -> f64 {
        f64::from(self.lng) / PER_DEGREE
    }

    /// The way to another spot in metres east and north, on a plane that touches the earth here.
    pub(crate) fn offset_m(self, to: Self) -> [f64; 2] {
        self.offset_by(cosine(self.lat), to)
    }

    fn offset_by(self, cosine: f64, to: Self) -> [f64; 2] {
        let north = f64::from(to.lat.wrapping_sub(self.lat)) * METERS_PER_UNIT;
        let east = f64::from(self.lng_to(to)) * METERS_PER_UNIT;
        [east * cosine, north]
    }

    /// The spot so many metres east and north, near enough for those of one town.
    pub(crate) fn moved_m(self, [east, north]: [f64; 2]) -> Self {
        let moved = |from: i32, units: f64| from.saturating_add(units.round() as i32);
        let cosine = cosine(self.lat).max(f64::MIN_POSITIVE);
        let lng = moved(self.lng, east / METERS_PER_UNIT / cosine);
        Self { lat: moved(self.lat, north / METERS_PER_UNIT), lng }.within_half_turn()
    }

    /// The distance in metres, as for spots of one town; farther apart it is a rough one.
    pub(crate) fn distance_m(self, to: Self) -> f64 {
        self.measure()(to)
    }

    /// The distance of many others from here, in metres: what it takes of this spot is worked out once.
    pub(crate) fn measure(self) -> impl Fn(Self) -> f64 {
        let cosine = cosine(self.lat);
        move |to| {
            let [east, north] = self.offset_by(cosine, to);
            (east * east + north * north).sqrt()
        }
    }

    /// The spot a part of the way to another.
    pub(crate) fn towards(self, to: Self, part: f64) -> Self {
        let along = |way: i32| (f64::from(way) * part).round() as i32;
        let lat = self.lat.wrapping_add(along(to.lat.wrapping_sub(self.lat)));
        Self { lat, lng: self.lng.wrapping_add(along(self.lng_to(to))) }.within_half_turn()
    }

    /// Longitudes to another spot the shorter way around the earth.
    fn lng_to(self, to: Self) -> i32 {
        let way = i64::from(to.lng) - i64::from(self.lng);
        let shorter = match () {
            () if way > HALF_TURN => way - 2 * HALF_TURN,
            () if way < -HALF_TURN => way + 2 * HALF_TURN,
            () => way,
        };
        // Of numbers that are no longitudes the difference does not matter.
        shorter as i32
    }

    /// The same spot with a longitude of at most half a turn.
    const fn within_half_turn(self) -> Self {
        let lng = match self.lng as i64 {
            lng if lng > HALF_TURN => lng - 2 * HALF_TURN,
            lng if lng < -HALF_TURN => lng + 2 * HALF_TURN,
            lng => lng,
        };
        Self { lat: self.lat, lng: lng as i32 }
    }

    /// The distance of spots that may be anywhere on earth: beyond some 500 km, a million metres.
    pub(crate) fn far_distance_m(self, to: Self) -> f64 {
        let lat_apart = (i64::from(self.lat) - i64::from(to.lat)).unsigned_abs();
        let lng_apart = self.lng_to(to).unsigned_abs();
        if lat_apart > 5_000_000 || lng_apart > 10_000_000 { 1e6 } else { self.distance_m(to) }
    }
}

/// Half a turn around the earth, in millionths of a degree.
const HALF_TURN: i64 = 180_000_000;

/// Millionths of a degree of a great circle of the mean earth, in metres.
const METERS_PER_UNIT: f64 = 6_371_008.8 * std::f64::consts::PI / 180.0 / PER_DEGREE;

/// The cosine of a latitude.
fn cosine(lat: i32) -> f64 {
    (f64::from(lat) / PER_DEGREE).to_radians().cos()
}

/// A place and a postcode that addresses have in common; [`NONE`](super::file::NONE) where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Area {
    pub(crate) place: u32,
    pub(crate) postcode: u32,
}

/// One of the lines along which a street runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) is_drivable: bool,
    pub(crate) points: Vec<Spot>,
}

/// One house number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) number: HouseNumber,
    /// Which of the street's areas.
    pub(crate) area: u32,
    pub(crate) spot: Spot,
}

const HAS_SUFFIX: u64 = 1;
const HAS_BLOCK: u64 = 2;
const HAS_AREA: u64 = 4;
const HAS_END: u64 = 8;
const IS_PADDED: u64 = 16;
const FLAG_BITS: u32 = 5;

/// No street is larger: half a million addresses.
pub(crate) const MOST_BYTES: usize = 1 << 22;

/// Packs a street; the addresses are sorted by number, as they must be.
pub(crate) fn pack(centre: Spot, areas: &[Area], lines: &[Line], addresses: &mut [Address], to: &mut Vec<u8>) {
    varint::write(areas.len() as u64, to);
    for area in areas {
        varint::write(u64::from(area.place.wrapping_add(1)), to);
        varint::write(u64::from(area.postcode.wrapping_add(1)), to);
    }
    varint::write(lines.len() as u64, to);
    let mut at = centre;
    for line in lines {
        varint::write((line.points.len() as u64) << 1 | u64::from(line.is_drivable), to);
        line.points.iter().for_each(|&point| step(&mut at, point, to));
    }
    addresses.sort_by(|a, b| {
        (a.number.block, a.number.value, &a.number, a.area, a.spot).cmp(&(
            b.number.block,
            b.number.value,
            &b.number,
            b.area,
            b.spot,
        ))
    });
    let (mut block, mut value, mut area) = (0, 0, 0);
    at = centre;
    for address in addresses.iter() {
        let number = &address.number;
        let mut flags = 0;
        if number.block != block {
            flags |= HAS_BLOCK;
            value = 0;
        }
        if !number.suffix.is_empty() {
            flags |= HAS_SUFFIX;
        }
        if address.area != area {
            flags |= HAS_AREA;
        }
        if number.end > 0 {
            flags |= HAS_END;
        }
        if number.is_padded {
            flags |= IS_PADDED;
        }
        varint::write(u64::from(number.value - value) << FLAG_BITS | flags, to);
        if flags & HAS_BLOCK != 0 {
            varint::write(u64::from(number.block - block), to);
        }
        if flags & HAS_AREA != 0 {
            varint::write(u64::from(address.area), to);
        }
        if flags & HAS_END != 0 {
            varint::write(u64::from(number.end.saturating_sub(number.value)), to);
        }
        if flags & HAS_SUFFIX != 0 {
            varint::write(number.suffix.len() as u64, to);
            to.extend_from_slice(number.suffix.as_bytes());
        }
        step(&mut at, address.spot, to);
        (block, value, area) = (number.block, number.value, address.area);
    }
}

fn step(from: &mut Spot, to: Spot, bytes: &mut Vec<u8>) {
    varint::write_signed(i64::from(to.lat) - i64::from(from.lat), bytes);
    varint::write_signed(i64::from(to.lng) - i64::from(from.lng), bytes);
    *from = to;
}

fn take_step(from: Spot, bytes: &mut &[u8]) -> Spot {
    Spot {
        lat: from.lat.wrapping_add(varint::read_signed(bytes) as i32),
        lng: from.lng.wrapping_add(varint::read_signed(bytes) as i32),
    }
}

/// A house number as it lies in the file.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PackedAddress<'s> {
    pub(crate) block: u32,
    pub(crate) value: u32,
    pub(crate) end: u32,
    pub(crate) is_padded: bool,
    pub(crate) suffix: &'s str,
    pub(crate) area: u32,
    pub(crate) spot: Spot,
}

impl PackedAddress<'_> {
    pub(crate) fn number(&self) -> HouseNumber {
        let Self { block, value, end, is_padded, suffix, .. } = *self;
        HouseNumber { block, value, end, is_padded, suffix: suffix.to_owned() }
    }
}

/// Reads a street piece by piece, in the order in which it was packed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'s> {
    rest: &'s [u8],
    centre: Spot,
}

impl<'s> Reader<'s> {
    /// The street that begins where the bytes do.
    pub(crate) fn new(bytes: &'s [u8], centre: Spot) -> Self {
        // What lies behind may be all other streets: numbers that were changed on the disk are not to lead there.
        Self { rest: bytes.get(..MOST_BYTES).unwrap_or(bytes), centre }
    }

    /// The areas; to be called first.
    pub(crate) fn areas(&mut self, into: &mut Vec<Area>) {
        into.clear();
        for _ in 0..self.count() {
            if self.rest.is_empty() {
                return;
            }
            let place = (varint::read(&mut self.rest) as u32).wrapping_sub(1);
            let postcode = (varint::read(&mut self.rest) as u32).wrapping_sub(1);
            into.push(Area { place, postcode });
        }
    }

    /// The lines; to be called second.
    pub(crate) fn lines(&mut self) -> Vec<Line> {
        let mut at = self.centre;
        let count = self.count();
        let mut lines = Vec::with_capacity(count.min(64));
        for _ in 0..count {
            if self.rest.is_empty() {
                break;
            }
            let head = varint::read(&mut self.rest);
            let points = (head >> 1).min(self.rest.len() as u64);
            let points = (0..points).map(|_| {
                at = take_step(at, &mut self.rest);
                at
            });
            lines.push(Line { points: points.collect(), is_drivable: head & 1 == 1 });
        }
        lines
    }

    /// Steps over the lines; to be called second.
    pub(crate) fn skip_lines(&mut self) {
        for _ in 0..self.count() {
            if self.rest.is_empty() {
                return;
            }
            let points = (varint::read(&mut self.rest) >> 1).min(self.rest.len() as u64);
            for _ in 0..points * 2 {
                varint::read(&mut self.rest);
            }
        }
    }

    /// Each of `count` addresses; to be called last.
    pub(crate) fn addresses(mut self, count: u32, mut visit: impl FnMut(PackedAddress<'s>)) {
        let mut address = PackedAddress { spot: self.centre, ..PackedAddress::default() };
        for _ in 0..count {
            if self.rest.is_empty() {
                return;
            }
            let head = varint::read(&mut self.rest);
            if head & HAS_BLOCK != 0 {
                address.block = address.block.wrapping_add(varint::read(&mut self.rest) as u32);
                address.value = 0;
            }
            address.value = address.value.wrapping_add((head >> FLAG_BITS) as u32);
            if head & HAS_AREA != 0 {
                address.area = varint::read(&mut self.rest) as u32;
            }
            let end = if head & HAS_END == 0 { 0 } else { varint::read(&mut self.rest) as u32 };
            address.end = if end == 0 { 0 } else { address.value.wrapping_add(end) };
            address.is_padded = head & IS_PADDED != 0;
            address.suffix = if head & HAS_SUFFIX == 0 { "" } else { self.suffix() };
            address.spot = take_step(address.spot, &mut self.rest);
            visit(address);
        }
    }

    fn suffix(&mut self) -> &'s str {
        let length = varint::read(&mut self.rest) as usize;
        let Some((suffix, rest)) = self.rest.split_at_checked(length) else {
            self.rest = &[];
            return "";
        };
        self.rest = rest;
        std::str::from_utf8(suffix).unwrap_or_default()
    }

    /// A count that the bytes can hold.
    fn count(&mut self) -> usize {
        (varint::read(&mut self.rest) as usize).min(self.rest.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::number::Pair;

    #[test]
    fn street_comes_back_as_it_was_packed() {
        let centre = Spot { lat: 40_700_000, lng: -73_750_000 };
        let areas = [Area { place: 3, postcode: u32::MAX }, Area { place: 3, postcode: 9 }];
        let line = Line { is_drivable: true, points: vec![centre, Spot { lat: 40_700_100, lng: -73_751_000 }] };
        let numbers = ["97-06", "97-18", "12a", "12", "98-02", "48-50"];
        let mut addresses: Vec<Address> = numbers
            .iter()
            .enumerate()
            .map(|(at, text)| Address {
                number: HouseNumber::parse(text, if text.starts_with('4') { Pair::Range } else { Pair::Compound })
                    .unwrap(),
                area: at as u32 % 2,
                spot: Spot { lat: 40_700_000 + at as i32 * 37, lng: -73_750_000 - at as i32 },
            })
            .collect();
        let mut bytes = Vec::new();
        pack(centre, &areas, std::slice::from_ref(&line), &mut addresses, &mut bytes);

        let mut reader = Reader::new(&bytes, centre);
        let mut found = Vec::new();
        reader.areas(&mut found);
        assert_eq!(found, areas);
        let mut skipped = reader;
        assert_eq!(reader.lines(), [line]);
        skipped.skip_lines();
        let mut back = Vec::new();
        skipped.addresses(addresses.len() as u32, |address| {
            back.push(Address { number: address.number(), area: address.area, spot: address.spot });
        });
        assert_eq!(back, addresses);
        let shown: Vec<String> = back.iter().map(|address| address.number.display()).collect();
        assert_eq!(shown, ["12", "12a", "48-50", "97-06", "97-18", "98-02"]);
    }

    #[test]
    fn damaged_bytes_end_in_nothing() {
        let mut reader = Reader::new(&[0xff; 40], Spot::default());
        reader.areas(&mut Vec::new());
        reader.lines();
        reader.addresses(u32::MAX, |_| {});
        // A count that the bytes behind could hold, and none of it there.
        let mut bytes = Vec::new();
        varint::write(0, &mut bytes);
        varint::write(u64::from(u32::MAX), &mut bytes);
        bytes.resize(100_000, 0);
        let mut reader = Reader::new(&bytes, Spot::default());
        reader.areas(&mut Vec::new());
        assert!(reader.lines().len() < bytes.len());
    }

    #[test]
    fn ways_across_the_antimeridian_are_short() {
        let (west, east) = (Spot { lat: 0, lng: 179_999_000 }, Spot { lat: 0, lng: -179_999_000 });
        assert!((west.distance_m(east) - 222.0).abs() < 1.0 && west.far_distance_m(east) < 223.0);
        assert_eq!(west.towards(east, 0.75), Spot { lat: 0, lng: -179_999_500 });
        assert_eq!(west.far_distance_m(Spot { lat: 0, lng: 0 }), 1e6);
    }
}
