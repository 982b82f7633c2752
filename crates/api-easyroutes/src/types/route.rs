use crate::types::{
    Address, AttemptedReason, Attribute, BreakStatus, Contact, Date, DeliveryStatus, DriverStatus, LatLng,
    RouteEndStatus, RouteStartStatus, StopAttachment, StopItem, StopSource, StopType, Task, TimeWindow,
};
use crate::wire::{Double, Instant, Int64, Span, message};

message! {
    /// Somebody who drives routes.
    Driver {
        /// `drv-…`
        id "id": String,
        /// Given name.
        first_name "firstName": String,
        /// Family name.
        last_name "lastName": String,
        /// Telephone number.
        phone "phone": String,
        /// Whether routes may be assigned.
        status "status": DriverStatus,
    }
}

message! {
    /// Stops in driving order, and who drives them.
    Route {
        /// `rte-…`
        id "id": String,
        /// What people call it.
        name "name": String,
        /// Who drives it.
        driver "driver": Option<Driver>,
        /// Where the driver sets out, beside the stops.
        start "start": Option<RouteStart>,
        /// Where the driver goes at last, beside the stops.
        end "end": Option<RouteEnd>,
        /// In driving order; those without a position come last.
        stops "stops": Vec<RouteStop>,
        /// When it was made.
        created_at "createdAt": Option<Instant>,
        /// When a planner last changed it; a driver's progress does not count.
        updated_at "updatedAt": Option<Instant>,
        /// When it was put away.
        archived_at "archivedAt": Option<Instant>,
        /// When it is to be driven.
        scheduled_for "scheduledFor": Option<Instant>,
        /// Driving distance.
        total_distance_meters "totalDistanceMeters": Double,
        /// How many things are handed over.
        total_item_quantity "totalItemQuantity": i32,
        /// What they weigh together.
        total_item_grams "totalItemGrams": Int64,
    }
}

message! {
    /// Where a route ends.
    RouteEnd {
        /// Where that is; absent where the route ends at its last stop.
        address "address": Option<Address>,
        /// Work to do before the route is completed.
        tasks "tasks": Vec<Task>,
        /// When the driver was planned to get there.
        planned_arrival "plannedArrival": Option<Instant>,
        /// From the last stop.
        distance_meters "distanceMeters": Double,
        /// When the driver is expected there, or got there.
        updated_arrival "updatedArrival": Option<Instant>,
        /// Whether the route is completed.
        status "status": RouteEndStatus,
    }
}

message! {
    /// Where a route begins.
    RouteStart {
        /// Where that is; absent where the route begins at its first stop.
        address "address": Option<Address>,
        /// Work to do before setting out.
        tasks "tasks": Vec<Task>,
        /// Whether the route has started.
        status "status": RouteStartStatus,
    }
}

message! {
    /// A stop on a route.
    RouteStop {
        /// `rst-…`
        id "id": String,
        /// What is to be done.
        kind "type": StopType,
        /// How it stands, unless it is a break.
        delivery_status "deliveryStatus": DeliveryStatus,
        /// How a break stands.
        break_status "breakStatus": BreakStatus,
        /// When anything of it last changed.
        updated_at "updatedAt": Option<Instant>,
        /// How long the driver is to stay.
        duration "duration": Option<Span>,
        /// When the driver was planned to get there.
        planned_arrival "plannedArrival": Option<Instant>,
        /// Words for the driver.
        note "note": String,
        /// Where it is, as submitted.
        address "address": Option<Address>,
        /// Who receives.
        contact "contact": Option<Contact>,
        /// Where that is.
        planned_coordinates "plannedCoordinates": Option<LatLng>,
        /// What is handed over.
        items "items": Vec<StopItem>,
        /// Where it came from.
        source "source": StopSource,
        /// Shopify's number of the order, 0 where it came from no such order.
        shopify_order_id "shopifyOrderId": Int64,
        /// The saved stop that it came from.
        saved_stop_id "savedStopId": String,
        /// Where the driver was when it ended.
        delivered_coordinates "deliveredCoordinates": Option<LatLng>,
        /// What the driver wrote.
        proof_of_delivery_note "proofOfDeliveryNote": String,
        /// What the driver photographed.
        proof_of_delivery_photos "proofOfDeliveryPhotos": Vec<StopAttachment>,
        /// What the recipient signed.
        proof_of_delivery_signatures "proofOfDeliverySignatures": Vec<StopAttachment>,
        /// Work for the driver, with what is done of it.
        tasks "tasks": Vec<Task>,
        /// 1 (low) to 10 (high); 0 is unset and counts as 5.
        priority "priority": i32,
        /// The imported stop that it came from.
        imported_stop_id "importedStopId": String,
        /// The order's name.
        order_name "orderName": String,
        /// From the stop before.
        distance_meters "distanceMeters": Double,
        /// When the driver is expected there, or was there.
        updated_arrival "updatedArrival": Option<Instant>,
        /// When service may begin.
        time_windows "timeWindows": Vec<TimeWindow>,
        /// The day of delivery.
        delivery_date "deliveryDate": Option<Date>,
        /// Keys and values for somebody else's system.
        attributes "attributes": Vec<Attribute>,
        /// Your id.
        client_stop_id "clientStopId": String,
        /// Tags.
        tags "tags": Vec<String>,
        /// Why it was attempted in vain.
        attempted_reason "attemptedReason": AttemptedReason,
        /// The same in the driver's words.
        attempted_note "attemptedNote": String,
    }
}

message! {
    /// Routes.
    RouteList {
        /// The routes, the latest first.
        routes "routes": Vec<Route>,
        /// Where the next page begins; empty on the last one.
        next_cursor "nextCursor": String,
    }
}

message! {
    /// Drivers.
    DriverList {
        /// The drivers.
        drivers "drivers": Vec<Driver>,
        /// Where the next page begins; empty on the last one.
        next_cursor "nextCursor": String,
    }
}
