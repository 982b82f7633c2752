//! A `routemate serve` of a test's own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use reqwest::{Client, Response};
use routemate_persistence::test_db::{Fresh, TestDb};
use routemate_persistence::{DatabaseKind, Store, StoreConfig, StoreError};
use serde_json::{Value, json};

/// Where a test's server keeps its things; outlives the server.
pub(crate) struct Place {
    folder: tempfile::TempDir,
    database_url: Option<String>,
    _database: Option<TestDb>,
}

impl Place {
    /// A fresh place, with a bare database of this kind; `None`, said aloud, where there is no such server.
    pub(crate) async fn new(kind: DatabaseKind) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = match kind {
            DatabaseKind::Sqlite => None,
            DatabaseKind::Postgres => match TestDb::postgres_with(Fresh::Bare).await {
                Some(database) => Some(database),
                None => {
                    eprintln!("SKIPPED: ROUTEMATE_TEST_POSTGRES_URL names no PostgreSQL server");
                    return None;
                }
            },
        };
        let database_url = database.as_ref().map(|database| database.url().to_owned());
        Some(Self { folder, database_url, _database: database })
    }

    pub(crate) fn kind(&self) -> DatabaseKind {
        if self.database_url.is_some() { DatabaseKind::Postgres } else { DatabaseKind::Sqlite }
    }

    /// Where the database is, unless it is in the folder.
    pub(crate) fn database_url(&self) -> Option<&str> {
        self.database_url.as_deref()
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A second way to the database, beside the server's.
    pub(crate) async fn store(&self) -> Store {
        let embedded = || format!("sqlite://{}", self.folder.path().join("data/routemate.db").display());
        let url = self.database_url.clone().unwrap_or_else(embedded);
        Self::store_at(&url).await
    }

    /// A store of any database.
    pub(crate) async fn store_at(url: &str) -> Store {
        Store::open(&StoreConfig::new(url)).await.expect("a store")
    }

    /// Runs one statement on a database, which is made where there is none.
    pub(crate) async fn execute(store: Store, sql: &str) {
        let done: Result<usize, StoreError> = store.write(sql, |tx, sql| Box::pin(tx.execute_raw(sql))).await;
        done.expect("the statement is right");
        store.close().await.expect("it ends");
    }

    /// The binary, told where its things are.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_routemate"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("ROUTEMATE_DATA_DIR", self.folder.path().join("data"))
            .env("ROUTEMATE_LISTEN", "127.0.0.1:0")
            // As in a small container: no certificates.
            .env("SSL_CERT_FILE", self.folder.path().join("none"))
            .env("SSL_CERT_DIR", self.folder.path().join("none"));
        if let Some(url) = &self.database_url {
            command.env("ROUTEMATE_DATABASE_URL", url);
        }
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the binary runs")
    }

    /// Runs a command with `--json` and reads its answer.
    #[track_caller]
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat());
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("one JSON object")
    }

    /// An organisation with an integration, made by the command line.
    pub(crate) fn credentials(&self, organization: &[&str]) -> Credentials {
        let created = self.json(&[&["org", "create", "--name", "Acme"], organization].concat());
        let organization_id = text(&created, "organization_id");
        let created = self.json(&["integration", "create", "--org", &organization_id, "--name", "Shop"]);
        Credentials {
            organization_id,
            client_id: text(&created, "client_id"),
            client_secret: text(&created, "client_secret"),
        }
    }

    /// Starts a server and waits until it listens.
    pub(crate) fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    /// The same, with these settings.
    pub(crate) fn serve_with(&self, settings: &[(&str, &str)]) -> Server {
        let mut command = self.command(&["serve"]);
        command.envs(settings.iter().copied());
        start(command)
    }
}

/// Starts a server by any command and waits until it listens.
pub(crate) fn start(mut command: Command) -> Server {
    let mut child =
        command.env("ROUTEMATE_LOG_FORMAT", "json").stderr(Stdio::piped()).spawn().expect("the binary runs");
    let mut lines = BufReader::new(child.stderr.take().expect("stderr is piped")).lines();
    let (mut said, mut metrics_url) = (Vec::new(), None);
    let base = loop {
        let Some(Ok(line)) = lines.next() else { panic!("the server ended: {}", said.join("\n")) };
        let entry: Value = serde_json::from_str(&line).unwrap_or_default();
        metrics_url = metrics_url.or_else(|| entry.get("metrics_url").and_then(Value::as_str).map(str::to_owned));
        if let Some(url) = entry.get("public_url").and_then(Value::as_str) {
            break url.to_owned();
        }
        said.push(line);
    };
    let log = std::thread::spawn(move || lines.map_while(Result::ok).collect::<Vec<_>>().join("\n"));
    // The second server of a process finds it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Server { child: Some(child), base, metrics_url, log: Some(log), client: Client::new() }
}

/// What an integration signs in with.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) organization_id: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
}

/// A server that runs; killed when dropped.
pub(crate) struct Server {
    child: Option<Child>,
    pub(crate) base: String,
    pub(crate) metrics_url: Option<String>,
    log: Option<std::thread::JoinHandle<String>>,
    pub(crate) client: Client,
}

impl Server {
    pub(crate) async fn token(&self, credentials: &Credentials) -> String {
        let body = json!({ "client_id": credentials.client_id, "client_secret": credentials.client_secret });
        let answer = self.client.post(format!("{}/v1/integration-token", self.base)).json(&body).send().await;
        let answer: Value = answer.expect("an answer").json().await.expect("JSON");
        text(&answer, "access_token")
    }

    pub(crate) async fn import(
        &self,
        token: &str,
        body: &Value,
        key: Option<&str>,
    ) -> Result<Response, reqwest::Error> {
        let mut request =
            self.client.post(format!("{}/v1/integration-import", self.base)).bearer_auth(token).json(body);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        request.send().await
    }

    pub(crate) async fn job(&self, token: &str, query: &str) -> Response {
        let url = format!("{}/v1/integration-jobs?{query}", self.base);
        self.client.get(url).bearer_auth(token).send().await.expect("an answer")
    }

    /// What the server measures, as Prometheus reads it.
    pub(crate) async fn metrics(&self) -> String {
        let url = self.metrics_url.as_ref().expect("metrics are on");
        self.client.get(url).send().await.expect("an answer").text().await.expect("a body")
    }

    /// The process, for who sends it signals while others still use it.
    pub(crate) fn process_id(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    /// Kills the process at once, while others still use it.
    pub(crate) fn kill_now(&self) {
        let id = self.child.as_ref().expect("it runs").id();
        let killed = Command::new("kill").args(["-KILL", &id.to_string()]).status().expect("kill runs");
        assert!(killed.success());
    }

    /// Asks the process to stop; gives whether it ended well, how long that took, and what it had logged.
    pub(crate) fn terminate(mut self) -> (bool, Duration, String) {
        let mut child = self.child.take().expect("it runs");
        let begun = std::time::Instant::now();
        let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill runs");
        assert!(told.success());
        let status = child.wait().expect("it ends");
        let log = self.log.take().map(|log| log.join().expect("the log is read")).unwrap_or_default();
        (status.success(), begun.elapsed(), log)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A text field.
#[track_caller]
pub(crate) fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("no `{field}` in {value}")).to_owned()
}

/// A job of so many stops in a grid of streets, in an order that is not the best one.
pub(crate) fn job(external_job_id: &str, stops: usize) -> Value {
    let stops: Vec<Value> = (0..stops)
        .map(|index| {
            // A step that shares no factor with the count jumps about.
            let place = index * 7919 % stops.max(1);
            json!({
                "external_stop_id": format!("S{index}"),
                "address": format!("{index} Esplanadi, Helsinki"),
                "latitude": 60.16 + (place / 15) as f64 * 0.002,
                "longitude": 24.93 + (place % 15) as f64 * 0.004,
            })
        })
        .collect();
    json!({ "external_job_id": external_job_id, "title": "Morning", "driver_email": "ada@example.com", "stops": stops })
}

/// Generates a test for each database.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {$(
        mod $name {
            use routemate_persistence::DatabaseKind;

            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                if let Some(place) = crate::server::Place::new(DatabaseKind::Sqlite).await {
                    super::$name(&place).await;
                }
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() {
                if let Some(place) = crate::server::Place::new(DatabaseKind::Postgres).await {
                    super::$name(&place).await;
                }
            }
        }
    )*};
}
pub(crate) use on_both;
