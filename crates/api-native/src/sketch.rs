//! A drawing of a route: its line and its stops, north up, without a map.

use std::fmt::Write;

use maud::{Markup, html};
use routemate_domain::{Itinerary, Outcome, Stop, StopStatus};
use routemate_units::LatLng;

/// The drawing's width in its own units; the height follows the route's shape.
const WIDTH: f64 = 1000.0;
const HEIGHTS: (f64, f64) = (320.0, 1000.0);
const MARGIN: f64 = 48.0;
/// Lines of cross-country routes have more points than a sketch can show.
const MAX_LINE_POINTS: usize = 1500;
/// Up to so many stops there is room for numbers.
const MAX_NUMBERED: usize = 30;

/// The drawing; `None` where fewer than two stops have a position.
pub(crate) fn sketch(itinerary: &Itinerary) -> Option<Markup> {
    let stops: Vec<_> = itinerary.present_stops().enumerate().filter_map(placed).collect();
    if stops.len() < 2 {
        return None;
    }
    let mut line = decode(&itinerary.route.totals.polyline);
    if line.len() < 2 {
        line = stops.iter().map(|(_, _, position)| *position).collect();
    }
    let everything = line.iter().copied().chain(stops.iter().map(|(_, _, position)| *position));
    let frame = Frame::around(everything)?;
    let path = path(&frame, &line);
    let (radius, is_numbered) = if stops.len() <= MAX_NUMBERED { (24.0, true) } else { (12.0, false) };
    let label = format!("Sketch of the route with its {} located stops, north up", stops.len());
    Some(html! {
        svg.sketch viewBox=(format!("0 0 {WIDTH} {:.0}", frame.height)) role="img" aria-label=(label) {
            path.line d=(path) {}
            // The last is drawn first, so that where stops crowd the next ones lie on top.
            @for (at, stop, position) in stops.iter().rev() {
                @let (x, y) = frame.place(*position);
                circle class=(mark(stop)) cx=(coordinate(x)) cy=(coordinate(y)) r=(radius) {}
                @if is_numbered {
                    text.number x=(coordinate(x)) y=(coordinate(y)) { (at + 1) }
                }
            }
        }
    })
}

fn placed((at, stop): (usize, &Stop)) -> Option<(usize, &Stop, LatLng)> {
    Some((at, stop, stop.location.position()?))
}

const fn mark(stop: &Stop) -> &'static str {
    match &stop.status {
        StopStatus::Pending | StopStatus::Arrived { .. } | StopStatus::Removed => "stop",
        StopStatus::Ended { outcome: Outcome::Completed { .. }, .. } => "stop done",
        StopStatus::Ended { .. } => "stop failed",
    }
}

/// Where positions go on the drawing: equirectangular around the middle latitude, which no route is too large for here.
struct Frame {
    west: f64,
    north: f64,
    squeeze: f64,
    scale: f64,
    left: f64,
    top: f64,
    height: f64,
}

impl Frame {
    fn around(positions: impl Iterator<Item = LatLng>) -> Option<Self> {
        let (mut south, mut north, mut west, mut east) = (f64::MAX, f64::MIN, f64::MAX, f64::MIN);
        for position in positions {
            (south, north) = (south.min(position.lat()), north.max(position.lat()));
            (west, east) = (west.min(position.lng()), east.max(position.lng()));
        }
        if south > north {
            return None;
        }
        let squeeze = f64::midpoint(south, north).to_radians().cos().max(0.01);
        // Stops at one place still get a frame, of some metres.
        let (wide, tall) = (((east - west) * squeeze).max(1e-4), (north - south).max(1e-4));
        let inner = WIDTH - 2.0 * MARGIN;
        let height = (inner * tall / wide + 2.0 * MARGIN).clamp(HEIGHTS.0, HEIGHTS.1);
        let scale = (inner / wide).min((height - 2.0 * MARGIN) / tall);
        let (left, top) = ((WIDTH - wide * scale) / 2.0, (height - tall * scale) / 2.0);
        Some(Self { west, north, squeeze, scale, left, top, height })
    }

    fn place(&self, position: LatLng) -> (f64, f64) {
        let x = (position.lng() - self.west) * self.squeeze * self.scale;
        let y = (self.north - position.lat()) * self.scale;
        (self.left + x, self.top + y)
    }
}

fn path(frame: &Frame, line: &[LatLng]) -> String {
    let step = line.len().div_ceil(MAX_LINE_POINTS).max(1);
    let points = line.iter().step_by(step).chain(line.last());
    let mut path = String::new();
    for (at, position) in points.enumerate() {
        let (x, y) = frame.place(*position);
        // Writing to a string cannot fail.
        let _ = write!(path, "{}{x:.1} {y:.1}", if at == 0 { 'M' } else { 'L' });
    }
    path
}

fn coordinate(value: f64) -> String {
    format!("{value:.1}")
}

/// Reads Google's encoded polyline with five decimals; stops at the first thing that is none.
///
/// Source: "Encoded Polyline Algorithm Format", Google Maps Platform.
fn decode(polyline: &str) -> Vec<LatLng> {
    let mut bytes = polyline.bytes();
    let (mut lat, mut lng) = (0_i64, 0_i64);
    let mut line = Vec::new();
    while let Some((north, east)) = delta(&mut bytes).zip(delta(&mut bytes)) {
        (lat, lng) = (lat.saturating_add(north), lng.saturating_add(east));
        match LatLng::new(lat as f64 / 1e5, lng as f64 / 1e5) {
            Ok(position) => line.push(position),
            Err(_) => break,
        }
    }
    line
}

fn delta(bytes: &mut impl Iterator<Item = u8>) -> Option<i64> {
    let mut value = 0_i64;
    for shift in (0..40).step_by(5) {
        let chunk = i64::from(bytes.next()?.checked_sub(63)?);
        value |= (chunk & 0x1f) << shift;
        if chunk < 0x20 {
            return Some(if value & 1 == 0 { value >> 1 } else { !(value >> 1) });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{stop, supplied, view};

    #[test]
    fn googles_example_is_read() {
        let line: Vec<_> = decode("_p~iF~ps|U_ulLnnqC_mqNvxq`@").iter().map(ToString::to_string).collect();
        assert_eq!(line, ["38.5,-120.2", "40.7,-120.95", "43.252,-126.453"]);
        assert!(decode("").is_empty());
        assert_eq!(decode("_p~iF~ps|U!!").len(), 1);
        assert!(decode("~~~~~~~~~~~~~~~~~~").is_empty());
    }

    #[test]
    fn north_is_up_and_nothing_leaves_the_frame() {
        let corners = [(60.0, 24.0), (60.1, 24.3), (60.05, 24.1)].map(|(lat, lng)| LatLng::new(lat, lng).unwrap());
        let frame = Frame::around(corners.into_iter()).unwrap();
        let placed = corners.map(|corner| frame.place(corner));
        assert!(placed[1].1 < placed[0].1 && placed[0].0 < placed[1].0);
        for (x, y) in placed {
            assert!((MARGIN - 0.1..=WIDTH - MARGIN + 0.1).contains(&x), "{x}");
            assert!((MARGIN - 0.1..=frame.height - MARGIN + 0.1).contains(&y), "{y}");
        }
    }

    #[test]
    fn stops_at_one_place_and_without_one_are_drawn_or_left_out() {
        let together = view(vec![stop("A", supplied()), stop("B", supplied())]);
        let drawing = sketch(&together.itinerary).expect("a drawing").into_string();
        assert!(drawing.contains("<circle") && !drawing.contains("NaN") && !drawing.contains("inf"), "{drawing}");
        assert!(sketch(&view(vec![stop("A", supplied())]).itinerary).is_none());
    }
}
