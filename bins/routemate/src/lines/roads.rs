//! `routemate roads`: a road graph, asked by itself.

use std::io::{self, BufWriter};

use routemate_app::Clock;
use routemate_roads::{Graph, Matrix, Profile, Snap};
use routemate_units::{LatLng, StopToken};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{answer_lines, micros};
use crate::Failure;
use crate::config::Config;
use crate::maps::Home;
use crate::system::SystemClock;

/// A question.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase", deny_unknown_fields)]
enum Question {
    /// The way from one position to another.
    Route { from: [f64; 2], to: [f64; 2] },
    /// Durations and distances between all of some positions.
    Table { points: Vec<[f64; 2]> },
}

/// Answers questions about a map's roads until stdin ends.
pub(crate) fn roads(config: &Config, map: Option<&str>, profile: Profile) -> Result<(), Failure> {
    let home = Home::of(config)?;
    let folder = match map {
        Some(map) => home.find(map)?,
        None => home.only()?,
    };
    let path = folder.join(profile.file_name());
    if !path.exists() {
        let (folder, profile) = (folder.display(), profile.as_str());
        return Err(format!(
            "the map in `{folder}` has no roads for `{profile}`: build it with --profile, from an .osm.pbf"
        )
        .into());
    }
    let graph = Graph::open(&path)?;
    let clock = SystemClock::new();
    // The buffer is flushed wherever somebody may be waiting.
    let answers = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    answer_lines(io::stdin().lock(), answers, |line| {
        let begun = clock.monotonic();
        let mut answer = answer(&graph, line)?;
        if let Some(answer) = answer.as_object_mut() {
            answer.insert("latency_us".to_owned(), micros(clock.monotonic() - begun).into());
        }
        Ok(answer)
    })?;
    Ok(())
}

fn answer(graph: &Graph, line: &[u8]) -> Result<Value, String> {
    match serde_json::from_slice(line).map_err(|error| error.to_string())? {
        Question::Route { from, to } => route(graph, &[("from", from), ("to", to)]),
        Question::Table { points } => table(graph, &points),
    }
}

fn route(graph: &Graph, ends: &[(&str, [f64; 2]); 2]) -> Result<Value, String> {
    let snaps = ends.iter().map(|&(name, at)| snap(graph, name, at)).collect::<Result<Vec<_>, _>>()?;
    let path = graph.path(&snaps, &StopToken::never()).map_err(|error| match error {
        routemate_roads::RouteError::Unreachable { .. } => "there is no way from `from` to `to`".to_owned(),
        other => other.to_string(),
    })?;
    let leg = path.legs().first().map(routemate_roads::PathLeg::leg).ok_or("there is no way")?;
    // Where one really sets out and arrives: a road that leads nowhere is left for the nearest that does.
    let line = path.geometry();
    let snapped: Vec<[f64; 2]> = line.first().into_iter().chain(line.last()).map(|&at| pair(at)).collect();
    Ok(json!({
        "distance_m": leg.distance_m(),
        "duration_s": leg.duration_s(),
        "polyline": path.polyline5(),
        "snapped": snapped,
    }))
}

fn table(graph: &Graph, points: &[[f64; 2]]) -> Result<Value, String> {
    let snapped = points.iter().enumerate().map(|(number, &at)| snap(graph, &format!("points[{number}]"), at));
    let snaps = snapped.collect::<Result<Vec<_>, _>>()?;
    let matrix = graph.matrix(&snaps, &StopToken::never()).map_err(|error| error.to_string())?;
    Ok(json!({
        "durations": rows(&matrix, snaps.len(), |leg| leg.duration_s()),
        "distances": rows(&matrix, snaps.len(), |leg| leg.distance_m()),
    }))
}

fn rows(matrix: &Matrix, len: usize, figure: impl Fn(routemate_roads::Leg) -> f64) -> Vec<Vec<Option<f64>>> {
    let row = |from| (0..len).map(|to| matrix.leg(from, to).map(&figure)).collect();
    (0..len).map(row).collect()
}

fn snap(graph: &Graph, name: &str, [lat, lng]: [f64; 2]) -> Result<Snap, String> {
    let at = LatLng::new(lat, lng).map_err(|error| format!("`{name}`: {error}"))?;
    graph.snap(at).map_err(|error| format!("`{name}`: {error}"))
}

/// In steps of 10⁻⁷ degrees, in which the map has them.
fn pair(at: LatLng) -> [f64; 2] {
    [at.lat(), at.lng()].map(|degrees| (degrees * 1e7).round() / 1e7)
}
