//! Builds a graph and times what it answers, on one thread: `speed EXTRACT.osm.pbf POINTS.json [--check PAIRS]`.
//!
//! `POINTS.json` is `{"points": [[lng, lat], …], "pairs": [[from, to], …]}`. One JSON object is printed:
//!
//! - `build`: `cpu_s`, `wall_s`, `peak_rss_mb`, `index_mb`, `edges`, `turns`, `shortcuts`;
//! - `query`: `open_ms`, `first_answer_ms` (one route on a graph just opened), `nearest`, `route_full_polyline` and
//!   `route_no_geometry` (`n`, `p50_ms`, `p99_ms`, `mean_ms`, `cpu_mean_ms`, `failed`; snapping included, each pair is
//!   asked once, after fifty to warm up), `table` by size (`duration+distance_ms`, the best of three and more, and
//!   `duration+distance_cpu_ms`, their mean; snapping included), `peak_rss_mb`;
//! - `exact`, with `--check`: `pairs` and how many `differ` from the plain Dijkstra.
#![expect(clippy::print_stdout, reason = "the report on standard output is what this is for")]

mod clock;
mod exact;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use routemate_roads::{Graph, Profile, Snap, build};
use routemate_units::{LatLng, StopToken};
use serde_json::{Map, Value, json};

use clock::{Stopwatch, peak_rss_mb};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How often each thing is done; the best time counts.
const REPETITIONS: usize = 3;
const TABLES: [usize; 3] = [50, 200, 1000];

fn main() -> ExitCode {
    match run() {
        Ok(report) => {
            println!("{report:#}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("speed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<Value> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (extract, points, pairs) = match args.as_slice() {
        [extract, points] => (extract, points, None),
        [extract, points, option, pairs] if option == "--check" => (extract, points, Some(pairs.parse()?)),
        _ => return Err("speed EXTRACT.osm.pbf POINTS.json [--check PAIRS]".into()),
    };
    let asked = Asked::read(Path::new(points))?;
    let file = std::env::temp_dir().join(format!("speed-{}.roads", std::process::id()));
    let report = measure(Path::new(extract), &file, &asked, pairs);
    // Whatever came of it, nothing stays behind.
    let _ = std::fs::remove_file(&file);
    report
}

fn measure(extract: &Path, file: &Path, asked: &Asked, pairs: Option<usize>) -> Result<Value> {
    let watch = Stopwatch::start()?;
    let built = build(&[extract.to_owned()], Profile::Car, file, &|_| {})?;
    let time = watch.stop()?;
    let build = json!({
        "cpu_s": time.cpu_ms / 1e3,
        "wall_s": time.wall_ms / 1e3,
        "peak_rss_mb": peak_rss_mb()?,
        "index_mb": built.file_bytes as f64 / 1e6,
        "edges": built.edges,
        "turns": built.turns,
        "shortcuts": built.shortcuts,
    });
    let mut query = openings(file, asked)?;
    let graph = Graph::open(file)?;
    query.insert("nearest".into(), nearest(&graph, asked)?);
    query.insert("route_full_polyline".into(), routes(&graph, asked, true)?);
    query.insert("route_no_geometry".into(), routes(&graph, asked, false)?);
    let tables = TABLES.iter().map(|&size| Ok((size.to_string(), table(&graph, asked, size)?)));
    query.insert("table".into(), Value::Object(tables.collect::<Result<_>>()?));
    query.insert("peak_rss_mb".into(), peak_rss_mb()?.into());
    let mut report = json!({ "build": build, "query": query });
    if let (Some(pairs), Some(report)) = (pairs, report.as_object_mut()) {
        report.insert("exact".into(), exact::check(&graph, &asked.points, pairs)?);
    }
    Ok(report)
}

/// Positions and pairs of them.
struct Asked {
    points: Vec<LatLng>,
    pairs: Vec<[LatLng; 2]>,
}

impl Asked {
    fn read(path: &Path) -> Result<Self> {
        let value: Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
        let list = |key: &str| value.get(key).and_then(Value::as_array).ok_or_else(|| format!("no list `{key}`"));
        let mut points = Vec::new();
        for point in list("points")? {
            let degrees = |at: usize| point.get(at).and_then(Value::as_f64).ok_or("a point is [lng, lat]");
            points.push(LatLng::new(degrees(1)?, degrees(0)?)?);
        }
        let mut pairs = Vec::new();
        for pair in list("pairs")? {
            let point =
                |at: usize| pair.get(at).and_then(Value::as_u64).and_then(|at| points.get(at as usize).copied());
            pairs.push([point(0).ok_or("a pair is two points")?, point(1).ok_or("a pair is two points")?]);
        }
        Ok(Self { points, pairs })
    }
}

/// Times on a graph that nobody has asked anything yet.
fn openings(file: &Path, asked: &Asked) -> Result<Map<String, Value>> {
    let [from, to] = *asked.pairs.first().ok_or("no pairs")?;
    let (mut open_ms, mut first_ms) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..REPETITIONS {
        let watch = Stopwatch::start()?;
        let graph = Graph::open(file)?;
        open_ms = open_ms.min(watch.stop()?.wall_ms);
        let watch = Stopwatch::start()?;
        route(&graph, [from, to], true)?;
        first_ms = first_ms.min(watch.stop()?.wall_ms);
    }
    Ok([("open_ms", open_ms), ("first_answer_ms", first_ms)]
        .map(|(key, ms)| (key.to_owned(), ms.into()))
        .into_iter()
        .collect())
}

fn nearest(graph: &Graph, asked: &Asked) -> Result<Value> {
    spread(asked.points.iter().take(500), |at| Ok(graph.snap(*at).is_ok()))
}

fn routes(graph: &Graph, asked: &Asked, with_polyline: bool) -> Result<Value> {
    spread(asked.pairs.iter(), |pair| Ok(route(graph, *pair, with_polyline).is_ok()))
}

/// From positions to the line, as a server would answer.
fn route(graph: &Graph, pair: [LatLng; 2], with_polyline: bool) -> Result<()> {
    let [from, to] = pair;
    let snaps = [graph.snap(from)?, graph.snap(to)?];
    if with_polyline {
        std::hint::black_box(graph.path(&snaps, &StopToken::never())?.polyline5());
    } else {
        let [from, to] = snaps;
        let leg = graph.table(&[from], &[to], &StopToken::never())?.leg(0, 0);
        std::hint::black_box(leg.ok_or("no way")?);
    }
    Ok(())
}

/// The spread of the times that each thing asked takes.
fn spread<'a, T: 'a>(
    asked: impl Iterator<Item = &'a T> + Clone,
    answer: impl Fn(&'a T) -> Result<bool>,
) -> Result<Value> {
    for one in asked.clone().take(50) {
        answer(one)?;
    }
    let mut times = Vec::new();
    let mut failed = 0;
    let whole = Stopwatch::start()?;
    for one in asked {
        let watch = Stopwatch::wall();
        failed += usize::from(!answer(one)?);
        times.push(watch.wall_ms());
    }
    let cpu_ms = whole.stop()?.cpu_ms;
    times.sort_by(f64::total_cmp);
    let share = |share: f64| times.get(((share * times.len() as f64).ceil() as usize).saturating_sub(1)).copied();
    Ok(json!({
        "n": times.len(),
        "p50_ms": share(0.5),
        "p99_ms": share(0.99),
        "mean_ms": times.iter().sum::<f64>() / times.len() as f64,
        "cpu_mean_ms": cpu_ms / times.len() as f64,
        "failed": failed,
    }))
}

fn table(graph: &Graph, asked: &Asked, size: usize) -> Result<Value> {
    let points: Vec<LatLng> = asked.points.iter().copied().cycle().take(size).collect();
    // Processor time is told in steps of some milliseconds.
    let rounds = (1_000_000 / (size * size)).clamp(1, 100) * REPETITIONS;
    let mut wall_ms = f64::INFINITY;
    let whole = Stopwatch::start()?;
    for _ in 0..rounds {
        let watch = Stopwatch::wall();
        let snaps: Vec<Snap> = points.iter().map(|at| graph.snap(*at)).collect::<std::result::Result<_, _>>()?;
        std::hint::black_box(graph.matrix(&snaps, &StopToken::never())?);
        wall_ms = wall_ms.min(watch.wall_ms());
    }
    let cpu_ms = whole.stop()?.cpu_ms / rounds as f64;
    Ok(json!({ "duration+distance_ms": wall_ms, "duration+distance_cpu_ms": cpu_ms }))
}
