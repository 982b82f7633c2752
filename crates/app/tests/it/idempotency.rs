//! Idempotency keys: one job and one answer, however often and however concurrently a request is sent.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::SignedDuration;
use routemate_app::{ErrorKind, Replay};
use routemate_persistence::test_db::TestDb;
use routemate_persistence::{DatabaseKind, database_tests};
use routemate_test_support::{TestApp, import_command, stop_command, text};
use routemate_units::Seconds;

use crate::facts::{audited, count, named, refusal};

database_tests! {
    async fn the_same_request_again_gets_the_same_bytes_and_does_nothing(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let first = app.import_keyed(&who, import_command(3), "key").await.unwrap();
        assert_eq!(first.replay, Replay::No);
        for _ in 0..3 {
            let again = app.import_keyed(&who, import_command(3), "key").await.unwrap();
            assert_eq!((again.replay, &again.body), (Replay::Same, &first.body));
        }
        assert_eq!(count(&app.store, "jobs").await, 1);
        assert!(audited(&app.store, who.organization_id).await.is_empty());
    }

    async fn another_request_under_the_key_gets_the_first_answer_and_is_told_counted_and_audited(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let first = app.import_keyed(&who, import_command(3), "key").await.unwrap();
        for job in ["JOB-2", "JOB-3"] {
            let other = app.import_keyed(&who, named(job, import_command(3)), "key").await.unwrap();
            assert_eq!((other.replay, other.body), (Replay::Mismatch, first.body.clone()));
        }
        assert_eq!(count(&app.store, "jobs").await, 1);
        assert_eq!(count(&app.store, "idempotency_keys WHERE mismatched_replays = 2").await, 1);
        assert_eq!(audited(&app.store, who.organization_id).await, ["idempotency.mismatched_replay"; 2]);
    }

    async fn a_replay_comes_before_the_question_whether_the_external_id_is_taken(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let job = app.import_keyed(&who, import_command(3), "key").await.unwrap();
        assert_eq!(app.import_keyed(&who, import_command(3), "key").await.unwrap().body, job.body);
        let outcome = app.import_keyed(&who, import_command(3), "another key").await;
        assert!(matches!(refusal(outcome), ErrorKind::ExternalJobIdTaken(_)));
    }

    async fn a_failure_frees_the_key(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        app.import(&who, import_command(2)).await.unwrap();
        for _ in 0..2 {
            let outcome = app.import_keyed(&who, import_command(2), "key").await;
            assert!(matches!(refusal(outcome), ErrorKind::ExternalJobIdTaken(_)));
        }
        assert_eq!(count(&app.store, "idempotency_keys").await, 0);
        let corrected = app.import_keyed(&who, named("JOB-2", import_command(2)), "key").await.unwrap();
        assert_eq!(corrected.replay, Replay::No);
    }

    async fn an_answer_is_replayed_for_twenty_four_hours(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let first = app.import_keyed(&who, import_command(2), "key").await.unwrap();
        app.clock.advance(SignedDuration::from_hours(24) - SignedDuration::from_secs(1));
        assert_eq!(app.import_keyed(&who, import_command(2), "key").await.unwrap().body, first.body);
        app.clock.advance(SignedDuration::from_secs(1));
        let outcome = app.import_keyed(&who, import_command(2), "key").await;
        assert!(matches!(refusal(outcome), ErrorKind::ExternalJobIdTaken(_)));
        let next = app.import_keyed(&who, named("JOB-2", import_command(2)), "key").await.unwrap();
        assert_eq!(next.replay, Replay::No);
        assert_eq!(count(&app.store, "jobs").await, 2);
    }

    async fn twenty_four_concurrent_requests_make_one_job_and_equal_answers(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        // Two processes, where the database allows it.
        let other = match db.store().kind() {
            DatabaseKind::Sqlite => Arc::clone(&app),
            DatabaseKind::Postgres => Arc::new(app.another(db.another_store().await)),
        };
        let who = app.principal().await;
        let requests = (0..24).map(|number| {
            let app = Arc::clone(if number % 2 == 0 { &app } else { &other });
            let who = who.clone();
            tokio::spawn(async move { app.import_keyed(&who, import_command(20), "key").await })
        });
        let answers: Vec<_> = join_all(requests).await.into_iter().map(|answer| answer.unwrap().unwrap()).collect();
        assert!(answers.iter().all(|answer| answer.body == answers[0].body));
        assert_eq!(answers.iter().filter(|answer| answer.replay == Replay::No).count(), 1);
        assert_eq!(count(&app.store, "jobs").await, 1);
        assert_eq!(count(&app.store, "stops").await, 20);
    }

    async fn an_answer_survives_a_restart(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let first = app.import_keyed(&who, import_command(3), "key").await.unwrap();
        let restarted = app.another(db.reopen().await);
        let again = restarted.import_keyed(&who, import_command(3), "key").await.unwrap();
        assert_eq!((again.replay, again.body), (Replay::Same, first.body));
    }

    async fn keys_belong_to_an_integration(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let sibling = app.principal_of(who.organization_id).await;
        let stranger = app.principal().await;
        for who in [&who, &sibling, &stranger] {
            let answer = app.import_keyed(who, import_command(2), "key").await.unwrap();
            assert_eq!(answer.replay, Replay::No);
        }
        let case = app.import_keyed(&who, named("JOB-2", import_command(2)), "KEY").await.unwrap();
        assert_eq!(case.replay, Replay::No);
        assert_eq!(count(&app.store, "jobs").await, 4);
    }

    async fn a_request_waits_for_the_one_at_work_and_gets_its_answer(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let who = app.principal().await;
        let mut command = import_command(2);
        command.stops.push(stop_command(2, None));
        command.stops[2].address = text("held");
        let hold = app.geocoder.holds("held");
        let request = || {
            let (app, who, command) = (Arc::clone(&app), who.clone(), command.clone());
            tokio::spawn(async move { app.import_keyed(&who, command, "key").await.unwrap() })
        };
        let first = request();
        hold.reached().await;
        let second = request();
        hold.open();
        let (first, second) = (first.await.unwrap(), second.await.unwrap());
        assert_eq!((first.replay, second.replay), (Replay::No, Replay::Same));
        assert_eq!(first.body, second.body);
    }

    async fn a_request_that_waits_too_long_is_told_to_come_again(db: &TestDb) {
        let app = Arc::new(TestApp::with(db, |settings| settings.idempotency_wait = Duration::from_millis(30)));
        let who = app.principal().await;
        let mut command = import_command(2);
        command.stops.push(stop_command(2, None));
        command.stops[2].address = text("held");
        let hold = app.geocoder.holds("held");
        let first = {
            let (app, who, command) = (Arc::clone(&app), who.clone(), command.clone());
            tokio::spawn(async move { app.import_keyed(&who, command, "key").await.unwrap() })
        };
        hold.reached().await;
        let impatient = refusal(app.import_keyed(&who, command.clone(), "key").await);
        assert_eq!(impatient, ErrorKind::Unavailable { retry_after: Seconds::new(1) });
        hold.open();
        let first = first.await.unwrap();
        assert_eq!(app.import_keyed(&who, command, "key").await.unwrap().body, first.body);
    }
}
