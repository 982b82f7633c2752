//! Two transactions on the same rows, the first one held open until the second stands in its way. On PostgreSQL the second
//! has read what the first is about to change; on SQLite it waits for its turn.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use routemate_app::{
    Answer, Clock, CreateRoute, DriverChange, DriverResolution, ErrorKind, NewStop, Principal, RouteChange, SaveStop,
    StopOrder, TerminalRequest,
};
use routemate_domain::{DriverId, OrganizationId, OrganizationStatus};
use routemate_persistence::test_db::TestDb;
use routemate_persistence::{
    DatabaseKind, IdempotencyKey, KeyState, Reservation, Store, StoreError, Tx, database_tests,
};
use routemate_test_support::{TestApp, import_command, text};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::facts::{count, driven_by, events, refusal, texts};
use crate::stop_requests::{request, route_with};

/// What the held transaction does.
enum Deed {
    /// Changes one row, and waits.
    Sql(&'static str),
    /// Locks the row of the key, waits, and stores an answer. Had it stored that first, PostgreSQL would already make the
    /// INSERT of whoever reserves the key wait for it.
    Finish(OrganizationId, Reservation),
    /// Holds the driver, waits, and gives away the only route.
    Give(OrganizationId, DriverId),
}

/// A transaction that has a row and has not committed.
struct Held {
    gate: Arc<(Semaphore, Semaphore)>,
    task: JoinHandle<Result<(), StoreError>>,
}

async fn hold(store: &Store, deed: Deed) -> Held {
    let gate = Arc::new((Semaphore::new(0), Semaphore::new(0)));
    let (store, plan) = (store.clone(), (deed, Arc::clone(&gate)));
    let task = tokio::spawn(async move {
        store
            .write(&plan, |tx, (deed, gate)| {
                Box::pin(async move {
                    match (deed, &*tx) {
                        (Deed::Sql(sql), _) => assert_eq!(tx.execute_raw(sql).await?, 1),
                        (Deed::Finish(..), Tx::Pg(_)) => {
                            let lock = "SELECT 1::bigint AS value FROM idempotency_keys FOR NO KEY UPDATE";
                            assert_eq!(tx.numbers_raw(lock).await?, [1]);
                        }
                        (Deed::Give(organization, driver), Tx::Pg(_)) => {
                            let held = tx.organization(*organization).hold_driver(*driver).await?;
                            assert!(held.is_some());
                        }
                        (Deed::Finish(..) | Deed::Give(..), Tx::Sqlite(_)) => {}
                    }
                    gate.0.add_permits(1);
                    gate.1.acquire().await.unwrap().forget();
                    match deed {
                        Deed::Sql(_) => {}
                        Deed::Finish(organization, key) => {
                            let mut scope = tx.organization(*organization);
                            assert!(scope.finish_key(*key, 200, b"first", Timestamp::MAX).await?);
                        }
                        Deed::Give(..) => {
                            let give = "UPDATE routes SET driver_id = (SELECT id FROM drivers), version = version + 1";
                            assert_eq!(tx.execute_raw(give).await?, 1);
                        }
                    }
                    Ok(())
                })
            })
            .await
    });
    gate.0.acquire().await.unwrap().forget();
    Held { gate, task }
}

impl Held {
    /// Commits once `other` waits for a lock, or has ended without one.
    async fn commit_when_waited_for<T>(self, store: &Store, other: &JoinHandle<T>) {
        const WAITING: &str = "pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        if store.kind() == DatabaseKind::Postgres {
            while !other.is_finished() && count(store, WAITING).await == 0 {
                tokio::task::yield_now().await;
            }
        }
        self.gate.1.add_permits(1);
        self.task.await.unwrap().unwrap();
    }
}

async fn reserve(app: &TestApp, who: &Principal) -> Reservation {
    let now = app.clock.now();
    let key = IdempotencyKey {
        integration_id: who.integration_id,
        operation: "import",
        key: "key".to_owned(),
        fingerprint: [7; 32],
    };
    let plan = (who.organization_id, key, app.new_uuid(), now, now + SignedDuration::from_secs(5));
    let state: Result<KeyState, StoreError> = app
        .store
        .write(&plan, |tx, (organization, key, id, now, until)| {
            Box::pin(async move { tx.organization(*organization).reserve_key(key, *id, *now, *until).await })
        })
        .await;
    match state.unwrap() {
        KeyState::Reserved(reservation) => reservation,
        other => panic!("{other:?}"),
    }
}

database_tests! {
    async fn an_answer_that_is_being_committed_when_its_lease_ends_is_replayed(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let who = app.principal().await;
        let reservation = reserve(&app, &who).await;
        let first = hold(&app.store, Deed::Finish(who.organization_id, reservation)).await;
        app.clock.advance(SignedDuration::from_secs(6));
        let second: JoinHandle<Answer> = {
            let (app, who) = (Arc::clone(&app), who.clone());
            tokio::spawn(async move { app.import_keyed(&who, import_command(2), "key").await.unwrap() })
        };
        first.commit_when_waited_for(&app.store, &second).await;
        assert_eq!(second.await.unwrap().body, b"first");
        assert_eq!(count(&app.store, "jobs").await, 0);
    }

    async fn rotating_a_secret_does_not_undo_disabling_the_integration(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let organization = app.organization(|_| {}).await;
        let credentials = app.integration(organization.id).await;
        let token = app.token(&credentials).await.unwrap();
        let disabling = hold(&app.store, Deed::Sql("UPDATE integrations SET status = 'disabled'")).await;
        let rotating = {
            let (app, client_id) = (Arc::clone(&app), credentials.client_id.clone());
            tokio::spawn(async move { app.rotate_secret(&client_id, None).await.unwrap() })
        };
        disabling.commit_when_waited_for(&app.store, &rotating).await;
        rotating.await.unwrap();
        assert_eq!(refusal(app.authenticate(Some(&token)).await), ErrorKind::Disabled);
        assert_eq!(refusal(app.token(&credentials).await), ErrorKind::Unauthenticated(
            routemate_app::Unauthenticated::InvalidCredentials
        ));
    }

    async fn of_two_who_suspend_an_organization_one_is_told_that_it_is_suspended(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let organization = app.organization(|_| {}).await.id;
        let first = hold(&app.store, Deed::Sql("UPDATE organizations SET status = 'suspended'")).await;
        let second = {
            let app = Arc::clone(&app);
            tokio::spawn(async move { app.set_organization_status(organization, OrganizationStatus::Suspended).await })
        };
        first.commit_when_waited_for(&app.store, &second).await;
        let refused = refusal(second.await.unwrap());
        assert!(matches!(refused, ErrorKind::Refused(_)), "{refused:?}");
    }

    async fn a_new_driver_is_not_given_a_route_that_is_just_being_completed(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let who = app.principal().await;
        let job = app.import(&who, driven_by("driver@example.com", import_command(2))).await.unwrap().view.job;
        const COMPLETE: &str = "UPDATE routes SET status = 'completed', started_at = created_at, \
            completed_at = created_at, version = version + 1";
        let completing = hold(&app.store, Deed::Sql(COMPLETE)).await;
        let creating = {
            let (app, organization) = (Arc::clone(&app), who.organization_id);
            tokio::spawn(async move { app.driver(organization, "driver@example.com").await })
        };
        completing.commit_when_waited_for(&app.store, &creating).await;
        assert_eq!(creating.await.unwrap().jobs_assigned, 0);
        assert_eq!(events(&app.store, who.organization_id, job.id).await, [""; 0]);
        assert_eq!(count(&app.store, "routes WHERE driver_id IS NULL").await, 1);
        assert_eq!(texts(&app.store, "SELECT status AS value FROM invitations").await, ["accepted"]);
    }

    async fn a_route_is_not_given_to_a_driver_who_is_just_being_archived(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let who = app.principal().await;
        let driver = app.driver(who.organization_id, "driver@example.com").await.driver.id;
        let route = route_with(&app, &who, Vec::new(), |_| {}).await;
        let archiving = hold(&app.store, Deed::Sql("UPDATE drivers SET status = 'archived'")).await;
        let giving = {
            let (app, who) = (Arc::clone(&app), who.clone());
            tokio::spawn(async move { app.change_route(&who, route, RouteChange::Assign(driver), None).await })
        };
        archiving.commit_when_waited_for(&app.store, &giving).await;
        let refused = refusal(giving.await.unwrap());
        assert!(matches!(refused, ErrorKind::Refused(_)), "{refused:?}");
        assert_eq!(count(&app.store, "routes WHERE driver_id IS NULL").await, 1);
    }

    async fn a_job_is_not_given_to_a_driver_who_is_just_being_deactivated(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let who = app.principal().await;
        app.driver(who.organization_id, "driver@example.com").await;
        let deactivating = hold(&app.store, Deed::Sql("UPDATE drivers SET status = 'inactive'")).await;
        let importing = {
            let (app, who) = (Arc::clone(&app), who.clone());
            let command = driven_by("driver@example.com", import_command(2));
            tokio::spawn(async move { app.import(&who, command).await.unwrap().driver })
        };
        deactivating.commit_when_waited_for(&app.store, &importing).await;
        assert_eq!(importing.await.unwrap(), DriverResolution::Inactive);
        assert_eq!(count(&app.store, "routes WHERE driver_id IS NULL").await, 1);
    }

    async fn a_driver_who_is_archived_loses_the_route_that_is_just_being_given(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let who = app.principal().await;
        let driver = app.driver(who.organization_id, "driver@example.com").await.driver.id;
        let route = route_with(&app, &who, Vec::new(), |_| {}).await;
        let giving = hold(&app.store, Deed::Give(who.organization_id, driver)).await;
        let archiving = {
            let (app, who) = (Arc::clone(&app), who.clone());
            tokio::spawn(async move { app.change_driver(&who, driver, &DriverChange::Archive, None).await.unwrap() })
        };
        giving.commit_when_waited_for(&app.store, &archiving).await;
        let unassigned: Vec<_> = archiving.await.unwrap().unassigned_routes.iter().map(|route| route.id).collect();
        assert_eq!(unassigned, [route]);
        assert_eq!(count(&app.store, "routes WHERE driver_id IS NULL").await, 1);
    }

    async fn a_route_is_made_of_a_saved_stop_as_it_has_just_become(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let who = app.principal().await;
        let saved = SaveStop { name: text("Depot"), request: request("", "here") };
        let saved = app.save_stop_by_operator(who.organization_id, &saved).await.unwrap().id;
        const CHANGE: &str = "UPDATE saved_stops SET request = replace(request, 'here', 'elsewhere'), version = version + 1";
        let changing = hold(&app.store, Deed::Sql(CHANGE)).await;
        let making = {
            let (app, who) = (Arc::clone(&app), who.clone());
            tokio::spawn(async move {
                let command = CreateRoute {
                    name: text("Morning"),
                    scheduled_for: None,
                    driver: None,
                    start: TerminalRequest::default(),
                    end: TerminalRequest::default(),
                    stops: vec![NewStop::Saved(saved)],
                    order: StopOrder::Given,
                };
                app.create_route(&who, command, None, Arc::new(|_| Vec::new())).await.unwrap()
            })
        };
        changing.commit_when_waited_for(&app.store, &making).await;
        making.await.unwrap();
        let made = texts(&app.store, "SELECT address AS value FROM stops").await;
        assert!(made[0].contains("elsewhere"), "{made:?}");
    }
}
