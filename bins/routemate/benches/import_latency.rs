//! How long an import of 200 stops with coordinates takes over HTTP, with default settings on a fresh SQLite database.
//!
//! `cargo bench -p routemate --bench import_latency [-- STOPS]` prints one line: imports, p50, p90, p99 in milliseconds.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench prints its figures and stops at what is amiss"
)]
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

use reqwest::Client;
use serde_json::{Value, json};

const WARM_UP: usize = 5;
const IMPORTS: usize = 100;

fn main() {
    let stops = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(200);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut taken = runtime.block_on(measure(stops));
    taken.sort_by(f64::total_cmp);
    let percentile = |p: usize| taken.get((taken.len() * p / 100).min(taken.len() - 1)).copied().unwrap_or_default();
    println!(
        "imports: {}, stops: {stops}, p50: {:.1} ms, p90: {:.1} ms, p99: {:.1} ms",
        taken.len(),
        percentile(50),
        percentile(90),
        percentile(99),
    );
}

async fn measure(stops: usize) -> Vec<f64> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let command = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_routemate"));
        command.args(arguments).env("ROUTEMATE_DATA_DIR", folder.path()).env("ROUTEMATE_LISTEN", "127.0.0.1:0");
        command
    };
    let create = |arguments: &[&str]| -> Value {
        let output = command(arguments).arg("--json").output().expect("the binary runs");
        serde_json::from_slice(&output.stdout).expect("one JSON object")
    };
    let organization = create(&["org", "create", "--name", "Bench", "--plan", "enterprise"]);
    let id = organization["organization_id"].as_str().expect("an id");
    let credentials = create(&["integration", "create", "--org", id, "--name", "Bench"]);
    let mut server = command(&["serve"])
        .env("ROUTEMATE_LOG_FORMAT", "json")
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut log = BufReader::new(server.stderr.take().expect("stderr is piped")).lines().map_while(Result::ok);
    let base = log
        .find_map(|line| Some(serde_json::from_str::<Value>(&line).ok()?.get("public_url")?.as_str()?.to_owned()))
        .expect("the server listens");
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::new();
    let answer =
        client.post(format!("{base}/v1/integration-token")).json(&credentials).send().await.expect("an answer");
    let token: Value = answer.json().await.expect("JSON");
    let token = token["access_token"].as_str().expect("a token");
    let mut taken = Vec::with_capacity(IMPORTS);
    for number in 0..WARM_UP + IMPORTS {
        let body = job(number, stops);
        let begun = Instant::now();
        let request = client.post(format!("{base}/v1/integration-import")).bearer_auth(token).json(&body);
        let answer = request.header("Idempotency-Key", format!("bench-{number}")).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        answer.bytes().await.expect("a body");
        if number >= WARM_UP {
            taken.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
    }
    server.kill().expect("it runs");
    server.wait().expect("it ends");
    taken
}

/// Stops strewn over a city by a fixed sequence that is different for each job.
fn job(number: usize, stops: usize) -> Value {
    let mut state = number as u64 + 1;
    let mut next = || {
        // Knuth's MMIX multiplier; the upper bits are random enough to strew points.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let stops: Vec<Value> = (0..stops)
        .map(|index| {
            json!({
                "external_stop_id": format!("S{index}"),
                "address": format!("{index} Bulevardi, Helsinki"),
                "latitude": 60.15 + next() * 0.1,
                "longitude": 24.85 + next() * 0.2,
            })
        })
        .collect();
    json!({
        "external_job_id": format!("BENCH-{number}"),
        "title": "Bench",
        "driver_email": "driver@example.com",
        "stops": stops,
    })
}
