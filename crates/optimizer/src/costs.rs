use routemate_units::{Meters, Seconds};

/// What it takes to drive between locations.
///
/// Locations are numbered `0..len()`. The matrix may be asymmetric and need not satisfy the triangle inequality. The
/// diagonal is read only where two visits share a location; it is usually zero.
///
/// A pair is unreachable, and never driven, when either answer is `None`. Implementations answer in constant time and
/// always the same; each pair that is needed is read a small number of times, by any thread that searches.
pub trait Costs: Sync {
    /// The number of locations.
    fn len(&self) -> usize;

    /// Whether there is no location at all.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Driving time, or `None` where there is no way. Both indices are below [`len`](Self::len).
    fn duration(&self, from: usize, to: usize) -> Option<Seconds>;

    /// Driven distance along the same way, or `None` where there is none. Both indices are below [`len`](Self::len).
    fn distance(&self, from: usize, to: usize) -> Option<Meters>;
}

/// A ready-made [`Costs`]: both matrices in memory, row by row.
///
/// ```
/// use routemate_optimizer::{CostTable, Costs};
/// use routemate_units::{Meters, Seconds};
/// // Three places along a road; nothing leads back from the last.
/// let costs = CostTable::from_fn(3, |from, to| {
///     let apart = from.abs_diff(to) as u32;
///     (from != 2 || to == 2).then_some((Seconds::new(60 * apart), Meters::new(500 * apart)))
/// });
/// assert_eq!(costs.duration(0, 2), Some(Seconds::new(120)));
/// assert_eq!(costs.distance(2, 0), None);
/// ```
#[derive(Debug, Clone)]
pub struct CostTable {
    len: usize,
    pairs: Vec<Option<(Seconds, Meters)>>,
}

impl CostTable {
    /// A table of `len` locations filled by asking `pair(from, to)` for every ordered pair, rows first.
    pub fn from_fn(len: usize, mut pair: impl FnMut(usize, usize) -> Option<(Seconds, Meters)>) -> Self {
        let pairs = (0..len).flat_map(|from| (0..len).map(move |to| (from, to))).map(|(a, b)| pair(a, b)).collect();
        Self { len, pairs }
    }

    fn pair(&self, from: usize, to: usize) -> Option<(Seconds, Meters)> {
        if from >= self.len || to >= self.len {
            return None;
        }
        self.pairs.get(from * self.len + to).copied().flatten()
    }
}

impl Costs for CostTable {
    fn len(&self) -> usize {
        self.len
    }

    fn duration(&self, from: usize, to: usize) -> Option<Seconds> {
        self.pair(from, to).map(|(duration, _)| duration)
    }

    fn distance(&self, from: usize, to: usize) -> Option<Meters> {
        self.pair(from, to).map(|(_, distance)| distance)
    }
}
