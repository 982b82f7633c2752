//! A `routemate serve` for one command.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use serde_json::Value;

use crate::failure::{Context, Failure, Result};
use crate::process::{capture, run as run_command};

/// Where one server has its things: a folder below the target folder, kept where something goes wrong.
#[derive(Debug)]
pub(crate) struct Place {
    program: PathBuf,
    pub(crate) folder: PathBuf,
    url: Option<String>,
}

/// What an integration signs in with.
#[derive(Clone, Debug)]
pub(crate) struct Credentials {
    pub(crate) organization_id: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
}

impl Place {
    /// A fresh place for the binary that `cargo build --package routemate` has made; `url` names a PostgreSQL database.
    pub(crate) fn make(name: &str, url: Option<String>) -> Result<Place> {
        let target = crate::metadata::workspace()?.target_directory;
        Place::of(target.join("debug/routemate"), name, url)
    }

    /// A fresh place for another build of the binary.
    pub(crate) fn of(program: PathBuf, name: &str, url: Option<String>) -> Result<Place> {
        let target = crate::metadata::workspace()?.target_directory;
        let folder = target.join("served").join(format!("{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).context(|| format!("cannot make {}", folder.display()))?;
        Ok(Place { program, folder, url })
    }

    /// Where its database is.
    pub(crate) fn database_url(&self) -> String {
        let file = || format!("sqlite://{}", self.folder.join("data/routemate.db").display());
        self.url.clone().unwrap_or_else(file)
    }

    /// Removes what is there.
    pub(crate) fn remove(self) -> Result<()> {
        std::fs::remove_dir_all(&self.folder).context(|| format!("cannot remove {}", self.folder.display()))
    }

    /// An organisation without limits with an integration.
    pub(crate) fn credentials(&self) -> Result<Credentials> {
        self.credentials_on("enterprise")
    }

    /// An organisation on a plan with an integration.
    pub(crate) fn credentials_on(&self, plan: &str) -> Result<Credentials> {
        let organization = self.json(&["org", "create", "--name", "Acme", "--plan", plan])?;
        let organization_id = text(&organization, "organization_id")?.to_owned();
        let integration = self.json(&["integration", "create", "--org", &organization_id, "--name", "Shop"])?;
        Credentials::of(organization_id, &integration)
    }

    /// A driver of the organisation.
    pub(crate) fn driver(&self, credentials: &Credentials, email: &str) -> Result<()> {
        self.json(&["driver", "create", "--org", &credentials.organization_id, "--email", email]).map(drop)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).current_dir(&self.folder);
        command.env("ROUTEMATE_DATA_DIR", self.folder.join("data")).env("ROUTEMATE_LISTEN", "127.0.0.1:0");
        command.env("ROUTEMATE_LOG_FORMAT", "json");
        if let Some(url) = &self.url {
            command.env("ROUTEMATE_DATABASE_URL", url);
        }
        command
    }

    /// What a command says with `--json`.
    pub(crate) fn json(&self, arguments: &[&str]) -> Result<Value> {
        let said = capture(self.command(arguments).arg("--json"))?;
        serde_json::from_str(&said).context(|| format!("what `routemate {}` says", arguments.join(" ")))
    }

    /// Starts a server with these settings and waits until it listens.
    pub(crate) fn serve(&self, settings: &[(&str, &str)]) -> Result<Server> {
        let mut serve = self.command(&["serve"]);
        serve.envs(settings.iter().copied());
        let mut process = serve.stderr(Stdio::piped()).spawn().context(|| "cannot start the server")?;
        let stderr = process.stderr.take().ok_or_else(|| Failure::new("the server has no stderr"))?;
        let mut lines = BufReader::new(stderr).lines();
        let mut said = Vec::new();
        let base = loop {
            let Some(Ok(line)) = lines.next() else {
                return Err(Failure::new(format!("the server ended:\n{}", said.join("\n"))));
            };
            let entry: Value = serde_json::from_str(&line).unwrap_or_default();
            // Its public address may be another one.
            if entry.get("public_url").is_some()
                && let Some(address) = entry.get("address").and_then(Value::as_str)
            {
                break format!("http://{address}");
            }
            said.push(line);
        };
        let log = std::thread::spawn(move || lines.map_while(std::io::Result::ok).collect::<Vec<_>>().join("\n"));
        Ok(Server { process, base, log: Some(log) })
    }
}

/// A server that runs; killed when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    pub(crate) base: String,
    log: Option<JoinHandle<String>>,
}

impl Credentials {
    /// Credentials as they are printed.
    pub(crate) fn of(organization_id: String, printed: &Value) -> Result<Credentials> {
        let field = |name| text(printed, name).map(str::to_owned);
        Ok(Credentials { organization_id, client_id: field("client_id")?, client_secret: field("client_secret")? })
    }
}

impl Server {
    /// Of its process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Asks it to stop; gives what it had logged.
    ///
    /// # Errors
    /// It had died, or does not end well.
    pub(crate) fn stop(mut self) -> Result<String> {
        run_command(Command::new("kill").args(["-TERM", &self.process.id().to_string()]))?;
        let status = self.process.wait().context(|| "cannot wait for the server")?;
        let log = self.log.take().and_then(|log| log.join().ok()).unwrap_or_default();
        if status.success() { Ok(log) } else { Err(Failure::new(format!("the server ended with {status}:\n{log}"))) }
    }
}

impl Server {
    /// Kills it at once (SIGKILL); gives what it had logged.
    pub(crate) fn kill(mut self) -> Result<String> {
        self.process.kill().context(|| "cannot kill the server")?;
        self.process.wait().context(|| "cannot wait for the server")?;
        Ok(self.log.take().and_then(|log| log.join().ok()).unwrap_or_default())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn text<'v>(value: &'v Value, field: &str) -> Result<&'v str> {
    value.get(field).and_then(Value::as_str).ok_or_else(|| Failure::new(format!("no `{field}` in {value}")))
}
