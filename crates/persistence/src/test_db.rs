//! A fresh database per test, on SQLite always and on PostgreSQL where `ROUTEMATE_TEST_POSTGRES_URL` names a server.

mod server;
mod statements;

use std::hash::{BuildHasher, RandomState};

use futures_util::future::LocalBoxFuture;
use jiff::Timestamp;

use self::server::Database;
pub use self::statements::Statements;
use crate::migrations::Migrations;
use crate::store::{DatabaseKind, Store, StoreConfig};
use crate::table_kinds::{SYSTEM_STATEMENTS, TABLES};

/// What a fresh database holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fresh {
    /// The product's schema.
    Migrated,
    /// Nothing.
    Bare,
}

/// A database of a test's own, gone when it is dropped.
#[derive(Debug)]
pub struct TestDb {
    // Before what it stands on: the connections close first.
    store: Store,
    config: StoreConfig,
    // Held for its `Drop`.
    _place: Place,
}

#[derive(Debug)]
enum Place {
    Folder { _held: tempfile::TempDir },
    Server { _held: Database },
}

#[expect(clippy::expect_used, reason = "a test that cannot have its database has failed")]
impl TestDb {
    /// A migrated SQLite file.
    pub async fn sqlite() -> TestDb {
        TestDb::sqlite_with(Fresh::Migrated).await
    }

    /// A migrated PostgreSQL database, or `None` where no server is named.
    pub async fn postgres() -> Option<TestDb> {
        TestDb::postgres_with(Fresh::Migrated).await
    }

    /// An SQLite file.
    pub async fn sqlite_with(fresh: Fresh) -> TestDb {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let config = watched(format!("sqlite://{}/test.db", folder.path().display()));
        let store = Store::open(&config).await.expect("an SQLite store");
        if fresh == Fresh::Migrated {
            migrate(&store).await;
        }
        TestDb { store, config, _place: Place::Folder { _held: folder } }
    }

    /// A PostgreSQL database, or `None`, and a line on standard error, where no server is named.
    pub async fn postgres_with(fresh: Fresh) -> Option<TestDb> {
        let database = Database::create(fresh).await?;
        let config = watched(database.url());
        let store = Store::open(&config).await.expect("a PostgreSQL store");
        Some(TestDb { store, config, _place: Place::Server { _held: database } })
    }

    /// The store on this database.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        &self.config.database_url
    }

    /// How its store was opened.
    pub fn config(&self) -> &StoreConfig {
        &self.config
    }

    /// Closes the store and opens the database anew, as a restart does.
    pub async fn reopen(&self) -> Store {
        self.store.close().await.expect("a store that closes");
        self.another_store().await
    }

    /// A second store beside the first, as another process has it.
    pub async fn another_store(&self) -> Store {
        Store::open(&self.config).await.expect("another store")
    }
}

#[expect(clippy::expect_used, reason = "a test that cannot have its database has failed")]
async fn migrate(store: &Store) {
    Migrations::embedded()
        .expect("well-formed migrations")
        .apply(store, Timestamp::UNIX_EPOCH, "test")
        .await
        .expect("migrations that apply");
}

impl Drop for TestDb {
    /// Fails a test that executed a statement on a tenant table which leaves the organisation out.
    #[expect(clippy::panic, reason = "how a test fails")]
    fn drop(&mut self) {
        let unscoped = self.config.statements.as_ref().map(|seen| seen.unscoped(TABLES, SYSTEM_STATEMENTS));
        if let Some(unscoped) = unscoped.filter(|unscoped| !unscoped.is_empty() && !std::thread::panicking()) {
            panic!(
                "statements on tenant tables without `organization_id = …` (a system query is to be listed in \
                 `table_kinds::SYSTEM_STATEMENTS`):\n{}",
                unscoped.join("\n")
            );
        }
    }
}

fn watched(url: String) -> StoreConfig {
    StoreConfig { statements: Some(Statements::default()), ..StoreConfig::new(url) }
}

/// A name part that no other test of any process has.
fn unique() -> u64 {
    RandomState::new().hash_one(std::process::id())
}

/// Runs one test on one kind of database, a PostgreSQL one where a server is named.
#[doc(hidden)]
#[expect(clippy::expect_used, reason = "a test that cannot have its runtime has failed")]
pub fn run(kind: DatabaseKind, fresh: Fresh, body: impl for<'t> FnOnce(&'t TestDb) -> LocalBoxFuture<'t, ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime for the test");
    runtime.block_on(async {
        let db = match kind {
            DatabaseKind::Sqlite => Some(TestDb::sqlite_with(fresh).await),
            DatabaseKind::Postgres => TestDb::postgres_with(fresh).await,
        };
        // Where there is none, that has been said.
        if let Some(db) = db {
            body(&db).await;
        }
    });
}

/// Makes each `async fn name(db: &TestDb) { … }` the two tests `name::sqlite` and `name::postgres`, on migrated databases
/// or, after a leading `bare`, on empty ones.
#[macro_export]
macro_rules! database_tests {
    (bare $($tests:tt)+) => { $crate::database_tests!(@Bare $($tests)+); };
    (@$fresh:ident $($(#[$meta:meta])* async fn $name:ident($db:ident: $db_type:ty) $body:block)+) => {
        $(
            #[cfg(test)]
            mod $name {
                #[allow(unused_imports)]
                use super::*;

                $(#[$meta])*
                async fn body($db: $db_type) $body

                #[test]
                fn sqlite() {
                    let kind = $crate::DatabaseKind::Sqlite;
                    $crate::test_db::run(kind, $crate::test_db::Fresh::$fresh, |db| Box::pin(body(db)));
                }

                #[test]
                fn postgres() {
                    let kind = $crate::DatabaseKind::Postgres;
                    $crate::test_db::run(kind, $crate::test_db::Fresh::$fresh, |db| Box::pin(body(db)));
                }
            }
        )+
    };
    ($($tests:tt)+) => { $crate::database_tests!(@Migrated $($tests)+); };
}
