use routemate_geocoding::{AddressIndex, Confidence, MatchType, Query, StructuredAddress};
use routemate_units::LatLng;

use super::town::{best, index};

#[track_caller]
fn check(index: &AddressIndex, text: &str, label: &str, match_type: MatchType) {
    let found = best(index, text).unwrap_or_else(|| panic!("nothing for {text}"));
    assert_eq!((found.label.as_str(), found.match_type), (label, match_type), "{text}: {found:?}");
    assert!(found.confidence >= Confidence::ACCEPTABLE, "{text}: {found:?}");
}

#[test]
fn addresses_are_found_however_they_are_written() {
    let index = index();
    let main = "12 Main St, Springfield OH 45501, US";
    for text in [
        "12 Main Street, Springfield, OH 45501, USA",
        "12 MAIN ST SPRINGFIELD OH",
        "Springfield 45501, Main Street 12",
        "Apt 4B, 12 Main St, Springfield, OH 45501",
        "3/12 Main St, Springfield, OH 45501",
        "#5-12 Main St, Springfield, OH 45501",
        "c/o Meier, 12 Main Street, Springfield",
        "12 Mian Stret, Springfield, OH",
        "12 Mainstreet Springfield 45501",
        "12 Main Street, Spring field, OH 45501",
    ] {
        check(&index, text, main, MatchType::Exact);
    }
    check(&index, "5 Fifth Ave, Springfield", "5 5th Avenue, Springfield OH 45501, US", MatchType::Exact);
    check(&index, "3 Saint James Ave Springfield", "3 St James Avenue, Springfield OH 45501, US", MatchType::Exact);
    check(&index, "97-18 97th St, Ozone", "97-18 97th Street, Ozone NY 11416, US", MatchType::Exact);
    check(&index, "Lindenstr. 5, 50674 Koeln", "Lindenstraße 5, 50674 Köln, DE", MatchType::Exact);
    check(&index, "50674 KÖLN LINDENSTRASSE 5A", "Lindenstraße 5a, 50674 Köln, DE", MatchType::Exact);
    check(&index, "Gr. Bleiche 15, Mainz", "Große Bleiche 15, 55116 Mainz, DE", MatchType::Exact);
    check(&index, "R. Sta. Catarina 531, Porto", "Rua de Santa Catarina 531, 4000-447 Porto, PT", MatchType::Exact);
}

#[test]
fn parts_of_a_number_are_read_as_the_country_writes_them() {
    let index = index();
    for text in ["Lindenstr. 5/2, 50674 Köln", "Lindenstr. 5-2, 50674 Köln", "Lindenstr. 5 bis, 50674 Köln"] {
        let found = best(&index, text).unwrap();
        assert!(
            found.label.starts_with("Lindenstraße 5, ") && found.confidence >= Confidence::SURE,
            "{text}: {found:?}"
        );
    }
    for text in ["12-1 Main St, Springfield", "3/12 Main St, Springfield", "#3-12 Main St, Springfield"] {
        let found = best(&index, text).unwrap();
        assert!(found.label.starts_with("12 Main St, ") && found.confidence >= Confidence::SURE, "{text}: {found:?}");
    }
    let suffixed = best(&index, "106a E High St, Springfield").unwrap();
    assert_eq!(suffixed.match_type, MatchType::Range, "{suffixed:?}");
}

#[test]
fn parts_of_a_postcode_are_no_house_number() {
    let index = index();
    let found = best(&index, "Rua de Santa Catarina 540, 4000-527 Porto").unwrap();
    assert!(found.label.starts_with("Rua de Santa Catarina 540,"), "{found:?}");
}

#[test]
fn words_that_stand_before_a_flat_take_no_number_before_them() {
    let index = index();
    // `Ste` is a suite, and here the beginning of a name that was parted.
    let found = best(&index, "12 Ste Main Street, Springfield").unwrap();
    assert!(found.label.starts_with("12 Main St, "), "{found:?}");
    let found = best(&index, "2nd floor, 12 Main Street, Springfield").unwrap();
    assert!(found.label.starts_with("12 Main St, "), "{found:?}");
}

#[test]
fn floors_take_the_number_that_is_theirs() {
    let index = index();
    let main = "12 Main St, Springfield OH 45501, US";
    for text in [
        "3rd Floor, 12 Main Street, Springfield",
        "12 Main Street, 3rd Floor, Springfield",
        "12 Main Street, Floor 3, Springfield",
        "Suite 14, Level 10, 12 Main Street, Springfield",
    ] {
        check(&index, text, main, MatchType::Exact);
    }
    let linden = "Lindenstraße 5, 50674 Köln, DE";
    for text in [
        "3. OG, Lindenstr. 5, 50674 Köln",
        "Lindenstr. 5, 3. OG links, 50674 Köln",
        "Lindenstr. 5, EG rechts, 50674 Köln",
        "Lindenstr. 5 Stock, 50674 Köln",
        "Postfach 11 03, Lindenstr. 5, 50674 Köln",
    ] {
        check(&index, text, linden, MatchType::Exact);
    }
}

#[test]
fn a_flat_before_a_far_larger_number_is_no_range() {
    check(
        &index(),
        "3-104 E High St, Springfield",
        "104-108 East High Street, Springfield OH 45502, US",
        MatchType::Range,
    );
}

#[test]
fn compounds_are_found_without_their_hyphen() {
    let index = index();
    for text in ["97 18 97th Street, Ozone", "97 - 18 97th Street, Ozone", "9718 97th Street, Ozone, NY 11416"] {
        check(&index, text, "97-18 97th Street, Ozone NY 11416, US", MatchType::Exact);
    }
    let street = best(&index, "97th Street, Ozone, NY 11416").unwrap();
    assert_eq!(street.match_type, MatchType::Street, "a postcode is no compound: {street:?}");
}

#[test]
fn ordinals_are_told_from_the_kind_of_street_behind_them() {
    check(&index(), "97-18 97THST, Ozone", "97-18 97th Street, Ozone NY 11416, US", MatchType::Exact);
    check(&index(), "5 5thave, Springfield", "5 5th Avenue, Springfield OH 45501, US", MatchType::Exact);
}

#[test]
fn numbers_that_are_not_there_lead_to_their_neighbours() {
    let index = index();
    check(&index, "12B Main St, Springfield, OH", "12 Main St, Springfield OH 45501, US", MatchType::OtherSuffix);
    check(&index, "106 E High St, Springfield", "104-108 East High Street, Springfield OH 45502, US", MatchType::Range);
    check(&index, "16 Main St, Springfield, OH", "16 Main St, Springfield OH 45501, US", MatchType::Interpolated);
    check(&index, "24 Main St, Springfield, OH", "22 Main St, Springfield OH 45501, US", MatchType::NearestNumber);
    check(&index, "Main St, Springfield, OH", "Main St, Springfield OH 45501, US", MatchType::Street);
}

#[test]
fn number_in_another_town_is_never_preferred_to_the_town_asked_for() {
    let index = index();
    check(&index, "30 Main St, Springfield, OH", "22 Main St, Springfield OH 45501, US", MatchType::NearestNumber);
    check(&index, "12 Main St, Riverton", "12 Main St, Riverton UT 84065, US", MatchType::Exact);
}

#[test]
fn town_that_is_not_known_is_not_accepted() {
    let index = index();
    for text in [
        "12 Main St, Winnipeg, MB R3C 0V8, Canada",
        "Lindenstraße 5, 20095 Hamburg",
        "5 5th Avenue, Miami, FL 33130",
        "Main St",
        "street",
        "the",
        "gate code 4821 leave at door",
        "99999",
        "",
    ] {
        let found = best(&index, text);
        assert!(found.as_ref().is_none_or(|found| found.confidence < Confidence::SURE), "{text}: {found:?}");
    }
}

#[test]
fn wrong_postcode_costs_confidence_and_not_the_answer() {
    let index = index();
    let right = best(&index, "12 Main St, Springfield, OH 45501").unwrap();
    let wrong = best(&index, "12 Main St, Springfield, OH 84065").unwrap();
    assert_eq!(wrong.label, right.label);
    assert!(wrong.confidence < right.confidence);
}

#[test]
fn equal_answers_share_confidence_and_a_focus_decides() {
    let index = index();
    let query = Query::text("12 Main Street");
    let found = index.lookup(&query);
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|found| found.confidence < Confidence::SURE), "{found:?}");
    let focused = index.lookup(&query.near(LatLng::new(40.5, -111.9).unwrap()));
    let first = focused.first().unwrap();
    assert_eq!(first.label, "12 Main St, Riverton UT 84065, US");
    assert!(first.confidence >= Confidence::SURE, "{focused:?}");
}

#[test]
fn country_restricts_answers() {
    let index = index();
    let query = Query::text("Lindenstr. 5, Köln");
    assert_eq!(index.lookup(&query.clone().within_country("de")).len(), 1);
    assert_eq!(index.lookup(&query.clone().within_country("us")), []);
    assert_eq!(index.lookup(&query.within_country("xx")), []);
}

#[test]
fn address_in_parts_is_found() {
    let index = index();
    let address = StructuredAddress {
        line: "12 Main Street".into(),
        unit: "4B".into(),
        city: "Springfield".into(),
        region: "OH".into(),
        postcode: "45501".into(),
        country: "US".into(),
    };
    let found = index.lookup(&Query::structured(&address));
    let first = found.first().unwrap();
    assert_eq!(first.label, "12 Main St, Springfield OH 45501, US");
    assert!(first.confidence >= Confidence::SURE);
}
