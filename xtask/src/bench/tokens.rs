//! `cargo xtask bench tokens`: whether a refusal's time tells which clients exist.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use lexopt::prelude::*;

use super::HELP;
use crate::cluster::Cluster;
use crate::failure::{Context, Failure, Result};
use crate::process::{Stopwatch, cargo, run as run_command};
use crate::refuse;
use crate::served::Place;

/// The medians may differ by this share.
const ALLOWED: f64 = 0.05;
/// Asked before anything is measured.
const WARM_UP: u32 = 500;

pub(super) fn run(mut args: lexopt::Parser) -> Result<()> {
    let (mut samples, mut with_postgres, mut writes_page) = (10_000, true, false);
    while let Some(argument) = args.next()? {
        match argument {
            Long("samples") => samples = args.value()?.parse()?,
            Long("sqlite-only") => with_postgres = false,
            Long("write") => writes_page = true,
            other => return Err(refuse(&other, HELP)),
        }
    }
    // As it ships: what a debug build takes longest over is another thing.
    run_command(cargo().args(["build", "--release", "--package", "routemate"]))?;
    let mut measured = vec![measure("sqlite", None, samples)?];
    if with_postgres {
        let cluster = Cluster::start()?;
        measured.push(measure("postgres", Some(cluster.url()), samples)?);
    }
    let text = table(&measured);
    eprintln!("\n{text}");
    if writes_page {
        super::page::write("tokens", &text)?;
    }
    match measured.iter().find(|refusals| refusals.difference() > ALLOWED) {
        Some(Refusals { database, .. }) => {
            Err(Failure::new(format!("an unknown client can be told from a wrong secret by time on {database}")))
        }
        None => Ok(()),
    }
}

/// How long refusals took.
struct Refusals {
    database: &'static str,
    wrong: Vec<Duration>,
    unknown: Vec<Duration>,
}

impl Refusals {
    fn difference(&self) -> f64 {
        apart(median(self.wrong.clone()), median(self.unknown.clone()))
    }

    /// How far apart two halves of the same are.
    fn noise(&self) -> f64 {
        let (one, other) = halves(&self.wrong);
        apart(median(one), median(other))
    }
}

fn table(measured: &[Refusals]) -> String {
    let mut text = String::from(
        "| database | samples of each | wrong secret, median | unknown client, median | apart | halves of the wrong secrets apart |\n\
         |---|---|---|---|---|---|\n",
    );
    for refusals in measured {
        let Refusals { database, wrong, unknown } = refusals;
        let _ = writeln!(
            text,
            "| {database} | {} | {:.1} µs | {:.1} µs | {:.2} % | {:.2} % |",
            wrong.len(),
            micros(median(wrong.clone())),
            micros(median(unknown.clone())),
            refusals.difference() * 100.0,
            refusals.noise() * 100.0,
        );
    }
    text
}

fn measure(database: &'static str, url: Option<String>, samples: u32) -> Result<Refusals> {
    let program = crate::metadata::workspace()?.target_directory.join("release/routemate");
    let place = Place::of(program, &format!("tokens-{database}"), url)?;
    let known = place.credentials()?;
    // Each request says that it comes from another address: failures are limited for each.
    let server = place.serve(&[("ROUTEMATE_TRUSTED_PROXIES", "127.0.0.0/8")])?;
    // Another integration's: what nobody can have been given is refused before anything is looked up.
    let wrong_secret = place.credentials()?.client_secret;
    let unknown_id = format!("rm_ci_{}", "0".repeat(known.client_id.len().saturating_sub("rm_ci_".len())));
    let mut client = Client::connect(&server.base)?;
    let (mut wrong, mut unknown) = (Vec::new(), Vec::new());
    for round in 0..samples.saturating_add(WARM_UP) {
        // Whoever goes first in a round has another cache: by turns.
        for turn in [round % 2, 1 - round % 2] {
            let id = if turn == 0 { &known.client_id } else { &unknown_id };
            let took = client.refused(id, &wrong_secret, round)?;
            if round >= WARM_UP {
                if turn == 0 { wrong.push(took) } else { unknown.push(took) }
            }
        }
    }
    server.stop()?;
    place.remove()?;
    Ok(Refusals { database, wrong, unknown })
}

/// Every second sample, and the others.
fn halves(samples: &[Duration]) -> (Vec<Duration>, Vec<Duration>) {
    let every_second = |from: usize| samples.iter().skip(from).step_by(2).copied().collect();
    (every_second(0), every_second(1))
}

fn median(mut samples: Vec<Duration>) -> Duration {
    samples.sort_unstable();
    samples.get(samples.len() / 2).copied().unwrap_or_default()
}

fn apart(one: Duration, other: Duration) -> f64 {
    let (less, more) = (one.min(other).as_secs_f64(), one.max(other).as_secs_f64());
    if more > 0.0 { 1.0 - less / more } else { 0.0 }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// One connection that is kept.
struct Client {
    connection: BufReader<TcpStream>,
    host: String,
}

impl Client {
    fn connect(base: &str) -> Result<Client> {
        let host = base.trim_start_matches("http://").to_owned();
        let stream = TcpStream::connect(&host).context(|| format!("cannot connect to {host}"))?;
        stream.set_nodelay(true).context(|| "nodelay")?;
        Ok(Client { connection: BufReader::new(stream), host })
    }

    /// How long it took to be refused with 401.
    fn refused(&mut self, client_id: &str, client_secret: &str, round: u32) -> Result<Duration> {
        let body = format!("{{\"client_id\":\"{client_id}\",\"client_secret\":\"{client_secret}\"}}");
        let [_, high, middle, low] = round.to_be_bytes();
        let request = format!(
            "POST /v1/integration-token HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
             X-Forwarded-For: 10.{high}.{middle}.{low}\r\nContent-Length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        );
        let stopwatch = Stopwatch::start();
        self.connection.get_mut().write_all(request.as_bytes()).context(|| "cannot send")?;
        let (status, body) = self.answer()?;
        let took = stopwatch.elapsed();
        if status.contains(" 401 ") { Ok(took) } else { Err(Failure::new(format!("not 401: {status} {body}"))) }
    }

    fn answer(&mut self) -> Result<(String, String)> {
        let mut line = || -> Result<String> {
            let mut line = String::new();
            self.connection.read_line(&mut line).context(|| "cannot read the answer")?;
            Ok(line)
        };
        let status = line()?;
        let mut length = 0;
        loop {
            let header = line()?.trim_end().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(text) = header.strip_prefix("content-length:") {
                length = text.trim().parse().context(|| "content-length")?;
            }
        }
        let mut body = vec![0; length];
        self.connection.read_exact(&mut body).context(|| "cannot read the body")?;
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_their_distance() {
        let micros = |times: &[u64]| times.iter().map(|&time| Duration::from_micros(time)).collect::<Vec<_>>();
        assert_eq!(median(micros(&[900, 1, 100])), Duration::from_micros(100));
        assert_eq!(median(Vec::new()), Duration::ZERO);
        let distance = apart(Duration::from_micros(95), Duration::from_micros(100));
        assert!((distance - 0.05).abs() < 1e-9, "{distance}");
        assert_eq!(halves(&micros(&[1, 2, 3])), (micros(&[1, 3]), micros(&[2])));
    }
}
