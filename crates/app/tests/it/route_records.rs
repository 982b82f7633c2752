//! Every change of a route is on record and told, together with the change itself or not at all.

use std::sync::Arc;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use routemate_app::{
    App, ErrorKind, Idempotency, Noun, Principal, RenderWholeRoute, Replay, RouteChange, RouteKey, RouteView, StopOrder,
};
use routemate_domain::{Item, RouteId, StopId};
use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::{START, TestApp, text};

use crate::facts::{audited, count, refusal, texts};
use crate::route_changes::{command, created, inline, request, stop_id};

/// What was recorded and told since so many entries of either.
async fn since(app: &TestApp, who: &Principal, (entries, events): (usize, usize)) -> (Vec<String>, Vec<String>) {
    let mut actions = audited(&app.store, who.organization_id).await;
    actions.reverse();
    let mut told = texts(&app.store, "SELECT event AS value FROM outbox ORDER BY created_at, id").await;
    (actions.split_off(entries), told.split_off(events))
}

async fn counted(app: &TestApp, who: &Principal) -> (usize, usize) {
    let (actions, events) = since(app, who, (0, 0)).await;
    (actions.len(), events.len())
}

fn add(place: u32) -> RouteChange {
    RouteChange::AddStops { stops: vec![inline(request(place))], position: None, order: StopOrder::Given }
}

/// Every change that the EasyRoutes and the native API offer, in an order in which each is possible.
fn described(name: Option<&str>, scheduled_for: Option<Timestamp>) -> RouteChange {
    RouteChange::Describe { name: name.map(text), scheduled_for: scheduled_for.map(Some), order: StopOrder::Given }
}

fn changes(
    first: StopId,
    second: StopId,
    driver: routemate_domain::DriverId,
) -> Vec<(RouteChange, &'static str, &'static [&'static str])> {
    let items = vec![Item { name: "Pears".into(), quantity: 2, grams: 80 }];
    let until = START + SignedDuration::from_hours(1);
    vec![
        (add(7), "route.stops_added", &["route.updated"]),
        (RouteChange::MoveStop { stop: first, position: 9 }, "route.stop_moved", &["route.updated"]),
        (RouteChange::ReplaceItems { stop: first, items }, "route.items_replaced", &["route.updated"]),
        (RouteChange::LockStop { stop: first, is_locked: true }, "route.stop_locked", &["route.updated"]),
        (described(Some("Noon"), None), "route.described", &["route.updated"]),
        (described(None, Some(until)), "route.described", &["route.updated"]),
        (RouteChange::Reoptimize, "route.reoptimized", &["route.reoptimized"]),
        (RouteChange::Assign(driver), "route.assigned", &["job.assigned"]),
        (RouteChange::Dispatch { until }, "route.dispatched", &["route.updated"]),
        (RouteChange::Undispatch, "route.undispatched", &["route.updated"]),
        (RouteChange::Unassign, "route.unassigned", &["job.unassigned"]),
        (
            RouteChange::RemoveStops { stops: vec![second], order: StopOrder::Given },
            "route.stops_removed",
            &["route.updated"],
        ),
        (RouteChange::Archive, "route.archived", &["route.updated"]),
        (RouteChange::Unarchive, "route.unarchived", &["route.updated"]),
        (RouteChange::Cancel, "route.cancelled", &["job.cancelled"]),
    ]
}

database_tests! {
    async fn every_change_is_recorded_and_told_once(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let driver = app.driver(who.organization_id, "ann@example.com").await.driver.id;
        let view = created(&app, &who, command(&[0, 1, 2], StopOrder::Given)).await;
        let route = view.itinerary.route.id;
        for (change, action, events) in changes(stop_id(&view, "0"), stop_id(&view, "1"), driver) {
            let before = counted(&app, &who).await;
            app.clock.advance(SignedDuration::from_secs(1));
            let RouteView { itinerary, .. } = app.change_route(&who, route, change, None).await.unwrap();
            let expected = (vec![action.to_owned()], events.iter().map(|&event| event.to_owned()).collect());
            assert_eq!(since(&app, &who, before).await, expected, "{action}");
            assert_eq!(itinerary.route.updated_at, app.clock().now(), "{action}");
        }
        let before = counted(&app, &who).await;
        app.delete_route(&who, route, None).await.unwrap();
        let expected = (vec!["route.deleted".to_owned()], vec!["route.deleted".to_owned()]);
        assert_eq!(since(&app, &who, before).await, expected);
    }

    async fn the_same_change_is_made_once(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let view = created(&app, &who, command(&[0, 1], StopOrder::Given)).await;
        let route = RouteKey::Route(view.itinerary.route.id);
        let before = counted(&app, &who).await;
        let key = |fingerprint: u8| Idempotency { operation: "t", key: "K".into(), fingerprint: [fingerprint; 32] };
        let stops: RenderWholeRoute = Arc::new(|whole| vec![u8::try_from(whole.itinerary.stops.len()).unwrap()]);
        let sent = key(1);
        let once = || app.change_once_for_key(&who, route, add(2), Some(1), &sent, Arc::clone(&stops));
        let answers = join_all((0..4).map(|_| once())).await;
        let answers: Vec<_> = answers.into_iter().map(|answer| answer.unwrap()).collect();
        assert!(answers.iter().all(|answer| answer.body == [3]), "{answers:?}");
        assert_eq!(answers.iter().filter(|answer| answer.replay == Replay::No).count(), 1);
        let added = (vec!["route.stops_added".to_owned()], vec!["route.updated".to_owned()]);
        assert_eq!(since(&app, &who, before).await, added);

        let other = app.change_once_for_key(&who, route, add(3), None, &key(2), Arc::clone(&stops)).await;
        assert_eq!(refusal(other), ErrorKind::KeyReused);
        // What was refused takes no key.
        let stale = Idempotency { key: "L".into(), ..key(1) };
        let refused = app.change_once_for_key(&who, route, add(3), Some(1), &stale, Arc::clone(&stops)).await;
        assert_eq!(refusal(refused), ErrorKind::Changed(Noun::Route));
        let retried = app.change_once_for_key(&who, route, add(3), Some(2), &stale, Arc::clone(&stops)).await;
        assert_eq!(retried.unwrap().body, [4]);
    }

    async fn what_is_refused_is_neither_recorded_nor_told(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let driver = app.driver(who.organization_id, "ann@example.com").await.driver.id;
        let view = created(&app, &who, command(&[0, 1, 2], StopOrder::Given)).await;
        let route = view.itinerary.route.id;
        app.change_route(&who, route, add(3), None).await.unwrap();
        let before = (counted(&app, &who).await, app.route(&who, route).await.unwrap());
        for (change, action, _) in changes(stop_id(&view, "0"), stop_id(&view, "1"), driver) {
            // Cancelling and putting away are possible from here too: it is the version that is not there.
            let refused = app.change_route(&who, route, change, Some(1)).await;
            assert_eq!(refusal(refused), ErrorKind::Changed(Noun::Route), "{action}");
            assert_eq!((counted(&app, &who).await, app.route(&who, route).await.unwrap()), before, "{action}");
        }
        assert_eq!(refusal(app.delete_route(&who, route, Some(1)).await), ErrorKind::Changed(Noun::Route));
        assert_eq!(counted(&app, &who).await, before.0);
    }

    async fn writers_who_name_no_version_lose_nothing_of_each_other(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let who = app.principal().await;
        let view = created(&app, &who, command(&[0, 1, 2], StopOrder::Given)).await;
        let route = view.itinerary.route.id;
        let driver = app.driver(who.organization_id, "ann@example.com").await.driver.id;
        let items = vec![Item { name: "Pears".into(), quantity: 2, grams: 80 }];
        let wanted = vec![
            add(7),
            RouteChange::Assign(driver),
            RouteChange::ReplaceItems { stop: stop_id(&view, "0"), items: items.clone() },
            RouteChange::LockStop { stop: stop_id(&view, "1"), is_locked: true },
        ];
        let change = async |wanted: RouteChange| -> bool { retried(&app, &who, route, wanted).await };
        let done = join_all(wanted.into_iter().map(change)).await;
        assert_eq!(done, [true; 4]);
        let after = app.route(&who, route).await.unwrap();
        let stop = |id: &str| after.itinerary.stops.iter().find(|stop| stop.id == stop_id(&view, id)).unwrap();
        assert_eq!((after.itinerary.stops.len(), after.itinerary.route.driver_id), (4, Some(driver)));
        assert_eq!((&stop("0").items, stop("1").is_locked), (&items, true));
        assert_eq!(after.itinerary.route.version, 5);
        assert_eq!(count(&app.store, "audit_log WHERE action LIKE 'route.%'").await, 5);
    }
}

/// Asks again where it was told to come again, as clients do.
async fn retried(app: &App, who: &Principal, route: RouteId, wanted: RouteChange) -> bool {
    for _ in 0..20 {
        match app.change_route(who, route, wanted.clone(), None).await {
            Ok(_) => return true,
            Err(error) => assert!(matches!(error.kind(), ErrorKind::Unavailable { .. }), "{error}"),
        }
    }
    false
}
