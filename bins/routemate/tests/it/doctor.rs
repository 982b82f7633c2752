//! `routemate doctor` finds what is amiss and says what to do.

use routemate_persistence::DatabaseKind;
use serde_json::Value;

use crate::maps::{town, write};
use crate::server::{Place, job, on_both};

on_both!(
    a_working_installation_has_nothing_to_mend,
    misused_keys_and_idle_work_are_told,
    a_database_of_a_newer_release_is_told,
);

/// Whether a server would work, and what was found.
fn examine(place: &Place, settings: &[(&str, &str)]) -> (bool, Value) {
    let mut command = place.command(&["doctor", "--json"]);
    let output = command.envs(settings.iter().copied()).output().expect("the binary runs");
    let found = serde_json::from_slice(&output.stdout).expect("one JSON object");
    (output.status.success(), found)
}

#[track_caller]
fn check_found(found: &Value, check: &str, level: &str, expected: &str) {
    let findings = found["findings"].as_array().expect("a list");
    let is_it = |finding: &&Value| {
        finding["check"] == check
            && finding["level"] == level
            && finding["says"].as_str().expect("text").contains(expected)
    };
    let finding =
        findings.iter().find(is_it).unwrap_or_else(|| panic!("no `{level}` `{check}` `{expected}` in {found:#}"));
    assert_eq!(finding["todo"].is_string(), level != "ok", "{finding}");
}

async fn a_working_installation_has_nothing_to_mend(place: &Place) {
    let (works, found) = examine(place, &[]);
    assert!(works, "before the first command: {found:#}");
    place.json(&["migrate"]);
    let (works, found) = examine(place, &[]);
    assert!(works && found["status"] != "error", "{found:#}");
    check_found(&found, "database", "ok", "of this release");
    check_found(&found, "data folder", "ok", "");
    check_found(&found, "idempotency", "ok", "no key");
    check_found(&found, "maps", "warning", "there are no maps");
    let server = place.serve();
    let (works, found) = examine(place, &[]);
    assert!(works, "while a server runs: {found:#}");
    drop(server);
    let said = place.run(&["doctor"]);
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains("-> `routemate map fetch REGION`"), "{said}");
}

async fn misused_keys_and_idle_work_are_told(place: &Place) {
    let credentials = place.credentials(&[]);
    let server = place.serve();
    let token = server.token(&credentials).await;
    for name in ["A", "B", "C"] {
        assert_eq!(server.import(&token, &job(name, 3), Some("same")).await.expect("an answer").status(), 200);
    }
    drop(server);
    let (works, found) = examine(place, &[]);
    assert!(works);
    check_found(&found, "idempotency", "warning", "2 requests under 1 keys");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_keep_a_server_from_working_is_an_error() {
    let place = Place::new(DatabaseKind::Sqlite).await.expect("SQLite is always there");
    place.json(&["migrate"]);
    let (works, found) = examine(&place, &[("ROUTEMATE_ROADS", "teleport")]);
    assert!(!works);
    check_found(&found, "configuration", "error", "roads `teleport` is not known");
    let nobody = "postgres://nobody@127.0.0.1:1/none";
    let (works, found) = examine(&place, &[("ROUTEMATE_DATABASE_URL", nobody)]);
    assert!(!works);
    check_found(&found, "database", "error", "cannot connect to PostgreSQL");

    let database = place.folder().join("data/routemate.db");
    let mut bytes = std::fs::read(&database).expect("it is there");
    let half = bytes.len() / 2;
    bytes[half..].fill(0xA5);
    std::fs::write(&database, bytes).expect("it is written");
    let (works, found) = examine(&place, &[]);
    assert!(!works);
    check_found(&found, "database", "error", "malformed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_folder_and_no_database_of_ours_is_told_once() {
    let place = Place::new(DatabaseKind::Sqlite).await.expect("SQLite is always there");
    std::fs::write(place.folder().join("file"), "").expect("it is written");
    for (folder, says) in [("file", "is no folder"), ("file/below", "cannot be made")] {
        let path = place.folder().join(folder).display().to_string();
        let (works, found) = examine(&place, &[("ROUTEMATE_DATA_DIR", &path)]);
        assert!(!works);
        check_found(&found, "data folder", "error", says);
        let errors = found["findings"].as_array().expect("a list").iter().filter(|one| one["level"] == "error");
        assert_eq!(errors.count(), 1, "{found:#}");
        let mut command = place.command(&["org", "list"]);
        let output = command.env("ROUTEMATE_DATA_DIR", &path).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains("/file` is no folder"), "{said}");
    }
    let another = place.folder().join("another.db").display().to_string();
    let connection = format!("sqlite://{another}");
    Place::execute(Place::store_at(&connection).await, "CREATE TABLE notes (text TEXT)").await;
    let (works, found) = examine(&place, &[("ROUTEMATE_DATABASE_URL", &connection)]);
    assert!(!works);
    check_found(&found, "database", "error", "belongs to another program");
    std::fs::write(&another, "this is no database, however often it is read\n".repeat(100)).expect("it is written");
    let (works, found) = examine(&place, &[("ROUTEMATE_DATABASE_URL", &connection)]);
    assert!(!works);
    check_found(&found, "database", "error", "file is not a database");
    let mut command = place.command(&["org", "list"]);
    let output = command.env("ROUTEMATE_DATABASE_URL", &connection).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("another.db`: file is not a database"), "{said}");
}

async fn a_database_of_a_newer_release_is_told(place: &Place) {
    place.json(&["migrate"]);
    let sql =
        "INSERT INTO __diesel_schema_migrations (version, run_on) VALUES ('20990101000000', '2099-01-01 00:00:00')";
    Place::execute(place.store().await, sql).await;
    let (works, found) = examine(place, &[]);
    assert!(works, "the release before still works: {found:#}");
    check_found(&found, "database", "warning", "does not know its migrations 20990101000000");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_do_nothing_are_told_wherever_they_come_from() {
    let place = Place::new(DatabaseKind::Sqlite).await.expect("SQLite is always there");
    std::fs::write(place.folder().join("routemate.toml"), "osrm_profile = \"truck\"\n").expect("it is written");
    let settings = [
        ("ROUTEMATE_VALHALLA_COSTING", "truck"),
        ("ROUTEMATE_LISEN", "0.0.0.0:80"),
        ("ROUTEMATE_PUBLIC_URL", "http://routes.example"),
    ];
    let (works, found) = examine(&place, &settings);
    assert!(works, "{found:#}");
    check_found(&found, "configuration", "warning", "`osrm_profile` is set and has no effect");
    check_found(&found, "configuration", "warning", "`valhalla_costing` is set and has no effect");
    check_found(&found, "configuration", "warning", "ROUTEMATE_LISEN");
    check_found(&found, "configuration", "warning", "is plain HTTP");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_map_is_told() {
    let place = Place::new(DatabaseKind::Sqlite).await.expect("SQLite is always there");
    let folder = place.folder().join("data/maps/town");
    std::fs::create_dir_all(&folder).expect("it is made");
    let (works, found) = examine(&place, &[]);
    assert!(!works);
    check_found(&found, "maps", "error", "map `town`");
}

#[tokio::test(flavor = "multi_thread")]
async fn maps_without_addresses_are_told_where_somebody_asks_for_them() {
    let place = Place::new(DatabaseKind::Sqlite).await.expect("SQLite is always there");
    let file = write(&place, "near.osm.pbf", &town());
    place.json(&["map", "build", &file]);
    let (works, found) = examine(&place, &[]);
    assert!(works, "{found:#}");
    check_found(&found, "maps", "ok", "map `near` opens and is as it was written");
    // As a release before addresses has left it.
    let folder = place.folder().join("data/maps/near");
    let manifest = folder.join("map.json");
    let mut read: Value = serde_json::from_slice(&std::fs::read(&manifest).expect("it is there")).expect("JSON");
    read["files"].as_array_mut().expect("files").retain(|entry| entry["file"] != "addresses.index");
    std::fs::write(&manifest, read.to_string()).expect("it is written");
    std::fs::remove_file(folder.join("addresses.index")).expect("it was there");
    let (works, found) = examine(&place, &[]);
    assert!(works, "{found:#}");
    check_found(&found, "maps", "warning", "no map has addresses");
    let elsewhere = [("ROUTEMATE_GEOCODERS", "photon"), ("ROUTEMATE_PHOTON_URL", "http://127.0.0.1:9")];
    let (_, found) = examine(&place, &elsewhere);
    assert!(!found.to_string().contains("no map has addresses"), "{found:#}");
}
