//! Whether what the bench compares with is the same work: the statements of a request, executed by the server's use cases
//! and by the baseline.
#![allow(clippy::expect_used, reason = "these are tests")]

use std::collections::BTreeMap;

use routemate_app::{Idempotency, ImportJob, JobKey};
use routemate_baseline::{OPERATION, Replay, Request, Template};
use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::{Credentials, START, TestApp, ids_body, import_command, text};

const TEMPLATE: &str = "TEMPLATE";

/// How often each statement has been executed since.
fn since(db: &TestDb, before: &BTreeMap<String, usize>) -> BTreeMap<String, usize> {
    let mut executed = executed(db);
    for (sql, times) in before {
        executed.entry(sql.clone()).and_modify(|now| *now -= times);
    }
    executed.retain(|_, times| *times > 0);
    executed
}

fn executed(db: &TestDb) -> BTreeMap<String, usize> {
    db.config().statements.as_ref().expect("a watched store").executed()
}

/// What lies there before a request is measured: a job with its driver, imported with a key.
struct Scene {
    app: TestApp,
    credentials: Credentials,
    token: String,
    replay: Replay,
}

impl Scene {
    async fn set(db: &TestDb) -> Scene {
        let app = TestApp::new(db);
        let organization = app.organization(|_| {}).await;
        app.driver(organization.id, "driver@example.com").await;
        let credentials = app.integration(organization.id).await;
        let token = app.token(&credentials).await.expect("a token");
        import(&app, &token, TEMPLATE).await;
        let template = Template::read(db.store(), &token, TEMPLATE, START).await.expect("a template");
        let replay = Replay::new(db.store().clone(), template);
        Scene { app, credentials, token, replay }
    }

    async fn replayed(&self, db: &TestDb, request: Request) -> BTreeMap<String, usize> {
        let before = executed(db);
        assert!(!self.replay.run(request).await.expect("statements that run").is_empty());
        since(db, &before)
    }
}

/// Imports a job under this name, which is its key too.
async fn import(app: &TestApp, token: &str, name: &str) {
    let who = app.authenticate(Some(token)).await.expect("a valid token");
    let command = ImportJob { external_job_id: text(name), ..import_command(5) };
    let key = Idempotency { operation: OPERATION, key: name.to_owned(), fingerprint: [1; 32] };
    app.import_job(&who, command, Some(key), ids_body()).await.expect("an import");
}

database_tests! {
    async fn the_baseline_imports_as_the_server_does(db: &TestDb) {
        let scene = Scene::set(db).await;
        let before = executed(db);
        import(&scene.app, &scene.token, "another").await;
        let served = since(db, &before);
        assert_eq!(scene.replayed(db, Request::Import).await, served);
    }

    async fn the_baseline_asks_for_a_job_as_the_server_does(db: &TestDb) {
        let scene = Scene::set(db).await;
        let before = executed(db);
        let who = scene.app.authenticate(Some(&scene.token)).await.expect("a valid token");
        let key = JobKey { job_id: None, external_job_id: Some(TEMPLATE.to_owned()) };
        scene.app.find_job(&who, key).await.expect("a job");
        let served = since(db, &before);
        assert_eq!(scene.replayed(db, Request::Status).await, served);
    }

    async fn the_baseline_issues_tokens_as_the_server_does(db: &TestDb) {
        let scene = Scene::set(db).await;
        // The first one makes the client's window.
        scene.app.token(&scene.credentials).await.expect("a token");
        let before = executed(db);
        scene.app.token(&scene.credentials).await.expect("a token");
        let served = since(db, &before);
        assert_eq!(scene.replayed(db, Request::Token).await, served);
    }
}
