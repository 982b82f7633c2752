//! A problem in parts, as it is handed to the fleet search.

use crate::fleet::model::FOREVER;

/// What a visit asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct VisitPart {
    pub(crate) location: usize,
    pub(crate) service: i64,
    /// Ascending and disjoint.
    pub(crate) windows: Vec<(i64, i64)>,
    /// Whether it is rather left out than served after its last window.
    pub(crate) refuses_lateness: bool,
    pub(crate) importance: i64,
    /// What leaving it out costs; `None` where it has to be served.
    pub(crate) prize: Option<i64>,
    /// Amounts per dimension; missing ones are zero.
    pub(crate) delivery: Vec<i64>,
    pub(crate) pickup: Vec<i64>,
    pub(crate) skills: Vec<u32>,
    /// The only vehicle that may serve it.
    pub(crate) vehicle: Option<usize>,
}

/// A rest that begins inside its window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Break {
    pub(crate) duration: i64,
    pub(crate) opens: i64,
    pub(crate) closes: i64,
}

/// What a vehicle offers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct VehiclePart {
    /// `None` where the tour begins at its first visit.
    pub(crate) start: Option<usize>,
    /// `None` where it ends at its last.
    pub(crate) end: Option<usize>,
    pub(crate) earliest_start: i64,
    pub(crate) latest_start: i64,
    pub(crate) latest_finish: i64,
    pub(crate) max_duration: i64,
    pub(crate) max_distance: i64,
    pub(crate) max_visits: usize,
    /// Per dimension; missing ones are unlimited.
    pub(crate) capacity: Vec<i64>,
    pub(crate) fixed_cost: i64,
    pub(crate) skills: Vec<u32>,
    pub(crate) breaks: Vec<Break>,
    /// Visits that come first, in this order.
    pub(crate) head: Vec<usize>,
    /// The visit that comes last.
    pub(crate) tail: Option<usize>,
}

impl Default for VehiclePart {
    fn default() -> Self {
        Self {
            start: None,
            end: None,
            earliest_start: 0,
            latest_start: FOREVER,
            latest_finish: FOREVER,
            max_duration: FOREVER,
            max_distance: FOREVER,
            max_visits: usize::MAX,
            capacity: Vec::new(),
            fixed_cost: 0,
            skills: Vec::new(),
            breaks: Vec::new(),
            head: Vec::new(),
            tail: None,
        }
    }
}

/// A problem in parts. A visit is in at most one pair, one head or one tail.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parts {
    pub(crate) visits: Vec<VisitPart>,
    pub(crate) vehicles: Vec<VehiclePart>,
    /// Pickup, delivery and the amounts carried from one to the other.
    pub(crate) pairs: Vec<(usize, usize, Vec<i64>)>,
    /// Hundredths of the longest duration that are added to the cost.
    pub(crate) balance: i64,
    /// For each vehicle the visits planned so far; empty without a plan.
    pub(crate) plan: Vec<Vec<usize>>,
    /// What each visit of the plan costs that comes after another one than planned.
    pub(crate) change_cost: i64,
}
