use routemate_units::LatLng;

use crate::file::View;
use crate::geodesy::{Plane, Point, bearing, distance_m, turned};
use crate::graph::Graph;
use crate::search::{Cost, End};

/// Where and how a road is looked for: the nearest within [`Graph::SNAP_RADIUS_M`], unless more is said.
///
/// ```
/// use routemate_roads::{Approach, SnapOptions};
///
/// let parcel = SnapOptions::new().with_radius(200.0).with_approach(Approach::Kerb);
/// // A vehicle that is driving east, within 30 degrees.
/// let vehicle = SnapOptions::new().with_heading(90.0, 30.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SnapOptions {
    pub(crate) radius_m: f64,
    pub(crate) heading: Option<Heading>,
    approach: Approach,
}

/// On which side of its road a stop has to be, seen by who drives there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Approach {
    /// Either: one may cross the road on foot.
    #[default]
    Unrestricted,
    /// The side driven on, so that one gets out at the kerb and crosses nothing. Where the road is driven in the other
    /// direction alone, or the position is in its middle, this says nothing.
    Kerb,
}

/// Degrees clockwise from north, and how far a road may be off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Heading {
    pub(crate) degrees: f64,
    tolerance: f64,
}

impl SnapOptions {
    /// The nearest road, whatever its direction.
    #[must_use]
    pub const fn new() -> Self {
        Self { radius_m: Graph::SNAP_RADIUS_M, heading: None, approach: Approach::Unrestricted }
    }

    /// No farther than so many metres.
    #[must_use]
    pub const fn with_radius(self, metres: f64) -> Self {
        Self { radius_m: metres, ..self }
    }

    /// Only roads that are driven in this direction, degrees clockwise from north, give or take so many degrees; and only
    /// in this direction. For vehicles on their way, where positions alone do not tell one carriageway from the other.
    #[must_use]
    pub const fn with_heading(self, degrees: f64, tolerance_degrees: f64) -> Self {
        Self { heading: Some(Heading { degrees, tolerance: tolerance_degrees }), ..self }
    }

    /// How the stop is approached, and left again.
    #[must_use]
    pub const fn with_approach(self, approach: Approach) -> Self {
        Self { approach, ..self }
    }
}

impl Default for SnapOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// A place on the road network, found by [`Graph::snap`](crate::Graph::snap).
///
/// Only of use with the graph that gave it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Snap {
    at: LatLng,
    nearest: Place,
    /// The nearest that leads anywhere, where that is another one.
    connected: Option<Place>,
}

impl Snap {
    /// The position that was looked for.
    #[must_use]
    pub const fn asked(&self) -> LatLng {
        self.at
    }

    /// The nearest position on a road.
    #[must_use]
    pub fn position(&self) -> LatLng {
        self.nearest.point.to_position()
    }

    /// Metres from the position that was looked for to the nearest road.
    #[must_use]
    pub fn distance_m(&self) -> f64 {
        let at = Point::from_position(self.at);
        let (east, north) = Plane::around(at).offset(at, self.nearest.point);
        east.hypot(north)
    }

    pub(crate) const fn nearest(&self) -> &Place {
        &self.nearest
    }

    /// The place to take where the nearest one does not lead to the others.
    pub(crate) fn connected(&self) -> &Place {
        self.connected.as_ref().unwrap_or(&self.nearest)
    }
}

/// A position on a piece of road.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Place {
    pub(crate) segment: u32,
    /// The first point of the piece, in the graph's points.
    pub(crate) piece: u32,
    /// How far along the piece, 0..=1.
    pub(crate) share: f64,
    pub(crate) point: Point,
    /// In which directions of the segment one may come and go, as far as they are open.
    sides: [bool; 2],
}

/// So much farther than its nearest road a position is moved to a road that leads somewhere. A yard that is cut off by
/// a gate, or by a slip in the map, is nearer to the street; what is farther is an island, and left alone.
const DETACHED_M: f64 = 1_000.0;

/// The nearest place, and the nearest that is well connected.
pub(crate) fn snap(view: &View<'_>, at: LatLng, options: &SnapOptions) -> Option<Snap> {
    let point = Point::from_position(at);
    let plane = Plane::around(point);
    let mut nearest: Option<Found> = None;
    let mut connected: Option<Found> = None;
    // Farther than the whole planet is everywhere.
    let radius = options.radius_m.clamp(0.0, 3e7);
    let mut limit2 = radius * radius;
    view.tree.near(point, plane.least(), limit2, |leaf| {
        let (Some(&a), Some(&b)) = (view.points.get(leaf.point as usize), view.points.get(leaf.point as usize + 1))
        else {
            return limit2;
        };
        let (share, distance2) = project(point, a, b, plane);
        if distance2 <= limit2 && connected.is_none_or(|best| distance2 < best.distance2) {
            let sides = options.heading.map_or([true; 2], |heading| heading.sides(a, b));
            let place = Place { segment: leaf.segment, piece: leaf.point, share, point: a.towards(b, share), sides };
            let is_connected = place.is_connected(view);
            let found = Found { distance2, place };
            let has_way = options.heading.is_none() || place.edges(view).next().is_some();
            if has_way
                && nearest
                    .is_none_or(|best| distance2 < best.distance2 || (is_connected && distance2 <= best.distance2))
            {
                nearest = Some(found);
                let reach = distance2.sqrt() + DETACHED_M;
                limit2 = limit2.min(reach * reach);
            }
            if has_way && is_connected {
                connected = Some(found);
            }
        }
        connected.map_or(limit2, |best| best.distance2)
    });
    let nearest = nearest?.place;
    // The limit sank while the search went on.
    let connected = connected.filter(|found| found.distance2 <= limit2).map(|found| found.place);
    let at_kerb = |place: Place| match options.approach {
        Approach::Unrestricted => place,
        Approach::Kerb => place.at_kerb(view, point, plane),
    };
    Some(Snap { at, nearest: at_kerb(nearest), connected: connected.filter(|place| *place != nearest).map(at_kerb) })
}

#[derive(Clone, Copy)]
struct Found {
    distance2: f64,
    place: Place,
}

impl Heading {
    /// Which directions of a piece from `a` to `b` are this one.
    fn sides(self, a: Point, b: Point) -> [bool; 2] {
        let along = bearing(a, b);
        [along, along + 180.0].map(|direction| turned(self.degrees, direction).abs() <= self.tolerance)
    }
}

/// The share of the line from `a` to `b` that is nearest, and the square of its distance.
fn project(at: Point, a: Point, b: Point, plane: Plane) -> (f64, f64) {
    let (ax, ay) = plane.offset(at, a);
    // Not from `at` to `b`: on the other side of the world the short way round may be the other one.
    let (dx, dy) = plane.offset(a, b);
    let length2 = dx * dx + dy * dy;
    let share = if length2 > 0.0 { (-(ax * dx + ay * dy) / length2).clamp(0.0, 1.0) } else { 0.0 };
    let (x, y) = (ax + dx * share, ay + dy * share);
    (share, x * x + y * y)
}

impl Place {
    /// The open directions in which one may come and go, with their sides.
    pub(crate) fn edges(&self, view: &View<'_>) -> impl Iterator<Item = (usize, u32)> {
        let sides = self.sides;
        view.open_edges(self.segment).filter(move |(side, _)| sides.get(*side) == Some(&true))
    }

    /// What it takes from the beginning of each of these directions to this place.
    pub(crate) fn ends(&self, view: &View<'_>) -> Vec<End> {
        self.edges(view).filter_map(|(side, edge)| self.end(view, side, edge)).collect()
    }

    fn is_connected(&self, view: &View<'_>) -> bool {
        self.edges(view).any(|(_, edge)| view.edge(edge).is_some_and(|edge| edge.is_large()))
    }

    /// The same place, come to with `at` at the kerb, as far as the road can be driven like that.
    fn at_kerb(self, view: &View<'_>, at: Point, plane: Plane) -> Self {
        /// Nearer than this to the line that stands for the road, it is on neither side of it.
        const MIDDLE_M: f64 = 0.5;
        let piece = self.piece as usize;
        let (Some(&a), Some(&b), Some((road, _))) =
            (view.points.get(piece), view.points.get(piece + 1), view.road(piece))
        else {
            return self;
        };
        let (ax, ay) = plane.offset(at, a);
        let (dx, dy) = plane.offset(a, b);
        // Metres to the right of who drives along the points.
        let right_m = (ax * dy - ay * dx) / -dx.hypot(dy);
        if right_m.is_nan() || right_m.abs() < MIDDLE_M {
            return self;
        }
        let is_at_kerb_along = (right_m > 0.0) != road.is_left();
        let [along, against] = self.sides;
        let kerb = Self { sides: [along && is_at_kerb_along, against && !is_at_kerb_along], ..self };
        let serves = if self.is_connected(view) { kerb.is_connected(view) } else { kerb.edges(view).next().is_some() };
        if serves { kerb } else { self }
    }

    fn end(&self, view: &View<'_>, side: usize, edge: u32) -> Option<End> {
        let whole = Cost::of_edge(view.edge(edge)?);
        let mut before = [0.0; 3];
        let mut all = [0.0; 3];
        let range = view.point_range(self.segment);
        let points = view.points.get(range.clone())?;
        for (number, pair) in points.windows(2).enumerate() {
            let &[a, b] = pair else { continue };
            let piece = range.start + number;
            let length_m = distance_m(a, b);
            let (road, reversed) = view.road(piece)?;
            let (weight, duration) = road.cost_ds(side ^ reversed, length_m)?;
            let along = match piece.cmp(&(self.piece as usize)) {
                std::cmp::Ordering::Less => 1.0,
                std::cmp::Ordering::Equal => self.share,
                std::cmp::Ordering::Greater => 0.0,
            };
            let share = if side == 0 { along } else { 1.0 - along };
            for (at, part) in [f64::from(weight), f64::from(duration), length_m * 100.0].into_iter().enumerate() {
                if let (Some(before), Some(all)) = (before.get_mut(at), all.get_mut(at)) {
                    *before += part * share;
                    *all += part;
                }
            }
        }
        let [weight, duration, length] = before.map(|part: f64| part.round() as i64);
        let before = Cost { weight, duration, length };
        Some(End { edge, before: before.min_each(whole) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_share_of_a_line_is_at_the_foot_or_an_end() {
        let point = |lat: i32, lng: i32| Point { lat, lng };
        let plane = Plane::around(point(0, 0));
        let (_, metre) = plane.offset(point(0, 0), point(1, 0));
        let check = |at, b, expected: (f64, f64)| {
            let (share, distance2) = project(at, point(0, 0), b, plane);
            let distance = distance2.sqrt() / metre;
            assert!((share - expected.0).abs() < 0.01 && (distance - expected.1).abs() < 0.01, "{share} {distance}");
        };
        check(point(3, 5), point(0, 10), (0.5, 3.0));
        check(point(-4, 0), point(10, 0), (0.0, 4.0));
        check(point(3, 0), point(0, 0), (0.0, 3.0));
    }
}
