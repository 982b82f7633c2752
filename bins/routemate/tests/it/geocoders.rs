//! Addresses found by a server: an import that has nothing else, its warnings and counters, and what the native paths say.

use std::net::TcpListener;

use reqwest::Method;
use routemate_persistence::DatabaseKind;
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::server::{Place, Server, on_both, text};

on_both!(
    addresses_are_found_or_not_and_the_import_says_which,
    a_pin_that_was_set_is_taken_from_then_on,
    questions_are_answered_one_by_one,
);

/// A Photon server that knows Unioninkatu: even numbers are there, odd ones are answered with the next one, elsewhere
/// nothing is, and one address breaks it.
struct Photon;

impl Respond for Photon {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let asked = request.url.query_pairs().find(|(name, _)| name == "q").map(|(_, text)| text.into_owned());
        let asked = asked.unwrap_or_default();
        if asked.contains("Broken") {
            return ResponseTemplate::new(500);
        }
        let number: Option<u32> = asked
            .strip_prefix("Unioninkatu ")
            .and_then(|rest| rest.split(',').next())
            .and_then(|text| text.parse().ok());
        let features = match number {
            None if asked.contains("Helsinki") => vec![feature(json!({ "type": "city", "name": "Helsinki" }), 0)],
            None => Vec::new(),
            Some(number) => {
                let shown = number + number % 2;
                vec![feature(
                    json!({ "type": "house", "housenumber": shown.to_string(), "street": "Unioninkatu",
                        "postcode": "00170", "city": "Helsinki", "country": "Finland", "countrycode": "FI" }),
                    shown,
                )]
            }
        };
        ResponseTemplate::new(200).set_body_json(json!({ "type": "FeatureCollection", "features": features }))
    }
}

fn feature(properties: Value, number: u32) -> Value {
    let place = [24.95, 60.16 + f64::from(number) * 0.001];
    json!({ "type": "Feature", "geometry": { "type": "Point", "coordinates": place }, "properties": properties })
}

async fn photon() -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(Photon).mount(&server).await;
    server
}

fn serve(place: &Place, photon: &MockServer) -> Server {
    place.serve_with(&[("ROUTEMATE_GEOCODERS", "photon"), ("ROUTEMATE_PHOTON_URL", &photon.uri())])
}

fn addressed(external_job_id: &str, addresses: &[&str]) -> Value {
    let stops: Vec<Value> = addresses
        .iter()
        .enumerate()
        .map(|(index, address)| json!({ "external_stop_id": format!("S{index}"), "address": address }))
        .collect();
    json!({ "external_job_id": external_job_id, "title": "Morning", "driver_email": "ada@example.com", "stops": stops })
}

async fn imported(server: &Server, token: &str, job: &Value) -> Value {
    let answer = server.import(token, job, None).await.expect("an answer");
    assert_eq!(answer.status(), 200);
    answer.json().await.expect("JSON")
}

async fn call(server: &Server, token: &str, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let request = server.client.request(method, format!("{}{path}", server.base)).bearer_auth(token);
    let request = body.iter().fold(request, |request, body| request.json(body));
    let answer = request.send().await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
}

async fn addresses_are_found_or_not_and_the_import_says_which(place: &Place) {
    let photon = photon().await;
    let server = serve(place, &photon);
    let token = server.token(&place.credentials(&[])).await;
    let addresses = [
        "Unioninkatu 30, 00170 Helsinki",
        "Unioninkatu 31, 00170 Helsinki",
        "Nowhere 7, Helsinki",
        "Broken 1, Helsinki",
        "Unioninkatu 40, 00170 Helsinki",
        "Unioninkatu 30, 00170 Helsinki",
    ];
    let answer = imported(&server, &token, &addressed("ONE", &addresses)).await;
    let counters = ["stops_imported", "stops_geocoded", "stops_geocode_failed"].map(|name| answer[name].as_u64());
    assert_eq!(counters, [Some(6), Some(4), Some(2)]);
    let codes: Vec<_> =
        answer["warnings"].as_array().expect("warnings").iter().map(|warning| warning["code"].as_str()).collect();
    let expected = [
        "ADDRESS_GEOCODED",
        "GEOCODE_APPROXIMATE",
        "GEOCODE_FAILED",
        "GEOCODE_FAILED",
        "ROUTE_OPTIMIZED",
        "ROUTE_ESTIMATED",
        "DRIVER_NOT_FOUND",
    ];
    assert_eq!(codes, expected.map(Some));
    let (_, job) = call(&server, &token, Method::GET, &format!("/api/v1/jobs/{}", text(&answer, "job_id")), None).await;
    let location = |id: &str| {
        let stops = job["stops"].as_array().expect("stops");
        let stop = stops.iter().find(|stop| stop["external_stop_id"] == id).expect("the stop");
        stop["location"].clone()
    };
    assert_eq!((&location("S0")["match_type"], &location("S0")["source"]), (&json!("exact"), &json!("photon")));
    assert_eq!(
        (&location("S1")["match_type"], &location("S1")["is_approximate"]),
        (&json!("nearest_number"), &json!(true))
    );
    assert_eq!((&location("S2")["status"], &location("S2")["reason"]), (&json!("not_found"), &json!("unsure")));
    assert_eq!(location("S2")["candidates"][0]["match_type"], "locality");
    assert_eq!((&location("S3")["status"], &location("S3")["reason"]), (&json!("searching"), &json!("unanswered")));
    // The same address twice is one question.
    let requests = photon.received_requests().await.expect("they are kept");
    assert_eq!(requests.iter().filter(|request| request.url.as_str().contains("30%2C")).count(), 1);
}

async fn a_pin_that_was_set_is_taken_from_then_on(place: &Place) {
    let photon = photon().await;
    let server = serve(place, &photon);
    let (token, other) = (server.token(&place.credentials(&[])).await, server.token(&place.credentials(&[])).await);
    let pin = json!({ "address": "Nowhere 7, Helsinki", "latitude": 60.2, "longitude": 24.9 });
    let (status, stored) = call(&server, &token, Method::PUT, "/api/v1/addresses", Some(pin)).await;
    assert_eq!((status, &stored["latitude"]), (200, &json!(60.2)));
    let job = addressed("ONE", &["NOWHERE 7 Helsinki", "Unioninkatu 30, 00170 Helsinki"]);
    let answer = imported(&server, &token, &job).await;
    let place_of = |answer: &Value| {
        let stops = answer["stops"].as_array().expect("stops").iter();
        stops.clone().find(|stop| stop["external_stop_id"] == "S0").map(|stop| stop["latitude"].clone())
    };
    assert_eq!(place_of(&answer), Some(json!(60.2)));
    assert_eq!(place_of(&imported(&server, &other, &job).await), Some(Value::Null));
    let find = "/api/v1/addresses?address=nowhere+7,+helsinki";
    assert_eq!(call(&server, &token, Method::GET, find, None).await, (200, stored.clone()));
    assert_eq!(call(&server, &other, Method::GET, find, None).await.0, 404);
    let own = format!("/api/v1/addresses/{}", text(&stored, "address_id"));
    assert_eq!(call(&server, &other, Method::DELETE, &own, None).await.0, 404);
    assert_eq!(call(&server, &token, Method::DELETE, &own, None).await.0, 204);
    assert_eq!(call(&server, &token, Method::DELETE, &own, None).await.0, 404);
    assert_eq!(
        place_of(&imported(&server, &token, &addressed("TWO", &["Nowhere 7, Helsinki"])).await),
        Some(Value::Null)
    );
}

async fn questions_are_answered_one_by_one(place: &Place) {
    let photon = photon().await;
    let server = serve(place, &photon);
    let token = server.token(&place.credentials(&[])).await;
    let queries = json!({ "queries": [
        { "id": "a", "query": "Unioninkatu 30, 00170 Helsinki" },
        { "id": 2, "query": "Unioninkatu 31, 00170 Helsinki" },
        { "id": "c" },
        { "id": "d", "query": "Broken 1, Helsinki" },
        { "id": "e", "query": "Elsewhere" },
    ] });
    let (status, answer) = call(&server, &token, Method::POST, "/api/v1/geocode", Some(queries)).await;
    assert_eq!(status, 200);
    let results = answer["results"].as_array().expect("results");
    let shown: Vec<_> =
        results.iter().map(|result| (&result["id"], result["status"].as_str(), result["warning"].as_str())).collect();
    let (approximate, failed) = (Some("GEOCODE_APPROXIMATE"), Some("GEOCODE_FAILED"));
    let expected = [
        (&json!("a"), Some("found"), None),
        (&json!(2), Some("approximate"), approximate),
        (&json!("c"), Some("invalid"), failed),
        (&json!("d"), Some("unanswered"), failed),
        (&json!("e"), Some("not_found"), failed),
    ];
    assert_eq!(shown, expected);
    assert_eq!(results[0]["formatted"], "30 Unioninkatu, 00170 Helsinki, Finland");
    assert_eq!(results[0]["attribution"], "© OpenStreetMap contributors");
    assert_eq!(results[2]["reason"], "queries[2].query or structured is required");
    let (status, problem) = call(&server, &token, Method::POST, "/api/v1/geocode", Some(json!({}))).await;
    assert_eq!((status, &problem["code"]), (400, &json!("validation_error")));
    let many: Vec<_> = (0..201).map(|number| json!({ "query": format!("Unioninkatu {number}") })).collect();
    assert_eq!(call(&server, &token, Method::POST, "/api/v1/geocode", Some(json!({ "queries": many }))).await.0, 400);
}

#[tokio::test]
async fn a_geocoder_that_is_not_there_fails_no_import_and_shows_nothing() {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
    let place = Place::new(DatabaseKind::Sqlite).await.expect("SQLite is always there");
    let url = format!("http://user:hush@127.0.0.1:{port}");
    let server = place.serve_with(&[
        ("ROUTEMATE_GEOCODERS", "pelias,google"),
        ("ROUTEMATE_PELIAS_URL", &url),
        ("ROUTEMATE_GOOGLE_GEOCODING_URL", &url),
        ("ROUTEMATE_GOOGLE_GEOCODING_KEY", "hush"),
    ]);
    let token = server.token(&place.credentials(&[])).await;
    let addresses: Vec<String> = (0..200).map(|number| format!("Unioninkatu {number}, Helsinki")).collect();
    let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
    let answer = imported(&server, &token, &addressed("ONE", &addresses)).await;
    assert_eq!(answer["stops_geocode_failed"], 200);
    let warnings = answer["warnings"].as_array().expect("warnings");
    let failed = warnings.iter().filter(|warning| warning["code"] == "GEOCODE_FAILED");
    assert!(failed.clone().all(|warning| text(warning, "message").contains("goes on in the background")));
    assert_eq!(failed.count(), 200);
    let (_, _, log) = server.terminate();
    assert!(!log.contains("hush") && !log.contains("Unioninkatu"), "{log}");
}

#[tokio::test]
async fn geocoders_that_lack_something_are_a_mistake() {
    let place = Place::new(DatabaseKind::Sqlite).await.expect("SQLite is always there");
    for (arguments, expected) in [
        (["serve", "--geocoders", "google"], "geocoders names `google`, which needs google_geocoding_key"),
        (["serve", "--geocoders", "embedded,photon"], "geocoders names `photon`, which needs photon_url"),
        (["serve", "--geocoders", "atlas"], "geocoders `atlas` is not known"),
    ] {
        let output = place.run(&arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(expected), "{arguments:?}: {said}");
    }
}
