use std::ops::Range;

use routemate_units::{LatLng, Meters, Seconds, StopToken};

use crate::file::View;
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
        let positions = self.points.iter().map(|point| point.to_position());
        // The crate's coordinates are x, y: longitude first. It refuses only what is no position.
        polyline::encode_coordinates(positions.map(|at| (at.lng(), at.lat()).into()), digits).unwrap_or_default()
    }
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
            let range = self.view.point_range(edge.segment / 2);
            let is_against = edge.side() == 1;
            // Whole points of the edge, in the order of the segment.
            let (mut start, mut end) = (range.start, range.end);
            let (mut head, mut tail) = (None, None);
            if number == 0 {
                head = Some(from);
            }
            if number == last {
                tail = Some(to);
            }
            for (place, is_head) in [(head, true), (tail, false)] {
                let Some(place) = place else { continue };
                let piece = place.piece as usize;
                // Driven is what lies behind the head and before the tail.
                if is_head == is_against {
                    end = end.min(piece + 1);
                } else {
                    start = start.max(piece + 1);
                }
            }
            let whole = start..end.max(start);
            // The piece on which a place is has its road by its first point.
            let mut order: Vec<usize> = whole.collect();
            if is_against {
                order.reverse();
            }
            for point in order {
                let piece = if is_against { point } else { point.saturating_sub(1).max(range.start) };
                self.step(self.view.points.get(point).copied(), piece, streets);
            }
            if let Some(place) = tail {
                self.step(Some(place.point), place.piece as usize, streets);
            }
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
