//! Too many before the database.

use std::time::Duration;

use routemate_persistence::test_db::TestDb;
use routemate_persistence::{Queue, Store, StoreConfig, StoreError, database_tests};
use routemate_test_support::TestApp;
use tokio::sync::oneshot;

/// Begins a write that keeps the only connection until told.
async fn hold(store: &Store) -> oneshot::Sender<()> {
    let (begun, has_begun) = oneshot::channel();
    let (end, ended) = oneshot::channel();
    let gates = std::sync::Mutex::new(Some((begun, ended)));
    let store = store.clone();
    tokio::spawn(async move {
        let outcome: Result<(), StoreError> = store
            .write(&gates, |_, gates| {
                Box::pin(async move {
                    let (begun, ended) = gates.lock().expect("no panic").take().expect("run once");
                    begun.send(()).expect("somebody listens");
                    // Either way it ends.
                    let _ = ended.await;
                    Ok(())
                })
            })
            .await;
        outcome.expect("an empty write");
    });
    has_begun.await.expect("a write that begins");
    end
}

database_tests! {
    async fn whoever_comes_is_told_while_too_many_wait_and_not_afterwards(db: &TestDb) {
        let config = StoreConfig { postgres_connections: 1, ..db.config().clone() };
        let store = Store::open(&config).await.expect("a store");
        let original = TestApp::with(db, |settings| {
            settings.database_queue = 2;
            settings.database_wait = Duration::ZERO;
        });
        let app = original.another(store.clone());
        assert!(!app.is_crowded());
        let end = hold(&store).await;
        let mut waiting = Vec::new();
        for number in 1..=3 {
            assert!(!app.is_crowded(), "{:?}", store.queue());
            let store = store.clone();
            waiting.push(tokio::spawn(async move {
                let write: Result<(), StoreError> = store.write(&(), |_, ()| Box::pin(async { Ok(()) })).await;
                write
            }));
            while app.store.queue().waiting < number {
                tokio::task::yield_now().await;
            }
        }
        assert!(app.is_crowded(), "{:?}", store.queue());
        end.send(()).expect("it is held");
        for write in waiting {
            write.await.expect("no panic").expect("an empty write");
        }
        assert!(!app.is_crowded());
        assert_eq!(store.queue(), Queue::default());
    }
}
