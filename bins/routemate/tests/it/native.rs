//! Our own API over HTTP: saved stops and drivers from making them to deleting them, keys, tags, cursors, refusals.

use reqwest::Method;
use serde_json::{Value, json};

use crate::native_client::Client;
use crate::server::{Place, job, on_both, text};

on_both!(
    a_saved_stop_is_kept_replaced_and_deleted_by_version,
    a_driver_is_made_changed_and_put_away_with_what_becomes_of_open_routes,
    pages_go_on_by_cursors_that_hold_the_whole_query,
    odd_bodies_and_queries_are_told_what_is_wrong,
    commands_show_and_change_what_the_server_does,
);

pub(crate) fn depot() -> Value {
    json!({ "name": "Depot", "address": "Unioninkatu 29, Helsinki", "latitude": 60.17, "longitude": 24.95 })
}

async fn a_saved_stop_is_kept_replaced_and_deleted_by_version(place: &Place) {
    let credentials = place.credentials(&["--plan", "enterprise"]);
    let server = place.serve();
    let client = Client::new(&server, &credentials).await;
    let key = [("Idempotency-Key", "saved-1")];
    let made = client.call(Method::POST, "/saved-stops", &key, &depot().to_string()).await;
    assert_eq!((made.status, made.is_replayed), (201, false), "{}", made.body);
    let path = format!("/saved-stops/{}", text(&made.body, "saved_stop_id"));
    assert_eq!((made.location, made.tag.as_str()), (format!("/api/v1{path}"), "\"1\""));
    let again = client.call(Method::POST, "/saved-stops", &key, &depot().to_string()).await;
    assert_eq!((again.status, again.is_replayed, &again.body), (201, true, &made.body));
    let other = client.call(Method::POST, "/saved-stops", &key, "{\"name\":\"X\",\"address\":\"Y\"}").await;
    assert_eq!((other.status, &other.body["code"]), (422, &json!("idempotency_key_reused")));
    assert_eq!(client.get(&path).await, made.body);
    let known = client.call(Method::GET, &path, &[("If-None-Match", "\"1\"")], "").await;
    assert_eq!((known.status, known.body), (304, Value::Null));
    // What was told can be sent back.
    let mut changed = made.body.clone();
    changed["name"] = json!("Yard");
    let put = client.call(Method::PUT, &path, &[("If-Match", "\"1\"")], &changed.to_string()).await;
    assert_eq!((put.status, put.tag.as_str(), &put.body["name"]), (200, "\"2\"", &json!("Yard")), "{}", put.body);
    assert_eq!((&put.body["latitude"], &put.body["address"]), (&made.body["latitude"], &made.body["address"]));
    for method in [Method::PUT, Method::DELETE] {
        let stale = client.call(method, &path, &[("If-Match", "\"1\"")], &changed.to_string()).await;
        assert_eq!((stale.status, &stale.body["code"]), (412, &json!("version_changed")));
    }
    assert_eq!(client.get("/saved-stops?text=yard").await["saved_stops"][0]["name"], "Yard");
    assert_eq!(client.get("/saved-stops?text=depot").await, json!({ "saved_stops": [], "next_cursor": null }));
    let deleted = client.call(Method::DELETE, &path, &[("If-Match", "\"2\"")], "").await;
    assert_eq!((deleted.status, deleted.body), (204, Value::Null));
    let gone = client.call(Method::GET, &path, &[], "").await;
    assert_eq!((gone.status, &gone.body["detail"]), (404, &json!("Saved stop not found")));
}

async fn a_driver_is_made_changed_and_put_away_with_what_becomes_of_open_routes(place: &Place) {
    let credentials = place.credentials(&["--plan", "enterprise"]);
    let server = place.serve();
    let client = Client::new(&server, &credentials).await;
    let waiting = server.import(&client.token, &job("ONE", 2), None).await.expect("an answer");
    let waiting: Value = waiting.json().await.expect("JSON");
    let email = "ada@example.com";
    let wanted = json!({ "email": "Ada@Example.com", "first_name": "Aino", "phone": "+358401234567" });
    let made = client.send(Method::POST, "/drivers", &wanted).await;
    assert_eq!((made.status, &made.body["jobs_assigned"]), (201, &json!(1)), "{}", made.body);
    assert_eq!(made.body["is_invitation_accepted"], true);
    let driver_id = text(&made.body["driver"], "driver_id");
    let path = format!("/drivers/{driver_id}");
    assert_eq!((made.location, &made.body["driver"]["email"]), (format!("/api/v1{path}"), &json!(email)));
    let twice = client.send(Method::POST, "/drivers", &wanted).await;
    assert_eq!((twice.status, &twice.body["code"]), (409, &json!("driver_email_taken")));
    assert!(text(&twice.body, "detail").contains(&driver_id), "{}", twice.body);
    let shown = client.call(Method::GET, &path, &[], "").await;
    assert_eq!(shown.body, made.body["driver"]);
    let route = client.post("/routes", &json!({ "name": "Mine", "driver_id": driver_id, "stops": [] }), 201).await;
    let routes = [text(&waiting, "route_id"), text(&route, "route_id")];
    let ids = |routes: &Value| -> Vec<String> {
        routes.as_array().expect("a list").iter().map(|route| text(route, "route_id")).collect()
    };
    let tag = [("If-Match", shown.tag.as_str())];
    let off = Client::good(client.call(Method::POST, &format!("{path}/deactivate"), &tag, "").await, 200).body;
    assert_eq!((ids(&off["open_routes"]), &off["driver"]["status"]), (routes.to_vec(), &json!("inactive")));
    assert_eq!(off["open_routes"][1]["name"], "Mine");
    let stale = client.call(Method::POST, &format!("{path}/reactivate"), &tag, "").await;
    assert_eq!(stale.status, 412);
    client.post(&format!("{path}/reactivate"), &Value::Null, 200).await;
    let away = client.post(&format!("{path}/archive"), &Value::Null, 200).await;
    assert_eq!((ids(&away["unassigned_routes"]), &away["open_routes"]), (routes.to_vec(), &json!([])));
    assert_eq!(client.get(&format!("/routes/{}", routes[1])).await["driver"], Value::Null);
    // Away is not gone: the address is still that driver's.
    assert_eq!(client.send(Method::POST, "/drivers", &wanted).await.status, 409);
}

async fn pages_go_on_by_cursors_that_hold_the_whole_query(place: &Place) {
    let (credentials, other) =
        (place.credentials(&["--plan", "enterprise"]), place.credentials(&["--plan", "enterprise"]));
    let server = place.serve();
    let (client, stranger) = (Client::new(&server, &credentials).await, Client::new(&server, &other).await);
    for number in 0..5 {
        client.post("/routes", &json!({ "name": format!("Route {number}"), "stops": [] }), 201).await;
        let stop = json!({ "name": format!("Stop {number}"), "latitude": 60.1, "longitude": 24.9 });
        client.post("/saved-stops", &stop, 201).await;
    }
    client.post("/routes", &json!({ "name": "Other" }), 201).await;
    for (path, list, query) in
        [("/routes", "routes", "limit=2&text=route"), ("/saved-stops", "saved_stops", "limit=2&text=stop")]
    {
        let (mut names, mut next) = (Vec::new(), format!("{path}?{query}"));
        loop {
            let page = client.get(&next).await;
            names.extend(page[list].as_array().expect("a list").iter().map(|one| text(one, "name")));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            let refused = stranger.call(Method::GET, &format!("{path}?cursor={cursor}"), &[], "").await;
            assert_eq!(refused.status, 400, "a cursor is good for whoever got it");
            let elsewhere = if path == "/routes" { "/saved-stops" } else { "/routes" };
            let refused = client.call(Method::GET, &format!("{elsewhere}?cursor={cursor}"), &[], "").await;
            assert_eq!(refused.status, 400, "and for the list that it belongs to");
            next = format!("{path}?cursor={cursor}&limit=1&text=nothing");
        }
        assert_eq!(
            names.iter().map(|name| name.chars().last()).collect::<Vec<_>>(),
            ['4', '3', '2', '1', '0'].map(Some)
        );
    }
}

async fn odd_bodies_and_queries_are_told_what_is_wrong(place: &Place) {
    let credentials = place.credentials(&["--plan", "enterprise"]);
    let server = place.serve();
    let client = Client::new(&server, &credentials).await;
    let route = client.post("/routes", &json!({ "name": "R" }), 201).await;
    let route = format!("/routes/{}", text(&route, "route_id"));
    let nobody = "01900000-0000-7000-8000-000000000000";
    let told = async |method: Method, path: &str, body: &str| -> (u16, Vec<String>) {
        let answer = client.call(method, path, &[], body).await;
        let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
        (answer.status, errors.iter().map(|error| text(error, "detail")).collect())
    };
    let long = "x".repeat(60_000);
    for (method, path, body, status, details) in [
        (Method::POST, "/routes".to_owned(), "", 400, vec!["name is required"]),
        (Method::POST, "/routes".to_owned(), "[]", 400, vec!["body must be an object"]),
        (
            Method::POST,
            "/routes".to_owned(),
            "{\"name\": \"\\u0000\"}",
            400,
            vec!["name must not contain the character U+0000"],
        ),
        (
            Method::POST,
            "/routes".to_owned(),
            &*format!(
                "{{\"name\": \"N\", \"stops\": [{{\"saved_stop_id\": \"{nobody}\"}}, {{\"imported_stop_id\": \"{nobody}\"}}]}}"
            ),
            400,
            vec!["stops[0].saved_stop_id is not known", "stops[1].imported_stop_id is not known"],
        ),
        (
            Method::POST,
            "/routes".to_owned(),
            &*format!("{{\"name\": \"N\", \"driver_id\": \"{nobody}\"}}"),
            404,
            vec![],
        ),
        (
            Method::POST,
            "/routes".to_owned(),
            "{\"name\": \"N\", \"scheduled_for\": \"-009999-01-02T00:00:00Z\"}",
            400,
            vec!["scheduled_for must be a time with its offset, such as 2026-03-09T08:00:00Z"],
        ),
        (
            Method::PUT,
            format!("{route}/dispatch"),
            "{\"dispatched_until\": 7}",
            400,
            vec!["dispatched_until must be a string"],
        ),
        (Method::PUT, format!("{route}/driver"), "", 400, vec!["driver_id is required"]),
        (Method::PUT, format!("{route}/stops/{nobody}/position"), "{\"position\": 1}", 404, vec![]),
        (Method::DELETE, format!("{route}/stops/seven"), "", 404, vec![]),
        (
            Method::POST,
            "/saved-stops".to_owned(),
            "{\"name\": \"N\"}",
            400,
            vec!["address is required where there is no position"],
        ),
        (Method::POST, "/drivers".to_owned(), "{\"email\": \"\"}", 400, vec!["email is required"]),
        (
            Method::GET,
            "/routes?driver=x&limit=0".to_owned(),
            "",
            400,
            vec!["limit must be between 1 and 200", "driver must be an e-mail address, a driver's id, or none"],
        ),
        (Method::GET, format!("/saved-stops?text={long}"), "", 400, vec!["text must be at most 255 characters"]),
        (
            Method::GET,
            "/routes?cursor=AAAA".to_owned(),
            "",
            400,
            vec!["cursor is not a cursor of this list, or no longer good; ask for its first page"],
        ),
        (Method::GET, "/routes?text=%00&date=-009999-01-01".to_owned(), "", 200, vec![]),
        (Method::GET, "/routes?date=9999-12-31".to_owned(), "", 200, vec![]),
    ] {
        let expected: Vec<String> = details.into_iter().map(str::to_owned).collect();
        assert_eq!(told(method, &path, body).await, (status, expected), "{path:.80} {body}");
    }
    let key = [("Idempotency-Key", &*"k".repeat(256))];
    let answer = client.call(Method::POST, "/routes", &key, "{\"name\": \"N\"}").await;
    assert_eq!((answer.status, &answer.body["errors"][0]["path"]), (400, &json!("Idempotency-Key")));
}

async fn commands_show_and_change_what_the_server_does(place: &Place) {
    let credentials = place.credentials(&["--plan", "enterprise"]);
    let server = place.serve();
    let client = Client::new(&server, &credentials).await;
    let org = credentials.organization_id.as_str();
    let saved = place.json(&[
        "saved-stop",
        "create",
        "--org",
        org,
        "--name",
        "Depot",
        "--latitude",
        "60.17",
        "--longitude",
        "24.95",
        "--note",
        "Gate 2",
    ]);
    let saved_id = text(&saved, "saved_stop_id");
    assert_eq!(client.get(&format!("/saved-stops/{saved_id}")).await, saved);
    assert_eq!(place.json(&["saved-stop", "show", "--org", org, &saved_id]), saved);
    let file = place.folder().join("stop.json");
    std::fs::write(&file, json!({ "name": "Yard", "address": "Kaivokatu 1", "tags": ["a"] }).to_string())
        .expect("written");
    let file = file.to_str().expect("text");
    let replaced = place.json(&["saved-stop", "replace", "--org", org, &saved_id, "--file", file]);
    assert_eq!(
        (&replaced["name"], &replaced["tags"], &replaced["version"]),
        (&json!("Yard"), &json!(["a"]), &json!(2))
    );
    let listed = place.json(&["saved-stop", "list", "--org", org, "--text", "yard"]);
    assert_eq!((&listed["saved_stops"][0]["saved_stop_id"], &listed["next"]), (&json!(saved_id), &Value::Null));
    let driver = place.json(&["driver", "create", "--org", org, "--email", "ann@example.com", "--first-name", "Ann"]);
    let driver_id = text(&driver, "driver_id");
    let route = json!({ "name": "Morning", "driver_id": driver_id, "stops": [{ "saved_stop_id": saved_id }] });
    let route = client.post("/routes", &route, 201).await;
    let route_id = text(&route, "route_id");
    let listed = place.json(&["route", "list", "--org", org, "--driver", "ann@example.com", "--status", "planned"]);
    assert_eq!(listed["routes"][0]["route_id"], json!(route_id));
    assert_eq!(
        place.json(&["route", "show", &route_id])["stops"],
        client.get(&format!("/routes/{route_id}")).await["stops"]
    );
    let edited = place.json(&["driver", "edit", "--org", org, &driver_id, "--last-name", "Lee"]);
    assert_eq!((&edited["first_name"], &edited["last_name"]), (&Value::Null, &json!("Lee")));
    let off = place.json(&["driver", "deactivate", "--org", org, &driver_id]);
    assert_eq!((&off["status"], &off["open_routes"][0]["route_id"]), (&json!("inactive"), &json!(route_id)));
    let away = place.json(&["driver", "archive", "--org", org, &driver_id]);
    assert_eq!((&away["unassigned_routes"][0]["route_id"], &away["open_routes"]), (&json!(route_id), &json!([])));
    assert_eq!(place.json(&["driver", "reactivate", "--org", org, &driver_id])["status"], "active");
    assert_eq!(place.json(&["driver", "show", "--org", org, &driver_id])["email"], "ann@example.com");
    assert_eq!(place.json(&["saved-stop", "delete", "--org", org, &saved_id])["status"], "deleted");
    let refused = place.run(&["saved-stop", "create", "--org", org, "--name", " ", "--address", "x"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("name is required"), "{refused:?}");
}
