//! Our own API over HTTP: saved stops, drivers and routes from making them to deleting them, keys, tags, cursors, refusals.

use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Credentials, Place, Server, job, on_both, text};

on_both!(
    a_saved_stop_is_kept_replaced_and_deleted_by_version,
    a_driver_is_made_changed_and_put_away_with_what_becomes_of_open_routes,
    a_route_is_made_changed_and_deleted_by_version,
    routes_from_every_door_are_listed_and_shown,
    pages_go_on_by_cursors_that_hold_the_whole_query,
    odd_bodies_and_queries_are_told_what_is_wrong,
    commands_show_and_change_what_the_server_does,
);

/// A caller of our own API.
struct Client<'s> {
    server: &'s Server,
    token: String,
}

/// An answer: status, headers that matter here, and the body, null where there is none.
struct Answer {
    status: u16,
    tag: String,
    location: String,
    is_replayed: bool,
    body: Value,
}

impl<'s> Client<'s> {
    async fn new(server: &'s Server, credentials: &Credentials) -> Self {
        Self { server, token: server.token(credentials).await }
    }

    async fn call(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let url = format!("{}/api/v1{path}", self.server.base);
        let mut request = self.server.client.request(method, url).bearer_auth(&self.token).body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.expect("an answer");
        let header = |name: &str| {
            answer.headers().get(name).map(|value| value.to_str().expect("text").to_owned()).unwrap_or_default()
        };
        let (tag, location, is_replayed) =
            (header("etag"), header("location"), header("idempotency-replayed") == "true");
        let status = answer.status().as_u16();
        let body = answer.text().await.expect("a body");
        let body = if body.is_empty() { Value::Null } else { serde_json::from_str(&body).expect("JSON") };
        Answer { status, tag, location, is_replayed, body }
    }

    /// Sends a body, or none where it is null.
    async fn send(&self, method: Method, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.call(method, path, &[], &body).await
    }

    #[track_caller]
    fn good(answer: Answer, status: u16) -> Answer {
        assert_eq!(answer.status, status, "{}", answer.body);
        answer
    }

    async fn get(&self, path: &str) -> Value {
        Self::good(self.call(Method::GET, path, &[], "").await, 200).body
    }

    async fn post(&self, path: &str, body: &Value, status: u16) -> Value {
        Self::good(self.send(Method::POST, path, body).await, status).body
    }

    async fn put(&self, path: &str, body: &Value) -> Value {
        Self::good(self.send(Method::PUT, path, body).await, 200).body
    }
}

fn depot() -> Value {
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

async fn a_route_is_made_changed_and_deleted_by_version(place: &Place) {
    let credentials = place.credentials(&["--plan", "enterprise"]);
    let server = place.serve();
    let client = Client::new(&server, &credentials).await;
    let saved = client.post("/saved-stops", &depot(), 201).await;
    let saved_stop = json!({ "saved_stop_id": saved["saved_stop_id"] });
    let pin = |lat: f64| json!({ "address": format!("Place {lat}"), "latitude": lat, "longitude": 24.95 });
    let driver = client.post("/drivers", &json!({ "email": "ann@example.com" }), 201).await;
    let driver_id = text(&driver["driver"], "driver_id");
    let wanted = json!({
        "name": "Morning",
        "scheduled_for": "2026-03-09T08:00:00+02:00",
        "driver_id": driver_id,
        "start": { "latitude": 60.10, "longitude": 24.95, "address": "Garage" },
        "stops": [pin(60.3), saved_stop, pin(60.2)],
    });
    let key = [("Idempotency-Key", "\"route-1\"")];
    let made = client.call(Method::POST, "/routes", &key, &wanted.to_string()).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let again = client.call(Method::POST, "/routes", &key, &wanted.to_string()).await;
    assert_eq!((again.status, again.is_replayed, &again.body), (201, true, &made.body));
    let path = format!("/routes/{}", text(&made.body, "route_id"));
    assert_eq!(made.location, format!("/api/v1{path}"));
    let route = client.get(&path).await;
    assert_eq!(route, made.body);
    let stops = |route: &Value| route["stops"].as_array().expect("stops").clone();
    let latitudes = |route: &Value| -> Vec<f64> {
        stops(route).iter().map(|stop| stop["location"]["latitude"].as_f64().expect("a place")).collect()
    };
    assert_eq!(latitudes(&route), [60.17, 60.2, 60.3], "the best order from where the driver sets out");
    assert_eq!((&route["start"]["location"]["latitude"], &route["end"]["location"]), (&json!(60.10), &Value::Null));
    assert!(stops(&route).iter().all(|stop| stop["planned"]["arrival_at"].is_string()), "{route}");
    assert_eq!((&route["driver"]["driver_id"], &route["job"]), (&json!(driver_id), &Value::Null));
    // A change that is meant for a version that is no more is none.
    let one = json!({ "stops": [pin(60.25)] });
    let add = client.call(Method::POST, &format!("{path}/stops"), &[("If-Match", "\"1\"")], &one.to_string()).await;
    assert_eq!((add.status, latitudes(&add.body)), (200, vec![60.17, 60.2, 60.25, 60.3]));
    let stale = client.call(Method::POST, &format!("{path}/stops"), &[("If-Match", "\"1\"")], &one.to_string()).await;
    assert_eq!((stale.status, &stale.body["detail"]), (412, &json!("Route has changed")));
    let first = text(&stops(&add.body)[0], "stop_id");
    let moved = client.put(&format!("{path}/stops/{first}/position"), &json!({ "position": 9 })).await;
    assert_eq!(latitudes(&moved), [60.2, 60.25, 60.3, 60.17]);
    let placed = json!({ "latitude": 60.4, "longitude": 24.95, "optimize": false });
    let placed = client.put(&format!("{path}/stops/{first}/place"), &placed).await;
    assert_eq!(latitudes(&placed), [60.2, 60.25, 60.3, 60.4]);
    let items = json!({ "items": [{ "name": "Crate", "quantity": 2, "weight_grams": 500 }] });
    let with_items = client.put(&format!("{path}/stops/{first}/items"), &items).await;
    assert_eq!(stops(&with_items)[3]["items"], items["items"]);
    client.put(&format!("{path}/stops/{first}/lock"), &json!({ "is_locked": true })).await;
    let removed = client.send(Method::DELETE, &format!("{path}/stops/{first}"), &Value::Null).await;
    assert_eq!((removed.status, latitudes(&removed.body)), (200, vec![60.2, 60.25, 60.3]));
    client.post(&format!("{path}/reoptimize"), &Value::Null, 200).await;
    let until = json!({ "dispatched_until": "2026-03-09T18:00:00Z" });
    let dispatched = client.put(&format!("{path}/dispatch"), &until).await;
    assert_eq!(dispatched["dispatched_until"], "2026-03-09T18:00:00.000Z");
    for (part, field) in [("dispatch", "dispatched_until"), ("driver", "driver")] {
        let answer = client.send(Method::DELETE, &format!("{path}/{part}"), &Value::Null).await;
        assert_eq!((answer.status, &answer.body[field]), (200, &Value::Null), "{part}");
    }
    client.put(&format!("{path}/driver"), &json!({ "driver_id": driver_id })).await;
    assert!(client.post(&format!("{path}/archive"), &Value::Null, 200).await["archived_at"].is_string());
    let refused = client.send(Method::POST, &format!("{path}/reoptimize"), &Value::Null).await;
    assert_eq!((refused.status, &refused.body["code"]), (409, &json!("refused")));
    client.post(&format!("{path}/unarchive"), &Value::Null, 200).await;
    assert_eq!(client.post(&format!("{path}/cancel"), &Value::Null, 200).await["status"], "cancelled");
    let gone = client.send(Method::DELETE, &path, &Value::Null).await;
    assert_eq!((gone.status, gone.body), (204, Value::Null));
    assert_eq!(client.send(Method::DELETE, &path, &Value::Null).await.status, 404);
}

async fn routes_from_every_door_are_listed_and_shown(place: &Place) {
    let credentials = place.credentials(&["--plan", "enterprise"]);
    let server = place.serve();
    let client = Client::new(&server, &credentials).await;
    let imported = server.import(&client.token, &job("ONE", 3), None).await.expect("an answer");
    let imported: Value = imported.json().await.expect("JSON");
    let easyroutes = crate::easyroutes::Client::new(&server, &credentials).await;
    let stops = json!([{ "stop": { "coordinates": { "latitude": 60.2, "longitude": 24.95 } } }]);
    let planned = easyroutes.post("/routes", &json!({ "name": "By hand", "stops": stops })).await;
    let planned_id = text(&planned, "id").trim_start_matches("rte-").to_owned();
    let own = client.post("/routes", &json!({ "name": "Own", "stops": [{ "kind": "break" }] }), 201).await;
    let listed = client.get("/routes").await;
    let ids: Vec<String> =
        listed["routes"].as_array().expect("routes").iter().map(|route| text(route, "route_id")).collect();
    assert_eq!(ids, [text(&own, "route_id"), planned_id.clone(), text(&imported, "route_id")]);
    assert_eq!(
        (&listed["routes"][2]["job"]["external_job_id"], &listed["routes"][2]["stop_count"]),
        (&json!("ONE"), &json!(3))
    );
    let of_job = client.get(&format!("/routes/{}", text(&imported, "route_id"))).await;
    let whole_job = client.get(&format!("/jobs/{}", text(&imported, "job_id"))).await;
    assert_eq!((&of_job["stops"], &of_job["totals"]), (&whole_job["stops"], &whole_job["route"]["totals"]));
    assert_eq!(of_job["job"]["job_id"], imported["job_id"]);
    // A change at one door is seen at the other.
    let stop = text(&whole_job["stops"][1], "stop_id");
    let route_path = format!("/routes/{}", text(&imported, "route_id"));
    let changed = client.send(Method::DELETE, &format!("{route_path}/stops/{stop}"), &Value::Null).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(client.get(&format!("/jobs/{}", text(&imported, "job_id"))).await["stop_count"], 2);
    // The route of a job goes with its job.
    let refused = client.send(Method::DELETE, &route_path, &Value::Null).await;
    assert_eq!((refused.status, &refused.body["code"]), (409, &json!("refused")));
    // Another integration sees the route, and not the job.
    let made = place.json(&["integration", "create", "--org", &credentials.organization_id, "--name", "Warehouse"]);
    let (client_id, client_secret) = (text(&made, "client_id"), text(&made, "client_secret"));
    let sibling = Credentials { client_id, client_secret, ..credentials.clone() };
    let sibling = Client::new(&server, &sibling).await;
    assert_eq!(sibling.get(&route_path).await["job"], Value::Null);
    assert_eq!(sibling.get("/routes").await["routes"][2]["job"], Value::Null);
    // What is found: by state, driver, words and put away or not.
    let count =
        async |query: &str| client.get(&format!("/routes?{query}")).await["routes"].as_array().expect("routes").len();
    client.post(&format!("/routes/{planned_id}/archive"), &Value::Null, 200).await;
    for (query, expected) in [
        ("status=planned", 2),
        ("status=planned&include_archived=true", 3),
        ("status=started&status=completed", 0),
        ("driver=none", 2),
        ("driver=ada@example.com", 1),
        ("text=one", 1),
        ("text=ONE&status=cancelled", 0),
        ("date=2001-01-01", 0),
    ] {
        assert_eq!(count(query).await, expected, "{query}");
    }
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
