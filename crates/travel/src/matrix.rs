use routemate_optimizer::Costs;
use routemate_units::{Meters, Seconds};

use crate::path::Leg;
use crate::port::Quality;

/// Durations and distances from each of n points to each, in the order the points were given.
///
/// Need not be symmetric. Memory: 8 n² bytes. A leg whose duration and distance are both `u32::MAX` reads as no way
/// between, and does not occur on this planet.
///
/// ```
/// use routemate_travel::{Leg, Matrix, Quality};
/// use routemate_units::{Meters, Seconds};
///
/// // A one-way street from the first point to the second.
/// let matrix = Matrix::from_fn(2, Quality::Roads, |from, to| {
///     (from <= to).then_some(Leg { duration: Seconds::new(60), distance: Meters::new(500) })
/// });
/// assert_eq!(matrix.leg(0, 1).map(|leg| leg.distance), Some(Meters::new(500)));
/// assert_eq!(matrix.leg(1, 0), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    len: usize,
    /// Row by row: from each point to all.
    cells: Vec<[u32; 2]>,
    quality: Quality,
    attribution: Option<String>,
}

/// Both numbers of a pair without a way between.
const UNREACHABLE: [u32; 2] = [u32::MAX; 2];

impl Matrix {
    /// The matrix of `len` points with `leg(from, to)` in each cell, `None` where there is no way.
    pub fn from_fn(len: usize, quality: Quality, mut leg: impl FnMut(usize, usize) -> Option<Leg>) -> Self {
        let mut cells = Vec::with_capacity(len * len);
        for from in 0..len {
            cells.extend((0..len).map(|to| leg(from, to).map_or(UNREACHABLE, to_cell)));
        }
        Self { len, cells, quality, attribution: None }
    }

    /// The same with the words that have to be shown with it.
    #[must_use]
    pub fn with_attribution(self, attribution: impl Into<String>) -> Self {
        Self { attribution: Some(attribution.into()), ..self }
    }

    /// The number of points.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no points.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Duration and distance of one pair; `None` where there is no way or no such point.
    #[must_use]
    pub fn leg(&self, from: usize, to: usize) -> Option<Leg> {
        if from >= self.len || to >= self.len {
            return None;
        }
        let &cell = self.cells.get(from * self.len + to)?;
        let [duration, distance] = cell;
        (cell != UNREACHABLE).then_some(Leg { duration: Seconds::new(duration), distance: Meters::new(distance) })
    }

    /// How many pairs have no way between.
    #[must_use]
    pub fn unreachable(&self) -> usize {
        self.cells.iter().filter(|cell| **cell == UNREACHABLE).count()
    }

    /// How far it can be trusted.
    #[must_use]
    pub const fn quality(&self) -> Quality {
        self.quality
    }

    /// The words that its data's licence wants shown, if any.
    #[must_use]
    pub fn attribution(&self) -> Option<&str> {
        self.attribution.as_deref()
    }

    /// A matrix that is the same in both directions; `legs` gives those from point i to the points after it, by row.
    /// `None` as soon as it yields fewer.
    pub(crate) fn symmetric(len: usize, quality: Quality, mut legs: impl Iterator<Item = Leg>) -> Option<Self> {
        let mut cells = vec![[0; 2]; len * len];
        for from in 0..len {
            for to in from + 1..len {
                let cell = to_cell(legs.next()?);
                *cells.get_mut(from * len + to)? = cell;
                *cells.get_mut(to * len + from)? = cell;
            }
        }
        Some(Self { len, cells, quality, attribution: None })
    }
}

const fn to_cell(leg: Leg) -> [u32; 2] {
    [leg.duration.get(), leg.distance.get()]
}

impl Costs for Matrix {
    fn len(&self) -> usize {
        self.len
    }

    fn duration(&self, from: usize, to: usize) -> Option<Seconds> {
        self.leg(from, to).map(|leg| leg.duration)
    }

    fn distance(&self, from: usize, to: usize) -> Option<Meters> {
        self.leg(from, to).map(|leg| leg.distance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(len: usize) -> Matrix {
        Matrix::from_fn(len, Quality::Roads, |from, to| {
            let number = u32::try_from(10 * from + to).unwrap();
            (from != 1 || to != 2)
                .then_some(Leg { duration: Seconds::new(number), distance: Meters::new(1000 + number) })
        })
    }

    #[test]
    fn optimizer_reads_what_was_put_in() {
        let matrix = numbered(3);
        assert_eq!(Costs::len(&matrix), 3);
        assert_eq!(matrix.duration(2, 1), Some(Seconds::new(21)));
        assert_eq!(matrix.distance(0, 2), Some(Meters::new(1002)));
        assert_eq!((matrix.duration(1, 2), matrix.distance(1, 2)), (None, None));
    }

    #[test]
    fn there_is_no_leg_to_a_point_that_does_not_exist() {
        let matrix = numbered(3);
        // 0 * 3 + 3 would be the first cell of the next row.
        assert_eq!(matrix.leg(0, 3), None);
        assert_eq!(matrix.leg(3, 0), None);
        assert_eq!(matrix.leg(usize::MAX, 1), None);
    }

    #[test]
    fn no_points_make_an_empty_matrix() {
        assert!(numbered(0).is_empty());
        assert_eq!(numbered(0).leg(0, 0), None);
    }

    #[test]
    fn attribution_is_carried_along() {
        assert_eq!(
            numbered(1).with_attribution("© OpenStreetMap contributors").attribution(),
            Some("© OpenStreetMap contributors")
        );
    }
}
