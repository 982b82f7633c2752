//! Operators' daily commands.

use serde_json::{Value, json};

use crate::server::{Place, job, on_both, text};

on_both!(
    organizations_are_listed_shown_and_changed,
    people_and_jobs_are_listed,
    lists_are_for_terminals_and_for_readers_that_have_seen_enough,
);

fn ids(list: &Value, name: &str, id: &str) -> Vec<String> {
    list[name].as_array().expect("a list").iter().map(|entry| text(entry, id)).collect()
}

async fn organizations_are_listed_shown_and_changed(place: &Place) {
    let made: Vec<String> = ["Acme", "Bolt", "Core"]
        .into_iter()
        .map(|name| text(&place.json(&["org", "create", "--name", name]), "organization_id"))
        .collect();
    let first = place.json(&["org", "list", "--limit", "2"]);
    assert_eq!(ids(&first, "organizations", "organization_id"), made[..2]);
    let rest = place.json(&["org", "list", "--limit", "2", "--after", &text(&first, "next")]);
    assert_eq!((ids(&rest, "organizations", "organization_id"), &rest["next"]), (made[2..].to_vec(), &Value::Null));

    let server = place.serve();
    let id = &made[0];
    let changed = place.json(&["org", "set", id, "--rpm", "7", "--timezone", "Europe/Paris", "--auto-add", "off"]);
    let expected = json!({
        "organization_id": id, "name": "Acme", "plan": "team", "status": "active", "requests_per_minute": 7,
        "stops_per_import": 200, "timezone": "Europe/Paris", "auto_add": false,
    });
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&changed[name], value, "{name}");
    }
    assert_eq!(place.json(&["org", "show", id]), changed);
    let created = place.json(&["integration", "create", "--org", id, "--name", "Shop"]);
    let credentials = crate::server::Credentials {
        organization_id: id.clone(),
        client_id: text(&created, "client_id"),
        client_secret: text(&created, "client_secret"),
    };
    let token = server.token(&credentials).await;
    let answer = server.job(&token, "external_job_id=A").await;
    assert!(answer.headers()["RateLimit-Policy"].to_str().expect("text").contains("q=7;"));
    place.json(&["org", "set", id, "--rpm", "plan"]);
    let answer = server.job(&token, "external_job_id=A").await;
    assert!(answer.headers()["RateLimit-Policy"].to_str().expect("text").contains("q=60;"));
}

async fn people_and_jobs_are_listed(place: &Place) {
    let credentials = place.credentials(&[]);
    let organization = credentials.organization_id.as_str();
    place.json(&["driver", "create", "--org", organization, "--email", "grace@example.com", "--first-name", "Grace"]);
    let server = place.serve();
    let token = server.token(&credentials).await;
    for name in ["A", "B"] {
        assert_eq!(server.import(&token, &job(name, 3), None).await.expect("an answer").status(), 200);
    }
    let list = |what: &[&str]| place.json(&[what, &["list", "--org", organization]].concat());
    let drivers = list(&["driver"]);
    assert_eq!(ids(&drivers, "drivers", "email"), ["grace@example.com"]);
    assert_eq!(drivers["drivers"][0]["first_name"], "Grace");
    assert_eq!(ids(&list(&["invitation"]), "invitations", "email"), ["ada@example.com"]);
    let jobs = list(&["job"]);
    assert_eq!(ids(&jobs, "jobs", "external_job_id"), ["B", "A"]);
    assert_eq!((&jobs["jobs"][0]["status"], &jobs["jobs"][0]["stop_count"]), (&json!("pending"), &json!(3)));
    let id = text(&jobs["jobs"][0], "job_id");
    let shown = place.json(&["job", "show", &id]);
    assert_eq!((&shown["organization_id"], &shown["external_job_id"]), (&json!(organization), &json!("B")));
    assert_eq!(shown["stops"].as_array().map(Vec::len), Some(3));

    let table = place.run(&["job", "list", "--org", organization]);
    let table = String::from_utf8_lossy(&table.stdout).into_owned();
    assert!(table.starts_with("job_id ") && table.contains(&id), "{table}");
}

async fn lists_are_for_terminals_and_for_readers_that_have_seen_enough(place: &Place) {
    place.json(&["org", "create", "--name", "Łódź\t東京\u{1b}[2J"]);
    let said = place.run(&["org", "list"]);
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains("Łódź\\t東京\\u{1b}[2J") && !said.contains('\u{1b}'), "{said}");
    let listed = place.json(&["org", "list"]);
    assert_eq!(listed["organizations"][0]["name"], "Łódź\t東京\u{1b}[2J");

    let said = place.run(&["usage", "--request-id", "none"]);
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.starts_with("no request `none` is on record"), "{said}");

    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = place.command(&["org", "list"]).stdout(writer).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.is_empty(), "{said}");
}
