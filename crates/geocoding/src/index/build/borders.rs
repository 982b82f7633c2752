//! What lies inside of which border: postcodes, regions, municipalities.

use super::gathered::{Gathered, RawBoundary};
use super::rings;
use crate::index::street::Spot;

/// The borders of one kind, the smallest first.
#[derive(Debug, Default)]
pub(super) struct Borders<'g> {
    all: Vec<(Bounds, &'g RawBoundary)>,
}

/// South, west, north, east.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    low: Spot,
    high: Spot,
}

impl Bounds {
    fn of(boundary: &RawBoundary) -> Self {
        let nothing = Self { low: Spot { lat: i32::MAX, lng: i32::MAX }, high: Spot { lat: i32::MIN, lng: i32::MIN } };
        boundary.rings.iter().flatten().fold(nothing, |bounds, spot| Self {
            low: Spot { lat: bounds.low.lat.min(spot.lat), lng: bounds.low.lng.min(spot.lng) },
            high: Spot { lat: bounds.high.lat.max(spot.lat), lng: bounds.high.lng.max(spot.lng) },
        })
    }

    fn holds(&self, spot: Spot) -> bool {
        (self.low.lat..=self.high.lat).contains(&spot.lat) && (self.low.lng..=self.high.lng).contains(&spot.lng)
    }

    fn size(&self) -> i64 {
        let side = |low: i32, high: i32| i64::from(high) - i64::from(low);
        side(self.low.lat, self.high.lat) * side(self.low.lng, self.high.lng)
    }
}

impl<'g> Borders<'g> {
    /// The borders that are of a kind.
    pub(super) fn new(gathered: &'g Gathered, is_wanted: impl Fn(&RawBoundary) -> bool) -> Self {
        let wanted = gathered.boundaries.iter().filter(|boundary| is_wanted(boundary));
        let mut all: Vec<(Bounds, &RawBoundary)> = wanted.map(|boundary| (Bounds::of(boundary), boundary)).collect();
        all.sort_by_key(|(bounds, _)| bounds.size());
        Self { all }
    }

    /// The smallest one around a spot.
    pub(super) fn around(&self, spot: Spot) -> Option<&'g RawBoundary> {
        let near = self.all.iter().filter(|(bounds, _)| bounds.holds(spot));
        near.map(|(_, boundary)| *boundary).find(|boundary| rings::holds(&boundary.rings, spot))
    }
}
