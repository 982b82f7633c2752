//! Every type of the dialect, declared once. Fields and values stand in the documents' order.

mod enumerations;
mod request;
mod route;
mod shared;
mod stop;

use crate::wire::{EnumerationType, MessageType};

pub(crate) use self::enumerations::{
    AttemptedReason, BreakStatus, DeliveryStatus, DriverStatus, RouteEndStatus, RouteSortKey, RouteStartStatus,
    StopSource, StopType, TaskInputMethod, TaskType,
};
pub(crate) use self::request::{Authenticated, Credentials};
pub(crate) use self::route::{Driver, DriverList, Route, RouteEnd, RouteList, RouteStart, RouteStop};
pub(crate) use self::shared::{
    Address, Attribute, Contact, Date, LatLng, Status, StopAttachment, StopItem, Task, TaskInput, TaskItem,
    TaskItemTemplate, TaskTemplate, TimeOfDay, TimeWindow,
};
pub(crate) use self::stop::{
    ImportedStop, ImportedStopList, ImportedStopRouteInfo, ImportedStopRoutes, StopToImport, StopsToImport,
};

/// Every message: those of the documents, and those that hold requests and answers.
pub(crate) const MESSAGES: &[&MessageType] = &[
    &Address::TYPE,
    &Attribute::TYPE,
    &Contact::TYPE,
    &Date::TYPE,
    &Driver::TYPE,
    &ImportedStop::TYPE,
    &ImportedStopRouteInfo::TYPE,
    &LatLng::TYPE,
    &Route::TYPE,
    &RouteEnd::TYPE,
    &RouteStart::TYPE,
    &RouteStop::TYPE,
    &StopAttachment::TYPE,
    &StopItem::TYPE,
    &StopToImport::TYPE,
    &Task::TYPE,
    &TaskInput::TYPE,
    &TaskItem::TYPE,
    &TaskItemTemplate::TYPE,
    &TaskTemplate::TYPE,
    &TimeOfDay::TYPE,
    &TimeWindow::TYPE,
    &Credentials::TYPE,
    &Authenticated::TYPE,
    &RouteList::TYPE,
    &StopsToImport::TYPE,
    &ImportedStopList::TYPE,
    &ImportedStopRoutes::TYPE,
    &DriverList::TYPE,
    &Status::TYPE,
];

/// Every enumeration.
pub(crate) const ENUMERATIONS: &[&EnumerationType] = &[
    &AttemptedReason::TYPE,
    &BreakStatus::TYPE,
    &DeliveryStatus::TYPE,
    &DriverStatus::TYPE,
    &RouteEndStatus::TYPE,
    &RouteSortKey::TYPE,
    &RouteStartStatus::TYPE,
    &StopSource::TYPE,
    &StopType::TYPE,
    &TaskInputMethod::TYPE,
    &TaskType::TYPE,
];

#[cfg(test)]
mod tests;
