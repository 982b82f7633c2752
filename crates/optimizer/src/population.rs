//! Paths that are crossed with each other until they no longer get better.
//!
//! Source: Y. Nagata, S. Kobayashi, "A powerful genetic algorithm using edge assembly crossover for the traveling salesman
//! problem", INFORMS J. on Computing 25 (2013).
#![expect(clippy::indexing_slicing, reason = "members are numbered by a permutation of their indices")]

use crate::assembly::{Assembly, Child};
use crate::diversity::Diversity;
use crate::member::Member;
use crate::model::Model;
use crate::neighbors::Neighbors;
use crate::pace::Pace;
use crate::random::Random;
use crate::walks::{Direction, Walks};

/// The most children of a pair in one generation.
const CHILDREN: usize = 30;
/// The most walks that are taken together, and nodes for one more: what is far apart in a long path improves at once, while
/// taking all would make the members of a small population alike before their best parts have met.
const TOGETHER: usize = 2;
const NODES_PER_WALK: usize = 250;
/// Generations without a new best member before the end.
const PATIENCE: usize = 50;

/// Crosses the members until the time is over or no better one comes, and returns the rounds, one for each child.
///
/// In each generation every member is crossed with the next in a random order, and the best child takes its place if that
/// costs less: best by what is gained for each bit of diversity lost. Costs nearly symmetric are better served by walks that
/// ignore the direction of edges and others by those that keep it, so both are drawn.
pub(crate) fn evolve(
    model: &Model,
    neighbors: &Neighbors,
    members: &mut [Member],
    pace: &Pace<'_>,
    random: &mut Random,
    rounds_before: u64,
) -> u64 {
    let mut rounds = 0;
    let mut crossing = Crossing {
        assembly: Assembly::new(model, neighbors),
        walks: Walks::new(model.count),
        diversity: Diversity::of(members),
        order: Vec::with_capacity(model.count),
        child: Child::default(),
        best: Child::default(),
        picks: Vec::new(),
        improving: Vec::new(),
        cuts: Vec::new(),
        edges: Vec::new(),
    };
    let mut turn: Vec<usize> = (0..members.len()).collect();
    let mut generations_in_vain = 0;
    while generations_in_vain < PATIENCE {
        shuffle(&mut turn, random);
        let least = members.iter().map(|member| member.cost).min();
        let mut has_changed = false;
        for (at, &first) in turn.iter().enumerate() {
            if pace.progress(rounds_before + rounds).is_none() {
                return rounds;
            }
            let second = turn[(at + 1) % turn.len()];
            has_changed |= crossing.cross(model, members, first, second, random, &mut rounds);
        }
        let has_improved = members.iter().map(|member| member.cost).min() < least;
        generations_in_vain = if has_improved { 0 } else { generations_in_vain + 1 };
        if !has_changed {
            break;
        }
    }
    rounds
}

fn shuffle(list: &mut [usize], random: &mut Random) {
    for at in (1..list.len()).rev() {
        list.swap(at, random.below(at + 1));
    }
}

struct Crossing<'m> {
    assembly: Assembly<'m>,
    walks: Walks,
    diversity: Diversity,
    order: Vec<u32>,
    child: Child,
    best: Child,
    picks: Vec<usize>,
    /// Walks with children that cost less, and their merits.
    improving: Vec<(f64, usize)>,
    cuts: Vec<u32>,
    edges: Vec<(u32, u32)>,
}

impl Crossing<'_> {
    /// Replaces the first member by its best child with the second, if there is a better one.
    fn cross(
        &mut self,
        model: &Model,
        members: &mut [Member],
        first: usize,
        second: usize,
        random: &mut Random,
        rounds: &mut u64,
    ) -> bool {
        let direction = if model.is_symmetric || random.next() & 1 == 0 { Direction::Ignored } else { Direction::Kept };
        self.walks.find(&members[first], &members[second], direction, random);
        let count = self.walks.count();
        self.picks.clear();
        self.picks.extend(0..count);
        let mut best = 0.0;
        self.improving.clear();
        for at in 0..count.min(CHILDREN) {
            self.picks.swap(at, at + random.below(count - at));
            let (cuts, edges) = self.walks.walk(self.picks[at]);
            *rounds += 1;
            if !self.assembly.child(&members[first], cuts, edges, &mut self.child) {
                continue;
            }
            let merit = self.merit();
            if merit > 0.0 && self.child.delta < 0 {
                self.improving.push((merit, self.picks[at]));
            }
            if merit > best {
                best = merit;
                std::mem::swap(&mut self.best, &mut self.child);
            }
        }
        if best == 0.0 {
            return false;
        }
        self.combine(&members[first]);
        self.diversity.replace(&self.best);
        self.best.write(&members[first].order, &mut self.order);
        let member = &mut members[first];
        std::mem::swap(&mut member.order, &mut self.order);
        let cost = member.cost + self.best.delta;
        member.measure(model);
        debug_assert_eq!(member.cost, cost, "children cost what they were said to");
        true
    }

    /// Takes the child of the most welcome walks together where it costs less than the best of a single one.
    fn combine(&mut self, parent: &Member) {
        if self.improving.len() < 2 {
            return;
        }
        self.improving.sort_by(|a, b| b.0.total_cmp(&a.0));
        self.cuts.clear();
        self.edges.clear();
        for &(_, walk) in self.improving.iter().take(TOGETHER + parent.order.len() / NODES_PER_WALK) {
            let (cuts, edges) = self.walks.walk(walk);
            self.cuts.extend_from_slice(cuts);
            self.edges.extend_from_slice(edges);
        }
        if self.assembly.child(parent, &self.cuts, &self.edges, &mut self.child) && self.child.delta < self.best.delta {
            std::mem::swap(&mut self.best, &mut self.child);
        }
    }

    /// How welcome the child is; zero if it is not.
    fn merit(&self) -> f64 {
        let change = self.diversity.change(&self.child);
        let gain = -self.child.delta as f64;
        if change >= -1e-9 {
            // As good and different is welcome only where nothing better is.
            if gain > 0.0 {
                gain * 1e9
            } else if change > 1e-9 {
                1e-9
            } else {
                0.0
            }
        } else {
            gain / -change
        }
    }
}
