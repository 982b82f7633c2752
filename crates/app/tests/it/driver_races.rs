//! Imports and driver creation at the same time: no job is left waiting for somebody who drives already.

use std::sync::Arc;

use futures_util::future::join_all;
use routemate_app::{DriverChange, Principal};
use routemate_domain::OrganizationId;
use routemate_persistence::test_db::TestDb;
use routemate_persistence::{DatabaseKind, database_tests};
use routemate_test_support::{TestApp, import_command};
use tokio::task::JoinHandle;

use crate::facts::{count, driven_by, named};

/// Rounds at once; only PostgreSQL runs writes side by side.
fn rounds(db: &TestDb) -> usize {
    match db.store().kind() {
        DatabaseKind::Sqlite => 5,
        DatabaseKind::Postgres => 60,
    }
}

fn importing(app: &Arc<TestApp>, who: &Principal, job: String, email: &str) -> JoinHandle<()> {
    let (app, who) = (Arc::clone(app), who.clone());
    let command = named(&job, driven_by(email, import_command(2)));
    tokio::spawn(async move {
        app.import(&who, command).await.unwrap();
    })
}

fn creating(app: &Arc<TestApp>, organization: OrganizationId, email: String) -> JoinHandle<()> {
    let app = Arc::clone(app);
    tokio::spawn(async move {
        app.driver(organization, &email).await;
    })
}

async fn all(tasks: Vec<JoinHandle<()>>) {
    for outcome in join_all(tasks).await {
        outcome.unwrap();
    }
}

#[track_caller]
fn check(waiting: i64, unanswered: i64) {
    assert_eq!((waiting, unanswered), (0, 0), "jobs that wait, invitations that wait");
}

async fn check_nobody_waits(app: &TestApp) {
    let waiting = count(&app.store, "routes WHERE driver_id IS NULL").await;
    check(waiting, count(&app.store, "invitations WHERE status <> 'accepted'").await);
    let jobs = count(&app.store, "jobs").await;
    assert_eq!(count(&app.store, "outbox WHERE event = 'job.assigned'").await, jobs);
}

database_tests! {
    async fn a_driver_made_during_imports_gets_all_of_them(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let who = app.principal().await;
        let mut tasks = Vec::new();
        for round in 0..rounds(db) {
            let email = format!("driver{round}@example.com");
            tasks.push(importing(&app, &who, format!("A{round}"), &email));
            tasks.push(creating(&app, who.organization_id, email.clone()));
            tasks.push(importing(&app, &who, format!("B{round}"), &email));
        }
        all(tasks).await;
        check_nobody_waits(&app).await;
    }

    async fn a_driver_reactivated_during_imports_gets_all_of_them(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let who = app.principal().await;
        let mut tasks = Vec::new();
        for round in 0..rounds(db) {
            let email = format!("driver{round}@example.com");
            let driver = app.driver(who.organization_id, &email).await;
            app.change_driver_by_operator(who.organization_id, driver.driver.id, &DriverChange::Deactivate).await.unwrap();
            tasks.push(importing(&app, &who, format!("A{round}"), &email));
            tasks.push(creating(&app, who.organization_id, email.clone()));
            tasks.push(importing(&app, &who, format!("B{round}"), &email));
        }
        all(tasks).await;
        check_nobody_waits(&app).await;
    }

    async fn concurrent_imports_for_one_stranger_share_an_invitation_and_concurrent_additions_a_driver(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let (who, elsewhere) = (app.principal().await, app.organization(|_| {}).await);
        app.driver(elsewhere.id, "known@example.com").await;
        let tasks = (0..12).map(|number| {
            let email = if number % 2 == 0 { "known@example.com" } else { "stranger@example.com" };
            importing(&app, &who, format!("JOB-{number}"), email)
        });
        all(tasks.collect()).await;
        assert_eq!(count(&app.store, "invitations").await, 1);
        assert_eq!(count(&app.store, "drivers").await, 2);
        assert_eq!(count(&app.store, "routes WHERE driver_id IS NULL").await, 6);
    }

    async fn one_person_made_a_driver_in_many_places_at_once_is_one_person(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let organization = app.organization(|_| {}).await.id;
            tasks.push(creating(&app, organization, "driver@example.com".to_owned()));
            tasks.push(creating(&app, organization, "driver@example.com".to_owned()));
        }
        all(tasks).await;
        assert_eq!((count(&app.store, "users").await, count(&app.store, "drivers").await), (1, 8));
    }
}
