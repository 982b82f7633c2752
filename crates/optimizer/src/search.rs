//! The search without windows: a path by descent, many more like it, and what crossing them gives; with little time for the
//! size of the problem, iterated local search alone.

use crate::anneal::anneal;
use crate::construct::{greedy, greedy_at_random};
use crate::descent::descend;
use crate::member::Member;
use crate::model::Model;
use crate::neighbors::Neighbors;
use crate::pace::Pace;
use crate::path::Path;
use crate::polish::polish;
use crate::population::evolve;
use crate::random::Random;
use std::time::Duration;

/// The best path found and the rounds it took.
pub(crate) struct Found {
    pub(crate) path: Vec<u32>,
    pub(crate) rounds: u64,
}

/// How many near nodes each node looks at.
const NEIGHBORS: usize = 10;
/// The first temperature, in mean arcs, where one path has all the time.
const TEMPERATURE: f64 = 1.0;
/// The same for one of many.
const MEMBER_TEMPERATURE: f64 = 0.3;
/// The part of the time in which members are made.
const MAKING: f64 = 0.6;
/// The fewest members, made with as many kicks as nodes, that are worth crossing.
const FEWEST: f64 = 16.0;
/// More are needed where there are more nodes, by the square of their number over this: long paths take longer to come
/// together.
const NODES_SQUARED: f64 = 50_000.0;
/// Members for the square root of how many there is time for with as many kicks as nodes: more time means more of them, and
/// more kicks for each.
const MEMBERS: f64 = 6.0;
/// The most members; with more time, populations follow each other.
const MOST: f64 = 300.0;
/// The most kicks for one of many, for each node.
const MOST_KICKS: f64 = 4.0;

/// `warm`: a path to begin with instead of the greedy one. `None` where the time ran out before there was any path.
pub(crate) fn search(model: &Model, warm: Option<Vec<u32>>, pace: &Pace<'_>, seed: u64) -> Option<Found> {
    let neighbors = Neighbors::of(model, NEIGHBORS, pace, |from, to| model.arc(from, to) as u32)?;
    let order = warm.unwrap_or_else(|| greedy(model, &neighbors));
    // The last look at every move takes some nanoseconds for each pair of nodes.
    let polishing = Duration::from_nanos(20 * (model.count * model.count) as u64);
    let hurried = pace.reserving(polishing);
    let mut search = Search {
        model,
        neighbors: &neighbors,
        pace: &hurried,
        random: Random::from_seed(seed),
        best: Vec::new(),
        best_cost: i64::MAX,
        rounds: 0,
    };
    let mut path = search.descended(order);
    search.take(path.order(), path.cost());
    if model.count > 6 && search.best_cost > 0 {
        search.improve(&mut path);
    }
    let Search { best, rounds, .. } = search;
    Some(Found { path: polish(model, &neighbors, best, pace), rounds })
}

struct Search<'s> {
    model: &'s Model,
    neighbors: &'s Neighbors,
    pace: &'s Pace<'s>,
    random: Random,
    best: Vec<u32>,
    best_cost: i64,
    rounds: u64,
}

impl<'s> Search<'s> {
    fn take(&mut self, order: &[u32], cost: i64) {
        if cost < self.best_cost {
            self.best_cost = cost;
            self.best.clear();
            self.best.extend_from_slice(order);
            self.pace.improved(self.rounds, || vec![self.model.visits_of(order)]);
        }
    }

    /// A path improved until no move helps, or the time is over.
    fn descended(&self, order: Vec<u32>) -> Path<'s> {
        let mut path = Path::new(self.model, order, true);
        for node in 0..self.model.count {
            path.touched.add(node as u32);
        }
        let mut looks = 0_u32;
        descend(&mut path, self.neighbors, || {
            looks += 1;
            looks.is_multiple_of(64) && self.pace.is_over()
        });
        path.commit();
        path
    }

    /// Population after population, as large as the time that is left allows.
    fn improve(&mut self, path: &mut Path<'s>) {
        let count = self.model.count as u64;
        let Some(begin) = self.pace.progress(self.rounds) else { return };
        self.kick(path, count);
        let mut first = Some(Member::new(self.model, path.order().to_vec()));
        let mut price = None;
        while let Some(progress) = self.pace.progress(self.rounds) {
            // What one member with a kick for each node takes.
            let price = *price.get_or_insert(progress - begin);
            let affordable = MAKING * (1.0 - progress) / price.max(1e-9);
            if affordable < FEWEST.max((count * count) as f64 / NODES_SQUARED) {
                let temperature = if first.is_some() { TEMPERATURE } else { MEMBER_TEMPERATURE };
                self.anneal_to_the_end(progress, temperature);
                return;
            }
            let size = (MEMBERS * affordable.sqrt()).min(MOST);
            let kicks = (affordable / size).min(MOST_KICKS);
            let mut members = self.members(size as usize, (kicks * count as f64) as u64, first.take());
            self.rounds += evolve(self.model, self.neighbors, &mut members, self.pace, &mut self.random, self.rounds);
            for member in &members {
                self.take(&member.order, member.cost);
            }
        }
    }

    /// Paths made independently of each other.
    fn members(&mut self, size: usize, kicks: u64, first: Option<Member>) -> Vec<Member> {
        let mut members = Vec::with_capacity(size);
        members.extend(first);
        while members.len() < size && self.pace.progress(self.rounds).is_some() {
            let order = greedy_at_random(self.model, self.neighbors, &mut self.random);
            let mut path = self.descended(order);
            self.kick(&mut path, kicks);
            members.push(Member::new(self.model, path.order().to_vec()));
        }
        members
    }

    /// So many kicks.
    fn kick(&mut self, path: &mut Path<'s>, kicks: u64) {
        let (pace, before) = (self.pace, self.rounds);
        let progress = |rounds: u64| {
            let is_going_on = rounds < kicks && pace.progress(before + rounds).is_some();
            is_going_on.then(|| rounds as f64 / kicks as f64)
        };
        self.rounds += anneal(path, self.neighbors, &mut self.random, MEMBER_TEMPERATURE, progress);
        self.take(path.order(), path.cost());
    }

    /// Kicks for the best path until the time is over.
    fn anneal_to_the_end(&mut self, begin: f64, temperature: f64) {
        let (pace, before) = (self.pace, self.rounds);
        let progress = |rounds: u64| Some((pace.progress(before + rounds)? - begin) / (1.0 - begin).max(1e-9));
        let mut path = Path::new(self.model, self.best.clone(), true);
        self.rounds += anneal(&mut path, self.neighbors, &mut self.random, temperature, progress);
        self.take(path.order(), path.cost());
    }
}
