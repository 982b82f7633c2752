//! Routes whose stops were made from imported ones, when those are replaced or deleted.

use jiff::{SignedDuration, Timestamp};
use routemate_app::{ImportedStopKey, Principal, RouteView};
use routemate_domain::{
    ImportedStop, Itinerary, Location, PlannedLeg, RouteId, RouteStatus, Stop, StopRequest, StopSource, StopStatus,
};
use routemate_persistence::test_db::TestDb;
use routemate_persistence::{StoreError, database_tests};
use routemate_test_support::{START, TestApp, position};
use routemate_units::{LatLng, Meters, Seconds};

use crate::facts::{audited, count, order};
use crate::stop_requests::{full_request, request, route_with, stop_of, told};

fn placed(client_stop_id: &str, at: LatLng) -> StopRequest {
    StopRequest { position: Some(at), ..request(client_stop_id, "Unioninkatu 29") }
}

/// Three imported stops on a route, planned, and the stops as they are on it.
async fn routed(app: &TestApp, who: &Principal, status: RouteStatus) -> (Vec<ImportedStop>, RouteId) {
    let batch =
        [placed("A", position(60.1, 24.9)), placed("B", position(60.2, 24.9)), placed("C", position(60.3, 24.9))];
    let imported = app.import_stops(who, batch.to_vec()).await.unwrap();
    let leg =
        PlannedLeg { distance: Meters::new(100), duration: Seconds::new(10), arrival: None, lateness: Seconds::ZERO };
    let stops: Vec<Stop> = imported
        .iter()
        .zip(0..)
        .map(|(stop, given_position)| Stop {
            given_position,
            planned: Some(leg),
            is_locked: given_position == 1,
            ..stop_of(app, stop, START)
        })
        .collect();
    let route = route_with(app, who, stops, |route| route.status = status).await;
    app.clock.advance(SignedDuration::from_mins(1));
    (imported, route)
}

async fn replace(app: &TestApp, who: &Principal, request: StopRequest) -> ImportedStop {
    app.import_stops(who, vec![request]).await.unwrap().remove(0)
}

async fn find(app: &TestApp, who: &Principal, route: RouteId) -> Itinerary {
    let RouteView { itinerary, .. } = app.route(who, route).await.unwrap();
    itinerary
}

async fn set_status(app: &TestApp, itinerary: &Itinerary, stop: usize, status: StopStatus) {
    let stop = Stop { status, ..itinerary.stops[stop].clone() };
    let plan = (itinerary.route.organization_id, stop);
    let stored: Result<(), StoreError> = app
        .store
        .write(&plan, |tx, (organization, stop)| {
            Box::pin(async move { tx.organization(*organization).update_stop_progress(stop).await })
        })
        .await;
    stored.unwrap();
}

const STARTED: RouteStatus = RouteStatus::Started { at: START };

database_tests! {
    async fn an_unstarted_route_takes_over_what_has_changed_in_the_place_it_has(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let (imported, route) = routed(&app, &who, RouteStatus::Planned).await;
        let before = find(&app, &who, route).await;
        let new = StopRequest { position: Some(position(61.0, 25.0)), ..full_request("B") };
        replace(&app, &who, new.clone()).await;
        let after = find(&app, &who, route).await;
        assert_eq!(order(&after), ["A", "B", "C"]);
        let (old, stop) = (&before.stops[1], &after.stops[1]);
        assert_eq!((stop.id, stop.given_position, stop.is_locked), (old.id, 1, true));
        assert_eq!((stop.planned, stop.source), (old.planned, StopSource::ImportedStop(imported[1].id)));
        assert_eq!(stop.location, Location::Supplied(position(61.0, 25.0)));
        assert_eq!((&stop.address, &stop.contact, &stop.items), (&new.address, &new.contact, &new.items));
        assert_eq!((&stop.tags, &stop.attributes, &stop.note), (&new.tags, &new.attributes, &new.note));
        assert_eq!((stop.kind, stop.service_time, stop.priority), (new.kind, new.service_time, new.priority));
        assert_eq!((stop.tasks.len(), &stop.order_name), (5, &new.order_name));
        assert_eq!((&stop.day_windows, stop.windows.len()), (&new.windows, 2));
        assert_eq!(stop.updated_at, app.clock().now());
        assert_eq!((&after.stops[0], &after.stops[2]), (&before.stops[0], &before.stops[2]));
        assert_eq!(after.route.version, before.route.version + 1);
        assert_eq!(after.route.updated_at, app.clock().now());
        assert_eq!(told(&app).await, ["route.updated"]);
        assert_eq!(audited(&app.store, who.organization_id).await[0], "route.stops_refreshed");
        assert_eq!(count(&app.store, "queue WHERE kind = 'plan_route'").await, 1);
    }

    async fn what_changes_neither_place_nor_time_needs_no_new_plan(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let (_, route) = routed(&app, &who, RouteStatus::Planned).await;
        let tagged = StopRequest { tags: vec!["cold".to_owned()], ..placed("B", position(60.2, 24.9)) };
        replace(&app, &who, tagged).await;
        assert_eq!(find(&app, &who, route).await.stops[1].tags, ["cold"]);
        assert_eq!(count(&app.store, "queue").await, 0);
    }

    async fn the_same_stop_again_leaves_its_routes_alone(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let (_, route) = routed(&app, &who, RouteStatus::Planned).await;
        let before = find(&app, &who, route).await;
        replace(&app, &who, placed("B", position(60.2, 24.9))).await;
        assert_eq!(find(&app, &who, route).await, before);
        assert!(told(&app).await.is_empty());
    }

    async fn a_route_that_has_started_or_ended_stays_as_it_is(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        for status in [STARTED, RouteStatus::Completed { started_at: START, at: START }] {
            let (_, route) = routed(&app, &who, status).await;
            let before = find(&app, &who, route).await;
            replace(&app, &who, full_request("B")).await;
            assert_eq!(find(&app, &who, route).await, before, "{status:?}");
        }
        assert!(told(&app).await.is_empty());
    }

    async fn a_new_address_is_looked_for_and_has_no_leg_until_then(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let (_, route) = routed(&app, &who, RouteStatus::Planned).await;
        replace(&app, &who, request("B", "elsewhere")).await;
        let stop = find(&app, &who, route).await.stops.remove(1);
        assert_eq!((stop.location, stop.planned), (Location::Searching, None));
        assert_eq!(count(&app.store, "queue WHERE kind = 'plan_route'").await, 1);
    }

    async fn where_somebody_has_put_the_same_address_on_the_route_it_stays(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let imported = app.import_stops(&who, vec![request("A", "nobody knows")]).await.unwrap().remove(0);
        let pinned = Location::Supplied(position(60.5, 24.5));
        let stop = Stop { location: pinned.clone(), ..stop_of(&app, &imported, START) };
        let route = route_with(&app, &who, vec![stop], |_| {}).await;
        replace(&app, &who, StopRequest { tags: vec!["cold".to_owned()], ..request("A", "nobody knows") }).await;
        let stop = find(&app, &who, route).await.stops.remove(0);
        assert_eq!((stop.location, stop.tags), (pinned, vec!["cold".to_owned()]));
        replace(&app, &who, placed("A", position(1.0, 2.0))).await;
        let stop = find(&app, &who, route).await.stops.remove(0);
        assert_eq!(stop.location, Location::Supplied(position(1.0, 2.0)), "the client knows better");
    }

    async fn every_route_that_holds_the_stop_is_refreshed_and_nobody_elses(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, stranger) = (app.principal().await, app.principal().await);
        let imported = app.import_stops(&who, vec![request("A", "a")]).await.unwrap().remove(0);
        let mut routes = Vec::new();
        for _ in 0..3 {
            routes.push(route_with(&app, &who, vec![stop_of(&app, &imported, START)], |_| {}).await);
        }
        // Cannot happen by any way in, and must not matter.
        let foreign = route_with(&app, &stranger, vec![stop_of(&app, &imported, START)], |_| {}).await;
        replace(&app, &who, request("A", "b")).await;
        for route in routes {
            assert_eq!(find(&app, &who, route).await.stops[0].address.line1, "b");
        }
        assert_eq!(find(&app, &stranger, foreign).await.stops[0].address.line1, "a");
    }

    async fn windows_are_those_of_the_routes_day_where_the_stop_has_none(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let imported = app.import_stops(&who, vec![request("A", "a")]).await.unwrap().remove(0);
        let scheduled: Timestamp = "2026-03-29T05:00:00Z".parse().unwrap();
        let route = route_with(&app, &who, vec![stop_of(&app, &imported, START)], |route| {
            route.scheduled_for = Some(scheduled);
            route.timezone = routemate_domain::ZoneName::parse("Europe/Helsinki").unwrap();
        })
        .await;
        replace(&app, &who, StopRequest { delivery_date: None, ..full_request("A") }).await;
        let stop = find(&app, &who, route).await.stops.remove(0);
        // Clocks go forward that night: nine is six in Greenwich, and not seven.
        assert_eq!(stop.windows[0].start(), Some("2026-03-29T06:00:00Z".parse().unwrap()));
    }

    async fn deleting_an_imported_stop_leaves_the_routes_as_they_are(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let (imported, route) = routed(&app, &who, RouteStatus::Planned).await;
        let before = find(&app, &who, route).await;
        app.delete_imported_stop(&who, &ImportedStopKey::Id(imported[1].id)).await.unwrap();
        assert_eq!(find(&app, &who, route).await, before);
        // Who comes after it under the same client's id is somebody else.
        replace(&app, &who, full_request("B")).await;
        assert_eq!(find(&app, &who, route).await, before);
    }

    async fn an_imported_stop_tells_its_routes_of_the_last_thirty_days(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let (imported, old) = routed(&app, &who, RouteStatus::Planned).await;
        let id = imported[1].id;
        app.clock.advance(SignedDuration::from_hours(24 * 15));
        let (_, new) = {
            let stop = stop_of(&app, &imported[1], START);
            (stop.id, route_with(&app, &who, vec![stop], |route| route.status = STARTED).await)
        };
        let told = app.routes_of_imported_stop(&who, id).await.unwrap();
        assert_eq!(told.iter().map(|routed| routed.route_id).collect::<Vec<_>>(), [new, old]);
        assert_eq!(told.iter().map(|routed| routed.route_status).collect::<Vec<_>>(), [STARTED, RouteStatus::Planned]);
        let itinerary = find(&app, &who, old).await;
        assert_eq!((told[1].stop_id, &told[1].status), (itinerary.stops[1].id, &StopStatus::Pending));
        // To the second: the old route was made a minute before the fifteen days began.
        app.clock.advance(SignedDuration::from_hours(24 * 15) - SignedDuration::from_mins(1));
        assert_eq!(app.routes_of_imported_stop(&who, id).await.unwrap().len(), 2);
        app.clock.advance(SignedDuration::from_secs(1));
        let told = app.routes_of_imported_stop(&who, id).await.unwrap();
        assert_eq!(told.iter().map(|routed| routed.route_id).collect::<Vec<_>>(), [new]);
        assert_eq!(app.routes_of_shopify_order(&who, 7).await.unwrap(), []);
        set_status(&app, &find(&app, &who, new).await, 0, StopStatus::Removed).await;
        assert_eq!(app.routes_of_imported_stop(&who, id).await.unwrap(), [], "it was taken off again");
    }
}
