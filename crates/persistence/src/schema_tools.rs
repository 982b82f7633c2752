//! Looks at a live schema, compares the two databases' and writes `schema.rs` from what they share.

mod postgres;
mod render;
mod sqlite;

use crate::error::StoreError;
use crate::store::{DatabaseKind, Store};

pub use render::render;

/// Tables of the migration runner, which no query knows.
const BOOKKEEPING: [&str; 2] = ["__diesel_schema_migrations", "migration_lease"];

/// Diesel is built for this many columns; more would triple the time to compile it.
const MAX_COLUMNS: usize = 32;

/// The schema of one database, as its catalogue tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveSchema {
    /// The database that it was found in.
    pub kind: DatabaseKind,
    /// All tables but the migration runner's, by name.
    pub tables: Vec<LiveTable>,
    /// Sequences, triggers and stored functions, each as ``trigger `name` ``.
    pub machinery: Vec<String>,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LiveTable {
    /// Its name.
    pub name: String,
    /// In the order they were declared.
    pub columns: Vec<LiveColumn>,
    /// The columns of the primary key, in its order.
    pub primary_key: Vec<String>,
    /// All indexes, those behind constraints included.
    pub indexes: Vec<LiveIndex>,
    /// All foreign keys.
    pub foreign_keys: Vec<LiveForeignKey>,
    /// The names of named constraints.
    pub constraint_names: Vec<String>,
    /// Whether a constraint may be checked as late as COMMIT.
    pub has_deferrable: bool,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveColumn {
    /// Its name.
    pub name: String,
    /// The type as the database spells it: upper case on SQLite, lower case on PostgreSQL.
    pub type_name: String,
    /// Whether it may be NULL.
    pub is_nullable: bool,
    /// The text of its default.
    pub default: Option<String>,
    /// Whether the database makes up its value (identity, serial, AUTOINCREMENT, rowid alias, generated).
    pub is_generated: bool,
}

/// One index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveIndex {
    /// Its name, where it was given one.
    pub name: Option<String>,
    /// Its columns in their order, an expression as its text or `<expression>`.
    pub columns: Vec<String>,
    /// Whether it forbids duplicates.
    pub is_unique: bool,
    /// Whether it is the primary key's.
    pub is_primary: bool,
}

/// One foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveForeignKey {
    /// The columns that refer.
    pub columns: Vec<String>,
    /// The table referred to.
    pub target: String,
    /// Its columns, empty where its primary key is meant.
    pub target_columns: Vec<String>,
    /// What happens when the target goes, in upper case (`CASCADE`).
    pub on_delete: String,
    /// What happens when its key changes.
    pub on_update: String,
}

impl LiveTable {
    /// The column called `name`.
    pub fn column(&self, name: &str) -> Option<&LiveColumn> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// What both databases share: the tables as queries see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedSchema {
    tables: Vec<SharedTable>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct SharedTable {
    name: String,
    primary_key: Vec<String>,
    columns: Vec<SharedColumn>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct SharedColumn {
    name: String,
    sql_type: &'static str,
    is_nullable: bool,
}

/// Reads the live schema of `store`.
pub async fn introspect(store: &Store) -> Result<LiveSchema, StoreError> {
    let kind = store.kind();
    let mut schema = store
        .read(&kind, |tx, kind| {
            Box::pin(async move {
                match kind {
                    DatabaseKind::Sqlite => sqlite::introspect(tx).await,
                    DatabaseKind::Postgres => postgres::introspect(tx).await,
                }
            })
        })
        .await?;
    schema.tables.retain(|table| !BOOKKEEPING.contains(&table.name.as_str()));
    schema.tables.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(schema)
}

/// The tables of both databases, or every point in which they disagree.
pub fn merge(sqlite: &LiveSchema, postgres: &LiveSchema) -> Result<SharedSchema, Vec<String>> {
    let mut differences = Vec::new();
    let mut tables = Vec::new();
    for ours in &postgres.tables {
        if !sqlite.tables.iter().any(|table| table.name == ours.name) {
            differences.push(format!("table `{}` is missing on SQLite", ours.name));
        }
    }
    for table in &sqlite.tables {
        match postgres.tables.iter().find(|other| other.name == table.name) {
            None => differences.push(format!("table `{}` is missing on PostgreSQL", table.name)),
            Some(other) => tables.push(merge_table(table, other, &mut differences)),
        }
    }
    match differences.is_empty() {
        true => Ok(SharedSchema { tables }),
        false => Err(differences),
    }
}

fn merge_table(sqlite: &LiveTable, postgres: &LiveTable, differences: &mut Vec<String>) -> SharedTable {
    let name = &sqlite.name;
    let names = |table: &LiveTable| table.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>();
    if names(sqlite) != names(postgres) {
        differences.push(format!(
            "columns of `{name}` differ: {} on SQLite, {} on PostgreSQL",
            names(sqlite).join(", "),
            names(postgres).join(", ")
        ));
    }
    if sqlite.primary_key != postgres.primary_key {
        differences.push(format!(
            "primary key of `{name}` differs: ({}) on SQLite, ({}) on PostgreSQL",
            sqlite.primary_key.join(", "),
            postgres.primary_key.join(", ")
        ));
    }
    if sqlite.primary_key.is_empty() {
        differences.push(format!("table `{name}` has no primary key"));
    }
    if sqlite.columns.len() > MAX_COLUMNS {
        differences.push(format!("table `{name}` has more than {MAX_COLUMNS} columns"));
    }
    let mut columns = Vec::new();
    for column in &sqlite.columns {
        let Some(other) = postgres.column(&column.name) else {
            continue;
        };
        let place = format!("`{name}.{}`", column.name);
        if column.is_nullable != other.is_nullable {
            let (null, not_null) = if column.is_nullable { ("SQLite", "PostgreSQL") } else { ("PostgreSQL", "SQLite") };
            differences.push(format!("{place} may be NULL on {null} and not on {not_null}"));
        }
        match sql_type(&column.type_name, &other.type_name) {
            Some(sql_type) => {
                columns.push(SharedColumn { name: column.name.clone(), sql_type, is_nullable: column.is_nullable })
            }
            None => differences.push(format!(
                "{place} is {} on SQLite and {} on PostgreSQL, which is no known pair",
                column.type_name, other.type_name
            )),
        }
    }
    SharedTable { name: name.clone(), primary_key: sqlite.primary_key.clone(), columns }
}

/// The Diesel type that a pair of column types stands for.
fn sql_type(sqlite: &str, postgres: &str) -> Option<&'static str> {
    Some(match (sqlite, postgres) {
        ("BLOB", "uuid") => "Id",
        ("BLOB", "bytea") => "Binary",
        ("BIGINT", "timestamp with time zone") => "Instant",
        ("BIGINT", "bigint") => "BigInt",
        ("INTEGER", "integer") => "Integer",
        ("DOUBLE", "double precision") => "Double",
        ("BOOLEAN", "boolean") => "Bool",
        ("TEXT", "text") => "Text",
        _ => return None,
    })
}
