//! Maps of regions that are downloaded.

use std::fs;

use routemate_persistence::DatabaseKind;
use routemate_test_support::Town;
use serde_json::{Value, json};

use crate::files::FileServer;
use crate::maps::{NEAR, town};
use crate::server::Place;

const PBF: &str = "/europe/near-latest.osm.pbf";

async fn place() -> Place {
    Place::new(DatabaseKind::Sqlite).await.expect("SQLite is always there")
}

/// A server with an index of two regions, one of which can be downloaded.
fn server(extract: &[u8]) -> FileServer {
    let server = FileServer::start();
    let region = |id: &str, name: &str, pbf: &str| json!({ "type": "Feature", "properties": { "id": id, "parent": "europe", "name": name, "urls": { "pbf": pbf } } });
    let index = json!({
        "type": "FeatureCollection",
        "features": [region("eu/near", "Nearland", &server.url(PBF)), region("far", "Farland", "/far.osm.pbf")],
    });
    server.put("/index.json", index.to_string(), "index");
    server.put_extract(PBF, extract, "\"one\"");
    server
}

fn arguments<'a>(region: &'a str, index: &'a str) -> [&'a str; 5] {
    ["map", "fetch", region, "--map-index-url", index]
}

fn fetch(place: &Place, server: &FileServer) -> Result<Value, String> {
    refusal_or_answer(place, &arguments("nearland", &server.url("/index.json")))
}

fn refusal_or_answer(place: &Place, arguments: &[&str]) -> Result<Value, String> {
    let output = place.run(&[arguments, &["--json"]].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(serde_json::from_slice(&output.stdout).expect("JSON")) } else { Err(said) }
}

/// What is kept of downloads.
fn kept(place: &Place) -> Vec<String> {
    let folder = place.folder().join("data/maps/.downloads");
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("text")).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_region_is_downloaded_checked_and_built() {
    let (place, server) = (place().await, server(&town()));
    let built = fetch(&place, &server).expect("it is built");
    assert_eq!(built["name"], "eu-near");
    assert_eq!(place.json(&["map", "list"])["maps"][0]["problems"], json!([]));
    assert_eq!(kept(&place), Vec::<String>::new(), "the map holds all that is needed");
    // From the environment, and under another name.
    let index = server.url("/index.json");
    let mut command = place.command(&["map", "fetch", "eu/near", "--name", "mine", "--json"]);
    assert!(command.env("ROUTEMATE_MAP_INDEX_URL", index).output().expect("it runs").status.success());
    assert!(place.folder().join("data/maps/mine/map.json").exists());
}

#[tokio::test]
async fn a_download_that_breaks_off_goes_on() {
    let extract = town();
    let (place, server) = (place().await, server(&extract));
    let half = extract.len() / 2;
    server.break_after(&[half, 100]);
    fetch(&place, &server).expect("it is built");
    assert_eq!(server.requests(PBF), [None, Some(half), Some(half + 100)]);
}

#[tokio::test]
async fn a_download_that_was_given_up_goes_on_with_the_next_command() {
    let extract = town();
    let (place, server) = (place().await, server(&extract));
    server.break_after(&[300, 0]);
    let said = fetch(&place, &server).expect_err("it breaks off");
    assert!(said.contains("broke off at byte 300; the same command goes on from there"), "{said}");
    assert_eq!(kept(&place), ["eu-near.osm.pbf.part", "eu-near.osm.pbf.part.json"]);
    fetch(&place, &server).expect("it is built");
    assert_eq!(server.requests(PBF), [None, Some(300), Some(300)]);
}

#[tokio::test]
async fn a_file_that_has_changed_is_begun_anew() {
    let (place, server) = (place().await, server(&town()));
    server.break_after(&[300, 0]);
    fetch(&place, &server).expect_err("it breaks off");
    server.put_extract(PBF, &Town::grid(NEAR, 5).to_pbf(), "\"two\"");
    let built = fetch(&place, &server).expect("it is built");
    assert_eq!(server.requests(PBF), [None, Some(300), Some(300)]);
    assert_eq!(built["files"][0]["counts"]["segments"], 60 - 4, "five blocks by five");
}

#[tokio::test]
async fn a_server_that_sends_whole_files_only_is_asked_for_the_whole() {
    let (place, server) = (place().await, server(&town()));
    server.break_after(&[300, 0]);
    fetch(&place, &server).expect_err("it breaks off");
    server.without_ranges();
    fetch(&place, &server).expect("it is built");
}

#[tokio::test]
async fn a_wrong_checksum_is_refused_and_what_came_is_dropped() {
    let (place, server) = (place().await, server(&town()));
    server.put(&format!("{PBF}.md5"), "0123456789abcdef0123456789abcdef  near.osm.pbf\n", "md5");
    let said = fetch(&place, &server).expect_err("it is refused");
    assert!(said.contains("instead of 0123456789abcdef0123456789abcdef: what came is dropped"), "{said}");
    assert_eq!(kept(&place), Vec::<String>::new());
    assert!(!place.folder().join("data/maps/eu-near").exists());
}

#[tokio::test]
async fn what_was_downloaded_is_not_downloaded_again_where_the_build_failed() {
    let (place, server) =
        (place().await, server(b"\x00\x00\x00\x0dthis is no extract at all, whatever its name may say"));
    let said = fetch(&place, &server).expect_err("it cannot be built");
    assert!(said.contains("is no OpenStreetMap extract"), "{said}");
    fetch(&place, &server).expect_err("nor again");
    assert_eq!(server.requests(PBF).len(), 1);
}

#[tokio::test]
async fn mistakes_are_named() {
    let (place, server) = (place().await, server(&town()));
    let index = server.url("/index.json");
    let no_file = format!("`{}` answers with 404 Not Found", server.url("/far.osm.pbf.md5"));
    let no_index = format!("`{}` answers with 404 Not Found", server.url("/nothing.json"));
    let nothing = server.url("/nothing.json");
    let pbf = server.url(PBF);
    for (region, index, expected) in [
        ("Nearlan", &*index, "no region is called `Nearlan`; is it `eu/near` (Nearland, in europe)?"),
        ("Atlantis", &index, "no region is called `Atlantis`"),
        ("far", &index, &no_file),
        ("far", &nothing, &no_index),
        ("far", &pbf, "is no index of extracts"),
        ("far", "geofabrik", "map_index_url `geofabrik`"),
    ] {
        let said = refusal_or_answer(&place, &arguments(region, index)).expect_err("it is refused");
        assert!(said.contains(expected), "{region} {index}: {said}");
    }
    let said = refusal_or_answer(&place, &["map", "fetch", "far", "--map-index-url", &index, "--name", "a/b"]);
    assert!(said.expect_err("it is refused").contains("--name `a/b`"));
}
