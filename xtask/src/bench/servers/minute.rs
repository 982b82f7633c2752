//! A client that is limited to 60 calls a minute tries to make more.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::{Fleet, Row, SERVERS};
use crate::bench::trial::caller::{Caller, Connections, NoAnswer};
use crate::cluster::Cluster;
use crate::failure::{Failure, Result};
use crate::process::{Stopwatch, pause};

const LIMIT: usize = 60;
const MINUTE: Duration = Duration::from_secs(60);
const CLIENTS: usize = 9;

/// A call that was let through: it was counted at some time between the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Passed {
    sent: Duration,
    answered: Duration,
}

pub(super) fn run(cluster: &Cluster, seconds: u64) -> Result<Row> {
    eprintln!("\n== {seconds} s of a client with {LIMIT} calls a minute");
    let fleet = Fleet::start(cluster, "minute", "team")?;
    let bases = fleet.bases();
    let caller = Caller::new(Connections::Kept);
    let tokens: Vec<String> = bases.iter().map(|base| caller.token(base, &fleet.credentials)).collect::<Result<_>>()?;
    let (passed, refused, wrong) = (Mutex::new(Vec::new()), Mutex::new(0_u64), Mutex::new(Vec::new()));
    let begun = Stopwatch::start();
    let client = |number: usize| {
        for turn in number.. {
            let sent = begun.elapsed();
            if sent >= Duration::from_secs(seconds) {
                return;
            }
            let phase = Phase::at(sent);
            let server = phase.server(number, turn);
            let (Some(base), Some(token)) = (bases.get(server), tokens.get(turn % tokens.len())) else { return };
            // There is no such job: a call that is let through is told so.
            match caller.job(base, token, "NONE") {
                Ok(answer) if answer.status == 404 => {
                    let call = Passed { sent, answered: begun.elapsed() };
                    passed.lock().unwrap_or_else(PoisonError::into_inner).push(call);
                }
                Ok(answer) if answer.status == 429 && answer.retry_after.is_some() => {
                    *refused.lock().unwrap_or_else(PoisonError::into_inner) += 1;
                }
                Ok(answer) => wrong
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(format!("a call was answered {} {}", answer.status, answer.body)),
                Err(NoAnswer(why)) => {
                    wrong.lock().unwrap_or_else(PoisonError::into_inner).push(format!("a call was not answered: {why}"))
                }
            }
            pause(phase.between());
        }
    };
    std::thread::scope(|scope| {
        for number in 0..CLIENTS {
            let client = &client;
            scope.spawn(move || client(number));
        }
    });
    for server in fleet.servers {
        server.stop()?;
    }
    let passed = passed.into_inner().unwrap_or_else(PoisonError::into_inner);
    let refused = refused.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut wrong = wrong.into_inner().unwrap_or_else(PoisonError::into_inner);
    let (surely, perhaps) = (most_surely_within(&passed, MINUTE), most_perhaps_within(&passed, MINUTE));
    if surely > LIMIT {
        wrong.push(format!("{surely} calls passed within one minute"));
    }
    let owed = LIMIT * usize::try_from(seconds / MINUTE.as_secs()).unwrap_or_default();
    if passed.len() < owed {
        wrong.push(format!("{} calls passed in {seconds} s; {owed} were allowed", passed.len()));
    }
    if wrong.is_empty() {
        fleet.place.remove()?;
    } else if wrong.len() > 20 {
        return Err(Failure::new(wrong.join("\n")));
    }
    Ok(Row {
        what: format!("{seconds} s of {CLIENTS} clients of one integration with {LIMIT} calls a minute"),
        measured: format!(
            "{} passed, {refused} were told 429; in the fullest rolling minute surely {surely}, at most {perhaps}",
            passed.len()
        ),
        wrong,
    })
}

/// How calls are spread: the limit has to hold whichever way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// All clients at all servers.
    Storm,
    /// All clients at one server.
    OneServer,
    /// Now and then, by turns.
    Trickle,
}

impl Phase {
    fn at(elapsed: Duration) -> Phase {
        match elapsed.as_secs() % 140 {
            0..45 => Phase::Storm,
            45..80 => Phase::OneServer,
            _ => Phase::Trickle,
        }
    }

    const fn between(self) -> Duration {
        match self {
            Phase::Storm | Phase::OneServer => Duration::from_millis(40),
            Phase::Trickle => Duration::from_millis(1_500),
        }
    }

    fn server(self, client: usize, turn: usize) -> usize {
        match self {
            Phase::Storm => client % SERVERS,
            Phase::OneServer => 0,
            Phase::Trickle => turn % SERVERS,
        }
    }
}

/// The most calls that were all sent and answered within less than `span`: so many were surely counted within it,
/// whenever each of them was.
fn most_surely_within(calls: &[Passed], span: Duration) -> usize {
    let within = |from: &Passed| {
        let until = from.sent + span;
        calls.iter().filter(|call| call.sent >= from.sent && call.answered < until).count()
    };
    calls.iter().map(within).max().unwrap_or_default()
}

/// The most calls that may have been counted within `span`.
fn most_perhaps_within(calls: &[Passed], span: Duration) -> usize {
    let within = |from: &Passed| {
        let until = from.answered + span;
        calls.iter().filter(|call| call.answered >= from.answered && call.sent < until).count()
    };
    calls.iter().map(within).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(times_ms: impl IntoIterator<Item = (u64, u64)>) -> Vec<Passed> {
        let call =
            |(sent, answered)| Passed { sent: Duration::from_millis(sent), answered: Duration::from_millis(answered) };
        times_ms.into_iter().map(call).collect()
    }

    #[test]
    fn one_call_too_many_is_surely_within_the_minute() {
        let sixty = (0..60).map(|number| (number * 100, number * 100 + 5));
        assert_eq!(most_surely_within(&calls(sixty.clone()), MINUTE), 60);
        let early = calls(sixty.clone().chain([(59_990, 59_999)]));
        assert_eq!(most_surely_within(&early, MINUTE), 61);
        let in_time = calls(sixty.chain([(60_000, 60_005)]));
        assert_eq!(most_surely_within(&in_time, MINUTE), 60);
    }

    #[test]
    fn what_may_lie_outside_the_minute_is_no_proof() {
        let calls = calls((0..60).map(|_| (0, 10)).chain([(59_999, 60_001)]));
        assert_eq!(most_surely_within(&calls, MINUTE), 60);
        assert_eq!(most_perhaps_within(&calls, MINUTE), 61);
    }

    #[test]
    fn the_fullest_minute_need_not_begin_with_the_first_call() {
        let calls = calls((0..10).map(|n| (n, n + 1)).chain((0..61).map(|n| (90_000 + n, 90_001 + n))));
        assert_eq!(most_surely_within(&calls, MINUTE), 61);
    }
}
