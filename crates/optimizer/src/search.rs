//! Iterated local search without windows: small local kicks, descent around them, undo.

use crate::construct::greedy;
use crate::descent::{ByCost, descend};
use crate::model::Model;
use crate::neighbors::Neighbors;
use crate::pace::Pace;
use crate::path::{Move, Path};
use crate::random::Random;

/// The best path found and the rounds it took; `None` where the time ran out before there was any.
pub(crate) struct Found {
    pub(crate) path: Vec<u32>,
    pub(crate) rounds: u64,
}

/// How many near nodes each node looks at.
const NEIGHBORS: usize = 10;
/// The longest segment that a kick moves, in nodes.
const LONGEST_KICK: usize = 50;
/// The first temperature, in mean arcs: how much worse a path may be and still be gone on from.
const FIRST_TEMPERATURE: f64 = 1.0;
/// Rounds between two looks at the clock.
const ROUNDS_PER_LOOK: u64 = 16;

/// `warm`: a path to begin with instead of the greedy one.
pub(crate) fn search(model: &Model, warm: Option<Vec<u32>>, pace: &Pace<'_>, seed: u64) -> Option<Found> {
    let neighbors = Neighbors::of(model, NEIGHBORS, pace, |from, to| model.arc(from, to) as u32)?;
    let mut path = Path::new(model, warm.unwrap_or_else(|| greedy(model, &neighbors)), true);
    for node in 0..model.count {
        path.touch_node(node as u32);
    }
    let mut looks = 0_u32;
    descend(&mut path, &neighbors, &mut ByCost, || {
        looks += 1;
        looks.is_multiple_of(64) && pace.is_over()
    });
    path.commit();
    pace.improved(0, || model.visits_of(path.order()));
    Some(improve(path, &neighbors, pace, seed))
}

fn improve(mut path: Path<'_>, neighbors: &Neighbors, pace: &Pace<'_>, seed: u64) -> Found {
    let mut best = path.order().to_vec();
    let inner = path.count() - 2;
    let longest = LONGEST_KICK.min(inner / 3).max(1);
    if inner < 4 {
        return Found { path: best, rounds: 0 };
    }
    let mut random = Random::from_seed(seed);
    let mut current = path.cost();
    let mut best_cost = current;
    let mean_arc = (current as f64 / path.count() as f64).max(1.0);
    let mut temperature = 0.0;
    let mut rounds = 0;
    loop {
        if rounds % ROUNDS_PER_LOOK == 0 {
            match pace.progress(rounds) {
                Some(progress) => temperature = mean_arc * FIRST_TEMPERATURE * (1.0 - progress) * (1.0 - progress),
                None => break,
            }
        }
        rounds += 1;
        let cost = current + kick(&mut path, &mut random, longest);
        let cost = cost + descend(&mut path, neighbors, &mut ByCost, || false);
        if (cost - current) as f64 <= -temperature * random.unit().ln() {
            path.commit();
            current = cost;
            debug_assert_eq!(current, path.cost(), "moves cost what they were said to");
            if cost < best_cost {
                best_cost = cost;
                best.copy_from_slice(path.order());
                pace.improved(rounds, || path.model.visits_of(&best));
            }
        } else {
            path.undo();
        }
    }
    Found { path: best, rounds }
}

/// Exchanges two short neighbouring segments (a local double bridge) and returns the change of cost.
pub(crate) fn kick(path: &mut Path<'_>, random: &mut Random, longest: usize) -> i64 {
    let inner = path.count() - 2;
    let left = 1 + random.below(longest.min(inner - 1));
    let right = 1 + random.below(longest.min(inner - left));
    let first = 1 + random.below(inner + 1 - left - right);
    let (middle, last) = (first + left - 1, first + left + right - 1);
    let [a, b, c, d, e, f] = [first - 1, first, middle, middle + 1, last, last + 1].map(|position| path.at(position));
    let delta = path.arc(a, d) + path.arc(e, b) + path.arc(c, f) - path.arc(a, b) - path.arc(c, d) - path.arc(e, f);
    path.apply(Move::exchange(first, middle, last));
    delta
}
