//! Stops that are kept to be used again: changed by version, looked for like imported ones, nobody else's.

use jiff::SignedDuration;
use routemate_app::{ErrorKind, Noun, SaveStop, WorkOutcome};
use routemate_domain::{Location, SavedStop, SavedStopId, StopRequest, StopSource, ZoneName};
use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::{START, TestApp, position, text};

use crate::facts::{audited, refusal};
use crate::stop_requests::{full_request, request, route_with, told, work};

const NOT_FOUND: ErrorKind = ErrorKind::NotFound(Noun::SavedStop);

fn save(name: &str, request: StopRequest) -> SaveStop {
    SaveStop { name: text(name), request }
}

database_tests! {
    async fn a_saved_stop_lives_and_changes_by_version(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let made = app.save_stop(&who, save("Depot", full_request("D"))).await.unwrap();
        assert_eq!(made.request, full_request("D"));
        assert_eq!((made.version, made.created_at, made.updated_at), (1, app.clock().now(), app.clock().now()));
        assert_eq!(app.saved_stop(&who, made.id).await.unwrap(), made);
        app.clock.advance(SignedDuration::from_secs(1));
        let new = save("Depot 2", request("", "Elsewhere 1"));
        let changed = app.change_saved_stop(&who, made.id, &new, Some(1)).await.unwrap();
        let expected = SavedStop {
            name: text("Depot 2"),
            request: request("", "Elsewhere 1"),
            location: Location::Searching,
            version: 2,
            updated_at: app.clock().now(),
            ..made.clone()
        };
        assert_eq!(changed, expected);
        assert_eq!(app.saved_stop(&who, made.id).await.unwrap(), expected);
        let stale = ErrorKind::Changed(Noun::SavedStop);
        assert_eq!(refusal(app.change_saved_stop(&who, made.id, &new, Some(1)).await), stale);
        assert_eq!(refusal(app.delete_saved_stop(&who, made.id, Some(1)).await), stale);
        assert_eq!(app.saved_stop(&who, made.id).await.unwrap(), expected);
        app.delete_saved_stop(&who, made.id, Some(2)).await.unwrap();
        assert_eq!(refusal(app.saved_stop(&who, made.id).await), NOT_FOUND);
        assert_eq!(refusal(app.delete_saved_stop(&who, made.id, None).await), NOT_FOUND);
        let done = ["saved_stop.deleted", "saved_stop.changed", "saved_stop.created"];
        assert_eq!(audited(&app.store, who.organization_id).await, done);
    }

    async fn the_address_of_a_saved_stop_is_found_in_the_background(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        app.geocoder.knows("here", position(60.1, 24.9));
        let made = app.save_stop(&who, save("Depot", request("", "here"))).await.unwrap();
        assert_eq!(made.location, Location::Searching);
        assert_eq!(work(&app).await, [WorkOutcome::Done]);
        let found = app.saved_stop(&who, made.id).await.unwrap();
        assert_eq!((found.location.position(), found.version), (Some(position(60.1, 24.9)), 2));
        let renamed = app.change_saved_stop(&who, made.id, &save("Yard", request("", "here")), None).await.unwrap();
        assert_eq!(renamed.location, found.location, "the same address stays where it was found");
        assert_eq!(app.due_work(10).await.unwrap(), []);
    }

    async fn unstarted_routes_take_over_a_changed_saved_stop(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let made = app.save_stop(&who, save("Depot", request("", "here"))).await.unwrap();
        let (source, place) = (StopSource::SavedStop(made.id), made.location.clone());
        let stop = made.request.to_stop(source, place, (None, &ZoneName::utc()), START, || app.new_uuid());
        let route = route_with(&app, &who, vec![stop], |_| {}).await;
        app.change_saved_stop(&who, made.id, &save("Depot", request("", "there")), None).await.unwrap();
        let itinerary = app.route(&who, route).await.unwrap().itinerary;
        assert_eq!(itinerary.stops[0].address.line1, "there");
        assert_eq!(told(&app).await, ["route.updated"]);
        app.delete_saved_stop(&who, made.id, None).await.unwrap();
        assert_eq!(app.route(&who, route).await.unwrap().itinerary, itinerary);
    }

    async fn saved_stops_are_listed_newest_first_and_only_ones_own(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, stranger) = (app.principal().await, app.principal().await);
        let mut made: Vec<SavedStopId> = Vec::new();
        for name in ["a", "b", "c"] {
            made.push(app.save_stop(&who, save(name, request("", name))).await.unwrap().id);
        }
        made.reverse();
        let list = async |before, most| -> Vec<SavedStopId> {
            app.saved_stops(&who, before, most).await.unwrap().iter().map(|stop| stop.id).collect()
        };
        assert_eq!(list(None, 10).await, made);
        assert_eq!(list(Some(made[0]), 1).await, [made[1]]);
        assert_eq!(list(Some(made[2]), 1).await, []);
        assert_eq!(app.saved_stops(&stranger, None, 10).await.unwrap(), []);
        assert_eq!(refusal(app.saved_stop(&stranger, made[0]).await), NOT_FOUND);
        assert_eq!(refusal(app.delete_saved_stop(&stranger, made[0], None).await), NOT_FOUND);
        let change = save("x", request("", "x"));
        assert_eq!(refusal(app.change_saved_stop(&stranger, made[0], &change, None).await), NOT_FOUND);
    }
}
