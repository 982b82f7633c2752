//! The kinds with several vehicles: like vehicles between the same ends, all windows hard.

use crate::neutral::matrix::Matrix;
use crate::neutral::{Neutral, Result, number, numbers};
use routemate_optimizer::{Problem, ProblemBuilder, Solution, Terminal, Vehicle, Visit, VisitId};
use routemate_units::Seconds;
use serde_json::Value;

pub(crate) struct Fleet {
    vehicles: usize,
    capacity: Option<u32>,
    /// What each node takes; in the kind with pairs what its pickup loads.
    demands: Vec<u32>,
    /// What leaving a node out costs; `None` where it has to be visited.
    prizes: Vec<Option<u32>>,
    /// Pickup and delivery nodes.
    pairs: Vec<(usize, usize)>,
}

impl Fleet {
    pub(crate) fn parse(json: &Value, len: usize) -> Result<Self> {
        let list = |name: &str| json.get(name).and_then(Value::as_array);
        let demands = match list("demands") {
            // The second of a pair has its demand negative.
            Some(demands) => demands.iter().map(|demand| number(demand).unwrap_or(0)).collect(),
            None => vec![0; len],
        };
        let prizes = match list("prizes") {
            Some(prizes) => {
                let prize = |value: &Value| if value.is_null() { Ok(None) } else { number(value).map(Some) };
                prizes.iter().map(prize).collect::<Result<Vec<_>>>()?
            }
            None => vec![None; len],
        };
        let pairs = list("pairs").map(Vec::as_slice).unwrap_or_default();
        let pair = |pair: &Value| match numbers(pair)?[..] {
            [pickup, delivery] => Ok((pickup as usize, delivery as usize)),
            _ => Err(format!("`{pair}` is no pair").into()),
        };
        if demands.len() != len || prizes.len() != len {
            return Err("`demands` or `prizes` has not one entry for each node".into());
        }
        Ok(Self {
            vehicles: json.get("vehicles").and_then(Value::as_u64).map_or(1, |vehicles| (vehicles as usize).min(len)),
            capacity: json.get("capacity").filter(|value| !value.is_null()).map(number).transpose()?,
            demands,
            prizes,
            pairs: pairs.iter().map(pair).collect::<Result<Vec<_>>>()?,
        })
    }
}

impl Neutral {
    /// The nodes that are visits: all but the ends.
    fn visited(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.matrix.len).filter(|&node| node != self.start && Some(node) != self.end)
    }

    pub(super) fn fleet_problem(&self, fleet: &Fleet, vehicle_cost: u32) -> Result<Problem<'_, Matrix>> {
        let mut builder = ProblemBuilder::new(&self.matrix);
        let window = |node: usize| self.windows.as_ref().and_then(|windows| windows.get(node)).copied();
        let at = |list: &[u32], node: usize| list.get(node).copied().unwrap_or(0);
        let mut visit_of = vec![None; self.matrix.len];
        for node in self.visited() {
            let mut visit = Visit::at(node).with_service(Seconds::new(at(&self.service, node))).with_lateness_refused();
            if let Some(window) = window(node) {
                visit = visit.with_window(window);
            }
            if fleet.pairs.is_empty() {
                visit = visit.with_delivery([at(&fleet.demands, node)]);
            }
            if let Some(prize) = fleet.prizes.get(node).copied().flatten() {
                visit = visit.with_prize(prize);
            }
            if let Some(named) = visit_of.get_mut(node) {
                *named = Some(builder.visit(visit));
            }
        }
        for &(pickup, delivery) in &fleet.pairs {
            let visit = |node: usize| -> Result<VisitId> {
                Ok(visit_of.get(node).copied().flatten().ok_or_else(|| format!("`{node}` cannot be in a pair"))?)
            };
            builder.shipment(visit(pickup)?, visit(delivery)?, [at(&fleet.demands, pickup)]);
        }
        let mut vehicle = Vehicle::new().with_start(Terminal::Location(self.start)).with_fixed_cost(vehicle_cost);
        if let Some(capacity) = fleet.capacity {
            vehicle = vehicle.with_capacity([capacity]);
        }
        if let Some(window) = window(self.start) {
            let departure = window.start.saturating_add(Seconds::new(at(&self.service, self.start)));
            vehicle = vehicle.with_earliest_start(departure).with_latest_start(departure);
        }
        if let Some(end) = self.end {
            vehicle = vehicle.with_end(Terminal::Location(end));
            if let Some(window) = window(end) {
                vehicle = vehicle.with_latest_finish(window.end);
            }
        }
        for _ in 0..fleet.vehicles {
            builder.vehicle(vehicle.clone());
        }
        Ok(builder.build()?)
    }

    pub(super) fn fleet_routes(&self, solution: &Solution) -> Vec<Vec<usize>> {
        let nodes: Vec<usize> = self.visited().collect();
        let node = |visit: VisitId| nodes.get(visit.index()).copied();
        solution
            .tours
            .iter()
            .map(|tour| [self.start].into_iter().chain(tour.visits().filter_map(node)).chain(self.end).collect())
            .collect()
    }
}
