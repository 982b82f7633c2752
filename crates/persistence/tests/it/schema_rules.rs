//! The product's live schema keeps the rules, and a schema that breaks them is found out.

use routemate_persistence::database_tests;
use routemate_persistence::schema_lint::lint;
use routemate_persistence::schema_tools::{introspect, merge, render};
use routemate_persistence::table_kinds::{Kind, TABLES};
use routemate_persistence::test_db::{Fresh, TestDb};
use routemate_persistence::{DatabaseKind, Store};

use crate::notes;

database_tests! {
    async fn the_live_schema_keeps_the_rules(db: &TestDb) {
        let findings = lint(&introspect(db.store()).await.unwrap(), TABLES);
        assert!(findings.is_empty(), "{}", findings.join("\n"));
    }
}

/// `{id}` and `{instant}` stand for each database's own types.
async fn apply(store: &Store, sql: &str) {
    let (id, instant) = match store.kind() {
        DatabaseKind::Sqlite => ("BLOB", "BIGINT"),
        DatabaseKind::Postgres => ("uuid", "timestamptz"),
    };
    notes::execute(store, &sql.replace("{id}", id).replace("{instant}", instant)).await;
}

const REGISTRY: &[(&str, Kind)] = &[
    ("organizations", Kind::TenantKeyed(&["organization_id"])),
    ("jobs", Kind::Tenant),
    ("windows", Kind::TenantKeyed(&["organization_id", "key", "started_at"])),
    ("tokens", Kind::ByDigest),
    ("plans", Kind::Reference),
];

const GOOD: &str = "CREATE TABLE plans (name TEXT NOT NULL, PRIMARY KEY (name));
    CREATE TABLE organizations (organization_id {id} NOT NULL, plan TEXT NOT NULL DEFAULT 'team (small)', \
      PRIMARY KEY (organization_id), CONSTRAINT organizations_plan FOREIGN KEY (plan) REFERENCES plans (name) ON DELETE RESTRICT);
    CREATE TABLE jobs (organization_id {id} NOT NULL, id {id} NOT NULL, parent {id}, external TEXT NOT NULL, done_at {instant}, \
      PRIMARY KEY (organization_id, id), CONSTRAINT jobs_external UNIQUE (organization_id, external), \
      FOREIGN KEY (organization_id) REFERENCES organizations (organization_id) ON DELETE CASCADE, \
      FOREIGN KEY (organization_id, parent) REFERENCES jobs (organization_id, id) ON DELETE CASCADE);
    CREATE INDEX jobs_done_at ON jobs (done_at);
    CREATE TABLE windows (organization_id {id} NOT NULL, key TEXT NOT NULL, started_at {instant} NOT NULL, \
      PRIMARY KEY (organization_id, key, started_at));
    CREATE TABLE tokens (token_sha256 TEXT NOT NULL, organization_id {id} NOT NULL, PRIMARY KEY (token_sha256));";

/// Adds `bad` to the good schema and looks for exactly one finding, which holds `expected`.
async fn check(db: &TestDb, bad: &str, expected: &str) {
    apply(db.store(), GOOD).await;
    apply(db.store(), bad).await;
    let registry: Vec<_> = REGISTRY.iter().copied().chain([("bad", Kind::Tenant)]).collect();
    let findings = lint(&introspect(db.store()).await.unwrap(), &registry);
    assert!(findings.len() == 1 && findings[0].contains(expected), "expected `{expected}`:\n{}", findings.join("\n"));
}

macro_rules! planted {
    ($($name:ident: $bad:expr => $expected:expr;)+) => {
        database_tests! { bare
            $(async fn $name(db: &TestDb) {
                check(db, $bad, $expected).await;
            })+
        }
    };
}

database_tests! { bare
    async fn a_good_schema_has_no_findings(db: &TestDb) {
        apply(db.store(), GOOD).await;
        assert_eq!(lint(&introspect(db.store()).await.unwrap(), REGISTRY), [""; 0]);
    }

    async fn tables_and_registry_must_match(db: &TestDb) {
        apply(db.store(), GOOD).await;
        let schema = introspect(db.store()).await.unwrap();
        let without_jobs: Vec<_> = REGISTRY.iter().copied().filter(|(name, _)| *name != "windows").collect();
        assert_eq!(lint(&schema, &without_jobs), ["table `windows` is not in the registry of table kinds"]);
        let with_more: Vec<_> = REGISTRY.iter().copied().chain([("more", Kind::Tenant)]).collect();
        assert_eq!(lint(&schema, &with_more), ["`more` is registered and does not exist"]);
    }

    async fn a_token_table_with_a_foreign_key_is_found(db: &TestDb) {
        apply(db.store(), GOOD).await;
        apply(db.store(), "CREATE TABLE links (digest TEXT NOT NULL PRIMARY KEY, plan TEXT NOT NULL REFERENCES plans (name) ON DELETE CASCADE)").await;
        let registry: Vec<_> = REGISTRY.iter().copied().chain([("links", Kind::ByDigest)]).collect();
        let findings = lint(&introspect(db.store()).await.unwrap(), &registry);
        assert_eq!(findings, ["table `links` is found by digest and has a FOREIGN KEY to `plans`"]);
    }

    async fn a_reference_table_that_refers_to_tenants_is_found(db: &TestDb) {
        apply(db.store(), GOOD).await;
        apply(db.store(), "CREATE TABLE more (id {id} NOT NULL PRIMARY KEY, o {id} NOT NULL REFERENCES organizations (organization_id) ON DELETE CASCADE)").await;
        let registry: Vec<_> = REGISTRY.iter().copied().chain([("more", Kind::Reference)]).collect();
        let findings = lint(&introspect(db.store()).await.unwrap(), &registry);
        assert_eq!(findings, ["table `more` is a reference table and has a FOREIGN KEY to `organizations`, which is not"]);
    }
}

planted! {
    a_tenant_column_that_is_not_first_is_found:
        "CREATE TABLE bad (id {id} NOT NULL, organization_id {id} NOT NULL, PRIMARY KEY (organization_id, id))"
        => "does not begin with `organization_id`";
    a_primary_key_without_its_tenant_is_found:
        "CREATE TABLE bad (organization_id {id} NOT NULL, id {id} NOT NULL, PRIMARY KEY (id))"
        => "has the primary key (id)";
    a_primary_key_with_more_columns_is_found:
        "CREATE TABLE bad (organization_id {id} NOT NULL, id {id} NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (organization_id, id, n))"
        => "has the primary key (organization_id, id, n)";
    a_tenant_of_another_type_is_found:
        "CREATE TABLE bad (organization_id TEXT NOT NULL, id {id} NOT NULL, PRIMARY KEY (organization_id, id))"
        => "has `organization_id` as";
    a_unique_constraint_without_its_tenant_is_found:
        "CREATE TABLE bad (organization_id {id} NOT NULL, id {id} NOT NULL, name TEXT NOT NULL, PRIMARY KEY (organization_id, id), UNIQUE (name, organization_id))"
        => "has a UNIQUE (name, organization_id)";
    a_unique_index_without_its_tenant_is_found:
        "CREATE TABLE bad (organization_id {id} NOT NULL, id {id} NOT NULL, name TEXT NOT NULL, PRIMARY KEY (organization_id, id)); \
         CREATE UNIQUE INDEX bad_name ON bad (lower(name)) WHERE name <> ''"
        => "has a UNIQUE (";
    a_foreign_key_that_crosses_tenants_is_found:
        "CREATE UNIQUE INDEX jobs_id ON windows (organization_id, key); \
         CREATE TABLE bad (organization_id {id} NOT NULL, id {id} NOT NULL, k TEXT, PRIMARY KEY (organization_id, id), \
         FOREIGN KEY (id, k) REFERENCES windows (organization_id, key) ON DELETE CASCADE)"
        => "has a FOREIGN KEY (id, k) to `windows`";
    a_foreign_key_to_a_token_table_is_found:
        "CREATE TABLE bad (organization_id {id} NOT NULL, id {id} NOT NULL, t TEXT REFERENCES tokens (token_sha256) ON DELETE CASCADE, PRIMARY KEY (organization_id, id))"
        => "has a FOREIGN KEY to `tokens`";
    a_delete_that_sets_null_is_found:
        "CREATE TABLE bad (organization_id {id} NOT NULL, id {id} NOT NULL, plan TEXT REFERENCES plans (name) ON DELETE SET NULL, PRIMARY KEY (organization_id, id))"
        => "has SET NULL on delete of `plans`";
    a_delete_that_says_nothing_is_found:
        "CREATE TABLE bad (organization_id {id} NOT NULL, id {id} NOT NULL, plan TEXT REFERENCES plans (name), PRIMARY KEY (organization_id, id))"
        => "has NO ACTION on delete of `plans`";
    an_update_that_sets_null_is_found:
        "CREATE TABLE bad (organization_id {id} NOT NULL, id {id} NOT NULL, plan TEXT REFERENCES plans (name) ON DELETE CASCADE ON UPDATE SET NULL, PRIMARY KEY (organization_id, id))"
        => "has SET NULL on update of `plans`";
    a_deferrable_constraint_is_found:
        "CREATE TABLE bad (organization_id {id} NOT NULL, id {id} NOT NULL, PRIMARY KEY (organization_id, id), \
         FOREIGN KEY (organization_id) REFERENCES organizations (organization_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED)"
        => "has a deferrable constraint";
    a_default_that_asks_for_the_time_is_found:
        "CREATE TABLE bad (organization_id {id} NOT NULL, id {id} NOT NULL, at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (organization_id, id))"
        => "for `at`: the application binds it";
    a_default_at_random_is_found:
        "CREATE TABLE bad (organization_id {id} NOT NULL, id {id} NOT NULL, n DOUBLE PRECISION DEFAULT (random()), PRIMARY KEY (organization_id, id))"
        => "for `n`: the application binds it";
    a_long_index_name_is_found:
        "CREATE TABLE bad (organization_id {id} NOT NULL, id {id} NOT NULL, PRIMARY KEY (organization_id, id)); \
         CREATE INDEX a234567890b234567890c234567890d234567890e234567890f ON bad (id)"
        => "longer than 50 bytes";
    a_long_constraint_name_is_found:
        "CREATE TABLE bad (organization_id {id} NOT NULL, id {id} NOT NULL, n INTEGER, PRIMARY KEY (organization_id, id), \
         CONSTRAINT a234567890b234567890c234567890d234567890e234567890f CHECK (n > 0))"
        => "longer than 50 bytes";
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trigger_and_an_automatic_key_are_found_on_sqlite() {
    let db = TestDb::sqlite_with(Fresh::Bare).await;
    apply(
        db.store(),
        "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL); \
         CREATE TRIGGER t_changes AFTER INSERT ON t BEGIN SELECT 1; END",
    )
    .await;
    let findings = lint(&introspect(db.store()).await.unwrap(), &[("t", Kind::Reference)]);
    assert_eq!(
        findings,
        [
            "trigger `t_changes`: the application does that",
            "table `t` has the column `id`, whose value the database makes up"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nullable_key_is_found_on_sqlite() {
    let db = TestDb::sqlite_with(Fresh::Bare).await;
    apply(db.store(), "CREATE TABLE t (id BLOB PRIMARY KEY)").await;
    let findings = lint(&introspect(db.store()).await.unwrap(), &[("t", Kind::Reference)]);
    assert_eq!(findings, ["table `t` allows NULL in `id` of its primary key"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn serials_identities_triggers_and_functions_are_found_on_postgres() {
    let Some(db) = TestDb::postgres_with(Fresh::Bare).await else {
        return;
    };
    apply(
        db.store(),
        "CREATE TABLE t (id BIGINT PRIMARY KEY, a BIGSERIAL, b BIGINT GENERATED ALWAYS AS IDENTITY); \
         CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; \
         CREATE TRIGGER t_changes AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",
    )
    .await;
    let findings = lint(&introspect(db.store()).await.unwrap(), &[("t", Kind::Reference)]);
    for expected in
        ["function `f`", "sequence `t_a_seq`", "sequence `t_b_seq`", "trigger `t_changes`", "column `a`", "column `b`"]
    {
        assert!(findings.iter().any(|finding| finding.contains(expected)), "{expected}: {findings:?}");
    }
}

/// Both databases with their own DDL, or `None` where no server is named.
async fn both(sqlite: &str, postgres: &str) -> Option<Result<String, Vec<String>>> {
    let ours = TestDb::sqlite_with(Fresh::Bare).await;
    let theirs = TestDb::postgres_with(Fresh::Bare).await?;
    notes::execute(ours.store(), sqlite).await;
    notes::execute(theirs.store(), postgres).await;
    let merged = merge(&introspect(ours.store()).await.unwrap(), &introspect(theirs.store()).await.unwrap());
    Some(merged.map(|schema| render(&schema)))
}

#[tokio::test(flavor = "multi_thread")]
async fn schemas_that_agree_are_rendered() {
    let sqlite = "CREATE TABLE b (id BLOB NOT NULL, type TEXT, n INTEGER NOT NULL, w BIGINT, PRIMARY KEY (id)); \
        CREATE TABLE a (id BLOB NOT NULL, k BLOB NOT NULL, at BIGINT NOT NULL, f DOUBLE NOT NULL, y BOOLEAN NOT NULL, PRIMARY KEY (k, id))";
    let postgres = "CREATE TABLE b (id uuid NOT NULL, type text, n integer NOT NULL, w bigint, PRIMARY KEY (id)); \
        CREATE TABLE a (id uuid NOT NULL, k bytea NOT NULL, at timestamptz NOT NULL, f double precision NOT NULL, y boolean NOT NULL, PRIMARY KEY (k, id))";
    let Some(rendered) = both(sqlite, postgres).await else {
        return;
    };
    assert_eq!(
        rendered.unwrap(),
        "//! The tables as both databases have them. Generated by `cargo xtask schema` from the migrations: do not edit.

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Id, Instant};

    a (k, id) {
        id -> Id,
        k -> Binary,
        at -> Instant,
        f -> Double,
        y -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Id, Instant};

    b (id) {
        id -> Id,
        #[sql_name = \"type\"]
        type_ -> Nullable<Text>,
        n -> Integer,
        w -> Nullable<BigInt>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(a, b);
"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_disagreement_is_named() {
    let sqlite = "CREATE TABLE a (x TEXT NOT NULL, y TEXT NOT NULL, z TEXT, PRIMARY KEY (x, y)); \
        CREATE TABLE b (x TEXT NOT NULL, y TEXT, PRIMARY KEY (x)); CREATE TABLE c (x TEXT NOT NULL PRIMARY KEY)";
    let postgres = "CREATE TABLE a (x text NOT NULL, y integer NOT NULL, z text NOT NULL, PRIMARY KEY (y, x)); \
        CREATE TABLE b (y text, x text NOT NULL PRIMARY KEY); CREATE TABLE d (x text NOT NULL PRIMARY KEY)";
    let Some(rendered) = both(sqlite, postgres).await else {
        return;
    };
    assert_eq!(
        rendered.unwrap_err(),
        [
            "table `d` is missing on SQLite",
            "primary key of `a` differs: (x, y) on SQLite, (y, x) on PostgreSQL",
            "`a.y` is TEXT on SQLite and integer on PostgreSQL, which is no known pair",
            "`a.z` may be NULL on SQLite and not on PostgreSQL",
            "columns of `b` differ: x, y on SQLite, y, x on PostgreSQL",
            "table `c` is missing on PostgreSQL",
        ]
    );
}
