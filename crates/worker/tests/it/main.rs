//! A worker over a real database.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "these are tests")]

use std::sync::Arc;
use std::time::Duration;

use routemate_app::Principal;
use routemate_persistence::test_db::TestDb;
use routemate_persistence::{DatabaseKind, Store, database_tests};
use routemate_test_support::{TestApp, Trouble, import_command, position, stop_command, text};
use routemate_worker::{Pace, Worker};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Looks for work all the time, unless it rests for as long as any test takes.
const RESTLESS: Duration = Duration::from_millis(1);
const FOR_EVER: Duration = Duration::from_secs(3_600);

struct Running {
    stop: watch::Sender<bool>,
    worker: JoinHandle<()>,
}

impl Running {
    fn start(app: &TestApp, idle: Duration) -> Self {
        let (stop, stopped) = watch::channel(false);
        let pace = Pace { idle, ..Pace::default() };
        Self { stop, worker: tokio::spawn(Worker::new(Arc::clone(app), pace).run(stopped)) }
    }

    async fn stop(self) {
        self.stop.send(true).unwrap();
        self.worker.await.unwrap();
    }
}

async fn count(store: &Store, table: &str) -> i64 {
    let sql = format!("SELECT count(*) AS value FROM {table}");
    store.read(&sql, |tx, sql| Box::pin(tx.numbers_raw(sql))).await.unwrap()[0]
}

async fn until(store: &Store, table: &str, expected: i64) {
    while count(store, table).await != expected {
        tokio::task::yield_now().await;
    }
}

/// An import that leaves one address to be found in the background.
async fn import_without(app: &TestApp, who: &Principal, job: &str, address: &str) {
    app.geocoder.breaks_down(Trouble::Unavailable);
    let mut command = import_command(2);
    command.external_job_id = text(job);
    command.stops.push(stop_command(2, None));
    command.stops[2].address = text(address);
    app.import(who, command).await.unwrap();
    app.geocoder.recovers();
    app.geocoder.knows(address, position(60.17, 24.94));
}

database_tests! {
    async fn slow_work_does_not_keep_other_work_waiting(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        import_without(&app, &who, "JOB-1", "slow").await;
        let hold = app.geocoder.holds("slow");
        let worker = Running::start(&app, RESTLESS);
        hold.reached().await;
        import_without(&app, &who, "JOB-2", "quick").await;
        until(&app.store, "queue", 1).await;
        hold.open();
        until(&app.store, "queue", 0).await;
        worker.stop().await;
    }

    async fn work_that_cannot_be_recorded_is_not_tried_without_a_pause(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        import_without(&app, &who, "JOB-1", "address").await;
        let refuse_writes = match app.store.kind() {
            DatabaseKind::Sqlite => "CREATE TRIGGER full BEFORE UPDATE ON queue BEGIN SELECT RAISE(ABORT, 'full'); END",
            DatabaseKind::Postgres => {
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''full''; END'; \
                 CREATE TRIGGER full_disk BEFORE UPDATE ON queue FOR EACH ROW EXECUTE FUNCTION refuse()"
            }
        };
        app.store.write(refuse_writes, |tx, sql| Box::pin(tx.execute_raw_batch(sql))).await.unwrap();
        // Each try asks the clock; so do the id that a worker takes and the sweep that it begins with.
        let asked = app.clock.asked();
        let worker = Running::start(&app, FOR_EVER);
        while app.clock.asked() < asked + 4 {
            tokio::task::yield_now().await;
        }
        for _ in 0..200 {
            assert_eq!(count(&app.store, "queue").await, 1);
        }
        let tries = app.clock.asked() - asked;
        assert!(tries < 10, "the clock was asked {tries} times");
        worker.stop().await;
    }

    async fn a_worker_stops_while_it_sweeps(db: &TestDb) {
        let app = TestApp::new(db);
        let (release, released) = tokio::sync::oneshot::channel::<()>();
        let held = tokio::sync::Notify::new();
        let released = tokio::sync::Mutex::new(Some(released));
        let store = app.store.clone();
        let busy = async {
            store
                .write(&(&held, &released), |tx, (held, released)| {
                    Box::pin(async move {
                        // On SQLite nobody else can write meanwhile; on PostgreSQL nobody can delete tokens.
                        if matches!(tx, routemate_persistence::Tx::Pg(_)) {
                            tx.execute_raw("LOCK TABLE access_tokens").await?;
                        }
                        held.notify_one();
                        let released = released.lock().await.take().unwrap();
                        released.await.unwrap();
                        Ok::<_, routemate_persistence::StoreError>(())
                    })
                })
                .await
                .unwrap();
        };
        let stopping = async {
            held.notified().await;
            let worker = Running::start(&app, FOR_EVER);
            // A sweep is the first thing it does, a moment after it has started.
            for _ in 0..200 {
                assert_eq!(count(&app.store, "queue").await, 0);
            }
            worker.stop().await;
            release.send(()).unwrap();
        };
        tokio::join!(busy, stopping);
    }
}
