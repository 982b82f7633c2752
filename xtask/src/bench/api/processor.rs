//! Who has used the processor, read from Linux's `/proc`.

use std::fs;
use std::time::Duration;

use crate::process::Stopwatch;

/// Ticks a second in `/proc`, the same on every Linux.
const TICKS: f64 = 100.0;

/// Cores that were busy on the average; nothing where the system does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Shares {
    pub(super) server: f64,
    pub(super) generator: f64,
    /// Everything else on the machine: a database server, and whoever shares it.
    pub(super) rest: f64,
}

/// Used until now.
#[derive(Clone, Copy, Debug)]
struct Used {
    server: f64,
    generator: f64,
    all: f64,
}

/// Watches a server and this process.
#[derive(Debug)]
pub(super) struct Watch {
    server: u32,
    before: Option<Used>,
    clock: Stopwatch,
}

impl Watch {
    pub(super) fn begin(server: u32) -> Watch {
        Watch { server, before: used(server), clock: Stopwatch::start() }
    }

    pub(super) fn end(self) -> Option<Shares> {
        Some(shares(self.before?, used(self.server)?, self.clock.elapsed()))
    }
}

fn used(server: u32) -> Option<Used> {
    let process = |name: &str| process_seconds(&fs::read_to_string(format!("/proc/{name}/stat")).ok()?);
    let machine = fs::read_to_string("/proc/stat").ok()?;
    Some(Used { server: process(&server.to_string())?, generator: process("self")?, all: machine_seconds(&machine)? })
}

fn shares(before: Used, after: Used, time: Duration) -> Shares {
    let per_second = |used: f64| (used / time.as_secs_f64().max(1e-9)).max(0.0);
    let (server, generator) = (after.server - before.server, after.generator - before.generator);
    Shares {
        server: per_second(server),
        generator: per_second(generator),
        rest: per_second(after.all - before.all - server - generator),
    }
}

/// User and system time of a process: the 14th and 15th field, the second being a name in brackets that may hold anything.
fn process_seconds(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(11).map_while(|field| field.parse::<f64>().ok());
    Some((times.next()? + times.next()?) / TICKS)
}

/// What all processors have done but idling: user, nice, system, …, without idle and waiting for disks.
fn machine_seconds(stat: &str) -> Option<f64> {
    let line = stat.lines().next()?.strip_prefix("cpu ")?;
    let ticks: Vec<f64> = line.split_whitespace().map_while(|field| field.parse().ok()).collect();
    let is_idle = |at: usize| at == 3 || at == 4;
    // Guests' time, behind the eighth, is in the user's already.
    Some(ticks.iter().take(8).enumerate().filter(|(at, _)| !is_idle(*at)).map(|(_, ticks)| ticks).sum::<f64>() / TICKS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_behind_any_name() {
        let stat = "12 (a b) c) S 1 12 12 0 -1 4194560 9 0 0 0 150 50 0 0 20 0 9 0 100 1 1";
        assert_eq!(process_seconds(stat), Some(2.0));
        assert_eq!(process_seconds("12 (a) S 1"), None);
        assert_eq!(machine_seconds("cpu  100 0 50 900 30 5 5 40 7 0\ncpu0 1\n"), Some(2.0));
    }

    #[test]
    fn the_rest_is_what_neither_has_used() {
        let before = Used { server: 1.0, generator: 1.0, all: 10.0 };
        let after = Used { server: 3.0, generator: 1.5, all: 13.5 };
        let expected = Shares { server: 1.0, generator: 0.25, rest: 0.5 };
        assert_eq!(shares(before, after, Duration::from_secs(2)), expected);
    }
}
