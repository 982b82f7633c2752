use crate::solution::{Cost, LateReason};
use crate::visit::VisitId;
use routemate_units::Seconds;
use std::fmt;

/// What is wrong with an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Violation {
    /// More tours than vehicles.
    TooManyTours {
        /// How many.
        tours: usize,
    },
    /// A tour serves nobody.
    EmptyTour,
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
    /// A visit fixed at an end of the tour is elsewhere.
    FixedVisitMoved {
        /// The visit.
        visit: VisitId,
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
    /// The tour ends at another time.
    Finish {
        /// As stated.
        stated: Seconds,
        /// As it is.
        actual: Seconds,
    },
    /// The departure is not allowed, makes the tour later than need be, or could be later at no cost.
    Departure {
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
    /// A cost differs from what the tour costs.
    Cost {
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
    /// An unserved visit can be put into the tour at this place, counted from 0.
    Reachable {
        /// The visit.
        visit: VisitId,
        /// The place.
        place: usize,
    },
    /// The bound lies above what is driven, or an answer said to be optimal has no bound equal to it.
    Bound {
        /// As stated.
        stated: Option<u64>,
        /// Seconds or metres driven.
        driven: u64,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyTours { tours } => write!(f, "`{tours}` tours for one vehicle"),
            Self::EmptyTour => write!(f, "a tour serves nobody"),
            Self::UnknownVisit { visit } => write!(f, "`{visit}` does not exist"),
            Self::ListedTwice { visit } => write!(f, "`{visit}` is listed twice"),
            Self::Missing { visit } => write!(f, "`{visit}` is neither served nor listed as unserved"),
            Self::FixedVisitMoved { visit } => write!(f, "`{visit}` is not at the end of the tour where it is fixed"),
            Self::UnreachableLeg { from, to } => write!(f, "there is no way from location `{from}` to `{to}`"),
            Self::Schedule { visit, stated, actual } => {
                write!(f, "times `{stated:?}` at {visit} should be `{actual:?}`")
            }
            Self::Finish { stated, actual } => write!(f, "finish `{stated}` should be `{actual}`"),
            Self::Departure { stated } => write!(f, "departure `{stated}` is not the latest that costs nothing"),
            Self::Slack { visit, stated } => write!(f, "slack `{stated:?}` of {visit} is not what it is"),
            Self::Cost { stated, actual } => write!(f, "cost `{stated:?}` should be `{actual:?}`"),
            Self::Late { stated, actual } => write!(f, "late visits `{stated:?}` should be `{actual:?}`"),
            Self::LateReason { visit, stated } => write!(f, "`{stated:?}` is not why {visit} is late"),
            Self::Reachable { visit, place } => write!(f, "`{visit}` is unserved but fits at place {place}"),
            Self::Bound { stated, driven } => write!(f, "bound `{stated:?}` does not fit `{driven}` driven"),
        }
    }
}

impl std::error::Error for Violation {}
