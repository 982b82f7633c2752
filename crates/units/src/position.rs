use std::fmt;

/// A position on the WGS84 ellipsoid in decimal degrees.
///
/// Latitude lies in −90..=90 and longitude in −180..=180; both are finite. Negative zero is stored as zero, so that
/// equal positions are bit-equal.
///
/// ```
/// use routemate_units::LatLng;
/// let senate_square = LatLng::new(60.1695, 24.9525)?;
/// assert_eq!(senate_square.lat(), 60.1695);
/// assert!(LatLng::new(91.0, 0.0).is_err());
/// # Ok::<(), routemate_units::OutOfRange>(())
/// ```
#[derive(Clone, Copy, PartialEq)]
pub struct LatLng {
    lat: f64,
    lng: f64,
}

/// Mean Earth radius R₁ in metres (IUGG).
const MEAN_EARTH_RADIUS_M: f64 = 6_371_008.8;

impl LatLng {
    /// A position from latitude and longitude in degrees.
    ///
    /// # Errors
    /// [`OutOfRange::Latitude`] or [`OutOfRange::Longitude`] with the offending value, also when it is not finite.
    pub fn new(lat: f64, lng: f64) -> Result<Self, OutOfRange> {
        if !(-90.0..=90.0).contains(&lat) {
            return Err(OutOfRange::Latitude(lat));
        }
        if !(-180.0..=180.0).contains(&lng) {
            return Err(OutOfRange::Longitude(lng));
        }
        // Adding zero turns −0.0 into 0.0.
        Ok(Self { lat: lat + 0.0, lng: lng + 0.0 })
    }

    /// Latitude in degrees, −90..=90.
    #[must_use]
    pub const fn lat(self) -> f64 {
        self.lat
    }

    /// Longitude in degrees, −180..=180.
    #[must_use]
    pub const fn lng(self) -> f64 {
        self.lng
    }

    /// Great-circle distance in metres by the haversine formula on a sphere of radius 6 371 008.8 m.
    ///
    /// Right across the antimeridian and at the poles; within 0.6 % of the geodesic on the ellipsoid.
    ///
    /// Source: R. W. Sinnott, "Virtues of the Haversine", Sky and Telescope 68 (1984).
    ///
    /// ```
    /// use routemate_units::LatLng;
    /// let (west, east) = (LatLng::new(0.0, 179.5)?, LatLng::new(0.0, -179.5)?);
    /// assert!((west.haversine_m(east) - 111_195.0).abs() < 1.0);
    /// # Ok::<(), routemate_units::OutOfRange>(())
    /// ```
    #[must_use]
    pub fn haversine_m(self, other: Self) -> f64 {
        let (a, b) = (self.lat.to_radians(), other.lat.to_radians());
        let half_lat = ((b - a) / 2.0).sin();
        let half_lng = ((other.lng - self.lng).to_radians() / 2.0).sin();
        let h = half_lat * half_lat + a.cos() * b.cos() * half_lng * half_lng;
        2.0 * MEAN_EARTH_RADIUS_M * h.clamp(0.0, 1.0).sqrt().asin()
    }
}

impl fmt::Debug for LatLng {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LatLng({}, {})", self.lat, self.lng)
    }
}

/// `lat,lng` in degrees.
impl fmt::Display for LatLng {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.lat, self.lng)
    }
}

/// Why a pair of numbers is no position.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OutOfRange {
    /// Not finite or outside −90..=90.
    Latitude(f64),
    /// Not finite or outside −180..=180.
    Longitude(f64),
}

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latitude(value) => write!(f, "latitude `{value}` is not between -90 and 90"),
            Self::Longitude(value) => write!(f, "longitude `{value}` is not between -180 and 180"),
        }
    }
}

impl std::error::Error for OutOfRange {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_inclusive_and_nothing_beyond_them_is_a_position() {
        assert!(LatLng::new(90.0, -180.0).is_ok());
        assert!(matches!(LatLng::new(90.000_001, 0.0), Err(OutOfRange::Latitude(_))));
        assert!(matches!(LatLng::new(0.0, 180.000_001), Err(OutOfRange::Longitude(_))));
        assert!(matches!(LatLng::new(f64::NAN, 0.0), Err(OutOfRange::Latitude(_))));
        assert!(matches!(LatLng::new(0.0, f64::INFINITY), Err(OutOfRange::Longitude(_))));
    }

    #[test]
    fn antipodes_are_half_the_circumference_apart() -> Result<(), OutOfRange> {
        let distance = LatLng::new(0.0, 0.0)?.haversine_m(LatLng::new(0.0, 180.0)?);
        assert!((distance - std::f64::consts::PI * MEAN_EARTH_RADIUS_M).abs() < 1e-3);
        Ok(())
    }

    #[test]
    fn negative_zero_equals_zero_bit_by_bit() -> Result<(), OutOfRange> {
        assert_eq!(LatLng::new(-0.0, -0.0)?.lat().to_bits(), 0.0_f64.to_bits());
        Ok(())
    }
}
