use crate::builder::{MAX_BREAKS, MAX_VISITS};
use crate::vehicle::VehicleId;
use crate::visit::{VisitId, Window};
use std::fmt;

/// Which end of a tour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TourEnd {
    /// Where it begins.
    Start,
    /// Where it ends.
    Finish,
}

impl fmt::Display for TourEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start => "start",
            Self::Finish => "end",
        })
    }
}

/// Why no problem could be built.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProblemError {
    /// More visits than the optimizer's memory layout allows (32 000).
    TooManyVisits {
        /// How many.
        visits: usize,
    },
    /// A visit's location is no location of the costs.
    VisitLocation {
        /// The visit.
        visit: VisitId,
        /// Its location.
        location: usize,
        /// The number of locations.
        len: usize,
    },
    /// A visit has importance 0.
    ZeroImportance {
        /// The visit.
        visit: VisitId,
    },
    /// A visit is locked to a vehicle that does not exist.
    LockedToNoVehicle {
        /// The visit.
        visit: VisitId,
        /// The vehicle that was named.
        vehicle: VehicleId,
        /// The number of vehicles.
        vehicles: usize,
    },
    /// A window ends before it starts.
    WindowEndsBeforeStart {
        /// The visit.
        visit: VisitId,
        /// Its window.
        window: Window,
    },
    /// A start or end location is no location of the costs.
    TerminalLocation {
        /// The vehicle.
        vehicle: VehicleId,
        /// Which end.
        end: TourEnd,
        /// Its location.
        location: usize,
        /// The number of locations.
        len: usize,
    },
    /// The visit fixed at the start or end does not exist.
    TerminalVisit {
        /// The vehicle.
        vehicle: VehicleId,
        /// Which end.
        end: TourEnd,
        /// The visit that was named.
        visit: VisitId,
        /// The number of visits.
        visits: usize,
    },
    /// The same visit is fixed at both ends although there are others.
    OneVisitAtBothEnds {
        /// The visit.
        visit: VisitId,
    },
    /// A visit of a prefix does not exist.
    PrefixVisit {
        /// The vehicle.
        vehicle: VehicleId,
        /// The visit that was named.
        visit: VisitId,
        /// The number of visits.
        visits: usize,
    },
    /// A visit is fixed at two places: ends or prefixes of any vehicles.
    FixedTwice {
        /// The visit.
        visit: VisitId,
    },
    /// A visit is fixed at an end or in the prefix of one vehicle and locked to another.
    FixedElsewhere {
        /// The visit.
        visit: VisitId,
        /// The vehicle at whose end or in whose prefix it is.
        vehicle: VehicleId,
    },
    /// The latest start lies before the earliest.
    StartEndsBeforeItBegins {
        /// The vehicle.
        vehicle: VehicleId,
    },
    /// The latest finish lies before the earliest start.
    ShiftEndsBeforeItBegins {
        /// The vehicle.
        vehicle: VehicleId,
    },
    /// More breaks of one vehicle than are supported (15).
    TooManyBreaks {
        /// The vehicle.
        vehicle: VehicleId,
        /// How many.
        breaks: usize,
    },
    /// The window of a break ends before it starts.
    BreakWindowEndsBeforeStart {
        /// The vehicle.
        vehicle: VehicleId,
        /// The window.
        window: Window,
    },
    /// A visit of a shipment does not exist.
    ShipmentVisit {
        /// The visit that was named.
        visit: VisitId,
        /// The number of visits.
        visits: usize,
    },
    /// A visit belongs to two shipments, or is both ends of one.
    TwoShipments {
        /// The visit.
        visit: VisitId,
    },
    /// Fixed ends, prefixes or locks rule out that the same vehicle loads first and unloads later.
    ShipmentAgainstOrder {
        /// Where it is loaded.
        pickup: VisitId,
        /// Where it is unloaded.
        delivery: VisitId,
    },
    /// The plan in force has more tours than there are vehicles.
    PlanVehicles {
        /// Its tours.
        tours: usize,
        /// The number of vehicles.
        vehicles: usize,
    },
    /// A visit of the plan in force does not exist.
    PlanVisit {
        /// The visit that was named.
        visit: VisitId,
        /// The number of visits.
        visits: usize,
    },
    /// A visit stands twice in the plan in force.
    PlannedTwice {
        /// The visit.
        visit: VisitId,
    },
}

impl fmt::Display for ProblemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyVisits { visits } => write!(f, "`{visits}` visits are more than {MAX_VISITS}"),
            Self::VisitLocation { visit, location, len } => {
                write!(f, "{visit} is at location `{location}` but there are {len} locations")
            }
            Self::ZeroImportance { visit } => write!(f, "importance of {visit} is `0`, it must be at least 1"),
            Self::LockedToNoVehicle { visit, vehicle, vehicles } => {
                write!(f, "{visit} is locked to `{vehicle}` but there are {vehicles} vehicles")
            }
            Self::WindowEndsBeforeStart { visit, window } => {
                write!(f, "window `{}..={}` of {visit} ends before it starts", window.start.get(), window.end.get())
            }
            Self::TerminalLocation { vehicle, end, location, len } => {
                write!(f, "the {end} of {vehicle} is at location `{location}` but there are {len} locations")
            }
            Self::TerminalVisit { vehicle, end, visit, visits } => {
                write!(f, "the {end} of {vehicle} is fixed at `{visit}` but there are {visits} visits")
            }
            Self::OneVisitAtBothEnds { visit } => write!(f, "`{visit}` is fixed at both ends but is not the only one"),
            Self::PrefixVisit { vehicle, visit, visits } => {
                write!(f, "the prefix of {vehicle} names `{visit}` but there are {visits} visits")
            }
            Self::FixedTwice { visit } => write!(f, "`{visit}` is fixed at two places"),
            Self::FixedElsewhere { visit, vehicle } => {
                write!(f, "`{visit}` is fixed on the tour of {vehicle} but locked to another")
            }
            Self::StartEndsBeforeItBegins { vehicle } => {
                write!(f, "the latest start of `{vehicle}` lies before its earliest")
            }
            Self::ShiftEndsBeforeItBegins { vehicle } => {
                write!(f, "the latest finish of `{vehicle}` lies before its earliest start")
            }
            Self::TooManyBreaks { vehicle, breaks } => {
                write!(f, "`{breaks}` breaks of {vehicle} are more than {MAX_BREAKS}")
            }
            Self::BreakWindowEndsBeforeStart { vehicle, window } => {
                let (start, end) = (window.start.get(), window.end.get());
                write!(f, "window `{start}..={end}` of a break of {vehicle} ends before it starts")
            }
            Self::ShipmentVisit { visit, visits } => {
                write!(f, "a shipment names `{visit}` but there are {visits} visits")
            }
            Self::TwoShipments { visit } => write!(f, "`{visit}` is named by more than one end of a shipment"),
            Self::ShipmentAgainstOrder { pickup, delivery } => {
                write!(f, "what is fixed rules out loading at `{pickup}` and unloading later at `{delivery}`")
            }
            Self::PlanVehicles { tours, vehicles } => {
                write!(f, "the plan in force has `{tours}` tours but there are {vehicles} vehicles")
            }
            Self::PlanVisit { visit, visits } => {
                write!(f, "the plan in force names `{visit}` but there are {visits} visits")
            }
            Self::PlannedTwice { visit } => write!(f, "`{visit}` stands twice in the plan in force"),
        }
    }
}

impl std::error::Error for ProblemError {}
