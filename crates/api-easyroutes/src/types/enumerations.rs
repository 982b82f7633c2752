use crate::wire::enumeration;

enumeration! {
    /// Why a driver was there in vain.
    AttemptedReason {
        /// Not said.
        Unknown "UNKNOWN",
        /// Nobody was there.
        NotAvailable "NOT_AVAILABLE",
        /// The driver could not get to the place.
        AccessDenied "ACCESS_DENIED",
        /// The address is wrong.
        IncorrectAddress "INCORRECT_ADDRESS",
        /// There was no safe place to leave it.
        SafePlaceUnavailable "SAFE_PLACE_UNAVAILABLE",
        /// The recipient did not take it.
        Refused "REFUSED",
        /// Weather, traffic and the like.
        External "EXTERNAL",
        /// Items were wrong or missing.
        IncorrectItems "INCORRECT_ITEMS",
        /// Something else.
        Other "OTHER",
    }
}

enumeration! {
    /// How a break stands.
    BreakStatus {
        /// Not taken yet.
        Unknown "UNKNOWN",
        /// Taken.
        Completed "COMPLETED",
    }
}

enumeration! {
    /// How a stop stands that is no break.
    DeliveryStatus {
        /// Nothing is known.
        Unknown "UNKNOWN",
        /// Delivered, picked up, or done.
        Delivered "DELIVERED",
        /// On a route that has started.
        OutForDelivery "OUT_FOR_DELIVERY",
        /// The driver was there in vain.
        AttemptedDelivery "ATTEMPTED_DELIVERY",
        /// On a route that has not started.
        ReadyForDelivery "READY_FOR_DELIVERY",
    }
}

enumeration! {
    /// Whether routes may be assigned to a driver.
    DriverStatus {
        /// Nothing is known.
        Unknown "UNKNOWN",
        /// They may.
        Active "ACTIVE",
        /// Not at present.
        Inactive "INACTIVE",
        /// No more.
        Archived "ARCHIVED",
    }
}

enumeration! {
    /// How a route's end stands.
    RouteEndStatus {
        /// Not reached.
        Unknown "UNKNOWN",
        /// Reached.
        Completed "COMPLETED",
    }
}

enumeration! {
    /// By which of its times routes are listed, the latest first.
    RouteSortKey {
        /// By `CREATED_AT`.
        Unknown "UNKNOWN",
        /// When it was made.
        CreatedAt "CREATED_AT",
        /// When a planner last changed it.
        UpdatedAt "UPDATED_AT",
    }
}

enumeration! {
    /// How a route's start stands.
    RouteStartStatus {
        /// Nobody has set out.
        Unknown "UNKNOWN",
        /// The driver is on the way.
        Started "STARTED",
    }
}

enumeration! {
    /// Where a stop came from.
    StopSource {
        /// From none of the others, such as an imported job.
        Unknown "UNKNOWN",
        /// From an order of a Shopify shop.
        ShopifyOrder "SHOPIFY_ORDER",
        /// From a stop that is kept to be used again.
        SavedStop "SAVED_STOP",
        /// From an imported stop.
        ImportedStop "IMPORTED_STOP",
    }
}

enumeration! {
    /// What is to be done at a stop.
    StopType {
        /// In a request the same as `DELIVERY`.
        Unknown "UNKNOWN",
        /// Hand something over.
        Delivery "DELIVERY",
        /// Rest.
        Break "BREAK",
        /// Fetch something.
        Pickup "PICKUP",
        /// Do something.
        Task "TASK",
    }
}

enumeration! {
    /// How a driver entered something.
    TaskInputMethod {
        /// By hand.
        Unknown "UNKNOWN",
        /// By the camera.
        Scanned "SCANNED",
    }
}

enumeration! {
    /// How a task is answered.
    TaskType {
        /// Not allowed in requests.
        Unknown "UNKNOWN",
        /// All items are to be ticked.
        Checkboxes "CHECKBOXES",
        /// One item is to be chosen.
        RadioButtons "RADIO_BUTTONS",
        /// Free text.
        TextInput "TEXT_INPUT",
        /// A decimal number.
        DecimalInput "DECIMAL_INPUT",
        /// A scanned code.
        ScannerInput "SCANNER_INPUT",
    }
}
