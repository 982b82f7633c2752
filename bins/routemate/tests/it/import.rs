//! Imports over HTTP.

use std::collections::HashSet;
use std::sync::Arc;

use routemate_persistence::DatabaseKind;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::server::{Place, job, on_both, text};

on_both!(
    many_calls_with_one_key_make_one_job_and_equal_answers,
    an_answer_survives_a_restart,
    a_second_job_with_the_same_external_id_is_refused_and_names_the_first,
    the_team_plan_admits_sixty_requests_a_minute_and_two_hundred_stops,
    a_job_waits_for_its_driver_and_is_assigned_when_there_is_one,
    what_cannot_be_understood_is_answered_in_json,
);

async fn many_calls_with_one_key_make_one_job_and_equal_answers(place: &Place) {
    let credentials = place.credentials(&["--plan", "enterprise"]);
    let server = Arc::new(place.serve());
    let token = server.token(&credentials).await;
    let mut calls = JoinSet::new();
    for _ in 0..24 {
        let (server, token) = (Arc::clone(&server), token.clone());
        calls.spawn(async move {
            let answer = server.import(&token, &job("ONE", 50), Some("\"key-1\"")).await.expect("an answer");
            (
                answer.status(),
                answer.headers().contains_key("Idempotency-Replayed"),
                answer.bytes().await.expect("a body"),
            )
        });
    }
    let answers = calls.join_all().await;
    assert!(answers.iter().all(|(status, ..)| *status == 200));
    assert_eq!(answers.iter().filter(|(_, is_replay, _)| !is_replay).count(), 1);
    assert_eq!(answers.iter().map(|(.., body)| body).collect::<HashSet<_>>().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_servers_on_one_postgresql_share_limits_and_keys() {
    let Some(place) = Place::new(DatabaseKind::Postgres).await else { return };
    let credentials = place.credentials(&[]);
    let servers = [place.serve(), place.serve(), place.serve()];
    let token = servers[0].token(&credentials).await;
    let mut bodies = HashSet::new();
    for server in &servers {
        let answer = server.import(&token, &job("ONE", 5), Some("key")).await.expect("an answer");
        bodies.insert(answer.bytes().await.expect("a body"));
    }
    assert_eq!(bodies.len(), 1);
    // Three calls are spent. The rest come all at once, spread over the servers.
    let mut calls = JoinSet::new();
    for number in 0..90 {
        let server = &servers[number % servers.len()];
        let request = server.client.get(format!("{}/v1/integration-jobs?external_job_id=ONE", server.base));
        let request = request.bearer_auth(&token);
        calls.spawn(async move { request.send().await.expect("an answer").status().as_u16() });
    }
    let statuses = calls.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 57);
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 33);
}

async fn an_answer_survives_a_restart(place: &Place) {
    let credentials = place.credentials(&[]);
    let server = place.serve();
    let token = server.token(&credentials).await;
    let first =
        server.import(&token, &job("ONE", 5), Some("key")).await.expect("an answer").bytes().await.expect("a body");
    let (ended_well, took, _) = server.terminate();
    assert!(ended_well && took.as_secs() < 10);
    let server = place.serve();
    let again = server.import(&token, &job("ONE", 5), Some("key")).await.expect("an answer");
    assert_eq!(again.bytes().await.expect("a body"), first);
    let other = server.import(&token, &job("OTHER", 5), Some("key")).await.expect("an answer");
    assert_eq!(other.headers()["Idempotency-Mismatch"], "true");
    assert_eq!(other.bytes().await.expect("a body"), first);
    let nonsense = server.import(&token, &json!({ "stops": 7 }), Some("key")).await.expect("an answer");
    assert_eq!(nonsense.status(), 200);
    assert_eq!(nonsense.headers()["Idempotency-Mismatch"], "true");
    assert_eq!(nonsense.bytes().await.expect("a body"), first);
    let unanswered = server.import(&token, &json!({ "stops": 7 }), Some("other")).await.expect("an answer");
    assert_eq!(unanswered.status(), 400);
}

async fn a_second_job_with_the_same_external_id_is_refused_and_names_the_first(place: &Place) {
    let credentials = place.credentials(&[]);
    let server = place.serve();
    let token = server.token(&credentials).await;
    let first: Value =
        server.import(&token, &job("ONE", 2), None).await.expect("an answer").json().await.expect("JSON");
    let second = server.import(&token, &job("ONE", 3), None).await.expect("an answer");
    assert_eq!(second.status(), 400);
    assert_eq!(second.headers()["X-Existing-Job-Id"], *text(&first, "job_id"));
    let expected = json!({ "error": { "code": "VALIDATION_ERROR", "messages": ["external_job_id already exists"] } });
    assert_eq!(second.json::<Value>().await.expect("JSON"), expected);
}

async fn the_team_plan_admits_sixty_requests_a_minute_and_two_hundred_stops(place: &Place) {
    let credentials = place.credentials(&[]);
    let server = place.serve();
    let token = server.token(&credentials).await;
    let too_many = server.import(&token, &job("BIG", 201), None).await.expect("an answer");
    assert_eq!(too_many.status(), 400);
    let body: Value = too_many.json().await.expect("JSON");
    assert_eq!(body["error"]["messages"], json!(["stops must contain at most 200 items"]));
    for number in 1..60 {
        assert_eq!(server.job(&token, "external_job_id=NONE").await.status(), 404, "call {number}");
    }
    let refused = server.job(&token, "external_job_id=NONE").await;
    assert_eq!(refused.status(), 429);
    let wait = refused.headers()["Retry-After"].to_str().expect("a number").to_owned();
    let body: Value = refused.json().await.expect("JSON");
    assert_eq!(body["error"], "Rate limit exceeded");
    assert_eq!(body["retry_after_seconds"].to_string(), wait);
    assert!((1..=60).contains(&wait.parse::<u32>().expect("a number")));
}

async fn a_job_waits_for_its_driver_and_is_assigned_when_there_is_one(place: &Place) {
    let credentials = place.credentials(&[]);
    let server = place.serve();
    let token = server.token(&credentials).await;
    let imported: Value =
        server.import(&token, &job("ONE", 4), None).await.expect("an answer").json().await.expect("JSON");
    assert_eq!(imported["driver_resolved"], false);
    assert_eq!(imported["driver_user_id"], Value::Null);
    let codes: Vec<_> = imported["warnings"].as_array().expect("a list").iter().map(|w| text(w, "code")).collect();
    assert_eq!(codes, ["ROUTE_OPTIMIZED", "ROUTE_ESTIMATED", "DRIVER_NOT_FOUND"]);
    let organization = &credentials.organization_id;
    let driver = place.json(&["driver", "create", "--org", organization, "--email", "Ada@Example.com"]);
    assert_eq!(driver["jobs_assigned"], 1);
    let status: Value = server.job(&token, "external_job_id=ONE").await.json().await.expect("JSON");
    assert_eq!(status["status"], "assigned");
    assert_eq!(status["driver_user_id"], driver["driver_user_id"]);
    let view = server.client.get(format!("{}/api/v1/jobs/{}", server.base, text(&status, "job_id")));
    let view: Value = view.bearer_auth(&token).send().await.expect("an answer").json().await.expect("JSON");
    assert_eq!(view["stops"].as_array().expect("a list").len(), 4);
}

async fn what_cannot_be_understood_is_answered_in_json(place: &Place) {
    let credentials = place.credentials(&[]);
    let server = place.serve();
    let token = server.token(&credentials).await;
    let (client, base) = (&server.client, &server.base);
    let import = format!("{base}/v1/integration-import");
    let calls = [
        (404, client.get(format!("{base}/nothing"))),
        (404, client.get(format!("{base}/v1/nothing"))),
        (405, client.delete(&import)),
        (405, client.post(format!("{base}/v1/integration-jobs"))),
        (401, client.post(&import).body("{}")),
        (400, client.post(&import).bearer_auth(&token).body("{")),
        (400, client.post(&import).bearer_auth(&token).body(vec![0xff, 0xfe])),
        (400, client.post(&import).bearer_auth(&token).body("[".repeat(100_000))),
        (413, client.post(&import).bearer_auth(&token).body(vec![b' '; 11 * 1024 * 1024])),
        (400, client.post(format!("{base}/v1/integration-token")).body("{}")),
        (404, client.get(format!("{base}/v1/integration-jobs?external_job_id=%00")).bearer_auth(&token)),
    ];
    for (expected, request) in calls {
        let answer = request.header("X-Request-Id", "mine-1").send().await.expect("an answer");
        let (status, url) = (answer.status(), answer.url().clone());
        assert_eq!(status, expected, "{url}");
        assert_eq!(answer.headers()["X-Request-Id"], "mine-1", "{url}");
        let body: Value = answer.json().await.unwrap_or_else(|error| panic!("{url}: {error}"));
        assert!(body.get("error").is_some(), "{url}: {body}");
    }
}
