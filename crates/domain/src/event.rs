use crate::id::{DriverId, StopId};

/// Something that happened to a job, for whoever subscribes to it.
///
/// The names are those of the published webhook list, and ours in the same style.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A driver can see the route.
    JobAssigned(DriverId),
    /// All stops have ended; some may have failed.
    JobCompleted,
    /// A driver has arrived at a stop.
    StopArrived(StopId),
    /// A stop is done.
    StopCompleted(StopId),
    /// A stop was attempted in vain, or skipped.
    StopFailed(StopId),
    /// The order of stops was computed again.
    RouteReoptimized,
    /// A planner has made a route.
    RouteCreated,
    /// Stops, names, times or places of a route were changed by its planner.
    RouteUpdated,
    /// No driver can see the route any more.
    JobUnassigned,
    /// A job was called off.
    JobCancelled,
    /// A job is gone, with its route.
    JobDeleted,
    /// A route without a job is gone.
    RouteDeleted,
}

impl Event {
    /// The published name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::JobAssigned(_) => "job.assigned",
            Self::JobCompleted => "job.completed",
            Self::StopArrived(_) => "stop.arrived",
            Self::StopCompleted(_) => "stop.completed",
            Self::StopFailed(_) => "stop.failed",
            Self::RouteReoptimized => "route.reoptimized",
            Self::RouteCreated => "route.created",
            Self::RouteUpdated => "route.updated",
            Self::JobUnassigned => "job.unassigned",
            Self::JobCancelled => "job.cancelled",
            Self::JobDeleted => "job.deleted",
            Self::RouteDeleted => "route.deleted",
        }
    }

    /// The driver it is about, if it is about one.
    #[must_use]
    pub const fn driver_id(&self) -> Option<DriverId> {
        match self {
            Self::JobAssigned(driver) => Some(*driver),
            Self::JobCompleted
            | Self::StopArrived(_)
            | Self::StopCompleted(_)
            | Self::StopFailed(_)
            | Self::RouteReoptimized
            | Self::RouteCreated
            | Self::RouteUpdated
            | Self::JobUnassigned
            | Self::JobCancelled
            | Self::JobDeleted
            | Self::RouteDeleted => None,
        }
    }

    /// The stop it is about, if it is about one.
    #[must_use]
    pub const fn stop_id(&self) -> Option<StopId> {
        match self {
            Self::StopArrived(stop) | Self::StopCompleted(stop) | Self::StopFailed(stop) => Some(*stop),
            Self::JobAssigned(_)
            | Self::JobCompleted
            | Self::RouteReoptimized
            | Self::RouteCreated
            | Self::RouteUpdated
            | Self::JobUnassigned
            | Self::JobCancelled
            | Self::JobDeleted
            | Self::RouteDeleted => None,
        }
    }
}
