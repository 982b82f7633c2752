//! Holders of idempotency keys that die, or are thought dead.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use routemate_app::{Answer, Clock, ErrorKind, ImportJob, Principal, Replay};
use routemate_persistence::test_db::TestDb;
use routemate_persistence::{IdempotencyKey, KeyState, Reservation, Store, StoreError, database_tests};
use routemate_test_support::{TestApp, import_command, stop_command, text};
use tokio::task::JoinHandle;

use crate::facts::{count, refusal, texts};

/// Three stops, one of which is looked for under the address `held`.
fn held_command() -> ImportJob {
    let mut command = import_command(2);
    command.stops.push(stop_command(2, None));
    command.stops[2].address = text("held");
    command
}

fn importing(app: &Arc<TestApp>, who: &Principal) -> JoinHandle<Answer> {
    let (app, who) = (Arc::clone(app), who.clone());
    tokio::spawn(async move { app.import_keyed(&who, held_command(), "key").await.unwrap() })
}

/// Reserves the key as a process does that is killed right afterwards.
async fn reserve_and_die(store: &Store, app: &TestApp, who: &Principal) -> Reservation {
    let now = app.clock.now();
    let key = IdempotencyKey {
        integration_id: who.integration_id,
        operation: "import",
        key: "key".to_owned(),
        fingerprint: [7; 32],
    };
    let plan = (who.organization_id, key, app.new_uuid(), now, now + SignedDuration::from_secs(5));
    let state: Result<KeyState, StoreError> = store
        .write(&plan, |tx, (organization, key, id, now, until)| {
            Box::pin(async move { tx.organization(*organization).reserve_key(key, *id, *now, *until).await })
        })
        .await;
    match state.unwrap() {
        KeyState::Reserved(reservation) => reservation,
        other => panic!("{other:?}"),
    }
}

async fn finish(store: &Store, who: &Principal, held: Reservation) -> bool {
    let plan = (who.organization_id, held, who.integration_id);
    let finished: Result<bool, StoreError> = store
        .write(&plan, |tx, (organization, held, _)| {
            Box::pin(async move {
                let mut scope = tx.organization(*organization);
                scope.finish_key(*held, 200, b"late", jiff::Timestamp::MAX).await
            })
        })
        .await;
    finished.unwrap()
}

async fn leases(store: &Store) -> Vec<String> {
    texts(store, "SELECT CAST(lease_until AS TEXT) AS value FROM idempotency_keys").await
}

database_tests! {
    async fn the_key_of_a_process_that_died_is_free_when_its_lease_is_over(db: &TestDb) {
        let app = TestApp::with(db, |settings| settings.idempotency_wait = Duration::from_millis(20));
        let who = app.principal().await;
        let dead = reserve_and_die(&app.store, &app, &who).await;
        app.clock.advance(SignedDuration::from_millis(4_999));
        let early = refusal(app.import_keyed(&who, import_command(2), "key").await);
        assert!(matches!(early, ErrorKind::Unavailable { .. }), "{early:?}");
        app.clock.advance(SignedDuration::from_millis(1));
        let answer = app.import_keyed(&who, import_command(2), "key").await.unwrap();
        assert_eq!(answer.replay, Replay::No);
        assert!(!finish(&app.store, &who, dead).await);
        assert_eq!(app.import_keyed(&who, import_command(2), "key").await.unwrap().body, answer.body);
    }

    async fn a_slow_holder_answers_with_what_the_one_who_took_over_has_done(db: &TestDb) {
        let slow = Arc::new(TestApp::new(db));
        let quick = Arc::new(slow.another(slow.store.clone()));
        let who = slow.principal().await;
        let hold = slow.geocoder.holds("held");
        let late = importing(&slow, &who);
        hold.reached().await;
        slow.clock.advance(SignedDuration::from_secs(6));
        let done = importing(&quick, &who).await.unwrap();
        assert_eq!(done.replay, Replay::No);
        hold.open();
        let late = late.await.unwrap();
        assert_eq!((late.replay, late.body), (Replay::Same, done.body));
        assert_eq!(count(&slow.store, "jobs").await, 1);
    }

    async fn a_slow_holder_cannot_commit_while_the_one_who_took_over_is_at_work(db: &TestDb) {
        let slow = Arc::new(TestApp::new(db));
        let second = Arc::new(slow.another(slow.store.clone()));
        let who = slow.principal().await;
        let (slow_hold, second_hold) = (slow.geocoder.holds("held"), second.geocoder.holds("held"));
        let late = importing(&slow, &who);
        slow_hold.reached().await;
        slow.clock.advance(SignedDuration::from_secs(6));
        let done = importing(&second, &who);
        second_hold.reached().await;
        let writes = slow.store.stats().writes;
        slow_hold.open();
        // Once it was kept from committing, the slow one asks for the key again: that is the next write to succeed.
        while slow.store.stats().writes == writes {
            tokio::task::yield_now().await;
        }
        assert_eq!(count(&slow.store, "jobs").await, 0);
        second_hold.open();
        let (done, late) = (done.await.unwrap(), late.await.unwrap());
        assert_eq!((done.replay, late.replay), (Replay::No, Replay::Same));
        assert_eq!(done.body, late.body);
        assert_eq!(count(&slow.store, "jobs").await, 1);
    }

    async fn a_holder_at_work_prolongs_its_lease(db: &TestDb) {
        let lease = Duration::from_millis(300);
        let app = Arc::new(TestApp::with(db, |settings| {
            settings.idempotency_lease = lease;
            settings.idempotency_wait = Duration::from_millis(20);
        }));
        let who = app.principal().await;
        let hold = app.geocoder.holds("held");
        let working = importing(&app, &who);
        hold.reached().await;
        for _ in 0..3 {
            let before = leases(&app.store).await;
            // Not yet over: what follows would not be noticed in time by a process that has died.
            app.clock.advance(SignedDuration::from_millis(200));
            while leases(&app.store).await == before {
                tokio::task::yield_now().await;
            }
        }
        let other = refusal(app.import_keyed(&who, held_command(), "key").await);
        assert!(matches!(other, ErrorKind::Unavailable { .. }), "{other:?}");
        hold.open();
        assert_eq!(working.await.unwrap().replay, Replay::No);
        assert_eq!(texts(&app.store, "SELECT CAST(epoch AS TEXT) AS value FROM idempotency_keys").await, ["1"]);
    }

    async fn a_holder_that_is_cut_off_leaves_nothing_but_the_lease(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let who = app.principal().await;
        let hold = app.geocoder.holds("held");
        let cut_off = importing(&app, &who);
        hold.reached().await;
        cut_off.abort();
        assert!(cut_off.await.unwrap_err().is_cancelled());
        hold.open();
        assert_eq!((count(&app.store, "jobs").await, count(&app.store, "routes").await), (0, 0));
        app.clock.advance(SignedDuration::from_secs(5));
        assert_eq!(importing(&app, &who).await.unwrap().replay, Replay::No);
    }
}
