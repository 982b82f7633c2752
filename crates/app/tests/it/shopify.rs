//! Messages of shops at Shopify: what becomes of them, and of the orders that they are about.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use routemate_app::{
    ConnectShop, Principal, Problem, ShopifyContent, ShopifyMessage, ShopifyOrderQuery, ShopifyOutcome, SigningShop,
};
use routemate_domain::{Item, Location, ShopDomain, ShopifyOrderStatus, StopRequest, ToldOrder};
use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::{START, TestApp, position, text};

use crate::facts::{audited, count};
use crate::stop_requests::{full_request, request, work};

pub(crate) const SECRET: &str = "hush";
pub(crate) const NUMBER: i64 = 820_982_911_946_154_508;

pub(crate) fn domain(name: &str) -> ShopDomain {
    ShopDomain::parse(&format!("{name}.myshopify.com")).unwrap()
}

/// A shop of the caller's organisation, which signs with [`SECRET`].
pub(crate) async fn shop(app: &TestApp, who: &Principal, name: &str) -> SigningShop {
    let secret = SECRET.into();
    let command = ConnectShop { organization_id: who.organization_id, domain: domain(name), secret };
    let shop = app.connect_shop(command).await.unwrap();
    SigningShop { organization_id: shop.organization_id, shop_id: shop.id, domain: shop.domain }
}

/// An order for somebody at a known place, changed so many seconds after the test began.
pub(crate) fn open(second: i64) -> ToldOrder {
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

pub(crate) fn message(id: &str, told: ToldOrder) -> ShopifyMessage {
    let content = ShopifyContent::Order(Box::new(told));
    ShopifyMessage { id: id.to_owned(), topic: "orders/updated".to_owned(), content }
}

pub(crate) async fn send(app: &TestApp, shop: &SigningShop, id: &str, told: ToldOrder) -> ShopifyOutcome {
    app.receive_from_shop(shop, &message(id, told)).await.unwrap()
}

pub(crate) fn with_items(quantity: u32, second: i64) -> ToldOrder {
    let request =
        StopRequest { items: vec![Item { name: "Bananas".to_owned(), quantity, grams: 500 }], ..open(0).request };
    ToldOrder { request, ..open(second) }
}

pub(crate) fn with_status(status: ShopifyOrderStatus, second: i64) -> ToldOrder {
    ToldOrder { status, ..open(second) }
}

database_tests! {
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
