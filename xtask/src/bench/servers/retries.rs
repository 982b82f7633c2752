//! The same imports to all servers at the same time.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Fleet, Row};
use crate::bench::trial::caller::{Caller, Connections};
use crate::bench::trial::history::{Call, Log, Outcome};
use crate::bench::trial::imports::Import;
use crate::cluster::Cluster;
use crate::failure::{Failure, Result};

/// How often each import is sent.
const TIMES: u64 = 8;
const CLIENTS: usize = 24;

pub(super) fn run(cluster: &Cluster, imports: u64) -> Result<Row> {
    eprintln!("\n== {imports} imports, {TIMES} times each");
    let fleet = Fleet::start(cluster, "retries", "enterprise")?;
    let log = Log::create(&fleet.place.folder.join("history.jsonl"))?;
    let bases = fleet.bases();
    let caller = Caller::new(Connections::Kept);
    let token = caller.token(&bases[..].first().cloned().unwrap_or_default(), &fleet.credentials)?;
    let next = AtomicU64::new(0);
    let client = || -> Result<()> {
        loop {
            let ticket = next.fetch_add(1, Ordering::Relaxed);
            let import = Import(ticket / TIMES);
            if import.0 >= imports {
                return Ok(());
            }
            // Each import begins at another server.
            let at = usize::try_from((ticket + import.0) % bases.len() as u64).unwrap_or_default();
            let base = bases.get(at).map(String::as_str).unwrap_or_default();
            let _ =
                log.call(Call::Import, Some(import), || caller.import(base, &token, &import.id(), &import.body()))?;
        }
    };
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(client)).collect();
        clients.into_iter().try_for_each(|client| client.join().map_err(|_| Failure::new("a client panicked"))?)
    })?;
    let took = log.elapsed();
    let (findings, calls, jobs) = fleet.judge(log)?;
    let mut wrong: Vec<String> = findings.iter().map(ToString::to_string).collect();
    let mut first_answers: BTreeMap<Import, u32> = BTreeMap::new();
    for call in &calls {
        match (&call.outcome, call.acknowledged(), call.import) {
            (_, Some((_, answer)), Some(import)) => {
                *first_answers.entry(import).or_default() += u32::from(!answer.is_replay);
            }
            (Outcome::Answered(_, answer), ..) => wrong.push(format!("a call was answered {}", answer.status)),
            (Outcome::Lost(why), ..) => wrong.push(format!("a call was not answered: {why}")),
        }
    }
    let done_twice = first_answers.iter().filter(|(_, times)| **times != 1);
    wrong.extend(done_twice.map(|(import, times)| format!("import {import}: {times} answers are not replays")));
    if jobs as u64 != imports {
        wrong.push(format!("{jobs} jobs of {imports} imports"));
    }
    let replays = calls.iter().filter_map(|call| call.acknowledged()).filter(|(_, answer)| answer.is_replay).count();
    Ok(Row {
        what: format!(
            "{imports} imports, {TIMES} times each under the same key, from {CLIENTS} clients to all servers"
        ),
        measured: format!(
            "{jobs} jobs, {replays} replays equal to the byte, {:.0} calls/s",
            calls.len() as f64 / took.as_secs_f64()
        ),
        wrong,
    })
}
