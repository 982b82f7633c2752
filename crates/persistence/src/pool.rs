//! What the pools of both databases share.

use std::time::Duration;

use bb8::{ManageConnection, PooledConnection, RunError};

use crate::error::StoreError;

/// A pooled connection that remembers whether a transaction was left open on it.
///
/// The transactions are the store's own statements, unknown to Diesel's transaction manager; a body that is dropped or
/// panics leaves the mark set and the pool closes the connection, which rolls back.
pub(crate) struct Session<C> {
    pub(crate) conn: C,
    pub(crate) in_transaction: bool,
}

impl<C> Session<C> {
    pub(crate) fn new(conn: C) -> Session<C> {
        Session { conn, in_transaction: false }
    }
}

pub(crate) fn builder<M: ManageConnection<Error = StoreError>>(
    size: u32,
    acquire_timeout: Duration,
) -> bb8::Builder<M> {
    bb8::Pool::builder().max_size(size.max(1)).connection_timeout(acquire_timeout).error_sink(Box::new(LogSink))
}

pub(crate) async fn take<M: ManageConnection<Error = StoreError>>(
    pool: &bb8::Pool<M>,
) -> Result<PooledConnection<'static, M>, StoreError> {
    pool.get_owned().await.map_err(|error| match error {
        RunError::User(error) => error,
        RunError::TimedOut => {
            StoreError::Unavailable { what: "no connection became free in time".into(), source: None }
        }
    })
}

/// A connection that cannot be opened is tried again until the waiting time is over: what went wrong is only told here.
#[derive(Debug, Clone, Copy)]
struct LogSink;

impl bb8::ErrorSink<StoreError> for LogSink {
    fn sink(&self, error: StoreError) {
        warn_of(&error);
    }

    fn boxed_clone(&self) -> Box<dyn bb8::ErrorSink<StoreError>> {
        Box::new(*self)
    }
}

pub(crate) fn warn_of(error: &StoreError) {
    tracing::warn!(error = error as &dyn std::error::Error, "a database connection could not be opened");
}
