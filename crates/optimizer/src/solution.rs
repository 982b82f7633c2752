use crate::problem::{Objective, VisitId};
use routemate_units::{Meters, Seconds};

/// The answer to a problem: who is visited when, what it costs, and the truth about what could not be done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Solution {
    /// The tours, at most one per vehicle; empty where no visit is served.
    pub tours: Vec<Tour>,
    /// The sum over all tours.
    pub cost: Cost,
    /// Visits that are served after their last window, in the order of service.
    pub late: Vec<Late>,
    /// Visits in no tour, in the order of their ids.
    pub unserved: Vec<Unserved>,
    /// A lower bound in the objective's unit (seconds or metres driven): no answer that leaves out as little and is as
    /// little late drives less. Exact where the answer is proven optimal; elsewhere from an ascent over 1-trees, without
    /// the arcs that windows rule out. `None` where there was no time for it, or visits are left out and others might be
    /// in their place.
    pub bound: Option<u64>,
    /// Whether the whole answer is proven best in the order of [`Problem`](crate::Problem).
    pub proven_optimal: bool,
    /// Rounds of improvement done; 0 where the problem was solved exactly.
    pub iterations: u64,
}

impl Solution {
    /// How much of what is driven might be saved at most, 0.0..=1.0: `(driven - bound) / driven`. `None` without a bound.
    #[must_use]
    pub fn gap(&self, objective: Objective) -> Option<f64> {
        let driven = match objective {
            Objective::Duration => self.cost.duration.get(),
            Objective::Distance => self.cost.distance.get(),
        };
        let saving = u64::from(driven).saturating_sub(self.bound?);
        Some(if saving == 0 { 0.0 } else { saving as f64 / f64::from(driven) })
    }
}

/// One vehicle's day.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tour {
    /// The visits in the order of service, with their times.
    pub stops: Vec<Stop>,
    /// When it begins: the departure from the start location, or the arrival at the first visit where there is none. As
    /// late as the vehicle's [`Departure`](crate::Departure) says.
    pub departure: Seconds,
    /// When it ends: the arrival at the end location, or the departure from the last visit where there is none.
    pub finish: Seconds,
    /// What it costs.
    pub cost: Cost,
}

impl Tour {
    /// The visits in the order of service.
    pub fn visits(&self) -> impl Iterator<Item = VisitId> + '_ {
        self.stops.iter().map(|stop| stop.visit)
    }
}

/// A visit in its tour: `arrival + wait = start`, `start + service = departure`. Seconds since the problem's epoch; what
/// lies beyond [`Seconds::MAX`] (136 years) is given as that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stop {
    /// Who is visited.
    pub visit: VisitId,
    /// When the vehicle arrives.
    pub arrival: Seconds,
    /// How long it waits for a window to open.
    pub wait: Seconds,
    /// When the service begins.
    pub start: Seconds,
    /// When the vehicle leaves.
    pub departure: Seconds,
    /// How much later it could arrive without making this or any later visit late, or later than it is; `None` where
    /// nothing depends on it. In a tour that runs past [`Seconds::MAX`] it may be less than that.
    pub slack: Option<Seconds>,
}

/// The parts of a cost. Only driving and lateness are minimised; see [`Problem`](crate::Problem) for the order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cost {
    /// Time spent driving.
    pub duration: Seconds,
    /// Distance driven.
    pub distance: Meters,
    /// Time spent waiting for windows to open.
    pub waiting: Seconds,
    /// Time spent serving.
    pub service: Seconds,
    /// Time by which visits are late, unweighted.
    pub lateness: Seconds,
}

/// A visit whose service begins after its last window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Late {
    /// Who is late.
    pub visit: VisitId,
    /// From the end of the last window to the beginning of the service, at least 1.
    pub by: Seconds,
    /// Why, as far as it was established.
    pub reason: LateReason,
}

/// Why a visit is late. Each is a claim that [`check`](crate::check) verifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LateReason {
    /// No tour at all serves it in time: leaving at the earliest, the vehicle cannot be there before `earliest`, whatever
    /// it serves on the way.
    TooFar {
        /// The earliest arrival along any way.
        earliest: Seconds,
    },
    /// Others come first: moving it to any other place in this tour makes the lateness weighted by importance no smaller.
    OthersFirst,
    /// The search ended before the reason was established.
    SearchStopped,
}

/// A visit that is in no tour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unserved {
    /// Who is left out.
    pub visit: VisitId,
    /// Why.
    pub reason: UnservedReason,
}

/// Why a visit is left out. Each is a claim that [`check`](crate::check) verifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnservedReason {
    /// At no place in the tour can it be put without driving an unreachable pair.
    Unreachable,
}
