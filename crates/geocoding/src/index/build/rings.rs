//! Borders put together from pieces.

use crate::index::street::Spot;

/// The closed rings that pieces make when joined at their ends; pieces that close nothing are dropped.
pub(super) fn closed(mut pieces: Vec<Vec<Spot>>) -> Vec<Vec<Spot>> {
    pieces.retain(|piece| piece.len() > 1);
    let mut rings = Vec::new();
    while let Some(mut ring) = pieces.pop() {
        while ring.first() != ring.last() {
            let end = ring.last().copied();
            let next = pieces.iter().position(|piece| piece.first().copied() == end || piece.last().copied() == end);
            let Some(next) = next else {
                break;
            };
            let mut piece = pieces.swap_remove(next);
            if piece.first().copied() != end {
                piece.reverse();
            }
            ring.extend(piece.into_iter().skip(1));
        }
        if ring.len() > 3 && ring.first() == ring.last() {
            rings.push(ring);
        }
    }
    rings
}

/// Whether a spot lies inside: in an odd number of rings.
pub(super) fn holds(rings: &[Vec<Spot>], spot: Spot) -> bool {
    rings.iter().filter(|ring| is_inside(ring, spot)).count() % 2 == 1
}

/// Counts the sides of the ring that a ray to the east crosses.
fn is_inside(ring: &[Spot], spot: Spot) -> bool {
    let crossings = ring.windows(2).filter(|side| {
        let [a, b] = side else {
            return false;
        };
        if (a.lat > spot.lat) == (b.lat > spot.lat) {
            return false;
        }
        let part = f64::from(spot.lat - a.lat) / f64::from(b.lat - a.lat);
        f64::from(spot.lng) < f64::from(a.lng) + part * f64::from(b.lng - a.lng)
    });
    crossings.count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lat: i32, lng: i32) -> Spot {
        Spot { lat, lng }
    }

    #[test]
    fn pieces_in_any_direction_make_a_ring() {
        let pieces =
            vec![vec![at(0, 0), at(0, 10)], vec![at(10, 10), at(0, 10)], vec![at(10, 10), at(10, 0), at(0, 0)]];
        let rings = closed(pieces);
        assert_eq!(rings.len(), 1);
        assert!(holds(&rings, at(5, 5)));
        assert!(!holds(&rings, at(5, 11)));
        assert!(!holds(&rings, at(-1, 5)));
    }

    #[test]
    fn hole_is_outside() {
        let ring = |low: i32, high: i32| vec![at(low, low), at(low, high), at(high, high), at(high, low), at(low, low)];
        let rings = vec![ring(0, 100), ring(40, 60)];
        assert!(holds(&rings, at(20, 20)));
        assert!(!holds(&rings, at(50, 50)));
    }

    #[test]
    fn open_border_is_none() {
        assert!(closed(vec![vec![at(0, 0), at(0, 10), at(10, 10)]]).is_empty());
    }
}
