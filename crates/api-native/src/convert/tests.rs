use routemate_domain::{AttemptedReason, InputMethod, Task, TaskId, TaskInput, TaskItem, TaskItemId, TimeWindow};
use routemate_units::{LatLng, Seconds};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::samples::{at, geocoded, planned_at, stop, supplied, view};

fn shown(view: &JobView) -> Value {
    serde_json::to_value(job(view, "https://routes.example")).expect("JSON")
}

#[test]
fn a_job_names_its_driver_and_its_route() {
    let mut view = view(vec![stop("A", supplied())]);
    view.itinerary.route.optimality = Some(Optimality { is_proven: false, bound: Some(Seconds::new(1_110)) });
    view.itinerary.route.departure_at = Some(at("2026-03-09T06:00:00Z"));
    view.itinerary.route.status = RouteStatus::Started { at: at("2026-03-09T06:02:00Z") };
    let shown = shown(&view);
    assert_eq!(shown["status"], "in_progress");
    assert_eq!(
        shown["driver"],
        json!({
            "email": "Ann@example.com",
            "is_resolved": true,
            "driver_id": "00000000-0000-0000-0000-000000000005",
            "user_id": "00000000-0000-0000-0000-000000000006",
        })
    );
    assert_eq!(
        shown["route"],
        json!({
            "route_id": "00000000-0000-0000-0000-000000000004",
            "name": "Morning",
            "status": "started",
            "timezone": "Europe/Helsinki",
            "departure_at": "2026-03-09T06:00:00.000Z",
            "started_at": "2026-03-09T06:02:00.000Z",
            "completed_at": null,
            "totals": {
                "distance_meters": 12_440,
                "duration_seconds": 1_480,
                "quality": "roads",
                "attribution": "© OpenStreetMap contributors",
                "encoded_polyline": view.itinerary.route.totals.polyline,
            },
            "optimality": {"is_proven": false, "bound_seconds": 1_110, "gap": 0.25},
            "version": 7,
            "created_at": "2026-03-09T08:30:00.000Z",
            "updated_at": "2026-03-09T08:30:00.000Z",
        })
    );
    assert_eq!(shown["deep_link"], "https://routes.example/app/jobs/00000000-0000-0000-0000-000000000003");
}

#[test]
fn a_bound_that_is_met_leaves_no_gap() {
    let gap =
        |is_proven, bound: Option<u32>| optimality(Optimality { is_proven, bound: bound.map(Seconds::new) }, 100).gap;
    assert_eq!(gap(false, Some(100)), Some(0.0));
    assert_eq!(gap(false, Some(120)), Some(0.0));
    assert_eq!(gap(true, None), Some(0.0));
    assert_eq!(gap(false, None), None);
    assert_eq!(optimality(Optimality { is_proven: false, bound: Some(Seconds::ZERO) }, 0).gap, Some(0.0));
}

#[test]
fn a_stop_says_where_it_is_and_how_that_is_known() {
    let suggestion = Suggestion {
        position: LatLng::new(60.2, 24.9).expect("a position"),
        match_type: "street".to_owned(),
        confidence: 0.3,
        source: "nominatim".to_owned(),
        label: "Unioninkatu, Helsinki".to_owned(),
        forget_at: None,
    };
    let view = view(vec![
        stop("A", supplied()),
        stop("B", geocoded()),
        stop("C", Location::Searching),
        stop("D", Location::unknown()),
        stop("E", Location::NotFound { suggestions: vec![suggestion] }),
        stop("F", Location::Forgotten),
    ]);
    let locations: Vec<_> =
        shown(&view)["stops"].as_array().expect("stops").iter().map(|stop| stop["location"].clone()).collect();
    assert_eq!(
        locations[1],
        json!({
            "status": "geocoded", "latitude": 60.17, "longitude": 24.94, "match_type": "street",
            "confidence": 0.7, "is_approximate": true, "source": "embedded",
            "attribution": "© OpenStreetMap contributors", "access_latitude": null, "access_longitude": null, "reason": null, "candidates": [],
        })
    );
    assert_eq!((&locations[0]["status"], &locations[0]["source"]), (&json!("supplied"), &Value::Null));
    assert_eq!((&locations[2]["status"], &locations[2]["latitude"]), (&json!("searching"), &Value::Null));
    assert_eq!((&locations[2]["reason"], &locations[3]["reason"]), (&json!("unanswered"), &json!("unknown_address")));
    assert_eq!((&locations[3]["status"], &locations[3]["candidates"]), (&json!("not_found"), &json!([])));
    assert_eq!((&locations[4]["status"], &locations[4]["reason"]), (&json!("not_found"), &json!("unsure")));
    let candidate = json!({
        "latitude": 60.2, "longitude": 24.9, "match_type": "street", "confidence": 0.3, "source": "nominatim",
        "formatted": "Unioninkatu, Helsinki",
    });
    assert_eq!(locations[4]["candidates"], json!([candidate]));
}

#[test]
fn a_stop_says_how_it_ended() {
    let when = at("2026-03-09T07:00:00Z");
    let proof = ProofOfDelivery { position: LatLng::new(60.0, 24.0).ok(), note: Some("at the door".into()) };
    let ended = |outcome| StopStatus::Ended { arrived_at: Some(at("2026-03-09T06:55:00Z")), outcome };
    let failed = Outcome::Failed {
        at: when,
        reason: AttemptedReason::NotAvailable,
        note: Some("nobody".into()),
        proof: ProofOfDelivery::default(),
    };
    let statuses = [
        StopStatus::Arrived { at: when },
        ended(Outcome::Completed { at: when, proof }),
        ended(failed),
        ended(Outcome::Skipped { at: when }),
    ];
    let stops = statuses.map(|status| Stop { status, ..stop("A", supplied()) });
    let shown = shown(&view(stops.to_vec()));
    assert_eq!(shown["status_counts"], json!({"pending": 0, "arrived": 1, "completed": 1, "failed": 1, "skipped": 1}));
    let stops = &shown["stops"];
    assert_eq!((&stops[0]["arrived_at"], &stops[0]["outcome"]), (&json!("2026-03-09T07:00:00.000Z"), &Value::Null));
    assert_eq!(stops[1]["arrived_at"], "2026-03-09T06:55:00.000Z");
    assert_eq!(stops[1]["outcome"]["proof"], json!({"latitude": 60.0, "longitude": 24.0, "note": "at the door"}));
    assert_eq!(
        (&stops[2]["outcome"]["attempted_reason"], &stops[2]["outcome"]["note"]),
        (&json!("not_available"), &json!("nobody"))
    );
    assert_eq!((&stops[3]["status"], &stops[3]["outcome"]["proof"]), (&json!("skipped"), &Value::Null));
}

#[test]
fn what_was_sent_and_what_is_planned_are_there() {
    let window = TimeWindow::new(None, Some(at("2026-03-09T10:00:00Z"))).expect("a window");
    let sent = Stop {
        windows: window.into_iter().collect(),
        service_time: Some(Seconds::new(90)),
        metadata: JsonText::from_serialized(r#"{"k":1}"#.to_owned()),
        planned: Some(planned_at("2026-03-09T09:00:00Z", 60)),
        shortfall: Some(Shortfall::TooFar { earliest: at("2026-03-09T08:59:00Z") }),
        ..stop("A", supplied())
    };
    let shown = shown(&view(vec![sent]));
    let stop = &shown["stops"][0];
    assert_eq!(stop["windows"], json!([{"start_at": null, "end_at": "2026-03-09T10:00:00.000Z"}]));
    assert_eq!((&stop["service_seconds"], &stop["metadata"]), (&json!(90), &json!({"k": 1})));
    assert_eq!(
        stop["planned"],
        json!({
            "distance_meters": 800, "duration_seconds": 120, "arrival_at": "2026-03-09T09:00:00.000Z",
            "lateness_seconds": 60,
        })
    );
    assert_eq!(stop["shortfall"], json!({"reason": "too_far", "earliest_arrival_at": "2026-03-09T08:59:00.000Z"}));
    assert_eq!(stop["items"], json!([{"name": "Parcel", "quantity": 1, "weight_grams": 0}]));
    assert_eq!(stop["priority"], json!({"value": 0.0, "scale": "lower_first"}));
}

#[test]
fn tasks_show_lists_or_inputs() {
    let item = TaskItem { id: TaskItemId::from_uuid(Uuid::nil()), title: "Box".into(), completed_at: None };
    let input = TaskInput { value: "7".into(), updated_at: at("2026-03-09T09:00:00Z"), method: InputMethod::Scanned };
    let task = |kind| Task {
        id: TaskId::from_uuid(Uuid::nil()),
        title: "Check".into(),
        kind,
        is_required_to_complete: true,
        is_required_to_fail: false,
    };
    let tasks = vec![task(TaskKind::Checkboxes(vec![item])), task(TaskKind::Scanner(Some(input)))];
    let shown = shown(&view(vec![Stop { tasks, ..stop("A", supplied()) }]));
    let tasks = &shown["stops"][0]["tasks"];
    assert_eq!((&tasks[0]["kind"], &tasks[0]["items"][0]["title"]), (&json!("checkboxes"), &json!("Box")));
    assert_eq!((&tasks[0]["is_done"], &tasks[1]["is_done"]), (&json!(false), &json!(true)));
    assert_eq!(tasks[1]["input"], json!({"value": "7", "method": "scanned", "updated_at": "2026-03-09T09:00:00.000Z"}));
}
