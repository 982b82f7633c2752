//! What holds for a transaction on either database.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use routemate_persistence::test_db::TestDb;
use routemate_persistence::{DatabaseKind, Store, StoreError, database_tests};

use crate::notes::{self, Gate, made_up};

database_tests! { bare
    async fn an_acknowledged_write_is_read_back_after_a_restart(db: &TestDb) {
        notes::create(db.store()).await;
        notes::write(db.store(), 1).await.unwrap();
        let store = db.reopen().await;
        assert_eq!(notes::ids(&store).await, [1]);
    }

    async fn a_failing_body_leaves_nothing(db: &TestDb) {
        notes::create(db.store()).await;
        let outcome: Result<(), StoreError> = db
            .store()
            .write(&(), |tx, ()| {
                Box::pin(async move {
                    notes::insert(tx, 1).await?;
                    Err(made_up(StoreError::Query))
                })
            })
            .await;
        assert!(matches!(outcome, Err(StoreError::Query(_))));
        assert_eq!(notes::ids(db.store()).await, notes::NONE);
    }

    async fn readers_see_only_what_is_committed(db: &TestDb) {
        notes::create(db.store()).await;
        let gate = Gate::new();
        let (store, at_gate) = (db.store().clone(), gate.clone());
        let writing = tokio::spawn(async move { notes::write_through(&store, 1, &at_gate).await });
        gate.reached().await;
        assert_eq!(notes::ids(db.store()).await, notes::NONE);
        gate.open();
        writing.await.unwrap().unwrap();
        assert_eq!(notes::ids(db.store()).await, [1]);
    }

    async fn a_read_stays_on_one_snapshot(db: &TestDb) {
        notes::create(db.store()).await;
        let (before, after) = db
            .store()
            .read(db.store(), |tx, store: &Store| {
                Box::pin(async move {
                    let before = notes::ids_in(tx).await?;
                    let store = store.clone();
                    tokio::spawn(async move { notes::write(&store, 1).await }).await.unwrap()?;
                    Ok::<_, StoreError>((before, notes::ids_in(tx).await?))
                })
            })
            .await
            .unwrap();
        assert_eq!(before, after);
        assert_eq!(notes::ids(db.store()).await, [1]);
    }

    async fn a_read_cannot_write(db: &TestDb) {
        notes::create(db.store()).await;
        let outcome = db.store().read(&1, |tx, id| notes::insert(tx, *id)).await;
        assert!(matches!(outcome, Err(StoreError::Query(_))), "{outcome:?}");
        assert_eq!(notes::ids(db.store()).await, notes::NONE);
    }

    async fn a_repeated_key_is_a_unique_violation(db: &TestDb) {
        notes::create(db.store()).await;
        notes::execute(db.store(), "CREATE UNIQUE INDEX notes_by_text ON notes (text)").await;
        notes::write(db.store(), 1).await.unwrap();
        let same_primary_key = notes::write(db.store(), 1).await;
        assert!(matches!(same_primary_key, Err(StoreError::UniqueViolation(_))), "{same_primary_key:?}");
        let same_text = notes::write(db.store(), 2).await;
        assert!(matches!(same_text, Err(StoreError::UniqueViolation(_))), "{same_text:?}");
    }

    async fn a_missing_parent_is_no_unique_violation(db: &TestDb) {
        notes::create(db.store()).await;
        notes::execute(db.store(), "CREATE TABLE lines (note BIGINT NOT NULL REFERENCES notes (id))").await;
        let outcome = db
            .store()
            .write(&(), |tx, ()| Box::pin(async move { tx.execute_raw("INSERT INTO lines VALUES (9)").await }))
            .await;
        assert!(matches!(outcome, Err(StoreError::Query(_))), "{outcome:?}");
    }

    async fn contention_runs_the_body_again(db: &TestDb) {
        notes::create(db.store()).await;
        let runs = AtomicU32::new(0);
        db.store()
            .write(&runs, |tx, runs| {
                Box::pin(async move {
                    notes::insert(tx, 1).await?;
                    match runs.fetch_add(1, SeqCst) {
                        0 => Err(made_up(StoreError::Contended)),
                        _ => Ok(()),
                    }
                })
            })
            .await
            .unwrap();
        assert_eq!(runs.into_inner(), 2);
        assert_eq!(db.store().stats().retries, 1);
        assert_eq!(notes::ids(db.store()).await, [1]);
    }

    async fn endless_contention_ends_after_five_runs(db: &TestDb) {
        let runs = AtomicU32::new(0);
        let outcome: Result<(), StoreError> = db
            .store()
            .write(&runs, |_, runs| {
                Box::pin(async move {
                    runs.fetch_add(1, SeqCst);
                    Err(made_up(StoreError::Contended))
                })
            })
            .await;
        assert!(matches!(outcome, Err(StoreError::Contended(_))));
        assert_eq!(runs.into_inner(), 5);
    }

    async fn an_unknown_outcome_is_not_run_again(db: &TestDb) {
        let runs = AtomicU32::new(0);
        let outcome: Result<(), StoreError> = db
            .store()
            .write(&runs, |_, runs| {
                Box::pin(async move {
                    runs.fetch_add(1, SeqCst);
                    Err(made_up(StoreError::UnknownOutcome))
                })
            })
            .await;
        assert!(matches!(outcome, Err(StoreError::UnknownOutcome(_))));
        assert_eq!(runs.into_inner(), 1);
    }

    async fn a_transaction_inside_another_is_refused(db: &TestDb) {
        for inner_writes in [true, false] {
            let outcome: Result<(), StoreError> = db
                .store()
                .write(&(db.store(), inner_writes), |_, (store, inner_writes)| {
                    Box::pin(async move {
                        match inner_writes {
                            true => store.write(&(), |_, ()| Box::pin(async { Ok(()) })).await,
                            false => store.read(&(), |_, ()| Box::pin(async { Ok(()) })).await,
                        }
                    })
                })
                .await;
            assert!(matches!(outcome, Err(StoreError::Nested)), "{outcome:?}");
        }
    }

    async fn a_panicking_body_leaves_nothing_and_hinders_nobody(db: &TestDb) {
        notes::create(db.store()).await;
        let store = db.store().clone();
        let panicked = tokio::spawn(async move {
            let outcome: Result<(), StoreError> = store
                .write(&(), |tx, ()| {
                    Box::pin(async move {
                        notes::insert(tx, 1).await?;
                        panic!("a body that panics");
                    })
                })
                .await;
            outcome
        })
        .await;
        assert!(panicked.unwrap_err().is_panic());
        notes::write(db.store(), 2).await.unwrap();
        assert_eq!(notes::ids(db.store()).await, [2]);
    }

    async fn an_aborted_body_leaves_nothing_and_hinders_nobody(db: &TestDb) {
        notes::create(db.store()).await;
        let gate = Gate::new();
        let (store, at_gate) = (db.store().clone(), gate.clone());
        let writing = tokio::spawn(async move { notes::write_through(&store, 1, &at_gate).await });
        gate.reached().await;
        writing.abort();
        assert!(writing.await.unwrap_err().is_cancelled());
        notes::write(db.store(), 2).await.unwrap();
        assert_eq!(notes::ids(db.store()).await, [2]);
    }

    async fn a_body_dropped_in_the_middle_of_a_statement_leaves_nothing(db: &TestDb) {
        notes::create(db.store()).await;
        let gate = Gate::new();
        let writing = db.store().write(&gate, |tx, gate| {
            Box::pin(async move {
                gate.open();
                gate.pass().await;
                let counted = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 100000) SELECT n FROM r";
                tx.execute_raw(&format!("INSERT INTO notes (id) {counted}")).await
            })
        });
        tokio::select! {
            biased;
            outcome = writing => panic!("it was not dropped: {outcome:?}"),
            () = gate.reached() => {}
        }
        notes::write(db.store(), 7).await.unwrap();
        assert_eq!(notes::ids(db.store()).await, [7]);
    }

    async fn an_aborted_read_gives_its_place_back(db: &TestDb) {
        notes::create(db.store()).await;
        for _ in 0..20 {
            let gate = Gate::new();
            let (store, at_gate) = (db.store().clone(), gate.clone());
            let reading = tokio::spawn(async move {
                store
                    .read(&at_gate, |tx, gate| {
                        Box::pin(async move {
                            notes::ids_in(tx).await?;
                            gate.pass().await;
                            Ok::<_, StoreError>(())
                        })
                    })
                    .await
            });
            gate.reached().await;
            reading.abort();
            assert!(reading.await.unwrap_err().is_cancelled());
        }
        assert_eq!(notes::ids(db.store()).await, notes::NONE);
    }

    async fn stores_that_open_a_new_database_at_once_all_get_it(db: &TestDb) {
        let mut config = db.config().clone();
        if db.store().kind() == DatabaseKind::Sqlite {
            config.database_url += ".new";
        }
        let opened = futures_util::future::join_all((0..8).map(|_| {
            let config = config.clone();
            tokio::spawn(async move { Store::open(&config).await })
        }))
        .await;
        for store in opened {
            store.unwrap().unwrap();
        }
    }

    async fn a_caller_on_a_runtime_of_its_own_is_served(db: &TestDb) {
        notes::create(db.store()).await;
        let store = db.store().clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            runtime.block_on(notes::write(&store, 1)).unwrap();
        })
        .join()
        .unwrap();
        // The other runtime is gone: what it opened must not have been tied to it.
        notes::write(db.store(), 2).await.unwrap();
        assert_eq!(notes::ids(db.store()).await, [1, 2]);
    }
}
