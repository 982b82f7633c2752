//! The way to PostgreSQL breaks: in the moment of an import's COMMIT, or altogether.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use routemate_persistence::{DatabaseKind, StoreError};
use serde_json::Value;

use crate::server::{Place, job, text};

/// On which side of the COMMIT the connection breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Break {
    /// PostgreSQL never hears of it.
    Before,
    /// PostgreSQL commits and says so, and nobody hears it.
    After,
}

/// A way to a server that breaks at the COMMIT of the next transaction that inserts a job.
struct Gate {
    url: String,
    armed: Arc<Mutex<Option<Break>>>,
    is_closed: Arc<AtomicBool>,
    connections: Arc<Mutex<Vec<Arc<Connection>>>>,
}

impl Gate {
    fn before(url: &str) -> Gate {
        let (head, rest) = url.split_once('@').expect("a user");
        let (server, database) = rest.split_once('/').expect("a database");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("{head}@{}/{database}", listener.local_addr().expect("an address"));
        let (server, armed) = (server.to_owned(), Arc::new(Mutex::new(None)));
        let (is_closed, connections) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let gate = Gate {
            url,
            armed: Arc::clone(&armed),
            is_closed: Arc::clone(&is_closed),
            connections: Arc::clone(&connections),
        };
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if is_closed.load(SeqCst) {
                    continue;
                }
                let server = TcpStream::connect(&server).expect("PostgreSQL");
                let connection = Arc::new(Connection { client, server, swallows: AtomicBool::new(false) });
                connections.lock().expect("no panic").push(Arc::clone(&connection));
                let (asking, armed) = (Arc::clone(&connection), Arc::clone(&armed));
                std::thread::spawn(move || asking.carry_questions(&armed));
                std::thread::spawn(move || connection.carry_answers());
            }
        });
        gate
    }

    fn breaks(&self, when: Break) {
        *self.armed.lock().expect("no panic") = Some(when);
    }

    /// Ends what passes and lets nothing through.
    fn close(&self) {
        self.is_closed.store(true, SeqCst);
        self.connections.lock().expect("no panic").drain(..).for_each(|connection| connection.end());
    }

    fn open(&self) {
        self.is_closed.store(false, SeqCst);
    }
}

struct Connection {
    client: TcpStream,
    server: TcpStream,
    /// Whether answers are read and not handed on.
    swallows: AtomicBool,
}

impl Connection {
    fn carry_questions(&self, armed: &Mutex<Option<Break>>) {
        let (mut said, mut has_job) = (Vec::new(), false);
        let mut chunk = [0; 16_384];
        while let Ok(length @ 1..) = (&self.client).read(&mut chunk) {
            // What was asked for may be cut in two.
            said.drain(..said.len().saturating_sub(64));
            said.extend_from_slice(&chunk[..length]);
            has_job |= contains(&said, b"INSERT INTO \"jobs\"");
            if has_job && contains(&chunk[..length], b"COMMIT") {
                match armed.lock().expect("no panic").take() {
                    Some(Break::Before) => break,
                    Some(Break::After) => self.swallows.store(true, SeqCst),
                    None => {}
                }
            }
            if (&self.server).write_all(&chunk[..length]).is_err() {
                break;
            }
        }
        self.end();
    }

    fn carry_answers(&self) {
        let mut chunk = [0; 16_384];
        while let Ok(length @ 1..) = (&self.server).read(&mut chunk) {
            if self.swallows.load(SeqCst) {
                if contains(&chunk[..length], b"COMMIT") {
                    break;
                }
            } else if (&self.client).write_all(&chunk[..length]).is_err() {
                break;
            }
        }
        self.end();
    }

    fn end(&self) {
        // The other direction may have ended it already.
        let _ = (self.client.shutdown(Shutdown::Both), self.server.shutdown(Shutdown::Both));
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

async fn jobs(place: &Place) -> i64 {
    let sql = "SELECT count(*) AS value FROM jobs";
    let found: Result<_, StoreError> = place.store().await.read(sql, |tx, sql| Box::pin(tx.numbers_raw(sql))).await;
    found.expect("a count")[0]
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_whose_commit_was_not_confirmed_is_answered_with_what_is_stored() {
    let Some(place) = Place::new(DatabaseKind::Postgres).await else { return };
    let gate = Gate::before(place.database_url().expect("PostgreSQL"));
    let credentials = place.credentials(&["--plan", "enterprise"]);
    let server = place.serve_with(&[("ROUTEMATE_DATABASE_URL", &gate.url)]);
    let token = server.token(&credentials).await;
    gate.breaks(Break::After);
    let first = server.import(&token, &job("ONE", 7), Some("key")).await.expect("an answer");
    assert_eq!(*gate.armed.lock().expect("no panic"), None, "nothing broke");
    assert_eq!(first.status(), 200);
    assert!(!first.headers().contains_key("Idempotency-Replayed"));
    let first = first.bytes().await.expect("a body");
    let again = server.import(&token, &job("ONE", 7), Some("key")).await.expect("an answer");
    assert_eq!(again.headers()["Idempotency-Replayed"], "true");
    assert_eq!(again.bytes().await.expect("a body"), first);
    assert_eq!(jobs(&place).await, 1);
    let imported: Value = serde_json::from_slice(&first).expect("JSON");
    let status: Value = server.job(&token, "external_job_id=ONE").await.json().await.expect("JSON");
    assert_eq!(text(&status, "job_id"), text(&imported, "job_id"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_whose_commit_never_arrived_leaves_nothing_and_can_be_sent_again() {
    let Some(place) = Place::new(DatabaseKind::Postgres).await else { return };
    let gate = Gate::before(place.database_url().expect("PostgreSQL"));
    let credentials = place.credentials(&["--plan", "enterprise"]);
    let server = place.serve_with(&[("ROUTEMATE_DATABASE_URL", &gate.url)]);
    let token = server.token(&credentials).await;
    gate.breaks(Break::Before);
    let first = server.import(&token, &job("ONE", 7), Some("key")).await.expect("an answer");
    assert_eq!(*gate.armed.lock().expect("no panic"), None, "nothing broke");
    assert_eq!(first.status(), 503);
    assert!(first.headers().contains_key("Retry-After"));
    assert_eq!(jobs(&place).await, 0);
    let again = server.import(&token, &job("ONE", 7), Some("key")).await.expect("an answer");
    assert_eq!(again.status(), 200);
    assert!(!again.headers().contains_key("Idempotency-Replayed"));
    assert_eq!(jobs(&place).await, 1);
}

/// Whoever asks for readiness waits for seconds, not for as long as a call waits for the database.
#[tokio::test(flavor = "multi_thread")]
async fn readiness_is_soon_told_while_postgresql_is_away() {
    let Some(place) = Place::new(DatabaseKind::Postgres).await else { return };
    let gate = Gate::before(place.database_url().expect("PostgreSQL"));
    let server = place.serve_with(&[("ROUTEMATE_DATABASE_URL", &gate.url)]);
    let ask =
        || tokio::time::timeout(Duration::from_secs(5), server.client.get(format!("{}/readyz", server.base)).send());
    let status = async || ask().await.expect("it is told soon").expect("an answer").status();
    assert_eq!(status().await, 200);
    gate.close();
    assert_eq!(status().await, 503);
    gate.open();
    while status().await != 200 {}
}
