//! What tests look at: refusals, orders, and what the database holds.

use std::fmt::Debug;

use routemate_app::{Error, ErrorKind, ImportJob};
use routemate_domain::{Email, Itinerary, JobId, OrganizationId, RouteId};
use routemate_persistence::{DatabaseKind, Store, StoreError};
use routemate_test_support::text;

/// Why it was refused; panics where it was not.
#[track_caller]
pub(crate) fn refusal<T: Debug>(outcome: Result<T, Error>) -> ErrorKind {
    outcome.expect_err("a refusal").kind().clone()
}

/// The client's ids of the stops in driving order.
pub(crate) fn order(itinerary: &Itinerary) -> Vec<&str> {
    itinerary.stops.iter().map(|stop| stop.external_id.as_ref().unwrap().as_str()).collect()
}

/// The same job under another id of the client.
pub(crate) fn named(external_job_id: &str, command: ImportJob) -> ImportJob {
    ImportJob { external_job_id: text(external_job_id), ..command }
}

/// The same job for another driver.
pub(crate) fn driven_by(email: &str, command: ImportJob) -> ImportJob {
    ImportJob { driver_email: email.to_owned(), driver_key: Email::parse(email).unwrap(), ..command }
}

/// The column `value` of what `sql` selects.
pub(crate) async fn texts(store: &Store, sql: &str) -> Vec<String> {
    store.read(sql, |tx, sql| Box::pin(tx.texts_raw(sql))).await.unwrap()
}

/// How many rows a table holds.
pub(crate) async fn count(store: &Store, table: &str) -> i64 {
    let sql = format!("SELECT count(*) AS value FROM {table}");
    let found = store.read(&sql, |tx, sql| Box::pin(tx.numbers_raw(sql))).await.unwrap();
    found[0]
}

/// Every table with the number of its rows.
pub(crate) async fn tables(store: &Store) -> Vec<(String, i64)> {
    let names = match store.kind() {
        DatabaseKind::Sqlite => "SELECT name AS value FROM sqlite_master WHERE type = 'table' ORDER BY name",
        DatabaseKind::Postgres => {
            "SELECT table_name::text AS value FROM information_schema.tables
             WHERE table_schema = current_schema() ORDER BY table_name"
        }
    };
    let mut counted = Vec::new();
    for table in texts(store, names).await {
        let rows = count(store, &table).await;
        counted.push((table, rows));
    }
    counted
}

/// Copies a job and its route without the stops, so many times. The copies are older than any job that is made later, and
/// no text that the job was searched by finds them.
pub(crate) async fn copy_jobs(store: &Store, job: JobId, route: RouteId, copies: usize) {
    let (job, route) = (job.to_uuid(), route.to_uuid());
    let prefix = format!("{}bfffffff", &job.simple().to_string()[..16]);
    let (series, id) = match store.kind() {
        DatabaseKind::Sqlite => (
            format!(
                "WITH RECURSIVE copy (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM copy WHERE number < {copies})"
            ),
            format!("unhex('{prefix}' || printf('%08x', number))"),
        ),
        DatabaseKind::Postgres => (
            format!("WITH copy AS (SELECT generate_series(1, {copies}) AS number)"),
            format!("('{prefix}' || lpad(to_hex(number), 8, '0'))::uuid"),
        ),
    };
    let quoted = |id: uuid::Uuid| match store.kind() {
        DatabaseKind::Sqlite => format!("x'{}'", id.simple()),
        DatabaseKind::Postgres => format!("'{id}'"),
    };
    for (table, original) in [("routes", quoted(route)), ("jobs", quoted(job))] {
        let columns = match store.kind() {
            DatabaseKind::Sqlite => format!("SELECT name AS value FROM pragma_table_info('{table}')"),
            DatabaseKind::Postgres => format!(
                "SELECT column_name::text AS value FROM information_schema.columns
                 WHERE table_schema = current_schema() AND table_name = '{table}'"
            ),
        };
        let columns = texts(store, &columns).await;
        let value = |column: &String| match column.as_str() {
            "id" | "route_id" => id.clone(),
            "external_job_id" => "'COPY-' || number".to_owned(),
            "search" => "'copy'".to_owned(),
            column => format!("original.{column}"),
        };
        let values: Vec<String> = columns.iter().map(value).collect();
        let sql = format!(
            "{series} INSERT INTO {table} ({}) SELECT {} FROM {table} original, copy WHERE original.id = {original}",
            columns.join(", "),
            values.join(", "),
        );
        let copied: Result<usize, StoreError> = store.write(&sql, |tx, sql| Box::pin(tx.execute_raw(sql))).await;
        assert_eq!(copied.unwrap(), copies);
    }
}

/// The audited actions of an organisation, newest first; those that every test begins with are left out.
pub(crate) async fn audited(store: &Store, organization: OrganizationId) -> Vec<String> {
    let entries: Result<_, StoreError> = store
        .read(&organization, |tx, organization| {
            Box::pin(async move { tx.organization(*organization).find_audit(1000).await })
        })
        .await;
    entries.unwrap().into_iter().map(|(action, _)| action).filter(|action| action != "integration.created").collect()
}

/// The names of a job's events, oldest first.
pub(crate) async fn events(store: &Store, organization: OrganizationId, job: JobId) -> Vec<String> {
    let events: Result<_, StoreError> = store
        .read(&(organization, job), |tx, (organization, job)| {
            Box::pin(async move { tx.organization(*organization).find_event_names(*job).await })
        })
        .await;
    events.unwrap()
}
