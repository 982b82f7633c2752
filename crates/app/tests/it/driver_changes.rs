//! Drivers who are edited, taken off duty or put away, and what becomes of their open routes.

use routemate_app::{App, DriverChange, ErrorKind, Noun, Principal};
use routemate_domain::{DriverId, DriverStatus, Route, RouteId, RouteStatus};
use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::{START, TestApp, import_command, text};

use crate::facts::{audited, refusal};
use crate::stop_requests::{route_with, told};

async fn route_of(app: &TestApp, who: &Principal, driver: DriverId, status: RouteStatus) -> RouteId {
    route_with(app, who, Vec::new(), |route| {
        route.driver_id = Some(driver);
        route.status = status;
    })
    .await
}

fn ids(routes: &[Route]) -> Vec<RouteId> {
    routes.iter().map(|route| route.id).collect()
}

const STARTED: RouteStatus = RouteStatus::Started { at: START };
const COMPLETED: RouteStatus = RouteStatus::Completed { started_at: START, at: START };

database_tests! {
    async fn a_driver_is_edited_unless_somebody_was_faster(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let id = app.driver(who.organization_id, "a@example.com").await.driver.id;
        let before = App::driver(&app, &who, id).await.unwrap();
        let edit = DriverChange::Edit { first_name: Some(text("Eino")), last_name: Some(text("Leino")), phone: None };
        let changed = app.change_driver(&who, id, &edit, Some(&before)).await.unwrap();
        assert_eq!((changed.driver.first_name.as_ref(), changed.driver.last_name.as_ref()), (Some(&text("Eino")), Some(&text("Leino"))));
        assert_eq!(App::driver(&app, &who, id).await.unwrap(), changed.driver);
        assert_eq!(refusal(app.change_driver(&who, id, &edit, Some(&before)).await), ErrorKind::Changed(Noun::Driver));
        assert_eq!(audited(&app.store, who.organization_id).await, ["driver.updated", "driver.created"]);
    }

    async fn off_duty_a_driver_keeps_open_routes_and_they_are_told(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let id = app.driver(who.organization_id, "a@example.com").await.driver.id;
        let open = [route_of(&app, &who, id, RouteStatus::Planned).await, route_of(&app, &who, id, STARTED).await];
        route_of(&app, &who, id, COMPLETED).await;
        let changed = app.change_driver(&who, id, &DriverChange::Deactivate, None).await.unwrap();
        assert_eq!((changed.driver.status, ids(&changed.open_routes)), (DriverStatus::Inactive, open.to_vec()));
        assert_eq!(changed.email, "a@example.com");
        assert_eq!(changed.unassigned_routes, []);
        for route in open {
            assert_eq!(app.route(&who, route).await.unwrap().itinerary.route.driver_id, Some(id));
        }
        let refused = app.change_driver(&who, id, &DriverChange::Deactivate, None).await;
        assert!(matches!(refusal(refused), ErrorKind::Refused(_)));
        let back = app.change_driver(&who, id, &DriverChange::Reactivate, None).await.unwrap();
        assert_eq!((back.driver.status, back.open_routes.len()), (DriverStatus::Active, 2));
    }

    async fn put_away_a_driver_loses_unstarted_routes(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let id = app.driver(who.organization_id, "Driver@example.com").await.driver.id;
        let job = app.import(&who, import_command(2)).await.unwrap().view;
        let planned = route_of(&app, &who, id, RouteStatus::Planned).await;
        let done = route_of(&app, &who, id, COMPLETED).await;
        let changed = app.change_driver(&who, id, &DriverChange::Archive, None).await.unwrap();
        assert_eq!(changed.driver.status, DriverStatus::Archived);
        assert_eq!(changed.open_routes, []);
        assert_eq!(ids(&changed.unassigned_routes), [job.itinerary.route.id, planned]);
        for (route, driver) in [(job.itinerary.route.id, None), (planned, None), (done, Some(id))] {
            assert_eq!(app.route(&who, route).await.unwrap().itinerary.route.driver_id, driver);
        }
        assert_eq!(told(&app).await, ["job.assigned", "job.unassigned", "job.unassigned"]);
        assert_eq!(audited(&app.store, who.organization_id).await[0], "driver.archived");
    }

    async fn a_driver_on_the_way_is_not_put_away_and_nothing_is_lost(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let id = app.driver(who.organization_id, "a@example.com").await.driver.id;
        let planned = route_of(&app, &who, id, RouteStatus::Planned).await;
        route_of(&app, &who, id, STARTED).await;
        let refused = app.change_driver(&who, id, &DriverChange::Archive, None).await;
        assert!(matches!(refusal(refused), ErrorKind::Refused(_)));
        assert_eq!(App::driver(&app, &who, id).await.unwrap().status, DriverStatus::Active);
        assert_eq!(app.route(&who, planned).await.unwrap().itinerary.route.driver_id, Some(id));
        assert!(told(&app).await.is_empty());
    }

    async fn another_organisations_driver_is_not_there(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, stranger) = (app.principal().await, app.principal().await);
        let id = app.driver(who.organization_id, "a@example.com").await.driver.id;
        for change in [DriverChange::Deactivate, DriverChange::Archive] {
            let refused = app.change_driver(&stranger, id, &change, None).await;
            assert_eq!(refusal(refused), ErrorKind::NotFound(Noun::Driver));
        }
        assert_eq!(App::driver(&app, &who, id).await.unwrap().status, DriverStatus::Active);
    }
}
