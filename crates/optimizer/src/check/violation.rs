use crate::solution::{Cost, LateReason, UnservedReason};
use crate::vehicle::VehicleId;
use crate::visit::VisitId;
use routemate_units::{Meters, Seconds};
use std::fmt;

/// What is wrong with an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Violation {
    /// A tour of a vehicle that the problem does not have.
    UnknownVehicle {
        /// Its id.
        vehicle: VehicleId,
    },
    /// A tour does not come after those of all earlier vehicles, or the vehicle has another.
    ToursOutOfOrder {
        /// The vehicle.
        vehicle: VehicleId,
    },
    /// A tour serves nobody.
    EmptyTour {
        /// The vehicle.
        vehicle: VehicleId,
    },
    /// A visit that the problem does not have.
    UnknownVisit {
        /// Its id.
        visit: VisitId,
    },
    /// A visit is in a tour or among the unserved more than once, or in both.
    ListedTwice {
        /// The visit.
        visit: VisitId,
    },
    /// A visit is neither in a tour nor among the unserved.
    Missing {
        /// The visit.
        visit: VisitId,
    },
    /// The unserved are not in the order of their ids.
    UnservedOutOfOrder,
    /// A visit that is fixed at an end or in a prefix is elsewhere.
    FixedVisitMoved {
        /// The visit.
        visit: VisitId,
    },
    /// A visit is served by a vehicle that it is not locked to, or that lacks a skill.
    WrongVehicle {
        /// The visit.
        visit: VisitId,
        /// The vehicle.
        vehicle: VehicleId,
    },
    /// Only one end of a shipment is served, or both by different vehicles, or the delivery first.
    ShipmentTorn {
        /// Where it is loaded.
        pickup: VisitId,
        /// Where it is unloaded.
        delivery: VisitId,
    },
    /// More is on board than fits in.
    Overload {
        /// The vehicle.
        vehicle: VehicleId,
        /// After which stop; `None` from the start.
        after: Option<VisitId>,
        /// Of which dimension, from 0.
        dimension: usize,
        /// How much is on board.
        load: i64,
        /// How much fits in.
        capacity: u32,
    },
    /// A tour has more visits than its vehicle may serve.
    TooManyVisits {
        /// The vehicle.
        vehicle: VehicleId,
        /// How many.
        visits: usize,
        /// The most.
        most: usize,
    },
    /// A tour is farther than its vehicle may drive.
    TooFarDriven {
        /// The vehicle.
        vehicle: VehicleId,
        /// How far, in metres.
        distance: u64,
        /// The farthest.
        most: Meters,
    },
    /// A tour takes longer than its vehicle may be under way.
    TooLong {
        /// The vehicle.
        vehicle: VehicleId,
        /// How long.
        duration: Seconds,
        /// The longest.
        most: Seconds,
    },
    /// A tour ends after the vehicle's shift.
    FinishTooLate {
        /// The vehicle.
        vehicle: VehicleId,
        /// When it ends.
        finish: Seconds,
        /// When the shift ends.
        latest: Seconds,
    },
    /// A visit that refuses lateness is late.
    LateRefused {
        /// The visit.
        visit: VisitId,
        /// Seconds since the end of its last window.
        by: u32,
    },
    /// The breaks taken are unknown, not in the vehicle's order or at places that the tour does not have.
    BreaksOutOfOrder {
        /// The vehicle.
        vehicle: VehicleId,
    },
    /// A break does not begin as early as it can.
    BreakStart {
        /// The vehicle.
        vehicle: VehicleId,
        /// Which of its breaks, from 0.
        number: usize,
        /// As stated.
        stated: Seconds,
        /// As it is.
        actual: Seconds,
    },
    /// A break begins after its window.
    BreakOutsideWindow {
        /// The vehicle.
        vehicle: VehicleId,
        /// Which of its breaks, from 0.
        number: usize,
        /// When it begins.
        start: Seconds,
    },
    /// A break is due and not taken.
    BreakMissed {
        /// The vehicle.
        vehicle: VehicleId,
        /// Which of its breaks, from 0.
        number: usize,
    },
    /// A tour drives where there is no way. Locations, as indices into the costs.
    UnreachableLeg {
        /// From here.
        from: usize,
        /// To there.
        to: usize,
    },
    /// The times at a visit do not follow from the departure.
    Schedule {
        /// The visit.
        visit: VisitId,
        /// Arrival, wait, start and departure as stated.
        stated: [u32; 4],
        /// The same as they are.
        actual: [u32; 4],
    },
    /// A tour ends at another time.
    Finish {
        /// The vehicle.
        vehicle: VehicleId,
        /// As stated.
        stated: Seconds,
        /// As it is.
        actual: Seconds,
    },
    /// The departure is not allowed, makes the tour later than need be, or could be later at no cost.
    Departure {
        /// The vehicle.
        vehicle: VehicleId,
        /// As stated.
        stated: Seconds,
    },
    /// The slack at a visit is too much or too little.
    Slack {
        /// The visit.
        visit: VisitId,
        /// As stated.
        stated: Option<Seconds>,
    },
    /// A cost differs from what the tour costs, or all of them together.
    Cost {
        /// Whose tour; `None` for the sum.
        vehicle: Option<VehicleId>,
        /// As stated.
        stated: Cost,
        /// As it is.
        actual: Cost,
    },
    /// The list of late visits is not what the tours give. Visits and seconds, in the order of service.
    Late {
        /// As stated.
        stated: Vec<(VisitId, u32)>,
        /// As it is.
        actual: Vec<(VisitId, u32)>,
    },
    /// The reason given for a late visit does not hold.
    LateReason {
        /// The visit.
        visit: VisitId,
        /// As stated.
        stated: LateReason,
    },
    /// The reason given for an unserved visit, or for the shipment that it is the pickup of, does not hold.
    UnservedReason {
        /// The visit.
        visit: VisitId,
        /// As stated.
        stated: UnservedReason,
        /// What holds; `None` where it could be served and nothing would be worse for it.
        found: Option<UnservedReason>,
    },
    /// The two ends of a shipment are left out for different reasons.
    TwoReasons {
        /// Where it is loaded.
        pickup: VisitId,
        /// Where it is unloaded.
        delivery: VisitId,
    },
    /// The bound lies above the total, or an answer said to be optimal has no bound equal to it.
    Bound {
        /// As stated.
        stated: Option<u64>,
        /// The total.
        total: u64,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownVehicle { vehicle } => write!(f, "`{vehicle}` does not exist"),
            Self::ToursOutOfOrder { vehicle } => {
                write!(f, "the tour of `{vehicle}` is not where it belongs, or a second one")
            }
            Self::EmptyTour { vehicle } => write!(f, "the tour of `{vehicle}` serves nobody"),
            Self::UnknownVisit { visit } => write!(f, "`{visit}` does not exist"),
            Self::ListedTwice { visit } => write!(f, "`{visit}` is listed twice"),
            Self::Missing { visit } => write!(f, "`{visit}` is neither served nor listed as unserved"),
            Self::UnservedOutOfOrder => write!(f, "the unserved are not in the order of their ids"),
            Self::FixedVisitMoved { visit } => write!(f, "`{visit}` is not at the place where it is fixed"),
            Self::WrongVehicle { visit, vehicle } => write!(f, "`{visit}` may not be served by {vehicle}"),
            Self::ShipmentTorn { pickup, delivery } => {
                write!(f, "what is loaded at `{pickup}` does not come to `{delivery}` later on the same tour")
            }
            Self::Overload { vehicle, after, dimension, load, capacity } => {
                write!(f, "`{load}` of dimension {dimension} on board of {vehicle} ")?;
                match after {
                    Some(visit) => write!(f, "after {visit}")?,
                    None => write!(f, "from the start")?,
                }
                write!(f, " is more than {capacity}")
            }
            Self::TooManyVisits { vehicle, visits, most } => {
                write!(f, "`{visits}` visits of {vehicle} are more than {most}")
            }
            Self::TooFarDriven { vehicle, distance, most } => {
                write!(f, "`{distance}` m driven by {vehicle} are more than {most}")
            }
            Self::TooLong { vehicle, duration, most } => {
                write!(f, "duration `{duration}` of the tour of {vehicle} is more than {most}")
            }
            Self::FinishTooLate { vehicle, finish, latest } => {
                write!(f, "finish `{finish}` of {vehicle} lies after {latest}")
            }
            Self::LateRefused { visit, by } => write!(f, "`{visit}` refuses lateness but is late by {by} s"),
            Self::BreaksOutOfOrder { vehicle } => write!(f, "the breaks of `{vehicle}` are not in its order"),
            Self::BreakStart { vehicle, number, stated, actual } => {
                write!(f, "break {number} of {vehicle} at `{stated}` should begin at `{actual}`")
            }
            Self::BreakOutsideWindow { vehicle, number, start } => {
                write!(f, "break {number} of {vehicle} at `{start}` begins after its window")
            }
            Self::BreakMissed { vehicle, number } => write!(f, "break `{number}` of {vehicle} is due and not taken"),
            Self::UnreachableLeg { from, to } => write!(f, "there is no way from location `{from}` to `{to}`"),
            Self::Schedule { visit, stated, actual } => {
                write!(f, "times `{stated:?}` at {visit} should be `{actual:?}`")
            }
            Self::Finish { vehicle, stated, actual } => {
                write!(f, "finish `{stated}` of {vehicle} should be `{actual}`")
            }
            Self::Departure { vehicle, stated } => {
                write!(f, "departure `{stated}` of {vehicle} is not the latest that costs nothing")
            }
            Self::Slack { visit, stated } => write!(f, "slack `{stated:?}` of {visit} is not what it is"),
            Self::Cost { vehicle: Some(vehicle), stated, actual } => {
                write!(f, "cost `{stated:?}` of the tour of {vehicle} should be `{actual:?}`")
            }
            Self::Cost { vehicle: None, stated, actual } => write!(f, "cost `{stated:?}` should be `{actual:?}`"),
            Self::Late { stated, actual } => write!(f, "late visits `{stated:?}` should be `{actual:?}`"),
            Self::LateReason { visit, stated } => write!(f, "`{stated:?}` is not why {visit} is late"),
            Self::UnservedReason { visit, stated, found: None } => {
                write!(f, "`{stated:?}` is not why {visit} is unserved, it could be served")
            }
            Self::UnservedReason { visit, stated, found: Some(found) } => {
                write!(f, "`{stated:?}` is not why {visit} is unserved, it is `{found:?}`")
            }
            Self::TwoReasons { pickup, delivery } => {
                write!(f, "`{pickup}` and `{delivery}` of one shipment are unserved for different reasons")
            }
            Self::Bound { stated, total } => write!(f, "bound `{stated:?}` does not fit the total `{total}`"),
        }
    }
}

impl std::error::Error for Violation {}
