use super::Cost;

/// A cost as one number: weight, duration and length, from the highest bits to the lowest, so that costs are compared
/// and added at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key(u128);

impl Key {
    /// More than any cost of a way. Two of these can still be added.
    pub(crate) const UNREACHED: Self = Self(1 << 96);

    pub(crate) const fn new(weight_ds: u32, duration_ds: u32, length_cm: u32) -> Self {
        Self((weight_ds as u128) << 64 | (duration_ds as u128) << 32 | length_cm as u128)
    }

    /// Nothing in a cost of ours is negative or past 32 bits: tenths of a second for 13 years, centimetres for a way
    /// round the world.
    pub(crate) fn of(cost: Cost) -> Self {
        let held = |value: i64| u32::try_from(value.max(0)).unwrap_or(u32::MAX);
        Self::new(held(cost.weight), held(cost.duration), held(cost.length))
    }

    pub(crate) const fn plus(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }

    /// `None` if nothing was reached.
    pub(crate) fn cost(self) -> Option<Cost> {
        (self < Self::UNREACHED).then(|| {
            let part = |shift: u32| i64::from((self.0 >> shift) as u32);
            Cost { weight: part(64), duration: part(32), length: part(0) }
        })
    }
}
