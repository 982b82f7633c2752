//! What has expired is deleted, and nothing else.

use std::sync::Arc;

use jiff::SignedDuration;
use routemate_app::Swept;
use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::{TestApp, import_command, stop_command, text};

use crate::facts::{count, named};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

async fn swept(app: &TestApp) -> (usize, usize, usize) {
    let Swept { tokens, idempotency_keys, events, .. } = app.sweep().await.unwrap();
    (tokens, idempotency_keys, events)
}

database_tests! {
    async fn a_sweep_deletes_what_expired_an_hour_ago(db: &TestDb) {
        let app = TestApp::new(db);
        let organization = app.organization(|_| {}).await;
        let credentials = app.integration(organization.id).await;
        app.driver(organization.id, "driver@example.com").await;
        let token = app.token(&credentials).await.unwrap();
        let who = app.authenticate(Some(&token)).await.unwrap();
        let answer = app.import_keyed(&who, import_command(2), "key").await.unwrap();
        assert_eq!(count(&app.store, "outbox").await, 1);

        assert_eq!(swept(&app).await, (0, 0, 0));
        app.clock.advance(HOUR * 2);
        assert_eq!(swept(&app).await, (0, 0, 0), "expired, but not for longer than clocks may differ");
        let live = app.token(&credentials).await.unwrap();
        app.clock.advance(SignedDuration::from_secs(1));
        assert_eq!(swept(&app).await, (1, 0, 0));
        assert!(app.authenticate(Some(&live)).await.is_ok());

        app.clock.advance(HOUR * 21);
        assert_eq!(app.import_keyed(&who, import_command(2), "key").await.unwrap().body, answer.body);
        assert_eq!(swept(&app).await, (1, 0, 0));
        app.clock.advance(HOUR * 2);
        assert_eq!(swept(&app).await, (0, 1, 0));
        assert!(app.import_keyed(&who, named("JOB-2", import_command(2)), "key").await.is_ok());

        app.clock.advance(HOUR * 24 * 29);
        assert_eq!(swept(&app).await, (0, 1, 1));
        assert_eq!(count(&app.store, "outbox").await, 1);
        assert_eq!((count(&app.store, "jobs").await, count(&app.store, "stops").await), (2, 4));
    }

    async fn a_sweep_leaves_a_reservation_to_its_holder(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let who = app.principal().await;
        let hold = app.geocoder.holds("held");
        let mut command = import_command(2);
        command.stops.push(stop_command(2, None));
        command.stops[2].address = text("held");
        let working = {
            let (app, who) = (Arc::clone(&app), who.clone());
            tokio::spawn(async move { app.import_keyed(&who, command, "key").await })
        };
        hold.reached().await;
        app.clock.advance(HOUR);
        assert_eq!(swept(&app).await, (0, 0, 0));
        hold.open();
        assert!(working.await.unwrap().is_ok());
    }
}
