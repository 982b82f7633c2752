use jiff::Timestamp;
use routemate_units::{Meters, Seconds};

use crate::address::Address;
use crate::id::{DriverId, OrganizationId, RouteId};
use crate::location::Location;
use crate::refusal::Refusal;
use crate::stop::PlannedLeg;
use crate::task::Task;
use crate::text::Text;
use crate::time::ZoneName;

/// Stops in driving order, and who drives them: those of a job, or such as a planner has put together.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// The owner.
    pub organization_id: OrganizationId,
    /// Its id, bare in the Integration API, `rte-…` in EasyRoutes.
    pub id: RouteId,
    /// What people call it; the job's title.
    pub name: Text<4000>,
    /// Who drives it.
    pub driver_id: Option<DriverId>,
    /// How it stands.
    pub status: RouteStatus,
    /// The zone of its civil times.
    pub timezone: ZoneName,
    /// When it is to be driven, as planned by a person; its day is that of windows without a date.
    pub scheduled_for: Option<Timestamp>,
    /// What its ends are.
    pub ends: RouteEnds,
    /// Where the driver sets out, beside the stops.
    pub start: Terminal,
    /// Where the driver goes at last, beside the stops.
    pub end: Terminal,
    /// The way from the last stop to the end, where there is one.
    pub end_leg: Option<PlannedLeg>,
    /// When the driver leaves the first stop's place, where days or windows say so.
    pub departure_at: Option<Timestamp>,
    /// The whole of it.
    pub totals: RouteTotals,
    /// How good the order is known to be; `None` where there was nothing to order.
    pub optimality: Option<Optimality>,
    /// Until when its driver sees it before setting out; `None` is not dispatched.
    pub dispatched_until: Option<Timestamp>,
    /// Since when it is put away.
    pub archived_at: Option<Timestamp>,
    /// Counts changes, so that two writers never overwrite each other.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the planner last changed it; a driver's progress does not count.
    pub updated_at: Timestamp,
}

/// What holds a route's ends when its stops are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteEnds {
    /// The first and the last located stop as given stay first and last: what the Integration API documents.
    Fixed,
    /// The first located stop as given stays first; any other may be the last.
    OpenEnd,
    /// The first located stop as given stays first, and the driver comes back to it.
    RoundTrip,
    /// Every stop may be anywhere between the route's start and end, as far as these are places.
    Terminals,
}

impl RouteEnds {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Fixed, Self::OpenEnd, Self::RoundTrip, Self::Terminals];

    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::OpenEnd => "open_end",
            Self::RoundTrip => "round_trip",
            Self::Terminals => "terminals",
        }
    }
}

/// Where a route begins or ends, beside its stops: a depot, the driver's home.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Terminal {
    /// The address as submitted.
    pub address: Address,
    /// Where that is; `None` where the route has no such place.
    pub location: Option<Location>,
    /// The driver's work there: before setting out, or before the route is completed.
    pub tasks: Vec<Task>,
}

/// The length of a route and the line it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteTotals {
    /// Driving distance.
    pub distance: Meters,
    /// Driving time, without service and waiting.
    pub duration: Seconds,
    /// Google's encoded polyline, precision 5; empty below two located stops.
    pub polyline: String,
    /// What the figures rest on.
    pub quality: TravelQuality,
    /// The words that the licence of the road data wants shown with figures and line.
    pub attribution: Option<String>,
}

impl RouteTotals {
    /// Those of a route on which nothing is driven.
    #[must_use]
    pub const fn nothing() -> Self {
        Self {
            distance: Meters::ZERO,
            duration: Seconds::ZERO,
            polyline: String::new(),
            quality: TravelQuality::Estimated,
            attribution: None,
        }
    }
}

/// What travel times rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TravelQuality {
    /// Real roads.
    Roads,
    /// The great circle and a guess.
    Estimated,
}

impl TravelQuality {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Roads => "roads",
            Self::Estimated => "estimated",
        }
    }
}

/// How good the order of stops is known to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Optimality {
    /// No better order exists for the objective.
    pub is_proven: bool,
    /// No order drives less than this, where a bound is known.
    pub bound: Option<Seconds>,
}

/// How a route stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteStatus {
    /// Nobody has set out.
    Planned,
    /// The driver is on the way.
    Started {
        /// Since when.
        at: Timestamp,
    },
    /// Every stop has ended.
    Completed {
        /// When the driver set out.
        started_at: Timestamp,
        /// When the last stop ended.
        at: Timestamp,
    },
    /// It was called off; what was done until then stays.
    Cancelled {
        /// When the driver had set out, if that was so.
        started_at: Option<Timestamp>,
        /// When it was called off.
        at: Timestamp,
    },
}

impl RouteStatus {
    /// Every name.
    pub const NAMES: [&'static str; 4] = ["planned", "started", "completed", "cancelled"];

    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Started { .. } => "started",
            Self::Completed { .. } => "completed",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    /// When the driver set out.
    #[must_use]
    pub const fn started_at(self) -> Option<Timestamp> {
        match self {
            Self::Planned => None,
            Self::Started { at } | Self::Completed { started_at: at, .. } => Some(at),
            Self::Cancelled { started_at, .. } => started_at,
        }
    }

    /// Nothing more will be driven.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Completed { .. } | Self::Cancelled { .. })
    }
}

impl Route {
    /// Gives the route to a driver.
    ///
    /// # Errors
    /// [`Refusal`] where nothing more will be driven, or it is put away.
    pub fn assign(self, driver_id: DriverId, at: Timestamp) -> Result<Self, Refusal> {
        self.check_open("assign")?;
        Ok(Self { driver_id: Some(driver_id), updated_at: at, ..self })
    }

    /// Takes the route from its driver, who then no longer sees it.
    ///
    /// # Errors
    /// [`Refusal`] where the driver has set out, or it is put away.
    pub fn unassign(self, at: Timestamp) -> Result<Self, Refusal> {
        self.check_open("unassign")?;
        match self.status {
            RouteStatus::Planned => Ok(Self { driver_id: None, dispatched_until: None, updated_at: at, ..self }),
            _ => Err(self.refuse("unassign")),
        }
    }

    /// Lets its driver see it before setting out.
    ///
    /// # Errors
    /// [`Refusal`] where it has no driver, nothing more will be driven, or it is put away.
    pub fn dispatch(self, until: Timestamp, at: Timestamp) -> Result<Self, Refusal> {
        self.check_open("dispatch")?;
        if self.driver_id.is_none() {
            return Err(Refusal { noun: "a route", state: "without a driver", action: "dispatch" });
        }
        Ok(Self { dispatched_until: Some(until), updated_at: at, ..self })
    }

    /// Hides it from its driver again. Does nothing to a route that is not dispatched.
    ///
    /// # Errors
    /// [`Refusal`] where the driver has set out, or it is put away.
    pub fn undispatch(self, at: Timestamp) -> Result<Self, Refusal> {
        self.check_open("undispatch")?;
        match self.status {
            RouteStatus::Planned => Ok(Self { dispatched_until: None, updated_at: at, ..self }),
            _ => Err(self.refuse("undispatch")),
        }
    }

    /// Puts it away. Does nothing to a route that is put away.
    ///
    /// # Errors
    /// [`Refusal`] where the driver is on the way.
    pub fn archive(self, at: Timestamp) -> Result<Self, Refusal> {
        match (self.status, self.archived_at) {
            (RouteStatus::Started { .. }, _) => Err(self.refuse("archive")),
            (_, Some(_)) => Ok(self),
            (_, None) => Ok(Self { archived_at: Some(at), updated_at: at, ..self }),
        }
    }

    /// Takes it out again. Does nothing to a route that is not put away.
    #[must_use]
    pub fn unarchive(self, at: Timestamp) -> Self {
        match self.archived_at {
            Some(_) => Self { archived_at: None, updated_at: at, ..self },
            None => self,
        }
    }

    /// Whether it may go for good, with all that is known of it.
    ///
    /// # Errors
    /// [`Refusal`] where the driver is on the way.
    pub const fn check_deletable(&self) -> Result<(), Refusal> {
        match self.status {
            RouteStatus::Started { .. } => Err(self.refuse("delete")),
            RouteStatus::Planned | RouteStatus::Completed { .. } | RouteStatus::Cancelled { .. } => Ok(()),
        }
    }

    /// The driver sets out. Does nothing to a route that has started.
    ///
    /// # Errors
    /// [`Refusal`] where nothing more will be driven.
    pub(crate) fn start(self, at: Timestamp) -> Result<Self, Refusal> {
        match self.status {
            RouteStatus::Planned => Ok(Self { status: RouteStatus::Started { at }, ..self }),
            RouteStatus::Started { .. } => Ok(self),
            RouteStatus::Completed { .. } | RouteStatus::Cancelled { .. } => Err(self.refuse("start")),
        }
    }

    /// Refuses what only changes routes that are still to be driven, or are being driven.
    pub(crate) const fn check_open(&self, action: &'static str) -> Result<(), Refusal> {
        if self.archived_at.is_some() {
            return Err(Refusal { noun: "a route", state: "archived", action });
        }
        if self.status.is_over() {
            return Err(self.refuse(action));
        }
        Ok(())
    }

    pub(crate) const fn refuse(&self, action: &'static str) -> Refusal {
        Refusal { noun: "a route", state: self.status.as_str(), action }
    }
}
