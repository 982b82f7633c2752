//! Secrets and personal data that are planted and must not come up anywhere but where they belong.

use std::fs;
use std::path::Path;

use routemate_persistence::{DatabaseKind, StoreError};
use serde_json::json;

use crate::server::{Place, on_both};

on_both!(
    nothing_secret_or_personal_comes_up_where_it_does_not_belong,
    a_password_is_not_told_when_the_database_is_not_there
);

const GOOGLE_KEY: &str = "AIzaCanaryOfTheGoogleKey";
const PASSWORD: &str = "canary-of-the-password";

/// People's data, which the database holds and nothing else may show.
const PERSONAL: [&str; 6] =
    ["ada.lovelace", "Unioninkatu", "Grace Hopper", "Ring twice", "canary-of-the-metadata", "canary-of-the-key"];

async fn nothing_secret_or_personal_comes_up_where_it_does_not_belong(place: &Place) {
    let credentials = place.credentials(&["--plan", "enterprise"]);
    let url = place.database_url().map(|url| url.replacen("postgres@", &format!("postgres:{PASSWORD}@"), 1));
    let url = url.as_deref().map(|url| ("ROUTEMATE_DATABASE_URL", url));
    let settings = [
        ("ROUTEMATE_LOG", "trace"),
        ("ROUTEMATE_METRICS_LISTEN", "127.0.0.1:0"),
        ("ROUTEMATE_ROADS", "google,estimate"),
        ("ROUTEMATE_GOOGLE_ROUTES_KEY", GOOGLE_KEY),
        // Nobody listens there: what goes wrong is logged.
        ("ROUTEMATE_GOOGLE_ROUTES_URL", "http://127.0.0.1:9"),
    ];
    let server = place.serve_with(&settings.into_iter().chain(url).collect::<Vec<_>>());
    let token = server.token(&credentials).await;
    let wrong_secret = format!("rm_cs_{}", "1".repeat(credentials.client_secret.len() - "rm_cs_".len()));
    let mut answers = Vec::new();

    let stop = |id: &str, lat: f64| {
        json!({
            "external_stop_id": id, "address": format!("Unioninkatu 29, {id}"), "label": "Grace Hopper", "notes": "Ring twice",
            "latitude": lat, "longitude": 24.95, "metadata": { "pin": "canary-of-the-metadata" },
        })
    };
    let body = json!({
        "external_job_id": "ONE", "title": "Round", "driver_email": "ada.lovelace@example.com",
        "stops": [stop("A", 60.16), stop("B", 60.17), { "external_stop_id": "C", "address": "Unioninkatu 31" }],
    });
    let imported = server.import(&token, &body, Some("canary-of-the-key")).await.expect("an answer");
    assert_eq!(imported.status(), 200);
    // Refusals do not repeat what was sent, and neither does the log.
    let bad = json!({
        "external_job_id": "TWO", "driver_email": "ada.lovelace", "metadata": "canary-of-the-metadata",
        "stops": [{ "address": "Unioninkatu 29", "latitude": "Unioninkatu", "time_window_start": "Ring twice" }],
    });
    answers.push(server.import(&token, &bad, Some("canary-of-the-key-2")).await.expect("an answer"));
    answers.push(server.import(&wrong_secret, &body, None).await.expect("an answer"));
    let taken = server.import(&token, &body, None).await.expect("an answer");
    assert_eq!(taken.status(), 400);
    answers.push(taken);
    let tokens = format!("{}/v1/integration-token", server.base);
    let wrong = json!({ "client_id": credentials.client_id, "client_secret": wrong_secret });
    answers.push(server.client.post(&tokens).json(&wrong).send().await.expect("an answer"));
    let broken = format!("{{\"client_id\": \"{}\", \"client_secret\": {wrong_secret}", credentials.client_id);
    answers.push(server.client.post(&tokens).body(broken).send().await.expect("an answer"));
    answers.push(server.job(&token, &format!("job_id={token}&external_job_id={wrong_secret}")).await);
    for path in [format!("/v1/{token}"), format!("/api/v1/jobs/{wrong_secret}?email=ada.lovelace@example.com")] {
        let request = server.client.get(format!("{}{path}", server.base)).bearer_auth(&token);
        answers.push(request.send().await.expect("an answer"));
    }
    let mut said = Vec::new();
    for answer in answers {
        assert!(answer.status().is_client_error(), "{answer:?}");
        said.push(format!("{:?} {}", answer.headers().clone(), answer.text().await.expect("a body")));
    }

    let metrics = server.metrics().await;
    let secrets = [&*credentials.client_secret, &token, &wrong_secret, GOOGLE_KEY, PASSWORD];
    let (ended_well, _, log) = server.terminate();
    assert!(ended_well);
    assert!(log.contains("integration-import") && log.contains("google"), "what happened is logged");
    let both: Vec<&str> = secrets.iter().copied().chain(PERSONAL).collect();
    check("the log", &log, &both);
    check("the metrics", &metrics, &both);
    for answer in said {
        check("a refusal", &answer, &both);
    }
    let hexadecimal = secrets.map(in_hexadecimal);
    let stored: Vec<&str> = secrets.iter().copied().chain(hexadecimal.iter().map(String::as_str)).collect();
    check("a file", &files(place.folder()), &stored);
    if place.kind() == DatabaseKind::Postgres {
        check("the database", &rows(place).await, &stored);
    }
}

/// A person who makes a mistake in the URL shows the message to others.
async fn a_password_is_not_told_when_the_database_is_not_there(place: &Place) {
    for url in [
        format!("postgres://routemate:{PASSWORD}@127.0.0.1:1/nowhere"),
        format!("postgres://routemate:{PASSWORD}@no host/nowhere"),
        format!("mysql://routemate:{PASSWORD}@127.0.0.1/nowhere"),
    ] {
        let mut command = place.command(&["--log", "trace", "migrate"]);
        let output = command.env("ROUTEMATE_DATABASE_URL", &url).output().expect("it runs");
        assert!(!output.status.success(), "{url}");
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(said.contains("error"), "{said}");
        check("what the command says", &said, &[PASSWORD]);
    }
}

#[track_caller]
fn check(place: &str, text: &str, canaries: &[&str]) {
    for canary in canaries {
        // Without its prefix too: nobody may have cut it off.
        let bare = canary.rsplit('_').next().unwrap_or(canary);
        let found = text.find(bare);
        let around = found.map(|at| &text[text.floor_char_boundary(at.saturating_sub(200))..at]);
        assert!(found.is_none(), "`{canary}` is in {place}, after: {}", around.unwrap_or_default());
    }
}

/// Every row of every table of a PostgreSQL database as text; bytes are hexadecimal digits in it.
async fn rows(place: &Place) -> String {
    let store = place.store().await;
    let texts = async |sql: String| {
        let read: Result<Vec<String>, StoreError> = store.read(&sql, |tx, sql| Box::pin(tx.texts_raw(sql))).await;
        read.expect("rows")
    };
    let tables = "SELECT table_name::text AS value FROM information_schema.tables WHERE table_schema = 'public'";
    let mut all = String::new();
    for table in texts(tables.to_owned()).await {
        all.push_str(&texts(format!("SELECT t::text AS value FROM {table} t")).await.join("\n"));
    }
    assert!(all.contains("Grace Hopper"), "the job is there");
    all
}

fn in_hexadecimal(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// All files of a folder and its folders, as far as they are text.
fn files(folder: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.push_str(&files(&path));
        } else {
            all.push_str(&String::from_utf8_lossy(&fs::read(&path).expect("a file")));
        }
    }
    all
}
