//! What a judge finds: each thing names the import that it is about.

use std::fmt;
use std::time::Duration;

use super::history::Call;
use super::imports::Import;

/// Something that must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::bench) enum Finding {
    /// It was acknowledged, and is not there.
    Lost { import: Import, job_id: String, at: Duration },
    /// It was acknowledged, and a question asked later was told that there is no such job.
    Forgotten { import: Import, at: Duration },
    /// There is more than one job for it.
    Doubled { import: Import, job_ids: Vec<String> },
    /// Its status once told of a job that is not there in the end.
    Replaced { import: Import, job_id: String },
    /// Answers under its key differ.
    AnswersDiffer { import: Import, one: String, other: String },
    /// It was acknowledged before, and yet the last call did it again.
    DoneAgain { import: Import },
    /// Parts of it are missing, or there too often.
    HalfWritten { import: Import, what: String },
    /// A call under its key was still not answered with 200 when everything was over.
    KeyStuck { import: Import, outcome: String },
    /// An answer that no client should see: neither success nor "try later".
    Unexpected { call: Call, import: Option<Import>, at: Duration, answer: String },
    /// A job that nobody sent.
    Unasked { external_id: String },
    /// Rows that belong to nothing.
    Stray { what: String, count: u64 },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::Lost { import, job_id, at } => {
                write!(f, "import {import}: LOST, acknowledged as {job_id} at {at:.3?} and not there")
            }
            Finding::Forgotten { import, at } => {
                write!(f, "import {import}: acknowledged, and at {at:.3?} there was no such job")
            }
            Finding::Doubled { import, job_ids } => write!(f, "import {import}: DOUBLED, jobs {}", job_ids.join(", ")),
            Finding::AnswersDiffer { import, one, other } => {
                let same = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
                let rest = |body: &str| shortened(body.get(same..).unwrap_or(body));
                write!(f, "import {import}: its answers differ at byte {same}: {} and {}", rest(one), rest(other))
            }
            Finding::Replaced { import, job_id } => {
                write!(f, "import {import}: its status told of job {job_id}, which is not there in the end")
            }
            Finding::DoneAgain { import } => write!(f, "import {import}: acknowledged, and done again afterwards"),
            Finding::HalfWritten { import, what } => write!(f, "import {import}: HALF WRITTEN, {what}"),
            Finding::KeyStuck { import, outcome } => {
                write!(f, "import {import}: its key was not taken over; in the end: {}", shortened(outcome))
            }
            Finding::Unexpected { call, import, at, answer } => {
                let import = import.map(|import| format!(" of {import}")).unwrap_or_default();
                write!(f, "{call:?}{import} at {at:.3?} was answered {}", shortened(answer))
            }
            Finding::Unasked { external_id } => write!(f, "job {external_id}: nobody has sent it"),
            Finding::Stray { what, count } => write!(f, "{count} {what}"),
        }
    }
}

impl Finding {
    /// The worst first.
    pub(in crate::bench) const fn rank(&self) -> u8 {
        match self {
            Finding::Lost { .. } => 0,
            Finding::Doubled { .. } => 1,
            Finding::HalfWritten { .. } => 2,
            _ => 3,
        }
    }
}

/// The beginning of an answer.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 60;
    text.chars().take(SHOWN).collect()
}
