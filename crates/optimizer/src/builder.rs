use crate::costs::Costs;
use crate::problem::{Objective, Problem, Terminal, Vehicle, Visit, VisitId, Window};
use std::fmt;

/// Collects a [`Problem`] and checks it as a whole.
///
/// ```
/// use routemate_optimizer::{CostTable, ProblemBuilder, ProblemError, Visit};
/// use routemate_units::{Meters, Seconds};
/// let costs = CostTable::from_fn(2, |_, _| Some((Seconds::new(1), Meters::new(1))));
/// let mut builder = ProblemBuilder::new(&costs);
/// let first = builder.visit(Visit::at(0));
/// let nowhere = builder.visit(Visit::at(2));
/// assert_eq!(first.index(), 0);
/// assert_eq!(builder.build().unwrap_err(), ProblemError::VisitLocation { visit: nowhere, location: 2, len: 2 });
/// ```
#[derive(Debug)]
pub struct ProblemBuilder<'c, C: Costs> {
    costs: &'c C,
    visits: Vec<Visit>,
    vehicles: Vec<Vehicle>,
    objective: Objective,
}

impl<'c, C: Costs> ProblemBuilder<'c, C> {
    /// An empty problem over these costs, measured by [`Objective::Duration`].
    #[must_use]
    pub fn new(costs: &'c C) -> Self {
        Self { costs, visits: Vec::new(), vehicles: Vec::new(), objective: Objective::default() }
    }

    /// Adds a visit and names it. Several visits may share a location.
    pub fn visit(&mut self, visit: Visit) -> VisitId {
        self.visits.push(visit);
        VisitId::new(self.visits.len() - 1)
    }

    /// Adds the vehicle; without one it is [`Vehicle::new`]. One vehicle is the most that is supported so far.
    pub fn vehicle(&mut self, vehicle: Vehicle) -> &mut Self {
        self.vehicles.push(vehicle);
        self
    }

    /// What driving is measured in.
    pub fn objective(&mut self, objective: Objective) -> &mut Self {
        self.objective = objective;
        self
    }

    /// Checks everything and gives the problem.
    ///
    /// # Errors
    /// The first thing that is wrong, visits first and in their order: see [`ProblemError`].
    pub fn build(mut self) -> Result<Problem<'c, C>, ProblemError> {
        let len = self.costs.len();
        if self.visits.len() > MAX_VISITS {
            return Err(ProblemError::TooManyVisits { visits: self.visits.len() });
        }
        for (index, visit) in self.visits.iter_mut().enumerate() {
            check_visit(VisitId::new(index), visit, len)?;
            visit.normalize_windows();
        }
        if self.vehicles.len() > 1 {
            return Err(ProblemError::SeveralVehicles { vehicles: self.vehicles.len() });
        }
        let vehicle = self.vehicles.pop().unwrap_or_default();
        check_vehicle(&vehicle, self.visits.len(), len)?;
        Ok(Problem { costs: self.costs, visits: self.visits, vehicle, objective: self.objective })
    }
}

/// The most visits of one problem; the matrix of so many takes 4 GB.
const MAX_VISITS: usize = 32_000;

fn check_visit(id: VisitId, visit: &Visit, len: usize) -> Result<(), ProblemError> {
    if visit.location() >= len {
        return Err(ProblemError::VisitLocation { visit: id, location: visit.location(), len });
    }
    if visit.importance() == 0 {
        return Err(ProblemError::ZeroImportance { visit: id });
    }
    match visit.windows().iter().find(|window| window.end < window.start) {
        Some(&window) => Err(ProblemError::WindowEndsBeforeStart { visit: id, window }),
        None => Ok(()),
    }
}

fn check_vehicle(vehicle: &Vehicle, visits: usize, len: usize) -> Result<(), ProblemError> {
    for (end, terminal) in [(TourEnd::Start, vehicle.start()), (TourEnd::Finish, vehicle.end())] {
        match terminal {
            Terminal::Location(location) if location >= len => {
                return Err(ProblemError::TerminalLocation { end, location, len });
            }
            Terminal::Visit(visit) if visit.index() >= visits => {
                return Err(ProblemError::TerminalVisit { end, visit, visits });
            }
            _ => {}
        }
    }
    if let (Terminal::Visit(first), Terminal::Visit(last)) = (vehicle.start(), vehicle.end())
        && first == last
        && visits > 1
    {
        return Err(ProblemError::OneVisitAtBothEnds { visit: first });
    }
    match vehicle.latest_start() {
        Some(latest) if latest < vehicle.earliest_start() => {
            Err(ProblemError::StartEndsBeforeItBegins { vehicle: Box::new(vehicle.clone()) })
        }
        _ => Ok(()),
    }
}

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
    /// A visit's location is no location of the costs.
    VisitLocation {
        /// The visit.
        visit: VisitId,
        /// Its location.
        location: usize,
        /// The number of locations.
        len: usize,
    },
    /// A window ends before it starts.
    WindowEndsBeforeStart {
        /// The visit.
        visit: VisitId,
        /// Its window.
        window: Window,
    },
    /// A visit has importance 0.
    ZeroImportance {
        /// The visit.
        visit: VisitId,
    },
    /// A start or end location is no location of the costs.
    TerminalLocation {
        /// Which end.
        end: TourEnd,
        /// Its location.
        location: usize,
        /// The number of locations.
        len: usize,
    },
    /// The visit fixed at the start or end does not exist.
    TerminalVisit {
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
    /// The latest start lies before the earliest.
    StartEndsBeforeItBegins {
        /// The vehicle.
        vehicle: Box<Vehicle>,
    },
    /// More than one vehicle was added.
    SeveralVehicles {
        /// How many.
        vehicles: usize,
    },
    /// More visits than the optimizer's memory layout allows (32 000).
    TooManyVisits {
        /// How many.
        visits: usize,
    },
}

impl fmt::Display for ProblemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::VisitLocation { visit, location, len } => {
                write!(f, "{visit} is at location `{location}` but there are {len} locations")
            }
            Self::WindowEndsBeforeStart { visit, window } => {
                write!(f, "window `{}..={}` of {visit} ends before it starts", window.start.get(), window.end.get())
            }
            Self::ZeroImportance { visit } => write!(f, "importance of {visit} is `0`, it must be at least 1"),
            Self::TerminalLocation { end, location, len } => {
                write!(f, "the {end} is at location `{location}` but there are {len} locations")
            }
            Self::TerminalVisit { end, visit, visits } => {
                write!(f, "the {end} is fixed at `{visit}` but there are {visits} visits")
            }
            Self::OneVisitAtBothEnds { visit } => write!(f, "`{visit}` is fixed at both ends but is not the only one"),
            Self::StartEndsBeforeItBegins { vehicle } => {
                let latest = vehicle.latest_start().unwrap_or_default();
                write!(f, "latest start `{latest}` lies before the earliest start `{}`", vehicle.earliest_start())
            }
            Self::SeveralVehicles { vehicles } => write!(f, "`{vehicles}` vehicles were added, one is supported"),
            Self::TooManyVisits { visits } => write!(f, "`{visits}` visits are more than {MAX_VISITS}"),
        }
    }
}

impl std::error::Error for ProblemError {}
