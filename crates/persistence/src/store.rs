//! The store: opens either database and runs transactions on it.

#[cfg(feature = "acknowledge-before-commit")]
mod planted;

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use futures_util::future::BoxFuture;
use routemate_metrics::{DATABASE_DURATION, DATABASE_RETRIES, DATABASE_TRANSACTIONS, DATABASE_WAIT};
use tokio::time::Instant;
use tracing::Instrument;

use crate::error::{StoreError, TxError};
use crate::postgres::{CommitError, Postgres};
use crate::sqlite::{Sqlite, SqliteLease};
use crate::tx::{PgTx, SqliteTx, Tx};
use crate::url::redacted;
use crate::waiting::{Queue, Waiting};

/// How often a body is run in all before contention or a lost connection becomes the caller's problem.
const MAX_ATTEMPTS: u32 = 5;

tokio::task_local! {
    /// Set while a body runs on this task.
    static INSIDE: ();
}

/// Which database to open, and how much of it to use.
#[derive(Clone)]
pub struct StoreConfig {
    /// `sqlite://PATH`, `postgres://…` or `postgresql://…`.
    pub database_url: String,
    /// Connections that read from an SQLite file at the same time; writing takes one more.
    pub sqlite_readers: u32,
    /// Connections to a PostgreSQL server.
    pub postgres_connections: u32,
    /// How long one attempt waits for another process that writes to the same SQLite file.
    pub busy_timeout: Duration,
    /// How long a transaction waits for a free connection.
    pub acquire_timeout: Duration,
    /// Where the connections tell what they execute.
    #[cfg(feature = "test-db")]
    #[doc(hidden)]
    pub statements: Option<crate::test_db::Statements>,
}

impl StoreConfig {
    /// The defaults for `database_url`.
    pub fn new(database_url: impl Into<String>) -> StoreConfig {
        StoreConfig {
            database_url: database_url.into(),
            sqlite_readers: 4,
            postgres_connections: 16,
            busy_timeout: Duration::from_secs(2),
            acquire_timeout: Duration::from_secs(10),
            #[cfg(feature = "test-db")]
            statements: None,
        }
    }
}

impl fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreConfig")
            .field("database_url", &redacted(&self.database_url))
            .field("sqlite_readers", &self.sqlite_readers)
            .field("postgres_connections", &self.postgres_connections)
            .field("busy_timeout", &self.busy_timeout)
            .field("acquire_timeout", &self.acquire_timeout)
            .finish_non_exhaustive()
    }
}

/// Which of the two databases a store is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseKind {
    /// An embedded SQLite file.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}

/// What a store has done since it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StoreStats {
    /// Write transactions that were acknowledged.
    pub writes: u64,
    /// Commits that made them durable: fewer than `writes` where SQLite committed several at once.
    pub commits: u64,
    /// Times a body was run again after contention or a lost connection.
    pub retries: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) writes: AtomicU64,
    pub(crate) commits: AtomicU64,
    pub(crate) retries: AtomicU64,
}

/// What a transaction may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

impl Access {
    /// The word in spans and metrics.
    const fn as_str(self) -> &'static str {
        match self {
            Access::Read => "read",
            Access::Write => "write",
        }
    }
}

/// An open database; cheap to clone, every clone is the same one.
///
/// It works on the runtime that it was opened on, and no longer than that one lives; its callers may be on others, which
/// need timers.
#[derive(Clone)]
pub struct Store {
    database: Arc<Database>,
    counters: Arc<Counters>,
    waiting: Arc<Waiting>,
}

enum Database {
    Pg(Postgres),
    Sqlite(Sqlite),
}

impl Store {
    /// Opens the database, creating an SQLite file (and its folder) where there is none; migrates nothing.
    ///
    /// # Errors
    /// [`StoreError::Config`] when the URL cannot mean a database, [`StoreError::Unavailable`] when it cannot be reached.
    pub async fn open(config: &StoreConfig) -> Result<Store, StoreError> {
        let counters = Arc::new(Counters::default());
        let scheme = config.database_url.split_once("://").map(|(scheme, _)| scheme);
        let database = match scheme {
            Some("sqlite") => Database::Sqlite(Sqlite::open(config, counters.clone()).await?),
            Some("postgres" | "postgresql") => Database::Pg(Postgres::open(config).await?),
            _ => {
                return Err(StoreError::Config {
                    url: redacted(&config.database_url),
                    reason: "a database URL begins with `sqlite://` or `postgres://`".into(),
                });
            }
        };
        Ok(Store { database: Arc::new(database), counters, waiting: Arc::default() })
    }

    /// Which database this is.
    pub fn kind(&self) -> DatabaseKind {
        match *self.database {
            Database::Pg(_) => DatabaseKind::Postgres,
            Database::Sqlite(_) => DatabaseKind::Sqlite,
        }
    }

    /// What the store has done since it was opened.
    pub fn stats(&self) -> StoreStats {
        StoreStats {
            writes: self.counters.writes.load(Relaxed),
            commits: self.counters.commits.load(Relaxed),
            retries: self.counters.retries.load(Relaxed),
        }
    }

    /// How many wait for a connection, and how long the first of them has been.
    pub fn queue(&self) -> Queue {
        self.waiting.queue()
    }

    /// Runs `body` in a write transaction and returns once its changes are durable, or with none of them made.
    ///
    /// The body may run up to five times (after contention or a connection lost before COMMIT), so it has no effects
    /// outside the transaction and takes its input by reference from `plan`. It never awaits the network or heavy
    /// computation, and never begins a transaction of its own. On SQLite, writes of many callers share one commit;
    /// the future may be dropped at any time: before the body has ended nothing stays, afterwards the changes may.
    ///
    /// # Errors
    /// What the body returns, or a [`StoreError`]: [`StoreError::UnknownOutcome`] asks to read again by key.
    pub async fn write<P, T, E>(
        &self,
        plan: &P,
        body: impl for<'t> Fn(&'t mut Tx, &'t P) -> BoxFuture<'t, Result<T, E>> + Send + Sync,
    ) -> Result<T, E>
    where
        P: Sync + ?Sized,
        T: Send,
        E: TxError,
    {
        self.measured(Access::Write, plan, body).await
    }

    /// Runs `body` on one snapshot of the database, in which it cannot write; it may run up to five times.
    ///
    /// # Errors
    /// What the body returns, or a [`StoreError`].
    pub async fn read<P, T, E>(
        &self,
        plan: &P,
        body: impl for<'t> Fn(&'t mut Tx, &'t P) -> BoxFuture<'t, Result<T, E>> + Send + Sync,
    ) -> Result<T, E>
    where
        P: Sync + ?Sized,
        T: Send,
        E: TxError,
    {
        self.measured(Access::Read, plan, body).await
    }

    /// The file of an SQLite database.
    pub fn sqlite_path(database_url: &str) -> Result<std::path::PathBuf, StoreError> {
        Sqlite::path_of(database_url)
    }

    /// Moves SQLite's write-ahead log into the database file; nothing on PostgreSQL.
    pub async fn checkpoint(&self) -> Result<(), StoreError> {
        match &*self.database {
            Database::Pg(_) => Ok(()),
            Database::Sqlite(sqlite) => sqlite.checkpoint().await,
        }
    }

    /// Ends writing for a clean shutdown: what waits is written, SQLite's log is moved into the file, later writes are
    /// refused there.
    pub async fn close(&self) -> Result<(), StoreError> {
        match &*self.database {
            Database::Pg(_) => Ok(()),
            Database::Sqlite(sqlite) => sqlite.close().await,
        }
    }

    /// Runs a body within a span, and counts and times it.
    async fn measured<P, T, E>(
        &self,
        access: Access,
        plan: &P,
        body: impl for<'t> Fn(&'t mut Tx, &'t P) -> BoxFuture<'t, Result<T, E>> + Send + Sync,
    ) -> Result<T, E>
    where
        P: Sync + ?Sized,
        T: Send,
        E: TxError,
    {
        let begun = Instant::now();
        let result = self.run(access, plan, body).instrument(self.span(access)).await;
        DATABASE_DURATION.record([access.as_str()], begun.elapsed());
        // What a body refuses is an outcome like any other; only the store's own errors are its failures.
        let has_failed = result.as_ref().is_err_and(|error| error.store_error().is_some());
        DATABASE_TRANSACTIONS.increment([access.as_str(), if has_failed { "error" } else { "ok" }]);
        result
    }

    fn span(&self, access: Access) -> tracing::Span {
        let system = match self.kind() {
            DatabaseKind::Postgres => "postgresql",
            DatabaseKind::Sqlite => "sqlite",
        };
        tracing::debug_span!("transaction", db.system = system, db.access = access.as_str())
    }

    async fn run<P, T, E>(
        &self,
        access: Access,
        plan: &P,
        body: impl for<'t> Fn(&'t mut Tx, &'t P) -> BoxFuture<'t, Result<T, E>> + Send + Sync,
    ) -> Result<T, E>
    where
        P: Sync + ?Sized,
        T: Send,
        E: TxError,
    {
        if INSIDE.try_with(|()| ()).is_ok() {
            return Err(StoreError::Nested.into());
        }
        let mut attempt = 1;
        loop {
            let (wanted, place) = (Instant::now(), self.waiting.enter());
            let begun = self.begin(access).await;
            drop(place);
            DATABASE_WAIT.record([access.as_str()], wanted.elapsed());
            let ended = match begun {
                Ok(mut tx) => {
                    let result = INSIDE.scope((), body(&mut tx, plan)).await;
                    self.settle(tx, access, result).await
                }
                Err(error) => Ended::because_of(error),
            };
            match ended {
                Ended::Over(result) => return result,
                Ended::Again(error) if attempt == MAX_ATTEMPTS => return Err(error),
                Ended::Again(error) => {
                    if let Some(cause) = error.store_error() {
                        tracing::debug!(
                            error = cause as &dyn std::error::Error,
                            db.attempt = attempt,
                            "transaction runs again"
                        );
                    }
                }
            }
            self.counters.retries.fetch_add(1, Relaxed);
            DATABASE_RETRIES.increment([access.as_str()]);
            tokio::time::sleep(pause_after(attempt)).await;
            attempt += 1;
        }
    }

    async fn begin(&self, access: Access) -> Result<Tx, StoreError> {
        match (&*self.database, access) {
            (Database::Pg(postgres), _) => Ok(Tx::Pg(PgTx(postgres.begin(access).await?))),
            (Database::Sqlite(sqlite), Access::Write) => Ok(Tx::Sqlite(SqliteTx(sqlite.begin_write().await?))),
            (Database::Sqlite(sqlite), Access::Read) => Ok(Tx::Sqlite(SqliteTx(sqlite.begin_read().await?))),
        }
    }

    /// Ends the transaction as its body's `result` demands.
    async fn settle<T, E: TxError>(&self, tx: Tx, access: Access, result: Result<T, E>) -> Ended<T, E> {
        match (tx, result) {
            (Tx::Pg(PgTx(lease)), Ok(value)) => match lease.commit().await {
                Ok(()) => {
                    if access == Access::Write {
                        self.counters.commits.fetch_add(1, Relaxed);
                        self.counters.writes.fetch_add(1, Relaxed);
                    }
                    Ended::Over(Ok(value))
                }
                Err(CommitError::RolledBack(error)) => Ended::because_of(error),
                Err(CommitError::Unknown(_)) if access == Access::Read => Ended::Over(Ok(value)),
                Err(CommitError::Unknown(error)) => {
                    Ended::Over(Err(StoreError::UnknownOutcome(Arc::new(error)).into()))
                }
            },
            (Tx::Pg(PgTx(lease)), Err(error)) => {
                let is_alive = lease.rollback().await;
                Ended::after(error, is_alive)
            }
            (Tx::Sqlite(SqliteTx(SqliteLease::Writer(loan))), Ok(value)) => match loan.keep().await {
                Ok(()) => Ended::Over(Ok(value)),
                Err(error) => Ended::Over(Err(error.into())),
            },
            (Tx::Sqlite(SqliteTx(SqliteLease::Writer(loan))), Err(error)) => {
                loan.undo();
                Ended::after(error, true)
            }
            (Tx::Sqlite(SqliteTx(SqliteLease::Reader(mut session))), result) => {
                SqliteLease::end_read(&mut session).await;
                match result {
                    Ok(value) => Ended::Over(Ok(value)),
                    Err(error) => Ended::after(error, true),
                }
            }
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("kind", &self.kind()).finish_non_exhaustive()
    }
}

/// How one attempt ended.
enum Ended<T, E> {
    Over(Result<T, E>),
    Again(E),
}

impl<T, E: TxError> Ended<T, E> {
    fn because_of(error: StoreError) -> Ended<T, E> {
        match error.is_retryable() {
            true => Ended::Again(error.into()),
            false => Ended::Over(Err(error.into())),
        }
    }

    /// After a body failed with `error`. Any store error counts as a lost connection when the connection did not live to
    /// roll back: a server that shuts down says so in its own words.
    fn after(error: E, is_alive: bool) -> Ended<T, E> {
        match error.store_error() {
            Some(cause) if cause.is_retryable() || !is_alive => Ended::Again(error),
            _ => Ended::Over(Err(error)),
        }
    }
}

/// 5, 10, 20, 40 ms, each up to twice as long, so that those who collided do not meet again.
fn pause_after(attempt: u32) -> Duration {
    let base_us = 5_000 << (attempt - 1).min(6);
    // Seeded by the operating system. It decides nothing that anybody could see in a result, so no entropy is passed in.
    let jitter_us = RandomState::new().hash_one(attempt) % base_us;
    Duration::from_micros(base_us + jitter_us)
}
