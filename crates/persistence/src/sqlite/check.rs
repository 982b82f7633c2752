//! Looks into an SQLite file without changing it, and writes a copy of one that is in use.

use std::path::Path;
use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::sqlite::SqliteConnection;
use diesel::{Connection, QueryableByName, RunQueryDsl};

use super::{JournalMode, utf8};
use crate::error::StoreError;
use crate::migrations::Migrations;

/// What an SQLite file holds and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileReport {
    /// Whose database it is.
    pub owner: FileOwner,
    /// What SQLite found to be damaged, and references that lead nowhere; at most a hundred of each.
    pub problems: Vec<String>,
    /// Migrations of this release that it lacks.
    pub pending: Vec<String>,
    /// Versions of migrations that this release does not know.
    pub unknown: Vec<String>,
    /// Organisations in it.
    pub organizations: i64,
    /// Jobs in it.
    pub jobs: i64,
}

/// Whose database a file is, as its tables tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileOwner {
    /// It has no tables.
    Nobody,
    /// It has had our migrations.
    Us,
    /// It has other tables and none of ours.
    Another,
}

/// How closely a file is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thoroughness {
    /// Every page is read, but not whether indexes hold what their tables do.
    Quick,
    /// Everything, references between tables included.
    Whole,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct LostReference {
    #[diesel(sql_type = Text)]
    child: String,
    #[diesel(sql_type = Text)]
    target: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    row: Option<i64>,
}

/// Looks into a file, which may be in use. Blocks; reads the whole file.
///
/// # Errors
/// [`StoreError::Unavailable`] where it cannot be opened or is no SQLite file; what is damaged in one is in the report.
pub fn check_file(path: &Path, thoroughness: Thoroughness) -> Result<FileReport, StoreError> {
    let unreadable = |error: diesel::result::Error| {
        StoreError::unavailable(format!("cannot read `{}` as a database", path.display()), error)
    };
    let mut conn = open(path)?;
    let pragma = match thoroughness {
        Thoroughness::Quick => "SELECT quick_check AS line FROM pragma_quick_check",
        Thoroughness::Whole => "SELECT integrity_check AS line FROM pragma_integrity_check",
    };
    let said: Vec<Line> = diesel::sql_query(pragma).load(&mut conn).map_err(unreadable)?;
    let mut problems: Vec<String> = said.into_iter().map(|row| row.line).filter(|line| line != "ok").collect();
    if thoroughness == Thoroughness::Whole && problems.is_empty() {
        let sql = "SELECT \"table\" AS child, parent AS target, rowid AS row FROM pragma_foreign_key_check LIMIT 100";
        let lost: Vec<LostReference> = diesel::sql_query(sql).load(&mut conn).map_err(unreadable)?;
        problems.extend(lost.into_iter().map(|lost| {
            let row = lost.row.map_or_else(String::new, |row| format!(" {row}"));
            format!("row{row} of `{}` refers to nothing in `{}`", lost.child, lost.target)
        }));
    }
    let has = |conn: &mut SqliteConnection, table: &str| -> Result<bool, StoreError> {
        let sql = "SELECT count(*) AS count FROM sqlite_master WHERE type = 'table' AND name = ?";
        let found: Count = diesel::sql_query(sql).bind::<Text, _>(table).get_result(conn).map_err(unreadable)?;
        Ok(found.count > 0)
    };
    let rows = |conn: &mut SqliteConnection, table: &str| -> Result<i64, StoreError> {
        if !has(conn, table)? {
            return Ok(0);
        }
        let sql = format!("SELECT count(*) AS count FROM {table}");
        Ok(diesel::sql_query(sql).get_result::<Count>(conn).map_err(unreadable)?.count)
    };
    let mut versions: Vec<Line> = Vec::new();
    if has(&mut conn, "__diesel_schema_migrations")? {
        let sql = "SELECT version AS line FROM __diesel_schema_migrations ORDER BY version";
        versions = diesel::sql_query(sql).load(&mut conn).map_err(unreadable)?;
    }
    let tables: Count = diesel::sql_query("SELECT count(*) AS count FROM sqlite_master WHERE type = 'table'")
        .get_result(&mut conn)
        .map_err(unreadable)?;
    let owner = match (tables.count, has(&mut conn, "organizations")?) {
        (0, _) => FileOwner::Nobody,
        (_, true) if !versions.is_empty() => FileOwner::Us,
        _ => FileOwner::Another,
    };
    let versions: Vec<String> = versions.into_iter().map(|row| row.line).collect();
    let known = Migrations::embedded()?;
    let pending = known.iter().filter(|migration| !versions.iter().any(|version| version == migration.version()));
    let is_unknown = |version: &&String| !known.iter().any(|migration| migration.version() == version.as_str());
    Ok(FileReport {
        owner,
        problems,
        pending: pending.map(|migration| migration.name().to_owned()).collect(),
        unknown: versions.iter().filter(is_unknown).cloned().collect(),
        organizations: rows(&mut conn, "organizations")?,
        jobs: rows(&mut conn, "jobs")?,
    })
}

/// Writes what the database holds at one moment into `target`, which has to be empty or not there, while others go on
/// reading and writing. Blocks; not on the disk for sure until it is synced.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub fn copy_database(path: &Path, target: &Path) -> Result<(), StoreError> {
    let mut conn = open(path)?;
    let copied = diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(utf8(target)?).execute(&mut conn);
    copied.map(drop).map_err(|error| {
        StoreError::unavailable(format!("cannot copy `{}` to `{}`", path.display(), target.display()), error)
    })
}

/// Moves what is in the write-ahead log into the file, so that the file alone is the whole database. Blocks.
///
/// # Errors
/// [`StoreError::Unavailable`] where somebody has it open.
pub fn settle_file(path: &Path) -> Result<(), StoreError> {
    let what = || format!("`{}` cannot be put away", path.display());
    let mut conn = open(path)?;
    // Leaving this mode takes the file for this connection alone, and removes the log.
    let mode: JournalMode = diesel::sql_query("PRAGMA journal_mode = DELETE")
        .get_result(&mut conn)
        .map_err(|error| StoreError::unavailable(what(), error))?;
    match mode.journal_mode.as_str() {
        "delete" => Ok(()),
        _ => Err(StoreError::Unavailable { what: what().into(), source: None }),
    }
}

fn open(path: &Path) -> Result<SqliteConnection, StoreError> {
    let unopened = |source: Box<dyn std::error::Error + Send + Sync>| StoreError::Unavailable {
        what: format!("cannot open `{}`", path.display()).into(),
        source: Some(Arc::from(source)),
    };
    if !path.is_file() {
        return Err(unopened("there is no such file".into()));
    }
    let mut conn = SqliteConnection::establish(utf8(path)?).map_err(|error| unopened(error.into()))?;
    conn.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA trusted_schema = OFF")
        .map_err(|error| unopened(error.into()))?;
    Ok(conn)
}
