//! Tells as JSON what a database holds of each job, and what in it belongs to nothing: for `cargo xtask bench crash`.
//!
//! `cargo run -p routemate-persistence --features test-db --example inventory -- DATABASE-URL`

use std::collections::BTreeMap;

use routemate_persistence::{DatabaseKind, Store, StoreConfig, StoreError};
use serde_json::{Value, json};

/// One line for each job. `{job_id}` and `{route_id}` are its ids as hexadecimal digits.
///
/// The benches' idempotency keys are the external ids.
const JOBS: &str = "SELECT j.external_job_id || '|' || {job_id}
    || '|' || (SELECT count(*) FROM stops s WHERE s.organization_id = j.organization_id AND s.job_id = j.id)
    || '|' || (SELECT count(DISTINCT s.position) FROM stops s
        WHERE s.organization_id = j.organization_id AND s.route_id = j.route_id)
    || '|' || (SELECT count(*) FROM routes r WHERE r.organization_id = j.organization_id AND r.id = j.route_id)
    || '|' || (SELECT count(*) FROM idempotency_keys k WHERE k.organization_id = j.organization_id
        AND k.integration_id = j.integration_id AND k.idempotency_key = j.external_job_id AND k.response_status = 200)
    || '|' || (SELECT count(*) FROM outbox o
        WHERE o.organization_id = j.organization_id AND o.job_id = j.id AND o.event = 'job.assigned')
    || '|' || (SELECT count(*) FROM stops s WHERE s.organization_id = j.organization_id AND s.job_id = j.id
        AND s.location_source = 'searching' AND NOT EXISTS (SELECT 1 FROM queue q
            WHERE q.organization_id = j.organization_id AND replace(q.dedupe_key, '-', '') = {job_id}))
    AS value FROM jobs j ORDER BY j.organization_id, j.external_job_id, j.id";

/// What must never be there once nobody works any more.
const STRAYS: &[(&str, &str)] = &[
    (
        "routes without a job",
        "SELECT count(*) AS value FROM routes r WHERE NOT EXISTS
            (SELECT 1 FROM jobs j WHERE j.organization_id = r.organization_id AND j.route_id = r.id)",
    ),
    (
        "stops without a route",
        "SELECT count(*) AS value FROM stops s WHERE NOT EXISTS
            (SELECT 1 FROM routes r WHERE r.organization_id = s.organization_id AND r.id = s.route_id)",
    ),
    (
        "events without a job",
        "SELECT count(*) AS value FROM outbox o WHERE NOT EXISTS
            (SELECT 1 FROM jobs j WHERE j.organization_id = o.organization_id AND j.id = o.job_id)",
    ),
    (
        "answers to imports without a job",
        "SELECT count(*) AS value FROM idempotency_keys k WHERE k.response_status = 200 AND NOT EXISTS
            (SELECT 1 FROM jobs j WHERE j.organization_id = k.organization_id AND j.external_job_id = k.idempotency_key)",
    ),
    (
        "routes whose addresses were found and that lack an event or a line of the audit log",
        "SELECT count(*) AS value FROM jobs j WHERE
            (SELECT count(*) FROM outbox o WHERE o.organization_id = j.organization_id AND o.job_id = j.id
                AND o.event = 'route.reoptimized')
            <> (SELECT count(*) FROM audit_log a WHERE a.organization_id = j.organization_id
                AND a.action = 'route.addresses_found' AND replace(replace(a.subject, 'route:', ''), '-', '') = {route_id})",
    ),
    ("keys that are reserved for ever", "SELECT count(*) AS value FROM idempotency_keys WHERE response_status IS NULL"),
];

#[tokio::main]
#[expect(clippy::print_stdout, reason = "standard output is the product")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).ok_or("which database?")?;
    let store = Store::open(&StoreConfig::new(url)).await?;
    let with_ids = |sql: &str| {
        let digits = |column: &str| match store.kind() {
            DatabaseKind::Sqlite => format!("lower(hex({column}))"),
            DatabaseKind::Postgres => format!("replace(CAST({column} AS text), '-', '')"),
        };
        sql.replace("{job_id}", &digits("j.id")).replace("{route_id}", &digits("j.route_id"))
    };
    let lines: Result<_, StoreError> = store.read(&with_ids(JOBS), |tx, sql| Box::pin(tx.texts_raw(sql))).await;
    let jobs: Option<Vec<Value>> = lines?.iter().map(|line| job(line)).collect();
    let mut strays = BTreeMap::new();
    for (what, sql) in STRAYS {
        let count: Result<_, StoreError> = store.read(&with_ids(sql), |tx, sql| Box::pin(tx.numbers_raw(sql))).await;
        strays.insert(what, count?.into_iter().sum::<i64>());
    }
    println!("{}", json!({ "jobs": jobs.ok_or("a line of JOBS has too few columns")?, "strays": strays }));
    Ok(())
}

/// A line of [`JOBS`].
fn job(line: &str) -> Option<Value> {
    let mut columns = line.split('|');
    let (external_id, job_id) = (columns.next()?, columns.next()?);
    let mut number = || columns.next()?.parse::<i64>().ok();
    Some(json!({
        "external_id": external_id,
        "job_id": job_id,
        "stops": number()?,
        "positions": number()?,
        "routes": number()?,
        "answers": number()?,
        "events": number()?,
        "searches_lost": number()?,
    }))
}
