//! Examples: the documented job from its token to its status.

use serde_json::{Value, json};

pub(super) const JOB_ID: &str = "e7ad097b-bc51-4d01-9b04-0e372d80613a";

pub(super) fn token_request() -> Value {
    json!({ "client_id": "rm_ci_abc123", "client_secret": "rm_cs_xyz789" })
}

pub(super) fn token_form() -> Value {
    json!({ "grant_type": "client_credentials", "client_id": "rm_ci_abc123", "client_secret": "rm_cs_xyz789" })
}

pub(super) fn token_answer() -> Value {
    json!({ "access_token": "rm_at_e5988dd1b91a4ff3827c5d2ed416ccbe37ae227a", "token_type": "Bearer", "expires_in": 3600 })
}

pub(super) fn import_request() -> Value {
    json!({
        "external_job_id": "BATCH-2026-03-09-A",
        "title": "Morning Deliveries - Zone A",
        "driver_email": "driver@example.com",
        "scheduled_date": "2026-03-09",
        "timezone": "Australia/Brisbane",
        "stops": [
            {
                "external_stop_id": "ORD-1001",
                "address": "1 George St, Brisbane QLD 4000, Australia",
                "latitude": -27.4710,
                "longitude": 153.0234,
                "label": "John Smith",
                "notes": "Leave at front door",
                "priority": 1,
                "parcel_count": 2,
            },
            {
                "external_stop_id": "ORD-1002",
                "address": "100 Queen St, Brisbane QLD 4000, Australia",
                "label": "Jane Doe",
                "time_window_start": "2026-03-09T09:00:00+10:00",
                "time_window_end": "2026-03-09T12:00:00+10:00",
                "duration_minutes": 5,
                "metadata": { "floor": 3 },
            },
            {
                "external_stop_id": "ORD-1003",
                "address": "South Bank Parklands, Brisbane QLD 4101, Australia",
                "latitude": -27.4753,
                "longitude": 153.0208,
            },
        ],
    })
}

pub(super) fn import_answer() -> Value {
    json!({
        "job_id": JOB_ID,
        "external_job_id": "BATCH-2026-03-09-A",
        "route_id": "1c2a8c0b-1b69-4a04-85b1-608b2ebe3878",
        "driver_email": "driver@example.com",
        "driver_resolved": true,
        "driver_user_id": "573b6bee-aa3d-4cb0-af87-620bba0db049",
        "stops_imported": 2,
        "stops_geocoded": 1,
        "stops_geocode_failed": 0,
        "optimization": { "total_distance_km": 1.2, "total_duration_minutes": 4, "encoded_polyline": "fvmfDqmfe\\bPtA" },
        "stops": [
            {
                "external_stop_id": "ORD-1001",
                "address": "1 George St, Brisbane QLD 4000, Australia",
                "latitude": -27.4710,
                "longitude": 153.0234,
                "label": "John Smith",
                "notes": "Leave at front door",
                "sort_order": 0,
                "priority": 1,
                "parcel_count": 2,
                "status": "pending",
            },
            {
                "external_stop_id": "ORD-1002",
                "address": "100 Queen St, Brisbane QLD 4000, Australia",
                "latitude": -27.4688,
                "longitude": 153.0281,
                "label": "Jane Doe",
                "notes": null,
                "sort_order": 1,
                "priority": 0,
                "parcel_count": 1,
                "status": "pending",
            },
        ],
        "deep_link": format!("https://routes.example/app/jobs/{JOB_ID}"),
        "warnings": [
            { "code": "ADDRESS_GEOCODED", "message": "1 stop(s) were geocoded from address text" },
            { "code": "ROUTE_OPTIMIZED", "message": "Route optimized: 1.2 km, 4 min" },
        ],
    })
}

pub(super) fn job_answer() -> Value {
    json!({
        "job_id": JOB_ID,
        "external_job_id": "BATCH-2026-03-09-A",
        "title": "Morning Deliveries - Zone A",
        "status": "in_progress",
        "driver_email": "driver@example.com",
        "driver_resolved": true,
        "driver_user_id": "573b6bee-aa3d-4cb0-af87-620bba0db049",
        "route_id": "1c2a8c0b-1b69-4a04-85b1-608b2ebe3878",
        "scheduled_date": "2026-03-09",
        "timezone": "Australia/Brisbane",
        "metadata": {},
        "stop_count": 2,
        "status_counts": { "pending": 1, "completed": 1 },
        "deep_link": format!("https://routes.example/app/jobs/{JOB_ID}"),
        "stops": [
            {
                "external_stop_id": "ORD-1001",
                "address": "1 George St, Brisbane QLD 4000, Australia",
                "latitude": -27.4710,
                "longitude": 153.0234,
                "label": "John Smith",
                "notes": "Leave at front door",
                "status": "completed",
                "priority": 1,
                "parcel_count": 2,
                "sort_order": 0,
            },
            {
                "external_stop_id": "ORD-1002",
                "address": "100 Queen St, Brisbane QLD 4000, Australia",
                "latitude": null,
                "longitude": null,
                "label": "Jane Doe",
                "notes": null,
                "status": "pending",
                "priority": 0,
                "parcel_count": 1,
                "sort_order": 1,
            },
        ],
        "created_at": "2026-03-09T08:30:00.000Z",
        "updated_at": "2026-03-09T10:15:00.000Z",
    })
}
