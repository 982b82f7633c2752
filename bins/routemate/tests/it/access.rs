//! Every endpoint against everybody who may not call it. The table of endpoints is the OpenAPI document, and nothing is
//! served that is not in it (`routemate_http::Endpoint`): what is new is tried here without being named here.

use reqwest::Method;
use routemate_auth::AccessToken;
use routemate_domain::OrganizationId;
use routemate_persistence::{StoreError, TokenRecord};
use serde_json::{Value, json};

use crate::contract::{Contract, Operation, Seen};
use crate::server::{Credentials, Place, Server, job, on_both, text};
use crate::shopify::{self, Message};

on_both!(
    only_what_is_meant_for_everybody_is_open_to_everybody,
    whoever_cannot_be_known_is_refused_alike_everywhere,
    whoever_is_disabled_or_suspended_is_refused_everywhere,
    what_is_anothers_answers_exactly_like_what_is_missing,
    whatever_is_answered_is_documented,
);

/// What may be called without a token.
const OPEN: &[(Method, &str)] = &[
    (Method::POST, "/v1/integration-token"),
    (Method::POST, "/api/2024-07/authenticate"),
    (Method::GET, "/app/jobs/{job_id}"),
    // For who has signed the body; all others are in `shopify`.
    (Method::POST, "/api/v1/shopify/webhooks"),
    (Method::GET, "/healthz"),
    (Method::GET, "/readyz"),
    (Method::GET, "/openapi.json"),
];

/// What needs a token and names nothing that could be another's.
const MAKES_OR_ASKS: &[(Method, &str)] = &[
    (Method::POST, "/v1/integration-import"),
    (Method::POST, "/v1/integration-import/dry-run"),
    (Method::POST, "/api/v1/geocode"),
    (Method::PUT, "/api/v1/addresses"),
    (Method::GET, "/api/v1/imported-stops.csv"),
    (Method::POST, "/api/v1/imported-stops.csv"),
    (Method::GET, "/api/v1/drivers"),
    (Method::POST, "/api/v1/drivers"),
    (Method::GET, "/api/v1/routes"),
    (Method::POST, "/api/v1/routes"),
    (Method::GET, "/api/v1/saved-stops"),
    (Method::POST, "/api/v1/saved-stops"),
    (Method::GET, "/api/v1/jobs"),
    (Method::GET, "/api/v1/shopify/shops"),
    (Method::GET, "/api/v1/shopify/orders"),
    (Method::GET, "/api/2024-07/drivers"),
    (Method::GET, "/api/2024-07/routes"),
    (Method::POST, "/api/2024-07/routes"),
    (Method::GET, "/api/2024-07/stops/imports"),
    (Method::POST, "/api/2024-07/stops/imports"),
];

/// Parameters of queries that name nothing.
const NAMES_NOTHING: &[&str] = &[
    "expand",
    "cursor",
    "limit",
    "date",
    "status",
    "driver",
    "text",
    "include_archived",
    "query.limit",
    "query.status",
    "query.sortKey",
    "query.timestampStart",
    "query.timestampEnd",
    "query.includeArchived",
    "byte_order_mark",
    "date_order",
    "delimiter",
    "encoding",
    "header",
    "map",
    "preview",
    "unknown_columns",
];

/// An id as a path has it: the EasyRoutes API puts a prefix before those of ours.
fn spelled<'v>(value: &'v str, path: &str) -> &'v str {
    let prefixes = ["rte-", "rst-", "ist-", "drv-"];
    let bare = prefixes.iter().find_map(|prefix| value.strip_prefix(prefix));
    bare.filter(|_| !path.starts_with(EASYROUTES)).unwrap_or(value)
}

const EASYROUTES: &str = "/api/2024-07";

/// A thing that a parameter names: the first integration's own, and one that nobody has.
struct Thing {
    parameter: &'static str,
    own: String,
    missing: &'static str,
    of: Owner,
}

/// Whom a thing is not kept from.
#[derive(Clone, Copy, PartialEq)]
enum Owner {
    Integration,
    Organization,
}

/// A call of an operation: query or path filled in.
struct Call {
    operation: Operation,
    path: String,
    body: Option<Value>,
}

/// An organisation with two integrations, another organisation, and a job of the first integration.
struct World {
    first: Credentials,
    sibling: Credentials,
    other: Credentials,
    server: Server,
    contract: Contract,
    things: Vec<Thing>,
}

impl World {
    async fn new(place: &Place) -> Self {
        let unlimited = ["--plan", "enterprise"];
        let (first, other) = (place.credentials(&unlimited), place.credentials(&unlimited));
        let made = place.json(&["integration", "create", "--org", &first.organization_id, "--name", "Warehouse"]);
        let (client_id, client_secret) = (text(&made, "client_id"), text(&made, "client_secret"));
        let sibling = Credentials { client_id, client_secret, ..first.clone() };
        shopify::connect(place, &first.organization_id);
        let server = place.serve();
        let contract = Contract::of(&server).await;
        let imported = server.import(&server.token(&first).await, &job("ONE", 2), None).await.expect("an answer");
        let imported: Value = imported.json().await.expect("JSON");
        let (job_id, route_id) = (text(&imported, "job_id"), format!("rte-{}", text(&imported, "route_id")));
        let driver = place.json(&["driver", "create", "--org", &first.organization_id, "--email", "ada@example.com"]);
        let driver_id = format!("drv-{}", text(&driver, "driver_id"));
        let client = crate::easyroutes::Client::new(&server, &first).await;
        let route = client.get(&format!("/routes/{route_id}")).await;
        let stop_id = text(&route["stops"][0], "id");
        let stops = json!([{ "clientStopId": "a/b", "address": { "address1": "Canal Road" } }]);
        let imported_stop_id = text(&client.post("/stops/imports", &stops).await["stops"][0], "id");
        let place = json!({ "address": "Canal Road", "latitude": 60.17, "longitude": 24.95 });
        let addresses = server.client.put(format!("{}/api/v1/addresses", server.base)).json(&place);
        let remembered = addresses.bearer_auth(server.token(&first).await).send().await.expect("an answer");
        let order = Message::new("orders/create", "one", &shopify::order(5_551_234_567_890, 0));
        assert_eq!(order.send(&server).await.0, 200);
        let address_id = text(&remembered.json().await.expect("JSON"), "address_id");
        let saved = json!({ "name": "Depot", "address": "Canal Road", "latitude": 60.17, "longitude": 24.95 });
        let saved_stops = server.client.post(format!("{}/api/v1/saved-stops", server.base)).json(&saved);
        let saved = saved_stops.bearer_auth(server.token(&first).await).send().await.expect("an answer");
        let saved_stop_id = text(&saved.json().await.expect("JSON"), "saved_stop_id");
        let thing = |parameter, own: &str, missing, of| Thing { parameter, own: own.to_owned(), missing, of };
        let nobodys = "01900000-0000-7000-8000-000000000000";
        let things = vec![
            thing("job_id", &job_id, nobodys, Owner::Integration),
            thing("external_job_id", "ONE", "NONE", Owner::Integration),
            thing("address_id", &address_id, nobodys, Owner::Organization),
            thing("address", "Canal%20Road", "Nowhere", Owner::Organization),
            thing("route_id", &route_id, "rte-01900000-0000-7000-8000-000000000000", Owner::Organization),
            thing("stop_id", &stop_id, "rst-01900000-0000-7000-8000-000000000000", Owner::Organization),
            thing("imported_stop_id", &imported_stop_id, "a%2Fc", Owner::Organization),
            thing("saved_stop_id", &saved_stop_id, nobodys, Owner::Organization),
            thing("driver_id", &driver_id, "drv-01900000-0000-7000-8000-000000000000", Owner::Organization),
            thing("shopify_order_id", "5551234567890", "5551234567891", Owner::Organization),
        ];
        Self { first, sibling, other, server, contract, things }
    }

    /// Every operation that wants a token, called in every way in which it can name a thing: by each parameter alone and
    /// by all of them. `value` says which thing.
    fn calls(&self, value: impl Fn(&Thing) -> &str) -> Vec<Call> {
        let operations = self.contract.operations().into_iter().filter(Operation::needs_token);
        operations.flat_map(|operation| self.calls_of(&operation, &value)).collect()
    }

    fn calls_of(&self, operation: &Operation, value: &impl Fn(&Thing) -> &str) -> Vec<Call> {
        let thing = |name: &str| self.things.iter().find(|thing| thing.parameter == name);
        let mut path = operation.path.clone();
        for name in operation.parameters("path") {
            let thing = thing(name).unwrap_or_else(|| panic!("{path}: say in `things` what `{name}` names"));
            path = path.replace(&format!("{{{name}}}"), spelled(value(thing), &operation.path));
        }
        let named = operation.parameters("query").into_iter().filter(|name| !NAMES_NOTHING.contains(name));
        let pairs: Vec<_> = named
            .map(|name| thing(name).unwrap_or_else(|| panic!("{path}: say in `things` what `{name}` names")))
            .collect();
        let pairs: Vec<_> = pairs.iter().map(|thing| format!("{}={}", thing.parameter, value(thing))).collect();
        let mut queries = pairs.clone();
        queries.push(pairs.join("&"));
        queries.dedup();
        let call = |query: String| {
            let path = if query.is_empty() { path.clone() } else { format!("{path}?{query}") };
            Call { operation: operation.clone(), path, body: operation.body().cloned() }
        };
        queries.into_iter().map(call).collect()
    }

    /// Whether a call names something that every integration of the organisation may see.
    fn is_of_the_organization(&self, call: &Call) -> bool {
        let shared = self.things.iter().filter(|thing| thing.of == Owner::Organization);
        let names = |place| call.operation.parameters(place).into_iter();
        names("path").chain(names("query")).any(|name| shared.clone().any(|thing| thing.parameter == name))
    }

    async fn send(&self, call: &Call, authorization: Option<&str>) -> Seen {
        let url = format!("{}{}", self.server.base, call.path);
        let mut request = self.server.client.request(call.operation.method.clone(), url);
        request = request.header("Accept", "application/problem+json");
        if let Some(value) = authorization {
            request = request.header("Authorization", value);
        }
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        let seen = Seen::of(request.send().await.expect("an answer")).await;
        self.contract.check(&call.operation, &seen);
        seen
    }

    async fn bearer(&self, credentials: &Credentials) -> String {
        format!("Bearer {}", self.server.token(credentials).await)
    }
}

/// A token of this integration that was good until an hour ago.
async fn expired_token(place: &Place, credentials: &Credentials) -> String {
    let text = format!("rm_at_{}", "5".repeat(40));
    let token_sha256 = *AccessToken::parse(&text).expect("a token").digest().as_bytes();
    let organization: OrganizationId = credentials.organization_id.parse().expect("an id");
    let an_hour_ago = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(1);
    let plan = (token_sha256, organization, credentials.client_id.clone(), an_hour_ago);
    let written: Result<(), StoreError> = place
        .store()
        .await
        .write(&plan, |tx, (token_sha256, organization_id, client_id, expires_at)| {
            Box::pin(async move {
                let (_, integration_id) = tx.system_find_client_id(client_id).await?.expect("an integration");
                let found = tx.organization(*organization_id).find_integration(integration_id).await?;
                let token = TokenRecord {
                    token_sha256: *token_sha256,
                    organization_id: *organization_id,
                    integration_id,
                    epoch: found.expect("an integration").epoch,
                    expires_at: *expires_at,
                };
                tx.system_insert_token(&token, *expires_at).await
            })
        })
        .await;
    written.expect("it is written");
    text
}

async fn only_what_is_meant_for_everybody_is_open_to_everybody(place: &Place) {
    let contract = Contract::of(&place.serve()).await;
    let operations = contract.operations();
    let open = operations.iter().filter(|operation| !operation.needs_token());
    let mut open: Vec<_> = open.map(|operation| (operation.method.to_string(), operation.path.as_str())).collect();
    let mut meant: Vec<_> = OPEN.iter().map(|(method, path)| (method.to_string(), *path)).collect();
    open.sort_unstable();
    meant.sort_unstable();
    assert_eq!(open, meant);
}

async fn whoever_cannot_be_known_is_refused_alike_everywhere(place: &Place) {
    let world = World::new(place).await;
    let revoked = world.bearer(&world.sibling).await;
    place.json(&["integration", "revoke-tokens", &world.sibling.client_id]);
    let expired = format!("Bearer {}", expired_token(place, &world.first).await);
    let own = world.bearer(&world.first).await;
    let unknown = format!("Bearer rm_at_{}", "0".repeat(40));
    let upper_case = own.to_uppercase().replace("BEARER", "Bearer");
    let calls = world.calls(|thing| &thing.own);
    assert!(calls.len() >= 9, "{}", calls.len());
    for call in &calls {
        for authorization in [None, Some("Basic YTpi"), Some("")] {
            let seen = world.send(call, authorization).await;
            let told = (seen.status, seen.code(), seen.headers["www-authenticate"].clone());
            assert_eq!(told, (401, "missing_token".to_owned(), "Bearer".to_owned()), "{} {authorization:?}", call.path);
        }
        let malformed = world.send(call, Some("Bearer rm_at_your_token_here")).await;
        let told = (malformed.status, malformed.code(), malformed.headers["www-authenticate"].as_str());
        let expected = "invalid_token".to_owned();
        assert_eq!(told, (401, expected, "Bearer error=\"invalid_token\""), "{}", call.path);
        for token in ["Bearer", "Bearer a b", "Bearer %00", &unknown, &upper_case, &expired, &revoked] {
            assert_eq!(world.send(call, Some(token)).await, malformed, "{} {token}", call.path);
        }
    }
    // The one they were after all: it works, and nothing has been imported or forgotten meanwhile.
    let job = world.server.job(own.trim_start_matches("Bearer "), "external_job_id=ONE").await;
    assert_eq!(job.status(), 200);
    let import = calls.iter().find(|call| call.path == "/v1/integration-import").expect("the import");
    let example = &import.body.as_ref().expect("a body")["external_job_id"];
    let query = format!("external_job_id={}", example.as_str().expect("an id"));
    assert_eq!(world.server.job(own.trim_start_matches("Bearer "), &query).await.status(), 404);
    let address = calls.iter().find(|call| call.path == "/api/v1/addresses?address=Canal%20Road").expect("the address");
    assert_eq!(world.send(address, Some(&own)).await.status, 200);
}

async fn whoever_is_disabled_or_suspended_is_refused_everywhere(place: &Place) {
    let world = World::new(place).await;
    let (own, sibling, other) =
        (world.bearer(&world.first).await, world.bearer(&world.sibling).await, world.bearer(&world.other).await);
    place.json(&["integration", "disable", &world.first.client_id]);
    for call in world.calls(|thing| &thing.own) {
        let seen = world.send(&call, Some(&own)).await;
        assert_eq!((seen.status, seen.code().as_str()), (403, "integration_disabled"), "{}", call.path);
        // It was one integration that was disabled, not its organisation.
        assert_ne!(world.send(&call, Some(&sibling)).await.status, 403, "{}", call.path);
    }
    place.json(&["org", "suspend", &world.first.organization_id]);
    for call in world.calls(|thing| &thing.own) {
        let seen = world.send(&call, Some(&sibling)).await;
        assert_eq!((seen.status, seen.code().as_str()), (403, "integration_disabled"), "{}", call.path);
        assert_ne!(world.send(&call, Some(&other)).await.status, 403, "{}", call.path);
    }
}

async fn what_is_anothers_answers_exactly_like_what_is_missing(place: &Place) {
    let world = World::new(place).await;
    for Operation { method, path, .. } in world.contract.operations().into_iter().filter(Operation::needs_token) {
        let calls = world.calls(|thing| &thing.own);
        let names_something = calls
            .iter()
            .any(|call| (&call.operation.method, &call.operation.path) == (&method, &path) && call.path != path);
        let is_known = MAKES_OR_ASKS.contains(&(method.clone(), &path));
        assert!(names_something != is_known, "{method} {path}: name something in `things`, or it in `MAKES_OR_ASKS`");
    }
    for stranger in [&world.sibling, &world.other] {
        let bearer = world.bearer(stranger).await;
        let pairs = world.calls(|thing| &thing.own).into_iter().zip(world.calls(|thing| thing.missing));
        let is_kept = |call: &Call| {
            stranger.organization_id != world.first.organization_id || !world.is_of_the_organization(call)
        };
        let pairs = pairs.filter(|(call, _)| call.path != call.operation.path && is_kept(call));
        for (of_another, of_nobody) in pairs {
            let (another, nobody) =
                (world.send(&of_another, Some(&bearer)).await, world.send(&of_nobody, Some(&bearer)).await);
            assert_eq!(another, nobody, "{}", of_another.path);
            assert_eq!(another.status, 404, "{}", of_another.path);
        }
        // A name that another has taken is free: the import makes a job of one's own and tells nothing of the other.
        let imported = world.server.import(bearer.trim_start_matches("Bearer "), &job("ONE", 2), None).await;
        let body = imported.expect("an answer").text().await.expect("a body");
        let made: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(made["stops_imported"], 2, "{body}");
        assert!(world.things.iter().all(|thing| thing.parameter != "job_id" || !body.contains(&thing.own)), "{body}");
    }
    // Another organisation's memory of the same address is its own.
    let elsewhere = json!({ "address": "Canal Road", "latitude": -27.47, "longitude": 153.02 });
    let addresses = format!("{}/api/v1/addresses", world.server.base);
    let put = world.server.client.put(&addresses).header("Authorization", world.bearer(&world.other).await);
    assert_eq!(put.json(&elsewhere).send().await.expect("an answer").status(), 200);
    let own = world.server.client.get(format!("{addresses}?address=Canal%20Road"));
    let own = own.header("Authorization", world.bearer(&world.first).await).send().await.expect("an answer");
    assert_eq!(own.json::<Value>().await.expect("JSON")["latitude"], 60.17);
    // Nobody else has forgotten the address; another integration of the organisation may look it up, and forget it.
    let sibling = world.bearer(&world.sibling).await;
    let addresses =
        world.calls(|thing| &thing.own).into_iter().filter(|call| call.path.starts_with("/api/v1/addresses"));
    let addresses = addresses.filter(|call| world.is_of_the_organization(call));
    let (forgets, finds): (Vec<_>, Vec<_>) = addresses.partition(|call| call.operation.method == Method::DELETE);
    for (calls, status) in [(&finds, 200), (&forgets, 204), (&finds, 404)] {
        assert_eq!(calls.len(), 1);
        assert_eq!(world.send(&calls[0], Some(&sibling)).await.status, status);
    }
}

async fn whatever_is_answered_is_documented(place: &Place) {
    let world = World::new(place).await;
    let own = world.bearer(&world.first).await;
    for call in world.calls(|thing| &thing.own) {
        for accept in ["application/json", "application/problem+json"] {
            for body in [call.body.clone(), Some(json!({ "stops": [{}] })), Some(json!([])), None] {
                let url = format!("{}{}", world.server.base, call.path);
                let mut request = world.server.client.request(call.operation.method.clone(), url);
                request = request.header("Authorization", &own).header("Accept", accept);
                if let Some(body) = body {
                    request = request.json(&body);
                }
                let seen = Seen::of(request.send().await.expect("an answer")).await;
                world.contract.check(&call.operation, &seen);
            }
        }
    }
    let receiver = world.contract.operations().into_iter().find(|one| one.path == "/api/v1/shopify/webhooks");
    let receiver = receiver.expect("the receiver of messages");
    let example = receiver.body().expect("a body");
    for (topic, secret) in
        [("orders/create", shopify::SECRET), ("products/update", shopify::SECRET), ("orders/create", "no")]
    {
        let message = Message { secret, ..Message::new(topic, topic, example) };
        let seen = Seen::of(message.request(&world.server).send().await.expect("an answer")).await;
        world.contract.check(&receiver, &seen);
        assert_eq!(seen.status, if secret == "no" { 401 } else { 200 }, "{topic}");
    }
    let token = world.contract.operations().into_iter().find(|operation| operation.path == "/v1/integration-token");
    let token = token.expect("the token endpoint");
    let good = json!({ "client_id": world.first.client_id, "client_secret": world.first.client_secret });
    let wrong = json!({ "client_id": world.first.client_id, "client_secret": "rm_cs_wrong" });
    let granted = json!({ "grant_type": "password", "client_id": "a", "client_secret": "b" });
    for body in [good, wrong, granted, json!({}), json!([]), json!({ "client_id": 7, "client_secret": "s" })] {
        let request = world.server.client.post(format!("{}{}", world.server.base, token.path)).json(&body);
        world.contract.check(&token, &Seen::of(request.send().await.expect("an answer")).await);
    }
    for operation in world.contract.operations().iter().filter(|operation| operation.method == Method::GET) {
        if !operation.needs_token() {
            let path = operation.path.replace("{job_id}", &world.things[0].own);
            let answer = world.server.client.get(format!("{}{path}", world.server.base)).send().await;
            world.contract.check(operation, &Seen::of(answer.expect("an answer")).await);
        }
    }
}
