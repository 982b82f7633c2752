//! Routes over our own API, from making them to deleting them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::native::depot;
use crate::native_client::Client;
use crate::server::{Credentials, Place, job, on_both, text};

on_both!(a_route_is_made_changed_and_deleted_by_version, routes_from_every_door_are_listed_and_shown,);

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
