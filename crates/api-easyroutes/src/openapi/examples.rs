use serde_json::{Value, json};

pub(super) fn credentials() -> Value {
    json!({ "clientId": "rm_ci_3b1f0c9d2e4a5b6c7d8e9f00", "clientSecret": "rm_cs_…" })
}

pub(super) fn authenticated() -> Value {
    json!({ "accessToken": "rm_at_e5988dd1b91a4ff3827c5d2ed416ccbe37ae227a", "expiresInSeconds": "3600" })
}

pub(super) fn stops_to_import() -> Value {
    json!([{
        "clientStopId": "order-1001",
        "address": { "address1": "Unioninkatu 29", "city": "Helsinki", "countryCode": "FI", "zip": "00170" },
        "contact": { "firstName": "Ada", "lastName": "Virtanen", "phone": "+358401234567" },
        "items": [{ "name": "Bananas", "quantity": 5, "grams": 500 }],
        "note": "Leave at the front door",
        "duration": "300s",
        "priority": 5,
        "orderName": "#1001",
        "timeWindows": [{ "start": { "hours": 9 }, "end": { "hours": 12, "minutes": 30 } }],
        "deliveryDate": { "year": 2026, "month": 3, "day": 9 },
        "tags": ["fragile"],
        "tasks": [{ "title": "Photo of the door", "type": "CHECKBOXES", "items": [{ "title": "Taken" }] }],
    }])
}

pub(super) fn imported_stop() -> Value {
    json!({
        "id": "ist-123e4567-e89b-12d3-a456-426614174000",
        "clientStopId": "order-1001",
        "address": address(),
        "contact": contact(),
        "items": [item()],
        "note": "Leave at the front door",
        "duration": "300s",
        "priority": 5,
        "orderName": "#1001",
        "importedAt": "2026-03-08T15:04:05Z",
        "timeWindows": [window()],
        "deliveryDate": date(),
        "attributes": [],
        "tags": ["fragile"],
        "tasks": [],
        "type": "DELIVERY",
    })
}

pub(super) fn imported_stop_list() -> Value {
    json!({ "stops": [imported_stop()], "nextCursor": "" })
}

pub(super) fn imported_stop_routes() -> Value {
    json!({ "id": "ist-123e4567-e89b-12d3-a456-426614174000", "routeInfo": [route_info()] })
}

pub(super) fn shopify_order_routes() -> Value {
    json!({ "id": "5551234567890", "routeInfo": [route_info()] })
}

fn route_info() -> Value {
    json!({
        "routeId": "rte-cb93e344-fb1d-4d34-b8a8-8df5cdd9e939",
        "stopId": "rst-9817a456-e6fd-4652-b918-5dc89d3621d3",
        "deliveryStatus": "READY_FOR_DELIVERY",
    })
}

pub(super) fn driver() -> Value {
    json!({
        "id": "drv-cb93e344-fb1d-4d34-b8a8-8df5cdd9e939",
        "firstName": "Matti",
        "lastName": "Meikäläinen",
        "phone": "+358401234567",
        "status": "ACTIVE",
    })
}

pub(super) fn driver_list() -> Value {
    json!({ "drivers": [driver()], "nextCursor": "" })
}

pub(super) fn route_stop() -> Value {
    json!({
        "id": "rst-9817a456-e6fd-4652-b918-5dc89d3621d3",
        "type": "DELIVERY",
        "deliveryStatus": "READY_FOR_DELIVERY",
        "breakStatus": "UNKNOWN",
        "updatedAt": "2026-03-08T15:04:05Z",
        "duration": "300s",
        "plannedArrival": "2026-03-09T07:12:40Z",
        "note": "Leave at the front door",
        "address": address(),
        "contact": contact(),
        "plannedCoordinates": { "latitude": 60.1689, "longitude": 24.9525 },
        "items": [item()],
        "source": "IMPORTED_STOP",
        "shopifyOrderId": "0",
        "savedStopId": "",
        "proofOfDeliveryNote": "",
        "proofOfDeliveryPhotos": [],
        "proofOfDeliverySignatures": [],
        "tasks": [],
        "priority": 5,
        "importedStopId": "ist-123e4567-e89b-12d3-a456-426614174000",
        "orderName": "#1001",
        "distanceMeters": 1840,
        "updatedArrival": "2026-03-09T07:12:40Z",
        "timeWindows": [window()],
        "deliveryDate": date(),
        "attributes": [],
        "clientStopId": "order-1001",
        "tags": ["fragile"],
        "attemptedReason": "UNKNOWN",
        "attemptedNote": "",
    })
}

pub(super) fn route() -> Value {
    json!({
        "id": "rte-cb93e344-fb1d-4d34-b8a8-8df5cdd9e939",
        "name": "Morning route",
        "driver": driver(),
        "start": { "tasks": [], "status": "UNKNOWN" },
        "end": { "tasks": [], "distanceMeters": 0, "status": "UNKNOWN" },
        "stops": [route_stop()],
        "createdAt": "2026-03-08T15:04:05Z",
        "updatedAt": "2026-03-08T15:04:05Z",
        "scheduledFor": "2026-03-09T07:00:00Z",
        "totalDistanceMeters": 1840,
        "totalItemQuantity": 5,
        "totalItemGrams": "2500",
    })
}

pub(super) fn route_list() -> Value {
    json!({ "routes": [route()], "nextCursor": "" })
}

fn address() -> Value {
    json!({
        "address1": "Unioninkatu 29",
        "address2": "",
        "city": "Helsinki",
        "provinceCode": "",
        "countryCode": "FI",
        "zip": "00170",
    })
}

fn contact() -> Value {
    json!({ "firstName": "Ada", "lastName": "Virtanen", "company": "", "phone": "+358401234567", "email": "" })
}

fn item() -> Value {
    json!({ "name": "Bananas", "quantity": 5, "grams": 500 })
}

fn window() -> Value {
    json!({
        "start": { "hours": 9, "minutes": 0, "seconds": 0 },
        "end": { "hours": 12, "minutes": 30, "seconds": 0 },
    })
}

fn date() -> Value {
    json!({ "year": 2026, "month": 3, "day": 9 })
}
