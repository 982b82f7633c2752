use crate::types::{Address, LatLng, StopItem, StopToImport, TaskTemplate};
use crate::wire::{Instant, Int64, message};

message! {
    /// A route to make.
    RouteToCreate {
        /// What people call it.
        name "name": String,
        /// When it is to be driven; its driver leaves then.
        scheduled_for "scheduledFor": Option<Instant>,
        /// Who is to drive: `drv-…`, or nobody.
        driver_id "driverId": String,
        /// Where the driver sets out, beside the stops.
        start "start": Option<RouteTerminal>,
        /// Where the driver goes at last, beside the stops.
        end "end": Option<RouteTerminal>,
        /// Its stops, at most 200.
        stops "stops": Vec<StopToAdd>,
        /// Whether they are put into the best order, or stay in the order given.
        optimize "optimize": bool,
    }
}

message! {
    /// Where a route is to begin or to end.
    RouteTerminal {
        /// Where that is.
        address "address": Option<Address>,
        /// The same, where you know; looked up otherwise.
        coordinates "coordinates": Option<LatLng>,
        /// Work for the driver there.
        tasks "tasks": Vec<TaskTemplate>,
    }
}

message! {
    /// A stop to put on a route: just one of these.
    StopToAdd {
        /// One that was handed in before: `ist-…`.
        imported_stop_id "importedStopId": String,
        /// One that is kept to be used again: `sst-…`.
        saved_stop_id "savedStopId": String,
        /// An order of a shop at Shopify that is to be driven, by Shopify's number.
        shopify_order_id "shopifyOrderId": Int64,
        /// One that is given here and now.
        stop "stop": Option<StopToImport>,
    }
}

message! {
    /// Stops to put on a route.
    StopsToAdd {
        /// The stops, at most 200.
        stops "stops": Vec<StopToAdd>,
        /// The place of the first of them, from 0; the end where it is absent.
        position "position": Option<i32>,
    }
}

message! {
    /// What is handed over at a stop from now on.
    StopItems {
        /// All of it.
        items "items": Vec<StopItem>,
    }
}

message! {
    /// Who is to drive a route.
    RouteDriver {
        /// `drv-…`
        driver_id "driverId": String,
    }
}

message! {
    /// Until when a driver sees a route before setting out.
    RouteDispatch {
        /// Required.
        dispatched_until "dispatchedUntil": Option<Instant>,
    }
}

message! {
    /// Where a stop is put.
    StopPosition {
        /// Its place, from 0. Required.
        position "position": Option<i32>,
    }
}
