//! What is left when the process dies in the middle.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use routemate_persistence::{Store, StoreError};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::server::{Place, job, on_both, text};

on_both!(a_kill_in_the_middle_of_imports_loses_no_acknowledged_job, a_retry_after_a_kill_takes_the_key_over);

async fn a_kill_in_the_middle_of_imports_loses_no_acknowledged_job(place: &Place) {
    let credentials = place.credentials(&["--plan", "enterprise"]);
    for round in 0..3 {
        let server = Arc::new(place.serve());
        let token = server.token(&credentials).await;
        let acknowledged = Arc::new(AtomicUsize::new(0));
        let mut clients = JoinSet::new();
        for client in 0..8 {
            let (server, token, acknowledged) = (Arc::clone(&server), token.clone(), Arc::clone(&acknowledged));
            clients.spawn(async move {
                let mut seen = Vec::new();
                for number in 0.. {
                    let id = format!("R{round}-C{client}-{number}");
                    let Ok(answer) = server.import(&token, &job(&id, 10), Some(&id)).await else {
                        break;
                    };
                    let status = answer.status();
                    let Ok(body) = answer.bytes().await else { break };
                    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
                    acknowledged.fetch_add(1, Ordering::Relaxed);
                    seen.push((id, body));
                }
                seen
            });
        }
        while acknowledged.load(Ordering::Relaxed) < 40 {
            tokio::task::yield_now().await;
        }
        server.kill_now();
        let seen: Vec<_> = clients.join_all().await.into_iter().flatten().collect();
        drop(server);

        let server = place.serve();
        let token = server.token(&credentials).await;
        assert!(seen.len() >= 40);
        for (id, body) in seen {
            let status: Value = server.job(&token, &format!("external_job_id={id}")).await.json().await.expect("JSON");
            let imported: Value = serde_json::from_slice(&body).expect("JSON");
            assert_eq!(status["job_id"], imported["job_id"], "{id}");
            assert_eq!(status["stop_count"], 10, "{id}");
            let again = server.import(&token, &job(&id, 10), Some(&id)).await.expect("an answer");
            assert_eq!(again.headers()["Idempotency-Replayed"], "true");
            assert_eq!(again.bytes().await.expect("a body"), body, "{id}");
        }
    }
}

/// Killed at work, the first attempt leaves a reservation behind; the retry takes it over and makes the one job there is.
async fn a_retry_after_a_kill_takes_the_key_over(place: &Place) {
    let credentials = place.credentials(&["--plan", "enterprise"]);
    let server = Arc::new(place.serve());
    let token = server.token(&credentials).await;
    // The solver has a second and a half for it: long enough to be killed at work.
    let body = job("BIG", 3000);
    let first = {
        let (server, token, body) = (Arc::clone(&server), token.clone(), body.clone());
        tokio::spawn(async move { server.import(&token, &body, Some("big")).await })
    };
    let store = place.store().await;
    while reservations(&store).await == 0 {
        tokio::task::yield_now().await;
    }
    server.kill_now();
    assert!(first.await.expect("it ran").is_err(), "it was answered before it was killed");
    drop(server);

    let server = place.serve();
    let token = server.token(&credentials).await;
    let answer = server.import(&token, &body, Some("big")).await.expect("an answer");
    assert_eq!(answer.status(), 200);
    assert!(!answer.headers().contains_key("Idempotency-Replayed"));
    let imported: Value = answer.json().await.expect("JSON");
    let status: Value = server.job(&token, "external_job_id=BIG").await.json().await.expect("JSON");
    assert_eq!(text(&status, "job_id"), text(&imported, "job_id"));
    assert_eq!(status["stop_count"], 3000);
}

async fn reservations(store: &Store) -> i64 {
    let sql = "SELECT count(*) AS value FROM idempotency_keys WHERE response_status IS NULL";
    let found: Result<_, StoreError> = store.read(sql, |tx, sql| Box::pin(tx.numbers_raw(sql))).await;
    found.expect("a count")[0]
}
