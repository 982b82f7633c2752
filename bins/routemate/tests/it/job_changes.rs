//! What dispatchers do with jobs, over HTTP and from the command line.

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::server::{Place, Server, job, on_both, text};

on_both!(
    an_address_that_was_not_found_is_corrected_over_http,
    a_change_is_made_to_the_version_it_is_meant_for,
    a_change_is_made_once_for_its_key,
    a_dry_run_counts_as_a_request_and_keeps_no_job,
    a_dispatcher_changes_a_job_from_the_command_line,
    a_dispatcher_is_told_what_is_wrong,
    a_job_is_imported_from_a_file,
    jobs_are_found_from_the_command_line,
);

/// Three stops of which one has an address that nobody knows.
fn with_a_lost_address(external_job_id: &str) -> Value {
    let mut body = job(external_job_id, 4);
    let lost = body["stops"][2].as_object_mut().expect("a stop");
    lost.remove("latitude");
    lost.remove("longitude");
    body
}

async fn send(server: &Server, token: &str, method: Method, path: &str, body: Option<Value>) -> Response {
    let mut request = server.client.request(method, format!("{}{path}", server.base)).bearer_auth(token);
    if let Some(body) = body {
        request = request.json(&body);
    }
    request.send().await.expect("an answer")
}

async fn json_of(response: Response) -> Value {
    assert_eq!(response.status(), 200, "{response:?}");
    response.json().await.expect("JSON")
}

#[track_caller]
fn stop<'v>(view: &'v Value, external_stop_id: &str) -> &'v Value {
    let stops = view["stops"].as_array().expect("stops");
    stops.iter().find(|stop| stop["external_stop_id"] == external_stop_id).expect("it is there")
}

fn order(view: &Value) -> Vec<&str> {
    let stops = view["stops"].as_array().expect("stops");
    stops.iter().map(|stop| stop["external_stop_id"].as_str().expect("an id")).collect()
}

async fn an_address_that_was_not_found_is_corrected_over_http(place: &Place) {
    let credentials = place.credentials(&[]);
    let server = place.serve();
    let token = server.token(&credentials).await;
    let imported = json_of(server.import(&token, &with_a_lost_address("A"), None).await.expect("an answer")).await;
    assert_eq!(imported["stops_geocode_failed"], 1);
    let path = format!("/api/v1/jobs/{}", text(&imported, "job_id"));
    let view = json_of(send(&server, &token, Method::GET, &path, None).await).await;
    let lost = stop(&view, "S2");
    assert_eq!((&lost["location"]["status"], &lost["planned"]), (&json!("not_found"), &Value::Null));
    let place = format!("{path}/stops/{}/place", text(lost, "stop_id"));
    let pin = json!({ "address": "Kaivokatu 1, Helsinki", "latitude": 60.161, "longitude": 24.931 });
    let fixed = json_of(send(&server, &token, Method::PUT, &place, Some(pin)).await).await;
    let found = stop(&fixed, "S2");
    assert_eq!(
        (&found["location"]["status"], &found["address"]["line1"]),
        (&json!("supplied"), &json!("Kaivokatu 1, Helsinki"))
    );
    assert!(found["planned"].is_object() && found["sort_order"].as_u64() < Some(3), "{found}");
    assert!(fixed["route"]["totals"]["distance_meters"].as_u64() > view["route"]["totals"]["distance_meters"].as_u64());
    assert_eq!((&fixed["route"]["route_ends"], &found["is_locked"]), (&json!("fixed"), &json!(false)));
    // The documented status tells the same.
    let status = json_of(server.job(&token, "external_job_id=A").await).await;
    assert_eq!(order(&status), order(&fixed));
    assert_eq!(stop(&status, "S2")["latitude"], json!(60.161));
    assert_eq!((&status["stop_count"], &status["status_counts"]["pending"]), (&json!(4), &json!(4)));
}

async fn a_change_is_made_to_the_version_it_is_meant_for(place: &Place) {
    let credentials = place.credentials(&[]);
    let server = place.serve();
    let token = server.token(&credentials).await;
    let imported = json_of(server.import(&token, &job("A", 4), None).await.expect("an answer")).await;
    let path = format!("/api/v1/jobs/{}", text(&imported, "job_id"));
    let first = send(&server, &token, Method::GET, &path, None).await;
    let tag = first.headers()["etag"].to_str().expect("text").to_owned();
    let ends = async |tag: Option<&str>, kind: &str| {
        let mut request = server.client.put(format!("{}{path}/route-ends", server.base)).bearer_auth(&token);
        if let Some(tag) = tag {
            request = request.header("If-Match", tag);
        }
        request.json(&json!({ "route_ends": kind })).send().await.expect("an answer")
    };
    let changed = ends(Some(&tag), "open_end").await;
    assert_eq!(changed.status(), 200);
    let next = changed.headers()["etag"].to_str().expect("text").to_owned();
    assert_ne!(next, tag);
    let stale = ends(Some(&tag), "round_trip").await;
    assert_eq!(
        (stale.status().as_u16(), &stale.headers()["content-type"]),
        (412, &"application/problem+json".parse().expect("a header"))
    );
    let kept = json_of(send(&server, &token, Method::GET, &path, None).await).await;
    assert_eq!(kept["route"]["route_ends"], "open_end", "what is refused changes nothing");
    // Any of several, any at all, or none asked for.
    assert_eq!(ends(Some(&format!("\"0-0\", {next}")), "round_trip").await.status(), 200);
    assert_eq!(ends(Some("*"), "fixed").await.status(), 200);
    assert_eq!(ends(None, "open_end").await.status(), 200);
    assert_eq!(ends(Some(&format!("W/{next}")), "fixed").await.status(), 412, "a weak tag names no version");
    let stale = server.client.delete(format!("{}{path}", server.base)).bearer_auth(&token).header("If-Match", &tag);
    assert_eq!(stale.send().await.expect("an answer").status(), 412);
    assert_eq!(send(&server, &token, Method::DELETE, &path, None).await.status(), 204);
    assert_eq!(send(&server, &token, Method::DELETE, &path, None).await.status(), 404);
}

async fn a_change_is_made_once_for_its_key(place: &Place) {
    let credentials = place.credentials(&[]);
    let server = place.serve();
    let token = server.token(&credentials).await;
    let imported = json_of(server.import(&token, &job("A", 4), None).await.expect("an answer")).await;
    let job = format!("/api/v1/jobs/{}", text(&imported, "job_id"));
    let keyed = async |method: Method, path: &str, body: Value| {
        let request = server.client.request(method, format!("{}{path}", server.base)).bearer_auth(&token);
        request.header("Idempotency-Key", "again-1").json(&body).send().await.expect("an answer")
    };
    let stops = format!("{job}/stops");
    let one = json!({ "stops": [{ "latitude": 60.165, "longitude": 24.935 }] });
    let (first, second) = (keyed(Method::POST, &stops, one.clone()).await, keyed(Method::POST, &stops, one).await);
    assert!(!first.headers().contains_key("idempotency-replayed"));
    assert_eq!(second.headers()["idempotency-replayed"], "true");
    assert_eq!(first.headers()["etag"], second.headers()["etag"]);
    let (first, second) = (json_of(first).await, json_of(second).await);
    assert_eq!((&first, &first["stop_count"]), (&second, &json!(5)));
    // The same body to another path is another request.
    assert_eq!(keyed(Method::POST, &format!("{job}/reoptimize"), json!({})).await.status(), 422);

    let route = format!("/api/v1/routes/{}", text(&first["route"], "route_id"));
    let named = json!({ "name": "Noon", "scheduled_for": "2026-03-09T12:00:00+02:00" });
    for replayed in [None, Some("true")] {
        let answer = keyed(Method::PATCH, &route, named.clone()).await;
        let said = answer.headers().get("idempotency-replayed").map(|value| value.to_str().expect("text").to_owned());
        assert_eq!(said.as_deref(), replayed);
        let told = json_of(answer).await;
        let expected = (&json!("Noon"), &json!("2026-03-09T10:00:00.000Z"), &json!("A"));
        assert_eq!((&told["name"], &told["scheduled_for"], &told["job"]["external_job_id"]), expected, "{told}");
    }
}

async fn a_dry_run_counts_as_a_request_and_keeps_no_job(place: &Place) {
    let credentials = place.credentials(&["--rpm", "3"]);
    let server = place.serve();
    let token = server.token(&credentials).await;
    let path = "/v1/integration-import/dry-run";
    let foreseen = json_of(send(&server, &token, Method::POST, path, Some(job("A", 4))).await).await;
    assert_eq!((&foreseen["stops_imported"], &foreseen["driver_resolved"]), (&json!(4), &json!(false)));
    assert_eq!(server.job(&token, "external_job_id=A").await.status(), 404);
    let wrong = send(&server, &token, Method::POST, path, Some(json!({ "title": "x" }))).await;
    assert_eq!(wrong.status(), 400);
    let limited = send(&server, &token, Method::POST, path, Some(job("A", 4))).await;
    assert_eq!(limited.status(), 429);
    assert!(limited.headers().contains_key("retry-after"));
    let invited = place.json(&["invitation", "list", "--org", &credentials.organization_id]);
    assert_eq!(invited["invitations"], json!([]));
}

async fn a_dispatcher_changes_a_job_from_the_command_line(place: &Place) {
    let credentials = place.credentials(&[]);
    let organization = credentials.organization_id.as_str();
    let server = place.serve();
    let token = server.token(&credentials).await;
    let imported = json_of(server.import(&token, &with_a_lost_address("A"), None).await.expect("an answer")).await;
    let id = text(&imported, "job_id");
    let fixed = place.json(&["job", "fix", &id, "S2", "--latitude", "60.161", "--longitude", "24.931"]);
    assert_eq!(
        (&fixed["organization_id"], &stop(&fixed, "S2")["location"]["status"]),
        (&json!(organization), &json!("supplied"))
    );
    let added = place.json(&[
        "job",
        "stop",
        "add",
        &id,
        "--latitude",
        "60.165",
        "--longitude",
        "24.945",
        "--external-stop-id",
        "NEW",
        "--label",
        "Ada",
        "--notes",
        "2nd floor",
        "--duration-minutes",
        "4",
        "--priority",
        "-1",
        "--parcel-count",
        "3",
    ]);
    let new = stop(&added, "NEW");
    assert_eq!((&new["contact"]["company"], &new["note"]), (&json!("Ada"), &json!("2nd floor")));
    assert_eq!(
        (&new["service_seconds"], &new["parcel_count"], &new["priority"]["value"]),
        (&json!(240), &json!(3), &json!(-1.0))
    );
    assert_eq!(order(&added).last(), Some(&"S3"), "the end stays");
    let moved = place.json(&["job", "stop", "move", &id, "NEW", "--position", "1"]);
    assert_eq!((order(&moved)[1], &moved["route"]["optimality"]), ("NEW", &Value::Null));
    let new_id = text(stop(&moved, "NEW"), "stop_id");
    let locked = place.json(&["job", "stop", "lock", &id, &new_id]);
    assert_eq!(stop(&locked, "NEW")["is_locked"], true);
    let best = place.json(&["job", "optimise", &id]);
    assert_eq!((order(&best)[1], best["route"]["optimality"].is_object()), ("NEW", true));
    assert_eq!(stop(&place.json(&["job", "stop", "unlock", &id, "NEW"]), "NEW")["is_locked"], false);
    let fewer = place.json(&["job", "stop", "remove", &id, "NEW"]);
    assert_eq!(order(&fewer).len(), 4);
    let closed = place.json(&["job", "ends", &id, "round_trip"]);
    assert_eq!((&closed["route"]["route_ends"], closed["route"]["end_leg"].is_object()), (&json!("round_trip"), true));
    place.json(&["driver", "create", "--org", organization, "--email", "grace@example.com"]);
    let driven = place.json(&["job", "driver", &id, "Grace@example.com"]);
    assert_eq!((&driven["status"], &driven["driver"]["is_resolved"]), (&json!("assigned"), &json!(true)));

    let shown = place.run(&["job", "show", &id]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("external_job_id: A") && shown.contains("route_ends: round_trip"), "{shown}");
    assert!(
        shown.contains("\nsort_order  external_stop_id")
            && shown.lines().any(|line| line.starts_with("0           S0")),
        "{shown}"
    );

    let cancelled = place.json(&["job", "cancel", &id]);
    assert_eq!(cancelled["status"], "cancelled");
    assert!(cancelled["route"]["cancelled_at"].is_string());
    assert_eq!(json_of(server.job(&token, "external_job_id=A").await).await["status"], "completed");
    assert_eq!(place.json(&["job", "delete", &id]), json!({ "job_id": id, "status": "deleted" }));
    assert_eq!(server.import(&token, &job("A", 2), None).await.expect("an answer").status(), 200, "its id is free");
}

async fn a_dispatcher_is_told_what_is_wrong(place: &Place) {
    let credentials = place.credentials(&[]);
    let file = place.folder().join("job.json");
    std::fs::write(&file, with_a_lost_address("A").to_string()).expect("the folder can be written to");
    let file = file.display().to_string();
    let imported = place.json(&["job", "import", &file, "--client", &credentials.client_id]);
    let id = text(&imported, "job_id");
    let check = |arguments: &[&str], expected: &str| {
        let output = place.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(expected), "{arguments:?}: {said}");
    };
    check(&["job", "fix", &id, "NONE", "--address", "x"], "error: the job has no stop `NONE`");
    check(&["job", "fix", &id, "S2"], "--address");
    check(
        &["job", "fix", &id, "S2", "--latitude", "91", "--longitude", "0"],
        "error: latitude must be a number between -90 and 90",
    );
    check(
        &["job", "stop", "add", &id, "--address", "x", "--external-stop-id", "S1"],
        "error: stops[0].external_stop_id must be unique",
    );
    check(&["job", "driver", &id, "nobody"], "error: driver_email must be an e-mail address");
    check(&["job", "optimise", "7"], "error: job id `7` is not a UUID");
    check(&["job", "optimise", "0190b6e2-0000-7000-8000-00000000000a"], "error: job not found");
    check(&["job", "optimise", &id, "--if-version", "7"], "error: the job has changed");
    check(&["job", "delete", &id, "--if-version", "7"], "error: the job has changed");
    check(&["job", "ends", &id, "terminals"], "invalid value 'terminals'");
    place.json(&["job", "cancel", &id]);
    check(&["job", "stop", "remove", &id, "S1"], "error: ");
}

async fn a_job_is_imported_from_a_file(place: &Place) {
    let credentials = place.credentials(&[]);
    let client = credentials.client_id.as_str();
    let file = place.folder().join("job.json");
    let path = file.display().to_string();
    std::fs::write(&file, job("A", 5).to_string()).expect("the folder can be written to");
    let import = |more: &[&'static str]| [&["job", "import", path.as_str(), "--client", client], more].concat();
    let foreseen = place.json(&import(&["--dry-run"]));
    assert_eq!(foreseen["stops_imported"], 5);
    let list = || place.json(&["job", "list", "--org", &credentials.organization_id]);
    assert_eq!(list()["jobs"], json!([]));
    let said = place.run(&import(&["--dry-run"]));
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.starts_with("dry run: nothing was kept") && !said.contains("\njob_id: "), "{said}");
    assert!(said.contains("ROUTE_OPTIMIZED") && said.contains("external_stop_id"), "{said}");
    let imported = place.json(&import(&[]));
    assert_eq!(order(&imported), order(&foreseen));
    assert_eq!(list()["jobs"][0]["job_id"], imported["job_id"]);
    for (more, body, expected) in [
        (
            &["--dry-run"][..],
            job("A", 5).to_string(),
            format!("error: the external job id is taken by job `{}`", text(&imported, "job_id")),
        ),
        (&[], json!({ "title": "x", "stops": [{}] }).to_string(), "stops[0].address is required".to_owned()),
        (&[], "{".to_owned(), "body is not valid JSON".to_owned()),
    ] {
        std::fs::write(&file, body).expect("the folder can be written to");
        let output = place.run(&import(more));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(&expected), "{said}");
    }
    let missing = place.run(&["job", "import", "nowhere.json", "--client", client]);
    assert!(String::from_utf8_lossy(&missing.stderr).contains("error: cannot read `nowhere.json`"));
    let stranger = place.run(&["job", "import", &path, "--client", "rm_ci_nobody"]);
    assert!(String::from_utf8_lossy(&stranger.stderr).contains("error: integration not found"));
}

async fn jobs_are_found_from_the_command_line(place: &Place) {
    let (credentials, other) = (place.credentials(&[]), place.credentials(&[]));
    let organization = credentials.organization_id.as_str();
    let server = place.serve();
    let token = server.token(&credentials).await;
    for (name, date) in [("A", "2026-03-09"), ("B", "2026-03-10"), ("C", "2026-03-09")] {
        let mut body = job(name, 2);
        body["scheduled_date"] = json!(date);
        body["driver_email"] = json!(if name == "C" { "grace@example.com" } else { "ada@example.com" });
        assert_eq!(server.import(&token, &body, None).await.expect("an answer").status(), 200);
    }
    let find = |more: &[&str]| {
        let found = place.json(&[&["job", "list", "--org", organization], more].concat());
        let jobs = found["jobs"].as_array().expect("a list").clone();
        jobs.iter().map(|job| text(job, "external_job_id")).collect::<Vec<_>>()
    };
    assert_eq!(find(&[]), ["C", "B", "A"]);
    assert_eq!(find(&["--date", "2026-03-09"]), ["C", "A"]);
    assert_eq!(find(&["--driver", "Ada@example.com"]), ["B", "A"]);
    assert_eq!(find(&["--status", "pending", "--text", "GRACE"]), ["C"]);
    assert_eq!(find(&["--status", "in_progress"]), Vec::<String>::new());
    assert_eq!(
        find(&["--client", &credentials.client_id, "--date", "2026-03-09", "--driver", "ada@example.com"]),
        ["A"]
    );
    assert_eq!(find(&["--client", &other.client_id]), Vec::<String>::new());
    let first = place.json(&["job", "list", "--org", organization, "--limit", "2"]);
    let next = text(&first, "next");
    assert_eq!(find(&["--after", &next]), ["A"]);
    let wrong = place.run(&["job", "list", "--org", organization, "--driver", "nobody"]);
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("error: --driver `nobody`"));
}
