//! The server database: a pool of connections, a transaction on each.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use diesel_async::pooled_connection::PoolableConnection;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use tokio::runtime::Handle;
use tokio::time::Instant;
use tokio_postgres::NoTls;
use tokio_postgres::config::{Config, SslMode};

use crate::error::StoreError;
use crate::pool::{self, Session};
use crate::store::{Access, StoreConfig};
use crate::url::redacted;

/// What every session starts with. A transaction spans no outgoing call, so seconds are long; a transaction that a dead
/// client left behind must not hold its locks.
///
/// An acknowledged write is durable even where the server's default is not to wait for the disk; a stronger setting than
/// `on` (waiting for standbys) stays.
const SESSION: &str = "SET statement_timeout = '30s'; SET lock_timeout = '10s'; \
     SET idle_in_transaction_session_timeout = '60s'; \
     SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/// READ COMMITTED for writes: state changes are guarded by the statement itself (compare-and-set on state, version or
/// lease; uniqueness by key), which holds at this level and on every shard, where a stricter one would make unrelated
/// writers of one organisation repeat each other's work.
const BEGIN_WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

/// One snapshot for all statements of a read, as on SQLite.
const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// How soon a server that cannot be reached is tried again. The pool's own pauses double up to half the time that a caller
/// waits: a server that is back would be found seconds later.
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(200);

/// One PostgreSQL database.
pub(crate) struct Postgres {
    pool: bb8::Pool<Connections>,
}

impl Postgres {
    pub(crate) async fn open(config: &StoreConfig) -> Result<Postgres, StoreError> {
        let manager = Connections {
            config: parse(&config.database_url)?,
            runtime: Handle::current(),
            patience: config.acquire_timeout,
            #[cfg(feature = "test-db")]
            statements: config.statements.clone(),
        };
        // The first connection tells plainly what is wrong; the pool would only say that its time was over.
        let first = manager.connect_once().await?;
        let pool = pool::builder(config.postgres_connections, config.acquire_timeout)
            .test_on_check_out(true)
            .build_unchecked(manager);
        // A pool of one that is already connecting refuses it, which costs nothing but the connection.
        let _ = pool.add(first);
        Ok(Postgres { pool })
    }

    pub(crate) async fn begin(&self, access: Access) -> Result<PgLease, StoreError> {
        let mut session = pool::take(&self.pool).await?;
        session.in_transaction = true;
        let begin = match access {
            Access::Write => BEGIN_WRITE,
            Access::Read => BEGIN_READ,
        };
        // A healthy server has no reason to refuse it: the farewell of one that restarted is read here.
        match session.conn.batch_execute(begin).await {
            Ok(()) => Ok(PgLease(session)),
            Err(error) => Err(StoreError::ConnectionLost(Arc::new(error))),
        }
    }
}

/// A connection with an open transaction; dropped, it is closed and the server rolls back.
pub(crate) struct PgLease(bb8::PooledConnection<'static, Connections>);

/// How a COMMIT failed.
pub(crate) enum CommitError {
    /// The server said no: nothing was written.
    RolledBack(StoreError),
    /// The answer did not arrive.
    Unknown(diesel::result::Error),
}

impl PgLease {
    pub(crate) fn conn(&mut self) -> &mut AsyncPgConnection {
        &mut self.0.conn
    }

    /// Commits, unless a statement failed before.
    pub(crate) async fn commit(mut self) -> Result<(), CommitError> {
        // PostgreSQL answers the COMMIT of a failed transaction with a quiet ROLLBACK. The SELECT fails there, and the
        // COMMIT behind it is not run.
        match self.0.conn.batch_execute("SELECT 1; COMMIT").await {
            Ok(()) => {
                self.0.in_transaction = false;
                Ok(())
            }
            // Only a server that still talks has said no.
            Err(error) => match self.rollback().await {
                true => Err(CommitError::RolledBack(error.into())),
                false => Err(CommitError::Unknown(error)),
            },
        }
    }

    /// Rolls back; `false` when the connection did not survive.
    pub(crate) async fn rollback(mut self) -> bool {
        let is_alive = self.0.conn.batch_execute("ROLLBACK").await.is_ok();
        self.0.in_transaction = !is_alive;
        is_alive
    }
}

pub(crate) struct Connections {
    config: Config,
    runtime: Handle,
    /// How long one connection is tried for.
    patience: Duration,
    #[cfg(feature = "test-db")]
    statements: Option<crate::test_db::Statements>,
}

impl Connections {
    /// Connects on the store's own runtime: each connection has a task there that must outlive the caller's runtime.
    async fn connect_once(&self) -> Result<Session<AsyncPgConnection>, StoreError> {
        let config = self.config.clone();
        let connecting = self.runtime.spawn(async move {
            let (client, connection) = config
                .connect(NoTls)
                .await
                .map_err(|error| StoreError::unavailable("cannot connect to PostgreSQL", error))?;
            let mut conn = AsyncPgConnection::try_from_client_and_connection(client, connection)
                .await
                .map_err(|error| StoreError::unavailable("cannot set up a PostgreSQL session", error))?;
            conn.batch_execute(SESSION).await?;
            // Untranslated messages in logs; only some roles may ask for it.
            let _ = conn.batch_execute("SET lc_messages = 'C'").await;
            Ok(Session::new(conn))
        });
        let session: Result<Session<AsyncPgConnection>, StoreError> =
            connecting.await.map_err(|error| StoreError::unavailable("connecting was stopped", error))?;
        #[cfg(feature = "test-db")]
        if let Some(statements) = &self.statements {
            return session.map(|mut session| {
                diesel_async::AsyncConnection::set_instrumentation(&mut session.conn, statements.recorder());
                session
            });
        }
        session
    }
}

impl bb8::ManageConnection for Connections {
    type Connection = Session<AsyncPgConnection>;
    type Error = StoreError;

    /// Tries for as long as a caller waits: a server that restarts is away for seconds.
    async fn connect(&self) -> Result<Self::Connection, StoreError> {
        let mut outcome = self.connect_once().await;
        if let Err(error) = &outcome {
            // Told once: an outage has many attempts.
            pool::warn_of(error);
        }
        let deadline = Instant::now() + self.patience;
        while outcome.is_err() && Instant::now() < deadline {
            tokio::time::sleep(BETWEEN_ATTEMPTS).await;
            outcome = self.connect_once().await;
        }
        outcome
    }

    /// Asks the socket only, not the server: what dies on the way is found by the first statement, and the body run again.
    async fn is_valid(&self, session: &mut Self::Connection) -> Result<(), StoreError> {
        match session.conn.is_broken() {
            true => Err(StoreError::Unavailable { what: "the connection was closed".into(), source: None }),
            false => Ok(()),
        }
    }

    fn has_broken(&self, session: &mut Self::Connection) -> bool {
        session.in_transaction || session.conn.is_broken()
    }
}

fn parse(url: &str) -> Result<Config, StoreError> {
    let refuse = |reason: String| StoreError::Config { url: redacted(url), reason: reason.into() };
    const NO_TLS: &str = "TLS to PostgreSQL is not available yet (`sslmode` must be `disable` or `prefer`)";
    if ["sslmode=verify", "sslmode=allow"].iter().any(|mode| url.contains(mode)) {
        return Err(refuse(NO_TLS.to_owned()));
    }
    // The parser's own messages quote no values.
    let mut config = Config::from_str(url).map_err(|error| match std::error::Error::source(&error) {
        Some(cause) => refuse(format!("{error}: {cause}")),
        None => refuse(error.to_string()),
    })?;
    if config.get_ssl_mode() == SslMode::Require {
        return Err(refuse(NO_TLS.to_owned()));
    }
    if config.get_application_name().is_none() {
        config.application_name("routemate");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(5));
    }
    config.keepalives_idle(Duration::from_secs(30)).keepalives_interval(Duration::from_secs(10)).keepalives_retries(3);
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(Duration::from_secs(60));
    }
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encrypted_connections_are_refused_in_words() {
        for mode in ["require", "verify-full", "verify-ca"] {
            let error = parse(&format!("postgres://u:secret@h/db?sslmode={mode}")).unwrap_err().to_string();
            assert!(error.contains("TLS to PostgreSQL is not available yet"), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
        assert!(parse("postgres://h/db?sslmode=prefer").is_ok());
        assert!(parse("postgres://h/db").is_ok());
    }

    #[test]
    fn malformed_urls_are_refused_without_their_password() {
        let error = parse("postgres://u:secret@h:port/db").unwrap_err().to_string();
        assert!(error.contains("`postgres://u:***@h:port/db`"), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}
