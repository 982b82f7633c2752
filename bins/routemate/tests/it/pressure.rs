//! Too much, too slow, and the end: what a server does when it cannot do everything.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::contract::{Contract, Seen};
use crate::server::{Place, job, on_both};

on_both!(
    a_full_solver_is_told_at_once_and_not_as_a_rate_limit,
    too_many_requests_at_once_are_told_and_readiness_is_not,
    readiness_goes_first_and_what_is_in_flight_ends_well,
);

const METRICS: (&str, &str) = ("ROUTEMATE_METRICS_LISTEN", "127.0.0.1:0");

fn solvers() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get)
}

async fn a_full_solver_is_told_at_once_and_not_as_a_rate_limit(place: &Place) {
    let credentials = place.credentials(&["--plan", "enterprise"]);
    let server = Arc::new(place.serve_with(&[("ROUTEMATE_SOLVER_QUEUE", "0"), METRICS]));
    let token = server.token(&credentials).await;
    let known = server.import(&token, &job("KNOWN", 3), Some("known")).await.expect("an answer");
    let known = known.bytes().await.expect("a body");
    // Each has a solver for a second and a half.
    let busy: Vec<_> = (0..solvers())
        .map(|number| {
            let (server, token) = (Arc::clone(&server), token.clone());
            tokio::spawn(async move { server.import(&token, &job(&format!("BIG-{number}"), 3000), None).await })
        })
        .collect();
    let full = format!("routemate_solvers_busy {}", solvers());
    while !server.metrics().await.contains(&full) {}

    let begun = Instant::now();
    let refused = server.import(&token, &job("SMALL", 3), Some("small")).await.expect("an answer");
    let took = begun.elapsed();
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers()["Retry-After"], "1");
    assert!(!refused.headers().contains_key("RateLimit"), "no limit of the client's was reached");
    let body: Value = refused.json().await.expect("JSON");
    assert_eq!(body, json!({"error": "Service temporarily unavailable", "retry_after_seconds": 1}));
    eprintln!("refused after {took:?}");
    assert!(took < Duration::from_secs(1), "{took:?}");
    let again = server.import(&token, &job("KNOWN", 3), Some("known")).await.expect("an answer");
    assert_eq!(again.headers()["Idempotency-Replayed"], "true", "what is known needs no solver");
    assert_eq!(again.bytes().await.expect("a body"), known);

    for import in busy {
        assert_eq!(import.await.expect("it ran").expect("an answer").status(), 200);
    }
    let retried = server.import(&token, &job("SMALL", 3), Some("small")).await.expect("an answer");
    assert_eq!(retried.status(), 200);
    assert!(!retried.headers().contains_key("Idempotency-Replayed"));
    assert!(server.metrics().await.contains(r#"routemate_solver_refusals_total{reason="full"} 1"#));
}

/// A connection whose request stays unfinished.
fn stalled(server_base: &str, token: &str) -> TcpStream {
    let address = server_base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).expect("it listens");
    let head = format!(
        "POST /v1/integration-import HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nContent-Length: 1000\r\n\r\n{{"
    );
    stream.write_all(head.as_bytes()).expect("it is sent");
    stream
}

async fn too_many_requests_at_once_are_told_and_readiness_is_not(place: &Place) {
    let credentials = place.credentials(&["--plan", "enterprise"]);
    let server = place.serve_with(&[("ROUTEMATE_MAX_REQUESTS", "2"), METRICS]);
    let token = server.token(&credentials).await;
    let contract = Contract::of(&server).await;
    let streams: Vec<_> = (0..2).map(|_| stalled(&server.base, &token)).collect();
    while !server.metrics().await.contains("routemate_http_requests_in_flight 2") {}
    let watchers = ["/healthz", "/readyz"];
    let operations = contract.operations().into_iter().filter(|operation| !watchers.contains(&&*operation.path));
    // Each says it in its own words, which are those that are documented of it.
    for operation in operations {
        for accept in ["*/*", "application/problem+json"] {
            let path = operation.path.replace(['{', '}'], "");
            let request = server.client.request(operation.method.clone(), format!("{}{path}", server.base));
            let refused = Seen::of(request.header("Accept", accept).send().await.expect("an answer")).await;
            assert_eq!((refused.status, refused.headers["retry-after"].as_str()), (503, "1"), "{path}");
            contract.check(&operation, &refused);
            if refused.headers["content-type"].contains("json") {
                let body: Value = serde_json::from_str(&refused.body).expect("JSON");
                // The second published contract has no place for it in its bodies.
                let expected = if body["details"].is_array() { Value::Null } else { json!(1) };
                assert_eq!(body["retry_after_seconds"], expected, "{path}: {body}");
            }
        }
    }
    let nowhere = server.client.get(format!("{}/nowhere", server.base)).send().await.expect("an answer");
    assert_eq!(nowhere.status(), 503);
    let body = json!({"error": "Service temporarily unavailable", "retry_after_seconds": 1});
    assert_eq!(nowhere.json::<Value>().await.expect("JSON"), body);
    let ready = server.client.get(format!("{}/readyz", server.base)).send().await.expect("an answer");
    assert_eq!(ready.status(), 200);
    drop(streams);
    while server.job(&token, "external_job_id=A").await.status() == 503 {}
    assert_eq!(server.job(&token, "external_job_id=A").await.status(), 404);
}

async fn readiness_goes_first_and_what_is_in_flight_ends_well(place: &Place) {
    let credentials = place.credentials(&["--plan", "enterprise"]);
    let server = place.serve_with(&[("ROUTEMATE_DRAIN_DELAY_MS", "5000"), METRICS]);
    let token = server.token(&credentials).await;
    let ready = || server.client.get(format!("{}/readyz", server.base)).send();
    assert_eq!(ready().await.expect("an answer").status(), 200);
    let signal = |name: &str| {
        let id = server.process_id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().expect("kill runs").success());
    };
    let begun = Instant::now();
    signal("-TERM");
    // Until the signal has arrived.
    let stopping = loop {
        let answer = ready().await.expect("it still listens");
        if answer.status() == 503 {
            break answer;
        }
    };
    assert_eq!(stopping.json::<Value>().await.expect("JSON"), json!({"status": "stopping"}));
    let late = server.import(&token, &job("LATE", 50), Some("late")).await.expect("it still answers");
    assert_eq!((late.status().as_u16(), &late.headers()["Connection"]), (200, &"close".parse().expect("a value")));
    // Whoever does not want to wait says so again.
    signal("-TERM");
    let (has_ended_well, _, log) = server.terminate();
    assert!(has_ended_well, "{log}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    let server = place.serve();
    let token = server.token(&credentials).await;
    assert_eq!(server.job(&token, "external_job_id=LATE").await.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_never_ends_is_given_up() {
    let place = Place::new(routemate_persistence::DatabaseKind::Sqlite).await.expect("SQLite is always there");
    let server = place.serve();
    let mut stream = TcpStream::connect(server.base.trim_start_matches("http://")).expect("it listens");
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: ").expect("it is sent");
    let mut answer = String::new();
    // Ends when the server ends the connection.
    stream.read_to_string(&mut answer).expect("it ends");
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
}
