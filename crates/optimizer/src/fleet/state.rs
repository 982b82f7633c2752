//! The tours of all vehicles, who is left out, and the way back to what was before the last changes.
#![expect(clippy::indexing_slicing, reason = "vehicles and visits are below their numbers")]

use crate::fleet::insertion::Place;
use crate::fleet::model::{MANDATORY, Model, NONE};
use crate::fleet::route::Route;

/// A set of small numbers that is listed in no particular, but repeatable, order.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) list: Vec<u32>,
    at: Vec<u32>,
}

impl Listed {
    fn of(count: usize) -> Self {
        Self { list: Vec::new(), at: vec![NONE; count] }
    }

    pub(crate) fn contains(&self, item: usize) -> bool {
        self.at[item] != NONE
    }

    fn add(&mut self, item: usize) {
        if !self.contains(item) {
            self.at[item] = self.list.len() as u32;
            self.list.push(item as u32);
        }
    }

    fn remove(&mut self, item: usize) {
        let at = self.at[item];
        if at == NONE {
            return;
        }
        self.list.swap_remove(at as usize);
        if let Some(&moved) = self.list.get(at as usize) {
            self.at[moved as usize] = at;
        }
        self.at[item] = NONE;
    }
}

pub(crate) struct State<'m> {
    pub(crate) model: &'m Model,
    /// By vehicle.
    pub(crate) routes: Vec<Route>,
    /// By visit: the vehicle, or [`NONE`].
    pub(crate) vehicle_of: Vec<u32>,
    /// Vehicle × dimension: what still fits in at the start.
    room: Vec<i64>,
    /// The vehicles that serve somebody.
    pub(crate) used: Listed,
    /// By kind: the vehicles that serve nobody.
    pub(crate) idle: Vec<Vec<u32>>,
    /// Visits that are left out; pairs by their pickup.
    pub(crate) absent: Listed,
    /// The part of the cost that is no prize: driving and fixed costs.
    pub(crate) cost: i64,
    /// Prizes of those left out.
    pub(crate) prizes: i64,
    /// Importance of those left out that have to be served.
    pub(crate) missing: i64,
    pub(crate) lateness: i64,
    /// The number of served visits.
    pub(crate) served: usize,
    versions: u64,
    /// Tours as they were, with their vehicles.
    saved: Vec<(u32, Route)>,
    is_saved: Vec<bool>,
    /// Units that were taken out of a vehicle's tour, or put into one where that is [`NONE`], in order.
    log: Vec<(u32, u32)>,
    spare: Vec<Route>,
    totals: Totals,
}

#[derive(Debug, Clone, Copy, Default)]
struct Totals {
    cost: i64,
    prizes: i64,
    missing: i64,
    lateness: i64,
    served: usize,
}

impl<'m> State<'m> {
    /// Nobody is served but those whose place is fixed, as far as they can be.
    pub(crate) fn empty(model: &'m Model) -> Self {
        let mut state = Self {
            model,
            routes: model.vehicles.iter().map(Route::empty).collect(),
            vehicle_of: vec![NONE; model.visits],
            room: model.vehicles.iter().flat_map(|vehicle| vehicle.capacity.iter().copied()).collect(),
            used: Listed::of(model.vehicles.len()),
            idle: vec![Vec::new(); model.kinds],
            absent: Listed::of(model.visits),
            cost: 0,
            prizes: 0,
            missing: 0,
            lateness: 0,
            served: model.visits,
            versions: 0,
            saved: Vec::new(),
            is_saved: vec![false; model.vehicles.len()],
            log: Vec::new(),
            spare: Vec::new(),
            totals: Totals::default(),
        };
        for visit in (0..model.visits).filter(|&visit| !model.is_second[visit]) {
            state.leave_out(visit);
        }
        for vehicle in (0..model.vehicles.len()).rev() {
            if !state.routes[vehicle].refresh(model, &model.vehicles[vehicle]) {
                continue;
            }
            let part = &model.vehicles[vehicle].part;
            if part.head.is_empty() && part.tail.is_none() {
                state.idle[model.vehicles[vehicle].kind].push(vehicle as u32);
            } else {
                let fixed: Vec<u32> = part.head.iter().chain(&part.tail).map(|&visit| visit as u32).collect();
                state.set_tour(vehicle, &fixed);
            }
        }
        state.commit();
        state
    }

    /// Makes these the visits of a vehicle; others of them than its own have to be absent. `false`, and no change, where
    /// that breaks a limit.
    pub(crate) fn set_tour(&mut self, vehicle: usize, visits: &[u32]) -> bool {
        let spec = &self.model.vehicles[vehicle];
        let mut route = Route::empty(spec);
        route.nodes.splice(1..1, visits.iter().copied());
        if !route.refresh(self.model, spec) {
            return false;
        }
        self.save(vehicle);
        let old = std::mem::replace(&mut self.routes[vehicle], route);
        for &visit in &old.nodes[1..old.nodes.len() - 1] {
            if !self.model.is_second[visit as usize] {
                self.leave_out(visit as usize);
            }
        }
        self.charge(vehicle);
        self.settle(vehicle);
        for &visit in visits {
            if !self.model.is_second[visit as usize] {
                self.take_in(visit as usize, vehicle);
            }
        }
        true
    }

    /// Makes these the tours of all vehicles, as far as they keep all limits; visits that are in no tour, or several, are
    /// the caller's fault.
    pub(crate) fn load(&mut self, tours: &[Vec<u32>]) {
        for vehicle in 0..self.routes.len() {
            if self.routes[vehicle].visits() > 0 {
                let part = &self.model.vehicles[vehicle].part;
                let fixed: Vec<u32> = part.head.iter().chain(&part.tail).map(|&visit| visit as u32).collect();
                self.set_tour(vehicle, &fixed);
            }
        }
        for (vehicle, tour) in tours.iter().enumerate().filter(|(_, tour)| !tour.is_empty()) {
            self.set_tour(vehicle, tour);
        }
        self.commit();
    }

    fn charge(&mut self, vehicle: usize) {
        let route = &self.routes[vehicle];
        if route.visits() > 0 {
            self.cost += route.driven + self.model.vehicles[vehicle].part.fixed_cost;
            self.lateness += route.lateness;
        }
    }

    /// Takes a tour out of the sums.
    fn discharge(&mut self, vehicle: usize) {
        let route = &self.routes[vehicle];
        if route.visits() > 0 {
            self.cost -= route.driven + self.model.vehicles[vehicle].part.fixed_cost;
            self.lateness -= route.lateness;
        }
    }

    /// Keeps a tour as it is for [`undo`](Self::undo), and takes it out of the sums.
    fn save(&mut self, vehicle: usize) {
        self.discharge(vehicle);
        if !self.is_saved[vehicle] {
            self.is_saved[vehicle] = true;
            let mut copy = self.spare.pop().unwrap_or_default();
            copy.clone_from(&self.routes[vehicle]);
            self.saved.push((vehicle as u32, copy));
        }
    }

    /// Notes a new version of a tour, and whether it is one that is used.
    fn settle(&mut self, vehicle: usize) {
        self.versions += 1;
        self.routes[vehicle].version = self.versions;
        self.list(vehicle);
    }

    fn list(&mut self, vehicle: usize) {
        let dimensions = self.model.dimensions;
        let room = &mut self.room[vehicle * dimensions..(vehicle + 1) * dimensions];
        let loads = self.routes[vehicle].initial.iter().zip(&self.model.vehicles[vehicle].capacity);
        for (room, (load, capacity)) in room.iter_mut().zip(loads) {
            *room = capacity - load;
        }
        let is_used = self.routes[vehicle].visits() > 0;
        if is_used == self.used.contains(vehicle) {
            return;
        }
        let kind = self.model.vehicles[vehicle].kind;
        if is_used {
            self.used.add(vehicle);
            self.idle[kind].retain(|&other| other as usize != vehicle);
        } else {
            self.used.remove(vehicle);
            self.idle[kind].push(vehicle as u32);
        }
    }

    /// Whether what a visit brings fits in at the start.
    #[inline]
    pub(crate) fn has_room(&self, vehicle: usize, visit: usize) -> bool {
        let dimensions = self.model.dimensions;
        let room = &self.room[vehicle * dimensions..(vehicle + 1) * dimensions];
        self.model.amounts(visit).0.iter().zip(room).all(|(amount, room)| amount <= room)
    }

    fn place(&mut self, unit: usize, vehicle: u32) {
        self.vehicle_of[unit] = vehicle;
        if let Some(partner) = self.model.partner_of(unit) {
            self.vehicle_of[partner] = vehicle;
        }
    }

    fn take_in(&mut self, unit: usize, vehicle: usize) {
        self.log.push((unit as u32, NONE));
        self.absent.remove(unit);
        self.count_absent(unit, -1);
        self.place(unit, vehicle as u32);
    }

    fn count_absent(&mut self, unit: usize, sign: i64) {
        let prize = self.model.prize[unit];
        if prize == MANDATORY {
            self.missing += sign * self.model.missed[unit];
        } else {
            self.prizes += sign * prize;
        }
        let halves = if self.model.partner[unit] == NONE { 1 } else { 2 };
        if sign < 0 {
            self.served += halves;
        } else {
            self.served -= halves;
        }
    }

    fn leave_out(&mut self, unit: usize) {
        self.log.push((unit as u32, self.vehicle_of[unit]));
        self.absent.add(unit);
        self.count_absent(unit, 1);
        self.place(unit, NONE);
    }

    /// Takes visits out of a tour. A tour that breaks a limit without them, as may be where the direct way is longer than a
    /// detour, loses more: one by one those whom it cannot reach. `removed` gets all that went; pairs by their pickup.
    pub(crate) fn remove(&mut self, vehicle: usize, is_removed: impl Fn(usize) -> bool, removed: &mut Vec<u32>) {
        self.discharge(vehicle);
        let model = self.model;
        let mut route = self.spare.pop().unwrap_or_default();
        let old = std::mem::take(&mut self.routes[vehicle]);
        route.nodes.clear();
        let last = old.nodes.len() - 1;
        for (place, &node) in old.nodes.iter().enumerate() {
            if place == 0 || place == last || !is_removed(node as usize) {
                route.nodes.push(node);
            } else if !model.is_second[node as usize] {
                removed.push(node);
            }
        }
        if self.is_saved[vehicle] {
            self.spare.push(old);
        } else {
            self.is_saved[vehicle] = true;
            self.saved.push((vehicle as u32, old));
        }
        let spec = &model.vehicles[vehicle];
        if !route.refresh(model, spec) {
            // Everybody who can move goes: what remains has been a tour before.
            route.nodes.retain(|&node| {
                let stays = node as usize >= model.visits || model.is_fixed[node as usize];
                if !stays && !model.is_second[node as usize] {
                    removed.push(node);
                }
                stays
            });
            let is_fine = route.refresh(model, spec);
            debug_assert!(is_fine, "a tour of fixed visits breaks no limit");
        }
        self.routes[vehicle] = route;
        self.charge(vehicle);
        self.settle(vehicle);
    }

    /// Notes that units taken out by [`remove`](Self::remove) are in no tour.
    pub(crate) fn note_removed(&mut self, units: &[u32]) {
        for &unit in units {
            self.leave_out(unit as usize);
        }
    }

    /// Puts an absent unit into a tour; `false`, and no change, where a limit that was not tested is broken.
    pub(crate) fn insert(&mut self, vehicle: usize, unit: usize, place: Place) -> bool {
        self.save(vehicle);
        let spec = &self.model.vehicles[vehicle];
        let mut route = std::mem::take(&mut self.routes[vehicle]);
        let mut is_fine = true;
        if let Some(partner) = self.model.partner_of(unit) {
            route.nodes.insert(place.second_after + 1, partner as u32);
            route.nodes.insert(place.after + 1, unit as u32);
            is_fine = route.refresh(self.model, spec);
            if !is_fine {
                route.nodes.remove(place.after + 1);
                route.nodes.remove(place.second_after + 1);
                route.refresh(self.model, spec);
            }
        } else {
            route.insert(self.model, spec, place.after, unit);
            debug_assert!(route.clone().refresh(self.model, spec), "the place was tested");
        }
        self.routes[vehicle] = route;
        self.charge(vehicle);
        self.settle(vehicle);
        if is_fine {
            self.take_in(unit, vehicle);
        }
        is_fine
    }

    /// Makes the present state the one to go back to.
    pub(crate) fn commit(&mut self) {
        while let Some((vehicle, route)) = self.saved.pop() {
            self.is_saved[vehicle as usize] = false;
            self.spare.push(route);
        }
        self.log.clear();
        self.totals = Totals {
            cost: self.cost,
            prizes: self.prizes,
            missing: self.missing,
            lateness: self.lateness,
            served: self.served,
        };
    }

    /// Goes back to the last [`commit`](Self::commit).
    pub(crate) fn undo(&mut self) {
        while let Some((unit, vehicle)) = self.log.pop() {
            self.place(unit as usize, vehicle);
            if vehicle == NONE {
                self.absent.add(unit as usize);
            } else {
                self.absent.remove(unit as usize);
            }
        }
        while let Some((vehicle, route)) = self.saved.pop() {
            self.is_saved[vehicle as usize] = false;
            let changed = std::mem::replace(&mut self.routes[vehicle as usize], route);
            self.spare.push(changed);
            self.list(vehicle as usize);
        }
        Totals {
            cost: self.cost,
            prizes: self.prizes,
            missing: self.missing,
            lateness: self.lateness,
            served: self.served,
        } = self.totals;
    }

    /// Driving, fixed costs, prizes and what the longest tour costs.
    pub(crate) fn total(&self) -> i64 {
        let balance = self.model.balance;
        let longest = if balance > 0 { balance.saturating_mul(self.longest()) / 100 } else { 0 };
        self.cost + self.prizes + longest
    }

    /// The duration of the longest tour, where durations are looked at.
    pub(crate) fn longest(&self) -> i64 {
        self.used.list.iter().map(|&vehicle| self.routes[vehicle as usize].duration).max().unwrap_or(0)
    }

    /// The first vehicle of a kind that serves nobody.
    pub(crate) fn idle_of(&self, kind: usize) -> Option<usize> {
        self.idle[kind].last().map(|&vehicle| vehicle as usize)
    }
}
