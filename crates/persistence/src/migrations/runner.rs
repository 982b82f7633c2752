//! Applies and reverts migrations, one migrator at a time.

use std::sync::Arc;

use diesel::sql_types::{BigInt, Text};
use diesel::{OptionalExtension, QueryableByName};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Migration, Migrations};
use crate::error::StoreError;
use crate::store::{DatabaseKind, Store};
use crate::tx::{Tx, on};

/// What the runner needs before anything else. The default that Diesel gives `run_on` is left out: times are bound.
const BOOKKEEPING: [&str; 3] = [
    "CREATE TABLE IF NOT EXISTS __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL)",
    "CREATE TABLE IF NOT EXISTS migration_lease (id INTEGER PRIMARY KEY NOT NULL, owner TEXT NOT NULL, taken_at TIMESTAMP NOT NULL)",
    "INSERT INTO migration_lease (id, owner, taken_at) VALUES (1, '', '1970-01-01 00:00:00') ON CONFLICT (id) DO NOTHING",
];

/// How often a migrator tries to get past another one. On SQLite each time lasts at least the busy timeout; PostgreSQL
/// waits on its own.
const PATIENCE: u32 = 100;

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

struct Step<'a> {
    migration: &'a Migration,
    direction: Direction,
    now: Timestamp,
    owner: &'a str,
}

pub(super) async fn apply(
    migrations: &Migrations,
    store: &Store,
    now: Timestamp,
    owner: &str,
) -> Result<Vec<String>, StoreError> {
    let recorded = recorded(store).await?;
    for version in newer(migrations, &recorded) {
        // A release runs on the schema of the next one, so this is not an error.
        tracing::warn!(db.migration = %version, "the database has migration `{version}` of a newer release");
    }
    let missing: Vec<&Migration> =
        migrations.iter().filter(|migration| !recorded.contains(&migration.version)).collect();
    if !missing.is_empty() {
        prepare(store).await?;
    }
    let mut applied = Vec::new();
    for migration in missing {
        let step = Step { migration, direction: Direction::Up, now, owner };
        if take(store, &step).await? {
            tracing::info!(db.migration = %migration.name, "migration `{}` was applied", migration.name);
            applied.push(migration.name.clone());
        }
    }
    Ok(applied)
}

pub(super) async fn pending(migrations: &Migrations, store: &Store) -> Result<Vec<String>, StoreError> {
    let recorded = recorded(store).await?;
    let lacks = |migration: &&Migration| !recorded.contains(&migration.version);
    Ok(migrations.iter().filter(lacks).map(|migration| migration.name.clone()).collect())
}

pub(super) async fn unknown(migrations: &Migrations, store: &Store) -> Result<Vec<String>, StoreError> {
    Ok(newer(migrations, &recorded(store).await?).cloned().collect())
}

/// Those of a newer release.
fn newer<'r>(migrations: &Migrations, recorded: &'r [String]) -> impl Iterator<Item = &'r String> {
    recorded.iter().filter(|version| !migrations.iter().any(|known| known.version == **version))
}

pub(super) async fn revert_all(
    migrations: &Migrations,
    store: &Store,
    now: Timestamp,
    owner: &str,
) -> Result<Vec<String>, StoreError> {
    let recorded = recorded(store).await?;
    let mut reverted = Vec::new();
    for migration in migrations.all.iter().rev().filter(|migration| recorded.contains(&migration.version)) {
        if take(store, &Step { migration, direction: Direction::Down, now, owner }).await? {
            reverted.push(migration.name.clone());
        }
    }
    Ok(reverted)
}

/// The versions that `store` has, none where nothing was ever migrated.
async fn recorded(store: &Store) -> Result<Vec<String>, StoreError> {
    store
        .read(&(), |tx, ()| {
            Box::pin(async move {
                if !has_bookkeeping(tx).await? {
                    return Ok(Vec::new());
                }
                let versions: Vec<Version> = on!(tx, c => {
                    diesel::sql_query("SELECT version FROM __diesel_schema_migrations ORDER BY version").load(c).await
                })?;
                Ok(versions.into_iter().map(|row| row.version).collect())
            })
        })
        .await
}

async fn has_bookkeeping(tx: &mut Tx) -> Result<bool, StoreError> {
    let found: Count = on!(
        tx,
        pg c => diesel::sql_query(
            "SELECT count(*) AS count FROM pg_catalog.pg_class WHERE oid = to_regclass('__diesel_schema_migrations')",
        )
        .get_result(c)
        .await,
        sqlite c => diesel::sql_query(
            "SELECT count(*) AS count FROM sqlite_master WHERE type = 'table' AND name = '__diesel_schema_migrations'",
        )
        .get_result(c)
        .await
    )?;
    Ok(found.count > 0)
}

/// Creates what the runner itself needs.
async fn prepare(store: &Store) -> Result<(), StoreError> {
    patiently(|| async {
        let created: Result<(), StoreError> = store
            .write(&(), |tx, ()| {
                Box::pin(async move {
                    for statement in BOOKKEEPING {
                        execute(tx, statement).await?;
                    }
                    Ok(())
                })
            })
            .await;
        match created {
            // Two that create the tables at the same moment collide in PostgreSQL's catalogue.
            Err(StoreError::UniqueViolation(cause)) => Err(StoreError::Contended(cause)),
            created => created,
        }
    })
    .await
}

/// Takes one step unless another migrator has taken it, and says whether it did.
async fn take(store: &Store, step: &Step<'_>) -> Result<bool, StoreError> {
    let kind = store.kind();
    let outcome = patiently(|| store.write(step, |tx, step| Box::pin(take_in(tx, kind, step)))).await;
    outcome.map_err(|error| match error {
        error @ (StoreError::Query(_) | StoreError::UniqueViolation(_)) => {
            StoreError::migration(&step.migration.name, error)
        }
        error => error,
    })
}

/// Tries again as long as another process stands in the way.
async fn patiently<T, F>(mut attempt: impl FnMut() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut tries = 1;
    loop {
        match attempt().await {
            Err(StoreError::Contended(_)) if tries < PATIENCE => {
                tracing::info!(db.tries = tries, "waiting for another process that holds the database");
                tries += 1;
            }
            outcome => return outcome,
        }
    }
}

async fn take_in(tx: &mut Tx, kind: DatabaseKind, step: &Step<'_>) -> Result<bool, StoreError> {
    if kind == DatabaseKind::Postgres {
        execute(tx, "SET LOCAL statement_timeout = 0").await?;
        execute(tx, "SET LOCAL lock_timeout = 0").await?;
    }
    lease(tx, step).await?;
    if is_recorded(tx, &step.migration.version).await? == (step.direction == Direction::Up) {
        return Ok(false);
    }
    let statements = step.migration.on(kind);
    let statements = match step.direction {
        Direction::Up => &statements.up,
        Direction::Down => &statements.down,
    };
    for statement in statements {
        execute(tx, statement).await?;
    }
    record(tx, step).await?;
    Ok(true)
}

/// Writes this migrator into the lease row, whose lock keeps every other one waiting until this transaction ends. A lease
/// that outlived its holder would need a clock and somebody to clear it away.
async fn lease(tx: &mut Tx, step: &Step<'_>) -> Result<(), StoreError> {
    let sql = format!("UPDATE migration_lease SET taken_at = '{}', owner = ", sql_time(step.now));
    on!(
        tx,
        pg c => diesel::sql_query(format!("{sql}$1 WHERE id = 1")).bind::<Text, _>(step.owner).execute(c).await,
        sqlite c => diesel::sql_query(format!("{sql}? WHERE id = 1")).bind::<Text, _>(step.owner.to_owned()).execute(c).await
    )?;
    Ok(())
}

async fn is_recorded(tx: &mut Tx, version: &str) -> Result<bool, StoreError> {
    let sql = format!("SELECT version FROM __diesel_schema_migrations WHERE version = '{version}'");
    let found: Option<Version> = on!(tx, c => diesel::sql_query(sql).get_result(c).await.optional())?;
    Ok(found.is_some())
}

/// Versions are digits, so they may stand in the text.
async fn record(tx: &mut Tx, step: &Step<'_>) -> Result<(), StoreError> {
    let version = &step.migration.version;
    let sql = match step.direction {
        Direction::Up => format!(
            "INSERT INTO __diesel_schema_migrations (version, run_on) VALUES ('{version}', '{}')",
            sql_time(step.now)
        ),
        Direction::Down => format!("DELETE FROM __diesel_schema_migrations WHERE version = '{version}'"),
    };
    execute(tx, &sql).await
}

async fn execute(tx: &mut Tx, sql: &str) -> Result<(), StoreError> {
    on!(tx, c => c.batch_execute(sql).await).map_err(|error| match StoreError::from(error) {
        StoreError::Query(cause) => StoreError::Query(Arc::new(Statement { sql: sql.trim().to_owned(), cause })),
        error => error,
    })
}

/// A statement that failed, so that a chain of causes shows which.
#[derive(Debug, thiserror::Error)]
#[error("statement `{sql}`")]
struct Statement {
    sql: String,
    #[source]
    cause: crate::error::Cause,
}

fn sql_time(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S").to_string()
}
