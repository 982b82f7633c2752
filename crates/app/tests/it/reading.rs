//! Lists of routes and drivers: bounded, in a stable order, nobody else's.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use routemate_app::{App, DriverChange, ErrorKind, Noun, Principal, RouteQuery, RouteSort, RouteView};
use routemate_domain::{DriverId, DriverStatus, RouteId, Stop, StopStatus};
use routemate_persistence::test_db::TestDb;
use routemate_persistence::{StoreError, database_tests};
use routemate_test_support::{START, TestApp, import_command, samples};
use uuid::Uuid;

use crate::facts::refusal;
use crate::stop_requests::route_with;

const ALL: RouteQuery =
    RouteQuery { sort: RouteSort::CreatedAt, from: None, until: None, include_archived: false, after: None, most: 100 };

async fn ids(app: &TestApp, who: &Principal, query: RouteQuery) -> Vec<RouteId> {
    app.routes(who, &query).await.unwrap().iter().map(id).collect()
}

fn id(view: &RouteView) -> RouteId {
    view.itinerary.route.id
}

fn second(seconds: i64) -> Timestamp {
    START + SignedDuration::from_secs(seconds)
}

/// Routes made at these seconds, and changed at those.
async fn routes(app: &TestApp, who: &Principal, times: &[(i64, i64)]) -> Vec<RouteId> {
    let mut made = Vec::new();
    for &(created, updated) in times {
        let change = |route: &mut routemate_domain::Route| {
            route.created_at = second(created);
            route.updated_at = second(updated);
        };
        made.push(route_with(app, who, Vec::new(), change).await);
    }
    made
}

fn at(sort: RouteSort, view: &RouteView) -> Timestamp {
    match sort {
        RouteSort::CreatedAt => view.itinerary.route.created_at,
        RouteSort::UpdatedAt => view.itinerary.route.updated_at,
    }
}

async fn delete(app: &TestApp, who: &Principal, route: RouteId) {
    let sql = match app.store.kind() {
        routemate_persistence::DatabaseKind::Sqlite => format!(
            "DELETE FROM routes WHERE organization_id = x'{}' AND id = x'{}'",
            who.organization_id.to_uuid().simple(),
            route.to_uuid().simple()
        ),
        routemate_persistence::DatabaseKind::Postgres => {
            format!("DELETE FROM routes WHERE organization_id = '{}' AND id = '{route}'", who.organization_id)
        }
    };
    app.store.write(&sql, |tx, sql| Box::pin(tx.execute_raw(sql))).await.unwrap();
}

database_tests! {
    async fn routes_are_listed_newest_first_by_either_time(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let made = routes(&app, &who, &[(1, 9), (2, 3), (2, 5)]).await;
        assert_eq!(ids(&app, &who, ALL).await, [made[2], made[1], made[0]], "of one instant, the greater id first");
        let updated = RouteQuery { sort: RouteSort::UpdatedAt, ..ALL };
        assert_eq!(ids(&app, &who, updated).await, [made[0], made[2], made[1]]);
    }

    async fn bounds_hold_their_start_and_not_their_end(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let made = routes(&app, &who, &[(0, 5), (1, 4), (2, 3)]).await;
        let check = async |sort, from: Option<i64>, until: Option<i64>, expected: &[usize]| {
            let query = RouteQuery { sort, from: from.map(second), until: until.map(second), ..ALL };
            let expected: Vec<_> = expected.iter().map(|&index| made[index]).collect();
            assert_eq!(ids(&app, &who, query).await, expected, "{from:?} {until:?}");
        };
        check(RouteSort::CreatedAt, Some(1), Some(2), &[1]).await;
        check(RouteSort::CreatedAt, Some(1), None, &[2, 1]).await;
        check(RouteSort::CreatedAt, None, Some(1), &[0]).await;
        check(RouteSort::CreatedAt, Some(1), Some(1), &[]).await;
        check(RouteSort::CreatedAt, Some(2), Some(1), &[]).await;
        check(RouteSort::UpdatedAt, Some(4), Some(6), &[0, 1]).await;
        let ever = RouteQuery { from: Some(Timestamp::MIN), until: Some(Timestamp::MAX), ..ALL };
        assert_eq!(ids(&app, &who, ever).await.len(), 3);
        let never = RouteQuery { until: Some(Timestamp::MIN), ..ALL };
        assert_eq!(ids(&app, &who, never).await, []);
    }

    async fn archived_routes_are_listed_on_request(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let open = route_with(&app, &who, Vec::new(), |_| {}).await;
        let archived = route_with(&app, &who, Vec::new(), |route| route.archived_at = Some(START)).await;
        assert_eq!(ids(&app, &who, ALL).await, [open]);
        assert_eq!(ids(&app, &who, RouteQuery { include_archived: true, ..ALL }).await, [archived, open]);
        assert_eq!(id(&app.route(&who, archived).await.unwrap()), archived);
    }

    async fn a_page_holds_stops_in_their_order_and_the_driver(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let driver = app.driver(who.organization_id, "Driver@example.com").await.driver.id;
        let job = app.import(&who, import_command(3)).await.unwrap().view;
        let stop = |id: u128, status| Stop {
            id: routemate_domain::StopId::from_uuid(Uuid::from_u128(id)),
            status,
            ..samples::stop("X", samples::supplied())
        };
        let stops = vec![stop(3, StopStatus::Pending), stop(2, StopStatus::Removed), stop(1, StopStatus::Pending)];
        let planned = route_with(&app, &who, stops, |_| {}).await;
        let listed = app.routes(&who, &ALL).await.unwrap();
        assert_eq!(listed.iter().map(id).collect::<Vec<_>>(), [planned, job.itinerary.route.id]);
        let numbers: Vec<u128> = listed[0].itinerary.stops.iter().map(|stop| stop.id.to_uuid().as_u128()).collect();
        assert_eq!(numbers, [3, 1], "what was taken off is not there");
        assert_eq!(listed[0].driver, None);
        // The route of a job is one as well, and but for its line the same as by itself.
        assert_eq!(listed[1].driver.as_ref().map(|driver| driver.id), Some(driver));
        let single = app.route(&who, job.itinerary.route.id).await.unwrap();
        assert_eq!(single.itinerary, job.itinerary);
        assert_eq!((&single.driver, &single.itinerary.stops), (&listed[1].driver, &listed[1].itinerary.stops));
        assert_eq!(listed[1].itinerary.route.totals.polyline, "");
    }

    async fn another_organisations_routes_are_not_there(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, stranger) = (app.principal().await, app.principal().await);
        let route = route_with(&app, &who, Vec::new(), |_| {}).await;
        assert_eq!(ids(&app, &stranger, RouteQuery { include_archived: true, ..ALL }).await, []);
        assert_eq!(refusal(app.route(&stranger, route).await), ErrorKind::NotFound(Noun::Route));
        let sibling = app.principal_of(who.organization_id).await;
        assert_eq!(ids(&app, &sibling, ALL).await, [route]);
    }

    async fn pages_hold_every_route_once_while_others_come_and_go(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        for sort in [RouteSort::CreatedAt, RouteSort::UpdatedAt] {
            // Many of one instant.
            let times: Vec<(i64, i64)> = (0..30).map(|number| (number / 4, 100 - number / 5)).collect();
            let all = routes(&app, &who, &times).await;
            let mut query = RouteQuery { sort, most: 4, until: Some(second(1_000)), ..ALL };
            let (mut seen, mut deleted) = (Vec::new(), HashSet::new());
            loop {
                let page = app.routes(&who, &query).await.unwrap();
                let Some(last) = page.last() else { break };
                query.after = Some((at(sort, last), id(last)));
                seen.extend(page.iter().map(id));
                routes(&app, &who, &[(500, 500)]).await;
                let unseen = all.iter().find(|id| !seen.contains(id) && !deleted.contains(*id)).copied();
                for gone in [Some(id(last)), unseen].into_iter().flatten() {
                    delete(&app, &who, gone).await;
                    deleted.insert(gone);
                }
            }
            let distinct: HashSet<_> = seen.iter().copied().collect();
            assert_eq!(distinct.len(), seen.len(), "none comes twice");
            assert!(all.iter().filter(|id| !deleted.contains(*id)).all(|id| distinct.contains(id)));
            for left in ids(&app, &who, ALL).await {
                delete(&app, &who, left).await;
            }
        }
    }

    async fn drivers_are_listed_by_state_in_pages(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, stranger) = (app.principal().await, app.principal().await);
        let organization = who.organization_id;
        let mut drivers = Vec::new();
        for name in ["a", "b", "c", "d"] {
            drivers.push(app.driver(organization, &format!("{name}@example.com")).await.driver.id);
        }
        let foreign = app.driver(stranger.organization_id, "e@example.com").await.driver.id;
        app.change_driver_by_operator(organization, drivers[1], &DriverChange::Deactivate).await.unwrap();
        archive(&app, &who, drivers[2]).await;
        // Invited, and not here yet.
        app.import(&who, import_command(2)).await.unwrap();
        let list = async |statuses: &[DriverStatus], after, most| -> Vec<DriverId> {
            let page = app.drivers_page(&who, statuses, after, most).await.unwrap();
            page.iter().map(|listed| listed.driver.id).collect()
        };
        assert_eq!(list(&[], None, 10).await, drivers);
        assert_eq!(list(&[DriverStatus::Active], None, 10).await, [drivers[0], drivers[3]]);
        let off = [DriverStatus::Inactive, DriverStatus::Archived, DriverStatus::Inactive];
        assert_eq!(list(&off, None, 10).await, [drivers[1], drivers[2]]);
        assert_eq!(list(&[], Some(drivers[0]), 2).await, [drivers[1], drivers[2]]);
        assert_eq!(list(&[], Some(drivers[3]), 2).await, []);
        assert_eq!(App::driver(&app, &who, drivers[2]).await.unwrap().status, DriverStatus::Archived);
        assert_eq!(refusal(App::driver(&app, &who, foreign).await), ErrorKind::NotFound(Noun::Driver));
    }
}

async fn archive(app: &TestApp, who: &Principal, id: DriverId) {
    let plan = (who.organization_id, id);
    let stored: Result<(), StoreError> = app
        .store
        .write(&plan, |tx, (organization, id)| {
            Box::pin(async move {
                let mut scope = tx.organization(*organization);
                let driver = scope.find_driver(*id).await?.unwrap();
                scope.update_driver(&driver.archive().unwrap(), START).await
            })
        })
        .await;
    stored.unwrap();
}
