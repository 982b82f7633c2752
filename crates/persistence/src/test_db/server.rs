//! Databases on the tests' PostgreSQL server.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write as _;
use std::sync::Once;

use tokio_postgres::NoTls;

use super::{Fresh, migrate, unique};
use crate::migrations::Migrations;
use crate::store::{DatabaseKind, Store, StoreConfig};

/// The variable that names the server; its user may create databases.
const URL_VARIABLE: &str = "ROUTEMATE_TEST_POSTGRES_URL";

/// One database, dropped with this value.
#[derive(Debug)]
pub(super) struct Database {
    server_url: String,
    name: String,
}

impl Database {
    /// A new database, or `None` where no server is named.
    pub(super) async fn create(fresh: Fresh) -> Option<Database> {
        #[expect(clippy::disallowed_methods, reason = "the edge of the tests: nothing else can tell them")]
        let server_url = std::env::var(URL_VARIABLE).ok().filter(|url| !url.is_empty());
        let Some(server_url) = server_url else {
            say_skipped();
            return None;
        };
        let database = Database { name: format!("routemate_test_{:016x}", unique()), server_url };
        let admin = Admin::connect(&database.server_url).await;
        let template = match fresh {
            Fresh::Bare => "template0".to_owned(),
            Fresh::Migrated => template(&admin, &database.server_url).await,
        };
        // Copied through the log: small templates take a fraction of what a file copy's two checkpoints cost.
        admin.execute(&format!("CREATE DATABASE {} TEMPLATE {template} STRATEGY wal_log", database.name)).await;
        Some(database)
    }

    pub(super) fn url(&self) -> String {
        url_of(&self.server_url, &self.name)
    }
}

impl Drop for Database {
    /// On a thread of its own, because it may be dropped on a runtime's.
    fn drop(&mut self) {
        let (server_url, name) = (self.server_url.clone(), self.name.clone());
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            if let Ok(runtime) = runtime {
                runtime.block_on(async {
                    let admin = Admin::connect(&server_url).await;
                    admin.wait_until_unused(&name).await;
                    admin.execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
                });
            }
        });
        if dropping.join().is_err() {
            eprintln!("the test database `{}` could not be dropped", self.name);
        }
    }
}

/// The name of a database that holds the migrated schema: made by the first test that needs it, copied by the others.
#[expect(clippy::expect_used, reason = "a test that cannot have its database has failed")]
async fn template(admin: &Admin, server_url: &str) -> String {
    let migrations = Migrations::embedded().expect("well-formed migrations");
    let mut hasher = DefaultHasher::new();
    for migration in migrations.iter() {
        migration.name().hash(&mut hasher);
        migration.statements_up(DatabaseKind::Postgres).hash(&mut hasher);
    }
    let name = format!("routemate_template_{:016x}", hasher.finish());
    let exists = format!("SELECT 1 FROM pg_database WHERE datname = '{name}'");
    if admin.has_rows(&exists).await {
        return name;
    }
    // Held until this session ends, also when the process is killed.
    admin.execute("SELECT pg_advisory_lock(72610021)").await;
    if !admin.has_rows(&exists).await {
        let unfinished = "routemate_template_unfinished";
        admin.execute(&format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)")).await;
        admin.execute(&format!("CREATE DATABASE {unfinished} TEMPLATE template0 STRATEGY wal_log")).await;
        let store = Store::open(&StoreConfig::new(url_of(server_url, unfinished))).await.expect("a PostgreSQL store");
        migrate(&store).await;
        drop(store);
        // The server waits up to five seconds for the store's connections to go.
        admin.execute(&format!("ALTER DATABASE {unfinished} RENAME TO {name}")).await;
    }
    admin.execute("SELECT pg_advisory_unlock(72610021)").await;
    name
}

/// Once per process, past the test harness, which shows what a test prints only when it fails.
fn say_skipped() {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        let _ = writeln!(std::io::stderr(), "SKIPPED on PostgreSQL: `{URL_VARIABLE}` is not set");
    });
}

fn url_of(server_url: &str, database: &str) -> String {
    let (before, options) = match server_url.split_once('?') {
        Some((before, options)) => (before, format!("?{options}")),
        None => (server_url, String::new()),
    };
    let authority_from = before.find("://").map_or(0, |at| at + 3);
    let (scheme, rest) = before.split_at(authority_from);
    let authority = rest.split('/').next().unwrap_or_default();
    format!("{scheme}{authority}/{database}{options}")
}

struct Admin(tokio_postgres::Client);

#[expect(clippy::expect_used, reason = "a test that cannot have its database has failed")]
impl Admin {
    async fn connect(server_url: &str) -> Admin {
        let (client, connection) =
            tokio_postgres::connect(server_url, NoTls).await.expect("a connection to the tests' PostgreSQL server");
        tokio::spawn(connection);
        Admin(client)
    }

    async fn execute(&self, sql: &str) {
        self.0.batch_execute(sql).await.expect(sql);
    }

    /// Gives connections that are just closing a moment to go: finding one, the server sleeps for 100 ms.
    async fn wait_until_unused(&self, database: &str) {
        let users = format!("SELECT 1 FROM pg_stat_activity WHERE datname = '{database}'");
        for _ in 0..100 {
            if !self.has_rows(&users).await {
                return;
            }
        }
    }

    async fn has_rows(&self, sql: &str) -> bool {
        !self.0.query(sql, &[]).await.expect(sql).is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::url_of;

    #[test]
    fn the_database_in_the_url_is_replaced() {
        let expected = "postgres://u@h:1/new";
        assert_eq!(url_of("postgres://u@h:1/postgres", "new"), expected);
        assert_eq!(url_of("postgres://u@h:1", "new"), expected);
        assert_eq!(url_of("postgres://u@h:1/?a=b", "new"), format!("{expected}?a=b"));
    }
}
