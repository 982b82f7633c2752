//! Builds an index of addresses and answers questions from it, one JSON object a line.
//!
//! ```sh
//! answer build INDEX SOURCE…      # .osm.pbf or OpenAddresses CSV
//! answer ask INDEX < questions    # {"id","query" | "structured","focus","country"}
//! answer speed INDEX < questions  # how long they take, one after another
//! ```
//!
//! `query` wins where both are given. An answer is `{"id","lat","lon","confidence","match_type","formatted",
//! "latency_us"}`, with nulls where there is none.
#![expect(clippy::print_stdout, reason = "a program on the command line")]
#![expect(clippy::indexing_slicing, reason = "of a JSON value: what is not there is null")]

use std::io::{self, BufRead, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use routemate_geocoding::{AddressIndex, Query, StructuredAddress, build};
use routemate_units::LatLng;
use serde_json::{Value, json};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let done = match args.split_first() {
        Some((command, [index, sources @ ..])) if command == "build" => {
            let sources: Vec<PathBuf> = sources.iter().map(PathBuf::from).collect();
            build_index(Path::new(index), &sources)
        }
        Some((command, [index])) if command == "ask" => answer(Path::new(index)),
        Some((command, [index])) if command == "speed" => speed(Path::new(index)),
        _ => Err("usage: answer build INDEX SOURCE… | answer ask INDEX | answer speed INDEX".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut cause: Option<&dyn std::error::Error> = Some(error.as_ref());
            while let Some(error) = cause {
                eprintln!("{error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

type Failure = Box<dyn std::error::Error>;

#[expect(clippy::disallowed_methods, reason = "it measures")]
fn build_index(index: &Path, sources: &[PathBuf]) -> Result<(), Failure> {
    let begun = Instant::now();
    let report = build(sources, index, &|_| {})?;
    let wall_s = begun.elapsed().as_secs_f64();
    let figures = json!({
        "addresses": report.addresses, "streets": report.streets, "file_bytes": report.file_bytes, "wall_s": wall_s,
        "cpu_s": cpu_s(), "peak_mb": status_mb("VmHWM:"),
    });
    println!("{figures}");
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "it measures")]
fn answer(index: &Path) -> Result<(), Failure> {
    let begun = Instant::now();
    let index = AddressIndex::open(index)?;
    eprintln!("opened in {:.2} ms", begun.elapsed().as_secs_f64() * 1e3);
    let mut out = BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let question: Value = serde_json::from_str(&line?)?;
        let query = query(&question);
        let begun = Instant::now();
        let candidates = index.lookup(&query);
        let latency_us = begun.elapsed().as_secs_f64() * 1e6;
        let mut answer = json!({ "id": question["id"], "latency_us": latency_us });
        let best = candidates.first();
        answer["lat"] = best.map(|best| best.position.lat()).into();
        answer["lon"] = best.map(|best| best.position.lng()).into();
        answer["confidence"] = best.map(|best| best.confidence.get()).into();
        answer["match_type"] = best.map(|best| best.match_type.as_str()).into();
        answer["formatted"] = best.map(|best| best.label.clone()).into();
        answer["others"] =
            candidates.iter().skip(1).map(|other| json!([other.label, other.confidence.get()])).collect();
        writeln!(out, "{answer}")?;
    }
    out.flush()?;
    Ok(())
}

/// Rounds of all questions. The least of each question's times counts: others hold what else the machine did.
const ROUNDS: usize = 7;

#[expect(clippy::disallowed_methods, reason = "it measures")]
fn speed(index: &Path) -> Result<(), Failure> {
    let opened = Instant::now();
    let index = AddressIndex::open(index)?;
    let open_ms = opened.elapsed().as_secs_f64() * 1e3;
    let lines: Result<Vec<String>, io::Error> = io::stdin().lock().lines().collect();
    let questions: Result<Vec<Value>, _> = lines?.iter().map(|line| serde_json::from_str(line)).collect();
    let queries: Vec<Query> = questions?.iter().map(query).collect();
    let mut least_us = vec![f64::INFINITY; queries.len()];
    for _ in 0..ROUNDS {
        for (query, least_us) in queries.iter().zip(&mut least_us) {
            let begun = Instant::now();
            std::hint::black_box(index.lookup(query));
            *least_us = least_us.min(begun.elapsed().as_secs_f64() * 1e6);
        }
    }
    least_us.sort_by(f64::total_cmp);
    let at = |part: f64| least_us.get((least_us.len() as f64 * part) as usize).copied().unwrap_or_default();
    let total_us: f64 = least_us.iter().sum();
    let figures = json!({
        "addresses": index.addresses(), "questions": queries.len(), "open_ms": open_ms, "p50_us": at(0.5), "p95_us": at(0.95),
        "p99_us": at(0.99), "most_us": least_us.last(), "a_second": queries.len() as f64 / total_us * 1e6,
        "private_mb": status_mb("RssAnon:"),
    });
    println!("{figures}");
    Ok(())
}

/// Processor time of this process so far, where the system tells it.
fn cpu_s() -> Option<f64> {
    // The thirteenth and fourteenth value behind the name, which may hold spaces; in hundredths of a second.
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let values = stat.rsplit_once(')')?.1.split_whitespace().skip(11).take(2);
    values.map(|ticks| ticks.parse::<f64>().ok()).sum::<Option<f64>>().map(|ticks| ticks / 100.0)
}

/// A line of the process's status, in megabytes.
fn status_mb(key: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    line.split_whitespace().next()?.parse::<f64>().ok().map(|kilobytes| kilobytes / 1024.0)
}

fn query(question: &Value) -> Query {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut query = match question["query"].as_str() {
        Some(line) => Query::text(line),
        None => {
            let parts = &question["structured"];
            Query::structured(&StructuredAddress {
                line: text(&parts["address1"]),
                unit: text(&parts["address2"]),
                city: text(&parts["city"]),
                region: text(&parts["provinceCode"]),
                postcode: text(&parts["zip"]),
                country: text(&parts["countryCode"]),
            })
        }
    };
    if let (Some(lat), Some(lng)) = (question["focus"][0].as_f64(), question["focus"][1].as_f64())
        && let Ok(focus) = LatLng::new(lat, lng)
    {
        query = query.near(focus);
    }
    if let Some(country) = question["country"].as_str() {
        query = query.within_country(country);
    }
    query
}
