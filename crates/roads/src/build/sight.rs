//! In which direction a road leaves a junction, as who turns into it sees it.
//!
//! The first piece of a road often tells little: ways meet in the middle of wide streets, lanes part before the
//! carriageways do, curbs are rounded. OSRM looks past such beginnings, and the costs of its turns follow from what it
//! sees, so the same is looked for here, in the same order. Source of the rules and numbers: OSRM's extractor
//! (Project-OSRM/osrm-backend, `coordinate_extractor`, release 26.10), retold.

use super::line::{Ruler, Spot, cut_piece};
use crate::rules::look::Look;

/// Metres that a lane is wide.
pub(super) const LANE_M: f64 = 3.25;

/// How far one looks where nothing else is told.
const NEAR_M: f64 = 10.0;
const FAR_M: f64 = 40.0;

/// Within so many metres of its beginning, a line may be drawn anyhow.
const SLACK_M: f64 = 2.0;

/// The spot that a road is headed for where it leaves the first spot of `line`, which is the whole road up to the next
/// junction. `lanes` are those of the widest road that meets here, 0 if unknown.
pub(super) fn heading(ruler: Ruler, line: &[Spot], look: &Look, is_roundabout: bool, lanes: u8) -> Option<Spot> {
    let (&start, &end) = (line.first()?, line.last()?);
    if line.len() <= 2 {
        return Some(end);
    }
    if is_roundabout {
        return ruler.along(line, SLACK_M);
    }
    if look.class.is_minor() {
        return ruler.along(line, NEAR_M);
    }
    let lanes = look.class.opening() * if lanes == 0 { 2.0 } else { f64::from(lanes) };
    let width_m = lanes * LANE_M;
    let &next = line.get(1)?;
    if ruler.distance_m(start, next) > width_m + NEAR_M {
        return Some(next);
    }
    let view = View::of(ruler, line, FAR_M + width_m)?;
    if view.line.len() == 2 || view.total_m() <= SLACK_M {
        return view.line.last().copied();
    }
    if let Some(straight) = view.straight() {
        return Some(straight);
    }
    let (straight_index, straight_m) = view.beginning();
    if straight_m >= width_m + NEAR_M {
        return ruler.along(&view.line, 5.0);
    }
    let fitted = ruler.fit(&view.line)?;
    if ruler.deviation_m(&view.line, fitted) < 0.35 * LANE_M {
        let &back = view.line.last()?;
        return Some(shifted(ruler, start, [start.foot(fitted), back.foot(fitted)]));
    }
    if let Some(offset) = view.offset(straight_index, straight_m, lanes) {
        return Some(shifted(ruler, start, offset));
    }
    if view.is_curve(width_m) {
        return view.into_curve(start);
    }
    if let Some(beyond) = view.beyond_the_opening(width_m) {
        return Some(shifted(ruler, start, beyond));
    }
    let seen = ruler.along(&view.line, NEAR_M)?;
    if seen == start { view.line.iter().copied().find(|spot| *spot != start).or(Some(seen)) } else { Some(seen) }
}

/// The head of a line, moved so that the line begins at a junction: by nine tenths of how far off its base is.
fn shifted(ruler: Ruler, junction: Spot, [base, head]: [Spot; 2]) -> Spot {
    // Too short to have a direction.
    if ruler.distance_m(base, head) < SLACK_M {
        return head;
    }
    let moved = |head: i32, base: i32, at: i32| head - ((i64::from(base) - i64::from(at)) * 90 / 100) as i32;
    Spot { lng: moved(head.lng, base.lng, junction.lng), lat: moved(head.lat, base.lat, junction.lat) }
}

/// The beginning of a road, as far as one sees.
#[derive(Debug)]
struct View {
    ruler: Ruler,
    line: Vec<Spot>,
    /// Of the piece before each spot of the line; the first is 0.
    lengths_m: Vec<f64>,
}

impl View {
    /// Whole pieces until so many metres are seen; of these only one that is longer by itself is cut.
    fn of(ruler: Ruler, line: &[Spot], metres: f64) -> Option<Self> {
        let mut lengths_m = vec![0.0];
        let mut seen_m = 0.0;
        for length_m in ruler.pieces(line) {
            seen_m += length_m;
            lengths_m.push(length_m);
            if seen_m >= metres {
                break;
            }
        }
        let mut view = Self { ruler, line: line.get(..lengths_m.len())?.to_vec(), lengths_m };
        view.cut(metres);
        let last = view.lengths_m.last_mut()?;
        *last = last.min(metres);
        Some(view)
    }

    /// Cuts the line in the first piece that is longer than so many metres by itself, if it is the last at the latest.
    fn cut(&mut self, metres: f64) {
        if self.lengths_m.last().is_none_or(|last| *last < metres) {
            return;
        }
        let Some(number) = self.lengths_m.iter().skip(1).position(|length| *length >= metres).map(|at| at + 1) else {
            return;
        };
        let (before, length) = (self.length_m(number - 1), self.length_m(number));
        cut_piece(&mut self.line, number - 1, (metres - before) / (length - before));
        self.lengths_m.truncate(number + 1);
    }

    fn length_m(&self, number: usize) -> f64 {
        self.lengths_m.get(number).copied().unwrap_or(0.0)
    }

    fn total_m(&self) -> f64 {
        self.lengths_m.iter().sum()
    }

    /// Metres up to a spot.
    fn up_to_m(&self, number: usize) -> f64 {
        self.lengths_m.iter().take(number + 1).sum()
    }

    fn ends(&self) -> Option<[Spot; 2]> {
        Some([*self.line.first()?, *self.line.last()?])
    }

    /// Where to head if all that is seen is about straight.
    fn straight(&self) -> Option<Spot> {
        let [start, end] = self.ends()?;
        if self.ruler.deviation_m(&self.line, [start, end]) >= 0.5 * LANE_M {
            return None;
        }
        if start == end { self.ruler.along(&self.line, SLACK_M) } else { Some(end) }
    }

    /// How far the line is straight from its beginning: the last spot, and metres.
    fn beginning(&self) -> (usize, f64) {
        let mut straight_m = self.length_m(1);
        for number in 2..self.line.len() {
            let (Some(passed), Some(&start), Some(&spot)) =
                (self.line.get(..number), self.line.first(), self.line.get(number))
            else {
                break;
            };
            if self.ruler.deviation_m(passed, [start, spot]) >= 0.25 * LANE_M {
                return (number - 1, straight_m);
            }
            straight_m += self.length_m(number);
        }
        (self.line.len() - 1, straight_m)
    }

    /// The line that the road follows once it has reached its own lanes, if it first only does that.
    fn offset(&self, straight_index: usize, straight_m: f64, lanes: f64) -> Option<[Spot; 2]> {
        let at = straight_index.max(1);
        let line = [*self.line.get(at)?, *self.line.get(at + 1)?];
        let lanes = f64::from(lanes.min(255.0) as u8);
        let is_near = self.up_to_m(at) - 0.5 * lanes * LANE_M < LANE_M;
        let total_m = self.total_m();
        let rest_m = total_m - straight_m.max(self.length_m(1));
        if !is_near || total_m < 0.4 * FAR_M || rest_m < 0.1 * total_m {
            return None;
        }
        let long = self.lengths_m.iter().skip(at).position(|length| *length >= 30.0);
        let end = long.map_or(self.line.len(), |long| (at + long + 1).min(self.line.len()));
        let compared = self.line.get(at..end)?;
        let straight = [*compared.first()?, *compared.last()?];
        (self.ruler.deviation_m(compared, straight) < 0.5 * LANE_M).then_some(line)
    }

    /// Whether the road is a bend from its beginning on, rather than a corner and what follows.
    fn is_curve(&self, width_m: f64) -> bool {
        let total_m = self.total_m();
        self.turns_by_more_than(20.0)
            && self.is_on_one_side()
            && self.bulge().is_some_and(|(at, bulge_m)| {
                let is_early = self.up_to_m(at) <= 0.35 * total_m;
                let is_flat = bulge_m < f64::max(0.3 * width_m, 0.5 * LANE_M);
                !(is_early || is_flat) || total_m <= NEAR_M
            })
            && total_m > 2.0 * width_m
            && self.bends_evenly(width_m)
    }

    fn turns_by_more_than(&self, degrees: f64) -> bool {
        let direction = |pair: Option<(&Spot, &Spot)>| pair.map(|(a, b)| self.ruler.bearing(*a, *b));
        let pairs = || self.line.iter().zip(self.line.iter().skip(1));
        match (direction(pairs().next()), direction(pairs().next_back())) {
            (Some(first), Some(last)) => between(first, last) > degrees,
            _ => false,
        }
    }

    /// Whether the line stays on one side of the chord between its ends.
    fn is_on_one_side(&self) -> bool {
        let Some([start, end]) = self.ends() else {
            return false;
        };
        let (east, north) = start.to(end);
        let mut sides = self.line.iter().skip(1).take(self.line.len().saturating_sub(2)).map(|spot| {
            let (x, y) = start.to(*spot);
            east * y - north * x > 0.0
        });
        let first = sides.next();
        sides.all(|side| Some(side) == first)
    }

    /// The spot that is farthest from the chord, and how far, if the line goes off from there on both sides.
    fn bulge(&self) -> Option<(usize, f64)> {
        let chord = self.ends()?;
        let off_m: Vec<f64> = self.line.iter().map(|spot| self.ruler.distance_m(*spot, spot.foot(chord))).collect();
        if off_m.len() == 3 {
            return Some((1, *off_m.get(1)?));
        }
        let rising = off_m.iter().skip(1).zip(off_m.iter().skip(2)).take_while(|(a, b)| b >= a).count();
        let at = 1 + rising;
        if at + 1 >= off_m.len() {
            return Some((off_m.len() - 1, 0.0));
        }
        let falls = off_m.get(at + 1..)?.windows(2).all(|pair| pair.first() >= pair.last());
        falls.then_some((at, *off_m.get(at)?))
    }

    /// Whether no part of a bend is long and straight, and it never turns back.
    fn bends_evenly(&self, width_m: f64) -> bool {
        const TURNS_DEGREES: f64 = 25.0;
        const STRAIGHT_DEGREES: f64 = 5.0;
        let total_m = self.total_m();
        let corners: Vec<f64> = self.line.windows(3).map(corner).collect();
        let mut was_straight = false;
        let mut straight_m = (self.length_m(1) - width_m).max(0.0);
        for (number, pair) in corners.windows(2).enumerate() {
            let &[before, corner] = pair else { continue };
            let turns = |corner: f64| between(corner, 180.0) > TURNS_DEGREES;
            if turns(before) && turns(corner) && (before > 180.0) == (corner < 180.0) {
                return false;
            }
            let length_m = self.length_m(number + 2);
            let is_straight = between(corner, 180.0) < STRAIGHT_DEGREES;
            if is_straight {
                straight_m += length_m;
                if was_straight && straight_m > 0.3 * total_m {
                    return false;
                }
            } else if straight_m > 0.3 * total_m {
                return false;
            } else {
                straight_m = length_m;
            }
            was_straight = is_straight;
        }
        true
    }

    /// Where a bend heads some metres on.
    fn into_curve(mut self, start: Spot) -> Option<Spot> {
        self.cut(3.0 * SLACK_M);
        let &head = self.line.last()?;
        let before = self.line.len().checked_sub(2).and_then(|at| self.line.get(at).copied())?;
        *self.lengths_m.last_mut()? = self.ruler.distance_m(before, head);
        self.cut(2.0 * SLACK_M);
        Some(shifted(self.ruler, start, [*self.line.last()?, head]))
    }

    /// The line that the road follows behind the width of the junction, if it is straight there.
    fn beyond_the_opening(&self, width_m: f64) -> Option<[Spot; 2]> {
        let opening_m = 0.8 * width_m;
        let rest = self.ruler.cut_front(&self.line, 0.8 * opening_m);
        if rest.len() < 2 || self.total_m() < opening_m + SLACK_M {
            return None;
        }
        let fitted = self.ruler.fit(&rest)?;
        (self.ruler.deviation_m(&rest, fitted) < 0.5 * LANE_M).then_some(fitted)
    }
}

/// The angle between two bearings, 0..=180.
pub(super) fn between(one: f64, other: f64) -> f64 {
    let difference = (one - other).abs();
    difference.min(360.0 - difference)
}

/// The angle at the middle of three spots, 0..360, 180 where they lie in a line.
fn corner(spots: &[Spot]) -> f64 {
    let &[a, b, c] = spots else {
        return 180.0;
    };
    if a == b || b == c {
        return 180.0;
    }
    // In the plane of Mercator's chart.
    let stretch = 1.0 / (f64::from(b.lat) * 1e-6).to_radians().cos();
    let direction = |to: Spot| {
        let (east, north) = b.to(to);
        (north * stretch).atan2(east).to_degrees()
    };
    (direction(c) - direction(a)).rem_euclid(360.0)
}
