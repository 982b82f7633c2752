//! Real sources, where the folder with them is beside the repository.

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use routemate_geocoding::{AddressIndex, Candidate, Query, build};
use routemate_units::LatLng;

fn source(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/geocode").join(name);
    if !path.exists() {
        let _ = writeln!(std::io::stderr(), "SKIPPED: no shared/geocode/{name}");
        return None;
    }
    Some(path)
}

/// An address as it is tagged, and the box around the element.
struct House {
    text: String,
    low: [f64; 2],
    high: [f64; 2],
}

impl House {
    /// The middle of the box.
    fn position(&self) -> LatLng {
        LatLng::new((self.low[0] + self.high[0]) / 2.0, (self.low[1] + self.high[1]) / 2.0).unwrap()
    }
}

/// Every address in an extract that has a position of its own, nodes and ways.
fn houses(path: &Path) -> Vec<House> {
    let mut spots: HashMap<i64, [f64; 2]> = HashMap::new();
    let mut houses = Vec::new();
    let text = |tags: Vec<(&str, &str)>| {
        let tag = |key: &str| tags.iter().find(|(other, _)| *other == key).map(|(_, value)| *value);
        let (number, street) = (tag("addr:housenumber")?, tag("addr:street")?);
        let rest = [tag("addr:city").unwrap_or_default(), tag("addr:postcode").unwrap_or_default()].join(" ");
        (!number.contains([';', ','])).then(|| format!("{number} {street}, {rest}"))
    };
    let reader = osmpbf::ElementReader::from_path(path).unwrap();
    reader
        .for_each(|element| match element {
            osmpbf::Element::DenseNode(node) => {
                spots.insert(node.id(), [node.lat(), node.lon()]);
                let low = [node.lat(), node.lon()];
                houses.extend(text(node.tags().collect()).map(|text| House { text, low, high: low }));
            }
            osmpbf::Element::Way(way) => {
                let Some(text) = text(way.tags().collect()) else {
                    return;
                };
                let corners: Vec<[f64; 2]> = way.refs().filter_map(|id| spots.get(&id).copied()).collect();
                let ends = |at: usize| {
                    let all = corners.iter().map(|corner| corner[at]);
                    (all.clone().fold(f64::INFINITY, f64::min), all.fold(f64::NEG_INFINITY, f64::max))
                };
                let ((south, north), (west, east)) = (ends(0), ends(1));
                if south.is_finite() {
                    houses.push(House { text, low: [south, west], high: [north, east] });
                }
            }
            _ => {}
        })
        .unwrap();
    houses
}

#[test]
fn every_house_of_queens_is_found_where_it_stands() {
    let Some(path) = source("pbf/queens.osm.pbf") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("queens");
    let report = build(std::slice::from_ref(&path), &file, &|_| {}).unwrap();
    assert!(report.addresses > 32_000, "{report:?}");
    let index = AddressIndex::open(&file).unwrap();
    let houses = houses(&path);
    assert!(houses.len() > 32_000);
    let mut times: HashMap<&str, u32> = HashMap::new();
    houses.iter().for_each(|house| *times.entry(&house.text).or_default() += 1);
    let mut lost = Vec::new();
    for house in &houses {
        let found = index.lookup(&Query::text(&house.text));
        // Two houses of one address cannot both be the first answer, but both must be among the answers.
        let looked_at = if times[house.text.as_str()] > 1 { found.len() } else { 1 };
        let is_there = |found: &Candidate| found.position.haversine_m(house.position()) < 50.0;
        if !found.iter().take(looked_at).any(is_there) {
            lost.push(&house.text);
        }
    }
    assert!(lost.is_empty(), "{} lost: {:?}", lost.len(), lost.iter().take(20).collect::<Vec<_>>());
}

#[test]
fn extracts_give_the_same_bytes_and_cut_ones_are_named() {
    let Some(path) = source("pbf/munich.osm.pbf") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    build(std::slice::from_ref(&path), &one, &|_| {}).unwrap();
    build(std::slice::from_ref(&path), &two, &|_| {}).unwrap();
    assert_eq!(fs::read(&one).unwrap(), fs::read(&two).unwrap());

    let bytes = fs::read(&path).unwrap();
    let cut = folder.path().join("cut.osm.pbf");
    fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let error = build(std::slice::from_ref(&cut), &one, &|_| {}).unwrap_err().to_string();
    assert!(error.contains("cut.osm.pbf") && error.contains("at byte `"), "{error}");
}
