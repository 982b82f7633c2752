//! What tests look at: refusals, orders, and what the database holds.

use std::fmt::Debug;

use routemate_app::{Error, ErrorKind, ImportJob};
use routemate_domain::{Email, Itinerary, JobId, OrganizationId};
use routemate_persistence::{Store, StoreError};
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
