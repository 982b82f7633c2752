//! Clients as the documentation shows them, with only base URL and credentials changed.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::server::{Credentials, Place, Server, on_both};

on_both!(
    the_documented_bash_script_runs_to_its_end,
    the_documented_fetch_and_requests_calls_get_a_token,
    bash_fetch_and_requests_clients_go_from_token_to_status,
);

/// The documentation, which is not part of this project.
fn documentation(file: &str) -> Option<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/contract").join(file);
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        eprintln!("SKIPPED: the documentation is not at {}", path.display());
    }
    text
}

/// What stands between two marks, the first included.
#[track_caller]
fn snippet<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let start = text.find(from).unwrap_or_else(|| panic!("`{from}` is not in the documentation"));
    let length = text[start..].find(to).unwrap_or_else(|| panic!("`{to}` is not in the documentation"));
    &text[start..start + length]
}

/// Runs a program, or says that it is not there.
fn run(program: &str, arguments: &[&str]) -> Option<String> {
    if Command::new(program).arg("--version").output().is_err() {
        eprintln!("SKIPPED: `{program}` is not installed");
        return None;
    }
    let output = Command::new(program).args(arguments).output().expect("it runs");
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{program}: {said}{complained}");
    Some(said.into_owned())
}

fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        eprintln!("SKIPPED: `{program}` is not installed");
    }
    found
}

fn has_requests() -> bool {
    let found =
        Command::new("python3").args(["-c", "import requests"]).output().is_ok_and(|output| output.status.success());
    if !found {
        eprintln!("SKIPPED: python3 with `requests` is not installed");
    }
    found
}

fn fill(script: &str, server: &Server, credentials: &Credentials) -> String {
    script
        .replace("https://api.routemate.app", &server.base)
        .replace("rm_ci_your_client_id", &credentials.client_id)
        .replace("rm_cs_your_client_secret", &credentials.client_secret)
}

async fn the_documented_bash_script_runs_to_its_end(place: &Place) {
    let Some(text) = documentation("routemate-integration-api.txt") else {
        return;
    };
    if !(has("bash") && has("curl") && has("jq")) {
        return;
    }
    let credentials = place.credentials(&[]);
    let server = place.serve();
    let script = fill(snippet(&text, "#!/bin/bash", "Webhooks\nGet notified"), &server, &credentials);
    let said = run("bash", &["-euo", "pipefail", "-c", &script]).expect("bash is there");
    let (first, answers) = said.split_once('\n').expect("a first line");
    assert!(first.starts_with("Access Token: rm_at_"), "{first}");
    let mut answers = serde_json::Deserializer::from_str(answers).into_iter::<Value>();
    let imported = answers.next().expect("the import's answer").expect("JSON");
    let status = answers.next().expect("the status").expect("JSON");
    assert_eq!(imported["stops_imported"], 2);
    assert_eq!(imported["stops_geocode_failed"], 2);
    assert_eq!(imported["optimization"]["total_distance_km"], 0.0);
    assert_eq!(status["job_id"], imported["job_id"]);
    assert_eq!(status["status"], "pending");
    assert_eq!(status["stop_count"], 2);
}

async fn the_documented_fetch_and_requests_calls_get_a_token(place: &Place) {
    let Some(text) = documentation("routemate-integration-api.fr.txt") else {
        return;
    };
    let credentials = place.credentials(&[]);
    let server = place.serve();
    if has("node") {
        let call = fill(snippet(&text, "const tokenRes", "import requests"), &server, &credentials);
        let script = format!("{call}\nconsole.log((await tokenRes.json()).access_token);");
        let said = run("node", &["--input-type=module", "--eval", &script]).expect("node is there");
        assert!(said.starts_with("rm_at_"), "{said}");
    }
    if has_requests() {
        let call = fill(snippet(&text, "import requests", "Production-ready"), &server, &credentials);
        let script = format!("{call}\nprint(token_res.json()['access_token'])");
        let said = run("python3", &["-c", &script]).expect("python3 is there");
        assert!(said.starts_with("rm_at_"), "{said}");
    }
}

async fn bash_fetch_and_requests_clients_go_from_token_to_status(place: &Place) {
    let credentials = place.credentials(&[]);
    let organization = &credentials.organization_id;
    place.json(&["driver", "create", "--org", organization, "--email", "driver@example.com"]);
    let server = place.serve();
    let clients = [
        ("bash", include_str!("flows/flow.sh"), "-c", has("bash") && has("curl") && has("jq")),
        ("node", include_str!("flows/flow.mjs"), "--eval", has("node")),
        ("python3", include_str!("flows/flow.py"), "-c", has_requests()),
    ];
    for (program, script, flag, is_there) in clients {
        if !is_there {
            continue;
        }
        let script = fill(script, &server, &credentials);
        let arguments: &[&str] =
            if program == "node" { &["--input-type=module", flag, &script] } else { &[flag, &script] };
        let said = run(program, arguments).expect("it is there");
        assert_eq!(said.trim(), "assigned 3 A,B,C", "{program}");
    }
}
