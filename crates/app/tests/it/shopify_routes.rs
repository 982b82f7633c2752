//! Routes that are made of orders of Shopify shops, and what becomes of them when the orders change.

use std::sync::Arc;

use jiff::SignedDuration;
use routemate_app::{
    CreateRoute, ErrorKind, NewStop, Noun, Principal, Problem, RouteChange, RouteQuery, RouteSort, RouteView,
    ShopifyOutcome, StopOrder, TerminalRequest,
};
use routemate_domain::{
    Address, Itinerary, Location, RouteId, RouteStatus, ShopifyOrderStatus, StopRequest, StopSource, StopStatus,
    ToldOrder,
};
use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::{START, TestApp, position, text};

use crate::facts::{audited, count, refusal};
use crate::shopify::{NUMBER, open, send, shop, with_items, with_status};
use crate::stop_requests::{full_request, request, route_with, told, work};

const STARTED: RouteStatus = RouteStatus::Started { at: START };
const ORDER: StopSource = StopSource::ShopifyOrder(NUMBER);

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
    let query = RouteQuery {
        sort: RouteSort::CreatedAt,
        from: None,
        until: None,
        include_archived: true,
        after: None,
        most: 2,
    };
    let found = app.routes(who, &query).await.unwrap();
    assert_eq!(found.len(), 1);
    app.route(who, found[0].itinerary.route.id).await.unwrap().itinerary
}

/// A route that holds the order between two stops of its own.
async fn routed(app: &TestApp, who: &Principal, status: RouteStatus) -> RouteId {
    let zone = routemate_domain::ZoneName::utc();
    let stop = |request: &StopRequest, source, location| {
        request.to_stop(source, location, (None, &zone), START, || app.new_uuid())
    };
    let own = |lat| stop(&request("", "elsewhere"), StopSource::Route, Location::Supplied(position(lat, 24.9)));
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

database_tests! {
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
}
