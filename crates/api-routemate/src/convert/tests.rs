use actix_web::http::header::{HeaderName, HeaderValue};
use routemate_domain::PriorityScale;
use serde_json::json;

use super::*;
use crate::datetime::print_instant;
use crate::samples::principal;

fn minimal() -> Value {
    json!({
        "external_job_id": "J",
        "title": "T",
        "driver_email": "Driver@Example.com",
        "stops": [{"external_stop_id": "S", "address": "A"}],
    })
}

fn with(patch: &[(&str, Value)]) -> Value {
    let mut body = minimal();
    for (pointer, value) in patch {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        body.pointer_mut(parent).expect("the parent")[name] = value.clone();
    }
    body
}

fn read(body: &Value) -> Result<ImportJob, Vec<String>> {
    read_bytes(body.to_string().as_bytes())
}

fn read_bytes(body: &[u8]) -> Result<ImportJob, Vec<String>> {
    import_job(body, &principal(Some(3))).map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

#[track_caller]
fn check(patch: &[(&str, Value)], expected: &[&str]) {
    let problems = read(&with(patch)).err().unwrap_or_default();
    assert_eq!(problems, expected, "{patch:?}");
}

/// The first stop, changed so.
#[track_caller]
fn stop(name: &str, value: Value) -> ImportStop {
    let job = read(&with(&[(&format!("/stops/0/{name}"), value)])).expect("valid");
    job.stops.into_iter().next().expect("a stop")
}

#[test]
fn everything_that_is_wrong_is_said_at_once_in_documented_order() {
    let body = json!({
        "stops": [
            {"address": " ", "latitude": "60", "parcel_count": -1},
            7,
            {"external_stop_id": "S", "address": 5, "metadata": []},
        ],
        "metadata": "x", "timezone": "Mars/Olympus", "scheduled_date": "2026-02-30", "driver_email": "ann", "title": 5,
        "external_job_id": null,
    });
    assert_eq!(
        read(&body).expect_err("invalid"),
        [
            "external_job_id is required",
            "title must be a string",
            "driver_email must be a valid email address",
            "scheduled_date must be an ISO 8601 date (YYYY-MM-DD)",
            "timezone must be an IANA time zone, such as Europe/Helsinki",
            "metadata must be an object",
            "stops[0].external_stop_id is required",
            "stops[0].address is required",
            "stops[0].latitude must be a number",
            "stops[0].parcel_count must be at least 0",
            "stops[1] must be an object",
            "stops[2].address must be a string",
            "stops[2].metadata must be an object",
        ]
    );
    let empty = read(&json!({})).expect_err("invalid");
    assert_eq!(
        empty,
        ["external_job_id is required", "title is required", "driver_email is required", "stops is required"]
    );
}

#[test]
fn job_fields_are_checked() {
    for (field, value, message) in [
        ("external_job_id", json!(""), "is required"),
        ("external_job_id", json!(" \t"), "is required"),
        ("external_job_id", json!(1.5), "must be a string"),
        ("external_job_id", json!(true), "must be a string"),
        ("external_job_id", json!("x".repeat(256)), "must be at most 255 characters"),
        ("external_job_id", json!("a\0b"), "must not contain the character U+0000"),
        ("title", json!(null), "is required"),
        ("title", json!(7), "must be a string"),
        ("title", json!("é".repeat(4001)), "must be at most 4000 characters"),
        ("driver_email", json!(null), "is required"),
        ("driver_email", json!("  "), "is required"),
        ("driver_email", json!(7), "must be a string"),
        ("driver_email", json!("a@b\0.com"), "must be a valid email address"),
        ("scheduled_date", json!("tomorrow"), "must be an ISO 8601 date (YYYY-MM-DD)"),
        ("scheduled_date", json!(20_260_309), "must be a string"),
        ("scheduled_date", json!("0001-01-01"), "must not be before the year 1900"),
        ("timezone", json!("GMT+25"), "must be an IANA time zone, such as Europe/Helsinki"),
        ("timezone", json!(2), "must be a string"),
        ("metadata", json!("x"), "must be an object"),
        ("metadata", json!({"k": "x".repeat(16_384)}), "must be at most 16384 characters"),
        ("stops", json!(null), "is required"),
        ("stops", json!({}), "must be an array"),
        ("stops", json!("x"), "must be an array"),
        ("stops", json!([]), "must contain at least 1 item"),
    ] {
        check(&[(&format!("/{field}"), value)], &[&format!("{field} {message}")]);
    }
}

#[test]
fn stop_fields_are_checked() {
    for (field, value, message) in [
        ("external_stop_id", json!(null), "is required"),
        ("external_stop_id", json!([]), "must be a string"),
        ("address", json!(""), "is required"),
        ("address", json!("x".repeat(4001)), "must be at most 4000 characters"),
        ("latitude", json!(90.1), "must be between -90 and 90"),
        ("latitude", json!("60.1"), "must be a number"),
        ("longitude", json!(-180.5), "must be between -180 and 180"),
        ("longitude", json!(false), "must be a number"),
        ("label", json!(7), "must be a string"),
        ("label", json!("a\0"), "must not contain the character U+0000"),
        ("notes", json!("x".repeat(4001)), "must be at most 4000 characters"),
        ("service_type", json!("x".repeat(4001)), "must be at most 4000 characters"),
        ("duration_minutes", json!("5"), "must be a number"),
        ("duration_minutes", json!(-0.5), "must be at least 0"),
        ("duration_minutes", json!(10_080.5), "must be at most 10080"),
        ("time_window_start", json!("09:00"), "must be an ISO 8601 datetime"),
        ("time_window_start", json!(1_773_045_000), "must be a string"),
        ("time_window_end", json!("2026-03-09"), "must be an ISO 8601 datetime"),
        ("time_window_start", json!("9999-12-31T00:00:00Z"), "must not be after the year 2999"),
        ("time_window_end", json!("0001-01-01T00:00:00"), "must not be before the year 1900"),
        ("priority", json!("high"), "must be a number"),
        ("parcel_count", json!(1.5), "must be a whole number"),
        ("parcel_count", json!(-1), "must be at least 0"),
        ("parcel_count", json!(1_000_001), "must be at most 1000000"),
        ("parcel_count", json!("2"), "must be a number"),
        ("metadata", json!([1]), "must be an object"),
    ] {
        check(&[(&format!("/stops/0/{field}"), value)], &[&format!("stops[0].{field} {message}")]);
    }
}

#[test]
fn absent_null_blank_and_unknown_optionals_are_all_the_same() {
    for value in [json!(null), json!(" ")] {
        let names = ["scheduled_date", "timezone", "stops/0/label", "stops/0/notes", "stops/0/service_type"];
        let windows = ["stops/0/time_window_start", "stops/0/time_window_end"];
        for name in names.iter().chain(&windows) {
            check(&[(&format!("/{name}"), value.clone())], &[]);
        }
    }
    for name in ["latitude", "longitude", "duration_minutes", "priority", "parcel_count", "metadata", "colour"] {
        check(&[(&format!("/stops/0/{name}"), json!(null))], &[]);
    }
    let job = read(&with(&[("/colour", json!("red"))])).expect("valid");
    let stop = job.stops.first().expect("a stop");
    assert_eq!((stop.parcel_count, stop.priority.raw(), stop.metadata.as_str()), (1, 0.0, "{}"));
    assert_eq!((job.driver_email.as_str(), job.driver_key.as_str()), ("Driver@Example.com", "driver@example.com"));
}

#[test]
fn whole_numbers_are_ids_and_collide_with_their_text() {
    let job = read(&with(&[("/external_job_id", json!(17))])).expect("valid");
    assert_eq!(job.external_job_id.as_str(), "17");
    let stops = json!([
        {"external_stop_id": 5, "address": "A"},
        {"external_stop_id": "6", "address": "A"},
        {"external_stop_id": "5", "address": "A"},
    ]);
    check(&[("/stops", stops)], &["stops[2].external_stop_id must be unique"]);
}

#[test]
fn too_many_stops_are_refused_once_whatever_the_rest_holds() {
    let many: Vec<_> =
        (0..5).map(|id| json!({"external_stop_id": id, "address": if id < 4 { "A" } else { "" }})).collect();
    check(&[("/stops", json!(many))], &["stops must contain at most 3 items"]);
    let unlimited = import_job(with(&[("/stops", json!(many[..4]))]).to_string().as_bytes(), &principal(None));
    assert_eq!(unlimited.expect("valid").stops.len(), 4);
}

#[test]
fn millions_of_mistakes_are_not_all_repeated() {
    let body = with(&[("/stops", json!(vec![json!({}); 20_000]))]);
    let problems = import_job(body.to_string().as_bytes(), &principal(None)).expect_err("invalid");
    assert_eq!(problems.len(), 10_000);
}

#[test]
fn coordinates_count_in_pairs_and_nowhere_is_absent() {
    let position = |lat: Value, lng: Value| {
        let job = read(&with(&[("/stops/0/latitude", lat), ("/stops/0/longitude", lng)])).expect("valid");
        job.stops.first().and_then(|stop| stop.position).map(|position| position.to_string())
    };
    assert_eq!(position(json!(60.1695), json!(24)).as_deref(), Some("60.1695,24"));
    assert_eq!(position(json!(0), json!(24.5)).as_deref(), Some("0,24.5"));
    assert_eq!(position(json!(0), json!(0.0)), None);
    assert_eq!(position(json!(60.1), json!(null)), None);
    check(&[("/stops/0/latitude", json!(91))], &["stops[0].latitude must be between -90 and 90"]);
}

#[test]
fn numbers_are_taken_as_they_are_meant() {
    assert_eq!(stop("parcel_count", json!(2.0)).parcel_count, 2);
    assert_eq!(stop("parcel_count", json!(0)).parcel_count, 0);
    assert_eq!(stop("duration_minutes", json!(1.5)).service_time, Some(Seconds::new(90)));
    assert_eq!(stop("duration_minutes", json!(10_080)).service_time, Some(Seconds::new(604_800)));
    let priority = stop("priority", json!(-1.5)).priority;
    assert_eq!((priority.raw(), priority.scale()), (-1.5, PriorityScale::LowerFirst));
}

#[test]
fn civil_windows_are_read_in_the_jobs_zone_or_the_organizations() {
    let start = |patch: &[(&str, Value)]| {
        let mut patch = patch.to_vec();
        patch.push(("/stops/0/time_window_start", json!("2026-03-09T09:00:00")));
        let job = read(&with(&patch)).expect("valid");
        print_instant(job.stops[0].window.and_then(|window| window.start()).expect("a start"))
    };
    assert_eq!(start(&[]), "2026-03-09T07:00:00.000Z");
    assert_eq!(start(&[("/timezone", json!("Australia/Brisbane"))]), "2026-03-08T23:00:00.000Z");
    check(
        &[
            ("/stops/0/time_window_start", json!("2026-03-09T10:00:00+10:00")),
            ("/stops/0/time_window_end", json!("2026-03-08T23:59:59Z")),
        ],
        &["stops[0].time_window_end must not be before time_window_start"],
    );
}

#[test]
fn the_ends_of_the_calendar_leave_a_window_open() {
    let window = |start: &str, end: &str| {
        let patch = [("/stops/0/time_window_start", json!(start)), ("/stops/0/time_window_end", json!(end))];
        let window = read(&with(&patch)).expect("valid").stops[0].window;
        window.map(|window| (window.start().map(print_instant), window.end().map(print_instant)))
    };
    let noon = Some("2026-03-09T12:00:00.000Z".to_owned());
    assert_eq!(window("0001-01-01T00:00:00", "2026-03-09T12:00:00Z"), Some((None, noon.clone())));
    assert_eq!(window("2026-03-09T12:00:00Z", "9999-12-31T23:59:59Z"), Some((noon, None)));
    assert_eq!(window("0001-01-01T00:00:00", "9999-12-31T23:59:59Z"), None);
}

#[test]
fn metadata_is_kept_with_its_order_and_its_nul() {
    let body = r#"{"external_job_id":"J","title":"T","driver_email":"a@example.com",
        "metadata":{"z":"a\u0000b","a":[1,1.50,12345678901234567890],"z2":null},"stops":[{"external_stop_id":"S","address":"A"}]}"#;
    let job = read_bytes(body.as_bytes()).expect("valid");
    assert_eq!(job.metadata.as_str(), r#"{"z":"a\u0000b","a":[1,1.5,12345678901234567890],"z2":null}"#);
}

#[test]
fn the_last_of_repeated_keys_counts() {
    let body = minimal().to_string().replacen('{', r#"{"title":5,"#, 1);
    assert_eq!(read_bytes(body.as_bytes()).expect("valid").title.as_str(), "T");
}

#[test]
fn what_is_no_json_object_is_told_without_repeating_it() {
    let problem = |body: &[u8]| read_bytes(body).expect_err("invalid").join("; ");
    assert_eq!(problem(b""), "body is not valid JSON: EOF while parsing a value at line 1 column 0");
    assert_eq!(problem(b"{\"title\": secret}"), "body is not valid JSON: expected value at line 1 column 11");
    assert_eq!(problem(b"[]"), "body must be a JSON object");
    assert_eq!(problem(b"null"), "body must be a JSON object");
    assert!(
        problem(b"{\"title\": \"\xff\"}").starts_with("body is not valid JSON: invalid unicode code point at line 1")
    );
    assert!(problem(br#"{"title": "\ud800"}"#).starts_with("body is not valid JSON: "));
    assert!(problem(br#"{"priority": 1e999}"#).starts_with("body is not valid JSON: number out of range"));
    let deep = format!("{{\"metadata\":{}", "[".repeat(5_000_000));
    assert!(problem(deep.as_bytes()).starts_with("body is not valid JSON: recursion limit exceeded"));
}

#[test]
fn a_byte_order_mark_is_skipped() {
    assert!(read_bytes(format!("\u{feff}{}", minimal()).as_bytes()).is_ok());
}

#[track_caller]
fn check_key(header: &[u8], expected: Result<Option<&str>, &str>) {
    let mut headers = HeaderMap::new();
    headers.insert(HeaderName::from_static("idempotency-key"), HeaderValue::from_bytes(header).expect("a header"));
    let key = idempotency_key(&headers, OPERATION, b"body").map(|request| request.map(|request| request.key));
    let key = key.map_err(|problem| problem.to_string());
    assert_eq!(key, expected.map(|key| key.map(str::to_owned)).map_err(str::to_owned));
}

#[test]
fn keys_come_bare_or_quoted() {
    check_key(b"order-batch-1", Ok(Some("order-batch-1")));
    check_key(b"\"order-batch-1\"", Ok(Some("order-batch-1")));
    check_key(b"batch 1", Ok(Some("batch 1")));
    check_key(b"", Ok(None));
    check_key(b"\"\"", Ok(None));
    check_key("x".repeat(255).as_bytes(), Ok(Some(&"x".repeat(255))));
    check_key("x".repeat(256).as_bytes(), Err("Idempotency-Key must be at most 255 characters"));
    check_key("é".as_bytes(), Err("Idempotency-Key must be printable ASCII"));
    check_key(b"\xff", Err("Idempotency-Key must be printable ASCII"));
    check_key(b"a\tb", Err("Idempotency-Key must be printable ASCII"));
}

#[test]
fn a_bad_key_is_told_with_the_rest() {
    let mut headers = HeaderMap::new();
    headers.insert(HeaderName::from_static("idempotency-key"), HeaderValue::from_static("a\tb"));
    let Err(ErrorKind::Invalid(problems)) = import_request(&headers, b"[]", &principal(None)).command else {
        panic!("must be refused");
    };
    let paths: Vec<_> = problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["Idempotency-Key", "body"]);
}
