//! `cargo xtask bench crash`: what is left after servers and databases were killed at work.
//!
//! Clients import, retry, ask and sign in without a pause while the server dies again and again. Every call and its answer
//! goes into a history; in the end a judge compares it with what is there.

mod geocoder;
mod load;
mod report;

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use lexopt::prelude::*;

use self::geocoder::Geocoder;
use self::load::Load;
use self::report::Row;
use super::trial::inventory::Inventory;
use super::trial::judge::tell;
use super::trial::{history, imports, judge};
use super::{HELP, page};
use crate::cluster::{Cluster, Crash};
use crate::failure::{Context, Failure, Result};
use crate::process::{Stopwatch, cargo, pause, run as run_command};
use crate::refuse;
use crate::served::{Place, Server};

/// A server answers again within this time of its start.
const READY_WITHIN: Duration = Duration::from_secs(2);
/// One that does not answer within this time does not work.
const READY_AT_LAST: Duration = Duration::from_secs(60);
/// How long PostgreSQL is away.
const OUTAGE: Duration = Duration::from_millis(300);

/// The one fault that can be planted.
const PLANT: &str = "acknowledge-before-commit";

struct Options {
    cycles: u32,
    postgres_cycles: u32,
    with_postgres: bool,
    is_planted: bool,
    writes_page: bool,
}

impl Options {
    fn parse(mut args: lexopt::Parser) -> Result<Options> {
        let mut options =
            Options { cycles: 20, postgres_cycles: 5, with_postgres: true, is_planted: false, writes_page: false };
        while let Some(argument) = args.next()? {
            match argument {
                Long("cycles") => options.cycles = args.value()?.parse()?,
                Long("postgres-cycles") => options.postgres_cycles = args.value()?.parse()?,
                Long("sqlite-only") => options.with_postgres = false,
                Long("plant") => match args.value()? {
                    fault if fault == PLANT => options.is_planted = true,
                    fault => {
                        return Err(Failure::new(format!("no fault `{}`; there is: {PLANT}", fault.display())));
                    }
                },
                Long("write") => options.writes_page = true,
                other => return Err(refuse(&other, HELP)),
            }
        }
        if options.is_planted && options.writes_page {
            return Err(Failure::new("figures of a planted fault are not for the page"));
        }
        Ok(options)
    }

    /// The command, as others can give it.
    fn command(&self) -> String {
        let mut command = format!("cargo xtask bench crash --cycles {}", self.cycles);
        if self.with_postgres {
            command.push_str(&format!(" --postgres-cycles {}", self.postgres_cycles));
        } else {
            command.push_str(" --sqlite-only");
        }
        command
    }
}

/// Who is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Victim {
    Server,
    Postgres,
}

pub(super) fn run(args: lexopt::Parser) -> Result<()> {
    let options = Options::parse(args)?;
    let mut build = cargo();
    build.args(["build", "--package", "routemate"]);
    if options.is_planted {
        build.args(["--features", PLANT]);
    }
    run_command(&mut build)?;
    let mut rows = vec![campaign("SQLite", Victim::Server, options.cycles, None)?];
    if options.with_postgres {
        let mut cluster = Cluster::start()?;
        rows.push(campaign("PostgreSQL", Victim::Server, options.cycles, Some(&mut cluster))?);
        if options.postgres_cycles > 0 {
            rows.push(campaign("PostgreSQL", Victim::Postgres, options.postgres_cycles, Some(&mut cluster))?);
        }
    }
    let text = report::text(&options.command(), &rows);
    eprintln!("\n{text}");
    let findings: usize = rows.iter().map(|row| row.findings.len()).sum();
    let is_slow = rows.iter().any(|row| row.slowest() > READY_WITHIN);
    if options.is_planted && !rows.iter().all(Row::tells_of_a_loss) {
        return Err(Failure::new("the planted fault was not found: no acknowledged import is lost"));
    }
    if findings > 0 {
        return Err(Failure::new(format!("{findings} things must not be; the histories are kept")));
    }
    if options.writes_page {
        page::write("crash", &text)?;
    }
    if is_slow { Err(Failure::new(format!("not ready within {READY_WITHIN:?}"))) } else { Ok(()) }
}

/// Kills the victim so many times under load, and judges what is left.
fn campaign(database: &'static str, victim: Victim, cycles: u32, mut cluster: Option<&mut Cluster>) -> Result<Row> {
    eprintln!("\n== {cycles} kills of {} on {database}", report::name(victim));
    let url = cluster.as_deref().map(|cluster| cluster.database(&format!("killed_{victim:?}"))).transpose()?;
    let place = Place::make(&format!("crash-{database}-{victim:?}"), url)?;
    let credentials = place.credentials()?;
    place.driver(&credentials, imports::DRIVER)?;
    let geocoder = Geocoder::start()?;
    let mut server = place.serve(&geocoder.settings())?;
    let load = Load::start(history::Log::create(&place.folder.join("history.jsonl"))?, credentials, &server.base)?;
    let mut recoveries = Vec::new();
    for cycle in 0..cycles {
        load.wait_for(draw(10..60))?;
        pause(Duration::from_millis(draw(0..30)));
        let took = match (victim, cluster.as_deref_mut()) {
            (Victim::Postgres, Some(cluster)) => {
                let how = if cycle % 2 == 0 { Crash::Killed } else { Crash::Immediate };
                crash_database(cluster, how, &server, &load)?
            }
            _ => {
                let (again, took) = crash_server(&place, &geocoder, server, &load, cycle)?;
                server = again;
                took
            }
        };
        recoveries.push(took);
    }
    load.wait_for(10)?;
    let log = load.finish()?;
    let said = server.stop()?;
    keep_log(&place, "last", &said)?;
    let history = history::read(log.path())?;
    let inventory = Inventory::take(&place.database_url())?;
    let findings = judge::judge(&history, &inventory);
    tell(&findings, &place.folder);
    let row = Row::new(database, victim, recoveries, &history, &inventory, findings);
    if row.findings.is_empty() {
        place.remove()?;
    }
    Ok(row)
}

/// Kills the server and starts another one; gives how long that one took until it was ready.
fn crash_server(
    place: &Place,
    geocoder: &Geocoder,
    server: Server,
    load: &Load,
    cycle: u32,
) -> Result<(Server, Duration)> {
    load.log().note("server killed")?;
    let said = server.kill()?;
    load.point_at(None);
    keep_log(place, &cycle.to_string(), &said)?;
    let starting = Stopwatch::start();
    let server = place.serve(&geocoder.settings())?;
    wait_until_ready(load, &server.base)?;
    let took = starting.elapsed();
    load.log().note("server ready")?;
    load.point_at(Some(&server.base));
    Ok((server, took))
}

/// Kills PostgreSQL under a server that stays; gives how long that one took to be ready after PostgreSQL was.
fn crash_database(cluster: &mut Cluster, how: Crash, server: &Server, load: &Load) -> Result<Duration> {
    load.log().note("postgres killed")?;
    cluster.crash(how)?;
    load.log().note("postgres gone")?;
    pause(OUTAGE);
    cluster.restart()?;
    load.log().note("postgres back")?;
    let recovering = Stopwatch::start();
    wait_until_ready(load, &server.base)?;
    let took = recovering.elapsed();
    load.log().note("server ready")?;
    Ok(took)
}

fn wait_until_ready(load: &Load, base: &str) -> Result<()> {
    let waiting = Stopwatch::start();
    while !load.finds_ready(base) {
        if waiting.elapsed() > READY_AT_LAST {
            return Err(Failure::new(format!("not ready within {READY_AT_LAST:?}")));
        }
        pause(Duration::from_millis(2));
    }
    Ok(())
}

fn keep_log(place: &Place, name: &str, log: &str) -> Result<()> {
    let path = place.folder.join(format!("server-{name}.log"));
    fs::write(&path, log).context(|| format!("cannot write {}", path.display()))
}

/// Any number of the range: no two runs kill at the same moments, and none could be made to.
fn draw(range: std::ops::Range<u64>) -> u64 {
    let width = range.end.saturating_sub(range.start).max(1);
    range.start + RandomState::new().hash_one(()) % width
}
