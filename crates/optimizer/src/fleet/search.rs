//! Simulated annealing over ruin and recreate, in phases: with all windows kept, then late where that serves more.
#![expect(clippy::indexing_slicing, reason = "visits and vehicles are below their numbers")]

use crate::fleet::best::Best;
use crate::fleet::model::{MANDATORY, Model};
use crate::fleet::near::Near;
use crate::fleet::recreate::Recreate;
use crate::fleet::route::Route;
use crate::fleet::ruin::Ruin;
use crate::fleet::state::State;
use crate::pace::Pace;
use crate::random::Random;

/// The best tours found: visits by vehicle, and the rounds it took.
pub(crate) struct Found {
    pub(crate) tours: Vec<Vec<usize>>,
    /// Those that the search began with.
    pub(crate) begin: Vec<Vec<usize>>,
    pub(crate) rounds: u64,
}

/// How many near visits each visit knows.
const NEAR: usize = 100;
/// The first temperature, in mean arcs: few visits are gone through so often that the search may begin hotter.
const FIRST_TEMPERATURE: f64 = 1.0;
const HOTTEST: f64 = 5.0;
const HEATED_BELOW: f64 = 500.0;
/// The last temperature, in mean arcs.
const LAST_TEMPERATURE: f64 = 0.01;
/// Rounds between two looks at the clock.
const ROUNDS_PER_LOOK: u64 = 8;
/// How far the search goes with all windows kept while somebody is left out who could be served late.
const IN_TIME_SHARE: f64 = 0.3;
/// How far the search goes with one vehicle less at a time, where vehicles are dear.
const FEWER_SHARE: f64 = 0.3;
/// How many mean arcs a vehicle has to cost for that.
const DEAR_VEHICLE: f64 = 2.0;
/// The temperature while vehicles are saved, in mean arcs.
const FEWER_TEMPERATURE: f64 = 0.3;
/// What a second of lateness × importance costs at first, and at most.
const FIRST_PRICE: f64 = 4.0;
const HIGHEST_PRICE: f64 = 1e6;
/// Rounds between two changes of that.
const ROUNDS_PER_PRICE: u64 = 100;
/// The most absent visits that are tried again in one round, beside those just taken out.
const MOST_JOINING: usize = 10;
/// How often a round serves somebody although the prize is too small, for the sake of the neighbors, and how many of those
/// are tried.
const OPENING_RATE: f64 = 0.05;
const MOST_FOLLOWING: usize = 40;

/// The most absent visits that are looked at for that.
const MOST_LOOKED_AT: usize = 50;

pub(crate) fn search(model: &mut Model, pace: &Pace<'_>, seed: u64) -> Found {
    let near = Near::of(model, NEAR, pace).unwrap_or_else(Near::nobody);
    let may_be_late = model.has_soft_windows();
    model.set_soft(may_be_late);
    trim_fixed(model);
    model.set_soft(false);
    let mut random = Random::from_seed(seed);
    let (mut begun, mut tours) = (None, None);
    let mut rounds = 0;
    if !may_be_late || fixed_tours_hold(model) {
        let mut search = Search::of(model, &near, random, rounds);
        search.begin(pace);
        search.use_fewer_vehicles(pace);
        search.anneal(pace, if may_be_late { IN_TIME_SHARE } else { 1.0 });
        // Without any round left the last steps serve late who is left out: what every longer search may fall back on.
        let has_no_rounds = pace.progress(search.rounds).is_none() && !pace.is_over();
        if search.best.missing() == 0 || !may_be_late || has_no_rounds {
            return search.into_found();
        }
        (rounds, random) = (search.rounds, search.random);
        begun = Some(search.begun);
        tours = Some(search.best.tours);
    }
    model.set_soft(true);
    let mut search = Search::of(model, &near, random, rounds);
    if let Some(tours) = tours {
        search.state.load(&tours);
        // Serving whoever fits in late, or whose prize is too small, may turn out worse.
        search.note(pace);
    }
    search.begin(pace);
    search.anneal(pace, 1.0);
    let found = search.into_found();
    Found { begin: begun.unwrap_or(found.begin), ..found }
}

/// Takes out of heads and tails what cannot be served there; those visits are in no tour.
fn trim_fixed(model: &mut Model) {
    for vehicle in 0..model.vehicles.len() {
        let part = &model.vehicles[vehicle].part;
        let fixed: Vec<usize> = part.head.iter().chain(&part.tail).copied().collect();
        let mut kept: Vec<usize> = Vec::with_capacity(fixed.len());
        for visit in fixed {
            kept.push(visit);
            if !model.allows(vehicle, visit) || !holds(model, vehicle, &kept) {
                kept.pop();
            }
        }
        let part = &mut model.vehicles[vehicle].part;
        part.head.retain(|visit| kept.contains(visit));
        part.tail = part.tail.filter(|visit| kept.contains(visit));
    }
}

fn fixed_tours_hold(model: &Model) -> bool {
    model.vehicles.iter().enumerate().all(|(vehicle, spec)| {
        let fixed: Vec<usize> = spec.part.head.iter().chain(&spec.part.tail).copied().collect();
        fixed.is_empty() || holds(model, vehicle, &fixed)
    })
}

fn holds(model: &Model, vehicle: usize, visits: &[usize]) -> bool {
    let mut route = Route::empty(&model.vehicles[vehicle]);
    route.nodes.splice(1..1, visits.iter().map(|&visit| visit as u32));
    route.refresh(model, &model.vehicles[vehicle])
}

struct Search<'m> {
    model: &'m Model,
    near: &'m Near,
    state: State<'m>,
    best: Best,
    ruin: Ruin,
    recreate: Recreate,
    random: Random,
    rounds: u64,
    units: Vec<u32>,
    /// By visit: how often it was left out although it has to be served.
    absences: Vec<u64>,
    mean_arc: f64,
    lateness_price: f64,
    /// The first tours.
    begun: Vec<Vec<usize>>,
}

impl<'m> Search<'m> {
    fn of(model: &'m Model, near: &'m Near, mut random: Random, rounds: u64) -> Self {
        let state = State::empty(model);
        let mut recreate = Recreate::of(model);
        recreate.skip_hopeless(&state, &mut random);
        Self {
            model,
            near,
            best: Best::of(&state),
            ruin: Ruin::of(&state),
            recreate,
            state,
            random,
            rounds,
            units: Vec::new(),
            absences: vec![0; model.visits],
            mean_arc: 1.0,
            lateness_price: if model.is_soft { FIRST_PRICE } else { 0.0 },
            begun: Vec::new(),
        }
    }

    fn into_found(self) -> Found {
        Found { tours: self.best.visits(), begin: self.begun, rounds: self.rounds }
    }

    /// Keeps the present tours where they are better than all before.
    fn note(&mut self, pace: &Pace<'_>) {
        if self.best.note(&self.state) {
            pace.improved(self.rounds, || self.best.visits());
        }
    }

    /// The first tours: the plan in force as far as it holds, and everybody else where it is cheapest.
    fn begin(&mut self, pace: &Pace<'_>) {
        if self.state.used.list.is_empty() || self.model.has_plan() {
            self.follow_plan();
        }
        self.recreate.lateness_price = self.lateness_price as i64;
        self.units.clone_from(&self.state.absent.list);
        // A tour that pays only with several visits is never opened for the first of them: rather too many at first.
        self.recreate.served_anyway = self.units.len();
        let mut inserted = 0_u32;
        let is_over = || {
            inserted += 1;
            inserted.is_multiple_of(8) && pace.is_over()
        };
        self.recreate.run(&mut self.state, self.near, &mut self.units, true, &mut self.random, is_over);
        self.recreate.served_anyway = 0;
        if pace.is_over() {
            self.recreate.run_hastily(&mut self.state, &mut self.random);
        }
        self.state.commit();
        self.note(pace);
        self.begun = self.best.visits();
        let arcs = self.state.served + self.state.used.list.len();
        let used = self.state.used.list.iter().map(|&vehicle| &self.state.routes[vehicle as usize]);
        let driven: i64 = used.map(|route| route.driven).sum();
        self.mean_arc = (driven as f64 / arcs.max(1) as f64).max(1.0);
    }

    fn follow_plan(&mut self) {
        for (vehicle, planned) in self.model.plan.iter().enumerate() {
            let part = &self.model.vehicles[vehicle].part;
            let mut tour: Vec<u32> = part.head.iter().map(|&visit| visit as u32).collect();
            let tail = part.tail.map(|visit| visit as u32);
            for (place, &visit) in planned.iter().enumerate() {
                let is_whole = self.model.partner_of(visit).is_none_or(|other| {
                    let second = planned.iter().position(|&planned| planned == other);
                    second.is_some_and(|second| (second < place) == self.model.is_second[visit])
                });
                let is_free = self.state.absent.contains(self.model.unit_of(visit));
                if is_whole && is_free && !self.model.is_fixed[visit] && self.model.allows(vehicle, visit) {
                    tour.push(visit as u32);
                }
            }
            tour.extend(tail);
            // What does not hold as a whole is left to the search.
            if !tour.is_empty() {
                self.state.set_tour(vehicle, &tour);
            }
        }
    }

    /// Ruins and recreates until the share of the budget is spent, or only until all are served in time where `share` is
    /// not all of it.
    fn anneal(&mut self, pace: &Pace<'_>, share: f64) {
        if self.model.visits == 0 {
            return;
        }
        let heat = (HEATED_BELOW / self.model.visits as f64).clamp(1.0, HOTTEST);
        let first = FIRST_TEMPERATURE * heat;
        let mut temperature = 0.0;
        let mut matched = 0;
        loop {
            if self.rounds.is_multiple_of(ROUNDS_PER_LOOK) {
                match pace.progress(self.rounds) {
                    Some(progress) if progress < share || self.best.missing() == 0 => {
                        temperature = self.mean_arc * first * (LAST_TEMPERATURE / first).powf(progress);
                    }
                    _ => break,
                }
            }
            if self.round(temperature, true) {
                self.note(pace);
            }
            if self.model.is_soft {
                matched += u64::from(self.state.lateness <= self.best.lateness());
                if self.rounds.is_multiple_of(ROUNDS_PER_PRICE) {
                    let factor = if matched * 4 < ROUNDS_PER_PRICE { 1.25 } else { 0.8 };
                    self.lateness_price = (self.lateness_price * factor).clamp(1.0, HIGHEST_PRICE);
                    self.recreate.lateness_price = self.lateness_price as i64;
                    matched = 0;
                }
            }
        }
    }

    /// One ruin and recreate; whether its outcome is kept.
    fn round(&mut self, temperature: f64, opens_tours: bool) -> bool {
        self.rounds += 1;
        let before = (self.state.missing, self.weigh());
        let absences = self.absences_of_absent();
        self.units.clear();
        let seed = self.random.below(self.model.visits);
        self.ruin.strings(&mut self.state, self.near, seed, &mut self.random, &mut self.units);
        let opens_for_prizes = opens_tours
            && self.state.prizes > 0
            && self.random.unit() < OPENING_RATE
            && self.state.absent.contains(self.model.unit_of(seed));
        if opens_for_prizes {
            // Somebody new goes first, and many of the neighbors may follow.
            self.join_absent(seed, MOST_FOLLOWING);
            self.recreate.served_anyway = 1;
        } else {
            self.join_absent(seed, MOST_JOINING);
        }
        self.recreate.run(&mut self.state, self.near, &mut self.units, opens_tours, &mut self.random, || false);
        let missing = self.state.missing;
        let is_kept = if missing != before.0 {
            missing < before.0
        } else {
            let worse = self.weigh() - before.1;
            worse <= -temperature * self.random.unit().ln() || (missing > 0 && self.absences_of_absent() < absences)
        };
        if missing > 0 {
            for &unit in &self.state.absent.list {
                self.absences[unit as usize] += 1;
            }
        }
        if is_kept {
            self.state.commit();
        } else {
            self.state.undo();
        }
        is_kept
    }

    fn weigh(&self) -> f64 {
        self.state.total() as f64 + self.lateness_price * self.state.lateness as f64
    }

    /// How often those were left out who are left out now and have to be served, weighted by importance.
    fn absences_of_absent(&self) -> u64 {
        if self.state.missing == 0 {
            return 0;
        }
        let mandatory = self.state.absent.list.iter().map(|&unit| unit as usize);
        let mandatory = mandatory.filter(|&unit| self.model.prize[unit] == MANDATORY);
        mandatory.map(|unit| self.absences[unit].saturating_mul(self.model.missed[unit] as u64)).sum()
    }

    /// Adds absent units near `seed`, and all that have to be served as far as there are few.
    fn join_absent(&mut self, seed: usize, most: usize) {
        let just_removed = self.units.len();
        if self.state.absent.list.len() == just_removed {
            return;
        }
        for &visit in [seed as u32].iter().chain(self.near.of_visit(seed)) {
            if self.units.len() >= just_removed + most {
                return;
            }
            let unit = self.model.unit_of(visit as usize);
            if self.state.absent.contains(unit) && self.may_join(unit) {
                self.units.push(unit as u32);
            }
        }
        if self.state.missing > 0 {
            let others = self.state.absent.list.len();
            let from = self.random.below(others);
            for at in 0..others.min(MOST_LOOKED_AT) {
                let unit = self.state.absent.list[(from + at) % others];
                if self.units.len() >= just_removed + most {
                    return;
                }
                if self.model.prize[unit as usize] == MANDATORY && self.may_join(unit as usize) {
                    self.units.push(unit);
                }
            }
        }
    }

    fn may_join(&self, unit: usize) -> bool {
        self.recreate.may_insert(unit) && !self.units.contains(&(unit as u32))
    }

    /// Takes out one vehicle after the other and tries to serve its visits with the rest, where vehicles are dear.
    ///
    /// Source: Christiaens and Vanden Berghe (2020), section 5.3.
    fn use_fewer_vehicles(&mut self, pace: &Pace<'_>) {
        let fixed = |state: &State<'_>, vehicle: u32| state.model.vehicles[vehicle as usize].part.fixed_cost;
        let dear = (DEAR_VEHICLE * self.mean_arc) as i64;
        if self.state.used.list.iter().all(|&vehicle| fixed(&self.state, vehicle) < dear) {
            return;
        }
        let missing = self.best.missing();
        loop {
            // Complete: the visits of one tour less.
            let least = self.state.used.list.iter().copied().filter(|&vehicle| {
                let part = &self.model.vehicles[vehicle as usize].part;
                part.fixed_cost >= dear && part.head.is_empty() && part.tail.is_none()
            });
            let weight = |vehicle: u32| -> u64 {
                let nodes = &self.state.routes[vehicle as usize].nodes;
                nodes[1..nodes.len() - 1].iter().map(|&visit| self.absences[self.model.unit_of(visit as usize)]).sum()
            };
            let Some(vehicle) = least.min_by_key(|&vehicle| (weight(vehicle), vehicle)) else { break };
            if self.state.used.list.len() < 2 {
                break;
            }
            self.state.set_tour(vehicle as usize, &[]);
            self.state.commit();
            let mut has_served_all = false;
            while !has_served_all {
                if self.rounds.is_multiple_of(ROUNDS_PER_LOOK)
                    && pace.progress(self.rounds).is_none_or(|progress| progress >= FEWER_SHARE)
                {
                    break;
                }
                has_served_all = self.round(self.mean_arc * FEWER_TEMPERATURE, false) && self.state.missing <= missing;
            }
            if !has_served_all {
                break;
            }
            self.note(pace);
        }
        let tours = self.best.tours.clone();
        self.state.load(&tours);
    }
}
