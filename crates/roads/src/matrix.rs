use routemate_units::{Meters, Seconds};

use crate::search::Cost;

/// What it takes to drive from one place to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leg {
    duration_ds: u32,
    length_cm: u32,
}

impl From<Cost> for Leg {
    fn from(cost: Cost) -> Self {
        let held = |value: i64| u32::try_from(value.max(0)).unwrap_or(u32::MAX);
        Self { duration_ds: held(cost.duration), length_cm: held(cost.length) }
    }
}

impl Leg {
    /// Driving time, rounded.
    #[must_use]
    pub fn duration(&self) -> Seconds {
        Seconds::from_f64(self.duration_s())
    }

    /// Length of the way, rounded.
    #[must_use]
    pub fn distance(&self) -> Meters {
        Meters::from_f64(self.distance_m())
    }

    /// Driving time in seconds, to a tenth.
    #[must_use]
    pub fn duration_s(&self) -> f64 {
        f64::from(self.duration_ds) / 10.0
    }

    /// Length of the way in metres, to a centimetre.
    #[must_use]
    pub fn distance_m(&self) -> f64 {
        f64::from(self.length_cm) / 100.0
    }
}

/// Durations and distances from some places to others, along the ways of least weight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    columns: usize,
    /// Row by row.
    cells: Vec<Option<Leg>>,
}

impl Matrix {
    pub(crate) const fn new(columns: usize, cells: Vec<Option<Leg>>) -> Self {
        Self { columns, cells }
    }

    /// Places that were driven from.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.cells.len().checked_div(self.columns).unwrap_or(0)
    }

    /// Places that were driven to.
    #[must_use]
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// From one place to another; `None` where there is no way, or no such place.
    #[must_use]
    pub fn leg(&self, from: usize, to: usize) -> Option<Leg> {
        if to >= self.columns {
            return None;
        }
        *self.cells.get(from * self.columns + to)?
    }

    /// Rounded duration of a leg.
    #[must_use]
    pub fn duration(&self, from: usize, to: usize) -> Option<Seconds> {
        self.leg(from, to).map(|leg| leg.duration())
    }

    /// Rounded length of a leg.
    #[must_use]
    pub fn distance(&self, from: usize, to: usize) -> Option<Meters> {
        self.leg(from, to).map(|leg| leg.distance())
    }
}
