//! Names in other scripts, and places at the ends of the map.

use std::fs;

use routemate_geocoding::{AddressIndex, Confidence, Query, build};
use routemate_units::LatLng;

/// An index of OpenAddresses rows: longitude, latitude, number, street, town, postcode.
fn index(rows: &[(f64, f64, &str, &str, &str, &str)]) -> AddressIndex {
    let folder = tempfile::tempdir().unwrap();
    let (source, file) = (folder.path().join("rows.csv"), folder.path().join("index"));
    let mut table = String::from("LON,LAT,NUMBER,STREET,CITY,POSTCODE\n");
    for (lng, lat, number, street, city, postcode) in rows {
        table.push_str(&format!("{lng},{lat},{number},{street},{city},{postcode}\n"));
    }
    fs::write(&source, table).unwrap();
    build(&[source], &file, &|_| {}).unwrap();
    AddressIndex::open(&file).unwrap()
}

#[track_caller]
fn check(index: &AddressIndex, text: &str, label: &str) {
    let found = index.lookup(&Query::text(text));
    let first = found.first().unwrap_or_else(|| panic!("nothing for {text}"));
    assert_eq!(first.label, label, "{text}: {found:?}");
    assert!(first.confidence >= Confidence::SURE, "{text}: {found:?}");
}

#[test]
fn greek_and_cyrillic_names_are_found_in_either_script() {
    let index = index(&[
        (23.727, 37.976, "12", "Ερμού", "Αθήνα", "105 63"),
        (37.61, 55.76, "7", "Тверская улица", "Москва", "125009"),
    ]);
    let athens = "Ερμού 12, 105 63 Αθήνα, GR";
    for text in ["Ερμού 12, Αθήνα", "ΕΡΜΟΥ 12, 105 63 ΑΘΗΝΑ", "Ermou 12, Athina 10563"] {
        check(&index, text, athens);
    }
    let moscow = "Тверская улица 7, 125009 Москва, RU";
    for text in ["Тверская ул. 7, Москва", "ул. Тверская, д. 7, Москва 125009", "Tverskaia ulitsa 7, Moskva"]
    {
        check(&index, text, moscow);
    }
}

#[test]
fn names_without_spaces_between_words_are_found() {
    let index = index(&[(139.767, 35.681, "1-1", "丸の内", "千代田区", "100-0005")]);
    check(&index, "千代田区 丸の内 1-1", "丸の内 1-1, 100-0005 千代田区, JP");
    check(&index, "丸の内1-1, 千代田区", "丸の内 1-1, 100-0005 千代田区, JP");
}

#[test]
fn focus_reaches_across_the_antimeridian() {
    let index = index(&[
        (179.99, -16.8, "5", "Beach Road", "Somosomo", ""),
        (174.78, -36.85, "5", "Beach Road", "Auckland", "1010"),
    ]);
    let query = Query::text("5 Beach Road").near(LatLng::new(-16.8, -179.99).unwrap());
    let found = index.lookup(&query);
    assert!(found[0].position.lng() > 179.0 && found[0].confidence >= Confidence::SURE, "{found:?}");
}

#[test]
fn numbers_on_both_sides_of_the_antimeridian_are_neighbours() {
    let index = index(&[
        (179.9996, -16.8, "2", "Beach Road", "Somosomo", ""),
        (-179.9996, -16.8, "6", "Beach Road", "Somosomo", ""),
    ]);
    for found in index.lookup(&Query::text("4 Beach Road, Somosomo")) {
        assert!(found.position.lng().abs() > 179.0, "{found:?}");
    }
}

#[test]
fn address_without_town_and_country_is_found() {
    let index = index(&[(-30.0, 0.5, "5", "Long Pier", "", "")]);
    let found = index.lookup(&Query::text("5 Long Pier"));
    assert_eq!(found[0].label, "5 Long Pier");
    assert!(index.lookup(&Query::text("")).is_empty());
}
