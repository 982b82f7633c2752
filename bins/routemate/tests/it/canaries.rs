//! Secrets and personal data that are planted and must not come up anywhere but where they belong.

use std::fs;
use std::path::Path;

use routemate_persistence::{DatabaseKind, StoreError};
use serde_json::{Value, json};

use crate::contract::Contract;
use crate::server::{Place, on_both};
use crate::shopify::{self, Message};

on_both!(
    nothing_secret_or_personal_comes_up_where_it_does_not_belong,
    nothing_that_any_endpoint_is_sent_comes_up_in_refusals_or_the_log,
    a_fault_of_the_server_tells_nothing_of_what_it_was_about,
    a_password_is_not_told_when_the_database_is_not_there
);

const GOOGLE_KEY: &str = "AIzaCanaryOfTheGoogleKey";
const PASSWORD: &str = "canary-of-the-password";

/// People's data, which the database holds and nothing else may show.
const PERSONAL: [&str; 8] = [
    "canary-of-the-customer",
    "Äino",
    "ada.lovelace",
    "Unioninkatu",
    "Grace Hopper",
    "Ring twice",
    "canary-of-the-metadata",
    "canary-of-the-key",
];

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
    shopify::connect(place, &credentials.organization_id);
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

    // A shop's secret is nowhere at all, and what is signed with it where orders are.
    let signed = Message::new("orders/create", "a", &shopify::order(7, 0));
    assert_eq!(signed.send(&server).await.0, 200);
    let mut odd = shopify::order(8, 0);
    odd["id"] = json!("canary-of-the-metadata");
    assert_eq!(Message::new("orders/updated", "b", &odd).send(&server).await.0, 200);
    let forged = Message { secret: "canary-of-the-forger", ..signed }.request(&server);
    let forged = forged.send().await.expect("an answer");
    assert_eq!(forged.status(), 401);
    said.push(format!("{:?} {}", forged.headers().clone(), forged.text().await.expect("a body")));
    said.push(place.json(&["shopify", "shop", "list", "--org", &credentials.organization_id]).to_string());

    let metrics = server.metrics().await;
    let secrets = [&*credentials.client_secret, &token, &wrong_secret, GOOGLE_KEY, PASSWORD, shopify::SECRET];
    let hexadecimal = secrets.map(in_hexadecimal);
    let stored: Vec<&str> = secrets.iter().copied().chain(hexadecimal.iter().map(String::as_str)).collect();
    // While it runs, SQLite's log of writes is beside the file.
    check("a file of a server that runs", &files(place.folder()), &stored);
    let (ended_well, _, log) = server.terminate();
    assert!(ended_well);
    assert!(log.contains("integration-import") && log.contains("google"), "what happened is logged");
    let both: Vec<&str> = secrets.iter().copied().chain(PERSONAL).collect();
    check("the log", &log, &both);
    check("the metrics", &metrics, &both);
    for answer in said {
        check("a refusal", &answer, &both);
    }
    check("a file", &files(place.folder()), &stored);
    if place.kind() == DatabaseKind::Postgres {
        check("the database", &rows(place).await, &stored);
    }
}

/// Each endpoint of the document, with a canary wherever something can be said to it.
async fn nothing_that_any_endpoint_is_sent_comes_up_in_refusals_or_the_log(place: &Place) {
    const SENT: [&str; 5] =
        ["canary-of-the-path", "canary-of-the-query", "canary-of-the-body", "canary-of-a-header", "canary-of-a-token"];
    let credentials = place.credentials(&["--plan", "enterprise"]);
    let server = place.serve_with(&[("ROUTEMATE_LOG", "trace"), ("ROUTEMATE_METRICS_LISTEN", "127.0.0.1:0")]);
    let contract = Contract::of(&server).await;
    let authorizations =
        [format!("Bearer {}", server.token(&credentials).await), "Bearer canary-of-a-token".to_owned()];
    let bodies =
        [r#"{"canary-of-the-body":"#, r#"["canary-of-the-body"]"#, "client_id=canary-of-the-body&client_secret=x"];
    for operation in contract.operations() {
        let names = |place| operation.parameters(place).into_iter();
        let path = names("path")
            .fold(operation.path.clone(), |path, name| path.replace(&format!("{{{name}}}"), "canary-of-the-path"));
        let query: Vec<_> = names("query").map(|name| format!("{name}=canary-of-the-query")).collect();
        let url = format!("{}{path}?{}", server.base, query.join("&"));
        // What is wrong with a body is told of each of its fields.
        let wrong = operation.body().map(|example| wrongly_filled(example).to_string());
        let bodies = bodies.iter().map(|body| (*body).to_owned()).chain(wrong);
        for (body, authorization) in bodies.flat_map(|body| authorizations.iter().map(move |one| (body.clone(), one))) {
            let mut request = server.client.request(operation.method.clone(), &url).body(body);
            request = request.header("Authorization", authorization).header("X-Request-Id", "canary-of-a-header?");
            for name in names("header").chain(["User-Agent", "Referer", "Cookie", "X-Forwarded-For"]) {
                request = request.header(name, "canary-of-a-header");
            }
            let answer = request.send().await.expect("an answer");
            assert!(!answer.status().is_server_error(), "{url}: {answer:?}");
            let said = format!("{:?} {}", answer.headers().clone(), answer.text().await.expect("a body"));
            check(&url, &said, &SENT);
        }
    }
    let metrics = server.metrics().await;
    let (ended_well, _, log) = server.terminate();
    assert!(ended_well);
    assert!(log.contains("/api/v1/addresses"), "what happened is logged");
    check("the log", &log, &SENT);
    check("the metrics", &metrics, &SENT);
}

/// The same object with a text for whatever is none, and something else for whatever is one. A question's own `id` comes
/// back with its answer, as documented.
fn wrongly_filled(example: &Value) -> Value {
    match example {
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(name, _)| *name != "id");
            fields.map(|(name, value)| (name.clone(), wrongly_filled(value))).collect()
        }
        Value::Array(items) => items.iter().map(wrongly_filled).collect(),
        Value::String(_) => json!(["canary-of-the-body"]),
        _ => json!("canary-of-the-body"),
    }
}

/// What a database says of a row that it refuses may hold the row.
async fn a_fault_of_the_server_tells_nothing_of_what_it_was_about(place: &Place) {
    let credentials = place.credentials(&["--plan", "enterprise"]);
    let server = place.serve_with(&[("ROUTEMATE_LOG", "trace")]);
    let token = server.token(&credentials).await;
    let refuse_stops = match place.kind() {
        DatabaseKind::Sqlite => "CREATE TRIGGER no_stops BEFORE INSERT ON stops BEGIN SELECT RAISE(ABORT, 'no'); END",
        DatabaseKind::Postgres => "ALTER TABLE stops ADD CONSTRAINT no_stops CHECK (false) NOT VALID",
    };
    Place::execute(place.store().await, refuse_stops).await;
    let body = json!({
        "external_job_id": "ONE", "title": "Round", "driver_email": "ada.lovelace@example.com",
        "stops": [{ "external_stop_id": "A", "address": "Unioninkatu 29", "label": "Grace Hopper", "notes": "Ring twice",
            "latitude": 60.16, "longitude": 24.95, "metadata": { "pin": "canary-of-the-metadata" } }],
    });
    let failed = server.import(&token, &body, Some("canary-of-the-key")).await.expect("an answer");
    assert_eq!(failed.status(), 500);
    let said = format!("{:?} {}", failed.headers().clone(), failed.text().await.expect("a body"));
    let secrets = [&*credentials.client_secret, &token];
    let both: Vec<&str> = secrets.iter().copied().chain(PERSONAL).collect();
    check("the answer", &said, &both);
    let (ended_well, _, log) = server.terminate();
    assert!(ended_well && log.contains("request failed"), "{log}");
    check("the log", &log, &both);
    let usage = place.run(&["usage", "--errors", "10", "--json"]);
    let usage = String::from_utf8_lossy(&usage.stdout).into_owned();
    assert!(usage.contains("500"), "{usage}");
    check("the usage", &usage, &both);
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
