use crate::types::{
    Address, Attribute, Contact, Date, DeliveryStatus, LatLng, StopItem, StopType, TaskTemplate, TimeWindow,
};
use crate::wire::{Instant, Span, message};

message! {
    /// A stop that was handed in, before and beside any route.
    ImportedStop {
        /// `ist-…`, the same when the stop is replaced.
        id "id": String,
        /// Your id.
        client_stop_id "clientStopId": String,
        /// Where it is.
        address "address": Option<Address>,
        /// Who receives.
        contact "contact": Option<Contact>,
        /// As you sent them; what was found for the address is on the route's stop.
        coordinates "coordinates": Option<LatLng>,
        /// What is handed over.
        items "items": Vec<StopItem>,
        /// Words for the driver.
        note "note": String,
        /// How long the driver is to stay.
        duration "duration": Option<Span>,
        /// 1 (low) to 10 (high); 0 is unset and counts as 5.
        priority "priority": i32,
        /// The order's name.
        order_name "orderName": String,
        /// When it was handed in last.
        imported_at "importedAt": Option<Instant>,
        /// When service may begin.
        time_windows "timeWindows": Vec<TimeWindow>,
        /// The day of delivery.
        delivery_date "deliveryDate": Option<Date>,
        /// Keys and values for somebody else's system.
        attributes "attributes": Vec<Attribute>,
        /// Tags.
        tags "tags": Vec<String>,
        /// Work for the driver.
        tasks "tasks": Vec<TaskTemplate>,
        /// What is to be done.
        kind "type": StopType,
    }
}

message! {
    /// Where an imported stop came to be on a route.
    ImportedStopRouteInfo {
        /// `rte-…`
        route_id "routeId": String,
        /// `rst-…`
        stop_id "stopId": String,
        /// How the stop stands there.
        delivery_status "deliveryStatus": DeliveryStatus,
    }
}

message! {
    /// A stop to hand in. It needs an address or coordinates.
    StopToImport {
        /// Your id, at most 255 characters. The stop that has it already is replaced and keeps its own.
        client_stop_id "clientStopId": String,
        /// Where it is.
        address "address": Option<Address>,
        /// Who receives.
        contact "contact": Option<Contact>,
        /// Where that is, where you know; looked up otherwise.
        coordinates "coordinates": Option<LatLng>,
        /// What is handed over.
        items "items": Vec<StopItem>,
        /// Words for the driver.
        note "note": String,
        /// How long the driver is to stay: `"300s"`, `"300"` or 300; at most a week.
        duration "duration": Option<Span>,
        /// 1 (low) to 10 (high); 0 is unset and counts as 5.
        priority "priority": i32,
        /// The order's name, which need not be unique.
        order_name "orderName": String,
        /// When service may begin; several are alternatives.
        time_windows "timeWindows": Vec<TimeWindow>,
        /// The day of delivery.
        delivery_date "deliveryDate": Option<Date>,
        /// Keys and values for somebody else's system, at most 50.
        attributes "attributes": Vec<Attribute>,
        /// At most 250.
        tags "tags": Vec<String>,
        /// Work for the driver.
        tasks "tasks": Vec<TaskTemplate>,
        /// What is to be done: anything but `BREAK`.
        kind "type": StopType,
    }
}

message! {
    /// Stops to hand in; the list may also be sent bare.
    StopsToImport {
        /// At most 200.
        stops "stops": Vec<StopToImport>,
    }
}

message! {
    /// Imported stops.
    ImportedStopList {
        /// The stops.
        stops "stops": Vec<ImportedStop>,
        /// Where the next page begins; empty on the last one.
        next_cursor "nextCursor": String,
    }
}

message! {
    /// The routes of an imported stop.
    ImportedStopRoutes {
        /// `ist-…`
        id "id": String,
        /// Each place it has on a route that was changed in the last 30 days.
        route_info "routeInfo": Vec<ImportedStopRouteInfo>,
    }
}
