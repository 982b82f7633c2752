//! Imports on our own maps.

use std::fs;

use routemate_persistence::DatabaseKind;
use routemate_test_support::Town;
use routemate_units::LatLng;
use serde_json::{Value, json};

use crate::maps::{NEAR, town, write};
use crate::server::{Place, Server, on_both, text};

on_both!(
    a_job_in_helsinki_is_planned_along_its_streets,
    what_no_single_map_holds_is_estimated_and_says_so,
    a_stop_on_an_island_is_told_and_the_others_are_planned,
    maps_are_noticed_while_the_server_runs,
);

/// Another town, too far to be in the map of the first.
const FAR: (f64, f64) = (60.56, 24.93);

fn build(place: &Place, name: &str, town: &Town) {
    let file = write(place, &format!("{name}.osm.pbf"), &town.to_pbf());
    place.json(&["map", "build", &file]);
}

/// Imports stops at these positions.
async fn import(server: &Server, token: &str, id: &str, positions: &[(f64, f64)]) -> Value {
    let stops = positions.iter().enumerate().map(|(number, (lat, lng))| {
        json!({ "external_stop_id": format!("S{number}"), "address": "x", "latitude": lat, "longitude": lng })
    });
    let stops: Vec<Value> = stops.collect();
    let body = json!({ "external_job_id": id, "title": "Morning", "driver_email": "ada@example.com", "stops": stops });
    let answer = server.import(token, &body, None).await.expect("an answer");
    assert_eq!(answer.status(), 200);
    answer.json().await.expect("JSON")
}

fn is_estimated(imported: &Value) -> bool {
    let mut warnings = imported["warnings"].as_array().expect("warnings").iter();
    warnings.any(|warning| warning["code"] == "ROUTE_ESTIMATED")
}

fn km(imported: &Value) -> f64 {
    imported["optimization"]["total_distance_km"].as_f64().expect("a number")
}

/// The native view of a job.
async fn view(server: &Server, token: &str, imported: &Value) -> Value {
    let url = format!("{}/api/v1/jobs/{}", server.base, text(imported, "job_id"));
    server.client.get(url).bearer_auth(token).send().await.expect("an answer").json().await.expect("JSON")
}

async fn a_job_in_helsinki_is_planned_along_its_streets(place: &Place) {
    let extract = concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/helsinki_centre.osm.pbf");
    place.json(&["map", "build", extract]);
    let server = place.serve();
    assert_eq!(server.client.get(format!("{}/readyz", server.base)).send().await.expect("an answer").status(), 200);
    let token = server.token(&place.credentials(&[])).await;
    let stops = [(60.1689, 24.9522), (60.1718, 24.9414), (60.1699, 24.9384), (60.1756, 24.9507)];
    let imported = import(&server, &token, "ONE", &stops).await;
    assert!(!is_estimated(&imported), "{imported}");
    let view = view(&server, &token, &imported).await;
    let totals = &view["route"]["totals"];
    assert_eq!((&totals["quality"], &totals["attribution"]), (&json!("roads"), &json!("© OpenStreetMap contributors")));
    assert_eq!(f64::from(totals["distance_meters"].as_u64().expect("metres") as u32 / 10) / 100.0, km(&imported));
    let line = text(&imported["optimization"], "encoded_polyline");
    assert_eq!(line, text(totals, "encoded_polyline"));
    let line = polyline::decode_polyline(&line, 5).expect("a line");
    assert!(line.0.len() > 40, "a street bends: {} points", line.0.len());
    // The line is as long as what is said to be driven.
    let points: Vec<_> = line.into_iter().map(|at| LatLng::new(at.y, at.x).expect("a position")).collect();
    let driven: f64 = points.windows(2).map(|pair| pair[0].haversine_m(pair[1])).sum();
    assert!((driven / 1000.0 / km(&imported) - 1.0).abs() < 0.01, "{driven} m, {} km", km(&imported));
    let link = place.json(&["job", "link", &text(&imported, "job_id")]);
    let (_, path) = link["url"].as_str().and_then(|url| url.split_once("/app/")).expect("a link");
    let page = server
        .client
        .get(format!("{}/app/{path}", server.base))
        .send()
        .await
        .expect("an answer")
        .text()
        .await
        .expect("a page");
    assert!(page.contains("© OpenStreetMap contributors") && !page.contains("estimated"), "{page}");
}

async fn what_no_single_map_holds_is_estimated_and_says_so(place: &Place) {
    build(place, "near", &Town::grid(NEAR, 4));
    build(place, "far", &Town::grid(FAR, 4));
    let server = place.serve();
    let token = server.token(&place.credentials(&[])).await;
    let (lat, lng) = NEAR;
    let inside = [NEAR, (lat + 0.004, lng + 0.008), (lat + 0.008, lng)];
    for (id, stops, expected) in [
        ("INSIDE", inside.to_vec(), false),
        ("OTHER", vec![FAR, (FAR.0 + 0.008, FAR.1)], false),
        ("PARTLY", [&inside[..], &[(lat + 0.2, lng)]].concat(), true),
        ("BOTH", [&inside[..], &[FAR]].concat(), true),
        ("NOWHERE", vec![(10.0, 10.0), (10.1, 10.0)], true),
    ] {
        let imported = import(&server, &token, id, &stops).await;
        assert_eq!(is_estimated(&imported), expected, "{id}: {imported}");
        let totals = view(&server, &token, &imported).await["route"]["totals"].clone();
        assert_eq!(totals["attribution"].is_null(), expected, "{totals}");
    }
}

async fn a_stop_on_an_island_is_told_and_the_others_are_planned(place: &Place) {
    build(place, "near", &Town::grid(NEAR, 4).street("Island", &[(60.26, 24.93), (60.262, 24.93)]));
    let server = place.serve();
    let token = server.token(&place.credentials(&[])).await;
    let (lat, lng) = NEAR;
    let stops = [NEAR, (60.261, 24.93), (lat + 0.004, lng + 0.008), (lat + 0.008, lng)];
    let imported = import(&server, &token, "ONE", &stops).await;
    assert!(!is_estimated(&imported), "{imported}");
    let view = view(&server, &token, &imported).await;
    let reasons: Vec<_> =
        view["stops"].as_array().expect("stops").iter().map(|stop| stop["planned"].is_null()).collect();
    assert_eq!(reasons, [false, false, false, true], "{view}");
    assert!(km(&imported) > 1.0, "{imported}");
}

async fn maps_are_noticed_while_the_server_runs(place: &Place) {
    let server = place.serve();
    let token = server.token(&place.credentials(&[])).await;
    let stops = [NEAR, (NEAR.0 + 0.008, NEAR.1 + 0.016)];
    let before = import(&server, &token, "BEFORE", &stops).await;
    assert!(is_estimated(&before));
    build(place, "near", &Town::grid(NEAR, 4));
    let around = import(&server, &token, "AROUND", &stops).await;
    assert!(!is_estimated(&around), "{around}");
    build(place, "near", &Town::grid(NEAR, 4).street("Diagonal", &[stops[0], stops[1]]));
    let across = import(&server, &token, "ACROSS", &stops).await;
    assert!(km(&across) < 0.8 * km(&around), "{across} {around}");
    // A broken one is told, and the old one goes on.
    fs::remove_file(place.folder().join("data/maps/near/car.roads")).expect("it was there");
    fs::write(place.folder().join("data/maps/near/car.roads"), "no roads").expect("it is written");
    fs::write(place.folder().join("data/maps/near/map.json"), "{}").expect("it is written");
    let again = import(&server, &token, "AGAIN", &stops).await;
    assert_eq!((is_estimated(&again), km(&again)), (false, km(&across)));
    let (_, _, log) = server.terminate();
    assert!(log.contains("maps/near` cannot be opened"), "{log}");
}

#[tokio::test]
async fn maps_that_were_named_have_to_be_there() {
    let place = Place::new(DatabaseKind::Sqlite).await.expect("SQLite is always there");
    let file = write(&place, "near.osm.pbf", &town());
    place.json(&["map", "build", &file]);
    let serve = |maps: &str| place.command(&["serve"]).env("ROUTEMATE_MAPS", maps).output().expect("it runs");
    let output = serve("data/maps/near,data/maps/far");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("there is no map in `data/maps/far`"), "{said}");
    fs::write(place.folder().join("data/maps/near/car.roads"), "no roads").expect("it is written");
    let output = serve("data/maps/near");
    let said = String::from_utf8_lossy(&output.stderr);
    let expected = "the map in `data/maps/near` cannot be opened: `data/maps/near/car.roads` is no road graph";
    assert!(!output.status.success() && said.contains(expected), "{said}");
    // Nobody has named it: the server starts.
    place.serve().terminate();
}
