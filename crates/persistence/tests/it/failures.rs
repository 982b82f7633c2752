//! What a PostgreSQL server can do to a transaction.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use routemate_persistence::test_db::{Fresh, TestDb};
use routemate_persistence::{Store, StoreConfig, StoreError};

use crate::notes;

const KILL_SELF: &str = "SELECT pg_terminate_backend(pg_backend_pid())::int::bigint AS value";

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
