//! What is asked, and what is made of the answers.

use futures_util::future::join_all;
use routemate_geocoding::{Candidate, GeocodeError, Geocoder, MatchType, Provider, Query, RemoteSettings};
use routemate_outbound::fixture::{Fixture, fixture, server};
use routemate_units::LatLng;
use serde_json::Value;
use wiremock::matchers::any;
use wiremock::{Mock, ResponseTemplate};

use crate::{ask, geocoder, query, settings, structured};

/// The word of the fixtures for what was found.
fn word(match_type: MatchType) -> &'static str {
    match match_type {
        MatchType::Exact | MatchType::OtherSuffix => "address",
        MatchType::Range | MatchType::Interpolated | MatchType::NearestNumber => "interpolated",
        MatchType::Street => "street",
        MatchType::Postcode | MatchType::Locality => "place",
        _ => "unknown",
    }
}

/// Whether the candidate is what the fixture wants.
#[track_caller]
fn check(name: &str, want: &Value, candidate: &Candidate) {
    let confidence = candidate.confidence.get();
    if let Some(expected) = want["match"].as_str() {
        assert_eq!(word(candidate.match_type), expected, "{name}");
    }
    if let Some(lat) = want["lat"].as_f64() {
        assert_eq!(candidate.position, LatLng::new(lat, want["lon"].as_f64().unwrap()).unwrap(), "{name}");
    }
    let most = want["confidence_max"].as_f64().unwrap_or(1.0);
    // What is an address or between two, without a remark, is taken without comment.
    let is_plain =
        want["confidence_max"].is_null() && ["address", "interpolated"].contains(&word(candidate.match_type));
    let least = want["confidence_min"].as_f64().unwrap_or(if is_plain { 0.7 } else { 0.0 });
    assert!((least..=most).contains(&confidence), "{name}: {confidence} is not from {least} to {most}");
}

/// Asks a server that knows the fixture's request alone, and checks what comes of its reply.
async fn check_answer(provider: Provider, name: &str, query: &Query) -> Option<Vec<Candidate>> {
    check_answer_with(provider, name, query, |settings| settings).await
}

async fn check_answer_with(
    provider: Provider,
    name: &str,
    query: &Query,
    change: impl FnOnce(RemoteSettings) -> RemoteSettings,
) -> Option<Vec<Candidate>> {
    let fixture = fixture(name)?;
    let server = fixture.serve().await;
    let candidates =
        ask(&change(settings(provider, &server)), query).await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
    match candidates.as_slice() {
        [candidate] => {
            check(name, &fixture.want, candidate);
            assert_eq!(candidate.source, provider.name());
            assert!(!candidate.label.is_empty() && !candidate.attribution.is_empty(), "{name}");
        }
        [] => assert!(fixture.want.get("answer").is_some_and(Value::is_null), "{name}: nothing was found"),
        more => panic!("{name}: {} candidates", more.len()),
    }
    Some(candidates)
}

fn in_australia() -> Query {
    query().within_country("au")
}

#[tokio::test]
async fn google_is_asked_and_read() {
    for name in ["google_ok_rooftop", "google_ok_interpolated", "google_partial_street", "google_zero"] {
        check_answer(Provider::Google, name, &query()).await;
    }
}

#[tokio::test]
async fn nominatim_is_asked_by_name_and_read() {
    let known = |settings| RemoteSettings { contact: Some("ops@example.com".to_owned()), ..settings };
    for (name, query) in [
        ("nominatim_ok", query()),
        ("nominatim_street_only", query()),
        ("nominatim_empty", query()),
        ("nominatim_structured", structured("Taringa", "QLD")),
    ] {
        let Some(mut fixture) = fixture(name) else { return };
        // The fixture has somebody else's name.
        let agent = format!("RouteMate/{} (ops@example.com)", env!("CARGO_PKG_VERSION"));
        fixture.request["headers"]["User-Agent"] = agent.into();
        let server = fixture.serve().await;
        let candidates = ask(&known(settings(Provider::Nominatim, &server)), &query).await.unwrap();
        match candidates.first() {
            Some(candidate) => {
                check(name, &fixture.want, candidate);
                assert!(candidate.attribution.contains("ODbL"), "{name}");
            }
            None => assert!(fixture.want.get("answer").is_some_and(Value::is_null), "{name}"),
        }
    }
}

#[tokio::test]
async fn photon_is_asked_and_read() {
    let english = |settings| RemoteSettings { language: Some("en".to_owned()), ..settings };
    check_answer_with(Provider::Photon, "photon_ok", &query(), english).await;
    check_answer(Provider::Photon, "photon_wrong_number", &query()).await;
    check_answer(Provider::Photon, "photon_structured", &structured("Taringa", "")).await;
    check_answer(Provider::Photon, "photon_empty", &Query::text("zzz")).await;
}

#[tokio::test]
async fn pelias_is_asked_and_read() {
    for name in
        ["pelias_exact", "pelias_interpolated", "pelias_fallback_street", "pelias_fallback_city", "pelias_empty"]
    {
        check_answer(Provider::Pelias, name, &in_australia()).await;
    }
    check_answer(Provider::Pelias, "pelias_structured", &structured("Brisbane", "QLD")).await;
}

#[tokio::test]
async fn mapbox_is_asked_and_read() {
    for name in ["mapbox_exact", "mapbox_interpolated", "mapbox_low"] {
        let Some(candidates) = check_answer(Provider::Mapbox, name, &query()).await else { return };
        assert_eq!(candidates[0].access, LatLng::new(-27.49321, 152.98117).ok(), "{name}");
    }
}

#[tokio::test]
async fn here_is_asked_and_read() {
    for name in ["here_ok", "here_interpolated", "here_number_fallback", "here_street", "here_empty"] {
        let Some(candidates) = check_answer(Provider::Here, name, &in_australia()).await else { return };
        if let Some(candidate) = candidates.first() {
            assert_eq!(candidate.access, LatLng::new(-27.49311, 152.98107).ok(), "{name}");
        }
    }
    check_answer(Provider::Here, "here_structured", &structured("Brisbane", "")).await;
}

#[tokio::test]
async fn opencage_is_asked_and_read() {
    for name in ["opencage_ok", "opencage_road", "opencage_empty"] {
        check_answer(Provider::OpenCage, name, &in_australia()).await;
    }
}

#[tokio::test]
async fn many_questions_to_mapbox_are_one_request_and_answered_in_their_order() {
    let Some(fixture) = fixture("mapbox_batch") else { return };
    let server = fixture.serve().await;
    let elsewhere = Query::structured(&routemate_geocoding::StructuredAddress {
        line: "99 Nowhere St".to_owned(),
        city: "Taringa".to_owned(),
        region: "Queensland".to_owned(),
        postcode: "4068".to_owned(),
        country: "AU".to_owned(),
        ..Default::default()
    });
    let mapbox = geocoder(&settings(Provider::Mapbox, &server));
    let queries = [query(), elsewhere];
    let answers = join_all(queries.iter().map(|query| mapbox.geocode(query))).await;
    let found: Vec<usize> = answers.iter().map(|answer| answer.as_ref().unwrap().len()).collect();
    assert_eq!(found, [1, 0]);
    assert_eq!(answers[0].as_ref().unwrap()[0].match_type, MatchType::Exact);
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn one_question_that_mapbox_cannot_take_does_not_spoil_the_others() {
    let (Some(exact), Some(refusal)) = (fixture("mapbox_exact"), fixture("mapbox_422")) else { return };
    let server = exact.serve_always().await;
    let status = u16::try_from(refusal.response["status"].as_u64().unwrap()).unwrap();
    let refused = ResponseTemplate::new(status).set_body_json(&refusal.response["body"]);
    let path = wiremock::matchers::path("/search/geocode/v6/batch");
    Mock::given(path).respond_with(refused).with_priority(1).mount(&server).await;
    let mapbox = geocoder(&settings(Provider::Mapbox, &server));
    let queries = [query(), Query::text("12 Waverley Road"), Query::text("Waverley Road")];
    let answers = join_all(queries.iter().map(|query| mapbox.geocode(query))).await;
    assert!(answers.iter().all(|answer| answer.as_ref().is_ok_and(|candidates| candidates.len() == 1)));
}

/// The class that the fixtures give an error; those that are put again are looked at elsewhere.
fn class(error: &GeocodeError) -> &'static str {
    match error {
        GeocodeError::Refused { .. } => "auth",
        GeocodeError::OutOfQuota { .. } => "quota_stop",
        GeocodeError::Invalid { .. } => "bad_request",
        GeocodeError::RateLimited { .. } => "retry_backoff",
        GeocodeError::Unavailable { .. } => "retry",
        _ => "another",
    }
}

async fn check_error(provider: Provider, name: &str, fixture: Fixture) {
    let server = fixture.serve_always().await;
    let error = ask(&settings(provider, &server), &query()).await.unwrap_err();
    assert_eq!(class(&error), fixture.want["error"].as_str().unwrap(), "{name}: {error:?}");
    assert_eq!(server.received_requests().await.unwrap().len(), 1, "{name} was put again");
    let is_to_be_asked_again = fixture.want["error"] != "bad_request";
    assert_eq!(error.is_transient(), is_to_be_asked_again, "{name}");
}

#[tokio::test]
async fn errors_that_will_not_pass_are_told_apart_and_not_put_again() {
    for (provider, names) in [
        (Provider::Google, ["google_request_denied", "google_over_daily_limit", "google_invalid_request"].as_slice()),
        (Provider::Nominatim, &["nominatim_400", "nominatim_403"]),
        (Provider::Photon, &["photon_400"]),
        (Provider::Pelias, &["pelias_400"]),
        (Provider::Mapbox, &["mapbox_401", "mapbox_422"]),
        (Provider::Here, &["here_400", "here_401"]),
        (Provider::OpenCage, &["opencage_400", "opencage_401", "opencage_402", "opencage_403"]),
    ] {
        for name in names {
            let Some(fixture) = fixture(name) else { return };
            check_error(provider, name, fixture).await;
        }
    }
}

#[tokio::test]
async fn what_is_no_answer_of_the_service_is_not_taken_for_one() {
    for provider in Provider::ALL {
        for (status, body) in [(200, "<html>"), (200, "null"), (500, "{}"), (200, r#"{"results":[{}],"status":"OK"}"#)]
        {
            let server = server().await;
            let reply = ResponseTemplate::new(status).set_body_string(body);
            Mock::given(any()).respond_with(reply).mount(&server).await;
            let answer = ask(&settings(provider, &server), &query()).await;
            assert!(matches!(answer, Err(GeocodeError::Unavailable { .. })), "{provider:?} {body}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn position_off_the_globe_is_no_answer() {
    let Some(mut fixture) = fixture("here_ok") else { return };
    fixture.response["body"]["items"][0]["position"]["lat"] = 91.0.into();
    let server = fixture.serve_always().await;
    let answer = ask(&settings(Provider::Here, &server), &query()).await;
    assert!(matches!(answer, Err(GeocodeError::Unavailable { .. })), "{answer:?}");
}

#[tokio::test]
async fn a_focus_goes_with_the_question_where_the_service_knows_one() {
    let focused = query().near(LatLng::new(-27.5, 153.0).unwrap());
    for (provider, key, value) in [
        (Provider::Google, "bounds", "-27.75,152.75|-27.25,153.25"),
        (Provider::Nominatim, "viewbox", "152.75,-27.75,153.25,-27.25"),
        (Provider::Photon, "lat", "-27.5"),
        (Provider::Pelias, "focus.point.lon", "153"),
        (Provider::Mapbox, "proximity", "153,-27.5"),
        (Provider::Here, "at", "-27.5,153"),
        (Provider::OpenCage, "proximity", "-27.5,153"),
    ] {
        let server = server().await;
        Mock::given(any()).respond_with(ResponseTemplate::new(404)).mount(&server).await;
        let _ = ask(&settings(provider, &server), &focused).await;
        let requests = server.received_requests().await.unwrap();
        let sent: Vec<_> =
            requests[0].url.query_pairs().filter(|(name, _)| name == key).map(|(_, value)| value).collect();
        assert_eq!(sent, [value], "{provider:?}");
    }
}
