//! Puts absent visits back, each at its cheapest place, in an order that changes from round to round.
#![expect(clippy::indexing_slicing, reason = "visits and vehicles are below their numbers")]

use crate::fleet::insertion::{Place, Terms, cheapest_place};
use crate::fleet::model::{FORBIDDEN, MANDATORY, Model, NONE};
use crate::fleet::near::Near;
use crate::fleet::pairs::{PairScratch, cheapest_pair};
use crate::fleet::state::State;
use crate::random::Random;

/// How often a good place is overlooked.
const BLINK_RATE: f64 = 0.01;
/// From so many visits on, only tours with somebody near are tried.
const MOST_TRYING_ALL: usize = 250;
/// How many near visits name the tours that are tried.
const NEAR_TRIED: usize = 40;

/// A tour that is filled in haste is left after so many who did not fit.
const MOST_REFUSED: usize = 8;

pub(crate) struct Recreate {
    /// By visit: the way from the nearest start, amounts, width of the window, its beginning, its end, importance.
    keys: [Vec<i64>; 6],
    /// Weights of: random, most first, far first, near first, narrow first, early first, late first.
    weights: [u32; 8],
    /// What a second of lateness × importance costs.
    pub(crate) lateness_price: i64,
    /// How many of the next units are put in even where that costs more than leaving them out.
    pub(crate) served_anyway: usize,
    /// By visit: whether its place is fixed, or it fits into no tour even alone.
    is_skipped: Vec<bool>,
    is_tried: Vec<bool>,
    tried: Vec<u32>,
    scratch: PairScratch,
}

impl Recreate {
    pub(crate) fn of(model: &Model) -> Self {
        let far = |visit: usize| {
            let ways = model.vehicles.iter().take(64).map(|vehicle| model.cost(vehicle.start, visit));
            ways.filter(|&way| way != FORBIDDEN).min().map_or(0, i64::from)
        };
        let amounts = |visit: usize| {
            let (initial, change) = model.amounts(visit);
            initial.iter().zip(change).map(|(initial, change)| (*initial).max(initial + change).max(*change)).sum()
        };
        let stop = |visit: usize| &model.stops[visit];
        let key = |key: &dyn Fn(usize) -> i64| (0..model.visits).map(key).collect::<Vec<_>>();
        let keys = [
            key(&far),
            key(&amounts),
            key(&|visit| stop(visit).due - stop(visit).opens),
            key(&|visit| stop(visit).opens),
            key(&|visit| stop(visit).due),
            model.missed.clone(),
        ];
        let varies = |list: &[i64]| u32::from(list.windows(2).any(|pair| pair[0] != pair[1]));
        let weights = [
            4,
            4 * varies(&keys[1]),
            2,
            1,
            2 * varies(&keys[2]),
            2 * varies(&keys[3]),
            2 * varies(&keys[4]),
            varies(&keys[5]),
        ];
        Self {
            keys,
            weights,
            lateness_price: 0,
            served_anyway: 0,
            is_skipped: model.is_fixed.clone(),
            is_tried: vec![false; model.vehicles.len()],
            tried: Vec::new(),
            scratch: PairScratch::default(),
        }
    }

    /// Finds out who is never worth trying, while nobody is served but those whose place is fixed. O(n) for each kind of
    /// vehicle.
    pub(crate) fn skip_hopeless(&mut self, state: &State<'_>, random: &mut Random) {
        let vehicles: Vec<usize> = (0..state.model.kinds)
            .filter_map(|kind| state.idle_of(kind))
            .chain(state.used.list.iter().map(|&vehicle| vehicle as usize))
            .collect();
        let mut terms = Terms { random, blink_rate: 0, lateness_price: 0 };
        for &unit in &state.absent.list {
            let mut best = None;
            for &vehicle in &vehicles {
                if best.is_none() {
                    self.try_tour(state, vehicle, unit as usize, MANDATORY, &mut best, &mut terms);
                }
            }
            self.is_skipped[unit as usize] |= best.is_none();
        }
    }

    /// Whether it makes sense to try it.
    pub(crate) fn may_insert(&self, unit: usize) -> bool {
        !self.is_skipped[unit]
    }

    /// Inserts those of `units` that have a place worth it. `opens_tours`: whether unused vehicles may be.
    pub(crate) fn run(
        &mut self,
        state: &mut State<'_>,
        near: &Near,
        units: &mut [u32],
        opens_tours: bool,
        random: &mut Random,
        mut is_over: impl FnMut() -> bool,
    ) {
        self.order(units, random);
        for &unit in units.iter() {
            if is_over() {
                return;
            }
            self.insert(state, near, unit as usize, opens_tours, random);
        }
    }

    /// Fills one tour after the other, each with whoever is nearest to the one put in last, and looks no further: for when
    /// there is no time left. O(n²) in those left out.
    pub(crate) fn run_hastily(&mut self, state: &mut State<'_>, random: &mut Random) {
        let model = state.model;
        let mut terms = Terms { random, blink_rate: 0, lateness_price: self.lateness_price };
        let mut pending = state.absent.list.clone();
        pending.retain(|&unit| !self.is_skipped[unit as usize] && model.prize[unit as usize] == MANDATORY);
        let mut at_hand: Option<(usize, usize)> = None;
        let mut refused: Vec<u32> = Vec::new();
        while let Some(nearest) = (0..pending.len()).min_by_key(|&at| {
            let unit = pending[at] as usize;
            at_hand.map_or_else(|| self.keys[0][unit], |(_, last)| i64::from(model.cost(last, unit)))
        }) {
            let unit = pending.swap_remove(nearest) as usize;
            let next = (0..model.kinds).filter_map(|kind| state.idle_of(kind)).filter(|_| at_hand.is_none());
            let mut best = None;
            for vehicle in at_hand.iter().map(|&(vehicle, _)| vehicle).chain(next) {
                if best.is_none() {
                    self.try_tour(state, vehicle, unit, MANDATORY, &mut best, &mut terms);
                }
            }
            match best {
                Some((vehicle, place)) => {
                    state.insert(vehicle, unit, place);
                    at_hand = Some((vehicle, unit));
                }
                // It fits into no tour that is unused.
                None if at_hand.is_none() => {}
                None => refused.push(unit as u32),
            }
            if refused.len() >= MOST_REFUSED || (pending.is_empty() && at_hand.is_some()) {
                at_hand = None;
                pending.append(&mut refused);
            }
        }
    }

    fn order(&mut self, units: &mut [u32], random: &mut Random) {
        for at in 0..units.len() {
            let other = at + random.below(units.len() - at);
            units.swap(at, other);
        }
        let mut draw = random.below(self.weights.iter().sum::<u32>() as usize) as u32;
        let mut way = 0;
        while draw >= self.weights[way] {
            draw -= self.weights[way];
            way += 1;
        }
        let [far, amounts, width, opens, due, importance] = &self.keys;
        match way {
            0 => {}
            1 => units.sort_by_key(|&unit| -amounts[unit as usize]),
            2 => units.sort_by_key(|&unit| -far[unit as usize]),
            3 => units.sort_by_key(|&unit| far[unit as usize]),
            4 => units.sort_by_key(|&unit| width[unit as usize]),
            5 => units.sort_by_key(|&unit| opens[unit as usize]),
            6 => units.sort_by_key(|&unit| -due[unit as usize]),
            _ => units.sort_by_key(|&unit| -importance[unit as usize]),
        }
    }

    fn insert(&mut self, state: &mut State<'_>, near: &Near, unit: usize, opens_tours: bool, random: &mut Random) {
        let model = state.model;
        if self.is_skipped[unit] {
            return;
        }
        // Few visits leave few other ways to something new.
        let blink_rate = BLINK_RATE.max(0.8 / state.model.visits as f64 - 0.02);
        let blink_rate = (blink_rate * (1_u64 << 32) as f64) as u64;
        let mut terms = Terms { random, blink_rate, lateness_price: self.lateness_price };
        let limit = if self.served_anyway > 0 { MANDATORY } else { model.prize[unit] };
        self.served_anyway = self.served_anyway.saturating_sub(1);
        let mut best: Option<(usize, Place)> = None;
        if model.visits < MOST_TRYING_ALL {
            for at in 0..state.used.list.len() {
                let vehicle = state.used.list[at] as usize;
                self.try_tour(state, vehicle, unit, limit, &mut best, &mut terms);
            }
        } else {
            for half in [Some(unit), model.partner_of(unit)].into_iter().flatten() {
                for &other in near.of_visit(half).iter().take(NEAR_TRIED) {
                    let vehicle = state.vehicle_of[other as usize];
                    if vehicle != NONE && !self.is_tried[vehicle as usize] {
                        self.is_tried[vehicle as usize] = true;
                        self.tried.push(vehicle);
                        self.try_tour(state, vehicle as usize, unit, limit, &mut best, &mut terms);
                    }
                }
            }
            if best.is_none() && limit == MANDATORY {
                for at in 0..state.used.list.len() {
                    let vehicle = state.used.list[at] as usize;
                    if !self.is_tried[vehicle] {
                        self.try_tour(state, vehicle, unit, limit, &mut best, &mut terms);
                    }
                }
            }
            for vehicle in self.tried.drain(..) {
                self.is_tried[vehicle as usize] = false;
            }
        }
        if opens_tours {
            for kind in 0..model.kinds {
                if let Some(vehicle) = state.idle_of(kind) {
                    self.try_tour(state, vehicle, unit, limit, &mut best, &mut terms);
                }
            }
        }
        if let Some((vehicle, place)) = best {
            state.insert(vehicle, unit, place);
        }
    }

    fn try_tour(
        &mut self,
        state: &State<'_>,
        vehicle: usize,
        unit: usize,
        limit: i64,
        best: &mut Option<(usize, Place)>,
        terms: &mut Terms<'_>,
    ) {
        let model = state.model;
        if !state.has_room(vehicle, unit) || !model.allows(vehicle, unit) {
            return;
        }
        let (route, spec) = (&state.routes[vehicle], &model.vehicles[vehicle]);
        let mut fixed = if route.visits() == 0 { spec.part.fixed_cost } else { 0 };
        if model.balance > 0 {
            // As long as the tour would take with no way to the visit at all.
            let service = |visit: usize| model.stops[visit].service;
            let takes = route.duration + service(unit) + model.partner_of(unit).map_or(0, service);
            fixed += model.balance.saturating_mul((takes - state.longest()).max(0)) / 100;
        }
        let limit = best.as_ref().map_or(limit, |(_, place)| place.added) - fixed;
        let found = match model.partner_of(unit) {
            None => cheapest_place(model, spec, route, unit, limit, terms),
            Some(second) => cheapest_pair(model, spec, route, (unit, second), limit, terms, &mut self.scratch),
        };
        if let Some(place) = found {
            *best = Some((vehicle, Place { added: place.added + fixed, ..place }));
        }
    }
}
