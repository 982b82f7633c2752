use std::net::TcpListener;
use std::time::Duration;

use routemate_travel::{Osrm, OsrmSettings, Quality, TravelError, TravelMatrix};
use routemate_units::{LatLng, StopToken, VehicleKind};
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::{at, brisbane, chain, in_time, leg, legs, line6};
use routemate_outbound::fixture::{fixture, server, with_tls};

fn osrm(server: &MockServer) -> Osrm {
    Osrm::new(&OsrmSettings::new(server.uri())).unwrap()
}

#[tokio::test]
async fn table_is_read_row_by_row_and_null_is_no_way() {
    let Some(fixture) = fixture("osrm_table") else { return };
    let server = fixture.serve().await;
    let matrix = osrm(&server).matrix(&brisbane(), VehicleKind::Car, &in_time()).await.unwrap();
    let rows = [
        [Some(leg(0, 0)), Some(leg(201, 1510)), None],
        [Some(leg(199, 1502)), Some(leg(0, 0)), Some(leg(284, 2241))],
        [Some(leg(345, 2600)), Some(leg(222, 1905)), Some(leg(0, 0))],
    ];
    assert_eq!(legs(&matrix), rows.concat());
    assert_eq!(matrix.quality(), Quality::Roads);
    assert_eq!(matrix.attribution(), Some("© OpenStreetMap contributors"));
}

#[tokio::test]
async fn route_has_the_legs_and_the_line_of_the_answer() {
    let Some(mut fixture) = fixture("osrm_route") else { return };
    let [from, to, _] = brisbane();
    let driven = [from, at(-27.475_123, 153.015_456), to];
    fixture.response["body"]["routes"][0]["geometry"] = line6(&driven).into();
    let server = fixture.serve().await;
    let path = osrm(&server).path(&[from, to], VehicleKind::Car, &in_time()).await.unwrap();
    assert_eq!((path.legs, path.geometry), (vec![leg(201, 1510)], driven.to_vec()));
    assert_eq!(path.quality, Quality::Roads);
}

#[tokio::test]
async fn line_that_cannot_be_read_is_no_path() {
    // As it is, the fixture's geometry is `abc`, which breaks off.
    let Some(fixture) = fixture("osrm_route") else { return };
    let server = fixture.serve().await;
    let [from, to, _] = brisbane();
    assert!(matches!(
        osrm(&server).path(&[from, to], VehicleKind::Car, &in_time()).await,
        Err(TravelError::Unavailable { .. })
    ));
}

#[tokio::test]
async fn errors_say_whether_another_try_may_help() {
    for (name, expected) in [
        ("invalidquery", "refuses our requests: InvalidQuery"),
        ("invalidurl", "refuses our requests: InvalidUrl"),
        ("invalidvalue", "refuses our requests: InvalidValue"),
        ("notimplemented", "refuses our requests: NotImplemented"),
        ("noroute", "knows no way"),
        ("nosegment", "knows no way"),
        ("notable", "is unavailable: NoTable"),
        ("notrips", "is unavailable: NoTrips"),
        ("toobig", "refuses our requests: it takes not even two points"),
    ] {
        let Some(fixture) = fixture(&format!("osrm_error_{name}")) else { return };
        let server = fixture.serve_always().await;
        let error = osrm(&server).path(&brisbane(), VehicleKind::Car, &in_time()).await.unwrap_err();
        assert!(chain(&error).contains(expected), "{name}: {}", chain(&error));
    }
}

/// Takes tables of at most so many pairs; a place's number is its longitude's third digit.
struct SmallServer {
    most_pairs: usize,
}

impl Respond for SmallServer {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let places: Vec<f64> = request.url.path().rsplit('/').next().unwrap().split(';').map(number).collect();
        let indices = |key| {
            let list = request.url.query_pairs().find(|(name, _)| name == key).map(|(_, list)| list.into_owned());
            list.map_or((0..places.len()).collect(), |list| {
                list.split(';').map(|index| index.parse().unwrap()).collect::<Vec<usize>>()
            })
        };
        let (sources, targets) = (indices("sources"), indices("destinations"));
        if sources.len() * targets.len() > self.most_pairs {
            let body = json!({ "code": "TooBig", "message": "Too many table coordinates" });
            return ResponseTemplate::new(400).set_body_json(body);
        }
        let rows: Vec<Value> = sources
            .iter()
            .map(|&from| targets.iter().map(|&to| json!(100.0 * places[from] + places[to])).collect())
            .collect();
        ResponseTemplate::new(200).set_body_json(json!({ "code": "Ok", "durations": rows, "distances": rows }))
    }
}

fn number(place: &str) -> f64 {
    let (lng, lat) = place.split_once(',').unwrap();
    assert_eq!(lat, "60.1");
    ((lng.parse::<f64>().unwrap() - 24.0) * 1000.0).round()
}

fn row_of(count: usize) -> Vec<LatLng> {
    (0..count).map(|number| at(60.1, 24.0 + number as f64 / 1000.0)).collect()
}

#[tokio::test]
async fn table_larger_than_the_server_gives_is_put_together_from_tiles() {
    let server = server().await;
    Mock::given(any()).respond_with(SmallServer { most_pairs: 30 }).mount(&server).await;
    let matrix = osrm(&server).matrix(&row_of(23), VehicleKind::Car, &in_time()).await.unwrap();
    for from in 0..23 {
        for to in 0..23 {
            let number = if from == to { 0 } else { 100 * from + to };
            assert_eq!(matrix.leg(from as usize, to as usize), Some(leg(number, number)));
        }
    }
}

#[tokio::test]
async fn known_limit_is_kept_from_the_first_request_on() {
    let server = server().await;
    Mock::given(any()).respond_with(SmallServer { most_pairs: 100 }).mount(&server).await;
    let settings = OsrmSettings { max_table_size: 10, ..OsrmSettings::new(server.uri()) };
    assert!(Osrm::new(&settings).unwrap().matrix(&row_of(20), VehicleKind::Car, &in_time()).await.is_ok());
    assert_eq!(server.received_requests().await.unwrap().len(), 4);
}

#[tokio::test]
async fn passing_refusal_is_waited_out() {
    let server = server().await;
    let busy = ResponseTemplate::new(429).insert_header("retry-after", "0");
    Mock::given(any()).respond_with(busy).up_to_n_times(1).mount(&server).await;
    Mock::given(any()).respond_with(SmallServer { most_pairs: 100 }).mount(&server).await;
    assert!(osrm(&server).matrix(&row_of(2), VehicleKind::Car, &in_time()).await.is_ok());
}

#[tokio::test]
async fn password_in_the_url_is_sent_and_never_shown() {
    let server = server().await;
    let login = wiremock::matchers::header("authorization", "Basic dXNlcjpzZS9jcmV0");
    Mock::given(login).respond_with(SmallServer { most_pairs: 100 }).mount(&server).await;
    let url = server.uri().replace("http://", "http://user:se%2Fcret@");
    let osrm = Osrm::new(&OsrmSettings::new(url)).unwrap();
    assert!(osrm.matrix(&row_of(2), VehicleKind::Car, &in_time()).await.is_ok());
    assert!(!format!("{osrm:?}").contains("cret"));
}

#[tokio::test]
async fn neither_password_nor_positions_are_in_the_error_of_a_server_that_is_not_there() {
    with_tls();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let osrm = Osrm::new(&OsrmSettings::new(format!("http://user:secret@127.0.0.1:{port}"))).unwrap();
    // No time for another attempt.
    let stop = StopToken::with_clock(|| Duration::ZERO).within(Duration::from_millis(50));
    let error = osrm.matrix(&row_of(2), VehicleKind::Car, &stop).await.unwrap_err();
    assert!(matches!(error, TravelError::Unavailable { .. }));
    let text = format!("{} {error:?}", chain(&error));
    assert!(!text.contains("secret") && !text.contains("60.1"), "{text}");
}

#[tokio::test]
async fn page_of_a_proxy_is_no_answer() {
    let server = server().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200).set_body_string("<html>")).mount(&server).await;
    assert!(matches!(
        osrm(&server).matrix(&row_of(2), VehicleKind::Car, &in_time()).await,
        Err(TravelError::Unavailable { .. })
    ));
    server.reset().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(404).set_body_string("<html>")).mount(&server).await;
    assert!(matches!(
        osrm(&server).matrix(&row_of(2), VehicleKind::Car, &in_time()).await,
        Err(TravelError::Refused { .. })
    ));
}

#[tokio::test]
async fn each_kind_of_vehicle_has_its_profile_or_is_not_served() {
    let server = server().await;
    let body = json!({ "code": "Ok", "durations": [[0, 60], [60, 0]], "distances": [[0, 500], [500, 0]] });
    Mock::given(any()).respond_with(ResponseTemplate::new(200).set_body_json(body)).mount(&server).await;
    let settings = OsrmSettings { truck_profile: Some("hgv".to_owned()), ..OsrmSettings::new(server.uri()) };
    let osrm = Osrm::new(&settings).unwrap();
    let points = &brisbane()[..2];
    osrm.matrix(points, VehicleKind::Car, &in_time()).await.unwrap();
    osrm.matrix(points, VehicleKind::Truck, &in_time()).await.unwrap();
    let error = osrm.matrix(points, VehicleKind::Bicycle, &in_time()).await.unwrap_err();
    assert_eq!(chain(&error), "travel engine `osrm` knows no ways for a bicycle");
    assert!(osrm.path(points, VehicleKind::Bicycle, &in_time()).await.is_err());
    let asked = server.received_requests().await.unwrap();
    let profiles: Vec<_> = asked.iter().map(|asked| asked.url.path().split('/').nth(3).unwrap()).collect();
    assert_eq!(profiles, ["driving", "hgv"]);
}
