//! What PostgreSQL's catalogue tells.

use diesel::QueryableByName;
use diesel::sql_types::{Bool, Nullable, Text};
use diesel_async::RunQueryDsl;

use super::{LiveColumn, LiveForeignKey, LiveIndex, LiveSchema, LiveTable};
use crate::error::StoreError;
use crate::store::DatabaseKind;
use crate::tx::{Tx, on};

#[derive(QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    type_name: String,
    #[diesel(sql_type = Bool)]
    is_nullable: bool,
    #[diesel(sql_type = Nullable<Text>)]
    default_value: Option<String>,
    #[diesel(sql_type = Bool)]
    is_generated: bool,
}

#[derive(QueryableByName)]
struct IndexRow {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    index_name: String,
    #[diesel(sql_type = Bool)]
    is_unique: bool,
    #[diesel(sql_type = Bool)]
    is_primary: bool,
    #[diesel(sql_type = Text)]
    columns: String,
}

#[derive(QueryableByName)]
struct ConstraintRow {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    constraint_name: String,
    #[diesel(sql_type = Bool)]
    is_deferrable: bool,
    #[diesel(sql_type = Nullable<Text>)]
    target: Option<String>,
    #[diesel(sql_type = Text)]
    columns: String,
    #[diesel(sql_type = Text)]
    target_columns: String,
    #[diesel(sql_type = Text)]
    on_update: String,
    #[diesel(sql_type = Text)]
    on_delete: String,
}

const COLUMNS: &str = "SELECT c.relname::text AS table_name, a.attname::text AS column_name, \
     format_type(a.atttypid, a.atttypmod) AS type_name, NOT a.attnotnull AS is_nullable, \
     pg_get_expr(d.adbin, d.adrelid) AS default_value, (a.attidentity <> '' OR a.attgenerated <> '') AS is_generated \
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
     LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
     WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace ORDER BY c.relname, a.attnum";

const INDEXES: &str = "SELECT c.relname::text AS table_name, i.relname::text AS index_name, x.indisunique AS is_unique, \
     x.indisprimary AS is_primary, (SELECT string_agg(pg_get_indexdef(x.indexrelid, k, true), ',' ORDER BY k) \
     FROM generate_series(1, x.indnkeyatts::int) k) AS columns \
     FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid \
     WHERE c.relnamespace = current_schema()::regnamespace ORDER BY c.relname, i.relname";

const CONSTRAINTS: &str = "SELECT c.relname::text AS table_name, n.conname::text AS constraint_name, \
     n.condeferrable AS is_deferrable, CASE n.contype WHEN 'f' THEN t.relname::text END AS target, \
     coalesce((SELECT string_agg(a.attname, ',' ORDER BY k.at) FROM unnest(n.conkey) WITH ORDINALITY k(number, at) \
     JOIN pg_attribute a ON a.attrelid = n.conrelid AND a.attnum = k.number), '') AS columns, \
     coalesce((SELECT string_agg(a.attname, ',' ORDER BY k.at) FROM unnest(n.confkey) WITH ORDINALITY k(number, at) \
     JOIN pg_attribute a ON a.attrelid = n.confrelid AND a.attnum = k.number), '') AS target_columns, \
     n.confupdtype::text AS on_update, n.confdeltype::text AS on_delete \
     FROM pg_constraint n JOIN pg_class c ON c.oid = n.conrelid LEFT JOIN pg_class t ON t.oid = n.confrelid \
     WHERE c.relnamespace = current_schema()::regnamespace ORDER BY c.relname, n.conname";

const MACHINERY: &str = "SELECT 'sequence `' || relname || '`' AS value FROM pg_class \
     WHERE relkind = 'S' AND relnamespace = current_schema()::regnamespace \
     UNION ALL SELECT 'trigger `' || tgname || '`' FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid \
     WHERE NOT g.tgisinternal AND c.relnamespace = current_schema()::regnamespace \
     UNION ALL SELECT 'function `' || proname || '`' FROM pg_proc WHERE pronamespace = current_schema()::regnamespace \
     ORDER BY value";

pub(super) async fn introspect(tx: &mut Tx) -> Result<LiveSchema, StoreError> {
    let columns: Vec<ColumnRow> = on!(tx, c => diesel::sql_query(COLUMNS).load(c).await)?;
    let indexes: Vec<IndexRow> = on!(tx, c => diesel::sql_query(INDEXES).load(c).await)?;
    let constraints: Vec<ConstraintRow> = on!(tx, c => diesel::sql_query(CONSTRAINTS).load(c).await)?;
    let machinery = tx.texts_raw(MACHINERY).await?;
    let mut tables: Vec<LiveTable> = Vec::new();
    for row in columns {
        let column = LiveColumn {
            // A serial column has a sequence's next value for its default.
            is_generated: row.is_generated
                || row.default_value.as_deref().is_some_and(|text| text.contains("nextval(")),
            name: row.column_name,
            type_name: row.type_name,
            is_nullable: row.is_nullable,
            default: row.default_value,
        };
        match tables.last_mut() {
            Some(table) if table.name == row.table_name => table.columns.push(column),
            _ => tables.push(LiveTable { name: row.table_name, columns: vec![column], ..LiveTable::default() }),
        }
    }
    for table in &mut tables {
        for row in indexes.iter().filter(|row| row.table_name == table.name) {
            let index = LiveIndex {
                name: Some(row.index_name.clone()),
                columns: list(&row.columns),
                is_unique: row.is_unique,
                is_primary: row.is_primary,
            };
            if index.is_primary {
                table.primary_key.clone_from(&index.columns);
            }
            table.indexes.push(index);
        }
        for row in constraints.iter().filter(|row| row.table_name == table.name) {
            table.constraint_names.push(row.constraint_name.clone());
            table.has_deferrable |= row.is_deferrable;
            table.foreign_keys.extend(row.target.as_ref().map(|target| LiveForeignKey {
                columns: list(&row.columns),
                target: target.clone(),
                target_columns: list(&row.target_columns),
                on_delete: action(&row.on_delete).to_owned(),
                on_update: action(&row.on_update).to_owned(),
            }));
        }
    }
    Ok(LiveSchema { kind: DatabaseKind::Postgres, tables, machinery })
}

fn list(columns: &str) -> Vec<String> {
    columns.split(',').filter(|column| !column.is_empty()).map(|column| column.trim_matches('"').to_owned()).collect()
}

fn action(code: &str) -> &'static str {
    match code {
        "c" => "CASCADE",
        "r" => "RESTRICT",
        "n" => "SET NULL",
        "d" => "SET DEFAULT",
        _ => "NO ACTION",
    }
}
