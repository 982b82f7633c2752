//! The embedded database: one writing connection with group commit, a pool of reading ones.

mod blocking;
pub(crate) mod check;
mod file;
mod writer;

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use diesel::sqlite::SqliteConnection;
use diesel::{Connection, QueryableByName};
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use tokio::runtime::Handle;

use self::blocking::Blocking;
pub(crate) use self::writer::Loan;
use self::writer::Writer;
use crate::error::StoreError;
use crate::pool::{self, Session};
use crate::store::{Counters, StoreConfig};

/// A connection whose statements run on the runtime's blocking threads.
pub(crate) type SqliteConn = SyncConnectionWrapper<SqliteConnection, Blocking>;

/// One SQLite file.
pub(crate) struct Sqlite {
    readers: bb8::Pool<Readers>,
    writer: Writer,
}

impl Sqlite {
    pub(crate) async fn open(config: &StoreConfig, counters: Arc<Counters>) -> Result<Sqlite, StoreError> {
        let path = file::path_of(&config.database_url)?;
        file::prepare(&path)
            .map_err(|error| StoreError::unavailable(format!("cannot create `{}`", path.display()), error))?;
        let opener = Opener {
            path,
            busy_timeout: config.busy_timeout,
            runtime: Handle::current(),
            #[cfg(feature = "test-db")]
            statements: config.statements.clone(),
        };
        let writer = Writer::start(opener.clone(), counters).await?;
        let readers = pool::builder(config.sqlite_readers, config.acquire_timeout)
            // A file does not go away as a server does.
            .test_on_check_out(false)
            .max_lifetime(None)
            .idle_timeout(None)
            .build_unchecked(Readers(opener));
        Ok(Sqlite { readers, writer })
    }

    pub(crate) fn path_of(database_url: &str) -> Result<PathBuf, StoreError> {
        file::path_of(database_url)
    }

    pub(crate) async fn begin_write(&self) -> Result<SqliteLease, StoreError> {
        self.writer.begin().await.map(SqliteLease::Writer)
    }

    pub(crate) async fn begin_read(&self) -> Result<SqliteLease, StoreError> {
        let mut session = pool::take(&self.readers).await?;
        session.in_transaction = true;
        session.conn.batch_execute("BEGIN").await?;
        Ok(SqliteLease::Reader(session))
    }

    pub(crate) async fn checkpoint(&self) -> Result<(), StoreError> {
        self.writer.checkpoint().await
    }

    pub(crate) async fn close(&self) -> Result<(), StoreError> {
        self.writer.close().await
    }
}

/// The right to use a connection until the transaction ends.
pub(crate) enum SqliteLease {
    Writer(Loan),
    Reader(bb8::PooledConnection<'static, Readers>),
}

impl SqliteLease {
    pub(crate) fn conn(&mut self) -> &mut SqliteConn {
        match self {
            SqliteLease::Writer(loan) => loan.conn(),
            SqliteLease::Reader(session) => &mut session.conn,
        }
    }

    /// Ends a reading transaction; one that does not end cleanly takes its connection with it.
    pub(crate) async fn end_read(session: &mut Session<SqliteConn>) {
        if session.conn.batch_execute("COMMIT").await.is_ok() {
            session.in_transaction = false;
        }
    }
}

pub(crate) struct Readers(Opener);

impl bb8::ManageConnection for Readers {
    type Connection = Session<SqliteConn>;
    type Error = StoreError;

    async fn connect(&self) -> Result<Self::Connection, StoreError> {
        let mut conn = self.0.open().await?;
        conn.batch_execute("PRAGMA query_only = ON").await?;
        Ok(Session::new(conn))
    }

    async fn is_valid(&self, _: &mut Self::Connection) -> Result<(), StoreError> {
        Ok(())
    }

    fn has_broken(&self, session: &mut Self::Connection) -> bool {
        session.in_transaction
    }
}

/// Opens connections to one file, always on the same runtime.
#[derive(Clone)]
struct Opener {
    path: PathBuf,
    busy_timeout: Duration,
    runtime: Handle,
    #[cfg(feature = "test-db")]
    statements: Option<crate::test_db::Statements>,
}

#[derive(QueryableByName)]
struct JournalMode {
    #[diesel(sql_type = diesel::sql_types::Text)]
    journal_mode: String,
}

impl Opener {
    async fn open(&self) -> Result<SqliteConn, StoreError> {
        let url = utf8(&self.path)?.to_owned();
        let connection = self
            .runtime
            .spawn_blocking(move || SqliteConnection::establish(&url))
            .await
            .map_err(|error| StoreError::unavailable("opening the database file was stopped", error))?
            .map_err(|error| StoreError::unavailable(format!("cannot open `{}`", self.path.display()), error))?;
        let mut conn = SqliteConn::with_runtime(connection, Blocking(self.runtime.clone()));
        #[cfg(feature = "test-db")]
        if let Some(statements) = &self.statements {
            diesel_async::AsyncConnection::set_instrumentation(&mut conn, statements.recorder());
        }
        // The cache is 8 MiB a connection. Memory mapping stays off: an I/O error would arrive as SIGBUS.
        let pragmas = format!(
            "PRAGMA busy_timeout = {}; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; \
             PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 67108864",
            self.busy_timeout.as_millis()
        );
        conn.batch_execute(&pragmas).await.map_err(|error| self.unusable(error))?;
        Ok(conn)
    }

    /// What is wrong with the file: that it is read-only, or none of SQLite's.
    fn unusable(&self, error: diesel::result::Error) -> StoreError {
        match StoreError::from(error) {
            StoreError::Query(cause) => StoreError::Unavailable {
                what: format!("cannot use `{}`", self.path.display()).into(),
                source: Some(cause),
            },
            other => other,
        }
    }

    /// Opens the writer's connection and sees to it that the file is in WAL mode.
    async fn open_writer(&self) -> Result<SqliteConn, StoreError> {
        let mut conn = self.open().await?;
        let mode = diesel::sql_query("PRAGMA journal_mode = WAL").get_result(&mut conn).await;
        let mode: JournalMode = mode.map_err(|error| self.unusable(error))?;
        if mode.journal_mode != "wal" {
            return Err(StoreError::Config {
                url: format!("sqlite://{}", self.path.display()),
                reason: "its file system does not allow write-ahead logging (a network share?)".into(),
            });
        }
        Ok(conn)
    }
}

fn utf8(path: &Path) -> Result<&str, StoreError> {
    path.to_str().ok_or_else(|| StoreError::Config {
        url: format!("sqlite://{}", path.display()),
        reason: "the path is not UTF-8".into(),
    })
}

#[cfg(test)]
mod tests {
    use diesel::RunQueryDsl;

    use super::*;

    #[derive(QueryableByName)]
    struct CompileOption {
        #[diesel(sql_type = diesel::sql_types::Text)]
        compile_options: String,
    }

    /// The workspace's `.cargo/config.toml` says why.
    #[test]
    fn sqlite_is_built_as_the_workspace_wants_it() {
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        let options: Vec<CompileOption> = diesel::sql_query("PRAGMA compile_options").load(&mut conn).unwrap();
        let has = |name: &str| options.iter().any(|option| option.compile_options == name);
        assert!(has("ENABLE_QPSG") && has("DEFAULT_MEMSTATUS=0") && !has("ENABLE_MEMORY_MANAGEMENT"));
    }
}
