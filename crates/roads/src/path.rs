use std::ops::Range;

use routemate_units::{LatLng, Meters, Seconds, StopToken};

use crate::file::{Edge, View};
use crate::geodesy::{Point, distance_m};
use crate::matrix::Leg;
use crate::search::{Search, Stopped, Trip};
use crate::snap::Place;

/// The way through some places.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    legs: Vec<PathLeg>,
    points: Vec<Point>,
}

/// The way from one place of a path to the next.
#[derive(Debug, Clone, PartialEq)]
pub struct PathLeg {
    leg: Leg,
    streets: Vec<Street>,
    points: Range<usize>,
}

/// A stretch of a way along roads of one name.
#[derive(Debug, Clone, PartialEq)]
pub struct Street {
    /// The name, or else the number of the road; empty where it has neither.
    pub name: String,
    /// How long one is on it, in metres.
    pub length_m: f64,
}

impl PathLeg {
    /// Duration and distance.
    #[must_use]
    pub const fn leg(&self) -> Leg {
        self.leg
    }

    /// The streets in the order they are driven.
    #[must_use]
    pub fn streets(&self) -> &[Street] {
        &self.streets
    }

    /// Which points of [`Path::geometry`] are its own; the last is the first of the next leg.
    #[must_use]
    pub fn points(&self) -> Range<usize> {
        self.points.clone()
    }
}

impl Path {
    /// One leg fewer than places.
    #[must_use]
    pub fn legs(&self) -> &[PathLeg] {
        &self.legs
    }

    /// Driving time of all legs, rounded.
    #[must_use]
    pub fn duration(&self) -> Seconds {
        Seconds::from_f64(self.legs.iter().map(|leg| leg.leg.duration_s()).sum())
    }

    /// Length of all legs, rounded.
    #[must_use]
    pub fn distance(&self) -> Meters {
        Meters::from_f64(self.legs.iter().map(|leg| leg.leg.distance_m()).sum())
    }

    /// The line that is driven, from the first place to the last.
    #[must_use]
    pub fn geometry(&self) -> Vec<LatLng> {
        self.points.iter().map(|point| point.to_position()).collect()
    }

    /// The geometry in Google's encoding, in steps of 10⁻⁵ degrees.
    ///
    /// Source: Google, "Encoded Polyline Algorithm Format".
    #[must_use]
    pub fn polyline5(&self) -> String {
        self.polyline(5)
    }

    /// The geometry in the same encoding, in steps of 10⁻⁶ degrees, as OSRM and Valhalla use it.
    #[must_use]
    pub fn polyline6(&self) -> String {
        self.polyline(6)
    }

    fn polyline(&self, digits: u32) -> String {
        // Points hold seven digits.
        let step = 10_i64.pow(7 - digits);
        let rounded = |value: i32| {
            let value = i64::from(value);
            (value + value.signum() * step / 2) / step
        };
        let mut text = Vec::with_capacity(self.points.len() * 8);
        let mut last = [0; 2];
        for point in &self.points {
            let next = [rounded(point.lat), rounded(point.lng)];
            for (last, next) in last.iter_mut().zip(next) {
                push_number(next - *last, &mut text);
                *last = next;
            }
        }
        String::from_utf8(text).unwrap_or_default()
    }
}

/// One number of a polyline: its sign in the lowest bit, then five bits to a character, the lowest first.
fn push_number(value: i64, text: &mut Vec<u8>) {
    const MORE: u8 = 32;
    const FIRST: u8 = 63;
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    while rest >= u64::from(MORE) {
        text.push((rest as u8 & (MORE - 1) | MORE) + FIRST);
        rest >>= 5;
    }
    text.push(rest as u8 + FIRST);
}

/// Puts a path together leg by leg.
#[derive(Debug)]
pub(crate) struct Tracer<'v> {
    view: View<'v>,
    path: Path,
}

impl<'v> Tracer<'v> {
    pub(crate) fn new(view: View<'v>) -> Self {
        Self { view, path: Path { legs: Vec::new(), points: Vec::new() } }
    }

    pub(crate) fn finish(self) -> Path {
        self.path
    }

    /// Adds the way between two places; `false` if there is none.
    pub(crate) fn leg(
        &mut self,
        search: &impl Search,
        from: &Place,
        to: &Place,
        stop: &StopToken,
    ) -> Result<bool, Stopped> {
        let Some(trip) = search.trip(&from.ends(&self.view), &to.ends(&self.view), stop)? else {
            return Ok(false);
        };
        let first = self.path.points.len().saturating_sub(1);
        let mut streets = Streets { view: self.view, found: Vec::new(), name: None };
        self.trace(&trip, from, to, &mut streets);
        let points = first..self.path.points.len();
        self.path.legs.push(PathLeg { leg: Leg::from(trip.cost), streets: streets.found, points });
        Ok(true)
    }

    fn trace(&mut self, trip: &Trip, from: &Place, to: &Place, streets: &mut Streets<'_>) {
        let last = trip.edges.len().saturating_sub(1);
        self.push(from.point);
        for (number, &edge) in trip.edges.iter().enumerate() {
            let Some(edge) = self.view.edge(edge) else { continue };
            let head = (number == 0).then_some(from);
            let tail = (number == last).then_some(to);
            if head.is_none() && tail.is_none() && self.whole(edge, streets) {
                continue;
            }
            self.part(edge, head, tail, streets);
        }
    }

    /// Drives along an edge from its beginning to its end, if all of it has one name.
    fn whole(&mut self, edge: &Edge, streets: &mut Streets<'_>) -> bool {
        let range = self.view.point_range(edge.segment / 2);
        let pieces = self.view.pieces.get(range.start..range.end.saturating_sub(1)).unwrap_or_default();
        let Some((&first, rest)) = pieces.split_first() else {
            return false;
        };
        if rest.iter().any(|piece| piece / 2 != first / 2) {
            return false;
        }
        streets.add(range.start, f64::from(edge.length_cm) / 100.0);
        let points = self.view.points.get(range).unwrap_or_default();
        if edge.side() == 0 {
            points.iter().for_each(|point| self.push(*point));
        } else {
            points.iter().rev().for_each(|point| self.push(*point));
        }
        true
    }

    /// Drives along what lies behind the head and before the tail, where there are such.
    fn part(&mut self, edge: &Edge, head: Option<&Place>, tail: Option<&Place>, streets: &mut Streets<'_>) {
        let range = self.view.point_range(edge.segment / 2);
        let is_against = edge.side() == 1;
        // Whole points of the edge, in the order of the segment.
        let (mut start, mut end) = (range.start, range.end);
        for (place, is_head) in [(head, true), (tail, false)] {
            let Some(place) = place else { continue };
            let piece = place.piece as usize;
            if is_head == is_against {
                end = end.min(piece + 1);
            } else {
                start = start.max(piece + 1);
            }
        }
        let mut step = |point: usize| {
            // The piece on which a place is has its road by its first point.
            let piece = if is_against { point } else { point.saturating_sub(1).max(range.start) };
            self.step(self.view.points.get(point).copied(), piece, streets);
        };
        if is_against {
            (start..end).rev().for_each(&mut step);
        } else {
            (start..end).for_each(&mut step);
        }
        if let Some(place) = tail {
            self.step(Some(place.point), place.piece as usize, streets);
        }
    }

    /// Drives straight to a point, along a piece.
    fn step(&mut self, to: Option<Point>, piece: usize, streets: &mut Streets<'_>) {
        let (Some(to), Some(&from)) = (to, self.path.points.last()) else {
            return;
        };
        if to != from {
            streets.add(piece, distance_m(from, to));
            self.push(to);
        }
    }

    fn push(&mut self, point: Point) {
        if self.path.points.last() != Some(&point) {
            self.path.points.push(point);
        }
    }
}

/// Names along the way, equal ones joined.
struct Streets<'v> {
    view: View<'v>,
    found: Vec<Street>,
    name: Option<u32>,
}

impl Streets<'_> {
    fn add(&mut self, piece: usize, length_m: f64) {
        let name = self.view.road(piece).map_or(0, |(road, _)| road.name);
        match self.found.last_mut().filter(|_| self.name == Some(name)) {
            Some(street) => street.length_m += length_m,
            None => self.found.push(Street { name: self.view.name(name).to_owned(), length_m }),
        }
        self.name = Some(name);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn path(points: Vec<Point>) -> Path {
        Path { legs: Vec::new(), points }
    }

    #[test]
    fn polyline_is_that_of_the_specification() {
        let point = |lat: f64, lng: f64| Point::from_position(LatLng::new(lat, lng).unwrap());
        let line = path(vec![point(38.5, -120.2), point(40.7, -120.95), point(43.252, -126.453)]);
        assert_eq!(line.polyline5(), "_p~iF~ps|U_ulLnnqC_mqNvxq`@");
        assert_eq!(path(Vec::new()).polyline6(), "");
    }

    proptest! {
        #[test]
        fn polylines_lead_where_the_points_are(
            points in prop::collection::vec((-900_000_000..=900_000_000_i32, -1_800_000_000..=1_800_000_000_i32), 0..20),
            is_fine: bool,
        ) {
            let line = path(points.iter().map(|&(lat, lng)| Point { lat, lng }).collect());
            let (text, digits) = if is_fine { (line.polyline6(), 6) } else { (line.polyline5(), 5) };
            let read = polyline::decode_polyline(&text, digits).unwrap();
            prop_assert_eq!(read.0.len(), points.len());
            for (read, (lat, lng)) in read.0.iter().zip(points) {
                let most = 0.500_001 * 0.1_f64.powi(digits as i32);
                prop_assert!((read.y - f64::from(lat) / 1e7).abs() <= most && (read.x - f64::from(lng) / 1e7).abs() <= most);
            }
        }
    }
}
