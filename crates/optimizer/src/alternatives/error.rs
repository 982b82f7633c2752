use crate::answer::drive::Obstacle;
use crate::vehicle::VehicleId;
use crate::visit::VisitId;
use std::fmt;

/// Why tours, or a change of them, are no answer to the problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AlternativesError {
    /// There are more tours than vehicles.
    Vehicles {
        /// The number of tours.
        tours: usize,
        /// The number of vehicles.
        vehicles: usize,
    },
    /// A visit does not exist.
    UnknownVisit {
        /// What was named.
        visit: VisitId,
    },
    /// A visit is served twice.
    ServedTwice {
        /// The visit.
        visit: VisitId,
    },
    /// A visit may not stand there, whatever it costs: for lack of a skill, a lock, a fixed end or a prefix, or because the
    /// other end of its shipment is not where it has to be.
    NoPlace {
        /// The visit.
        visit: VisitId,
        /// In whose tour.
        vehicle: VehicleId,
    },
    /// A tour cannot be driven.
    Obstacle {
        /// Whose.
        vehicle: VehicleId,
        /// What stands against it.
        obstacle: Obstacle,
    },
}

impl fmt::Display for AlternativesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vehicles { tours, vehicles } => write!(f, "`{tours}` tours for `{vehicles}` vehicles"),
            Self::UnknownVisit { visit } => write!(f, "there is no {visit}"),
            Self::ServedTwice { visit } => write!(f, "{visit} is served twice"),
            Self::NoPlace { visit, vehicle } => write!(f, "{visit} may not stand there in the tour of {vehicle}"),
            Self::Obstacle { vehicle, obstacle } => write!(f, "the tour of {vehicle} breaks {obstacle}"),
        }
    }
}

impl std::error::Error for AlternativesError {}
