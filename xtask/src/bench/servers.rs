//! `cargo xtask bench servers`: three servers over one PostgreSQL are as good as one.

mod minute;
mod proxy;
mod retries;
mod rolling;

use std::fmt::Write as _;

use lexopt::prelude::*;

use super::trial::finding::Finding;
use super::trial::judge::tell;
use super::trial::{history, imports, inventory, judge};
use super::{HELP, page};
use crate::cluster::Cluster;
use crate::failure::{Failure, Result};
use crate::process::{cargo, run as run_command};
use crate::refuse;
use crate::served::{Credentials, Place, Server};

/// Servers of one fleet.
const SERVERS: usize = 3;

/// What all of them are known as: a proxy's address would stand here.
const PUBLIC_URL: (&str, &str) = ("ROUTEMATE_PUBLIC_URL", "https://routes.example");

struct Options {
    imports: u64,
    seconds: u64,
    rounds: u32,
    writes_page: bool,
}

impl Options {
    fn parse(mut args: lexopt::Parser) -> Result<Options> {
        let mut options = Options { imports: 1_000, seconds: 185, rounds: 20, writes_page: false };
        while let Some(argument) = args.next()? {
            match argument {
                Long("imports") => options.imports = args.value()?.parse()?,
                Long("seconds") => options.seconds = args.value()?.parse()?,
                Long("rounds") => options.rounds = args.value()?.parse()?,
                Long("write") => options.writes_page = true,
                other => return Err(refuse(&other, HELP)),
            }
        }
        Ok(options)
    }

    /// The command, as others can give it.
    fn command(&self) -> String {
        let Options { imports, seconds, rounds, .. } = self;
        format!("cargo xtask bench servers --imports {imports} --seconds {seconds} --rounds {rounds}")
    }
}

/// One line of the table.
struct Row {
    what: String,
    measured: String,
    /// What was wrong.
    wrong: Vec<String>,
}

pub(super) fn run(args: lexopt::Parser) -> Result<()> {
    let options = Options::parse(args)?;
    run_command(cargo().args(["build", "--package", "routemate"]))?;
    let cluster = Cluster::start()?;
    let mut rows = Vec::new();
    if options.imports > 0 {
        rows.push(retries::run(&cluster, options.imports)?);
    }
    if options.seconds > 0 {
        rows.push(minute::run(&cluster, options.seconds)?);
    }
    if options.rounds > 0 {
        rows.push(rolling::run(&cluster, options.rounds)?);
    }
    let text = text(&options.command(), &rows);
    eprintln!("\n{text}");
    let wrong: Vec<_> = rows.iter().flat_map(|row| &row.wrong).map(String::as_str).collect();
    if !wrong.is_empty() {
        return Err(Failure::new(wrong.join("\n")));
    }
    if options.writes_page {
        page::write("servers", &text)?;
    }
    Ok(())
}

fn text(command: &str, rows: &[Row]) -> String {
    let mut text = format!("```sh\n{command}\n```\n\n| what | measured | wrong |\n|---|---|---|\n");
    for Row { what, measured, wrong } in rows {
        let wrong = if wrong.is_empty() { "nothing".to_owned() } else { wrong.len().to_string() };
        let _ = writeln!(text, "| {what} | {measured} | {wrong} |");
    }
    text
}

/// Three servers over a fresh database.
struct Fleet {
    place: Place,
    credentials: Credentials,
    servers: Vec<Server>,
}

impl Fleet {
    fn start(cluster: &Cluster, name: &str, plan: &str) -> Result<Fleet> {
        let place = Place::make(&format!("servers-{name}"), Some(cluster.database(&format!("servers_{name}"))?))?;
        let credentials = place.credentials_on(plan)?;
        place.driver(&credentials, imports::DRIVER)?;
        let servers = (0..SERVERS).map(|_| place.serve(&[PUBLIC_URL])).collect::<Result<_>>()?;
        Ok(Fleet { place, credentials, servers })
    }

    fn bases(&self) -> Vec<String> {
        self.servers.iter().map(|server| server.base.clone()).collect()
    }

    /// Stops the servers and judges what is there; gives also how many jobs there are.
    fn judge(self, log: history::Log) -> Result<(Vec<Finding>, Vec<history::Invocation>, usize)> {
        log.flush()?;
        for (number, server) in self.servers.into_iter().enumerate() {
            let said = server.stop()?;
            let path = self.place.folder.join(format!("server-{number}.log"));
            std::fs::write(&path, said).map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
        }
        let calls = history::read(log.path())?;
        let inventory = inventory::Inventory::take(&self.place.database_url())?;
        let findings = judge::judge(&calls, &inventory);
        tell(&findings, &self.place.folder);
        let jobs = inventory.jobs.len();
        if findings.is_empty() {
            self.place.remove()?;
        }
        Ok((findings, calls, jobs))
    }
}
