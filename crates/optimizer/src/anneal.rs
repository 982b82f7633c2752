//! Iterated local search: small local kicks, descent around them, undo where the outcome is too dear.

use crate::descent::descend;
use crate::neighbors::Neighbors;
use crate::path::{Move, Path};
use crate::random::Random;

/// The longest segment that a kick moves, in nodes.
const LONGEST_KICK: usize = 50;
/// Rounds between two looks at the clock.
const ROUNDS_PER_LOOK: u64 = 16;

/// Improves a path by kicks as long as `progress` of the rounds done so far gives a number, and returns the rounds.
///
/// How much worse a path may become and still be gone on from falls from `temperature` mean arcs at progress 0.0 to nothing
/// at 1.0. The path ends at the best that was found.
pub(crate) fn anneal(
    path: &mut Path<'_>,
    neighbors: &Neighbors,
    random: &mut Random,
    temperature: f64,
    mut progress: impl FnMut(u64) -> Option<f64>,
) -> u64 {
    let inner = path.count() - 2;
    if inner < 4 {
        return 0;
    }
    let longest = LONGEST_KICK.min(inner / 3).max(1);
    let mut current = path.cost();
    let mut best = path.order().to_vec();
    let mut best_cost = current;
    let first_temperature = temperature * (current as f64 / path.count() as f64).max(1.0);
    let mut temperature = 0.0;
    let mut rounds = 0;
    loop {
        if rounds % ROUNDS_PER_LOOK == 0 {
            match progress(rounds) {
                Some(progress) => temperature = first_temperature * (1.0 - progress) * (1.0 - progress),
                None => break,
            }
        }
        rounds += 1;
        let cost = current + kick(path, random, longest);
        let cost = cost + descend(path, neighbors, || false);
        if (cost - current) as f64 <= -temperature * random.unit().ln() {
            path.commit();
            current = cost;
            debug_assert_eq!(current, path.cost(), "moves cost what they were said to");
            if cost < best_cost {
                best_cost = cost;
                best.copy_from_slice(path.order());
            }
        } else {
            path.undo();
        }
    }
    if best_cost < current {
        *path = Path::new(path.model, best, true);
    }
    rounds
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
