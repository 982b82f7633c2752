//! Shops at Shopify: who may send, what becomes of orders, and of the routes that hold them.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use routemate_app::{
    ConnectShop, CreateRoute, ErrorKind, NewStop, Noun, Principal, Problem, RouteChange, RouteView, ShopifyContent,
    ShopifyMessage, ShopifyOrderQuery, ShopifyOutcome, SigningShop, StopOrder, TerminalRequest, Unauthenticated,
};
use routemate_auth::WebhookKey;
use routemate_domain::{
    Address, Item, Itinerary, Location, OrganizationStatus, RouteId, RouteStatus, ShopDomain, ShopifyOrderStatus, Stop,
    StopRequest, StopSource, StopStatus, ToldOrder,
};
use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::{START, TestApp, position, text};

use crate::facts::{audited, count, refusal, texts};
use crate::stop_requests::{full_request, request, route_with, told, work};

const SECRET: &str = "hush";
const NUMBER: i64 = 820_982_911_946_154_508;

fn domain(name: &str) -> ShopDomain {
    ShopDomain::parse(&format!("{name}.myshopify.com")).unwrap()
}

/// A shop of the caller's organisation, which signs with [`SECRET`].
async fn shop(app: &TestApp, who: &Principal, name: &str) -> SigningShop {
    let secret = SECRET.into();
    let command = ConnectShop { organization_id: who.organization_id, domain: domain(name), secret };
    let shop = app.connect_shop(command).await.unwrap();
    SigningShop { organization_id: shop.organization_id, shop_id: shop.id, domain: shop.domain }
}

/// An order for somebody at a known place, changed so many seconds after the test began.
fn open(second: i64) -> ToldOrder {
    ToldOrder {
        number: NUMBER,
        status: ShopifyOrderStatus::Open,
        request: StopRequest {
            position: Some(position(60.2, 24.9)),
            order_name: Some("#1001".to_owned()),
            ..request("", "Unioninkatu 29")
        },
        changed_at: START + SignedDuration::from_secs(second),
        triggered_at: None,
    }
}

fn message(id: &str, told: ToldOrder) -> ShopifyMessage {
    let content = ShopifyContent::Order(Box::new(told));
    ShopifyMessage { id: id.to_owned(), topic: "orders/updated".to_owned(), content }
}

async fn send(app: &TestApp, shop: &SigningShop, id: &str, told: ToldOrder) -> ShopifyOutcome {
    app.receive_from_shop(shop, &message(id, told)).await.unwrap()
}

fn with_status(status: ShopifyOrderStatus, second: i64) -> ToldOrder {
    ToldOrder { status, ..open(second) }
}

fn with_items(quantity: u32, second: i64) -> ToldOrder {
    let request =
        StopRequest { items: vec![Item { name: "Bananas".to_owned(), quantity, grams: 500 }], ..open(0).request };
    ToldOrder { request, ..open(second) }
}

fn create(stops: Vec<NewStop>) -> CreateRoute {
    CreateRoute {
        name: text("Round"),
        scheduled_for: None,
        driver: None,
        start: TerminalRequest::default(),
        end: TerminalRequest::default(),
        stops,
        order: StopOrder::Given,
    }
}

async fn make_route(app: &TestApp, who: &Principal, stops: Vec<NewStop>) -> Result<(), ErrorKind> {
    let render = Arc::new(|_: &RouteView| Vec::new());
    let made = app.create_route(who, create(stops), None, render).await;
    made.map(drop).map_err(|error| error.kind().clone())
}

/// The only route there is.
async fn only_route(app: &TestApp, who: &Principal) -> Itinerary {
    let ids = texts(&app.store, "SELECT name AS value FROM routes").await;
    assert_eq!(ids.len(), 1);
    let query = routemate_app::RouteQuery {
        sort: routemate_app::RouteSort::CreatedAt,
        from: None,
        until: None,
        include_archived: true,
        after: None,
        most: 1,
    };
    let found = app.routes(who, &query).await.unwrap();
    app.route(who, found[0].itinerary.route.id).await.unwrap().itinerary
}

/// A route that holds the order between two stops of its own.
async fn routed(app: &TestApp, who: &Principal, status: RouteStatus) -> RouteId {
    let zone = routemate_domain::ZoneName::utc();
    let stop = |request: &StopRequest, source, location| {
        request.to_stop(source, location, (None, &zone), START, || app.new_uuid())
    };
    let own = |lat| {
        let at = position(lat, 24.9);
        Stop {
            location: Location::Supplied(at),
            ..stop(&request("", "elsewhere"), StopSource::Route, Location::Supplied(at))
        }
    };
    let order = open(0).request;
    let order = stop(&order, StopSource::ShopifyOrder(NUMBER), order.location());
    let mut stops = vec![own(60.1), order, own(60.3)];
    for (stop, position) in stops.iter_mut().zip(0..) {
        stop.given_position = position;
    }
    route_with(app, who, stops, |route| route.status = status).await
}

async fn find(app: &TestApp, who: &Principal, route: RouteId) -> Itinerary {
    app.route(who, route).await.unwrap().itinerary
}

fn present(itinerary: &Itinerary) -> Vec<StopSource> {
    itinerary.present_stops().map(|stop| stop.source).collect()
}

const STARTED: RouteStatus = RouteStatus::Started { at: START };
const ORDER: StopSource = StopSource::ShopifyOrder(NUMBER);

database_tests! {
    async fn a_shop_is_known_by_its_signature_and_all_else_is_refused_alike(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let shop = shop(&app, &who, "example").await;
        let (body, key) = (b"{\"id\":1}".as_slice(), WebhookKey::new(&SECRET.into()));
        let good = key.sign(body);
        let known = app.authenticate_shop("Example.MyShopify.com", &good, body).await.unwrap();
        assert_eq!(known, std::slice::from_ref(&shop));
        let other = WebhookKey::new(&"hush ".into()).sign(body);
        for (domain, signature, body) in [
            ("example.myshopify.com", other.as_str(), body),
            ("example.myshopify.com", "", body),
            ("example.myshopify.com", "not base64!", body),
            ("example.myshopify.com", good.as_str(), b"{\"id\":2}"),
            ("other.myshopify.com", good.as_str(), body),
            ("example.com", good.as_str(), body),
            ("", good.as_str(), body),
        ] {
            let refused = refusal(app.authenticate_shop(domain, signature, body).await);
            assert_eq!(refused, ErrorKind::Unauthenticated(Unauthenticated::InvalidSignature), "{domain} {signature}");
        }
    }

    async fn two_secrets_are_valid_while_one_is_rotated(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        shop(&app, &who, "example").await;
        let name = domain("example");
        let is_known = async |secret: &str| {
            let signature = WebhookKey::new(&secret.into()).sign(b"{}");
            app.authenticate_shop("example.myshopify.com", &signature, b"{}").await.is_ok()
        };
        let day = SignedDuration::from_hours(24);
        let rotated = app.rotate_shop(who.organization_id, &name, &"second".into(), Some(day)).await.unwrap();
        assert_eq!(rotated.previous_key.unwrap().expires_at, app.clock().now() + day);
        assert!(is_known(SECRET).await && is_known("second").await);
        app.clock.advance(day);
        assert!(!is_known(SECRET).await && is_known("second").await);
        app.rotate_shop(who.organization_id, &name, &"third".into(), None).await.unwrap();
        assert!(!is_known("second").await && is_known("third").await);
        app.rotate_shop(who.organization_id, &name, &"fourth".into(), Some(day)).await.unwrap();
        app.rotate_shop(who.organization_id, &name, &"fifth".into(), Some(day)).await.unwrap();
        assert!(!is_known("third").await && is_known("fourth").await && is_known("fifth").await);
        app.remove_shop(who.organization_id, &name).await.unwrap();
        assert!(!is_known("fourth").await && !is_known("fifth").await);
        let gone = refusal(app.rotate_shop(who.organization_id, &name, &"x".into(), None).await);
        assert_eq!(gone, ErrorKind::NotFound(Noun::ShopifyShop));
        let audited = audited(&app.store, who.organization_id).await;
        let rotations = audited.iter().filter(|action| *action == "shopify_shop.secret_rotated").count();
        assert_eq!((audited[0].as_str(), rotations), ("shopify_shop.removed", 4));
    }

    async fn an_organisation_has_a_shop_once_and_several_organisations_may_have_it(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, other) = (app.principal().await, app.principal().await);
        let own = shop(&app, &who, "example").await;
        let again = ConnectShop { organization_id: who.organization_id, domain: domain("example"), secret: SECRET.into() };
        assert!(matches!(refusal(app.connect_shop(again).await), ErrorKind::Refused(_)));
        let theirs = ConnectShop { organization_id: other.organization_id, domain: domain("example"), secret: "theirs".into() };
        app.connect_shop(theirs).await.unwrap();
        // Each gets what is signed with the secret it has.
        let signed = async |secret: &str| {
            let signature = WebhookKey::new(&secret.into()).sign(b"{}");
            app.authenticate_shop("example.myshopify.com", &signature, b"{}").await.unwrap()
        };
        assert_eq!(signed(SECRET).await, [own]);
        assert_eq!(signed("theirs").await[0].organization_id, other.organization_id);
        let removed = refusal(app.remove_shop(other.organization_id, &domain("second")).await);
        assert_eq!(removed, ErrorKind::NotFound(Noun::ShopifyShop));
        app.set_organization_status(who.organization_id, OrganizationStatus::Suspended).await.unwrap();
        let signature = WebhookKey::new(&SECRET.into()).sign(b"{}");
        let refused = refusal(app.authenticate_shop("example.myshopify.com", &signature, b"{}").await);
        assert_eq!(refused, ErrorKind::Unauthenticated(Unauthenticated::InvalidSignature));
        assert_eq!(signed("theirs").await.len(), 1);
    }

    async fn a_shop_that_sends_too_much_is_told_to_wait(db: &TestDb) {
        let app = TestApp::with(db, |settings| settings.shopify_requests_per_minute = Some(2));
        let who = app.principal().await;
        for name in ["example", "second"] {
            shop(&app, &who, name).await;
        }
        let signature = WebhookKey::new(&SECRET.into()).sign(b"{}");
        let asked = async |domain: &str, signature: &str| app.authenticate_shop(domain, signature, b"{}").await;
        for _ in 0..5 {
            assert!(matches!(refusal(asked("example.myshopify.com", "forged").await), ErrorKind::Unauthenticated(_)));
        }
        assert!(asked("example.myshopify.com", &signature).await.is_ok());
        assert!(asked("example.myshopify.com", &signature).await.is_ok());
        assert!(matches!(refusal(asked("example.myshopify.com", &signature).await), ErrorKind::TooMany { limit: 2, .. }));
        assert!(asked("second.myshopify.com", &signature).await.is_ok());
        app.clock.advance(SignedDuration::from_mins(1));
        assert!(asked("example.myshopify.com", &signature).await.is_ok());
    }

    async fn an_order_becomes_a_stop_that_is_looked_for_and_put_on_a_route(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let shop = shop(&app, &who, "example").await;
        app.geocoder.knows("Unioninkatu 29", position(60.17, 24.95));
        let wanted = StopRequest { position: None, external_id: None, order_name: Some("#1001".to_owned()), ..full_request("") };
        let wanted = StopRequest { address: Address::one_line("Unioninkatu 29"), ..wanted };
        let told_order = ToldOrder { request: wanted.clone(), ..open(0) };
        assert_eq!(send(&app, &shop, "a", told_order.clone()).await, ShopifyOutcome::Applied);
        let order = app.shopify_order(&who, NUMBER).await.unwrap();
        assert_eq!((&order.order.told, &order.order.location), (&told_order, &Location::Searching));
        assert_eq!(order.shop.as_str(), "example.myshopify.com");
        work(&app).await;
        let order = app.shopify_order(&who, NUMBER).await.unwrap().order;
        assert!(matches!(order.location, Location::Geocoded(_)), "{:?}", order.location);
        assert_eq!(make_route(&app, &who, vec![NewStop::Shopify(NUMBER)]).await, Ok(()));
        let route = only_route(&app, &who).await;
        let stop = &route.stops[0];
        assert_eq!((stop.source, &stop.order_name), (ORDER, &wanted.order_name));
        assert_eq!((&stop.contact, &stop.items, &stop.location), (&wanted.contact, &wanted.items, &order.location));
        assert_eq!((&stop.note, &stop.attributes, &stop.tags), (&wanted.note, &wanted.attributes, &wanted.tags));
        assert_eq!(app.routes_of_shopify_order(&who, NUMBER).await.unwrap()[0].stop_id, stop.id);
        let add = RouteChange::AddStops { stops: vec![NewStop::Shopify(NUMBER)], position: None, order: StopOrder::Given };
        assert_eq!(app.change_route(&who, route.route.id, add, None).await.unwrap().itinerary.stops.len(), 2);
        let actions = audited(&app.store, who.organization_id).await;
        assert!(["shopify_shop.connected", "shopify_order.received"].iter().all(|one| actions.contains(&(*one).to_owned())));
        // Who changes it later changes both.
        let moved = ToldOrder { request: StopRequest { position: Some(position(60.0, 25.0)), ..wanted }, ..open(1) };
        assert_eq!(send(&app, &shop, "b", moved).await, ShopifyOutcome::Applied);
        let places = find(&app, &who, route.route.id).await.stops.into_iter().map(|stop| stop.location);
        assert!(places.into_iter().all(|place| place == Location::Supplied(position(60.0, 25.0))));
    }

    async fn only_an_order_that_is_open_is_put_on_a_route(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, stranger) = (app.principal().await, app.principal().await);
        let shop = shop(&app, &who, "example").await;
        let problem = |text: &str| Err(ErrorKind::Invalid(vec![Problem::new("stops[0].shopifyOrderId", text)]));
        assert_eq!(make_route(&app, &who, vec![NewStop::Shopify(NUMBER)]).await, problem("is not known"));
        let not_open = ShopifyOrderStatus::ALL.into_iter().filter(|status| *status != ShopifyOrderStatus::Open);
        for (status, second) in not_open.zip(0..) {
            assert_eq!(send(&app, &shop, status.as_str(), with_status(status, second)).await, ShopifyOutcome::Applied);
            let refused = make_route(&app, &who, vec![NewStop::Shopify(NUMBER)]).await;
            assert_eq!(refused, problem("is not to be driven any more"), "{status:?}");
        }
        send(&app, &shop, "open", open(10)).await;
        assert_eq!(make_route(&app, &stranger, vec![NewStop::Shopify(NUMBER)]).await, problem("is not known"));
        assert_eq!(make_route(&app, &who, vec![NewStop::Shopify(NUMBER)]).await, Ok(()));
        assert_eq!(refusal(app.shopify_order(&stranger, NUMBER).await), ErrorKind::NotFound(Noun::ShopifyOrder));
    }

    async fn a_message_that_comes_again_changes_nothing(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let (first, second) = (shop(&app, &who, "example").await, shop(&app, &who, "second").await);
        assert_eq!(send(&app, &first, "a", open(0)).await, ShopifyOutcome::Applied);
        let before = app.shopify_order(&who, NUMBER).await.unwrap();
        let entries = count(&app.store, "audit_log").await;
        app.clock.advance(SignedDuration::from_mins(1));
        assert_eq!(send(&app, &first, "a", open(0)).await, ShopifyOutcome::Repeated);
        assert_eq!(send(&app, &first, "a", with_items(9, 9)).await, ShopifyOutcome::Repeated);
        assert_eq!(app.shopify_order(&who, NUMBER).await.unwrap(), before);
        assert_eq!(count(&app.store, "audit_log").await, entries);
        // Ids are those of a shop.
        let other = ToldOrder { number: 7, ..open(0) };
        assert_eq!(send(&app, &second, "a", other).await, ShopifyOutcome::Applied);
        // The same under another id says nothing new.
        assert_eq!(send(&app, &first, "b", open(0)).await, ShopifyOutcome::Unchanged);
    }

    async fn the_latest_change_counts_in_whatever_order_it_comes(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let shop = shop(&app, &who, "example").await;
        let left = async || app.shopify_order(&who, NUMBER).await.unwrap().order.told.request.items[0].quantity;
        assert_eq!(send(&app, &shop, "c", with_items(3, 20)).await, ShopifyOutcome::Applied);
        assert_eq!(send(&app, &shop, "a", with_items(1, 0)).await, ShopifyOutcome::Outdated);
        assert_eq!(send(&app, &shop, "b", with_items(2, 19)).await, ShopifyOutcome::Outdated);
        assert_eq!(left().await, 3);
        assert_eq!(send(&app, &shop, "d", with_items(4, 21)).await, ShopifyOutcome::Applied);
        assert_eq!(left().await, 4);
        // Called off first and made afterwards, as far as we are told.
        assert_eq!(send(&app, &shop, "f", with_status(ShopifyOrderStatus::Cancelled, 30)).await, ShopifyOutcome::Applied);
        assert_eq!(send(&app, &shop, "e", open(25)).await, ShopifyOutcome::Outdated);
        let status = app.shopify_order(&who, NUMBER).await.unwrap().order.told.status;
        assert_eq!(status, ShopifyOrderStatus::Cancelled);
    }

    async fn messages_of_one_order_at_once_all_count_and_each_once(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let who = app.principal().await;
        let shop = shop(&app, &who, "example").await;
        let mut sent = Vec::new();
        for second in 0..8 {
            // Each twice.
            for _ in 0..2 {
                let (app, shop) = (Arc::clone(&app), shop.clone());
                sent.push(tokio::spawn(async move { send(&app, &shop, &second.to_string(), with_items(second, i64::from(second))).await }));
            }
        }
        let mut outcomes = Vec::new();
        for one in sent {
            outcomes.push(one.await.unwrap());
        }
        let repeated = outcomes.iter().filter(|outcome| **outcome == ShopifyOutcome::Repeated).count();
        assert_eq!(repeated, 8, "{outcomes:?}");
        let order = app.shopify_order(&who, NUMBER).await.unwrap().order;
        assert_eq!(order.told.request.items[0].quantity, 7);
        let applied = outcomes.iter().filter(|outcome| **outcome == ShopifyOutcome::Applied).count();
        assert_eq!(usize::try_from(order.version).unwrap(), applied);
        assert_eq!(count(&app.store, "shopify_webhooks").await, 8);
    }

    async fn shops_may_have_orders_of_one_name_and_none_changes_anothers(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let (first, second) = (shop(&app, &who, "example").await, shop(&app, &who, "second").await);
        assert_eq!(send(&app, &first, "a", open(0)).await, ShopifyOutcome::Applied);
        assert_eq!(send(&app, &second, "a", ToldOrder { number: 7, ..open(0) }).await, ShopifyOutcome::Applied);
        let query = ShopifyOrderQuery { status: None, before: None, most: 10 };
        let listed = app.shopify_orders(&who, &query).await.unwrap();
        let listed: Vec<_> = listed.iter().map(|one| (one.order.told.number, one.shop.as_str(), one.order.told.request.order_name.as_deref())).collect();
        assert_eq!(listed, [(NUMBER, "example.myshopify.com", Some("#1001")), (7, "second.myshopify.com", Some("#1001"))]);
        assert_eq!(send(&app, &second, "b", with_items(9, 9)).await, ShopifyOutcome::Foreign);
        assert_eq!(app.shopify_order(&who, NUMBER).await.unwrap().order.told, open(0));
        let page = |before, status| ShopifyOrderQuery { status, before, most: 1 };
        assert_eq!(app.shopify_orders(&who, &page(Some(NUMBER), None)).await.unwrap()[0].order.told.number, 7);
        assert!(app.shopify_orders(&who, &page(Some(7), None)).await.unwrap().is_empty());
        assert!(app.shopify_orders(&who, &page(None, Some(ShopifyOrderStatus::Cancelled))).await.unwrap().is_empty());
        assert_eq!(app.shopify_orders(&who, &page(None, Some(ShopifyOrderStatus::Open))).await.unwrap().len(), 1);
        // One that is disconnected takes its own orders along.
        app.remove_shop(who.organization_id, &domain("example")).await.unwrap();
        assert_eq!(refusal(app.shopify_order(&who, NUMBER).await), ErrorKind::NotFound(Noun::ShopifyOrder));
        assert!(app.shopify_order(&who, 7).await.is_ok());
        let gone = refusal(app.receive_from_shop(&first, &message("z", open(0))).await);
        assert_eq!(gone, ErrorKind::Unauthenticated(Unauthenticated::InvalidSignature));
    }

    async fn an_unstarted_route_takes_over_what_has_changed_of_an_order(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let shop = shop(&app, &who, "example").await;
        send(&app, &shop, "a", open(0)).await;
        let route = routed(&app, &who, RouteStatus::Planned).await;
        let before = find(&app, &who, route).await;
        app.clock.advance(SignedDuration::from_mins(1));
        assert_eq!(send(&app, &shop, "b", with_items(2, 1)).await, ShopifyOutcome::Applied);
        let after = find(&app, &who, route).await;
        assert_eq!((after.stops[1].id, after.stops[1].items[0].quantity), (before.stops[1].id, 2));
        assert_eq!((&after.stops[0], &after.stops[2]), (&before.stops[0], &before.stops[2]));
        assert_eq!(told(&app).await, ["route.updated"]);
        assert_eq!(audited(&app.store, who.organization_id).await[0], "route.stops_refreshed");
        // Only when it changed at Shopify is something new: nothing that routes know.
        assert_eq!(send(&app, &shop, "c", with_items(2, 2)).await, ShopifyOutcome::Unchanged);
        assert_eq!(find(&app, &who, route).await, after);
    }

    async fn what_is_not_to_be_driven_any_more_is_withdrawn_from_unstarted_routes(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let shop = shop(&app, &who, "example").await;
        let not_open = ShopifyOrderStatus::ALL.into_iter().filter(|status| *status != ShopifyOrderStatus::Open);
        let mut second = 0;
        for status in not_open {
            second += 10;
            send(&app, &shop, &format!("open {second}"), open(second)).await;
            let route = routed(&app, &who, RouteStatus::Planned).await;
            let told_before = told(&app).await.len();
            assert_eq!(send(&app, &shop, &format!("not {second}"), with_status(status, second + 1)).await, ShopifyOutcome::Applied);
            let after = find(&app, &who, route).await;
            assert_eq!(present(&after), [StopSource::Route, StopSource::Route], "{status:?}");
            assert_eq!(told(&app).await.len(), told_before + 1);
            assert_eq!(audited(&app.store, who.organization_id).await[0], "route.stops_withdrawn");
            assert_eq!(count(&app.store, "queue WHERE kind = 'plan_route'").await, 1);
            assert_eq!(app.routes_of_shopify_order(&who, NUMBER).await.unwrap(), []);
            work(&app).await;
            let planned = find(&app, &who, route).await;
            assert_eq!(present(&planned).len(), 2);
            assert_eq!(count(&app.store, "queue").await, 0);
        }
    }

    async fn a_route_that_has_started_keeps_what_it_has(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let shop = shop(&app, &who, "example").await;
        let mut second = 0;
        for status in [STARTED, RouteStatus::Completed { started_at: START, at: START }] {
            for change in [ShopifyOrderStatus::Cancelled, ShopifyOrderStatus::Fulfilled] {
                second += 10;
                send(&app, &shop, &format!("open {second}"), open(second)).await;
                let route = routed(&app, &who, status).await;
                let before = find(&app, &who, route).await;
                assert_eq!(send(&app, &shop, &format!("change {second}"), with_status(change, second + 1)).await, ShopifyOutcome::Applied);
                assert_eq!(send(&app, &shop, &format!("again {second}"), with_items(9, second + 2)).await, ShopifyOutcome::Applied);
                assert_eq!(find(&app, &who, route).await, before, "{status:?} {change:?}");
            }
        }
        assert!(told(&app).await.is_empty());
    }

    async fn a_route_whose_only_stop_is_withdrawn_is_empty(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let shop = shop(&app, &who, "example").await;
        send(&app, &shop, "a", open(0)).await;
        make_route(&app, &who, vec![NewStop::Shopify(NUMBER), NewStop::Shopify(NUMBER)]).await.unwrap();
        send(&app, &shop, "b", with_status(ShopifyOrderStatus::Cancelled, 1)).await;
        work(&app).await;
        let route = only_route(&app, &who).await;
        assert_eq!((present(&route), route.route.status), (Vec::new(), RouteStatus::Planned));
        assert_eq!((route.route.totals.distance.get(), count(&app.store, "queue").await), (0, 0));
        assert!(route.stops.iter().all(|stop| stop.status == StopStatus::Removed));
    }

    async fn an_order_that_is_open_again_is_looked_for_again(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let shop = shop(&app, &who, "example").await;
        let unplaced = |status, second| {
            let request = StopRequest { position: None, ..request("", "Unioninkatu 29") };
            ToldOrder { status, request, ..open(second) }
        };
        send(&app, &shop, "a", unplaced(ShopifyOrderStatus::Fulfilled, 0)).await;
        assert_eq!(count(&app.store, "queue").await, 0, "nobody drives there");
        send(&app, &shop, "b", unplaced(ShopifyOrderStatus::Open, 1)).await;
        assert_eq!(count(&app.store, "queue WHERE kind = 'find_stops'").await, 1);
        app.geocoder.knows("Unioninkatu 29", position(60.17, 24.95));
        work(&app).await;
        let place = app.shopify_order(&who, NUMBER).await.unwrap().order.location;
        assert!(matches!(place, Location::Geocoded(_)));
        // The same address is where it was.
        let noted = StopRequest { note: Some(text("Ring twice")), ..unplaced(ShopifyOrderStatus::Open, 2).request };
        send(&app, &shop, "c", ToldOrder { request: noted, ..open(2) }).await;
        assert_eq!(app.shopify_order(&who, NUMBER).await.unwrap().order.location, place);
        assert_eq!(count(&app.store, "queue").await, 0);
    }

    async fn what_cannot_be_read_is_told_and_taken_in_once(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let shop = shop(&app, &who, "example").await;
        let content = ShopifyContent::Unreadable(Problem::new("id", "must be a number"));
        let unreadable = ShopifyMessage { id: "a".to_owned(), topic: "orders/create".to_owned(), content };
        assert_eq!(app.receive_from_shop(&shop, &unreadable).await.unwrap(), ShopifyOutcome::Unreadable);
        assert_eq!(app.receive_from_shop(&shop, &unreadable).await.unwrap(), ShopifyOutcome::Repeated);
        let other = ShopifyMessage { id: "b".to_owned(), topic: "unknown".to_owned(), content: ShopifyContent::Other };
        assert_eq!(app.receive_from_shop(&shop, &other).await.unwrap(), ShopifyOutcome::Ignored);
        let last = app.shops(&who).await.unwrap().remove(0).last_webhook.unwrap();
        assert_eq!((last.outcome.as_str(), last.problem.as_deref()), ("unreadable", Some("id must be a number")));
        assert_eq!(audited(&app.store, who.organization_id).await[0], "shopify_message.unreadable");
        assert_eq!(count(&app.store, "shopify_orders").await, 0);
    }

    async fn messages_are_known_for_a_week(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let shop = shop(&app, &who, "example").await;
        send(&app, &shop, "a", open(0)).await;
        app.clock.advance(SignedDuration::from_hours(7 * 24));
        assert_eq!(app.sweep().await.unwrap().shopify_webhooks, 0);
        app.clock.advance(SignedDuration::from_secs(1));
        assert_eq!(app.sweep().await.unwrap().shopify_webhooks, 1);
        assert_eq!(app.shops(&who).await.unwrap()[0].last_webhook, None);
        // What comes even later is no newer than what is known.
        send(&app, &shop, "b", with_items(2, 5)).await;
        assert_eq!(send(&app, &shop, "a", open(0)).await, ShopifyOutcome::Outdated);
    }

    async fn times_and_numbers_come_back_as_they_were_told(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let shop = shop(&app, &who, "example").await;
        let triggered: Timestamp = "2026-03-09T08:30:01.250001Z".parse().unwrap();
        let told_order = ToldOrder {
            number: i64::MAX,
            request: StopRequest { external_id: None, ..full_request("") },
            triggered_at: Some(triggered),
            ..open(0)
        };
        send(&app, &shop, "a", told_order.clone()).await;
        assert_eq!(app.shopify_order(&who, i64::MAX).await.unwrap().order.told, told_order);
        assert_eq!(send(&app, &shop, "b", ToldOrder { triggered_at: Some(triggered - SignedDuration::from_micros(1)), ..told_order.clone() }).await, ShopifyOutcome::Outdated);
        let page = ShopifyOrderQuery { status: None, before: None, most: 10 };
        assert_eq!(app.shopify_orders(&who, &page).await.unwrap().len(), 1);
    }
}
