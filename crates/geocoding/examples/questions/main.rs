//! Makes questions with known answers out of addresses: what people really write, two slips of the pen at once, words
//! joined and parted, noise in front, a number with a suffix, a wrong postcode.
//!
//! ```sh
//! questions make EACH SOURCE…           # questions on standard output, EACH of a kind for each degree of each source
//! questions hold-out EVERY CSV TO.csv   # a table without each EVERY-th row, and questions for those that were left out
//! questions replicate ROWS TO.csv CSV…  # a table of that many rows: those given, moved and with streets renamed
//! questions mix COUNT CSV               # questions of all sorts for a table, as a server may be asked
//! ```
//!
//! Sources are .osm.pbf and OpenAddresses CSV. The same sources give the same questions. A line is that of
//! `../shared/geocode`: `alts` has every position that is right, `tol_m` how far from it an answer may be.

mod chance;
mod house;
mod kinds;
mod replica;

use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use chance::Chance;
use house::{Failure, House, houses, row};
use kinds::KINDS;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        ["make", each, sources @ ..] if !sources.is_empty() => make(each, sources),
        ["hold-out", every, source, to] => hold_out(every, source, to),
        ["replicate", rows, to, sources @ ..] if !sources.is_empty() => replica::replicate(rows, to, sources),
        ["mix", count, source] => replica::mix(count, source),
        _ => Err("usage: questions make | hold-out | replicate | mix, see the source".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn make(each: &str, sources: &[&str]) -> Result<(), Failure> {
    let each: usize = each.parse()?;
    let mut out = BufWriter::new(io::stdout().lock());
    for source in sources {
        let name = Path::new(source).file_name().and_then(|name| name.to_str()).unwrap_or(source);
        let name = name.split('.').next().unwrap_or(name);
        let houses = houses(source)?;
        let mut same: HashMap<(String, String), Vec<&House>> = HashMap::new();
        let mut degrees: BTreeMap<(i32, i32), Vec<&House>> = BTreeMap::new();
        for house in &houses {
            same.entry(house.key()).or_default().push(house);
            degrees.entry((house.lat.floor() as i32, house.lng.floor() as i32)).or_default().push(house);
        }
        for ((lat, lng), houses) in degrees.iter().filter(|(_, houses)| houses.len() >= 100) {
            for (kind, write) in KINDS {
                let mut chance = Chance::of(&format!("{name} {lat} {lng} {kind}"));
                let mut made = 0;
                for _ in 0..each * 20 {
                    let Some(house) = chance.of_these(houses) else {
                        break;
                    };
                    if house.city.is_empty() {
                        continue;
                    }
                    let Some(text) = write(house, houses, &mut chance) else {
                        continue;
                    };
                    let is_wrong = kind == "foreign_city";
                    let is_same = |other: &&&House| {
                        is_near(house, other)
                            && (other.city == house.city || other.postcode == house.postcode || other.city.is_empty())
                    };
                    let alts: Vec<[f64; 2]> = same
                        .get(&house.key())
                        .into_iter()
                        .flatten()
                        .filter(is_same)
                        .map(|other| [other.lat, other.lng])
                        .collect();
                    made += 1;
                    let line = json!({
                        "id": format!("{name}-{lat}-{lng}-{kind}-{made:04}"), "city": name, "variant": kind, "query": text,
                        "structured": null, "focus": null, "expect": if is_wrong { "reject" } else { "match" },
                        "lat": house.lat, "lon": house.lng, "alts": if is_wrong { Vec::new() } else { alts }, "tol_m": 50,
                    });
                    writeln!(out, "{line}")?;
                    if made == each {
                        break;
                    }
                }
            }
        }
    }
    out.flush()?;
    Ok(())
}

/// Within a degree, which no city is larger than.
fn is_near(a: &House, b: &House) -> bool {
    (a.lat - b.lat).abs() < 1.0 && (a.lng - b.lng).abs() < 1.0
}

fn hold_out(every: &str, source: &str, to: &str) -> Result<(), Failure> {
    let every: usize = every.parse()?;
    let mut reader = csv::Reader::from_path(source)?;
    let mut writer = csv::Writer::from_path(to)?;
    let headers = reader.headers()?.clone();
    writer.write_record(&headers)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let name = Path::new(source).file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    for (at, record) in reader.records().enumerate() {
        let record = record?;
        let house = row(&headers, &record).filter(|house| !house.city.is_empty());
        let Some(house) = house.filter(|_| at % every == every / 2) else {
            writer.write_record(&record)?;
            continue;
        };
        let line = json!({
            "id": format!("{name}-held_out-{at:06}"), "city": name, "variant": "held_out", "query": house.text(&house.plain_line()),
            "structured": null, "focus": null, "expect": "match", "lat": house.lat, "lon": house.lng,
            "alts": [[house.lat, house.lng]], "tol_m": 100,
        });
        writeln!(out, "{line}")?;
    }
    writer.flush()?;
    out.flush()?;
    Ok(())
}
