//! The EasyRoutes API over HTTP: the documents' own calls, lists and their cursors, ids of any kind, refusals.

use std::path::PathBuf;
use std::process::Command;

use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Credentials, Place, Server, job, on_both, text};

on_both!(
    the_documented_calls_run_unchanged_but_for_host_and_credentials,
    one_token_serves_both_dialects_and_a_job_is_a_route,
    a_stop_that_is_imported_again_keeps_its_id,
    any_client_stop_id_can_be_asked_for,
    pages_hold_everything_once_while_others_write,
    cursors_are_good_for_who_got_them_and_for_nothing_else,
    every_refusal_is_a_status,
    a_route_is_made_changed_and_deleted,
    a_route_is_made_once_for_each_key_and_changed_by_version,
);

/// Who calls the dialect with a token.
pub(crate) struct Client<'s> {
    server: &'s Server,
    token: String,
}

impl<'s> Client<'s> {
    pub(crate) async fn new(server: &'s Server, credentials: &Credentials) -> Self {
        let body = json!({ "clientId": credentials.client_id, "clientSecret": credentials.client_secret });
        let url = format!("{}/api/2024-07/authenticate", server.base);
        let answer = server.client.post(url).json(&body).send().await.expect("an answer");
        let answer: Value = answer.json().await.expect("JSON");
        assert_eq!(answer["expiresInSeconds"], "3600", "{answer}");
        Self { server, token: text(&answer, "accessToken") }
    }

    async fn send(&self, method: Method, path: &str, body: Option<String>) -> (u16, Value) {
        let url = format!("{}/api/2024-07{path}", self.server.base);
        let mut request = self.server.client.request(method, url).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.body(body);
        }
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.expect("JSON"))
    }

    #[track_caller]
    fn good((status, body): (u16, Value)) -> Value {
        assert_eq!(status, 200, "{body}");
        body
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        Self::good(self.send(Method::GET, path, None).await)
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Value {
        Self::good(self.send(Method::POST, path, Some(body.to_string())).await)
    }
}

fn stops(ids: impl IntoIterator<Item = String>) -> Value {
    let stop = |id: String| json!({ "clientStopId": id, "coordinates": { "latitude": 60.17, "longitude": 24.95 } });
    ids.into_iter().map(stop).collect()
}

/// The documents' commands, each in one line; `None`, said aloud, where they are not there.
fn documented_calls() -> Option<Vec<String>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/contract/easyroutes-routes-api.txt");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("SKIPPED: the documentation is not at {}", path.display());
        return None;
    };
    let mut calls: Vec<String> = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if !line.trim_start().starts_with("curl ") {
            continue;
        }
        let mut call = line.trim().to_owned();
        // A call goes on to its address, which is the last thing of each.
        while !call.contains("https://") {
            call.push('\n');
            call.push_str(lines.next().expect("the call goes on"));
        }
        calls.push(call);
    }
    Some(calls)
}

async fn the_documented_calls_run_unchanged_but_for_host_and_credentials(place: &Place) {
    let Some(calls) = documented_calls() else { return };
    if Command::new("curl").arg("--version").output().is_err() {
        eprintln!("SKIPPED: `curl` is not installed");
        return;
    }
    assert_eq!(calls.len(), 14);
    let credentials = place.credentials(&[]);
    let server = place.serve();
    let client = Client::new(&server, &credentials).await;
    // What the documents name has to be there.
    client.post("/stops/imports", &stops(["mystopid-123".to_owned()])).await;
    let mut known = 0;
    for call in calls {
        let call = call
            .replace("https://easyroutes.roundtrip.ai", &server.base)
            .replace("Bearer ...", &format!("Bearer {}", client.token))
            .replace("\"clientId\": \"...\"", &format!("\"clientId\": \"{}\"", credentials.client_id))
            .replace("\"clientSecret\": \"...\"", &format!("\"clientSecret\": \"{}\"", credentials.client_secret));
        // The address of a list has an ampersand that no quotes protect: the shell runs what stands before it.
        let output = Command::new("sh").args(["-c", &format!("{call}\nwait")]).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stdout);
        let answer: Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{call}: {error}: {said}"));
        match answer.get("code") {
            // Ids of the documents that are nobody's here.
            Some(code) => assert_eq!(code, 5, "{call}: {answer}"),
            None => known += 1,
        }
    }
    // The token, the lists, the import, and what is done with the one stop that is known until it is deleted.
    assert_eq!(known, 7);
}

async fn one_token_serves_both_dialects_and_a_job_is_a_route(place: &Place) {
    let credentials = place.credentials(&[]);
    let server = place.serve();
    let client = Client::new(&server, &credentials).await;
    let imported = server.import(&client.token, &job("ONE", 3), None).await.expect("an answer");
    let imported: Value = imported.json().await.expect("JSON");
    let id = format!("rte-{}", text(&imported, "route_id"));
    let route = client.get(&format!("/routes/{id}")).await;
    assert_eq!((&route["id"], &route["name"]), (&json!(id), &json!("Morning")));
    let ids = |list: &Value, field: &str| -> Vec<Value> {
        list.as_array().expect("a list").iter().map(|stop| stop[field].clone()).collect()
    };
    assert_eq!(ids(&route["stops"], "clientStopId"), ids(&imported["stops"], "external_stop_id"));
    let stop = &route["stops"][1];
    assert_eq!(&client.get(&format!("/routes/{id}/stops/{}", text(stop, "id"))).await, stop);
    let list = client.get("/routes?query.sortKey=UPDATED_AT").await;
    assert_eq!((&list["routes"][0], &list["nextCursor"]), (&route, &json!("")));
    let strangers = Client::new(&server, &place.credentials(&[])).await;
    assert_eq!(strangers.get("/routes").await, json!({ "routes": [], "nextCursor": "" }));
    assert_eq!(strangers.get("/drivers").await, json!({ "drivers": [], "nextCursor": "" }));
    assert_eq!(strangers.get("/stops/imports").await, json!({ "stops": [], "nextCursor": "" }));
}

async fn a_stop_that_is_imported_again_keeps_its_id(place: &Place) {
    let server = place.serve();
    let client = Client::new(&server, &place.credentials(&[])).await;
    let stop = |note: &str| json!({ "clientStopId": "A", "address": { "city": "Helsinki" }, "note": note });
    let first = client.post("/stops/imports", &json!([stop("one")])).await;
    let again = client.post("/stops/imports", &json!({ "stops": [stop("two"), stop("three")] })).await;
    let (first, again) = (&first["stops"][0], again["stops"].as_array().expect("stops"));
    assert_eq!(again.len(), 2, "one answer for each");
    assert_eq!(again[0], again[1], "the last counts");
    assert_eq!((&again[0]["id"], &again[0]["note"]), (&first["id"], &json!("three")));
    assert_eq!(again[0].get("coordinates"), None);
    assert_eq!(client.get("/stops/imports").await["stops"].as_array().map(Vec::len), Some(1));
    // All or none.
    let half = json!([{ "clientStopId": "B", "address": { "city": "Espoo" } }, {}]);
    let (status, refused) = client.send(Method::POST, "/stops/imports", Some(half.to_string())).await;
    let told = json!({ "code": 3, "message": "stops[1].address or coordinates is required", "details": [] });
    assert_eq!((status, refused), (400, told));
    assert_eq!(client.get("/stops/imports").await["stops"].as_array().map(Vec::len), Some(1));
}

async fn any_client_stop_id_can_be_asked_for(place: &Place) {
    let server = place.serve();
    let client = Client::new(&server, &place.credentials(&[])).await;
    for (id, sent) in [
        ("a/b", "a%2Fb"),
        ("100% päivä 📦", "100%25%20p%C3%A4iv%C3%A4%20%F0%9F%93%A6"),
        ("%2F", "%252F"),
        ("x?y#z", "x%3Fy%23z"),
        ("ist-123e4567-e89b-12d3-a456-426614174000", "ist-123e4567-e89b-12d3-a456-426614174000"),
        ("a/../b", "a%2F..%2Fb"),
        ("routes", "routes"),
    ] {
        let made = client.post("/stops/imports", &stops([id.to_owned()])).await;
        let (made, path) = (&made["stops"][0], format!("/stops/imports/{sent}"));
        assert_eq!(&client.get(&path).await, made, "{id}");
        let routes = client.get(&format!("{path}/routes")).await;
        assert_eq!(routes, json!({ "id": made["id"], "routeInfo": [] }), "{id}");
        assert_eq!(&client.get(&format!("/stops/imports/{}", text(made, "id"))).await, made, "{id}");
        assert_eq!(client.send(Method::DELETE, &path, None).await, (200, json!({})), "{id}");
        assert_eq!(client.send(Method::GET, &path, None).await.0, 404, "{id}");
    }
}

async fn pages_hold_everything_once_while_others_write(place: &Place) {
    let server = place.serve();
    let client = Client::new(&server, &place.credentials(&[])).await;
    client.post("/stops/imports", &stops((0..25).map(|number| format!("S{number}")))).await;
    let (mut seen, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = client.get(&format!("/stops/imports?query.limit=7&cursor={cursor}")).await;
        let shown = page["stops"].as_array().expect("stops");
        seen.extend(shown.iter().map(|stop| text(stop, "clientStopId")));
        // New ones come before what was seen, and what is deleted was seen already.
        client.post("/stops/imports", &stops([format!("NEW{pages}")])).await;
        let gone = format!("/stops/imports/{}", text(&shown[0], "id"));
        assert_eq!(client.send(Method::DELETE, &gone, None).await.0, 200);
        pages += 1;
        cursor = text(&page, "nextCursor");
        if cursor.is_empty() {
            break;
        }
    }
    let mut expected: Vec<_> = (0..25).map(|number| format!("S{number}")).collect();
    seen.sort_unstable();
    expected.sort_unstable();
    assert_eq!((seen, pages), (expected, 4));
}

async fn cursors_are_good_for_who_got_them_and_for_nothing_else(place: &Place) {
    let server = place.serve();
    let (client, stranger) =
        (Client::new(&server, &place.credentials(&[])).await, Client::new(&server, &place.credentials(&[])).await);
    client.post("/stops/imports", &stops(["A".to_owned(), "B".to_owned(), "C".to_owned()])).await;
    let cursor = text(&client.get("/stops/imports?query.limit=1").await, "nextCursor");
    // The whole query is in it; what else is sent does not matter.
    let next = client.get(&format!("/stops/imports?query.limit=9999&cursor={cursor}")).await;
    assert_eq!(next["stops"].as_array().map(Vec::len), Some(1));
    let middle = cursor.len() / 3;
    let mut tampered = cursor.clone();
    tampered.replace_range(middle..=middle, if cursor.as_bytes()[middle] == b'A' { "B" } else { "A" });
    for (who, path) in [
        (&client, format!("/stops/imports?cursor={tampered}")),
        (&client, format!("/stops/imports?cursor={}", &cursor[..cursor.len() - 1])),
        (&client, "/stops/imports?cursor=x".to_owned()),
        (&client, format!("/routes?cursor={cursor}")),
        (&client, format!("/drivers?cursor={cursor}")),
        (&stranger, format!("/stops/imports?cursor={cursor}")),
    ] {
        let (status, body) = who.send(Method::GET, &path, None).await;
        assert_eq!((status, &body["code"]), (400, &json!(3)), "{path}");
        assert!(
            body["message"].as_str().is_some_and(|message| message.starts_with("cursor is not a cursor")),
            "{body}"
        );
    }
}

async fn every_refusal_is_a_status(place: &Place) {
    let server = place.serve();
    let client = Client::new(&server, &place.credentials(&[])).await;
    for (method, path, body, status, code) in [
        (Method::POST, "/authenticate", Some("{}"), 400, 3),
        (Method::POST, "/authenticate", Some(r#"{"clientId":"a","clientSecret":"b"}"#), 401, 16),
        (Method::POST, "/stops/imports", Some("[{"), 400, 3),
        (Method::GET, "/routes?query.limit=201", None, 400, 3),
        (Method::GET, "/routes/rte-cb93e344-fb1d-4d34-b8a8-8df5cdd9e939", None, 404, 5),
        (Method::GET, "/routes/nothing", None, 404, 5),
        (Method::GET, "/drivers/drv-cb93e344-fb1d-4d34-b8a8-8df5cdd9e939", None, 404, 5),
        (Method::GET, "/stops/imports/nothing", None, 404, 5),
        (Method::GET, "/nothing", None, 404, 5),
        (Method::DELETE, "/drivers", None, 405, 12),
    ] {
        let (told, body) = client.send(method.clone(), path, body.map(str::to_owned)).await;
        assert_eq!(
            (told, &body["code"], &body["details"]),
            (status, &json!(code), &json!([])),
            "{method} {path}: {body}"
        );
        assert!(body["message"].as_str().is_some_and(|message| !message.is_empty()), "{path}");
    }
    let unknown = server.client.get(format!("{}/api/2024-07/routes", server.base)).send().await.expect("an answer");
    assert_eq!((unknown.status().as_u16(), unknown.headers()["www-authenticate"].to_str().ok()), (401, Some("Bearer")));
    assert!(unknown.headers().contains_key("x-request-id"));
    let body: Value = unknown.json().await.expect("JSON");
    assert_eq!(body, json!({ "code": 16, "message": "missing bearer token", "details": [] }));
    let large = client.send(Method::POST, "/stops/imports", Some(" ".repeat(10 * 1024 * 1024 + 1))).await;
    assert_eq!((large.0, &large.1["code"]), (413, &json!(3)));
}

async fn a_route_is_made_changed_and_deleted(place: &Place) {
    let credentials = place.credentials(&[]);
    let driver = place.json(&["driver", "create", "--org", &credentials.organization_id, "--email", "ada@example.com"]);
    let driver_id = format!("drv-{}", text(&driver, "driver_id"));
    let server = place.serve();
    let client = Client::new(&server, &credentials).await;
    let imported = client.post("/stops/imports", &stops(["A".to_owned(), "B".to_owned()])).await;
    let given: Vec<Value> = imported["stops"]
        .as_array()
        .expect("stops")
        .iter()
        .map(|stop| json!({ "importedStopId": stop["id"] }))
        .collect();
    let made = client.post("/routes", &json!({ "name": "Evening", "stops": given })).await;
    let path = format!("/routes/{}", text(&made, "id"));
    let names = |route: &Value| -> Vec<String> {
        route["stops"].as_array().expect("stops").iter().map(|stop| text(stop, "clientStopId")).collect()
    };
    assert_eq!(
        (names(&made), &made["stops"][0]["source"]),
        (vec!["A".to_owned(), "B".to_owned()], &json!("IMPORTED_STOP"))
    );
    assert_eq!(client.get(&path).await, made);
    let whole = client.get("/stops/imports/A/routes").await;
    assert_eq!(whole["routeInfo"][0]["routeId"], made["id"]);

    let put =
        async |path: String, body: Value| Client::good(client.send(Method::PUT, &path, Some(body.to_string())).await);
    let second = text(&made["stops"][1], "id");
    let moved = put(format!("{path}/stops/{second}/position"), json!({ "position": 0 })).await;
    assert_eq!(names(&moved), ["B", "A"]);
    let items = json!({ "items": [{ "name": "Bananas", "quantity": 3, "grams": 500 }] });
    let filled = put(format!("{path}/stops/{second}/items"), items).await;
    assert_eq!((&filled["totalItemQuantity"], &filled["totalItemGrams"]), (&json!(3), &json!("1500")));
    let assigned = put(format!("{path}/driver"), json!({ "driverId": driver_id })).await;
    assert_eq!(assigned["driver"]["id"], json!(driver_id));
    let more = json!({ "stops": [{ "stop": stops(["C".to_owned()])[0] }], "position": 1 });
    assert_eq!(names(&client.post(&format!("{path}/stops"), &more).await), ["B", "C", "A"]);
    let fewer = Client::good(client.send(Method::DELETE, &format!("{path}/stops/{second}"), None).await);
    assert_eq!(names(&fewer), ["C", "A"]);
    let archived = client.post(&format!("{path}/archive"), &json!({})).await;
    assert!(archived["archivedAt"].is_string(), "{archived}");
    assert_eq!(client.get("/routes").await["routes"], json!([]));
    assert_eq!(client.get("/routes?query.includeArchived=true").await["routes"].as_array().map(Vec::len), Some(1));
    assert_eq!(client.send(Method::DELETE, &path, None).await, (200, json!({})));
    assert_eq!(client.send(Method::GET, &path, None).await.0, 404);
    assert_eq!(client.get("/stops/imports/A/routes").await["routeInfo"], json!([]));
}

async fn a_route_is_made_once_for_each_key_and_changed_by_version(place: &Place) {
    let credentials = place.credentials(&["--plan", "enterprise"]);
    let server = place.serve();
    let client = Client::new(&server, &credentials).await;
    let call = async |method: Method, path: &str, header: (&str, &str), body: &Value| {
        let request = server.client.request(method, format!("{}/api/2024-07{path}", server.base));
        let request = request.bearer_auth(&client.token).header(header.0, header.1).body(body.to_string());
        let answer = request.send().await.expect("an answer");
        let told = |name: &str| answer.headers().get(name).map(|value| value.to_str().expect("text").to_owned());
        let (tag, replayed) = (told("etag"), told("idempotency-replayed"));
        (answer.status().as_u16(), tag, replayed, answer.json::<Value>().await.expect("JSON"))
    };
    let key = ("Idempotency-Key", "K");
    let wanted =
        json!({ "name": "Morning", "stops": [{ "stop": { "coordinates": { "latitude": 60.2, "longitude": 24.9 } } }] });
    let (status, tag, replayed, made) = call(Method::POST, "/routes", key, &wanted).await;
    assert_eq!((status, tag.as_deref(), replayed), (200, Some("\"1\""), None), "{made}");
    let again = call(Method::POST, "/routes", key, &wanted).await;
    assert_eq!(again, (200, tag, Some("true".to_owned()), made.clone()));
    let (status, _, _, refused) = call(Method::POST, "/routes", key, &json!({ "name": "Evening" })).await;
    assert_eq!((status, &refused["code"]), (422, &json!(3)), "{refused}");
    assert_eq!(client.get("/routes").await["routes"].as_array().map(Vec::len), Some(1));
    // A request that was refused frees its key.
    let (status, _, _, refused) = call(Method::POST, "/routes", ("Idempotency-Key", "L"), &json!({})).await;
    assert_eq!((status, &refused["message"]), (400, &json!("name is required")));
    assert_eq!(call(Method::POST, "/routes", ("Idempotency-Key", "L"), &json!({ "name": "L" })).await.0, 200);
    let (status, _, _, refused) = call(Method::POST, "/routes", ("Idempotency-Key", &"k".repeat(256)), &wanted).await;
    assert_eq!((status, &refused["message"]), (400, &json!("Idempotency-Key must be at most 255 characters")));
    // Every change is made to the version that it names, or not at all.
    let path = format!("/routes/{}", text(&made, "id"));
    let stop = text(&made["stops"][0], "id");
    let empty = json!({});
    for (method, part, body) in [
        (Method::POST, "/reoptimize".to_owned(), &empty),
        (Method::POST, "/stops".to_owned(), &json!({ "stops": wanted["stops"] })),
        (Method::PUT, format!("/stops/{stop}/position"), &json!({ "position": 0 })),
        (Method::PUT, format!("/stops/{stop}/items"), &json!({ "items": [] })),
        (Method::DELETE, "/driver".to_owned(), &empty),
        (Method::DELETE, "/dispatch".to_owned(), &empty),
        (Method::DELETE, format!("/stops/{stop}"), &empty),
        (Method::POST, "/archive".to_owned(), &empty),
        (Method::DELETE, "/archive".to_owned(), &empty),
        (Method::DELETE, String::new(), &empty),
    ] {
        let (_, current, _, before) = call(Method::GET, &path, ("Accept", "*/*"), &empty).await;
        let current = current.expect("a tag");
        let path = format!("{path}{part}");
        let (status, _, _, refused) = call(method.clone(), &path, ("If-Match", "\"0\""), body).await;
        assert_eq!((status, &refused["code"]), (412, &json!(10)), "{method} {path}: {refused}");
        let (status, tag, _, changed) = call(method.clone(), &path, ("If-Match", &current), body).await;
        assert_eq!(status, 200, "{method} {path}: {changed}");
        if tag.is_some() {
            assert_ne!(tag, Some(current), "{method} {path}");
            assert_eq!(changed["id"], before["id"]);
        }
    }
    assert_eq!(client.send(Method::GET, &path, None).await.0, 404);
}
