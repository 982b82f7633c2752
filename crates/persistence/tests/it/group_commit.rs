//! SQLite's one writer: many members, few commits, none in another's way.

use futures_util::future::{join, join_all, join3};
use routemate_persistence::test_db::{Fresh, TestDb};
use routemate_persistence::{Store, StoreConfig, StoreError};

use crate::notes::{self, Gate, made_up};

async fn sqlite() -> TestDb {
    let db = TestDb::sqlite_with(Fresh::Bare).await;
    notes::create(db.store()).await;
    db
}

/// Runs `first` to the gate, then queues up `others` behind it in their order, then opens the gate. Joined futures are
/// polled in order, and a write is in the queue after its first poll.
async fn behind<T>(gate: &Gate, first: impl Future<Output = T>, others: impl Future) -> T {
    let release = async {
        gate.reached().await;
        gate.open();
    };
    join3(first, others, release).await.0
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_writes_share_commits() {
    let db = sqlite().await;
    let store = db.store();
    let before = store.stats();
    let gate = Gate::new();
    let others = async {
        let outcomes = join_all((1..65).map(|id| notes::write(store, id))).await;
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    };
    behind(&gate, notes::write_through(store, 0, &gate), others).await.unwrap();
    let after = store.stats();
    assert_eq!(after.writes - before.writes, 65);
    // Groups of 32, 32 and 1.
    assert_eq!(after.commits - before.commits, 3);
    assert_eq!(notes::ids(store).await, (0..65).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lone_write_commits_at_once() {
    let db = sqlite().await;
    let before = db.store().stats().commits;
    for id in 0..3 {
        notes::write(db.store(), id).await.unwrap();
    }
    assert_eq!(db.store().stats().commits - before, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_is_not_acknowledged_before_its_group_is_on_disk() {
    let db = sqlite().await;
    let (first_gate, second_gate) = (Gate::new(), Gate::new());
    let (store, at_gate) = (db.store().clone(), first_gate.clone());
    let first = tokio::spawn(async move { notes::write_through(&store, 1, &at_gate).await });
    first_gate.reached().await;
    let second = notes::write_through(db.store(), 2, &second_gate);
    let watch = async {
        first_gate.open();
        // The second member has its turn, so the first one's body has ended.
        second_gate.reached().await;
        assert!(!first.is_finished());
        assert_eq!(notes::ids(db.store()).await, notes::NONE);
        second_gate.open();
        first.await.unwrap().unwrap();
    };
    join(second, watch).await.0.unwrap();
    assert_eq!(notes::ids(db.store()).await, [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_member_is_undone_alone() {
    let db = sqlite().await;
    let store = db.store();
    let before = store.stats().commits;
    let gate = Gate::new();
    let others = async {
        let failing = store.write(&2, |tx, id| {
            Box::pin(async move {
                notes::insert(tx, *id).await?;
                Err::<(), _>(made_up(StoreError::Query))
            })
        });
        let (failed, followed) = join(failing, notes::write(store, 3)).await;
        assert!(matches!(failed, Err(StoreError::Query(_))));
        followed.unwrap();
    };
    behind(&gate, notes::write_through(store, 1, &gate), others).await.unwrap();
    assert_eq!(notes::ids(store).await, [1, 3]);
    assert_eq!(store.stats().commits - before, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_last_member_does_not_take_the_others_along() {
    let db = sqlite().await;
    let store = db.store();
    let gate = Gate::new();
    let others = async { assert!(matches!(notes::write(store, 1).await, Err(StoreError::UniqueViolation(_)))) };
    behind(&gate, notes::write_through(store, 1, &gate), others).await.unwrap();
    assert_eq!(notes::ids(store).await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn members_aborted_at_any_point_leave_the_others_whole() {
    let db = sqlite().await;
    let store = db.store();
    let (first_gate, middle_gate) = (Gate::new(), Gate::new());
    let spawn = |id: i64, gate: &Gate| {
        let (store, gate) = (store.clone(), gate.clone());
        tokio::spawn(async move { notes::write_through(&store, id, &gate).await })
    };
    let first = spawn(1, &first_gate);
    first_gate.reached().await;
    let others = async {
        let middle = async {
            // Queued as the second member, dropped with its row inserted.
            let writing = notes::write_through(store, 2, &middle_gate);
            tokio::select! {
                biased;
                outcome = writing => panic!("it was not dropped: {outcome:?}"),
                () = middle_gate.reached() => {}
            }
        };
        let queued = async {
            // Queued as the third member, dropped before its turn.
            let writing = notes::write(store, 3);
            tokio::select! {
                biased;
                outcome = writing => panic!("it was not dropped: {outcome:?}"),
                () = std::future::ready(()) => {}
            }
        };
        join3(middle, queued, notes::write(store, 4)).await.2.unwrap();
    };
    let open = async { first_gate.open() };
    join(others, open).await;
    first.await.unwrap().unwrap();
    assert_eq!(notes::ids(store).await, [1, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_last_member_aborted_in_the_queue_does_not_keep_the_group_open() {
    let db = sqlite().await;
    let store = db.store();
    let gate = Gate::new();
    let others = async {
        let writing = notes::write(store, 2);
        tokio::select! {
            biased;
            outcome = writing => panic!("it was not dropped: {outcome:?}"),
            () = std::future::ready(()) => {}
        }
    };
    behind(&gate, notes::write_through(store, 1, &gate), others).await.unwrap();
    assert_eq!(notes::ids(store).await, [1]);
}

/// Ends the outer transaction as a full disk can.
async fn break_group(store: &Store) -> Result<(), StoreError> {
    store
        .write(&(), |tx, ()| {
            Box::pin(async move {
                tx.execute_raw_batch("ROLLBACK").await?;
                Err(made_up(StoreError::Query))
            })
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_that_ends_the_outer_transaction_fails_its_members_and_no_others() {
    let db = sqlite().await;
    let store = db.store();
    let gate = Gate::new();
    let others = async {
        let (broken, next) = join(break_group(store), notes::write(store, 2)).await;
        assert!(matches!(broken, Err(StoreError::Query(_))), "{broken:?}");
        next.unwrap();
    };
    let first = behind(&gate, notes::write_through(store, 1, &gate), others).await;
    assert!(matches!(first, Err(StoreError::Unavailable { .. })), "{first:?}");
    assert_eq!(notes::ids(store).await, [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outer_transaction_that_ended_before_commit_is_not_acknowledged() {
    let db = sqlite().await;
    let store = db.store();
    let gate = Gate::new();
    let others = async { assert!(break_group(store).await.is_err()) };
    let first = behind(&gate, notes::write_through(store, 1, &gate), others).await;
    assert!(matches!(first, Err(StoreError::Unavailable { .. })), "{first:?}");
    notes::write(store, 2).await.unwrap();
    assert_eq!(notes::ids(store).await, [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_fails_the_group_and_the_writer_recovers() {
    let db = sqlite().await;
    let store = db.store();
    let gate = Gate::new();
    let others = async {
        let outcome = store
            .write(&(), |tx, ()| {
                Box::pin(async move {
                    tx.execute_raw_batch("PRAGMA max_page_count = 1").await?;
                    tx.execute_raw("INSERT INTO notes (id, text) VALUES (2, hex(zeroblob(1000000)))").await
                })
            })
            .await;
        assert!(matches!(outcome, Err(StoreError::Unavailable { .. })), "{outcome:?}");
    };
    let first = behind(&gate, notes::write_through(store, 1, &gate), others).await;
    let is_kept = first.is_ok();
    assert!(is_kept || matches!(first, Err(StoreError::Unavailable { .. })), "{first:?}");
    assert_eq!(notes::ids(store).await, if is_kept { vec![1] } else { vec![] });
    notes::execute(store, "PRAGMA max_page_count = 1000000").await;
    notes::write(store, 3).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_fails_has_an_unknown_outcome_for_every_member() {
    let db = sqlite().await;
    let store = db.store();
    notes::execute(
        store,
        "CREATE TABLE lines (note BIGINT NOT NULL REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED)",
    )
    .await;
    let gate = Gate::new();
    let others = async {
        let outcome = store
            .write(&(), |tx, ()| Box::pin(async move { tx.execute_raw("INSERT INTO lines VALUES (9)").await }))
            .await;
        assert!(matches!(outcome, Err(StoreError::UnknownOutcome(_))), "{outcome:?}");
    };
    let first = behind(&gate, notes::write_through(store, 1, &gate), others).await;
    assert!(matches!(first, Err(StoreError::UnknownOutcome(_))), "{first:?}");
    assert_eq!(store.stats().retries, 0);
    notes::write(store, 2).await.unwrap();
    assert_eq!(notes::ids(store).await, [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_that_writes_is_waited_for_and_then_refused() {
    let db = sqlite().await;
    let impatient = StoreConfig { busy_timeout: std::time::Duration::from_millis(5), ..db.config().clone() };
    let store = Store::open(&impatient).await.unwrap();
    let gate = Gate::new();
    let others = async {
        let outcomes = join_all((2..10).map(|id| notes::write(&store, id))).await;
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Err(StoreError::Contended(_)))), "{outcomes:?}");
        gate.open();
    };
    let holding = notes::write_through(db.store(), 1, &gate);
    let others = async {
        gate.reached().await;
        others.await;
    };
    join(holding, others).await.0.unwrap();
    notes::write(&store, 2).await.unwrap();
    assert_eq!(notes::ids(db.store()).await, [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledged_write_is_in_the_files_without_a_clean_end() {
    let db = sqlite().await;
    notes::write(db.store(), 1).await.unwrap();
    let path = std::path::Path::new(db.url().strip_prefix("sqlite://").unwrap());
    let copy = tempfile::tempdir().unwrap();
    for suffix in ["", "-wal"] {
        let from = format!("{}{suffix}", path.display());
        std::fs::copy(from, copy.path().join(format!("copy.db{suffix}"))).unwrap();
    }
    let url = format!("sqlite://{}", copy.path().join("copy.db").display());
    let store = Store::open(&StoreConfig::new(url)).await.unwrap();
    assert_eq!(notes::ids(&store).await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_writes_what_waits_empties_the_log_and_refuses_the_rest() {
    let db = sqlite().await;
    let store = db.store();
    let (written, closed) = join(notes::write(store, 1), store.close()).await;
    written.unwrap();
    closed.unwrap();
    let log = format!("{}-wal", db.url().strip_prefix("sqlite://").unwrap());
    assert_eq!(std::fs::metadata(log).map_or(0, |log| log.len()), 0);
    assert!(matches!(notes::write(store, 2).await, Err(StoreError::Unavailable { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_connection_has_the_pragmas_that_durability_and_safety_need() {
    let db = sqlite().await;
    let pragma = |name: &'static str| {
        let store = db.store().clone();
        async move {
            let sql = format!("SELECT {name} AS value FROM pragma_{name}");
            store.write(&sql, |tx, sql| Box::pin(async move { tx.numbers_raw(sql).await })).await.unwrap()
        }
    };
    assert_eq!(pragma("synchronous").await, [2]);
    assert_eq!(pragma("foreign_keys").await, [1]);
    assert_eq!(pragma("trusted_schema").await, [0]);
}
