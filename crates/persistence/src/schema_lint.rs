//! Checks a live schema against the rules that let one schema serve SQLite, PostgreSQL and a sharded PostgreSQL.

use crate::schema_tools::{LiveColumn, LiveForeignKey, LiveSchema, LiveTable};
use crate::store::DatabaseKind;
use crate::table_kinds::Kind;

/// The column that leads every key of a tenant table.
const TENANT: &str = "organization_id";

/// A shard adds a suffix to names, and PostgreSQL cuts them at 63 bytes.
const MAX_NAME_BYTES: usize = 50;

/// Every breach of the rules in `schema`, whose tables are of the kinds that `registry` says; none is good.
pub fn lint(schema: &LiveSchema, registry: &[(&str, Kind)]) -> Vec<String> {
    let mut findings: Vec<String> =
        schema.machinery.iter().map(|item| format!("{item}: the application does that")).collect();
    for (name, _) in registry {
        if !schema.tables.iter().any(|table| table.name == *name) {
            findings.push(format!("`{name}` is registered and does not exist"));
        }
    }
    for table in &schema.tables {
        let mut lint = TableLint { schema, registry, table, findings: &mut findings };
        lint.all_kinds();
        match kind_in(registry, &table.name) {
            None => lint.find("is not in the registry of table kinds"),
            Some(Kind::Tenant) => lint.tenant(&[TENANT, "id"]),
            Some(Kind::TenantKeyed(key)) => lint.tenant(key),
            Some(Kind::ByDigest) => lint.by_digest(),
            Some(Kind::Reference) => lint.reference(),
        }
    }
    findings
}

fn kind_in(registry: &[(&str, Kind)], table: &str) -> Option<Kind> {
    registry.iter().find(|(name, _)| *name == table).map(|(_, kind)| *kind)
}

struct TableLint<'a> {
    schema: &'a LiveSchema,
    registry: &'a [(&'a str, Kind)],
    table: &'a LiveTable,
    findings: &'a mut Vec<String>,
}

impl TableLint<'_> {
    fn find(&mut self, breach: impl std::fmt::Display) {
        self.findings.push(format!("table `{}` {breach}", self.table.name));
    }

    fn all_kinds(&mut self) {
        let table = self.table;
        if table.primary_key.is_empty() {
            self.find("has no primary key");
        }
        for column in &table.columns {
            self.column(column);
        }
        let index_names = table.indexes.iter().filter_map(|index| index.name.as_ref());
        for name in index_names.chain(&table.constraint_names).filter(|name| name.len() > MAX_NAME_BYTES) {
            self.find(format_args!("has the name `{name}`, longer than {MAX_NAME_BYTES} bytes"));
        }
        if table.has_deferrable {
            self.find("has a deferrable constraint: broken at COMMIT, it would fail a whole group of writes");
        }
        for key in &table.foreign_keys {
            if !["CASCADE", "RESTRICT"].contains(&key.on_delete.as_str()) {
                self.find(format_args!(
                    "has {} on delete of `{}`: CASCADE or RESTRICT only",
                    key.on_delete, key.target
                ));
            }
            if !["CASCADE", "RESTRICT", "NO ACTION"].contains(&key.on_update.as_str()) {
                self.find(format_args!("has {} on update of `{}`", key.on_update, key.target));
            }
        }
    }

    fn column(&mut self, column: &LiveColumn) {
        let LiveColumn { name, .. } = column;
        if column.is_generated {
            self.find(format_args!("has the column `{name}`, whose value the database makes up"));
        }
        if let Some(default) = column.default.as_ref().filter(|default| is_computed(default)) {
            self.find(format_args!("has the default `{default}` for `{name}`: the application binds it"));
        }
        if self.table.primary_key.contains(name) && column.is_nullable {
            self.find(format_args!("allows NULL in `{name}` of its primary key"));
        }
        if name == TENANT {
            let expected = match self.schema.kind {
                DatabaseKind::Sqlite => "BLOB",
                DatabaseKind::Postgres => "uuid",
            };
            if column.type_name != expected {
                self.find(format_args!("has `{TENANT}` as {}, not {expected}", column.type_name));
            }
        }
    }

    fn tenant(&mut self, expected_key: &[&str]) {
        let table = self.table;
        match table.columns.first() {
            Some(first) if first.name == TENANT && !first.is_nullable => {}
            _ => self.find(format_args!("does not begin with `{TENANT}` NOT NULL")),
        }
        if table.primary_key != expected_key || !leads(&table.primary_key) {
            let (found, expected) = (table.primary_key.join(", "), expected_key.join(", "));
            self.find(format_args!("has the primary key ({found}), not ({expected}) led by `{TENANT}`"));
        }
        for index in table.indexes.iter().filter(|index| index.is_unique && !index.is_primary) {
            if !leads(&index.columns) {
                self.find(format_args!("has a UNIQUE ({}) that `{TENANT}` does not lead", index.columns.join(", ")));
            }
        }
        for key in &table.foreign_keys {
            self.tenant_foreign_key(key);
        }
    }

    fn tenant_foreign_key(&mut self, key: &LiveForeignKey) {
        match kind_in(self.registry, &key.target) {
            Some(Kind::Tenant | Kind::TenantKeyed(_)) => {
                let target_columns = match key.target_columns.as_slice() {
                    [] => {
                        self.schema.tables.iter().find(|table| table.name == key.target).map(|table| &table.primary_key)
                    }
                    _ => Some(&key.target_columns),
                };
                if !leads(&key.columns) || !target_columns.is_some_and(|columns| leads(columns)) {
                    let columns = key.columns.join(", ");
                    self.find(format_args!(
                        "has a FOREIGN KEY ({columns}) to `{}` that `{TENANT}` does not lead",
                        key.target
                    ));
                }
            }
            Some(Kind::Reference) => {}
            Some(Kind::ByDigest) | None => {
                self.find(format_args!("has a FOREIGN KEY to `{}`, which may be on another machine", key.target));
            }
        }
    }

    fn by_digest(&mut self) {
        for key in &self.table.foreign_keys {
            self.find(format_args!("is found by digest and has a FOREIGN KEY to `{}`", key.target));
        }
    }

    fn reference(&mut self) {
        for key in &self.table.foreign_keys {
            if kind_in(self.registry, &key.target) != Some(Kind::Reference) {
                self.find(format_args!("is a reference table and has a FOREIGN KEY to `{}`, which is not", key.target));
            }
        }
    }
}

fn leads(columns: &[String]) -> bool {
    columns.first().is_some_and(|first| first == TENANT)
}

/// Whether a default calls a function or asks for the time, outside of quoted text.
fn is_computed(default: &str) -> bool {
    let outside: String = default.split('\'').step_by(2).collect::<Vec<_>>().join(" ").to_uppercase();
    let calls = outside.as_bytes().array_windows().any(|[before, at]| *at == b'(' && before.is_ascii_alphanumeric());
    calls || ["CURRENT_", "LOCALTIME"].iter().any(|word| outside.contains(word))
}

#[cfg(test)]
mod tests {
    use super::is_computed;

    #[test]
    fn literals_are_no_computed_defaults() {
        for default in ["0", "(-1)", "'now()'::text", "''", "false", "'it''s f(x)'"] {
            assert!(!is_computed(default), "{default}");
        }
    }

    #[test]
    fn calls_and_the_time_are_computed_defaults() {
        for default in ["now()", "CURRENT_TIMESTAMP", "gen_random_uuid()", "datetime('now')", "(random())", "LOCALTIME"]
        {
            assert!(is_computed(default), "{default}");
        }
    }
}
