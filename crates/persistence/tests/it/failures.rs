//! What a PostgreSQL server can do to a transaction.

use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use routemate_persistence::test_db::{Fresh, TestDb};
use routemate_persistence::{Store, StoreConfig, StoreError};

use crate::notes;

const KILL_SELF: &str = "SELECT pg_terminate_backend(pg_backend_pid())::int::bigint AS value";

/// A way to a server that can be cut.
struct Gate {
    url: String,
    still_closed_for: Arc<AtomicU32>,
    passing: Arc<Mutex<Vec<TcpStream>>>,
}

impl Gate {
    fn before(url: &str) -> Gate {
        let (head, rest) = url.split_once('@').unwrap();
        let (server, database) = rest.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("{head}@{}/{database}", listener.local_addr().unwrap());
        let (still_closed_for, passing) = (Arc::new(AtomicU32::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (server, closed, passed) = (server.to_owned(), Arc::clone(&still_closed_for), Arc::clone(&passing));
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if closed.fetch_update(SeqCst, SeqCst, |times| times.checked_sub(1)).is_ok() {
                    continue;
                }
                let server = TcpStream::connect(&server).unwrap();
                passed.lock().unwrap().push(client.try_clone().unwrap());
                for (mut from, mut to) in [(client.try_clone().unwrap(), server.try_clone().unwrap()), (server, client)]
                {
                    std::thread::spawn(move || {
                        let _ = std::io::copy(&mut from, &mut to);
                        let _ = to.shutdown(Shutdown::Both);
                    });
                }
            }
        });
        Gate { url, still_closed_for, passing }
    }

    /// Cuts what passes, and refuses so many attempts.
    fn close_for(&self, attempts: u32) {
        self.still_closed_for.store(attempts, SeqCst);
        for connection in self.passing.lock().unwrap().drain(..) {
            connection.shutdown(Shutdown::Both).unwrap();
        }
    }
}

/// A bare PostgreSQL database with the throwaway table, or `None` where no server is named.
async fn postgres() -> Option<TestDb> {
    let db = TestDb::postgres_with(Fresh::Bare).await?;
    notes::create(db.store()).await;
    Some(db)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_lost_before_commit_runs_the_body_again() {
    let Some(db) = postgres().await else { return };
    let runs = AtomicU32::new(0);
    db.store()
        .write(&runs, |tx, runs| {
            Box::pin(async move {
                notes::insert(tx, 1).await?;
                if runs.fetch_add(1, SeqCst) == 0 {
                    tx.numbers_raw(KILL_SELF).await?;
                }
                Ok::<_, StoreError>(())
            })
        })
        .await
        .unwrap();
    assert_eq!(runs.into_inner(), 2);
    assert_eq!(notes::ids(db.store()).await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_lost_during_commit_has_an_unknown_outcome() {
    let Some(db) = postgres().await else { return };
    notes::execute(
        db.store(),
        "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS \
         'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'; \
         CREATE CONSTRAINT TRIGGER dies AFTER INSERT ON notes DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION die()",
    )
    .await;
    let runs = AtomicU32::new(0);
    let outcome = db
        .store()
        .write(&runs, |tx, runs| {
            runs.fetch_add(1, SeqCst);
            notes::insert(tx, 1)
        })
        .await;
    assert!(matches!(outcome, Err(StoreError::UnknownOutcome(_))), "{outcome:?}");
    assert_eq!(runs.into_inner(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_server_is_found_again() {
    let Some(db) = postgres().await else { return };
    let reads = (0..8).map(|_| notes::ids(db.store()));
    futures_util::future::join_all(reads).await;
    let killer = db.another_store().await;
    let kill_all = "SELECT count(pg_terminate_backend(pid)) AS value FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()";
    killer.read(kill_all, |tx, sql| Box::pin(async move { tx.numbers_raw(sql).await })).await.unwrap();
    for id in 0..8 {
        notes::write(db.store(), id).await.unwrap();
    }
}

/// A pool that waits longer from attempt to attempt would not come that far within the time of one caller.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_away_for_many_attempts_is_found_by_a_caller_who_waited() {
    let Some(db) = postgres().await else { return };
    let gate = Gate::before(db.url());
    let store = Store::open(&StoreConfig::new(gate.url.clone())).await.unwrap();
    gate.close_for(10);
    notes::write(&store, 1).await.unwrap();
    assert_eq!(gate.still_closed_for.load(SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_serialization_failure_runs_the_body_again() {
    let Some(db) = postgres().await else { return };
    notes::write(db.store(), 1).await.unwrap();
    let runs = AtomicU32::new(0);
    db.store()
        .write(&(&runs, db.store()), |tx, (runs, store)| {
            Box::pin(async move {
                tx.execute_raw("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").await?;
                notes::ids_in(tx).await?;
                if runs.fetch_add(1, SeqCst) == 0 {
                    let store: Store = (*store).clone();
                    let elsewhere = async move { notes::execute(&store, "UPDATE notes SET text = text || 'a'").await };
                    tokio::spawn(elsewhere).await.unwrap();
                }
                tx.execute_raw("UPDATE notes SET text = text || 'b'").await?;
                Ok::<_, StoreError>(())
            })
        })
        .await
        .unwrap();
    assert_eq!(runs.into_inner(), 2);
    let texts = db
        .store()
        .read(&(), |tx, ()| Box::pin(async move { tx.texts_raw("SELECT text AS value FROM notes").await }))
        .await
        .unwrap();
    assert_eq!(texts, ["ab"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadlock_runs_one_body_again() {
    let Some(db) = postgres().await else { return };
    notes::write(db.store(), 1).await.unwrap();
    notes::write(db.store(), 2).await.unwrap();
    let both_hold_one = tokio::sync::Barrier::new(2);
    let lock = |first: i64, then: i64| {
        let (store, both_hold_one) = (db.store(), &both_hold_one);
        async move {
            let runs = AtomicU32::new(0);
            store
                .write(&(&runs, both_hold_one), |tx, (runs, both_hold_one)| {
                    Box::pin(async move {
                        tx.execute_raw("SET LOCAL deadlock_timeout = '10ms'").await?;
                        tx.execute_raw(&format!("UPDATE notes SET text = 'x' WHERE id = {first}")).await?;
                        if runs.fetch_add(1, SeqCst) == 0 {
                            both_hold_one.wait().await;
                        }
                        tx.execute_raw(&format!("UPDATE notes SET text = 'x' WHERE id = {then}")).await?;
                        Ok::<_, StoreError>(())
                    })
                })
                .await
                .unwrap();
            runs.into_inner()
        }
    };
    let (one, other) = futures_util::future::join(lock(1, 2), lock(2, 1)).await;
    assert_eq!(one + other, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_whose_error_was_swallowed_is_not_acknowledged() {
    let Some(db) = postgres().await else { return };
    notes::write(db.store(), 1).await.unwrap();
    let outcome = db
        .store()
        .write(&(), |tx, ()| {
            Box::pin(async move {
                notes::insert(tx, 2).await?;
                let swallowed = notes::insert(tx, 1).await;
                assert!(swallowed.is_err());
                Ok::<_, StoreError>(())
            })
        })
        .await;
    assert!(matches!(outcome, Err(StoreError::Query(_))), "{outcome:?}");
    assert_eq!(notes::ids(db.store()).await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_named_without_its_password() {
    let config = StoreConfig::new("postgres://u:secret@127.0.0.1:1/db");
    let error = Store::open(&config).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    assert!(!format!("{error:?} {error} {config:?}").contains("secret"));
}

#[tokio::test]
async fn an_unknown_scheme_is_refused_without_its_password() {
    for url in ["mysql://u:secret@h/db", "host=h password=secret", ""] {
        let error = Store::open(&StoreConfig::new(url)).await.unwrap_err();
        assert!(matches!(error, StoreError::Config { .. }), "{error:?}");
        assert!(!format!("{error:?} {error}").contains("secret"));
    }
}
