//! Addresses of stops beside any route: looked for in the background, written only where they still belong.

use std::sync::Arc;

use jiff::SignedDuration;
use routemate_app::{ImportedStopKey, Principal, WorkOutcome};
use routemate_domain::{ImportedStop, Location, StopRequest};
use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::{TestApp, Trouble, position};

use crate::facts::count;
use crate::stop_requests::{request, work};

async fn import(app: &TestApp, who: &Principal, requests: &[StopRequest]) -> Vec<ImportedStop> {
    app.import_stops(who, requests.to_vec()).await.unwrap()
}

async fn location(app: &TestApp, who: &Principal, stop: &ImportedStop) -> Location {
    app.imported_stop(who, &ImportedStopKey::Id(stop.id)).await.unwrap().location
}

database_tests! {
    async fn an_address_is_found_in_the_background_and_never_becomes_what_the_client_said(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        app.geocoder.knows("here", position(60.1, 24.9));
        let stops = import(&app, &who, &[request("A", "here"), request("B", "nowhere")]).await;
        assert_eq!(app.geocoder.calls(), 0, "nobody waits for it");
        assert_eq!(work(&app).await, [WorkOutcome::Done]);
        let found = app.imported_stop(&who, &ImportedStopKey::Id(stops[0].id)).await.unwrap();
        assert_eq!(found.location.position(), Some(position(60.1, 24.9)));
        assert_eq!(found.request.position, None);
        assert_eq!((found.version, found.imported_at), (2, stops[0].imported_at));
        assert_eq!(location(&app, &who, &stops[1]).await, Location::unknown());
        assert_eq!(count(&app.store, "queue").await, 0);
    }

    async fn coordinates_that_the_client_knows_are_not_looked_for(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let supplied = StopRequest { position: Some(position(1.0, 2.0)), ..request("A", "here") };
        let stop = import(&app, &who, &[supplied]).await.remove(0);
        assert_eq!(stop.location, Location::Supplied(position(1.0, 2.0)));
        assert_eq!(app.due_work(10).await.unwrap(), []);
        // Taken back, they are looked for.
        let stop = import(&app, &who, &[request("A", "here")]).await.remove(0);
        assert_eq!(stop.location, Location::Searching);
        assert_eq!(app.due_work(10).await.unwrap().len(), 1);
    }

    async fn the_same_address_stays_where_it_was_found_and_another_is_looked_for_anew(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        app.geocoder.knows("here", position(60.1, 24.9));
        app.geocoder.knows("there", position(60.2, 24.9));
        import(&app, &who, &[request("A", "here")]).await;
        work(&app).await;
        let asked = app.geocoder.calls();
        let again = StopRequest { tags: vec!["new".to_owned()], ..request("A", "here") };
        let same = import(&app, &who, &[again]).await.remove(0);
        assert_eq!(same.location.position(), Some(position(60.1, 24.9)));
        assert_eq!(work(&app).await, []);
        assert_eq!(app.geocoder.calls(), asked);
        let moved = import(&app, &who, &[request("A", "there")]).await.remove(0);
        assert_eq!(moved.location, Location::Searching);
        assert_eq!(work(&app).await, [WorkOutcome::Done]);
        assert_eq!(location(&app, &who, &moved).await.position(), Some(position(60.2, 24.9)));
    }

    async fn what_was_not_found_is_looked_for_again_when_it_is_handed_in_again(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let stop = import(&app, &who, &[request("A", "here")]).await.remove(0);
        work(&app).await;
        assert_eq!(location(&app, &who, &stop).await, Location::unknown());
        app.geocoder.knows("here", position(60.1, 24.9));
        assert_eq!(import(&app, &who, &[request("A", "here")]).await[0].location, Location::Searching);
        work(&app).await;
        assert_eq!(location(&app, &who, &stop).await.position(), Some(position(60.1, 24.9)));
    }

    async fn a_result_for_an_address_that_has_changed_meanwhile_is_not_written(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let who = app.principal().await;
        app.geocoder.knows("old", position(60.1, 24.9));
        app.geocoder.knows("new", position(60.2, 24.9));
        let stop = import(&app, &who, &[request("A", "old")]).await.remove(0);
        let hold = app.geocoder.holds("old");
        let due = app.due_work(10).await.unwrap()[0];
        let worker = {
            let app = Arc::clone(&app);
            tokio::spawn(async move { app.do_work(due, app.new_uuid()).await.unwrap() })
        };
        hold.reached().await;
        import(&app, &who, &[request("A", "new")]).await;
        hold.open();
        assert_eq!(worker.await.unwrap(), WorkOutcome::Done);
        work(&app).await;
        assert_eq!(location(&app, &who, &stop).await.position(), Some(position(60.2, 24.9)));
        assert_eq!(count(&app.store, "queue").await, 0);
    }

    async fn a_stop_that_is_handed_in_again_during_the_search_is_found_all_the_same(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let who = app.principal().await;
        app.geocoder.knows("here", position(60.1, 24.9));
        let stop = import(&app, &who, &[request("A", "here")]).await.remove(0);
        let hold = app.geocoder.holds("here");
        let due = app.due_work(10).await.unwrap()[0];
        let worker = {
            let app = Arc::clone(&app);
            tokio::spawn(async move { app.do_work(due, app.new_uuid()).await.unwrap() })
        };
        hold.reached().await;
        import(&app, &who, &[request("A", "here")]).await;
        hold.open();
        assert_eq!(worker.await.unwrap(), WorkOutcome::Done);
        assert_eq!(count(&app.store, "queue").await, 0, "no second search was queued");
        let found = app.imported_stop(&who, &ImportedStopKey::Id(stop.id)).await.unwrap();
        assert_eq!((found.location.position(), found.version), (Some(position(60.1, 24.9)), 3));
    }

    async fn a_search_without_an_answer_is_tried_again_and_given_up_in_the_end(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        app.geocoder.knows("here", position(60.1, 24.9));
        app.geocoder.fails("there", Trouble::Unavailable);
        let stops = import(&app, &who, &[request("A", "here"), request("B", "there")]).await;
        for pause_s in [5, 30, 120, 600, 1_800, 7_200, 21_600, 43_200] {
            assert_eq!(work(&app).await, [WorkOutcome::Retried]);
            assert_eq!(location(&app, &who, &stops[0]).await.position(), Some(position(60.1, 24.9)));
            assert_eq!(location(&app, &who, &stops[1]).await, Location::Searching);
            app.clock.advance(SignedDuration::from_secs(pause_s));
        }
        assert_eq!(work(&app).await, [WorkOutcome::Done]);
        assert_eq!(location(&app, &who, &stops[1]).await, Location::unknown());
        assert_eq!(count(&app.store, "queue").await, 0);
    }

    async fn a_stop_that_is_handed_in_again_during_the_last_search_is_not_left_waiting(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let who = app.principal().await;
        app.geocoder.fails("there", Trouble::Unavailable);
        let stop = import(&app, &who, &[request("A", "there")]).await.remove(0);
        for pause_s in [5, 30, 120, 600, 1_800, 7_200, 21_600, 43_200] {
            assert_eq!(work(&app).await, [WorkOutcome::Retried]);
            app.clock.advance(SignedDuration::from_secs(pause_s));
        }
        let hold = app.geocoder.holds("there");
        let due = app.due_work(10).await.unwrap()[0];
        let worker = {
            let app = Arc::clone(&app);
            tokio::spawn(async move { app.do_work(due, app.new_uuid()).await.unwrap() })
        };
        hold.reached().await;
        import(&app, &who, &[request("A", "there")]).await;
        hold.open();
        assert_eq!(worker.await.unwrap(), WorkOutcome::Done);
        assert_eq!(count(&app.store, "queue").await, 0);
        assert_eq!(location(&app, &who, &stop).await, Location::unknown());
    }

    async fn many_stops_are_looked_for_in_pieces_and_a_shared_address_once_in_each(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        app.geocoder.knows("depot", position(60.1, 24.9));
        let batch: Vec<_> = (0..120).map(|number| request(&format!("S{number}"), "depot")).collect();
        import(&app, &who, &batch).await;
        assert_eq!(count(&app.store, "queue").await, 3);
        assert_eq!(work(&app).await, [WorkOutcome::Done; 3]);
        assert_eq!(app.geocoder.calls(), 3);
        let placed = app.imported_stops(&who, None, 200).await.unwrap();
        assert_eq!(placed.iter().filter(|stop| stop.location.position().is_some()).count(), 120);
    }

    async fn stops_that_were_deleted_meanwhile_need_no_search(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let stop = import(&app, &who, &[request("A", "here")]).await.remove(0);
        app.delete_imported_stop(&who, &ImportedStopKey::Id(stop.id)).await.unwrap();
        assert_eq!(work(&app).await, [WorkOutcome::Done]);
        assert_eq!(app.geocoder.calls(), 0);
    }

    async fn where_there_is_neither_address_nor_place_nobody_is_asked(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let stop = import(&app, &who, &[request("A", " ")]).await.remove(0);
        assert_eq!(stop.location, Location::unknown());
        assert_eq!(app.due_work(10).await.unwrap(), []);
    }
}
