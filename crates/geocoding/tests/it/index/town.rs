//! A small made-up world as OpenAddresses tables: two towns in the United States, one in Germany, one in Portugal.

use std::fs;
use std::path::PathBuf;

use routemate_geocoding::{AddressIndex, Candidate, Query, build};
use tempfile::TempDir;

const HEADER: &str = "LON,LAT,NUMBER,STREET,UNIT,CITY,DISTRICT,REGION,POSTCODE,ID";

/// Street, town, region, postcode, where it begins and how far one number is from the next, and its numbers.
type Street = (&'static str, &'static str, &'static str, &'static str, [f64; 2], [f64; 2], &'static [&'static str]);

const STREETS: &[Street] = &[
    (
        "MAIN ST",
        "SPRINGFIELD",
        "OH",
        "45501",
        [39.92, -83.81],
        [0.0, 0.0003],
        &["10", "12", "14", "20", "22", "11", "13"],
    ),
    (
        "EAST HIGH STREET",
        "SPRINGFIELD",
        "OH",
        "45502",
        [39.93, -83.80],
        [0.0003, 0.0],
        &["100", "102", "104-108", "112A"],
    ),
    ("ST JAMES AVENUE", "SPRINGFIELD", "OH", "45501", [39.925, -83.82], [0.0002, 0.0002], &["1", "3", "5", "7"]),
    ("5TH AVENUE", "SPRINGFIELD", "OH", "45501", [39.91, -83.83], [0.0, 0.0003], &["5", "7", "9"]),
    ("MAIN ST", "RIVERTON", "UT", "84065", [40.52, -111.94], [0.0, 0.0003], &["10", "12", "30"]),
    ("97TH STREET", "OZONE", "NY", "11416", [40.68, -73.84], [0.0, 0.0002], &["97-06", "97-08", "97-18", "95-11"]),
    ("Lindenstraße", "Köln", "", "50674", [50.93, 6.94], [0.0, 0.0003], &["3", "5", "5a", "9", "11"]),
    ("Große Bleiche", "Mainz", "", "55116", [50.00, 8.26], [0.0, 0.0003], &["1", "3", "15"]),
    ("Rua de Santa Catarina", "Porto", "", "4000-447", [41.15, -8.606], [0.0003, 0.0], &["527", "531", "540"]),
];

/// The rows of the table.
pub(crate) fn table() -> String {
    let mut rows = vec![HEADER.to_owned()];
    for (street, town, region, postcode, [lat, lng], [north, east], numbers) in STREETS {
        for (at, number) in numbers.iter().enumerate() {
            let (lat, lng) = (lat + north * at as f64, lng + east * at as f64);
            rows.push(format!("{lng:.6},{lat:.6},{number},{street},,{town},,{region},{postcode},"));
        }
    }
    rows.join("\n") + "\n"
}

/// A folder with the table in it.
pub(crate) fn sources() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("town.csv");
    fs::write(&path, table()).unwrap();
    (folder, path)
}

pub(crate) fn index() -> AddressIndex {
    let (folder, source) = sources();
    let file = folder.path().join("town.addresses");
    build(&[source], &file, &|_| {}).unwrap();
    AddressIndex::open(&file).unwrap()
}

/// The best answer; its label, kind and confidence.
pub(crate) fn best(index: &AddressIndex, text: &str) -> Option<Candidate> {
    index.lookup(&Query::text(text)).into_iter().next()
}
