//! What a new user sees first.

use crate::server::{Place, on_both};

on_both!(the_demo_runs_to_its_end_and_saves_driving);

/// The whole number that follows these words.
#[track_caller]
fn number_after(said: &str, words: &str) -> u32 {
    let rest = said.split(words).nth(1).unwrap_or_else(|| panic!("no `{words}` in {said}"));
    rest.split(|letter: char| !letter.is_ascii_digit()).next().and_then(|number| number.parse().ok()).expect("a number")
}

/// What follows these words, up to the end of the line.
#[track_caller]
fn line_after<'s>(said: &'s str, words: &str) -> &'s str {
    said.split(words).nth(1).and_then(|rest| rest.lines().next()).unwrap_or_else(|| panic!("no `{words}` in {said}"))
}

async fn the_demo_runs_to_its_end_and_saves_driving(place: &Place) {
    let mut demo = place.command(&["demo", "--exit", "--listen", "127.0.0.1:0"]);
    let output = demo.env_remove("ROUTEMATE_DATA_DIR").output().expect("the binary runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(std::fs::read_dir(place.folder()).expect("it is there").count(), 0, "nothing is left behind");

    let (import, rest) = said.split_once("\n8. ").expect("a second part");
    assert!(
        import.contains("stretches of Helsinki's streets") && import.contains("© OpenStreetMap contributors"),
        "{said}"
    );
    assert!(import.contains("60 stops, 60 addresses found") && import.contains("ADDRESS_GEOCODED: 60 "), "{said}");
    for code in ["ROUTE_ESTIMATED", "GEOCODE_APPROXIMATE", "GEOCODE_FAILED"] {
        assert!(!import.contains(code), "{said}");
    }
    assert!(import.contains("assigned, 60 stops, driver driver@example.com"), "{said}");
    assert!(number_after(import, "km: ") >= 30, "{said}");

    let (dispatch, correction) = rest.split_once("\n9. ").expect("a third part");
    assert!(dispatch.contains("POST /stops/imports: 40 stops with structured addresses"), "{said}");
    assert!(dispatch.contains("for Demo Driver") && dispatch.contains(" 40 addresses found"), "{said}");
    assert!(number_after(dispatch, "optimised: ") > 0 && number_after(dispatch, " km, ") >= 30, "{said}");
    assert_eq!(dispatch.matches(" m  WEB-").count(), 40, "{said}");
    let listed: Vec<&str> = dispatch.lines().filter(|line| line.trim_start().starts_with("rte-")).collect();
    assert!(listed[0].contains("  40 stops, ") && listed[0].ends_with("made here"), "{said}");
    assert!(listed[1].contains("  60 stops, ") && listed[1].ends_with("imported over /v1"), "{said}");
    assert_eq!(listed.len(), 2, "{said}");

    assert!(correction.contains("20 stops, 19 addresses found, 1 not found"), "{said}");
    assert!(correction.contains("GEOCODE_FAILED: ") && !correction.contains("ROUTE_ESTIMATED"), "{said}");
    let (before, after) = (line_after(correction, "before: "), line_after(correction, "after: "));
    assert!(before.starts_with("19 of 20 stops") && after.starts_with("20 of 20 stops"), "{said}");
    let metres = |plan: &str| number_after(plan, "the route, ");
    assert!(metres(after) >= metres(before), "one more stop is no shorter: {said}");
    assert!(number_after(correction, " is stop ") <= 20, "{said}");
}
