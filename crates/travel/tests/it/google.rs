use routemate_travel::{GoogleRoutes, GoogleRoutesSettings, SetupError, TravelError, TravelMatrix};
use routemate_units::{LatLng, VehicleKind};
use secrecy::SecretString;
use serde_json::{Value, json};
use wiremock::matchers::{any, path};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::{at, brisbane, chain, in_time, leg, legs, line};
use routemate_outbound::fixture::{fixture, server, with_tls};

fn settings(server: &MockServer) -> GoogleRoutesSettings {
    GoogleRoutesSettings { url: server.uri(), ..GoogleRoutesSettings::new(SecretString::from("KEY")) }
}

fn google(server: &MockServer) -> GoogleRoutes {
    GoogleRoutes::new(&settings(server)).unwrap()
}

#[tokio::test]
async fn matrix_is_asked_for_with_key_and_fields_and_read_in_any_order() {
    let Some(fixture) = fixture("google_route_matrix") else { return };
    let server = fixture.serve().await;
    let matrix = google(&server).matrix(&brisbane()[..2], VehicleKind::Car, &in_time()).await.unwrap();
    assert_eq!(legs(&matrix), [leg(0, 0), leg(263, 1822), leg(281, 2010), leg(0, 0)].map(Some));
    assert_eq!(matrix.attribution(), Some("Google Maps"));
}

#[tokio::test]
async fn errors_say_whether_another_try_may_help() {
    for (name, expected) in [
        ("google_routes_400", "refuses our requests: it answers with 400 INVALID_ARGUMENT"),
        ("google_routes_403", "refuses our requests: it answers with 403 PERMISSION_DENIED"),
        ("google_routes_429", "limits our requests"),
        ("google_compute_routes_empty", "knows no way"),
    ] {
        let Some(fixture) = fixture(name) else { return };
        let server = fixture.serve_always().await;
        let error = google(&server).path(&brisbane(), VehicleKind::Car, &in_time()).await.unwrap_err();
        assert!(chain(&error).contains(expected), "{name}: {}", chain(&error));
        assert!(!chain(&error).contains("KEY"));
    }
}

async fn matrix_of_elements(elements: Value) -> Result<Vec<Option<routemate_travel::Leg>>, TravelError> {
    let server = server().await;
    let reply = ResponseTemplate::new(200).set_body_json(elements);
    Mock::given(path("/distanceMatrix/v2:computeRouteMatrix")).respond_with(reply).mount(&server).await;
    google(&server).matrix(&brisbane()[..2], VehicleKind::Car, &in_time()).await.map(|matrix| legs(&matrix))
}

fn elements(pairs: &[Value]) -> Value {
    let own = json!({ "condition": "ROUTE_EXISTS" });
    let last = json!({ "originIndex": 1, "destinationIndex": 1, "condition": "ROUTE_EXISTS", "duration": "0s" });
    [own, last].iter().chain(pairs).cloned().collect()
}

#[tokio::test]
async fn absent_numbers_are_zero_and_pairs_without_a_route_have_no_way() {
    let there = json!({ "destinationIndex": 1, "condition": "ROUTE_NOT_FOUND", "status": {} });
    let back = json!({ "originIndex": 1, "condition": "ROUTE_EXISTS", "duration": "12.6s" });
    let answer = matrix_of_elements(elements(&[there, back])).await.unwrap();
    assert_eq!(answer, [Some(leg(0, 0)), None, Some(leg(13, 0)), Some(leg(0, 0))]);
}

#[tokio::test]
async fn pair_that_is_not_known_is_not_taken_for_one_without_a_way() {
    let back = json!({ "originIndex": 1, "condition": "ROUTE_EXISTS", "duration": "12s" });
    for there in [
        json!({ "destinationIndex": 1, "status": { "code": 13, "message": "internal" } }),
        json!({ "destinationIndex": 1, "condition": "ROUTE_EXISTS", "duration": "soon" }),
        json!({ "destinationIndex": 2, "condition": "ROUTE_EXISTS" }),
        json!({ "error": { "code": 14, "message": "try again", "status": "UNAVAILABLE" } }),
    ] {
        let answer = matrix_of_elements(elements(&[there.clone(), back.clone()])).await;
        assert!(matches!(answer, Err(TravelError::Unavailable { .. })), "{there}");
    }
    let answer = matrix_of_elements(elements(&[back])).await;
    assert!(chain(&answer.unwrap_err()).contains("lacks 1 pairs"));
}

#[tokio::test]
async fn error_of_a_streamed_answer_is_read() {
    let server = server().await;
    let error = json!([{ "error": { "code": 403, "message": "no", "status": "PERMISSION_DENIED" } }]);
    Mock::given(any()).respond_with(ResponseTemplate::new(403).set_body_json(error)).mount(&server).await;
    let error = google(&server).matrix(&brisbane(), VehicleKind::Car, &in_time()).await.unwrap_err();
    assert!(chain(&error).contains("403 PERMISSION_DENIED"), "{}", chain(&error));
}

/// Knows every way, and counts 10 s for each.
struct Everywhere;

impl Respond for Everywhere {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let body: Value = request.body_json().unwrap();
        let count = |key: &str| body[key].as_array().map_or(0, Vec::len);
        if request.url.path().ends_with("computeRouteMatrix") {
            let (sources, targets) = (count("origins"), count("destinations"));
            assert!(sources * targets <= 625, "{sources} × {targets}");
            let pair = |from, to| json!({ "originIndex": from, "destinationIndex": to, "duration": "10s", "condition": "ROUTE_EXISTS" });
            let pairs: Vec<Value> = (0..sources).flat_map(|from| (0..targets).map(move |to| pair(from, to))).collect();
            return ResponseTemplate::new(200).set_body_json(pairs);
        }
        let between = count("intermediates");
        assert!(between <= 25, "{between} between");
        let position = |place: &Value| {
            let at_place = &place["location"]["latLng"];
            at(at_place["latitude"].as_f64().unwrap(), at_place["longitude"].as_f64().unwrap())
        };
        let line = line(&[position(&body["origin"]), position(&body["destination"])], 5);
        let legs = vec![json!({ "duration": "10s" }); between + 1];
        let route = json!({ "legs": legs, "polyline": { "encodedPolyline": line } });
        ResponseTemplate::new(200).set_body_json(json!({ "routes": [route] }))
    }
}

async fn everywhere() -> MockServer {
    let server = server().await;
    Mock::given(any()).respond_with(Everywhere).mount(&server).await;
    server
}

fn row_of(count: i32) -> Vec<LatLng> {
    (0..count).map(|number| at(60.0, f64::from(number) / 100.0)).collect()
}

#[tokio::test]
async fn matrix_is_asked_for_in_tiles_of_at_most_625_pairs() {
    let server = everywhere().await;
    let google = GoogleRoutes::new(&GoogleRoutesSettings { max_elements: 3_000, ..settings(&server) }).unwrap();
    let matrix = google.matrix(&row_of(51), VehicleKind::Car, &in_time()).await.unwrap();
    assert!(legs(&matrix).iter().all(Option::is_some));
    assert_eq!(server.received_requests().await.unwrap().len(), 9);
}

#[tokio::test]
async fn path_is_asked_for_in_pieces_of_at_most_27_points() {
    let server = everywhere().await;
    let points = row_of(60);
    let route = google(&server).path(&points, VehicleKind::Car, &in_time()).await.unwrap();
    assert_eq!((route.legs.len(), route.duration().get()), (59, 590));
    assert_eq!(route.geometry, [0, 26, 52, 59].map(|number: usize| points[number]));
    assert_eq!(server.received_requests().await.unwrap().len(), 3);
}

#[tokio::test]
async fn what_may_not_be_spent_is_not_asked_for() {
    let server = everywhere().await;
    let google = google(&server);
    let answer = google.matrix(&row_of(51), VehicleKind::Car, &in_time()).await;
    assert!(matches!(&answer, Err(TravelError::TooMuch { asked: 2_601, .. })), "{answer:?}");
    assert!(google.matrix(&row_of(50), VehicleKind::Car, &in_time()).await.is_ok());
    assert_eq!(server.received_requests().await.unwrap().len(), 4);
}

#[tokio::test]
async fn what_the_quota_does_not_give_in_time_is_not_asked_for() {
    let server = everywhere().await;
    let google = GoogleRoutes::new(&GoogleRoutesSettings { elements_per_minute: 700, ..settings(&server) }).unwrap();
    let answer = google.matrix(&row_of(30), VehicleKind::Car, &in_time()).await;
    assert!(matches!(&answer, Err(TravelError::TooMuch { asked: 900, .. })), "{answer:?}");
    assert!(google.matrix(&row_of(25), VehicleKind::Car, &in_time()).await.is_ok());
    let answer = google.matrix(&row_of(10), VehicleKind::Car, &in_time()).await;
    assert!(matches!(&answer, Err(TravelError::TooMuch { asked: 100, .. })), "{answer:?}");
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[test]
fn two_hundred_stops_are_told_to_be_dear() {
    let cost = GoogleRoutesSettings::new(SecretString::from("KEY")).cost_of(200);
    assert_eq!(cost.to_string(), "40000 elements, about 200.00 US$ at list price and 13 min at the quota");
}

#[test]
fn key_is_never_shown_and_has_to_fit_into_a_header() {
    with_tls();
    let settings = GoogleRoutesSettings::new(SecretString::from("hush"));
    let shown = format!("{settings:?} {:?}", GoogleRoutes::new(&settings).unwrap());
    assert!(!shown.contains("hush"), "{shown}");
    let error = GoogleRoutes::new(&GoogleRoutesSettings::new(SecretString::from("hu\nsh"))).unwrap_err();
    assert!(matches!(error, SetupError::Key));
}

#[tokio::test]
async fn bicycles_have_no_traffic_and_trucks_are_not_asked_for() {
    let server = server().await;
    let elements: Vec<Value> = (0..4)
        .map(|pair| {
            let condition = "ROUTE_EXISTS";
            json!({ "originIndex": pair / 2, "destinationIndex": pair % 2, "condition": condition, "duration": "9s" })
        })
        .collect();
    Mock::given(any()).respond_with(ResponseTemplate::new(200).set_body_json(elements)).mount(&server).await;
    let google = google(&server);
    let points = &brisbane()[..2];
    google.matrix(points, VehicleKind::Bicycle, &in_time()).await.unwrap();
    let error = google.matrix(points, VehicleKind::Truck, &in_time()).await.unwrap_err();
    assert!(matches!(error, TravelError::OtherVehicle { engine: "google", vehicle: VehicleKind::Truck }), "{error:?}");
    assert!(google.path(points, VehicleKind::Truck, &in_time()).await.is_err());
    let asked = server.received_requests().await.unwrap();
    assert_eq!(asked.len(), 1);
    let body: Value = asked[0].body_json().unwrap();
    assert_eq!((&body["travelMode"], &body["routingPreference"]), (&json!("BICYCLE"), &Value::Null));
}
