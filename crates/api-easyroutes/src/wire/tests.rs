use routemate_app::{ErrorKind, Problem};
use serde_json::{Value, json};

use super::*;
use crate::types::{ENUMERATIONS, MESSAGES, StopItem, StopToImport, StopType, Task, TimeWindow};

fn read<T: Wire>(value: &Value) -> Result<T, Vec<String>> {
    let mut at = Reading::default();
    let read = T::read(value, &mut at);
    at.finish(read).map_err(|kind| match kind {
        ErrorKind::Invalid(problems) => problems.iter().map(Problem::to_string).collect(),
        other => panic!("{other:?}"),
    })
}

#[track_caller]
fn check<T: Wire>(sent: &Value, shown: &Value) {
    let read: T = read(sent).unwrap_or_else(|told| panic!("{sent}: {told:?}"));
    assert_eq!(serde_json::to_value(read).expect("JSON"), *shown, "{sent}");
}

#[track_caller]
fn refuse<T: Wire>(sent: &Value, told: &str) {
    let refused = read::<T>(sent).err().unwrap_or_else(|| panic!("{sent} is read"));
    assert_eq!(refused, [format!("body {told}")], "{sent}");
}

#[test]
fn whole_numbers_are_read_from_numbers_and_text() {
    for sent in [json!(5), json!(5.0), json!("5"), json!("5.0"), json!("5e0"), json!(5e0)] {
        check::<i32>(&sent, &json!(5));
        check::<Int64>(&sent, &json!("5"));
    }
    check::<i32>(&json!("-2147483648"), &json!(i32::MIN));
    check::<Int64>(&json!("9223372036854775807"), &json!("9223372036854775807"));
    check::<Int64>(&json!(i64::MIN), &json!("-9223372036854775808"));
    for sent in [
        json!(1.5),
        json!("five"),
        json!(""),
        json!(" 5"),
        json!("5 "),
        json!("+5"),
        json!("0x5"),
        json!(true),
        json!([]),
        json!("NaN"),
    ] {
        refuse::<i32>(&sent, "must be a whole number");
    }
    for sent in [json!(2_147_483_648_i64), json!("-2147483649")] {
        refuse::<i32>(&sent, "must be from -2147483648 to 2147483647");
    }
}

#[test]
fn numbers_are_written_without_a_needless_fraction() {
    check::<Double>(&json!(0), &json!(0));
    check::<Double>(&json!("60.5"), &json!(60.5));
    check::<Double>(&json!(-24.952_512_345_678_9), &json!(-24.952_512_345_678_9));
    for sent in [json!("NaN"), json!("Infinity"), json!({}), json!(false)] {
        refuse::<Double>(&sent, "must be a number");
    }
}

#[test]
fn durations_are_seconds_in_every_spelling() {
    for sent in [json!("300s"), json!("300"), json!(300), json!(300.0), json!("300.0s"), json!("299.6s"), json!("3e2s")]
    {
        check::<Span>(&sent, &json!("300s"));
    }
    check::<Span>(&json!("0s"), &json!("0s"));
    check::<Span>(&json!("604800s"), &json!("604800s"));
    for sent in [json!("5m"), json!("s"), json!(""), json!("300 s"), json!(true), json!({"seconds": 300})] {
        refuse::<Span>(&sent, "must be a duration in seconds, such as 300s");
    }
    for sent in [json!(-1), json!("-0.5s"), json!("604801s")] {
        refuse::<Span>(&sent, "must be from 0s to 604800s");
    }
}

#[test]
fn times_are_written_with_as_many_digits_as_they_need() {
    for (sent, shown) in [
        ("2026-03-09T08:30:00Z", "2026-03-09T08:30:00Z"),
        ("2026-03-09T10:30:00.120+02:00", "2026-03-09T08:30:00.120Z"),
        ("2026-03-09t08:30:00.000001z", "2026-03-09T08:30:00.000001Z"),
        ("2026-03-09T08:30:00.123456789Z", "2026-03-09T08:30:00.123456789Z"),
        // For ever, as far as there are instants.
        ("9999-12-31T23:59:59Z", "9999-12-30T22:00:00.999999999Z"),
        // The plus sign of a query.
        ("2026-03-09T10:30:00 02:00", "2026-03-09T08:30:00Z"),
    ] {
        check::<Instant>(&json!(sent), &json!(shown));
    }
    for sent in ["", "2026-03-09", "2026-03-09T08:30:00", "20260309T083000Z", "2026-03-09T08:30:00Z[UTC]", "now"] {
        refuse::<Instant>(&json!(sent), "must be an RFC 3339 date and time, such as 2026-03-09T08:30:00Z");
    }
}

#[test]
fn enumerations_are_read_by_name_and_by_number() {
    for sent in [json!("PICKUP"), json!(3), json!(3.0)] {
        check::<StopType>(&sent, &json!("PICKUP"));
    }
    for sent in [json!("pickup"), json!("3"), json!(5), json!(-1), json!(1.5), json!("TYPE_PICKUP"), json!(true)] {
        refuse::<StopType>(&sent, "must be one of UNKNOWN, DELIVERY, BREAK, PICKUP, TASK");
    }
}

#[test]
fn fields_are_read_in_both_spellings_and_written_in_one() {
    let shown = json!({
        "title": "", "type": "CHECKBOXES", "items": [{ "title": "One" }],
        "requiredToMarkStopAsDelivered": true, "requiredToMarkStopAsAttempted": false,
    });
    for sent in [
        json!({
            "type": 1, "items": [{ "title": "One" }], "requiredToMarkStopAsDelivered": null,
            "required_to_mark_stop_as_delivered": true,
        }),
        json!({ "type": 1, "items": [{ "title": "One" }], "requiredToMarkStopAsDelivered": true }),
        json!({ "type": "CHECKBOXES", "items": [{ "title": "One" }], "required_to_mark_stop_as_delivered": true }),
        json!({
            "type": 1, "items": [{ "title": "One", "id": "x" }], "title": null, "is_new": {},
            "required_to_mark_stop_as_delivered": false, "requiredToMarkStopAsDelivered": true,
        }),
    ] {
        check::<crate::types::TaskTemplate>(&sent, &shown);
    }
}

#[test]
fn every_problem_is_told_where_it_is_in_the_senders_spelling() {
    let sent = json!({
        "client_stop_id": 7,
        "items": [{ "quantity": "many" }, 5, { "name": ["x"] }],
        "time_windows": [{ "start": { "hours": "nine" } }, { "end": [] }],
        "orderName": {},
        "delivery_date": { "year": 2026.5 },
        "tags": "one",
        "attributes": [{ "key": "a\u{0}" }],
    });
    let told = read::<StopToImport>(&sent).expect_err("is refused");
    assert_eq!(
        told,
        [
            "client_stop_id must be a string",
            "items[0].quantity must be a whole number",
            "items[1] must be an object",
            "items[2].name must be a string",
            "orderName must be a string",
            "time_windows[0].start.hours must be a whole number",
            "time_windows[1].end must be an object",
            "delivery_date.year must be a whole number",
            "attributes[0].key must not contain the character U+0000",
            "tags must be an array",
        ]
    );
}

#[test]
fn what_is_unset_is_left_out_and_what_has_a_default_is_not() {
    assert_eq!(
        serde_json::to_value(StopItem::default()).expect("JSON"),
        json!({ "name": "", "quantity": 0, "grams": 0 })
    );
    assert_eq!(serde_json::to_value(TimeWindow::default()).expect("JSON"), json!({}));
    let task = json!({
        "id": "", "title": "", "type": "UNKNOWN", "items": [],
        "requiredToMarkStopAsDelivered": false, "requiredToMarkStopAsAttempted": false,
    });
    assert_eq!(serde_json::to_value(Task::default()).expect("JSON"), task);
}

/// Something that a value of this kind may be, and what it is written as.
fn sample(shape: Shape) -> (Value, Value) {
    match shape {
        Shape::Text => (json!("päivä"), json!("päivä")),
        Shape::Bool => (json!(true), json!(true)),
        Shape::Int32 => (json!("7"), json!(7)),
        Shape::Int64 => (json!(7), json!("7")),
        Shape::Double => (json!("1.25"), json!(1.25)),
        Shape::Instant => (json!("2026-03-09T10:30:00+02:00"), json!("2026-03-09T08:30:00Z")),
        Shape::Span => (json!(90), json!("90s")),
        Shape::Enumeration(of) => {
            let last = of.values.len() - 1;
            (json!(last), json!(of.values[last]))
        }
        Shape::Optional(inner) => sample(inner()),
        Shape::List(inner) => {
            let (sent, shown) = sample(inner());
            (json!([sent, sent]), json!([shown, shown]))
        }
        Shape::Message(of) => {
            let (mut sent, mut shown) = (serde_json::Map::new(), serde_json::Map::new());
            for field in of.fields {
                let (one, other) = sample((field.shape)());
                sent.insert(snake_case(field.name).unwrap_or_else(|| field.name.to_owned()), one);
                shown.insert(field.name.to_owned(), other);
            }
            (Value::Object(sent), Value::Object(shown))
        }
    }
}

/// What a field is where nothing is said of it; `None` is left out.
fn default(shape: Shape) -> Option<Value> {
    match shape {
        Shape::Text => Some(json!("")),
        Shape::Bool => Some(json!(false)),
        Shape::Int32 | Shape::Double => Some(json!(0)),
        Shape::Int64 => Some(json!("0")),
        Shape::Enumeration(of) => Some(json!(of.values[0])),
        Shape::List(_) => Some(json!([])),
        Shape::Optional(_) => None,
        Shape::Instant | Shape::Span | Shape::Message(_) => panic!("has to be optional"),
    }
}

macro_rules! each_message {
    ($check:ident: $($name:ident),* $(,)?) => {{
        $($check::<crate::types::$name>(&crate::types::$name::TYPE);)*
        [$(stringify!($name)),*]
    }};
}

/// Every message that clients send or get, but for the one with a secret, which is never written.
macro_rules! of_every_message {
    ($check:ident) => {
        each_message!(
            $check: Address, Attribute, Contact, Date, Driver, ImportedStop, ImportedStopRouteInfo, LatLng, Route, RouteEnd,
            RouteStart, RouteStop, StopAttachment, StopItem, StopToImport, Task, TaskInput, TaskItem, TaskItemTemplate,
            TaskTemplate, TimeOfDay, TimeWindow, Authenticated, RouteList, StopsToImport, ImportedStopList,
            ImportedStopRoutes, DriverList, Status, RouteToCreate, RouteTerminal, StopToAdd, StopsToAdd, StopItems,
            RouteDriver, RouteDispatch, StopPosition,
        )
    };
}

#[test]
fn every_field_of_every_message_goes_in_and_comes_out_as_its_kind_says() {
    fn check_message<T: Wire>(of: &'static MessageType) {
        let (sent, shown) = sample(Shape::Message(of));
        check::<T>(&sent, &shown);
        for field in of.fields {
            let path = format!("{}.{}", of.name, field.name);
            // Absent and null are the default; anything that is of no kind at all is refused where it is.
            for sent in [json!({}), json!({ field.name: null })] {
                let read: T = read(&sent).unwrap_or_else(|told| panic!("{path}: {told:?}"));
                let shown = serde_json::to_value(read).expect("JSON");
                assert_eq!(shown.get(field.name), default((field.shape)()).as_ref(), "{path}");
            }
            let wrong = match (field.shape)() {
                Shape::Message(_) | Shape::Optional(_) => json!([[]]),
                _ => json!({ "a": 1 }),
            };
            let told = read::<T>(&json!({ field.name: wrong })).err().unwrap_or_else(|| panic!("{path} is read"));
            assert!(told[0].starts_with(&format!("{} must be ", field.name)), "{path}: {told:?}");
        }
    }
    let mut checked = of_every_message!(check_message).to_vec();
    let mut declared: Vec<_> = MESSAGES.iter().map(|of| of.name).filter(|name| *name != "Credentials").collect();
    checked.sort_unstable();
    declared.sort_unstable();
    assert_eq!(checked, declared);
}

#[test]
fn every_value_of_every_enumeration_has_its_number() {
    for of in ENUMERATIONS {
        for (place, name) in of.values.iter().enumerate() {
            let mut at = Reading::default();
            assert_eq!(at.place_in(&json!(name), of), Some(place), "{} {name}", of.name);
            assert_eq!(at.place_in(&json!(place), of), Some(place), "{} {name}", of.name);
            assert_eq!(at.place_in(&json!(of.values.len()), of), None, "{}", of.name);
        }
    }
}

#[test]
fn no_secret_is_shown() {
    let credentials: crate::types::Credentials =
        read(&json!({ "clientId": "rm_ci_1", "clientSecret": "rm_cs_hidden" })).expect("credentials");
    let shown = format!("{credentials:?} {}", serde_json::to_string(&credentials).expect("JSON"));
    assert!(shown.contains("rm_ci_1") && !shown.contains("hidden"), "{shown}");
}
