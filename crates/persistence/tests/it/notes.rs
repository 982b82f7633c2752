//! A throwaway table, so that these tests do not depend on the product's schema.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use routemate_persistence::{Store, StoreError, Tx};
use tokio::sync::{Notify, Semaphore};

/// No ids.
pub(crate) const NONE: [i64; 0] = [];

/// A store error made up by a test.
pub(crate) fn made_up(make: fn(Arc<dyn std::error::Error + Send + Sync>) -> StoreError) -> StoreError {
    make(Arc::new(std::io::Error::other("made up")))
}

pub(crate) async fn create(store: &Store) {
    execute(store, "CREATE TABLE notes (id BIGINT PRIMARY KEY, text VARCHAR(100) NOT NULL DEFAULT '')").await;
}

pub(crate) async fn execute(store: &Store, sql: &str) {
    store.write(sql, |tx, sql| Box::pin(async move { tx.execute_raw_batch(sql).await })).await.unwrap();
}

pub(crate) fn insert(tx: &mut Tx, id: i64) -> BoxFuture<'_, Result<(), StoreError>> {
    Box::pin(async move {
        tx.execute_raw(&format!("INSERT INTO notes (id) VALUES ({id})")).await?;
        Ok(())
    })
}

pub(crate) async fn write(store: &Store, id: i64) -> Result<(), StoreError> {
    store.write(&id, |tx, id| insert(tx, *id)).await
}

pub(crate) async fn ids_in(tx: &mut Tx) -> Result<Vec<i64>, StoreError> {
    tx.numbers_raw("SELECT id AS value FROM notes ORDER BY id").await
}

pub(crate) async fn ids(store: &Store) -> Vec<i64> {
    store.read(&(), |tx, ()| Box::pin(ids_in(tx))).await.unwrap()
}

/// Holds a body open until the test lets it go on.
#[derive(Clone)]
pub(crate) struct Gate {
    entered: Arc<Notify>,
    open: Arc<Semaphore>,
}

impl Gate {
    pub(crate) fn new() -> Gate {
        Gate { entered: Arc::new(Notify::new()), open: Arc::new(Semaphore::new(0)) }
    }

    /// Called in the body: says that it is there and waits.
    pub(crate) async fn pass(&self) {
        self.entered.notify_one();
        drop(self.open.acquire().await.unwrap());
    }

    /// Called in the test: waits until a body is at the gate.
    pub(crate) async fn reached(&self) {
        self.entered.notified().await;
    }

    pub(crate) fn open(&self) {
        self.open.add_permits(1);
    }
}

/// Inserts `id` and stops at `gate` with the transaction open.
pub(crate) async fn write_through(store: &Store, id: i64, gate: &Gate) -> Result<(), StoreError> {
    store
        .write(&(id, gate.clone()), |tx, (id, gate)| {
            Box::pin(async move {
                insert(tx, *id).await?;
                gate.pass().await;
                Ok(())
            })
        })
        .await
}
