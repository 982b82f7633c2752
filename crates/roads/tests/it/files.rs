use std::fs;
use std::path::Path;

use proptest::prelude::*;
use routemate_roads::{BuildError, Graph, OpenError, Profile, build};

use crate::hostile::ask;
use crate::shared::{extract, sydney};

/// In and around the streets of Sydney.
const POSITIONS: [(f64, f64); 5] = [(-33.91, 151.16), (-33.905, 151.17), (-33.92, 151.178), (0.0, 0.0), (90.0, 180.0)];

#[test]
fn same_extract_gives_the_same_bytes() {
    let (Some(built), Some(extract)) = (sydney(), extract("sydney_inner_tiny.osm.pbf")) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let again = folder.path().join("again.roads");
    build(&[extract], Profile::Car, &again, &|_| {}).unwrap();
    assert!(fs::read(&again).unwrap() == fs::read(&built.path).unwrap());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "something was left over");
}

#[test]
fn open_graph_goes_on_when_its_file_is_replaced() {
    let Some(extract) = extract("sydney_inner_tiny.osm.pbf") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("map.roads");
    build(std::slice::from_ref(&extract), Profile::Car, &path, &|_| {}).unwrap();
    let graph = Graph::open(&path).unwrap();
    build(&[extract], Profile::Car, &path, &|_| {}).unwrap();
    graph.verify().unwrap();
    ask(&graph, &POSITIONS);
}

#[test]
fn foreign_and_missing_files_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.roads");
    assert!(matches!(Graph::open(&path), Err(OpenError::Unreadable { .. })));
    assert!(matches!(Graph::open(folder.path()), Err(OpenError::Unreadable { .. })));
    for bytes in [&b""[..], b"RMroad", b"PK\x03\x04 some archive that is longer than a header would be, by far......"] {
        fs::write(&path, bytes).unwrap();
        assert!(matches!(Graph::open(&path), Err(OpenError::Foreign { .. } | OpenError::Unreadable { .. })));
    }
    let to = folder.path().join("y.roads");
    assert!(matches!(build(&[path], Profile::Car, &to, &|_| {}), Err(BuildError::Malformed { .. })));
    assert!(!Path::exists(&to));
}

#[test]
fn every_cut_is_noticed_at_once() {
    let Some(built) = sydney() else { return };
    let bytes = fs::read(&built.path).unwrap();
    for length in (0..bytes.len()).step_by(997).chain([bytes.len() - 1]) {
        assert!(Graph::from_bytes(&bytes[..length]).is_err(), "{length} bytes");
    }
}

#[test]
fn other_format_says_to_build_again() {
    let Some(built) = sydney() else { return };
    let mut bytes = fs::read(&built.path).unwrap();
    bytes[8] = 99;
    let error = Graph::from_bytes(&bytes).unwrap_err();
    assert!(matches!(error, OpenError::Version { found: 99, .. }));
    assert!(error.to_string().ends_with("build the map again"), "{error}");
}

#[test]
fn graph_tells_for_whom_it_was_built() {
    let Some(extract) = extract("sydney_inner_tiny.osm.pbf") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    for profile in Profile::ALL {
        let path = folder.path().join(profile.file_name());
        build(std::slice::from_ref(&extract), profile, &path, &|_| {}).unwrap();
        assert_eq!(Graph::open(&path).unwrap().profile(), profile);
    }
}

#[test]
fn extract_without_roads_is_told_by_name_and_profile() {
    let error = BuildError::NoRoads { profile: Profile::Truck, files: vec!["a.osm.pbf".into(), "b.osm.pbf".into()] };
    assert_eq!(error.to_string(), "no road for the profile `truck` in `a.osm.pbf`, `b.osm.pbf`");
    let folder = tempfile::tempdir().unwrap();
    let built = build(&[], Profile::Car, &folder.path().join("x.roads"), &|_| {});
    assert_eq!(built.unwrap_err().to_string(), "no road for the profile `car` in no extract at all");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn changed_bytes_are_found_by_verify_and_never_panic(
        changes in prop::collection::vec((0.0..1.0_f64, 1..=255_u8), 1..40),
    ) {
        let Some(built) = sydney() else { return Ok(()) };
        let mut bytes = fs::read(&built.path).unwrap();
        for &(place, change) in &changes {
            let at = (place * bytes.len() as f64) as usize;
            bytes[at] ^= change;
        }
        if let Ok(graph) = Graph::from_bytes(&bytes) {
            ask(&graph, &POSITIONS);
        }
    }

    #[test]
    fn any_bytes_are_refused_or_read(bytes in prop::collection::vec(any::<u8>(), 0..400), is_ours: bool) {
        let start: &[u8] = if is_ours { b"RMroads\n\x02\0\0\0" } else { b"" };
        let bytes = [start, &bytes].concat();
        prop_assert!(Graph::from_bytes(&bytes).is_err());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.osm.pbf");
        fs::write(&path, &bytes).unwrap();
        let built = build(&[path], Profile::Car, &folder.path().join("x.roads"), &|_| {});
        prop_assert!(built.is_err());
    }
}
