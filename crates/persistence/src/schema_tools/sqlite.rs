//! What SQLite's catalogue tells.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel_async::RunQueryDsl;

use super::{LiveColumn, LiveForeignKey, LiveIndex, LiveSchema, LiveTable};
use crate::error::StoreError;
use crate::store::DatabaseKind;
use crate::tx::{Tx, on};

#[derive(QueryableByName)]
struct TableRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    sql: String,
}

#[derive(QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    type_name: String,
    #[diesel(sql_type = BigInt)]
    not_null: i64,
    #[diesel(sql_type = BigInt)]
    key_position: i64,
    #[diesel(sql_type = Nullable<Text>)]
    default_value: Option<String>,
    #[diesel(sql_type = BigInt)]
    hidden: i64,
}

#[derive(QueryableByName)]
struct IndexRow {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    index_name: String,
    #[diesel(sql_type = BigInt)]
    is_unique: i64,
    #[diesel(sql_type = Text)]
    origin: String,
    #[diesel(sql_type = Nullable<Text>)]
    column_name: Option<String>,
}

#[derive(QueryableByName)]
struct ForeignKeyRow {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    target: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    target_column: Option<String>,
    #[diesel(sql_type = Text)]
    on_update: String,
    #[diesel(sql_type = Text)]
    on_delete: String,
}

const TABLES: &str =
    "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name";

const COLUMNS: &str = "SELECT m.name AS table_name, p.name AS column_name, upper(p.type) AS type_name, \
     p.\"notnull\" AS not_null, p.pk AS key_position, p.dflt_value AS default_value, p.hidden AS hidden \
     FROM sqlite_master m JOIN pragma_table_xinfo(m.name) p WHERE m.type = 'table' ORDER BY m.name, p.cid";

const INDEXES: &str = "SELECT m.name AS table_name, l.name AS index_name, l.\"unique\" AS is_unique, l.origin AS origin, \
     i.name AS column_name FROM sqlite_master m JOIN pragma_index_list(m.name) l JOIN pragma_index_info(l.name) i \
     WHERE m.type = 'table' ORDER BY m.name, l.name, i.seqno";

const FOREIGN_KEYS: &str = "SELECT m.name AS table_name, f.seq AS seq, f.\"table\" AS target, f.\"from\" AS column_name, \
     f.\"to\" AS target_column, f.on_update AS on_update, f.on_delete AS on_delete \
     FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq";

const MACHINERY: &str =
    "SELECT 'trigger `' || name || '`' AS value FROM sqlite_master WHERE type = 'trigger' ORDER BY name";

pub(super) async fn introspect(tx: &mut Tx) -> Result<LiveSchema, StoreError> {
    let tables: Vec<TableRow> = on!(tx, c => diesel::sql_query(TABLES).load(c).await)?;
    let columns: Vec<ColumnRow> = on!(tx, c => diesel::sql_query(COLUMNS).load(c).await)?;
    let indexes: Vec<IndexRow> = on!(tx, c => diesel::sql_query(INDEXES).load(c).await)?;
    let foreign_keys: Vec<ForeignKeyRow> = on!(tx, c => diesel::sql_query(FOREIGN_KEYS).load(c).await)?;
    let machinery = tx.texts_raw(MACHINERY).await?;
    let tables = tables
        .into_iter()
        .map(|TableRow { name, sql }| {
            let rows: Vec<&ColumnRow> = columns.iter().filter(|row| row.table_name == name).collect();
            LiveTable {
                columns: rows.iter().map(|row| column(row, &rows, &sql)).collect(),
                primary_key: primary_key(&rows),
                indexes: indexes_of(indexes.iter().filter(|row| row.table_name == name)),
                foreign_keys: foreign_keys_of(foreign_keys.iter().filter(|row| row.table_name == name)),
                constraint_names: constraint_names(&sql),
                has_deferrable: has_deferrable(&sql),
                name,
            }
        })
        .collect();
    Ok(LiveSchema { kind: DatabaseKind::Sqlite, tables, machinery })
}

fn column(row: &ColumnRow, all: &[&ColumnRow], sql: &str) -> LiveColumn {
    let is_only_key = row.key_position == 1 && all.iter().filter(|other| other.key_position > 0).count() == 1;
    // `INTEGER PRIMARY KEY` is another name for the row's number, which SQLite makes up where none is given.
    let is_rowid = is_only_key && row.type_name == "INTEGER" && !sql.to_uppercase().contains("WITHOUT ROWID");
    LiveColumn {
        name: row.column_name.clone(),
        type_name: row.type_name.clone(),
        is_nullable: row.not_null == 0,
        default: row.default_value.clone(),
        is_generated: is_rowid || row.hidden != 0,
    }
}

fn primary_key(rows: &[&ColumnRow]) -> Vec<String> {
    let mut keys: Vec<&&ColumnRow> = rows.iter().filter(|row| row.key_position > 0).collect();
    keys.sort_by_key(|row| row.key_position);
    keys.into_iter().map(|row| row.column_name.clone()).collect()
}

fn indexes_of<'a>(rows: impl Iterator<Item = &'a IndexRow>) -> Vec<LiveIndex> {
    let mut found: Vec<(&str, LiveIndex)> = Vec::new();
    for row in rows {
        let column = row.column_name.clone().unwrap_or_else(|| "<expression>".to_owned());
        match found.last_mut() {
            Some((name, index)) if *name == row.index_name => index.columns.push(column),
            _ => found.push((
                &row.index_name,
                LiveIndex {
                    name: (row.origin == "c").then(|| row.index_name.clone()),
                    columns: vec![column],
                    is_unique: row.is_unique != 0,
                    is_primary: row.origin == "pk",
                },
            )),
        }
    }
    found.into_iter().map(|(_, index)| index).collect()
}

fn foreign_keys_of<'a>(rows: impl Iterator<Item = &'a ForeignKeyRow>) -> Vec<LiveForeignKey> {
    let mut found: Vec<LiveForeignKey> = Vec::new();
    for row in rows {
        match found.last_mut() {
            Some(key) if row.seq > 0 => {
                key.columns.push(row.column_name.clone());
                key.target_columns.extend(row.target_column.clone());
            }
            _ => found.push(LiveForeignKey {
                columns: vec![row.column_name.clone()],
                target: row.target.clone(),
                target_columns: row.target_column.iter().cloned().collect(),
                on_delete: row.on_delete.clone(),
                on_update: row.on_update.clone(),
            }),
        }
    }
    found
}

/// The catalogue keeps the names of constraints in the table's text only.
fn constraint_names(sql: &str) -> Vec<String> {
    let mut words = sql.split(|c: char| c.is_whitespace() || c == ',' || c == '(');
    let mut names = Vec::new();
    while let Some(word) = words.next() {
        if word.eq_ignore_ascii_case("CONSTRAINT") {
            names.extend(words.find(|word| !word.is_empty()).map(|name| name.trim_matches(['"', '`']).to_owned()));
        }
    }
    names
}

fn has_deferrable(sql: &str) -> bool {
    let mut before = "";
    sql.split_whitespace().any(|word| {
        let is_not = std::mem::replace(&mut before, word).eq_ignore_ascii_case("NOT");
        !is_not && word.to_uppercase().starts_with("DEFERRABLE")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraint_names_are_found_in_the_text() {
        let sql = "CREATE TABLE a (b TEXT CONSTRAINT \"b_set\" CHECK (b <> ''),\n CONSTRAINT  a_key UNIQUE (b))";
        assert_eq!(constraint_names(sql), ["b_set", "a_key"]);
    }

    #[test]
    fn deferrable_constraints_are_found_in_the_text() {
        assert!(has_deferrable("… REFERENCES a (b) DEFERRABLE INITIALLY DEFERRED)"));
        assert!(!has_deferrable("… REFERENCES a (b) NOT DEFERRABLE)"));
    }
}
