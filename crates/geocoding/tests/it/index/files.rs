use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use routemate_geocoding::{AddressIndex, BuildError, OpenError, build};

use super::town::{sources, table};

fn failure(sources: &[PathBuf], to: &Path) -> BuildError {
    build(sources, to, &|_| {}).unwrap_err()
}

#[test]
fn same_sources_give_the_same_bytes() {
    let (folder, source) = sources();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    let report = build(std::slice::from_ref(&source), &one, &|_| {}).unwrap();
    build(&[source], &two, &|_| {}).unwrap();
    let bytes = fs::read(&one).unwrap();
    assert_eq!(bytes, fs::read(&two).unwrap());
    assert_eq!(report.file_bytes, bytes.len() as u64);
    let index = AddressIndex::open(&one).unwrap();
    index.verify().unwrap();
    assert_eq!(index.addresses(), report.addresses);
    assert_eq!(index.notices().len(), 1);
}

#[test]
fn all_bytes_of_the_sources_are_heard_of() {
    let (folder, source) = sources();
    let read = std::cell::Cell::new(0);
    build(std::slice::from_ref(&source), &folder.path().join("index"), &|bytes| read.set(read.get() + bytes)).unwrap();
    assert_eq!(read.get(), fs::metadata(source).unwrap().len());
}

#[test]
fn file_that_is_open_is_replaced_and_goes_on_answering() {
    let (folder, source) = sources();
    let file = folder.path().join("index");
    build(std::slice::from_ref(&source), &file, &|_| {}).unwrap();
    let before = AddressIndex::open(&file).unwrap();
    build(&[source.clone(), source], &file, &|_| {}).unwrap();
    assert!(super::town::best(&before, "12 Main St, Springfield").is_some());
    AddressIndex::open(&file).unwrap().verify().unwrap();
}

#[test]
fn bad_sources_are_named_with_the_place() {
    let (folder, source) = sources();
    let at = |name: &str| folder.path().join(name);
    let to = at("index");
    fs::write(at("empty.osm.pbf"), "").unwrap();
    fs::write(at("empty.csv"), "").unwrap();
    fs::write(at("text.osm.pbf"), "this is no extract at all, but long enough to be read").unwrap();
    fs::write(at("other.csv"), "LON,LAT,NAME\n1,2,x\n").unwrap();
    fs::write(at("nothing.csv"), "LON,LAT,NUMBER,STREET\n").unwrap();
    assert!(matches!(failure(&[at("none.csv")], &to), BuildError::Unreadable { path, .. } if path == at("none.csv")));
    assert!(matches!(failure(&[at("empty.osm.pbf")], &to), BuildError::Empty { path } if path == at("empty.osm.pbf")));
    assert!(matches!(failure(&[at("empty.csv")], &to), BuildError::Empty { path } if path == at("empty.csv")));
    assert!(matches!(failure(&[at("text.osm.pbf")], &to), BuildError::Malformed { offset: 0, .. }));
    let other = failure(&[source.clone(), at("other.csv")], &to);
    assert!(matches!(&other, BuildError::Column { path, column: "NUMBER" } if *path == at("other.csv")), "{other}");
    assert!(matches!(failure(&[at("nothing.csv")], &to), BuildError::NoAddresses));
    assert!(!to.exists());
    let beyond = failure(&[source], &at("no folder").join("index"));
    assert!(matches!(beyond, BuildError::Unwritable { .. }));
}

#[test]
fn rows_without_position_street_or_number_are_passed_over() {
    let (folder, source) = sources();
    let mut table = fs::read_to_string(&source).unwrap();
    table.push_str(
        "x,y,1,NOWHERE ST,,A,,,1,\n200,100,1,NOWHERE ST,,A,,,1,\n-83.8,39.9,,NOWHERE ST,,A,,,1,\n-83.8,39.9\n",
    );
    let more = folder.path().join("more.csv");
    fs::write(&more, table).unwrap();
    let plain = build(&[source], &folder.path().join("plain"), &|_| {}).unwrap();
    let report = build(&[more], &folder.path().join("index"), &|_| {}).unwrap();
    assert_eq!(report.addresses, plain.addresses);
}

/// The same rows as lines of GeoJSON, as OpenAddresses ships them.
fn geojson(table: &str) -> String {
    let mut lines = table.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let columns = lines.next().unwrap();
    let feature = |row: Vec<&str>| {
        let field = |name: &str| row[columns.iter().position(|column| *column == name).unwrap()];
        let degrees = |name: &str| field(name).parse::<f64>().unwrap();
        let feature = serde_json::json!({
            "type": "Feature",
            "properties": {
                "hash": "0f", "number": field("NUMBER"), "street": field("STREET"), "unit": "", "city": field("CITY"),
                "district": null, "region": field("REGION"), "postcode": field("POSTCODE"), "id": "",
            },
            "geometry": { "type": "Point", "coordinates": [degrees("LON"), degrees("LAT")] },
        });
        format!("{feature}\n")
    };
    lines.map(feature).collect()
}

fn packed(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_table_gives_the_same_index_however_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let built = |name: &str, bytes: &[u8]| {
        let (source, to) = (folder.path().join(name), folder.path().join("index"));
        fs::write(&source, bytes).unwrap();
        let heard = std::cell::Cell::new(0);
        build(&[source], &to, &|bytes| heard.set(heard.get() + bytes)).unwrap();
        assert_eq!(heard.get(), bytes.len() as u64, "{name}");
        fs::read(&to).unwrap()
    };
    let plain = built("town.csv", table().as_bytes());
    assert_eq!(built("town.CSV.GZ", &packed(&table())), plain);
    assert_eq!(built("town.geojson", geojson(&table()).as_bytes()), plain);
    assert_eq!(built("town.geojson.gz", &packed(&geojson(&table()))), plain);
}

#[test]
fn damaged_tables_are_named_with_the_place() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |name: &str, bytes: &[u8]| {
        let source = folder.path().join(name);
        fs::write(&source, bytes).unwrap();
        failure(&[source], &folder.path().join("index"))
    };
    let lines = geojson(&table());
    let cut = refused("cut.geojson", &lines.as_bytes()[..lines.len() - 9]);
    assert!(matches!(cut, BuildError::Line { line, .. } if line == lines.lines().count() as u64), "{cut}");
    let other = refused("other.geojson", br#"{"type":"Feature","properties":{"name":"x"},"geometry":null}"#);
    assert!(matches!(other, BuildError::Line { line: 1, .. }), "{other}");
    let all = packed(&table().repeat(50));
    assert!(matches!(refused("cut.csv.gz", &all[..all.len() / 2]), BuildError::Row { .. }));
    assert!(matches!(refused("plain.geojson.gz", lines.as_bytes()), BuildError::Unreadable { .. }));
}

#[test]
fn damage_is_noticed() {
    let (folder, source) = sources();
    let file = folder.path().join("index");
    build(&[source], &file, &|_| {}).unwrap();
    let bytes = fs::read(&file).unwrap();
    assert!(matches!(AddressIndex::from_bytes(b"no index"), Err(OpenError::Foreign { .. })));
    assert!(matches!(AddressIndex::from_bytes(&bytes[..bytes.len() - 1]), Err(OpenError::Damaged { .. })));
    assert!(matches!(AddressIndex::from_bytes(&bytes[..40]), Err(OpenError::Damaged { .. })));
    let mut newer = bytes.clone();
    newer[8] += 1;
    assert!(matches!(AddressIndex::from_bytes(&newer), Err(OpenError::Version { .. })));
    // Whichever byte is changed: it is refused, or noticed by `verify`, or in a gap; and no question makes it panic.
    for at in (0..bytes.len()).step_by(61) {
        let mut changed = bytes.clone();
        changed[at] ^= 0x55;
        if let Ok(index) = AddressIndex::from_bytes(&changed) {
            for text in ["12 Main St, Springfield, OH 45501", "Lindenstr 4 Koeln", "Rua Sta Catarina 531 Porto"] {
                super::town::best(&index, text);
            }
        }
    }
}
