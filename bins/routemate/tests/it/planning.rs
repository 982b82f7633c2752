//! Imports on our own maps.

use std::fs;

use routemate_persistence::DatabaseKind;
use routemate_test_support::Town;
use routemate_units::LatLng;
use serde_json::{Value, json};

use crate::maps::{NEAR, OSM_NOTICE, town, write};
use crate::server::{Place, Server, on_both, text};

on_both!(
    a_job_in_helsinki_is_planned_along_its_streets,
    what_no_single_map_holds_is_estimated_and_says_so,
    a_stop_on_an_island_is_told_and_the_others_are_planned,
    a_job_of_addresses_alone_is_found_on_our_own_map,
    maps_are_noticed_while_the_server_runs,
    addresses_of_maps_are_noticed_while_the_server_runs,
    each_organisation_is_planned_for_its_vehicles,
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

/// What became of an import of these addresses, in the order of the list.
async fn import_addresses(server: &Server, token: &str, id: &str, addresses: &[&str]) -> Value {
    let stops = addresses.iter().enumerate();
    let stops: Vec<Value> = stops
        .map(|(number, address)| json!({ "external_stop_id": format!("S{number}"), "address": address }))
        .collect();
    let body = json!({ "external_job_id": id, "title": "Morning", "driver_email": "ada@example.com", "stops": stops });
    let answer = server.import(token, &body, None).await.expect("an answer");
    assert_eq!(answer.status(), 200);
    answer.json().await.expect("JSON")
}

fn counters(imported: &Value) -> [u64; 3] {
    let count = |name: &str| imported[name].as_u64().expect("a number");
    [count("stops_imported"), count("stops_geocoded"), count("stops_geocode_failed")]
}

fn codes(imported: &Value) -> Vec<&str> {
    let warnings = imported["warnings"].as_array().expect("warnings").iter();
    warnings.map(|warning| warning["code"].as_str().expect("text")).collect()
}

async fn a_job_of_addresses_alone_is_found_on_our_own_map(place: &Place) {
    let extract = concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/helsinki_centre.osm.pbf");
    place.json(&["map", "build", extract]);
    let server = place.serve_with(&[("ROUTEMATE_METRICS_LISTEN", "127.0.0.1:0")]);
    let token = server.token(&place.credentials(&[])).await;
    let addresses = [
        "Unioninkatu 30, 00100 Helsinki",
        "Aleksanterinkatu 17, Helsinki",
        // No such number, and no such street.
        "Aleksanterinkatu 999, Helsinki",
        "Unter den Linden 7, 10117 Berlin",
        "mannerheimintie 10, helsinki, finland",
    ];
    let imported = import_addresses(&server, &token, "ONE", &addresses).await;
    assert_eq!(counters(&imported), [5, 4, 1], "{imported}");
    let expected = ["ADDRESS_GEOCODED", "GEOCODE_APPROXIMATE", "GEOCODE_FAILED", "ROUTE_OPTIMIZED", "DRIVER_NOT_FOUND"];
    assert_eq!(codes(&imported), expected, "{imported}");
    let warning = |code: &str| {
        let mut warnings = imported["warnings"].as_array().expect("warnings").iter();
        text(warnings.find(|warning| warning["code"] == code).expect("a warning"), "message")
    };
    assert!(warning("GEOCODE_APPROXIMATE").contains("Stop S2 "));
    assert!(warning("GEOCODE_FAILED").contains("stop S3.") && !warning("GEOCODE_FAILED").contains("background"));
    let view = view(&server, &token, &imported).await;
    let location = |number: usize| {
        let id = format!("S{number}");
        let mut stops = view["stops"].as_array().expect("stops").iter();
        stops.find(|stop| stop["external_stop_id"] == id.as_str()).expect("the stop")["location"].clone()
    };
    let exact = location(1);
    assert_eq!((&exact["match_type"], &exact["source"]), (&json!("exact"), &json!("embedded")), "{exact}");
    assert_eq!(exact["attribution"], OSM_NOTICE);
    assert!(exact["access_latitude"].is_f64() && exact["access_latitude"] != exact["latitude"], "{exact}");
    assert_eq!((&location(2)["match_type"], &location(2)["is_approximate"]), (&json!("street"), &json!(true)));
    let failed = location(3);
    assert_eq!((&failed["status"], &failed["latitude"]), (&json!("not_found"), &Value::Null));
    // The route goes where a vehicle stops: its line begins there, and the house is elsewhere.
    let line = polyline::decode_polyline(&text(&imported["optimization"], "encoded_polyline"), 5).expect("a line");
    let first = location(0);
    let access =
        [&first["access_longitude"], &first["access_latitude"]].map(|degrees| degrees.as_f64().expect("a number"));
    let begins = line.0.first().expect("a point");
    assert!((begins.x - access[0]).abs() < 3e-5 && (begins.y - access[1]).abs() < 3e-5, "{begins:?} {access:?}");
    // The same by the native path.
    let queries = json!({ "queries": addresses.map(|address| json!({ "query": address })) });
    let url = format!("{}/api/v1/geocode", server.base);
    let answer = server.client.post(url).bearer_auth(&token).json(&queries).send().await.expect("an answer");
    let answer: Value = answer.json().await.expect("JSON");
    let results = answer["results"].as_array().expect("results");
    let statuses: Vec<_> = results.iter().map(|result| result["status"].as_str().expect("text")).collect();
    assert_eq!(statuses, ["found", "found", "approximate", "not_found", "found"], "{answer}");
    assert_eq!((&results[1]["latitude"], &results[1]["attribution"]), (&exact["latitude"], &json!(OSM_NOTICE)));
    let metrics = server.metrics().await;
    for (outcome, count) in [("sure", 6), ("acceptable", 2), ("not_found", 2)] {
        let asked =
            format!("routemate_geocoder_questions_total{{geocoder=\"embedded\",outcome=\"{outcome}\"}} {count}\n");
        assert!(metrics.contains(&asked), "{asked} in {metrics}");
    }
}

async fn addresses_of_maps_are_noticed_while_the_server_runs(place: &Place) {
    let server = place.serve();
    let token = server.token(&place.credentials(&[])).await;
    let addresses = ["1 Quay Street, Harbour", "3 Quay Street, Harbour", "5 Quay Street, Harbour"];
    let row = |number: u32, lng: f64| format!("{lng},60.16,{number},Quay Street,Harbour\n");
    let table = |rows: &[String]| format!("LON,LAT,NUMBER,STREET,CITY\n{}", rows.concat());
    let build = |rows: &[String]| {
        let file = write(place, "quay.csv", table(rows).as_bytes());
        place.json(&["map", "build", &file]);
    };
    let unknown = import_addresses(&server, &token, "BEFORE", &addresses).await;
    assert_eq!(counters(&unknown), [3, 0, 3], "{unknown}");
    build(&[row(1, 24.93), row(3, 24.931)]);
    let two = import_addresses(&server, &token, "TWO", &addresses[..2]).await;
    assert_eq!(counters(&two), [2, 2, 0], "{two}");
    build(&[row(1, 24.93), row(3, 24.935), row(5, 24.94)]);
    let three = import_addresses(&server, &token, "THREE", &addresses).await;
    assert_eq!((counters(&three), codes(&three).contains(&"GEOCODE_APPROXIMATE")), ([3, 3, 0], false), "{three}");
    // A broken one is told once, and the old one goes on; by its name, as a build would replace it.
    let folder = place.folder().join("data/maps/quay");
    fs::remove_file(folder.join("addresses.index")).expect("it was there");
    fs::write(folder.join("addresses.index"), "no index").expect("it is written");
    let manifest = fs::read_to_string(folder.join("map.json")).expect("it is there");
    fs::write(folder.join("map.json"), manifest + "\n").expect("it is written");
    for id in ["BROKEN", "STILL BROKEN"] {
        assert_eq!(counters(&import_addresses(&server, &token, id, &addresses).await), [3, 3, 0]);
    }
    place.json(&["map", "remove", "quay"]);
    let gone = import_addresses(&server, &token, "GONE", &addresses).await;
    assert_eq!(counters(&gone), [3, 0, 3], "{gone}");
    let (_, _, log) = server.terminate();
    assert_eq!(log.matches("addresses.index` is no index of addresses").count(), 1, "{log}");
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
    assert!(log.contains("the map.json of the map in `"), "{log}");
}

async fn each_organisation_is_planned_for_its_vehicles(place: &Place) {
    let (lat, lng) = NEAR;
    let stops = [NEAR, (lat + 0.008, lng + 0.016)];
    // A short cut for bicycles alone.
    let town = Town::grid(NEAR, 4).way(&stops, &[("highway", "cycleway")]);
    let file = write(place, "near.osm.pbf", &town.to_pbf());
    place.json(&["map", "build", &file, "--profile", "car,bicycle"]);
    let created = place.json(&["org", "create", "--name", "Acme", "--profile", "car"]);
    assert_eq!(created["profile"], "car");
    let (drivers, couriers) = (place.credentials(&[]), place.credentials(&["--profile", "bicycle"]));
    let server = place.serve();
    let token = server.token(&drivers).await;
    let driven = import(&server, &token, "DRIVEN", &stops).await;
    let ridden = import(&server, &server.token(&couriers).await, "RIDDEN", &stops).await;
    assert!(!is_estimated(&driven) && !is_estimated(&ridden), "{driven} {ridden}");
    assert!(km(&ridden) < 0.8 * km(&driven), "{ridden} {driven}");
    // From the next job on; nobody has built roads for trucks.
    let set = place.json(&["org", "set", &drivers.organization_id, "--profile", "truck"]);
    assert_eq!(set["profile"], "truck");
    assert!(is_estimated(&import(&server, &token, "TRUCK", &stops).await));
    place.json(&["org", "set", &drivers.organization_id, "--profile", "bicycle"]);
    assert_eq!(km(&import(&server, &token, "AGAIN", &stops).await), km(&ridden));
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
