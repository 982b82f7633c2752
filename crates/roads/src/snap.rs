use routemate_units::LatLng;

use crate::file::View;
use crate::geodesy::{Point, Scale, distance_m};
use crate::search::{Cost, End};

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
        distance_m(Point::from_position(self.at), self.nearest.point)
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
}

/// The nearest place, and the nearest that is well connected.
pub(crate) fn snap(view: &View<'_>, at: LatLng, radius_m: f64) -> Option<Snap> {
    let point = Point::from_position(at);
    let scale = Scale::at(at.lat());
    let mut nearest: Option<(f64, Place)> = None;
    let mut connected: Option<(f64, Place)> = None;
    // Farther than the whole planet is everywhere.
    let radius = radius_m.clamp(0.0, 3e7);
    let limit2 = radius * radius;
    view.tree.near(point, scale, limit2, |leaf| {
        let (Some(&a), Some(&b)) = (view.points.get(leaf.point as usize), view.points.get(leaf.point as usize + 1))
        else {
            return limit2;
        };
        let (share, distance2) = project(point, a, b, scale);
        if distance2 <= limit2 {
            let place = || Place { segment: leaf.segment, piece: leaf.point, share, point: a.towards(b, share) };
            if nearest.is_none_or(|(best, _)| distance2 < best) {
                nearest = Some((distance2, place()));
            }
            if connected.is_none_or(|(best, _)| distance2 < best) && is_connected(view, leaf.segment) {
                connected = Some((distance2, place()));
            }
        }
        connected.map_or(limit2, |(best, _)| best)
    });
    let (_, nearest) = nearest?;
    Some(Snap { at, nearest, connected: connected.map(|(_, place)| place).filter(|place| *place != nearest) })
}

fn is_connected(view: &View<'_>, segment: u32) -> bool {
    view.open_edges(segment).any(|(_, edge)| view.edge(edge).is_some_and(|edge| edge.is_large()))
}

/// The share of the line from `a` to `b` that is nearest, and the square of its distance.
fn project(at: Point, a: Point, b: Point, scale: Scale) -> (f64, f64) {
    let (ax, ay) = scale.offset(at, a);
    let (bx, by) = scale.offset(at, b);
    let (dx, dy) = (bx - ax, by - ay);
    let length2 = dx * dx + dy * dy;
    let share = if length2 > 0.0 { (-(ax * dx + ay * dy) / length2).clamp(0.0, 1.0) } else { 0.0 };
    let (x, y) = (ax + dx * share, ay + dy * share);
    (share, x * x + y * y)
}

impl Place {
    /// What it takes from the beginning of each open direction to this place.
    pub(crate) fn ends(&self, view: &View<'_>) -> Vec<End> {
        view.open_edges(self.segment).filter_map(|(side, edge)| self.end(view, side, edge)).collect()
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
        let scale = Scale { lat: 1.0, lng: 1.0 };
        assert_eq!(project(point(3, 5), point(0, 0), point(0, 10), scale), (0.5, 9.0));
        assert_eq!(project(point(0, -4), point(0, 0), point(0, 10), scale), (0.0, 16.0));
        assert_eq!(project(point(3, 4), point(0, 0), point(0, 0), scale), (0.0, 25.0));
    }
}
