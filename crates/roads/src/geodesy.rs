//! Positions as the graph file holds them, and distances between near ones on the WGS84 ellipsoid.

use bytemuck::{Pod, Zeroable};
use routemate_units::LatLng;

/// Units of a [`Point`] in one degree.
pub(crate) const PER_DEGREE: f64 = 1e7;

/// A position in units of 10⁻⁷ degrees, about a centimetre: the precision OpenStreetMap has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Point {
    pub(crate) lat: i32,
    pub(crate) lng: i32,
}

impl Point {
    pub(crate) fn from_position(at: LatLng) -> Self {
        Self { lat: (at.lat() * PER_DEGREE).round() as i32, lng: (at.lng() * PER_DEGREE).round() as i32 }
    }

    /// Bytes of a damaged file may say anything, hence the clamps.
    pub(crate) fn to_position(self) -> LatLng {
        let lat = (f64::from(self.lat) / PER_DEGREE).clamp(-90.0, 90.0);
        let lng = (f64::from(self.lng) / PER_DEGREE).clamp(-180.0, 180.0);
        LatLng::new(lat, lng).unwrap_or_else(|_| Self::default().to_position())
    }

    /// The point at `share` of the straight line to `to`; 0 is here.
    pub(crate) fn towards(self, to: Self, share: f64) -> Self {
        let lat = f64::from(self.lat) + (f64::from(to.lat) - f64::from(self.lat)) * share;
        let lng = f64::from(self.lng) + east_of(self, to) * share;
        let whole = 360.0 * PER_DEGREE;
        let lng = if lng > whole / 2.0 {
            lng - whole
        } else if lng < -whole / 2.0 {
            lng + whole
        } else {
            lng
        };
        Self { lat: lat.round() as i32, lng: lng.round() as i32 }
    }
}

/// How far east of `from` the other lies, the short way round, in units of a point.
pub(crate) fn east_of(from: Point, to: Point) -> f64 {
    let whole = 3_600_000_000_i64;
    let east = i64::from(to.lng) - i64::from(from.lng);
    let east = if east > whole / 2 {
        east - whole
    } else if east < -whole / 2 {
        east + whole
    } else {
        east
    };
    east as f64
}

/// Metres per unit of latitude and of longitude around one latitude.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    pub(crate) lat: f64,
    pub(crate) lng: f64,
}

impl Scale {
    /// From the radii of curvature of the ellipsoid in the meridian and in the prime vertical.
    ///
    /// Source: W. Torge, "Geodesy", 4.1.3.
    pub(crate) fn at(lat_degrees: f64) -> Self {
        const EQUATOR_M: f64 = 6_378_137.0;
        const FLATTENING: f64 = 1.0 / 298.257_223_563;
        const ECCENTRICITY_SQUARED: f64 = FLATTENING * (2.0 - FLATTENING);
        let (sin, cos) = lat_degrees.to_radians().sin_cos();
        let root = (1.0 - ECCENTRICITY_SQUARED * sin * sin).sqrt();
        let prime_vertical = EQUATOR_M / root;
        let meridian = prime_vertical * (1.0 - ECCENTRICITY_SQUARED) / (root * root);
        let unit = 1f64.to_radians() / PER_DEGREE;
        Self { lat: meridian * unit, lng: prime_vertical * cos * unit }
    }

    /// East and north of `from`, in metres.
    pub(crate) fn offset(self, from: Point, to: Point) -> (f64, f64) {
        (east_of(from, to) * self.lng, (f64::from(to.lat) - f64::from(from.lat)) * self.lat)
    }
}

/// A plane that touches the Earth somewhere, for what is near there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plane {
    scale: Scale,
    /// 1 for the north pole, −1 for the south pole, where meridians are not parallel.
    pole: Option<f64>,
}

impl Plane {
    pub(crate) fn around(at: Point) -> Self {
        /// Closer to a pole than this, meridians run together within the reach of a position.
        const POLAR_DEGREES: f64 = 89.0;
        let lat = f64::from(at.lat) / PER_DEGREE;
        Self { scale: Scale::at(lat), pole: (lat.abs() > POLAR_DEGREES).then(|| lat.signum()) }
    }

    /// East and north from one point to another, in metres; around a pole, towards 90° of longitude and 180°.
    pub(crate) fn offset(&self, from: Point, to: Point) -> (f64, f64) {
        let Some(pole) = self.pole else {
            return self.scale.offset(from, to);
        };
        let place = |point: Point| {
            let from_pole_m = (90.0 * PER_DEGREE - f64::from(point.lat) * pole) * self.scale.lat;
            let (sin, cos) = (f64::from(point.lng) / PER_DEGREE).to_radians().sin_cos();
            (from_pole_m * sin, -from_pole_m * cos * pole)
        };
        let ((from_east, from_north), (to_east, to_north)) = (place(from), place(to));
        (to_east - from_east, to_north - from_north)
    }

    /// No more than the metres of an offset: around a pole, where a rectangle of degrees is none, latitude alone.
    pub(crate) fn least(&self) -> Scale {
        if self.pole.is_some() { Scale { lng: 0.0, ..self.scale } } else { self.scale }
    }
}

/// Metres between two near points. Within 0.01 % up to 100 km: pieces of road are far shorter.
pub(crate) fn distance_m(a: Point, b: Point) -> f64 {
    let middle = (f64::from(a.lat) + f64::from(b.lat)) / (2.0 * PER_DEGREE);
    let (east, north) = Scale::at(middle).offset(a, b);
    east.hypot(north)
}

/// Direction from one near point to another in degrees clockwise from north, −180..=180.
pub(crate) fn bearing(from: Point, to: Point) -> f64 {
    let (east, north) = Scale::at(f64::from(from.lat) / PER_DEGREE).offset(from, to);
    east.atan2(north).to_degrees()
}

/// The angle turned clockwise from one bearing to another, −180..=180.
pub(crate) fn turned(from: f64, to: f64) -> f64 {
    let angle = (to - from) % 360.0;
    if angle > 180.0 {
        angle - 360.0
    } else if angle < -180.0 {
        angle + 360.0
    } else {
        angle
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(lat: f64, lng: f64) -> Point {
        Point::from_position(LatLng::new(lat, lng).unwrap())
    }

    #[track_caller]
    fn check(a: (f64, f64), b: (f64, f64), expected_m: f64) {
        let distance = distance_m(point(a.0, a.1), point(b.0, b.1));
        assert!((distance / expected_m - 1.0).abs() < 1e-5, "{distance}");
    }

    #[test]
    fn distances_are_those_of_the_ellipsoid() {
        // A degree of the meridian at the equator and towards a pole, a degree of the equator: NIMA TR8350.2.
        check((-0.5, 0.0), (0.5, 0.0), 110_574.3);
        check((89.0, 0.0), (90.0, 0.0), 111_693.9);
        check((0.0, 10.0), (0.0, 11.0), 111_319.5);
    }

    #[test]
    fn antimeridian_is_crossed_the_short_way() {
        check((0.0, 179.5), (0.0, -179.5), 111_319.5);
        let middle = point(10.0, 179.9).towards(point(10.0, -179.7), 0.75);
        assert_eq!(middle, point(10.0, -179.8));
    }

    #[test]
    fn bearings_go_clockwise_from_north() {
        let here = point(51.5, -3.0);
        assert_eq!(bearing(here, point(51.6, -3.0)), 0.0);
        assert!((bearing(here, point(51.5, -2.9)) - 90.0).abs() < 1e-9);
        assert!((turned(170.0, -170.0) - 20.0).abs() < 1e-9);
        assert!((turned(-170.0, 170.0) + 20.0).abs() < 1e-9);
    }
}
