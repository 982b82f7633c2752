//! The neutral problem format: one path, or several like vehicles.

mod fleet;
mod matrix;

use fleet::Fleet;
use matrix::Matrix;
use routemate_optimizer::{Costs, Problem, ProblemBuilder, Solution, Terminal, Vehicle, Visit, VisitId, Window};
use routemate_units::Seconds;
use serde_json::Value;

pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

pub(crate) struct Neutral {
    matrix: Matrix,
    start: usize,
    /// `None` for an open end.
    end: Option<usize>,
    service: Vec<u32>,
    windows: Option<Vec<Window>>,
    /// `None` for the kinds with one path.
    fleet: Option<Fleet>,
}

const PATH_KINDS: [&str; 4] = ["tsp", "path_tsp", "tsptw", "path_tsptw"];
const FLEET_KINDS: [&str; 4] = ["cvrp", "vrptw", "pcvrptw", "pdptw"];

impl Neutral {
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let json: Value = serde_json::from_str(text)?;
        let kind = json.get("kind").and_then(Value::as_str).ok_or("`kind` is missing")?;
        let is_fleet = FLEET_KINDS.contains(&kind);
        if !is_fleet && !PATH_KINDS.contains(&kind) {
            let known = [PATH_KINDS, FLEET_KINDS].concat().join(", ");
            return Err(format!("kind `{kind}` is not supported, only {known}").into());
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
        let fleet = if is_fleet { Some(Fleet::parse(&json, matrix.len)?) } else { None };
        Ok(Self { matrix, start, end, service, windows, fleet })
    }

    /// `vehicle_cost`: what each vehicle costs that is used, where there are several.
    pub(crate) fn problem(&self, vehicle_cost: u32) -> Result<Problem<'_, impl Costs>> {
        match &self.fleet {
            Some(fleet) => self.fleet_problem(fleet, vehicle_cost),
            None => self.path_problem(),
        }
    }

    /// The nodes of each tour, start and end included.
    pub(crate) fn routes(&self, solution: &Solution) -> Vec<Vec<usize>> {
        match &self.fleet {
            Some(_) => self.fleet_routes(solution),
            None => vec![self.route(solution)],
        }
    }

    /// Visits in the order of the nodes, start and end among them; a closed tour has its start once more as last visit.
    fn path_problem(&self) -> Result<Problem<'_, Matrix>> {
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

    fn route(&self, solution: &Solution) -> Vec<usize> {
        let node = |visit: VisitId| {
            if visit.index() < self.matrix.len { visit.index() } else { self.start }
        };
        solution.tours.iter().flat_map(|tour| tour.visits()).map(node).collect()
    }
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
