//! The servers are restarted one after the other while clients work behind a proxy.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use super::proxy::Proxy;
use super::{Fleet, PUBLIC_URL, Row};
use crate::bench::trial::caller::{Answer, Caller, Connections};
use crate::bench::trial::history::{Call, Log, Outcome};
use crate::bench::trial::imports::Import;
use crate::cluster::Cluster;
use crate::failure::{Failure, Result};
use crate::process::{Stopwatch, pause};

/// Half of them keep their connections, half open one for each call.
const CLIENTS: u64 = 8;
const BETWEEN_CALLS: Duration = Duration::from_millis(10);
/// A server that does not take part again within this time does not work.
const BACK_WITHIN: Duration = Duration::from_secs(30);

pub(super) fn run(cluster: &Cluster, rounds: u32) -> Result<Row> {
    eprintln!("\n== {rounds} rounds of restarts behind a proxy");
    let mut fleet = Fleet::start(cluster, "rolling", "enterprise")?;
    let log = Log::create(&fleet.place.folder.join("history.jsonl"))?;
    let proxy = Proxy::before(&fleet.bases())?;
    let token = Caller::new(Connections::OneForEach).token(&proxy.base, &fleet.credentials)?;
    let (next, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
    let known = Mutex::new(Import(0));
    let client = |connections: Connections| -> Result<()> {
        let caller = Caller::new(connections);
        while !is_over.load(Ordering::Relaxed) {
            let import = Import(next.fetch_add(1, Ordering::Relaxed));
            let sent = log.call(Call::Import, Some(import), || {
                caller.import(&proxy.base, &token, &import.id(), &import.body())
            })?;
            if let (Ok(Answer { status: 200, .. }), Ok(mut known)) = (sent, known.lock()) {
                *known = import;
            }
            pause(BETWEEN_CALLS);
            let asked = known.lock().map(|known| *known).unwrap_or(import);
            let _ = log.call(Call::Status, Some(asked), || caller.job(&proxy.base, &token, &asked.id()))?;
            pause(BETWEEN_CALLS);
        }
        Ok(())
    };
    let (mut unwarned, mut slowest) = (0_u32, Duration::ZERO);
    std::thread::scope(|scope| -> Result<()> {
        let connections = |number| if number % 2 == 0 { Connections::Kept } else { Connections::OneForEach };
        let client = &client;
        let clients: Vec<_> = (0..CLIENTS).map(|number| scope.spawn(move || client(connections(number)))).collect();
        let restarted = (0..rounds).try_for_each(|_| {
            let (silent, longest) = restart_all(&mut fleet, &proxy)?;
            unwarned += silent;
            slowest = slowest.max(longest);
            Ok(())
        });
        is_over.store(true, Ordering::Relaxed);
        let worked =
            clients.into_iter().try_for_each(|client| client.join().map_err(|_| Failure::new("a client panicked"))?);
        restarted.and(worked)
    })?;
    drop(proxy);
    let (findings, calls, jobs) = fleet.judge(log)?;
    let mut wrong: Vec<String> = findings.iter().map(ToString::to_string).collect();
    for call in calls.iter().filter(|call| call.acknowledged().is_none()) {
        let (kind, at) = (call.call, call.asked);
        wrong.push(match &call.outcome {
            Outcome::Answered(_, answer) => format!("{kind:?} at {at:.3?} was answered {}", answer.status),
            Outcome::Lost(why) => format!("{kind:?} at {at:.3?} was not answered: {why}"),
        });
    }
    if unwarned > 0 {
        wrong.push(format!("{unwarned} servers ended without having said that they were not ready"));
    }
    Ok(Row {
        what: format!("{rounds} rounds of restarts of all three behind a proxy, {CLIENTS} clients"),
        measured: format!(
            "{} calls, {jobs} jobs, {} failed; {} restarts, each said 503 on readyz first, the longest took {:.1} s",
            calls.len(),
            calls.iter().filter(|call| call.acknowledged().is_none()).count(),
            u64::from(rounds) * super::SERVERS as u64,
            slowest.as_secs_f64()
        ),
        wrong,
    })
}

/// Stops each server, starts it anew and waits until the proxy uses it; gives how many ended without a warning, and the
/// longest of the restarts.
fn restart_all(fleet: &mut Fleet, proxy: &Proxy) -> Result<(u32, Duration)> {
    let (mut unwarned, mut slowest) = (0, Duration::ZERO);
    for _ in 0..fleet.servers.len() {
        let took = Stopwatch::start();
        let old = fleet.servers.remove(0);
        let base = old.base.clone();
        old.stop()?;
        let server = fleet.place.serve(&[PUBLIC_URL])?;
        unwarned += u32::from(!proxy.replace(&base, &server.base)?);
        let waiting = Stopwatch::start();
        while !proxy.uses(&server.base) {
            if waiting.elapsed() > BACK_WITHIN {
                return Err(Failure::new(format!("the proxy does not find {} ready", server.base)));
            }
            pause(Duration::from_millis(5));
        }
        fleet.servers.push(server);
        slowest = slowest.max(took.elapsed());
    }
    Ok((unwarned, slowest))
}
