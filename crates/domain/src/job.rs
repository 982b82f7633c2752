use jiff::Timestamp;
use jiff::civil::Date;

use crate::email::Email;
use crate::id::{DriverId, IntegrationId, JobId, OrganizationId, RouteId};
use crate::route::RouteStatus;
use crate::text::{ExternalId, JsonText, Text};
use crate::time::ZoneName;

/// A delivery job as an integration imported it. What happens to it happens to its route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The owner.
    pub organization_id: OrganizationId,
    /// Its id.
    pub id: JobId,
    /// The integration that imported it, the only one that sees it.
    pub integration_id: IntegrationId,
    /// The client's id, unique within the integration.
    pub external_job_id: ExternalId,
    /// What people call it.
    pub title: Text<4000>,
    /// Who is to drive, as submitted.
    pub driver_email: String,
    /// The same address, normalised.
    pub driver_key: Email,
    /// The day it is for.
    pub scheduled_date: Option<Date>,
    /// The zone its civil times are read in, as submitted.
    pub timezone: Option<ZoneName>,
    /// The client's object.
    pub metadata: JsonText,
    /// Its stops in order.
    pub route_id: RouteId,
    /// When it was imported.
    pub created_at: Timestamp,
    /// When anything of it last changed: driver, order, or a stop's progress.
    pub updated_at: Timestamp,
}

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobStatus {
    /// Nobody drives it yet.
    Pending,
    /// A driver can see it.
    Assigned,
    /// The driver has set out.
    InProgress,
    /// Every stop has ended.
    Completed,
    /// It was called off.
    Cancelled,
}

impl JobStatus {
    /// A job stands as its route does: nothing about it is stored twice.
    #[must_use]
    pub const fn of(driver: Option<DriverId>, route: RouteStatus) -> Self {
        match (route, driver) {
            (RouteStatus::Planned, None) => Self::Pending,
            (RouteStatus::Planned, Some(_)) => Self::Assigned,
            (RouteStatus::Started { .. }, _) => Self::InProgress,
            (RouteStatus::Completed { .. }, _) => Self::Completed,
            (RouteStatus::Cancelled { .. }, _) => Self::Cancelled,
        }
    }

    /// Every status.
    pub const ALL: [Self; 5] = [Self::Pending, Self::Assigned, Self::InProgress, Self::Completed, Self::Cancelled];

    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            _ => self.published(),
        }
    }

    /// The name in the Integration API, which knows four: what was called off is over, and its stops say how.
    #[must_use]
    pub const fn published(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Assigned => "assigned",
            Self::InProgress => "in_progress",
            Self::Completed | Self::Cancelled => "completed",
        }
    }
}
