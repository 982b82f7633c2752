//! Watches what a test's store executes: no statement on a tenant table may leave the organisation out.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use diesel::connection::{Instrumentation, InstrumentationEvent};

use crate::table_kinds::Kind;

/// The texts of all statements that one test executed through Diesel's query builder, and how often.
#[derive(Debug, Clone, Default)]
pub struct Statements(Arc<Mutex<BTreeMap<String, usize>>>);

impl Statements {
    /// What a connection tells of its statements to.
    pub(crate) fn recorder(&self) -> impl Instrumentation + use<> {
        let seen = self.0.clone();
        move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                let text = query.to_string();
                let sql = text.split(" -- binds:").next().unwrap_or_default();
                *seen.lock().unwrap_or_else(PoisonError::into_inner).entry(sql.to_owned()).or_default() += 1;
            }
        }
    }

    /// How often each statement was executed until now.
    #[must_use]
    pub fn executed(&self) -> BTreeMap<String, usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Those statements that span organisations without being known for it.
    pub(super) fn unscoped(&self, registry: &[(&str, Kind)], system: &[&str]) -> Vec<String> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.keys().filter(|sql| is_unscoped(sql, registry, system)).cloned().collect()
    }
}

/// Whether `sql` reads, changes or deletes rows of a tenant table without comparing `organization_id`, and holds none of the
/// `system` fragments (written without quotes).
///
/// Diesel quotes identifiers; SQL that a test wrote itself does not, and is not looked at.
fn is_unscoped(sql: &str, registry: &[(&str, Kind)], system: &[&str]) -> bool {
    let sql = sql.replace('`', "\"");
    let names_tenant_table = registry.iter().any(|(name, kind)| {
        matches!(kind, Kind::Tenant | Kind::TenantKeyed(_))
            && ["FROM", "JOIN", "UPDATE"].iter().any(|verb| sql.contains(&format!("{verb} \"{name}\"")))
    });
    let unquoted = sql.replace('"', "");
    let condition = unquoted.split_once(" WHERE ").map_or("", |(_, condition)| condition);
    names_tenant_table
        && !condition.contains("organization_id =")
        && !system.iter().any(|fragment| unquoted.contains(fragment))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTRY: &[(&str, Kind)] = &[("jobs", Kind::Tenant), ("plans", Kind::Reference)];

    #[track_caller]
    fn check(sql: &str, expected: bool) {
        assert_eq!(is_unscoped(sql, REGISTRY, &["FROM jobs WHERE (jobs.run_at <="]), expected, "{sql}");
    }

    #[test]
    fn statements_that_leave_the_organisation_out_are_found() {
        check(r#"SELECT "jobs"."organization_id" FROM "jobs" WHERE ("jobs"."id" = $1)"#, true);
        check("DELETE FROM `jobs` WHERE (`jobs`.`id` = ?)", true);
        check(r#"UPDATE "jobs" SET "organization_id" = $1"#, true);
        check(r#"SELECT 1 FROM ("plans" INNER JOIN "jobs" ON ("jobs"."plan" = "plans"."name"))"#, true);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_test_that_leaves_the_organisation_out_fails() {
        use diesel::{ExpressionMethods, QueryDsl};
        use diesel_async::RunQueryDsl;

        use crate::schema::organizations;
        use crate::{StoreError, test_db::TestDb, tx::on};

        let db = TestDb::sqlite().await;
        let names: Vec<String> = db
            .store()
            .read(&(), |tx, ()| {
                Box::pin(async move {
                    let query = organizations::table.filter(organizations::name.eq("x")).select(organizations::name);
                    Ok::<_, StoreError>(on!(tx, c => query.load(c).await)?)
                })
            })
            .await
            .unwrap();
        assert_eq!(names, [""; 0]);
        let dropping = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(db)));
        let message = dropping.unwrap_err().downcast::<String>().unwrap();
        assert!(message.contains("FROM `organizations` WHERE"), "{message}");
    }

    #[test]
    fn statements_of_one_organisation_and_known_ones_pass() {
        check(r#"SELECT 1 FROM "jobs" WHERE (("jobs"."organization_id" = $1) AND ("jobs"."id" = $2))"#, false);
        check("UPDATE `jobs` SET `a` = ? WHERE (`jobs`.`organization_id` = ?)", false);
        check(r#"SELECT "jobs"."id" FROM "jobs" WHERE ("jobs"."run_at" <= $1)"#, false);
        check(r#"SELECT "plans"."name" FROM "plans""#, false);
        check(r#"INSERT INTO "jobs" ("id") VALUES ($1)"#, false);
        check("SELECT count(*) FROM jobs", false);
    }
}
