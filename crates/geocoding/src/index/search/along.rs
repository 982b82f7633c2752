//! Spots on and beside the lines of a street.

use crate::index::street::{Line, Spot};

/// Where a vehicle stops for a spot: the nearest point of the lines that can be driven.
pub(super) fn access(lines: &[Line], spot: Spot) -> Option<Spot> {
    let mut nearest: Option<(f64, Spot)> = None;
    for line in lines.iter().filter(|line| line.is_drivable) {
        for piece in line.points.windows(2) {
            let [a, b] = piece else {
                continue;
            };
            let foot = a.towards(*b, part_of_foot(a.offset_m(*b), a.offset_m(spot)));
            let distance = foot.distance_m(spot);
            if nearest.is_none_or(|(best, _)| distance < best) {
                nearest = Some((distance, foot));
            }
        }
    }
    nearest.map(|(_, spot)| spot)
}

/// Houses are no farther from the line of their street, in metres.
const FARTHEST_M: f64 = 120.0;

/// Neighbours that are nearer have no bend between them that matters.
const SHORTEST_M: f64 = 20.0;

/// Lines farther than this from the middle of two neighbours, beyond half their distance, do not lead from one to the
/// other.
const MARGIN_M: f64 = 400.0;

/// The spot a part of the way between two houses along the street's lines, as far beside them as the houses are.
///
/// `None` where no line leads from one to the other without a long detour: then the straight way is as good a guess.
///
/// Cost: quadratic in the number of lines near the houses.
pub(super) fn between(lines: &[Line], [from, to]: [Spot; 2], part: f64) -> Option<Spot> {
    let chord_m = from.distance_m(to);
    if chord_m < SHORTEST_M {
        return None;
    }
    let middle = from.towards(to, 0.5);
    let is_near = |line: &&Line| line.points.iter().any(|point| point.distance_m(middle) < chord_m + MARGIN_M);
    let pieces = lines.iter().filter(is_near).map(|line| line.points.clone()).collect();
    let paths = joined(pieces).into_iter().map(|points| Path::new(middle, &points));
    let feet = paths.filter_map(|path| {
        let feet = [path.foot(middle.offset_m(from))?, path.foot(middle.offset_m(to))?];
        let [a, b] = &feet;
        let way_m = (a.at_m - b.at_m).abs();
        let is_way = way_m > chord_m * 0.5 && way_m < chord_m * 2.0 + 50.0;
        let is_beside = a.beside_m.abs().max(b.beside_m.abs()) < FARTHEST_M;
        (is_way && is_beside).then_some((path, feet))
    });
    let least = |[a, b]: &[Foot; 2]| a.beside_m.abs() + b.beside_m.abs();
    let (path, [a, b]) = feet.min_by(|one, other| least(&one.1).total_cmp(&least(&other.1)))?;
    // Houses on either side of the line say nothing of how far from it one between them is.
    let beside_m = match () {
        () if a.beside_m * b.beside_m > 0.0 => a.beside_m + (b.beside_m - a.beside_m) * part,
        () if part < 0.5 => a.beside_m,
        () => b.beside_m,
    };
    path.spot(a.at_m + (b.at_m - a.at_m) * part, beside_m)
}

/// Which part of the way from the origin to `to` is nearest to `spot`.
fn part_of_foot([east, north]: [f64; 2], [to_east, to_north]: [f64; 2]) -> f64 {
    let length2 = east * east + north * north;
    if length2 > 0.0 { ((east * to_east + north * to_north) / length2).clamp(0.0, 1.0) } else { 0.0 }
}

/// Lines that begin where others end, put together.
fn joined(mut pieces: Vec<Vec<Spot>>) -> Vec<Vec<Spot>> {
    let mut paths = Vec::new();
    while let Some(mut path) = pieces.pop() {
        // Onwards from its end, then, turned around, from its beginning.
        for _ in 0..2 {
            while let Some(end) = path.last().copied() {
                let ends_there = |piece: &Vec<Spot>| piece.first() == Some(&end) || piece.last() == Some(&end);
                let Some(next) = pieces.iter().position(ends_there) else {
                    break;
                };
                let mut piece = pieces.swap_remove(next);
                if piece.first() != Some(&end) {
                    piece.reverse();
                }
                path.extend(piece.into_iter().skip(1));
            }
            path.reverse();
        }
        paths.push(path);
    }
    paths
}

/// A line on a plane that touches the earth at its origin, in metres east and north.
struct Path {
    origin: Spot,
    points: Vec<[f64; 2]>,
}

/// The nearest point of a path to something beside it.
struct Foot {
    /// Along the path from its beginning.
    at_m: f64,
    /// To the left of the path; negative to the right.
    beside_m: f64,
}

impl Path {
    fn new(origin: Spot, points: &[Spot]) -> Self {
        Self { origin, points: points.iter().map(|point| origin.offset_m(*point)).collect() }
    }

    /// Its pieces: where each begins, its direction, and how far along the path it is and how long.
    fn pieces(&self) -> impl Iterator<Item = ([f64; 2], [f64; 2], f64, f64)> {
        let mut at_m = 0.0;
        self.points.windows(2).filter_map(move |piece| {
            let [[east, north], [to_east, to_north]] = *piece else {
                return None;
            };
            let way = [to_east - east, to_north - north];
            let length_m = way[0].hypot(way[1]);
            let begins_m = at_m;
            at_m += length_m;
            (length_m > 0.0).then_some(([east, north], way, begins_m, length_m))
        })
    }

    fn foot(&self, [east, north]: [f64; 2]) -> Option<Foot> {
        let feet = self.pieces().map(|([from_east, from_north], way, begins_m, length_m)| {
            let to = [east - from_east, north - from_north];
            let part = part_of_foot(way, to);
            let distance_m = (to[0] - way[0] * part).hypot(to[1] - way[1] * part);
            let is_left = way[0] * to[1] - way[1] * to[0] > 0.0;
            Foot { at_m: begins_m + length_m * part, beside_m: if is_left { distance_m } else { -distance_m } }
        });
        feet.min_by(|a, b| a.beside_m.abs().total_cmp(&b.beside_m.abs()))
    }

    fn spot(&self, at_m: f64, beside_m: f64) -> Option<Spot> {
        let piece = self.pieces().find(|(.., begins_m, length_m)| at_m <= begins_m + length_m);
        let ([east, north], way, begins_m, length_m) = piece.or_else(|| self.pieces().last())?;
        let part = (at_m - begins_m) / length_m;
        // To the left of east is north.
        let (beside_east, beside_north) = (-way[1] / length_m * beside_m, way[0] / length_m * beside_m);
        Some(self.origin.moved_m([east + way[0] * part + beside_east, north + way[1] * part + beside_north]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(north_m: f64, east_m: f64) -> Spot {
        Spot { lat: 48_000_000, lng: 11_000_000 }.moved_m([east_m, north_m])
    }

    fn line(points: &[(f64, f64)]) -> Line {
        Line { is_drivable: true, points: points.iter().map(|(north, east)| at(*north, *east)).collect() }
    }

    #[track_caller]
    fn check(lines: &[Line], ends: [Spot; 2], part: f64, expected: Option<Spot>) {
        let found = between(lines, ends, part);
        let is_near = found.zip(expected).is_some_and(|(found, expected)| found.distance_m(expected) < 1.0);
        assert!(is_near || found == expected, "{found:?} is not {expected:?}");
    }

    #[test]
    fn house_stands_around_the_bend_on_the_side_of_its_neighbours() {
        // Northwards, then eastwards, in two lines of which one is drawn the other way; houses ten metres to the right.
        let lines = [line(&[(0.0, 0.0), (100.0, 0.0)]), line(&[(100.0, 100.0), (100.0, 0.0)])];
        let ends = [at(0.0, 10.0), at(90.0, 100.0)];
        check(&lines, ends, 0.25, Some(at(50.0, 10.0)));
        check(&lines, ends, 0.75, Some(at(90.0, 50.0)));
        check(&lines, [ends[1], ends[0]], 0.75, Some(at(50.0, 10.0)));
    }

    #[test]
    fn without_a_line_from_one_to_the_other_there_is_no_way() {
        check(&[], [at(0.0, 10.0), at(0.0, 90.0)], 0.5, None);
        let away = line(&[(0.0, 0.0), (100.0, 0.0)]);
        check(&[away], [at(0.0, 10.0), at(0.0, 400.0)], 0.5, None);
        let detour = line(&[(0.0, 0.0), (900.0, 0.0), (900.0, 100.0), (0.0, 100.0)]);
        check(&[detour], [at(0.0, 5.0), at(0.0, 95.0)], 0.5, None);
    }

    #[test]
    fn vehicle_stops_at_the_nearest_line_that_can_be_driven() {
        let path = Line { is_drivable: false, ..line(&[(0.0, 0.0), (0.0, 100.0)]) };
        let lines = [path, line(&[(-30.0, 0.0), (-30.0, 100.0)])];
        assert_eq!(access(&lines, at(5.0, 50.0)).map(|found| found.distance_m(at(-30.0, 50.0)) < 1.0), Some(true));
        assert_eq!(access(&lines[..1], at(5.0, 50.0)), None);
    }
}
