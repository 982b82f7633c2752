use jiff::civil::{date, time};
use routemate_app::Problem;
use routemate_domain::PriorityScale;
use routemate_units::Seconds;
use serde_json::json;

use super::*;

fn import(body: &Value) -> Result<Vec<StopRequest>, Vec<String>> {
    stops_to_import(body.to_string().as_bytes()).map_err(|kind| match kind {
        ErrorKind::Invalid(problems) => problems.iter().map(Problem::to_string).collect(),
        other => panic!("{other:?}"),
    })
}

/// A stop with an address and these fields.
fn with(fields: Value) -> Value {
    let mut stop = json!({ "address": { "address1": "Unioninkatu 29", "city": "Helsinki", "countryCode": "fi" } });
    for (name, value) in fields.as_object().expect("fields") {
        stop[name] = value.clone();
    }
    stop
}

#[track_caller]
fn one(fields: Value) -> StopRequest {
    import(&json!([with(fields)])).unwrap_or_else(|told| panic!("{told:?}")).pop().expect("a stop")
}

#[track_caller]
fn refuse(fields: Value, told: &str) {
    let body = json!({ "stops": [with(json!({})), with(fields.clone())] });
    assert_eq!(import(&body), Err(vec![format!("stops[1].{told}")]), "{fields}");
}

#[test]
fn the_documents_sample_is_read_whole() {
    let stop = one(json!({
        "address": {
            "address1": "123 Main St", "city": "New York", "provinceCode": "NY", "countryCode": "US", "zip": "10001",
        },
        "contact": {
            "firstName": "John", "lastName": "Doe", "phone": "+14165551000", "email": "john.doe@roundtrip.ai",
        },
        "items": [{ "name": "Bananas", "quantity": 5, "grams": 500 }],
        "note": "Leave at front door",
        "duration": "300s",
        "priority": 5,
        "orderName": "#123",
    }));
    assert_eq!(stop.address.to_string(), "123 Main St, New York, NY, 10001, US");
    assert_eq!((stop.contact.first_name.as_str(), stop.contact.phone.as_str()), ("John", "+14165551000"));
    assert_eq!(stop.items, [Item { name: "Bananas".into(), quantity: 5, grams: 500 }]);
    assert_eq!(stop.note.as_ref().map(|note| note.as_str()), Some("Leave at front door"));
    assert_eq!(stop.service_time, Some(Seconds::new(300)));
    assert_eq!((stop.priority.raw(), stop.priority.scale()), (5.0, PriorityScale::OneToTen));
    assert_eq!((stop.order_name.as_deref(), stop.kind), (Some("#123"), StopKind::Delivery));
    assert_eq!((stop.external_id, stop.position, stop.delivery_date), (None, None, None));
}

#[test]
fn stops_come_bare_or_wrapped_and_there_may_be_none() {
    for body in [json!([with(json!({}))]), json!({ "stops": [with(json!({}))] })] {
        assert_eq!(import(&body).map(|stops| stops.len()), Ok(1), "{body}");
    }
    assert_eq!(import(&json!([])), Ok(Vec::new()));
    assert_eq!(import(&json!({ "stops": [] })), Ok(Vec::new()));
    for body in [json!({}), json!({ "stops": null })] {
        assert_eq!(import(&body), Err(vec!["stops is required".to_owned()]), "{body}");
    }
    assert_eq!(import(&json!("stops")), Err(vec!["body must be a list of stops".to_owned()]));
    let told = stops_to_import(b"[{]").expect_err("is no JSON");
    let ErrorKind::Invalid(problems) = told else { panic!("{told:?}") };
    assert_eq!(problems[0].to_string(), "body is not valid JSON: key must be a string at line 1 column 3");
    let told = stops_to_import(b"\x1f\x8b\x08\0\0").expect_err("is compressed");
    let ErrorKind::Invalid(problems) = told else { panic!("{told:?}") };
    assert_eq!(problems[0].to_string(), "body is compressed: send it as it is");
}

#[test]
fn two_hundred_stops_are_taken_and_no_more() {
    let stops = |count| Value::Array(vec![with(json!({})); count]);
    assert_eq!(import(&stops(200)).map(|stops| stops.len()), Ok(200));
    assert_eq!(import(&stops(201)), Err(vec!["stops must contain at most 200 items".to_owned()]));
}

#[test]
fn fifty_attributes_and_two_hundred_and_fifty_tags_are_taken_and_no_more() {
    let attributes = |count| json!({ "attributes": vec![json!({ "key": "k", "value": "v" }); count] });
    let tags = |count| json!({ "tags": vec!["t"; count] });
    assert_eq!(one(attributes(50)).attributes.len(), 50);
    assert_eq!(one(tags(250)).tags.len(), 250);
    refuse(attributes(51), "attributes must contain at most 50 items");
    refuse(tags(251), "tags must contain at most 250 items");
}

#[test]
fn a_stop_is_somewhere() {
    let nowhere = |stop: Value| import(&json!([stop]));
    let told = Err(vec!["stops[0].address or coordinates is required".to_owned()]);
    for stop in [
        json!({}),
        json!({ "address": {} }),
        json!({ "address": { "city": " " }, "note": "x" }),
        json!({ "coordinates": { "latitude": 0, "longitude": 0 } }),
    ] {
        assert_eq!(nowhere(stop.clone()), told, "{stop}");
    }
    let placed = nowhere(json!({ "coordinates": { "latitude": 51.4778 } })).expect("Greenwich");
    assert_eq!(placed[0].position, LatLng::new(51.4778, 0.0).ok());
    // What is wrong with the address is told, not what follows from it.
    assert_eq!(
        nowhere(json!({ "address": { "zip": 170 } })),
        Err(vec!["stops[0].address.zip must be a string".to_owned()])
    );
}

#[test]
fn what_is_structural_is_refused_where_it_is() {
    refuse(json!({ "coordinates": { "latitude": 90.1 } }), "coordinates.latitude must be from -90 to 90");
    refuse(
        json!({ "coordinates": { "latitude": 1, "longitude": -181 } }),
        "coordinates.longitude must be from -180 to 180",
    );
    refuse(json!({ "items": [{}, { "quantity": -1 }] }), "items[1].quantity must be at least 0");
    refuse(json!({ "items": [{ "grams": -5 }] }), "items[0].grams must be at least 0");
    refuse(json!({ "priority": 11 }), "priority must be from 0 to 10");
    refuse(json!({ "priority": -1 }), "priority must be from 0 to 10");
    refuse(json!({ "type": "BREAK" }), "type must be one of DELIVERY, PICKUP, TASK");
    refuse(json!({ "type": "VISIT" }), "type must be one of UNKNOWN, DELIVERY, BREAK, PICKUP, TASK");
    refuse(json!({ "attributes": [{ "key": " ", "value": "v" }] }), "attributes[0].key is required");
    refuse(json!({ "client_stop_id": " " }), "client_stop_id must not be blank");
    refuse(json!({ "clientStopId": "x".repeat(256) }), "clientStopId must be at most 255 characters");
    refuse(json!({ "note": "x".repeat(4001) }), "note must be at most 4000 characters");
    refuse(json!({ "order_name": "x".repeat(4001) }), "order_name must be at most 4000 characters");
    refuse(json!({ "duration": "-1s" }), "duration must be from 0s to 604800s");
}

#[test]
fn days_and_times_of_day_have_their_ranges() {
    let day = |year, month, day| json!({ "deliveryDate": { "year": year, "month": month, "day": day } });
    assert_eq!(one(day(2028, 2, 29)).delivery_date, Some(date(2028, 2, 29)));
    assert_eq!(one(day(9999, 12, 31)).delivery_date, Some(date(9999, 12, 31)));
    refuse(day(2026, 2, 29), "deliveryDate.day must be a day of its month");
    refuse(day(0, 1, 1), "deliveryDate.year must be from 1 to 9999");
    refuse(day(2026, 13, 1), "deliveryDate.month must be from 1 to 12");
    refuse(day(2026, 1, 32), "deliveryDate.day must be from 1 to 31");
    let window = |start: Value, end: Value| json!({ "timeWindows": [{ "start": start, "end": end }] });
    let windows = one(window(json!({ "hours": 9 }), json!({ "hours": 23, "minutes": 59, "seconds": 59 }))).windows;
    assert_eq!((windows[0].start(), windows[0].end()), (Some(time(9, 0, 0, 0)), Some(time(23, 59, 59, 0))));
    let open = one(window(json!({}), Value::Null)).windows;
    assert_eq!((open[0].start(), open[0].end()), (Some(time(0, 0, 0, 0)), None));
    assert_eq!(one(json!({ "timeWindows": [{}] })).windows, []);
    refuse(window(json!({ "hours": 24 }), Value::Null), "timeWindows[0].start.hours must be from 0 to 23");
    refuse(window(Value::Null, json!({ "minutes": 60 })), "timeWindows[0].end.minutes must be from 0 to 59");
    refuse(window(Value::Null, json!({ "seconds": -1 })), "timeWindows[0].end.seconds must be from 0 to 59");
    refuse(window(json!({ "hours": 10 }), json!({ "hours": 9 })), "timeWindows[0].end must not be before start");
}

#[test]
fn types_and_priorities_have_their_defaults() {
    for (sent, kind) in [
        ("UNKNOWN", StopKind::Delivery),
        ("DELIVERY", StopKind::Delivery),
        ("PICKUP", StopKind::Pickup),
        ("TASK", StopKind::Task),
    ] {
        assert_eq!(one(json!({ "type": sent })).kind, kind, "{sent}");
    }
    for priority in 0..=10 {
        assert_eq!(one(json!({ "priority": priority })).priority.raw(), f64::from(priority));
    }
}

#[test]
fn tasks_have_items_where_they_are_lists_and_only_there() {
    let task = |kind: &str, items: Value| json!({ "tasks": [{ "title": "T", "type": kind, "items": items }] });
    let listed = one(task("CHECKBOXES", json!([{ "title": "One" }, {}]))).tasks;
    assert_eq!(listed[0].kind, TaskTemplateKind::Checkboxes(vec!["One".into(), String::new()]));
    for (kind, expected) in [
        ("TEXT_INPUT", TaskTemplateKind::Text),
        ("DECIMAL_INPUT", TaskTemplateKind::Decimal),
        ("SCANNER_INPUT", TaskTemplateKind::Scanner),
    ] {
        assert_eq!(one(task(kind, json!([]))).tasks[0].kind, expected);
        refuse(task(kind, json!([{ "title": "One" }])), &format!("tasks[0].items must be empty for {kind}"));
    }
    for kind in ["CHECKBOXES", "RADIO_BUTTONS"] {
        refuse(task(kind, Value::Null), "tasks[0].items is required");
    }
    refuse(json!({ "tasks": [{ "title": "T" }] }), "tasks[0].type is required");
    let required = one(json!({ "tasks": [{ "type": 3, "required_to_mark_stop_as_attempted": true }] })).tasks;
    assert_eq!((required[0].is_required_to_complete, required[0].is_required_to_fail), (false, true));
}

#[test]
fn what_is_odd_but_not_structural_never_refuses_an_import() {
    let stop = one(json!({
        "address": { "address1": "Katu 1", "countryCode": "Finland", "provinceCode": "fi-18" },
        "contact": { "phone": "040 123 4567", "email": "not an address" },
    }));
    assert_eq!((stop.address.country_code.as_str(), stop.address.province_code.as_str()), ("FI", "18"));
    assert_eq!((stop.contact.phone.as_str(), stop.contact.email.as_str()), ("+358401234567", "not an address"));
    let odd = one(json!({
        "address": { "address1": "Katu 1", "countryCode": "Narnia", "provinceCode": "?" },
        "contact": { "phone": "ring twice" },
    }));
    assert_eq!((odd.address.country_code.as_str(), odd.address.province_code.as_str()), ("Narnia", "?"));
    assert_eq!(odd.contact.phone, "ring twice");
}
