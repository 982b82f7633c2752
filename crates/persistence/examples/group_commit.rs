//! What sharing commits is worth on SQLite: the same one-row writes through one store, whose writer commits for many, and
//! through a store for each client, whose writers contend for the file. Durable in both cases (`synchronous=FULL`).
//!
//! `cargo run --release -p routemate-persistence --features test-db --example group_commit [-- SECONDS]`
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a bench measures and prints"
)]

use std::time::{Duration, Instant};

use routemate_persistence::test_db::{Fresh, TestDb};
use routemate_persistence::{Store, StoreError};
use tokio::task::JoinSet;

#[tokio::main]
async fn main() {
    let seconds = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(3);
    println!("clients   shared writes/s  p99 ms   contending writes/s  p99 ms   ratio");
    for clients in [1, 4, 16, 64] {
        let shared = measure(clients, Duration::from_secs(seconds), Writers::Shared).await;
        let contending = measure(clients, Duration::from_secs(seconds), Writers::Contending).await;
        println!(
            "{clients:>7}   {:>15.0}  {:>6.1}   {:>19.0}  {:>6.1}   {:>5.1}",
            shared.per_second,
            shared.p99_ms,
            contending.per_second,
            contending.p99_ms,
            shared.per_second / contending.per_second,
        );
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Writers {
    Shared,
    Contending,
}

struct Measured {
    per_second: f64,
    p99_ms: f64,
}

async fn measure(clients: usize, time: Duration, writers: Writers) -> Measured {
    let db = TestDb::sqlite_with(Fresh::Bare).await;
    write(db.store(), "CREATE TABLE bench (id INTEGER PRIMARY KEY, text TEXT NOT NULL)").await.expect("a table");
    let mut running = JoinSet::new();
    let begun = Instant::now();
    for _ in 0..clients {
        let store = match writers {
            Writers::Shared => db.store().clone(),
            Writers::Contending => db.another_store().await,
        };
        running.spawn(async move {
            let mut taken = Vec::new();
            while begun.elapsed() < time {
                let one = Instant::now();
                // Contending writers may give up; they try again, as their callers would.
                while write(
                    &store,
                    "INSERT INTO bench (text) VALUES ('sixty-four bytes or so of what an import writes')",
                )
                .await
                .is_err()
                {}
                taken.push(one.elapsed());
            }
            taken
        });
    }
    let mut taken: Vec<Duration> = running.join_all().await.into_iter().flatten().collect();
    let elapsed = begun.elapsed().as_secs_f64();
    taken.sort();
    let p99 = taken.get(taken.len() * 99 / 100).copied().unwrap_or_default();
    Measured { per_second: taken.len() as f64 / elapsed, p99_ms: p99.as_secs_f64() * 1000.0 }
}

async fn write(store: &Store, sql: &str) -> Result<(), StoreError> {
    store.write(sql, |tx, sql| Box::pin(async move { tx.execute_raw(sql).await.map(drop) })).await
}
