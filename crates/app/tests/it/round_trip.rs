//! Whatever a client may send is read back as it was sent.

use std::collections::{HashMap, HashSet};

use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use routemate_app::{ImportJob, ImportStop, ImportedStopKey};
use routemate_domain::{
    Address, Attribute, Contact, DayWindow, Email, ImportedStopId, Item, JsonText, Location, Priority, StopKind,
    StopRequest, TaskTemplate, TaskTemplateKind, Text, TimeWindow, ZoneName,
};
use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::{START, TestApp};
use routemate_units::{LatLng, Seconds};

const AWKWARD: &str =
    "\u{1}\u{7}\t\r\n\u{1b}\u{7f}\u{85}\u{200d}\u{202e}\u{feff}\u{fffd}\u{ffff}\u{10ffff}'\"\\%_;{}é😀";

/// Every character but U+0000, the awkward ones often.
fn character() -> impl Strategy<Value = char> {
    prop_oneof![
        4 => proptest::char::range('!', '~'),
        2 => any::<char>(),
        2 => proptest::sample::select(AWKWARD.chars().collect::<Vec<_>>()),
    ]
    .prop_filter("PostgreSQL cannot hold it", |character| *character != '\0')
}

fn text<const MAX: usize>() -> impl Strategy<Value = Text<MAX>> {
    let length = prop_oneof![8 => 1..20_usize, 1 => Just(MAX)];
    length
        .prop_flat_map(|length| prop::collection::vec(character(), length))
        .prop_filter_map("blank", |characters| Text::parse(String::from_iter(characters)).ok())
}

/// JSON as a serializer writes it, up to the 16 KB that are allowed.
fn json() -> impl Strategy<Value = JsonText> {
    let length = prop_oneof![8 => 0..20_usize, 1 => Just(4_000)];
    let value = length.prop_flat_map(|length| prop::collection::vec(character(), length));
    value.prop_map(|characters| {
        let escaped: String = characters
            .into_iter()
            .map(|character| match character {
                '"' | '\\' => format!("\\{character}"),
                '\0'..='\u{1f}' => format!("\\u{:04x}", u32::from(character)),
                _ => character.to_string(),
            })
            .collect();
        JsonText::from_serialized(format!("{{\"\\u0000\":\"{escaped}\"}}"))
    })
}

fn instant() -> impl Strategy<Value = Timestamp> {
    (-100_000_000_i64..100_000_000, 0..1_000_000_i64)
        .prop_map(|(second, micros)| START + SignedDuration::from_secs(second) + SignedDuration::from_micros(micros))
}

fn window() -> impl Strategy<Value = Option<TimeWindow>> {
    (prop::option::of(instant()), prop::option::of(instant())).prop_map(|(one, two)| match (one, two) {
        (Some(one), Some(two)) => TimeWindow::new(Some(one.min(two)), Some(one.max(two))).unwrap(),
        (start, end) => TimeWindow::new(start, end).unwrap(),
    })
}

fn place() -> impl Strategy<Value = LatLng> {
    prop_oneof![
        (-90.0..=90.0, -180.0..=180.0),
        (60.1..60.3, 24.8..25.1),
        (prop::sample::select(vec![-90.0, 0.0, 90.0]), prop::sample::select(vec![-180.0, 0.0, 180.0])),
    ]
    .prop_map(|(lat, lng)| LatLng::new(lat, lng).unwrap())
}

fn stop() -> impl Strategy<Value = ImportStop> {
    let texts = (text::<255>(), text(), prop::option::of(text()), prop::option::of(text()), prop::option::of(text()));
    let rest = (
        prop::option::weighted(0.8, place()),
        prop::option::of(0..=u32::MAX),
        window(),
        prop::num::f64::NORMAL | prop::num::f64::ZERO | prop::num::f64::SUBNORMAL,
        0..=u32::MAX,
        json(),
    );
    (texts, rest).prop_map(
        |((id, address, label, notes, service_type), (position, service, window, priority, parcels, metadata))| {
            ImportStop {
                external_stop_id: id,
                address,
                position,
                label,
                notes,
                service_type,
                service_time: service.map(Seconds::new),
                window,
                priority: Priority::lower_first(priority).unwrap(),
                parcel_count: parcels,
                metadata,
            }
        },
    )
}

fn job() -> impl Strategy<Value = ImportJob> {
    let day = prop::option::of((1900..2200_i16, 1..=12_i8, 1..=28_i8));
    let zone =
        prop::option::of(prop::sample::select(vec!["UTC", "europe/HELSINKI", "Asia/Kathmandu", "Antarctica/Troll"]));
    let email = prop::sample::select(vec![" Ann@Example.com ", "用户@例子.example", "a.b+c@d.example"]);
    (text(), text(), email, day, zone, json(), prop::collection::vec(stop(), 1..6)).prop_map(
        |(external_job_id, title, email, day, zone, metadata, mut stops)| {
            stops.dedup_by(|one, two| one.external_stop_id == two.external_stop_id);
            ImportJob {
                external_job_id,
                title,
                driver_key: Email::parse(email).unwrap(),
                driver_email: email.to_owned(),
                scheduled_date: day.map(|(year, month, day)| Date::new(year, month, day).unwrap()),
                timezone: zone.map(|zone| ZoneName::parse(zone).unwrap()),
                metadata,
                stops,
            }
        },
    )
}

/// Text that may be empty.
fn words() -> impl Strategy<Value = String> {
    prop::option::of(text::<60>()).prop_map(|text| text.map(Text::into_string).unwrap_or_default())
}

fn list<T: std::fmt::Debug>(item: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<T>> {
    prop::collection::vec(item, 0..4)
}

fn address() -> impl Strategy<Value = Address> {
    (text::<60>(), words(), words(), words(), words(), words()).prop_map(
        |(line1, line2, city, province_code, country_code, zip)| Address {
            line1: line1.into_string(),
            line2,
            city,
            province_code,
            country_code,
            zip,
        },
    )
}

fn contact() -> impl Strategy<Value = Contact> {
    (words(), words(), words(), words(), words()).prop_map(|(first_name, last_name, company, phone, email)| Contact {
        first_name,
        last_name,
        company,
        phone,
        email,
    })
}

fn day_window() -> impl Strategy<Value = DayWindow> {
    let time = || prop::option::of((0..24_i8, 0..60_i8, 0..60_i8));
    (time(), time()).prop_filter_map("open on both sides", |(one, two)| {
        let clock = |(hours, minutes, seconds)| Time::new(hours, minutes, seconds, 0).unwrap();
        let (start, end) = match (one.map(clock), two.map(clock)) {
            (Some(one), Some(two)) => (Some(one.min(two)), Some(one.max(two))),
            sides => sides,
        };
        DayWindow::new(start, end).unwrap()
    })
}

fn task() -> impl Strategy<Value = TaskTemplate> {
    let titles = || prop::collection::vec(words(), 1..4);
    let kind = prop_oneof![
        titles().prop_map(TaskTemplateKind::Checkboxes),
        titles().prop_map(TaskTemplateKind::RadioButtons),
        Just(TaskTemplateKind::Text),
        Just(TaskTemplateKind::Decimal),
        Just(TaskTemplateKind::Scanner),
    ];
    (words(), kind, any::<bool>(), any::<bool>()).prop_map(
        |(title, kind, is_required_to_complete, is_required_to_fail)| TaskTemplate {
            title,
            kind,
            is_required_to_complete,
            is_required_to_fail,
        },
    )
}

/// A stop to hand in; of three clients' ids, or another one, or without.
fn handed_in() -> impl Strategy<Value = StopRequest> {
    let known = prop::sample::select(vec!["A", "a", "ä/../%2F?"]).prop_map(|id| Text::parse(id).unwrap());
    let ids = prop::option::weighted(0.8, prop_oneof![3 => known, 1 => text::<255>()]);
    let kind = prop::sample::select(vec![StopKind::Delivery, StopKind::Pickup, StopKind::Task]);
    let texts = (ids, kind, address(), contact(), prop::option::of(text()), words(), list(words()));
    let day = prop::option::of((1..=9999_i16, 1..=12_i8, 1..=28_i8));
    let item = (words(), 0..=u32::MAX >> 1, 0..=u32::MAX >> 1);
    let attribute = (text::<60>(), words());
    let rest = (
        prop::option::of(place()),
        prop::option::of(0..=604_800_u32),
        list(day_window()),
        day,
        0..=10_u8,
        list(item.prop_map(|(name, quantity, grams)| Item { name, quantity, grams })),
        list(attribute.prop_map(|(key, value)| Attribute { key: key.into_string(), value })),
        list(task()),
    );
    (texts, rest).prop_map(
        |(
            (external_id, kind, address, contact, note, order_name, tags),
            (position, service, windows, day, priority, items, attributes, tasks),
        )| StopRequest {
            external_id,
            kind,
            address,
            position,
            contact,
            note,
            service_time: service.map(Seconds::new),
            windows,
            delivery_date: day.map(|(year, month, day)| Date::new(year, month, day).unwrap()),
            priority: Priority::one_to_ten(priority).unwrap(),
            items,
            order_name: (!order_name.is_empty()).then_some(order_name),
            attributes,
            tags,
            tasks,
        },
    )
}

database_tests! {
    async fn every_stop_that_is_handed_in_is_kept_as_it_was_sent_however_often(db: &TestDb) {
        let app = TestApp::new(db);
        let mut runner = TestRunner::deterministic();
        for case in 0..25 {
            let batch = prop::collection::vec(handed_in(), 1..8).new_tree(&mut runner).unwrap().current();
            let who = app.principal().await;
            // Of several with one client's id the last counts, for all of them.
            let mut last: HashMap<Text<255>, StopRequest> = HashMap::new();
            for request in &batch {
                last.extend(request.external_id.clone().map(|id| (id, request.clone())));
            }
            let mut known: Option<HashMap<Text<255>, ImportedStopId>> = None;
            for round in 1..=3 {
                let stored = app.import_stops(&who, batch.clone()).await.unwrap();
                assert_eq!(stored.len(), batch.len(), "case {case}");
                let mut ids = HashMap::new();
                for (stop, sent) in stored.iter().zip(&batch) {
                    let counts = sent.external_id.as_ref().map_or(sent, |id| &last[id]);
                    assert_eq!(&stop.request, counts, "case {case}");
                    assert_eq!(stop.version, if sent.external_id.is_some() { round } else { 1 }, "case {case}");
                    let place = counts.position.map_or(Location::Searching, Location::Supplied);
                    assert_eq!(stop.location, place, "case {case}");
                    assert_eq!(&app.imported_stop(&who, &ImportedStopKey::Id(stop.id)).await.unwrap(), stop);
                    if let Some(id) = &sent.external_id {
                        let key = ImportedStopKey::ClientStopId(id.as_str().to_owned());
                        assert_eq!(&app.imported_stop(&who, &key).await.unwrap(), stop, "case {case}");
                        ids.insert(id.clone(), stop.id);
                    }
                }
                assert_eq!(*known.get_or_insert(ids.clone()), ids, "case {case}: the same ids");
                let without_id = batch.iter().filter(|request| request.external_id.is_none()).count();
                let listed = app.imported_stops(&who, None, 100).await.unwrap();
                let distinct: HashSet<_> = listed.iter().map(|stop| stop.id).collect();
                let expected = last.len() + usize::try_from(round).unwrap() * without_id;
                assert_eq!((listed.len(), distinct.len()), (expected, expected), "case {case}");
            }
        }
    }

    async fn every_job_that_a_client_can_send_is_read_back_as_it_was_sent(db: &TestDb) {
        let app = TestApp::new(db);
        let mut runner = TestRunner::deterministic();
        for case in 0..40 {
            let command = job().new_tree(&mut runner).unwrap().current();
            let who = app.principal().await;
            let imported = app.import(&who, command.clone()).await;
            let view = imported.unwrap_or_else(|error| panic!("case {case}: {error:?} of {command:#?}")).view;
            let read = app.job(&who, view.job.id).await.unwrap();
            assert_eq!(read, view, "case {case}");
            check_sent(&command, &read, case);
        }
    }
}

#[track_caller]
fn check_sent(command: &ImportJob, read: &routemate_app::JobView, case: usize) {
    let job = &read.job;
    assert_eq!((&job.external_job_id, &job.title), (&command.external_job_id, &command.title), "case {case}");
    assert_eq!((&job.driver_email, &job.metadata), (&command.driver_email, &command.metadata), "case {case}");
    assert_eq!((job.scheduled_date, &job.timezone), (command.scheduled_date, &command.timezone), "case {case}");
    assert_eq!(read.itinerary.stops.len(), command.stops.len(), "case {case}");
    for stop in &read.itinerary.stops {
        let sent = &command.stops[stop.given_position as usize];
        assert_eq!(stop.external_id.as_ref(), Some(&sent.external_stop_id), "case {case}");
        assert_eq!(stop.address.line1, sent.address.as_str(), "case {case}");
        assert_eq!((&stop.note, &stop.service_type), (&sent.notes, &sent.service_type), "case {case}");
        assert_eq!(stop.contact.company, sent.label.as_ref().map(|label| label.as_str()).unwrap_or_default());
        assert_eq!((stop.service_time, stop.item_quantity()), (sent.service_time, sent.parcel_count), "case {case}");
        assert_eq!(stop.windows, Vec::from_iter(sent.window), "case {case}");
        assert_eq!((stop.priority, &stop.metadata), (sent.priority, &sent.metadata), "case {case}");
        assert_eq!(stop.location.position(), sent.position, "case {case}");
    }
}
