//! One vehicle's tour with what makes a place for one more visit be tested in constant time.
#![expect(clippy::indexing_slicing, reason = "all lists have a cell for each node, or each arc, of the tour")]

use crate::fleet::duration::shortest_duration;
use crate::fleet::late::lateness;
use crate::fleet::model::{FORBIDDEN, FOREVER, Model, Vehicle};
use crate::fleet::times::{Clock, MOST_BREAKS, MOST_STATES, drive, latest_finish, latest_leave, meets, serve, starts};

#[derive(Debug, Clone, Default)]
pub(crate) struct Route {
    /// Differs between any two states of tours.
    pub(crate) version: u64,
    /// Start, visits, end.
    pub(crate) nodes: Vec<u32>,
    /// The cost from each node to the next.
    pub(crate) arcs: Vec<u32>,
    /// Node × breaks taken: the earliest time of leaving.
    pub(crate) leaving: Vec<i64>,
    /// Node × breaks taken: the latest time to be ready there.
    pub(crate) latest: Vec<i64>,
    /// Per dimension: the load at the start.
    pub(crate) initial: Vec<i64>,
    /// Arc × dimension: the load there.
    pub(crate) loads: Vec<i64>,
    /// Arc × dimension: the greatest load from the start to there, and from there to the end.
    pub(crate) before: Vec<i64>,
    pub(crate) after: Vec<i64>,
    pub(crate) driven: i64,
    pub(crate) distance: i64,
    /// Lateness × importance, where it is allowed: of each node and of all.
    pub(crate) late: Vec<i64>,
    pub(crate) lateness: i64,
    /// From departure to finish, where that is looked at.
    pub(crate) duration: i64,
}

impl Route {
    /// The tour of a vehicle that serves nobody.
    pub(crate) fn empty(vehicle: &Vehicle) -> Self {
        let initial = vec![0; vehicle.capacity.len()];
        Self { nodes: vec![vehicle.start as u32, vehicle.end as u32], initial, ..Self::default() }
    }

    /// The number of visits.
    #[inline]
    pub(crate) fn visits(&self) -> usize {
        self.nodes.len() - 2
    }

    /// Works everything out anew from the nodes; `false` where a limit is broken, and what is known is not to be used.
    pub(crate) fn refresh(&mut self, model: &Model, vehicle: &Vehicle) -> bool {
        if vehicle.breaks.len() > MOST_BREAKS || !self.measure(model, vehicle) || !self.weigh(model, vehicle) {
            return false;
        }
        let is_timely = if vehicle.breaks.is_empty() {
            self.time::<1>(model, vehicle)
        } else {
            self.time::<MOST_STATES>(model, vehicle)
        };
        is_timely && self.last(model, vehicle)
    }

    /// Measures the duration where it is limited or costs something.
    fn last(&mut self, model: &Model, vehicle: &Vehicle) -> bool {
        let most = vehicle.part.max_duration;
        if self.visits() > 0 && (most < FOREVER || model.balance > 0) {
            self.duration = shortest_duration(model, vehicle, &self.nodes).unwrap_or(FOREVER);
            return self.duration <= most;
        }
        self.duration = 0;
        true
    }

    /// Puts one visit after a place where it is known to fit, all that it changes worked out anew and no more.
    pub(crate) fn insert(&mut self, model: &Model, vehicle: &Vehicle, after: usize, visit: usize) {
        let (from, to) = (self.nodes[after] as usize, self.nodes[after + 1] as usize);
        let (into, out) = (model.cost(from, visit), model.cost(visit, to));
        self.driven += i64::from(into) + i64::from(out) - i64::from(self.arcs[after]);
        self.distance += model.distance(from, visit) + model.distance(visit, to);
        if self.visits() > 0 {
            self.distance -= model.distance(from, to);
        }
        self.arcs[after] = into;
        self.arcs.insert(after + 1, out);
        self.nodes.insert(after + 1, visit as u32);
        if model.only_unloads {
            for (sum, amount) in self.initial.iter_mut().zip(model.amounts(visit).0) {
                *sum += amount;
            }
        } else {
            self.weigh(model, vehicle);
        }
        if vehicle.breaks.is_empty() {
            self.retime::<1>(model, vehicle, after + 1);
        } else {
            self.retime::<MOST_STATES>(model, vehicle, after + 1);
        }
        self.last(model, vehicle);
    }

    /// Works out the times that a new visit at `place` changes.
    fn retime<const K: usize>(&mut self, model: &Model, vehicle: &Vehicle, place: usize) {
        let breaks = vehicle.breaks.as_slice();
        let states = breaks.len() + 1;
        let cells = place * states..place * states;
        self.leaving.splice(cells.clone(), std::iter::repeat_n(-1, states));
        self.latest.splice(cells, std::iter::repeat_n(FOREVER, states));
        let mut clock = [FOREVER; K];
        clock[..states].copy_from_slice(&self.leaving[(place - 1) * states..place * states]);
        if model.is_soft {
            self.late.insert(place, 0);
        }
        for at in place..self.nodes.len() {
            let (from, to) = (self.nodes[at - 1] as usize, self.nodes[at] as usize);
            let ready = drive(breaks, &clock, model.time(from, to));
            if model.is_soft {
                let late = lateness(model, to, &ready);
                self.lateness += late - self.late[at];
                self.late[at] = late;
            }
            clock = serve(model, to, &ready);
            let known = &mut self.leaving[at * states..(at + 1) * states];
            if *known == clock[..states] {
                break;
            }
            known.copy_from_slice(&clock[..states]);
        }
        for at in (0..=place).rev() {
            let (from, to) = (self.nodes[at] as usize, self.nodes[at + 1] as usize);
            let travel = model.time(from, to);
            let (here, next) = self.latest.split_at_mut((at + 1) * states);
            let mut is_same = true;
            for taken in 0..states {
                let leave = latest_leave(breaks, taken, travel, &next[..states]);
                let latest = model.latest_arrival(from, leave - model.stops[from].service);
                let known = &mut here[at * states + taken];
                is_same &= *known == latest;
                *known = latest;
            }
            if is_same {
                break;
            }
        }
    }

    fn measure(&mut self, model: &Model, vehicle: &Vehicle) -> bool {
        self.arcs.clear();
        (self.driven, self.distance) = (0, 0);
        if self.visits() == 0 {
            // An unused vehicle drives nowhere, even where its ends lie apart.
            self.arcs.push(0);
            return true;
        }
        for pair in self.nodes.windows(2) {
            let (from, to) = (pair[0] as usize, pair[1] as usize);
            let cost = model.cost(from, to);
            if cost == FORBIDDEN && model.has_forbidden {
                return false;
            }
            self.arcs.push(cost);
            self.driven += i64::from(cost);
            self.distance += model.distance(from, to);
        }
        self.distance <= vehicle.part.max_distance && self.visits() <= vehicle.part.max_visits
    }

    fn travel(&self, model: &Model, from: usize, to: usize) -> i64 {
        if self.visits() == 0 { 0 } else { model.time(from, to) }
    }

    fn weigh(&mut self, model: &Model, vehicle: &Vehicle) -> bool {
        let dimensions = model.dimensions;
        if dimensions == 0 {
            return true;
        }
        let visits = &self.nodes[1..self.nodes.len() - 1];
        self.initial.clear();
        self.initial.resize(dimensions, 0);
        for &visit in visits {
            for (sum, amount) in self.initial.iter_mut().zip(model.amounts(visit as usize).0) {
                *sum += amount;
            }
        }
        let fits = |loads: &[i64]| loads.iter().zip(&vehicle.capacity).all(|(load, capacity)| load <= capacity);
        if model.only_unloads {
            return fits(&self.initial);
        }
        for list in [&mut self.loads, &mut self.before] {
            list.clear();
            list.extend(&self.initial);
        }
        for &visit in visits {
            let from = self.loads.len() - dimensions;
            for (dimension, change) in model.amounts(visit as usize).1.iter().enumerate() {
                let load = self.loads[from + dimension] + change;
                self.loads.push(load);
                self.before.push(load.max(self.before[from + dimension]));
            }
        }
        self.after.clone_from(&self.loads);
        for cell in (0..self.after.len() - dimensions).rev() {
            self.after[cell] = self.after[cell].max(self.after[cell + dimensions]);
        }
        fits(&self.after[..dimensions])
    }

    fn time<const K: usize>(&mut self, model: &Model, vehicle: &Vehicle) -> bool {
        let breaks = vehicle.breaks.as_slice();
        let states = breaks.len() + 1;
        let mut clock: Clock<K> = starts(breaks, vehicle.part.earliest_start, vehicle.part.latest_start);
        self.leaving.clear();
        self.leaving.extend(&clock[..states]);
        self.lateness = 0;
        self.late.clear();
        self.late.push(0);
        for pair in self.nodes.windows(2) {
            let (from, to) = (pair[0] as usize, pair[1] as usize);
            let ready = drive(breaks, &clock, self.travel(model, from, to));
            if model.is_soft {
                let late = lateness(model, to, &ready);
                self.lateness += late;
                self.late.push(late);
            }
            clock = serve(model, to, &ready);
            if clock.iter().all(|&leave| leave >= FOREVER) {
                return false;
            }
            self.leaving.extend(&clock[..states]);
        }
        self.latest.clear();
        self.latest.resize(self.nodes.len() * states, 0);
        let end = self.nodes.len() - 1;
        for taken in 0..states {
            self.latest[end * states + taken] = latest_finish(breaks, taken, vehicle.part.latest_finish);
        }
        if !meets(&clock, &self.latest[end * states..]) {
            return false;
        }
        for place in (0..end).rev() {
            let (from, to) = (self.nodes[place] as usize, self.nodes[place + 1] as usize);
            let travel = self.travel(model, from, to);
            let (here, next) = self.latest.split_at_mut((place + 1) * states);
            for taken in 0..states {
                let leave = latest_leave(breaks, taken, travel, &next[..states]);
                here[place * states + taken] = model.latest_arrival(from, leave - model.stops[from].service);
            }
        }
        true
    }
}
