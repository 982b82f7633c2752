//! Credentials and tokens over HTTP, with the command line at work beside the server.

use serde_json::{Value, json};

use crate::server::{Credentials, Place, Server, on_both, text};

on_both!(
    a_disabled_integration_is_refused_at_once_and_works_again_when_enabled,
    a_rotated_secret_dies_at_once_or_overlaps,
    the_token_endpoint_takes_json_forms_and_basic,
);

async fn ask(server: &Server, credentials: &Credentials) -> u16 {
    let body = json!({ "client_id": credentials.client_id, "client_secret": credentials.client_secret });
    let answer = server.client.post(format!("{}/v1/integration-token", server.base)).json(&body).send().await;
    answer.expect("an answer").status().as_u16()
}

async fn a_disabled_integration_is_refused_at_once_and_works_again_when_enabled(place: &Place) {
    let credentials = place.credentials(&[]);
    let server = place.serve();
    let token = server.token(&credentials).await;
    place.json(&["integration", "disable", &credentials.client_id]);
    let refused = server.job(&token, "external_job_id=X").await;
    assert_eq!(refused.status(), 403);
    assert_eq!(refused.json::<Value>().await.expect("JSON"), json!({ "error": "Integration has been disabled" }));
    assert_eq!(ask(&server, &credentials).await, 403);
    let wrong = Credentials { client_secret: "rm_cs_wrong".to_owned(), ..credentials.clone() };
    assert_eq!(ask(&server, &wrong).await, 401);
    place.json(&["integration", "enable", &credentials.client_id]);
    assert_eq!(server.job(&token, "external_job_id=X").await.status(), 404);
}

async fn a_rotated_secret_dies_at_once_or_overlaps(place: &Place) {
    let first = place.credentials(&[]);
    let server = place.serve();
    let rotate = |overlap: &[&str]| {
        let rotated = place.json(&[&["integration", "rotate-secret", &first.client_id], overlap].concat());
        Credentials { client_secret: text(&rotated, "client_secret"), ..first.clone() }
    };
    let second = rotate(&[]);
    assert_eq!((ask(&server, &first).await, ask(&server, &second).await), (401, 200));
    let third = rotate(&["--overlap", "1"]);
    assert_eq!((ask(&server, &second).await, ask(&server, &third).await), (200, 200));
}

async fn the_token_endpoint_takes_json_forms_and_basic(place: &Place) {
    let credentials = place.credentials(&[]);
    let server = place.serve();
    let url = format!("{}/v1/integration-token", server.base);
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        credentials.client_id, credentials.client_secret
    );
    let requests = [
        server.client.post(&url).header("Content-Type", "application/x-www-form-urlencoded").body(form),
        server
            .client
            .post(&url)
            .basic_auth(&credentials.client_id, Some(&credentials.client_secret))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials"),
    ];
    for request in requests {
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["Cache-Control"], "no-store");
        let body: Value = answer.json().await.expect("JSON");
        assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(3600)));
    }
    let wrong =
        server.client.post(&url).basic_auth(&credentials.client_id, Some("wrong")).send().await.expect("an answer");
    assert_eq!(wrong.status(), 401);
    assert!(wrong.headers().contains_key("WWW-Authenticate"));
    assert_eq!(wrong.json::<Value>().await.expect("JSON")["error"], "invalid_client");
}
