use crate::vehicle::VehicleId;
use crate::visit::VisitId;
use routemate_units::{Meters, Seconds};

/// The answer to a problem: who is visited when, what it costs, and the truth about what could not be done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Solution {
    /// The tours of the vehicles that are used, in their order; empty where no visit is served.
    pub tours: Vec<Tour>,
    /// The sum over all tours.
    pub cost: Cost,
    /// Visits that are served after their last window, in the order of service.
    pub late: Vec<Late>,
    /// Visits in no tour, in the order of their ids.
    pub unserved: Vec<Unserved>,
    /// A lower bound of [`Cost::total`]: no answer that leaves out as little and is as little late costs less. Exact where the
    /// answer is proven optimal; for one tour without limits elsewhere from an ascent over 1-trees, without the arcs that
    /// windows rule out. `None` where there was no time for it, or visits are left out and others might be in their place.
    pub bound: Option<u64>,
    /// Whether the whole answer is proven best in the order of [`Problem`](crate::Problem).
    pub proven_optimal: bool,
    /// Rounds of improvement done; 0 where the problem was solved exactly.
    pub iterations: u64,
}

impl Solution {
    /// How much of the [total](Cost::total) might be saved at most, 0.0..=1.0: `(total - bound) / total`. `None` without a
    /// bound.
    #[must_use]
    pub fn gap(&self) -> Option<f64> {
        let saving = self.cost.total.saturating_sub(self.bound?);
        Some(if saving == 0 { 0.0 } else { saving as f64 / self.cost.total as f64 })
    }
}

/// One vehicle's day.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tour {
    /// Who drives.
    pub vehicle: VehicleId,
    /// The visits in the order of service, with their times.
    pub stops: Vec<Stop>,
    /// The breaks that are taken, in the vehicle's order.
    pub breaks: Vec<BreakTaken>,
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

/// A break in its tour. One that begins before the arrival at the next stop delays it; any other is part of the waiting
/// there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BreakTaken {
    /// Which of the vehicle's [breaks](crate::Vehicle::breaks), from 0.
    pub number: usize,
    /// The place of the stop before whose service it is taken; the number of stops where it is taken after the last.
    pub before: usize,
    /// When it begins.
    pub start: Seconds,
}

impl BreakTaken {
    /// A break of an answer from elsewhere that is to be [checked](crate::check).
    #[must_use]
    pub const fn new(number: usize, before: usize, start: Seconds) -> Self {
        Self { number, before, start }
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
    /// How much later it could arrive without making this or any later visit late, or later than it is, and without the
    /// tour missing a break or the end of the shift; `None` where nothing depends on it. In a tour that runs past
    /// [`Seconds::MAX`] it may be less than that.
    pub slack: Option<Seconds>,
}

/// The parts of a cost. Only lateness and [`total`](Self::total) are minimised; see [`Problem`](crate::Problem) for the order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cost {
    /// Time spent driving.
    pub duration: Seconds,
    /// Distance driven.
    pub distance: Meters,
    /// Time spent waiting for windows to open: what driving, service and breaks leave of the time from departure to finish.
    pub waiting: Seconds,
    /// Time spent serving.
    pub service: Seconds,
    /// Time by which visits are late, unweighted.
    pub lateness: Seconds,
    /// Time spent on breaks.
    pub breaks: Seconds,
    /// Fixed costs of the vehicles that are used.
    pub fixed: u64,
    /// The cost of changing the plan in force.
    pub changes: u64,
    /// Prizes of the optional visits that are left out; 0 in a tour.
    pub prizes: u64,
    /// The cost of the longest tour, as [`ProblemBuilder::balance`](crate::ProblemBuilder::balance) says; 0 in a tour.
    pub balance: u64,
    /// What is minimised: the time or distance driven, as the [`Objective`](crate::Objective) says, and all costs above.
    pub total: u64,
}

impl Cost {
    pub(crate) fn plus(&self, other: &Self) -> Self {
        Self {
            duration: self.duration.saturating_add(other.duration),
            distance: self.distance.saturating_add(other.distance),
            waiting: self.waiting.saturating_add(other.waiting),
            service: self.service.saturating_add(other.service),
            lateness: self.lateness.saturating_add(other.lateness),
            breaks: self.breaks.saturating_add(other.breaks),
            fixed: self.fixed + other.fixed,
            changes: self.changes + other.changes,
            prizes: self.prizes + other.prizes,
            balance: self.balance + other.balance,
            total: self.total + other.total,
        }
    }
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
    /// Others come first: moving it to any other place, in this tour or another, where all limits are kept makes the sum of
    /// lateness × importance no smaller. A visit of a shipment moves within its tour.
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

/// Why a visit, or a shipment with both its visits, is left out. Each is a claim that [`check`](crate::check) verifies.
///
/// A place is one before, between or after the stops of a tour of a vehicle that may serve the visit, tours without stops
/// included; for a shipment it is a pair of places. Places that a fixed end, a prefix or the order within a shipment rules
/// out do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnservedReason {
    /// It is locked to a vehicle or asks for skills, and no vehicle may serve it.
    Skill,
    /// At no place can it be put without driving an unreachable pair.
    Unreachable,
    /// Not even a vehicle that serves nothing else but its prefix and its fixed ends could serve it, because of this limit.
    Impossible(Limit),
    /// Others come first: there is no place for it in the tours as they are, because of this limit.
    OthersFirst(Limit),
    /// It is optional, and at every place where it fits it would cost more than its prize.
    PrizeTooSmall,
    /// The search ended before the reason was established.
    SearchStopped,
}

/// What keeps a visit from a place. Where several do, it is the one that rules out the last of the places when they are
/// applied in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// What the vehicle can carry.
    Capacity,
    /// The most visits of a tour.
    Visits,
    /// The farthest that a tour may drive.
    Distance,
    /// The windows of the visit or of others that refuse lateness.
    Window,
    /// The end of the shift, the longest duration of a tour or a break.
    Shift,
}
