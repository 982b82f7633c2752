//! Shops at Shopify over HTTP and at the command line: from connecting one to a route of its orders.

use std::io::Write;
use std::process::{Output, Stdio};

use reqwest::Method;
use routemate_auth::WebhookKey;
use serde_json::{Value, json};

use crate::easyroutes::Client;
use crate::server::{Place, Server, on_both, text};

on_both!(
    a_shop_is_connected_and_its_orders_are_put_on_a_route,
    whoever_is_no_connected_shop_is_refused_alike,
    a_secret_is_rotated_while_the_server_runs,
    messages_are_answered_as_shopify_wants_it,
    mistakes_at_the_command_line_are_named,
);

pub(crate) const SHOP: &str = "example.myshopify.com";
pub(crate) const SECRET: &str = "shpss_canary0of0the0shop0secret000";

/// Runs a command of shops with a secret on stdin.
fn with_secret(place: &Place, arguments: &[&str], secret: &str) -> Output {
    let mut command = place.command(&[&["shopify", "shop"], arguments].concat());
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    child.stdin.take().expect("stdin is piped").write_all(secret.as_bytes()).expect("it is read");
    child.wait_with_output().expect("it ends")
}

/// Connects [`SHOP`] and gives what was said.
pub(crate) fn connect(place: &Place, organization: &str) -> Value {
    let output =
        with_secret(place, &["add", "--org", organization, "--domain", SHOP, "--json"], &format!("{SECRET}\n"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

/// An order of the shop that was changed at this second of a morning.
pub(crate) fn order(number: i64, second: u32) -> Value {
    json!({
        "id": number,
        "name": "#1001",
        "email": "canary-of-the-customer@example.com",
        "created_at": "2026-03-09T08:00:00+02:00",
        "updated_at": format!("2026-03-09T08:30:{second:02}+02:00"),
        "cancelled_at": null,
        "fulfillment_status": null,
        "note": "Ring twice 🚚",
        "note_attributes": [{ "name": "Gift", "value": "yes" }],
        "tags": "cold, fragile",
        "line_items": [
            { "id": 1, "name": "Bananas", "quantity": 3, "current_quantity": 3, "fulfillable_quantity": 3, "grams": 500, "requires_shipping": true },
            { "id": 2, "name": "Gift card", "quantity": 1, "current_quantity": 1, "fulfillable_quantity": 1, "grams": 0, "requires_shipping": false },
        ],
        "shipping_address": {
            "first_name": "Äino", "last_name": "Virtanen", "company": null, "phone": "+358401234567",
            "address1": "Unioninkatu 29", "address2": null, "city": "Helsinki", "zip": "00170", "country_code": "FI",
            "latitude": 60.1695, "longitude": 24.9525,
        },
        "shipping_lines": [{ "code": "Local delivery" }],
    })
}

/// A message as Shopify sends it.
pub(crate) struct Message {
    pub(crate) domain: &'static str,
    pub(crate) topic: &'static str,
    pub(crate) id: String,
    pub(crate) body: String,
    pub(crate) secret: &'static str,
}

impl Message {
    pub(crate) fn new(topic: &'static str, id: &str, order: &Value) -> Self {
        Self { domain: SHOP, topic, id: id.to_owned(), body: order.to_string(), secret: SECRET }
    }

    pub(crate) fn request(&self, server: &Server) -> reqwest::RequestBuilder {
        let signature = WebhookKey::new(&self.secret.into()).sign(self.body.as_bytes());
        let request = server.client.request(Method::POST, format!("{}/api/v1/shopify/webhooks", server.base));
        request
            .header("Content-Type", "application/json")
            .header("X-Shopify-Topic", self.topic)
            .header("X-Shopify-Shop-Domain", self.domain)
            .header("X-Shopify-Webhook-Id", &self.id)
            .header("X-Shopify-API-Version", "2026-01")
            .header("X-Shopify-Hmac-Sha256", signature)
            .body(self.body.clone())
    }

    /// Sends it, and gives the status and the answer.
    pub(crate) async fn send(&self, server: &Server) -> (u16, Value) {
        answer(self.request(server)).await
    }
}

async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

async fn native(server: &Server, token: &str, path: &str) -> (u16, Value) {
    answer(server.client.get(format!("{}/api/v1/shopify{path}", server.base)).bearer_auth(token)).await
}

fn outcome(name: &str) -> (u16, Value) {
    (200, json!({ "outcome": name }))
}

async fn a_shop_is_connected_and_its_orders_are_put_on_a_route(place: &Place) {
    let credentials = place.credentials(&["--plan", "enterprise"]);
    let connected = connect(place, &credentials.organization_id);
    assert!(text(&connected, "webhook_url").ends_with("/api/v1/shopify/webhooks"), "{connected}");
    let server = place.serve();
    let token = server.token(&credentials).await;
    let client = Client::new(&server, &credentials).await;
    const NUMBER: i64 = 820_982_911_946_154_508;

    assert_eq!(Message::new("orders/create", "a", &order(NUMBER, 0)).send(&server).await, outcome("applied"));
    assert_eq!(Message::new("orders/create", "a", &order(NUMBER, 0)).send(&server).await, outcome("repeated"));
    let (status, listed) = native(&server, &token, "/orders?status=open").await;
    assert_eq!((status, &listed["next_cursor"]), (200, &Value::Null));
    let shown = &listed["orders"][0];
    assert_eq!(shown["shopify_order_id"], NUMBER.to_string());
    assert_eq!(
        (&shown["order_name"], &shown["shop_domain"], &shown["status"]),
        (&json!("#1001"), &json!(SHOP), &json!("open"))
    );
    assert_eq!(shown["items"], json!([{ "name": "Bananas", "quantity": 3, "weight_grams": 500 }]));
    assert_eq!(native(&server, &token, &format!("/orders/{NUMBER}")).await, (200, shown.clone()));
    assert_eq!(native(&server, &token, "/orders?status=cancelled").await.1["orders"], json!([]));
    let (_, shops) = native(&server, &token, "/shops").await;
    assert_eq!(shops["shops"][0]["last_webhook"]["outcome"], "applied");
    assert_eq!(client.get(&format!("/stops/shopify/{NUMBER}/routes")).await["routeInfo"], json!([]));

    let made = json!({ "name": "Morning", "stops": [
        { "shopifyOrderId": NUMBER.to_string() },
        { "stop": { "coordinates": { "latitude": 60.18, "longitude": 24.95 } } },
    ] });
    let route = client.post("/routes", &made).await;
    let stop = &route["stops"][0];
    assert_eq!((&stop["source"], &stop["shopifyOrderId"]), (&json!("SHOPIFY_ORDER"), &json!(NUMBER.to_string())));
    assert_eq!((&stop["orderName"], &stop["note"]), (&json!("#1001"), &json!("Ring twice 🚚")));
    assert_eq!(stop["items"][0]["grams"], 500);
    assert_eq!(stop["attributes"], json!([{ "key": "Gift", "value": "yes" }]));
    assert_eq!(stop["tags"], json!(["cold", "fragile"]));
    let id = text(&route, "id");
    let routes = client.get(&format!("/stops/shopify/{NUMBER}/routes")).await;
    assert_eq!((&routes["routeInfo"][0]["routeId"], &routes["id"]), (&json!(id), &json!(NUMBER.to_string())));

    let mut changed = order(NUMBER, 10);
    changed["line_items"][0]["fulfillable_quantity"] = json!(1);
    assert_eq!(Message::new("orders/updated", "b", &changed).send(&server).await, outcome("applied"));
    assert_eq!(Message::new("orders/updated", "c", &order(NUMBER, 5)).send(&server).await, outcome("outdated"));
    assert_eq!(client.get(&format!("/routes/{id}")).await["stops"][0]["items"][0]["quantity"], 1);
    let mut cancelled = order(NUMBER, 20);
    cancelled["cancelled_at"] = json!("2026-03-09T08:30:20+02:00");
    assert_eq!(Message::new("orders/cancelled", "d", &cancelled).send(&server).await, outcome("applied"));
    let stops = client.get(&format!("/routes/{id}")).await["stops"].clone();
    assert_eq!((stops.as_array().map(Vec::len), &stops[0]["source"]), (Some(1), &json!("UNKNOWN")));
    let mut fulfilled = order(NUMBER, 30);
    fulfilled["fulfillment_status"] = json!("fulfilled");
    assert_eq!(Message::new("orders/fulfilled", "e", &fulfilled).send(&server).await, outcome("applied"));

    // By the job of an import, and off it again.
    let imported = server.import(&token, &crate::server::job("ONE", 2), None).await.expect("an answer");
    let job: Value = imported.json().await.expect("JSON");
    assert_eq!(Message::new("orders/create", "f", &order(7, 0)).send(&server).await, outcome("applied"));
    let stops = format!("{}/api/v1/jobs/{}/stops", server.base, text(&job, "job_id"));
    let add = |body: Value| answer(server.client.post(&stops).bearer_auth(&token).json(&body));
    let (status, changed) = add(json!({ "stops": [{ "shopify_order_id": "7" }] })).await;
    assert_eq!((status, &changed["stop_count"]), (200, &json!(3)), "{changed}");
    let (status, refused) = add(json!({ "stops": [{ "shopify_order_id": NUMBER }] })).await;
    let detail = "stops[0].shopify_order_id is not to be driven any more";
    assert_eq!((status, &refused["errors"][0]["detail"]), (400, &json!(detail)), "{refused}");
    let strangers = place.credentials(&[]);
    let other = server.token(&strangers).await;
    assert_eq!(native(&server, &other, "/orders/7").await.0, 404);
    assert_eq!(native(&server, &other, "/orders").await.1["orders"], json!([]));
    assert_eq!(native(&server, &other, "/shops").await.1["shops"], json!([]));
}

async fn whoever_is_no_connected_shop_is_refused_alike(place: &Place) {
    let (credentials, other) = (place.credentials(&[]), place.credentials(&[]));
    connect(place, &credentials.organization_id);
    let theirs =
        with_secret(place, &["add", "--org", &other.organization_id, "--domain", "second.myshopify.com"], "theirs");
    assert!(theirs.status.success());
    let server = place.serve();
    let good = Message::new("orders/create", "a", &order(7, 0));
    let wrong = |change: fn(&mut Message)| {
        let mut message = Message::new("orders/create", "a", &order(7, 0));
        change(&mut message);
        message
    };
    let strangers = [
        wrong(|message| message.secret = "hush"),
        wrong(|message| message.secret = "theirs"),
        wrong(|message| message.secret = ""),
        wrong(|message| message.domain = "second.myshopify.com"),
        wrong(|message| message.domain = "nobody.myshopify.com"),
        wrong(|message| message.domain = "example.com"),
        wrong(|message| message.domain = ""),
    ];
    let mut requests: Vec<_> = strangers.iter().map(|message| message.request(&server)).collect();
    let bare = || server.client.post(format!("{}/api/v1/shopify/webhooks", server.base)).body(good.body.clone());
    let token = server.token(&credentials).await;
    requests.push(bare());
    // A token is no signature.
    requests.push(bare().bearer_auth(&token).header("X-Shopify-Shop-Domain", SHOP));
    // What was signed was another body: one byte more.
    requests.push(good.request(&server).body(format!("{} ", good.body)));
    let mut told = Vec::new();
    for request in requests {
        let answer = request.send().await.expect("an answer");
        let challenge = answer.headers()["www-authenticate"].to_str().expect("text").to_owned();
        let status = answer.status().as_u16();
        told.push((status, challenge, answer.text().await.expect("a body")));
    }
    assert_eq!((told[0].0, told[0].1.as_str()), (401, "Shopify-Hmac-Sha256"));
    assert!(told.iter().all(|one| *one == told[0]), "{told:?}");
    place.json(&["org", "suspend", &credentials.organization_id]);
    assert_eq!(good.send(&server).await.0, 401);
    place.json(&["org", "reactivate", &credentials.organization_id]);
    assert_eq!(native(&server, &token, "/orders").await.1["orders"], json!([]));
    assert_eq!(good.send(&server).await, outcome("applied"), "none of them has used its id up");
}

async fn a_secret_is_rotated_while_the_server_runs(place: &Place) {
    let credentials = place.credentials(&[]);
    connect(place, &credentials.organization_id);
    let server = place.serve();
    let signed = async |secret: &'static str, id: &str| {
        let message = Message { secret, ..Message::new("orders/create", id, &order(7, 0)) };
        message.send(&server).await.0
    };
    let shop = ["--org", &credentials.organization_id, "--domain", SHOP];
    let rotate = |secret: &str, more: &[&str]| {
        let output = with_secret(place, &[&["rotate"], &shop[..], more, &["--json"]].concat(), secret);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<Value>(&output.stdout).expect("one JSON object")
    };
    assert!(rotate("second", &[])["previous_secret_until"].is_string());
    assert_eq!((signed(SECRET, "a").await, signed("second", "b").await), (200, 200));
    assert_eq!(rotate("third", &["--overlap", "0"])["previous_secret_until"], Value::Null);
    assert_eq!((signed(SECRET, "c").await, signed("second", "d").await, signed("third", "e").await), (401, 401, 200));
    let listed = place.json(&["shopify", "shop", "list", "--org", &credentials.organization_id]);
    let shown = &listed["shops"][0];
    assert_eq!((&shown["domain"], &shown["last_outcome"]), (&json!(SHOP), &json!("unchanged")));
    let removed = place.json(&[&["shopify", "shop", "remove"], &shop[..]].concat());
    assert_eq!(removed["status"], "removed");
    assert_eq!(signed("third", "f").await, 401);
}

async fn messages_are_answered_as_shopify_wants_it(place: &Place) {
    let credentials = place.credentials(&[]);
    connect(place, &credentials.organization_id);
    let server = place.serve();
    let token = server.token(&credentials).await;
    // What it does not want to hear again is a success.
    assert_eq!(Message::new("products/update", "a", &json!({ "id": 1 })).send(&server).await, outcome("ignored"));
    let test = Message::new("orders/create", "b", &order(7, 0)).request(&server).header("X-Shopify-Test", "true");
    assert_eq!(answer(test).await, outcome("ignored"));
    assert_eq!(Message::new("orders/create", "c", &json!({ "id": "x" })).send(&server).await, outcome("unreadable"));
    let broken = Message { body: "{\"id\":".to_owned(), ..Message::new("orders/create", "d", &json!(1)) };
    assert_eq!(broken.send(&server).await, outcome("unreadable"));
    assert_eq!(native(&server, &token, "/orders").await.1["orders"], json!([]));
    let (_, shops) = native(&server, &token, "/shops").await;
    assert_eq!(shops["shops"][0]["last_webhook"]["problem"], "body must be JSON");
    // The body is what was signed, to the last byte: white space and escapes of its own.
    let body = format!(" {}\n", order(7, 0).to_string().replace("🚚", "\\ud83d\\ude9a"));
    assert_eq!(
        Message { body, ..Message::new("orders/create", "e", &json!(1)) }.send(&server).await,
        outcome("applied")
    );
    assert_eq!(native(&server, &token, "/orders/7").await.1["note"], "Ring twice 🚚");
    let large = Message { body: " ".repeat(11 * 1024 * 1024), ..Message::new("orders/create", "f", &json!(1)) };
    assert_eq!(large.send(&server).await.0, 413);
    let many = order(8, 0);
    let lines: Vec<Value> = (0..500).map(|_| many["line_items"][0].clone()).collect();
    let many = json!({ "id": 8, "updated_at": many["updated_at"], "shipping_address": many["shipping_address"], "line_items": lines });
    assert_eq!(Message::new("orders/updated", "g", &many).send(&server).await, outcome("applied"));
    let get = server.client.get(format!("{}/api/v1/shopify/webhooks", server.base)).send().await.expect("an answer");
    assert_eq!((get.status().as_u16(), get.headers()["allow"].to_str().ok()), (405, Some("POST")));
    let pages = native(&server, &token, "/orders?limit=1").await.1;
    let cursor = text(&pages, "next_cursor");
    assert_eq!(pages["orders"][0]["shopify_order_id"], "8");
    let last = native(&server, &token, &format!("/orders?cursor={cursor}")).await.1;
    assert_eq!((&last["orders"][0]["shopify_order_id"], &last["next_cursor"]), (&json!("7"), &Value::Null));
    assert_eq!(native(&server, &token, "/orders?status=lost&limit=0").await.0, 400);
}

async fn mistakes_at_the_command_line_are_named(place: &Place) {
    let organization = place.credentials(&[]).organization_id;
    let nobody = "00000000-0000-7000-8000-000000000000";
    let missing = place.folder().join("none").display().to_string();
    let mistakes: [(&[&str], &str, &str); 8] = [
        (&["add", "--org", "acme", "--domain", SHOP], "hush", "--org `acme` is not a UUID"),
        (&["add", "--org", nobody, "--domain", SHOP], "hush", "organization not found"),
        (
            &["add", "--org", &organization, "--domain", "shop.example"],
            "hush",
            "--domain `shop.example` must be the shop's own name",
        ),
        (&["add", "--org", &organization, "--domain", SHOP], " \n", "the secret is empty"),
        (&["add", "--org", &organization, "--domain", SHOP], "two words", "the secret has white space within it"),
        (&["add", "--org", &organization, "--domain", SHOP, "--secret-file", &missing], "", "cannot be read"),
        (&["rotate", "--org", &organization, "--domain", SHOP], "hush", "shop not found"),
        (&["remove", "--org", &organization, "--domain", SHOP], "", "shop not found"),
    ];
    for (arguments, secret, expected) in mistakes {
        let output = with_secret(place, arguments, secret);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(expected), "{arguments:?}: {said}");
        assert!(!said.contains("two words") && !said.contains("hush"), "{said}");
    }
    let file = place.folder().join("secret");
    std::fs::write(&file, format!("{SECRET}\r\n")).expect("it is written");
    let added = [
        "shopify",
        "shop",
        "add",
        "--org",
        &organization,
        "--domain",
        SHOP,
        "--secret-file",
        &file.display().to_string(),
    ];
    assert_eq!(place.json(&added)["domain"], SHOP);
    let output = with_secret(place, &["add", "--org", &organization, "--domain", SHOP], "hush");
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("cannot connect a shop that is `connected`"),
        "{output:?}"
    );
}
