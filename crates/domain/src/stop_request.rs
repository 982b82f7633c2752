use jiff::Timestamp;
use jiff::civil::Date;
use routemate_units::{LatLng, Seconds};
use uuid::Uuid;

use crate::address::{Address, Attribute, Contact, Item};
use crate::id::{ImportedStopId, OrganizationId, SavedStopId, StopId};
use crate::location::Location;
use crate::priority::Priority;
use crate::stop::{Stop, StopKind, StopSource, StopStatus};
use crate::task::TaskTemplate;
use crate::text::{ExternalId, FreeText, JsonText};
use crate::time::{DayWindow, ZoneName};

/// What somebody wants done at a place: all of a stop but its place on a route. `StopToImport` of EasyRoutes.
#[derive(Debug, Clone, PartialEq)]
pub struct StopRequest {
    /// The client's id: `clientStopId` of EasyRoutes.
    pub external_id: Option<ExternalId>,
    /// What is to be done.
    pub kind: StopKind,
    /// The address as submitted.
    pub address: Address,
    /// The coordinates, where the client knows them.
    pub position: Option<LatLng>,
    /// Who receives.
    pub contact: Contact,
    /// Words for the driver.
    pub note: Option<FreeText>,
    /// How long the driver is to stay.
    pub service_time: Option<Seconds>,
    /// When service may begin; empty is any time, several are alternatives.
    pub windows: Vec<DayWindow>,
    /// The day of delivery.
    pub delivery_date: Option<Date>,
    /// How much it matters.
    pub priority: Priority,
    /// What is handed over.
    pub items: Vec<Item>,
    /// The order's name.
    pub order_name: Option<String>,
    /// Keys and values for somebody else's system.
    pub attributes: Vec<Attribute>,
    /// Tags.
    pub tags: Vec<String>,
    /// The driver's work.
    pub tasks: Vec<TaskTemplate>,
}

/// A stop that was handed in from outside, before and beside any route.
///
/// Handed in again under the same client's id it is replaced as a whole and keeps its id.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedStop {
    /// The owner.
    pub organization_id: OrganizationId,
    /// Its id, `ist-…` in EasyRoutes.
    pub id: ImportedStopId,
    /// What is wanted.
    pub request: StopRequest,
    /// Where that is, as far as it is known: looked up in the background.
    pub location: Location,
    /// Counts changes, so that two writers never overwrite each other.
    pub version: i64,
    /// When it was handed in last.
    pub imported_at: Timestamp,
    /// When it was first handed in.
    pub created_at: Timestamp,
}

/// A stop that is kept to be used again and again: a depot, a customer of every week.
#[derive(Debug, Clone, PartialEq)]
pub struct SavedStop {
    /// The owner.
    pub organization_id: OrganizationId,
    /// Its id.
    pub id: SavedStopId,
    /// What people call it.
    pub name: FreeText,
    /// What is wanted there.
    pub request: StopRequest,
    /// Where that is, as far as it is known.
    pub location: Location,
    /// Counts changes, so that two writers never overwrite each other.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl StopRequest {
    /// The most attributes that one is taken with from outside.
    pub const MAX_ATTRIBUTES: usize = 50;
    /// The most tags that one is taken with from outside.
    pub const MAX_TAGS: usize = 250;
    /// A week: longer stops are mistakes.
    pub const MAX_SERVICE_TIME: Seconds = Seconds::new(7 * 24 * 60 * 60);

    /// Where it is before anybody has looked: what the client said, or to be searched for. A break is anywhere.
    #[must_use]
    pub fn location(&self) -> Location {
        match (self.kind, self.position) {
            (StopKind::Break, None) => Location::Anywhere,
            (_, Some(position)) => Location::Supplied(position),
            (_, None) => Location::Searching,
        }
    }

    /// A stop that does what is wanted, with ids of its own, not on any route yet. Windows are those of its own day, or of
    /// `day` where it has none.
    pub fn to_stop(
        &self,
        source: StopSource,
        location: Location,
        (day, zone): (Option<Date>, &ZoneName),
        now: Timestamp,
        mut new_id: impl FnMut() -> Uuid,
    ) -> Stop {
        let id = StopId::from_uuid(new_id());
        let mut stop = Stop {
            id,
            given_position: 0,
            external_id: self.external_id.clone(),
            kind: self.kind,
            source,
            address: self.address.clone(),
            location,
            contact: self.contact.clone(),
            note: self.note.clone(),
            service_type: None,
            service_time: self.service_time,
            windows: Vec::new(),
            day_windows: self.windows.clone(),
            delivery_date: self.delivery_date,
            priority: self.priority,
            items: self.items.clone(),
            order_name: self.order_name.clone(),
            attributes: self.attributes.clone(),
            tags: self.tags.clone(),
            metadata: JsonText::default(),
            tasks: self.tasks.iter().map(|task| task.to_task(&mut new_id)).collect(),
            is_locked: false,
            planned: None,
            shortfall: None,
            status: StopStatus::Pending,
            updated_at: now,
        };
        stop.fix_windows(day, zone);
        stop
    }
}

impl Stop {
    /// Puts windows that were given as times of day onto their day: the stop's own, or the one given.
    pub fn fix_windows(&mut self, day: Option<Date>, zone: &ZoneName) {
        let Some(day) = self.delivery_date.or(day) else { return };
        if !self.day_windows.is_empty() {
            self.windows = self.day_windows.iter().filter_map(|window| window.on(day, zone)).collect();
        }
    }

    /// The same stop, in the same place on its route and as far as it has come, for a request that has changed since.
    /// Where the new place is has to be said; the driver's work begins anew.
    #[must_use]
    pub fn refreshed(
        &self,
        request: &StopRequest,
        location: Location,
        day: (Option<Date>, &ZoneName),
        now: Timestamp,
        new_id: impl FnMut() -> Uuid,
    ) -> Self {
        Self {
            id: self.id,
            given_position: self.given_position,
            is_locked: self.is_locked,
            planned: self.planned,
            shortfall: self.shortfall,
            status: self.status.clone(),
            ..request.to_stop(self.source, location, day, now, new_id)
        }
    }
}
