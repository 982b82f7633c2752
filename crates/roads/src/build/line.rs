//! Short lines around junctions, with the precision that OSRM has.
//!
//! A junction is a matter of metres: a tenth of a metre of rounding is half a degree, and costs differ by it. So
//! positions here are in steps of 10⁻⁶ degrees, rounded or cut off wherever OSRM does, and lines are fitted in degrees,
//! not in metres; only lengths and directions are true.

use crate::geodesy::{PER_DEGREE, Point};

/// A position in units of 10⁻⁶ degrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) lng: i32,
    pub(super) lat: i32,
}

impl Spot {
    pub(super) fn of(point: Point) -> Self {
        // By way of degrees, as half steps are not always halves there.
        let round = |value: i32| (f64::from(value) / PER_DEGREE * 1e6).round() as i32;
        Self { lng: round(point.lng), lat: round(point.lat) }
    }

    /// The spot at a share of the way to another, cut off.
    pub(super) fn towards(self, to: Self, share: f64) -> Self {
        let share = share.clamp(0.0, 1.0);
        let between = |a: i32, b: i32| (f64::from(a) + share * (f64::from(b) - f64::from(a))) as i32;
        Self { lng: between(self.lng, to.lng), lat: between(self.lat, to.lat) }
    }

    /// The nearest place on the line between two spots, as degrees go.
    pub(super) fn foot(self, [from, to]: [Self; 2]) -> Self {
        let (slope_lng, slope_lat) = from.to(to);
        let (lng, lat) = from.to(self);
        let length2 = slope_lng * slope_lng + slope_lat * slope_lat;
        // The shortest line that counts, in degrees, is about a millimetre.
        if length2 * 1e-12 < f64::EPSILON {
            return from;
        }
        let share = ((slope_lng * lng + slope_lat * lat) / length2).clamp(0.0, 1.0);
        let between = |a: i32, b: i32| ((1.0 - share) * f64::from(a) + share * f64::from(b)).round() as i32;
        Self { lng: between(from.lng, to.lng), lat: between(from.lat, to.lat) }
    }

    /// East and north of here, in units of a spot.
    pub(super) fn to(self, other: Self) -> (f64, f64) {
        (f64::from(other.lng) - f64::from(self.lng), f64::from(other.lat) - f64::from(self.lat))
    }
}

/// Measures around one place: metres per degree.
///
/// Lines are cut into steps that fit them exactly, so that the last bit of a length decides whether one more fits: hence
/// degrees, and no `hypot`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ruler {
    lng: f64,
    lat: f64,
}

impl Ruler {
    /// The ruler of the belt, a twentieth of a degree high, that a spot lies in.
    ///
    /// From the radii of curvature of the WGS84 ellipsoid: W. Torge, "Geodesy", 4.1.3.
    pub(super) fn at(spot: Spot) -> Self {
        const BELT: i64 = 50_000;
        const EQUATOR_KM: f64 = 6378.137;
        const FLATTENING: f64 = 1.0 / 298.257_223_563;
        const ECCENTRICITY_SQUARED: f64 = FLATTENING * (2.0 - FLATTENING);
        const RADIANS: f64 = std::f64::consts::PI / 180.0;
        let belt = (i64::from(spot.lat).abs() - 1).max(0) / BELT;
        let cos = (BELT as f64 * (belt as f64 + 0.5) / 1e6 * RADIANS).cos();
        let squared = 1.0 / (1.0 - ECCENTRICITY_SQUARED * (1.0 - cos * cos));
        let root = squared.sqrt();
        let degree_m = RADIANS * EQUATOR_KM * 1000.0;
        Self { lng: degree_m * root * cos, lat: degree_m * root * squared * (1.0 - ECCENTRICITY_SQUARED) }
    }

    pub(super) fn distance_m(self, a: Spot, b: Spot) -> f64 {
        let (east, north) = self.metres(a, b);
        (east * east + north * north).sqrt()
    }

    /// East and north of one spot, in metres.
    fn metres(self, from: Spot, to: Spot) -> (f64, f64) {
        let degrees = |from: i32, to: i32| f64::from(to) / 1e6 - f64::from(from) / 1e6;
        (degrees(from.lng, to.lng) * self.lng, degrees(from.lat, to.lat) * self.lat)
    }

    /// Degrees clockwise from north, 0..360; 0 where there is no direction.
    pub(super) fn bearing(self, from: Spot, to: Spot) -> f64 {
        let (east, north) = self.metres(from, to);
        let bearing = east.atan2(north).to_degrees();
        if bearing < 0.0 { bearing + 360.0 } else { bearing }
    }

    /// Metres from a spot to the nearest of a line.
    pub(super) fn distance_to_line_m(self, spot: Spot, line: &[Spot]) -> f64 {
        let pairs = line.iter().zip(line.iter().skip(1));
        pairs.map(|(&a, &b)| self.distance_m(spot, spot.foot([a, b]))).fold(f64::INFINITY, f64::min)
    }

    /// Metres from the farthest of some spots to a straight line.
    pub(super) fn deviation_m(self, spots: &[Spot], line: [Spot; 2]) -> f64 {
        spots.iter().map(|spot| self.distance_m(*spot, spot.foot(line))).fold(0.0, f64::max)
    }

    /// The lengths of the pieces of a line.
    pub(super) fn pieces(self, line: &[Spot]) -> impl Iterator<Item = f64> + Clone {
        line.iter().zip(line.iter().skip(1)).map(move |(&a, &b)| self.distance_m(a, b))
    }

    /// The spot so many metres along a line, or its end.
    pub(super) fn along(self, line: &[Spot], metres: f64) -> Option<Spot> {
        let mut gone_m = 0.0;
        for ((&a, &b), length_m) in line.iter().zip(line.iter().skip(1)).zip(self.pieces(line)) {
            if gone_m + length_m >= metres {
                return Some(a.towards(b, (metres - gone_m) / length_m));
            }
            gone_m += length_m;
        }
        line.last().copied()
    }

    /// Cuts a line off after so many metres.
    pub(super) fn cut(self, line: &mut Vec<Spot>, metres: f64) {
        let mut gone_m = 0.0;
        let mut end = None;
        for (number, length_m) in self.pieces(line).enumerate() {
            if gone_m + length_m >= metres {
                end = Some((number, (metres - gone_m) / (gone_m + length_m - gone_m)));
                break;
            }
            gone_m += length_m;
        }
        if let Some((number, share)) = end {
            cut_piece(line, number, share);
        }
    }

    /// What is left of a line behind so many metres; nothing if it is shorter.
    pub(super) fn cut_front(self, line: &[Spot], metres: f64) -> Vec<Spot> {
        let mut gone_m = 0.0;
        for (number, length_m) in self.pieces(line).enumerate() {
            if gone_m + length_m >= metres
                && let (Some(&a), Some(&b), Some(rest)) =
                    (line.get(number), line.get(number + 1), line.get(number + 1..))
            {
                return [&[a.towards(b, (metres - gone_m) / (gone_m + length_m - gone_m))], rest].concat();
            }
            gone_m += length_m;
        }
        Vec::new()
    }

    /// Spots at equal steps along a line, up to a length; the first is its beginning.
    pub(super) fn samples(self, line: &[Spot], longest_m: f64, step_m: f64) -> Vec<Spot> {
        let mut spots: Vec<Spot> = line.first().copied().into_iter().collect();
        let (mut gone_m, mut carry_m) = (0.0, 0.0);
        for ((&a, &b), length_m) in line.iter().zip(line.iter().skip(1)).zip(self.pieces(line)) {
            if gone_m > longest_m {
                break;
            }
            if carry_m + length_m >= step_m {
                let count = ((length_m.min(longest_m - gone_m) + carry_m) / step_m).floor();
                let first_m = step_m - carry_m;
                let shares = (0..count as u32).map(|number| (first_m + f64::from(number) * step_m) / length_m);
                spots.extend(shares.map(|share| a.towards(b, share)));
                carry_m = length_m + carry_m - count * step_m;
            } else {
                carry_m += length_m;
            }
            gone_m += length_m;
        }
        spots
    }

    /// The area within a closed line.
    pub(super) fn area_m2(self, line: &[Spot]) -> f64 {
        let Some(&origin) = line.first() else {
            return 0.0;
        };
        let pairs = line.iter().zip(line.iter().skip(1));
        let doubled: f64 = pairs
            .map(|(a, b)| {
                let ((ax, ay), (bx, by)) = (self.metres(origin, *a), self.metres(origin, *b));
                ax * by - bx * ay
            })
            .sum();
        0.5 * doubled.abs()
    }

    /// The straight line that best fits a line's first forty metres, from beside its beginning to beside its end.
    pub(super) fn fit(self, line: &[Spot]) -> Option<[Spot; 2]> {
        let (&first, &last) = (line.first()?, line.last()?);
        let samples = self.samples(line, 40.0, 1.0);
        if samples.len() < 2 {
            return Some([first, last]);
        }
        let fitted = regression(&samples)?;
        Some([first.foot(fitted), last.foot(fitted)])
    }
}

/// Ends a line at a share of one of its pieces.
pub(super) fn cut_piece(line: &mut Vec<Spot>, number: usize, share: f64) {
    line.truncate(number + 2);
    if let [.., a, b] = line.as_mut_slice() {
        *b = a.towards(*b, share);
    }
}

/// The line of least squares through spots, a little longer than they reach.
///
/// Latitude by longitude, or the other way round where the spots go rather north than east.
pub(super) fn regression(spots: &[Spot]) -> Option<[Spot; 2]> {
    /// In units of a spot.
    const OVERHANG: f64 = 10.0;
    let (&first, &last) = (spots.first()?, spots.last()?);
    let extent = |of: fn(&Spot) -> i32| {
        let values = || spots.iter().map(of);
        Some((f64::from(values().min()?), f64::from(values().max()?)))
    };
    let (west, east) = extent(|spot| spot.lng)?;
    let (south, north) = extent(|spot| spot.lat)?;
    let is_northward = north - south > 2.0 * (east - west);
    let (low, high) = if is_northward { (south, north) } else { (west, east) };
    let seen = |spot: &Spot| {
        let (lng, lat) = (f64::from(spot.lng), f64::from(spot.lat));
        if is_northward { (lat, lng) } else { (lng, lat) }
    };
    let count = spots.len() as f64;
    let (sum_x, sum_y) = spots.iter().map(seen).fold((0.0, 0.0), |(x, y), (dx, dy)| (x + dx, y + dy));
    let (mean_x, mean_y) = (sum_x / count, sum_y / count);
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in spots.iter().map(seen) {
        xx += (x - mean_x) * (x - mean_x);
        xy += (x - mean_x) * (y - mean_y);
        yy += (y - mean_y) * (y - mean_y);
    }
    if xx <= 0.0 || yy <= 0.0 {
        return Some([first, last]);
    }
    let slope = xy / xx;
    let at = |x: f64| {
        let y = mean_y + slope * (x - mean_x);
        let (lng, lat) = if is_northward { (y, x) } else { (x, y) };
        Spot { lng: lng.round() as i32, lat: lat.round() as i32 }
    };
    Some([at(low - OVERHANG), at(high + OVERHANG)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(lng: i32, lat: i32) -> Spot {
        Spot { lng, lat }
    }

    /// At the equator, where a unit is eleven centimetres.
    fn ruler() -> Ruler {
        Ruler::at(spot(0, 0))
    }

    #[test]
    fn line_is_cut_and_sampled_along_its_length() {
        let line = [spot(0, 0), spot(1000, 0), spot(1000, 1000)];
        let whole_m: f64 = ruler().pieces(&line).sum();
        assert!((whole_m - 221.9).abs() < 0.2, "{whole_m}");
        assert_eq!(ruler().along(&line, 1e3), Some(spot(1000, 1000)));
        let middle = ruler().along(&line, whole_m - 0.5 * 110.57).unwrap();
        assert!(middle.lng == 1000 && (middle.lat - 500).abs() <= 1, "{middle:?}");
        let samples = ruler().samples(&line, 200.0, 10.0);
        assert_eq!(samples.len(), 21);
        let mut front = line.to_vec();
        ruler().cut(&mut front, 50.0);
        assert_eq!(front.len(), 2);
        let back = ruler().cut_front(&line, 50.0);
        assert_eq!((back.len(), back[0]), (3, front[1]));
        assert!(ruler().cut_front(&line, 500.0).is_empty());
    }

    #[test]
    fn fitted_line_goes_through_the_middle() {
        let east = regression(&[spot(0, 0), spot(100, 10), spot(200, 0), spot(300, 10)]).unwrap();
        assert_eq!(east, [spot(-10, 2), spot(310, 8)]);
        let north = regression(&[spot(0, 0), spot(10, 100), spot(0, 200), spot(10, 300)]).unwrap();
        assert_eq!(north, [spot(2, -10), spot(8, 310)]);
        assert_eq!(regression(&[spot(0, 0), spot(0, 0)]), Some([spot(0, 0); 2]));
    }

    #[test]
    fn foot_stays_on_the_line() {
        let line = [spot(0, 0), spot(100, 100)];
        assert_eq!(spot(100, 0).foot(line), spot(50, 50));
        assert_eq!(spot(-5, -9).foot(line), spot(0, 0));
        assert_eq!(spot(7, 7).foot([spot(3, 3); 2]), spot(3, 3));
    }
}
