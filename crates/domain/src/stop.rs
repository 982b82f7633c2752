use jiff::Timestamp;
use jiff::civil::Date;
use routemate_units::{Meters, Seconds};

use crate::address::{Address, Attribute, Contact, Item};
use crate::id::{ImportedStopId, SavedStopId, StopId};
use crate::location::Location;
use crate::outcome::{AttemptedReason, Outcome, ProofOfDelivery};
use crate::priority::Priority;
use crate::refusal::Refusal;
use crate::task::Task;
use crate::text::{ExternalId, FreeText, JsonText};
use crate::time::{DayWindow, TimeWindow};

/// A place on a route where something is to be done.
#[derive(Debug, Clone, PartialEq)]
pub struct Stop {
    /// Its id.
    pub id: StopId,
    /// The place in which the client gave it, from 0: the first and the last located ones stay at the ends.
    pub given_position: u32,
    /// The client's id: `external_stop_id` of the Integration API, `clientStopId` of EasyRoutes.
    pub external_id: Option<ExternalId>,
    /// What is to be done.
    pub kind: StopKind,
    /// Where it came from.
    pub source: StopSource,
    /// The address as submitted.
    pub address: Address,
    /// Where that is.
    pub location: Location,
    /// Who receives; the Integration API's `label` is the company.
    pub contact: Contact,
    /// Words for the driver.
    pub note: Option<FreeText>,
    /// `service_type` of the Integration API as given; `kind` is read from it.
    pub service_type: Option<FreeText>,
    /// How long the driver is to stay.
    pub service_time: Option<Seconds>,
    /// When service may begin; empty is any time, several are alternatives.
    pub windows: Vec<TimeWindow>,
    /// The windows as times of day, where they were given so: `windows` is what they come to on the day of delivery, or
    /// where there is none on the route's.
    pub day_windows: Vec<DayWindow>,
    /// The day of delivery.
    pub delivery_date: Option<Date>,
    /// How much it matters.
    pub priority: Priority,
    /// What is handed over; the Integration API's `parcel_count` is one item.
    pub items: Vec<Item>,
    /// The order's name.
    pub order_name: Option<String>,
    /// Keys and values of EasyRoutes.
    pub attributes: Vec<Attribute>,
    /// Tags of EasyRoutes.
    pub tags: Vec<String>,
    /// The Integration API's object, as given.
    pub metadata: JsonText,
    /// The driver's work.
    pub tasks: Vec<Task>,
    /// Keeps its place when the route is optimised again.
    pub is_locked: bool,
    /// What was planned; `None` until the stop has a place in the sequence.
    pub planned: Option<PlannedLeg>,
    /// Where the plan falls short of it: why it is late, or has no place in the sequence.
    pub shortfall: Option<Shortfall>,
    /// How it stands.
    pub status: StopStatus,
    /// When anything of it last changed.
    pub updated_at: Timestamp,
}

/// What the plan says of one stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedLeg {
    /// Driving distance from the stop before; 0 for the first.
    pub distance: Meters,
    /// Driving time from the stop before; 0 for the first.
    pub duration: Seconds,
    /// When the driver gets there, where the route has a departure.
    pub arrival: Option<Timestamp>,
    /// How long after its window service begins; 0 is in time.
    pub lateness: Seconds,
}

/// Why a plan does not do right by a stop, as far as that was established.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shortfall {
    /// In no order could anybody be there before its window closes.
    TooFar {
        /// The earliest arrival in any order.
        earliest: Timestamp,
    },
    /// It is late so that others are not, or less: moved to any other place it would make the whole no less late.
    OthersFirst,
    /// No road leads there from the other stops, or none leads on.
    Unreachable,
    /// The search ended before the reason was established.
    SearchStopped,
}

impl Shortfall {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooFar { .. } => "too_far",
            Self::OthersFirst => "others_first",
            Self::Unreachable => "unreachable",
            Self::SearchStopped => "search_stopped",
        }
    }
}

/// What is to be done at a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopKind {
    /// Hand something over.
    Delivery,
    /// Fetch something.
    Pickup,
    /// Do something.
    Task,
    /// Rest.
    Break,
}

impl StopKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Delivery, Self::Pickup, Self::Task, Self::Break];

    /// Reads `service_type` of the Integration API: absent is a delivery, what is neither delivery nor pickup a task.
    #[must_use]
    pub fn from_service_type(service_type: Option<&str>) -> Self {
        match service_type.map(|text| text.trim().to_ascii_lowercase()).as_deref() {
            None | Some("delivery") => Self::Delivery,
            Some("pickup") => Self::Pickup,
            Some(_) => Self::Task,
        }
    }

    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::Pickup => "pickup",
            Self::Task => "task",
            Self::Break => "break",
        }
    }
}

/// Where a stop came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StopSource {
    /// The Integration API's import.
    Job,
    /// Given with the route, by nobody who would ask for it elsewhere.
    Route,
    /// A stop that was handed in from outside.
    ImportedStop(ImportedStopId),
    /// A stop that is kept to be used again.
    SavedStop(SavedStopId),
    /// An order of a Shopify shop, by Shopify's number.
    ShopifyOrder(i64),
}

impl StopSource {
    /// Every stable name.
    pub const NAMES: [&str; 5] = ["job", "route", "imported_stop", "saved_stop", "shopify_order"];

    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Job => "job",
            Self::Route => "route",
            Self::ImportedStop(_) => "imported_stop",
            Self::SavedStop(_) => "saved_stop",
            Self::ShopifyOrder(_) => "shopify_order",
        }
    }
}

/// How a stop stands.
#[derive(Debug, Clone, PartialEq)]
pub enum StopStatus {
    /// Nobody has been there.
    Pending,
    /// The driver is there.
    Arrived {
        /// Since when.
        at: Timestamp,
    },
    /// It has ended.
    Ended {
        /// When the driver came, if that was said.
        arrived_at: Option<Timestamp>,
        /// How it ended.
        outcome: Outcome,
    },
    /// Taken off the route; kept for the record, shown to nobody.
    Removed,
}

impl StopStatus {
    /// The stable name.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Arrived { .. } => "arrived",
            Self::Ended { outcome: Outcome::Completed { .. }, .. } => "completed",
            Self::Ended { outcome: Outcome::Failed { .. }, .. } => "failed",
            Self::Ended { outcome: Outcome::Skipped { .. }, .. } => "skipped",
            Self::Removed => "removed",
        }
    }

    /// A driver is or was there, or it was decided that none will be: its place on the route is history.
    #[must_use]
    pub const fn is_behind(&self) -> bool {
        matches!(self, Self::Arrived { .. } | Self::Ended { .. })
    }

    /// Nothing more will happen here.
    #[must_use]
    pub const fn is_terminal(&self) -> bool {
        matches!(self, Self::Ended { .. } | Self::Removed)
    }
}

impl Stop {
    /// How many things are handed over: the Integration API's `parcel_count`.
    #[must_use]
    pub fn item_quantity(&self) -> u32 {
        self.items.iter().fold(0, |sum, item| sum.saturating_add(item.quantity))
    }

    /// The driver has arrived.
    ///
    /// # Errors
    /// [`Refusal`] unless it is pending.
    pub(crate) fn arrive(self, at: Timestamp) -> Result<Self, Refusal> {
        match self.status {
            StopStatus::Pending => Ok(Self { status: StopStatus::Arrived { at }, updated_at: at, ..self }),
            StopStatus::Arrived { .. } | StopStatus::Ended { .. } | StopStatus::Removed => {
                Err(self.refuse("arrive at"))
            }
        }
    }

    /// It is done.
    ///
    /// # Errors
    /// [`Refusal`] where it has ended, or a task that is required first is not done.
    pub(crate) fn complete(self, at: Timestamp, proof: ProofOfDelivery) -> Result<Self, Refusal> {
        if self.tasks.iter().any(|task| task.is_required_to_complete && !task.is_done()) {
            return Err(Refusal { noun: "a stop", state: "waiting for a required task", action: "complete" });
        }
        self.end("complete", Outcome::Completed { at, proof })
    }

    /// The driver was there in vain.
    ///
    /// # Errors
    /// [`Refusal`] where it has ended, or a task that is required first is not done.
    pub(crate) fn fail(
        self,
        at: Timestamp,
        reason: AttemptedReason,
        note: Option<String>,
        proof: ProofOfDelivery,
    ) -> Result<Self, Refusal> {
        if self.tasks.iter().any(|task| task.is_required_to_fail && !task.is_done()) {
            return Err(Refusal { noun: "a stop", state: "waiting for a required task", action: "fail" });
        }
        self.end("fail", Outcome::Failed { at, reason, note, proof })
    }

    /// It will not be driven to.
    ///
    /// # Errors
    /// [`Refusal`] where it has ended.
    pub(crate) fn skip(self, at: Timestamp) -> Result<Self, Refusal> {
        self.end("skip", Outcome::Skipped { at })
    }

    fn end(self, action: &'static str, outcome: Outcome) -> Result<Self, Refusal> {
        let arrived_at = match self.status {
            StopStatus::Pending => None,
            StopStatus::Arrived { at } => Some(at),
            StopStatus::Ended { .. } | StopStatus::Removed => return Err(self.refuse(action)),
        };
        let updated_at = outcome.at();
        Ok(Self { status: StopStatus::Ended { arrived_at, outcome }, updated_at, ..self })
    }

    pub(crate) const fn refuse(&self, action: &'static str) -> Refusal {
        Refusal { noun: "a stop", state: self.status.as_str(), action }
    }
}
