use jiff::civil::{date, time};
use routemate_domain::{
    AttemptedReason, DayWindow, Driver, DriverId, DriverStatus, ImportedStop, ImportedStopId, InputMethod, Itinerary,
    Location, Outcome, PlannedLeg, ProofOfDelivery, RouteEnds, RouteStatus, Stop, StopSource, StopStatus, Task, TaskId,
    TaskInput, TaskItem, TaskItemId, TaskKind, Terminal, Text, TimeWindow, ZoneName,
};
use routemate_test_support::at;
use routemate_test_support::samples::{self, geocoded, stop, supplied};
use routemate_units::{Meters, Seconds};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;

fn itinerary(stops: Vec<Stop>) -> Itinerary {
    samples::view(stops).itinerary
}

fn shown(itinerary: &Itinerary) -> Value {
    serde_json::to_value(route(itinerary, None)).expect("JSON")
}

fn ended(outcome: Outcome) -> StopStatus {
    StopStatus::Ended { arrived_at: Some(at("2026-03-09T09:00:00Z")), outcome }
}

fn completed() -> StopStatus {
    let proof = ProofOfDelivery { position: LatLng::new(60.1, 24.9).ok(), note: Some("At the door".into()) };
    ended(Outcome::Completed { at: at("2026-03-09T09:05:00Z"), proof })
}

fn failed() -> StopStatus {
    ended(Outcome::Failed {
        at: at("2026-03-09T09:05:00Z"),
        reason: AttemptedReason::SafePlaceUnavailable,
        note: Some("Nobody there".into()),
        proof: ProofOfDelivery::default(),
    })
}

#[test]
fn a_jobs_route_is_one_like_any_other() {
    let mut first = stop("ORD-1", supplied());
    first.contact = Contact { company: "John Smith".into(), ..Contact::default() };
    first.note = Text::parse("Ring twice").ok();
    first.service_time = Some(Seconds::new(150));
    first.items = vec![Item::parcels(2)];
    first.metadata = routemate_domain::JsonText::from_serialized(r#"{"door":"B","floor":3,"codes":[1]}"#.into());
    first.windows = TimeWindow::new(Some(at("2026-03-09T07:00:00Z")), Some(at("2026-03-09T10:30:00Z")))
        .ok()
        .flatten()
        .into_iter()
        .collect();
    let mut route = itinerary(vec![first, stop("ORD-2", Location::unknown())]);
    route.route.timezone = ZoneName::parse("Europe/Helsinki").expect("a zone");
    route.route.departure_at = Some(at("2026-03-09T06:30:00Z"));
    let shown = shown(&route);
    let uuid = "00000000-0000-0000-0000-0000000000";
    let text = |pointer: &str| shown.pointer(pointer).cloned().unwrap_or_else(|| panic!("{pointer} in {shown}"));
    assert_eq!(text("/id"), json!(format!("rte-{uuid}04")));
    assert_eq!(text("/name"), "Morning");
    assert_eq!(text("/scheduledFor"), "2026-03-09T06:30:00Z");
    assert_eq!(text("/start"), json!({ "tasks": [], "status": "UNKNOWN" }));
    assert_eq!(text("/end"), json!({ "tasks": [], "distanceMeters": 0, "status": "UNKNOWN" }));
    assert_eq!((text("/totalDistanceMeters"), text("/totalItemQuantity")), (json!(12440), json!(3)));
    assert_eq!(text("/totalItemGrams"), "0");
    assert_eq!(shown.get("driver"), None);
    let of_job = text("/stops/0");
    for (field, value) in [
        ("id", json!(format!("rst-{uuid}09"))),
        ("type", json!("DELIVERY")),
        ("deliveryStatus", json!("READY_FOR_DELIVERY")),
        ("clientStopId", json!("ORD-1")),
        ("orderName", json!("ORD-1")),
        ("source", json!("UNKNOWN")),
        ("shopifyOrderId", json!("0")),
        ("importedStopId", json!("")),
        ("note", json!("Ring twice")),
        ("duration", json!("150s")),
        ("items", json!([{ "name": "Parcel", "quantity": 2, "grams": 0 }])),
        ("plannedCoordinates", json!({ "latitude": 60.1695, "longitude": 24.9525 })),
        ("deliveryDate", json!({ "year": 2026, "month": 3, "day": 9 })),
        (
            "attributes",
            json!([
                { "key": "door", "value": "B" }, { "key": "floor", "value": "3" }, { "key": "codes", "value": "[1]" },
            ]),
        ),
        (
            "timeWindows",
            json!([{
                "start": { "hours": 9, "minutes": 0, "seconds": 0 },
                "end": { "hours": 12, "minutes": 30, "seconds": 0 },
            }]),
        ),
        ("priority", json!(5)),
        ("attemptedReason", json!("UNKNOWN")),
    ] {
        assert_eq!(of_job[field], value, "{field}");
    }
    assert_eq!(of_job["contact"]["company"], "John Smith");
    assert_eq!(of_job["address"]["address1"], "Unioninkatu 29, Helsinki");
    assert_eq!(text("/stops/1").get("plannedCoordinates"), None, "it was not found");
}

#[test]
fn statuses_go_with_the_route_and_what_has_happened() {
    let started = RouteStatus::Started { at: at("2026-03-09T08:00:00Z") };
    let done = RouteStatus::Completed { started_at: at("2026-03-09T08:00:00Z"), at: at("2026-03-09T09:05:00Z") };
    let skipped = ended(Outcome::Skipped { at: at("2026-03-09T09:05:00Z") });
    let arrived = StopStatus::Arrived { at: at("2026-03-09T09:00:00Z") };
    for (status, route, expected) in [
        (StopStatus::Pending, RouteStatus::Planned, "READY_FOR_DELIVERY"),
        (StopStatus::Pending, started, "OUT_FOR_DELIVERY"),
        (arrived, started, "OUT_FOR_DELIVERY"),
        (completed(), started, "DELIVERED"),
        (failed(), done, "ATTEMPTED_DELIVERY"),
        (skipped, done, "ATTEMPTED_DELIVERY"),
    ] {
        let mut route_of = itinerary(vec![Stop { status: status.clone(), ..stop("A", supplied()) }]);
        route_of.route.status = route;
        let shown = shown(&route_of);
        assert_eq!(shown["stops"][0]["deliveryStatus"], expected, "{status:?}");
        assert_eq!(shown["start"]["status"] == "STARTED", route != RouteStatus::Planned);
        assert_eq!(shown["end"]["status"] == "COMPLETED", route == done);
    }
    let gone = itinerary(vec![Stop { status: StopStatus::Removed, ..stop("A", supplied()) }]);
    assert_eq!(shown(&gone)["stops"], json!([]));
}

#[test]
fn breaks_have_a_status_of_their_own() {
    let rest =
        |status| Stop { kind: StopKind::Break, address: Address::default(), status, ..stop("A", Location::Anywhere) };
    let taken = ended(Outcome::Completed { at: at("2026-03-09T09:05:00Z"), proof: ProofOfDelivery::default() });
    for (status, expected) in [(StopStatus::Pending, "UNKNOWN"), (taken, "COMPLETED")] {
        let shown = shown(&itinerary(vec![rest(status)]));
        let stop = &shown["stops"][0];
        assert_eq!((&stop["type"], &stop["deliveryStatus"]), (&json!("BREAK"), &json!("UNKNOWN")));
        assert_eq!(stop["breakStatus"], expected);
        assert_eq!((stop.get("address"), stop.get("plannedCoordinates")), (None, None));
    }
}

#[test]
fn evidence_and_reasons_are_told() {
    let shown = shown(&itinerary(vec![
        Stop { status: completed(), ..stop("A", supplied()) },
        Stop { status: failed(), ..stop("B", geocoded(false)) },
    ]));
    let (done, vain) = (&shown["stops"][0], &shown["stops"][1]);
    assert_eq!(done["deliveredCoordinates"], json!({ "latitude": 60.1, "longitude": 24.9 }));
    assert_eq!(done["proofOfDeliveryNote"], "At the door");
    assert_eq!((&done["proofOfDeliveryPhotos"], &done["proofOfDeliverySignatures"]), (&json!([]), &json!([])));
    assert_eq!(done["updatedArrival"], "2026-03-09T09:00:00Z");
    assert_eq!(
        (&vain["attemptedReason"], &vain["attemptedNote"]),
        (&json!("SAFE_PLACE_UNAVAILABLE"), &json!("Nobody there"))
    );
}

#[test]
fn arrivals_are_planned_until_they_happen() {
    let leg = PlannedLeg {
        distance: Meters::new(840),
        duration: Seconds::new(120),
        arrival: Some(at("2026-03-09T08:40:00Z")),
        lateness: Seconds::ZERO,
    };
    let mut route = itinerary(vec![Stop { planned: Some(leg), ..stop("A", supplied()) }]);
    route.route.ends = RouteEnds::Terminals;
    route.route.end = Terminal { address: Address::one_line("Depot"), location: Some(supplied()), tasks: Vec::new() };
    route.route.end_leg = Some(leg);
    let before = shown(&route);
    for place in [&before["stops"][0], &before["end"]] {
        assert_eq!(
            (&place["plannedArrival"], &place["updatedArrival"]),
            (&json!("2026-03-09T08:40:00Z"), &json!("2026-03-09T08:40:00Z"))
        );
        assert_eq!(place["distanceMeters"], 840);
    }
    assert_eq!(before["end"]["address"]["address1"], "Depot");
    route.route.status =
        RouteStatus::Completed { started_at: at("2026-03-09T08:00:00Z"), at: at("2026-03-09T09:05:00Z") };
    assert_eq!(shown(&route)["end"]["updatedArrival"], "2026-03-09T09:05:00Z");
}

#[test]
fn sources_are_told_with_their_ids() {
    let id = Uuid::from_u128(7);
    let sources = [
        (
            StopSource::ImportedStop(ImportedStopId::from_uuid(id)),
            "IMPORTED_STOP",
            "importedStopId",
            format!("ist-{id}"),
        ),
        (
            StopSource::SavedStop(routemate_domain::SavedStopId::from_uuid(id)),
            "SAVED_STOP",
            "savedStopId",
            format!("sst-{id}"),
        ),
        (StopSource::ShopifyOrder(i64::MAX), "SHOPIFY_ORDER", "shopifyOrderId", i64::MAX.to_string()),
    ];
    for (source, name, field, expected) in sources {
        let shown = shown(&itinerary(vec![Stop { source, ..stop("A", supplied()) }]));
        assert_eq!((&shown["stops"][0]["source"], &shown["stops"][0][field]), (&json!(name), &json!(expected)));
        assert_eq!(shown["stops"][0]["orderName"], "", "only a job's stop is called by its client's id");
    }
}

#[test]
fn tasks_show_what_is_done_of_them() {
    let when = at("2026-03-09T09:00:00Z");
    let item = |number, completed_at| TaskItem {
        id: TaskItemId::from_uuid(Uuid::from_u128(number)),
        title: "One".into(),
        completed_at,
    };
    let task = |kind| Task {
        id: TaskId::from_uuid(Uuid::from_u128(1)),
        title: "T".into(),
        kind,
        is_required_to_complete: true,
        is_required_to_fail: false,
    };
    let scanned = TaskInput { value: "640".into(), updated_at: when, method: InputMethod::Scanned };
    let tasks = vec![
        task(TaskKind::Checkboxes(vec![item(2, Some(when)), item(3, None)])),
        task(TaskKind::Scanner(Some(scanned))),
    ];
    let shown = shown(&itinerary(vec![Stop { tasks, ..stop("A", supplied()) }]));
    let tasks = &shown["stops"][0]["tasks"];
    assert_eq!(tasks[0]["items"][0]["updatedAt"], "2026-03-09T09:00:00Z");
    assert_eq!((&tasks[0]["items"][0]["complete"], &tasks[0]["items"][1]["complete"]), (&json!(true), &json!(false)));
    assert_eq!((tasks[0].get("input"), &tasks[0]["type"]), (None, &json!("CHECKBOXES")));
    assert_eq!(
        tasks[1]["input"],
        json!({ "value": "640", "updatedAt": "2026-03-09T09:00:00Z", "inputMethod": "SCANNED" })
    );
    assert_eq!((&tasks[1]["requiredToMarkStopAsDelivered"], &tasks[1]["items"]), (&json!(true), &json!([])));
}

#[test]
fn totals_are_of_all_items() {
    let items = |quantity, grams| vec![Item { name: "X".into(), quantity, grams }];
    let stops = vec![
        Stop { items: items(5, 500), ..stop("A", supplied()) },
        Stop { items: items(u32::MAX, u32::MAX), ..stop("B", supplied()) },
    ];
    let shown = shown(&itinerary(stops));
    assert_eq!(shown["totalItemQuantity"], i32::MAX);
    assert_eq!(shown["totalItemGrams"], i64::MAX.to_string());
    let plain = self::shown(&itinerary(vec![Stop { items: items(5, 500), ..stop("A", supplied()) }]));
    assert_eq!((&plain["totalItemQuantity"], &plain["totalItemGrams"]), (&json!(5), &json!("2500")));
}

#[test]
fn priorities_keep_their_sense() {
    for raw in 0..=10 {
        assert_eq!(Priority::one_to_ten(raw).map(priority), Some(i32::from(raw)));
    }
    let lower_first = [-1e9, -3.0, -1.0, 0.0, 0.4, 1.0, 3.0, 4.0, 100.0];
    let mapped: Vec<_> = lower_first.iter().filter_map(|raw| Priority::lower_first(*raw)).map(priority).collect();
    assert_eq!(mapped, [10, 8, 6, 5, 5, 4, 2, 1, 1]);
}

#[test]
fn times_of_day_are_told_as_they_were_given() {
    let windows = DayWindow::new(Some(time(22, 15, 30, 0)), None).ok().flatten();
    let planned = Stop {
        day_windows: windows.into_iter().collect(),
        delivery_date: Some(date(2026, 3, 29)),
        ..stop("A", supplied())
    };
    let shown = shown(&itinerary(vec![planned]));
    assert_eq!(shown["stops"][0]["timeWindows"], json!([{ "start": { "hours": 22, "minutes": 15, "seconds": 30 } }]));
    assert_eq!(shown["stops"][0]["deliveryDate"], json!({ "year": 2026, "month": 3, "day": 29 }));
}

#[test]
fn an_imported_stop_comes_back_as_it_was_sent() {
    let sent = json!({
        "clientStopId": "a/b %",
        "address": {
            "address1": "Katu 1", "address2": "A 2", "city": "Helsinki", "provinceCode": "18", "countryCode": "FI", "zip": "00100",
        },
        "contact": { "firstName": "Ada", "lastName": "V", "company": "C", "phone": "+358401234567", "email": "a@b.example" },
        "coordinates": { "latitude": 60.1234567, "longitude": 24.7654321 },
        "items": [{ "name": "Bananas", "quantity": 5, "grams": 500 }],
        "note": "Note",
        "duration": "90s",
        "priority": 0,
        "orderName": "#1",
        "timeWindows": [{ "end": { "hours": 12, "minutes": 30, "seconds": 1 } }],
        "deliveryDate": { "year": 2026, "month": 3, "day": 9 },
        "attributes": [{ "key": "k", "value": "" }],
        "tags": ["t", ""],
        "tasks": [{
            "title": "T", "type": "RADIO_BUTTONS", "items": [{ "title": "One" }],
            "requiredToMarkStopAsDelivered": true, "requiredToMarkStopAsAttempted": true,
        }],
        "type": "PICKUP",
    });
    let mut requests = crate::convert::stops_to_import(json!([sent]).to_string().as_bytes()).expect("a stop");
    let request = requests.pop().expect("one");
    let kept = ImportedStop {
        organization_id: routemate_domain::OrganizationId::from_uuid(Uuid::nil()),
        id: ImportedStopId::from_uuid(Uuid::from_u128(1)),
        location: geocoded(false),
        request,
        version: 1,
        imported_at: at("2026-03-08T15:04:05Z"),
        created_at: at("2026-03-01T00:00:00Z"),
    };
    let mut shown = serde_json::to_value(imported_stop(&kept)).expect("JSON");
    let object = shown.as_object_mut().expect("an object");
    assert_eq!(object.remove("id"), Some(json!("ist-00000000-0000-0000-0000-000000000001")));
    assert_eq!(object.remove("importedAt"), Some(json!("2026-03-08T15:04:05Z")));
    assert_eq!(shown, sent);
    let unplaced =
        ImportedStop { request: routemate_domain::StopRequest { position: None, ..kept.request.clone() }, ..kept };
    let shown = serde_json::to_value(imported_stop(&unplaced)).expect("JSON");
    assert_eq!(shown.get("coordinates"), None, "what was found is not told");
}

#[test]
fn drivers_have_their_status() {
    for (status, expected) in
        [(DriverStatus::Active, "ACTIVE"), (DriverStatus::Inactive, "INACTIVE"), (DriverStatus::Archived, "ARCHIVED")]
    {
        let of = Driver {
            organization_id: routemate_domain::OrganizationId::from_uuid(Uuid::nil()),
            id: DriverId::from_uuid(Uuid::from_u128(5)),
            user_id: routemate_domain::UserId::from_uuid(Uuid::nil()),
            first_name: Text::parse("Matti").ok(),
            last_name: None,
            phone: None,
            status,
        };
        let shown = serde_json::to_value(driver(&of)).expect("JSON");
        let id = "drv-00000000-0000-0000-0000-000000000005";
        assert_eq!(shown, json!({ "id": id, "firstName": "Matti", "lastName": "", "phone": "", "status": expected }));
    }
}
