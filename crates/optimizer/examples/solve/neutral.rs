//! The neutral problem format, as far as one vehicle without capacity goes.

use routemate_optimizer::{Costs, Problem, ProblemBuilder, Solution, Terminal, Vehicle, Visit, VisitId, Window};
use routemate_units::{Meters, Seconds};
use serde_json::Value;

pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

pub(crate) struct Neutral {
    matrix: Matrix,
    start: usize,
    /// `None` for an open end.
    end: Option<usize>,
    service: Vec<u32>,
    windows: Option<Vec<Window>>,
}

struct Matrix {
    len: usize,
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

impl Neutral {
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let json: Value = serde_json::from_str(text)?;
        let kind = json.get("kind").and_then(Value::as_str).ok_or("`kind` is missing")?;
        if !["tsp", "path_tsp", "tsptw", "path_tsptw"].contains(&kind) {
            return Err(format!("kind `{kind}` is not supported, only tsp, path_tsp, tsptw and path_tsptw").into());
        }
        let matrix = Matrix::parse(&json)?;
        let index = |name: &str| match json.get(name) {
            None => Ok(Some(None)),
            Some(Value::Null) => Ok(None),
            Some(value) => match value.as_u64().map(|index| index as usize).filter(|&index| index < matrix.len) {
                Some(index) => Ok(Some(Some(index))),
                None => Err(format!("`{name}` is `{value}`, no node")),
            },
        };
        let start = index("start")?.flatten().unwrap_or(0);
        let end = index("end")?.map(|given| given.unwrap_or(start));
        let service = match json.get("service") {
            None | Some(Value::Null) => vec![0; matrix.len],
            Some(list) => numbers(list)?,
        };
        let windows = match json.get("time_windows").and_then(Value::as_array) {
            None => None,
            Some(list) => Some(list.iter().map(window).collect::<Result<Vec<_>>>()?),
        };
        if service.len() != matrix.len || windows.as_ref().is_some_and(|windows| windows.len() != matrix.len) {
            return Err("`service` or `time_windows` has not one entry for each node".into());
        }
        Ok(Self { matrix, start, end, service, windows })
    }

    /// Visits in the order of the nodes, start and end among them; a closed tour has its start once more as last visit.
    pub(crate) fn problem(&self) -> Result<Problem<'_, impl Costs>> {
        let mut builder = ProblemBuilder::new(&self.matrix);
        for (node, &service) in self.service.iter().enumerate() {
            let mut visit = Visit::at(node).with_service(Seconds::new(service));
            if let Some(&window) = self.windows.as_ref().and_then(|windows| windows.get(node)) {
                visit = visit.with_window(window);
            }
            builder.visit(visit);
        }
        let mut vehicle = Vehicle::new().with_start(Terminal::Visit(VisitId::new(self.start)));
        let own_window = self.windows.as_ref().and_then(|windows| windows.get(self.start)).copied();
        if let Some(window) = own_window {
            vehicle = vehicle.with_earliest_start(window.start).with_latest_start(window.start);
        }
        if let Some(end) = self.end {
            let end = if end == self.start {
                let home = Visit::at(end);
                builder.visit(own_window.map_or(home.clone(), |window| home.with_window(window)))
            } else {
                VisitId::new(end)
            };
            vehicle = vehicle.with_end(Terminal::Visit(end));
        }
        builder.vehicle(vehicle);
        Ok(builder.build()?)
    }

    pub(crate) fn route(&self, solution: &Solution) -> Vec<usize> {
        let node = |visit: VisitId| {
            if visit.index() < self.matrix.len { visit.index() } else { self.start }
        };
        solution.tours.iter().flat_map(|tour| tour.visits()).map(node).collect()
    }
}

impl Matrix {
    fn parse(json: &Value) -> Result<Self> {
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

fn numbers(list: &Value) -> Result<Vec<u32>> {
    let list = list.as_array().ok_or_else(|| format!("`{list}` is no list"))?;
    list.iter().map(number).collect()
}

fn number(value: &Value) -> Result<u32> {
    let whole = value.as_f64().filter(|value| (0.0..=f64::from(u32::MAX)).contains(value) && value.fract() == 0.0);
    whole.map(|value| value as u32).ok_or_else(|| format!("`{value}` is no whole number that fits").into())
}

fn window(value: &Value) -> Result<Window> {
    match value.as_array().map(Vec::as_slice) {
        Some([start, end]) => Ok(Window::new(Seconds::new(number(start)?), Seconds::new(number(end)?))),
        _ => Err(format!("`{value}` is no window").into()),
    }
}

fn point(value: &Value) -> Result<Point> {
    let number = |at: usize| value.get(at).and_then(Value::as_f64);
    number(0).zip(number(1)).ok_or_else(|| format!("`{value}` is no point").into())
}
