//! What the fuzz targets do, over bytes that are always the same; see `fuzz/fuzz_targets`.

use proptest::prelude::*;
use routemate_roads::{BuildError, Graph, Profile, build};

use crate::drawn::{Drawing, Message, blob, header};
use crate::hostile::{self, POSITIONS, ask, sections, sign, town_extract, town_graph};

fn cases(count: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(count) }
}

fn bytes(length: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), length)
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn any_graph_is_refused_or_answers(bytes in bytes(0..300)) {
        hostile::graph(&bytes);
    }
}

proptest! {
    // Each is written to the disk and waited for.
    #![proptest_config(cases(100))]

    #[test]
    fn any_extract_is_refused_by_name_or_makes_a_graph(bytes in bytes(0..600)) {
        let folder = tempfile::tempdir().unwrap();
        hostile::extract(&bytes, folder.path());
    }

    #[test]
    fn any_drawing_is_refused_by_name_or_makes_a_graph(bytes in bytes(200..600)) {
        let folder = tempfile::tempdir().unwrap();
        hostile::extract(&[&[3], bytes.as_slice()].concat(), folder.path());
    }
}

#[test]
fn every_number_of_a_graph_may_be_wrong() {
    let sound = town_graph();
    for (number, section) in sections(sound).into_iter().enumerate() {
        // Numbers are words at the least; texts and what else is long is tried in part.
        let step = (section.len() / 4 / 400).max(1) * 4;
        for at in section.clone().step_by(step) {
            for wrong in [0, u32::MAX, 1 << 30, section.len() as u32 / 4] {
                let mut bytes = sound.to_vec();
                for (place, byte) in bytes[at..section.end.min(at + 4)].iter_mut().zip(wrong.to_le_bytes()) {
                    *place = byte;
                }
                let graph = Graph::from_bytes(&bytes);
                if let Ok(graph) = graph {
                    ask(&graph, &POSITIONS[..5]);
                    let is_same = bytes == sound;
                    assert_eq!(graph.verify().is_ok(), is_same, "section {number} at {at}: {wrong}");
                }
            }
        }
    }
}

#[test]
fn sections_that_are_missing_or_short_are_noticed_or_borne() {
    let sound = town_graph();
    let count = sections(sound).len();
    for number in 0..count {
        let entry = 96 + 32 * number;
        // The kind, the size of an element, the offset, the count.
        for (field, wrong) in
            [(0, 0), (0, 99), (4, 0), (4, 3), (8, 0), (8, u32::MAX), (16, 0), (16, 1), (16, u32::MAX), (20, 1)]
        {
            let mut bytes = sound.to_vec();
            bytes[entry + field..][..4].copy_from_slice(&u32::to_le_bytes(wrong));
            sign(&mut bytes);
            if let Ok(graph) = Graph::from_bytes(&bytes) {
                ask(&graph, &POSITIONS);
            }
        }
    }
}

/// The message for a file of these bytes, which must not make a graph.
#[track_caller]
fn refusal(bytes: &[u8]) -> (String, BuildError) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some.osm.pbf");
    std::fs::write(&path, bytes).unwrap();
    let to = folder.path().join("some.roads");
    let error = build(&[path], Profile::Car, &to, &|_| {}).unwrap_err();
    assert!(!to.exists());
    assert!(error.to_string().contains("some.osm.pbf"), "{error}");
    (error.to_string(), error)
}

#[test]
fn files_that_are_no_extract_are_told_so() {
    let (text, _) = refusal(b"");
    assert!(text.contains("is empty"), "{text}");
    for foreign in [
        b"PK\x03\x04 an archive that is longer than a header would be".as_slice(),
        b"<?xml version='1.0' encoding='UTF-8'?><osm version=\"0.6\"></osm>",
        b"RMroads\n\x02\0\0\0 a road graph, which is what comes out and not what goes in",
        &[0; 4096],
        &[255; 4096],
    ] {
        let (text, error) = refusal(foreign);
        assert!(text.contains("no OpenStreetMap extract") || text.contains("damaged"), "{text}: {error:?}");
    }
}

#[test]
fn every_cut_of_an_extract_is_told_but_between_blocks() {
    let whole = town_extract();
    for length in 1..whole.len() {
        let (text, error) = refusal(&whole[..length]);
        let is_between = length == header().len();
        let is_told = text.contains("damaged");
        assert!(is_told || is_between, "{length} of {}: {error:?}", whole.len());
    }
}

#[test]
fn sizes_that_nothing_can_have_are_refused_without_making_room() {
    let mut header = Message::default();
    header.bytes(1, b"OSMHeader");
    header.number(3, i32::MAX as u64);
    let claimed = |length: u32, bytes: &[u8]| [length.to_be_bytes().as_slice(), bytes].concat();
    refusal(&claimed(u32::MAX, &[0; 64]));
    refusal(&claimed(1 << 15, &[0; 64]));
    refusal(&claimed(header.0.len() as u32, &header.0));
    // A string of two gigabytes in a block of a few bytes, and a block that would inflate to as much.
    let mut block = Message::default();
    block.number(2, i32::MAX as u64);
    block.0.extend_from_slice(&[0x0a, 0xff, 0xff, 0xff, 0xff, 0x07]);
    refusal(&[blob("OSMHeader", &[]), blob("OSMData", &block.0)].concat());
}

#[test]
fn member_of_no_kind_is_damage() {
    let mut drawing = Drawing::default();
    drawing.blocks((60.0, 22.0), 1, 0.001);
    let members = [("from", 1, 1), ("via", 7, 1), ("to", 1, 2)];
    drawing.relation(&members, &[("type", "restriction"), ("restriction", "no_left_turn")]);
    let (text, _) = refusal(&drawing.to_bytes());
    assert!(text.contains("damaged"), "{text}");
}

#[test]
fn ferries_without_a_road_are_no_map() {
    let mut drawing = Drawing::default();
    let ends = [drawing.node(60.0, 22.0), drawing.node(60.1, 22.0)];
    drawing.way(&ends, &[("route", "ferry")]);
    let (text, error) = refusal(&drawing.to_bytes());
    assert!(matches!(error, BuildError::NoRoads { .. }), "{text}");
}

#[test]
fn coordinates_beyond_the_earth_are_left_out() {
    let mut drawing = Drawing::default();
    let far = drawing.node(91.0, 0.0);
    let farther = drawing.node(200.0, 200.0);
    drawing.way(&[far, farther], &[("highway", "residential")]);
    let (text, error) = refusal(&drawing.to_bytes());
    assert!(matches!(error, BuildError::NoRoads { .. }), "{text}");
}
