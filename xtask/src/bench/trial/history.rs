//! The history of a run: every invocation and what came of it, in a file of JSON lines.
//!
//! A line is written before a request goes out and another one after its answer has come, so that a history never knows
//! more than its clients did.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use super::caller::{Answer, NoAnswer};
use super::imports::Import;
use crate::failure::{Context, Failure, Result};
use crate::process::Stopwatch;

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::bench) enum Call {
    /// An import under its key.
    Import,
    /// The same, after everything was over.
    LastImport,
    /// A job's status.
    Status,
    /// A token.
    Token,
}

impl Call {
    const ALL: [Call; 4] = [Call::Import, Call::LastImport, Call::Status, Call::Token];

    const fn as_str(self) -> &'static str {
        match self {
            Call::Import => "import",
            Call::LastImport => "last_import",
            Call::Status => "status",
            Call::Token => "token",
        }
    }
}

/// One call. Times are those of the client, since the beginning of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::bench) struct Invocation {
    pub(in crate::bench) call: Call,
    /// What it was about; nothing for a token.
    pub(in crate::bench) import: Option<Import>,
    pub(in crate::bench) asked: Duration,
    pub(in crate::bench) outcome: Outcome,
}

/// How a call ended for its client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::bench) enum Outcome {
    /// With an answer at that time.
    Answered(Duration, Answer),
    /// Without one: it may have been done or not.
    Lost(String),
}

impl Invocation {
    /// The answer, where it says that it was done.
    pub(in crate::bench) fn acknowledged(&self) -> Option<(Duration, &Answer)> {
        match &self.outcome {
            Outcome::Answered(at, answer) if answer.status == 200 => Some((*at, answer)),
            _ => None,
        }
    }
}

/// The file while it is written, by many threads.
#[derive(Debug)]
pub(in crate::bench) struct Log {
    path: PathBuf,
    file: Mutex<BufWriter<File>>,
    begun: Stopwatch,
    calls: AtomicU64,
}

impl Log {
    pub(in crate::bench) fn create(path: &Path) -> Result<Log> {
        let file = File::create(path).context(|| format!("cannot create {}", path.display()))?;
        let file = Mutex::new(BufWriter::new(file));
        Ok(Log { path: path.to_path_buf(), file, begun: Stopwatch::start(), calls: AtomicU64::new(0) })
    }

    pub(in crate::bench) fn path(&self) -> &Path {
        &self.path
    }

    /// Time since the beginning.
    pub(in crate::bench) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Makes a call and writes down both its ends.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(in crate::bench) fn call(
        &self,
        call: Call,
        import: Option<Import>,
        make: impl FnOnce() -> std::result::Result<Answer, NoAnswer>,
    ) -> Result<std::result::Result<Answer, NoAnswer>> {
        let id = self.calls.fetch_add(1, Ordering::Relaxed);
        let asked = json!({
            "id": id, "at_us": self.now(), "step": "asked", "call": call.as_str(), "import": import.map(|import| import.0),
        });
        self.write(&asked)?;
        let outcome = make();
        let at_us = self.now();
        let ended = match &outcome {
            Ok(answer) => json!({
                "id": id, "at_us": at_us, "step": "answered", "status": answer.status, "is_replay": answer.is_replay,
                "retry_after": answer.retry_after, "body": answer.body,
            }),
            Err(NoAnswer(why)) => json!({ "id": id, "at_us": at_us, "step": "lost", "why": why }),
        };
        self.write(&ended)?;
        Ok(outcome)
    }

    /// Notes something that befell a server.
    pub(in crate::bench) fn note(&self, event: &str) -> Result<()> {
        self.write(&json!({ "at_us": self.now(), "event": event }))
    }

    /// Brings everything to the file.
    pub(in crate::bench) fn flush(&self) -> Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.flush().context(|| format!("cannot write {}", self.path.display()))
    }

    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn write(&self, line: &Value) -> Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(file, "{line}").context(|| format!("cannot write {}", self.path.display()))
    }
}

/// Reads a history back, in the order in which calls were made. What has no end was lost.
pub(in crate::bench) fn read(path: &Path) -> Result<Vec<Invocation>> {
    let text = std::fs::read_to_string(path).context(|| format!("cannot read {}", path.display()))?;
    parse(&text).context(|| path.display().to_string())
}

fn parse(text: &str) -> Result<Vec<Invocation>> {
    let mut calls: BTreeMap<u64, Invocation> = BTreeMap::new();
    for (number, line) in text.lines().enumerate() {
        let wrong = || Failure::new(format!("line {} is no part of a history: {line}", number + 1));
        let line: Value = serde_json::from_str(line).map_err(|_| wrong())?;
        let Some(id) = line.get("id").and_then(Value::as_u64) else { continue };
        let at = line.get("at_us").and_then(Value::as_u64).map(Duration::from_micros).ok_or_else(wrong)?;
        let text = |field: &str| line.get(field).and_then(Value::as_str);
        match text("step") {
            Some("asked") => {
                let call = Call::ALL.into_iter().find(|call| text("call") == Some(call.as_str())).ok_or_else(wrong)?;
                let import = line.get("import").and_then(Value::as_u64).map(Import);
                let outcome = Outcome::Lost("the run ended first".to_owned());
                calls.insert(id, Invocation { call, import, asked: at, outcome });
            }
            Some(step) => {
                let outcome = match step {
                    "answered" => Outcome::Answered(at, parse_answer(&line).ok_or_else(wrong)?),
                    _ => Outcome::Lost(text("why").ok_or_else(wrong)?.to_owned()),
                };
                calls.get_mut(&id).ok_or_else(wrong)?.outcome = outcome;
            }
            None => return Err(wrong()),
        }
    }
    Ok(calls.into_values().collect())
}

fn parse_answer(line: &Value) -> Option<Answer> {
    Some(Answer {
        status: line.get("status")?.as_u64()?.try_into().ok()?,
        is_replay: line.get("is_replay")?.as_bool()?,
        retry_after: line.get("retry_after")?.as_u64().and_then(|seconds| seconds.try_into().ok()),
        body: line.get("body")?.as_str()?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_back() {
        let path = std::env::temp_dir().join(format!("xtask-history-{}", std::process::id()));
        let log = Log::create(&path).unwrap();
        let answer = Answer { status: 200, is_replay: true, retry_after: Some(1), body: "{\"a\":\"é\"}".to_owned() };
        let given = answer.clone();
        log.call(Call::Import, Some(Import(7)), || Ok(given)).unwrap().unwrap();
        log.note("killed").unwrap();
        assert!(log.call(Call::Token, None, || Err(NoAnswer("reset".to_owned()))).unwrap().is_err());
        log.flush().unwrap();
        let history = read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(history.len(), 2);
        assert_eq!((history[0].call, history[0].import), (Call::Import, Some(Import(7))));
        assert_eq!(history[0].acknowledged().unwrap().1, &answer);
        assert_eq!(history[1].outcome, Outcome::Lost("reset".to_owned()));
    }

    #[test]
    fn a_call_without_an_end_is_lost() {
        let history = parse(r#"{"id":3,"at_us":9,"step":"asked","call":"status","import":1}"#).unwrap();
        assert!(matches!(history[0].outcome, Outcome::Lost(_)));
    }

    #[test]
    fn what_is_no_history_is_refused_with_its_line() {
        assert!(parse("{}\nnonsense").unwrap_err().message.contains("line 2"));
        assert!(parse(r#"{"id":3,"at_us":9,"step":"answered","status":200}"#).is_err());
    }
}
