//! What Prometheus is shown, and what it is not.

use std::collections::BTreeSet;

use serde_json::json;

use crate::server::{Place, job, on_both};

on_both!(what_was_done_is_measured_and_nothing_else_is_shown, usage_is_told_after_the_server_has_stopped);

/// The value of the first sample whose name and labels begin so.
#[track_caller]
fn value(metrics: &str, sample: &str) -> f64 {
    let line = metrics.lines().find(|line| line.starts_with(sample));
    let line = line.unwrap_or_else(|| panic!("no `{sample}` in\n{metrics}"));
    line.rsplit(' ').next().expect("a value").parse().expect("a number")
}

async fn what_was_done_is_measured_and_nothing_else_is_shown(place: &Place) {
    let credentials = place.credentials(&["--rpm", "6"]);
    let server = place.serve_with(&[("ROUTEMATE_METRICS_LISTEN", "127.0.0.1:0")]);
    let token = server.token(&credentials).await;
    assert_eq!(server.import(&token, &job("CANARY-1", 20), Some("canary-key")).await.expect("an answer").status(), 200);
    assert_eq!(server.import(&token, &job("CANARY-1", 20), Some("canary-key")).await.expect("an answer").status(), 200);
    assert_eq!(server.import(&token, &job("CANARY-2", 3), Some("canary-key")).await.expect("an answer").status(), 200);
    assert_eq!(server.import(&token, &json!({"stops": []}), None).await.expect("an answer").status(), 400);
    assert_eq!(server.job(&token, "external_job_id=CANARY-1").await.status(), 200);
    assert_eq!(server.job(&token, "external_job_id=CANARY-3").await.status(), 404);
    assert_eq!(server.job(&token, "external_job_id=CANARY-3").await.status(), 429);
    let stray = server.client.get(format!("{}/canary/path", server.base)).send().await.expect("an answer");
    assert_eq!(stray.status(), 404);

    let metrics = server.metrics().await;
    let requests = |labels: &str| value(&metrics, &format!("routemate_http_requests_total{{{labels}"));
    assert_eq!(requests(r#"method="POST",route="/v1/integration-import",status="200""#), 3.0);
    assert_eq!(requests(r#"method="POST",route="/v1/integration-import",status="400""#), 1.0);
    assert_eq!(requests(r#"method="GET",route="/v1/integration-jobs",status="404""#), 1.0);
    assert_eq!(requests(r#"method="GET",route="unmatched",status="404""#), 1.0);
    assert_eq!(value(&metrics, "routemate_rate_limit_refusals_total"), 1.0);
    assert_eq!(value(&metrics, r#"routemate_imports_total{outcome="stored"}"#), 1.0);
    assert_eq!(value(&metrics, r#"routemate_imports_total{outcome="replayed"}"#), 2.0);
    assert_eq!(value(&metrics, "routemate_imported_stops_total"), 20.0);
    assert_eq!(value(&metrics, r#"routemate_idempotency_replays_total{request="mismatch"}"#), 1.0);
    assert_eq!(value(&metrics, r#"routemate_travel_duration_seconds_count{engine="estimate",question="matrix"}"#), 1.0);
    assert!(value(&metrics, "routemate_solver_duration_seconds_count") >= 1.0);
    assert_eq!(value(&metrics, "routemate_http_requests_in_flight"), 0.0);
    assert_eq!(value(&metrics, r#"routemate_queue_work{state="due"}"#), 0.0);
    assert!(value(&metrics, r#"routemate_database_wait_seconds_count{access="write"}"#) >= 1.0);
    assert!(value(&metrics, "process_resident_memory_bytes") > 1e6);
    assert!(value(&metrics, "process_open_fds") > 3.0);

    // Every family has been described, so it is in the catalog and in the manual's table.
    let families = |word: &str| -> BTreeSet<String> {
        let lines = metrics.lines().filter_map(|line| line.strip_prefix("# ")?.strip_prefix(word));
        lines.filter_map(|line| line.split_whitespace().next().map(str::to_owned)).collect()
    };
    assert_eq!(families("TYPE"), families("HELP"));
    let secrets = [&*token, &credentials.client_secret, &credentials.client_id, &credentials.organization_id];
    for secret in secrets.into_iter().chain(["CANARY", "canary", "ada@example.com", "Esplanadi"]) {
        assert!(!metrics.contains(secret), "{secret}");
    }
    let elsewhere = server.client.get(format!("{}/metrics", server.base)).send().await.expect("an answer");
    assert_eq!(elsewhere.status(), 404, "the API shows no metrics");
}

async fn usage_is_told_after_the_server_has_stopped(place: &Place) {
    let credentials = place.credentials(&[]);
    let server = place.serve();
    let token = server.token(&credentials).await;
    assert_eq!(server.import(&token, &job("A", 5), None).await.expect("an answer").status(), 200);
    let url = format!("{}/v1/integration-jobs?external_job_id=B", server.base);
    let request = server.client.get(url).bearer_auth(&token).header("X-Request-Id", "support-4711");
    assert_eq!(request.send().await.expect("an answer").status(), 404);
    assert!(server.terminate().0);

    let usage = place.json(&["usage", "--org", &credentials.organization_id]);
    let found = &usage["organizations"][0];
    let counts = ["requests", "refused", "limited", "failed", "imports", "imported_stops"].map(|name| &found[name]);
    assert_eq!(counts, [2, 1, 0, 0, 1, 5]);
    assert_eq!(found["by_day"][0]["client_id"], credentials.client_id.as_str());
    let error = &place.json(&["usage", "--request-id", "support-4711"])["organizations"][0]["recent_errors"][0];
    assert_eq!((&error["status"], &error["route"]), (&json!(404), &json!("/v1/integration-jobs")));
    assert_eq!(error["error"], "job not found");
    let listed = place.json(&["integration", "list", "--org", &credentials.organization_id]);
    assert!(listed["integrations"][0]["last_used_at"].is_string(), "{listed}");
}
