use std::sync::Arc;

use jiff::Timestamp;
use routemate_domain::{
    Address, DriverId, Email, ImportedStopId, Item, RouteEnds, SavedStopId, StopId, StopRequest, TaskTemplate, Text,
};
use routemate_units::LatLng;

use crate::{RouteView, StopOrder, WholeRoute};

/// Makes a route that belongs to no job. Everything in it has been checked but for what only the store knows.
#[derive(Debug, Clone)]
pub struct CreateRoute {
    /// What people call it.
    pub name: Text<4000>,
    /// When it is to be driven; its driver leaves then.
    pub scheduled_for: Option<Timestamp>,
    /// Who is to drive.
    pub driver: Option<DriverId>,
    /// Where the driver sets out.
    pub start: TerminalRequest,
    /// Where the driver goes at last.
    pub end: TerminalRequest,
    /// In the order given.
    pub stops: Vec<NewStop>,
    /// In which order they are to be driven.
    pub order: StopOrder,
}

/// Where a route is to begin or end; without address and position it has no such place.
#[derive(Debug, Clone, Default)]
pub struct TerminalRequest {
    /// The address as submitted.
    pub address: Address,
    /// The coordinates, where the client knows them.
    pub position: Option<LatLng>,
    /// The driver's work there.
    pub tasks: Vec<TaskTemplate>,
}

/// A stop to put on a route.
#[derive(Debug, Clone)]
pub enum NewStop {
    /// One that was handed in before.
    Imported(ImportedStopId),
    /// One that is kept to be used again.
    Saved(SavedStopId),
    /// An order of a shop at Shopify, by Shopify's number.
    Shopify(i64),
    /// One that is given here and now.
    Inline(Box<StopRequest>),
}

/// Something that a planner does to a route.
#[derive(Debug, Clone)]
pub enum RouteChange {
    /// Puts stops on it.
    AddStops {
        /// In their order.
        stops: Vec<NewStop>,
        /// The place of the first of them among the stops present, from 0, or the end; without one the end, or the last
        /// place but one where the last stop as given stays last.
        position: Option<usize>,
        /// The order afterwards.
        order: StopOrder,
    },
    /// Takes stops off it.
    RemoveStops {
        /// Which ones.
        stops: Vec<StopId>,
        /// The order afterwards.
        order: StopOrder,
    },
    /// Puts a stop somewhere else in the order.
    MoveStop {
        /// Which one.
        stop: StopId,
        /// Its place among the stops present, from 0, or the end.
        position: usize,
    },
    /// Puts other things in the place of those to be handed over at a stop.
    ReplaceItems {
        /// At which one.
        stop: StopId,
        /// All of them.
        items: Vec<Item>,
    },
    /// Corrects where a stop is. Without a position the address is looked up.
    CorrectStop {
        /// Which one.
        stop: StopId,
        /// Its address, where that was wrong.
        address: Option<Address>,
        /// Its place, where the planner knows.
        position: Option<LatLng>,
        /// The order afterwards.
        order: StopOrder,
    },
    /// Makes a stop keep its place when the order is computed again, or lets it go.
    LockStop {
        /// Which one.
        stop: StopId,
        /// Whether it keeps its place.
        is_locked: bool,
    },
    /// Names it anew, or says when it is driven; what is `None` stays.
    Describe {
        /// What people call it.
        name: Option<Text<4000>>,
        /// When it is to be driven, or that this is open.
        scheduled_for: Option<Option<Timestamp>>,
        /// The order afterwards, where its time changes.
        order: StopOrder,
    },
    /// Says what holds the ends, and computes the order again.
    SetEnds(RouteEnds),
    /// Computes the order again.
    Reoptimize,
    /// Gives it to a driver.
    Assign(DriverId),
    /// Gives the route of a job to whoever has this address, as an import does: a driver, somebody to add, or to invite.
    AssignPerson {
        /// The address as submitted.
        email: String,
        /// The same, normalised.
        key: Email,
    },
    /// Takes it from its driver.
    Unassign,
    /// Lets its driver see it.
    Dispatch {
        /// Until when.
        until: Timestamp,
    },
    /// Hides it from its driver.
    Undispatch,
    /// Puts it away.
    Archive,
    /// Takes it out again.
    Unarchive,
    /// Calls it off: what was not done until now is skipped.
    Cancel,
}

/// Turns a route into the bytes of its answer, inside the transaction that stores both. May be called twice.
pub type RenderRoute = Arc<dyn Fn(&RouteView) -> Vec<u8> + Send + Sync>;

/// As [`RenderRoute`], of a route with all that it belongs to.
pub type RenderWholeRoute = Arc<dyn Fn(&WholeRoute) -> Vec<u8> + Send + Sync>;

impl RouteChange {
    /// The name in the audit log.
    pub(crate) const fn action(&self) -> &'static str {
        match self {
            Self::AddStops { .. } => "route.stops_added",
            Self::RemoveStops { .. } => "route.stops_removed",
            Self::MoveStop { .. } => "route.stop_moved",
            Self::ReplaceItems { .. } => "route.items_replaced",
            Self::CorrectStop { .. } => "route.stop_corrected",
            Self::LockStop { is_locked: true, .. } => "route.stop_locked",
            Self::LockStop { is_locked: false, .. } => "route.stop_unlocked",
            Self::Describe { .. } => "route.described",
            Self::SetEnds(_) => "route.ends_changed",
            Self::Reoptimize => "route.reoptimized",
            Self::Assign(_) | Self::AssignPerson { .. } => "route.assigned",
            Self::Unassign => "route.unassigned",
            Self::Dispatch { .. } => "route.dispatched",
            Self::Undispatch => "route.undispatched",
            Self::Archive => "route.archived",
            Self::Unarchive => "route.unarchived",
            Self::Cancel => "route.cancelled",
        }
    }

    /// The order of the stops afterwards, where they are to be planned again.
    pub(crate) const fn order(&self) -> Option<StopOrder> {
        match self {
            Self::AddStops { order, .. } | Self::RemoveStops { order, .. } | Self::CorrectStop { order, .. } => {
                Some(*order)
            }
            Self::Describe { scheduled_for: Some(_), order, .. } => Some(*order),
            Self::MoveStop { .. } => Some(StopOrder::Given),
            Self::SetEnds(_) | Self::Reoptimize => Some(StopOrder::Best),
            _ => None,
        }
    }
}
