//! Compares answers with those of OSRM, pair by pair.
//!
//! `agreement [--profile P] [--worst N] FOLDER NAME…` builds `FOLDER/NAME.osm.pbf` and compares with `FOLDER/oracle/NAME.oracle.json`:
//! 500 routes and a table of 50 × 50, which has to be for the same kind of vehicle (a car, if nothing is said). With `--worst`, the pairs that differ most are listed too.
#![expect(clippy::print_stdout, reason = "a table on standard output is what this is for")]

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use routemate_roads::{Graph, Profile, Snap, build};
use routemate_units::{LatLng, StopToken};
use serde_json::Value;

const USAGE: &str = "agreement [--profile P] [--worst N] FOLDER NAME…";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What one engine says and what the other.
struct Pair {
    label: String,
    theirs: [f64; 2],
    ours: Option<[f64; 2]>,
}

impl Pair {
    /// The share by which distance (0) or duration (1) differ.
    fn difference(&self, of: usize) -> f64 {
        let (Some(ours), Some(theirs)) = (self.ours.and_then(|ours| ours.get(of).copied()), self.theirs.get(of)) else {
            return f64::INFINITY;
        };
        (ours - theirs).abs() / theirs.max(1.0)
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("agreement: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let (mut worst, mut profile) = (0, Profile::Car);
    while let Some(option) = args.first().filter(|arg| arg.starts_with("--")) {
        match (option.as_str(), args.get(1)) {
            ("--worst", Some(count)) => worst = count.parse()?,
            ("--profile", Some(name)) => profile = name.parse()?,
            _ => return Err(USAGE.into()),
        }
        args.drain(..2);
    }
    let (folder, names) = args.split_first().ok_or(USAGE)?;
    println!(
        "{:<24} {:>6} {:>8} {:>9} {:>9} {:>9} {:>9}",
        "", "pairs", "unrouted", "dist 1 %", "time 1 %", "time 3 %", "bias"
    );
    for name in names {
        compare(Path::new(folder), name, profile, worst)?;
    }
    Ok(())
}

fn compare(folder: &Path, name: &str, profile: Profile, worst: usize) -> Result<()> {
    let file = std::env::temp_dir().join(format!("agreement-{}-{name}.roads", std::process::id()));
    build(&[folder.join(format!("{name}.osm.pbf"))], profile, &file, &|_| {})?;
    let graph = Graph::open(&file)?;
    let oracle = std::fs::read_to_string(folder.join(format!("oracle/{name}.oracle.json")))?;
    let oracle: Value = serde_json::from_str(&oracle)?;
    report(&format!("{name} routes"), &routes(&graph, &oracle)?, worst);
    report(&format!("{name} table"), &table(&graph, &oracle)?, 0);
    std::fs::remove_file(&file)?;
    Ok(())
}

fn routes(graph: &Graph, oracle: &Value) -> Result<Vec<Pair>> {
    let mut pairs = Vec::new();
    for route in array(oracle, "routes")? {
        let Some(theirs) = route.get("osrm").filter(|osrm| !osrm.is_null()) else {
            continue;
        };
        let ends = [snap(graph, route.get("o"))?, snap(graph, route.get("d"))?];
        let path = graph.path(&ends, &StopToken::never()).ok();
        let ours = path
            .as_ref()
            .and_then(|path| path.legs().first())
            .map(|leg| [leg.leg().distance_m(), leg.leg().duration_s()]);
        let theirs = [number(theirs.get("distance_m"))?, number(theirs.get("duration_s"))?];
        let label = format!("{} {}", route.get("o").unwrap_or(&Value::Null), route.get("d").unwrap_or(&Value::Null));
        pairs.push(Pair { label, theirs, ours });
    }
    Ok(pairs)
}

fn table(graph: &Graph, oracle: &Value) -> Result<Vec<Pair>> {
    let table = oracle.get("table").ok_or("no table")?;
    let snaps = array(table, "points")?.iter().map(|point| snap(graph, Some(point))).collect::<Result<Vec<_>>>()?;
    let matrix = graph.matrix(&snaps, &StopToken::never())?;
    let (durations, distances) = (array(table, "osrm_duration_s")?, array(table, "osrm_distance_m")?);
    let mut pairs = Vec::new();
    for (from, (durations, distances)) in durations.iter().zip(distances).enumerate() {
        let rows = durations.as_array().into_iter().flatten().zip(distances.as_array().into_iter().flatten());
        for (to, (duration, distance)) in rows.enumerate().filter(|(to, _)| *to != from) {
            let ours = matrix.leg(from, to).map(|leg| [leg.distance_m(), leg.duration_s()]);
            let theirs = [number(Some(distance))?, number(Some(duration))?];
            pairs.push(Pair { label: format!("{from} {to}"), theirs, ours });
        }
    }
    Ok(pairs)
}

fn report(name: &str, pairs: &[Pair], worst: usize) {
    let share = |of: usize, within: f64| {
        let good = pairs.iter().filter(|pair| pair.difference(of) <= within).count();
        100.0 * good as f64 / pairs.len().max(1) as f64
    };
    let unrouted = pairs.iter().filter(|pair| pair.ours.is_none()).count();
    let routed = pairs.iter().filter_map(|pair| Some((pair.ours?[1], pair.theirs[1])));
    let (ours, theirs) = routed.fold((0.0, 0.0), |(ours, theirs), (one, other)| (ours + one, theirs + other));
    println!(
        "{name:<24} {:>6} {unrouted:>8} {:>9.2} {:>9.2} {:>9.2} {:>+8.3}%",
        pairs.len(),
        share(0, 0.01),
        share(1, 0.01),
        share(1, 0.03),
        100.0 * (ours / theirs - 1.0)
    );
    let mut sorted: Vec<&Pair> = pairs.iter().collect();
    sorted.sort_by(|a, b| b.difference(1).total_cmp(&a.difference(1)));
    for pair in sorted.iter().take(worst) {
        println!("  {} theirs {:?} ours {:?} {:.2} %", pair.label, pair.theirs, pair.ours, 100.0 * pair.difference(1));
    }
}

fn snap(graph: &Graph, lng_lat: Option<&Value>) -> Result<Snap> {
    let point = lng_lat.and_then(Value::as_array).ok_or("no position")?;
    let at = LatLng::new(number(point.get(1))?, number(point.first())?)?;
    Ok(graph.snap(at)?)
}

fn number(value: Option<&Value>) -> Result<f64> {
    value.and_then(Value::as_f64).ok_or_else(|| "not a number".into())
}

fn array<'v>(value: &'v Value, key: &str) -> Result<&'v Vec<Value>> {
    value.get(key).and_then(Value::as_array).ok_or_else(|| format!("no `{key}`").into())
}
