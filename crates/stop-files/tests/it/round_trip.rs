//! What is written reads back as it was, whatever it is, and however it is written.

use jiff::civil::{Date, Time};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use routemate_domain::{
    Address, Attribute, Contact, DayWindow, ExternalId, FreeText, Item, Priority, StopKind, StopRequest, TaskTemplate,
    TaskTemplateKind,
};
use routemate_stop_files::{ByteOrderMark, Delimiter, ReadOptions, TextEncoding, WriteOptions, header, read, rows};
use routemate_units::{LatLng, Seconds};

use crate::samples::stored;

/// Text that a cell can hold: whatever begins like a formula, delimiters, quotation marks and line breaks among it.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-zA-Zäöüßéñł0-9 .,;:/#()-]{0,12}",
        2 => "[=+@'\"\t\r\n,;|xX×\\[\\]{}%-]{0,6}",
        1 => "[=+@'-][a-z0-9 ]{0,6}",
        1 => any::<String>().prop_map(|text| text.replace('\0', "").chars().take(40).collect()),
    ]
}

fn free_text() -> impl Strategy<Value = Option<FreeText>> {
    text().prop_map(|text| FreeText::parse(text).ok())
}

prop_compose! {
    fn address()(parts in [text(), text(), text(), text(), text(), text()]) -> Address {
        let [line1, line2, city, province_code, country_code, zip] = parts;
        Address { line1, line2, city, province_code, country_code, zip }.in_usual_form()
    }
}

prop_compose! {
    fn contact()(parts in [text(), text(), text(), text(), text()]) -> Contact {
        let [first_name, last_name, company, phone, email] = parts;
        Contact { first_name, last_name, company, phone, email }
    }
}

fn time() -> impl Strategy<Value = Time> {
    (0..24_i8, 0..60_i8, prop_oneof![Just(0), 0..60_i8])
        .prop_map(|(hour, minute, second)| Time::new(hour, minute, second, 0).expect("a time"))
}

fn window() -> impl Strategy<Value = Option<DayWindow>> {
    (option::of(time()), option::of(time())).prop_map(|(start, end)| DayWindow::new(start, end).ok().flatten())
}

fn item() -> impl Strategy<Value = Item> {
    (text(), 0..=2_147_483_647_u32, prop_oneof![Just(0), 0..=2_147_483_647_u32])
        .prop_map(|(name, quantity, grams)| Item { name, quantity, grams })
}

fn attribute() -> impl Strategy<Value = Attribute> {
    (text(), text()).prop_filter_map("keys are not blank", |(key, value)| {
        (!key.trim().is_empty()).then_some(Attribute { key, value })
    })
}

fn task() -> impl Strategy<Value = TaskTemplate> {
    let kind = prop_oneof![
        vec(text(), 1..3).prop_map(TaskTemplateKind::Checkboxes),
        vec(text(), 1..3).prop_map(TaskTemplateKind::RadioButtons),
        Just(TaskTemplateKind::Text),
        Just(TaskTemplateKind::Decimal),
        Just(TaskTemplateKind::Scanner),
    ];
    (text(), kind, any::<bool>(), any::<bool>()).prop_map(
        |(title, kind, is_required_to_complete, is_required_to_fail)| TaskTemplate {
            title,
            kind,
            is_required_to_complete,
            is_required_to_fail,
        },
    )
}

prop_compose! {
    fn request()(
        id in text(),
        kind in prop_oneof![Just(StopKind::Delivery), Just(StopKind::Pickup), Just(StopKind::Task)],
        (address, contact) in (address(), contact()),
        position in option::of((-90.0..90.0_f64, -180.0..180.0_f64)),
        (note, order_name) in (free_text(), free_text()),
        service_time in option::of(0..=604_800_u32),
        windows in vec(window(), 0..3),
        day in option::of((1..=9999_i16, 1..=12_i8, 1..=28_i8)),
        priority in 0..=10_u8,
        items in vec(item(), 0..3),
        attributes in vec(attribute(), 0..3),
        tags in vec(text(), 0..3),
        tasks in vec(task(), 0..3),
    ) -> StopRequest {
        let contact = contact.in_usual_form(&address.country_code);
        StopRequest {
            external_id: ExternalId::parse(id).ok(),
            kind,
            position: position.and_then(|(lat, lng)| LatLng::new(lat, lng).ok()).filter(|at| (at.lat(), at.lng()) != (0.0, 0.0)),
            address,
            contact,
            note,
            service_time: service_time.map(Seconds::new),
            windows: windows.into_iter().flatten().collect(),
            delivery_date: day.and_then(|(year, month, day)| Date::new(year, month, day).ok()),
            priority: Priority::one_to_ten(priority).expect("within"),
            items,
            order_name: order_name.map(FreeText::into_string),
            attributes,
            tags,
            tasks,
        }
    }
}

/// Requests without an address or coordinates are none.
fn requests() -> impl Strategy<Value = Vec<StopRequest>> {
    let is_one = |request: &StopRequest| request.address != Address::default() || request.position.is_some();
    vec(request().prop_filter("has a place", is_one), 1..6)
}

fn written(requests: &[StopRequest], options: WriteOptions) -> Vec<u8> {
    let stops: Vec<_> = requests.iter().map(|request| stored(request.clone())).collect();
    // In pieces, as an export goes.
    let mut bytes = header(options);
    for page in stops.chunks(2) {
        bytes.extend(rows(page, options));
    }
    bytes
}

fn options() -> impl Strategy<Value = WriteOptions> {
    let mark = prop_oneof![Just(ByteOrderMark::Present), Just(ByteOrderMark::Absent)];
    (proptest::sample::select(Delimiter::ALL.to_vec()), mark)
        .prop_map(|(delimiter, mark)| WriteOptions { delimiter, mark })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_back_as_it_was(requests in requests(), options in options()) {
        let file = read(&written(&requests, options), &ReadOptions::default(), |_, _| {});
        prop_assert!(file.faults.is_empty(), "{:?}", file.faults);
        prop_assert_eq!(file.delimiter, Some(options.delimiter));
        let back: Vec<_> = file.stops.into_iter().map(|stop| stop.request).collect();
        prop_assert_eq!(back, requests);
    }

    #[test]
    fn no_cell_begins_as_a_formula_does(requests in requests(), options in options()) {
        let bytes = written(&requests, WriteOptions { mark: ByteOrderMark::Absent, ..options });
        let delimiter = match options.delimiter {
            Delimiter::Comma => b',',
            Delimiter::Semicolon => b';',
            Delimiter::Tab => b'\t',
            Delimiter::Bar => b'|',
        };
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(bytes.as_slice());
        let names = reader.headers().expect("a header").clone();
        for row in reader.records() {
            for (cell, name) in row.expect("a row").iter().zip(&names) {
                let is_number = ["latitude", "longitude"].contains(&name) && cell.parse::<f64>().is_ok();
                let begins = cell.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
                prop_assert!(is_number || !begins && !cell.starts_with(['\t', '\r', '\n']), "{}: {:?}", name, cell);
            }
        }
    }

    #[test]
    fn what_is_guessed_is_what_could_have_been_said(requests in requests(), options in options(), is_wide in any::<bool>()) {
        let text = String::from_utf8(written(&requests, WriteOptions { mark: ByteOrderMark::Absent, ..options })).expect("UTF-8");
        let (bytes, encoding) = match is_wide {
            true => (text.encode_utf16().flat_map(u16::to_le_bytes).collect(), "utf-16le"),
            false => (text.into_bytes(), "utf-8"),
        };
        let guessed = read(&bytes, &ReadOptions::default(), |_, _| {});
        let said = ReadOptions {
            delimiter: Some(options.delimiter),
            encoding: TextEncoding::named(encoding),
            ..ReadOptions::default()
        };
        prop_assert_eq!(guessed, read(&bytes, &said, |_, _| {}));
    }
}

#[test]
fn a_file_of_no_stops_is_its_header() {
    let text = String::from_utf8(header(WriteOptions::default())).expect("UTF-8");
    assert!(text.starts_with("client_stop_id,type,order_name,address1,"), "{text}");
    assert!(text.ends_with(",imported_stop_id,location_status,imported_at\r\n"), "{text}");
    let marked = header(WriteOptions { mark: ByteOrderMark::Present, delimiter: Delimiter::Semicolon });
    assert!(marked.starts_with("\u{feff}client_stop_id;type;".as_bytes()));
}
