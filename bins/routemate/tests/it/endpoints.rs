//! What is said at paths and to methods that lead nowhere, and what a stranger can learn; see `access` for every endpoint.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::server::{Credentials, Place, Server, job, on_both, text};

on_both!(
    what_is_missing_and_what_is_anothers_look_the_same,
    wrong_methods_and_unknown_paths_are_refused_before_anybody_is_asked_for_a_token,
    a_jobs_page_is_the_same_sign_in_page_whatever_is_wrong_with_the_link,
    head_is_get_without_the_body,
    an_upgrade_is_declined_and_the_connection_ends,
);

/// Another integration of the same organisation.
fn sibling(place: &Place, first: &Credentials) -> Credentials {
    let created = place.json(&["integration", "create", "--org", &first.organization_id, "--name", "Warehouse"]);
    let (client_id, client_secret) = (text(&created, "client_id"), text(&created, "client_secret"));
    Credentials { client_id, client_secret, ..first.clone() }
}

async fn imported(server: &Server, token: &str, external_job_id: &str) -> String {
    let answer = server.import(token, &job(external_job_id, 2), None).await.expect("an answer");
    text(&answer.json().await.expect("JSON"), "job_id")
}

/// An answer without what differs from call to call.
async fn seen(answer: Response) -> (u16, BTreeMap<String, String>, String) {
    let varies = ["date", "x-request-id", "ratelimit"];
    let headers = answer.headers().iter().filter(|(name, _)| !varies.contains(&name.as_str()));
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().expect("text").to_owned())).collect();
    (answer.status().as_u16(), headers, answer.text().await.expect("a body"))
}

async fn what_is_missing_and_what_is_anothers_look_the_same(place: &Place) {
    let first = place.credentials(&[]);
    let (sibling, other) = (sibling(place, &first), place.credentials(&[]));
    let server = place.serve();
    let job_id = imported(&server, &server.token(&first).await, "ONE").await;
    let (missing_id, no_id) = ("01900000-0000-7000-8000-000000000000", "seven");
    for credentials in [&first, &sibling, &other] {
        let authorization = format!("Bearer {}", server.token(credentials).await);
        for accept in ["*/*", "application/problem+json"] {
            let get = async |path: String| {
                let request = server.client.get(format!("{}{path}", server.base)).header("Accept", accept);
                seen(request.header("Authorization", &authorization).send().await.expect("an answer")).await
            };
            let documented = get("/v1/integration-jobs?external_job_id=NONE".to_owned()).await;
            let native = get(format!("/api/v1/jobs/{missing_id}")).await;
            assert_eq!((documented.0, native.0), (404, 404));
            let mut ids = vec![missing_id, no_id];
            if credentials.client_id != first.client_id {
                ids.push(&job_id);
                assert_eq!(get("/v1/integration-jobs?external_job_id=ONE".to_owned()).await, documented);
            }
            for id in ids {
                assert_eq!(get(format!("/v1/integration-jobs?job_id={id}")).await, documented, "{id}");
                assert_eq!(get(format!("/api/v1/jobs/{id}")).await, native, "{id}");
            }
        }
    }
}

async fn wrong_methods_and_unknown_paths_are_refused_before_anybody_is_asked_for_a_token(place: &Place) {
    let server = place.serve();
    let known: [(&str, &[Method], &str); 10] = [
        ("/v1/integration-token", &[Method::GET, Method::HEAD, Method::PUT, Method::OPTIONS], "POST"),
        ("/v1/integration-import", &[Method::GET, Method::HEAD, Method::DELETE, Method::OPTIONS], "POST"),
        ("/v1/integration-jobs", &[Method::POST, Method::PATCH, Method::TRACE, Method::OPTIONS], "GET, HEAD"),
        ("/api/v1/jobs/7", &[Method::POST, Method::PUT, Method::OPTIONS], "GET, HEAD, DELETE"),
        ("/api/v1/geocode", &[Method::GET, Method::OPTIONS], "POST"),
        ("/api/v1/addresses", &[Method::POST, Method::DELETE, Method::OPTIONS], "GET, HEAD, PUT"),
        ("/api/v1/addresses/7", &[Method::GET, Method::PUT], "DELETE"),
        ("/app/jobs/7", &[Method::POST, Method::OPTIONS], "GET, HEAD"),
        ("/healthz", &[Method::POST, Method::OPTIONS], "GET, HEAD"),
        ("/readyz", &[Method::PUT], "GET, HEAD"),
    ];
    for (path, methods, allow) in known {
        for method in methods {
            let headers = check_refusal(&server, method, path, 405, "Method not allowed").await;
            assert_eq!(headers.get("allow").map(String::as_str), Some(allow), "{method} {path}");
        }
    }
    for path in [
        "/",
        "/nothing",
        "/v1",
        "/v1/",
        "/v1/integration-jobs/",
        "/v1/integration-jobs/7",
        "//v1/integration-jobs",
        "/v1//integration-jobs",
        "/V1/integration-jobs",
        "/v1/%00",
        "/api",
        "/api/v1/jobs/7/nothing",
        "/app/jobs",
        "/healthz/",
    ] {
        for method in [Method::GET, Method::POST, Method::OPTIONS] {
            let headers = check_refusal(&server, &method, path, 404, "Not found").await;
            assert!(!headers.contains_key("allow"), "{method} {path}");
        }
    }
}

/// A refusal is JSON as documented, a problem on our own paths, and a problem everywhere for who asks for one.
async fn check_refusal(
    server: &Server,
    method: &Method,
    path: &str,
    status: u16,
    message: &str,
) -> BTreeMap<String, String> {
    let is_native = path.starts_with("/api/v1") || path.starts_with("/app");
    let mut last = BTreeMap::new();
    for (accept, is_problem) in [("*/*", is_native), ("application/problem+json", true)] {
        let request = server.client.request(method.clone(), format!("{}{path}", server.base)).header("Accept", accept);
        let (told, headers, body) = seen(request.send().await.expect("an answer")).await;
        assert_eq!(told, status, "{method} {path}");
        let kind = if is_problem { "application/problem+json" } else { "application/json" };
        assert_eq!(headers["content-type"], kind, "{method} {path}");
        if *method != Method::HEAD {
            let body: Value = serde_json::from_str(&body).unwrap_or_else(|_| panic!("{method} {path}: {body}"));
            let expected = if is_problem { json!(status) } else { json!(message) };
            assert_eq!(body[if is_problem { "status" } else { "error" }], expected, "{method} {path}");
        }
        last = headers;
    }
    last
}

async fn a_jobs_page_is_the_same_sign_in_page_whatever_is_wrong_with_the_link(place: &Place) {
    let (first, other) = (place.credentials(&[]), place.credentials(&[]));
    let server = place.serve();
    let token = server.token(&first).await;
    let (job_id, second_id) = (imported(&server, &token, "ONE").await, imported(&server, &token, "TWO").await);
    let url = text(&place.json(&["job", "link", &job_id]), "url");
    let query = url.split_once('?').expect("a query").1;
    let page = async |path: &str| {
        seen(server.client.get(format!("{}/app/jobs/{path}", server.base)).send().await.expect("an answer")).await
    };
    let opened = page(&format!("{job_id}?{query}")).await;
    assert!(opened.0 == 200 && opened.2.contains("ONE"));

    let sign_in = page("01900000-0000-7000-8000-000000000000").await;
    assert_eq!(sign_in.0, 200);
    let changed = |name: &str, value: &str| {
        let parts = query.split('&').map(|part| match part.split_once('=') {
            Some((key, _)) if key == name => format!("{name}={value}"),
            _ => part.to_owned(),
        });
        format!("{job_id}?{}", parts.collect::<Vec<_>>().join("&"))
    };
    for path in [
        job_id.clone(),
        "seven".to_owned(),
        "%00".to_owned(),
        format!("{second_id}?{query}"),
        format!("01900000-0000-7000-8000-000000000000?{query}"),
        changed("organization", &other.organization_id),
        changed("expires", "1"),
        changed("expires", "99999999999"),
        changed("signature", ""),
        changed("signature", &"A".repeat(43)),
        changed("signature", "%00"),
    ] {
        assert_eq!(page(&path).await, sign_in, "{path}");
    }
}

async fn head_is_get_without_the_body(place: &Place) {
    let credentials = place.credentials(&[]);
    let server = place.serve();
    let token = server.token(&credentials).await;
    let job_id = imported(&server, &token, "ONE").await;
    for path in [
        format!("/v1/integration-jobs?job_id={job_id}"),
        "/v1/integration-jobs".to_owned(),
        "/v1/integration-jobs?job_id=7".to_owned(),
        format!("/api/v1/jobs/{job_id}"),
        format!("/app/jobs/{job_id}"),
        "/healthz".to_owned(),
        "/nothing".to_owned(),
    ] {
        let send = async |method: Method| {
            let request = server.client.request(method, format!("{}{path}", server.base)).bearer_auth(&token);
            seen(request.send().await.expect("an answer")).await
        };
        let (get, head) = (send(Method::GET).await, send(Method::HEAD).await);
        assert_eq!((get.0, &get.1), (head.0, &head.1), "{path}");
        assert!(!get.2.is_empty() && head.2.is_empty(), "{path}");
    }
}

/// As Java's client asks with its first request to a plain `http` address.
async fn an_upgrade_is_declined_and_the_connection_ends(place: &Place) {
    let server = place.serve();
    let address = server.base.trim_start_matches("http://");
    let mut connection = TcpStream::connect(address).expect("it listens");
    let request = format!(
        "POST /v1/integration-token HTTP/1.1\r\nHost: {address}\r\nContent-Length: 2\r\n\
         Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n{{}}"
    );
    connection.write_all(request.as_bytes()).expect("it is sent");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).expect("an answer and the end of the connection");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    assert!(head.starts_with("HTTP/1.1 400 "), "{head}");
    assert!(head.contains("\r\nconnection: close\r\n"), "{head}");
    assert_eq!(body, r#"{"error":"Missing client_id or client_secret"}"#);
}
