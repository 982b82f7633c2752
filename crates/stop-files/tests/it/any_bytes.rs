//! Bytes that nobody would call a file of stops: they are refused, never feared.

use proptest::collection::vec;
use proptest::prelude::*;
use routemate_stop_files::{Header, ReadOptions, ReadStop, UnknownColumns, WriteOptions, header, read, rows};

use crate::samples::{headless, mapped, stored};

/// Pieces that files are made of, in any order.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = proptest::sample::select(vec![
        "address",
        "city",
        "Latitude",
        "Longitude",
        "Lineitem name",
        "Name",
        "time window",
        "delivery date",
        "items",
        "tags",
        "attributes",
        "tasks",
        "weight",
        "phone",
        "country",
        ",",
        ";",
        "\t",
        "|",
        "\"",
        "\"\"",
        "\r\n",
        "\n",
        "\r",
        "sep=;\n",
        "Unioninkatu 29",
        "60,1",
        "24.9",
        "-",
        "=",
        "'",
        "9-12",
        "3/4/2026",
        "1 x A (5 g)",
        "[{}]",
        "{",
        "\0",
        "\u{feff}",
        "é",
        " ",
        "#1001",
        "1e999",
        "24:00",
        "١٢",
    ]);
    prop_oneof![
        4 => vec(piece, 0..60).prop_map(|pieces| pieces.concat().into_bytes()),
        1 => vec(any::<u8>(), 0..400),
    ]
}

fn options() -> impl Strategy<Value = ReadOptions> {
    prop_oneof![
        Just(ReadOptions::default()),
        Just(ReadOptions { unknown_columns: UnknownColumns::Attributes, ..ReadOptions::default() }),
        Just(headless(&["#1=address1", "#2=items", "#3=time_windows"])),
        Just(ReadOptions { header: Header::Absent, ..mapped(&["#1=coordinates"]) }),
        Just(ReadOptions { most_rows: 2, ..ReadOptions::default() }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in pieces(), options in options()) {
        let mut reached = 0;
        let file = read(&bytes, &options, |read, total| {
            assert!(reached <= read && read <= total, "{reached} {read} {total}");
            reached = read;
        });
        // Either there is something, or it is said why not.
        prop_assert!(!file.stops.is_empty() || !file.faults.is_empty());
        let lines = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u64 + 1;
        let told = file.faults.listed().iter().filter_map(|fault| fault.line);
        prop_assert!(told.chain(file.stops.iter().map(|stop| stop.line)).all(|line| (1..=lines).contains(&line)));
        prop_assert!(file.stops.is_sorted_by_key(|stop| stop.line));
        prop_assert!(file.stops.len() as u64 <= file.rows);
        // What was read can be written, and reads as it was.
        let stops: Vec<_> = file.stops.iter().map(|stop| stored(stop.request.clone())).collect();
        let written = [header(WriteOptions::default()), rows(&stops, WriteOptions::default())].concat();
        let again = read(&written, &ReadOptions::default(), |_, _| {});
        prop_assert!(again.faults.is_empty() || stops.is_empty(), "{:?}", again.faults);
        let requests = |stops: &[ReadStop]| stops.iter().map(|stop| stop.request.clone()).collect::<Vec<_>>();
        prop_assert_eq!(requests(&again.stops), requests(&file.stops));
        // Once more it is the same.
        prop_assert_eq!(read(&bytes, &options, |_, _| {}), file);
    }
}
