//! Keys and addresses stay where they belong.

use std::error::Error;
use std::net::TcpListener;
use std::time::Duration;

use routemate_geocoding::{GeocodeError, Provider, RemoteGeocoder, RemoteSettings, SetupError};
use routemate_outbound::fixture::{server, with_tls};
use secrecy::SecretString;
use wiremock::matchers::any;
use wiremock::{Mock, ResponseTemplate};

use crate::{Hosts, ask, geocoder, query, settings};

/// All that a log could show of an error.
fn shown(error: &GeocodeError) -> String {
    let mut text = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause} {cause:?}");
        source = cause.source();
    }
    text
}

#[track_caller]
fn check(text: &str) {
    for secret in ["HUSH", "Waverley", "4068"] {
        assert!(!text.contains(secret), "{text}");
    }
}

fn keyed(settings: RemoteSettings) -> RemoteSettings {
    RemoteSettings { key: Some(SecretString::from("HUSH")), ..settings }
}

#[tokio::test]
async fn neither_key_nor_address_is_in_any_error() {
    let quoted = r#"{"error": "HUSH 12 Waverley Road, Taringa QLD 4068", "lat": "12 Waverley Road 4068 HUSH"}"#;
    for provider in Provider::ALL {
        for status in [200, 301, 400, 401, 402, 403, 404, 413, 422, 500] {
            let server = server().await;
            let reply = ResponseTemplate::new(status).set_body_string(quoted);
            Mock::given(any()).respond_with(reply).mount(&server).await;
            check(&shown(&ask(&keyed(settings(provider, &server)), &query()).await.unwrap_err()));
        }
        let server = server().await;
        let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let settings = RemoteSettings {
            url: Some(format!("http://me:HUSH@{gone}")),
            patience: Duration::from_millis(50),
            ..keyed(settings(provider, &server))
        };
        check(&shown(&ask(&settings, &query()).await.unwrap_err()));
        check(&format!("{settings:?}"));
        check(&format!("{:?}", geocoder(&settings)));
    }
}

#[tokio::test]
async fn redirects_take_no_key_elsewhere() {
    let (server, elsewhere) = (server().await, server().await);
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&elsewhere).await;
    let redirect = ResponseTemplate::new(302).insert_header("location", elsewhere.uri());
    Mock::given(any()).respond_with(redirect).mount(&server).await;
    let error = ask(&keyed(settings(Provider::Google, &server)), &query()).await.unwrap_err();
    assert!(matches!(error, GeocodeError::Refused { .. }), "{error:?}");
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[test]
fn a_server_of_ones_own_has_to_be_named_and_a_contact_to_fit_into_a_header() {
    with_tls();
    let set_up = |settings: &RemoteSettings| RemoteGeocoder::new(settings, &Hosts::default());
    for provider in Provider::ALL {
        assert_eq!(
            set_up(&keyed(RemoteSettings::new(provider))).is_ok(),
            provider.vendor_url().is_some(),
            "{provider:?}"
        );
    }
    let settings = RemoteSettings {
        url: Some("http://10.0.0.1".to_owned()),
        contact: Some("a\nb".to_owned()),
        ..RemoteSettings::new(Provider::Nominatim)
    };
    assert!(matches!(set_up(&settings), Err(SetupError::Key)));
}
