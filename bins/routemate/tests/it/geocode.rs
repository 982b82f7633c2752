//! Addresses on the command line: `routemate geocode`.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;

use routemate_persistence::DatabaseKind;
use serde_json::{Value, json};

use crate::maps::{answers, write};
use crate::server::{Place, text};

const ROWS: &str = "LON,LAT,NUMBER,STREET,CITY,POSTCODE
-122.23,37.74,1,OAK ST,ALAMEDA,94501
-122.231,37.74,3,OAK ST,ALAMEDA,94501
-122.232,37.74,5,OAK ST,ALAMEDA,94501
-122.24,37.75,12,PARK AVE,ALAMEDA,94501
";

async fn place() -> Place {
    let place = Place::new(DatabaseKind::Sqlite).await.expect("SQLite is always there");
    let file = write(&place, "alameda.csv", ROWS.as_bytes());
    place.json(&["map", "build", &file]);
    place
}

fn ask(place: &Place, arguments: &[&str], lines: &str) -> Vec<Value> {
    answers(place, &[&["geocode"], arguments].concat(), lines)
}

fn is_at(answer: &Value, lat: f64, lon: f64) -> bool {
    let off = |name: &str, degrees: f64| (answer[name].as_f64().expect("a number") - degrees).abs();
    off("lat", lat) < 1e-5 && off("lon", lon) < 1e-5
}

#[tokio::test]
async fn addresses_are_asked_in_json_lines() {
    let place = place().await;
    let lines = r#"{"id":"a","query":"1 Oak Street, Alameda, 94501"}
{"id":2,"query":null,"structured":{"address1":"12 Park Avenue","address2":null,"city":"Alameda","zip":94501},"focus":[37.7,-122.2]}
{"id":"c","query":"5 Oak St, Alameda","structured":{"address1":"12 Park Avenue"},"focus":{"lat":37.7,"lon":-122.2},"country":"US"}

{"id":"d","query":"5 Oak St, Alameda","country":"FI"}
not json
{"id":"f"}
{"id":"g","query":"xyzzy plugh"}
{"id":"h","query":"1 Oak St, Alameda","focus":[370,0]}
{"query":"3 Oak St, Alameda","variant":"exact","lat":1.5}"#;
    let answers = ask(&place, &["--map", "alameda"], lines);
    assert_eq!(answers.len(), 9);
    let keys: Vec<_> = answers[0].as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(keys, ["id", "lat", "lon", "confidence", "match_type", "formatted", "latency_us"]);
    let ids: Vec<_> = answers.iter().map(|answer| &answer["id"]).collect();
    assert_eq!(json!(ids), json!(["a", 2, "c", "d", null, "f", "g", "h", null]));
    for (number, lat, lon) in [(0, 37.74, -122.23), (1, 37.75, -122.24), (2, 37.74, -122.232), (8, 37.74, -122.231)] {
        let answer = &answers[number];
        assert!(is_at(answer, lat, lon) && answer["match_type"] == "exact", "{answer}");
        assert!(answer["confidence"].as_f64().expect("a number") >= 0.7, "{answer}");
        assert!(answer["latency_us"].as_f64().expect("a number") > 0.0, "{answer}");
    }
    assert_eq!(text(&answers[1], "formatted"), "12 Park Ave, Alameda 94501, US");
    for unknown in [&answers[3], &answers[6]] {
        let shown = ["lat", "lon", "confidence", "match_type", "formatted"].map(|name| unknown[name].clone());
        assert_eq!(shown, [Value::Null, Value::Null, Value::Null, Value::Null, Value::Null], "{unknown}");
    }
    // Empty lines count, as in an editor.
    for (number, why) in [
        (4, "line 6: expected ident at column 2"),
        (5, "line 7: it has neither `query` nor `structured`"),
        (7, "line 9: `focus`: latitude `370` is not between"),
    ] {
        assert!(text(&answers[number], "error").starts_with(why), "{}", answers[number]);
    }
}

#[tokio::test]
async fn an_answer_comes_before_the_next_question() {
    let place = place().await;
    let mut child = place
        .command(&["geocode", "--map", "alameda"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut questions = child.stdin.take().expect("it is piped");
    let mut answers = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    for number in [1, 3, 5] {
        writeln!(questions, r#"{{"id":{number},"query":"{number} Oak St, Alameda"}}"#).expect("it reads");
        let answer: Value = serde_json::from_str(&answers.next().expect("a line").expect("text")).expect("JSON");
        assert_eq!((&answer["id"], &answer["match_type"]), (&json!(number), &json!("exact")));
    }
    drop(questions);
    assert!(child.wait().expect("it ends").success());
}

#[tokio::test]
async fn several_maps_are_asked_together() {
    let place = place().await;
    let question = r#"{"id":"a","query":"9 Elm Street, Fremont, 94536"}"#;
    let other =
        ROWS.replace("OAK ST", "ELM ST").replace("ALAMEDA", "FREMONT").replace(",5,", ",9,").replace("94501", "94536");
    let file = write(&place, "fremont.csv", other.as_bytes());
    // The only map is the one that is meant.
    assert_ne!(ask(&place, &[], question)[0]["match_type"], "exact");
    place.json(&["map", "build", &file]);
    let both = ask(&place, &["--map", "alameda", "--map", "data/maps/fremont"], question);
    assert_eq!(both[0]["match_type"], "exact", "{}", both[0]);
    let refusal = |arguments: &[&str]| {
        let output = place.run(&[&["geocode"], arguments].concat());
        assert!(!output.status.success(), "{arguments:?}");
        String::from_utf8(output.stderr).expect("text")
    };
    assert!(refusal(&[]).contains("which map? Say --map NAME"));
    assert!(refusal(&["--map", "nowhere"]).contains("there is no map `nowhere`"));
    let index = place.folder().join("data/maps/alameda/addresses.index");
    fs::write(&index, "no index").expect("it is written");
    assert!(refusal(&["--map", "alameda"]).contains("addresses.index` is no index of addresses"));
    fs::remove_file(&index).expect("it was there");
    assert!(refusal(&["--map", "alameda"]).contains("has no addresses: build it again"));
}

/// Every address of an extract of a real town, by the file that the shared scorer takes.
#[tokio::test]
async fn the_addresses_of_a_real_town_are_found() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/geocode");
    let Ok(questions) = fs::read_to_string(shared.join("liechtenstein.jsonl")) else {
        eprintln!("SKIPPED: {} is not there", shared.display());
        return;
    };
    let place = Place::new(DatabaseKind::Sqlite).await.expect("SQLite is always there");
    let (extract, rows) = (shared.join("pbf/liechtenstein.osm.pbf"), shared.join("oa/alameda.csv"));
    let files = [&extract, &rows].map(|path| path.to_str().expect("text"));
    place.json(&["map", "build", files[0], files[1], "--name", "both"]);
    let truths: Vec<Value> = questions.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let answers = ask(&place, &["--map", "both"], &questions);
    assert_eq!(answers.len(), truths.len());
    let exact = || truths.iter().zip(&answers).filter(|(truth, _)| truth["variant"] == "exact_full");
    let found = exact().filter(|(truth, answer)| {
        assert_eq!(truth["id"], answer["id"]);
        let near = |name: &str, other: f64| (answer[name].as_f64().unwrap_or(f64::MAX) - other).abs() < 5e-4;
        let alternatives = truth["alts"].as_array().expect("positions").iter();
        alternatives.clone().any(|at| near("lat", at[0].as_f64().unwrap()) && near("lon", at[1].as_f64().unwrap()))
    });
    let (found, all) = (found.count(), exact().count());
    assert!(all > 50 && found * 1000 >= all * 995, "{found} of {all}");
}
