use routemate_app::DriverResolution;
use routemate_domain::{
    AttemptedReason, Contact, Item, Priority, ProofOfDelivery, Text, TimeWindow, TravelQuality, ZoneName,
};
use routemate_units::Seconds;
use serde_json::{Value, json};

use super::*;
use crate::dto::WarningCode;
use crate::samples::{at, geocoded, imported, late, stop, supplied, view};

const URL: &str = "https://routes.example";

fn answer(imported: &ImportedJob) -> Value {
    serde_json::from_slice(&import_body(imported, URL)).expect("JSON")
}

fn word(code: WarningCode) -> String {
    serde_json::from_value(json!(code)).expect("a word")
}

fn codes(imported: &ImportedJob) -> Vec<String> {
    let warnings = warnings(imported);
    warnings.iter().map(|warning| format!("{}: {}", word(warning.code), warning.message)).collect()
}

#[test]
fn an_import_is_answered_with_every_field_in_documented_order() {
    let contact = Contact { company: "John Smith".to_owned(), ..Contact::default() };
    let first = Stop {
        contact,
        note: Some(Text::parse("Ring").expect("a note")),
        priority: Priority::lower_first(1.5).expect("finite"),
        items: vec![Item::parcels(2)],
        ..stop("A", supplied())
    };
    let last = Stop { priority: Priority::lower_first(3.0).expect("finite"), ..stop("B", Location::unknown()) };
    let body = import_body(&imported(vec![first, stop("C", geocoded(false)), last]), URL);
    let expected = concat!(
        r#"{"job_id":"00000000-0000-0000-0000-000000000003","external_job_id":"BATCH-1","#,
        r#""route_id":"00000000-0000-0000-0000-000000000004","driver_email":"Ann@example.com","driver_resolved":true,"#,
        r#""driver_user_id":"00000000-0000-0000-0000-000000000006","#,
        r#""stops_imported":3,"stops_geocoded":1,"stops_geocode_failed":1,"#,
        r#""optimization":{"total_distance_km":12.4,"total_duration_minutes":25,"encoded_polyline":"fvmfDqmfe\\bPtA"},"#,
        r#""stops":[{"external_stop_id":"A","address":"Unioninkatu 29, Helsinki","latitude":60.1695,"longitude":24.9525,"#,
        r#""label":"John Smith","notes":"Ring","sort_order":0,"priority":1.5,"parcel_count":2,"status":"pending"},"#,
        r#"{"external_stop_id":"C","address":"Unioninkatu 29, Helsinki","latitude":60.17,"longitude":24.94,"#,
        r#""label":null,"notes":null,"sort_order":1,"priority":0,"parcel_count":1,"status":"pending"},"#,
        r#"{"external_stop_id":"B","address":"Unioninkatu 29, Helsinki","latitude":null,"longitude":null,"#,
        r#""label":null,"notes":null,"sort_order":2,"priority":3,"parcel_count":1,"status":"pending"}],"#,
        r#""deep_link":"https://routes.example/app/jobs/00000000-0000-0000-0000-000000000003","#,
        r#""warnings":[{"code":"ADDRESS_GEOCODED","message":"1 stop(s) were geocoded from address text"},"#,
        r#"{"code":"GEOCODE_FAILED","message":"Could not geocode the address of stop B. Provide latitude/longitude instead."},"#,
        r#"{"code":"ROUTE_OPTIMIZED","message":"Route optimized: 12.4 km, 25 min"}]}"#,
    );
    assert_eq!(String::from_utf8(body).expect("text"), expected);
}

#[test]
fn one_located_stop_leaves_nothing_to_optimize() {
    let mut alone = imported(vec![stop("A", supplied()), stop("B", Location::Searching)]);
    alone.view.itinerary.route.totals.quality = TravelQuality::Estimated;
    let body = answer(&alone);
    assert_eq!(
        body["optimization"],
        json!({"total_distance_km": 0, "total_duration_minutes": 0, "encoded_polyline": ""})
    );
    assert_eq!(
        codes(&alone),
        [
            "GEOCODE_FAILED: Could not geocode the address of stop B. Provide latitude/longitude instead. The search goes \
             on in the background.",
            "OPTIMIZATION_SKIPPED: Route not optimized: at least 2 stops with valid coordinates are needed",
        ]
    );
    assert_eq!((&body["stops_imported"], &body["stops_geocode_failed"]), (&json!(2), &json!(1)));
}

#[test]
fn warnings_come_in_the_order_of_the_work() {
    let mut all = imported(vec![
        late(stop("A", supplied()), 61),
        stop("B", geocoded(true)),
        late(stop("C", geocoded(false)), 0),
        stop("D", Location::unknown()),
    ]);
    all.view.itinerary.route.totals.quality = TravelQuality::Estimated;
    all.driver = DriverResolution::AutoAdded;
    assert_eq!(
        codes(&all),
        [
            "ADDRESS_GEOCODED: 2 stop(s) were geocoded from address text",
            "GEOCODE_APPROXIMATE: Stop B was located only approximately. Provide latitude/longitude instead.",
            "GEOCODE_FAILED: Could not geocode the address of stop D. Provide latitude/longitude instead.",
            "ROUTE_OPTIMIZED: Route optimized: 12.4 km, 25 min",
            "ROUTE_ESTIMATED: Distances and times are estimated from straight lines: no road network has answered for all stops",
            "TIME_WINDOW_INFEASIBLE: Stop A cannot be served within its time window: 2 min late",
            "DRIVER_AUTO_ADDED: Driver Ann@example.com had a RouteMate account and was added to your organization",
        ]
    );
}

#[test]
fn a_driver_who_was_not_found_or_does_not_drive_is_told() {
    let mut job = imported(vec![stop("A", supplied()), stop("B", supplied())]);
    job.view.itinerary.route.driver_id = None;
    job.view.driver_user_id = None;
    job.driver = DriverResolution::Invited;
    let body = answer(&job);
    assert_eq!((&body["driver_resolved"], &body["driver_user_id"]), (&json!(false), &Value::Null));
    let last = |job: &ImportedJob| codes(job).pop().expect("a warning");
    assert_eq!(
        last(&job),
        "DRIVER_NOT_FOUND: No RouteMate account found for Ann@example.com. An invitation was created."
    );
    job.driver = DriverResolution::Inactive;
    assert_eq!(
        last(&job),
        "DRIVER_NOT_FOUND: Driver Ann@example.com is inactive in your organization. The job was not assigned."
    );
    // A dry run has done nothing.
    let said = |driver| last(&ImportedJob { is_kept: false, driver, ..job.clone() });
    assert!(said(DriverResolution::Invited).ends_with(" An invitation would be created."));
    assert!(said(DriverResolution::Inactive).ends_with(" The job would not be assigned."));
    assert!(
        said(DriverResolution::AutoAdded).ends_with(" has a RouteMate account and would be added to your organization")
    );
}

#[test]
fn kilometres_have_one_decimal_and_minutes_none() {
    let kilometres_of = |meters| number(kilometres(meters)).to_string();
    assert_eq!(
        [0, 49, 50, 12_449, 12_450, 12_000].map(kilometres_of),
        ["0", "0", "0.1", "12.4", "12.5", "12"].map(str::to_owned)
    );
    assert_eq!([0, 29, 30, 1_499].map(minutes), [0, 0, 1, 25]);
}

#[test]
fn a_job_is_answered_with_every_field_in_documented_order() {
    let mut job = view(vec![stop("A", supplied())]);
    job.job.metadata = JsonText::from_serialized(r#"{"b":1.50,"a":"x"}"#.to_owned());
    job.job.scheduled_date = Some(jiff::civil::date(2026, 3, 9));
    job.job.timezone = Some(ZoneName::parse("Australia/Brisbane").expect("a zone"));
    let expected = concat!(
        r#"{"job_id":"00000000-0000-0000-0000-000000000003","external_job_id":"BATCH-1","title":"Morning","#,
        r#""status":"assigned","driver_email":"Ann@example.com","driver_resolved":true,"#,
        r#""driver_user_id":"00000000-0000-0000-0000-000000000006","route_id":"00000000-0000-0000-0000-000000000004","#,
        r#""scheduled_date":"2026-03-09","timezone":"Australia/Brisbane","metadata":{"b":1.50,"a":"x"},"stop_count":1,"#,
        r#""status_counts":{"pending":1,"completed":0},"#,
        r#""deep_link":"https://routes.example/app/jobs/00000000-0000-0000-0000-000000000003","#,
        r#""stops":[{"external_stop_id":"A","address":"Unioninkatu 29, Helsinki","latitude":60.1695,"longitude":24.9525,"#,
        r#""label":null,"notes":null,"status":"pending","priority":0,"parcel_count":1,"sort_order":0}],"#,
        r#""created_at":"2026-03-09T08:30:00.000Z","updated_at":"2026-03-09T10:15:00.123Z"}"#,
    );
    let answer = job_answer(&job, Expand::Nothing, URL);
    assert_eq!(serde_json::to_string(&answer).expect("JSON"), expected);
}

#[test]
fn the_documents_know_three_states_of_a_stop() {
    let when = at("2026-03-09T09:00:00Z");
    let ended = |outcome| StopStatus::Ended { arrived_at: None, outcome };
    let proof = ProofOfDelivery::default;
    let states = [
        StopStatus::Arrived { at: when },
        ended(Outcome::Completed { at: when, proof: proof() }),
        ended(Outcome::Failed { at: when, reason: AttemptedReason::Refused, note: None, proof: proof() }),
        ended(Outcome::Skipped { at: when }),
        StopStatus::Removed,
    ];
    let stops = states.map(|status| Stop { status, ..stop("A", supplied()) });
    let job = view(stops.to_vec());
    let answer = serde_json::to_value(job_answer(&job, Expand::Nothing, URL)).expect("JSON");
    assert_eq!(answer["status_counts"], json!({"pending": 1, "completed": 1, "failed": 2}));
    assert_eq!(answer["stop_count"], 4);
    let statuses: Vec<_> = answer["stops"].as_array().expect("stops").iter().map(|stop| &stop["status"]).collect();
    assert_eq!(statuses, ["pending", "completed", "failed", "failed"]);
}

#[test]
fn expanded_stops_say_everything_that_was_sent() {
    let window = TimeWindow::new(Some(at("2026-03-09T07:00:00Z")), None).expect("a window");
    let full = Stop {
        service_type: Some(Text::parse("pickup").expect("a word")),
        service_time: Some(Seconds::new(90)),
        windows: window.into_iter().collect(),
        metadata: JsonText::from_serialized(r#"{"k":[1]}"#.to_owned()),
        ..stop("A", supplied())
    };
    let job = view(vec![full, stop("B", supplied())]);
    let answer = serde_json::to_string(&job_answer(&job, Expand::Stops, URL)).expect("JSON");
    for part in [
        r#""sort_order":0,"service_type":"pickup","duration_minutes":1.5,"time_window_start":"2026-03-09T07:00:00.000Z","time_window_end":null,"metadata":{"k":[1]}}"#,
        r#""sort_order":1,"service_type":null,"duration_minutes":null,"time_window_start":null,"time_window_end":null,"metadata":{}}"#,
    ] {
        assert!(answer.contains(part), "{answer}");
    }
}
