//! Costs of driving in the neutral format: a matrix, or points with a metric.

use crate::neutral::{Result, numbers};
use routemate_optimizer::Costs;
use routemate_units::{Meters, Seconds};
use serde_json::Value;

pub(crate) struct Matrix {
    pub(crate) len: usize,
    durations: Vec<u32>,
}

impl Costs for Matrix {
    fn len(&self) -> usize {
        self.len
    }

    fn duration(&self, from: usize, to: usize) -> Option<Seconds> {
        self.durations.get(from * self.len + to).copied().map(Seconds::new)
    }

    fn distance(&self, _: usize, _: usize) -> Option<Meters> {
        Some(Meters::ZERO)
    }
}

impl Matrix {
    pub(crate) fn parse(json: &Value) -> Result<Self> {
        if let Some(rows) = json.get("durations").and_then(Value::as_array) {
            let rows = rows.iter().map(numbers).collect::<Result<Vec<_>>>()?;
            let len = rows.len();
            if rows.iter().any(|row| row.len() != len) {
                return Err("`durations` is not square".into());
            }
            return Ok(Self { len, durations: rows.concat() });
        }
        let coords = json.get("coords").and_then(Value::as_array).ok_or("`durations` and `coords` are missing")?;
        let metric = json.get("metric").and_then(Value::as_str).ok_or("`metric` is missing")?;
        let points = coords.iter().map(point).collect::<Result<Vec<_>>>()?;
        let measure = measure(metric)?;
        let durations = points.iter().flat_map(|a| points.iter().map(move |b| measure(*a, *b))).collect();
        Ok(Self { len: points.len(), durations })
    }
}

type Point = (f64, f64);

fn measure(metric: &str) -> Result<fn(Point, Point) -> u32> {
    fn plane((x1, y1): Point, (x2, y2): Point) -> f64 {
        ((x1 - x2) * (x1 - x2) + (y1 - y2) * (y1 - y2)).sqrt()
    }
    Ok(match metric {
        "euc2d" => |a, b| (plane(a, b) + 0.5).floor() as u32,
        "ceil2d" => |a, b| plane(a, b).ceil() as u32,
        "att" => |(x1, y1), (x2, y2)| ((((x1 - x2) * (x1 - x2) + (y1 - y2) * (y1 - y2)) / 10.0).sqrt()).ceil() as u32,
        "trunc10" => |a, b| (10.0 * plane(a, b) + 1e-9).floor() as u32,
        "x10000" => |a, b| (10_000.0 * plane(a, b)).round_ties_even() as u32,
        "geo" => geo,
        "haversine_s" => haversine_s,
        other => return Err(format!("metric `{other}` is not supported").into()),
    })
}

/// TSPLIB 95, section 2.4.
fn geo((lat1, lng1): Point, (lat2, lng2): Point) -> u32 {
    if (lat1, lng1) == (lat2, lng2) {
        return 0;
    }
    let radians = |x: f64| std::f64::consts::PI * (x.trunc() + 5.0 * (x - x.trunc()) / 3.0) / 180.0;
    let [lat1, lng1, lat2, lng2] = [lat1, lng1, lat2, lng2].map(radians);
    let (q1, q2, q3) = ((lng1 - lng2).cos(), (lat1 - lat2).cos(), (lat1 + lat2).cos());
    let cosine = 0.5 * ((1.0 + q1) * q2 - (1.0 - q1) * q3);
    (6378.388 * cosine.clamp(-1.0, 1.0).acos() + 1.0) as u32
}

/// Seconds at 8.33 m/s with a detour of 1.3.
fn haversine_s((lat1, lng1): Point, (lat2, lng2): Point) -> u32 {
    let [lat1, lng1, lat2, lng2] = [lat1, lng1, lat2, lng2].map(f64::to_radians);
    let (half_lat, half_lng) = (((lat2 - lat1) / 2.0).sin(), ((lng2 - lng1) / 2.0).sin());
    let h = half_lat * half_lat + lat1.cos() * lat2.cos() * half_lng * half_lng;
    (2.0 * 6_371_008.8 * h.sqrt().asin() * 1.3 / 8.33).round_ties_even() as u32
}

fn point(value: &Value) -> Result<Point> {
    let number = |at: usize| value.get(at).and_then(Value::as_f64);
    number(0).zip(number(1)).ok_or_else(|| format!("`{value}` is no point").into())
}
