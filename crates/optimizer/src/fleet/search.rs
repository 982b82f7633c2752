//! Simulated annealing over ruin and recreate.
#![expect(clippy::indexing_slicing, reason = "visits and vehicles are below their numbers")]

use crate::fleet::model::Model;
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
    pub(crate) rounds: u64,
}

/// How many near visits each visit knows.
const NEAR: usize = 100;
/// The first and last temperature, in mean arcs.
const FIRST_TEMPERATURE: f64 = 4.0;
const LAST_TEMPERATURE: f64 = 0.003;
/// Rounds between two looks at the clock.
const ROUNDS_PER_LOOK: u64 = 8;

pub(crate) fn search(model: &mut Model, pace: &Pace<'_>, seed: u64) -> Option<Found> {
    trim_fixed(model);
    let model = &*model;
    let near = Near::of(model, NEAR, pace)?;
    let mut state = State::empty(model);
    let mut random = Random::from_seed(seed);
    let mut recreate = Recreate::of(model);
    let mut ruin = Ruin::of(&state);
    let mut units = state.absent.list.clone();
    recreate.run(&mut state, &near, &mut units, true, &mut random, || pace.is_over());
    state.commit();
    let mut best = Best::of(&state);
    let arcs = state.served + state.used.list.len();
    let driven: i64 = state.routes.iter().map(|route| route.driven).sum();
    let mean_arc = (driven as f64 / arcs.max(1) as f64).max(1.0);
    let mut temperature = 0.0;
    let mut rounds = 0;
    if model.visits == 0 {
        return Some(Found { tours: best.tours(), rounds });
    }
    loop {
        if rounds % ROUNDS_PER_LOOK == 0 {
            match pace.progress(rounds) {
                Some(progress) => {
                    temperature = mean_arc * FIRST_TEMPERATURE * (LAST_TEMPERATURE / FIRST_TEMPERATURE).powf(progress);
                }
                None => break,
            }
        }
        rounds += 1;
        let current = state.total();
        let missing = state.missing;
        units.clear();
        let seed = random.below(model.visits);
        ruin.strings(&mut state, &near, seed, &mut random, &mut units);
        join_absent(&state, &near, seed, &mut units);
        recreate.run(&mut state, &near, &mut units, true, &mut random, || false);
        let total = state.total();
        let worse = (total - current) as f64;
        let is_taken =
            state.missing < missing || (state.missing == missing && worse <= -temperature * random.unit().ln());
        if is_taken {
            state.commit();
            best.note(&state);
        } else {
            state.undo();
        }
    }
    Some(Found { tours: best.tours(), rounds })
}

/// Takes out of heads and tails what cannot be served there; those visits are in no tour.
fn trim_fixed(model: &mut Model) {
    for vehicle in 0..model.vehicles.len() {
        let part = &model.vehicles[vehicle].part;
        let fixed: Vec<usize> = part.head.iter().chain(&part.tail).copied().collect();
        let mut kept: Vec<usize> = Vec::with_capacity(fixed.len());
        for visit in fixed {
            let mut route = Route::empty(&model.vehicles[vehicle]);
            let nodes = kept.iter().copied().chain([visit]).map(|visit| visit as u32);
            route.nodes.splice(1..1, nodes);
            if model.allows(vehicle, visit) && route.refresh(model, &model.vehicles[vehicle]) {
                kept.push(visit);
            }
        }
        let part = &mut model.vehicles[vehicle].part;
        part.head.retain(|visit| kept.contains(visit));
        part.tail = part.tail.filter(|visit| kept.contains(visit));
    }
}

/// The most absent visits that are tried again in one round, beside those just taken out.
const MOST_JOINING: usize = 10;

fn join_absent(state: &State<'_>, near: &Near, seed: usize, units: &mut Vec<u32>) {
    let just_removed = units.len();
    if state.absent.list.len() == just_removed {
        return;
    }
    for &visit in [seed as u32].iter().chain(near.of_visit(seed)) {
        if units.len() >= just_removed + MOST_JOINING {
            break;
        }
        let unit = state.model.unit_of(visit as usize);
        if state.absent.contains(unit) && !units.contains(&(unit as u32)) {
            units.push(unit as u32);
        }
    }
}

struct Best {
    score: (i64, i64, i64),
    versions: Vec<u64>,
    tours: Vec<Vec<u32>>,
}

impl Best {
    fn of(state: &State<'_>) -> Self {
        let mut best = Self {
            score: (i64::MAX, i64::MAX, i64::MAX),
            versions: vec![u64::MAX; state.routes.len()],
            tours: vec![Vec::new(); state.routes.len()],
        };
        best.note(state);
        best
    }

    fn note(&mut self, state: &State<'_>) {
        let score = (state.missing, state.lateness, state.total());
        if score >= self.score {
            return;
        }
        self.score = score;
        for (vehicle, route) in state.routes.iter().enumerate() {
            if self.versions[vehicle] != route.version {
                self.versions[vehicle] = route.version;
                self.tours[vehicle].clear();
                self.tours[vehicle].extend(&route.nodes[1..route.nodes.len() - 1]);
            }
        }
    }

    fn tours(&self) -> Vec<Vec<usize>> {
        self.tours.iter().map(|tour| tour.iter().map(|&visit| visit as usize).collect()).collect()
    }
}
