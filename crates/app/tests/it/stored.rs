//! How things are stored: in rows of a size that databases like, changed by no more than they must be.

use std::sync::Arc;

use jiff::SignedDuration;
use routemate_app::WorkOutcome;
use routemate_domain::Route;
use routemate_persistence::test_db::TestDb;
use routemate_persistence::{DatabaseKind, Store, StoreError, database_tests};
use routemate_test_support::{TestApp, Trouble, import_command, position, stop_command, text};

use crate::facts::{count, texts};

async fn execute(store: &Store, sql: &str) -> usize {
    store.write(sql, |tx, sql| Box::pin(tx.execute_raw(sql))).await.unwrap()
}

async fn replace_line(store: &Store, route: &Route) {
    let replaced: Result<(), StoreError> = store
        .write(route, |tx, route| {
            Box::pin(async move { tx.organization(route.organization_id).replace_line(route).await })
        })
        .await;
    replaced.unwrap();
}

database_tests! {
    async fn a_line_of_any_length_is_kept_in_small_rows(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let mut view = app.import(&who, import_command(3)).await.unwrap().view;
        for length in [0, 1, 32_000, 32_001, 200_000] {
            view.itinerary.route.totals.polyline = "_p~iF~ps|U".chars().cycle().take(length).collect();
            replace_line(&app.store, &view.itinerary.route).await;
            assert_eq!(app.job(&who, view.job.id).await.unwrap(), view, "{length}");
            assert_eq!(count(&app.store, "route_lines WHERE length(line) > 32000").await, 0);
        }
        execute(&app.store, "DELETE FROM routes").await;
        assert_eq!(count(&app.store, "route_lines").await, 0);
    }

    async fn planning_again_keeps_what_a_newer_release_has_noted_of_a_stop(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        app.geocoder.breaks_down(Trouble::Unavailable);
        let mut command = import_command(2);
        command.stops.push(stop_command(2, None));
        command.stops[2].address = text("missing");
        app.import(&who, command).await.unwrap();
        let noted = "UPDATE stops SET details = '{\"newer\":1,' || substr(details, 2)";
        assert_eq!(execute(&app.store, noted).await, 3);
        app.geocoder.recovers();
        app.geocoder.knows("missing", position(60.17, 24.94));
        for due in app.due_work(10).await.unwrap() {
            assert_eq!(app.do_work(due, app.new_uuid()).await.unwrap(), WorkOutcome::Done);
        }
        assert_eq!(count(&app.store, "stops WHERE location_source = 'geocoded'").await, 1);
        let details = texts(&app.store, "SELECT details AS value FROM stops").await;
        assert!(details.iter().all(|details| details.starts_with("{\"newer\":1,")), "{details:?}");
    }

    async fn work_that_was_put_back_is_not_claimed_before_its_time(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let who = app.principal().await;
        app.geocoder.breaks_down(Trouble::Unavailable);
        let mut command = import_command(2);
        command.stops.push(stop_command(2, None));
        app.import(&who, command).await.unwrap();
        // Two workers have seen it. One has tried already.
        let due = app.due_work(10).await.unwrap()[0];
        assert_eq!(app.do_work(due, app.new_uuid()).await.unwrap(), WorkOutcome::Retried);
        assert_eq!(app.do_work(due, app.new_uuid()).await.unwrap(), WorkOutcome::Lost);
        app.clock.advance(SignedDuration::from_secs(5));
        assert_eq!(app.do_work(due, app.new_uuid()).await.unwrap(), WorkOutcome::Retried);
    }

    async fn much_that_has_expired_is_deleted_in_small_transactions(db: &TestDb) {
        let app = TestApp::new(db);
        app.principal().await;
        let (bytes, at) = match app.store.kind() {
            DatabaseKind::Sqlite => ("randomblob(32)", "n"),
            DatabaseKind::Postgres => ("sha256(n::text::bytea)", "to_timestamp(n)"),
        };
        let numbers = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 2500)";
        let tokens = format!(
            "{numbers} INSERT INTO access_tokens (token_sha256, organization_id, integration_id, epoch, created_at, \
             expires_at) SELECT {bytes}, organization_id, id, 0, {at}, {at} FROM numbers, integrations"
        );
        assert_eq!(execute(&app.store, &tokens).await, 2_500);
        let writes = app.store.stats().writes;
        assert_eq!(app.sweep().await.unwrap().tokens, 2_500);
        assert_eq!(app.store.stats().writes - writes, 3);
    }
}
