//! Travel times from a server, and what becomes of an import when it does not answer.

use std::net::TcpListener;

use routemate_persistence::DatabaseKind;
use serde_json::{Value, json};
use wiremock::matchers::{method, path_regex};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::server::{Place, Server, job};

/// An OSRM server that thinks everything a kilometre and a minute apart, and draws nothing but one line.
struct Osrm;

const LINE: &str = "_p~iF~ps|U_ulLnnqC_mqNvxq`@";

impl Respond for Osrm {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let places = request.url.path().split(';').count();
        let body = if request.url.path().starts_with("/table/") {
            let row =
                |from, between: u32| (0..places).map(|to| if from == to { 0 } else { between }).collect::<Vec<_>>();
            let rows = |between| (0..places).map(|from| row(from, between)).collect::<Vec<_>>();
            json!({ "code": "Ok", "durations": rows(60), "distances": rows(1000) })
        } else {
            let legs = vec![json!({ "duration": 60, "distance": 1000 }); places - 1];
            json!({ "code": "Ok", "routes": [{ "geometry": LINE, "legs": legs }] })
        };
        ResponseTemplate::new(200).set_body_json(body)
    }
}

async fn import(place: &Place, server: &Server) -> Value {
    let token = server.token(&place.credentials(&[])).await;
    let answer = server.import(&token, &job("ONE", 12), None).await.expect("an answer");
    assert_eq!(answer.status(), 200);
    answer.json().await.expect("JSON")
}

fn is_estimated(imported: &Value) -> bool {
    let mut warnings = imported["warnings"].as_array().expect("warnings").iter();
    warnings.any(|warning| warning["code"] == "ROUTE_ESTIMATED")
}

#[tokio::test]
async fn roads_of_a_server_are_no_estimate() {
    let osrm = MockServer::start().await;
    Mock::given(method("GET")).and(path_regex("^/(table|route)/v1/driving/")).respond_with(Osrm).mount(&osrm).await;
    let place = Place::new(DatabaseKind::Sqlite).await.expect("SQLite is always there");
    let server = place.serve_with(&[("ROUTEMATE_ROADS", "osrm,estimate"), ("ROUTEMATE_OSRM_URL", &osrm.uri())]);
    let imported = import(&place, &server).await;
    assert!(!is_estimated(&imported), "{imported}");
    assert_eq!(imported["optimization"]["total_distance_km"], 11.0);
    assert_eq!(imported["optimization"]["total_duration_minutes"], 11);
    assert_eq!(osrm.received_requests().await.expect("they are kept").len(), 2);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_passed_over_and_the_answer_says_so() {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
    let place = Place::new(DatabaseKind::Sqlite).await.expect("SQLite is always there");
    let url = format!("http://user:hush@127.0.0.1:{port}");
    let server = place.serve_with(&[("ROUTEMATE_ROADS", "osrm"), ("ROUTEMATE_OSRM_URL", &url)]);
    let imported = import(&place, &server).await;
    assert!(is_estimated(&imported), "{imported}");
    let (_, _, log) = server.terminate();
    assert!(log.contains("travel engine `osrm` gave no matrix and is passed over"), "{log}");
    assert!(!log.contains("hush"), "{log}");
}

#[tokio::test]
async fn a_server_without_its_address_is_a_mistake() {
    let place = Place::new(DatabaseKind::Sqlite).await.expect("SQLite is always there");
    for (arguments, expected) in [
        (["serve", "--roads", "osrm"], "roads names `osrm`, which needs osrm_url"),
        (["serve", "--roads", "google,estimate"], "roads names `google`, which needs google_routes_key"),
        (["serve", "--roads", "estimate,osrm"], "roads names engines after `estimate`"),
    ] {
        let output = place.run(&arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(expected), "{arguments:?}: {said}");
    }
    let url = ("ROUTEMATE_OSRM_URL", "https://roads.example");
    let output = place.command(&["serve", "--roads", "osrm"]).envs([url]).output().expect("the binary runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("osrm_url cannot be used: TLS cannot be set up"), "{said}");
}
