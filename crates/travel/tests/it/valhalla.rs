use routemate_travel::{Quality, TravelError, TravelMatrix, Valhalla, ValhallaSettings};
use routemate_units::VehicleKind;
use serde_json::{Value, json};
use wiremock::matchers::{any, path};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::{at, brisbane, chain, in_time, leg, legs, line6};
use routemate_outbound::fixture::{fixture, server};

fn valhalla(server: &MockServer) -> Valhalla {
    Valhalla::new(&ValhallaSettings::new(server.uri())).unwrap()
}

#[tokio::test]
async fn both_forms_of_the_matrix_are_read_in_kilometres() {
    for name in ["valhalla_matrix_concise", "valhalla_matrix_verbose"] {
        let Some(fixture) = fixture(name) else { return };
        let server = fixture.serve().await;
        let matrix = valhalla(&server).matrix(&brisbane()[..2], VehicleKind::Car, &in_time()).await.unwrap();
        let expected = [leg(0, 0), leg(201, 1510), leg(199, 1502), leg(0, 0)].map(Some);
        assert_eq!(legs(&matrix), expected, "{name}");
    }
}

#[tokio::test]
async fn null_is_no_way_in_both_forms() {
    let pair = |time: Value, distance: Value| json!({ "time": time, "distance": distance });
    for pairs in [
        json!({ "durations": [[0, null], [7, 0]], "distances": [[0, null], [0.1, 0]] }),
        json!([
            [pair(json!(0), json!(0)), pair(Value::Null, Value::Null)],
            [pair(json!(7), json!(0.1)), pair(json!(0), json!(0))],
        ]),
    ] {
        let server = server().await;
        let reply = ResponseTemplate::new(200).set_body_json(json!({ "sources_to_targets": pairs }));
        Mock::given(path("/sources_to_targets")).respond_with(reply).mount(&server).await;
        let matrix = valhalla(&server).matrix(&brisbane()[..2], VehicleKind::Car, &in_time()).await.unwrap();
        assert_eq!(legs(&matrix), [Some(leg(0, 0)), None, Some(leg(7, 100)), Some(leg(0, 0))]);
    }
}

#[tokio::test]
async fn route_has_the_legs_and_the_line_of_the_answer() {
    let Some(mut fixture) = fixture("valhalla_route") else { return };
    let [from, to, _] = brisbane();
    let driven = [from, at(-27.475_123, 153.015_456), to];
    fixture.response["body"]["trip"]["legs"][0]["shape"] = line6(&driven).into();
    let server = fixture.serve().await;
    let route = valhalla(&server).path(&[from, to], VehicleKind::Car, &in_time()).await.unwrap();
    assert_eq!((route.legs, route.geometry), (vec![leg(201, 1510)], driven.to_vec()));
    assert_eq!(route.quality, Quality::Roads);
}

#[tokio::test]
async fn errors_say_whether_another_try_may_help() {
    for (code, expected) in [
        (100, "refuses our requests: 100: Failed to parse"),
        (150, "refuses our requests: it takes not even two points"),
        (154, "refuses our requests: 154: Path distance exceeds"),
        (171, "knows no way"),
        (442, "knows no way"),
    ] {
        let Some(fixture) = fixture(&format!("valhalla_error_{code}")) else { return };
        let server = fixture.serve_always().await;
        let error = valhalla(&server).path(&brisbane(), VehicleKind::Car, &in_time()).await.unwrap_err();
        assert!(chain(&error).contains(expected), "{code}: {}", chain(&error));
    }
}

/// Routes through at most three points; a place is at sea where its latitude is zero.
struct SmallServer;

impl Respond for SmallServer {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let body: Value = request.body_json().unwrap();
        let fault = |code: u32| ResponseTemplate::new(400).set_body_json(json!({ "error_code": code, "error": "no" }));
        let list = |key: &str| body[key].as_array().cloned().unwrap_or_default();
        let (sources, targets, stops) = (list("sources"), list("targets"), list("locations"));
        if stops.len() > 3 {
            return fault(150);
        }
        if sources.iter().chain(&targets).any(|place| place["lat"] == 0.0) {
            return fault(171);
        }
        if stops.is_empty() {
            let rows = vec![vec![1; targets.len()]; sources.len()];
            let pairs = json!({ "durations": rows, "distances": rows });
            return ResponseTemplate::new(200).set_body_json(json!({ "sources_to_targets": pairs }));
        }
        let position = |place: &Value| at(place["lat"].as_f64().unwrap(), place["lon"].as_f64().unwrap());
        let legs: Vec<Value> = stops
            .windows(2)
            .map(|pair| {
                let shape = line6(&[position(&pair[0]), position(&pair[1])]);
                json!({ "summary": { "time": 1, "length": 1 }, "shape": shape })
            })
            .collect();
        ResponseTemplate::new(200).set_body_json(json!({ "trip": { "legs": legs } }))
    }
}

#[tokio::test]
async fn path_through_more_points_than_the_server_takes_is_put_together() {
    let server = server().await;
    Mock::given(any()).respond_with(SmallServer).mount(&server).await;
    let points: Vec<_> = (0..10).map(|number| at(60.0, f64::from(number) / 100.0)).collect();
    let route = valhalla(&server).path(&points, VehicleKind::Car, &in_time()).await.unwrap();
    assert_eq!((route.legs.len(), route.geometry), (9, points));
}

#[tokio::test]
async fn point_at_sea_has_no_way_and_takes_it_from_nobody_else() {
    let server = server().await;
    Mock::given(any()).respond_with(SmallServer).mount(&server).await;
    let points = [at(60.0, 1.0), at(0.0, 1.0), at(60.0, 2.0)];
    let matrix = valhalla(&server).matrix(&points, VehicleKind::Car, &in_time()).await.unwrap();
    assert_eq!(matrix.leg(0, 2), Some(leg(1, 1000)));
    assert_eq!((matrix.leg(0, 1), matrix.leg(1, 2)), (None, None));
}

#[tokio::test]
async fn fault_of_the_server_is_not_taken_for_an_answer() {
    let server = server().await;
    let fault = ResponseTemplate::new(500).set_body_json(json!({ "error_code": 599, "error": "unknown" }));
    Mock::given(any()).respond_with(fault).mount(&server).await;
    let answer = valhalla(&server).matrix(&brisbane(), VehicleKind::Car, &in_time()).await;
    assert!(matches!(answer, Err(TravelError::Unavailable { .. })));
}

#[tokio::test]
async fn each_kind_of_vehicle_has_its_costing() {
    let server = server().await;
    let row = [json!({ "time": 60, "distance": 0.5 }), json!({ "time": 60, "distance": 0.5 })];
    let body = json!({ "sources_to_targets": [row, row] });
    Mock::given(any()).respond_with(ResponseTemplate::new(200).set_body_json(body)).mount(&server).await;
    let valhalla = Valhalla::new(&ValhallaSettings::new(server.uri())).unwrap();
    for vehicle in VehicleKind::ALL {
        valhalla.matrix(&brisbane()[..2], vehicle, &in_time()).await.unwrap();
    }
    let asked = server.received_requests().await.unwrap();
    let costings: Vec<Value> =
        asked.iter().map(|asked| asked.body_json::<Value>().unwrap()["costing"].clone()).collect();
    assert_eq!(costings, ["auto", "truck", "bicycle"]);
}
