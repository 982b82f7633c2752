//! The table of a run.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use super::Victim;
use crate::bench::trial::finding::Finding;
use crate::bench::trial::history::{Call, Invocation, Outcome};
use crate::bench::trial::inventory::Inventory;

/// One campaign.
#[derive(Debug)]
pub(super) struct Row {
    database: &'static str,
    victim: Victim,
    /// Ascending.
    recoveries: Vec<Duration>,
    calls: usize,
    unanswered: usize,
    told_later: usize,
    /// Imports that were acknowledged before the last calls.
    acknowledged: usize,
    jobs: usize,
    pub(super) findings: Vec<Finding>,
}

impl Row {
    pub(super) fn new(
        database: &'static str,
        victim: Victim,
        mut recoveries: Vec<Duration>,
        history: &[Invocation],
        inventory: &Inventory,
        findings: Vec<Finding>,
    ) -> Row {
        recoveries.sort_unstable();
        let imports = history.iter().filter(|call| call.call == Call::Import);
        let acknowledged: BTreeSet<_> =
            imports.filter(|call| call.acknowledged().is_some()).filter_map(|call| call.import).collect();
        let count = |is_counted: fn(&Outcome) -> bool| history.iter().filter(|call| is_counted(&call.outcome)).count();
        Row {
            database,
            victim,
            recoveries,
            calls: history.len(),
            unanswered: count(|outcome| matches!(outcome, Outcome::Lost(_))),
            told_later: count(|outcome| matches!(outcome, Outcome::Answered(_, answer) if answer.status == 503)),
            acknowledged: acknowledged.len(),
            jobs: inventory.jobs.len(),
            findings,
        }
    }

    /// Whether an acknowledged import is lost.
    pub(super) fn tells_of_a_loss(&self) -> bool {
        self.findings.iter().any(|finding| matches!(finding, Finding::Lost { .. }))
    }

    pub(super) fn slowest(&self) -> Duration {
        self.recoveries.last().copied().unwrap_or_default()
    }
}

pub(super) const fn name(victim: Victim) -> &'static str {
    match victim {
        Victim::Server => "the server",
        Victim::Postgres => "PostgreSQL",
    }
}

pub(super) fn text(command: &str, rows: &[Row]) -> String {
    let mut text = format!("```sh\n{command}\n```\n\n");
    text.push_str(
        "| database | killed | times | calls | without an answer | told 503 | imports acknowledged | jobs in the end | \
         ready again, median | longest | wrong |\n|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let median = row.recoveries.get(row.recoveries.len() / 2).copied().unwrap_or_default();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {:.2} s | {:.2} s | {} |",
            row.database,
            name(row.victim),
            row.recoveries.len(),
            row.calls,
            row.unanswered,
            row.told_later,
            row.acknowledged,
            row.jobs,
            median.as_secs_f64(),
            row.slowest().as_secs_f64(),
            if row.findings.is_empty() { "nothing".to_owned() } else { row.findings.len().to_string() },
        );
    }
    text
}
