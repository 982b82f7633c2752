//! `routemate-baseline`, the same statements without the rest of a request.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::scenarios::Scenario;
use crate::failure::{Context, Failure, Result};
use crate::process::capture;
use crate::served::Credentials;

/// The program, and what it works on.
#[derive(Debug)]
pub(super) struct Baseline<'s> {
    pub(super) program: PathBuf,
    pub(super) database_url: String,
    pub(super) token: &'s str,
    pub(super) job: &'s str,
    pub(super) scenario: &'static Scenario,
}

impl Baseline<'_> {
    fn command(&self, what: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["--database-url", &self.database_url, what, "--token", self.token]);
        command
    }

    fn replaying(&self, what: &str) -> Command {
        let mut command = self.command(what);
        command.args(["--request", self.scenario.request, "--job", self.job]);
        command
    }

    /// Integrations that are added.
    pub(super) fn seed(&self) -> Result<Vec<Credentials>> {
        let said = capture(self.command("seed").args(["--count", &self.scenario.clients.to_string()]))?;
        said.lines().map(|line| Credentials::of(String::new(), &parsed(line)?)).collect()
    }

    /// Requests a second, with so many at a time, in a process that does nothing else.
    pub(super) fn drive(&self, clients: usize, time: Duration) -> Result<f64> {
        let mut command = self.replaying("drive");
        command.args(["--clients", &clients.to_string(), "--seconds", &time.as_secs_f64().to_string()]);
        let told = parsed(&capture(&mut command)?)?;
        let number = |field| told.get(field).and_then(Value::as_f64).filter(|number| *number > 0.0);
        match (number("done"), number("seconds")) {
            (Some(done), Some(seconds)) => Ok(done / seconds),
            _ => Err(Failure::new(format!("the baseline has done nothing: {told}"))),
        }
    }

    /// An endpoint that does nothing else.
    pub(super) fn serve(&self) -> Result<Endpoint> {
        let mut serve = self.replaying("serve");
        let mut process =
            serve.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context(|| "cannot start the baseline")?;
        let stdout = process.stdout.take().ok_or_else(|| Failure::new("the baseline has no stdout"))?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).context(|| "the baseline says nothing")?;
        let url = parsed(&line)?.get("url").and_then(Value::as_str).map(str::to_owned);
        let url = url.ok_or_else(|| Failure::new(format!("the baseline does not listen: {line}")))?;
        Ok(Endpoint { process, address: url.trim_start_matches("http://").to_owned() })
    }
}

fn parsed(text: &str) -> Result<Value> {
    serde_json::from_str(text).context(|| "what the baseline says")
}

/// The baseline's endpoint; gone when dropped.
#[derive(Debug)]
pub(super) struct Endpoint {
    process: Child,
    pub(super) address: String,
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
