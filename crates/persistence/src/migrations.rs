//! Embedded migrations: one statement per execute, one transaction per migration, one migrator at a time.
//!
//! A migration is a folder of the same name under `migrations/sqlite` and `migrations/postgres`, with `up.sql` and `down.sql`
//! whose statements are set apart by lines reading `-- statement` (Citus refuses several at once, and splitting at
//! semicolons would need a parser). What has been applied stands in `__diesel_schema_migrations`, as Diesel's own tools
//! would write it.

mod runner;

use std::sync::Arc;

use include_dir::{Dir, include_dir};
use jiff::Timestamp;

use crate::error::StoreError;
use crate::store::{DatabaseKind, Store};

static SQLITE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../migrations/sqlite");
static POSTGRES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../migrations/postgres");

/// The line that stands between two statements.
const MARKER: &str = "-- statement";

/// A list of migrations in the order they are applied.
#[derive(Debug, Clone)]
pub struct Migrations {
    all: Arc<[Migration]>,
}

/// One migration, for both databases.
#[derive(Debug, Clone)]
pub struct Migration {
    name: String,
    version: String,
    sqlite: Statements,
    postgres: Statements,
}

#[derive(Debug, Clone)]
struct Statements {
    up: Vec<String>,
    down: Vec<String>,
}

/// The text of one migration for one database.
#[derive(Debug, Clone, Copy)]
pub struct Script<'a> {
    /// The content of `up.sql`.
    pub up: &'a str,
    /// The content of `down.sql`.
    pub down: &'a str,
}

impl Migration {
    /// A migration named as its folder, `NUMBER_words`: what stands before the first `_`, less its dashes, is the
    /// version that is recorded.
    ///
    /// # Errors
    /// [`StoreError::Migration`] when the name has no version or a script has no statement.
    pub fn new(name: &str, sqlite: Script<'_>, postgres: Script<'_>) -> Result<Migration, StoreError> {
        let version = name.split('_').next().unwrap_or_default().replace('-', "");
        let is_version = !version.is_empty() && version.len() <= 50 && version.bytes().all(|b| b.is_ascii_digit());
        if !is_version {
            return Err(StoreError::migration(name, "its name does not begin with digits and `_`"));
        }
        let statements = |script: Script<'_>| -> Result<Statements, StoreError> {
            let statements = Statements { up: split(script.up), down: split(script.down) };
            match statements.up.is_empty() || statements.down.is_empty() {
                true => Err(StoreError::migration(name, "a script holds no statement")),
                false => Ok(statements),
            }
        };
        Ok(Migration { version, sqlite: statements(sqlite)?, postgres: statements(postgres)?, name: name.to_owned() })
    }

    /// The name of its folder.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is recorded of it.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What applies it, statement by statement.
    #[cfg(feature = "test-db")]
    pub(crate) fn statements_up(&self, kind: DatabaseKind) -> &[String] {
        &self.on(kind).up
    }

    fn on(&self, kind: DatabaseKind) -> &Statements {
        match kind {
            DatabaseKind::Sqlite => &self.sqlite,
            DatabaseKind::Postgres => &self.postgres,
        }
    }
}

impl Migrations {
    /// The product's own migrations, built into this binary.
    ///
    /// # Errors
    /// [`StoreError::Migration`] when a folder lacks its counterpart or a script.
    pub fn embedded() -> Result<Migrations, StoreError> {
        let names = |root: &Dir<'_>| -> Vec<String> {
            let mut names: Vec<String> = root.dirs().map(|dir| dir.path().display().to_string()).collect();
            names.sort();
            names
        };
        let (sqlite, postgres) = (names(&SQLITE), names(&POSTGRES));
        if let Some(name) = sqlite.iter().find(|name| !postgres.contains(name)) {
            return Err(StoreError::migration(name, "it has no counterpart for PostgreSQL"));
        }
        if let Some(name) = postgres.iter().find(|name| !sqlite.contains(name)) {
            return Err(StoreError::migration(name, "it has no counterpart for SQLite"));
        }
        let all = sqlite
            .iter()
            .map(|name| Migration::new(name, script(&SQLITE, name)?, script(&POSTGRES, name)?))
            .collect::<Result<Vec<_>, _>>()?;
        Migrations::new(all)
    }

    /// `all` in the order of their versions.
    ///
    /// # Errors
    /// [`StoreError::Migration`] when two have the same version.
    pub fn new(mut all: Vec<Migration>) -> Result<Migrations, StoreError> {
        all.sort_by(|a, b| a.version.cmp(&b.version));
        if let Some([_, second]) = all.array_windows().find(|[a, b]| a.version == b.version) {
            return Err(StoreError::migration(&second.name, "another one has the same version"));
        }
        Ok(Migrations { all: all.into() })
    }

    /// The migrations, first applied first.
    pub fn iter(&self) -> impl Iterator<Item = &Migration> {
        self.all.iter()
    }

    /// Applies what `store` lacks and names it; `owner` (host and process, say) is noted beside `now` for whoever waits.
    ///
    /// Of several processes that start at once, one migrates and the others wait and then find nothing to do.
    ///
    /// # Errors
    /// [`StoreError::Migration`] naming the one that failed; those before it stay, of itself nothing does.
    pub async fn apply(&self, store: &Store, now: Timestamp, owner: &str) -> Result<Vec<String>, StoreError> {
        runner::apply(self, store, now, owner).await
    }

    /// The names of those that `store` lacks.
    pub async fn pending(&self, store: &Store) -> Result<Vec<String>, StoreError> {
        runner::pending(self, store).await
    }

    /// The versions that `store` has had and that are not among these: those of a newer release.
    pub async fn unknown(&self, store: &Store) -> Result<Vec<String>, StoreError> {
        runner::unknown(self, store).await
    }

    /// Undoes all that are applied, last first, and names them.
    pub async fn revert_all(&self, store: &Store, now: Timestamp, owner: &str) -> Result<Vec<String>, StoreError> {
        runner::revert_all(self, store, now, owner).await
    }
}

/// Brings `store` up to this binary's schema; see [`Migrations::apply`].
pub async fn migrate(store: &Store, now: Timestamp, owner: &str) -> Result<Vec<String>, StoreError> {
    Migrations::embedded()?.apply(store, now, owner).await
}

fn script<'a>(root: &'a Dir<'_>, name: &str) -> Result<Script<'a>, StoreError> {
    let read = |file: &str| {
        root.get_file(format!("{name}/{file}"))
            .and_then(|file| file.contents_utf8())
            .ok_or_else(|| StoreError::migration(name, format!("`{file}` is missing or not UTF-8")))
    };
    Ok(Script { up: read("up.sql")?, down: read("down.sql")? })
}

/// The statements of `script`; a part that holds nothing but comments is none.
fn split(script: &str) -> Vec<String> {
    let mut statements = vec![String::new()];
    for line in script.lines() {
        if line.trim() == MARKER {
            statements.push(String::new());
        } else if let Some(statement) = statements.last_mut() {
            statement.push_str(line);
            statement.push('\n');
        }
    }
    let is_empty =
        |statement: &String| statement.lines().map(str::trim).all(|line| line.is_empty() || line.starts_with("--"));
    statements.retain(|statement| !is_empty(statement));
    statements
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Script<'_> = Script { up: "SELECT 1", down: "SELECT 1" };

    #[test]
    fn scripts_split_at_marker_lines_only() {
        let script = "-- A comment.\nCREATE TABLE a (b TEXT DEFAULT ';');\n  -- statement\nCREATE INDEX c ON a (b); -- statement\n\
                      -- statement\n-- nothing but this\n";
        assert_eq!(
            split(script),
            ["-- A comment.\nCREATE TABLE a (b TEXT DEFAULT ';');\n", "CREATE INDEX c ON a (b); -- statement\n"]
        );
    }

    #[test]
    fn versions_are_what_stands_before_the_first_underscore() {
        let migration = Migration::new("2025-11-21-000001_jobs_and_stops", NOTHING, NOTHING).unwrap();
        assert_eq!(migration.version, "20251121000001");
        assert!(Migration::new("jobs", NOTHING, NOTHING).is_err());
    }

    #[test]
    fn equal_versions_are_refused() {
        let migration = |name| Migration::new(name, NOTHING, NOTHING).unwrap();
        assert!(Migrations::new(vec![migration("1_a"), migration("0-1_b"), migration("01_c")]).is_err());
    }

    #[test]
    fn migrations_are_applied_in_the_order_of_their_versions() {
        let migration = |name| Migration::new(name, NOTHING, NOTHING).unwrap();
        let all = Migrations::new(vec![migration("0002_b"), migration("0001_a")]).unwrap();
        assert_eq!(all.iter().map(Migration::name).collect::<Vec<_>>(), ["0001_a", "0002_b"]);
    }

    #[test]
    fn the_embedded_migrations_execute_one_statement_at_a_time() {
        for migration in Migrations::embedded().unwrap().iter() {
            for statements in [&migration.sqlite, &migration.postgres] {
                let many = statements.up.iter().chain(&statements.down).find(|sql| sql.trim_end().contains(';'));
                assert_eq!(many, None, "{}", migration.name);
            }
        }
    }

    #[test]
    fn the_embedded_migrations_come_in_pairs() {
        Migrations::embedded().unwrap();
    }
}
