//! Iterated local search with windows: lateness is penalised, and the penalty follows how hard it is to be in time.

use crate::construct::greedy;
use crate::descent::{Judge, descend};
use crate::model::{Model, Timing};
use crate::neighbors::Neighbors;
use crate::pace::Pace;
use crate::path::Path;
use crate::random::Random;
use crate::search::{Found, kick};
use crate::timed::ByCostAndLateness;

/// How many near nodes each node looks at.
const NEIGHBORS: usize = 12;
/// The longest segment that a kick moves, in nodes.
const LONGEST_KICK: usize = 20;
/// The first temperature, in mean arcs.
const FIRST_TEMPERATURE: f64 = 0.7;
/// Rounds between two looks at the clock.
const ROUNDS_PER_LOOK: u64 = 4;
/// Rounds between two changes of the penalty.
const ROUNDS_PER_PENALTY: u64 = 40;

pub(crate) fn search_timed(
    model: &Model,
    timing: &Timing,
    warm: Option<Vec<u32>>,
    pace: &Pace<'_>,
    seed: u64,
) -> Option<Found> {
    let nearness = |from: usize, to: usize| nearness(model, timing, from, to);
    let mut neighbors = Neighbors::of(model, NEIGHBORS, pace, nearness)?;
    neighbors.sort_by_cost(model);
    let starts = match warm {
        Some(path) => vec![path],
        None => vec![by_closing_time(model, timing), greedy(model, &neighbors)],
    };
    let mut best: Option<((u64, i64), Path<'_>, ByCostAndLateness<'_>)> = None;
    // The first descent may not take all the time from the second.
    let shares = [pace.share(1.0 / starts.len() as f64), pace.share(1.0)];
    for (start, share) in starts.into_iter().zip(shares) {
        let mut path = Path::new(model, start, true);
        let mut judge = ByCostAndLateness::of(model, timing, &path, FIRST_PENALTY);
        (0..model.count).for_each(|node| path.touch_node(node as u32));
        descend(&mut path, &neighbors, &mut judge, || share.is_over());
        path.commit();
        let score = (judge.lateness(), path.cost());
        if best.as_ref().is_none_or(|(best, ..)| score < *best) {
            best = Some((score, path, judge));
        }
    }
    best.map(|(_, path, judge)| improve(path, judge, &neighbors, pace, seed))
}

/// What a second of lateness × importance costs at first.
const FIRST_PENALTY: f64 = 8.0;

fn improve(
    mut path: Path<'_>,
    mut judge: ByCostAndLateness<'_>,
    neighbors: &Neighbors,
    pace: &Pace<'_>,
    seed: u64,
) -> Found {
    let mut best_path = path.order().to_vec();
    pace.improved(0, || path.model.visits_of(&best_path));
    let inner = path.count() - 2;
    if inner < 2 {
        return Found { path: best_path, rounds: 0 };
    }
    let longest = LONGEST_KICK.min(inner / 2).max(1);
    let mut random = Random::from_seed(seed);
    let mut cost = path.cost();
    let mut best = (judge.lateness(), cost);
    let mean_arc = (cost as f64 / path.count() as f64).max(1.0);
    let mut temperature = 0.0;
    let mut rounds = 0;
    let mut in_time = 0;
    loop {
        if rounds % ROUNDS_PER_LOOK == 0 {
            match pace.progress(rounds) {
                Some(progress) => temperature = mean_arc * FIRST_TEMPERATURE * (1.0 - progress) * (1.0 - progress),
                None => break,
            }
        }
        rounds += 1;
        let current = judge.weigh(cost);
        let kicked = cost + kick(&mut path, &mut random, longest);
        judge.note(&path);
        let candidate = kicked + descend(&mut path, neighbors, &mut judge, || pace.is_over());
        let score = (judge.lateness(), candidate);
        in_time += u64::from(score.0 <= best.0);
        if score < best {
            best = score;
            best_path.copy_from_slice(path.order());
            pace.improved(rounds, || path.model.visits_of(&best_path));
        }
        if judge.weigh(candidate) - current <= -temperature * random.unit().ln() {
            path.commit();
            cost = candidate;
            debug_assert_eq!(cost, path.cost(), "moves cost what they were said to");
        } else {
            path.undo();
            judge.note(&path);
        }
        if rounds % ROUNDS_PER_PENALTY == 0 {
            if in_time * 4 < ROUNDS_PER_PENALTY {
                judge.penalty = (judge.penalty * 1.25).min(1e6);
            } else if in_time * 2 > ROUNDS_PER_PENALTY {
                judge.penalty = (judge.penalty * 0.8).max(0.1);
            }
            in_time = 0;
        }
    }
    Found { path: best_path, rounds }
}

/// Nodes by the end of their last window, those without one last.
fn by_closing_time(model: &Model, timing: &Timing) -> Vec<u32> {
    let last = model.count - 1;
    let mut inner: Vec<u32> = (1..last as u32).collect();
    inner.sort_by_key(|&node| timing.windows(node as usize).last().map_or(u32::MAX, |&(_, end)| end));
    [0].into_iter().chain(inner).chain([last as u32]).collect()
}

/// The cost of an arc, more where it means waiting and much more where it means lateness.
///
/// Source: T. Vidal et al., "A hybrid genetic algorithm with adaptive diversity management for a large class of vehicle
/// routing problems with time-windows", Computers & OR 40 (2013), section 4.5.
fn nearness(model: &Model, timing: &Timing, from: usize, to: usize) -> u32 {
    let travel = model.travel(timing, from, to).saturating_add(timing.service(from));
    let opens = |node: usize| timing.windows(node).first().map_or(0, |&(start, _)| start);
    let closes = |node: usize| timing.windows(node).last().map_or(u32::MAX, |&(_, end)| end);
    let waiting = opens(to).saturating_sub(closes(from).saturating_add(travel));
    let lateness = opens(from).saturating_add(travel).saturating_sub(closes(to));
    (model.arc(from, to) as u32).saturating_add(waiting / 5).saturating_add(lateness).min(u32::MAX - 1)
}
