//! What is made of extracts: small ones, written here.

use std::fs;

use routemate_geocoding::{AddressIndex, Candidate, MatchType, Query, build};
use routemate_units::LatLng;

use super::pbf::{Extract, Tags};

/// An index of an extract and, where there is one, a table.
fn index(extract: &Extract, table: Option<&str>) -> AddressIndex {
    let folder = tempfile::tempdir().unwrap();
    let mut sources = vec![folder.path().join("town.osm.pbf")];
    fs::write(&sources[0], extract.file()).unwrap();
    if let Some(table) = table {
        sources.push(folder.path().join("town.csv"));
        fs::write(&sources[1], table).unwrap();
    }
    let file = folder.path().join("index");
    build(&sources, &file, &|_| {}).unwrap();
    AddressIndex::open(&file).unwrap()
}

fn first(index: &AddressIndex, text: &str) -> Candidate {
    index.lookup(&Query::text(text)).into_iter().next().unwrap_or_else(|| panic!("nothing for {text}"))
}

#[track_caller]
fn check(index: &AddressIndex, text: &str, match_type: MatchType, lat: f64, lng: f64) {
    let found = first(index, text);
    assert_eq!(found.match_type, match_type, "{text}: {found:?}");
    let away_m = found.position.haversine_m(LatLng::new(lat, lng).unwrap());
    assert!(away_m < 5.0, "{text}: {away_m} m: {found:?}");
}

/// Seven hundred metres north, then as far east: the line of a street.
fn bent_street(extract: &mut Extract) {
    extract.node(1, 48.100, 11.5, &[]).node(2, 48.106, 11.5, &[]).node(3, 48.106, 11.509, &[]);
    extract.way(10, &[1, 2], &[("highway", "residential"), ("name", "Ringstraße")]);
    extract.way(11, &[2, 3], &[("highway", "residential"), ("name", "Ringstraße")]);
}

const TOWN: Tags<'_> = &[("place", "town"), ("name", "Neustadt")];

#[test]
fn houses_on_lines_of_interpolation_are_known_with_those_between() {
    let mut extract = Extract::default();
    extract.node(9, 48.1, 11.5, TOWN);
    extract.node(20, 48.100, 11.5001, &[("addr:housenumber", "2"), ("addr:street", "Ringstraße")]);
    extract.node(21, 48.106, 11.5001, &[]);
    extract.node(22, 48.106, 11.5091, &[("addr:housenumber", "10"), ("addr:street", "Ringstraße")]);
    extract.node(30, 48.2, 11.5, &[("addr:housenumber", "5")]).node(31, 48.204, 11.5, &[("addr:housenumber", "9")]);
    extract.node(40, 48.1, 11.6, &[("addr:housenumber", "7a"), ("addr:street", "Gasse")]);
    extract.node(41, 48.1, 11.601, &[("addr:housenumber", "7c"), ("addr:street", "Gasse")]);
    extract.way(50, &[20, 21, 22], &[("addr:interpolation", "even")]);
    extract.way(51, &[30, 31], &[("addr:interpolation", "all"), ("addr:street", "Am Feld")]);
    extract.way(52, &[40, 41], &[("addr:interpolation", "alphabetic")]);
    let index = index(&extract, None);
    // A quarter of the way is still before the bend.
    check(&index, "Ringstraße 4, Neustadt", MatchType::Exact, 48.103_002, 11.5001);
    check(&index, "Ringstraße 8, Neustadt", MatchType::Exact, 48.106, 11.504_602);
    check(&index, "Am Feld 6", MatchType::Exact, 48.201, 11.5);
    check(&index, "Gasse 7b", MatchType::Exact, 48.1, 11.6005);
}

#[test]
fn house_that_is_mapped_is_not_interpolated() {
    let mut extract = Extract::default();
    extract.node(9, 48.1, 11.5, TOWN);
    extract.node(20, 48.100, 11.5, &[("addr:housenumber", "1"), ("addr:street", "Gasse")]);
    extract.node(21, 48.104, 11.5, &[("addr:housenumber", "5"), ("addr:street", "Gasse")]);
    extract.node(22, 48.1005, 11.5, &[("addr:housenumber", "3"), ("addr:street", "Gasse")]);
    extract.way(50, &[20, 21], &[("addr:interpolation", "odd")]);
    check(&index(&extract, None), "Gasse 3, Neustadt", MatchType::Exact, 48.1005, 11.5);
}

#[test]
fn number_between_neighbours_lies_along_the_street() {
    let mut extract = Extract::default();
    bent_street(&mut extract);
    extract.node(9, 48.1, 11.5, TOWN);
    // Ten metres to the right of the street, both.
    extract.node(20, 48.1010, 11.500_134_6, &[("addr:housenumber", "2"), ("addr:street", "Ringstraße")]);
    extract.node(21, 48.105_91, 11.5075, &[("addr:housenumber", "10"), ("addr:street", "Ringstraße")]);
    // A sixth of 1,113 m is before the bend; the straight way would lead across the field.
    let found = first(&index(&extract, None), "Ringstraße 4, Neustadt");
    assert_eq!(found.match_type, MatchType::Interpolated);
    assert!((found.position.lng() - 11.500_134_6).abs() < 0.000_02, "{found:?}");
    let access = found.access.unwrap();
    assert!((access.lng() - 11.5).abs() < 0.000_005, "{found:?}");
}

#[test]
fn rows_of_a_table_have_the_access_points_of_the_extract() {
    let mut extract = Extract::default();
    bent_street(&mut extract);
    let table = "LON,LAT,NUMBER,STREET,CITY,POSTCODE\n11.5003,48.103,4,RINGSTR.,Neustadt,80331\n";
    let found = first(&index(&extract, Some(table)), "Ringstraße 4, Neustadt");
    assert_eq!((found.match_type, found.label.as_str()), (MatchType::Exact, "Ringstraße 4, 80331 Neustadt, DE"));
    let access = found.access.unwrap();
    assert!(access.haversine_m(LatLng::new(48.103, 11.5).unwrap()) < 1.0, "{found:?}");
}

#[test]
fn houses_of_a_street_that_is_a_relation_have_its_name() {
    let mut extract = Extract::default();
    extract.node(9, 48.1, 11.5, TOWN).node(20, 48.1, 11.5, &[("addr:housenumber", "2")]);
    extract.relation(60, &[20], &[("type", "associatedStreet"), ("name", "Alter Markt")]);
    check(&index(&extract, None), "Alter Markt 2, Neustadt", MatchType::Exact, 48.1, 11.5);
}

#[test]
fn houses_without_a_town_belong_to_that_of_their_neighbours_or_to_the_nearest() {
    let mut extract = Extract::default();
    extract.node(8, 48.1, 11.52, &[("place", "village"), ("name", "Dorf")]).node(9, 48.1, 11.5, TOWN);
    let named = &[("addr:housenumber", "1"), ("addr:street", "Gasse"), ("addr:city", "Neustadt")];
    extract.node(20, 48.1, 11.517, named);
    extract.node(21, 48.1, 11.518, &[("addr:housenumber", "3"), ("addr:street", "Gasse")]);
    extract.node(22, 48.1, 11.5195, &[("addr:housenumber", "2"), ("addr:street", "Feldweg")]);
    let index = index(&extract, None);
    assert_eq!(first(&index, "Gasse 3").label, "Gasse 3, Neustadt, DE");
    assert_eq!(first(&index, "Feldweg 2").label, "Feldweg 2, Dorf, DE");
}

#[test]
fn the_order_of_blocks_changes_nothing() {
    let mut extract = Extract::default();
    bent_street(&mut extract);
    extract.node(9, 48.1, 11.5, TOWN);
    extract.node(20, 48.100, 11.5001, &[("addr:housenumber", "2"), ("addr:street", "Ringstraße")]);
    extract.node(22, 48.106, 11.5091, &[("addr:housenumber", "10"), ("addr:street", "Ringstraße")]);
    extract.node(30, 48.1, 11.52, &[("addr:housenumber", "7")]);
    extract.way(50, &[20, 22], &[("addr:interpolation", "even")]);
    extract.way(51, &[1, 2, 3, 1], &[("addr:housenumber", "12"), ("addr:street", "Ringstraße")]);
    extract.relation(60, &[30], &[("type", "associatedStreet"), ("name", "Alter Markt")]);
    extract.relation(61, &[30], &[("type", "associatedStreet"), ("name", "Neuer Markt")]);
    let built = |file: Vec<u8>| {
        let folder = tempfile::tempdir().unwrap();
        let (source, to) = (folder.path().join("town.osm.pbf"), folder.path().join("index"));
        fs::write(&source, file).unwrap();
        let report = build(&[source], &to, &|_| {}).unwrap();
        let index = AddressIndex::open(&to).unwrap();
        check(&index, "Ringstraße 6, Neustadt", MatchType::Exact, 48.103, 11.5046);
        check(&index, "Neuer Markt 7, Neustadt", MatchType::Exact, 48.1, 11.52);
        (report.addresses, report.streets)
    };
    assert_eq!(built(extract.file()), built(extract.file_in_order()));
    assert_eq!(built(extract.file()), built(extract.file_out_of_order()));
}

#[test]
fn two_villages_of_one_name_stay_apart() {
    let mut extract = Extract::default();
    extract.node(1, 48.0, 11.5, &[("place", "village"), ("name", "Berg")]);
    extract.node(2, 48.06, 11.5, &[("place", "village"), ("name", "Berg")]);
    extract.node(20, 48.0, 11.5, &[("addr:housenumber", "1"), ("addr:street", "Gasse")]);
    extract.node(21, 48.06, 11.5, &[("addr:housenumber", "1"), ("addr:street", "Gasse")]);
    let found = index(&extract, None).lookup(&Query::text("Berg"));
    assert_eq!(found.len(), 2, "{found:?}");
}
