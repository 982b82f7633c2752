//! Takes strings of visits out of tours that lie near each other.
#![expect(clippy::indexing_slicing, reason = "places and visits are below their numbers")]

use crate::fleet::model::NONE;
use crate::fleet::near::Near;
use crate::fleet::state::State;
use crate::random::Random;

/// The longest string.
const LONGEST_STRING: usize = 10;
/// How many visits are taken out in the mean.
const MEAN_REMOVED: f64 = 10.0;
/// How often a string leaves some of its visits in place.
const SPLIT_RATE: f64 = 0.5;
/// How often one more visit stays in place.
const LONGER_SPLIT_RATE: f64 = 0.01;

pub(crate) struct Ruin {
    is_marked: Vec<bool>,
    is_touched: Vec<bool>,
    touched: Vec<u32>,
}

impl Ruin {
    pub(crate) fn of(state: &State<'_>) -> Self {
        let (visits, vehicles) = (state.model.visits, state.routes.len());
        Self { is_marked: vec![false; visits], is_touched: vec![false; vehicles], touched: Vec::new() }
    }

    /// Takes strings out of tours around `seed`; `removed` gets the units that went.
    pub(crate) fn strings(
        &mut self,
        state: &mut State<'_>,
        near: &Near,
        seed: usize,
        random: &mut Random,
        removed: &mut Vec<u32>,
    ) {
        let used = state.used.list.len();
        if used == 0 {
            return;
        }
        let mean_visits = state.served as f64 / used as f64;
        let longest = (LONGEST_STRING as f64).min(mean_visits).max(1.0);
        let most_strings = 4.0 * MEAN_REMOVED / (1.0 + longest) - 1.0;
        let strings = (random.unit() * most_strings + 1.0) as usize;
        for &visit in [seed as u32].iter().chain(near.of_visit(seed)) {
            if self.touched.len() >= strings {
                break;
            }
            let vehicle = state.vehicle_of[visit as usize];
            if vehicle == NONE || self.is_touched[vehicle as usize] || state.model.is_fixed[visit as usize] {
                continue;
            }
            self.mark_string(state, vehicle as usize, visit as usize, longest, random);
            self.is_touched[vehicle as usize] = true;
            self.touched.push(vehicle);
        }
        let begin = removed.len();
        for &vehicle in &self.touched {
            let is_marked = &self.is_marked;
            state.remove(vehicle as usize, |visit| is_marked[visit], removed);
            self.is_touched[vehicle as usize] = false;
        }
        self.touched.clear();
        for &unit in &removed[begin..] {
            self.is_marked[unit as usize] = false;
            if let Some(partner) = state.model.partner_of(unit as usize) {
                self.is_marked[partner] = false;
            }
        }
        state.note_removed(&removed[begin..]);
    }

    fn mark_string(&mut self, state: &State<'_>, vehicle: usize, visit: usize, longest: f64, random: &mut Random) {
        let part = &state.model.vehicles[vehicle].part;
        let route = &state.routes[vehicle];
        let first = 1 + part.head.len();
        let end = route.nodes.len() - 1 - usize::from(part.tail.is_some());
        let Some(place) = route.nodes.iter().position(|&node| node as usize == visit) else {
            return;
        };
        let visits = end - first;
        let most = longest.min(visits as f64);
        let length = ((random.unit() * most + 1.0) as usize).min(visits);
        let mut kept = 0;
        if length < visits && length > 1 && random.unit() < SPLIT_RATE {
            kept = 1;
            while length + kept < visits && random.unit() < LONGER_SPLIT_RATE {
                kept += 1;
            }
        }
        let whole = length + kept;
        // Every place of the visit in the string is as likely.
        let lowest = (place + 1).saturating_sub(whole).max(first);
        let highest = place.min(end - whole);
        let from = lowest + random.below(highest - lowest + 1);
        let hole = if kept > 0 { from + 1 + random.below(length - 1) } else { 0 };
        for at in from..from + whole {
            if kept > 0 && (hole..hole + kept).contains(&at) {
                continue;
            }
            let visit = route.nodes[at] as usize;
            self.is_marked[visit] = true;
            if let Some(partner) = state.model.partner_of(visit) {
                self.is_marked[partner] = true;
            }
        }
    }
}
