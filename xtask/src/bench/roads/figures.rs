//! What was measured of one engine, and how far ours agrees with another.

use serde_json::{Value, json};

use crate::failure::{Failure, Result};

pub(super) const OURS: &str = "ours";

/// Sizes of the tables that are timed.
pub(super) const TABLES: [usize; 3] = [50, 200, 1000];

/// One engine on one extract, one thread. What an engine does not tell is missing.
#[derive(Clone, Debug, Default)]
pub(super) struct Figures {
    pub(super) engine: String,
    /// CPU time from extract to index, in seconds.
    pub(super) build_s: Option<f64>,
    pub(super) build_mb: Option<f64>,
    pub(super) index_mb: Option<f64>,
    pub(super) open_ms: Option<f64>,
    /// From a closed file to the first answer.
    pub(super) first_ms: Option<f64>,
    /// A route with its geometry, in microseconds.
    pub(super) route_p50_us: Option<f64>,
    pub(super) route_p99_us: Option<f64>,
    /// Durations and distances, CPU time in milliseconds, by [`TABLES`].
    pub(super) table_ms: [Option<f64>; 3],
}

impl Figures {
    /// From the JSON of the example `speed`.
    pub(super) fn of_ours(found: &Value) -> Self {
        let at = |path: &str| found.pointer(&format!("/{path}")).and_then(Value::as_f64);
        Self {
            build_s: at("build/cpu_s"),
            build_mb: at("build/peak_rss_mb"),
            index_mb: at("build/index_mb"),
            open_ms: at("query/open_ms"),
            first_ms: at("query/first_answer_ms"),
            ..Self::of_answers(OURS, at)
        }
    }

    /// From the JSON of the peers' harness.
    pub(super) fn of_peer(peer: &str, found: &Value) -> Self {
        let at = |path: &str| found.pointer(&format!("/engines/{peer}/{path}")).and_then(Value::as_f64);
        Self {
            build_s: at("build/total/cpu_s"),
            build_mb: at("build/total/peak_rss_mb"),
            index_mb: at("build/disk_mb"),
            open_ms: at("query/load_mmap_ms").or_else(|| at("query/load_ms")),
            ..Self::of_answers(peer, at)
        }
    }

    /// What both tell alike.
    fn of_answers(engine: &str, at: impl Fn(&str) -> Option<f64>) -> Self {
        let micros = |path| at(path).map(|ms| 1e3 * ms);
        Self {
            engine: engine.to_owned(),
            route_p50_us: micros("query/route_full_polyline/p50_ms"),
            route_p99_us: micros("query/route_full_polyline/p99_ms"),
            table_ms: TABLES.map(|size| at(&format!("query/table/{size}/duration+distance_cpu_ms"))),
            ..Self::default()
        }
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "engine": self.engine, "build_cpu_s": self.build_s, "build_mb": self.build_mb, "index_mb": self.index_mb,
            "open_ms": self.open_ms, "first_ms": self.first_ms, "route_p50_us": self.route_p50_us,
            "route_p99_us": self.route_p99_us, "table_cpu_ms": self.table_ms,
        })
    }
}

/// How far we agree with OSRM on some pairs of a city; shares in per cent.
#[derive(Clone, Debug)]
pub(super) struct Agreement {
    /// City, and whether routes or a table.
    pub(super) name: String,
    pub(super) pairs: f64,
    pub(super) unrouted: f64,
    pub(super) distance_1: f64,
    pub(super) duration_1: f64,
    pub(super) duration_3: f64,
    /// By how much all our durations together are longer, in per cent.
    pub(super) bias: f64,
}

impl Agreement {
    /// From a line of the example `agreement`.
    pub(super) fn of(line: &Value) -> Result<Self> {
        let number = |key: &str| {
            let found = line.get(key).and_then(Value::as_f64);
            found.ok_or_else(|| Failure::new(format!("`agreement` has told no `{key}`")))
        };
        Ok(Self {
            name: line.get("name").and_then(Value::as_str).unwrap_or_default().to_owned(),
            pairs: number("pairs")?,
            unrouted: number("unrouted")?,
            distance_1: number("distance_1")?,
            duration_1: number("duration_1")?,
            duration_3: number("duration_3")?,
            bias: number("bias")?,
        })
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "name": self.name, "pairs": self.pairs, "unrouted": self.unrouted, "distance_1": self.distance_1,
            "duration_1": self.duration_1, "duration_3": self.duration_3, "bias": self.bias,
        })
    }
}
