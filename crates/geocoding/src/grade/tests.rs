use super::*;

const TARINGA: &str = "12 Waverley Road, Taringa QLD 4068";

fn house(number: &'static str) -> Found<'static> {
    Found {
        level: Level::House,
        number: Some(number),
        street: Some("Waverley Road"),
        postcode: Some("4068"),
        towns: vec!["Taringa", "Brisbane City"],
        regions: vec!["Queensland", "QLD", "Australia", "AU"],
        name: None,
        own_confidence: None,
    }
}

#[track_caller]
fn check(asked: &str, found: &Found<'_>, expected: MatchType, least: f64, most: f64) {
    let (match_type, confidence) = grade(asked, found);
    let confidence = confidence.get();
    assert_eq!(match_type, expected, "{asked}: {confidence}");
    assert!((least..=most).contains(&confidence), "{asked}: {confidence} is not from {least} to {most}");
}

#[track_caller]
fn check_sure(asked: &str, found: &Found<'_>, expected: MatchType) {
    check(asked, found, expected, 0.7, 1.0);
}

#[track_caller]
fn check_unsure(asked: &str, found: &Found<'_>, expected: MatchType) {
    check(asked, found, expected, 0.4, 0.69);
}

#[test]
fn the_house_that_was_asked_for_is_sure_however_it_is_written() {
    for asked in [
        TARINGA,
        "12 WAVERLEY RD TARINGA 4068",
        "Waverley Road 12, 4068 Taringa, Australia",
        "12 Waverly Road, Taringa Qld",
        "Unit 3, 12 Waverley Rd, Taringa QLD 4068",
        "3/12 Waverley Road Taringa QLD 4068",
        "Taringa 12 Waverley Road",
    ] {
        check_sure(asked, &house("12"), MatchType::Exact);
    }
}

#[test]
fn another_number_is_never_the_one_that_was_asked_for() {
    check_unsure(TARINGA, &house("14"), MatchType::NearestNumber);
    check_unsure(TARINGA, &house("112"), MatchType::NearestNumber);
    check_unsure(TARINGA, &Found { level: Level::OtherHouse, ..house("14") }, MatchType::NearestNumber);
    check_sure("12B Waverley Road, Taringa QLD 4068", &house("12"), MatchType::OtherSuffix);
    check_sure("12 b Waverley Road, Taringa QLD 4068", &house("12B"), MatchType::Exact);
    check_sure("13 Waverley Road, Taringa QLD 4068", &house("11-15"), MatchType::Range);
    check_sure("12-14 Waverley Road, Taringa QLD 4068", &house("12"), MatchType::Range);
}

#[test]
fn a_number_as_long_as_a_postcode_is_a_number() {
    check_sure("1214 Waverley Road, Taringa QLD 4068", &house("1214"), MatchType::Exact);
    check_sure("Waverley Road 1214, Taringa", &house("1214"), MatchType::Exact);
    check_unsure("1214 Waverley Road, Taringa QLD 4068", &house("1300"), MatchType::NearestNumber);
    check_unsure("1214 Waverley Road, Taringa", &house("1300"), MatchType::NearestNumber);
    check_unsure("1214 Waverley Road, Taringa QLD 4169", &house("1214"), MatchType::Exact);
}

#[test]
fn compound_numbers_are_compared_as_a_whole() {
    let queens = |number| Found {
        street: Some("Liberty Avenue"),
        postcode: Some("11419"),
        towns: vec!["Queens", "New York"],
        regions: vec!["New York", "NY", "US"],
        ..house(number)
    };
    check_sure("112-15 Liberty Ave, Queens, NY 11419", &queens("112-15"), MatchType::Exact);
    check_unsure("112-15 Liberty Ave, Queens, NY 11419", &queens("112-51"), MatchType::NearestNumber);
    check_sure("112-15 Liberty Ave, Queens, NY 11419-1234", &queens("112-15"), MatchType::Exact);
}

#[test]
fn a_computed_number_is_sure_and_called_so() {
    check_sure(TARINGA, &Found { level: Level::Interpolated, ..house("12") }, MatchType::Interpolated);
}

#[test]
fn the_street_of_a_number_is_not_sure_and_a_street_alone_is() {
    let street = Found { level: Level::Street, number: None, ..house("") };
    check_unsure(TARINGA, &street, MatchType::Street);
    check_sure("Waverley Road, Taringa QLD 4068", &street, MatchType::Street);
    let numbered = Found { street: Some("17th Avenue"), ..street };
    check_sure("17th Ave, Taringa", &numbered, MatchType::Street);
    check_unsure("5 17th Ave, Taringa", &numbered, MatchType::Street);
}

#[test]
fn a_town_is_no_answer_to_an_address_but_one_to_a_town() {
    let town = Found { level: Level::Town, number: None, street: None, ..house("") };
    check(TARINGA, &town, MatchType::Locality, 0.0, 0.39);
    check("Waverley Road, Taringa", &town, MatchType::Locality, 0.0, 0.39);
    check_sure("Taringa QLD", &town, MatchType::Locality);
    let area = Found { level: Level::Postcode, ..town };
    check(TARINGA, &area, MatchType::Postcode, 0.0, 0.39);
    check_sure("4068 Australia", &area, MatchType::Postcode);
}

#[test]
fn another_postcode_or_town_makes_it_unsure() {
    check_unsure("12 Waverley Road, Taringa QLD 4169", &house("12"), MatchType::Exact);
    check_unsure("12 Waverley Road, Sydney", &house("12"), MatchType::Exact);
    check_unsure("12 Waverley Road, Johannesburg, Australia", &house("12"), MatchType::Exact);
    // Somebody's name for the suburb, in the right postcode.
    check_sure("12 Waverley Road, Moorlands 4068", &house("12"), MatchType::Exact);
}

#[test]
fn a_street_that_was_not_named_makes_it_unsure() {
    check_unsure("12 Swann Parade, Taringa QLD 4068", &house("12"), MatchType::Exact);
}

#[test]
fn places_are_found_by_their_name() {
    let park = Found {
        level: Level::Place,
        number: None,
        name: Some("Perrin Park"),
        street: Some("Josling Street"),
        ..house("")
    };
    check_sure("Perrin Park, Taringa", &park, MatchType::Exact);
    check_unsure("Perrin Creek Kindergarten, Taringa", &park, MatchType::Exact);
    let shop = Found { level: Level::House, name: Some("Perrin Park"), ..house("7") };
    check_sure("Perrin Park, Taringa", &shop, MatchType::Exact);
    check_unsure("Waverley Road, Taringa", &house("7"), MatchType::Street);
}

#[test]
fn the_services_own_doubts_only_lower_it() {
    let doubted = |own| Found { own_confidence: Some(own), ..house("12") };
    check(TARINGA, &doubted(0.5), MatchType::Exact, 0.5, 0.5);
    check(TARINGA, &doubted(7.0), MatchType::Exact, 0.9, 1.0);
    check(TARINGA, &doubted(f64::NAN), MatchType::Exact, 0.9, 1.0);
    check(TARINGA, &Found { own_confidence: Some(1.0), ..house("14") }, MatchType::NearestNumber, 0.4, 0.69);
}

#[test]
fn postcodes_of_letters_and_spaces_are_seen() {
    let london = Found {
        street: Some("Baker Street"),
        postcode: Some("NW1 6XE"),
        towns: vec!["London"],
        regions: vec!["England", "GB"],
        ..house("221B")
    };
    check_sure("221b Baker St, London NW1 6XE", &london, MatchType::Exact);
    check_sure("221b Baker St, NW16XE", &london, MatchType::Exact);
}

#[test]
fn any_text_gets_a_grade() {
    for asked in ["", " ", "--", "12", "/", "Ω≈ç√∫", "1-", "-1", "٣", "a".repeat(5_000).as_str()] {
        let (_, confidence) = grade(asked, &house("12"));
        assert!((0.0..=1.0).contains(&confidence.get()), "{asked}");
    }
}

#[test]
fn addresses_that_differ_in_case_marks_and_punctuation_are_one() {
    for written in ["Straße 12, 1. OG\nMünchen", "STRASSE 12 - 1 OG; munchen", "  strasse   12,1 og,München."] {
        assert_eq!(normalized(written), "strasse 12 1 og munchen", "{written}");
    }
    assert_ne!(normalized("12-14 Road"), normalized("1214 Road"));
    assert_eq!(normalized(" ,; "), "");
}
