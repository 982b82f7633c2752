use jiff::civil::Date;
use routemate_domain::{Email, ExternalId, FreeText, Itinerary, Job, JsonText, Priority, TimeWindow, UserId, ZoneName};
use routemate_units::{LatLng, Seconds};

use crate::WholeRoute;

/// Imports a delivery job. Everything in it has been checked but for what only the store knows.
#[derive(Debug, Clone)]
pub struct ImportJob {
    /// The client's id, unique within the integration.
    pub external_job_id: ExternalId,
    /// What people call it.
    pub title: FreeText,
    /// Who is to drive, as submitted.
    pub driver_email: String,
    /// The same address, normalised.
    pub driver_key: Email,
    /// The day it is for.
    pub scheduled_date: Option<Date>,
    /// The zone its civil times were read in, where the client named one.
    pub timezone: Option<ZoneName>,
    /// The client's object.
    pub metadata: JsonText,
    /// In the client's order; ids are unique.
    pub stops: Vec<ImportStop>,
}

/// A stop to import.
#[derive(Debug, Clone)]
pub struct ImportStop {
    /// The client's id, unique within the job.
    pub external_stop_id: ExternalId,
    /// In one line.
    pub address: FreeText,
    /// Where that is, if the client knows.
    pub position: Option<LatLng>,
    /// Who receives.
    pub label: Option<FreeText>,
    /// Words for the driver.
    pub notes: Option<FreeText>,
    /// What is to be done, in the client's word.
    pub service_type: Option<FreeText>,
    /// How long the driver is to stay.
    pub service_time: Option<Seconds>,
    /// When service may begin.
    pub window: Option<TimeWindow>,
    /// How much it matters.
    pub priority: Priority,
    /// Parcels to hand over.
    pub parcel_count: u32,
    /// The client's object.
    pub metadata: JsonText,
}

/// A request that may be sent again without doing its work twice.
#[derive(Debug, Clone)]
pub struct Idempotency {
    /// Which operation the key belongs to.
    pub operation: &'static str,
    /// The client's key, at most 255 characters.
    pub key: String,
    /// SHA-256 of the body, to tell a retry from a mistake.
    pub fingerprint: [u8; 32],
}

/// The answer to a command that may be replayed, as bytes that are the same each time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What goes onto the wire.
    pub body: Vec<u8>,
    /// Whether this is the answer to an earlier call.
    pub replay: Replay,
}

/// Whether an answer belongs to an earlier call with the same key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// The work was done by this call.
    No,
    /// The same request was answered before.
    Same,
    /// Another request was answered before under this key.
    Mismatch,
}

/// A job as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct JobView {
    /// What was imported.
    pub job: Job,
    /// The route with its stops in order, removed ones left out.
    pub itinerary: Itinerary,
    /// The person who drives, the same in every organisation.
    pub driver_user_id: Option<UserId>,
}

impl JobView {
    /// The job of a route, if it has one.
    #[must_use]
    pub fn of(route: WholeRoute) -> Option<Self> {
        let WholeRoute { itinerary, job, driver } = route;
        Some(Self { job: job?, itinerary, driver_user_id: driver.map(|driver| driver.user_id) })
    }
}

/// A job that has just been imported.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedJob {
    /// The job as it stands.
    pub view: JobView,
    /// Whether it was: a dry run keeps nothing.
    pub is_kept: bool,
    /// How its driver was found.
    pub driver: DriverResolution,
}

/// How the driver of an import was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DriverResolution {
    /// Drives for this organisation.
    Member,
    /// Has an account and was made a driver of this organisation.
    AutoAdded,
    /// Has none, or the organisation does not add people by itself: an invitation waits.
    Invited,
    /// Drives for this organisation, but not at present.
    Inactive,
}

/// How many requests are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateState {
    /// Requests in any rolling minute.
    pub limit: u32,
    /// How many of them are left now.
    pub remaining: u32,
    /// When the oldest one leaves the minute.
    pub reset_after: Seconds,
}
