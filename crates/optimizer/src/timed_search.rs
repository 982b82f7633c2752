//! Iterated local search with windows: kicks and ruins, descent, annealing. Lateness is penalised, and the penalty follows
//! how hard it is to be in time.
#![expect(clippy::indexing_slicing, reason = "nodes are below `count` by construction")]

use crate::descent::descend;
use crate::judgement::{JudgedPath, Judgement};
use crate::model::{Model, Timing};
use crate::neighbors::Neighbors;
use crate::pace::Pace;
use crate::path::Move;
use crate::random::Random;
use crate::search::Found;
use crate::timed_path::{ABSENT, TimedPath};
use crate::timed_ruin::{Mending, Ruin, any_place, near_place};

/// How many near nodes each node looks at.
const NEIGHBORS: usize = 12;
/// The longest segment that a kick moves, in nodes.
const LONGEST_KICK: usize = 20;
/// The most stops that a ruin takes out.
const MOST_RUINED: usize = 10;
/// The longest path in which every place is looked at for each stop that is put in.
const LONGEST_SCAN: usize = 300;
/// The first temperature, in mean arcs.
const FIRST_TEMPERATURE: f64 = 0.7;
/// Rounds between two looks at the clock.
const ROUNDS_PER_LOOK: u64 = 4;
/// Rounds between two changes of the penalty.
const ROUNDS_PER_PENALTY: u64 = 40;
/// What a second of lateness × importance costs at first.
const FIRST_PENALTY: f64 = 8.0;

pub(crate) fn search_timed(
    model: &Model,
    timing: &Timing,
    warm: Option<Vec<u32>>,
    pace: &Pace<'_>,
    seed: u64,
) -> Option<Found> {
    let mut neighbors = Neighbors::of(model, NEIGHBORS, pace, nearness(model, timing))?;
    neighbors.sort_by_cost();
    let judge = Judgement { penalty: FIRST_PENALTY };
    let mut random = Random::from_seed(seed);
    let mut path = match warm {
        Some(order) => TimedPath::new(model, timing, order),
        None => construct(model, timing, &neighbors, judge, &mut random, pace),
    };
    (0..model.count).for_each(|node| path.touched.add(node as u32));
    descend(&mut JudgedPath { path: &mut path, judge }, &neighbors, now_and_then(pace));
    path.commit();
    Some(improve(path, judge, &neighbors, pace, &mut random))
}

/// Whether the time is over, asked for at every eighth node only.
fn now_and_then(pace: &Pace<'_>) -> impl FnMut() -> bool {
    let mut looks = 0_u32;
    move || {
        looks += 1;
        looks.is_multiple_of(8) && pace.is_over()
    }
}

/// Puts in one after the other where it costs least, those whose windows close first before others. O(n²), above
/// [`LONGEST_SCAN`] with the factor of the neighbour lists only; should the time run out, the rest follows near nodes.
fn construct<'m>(
    model: &'m Model,
    timing: &'m Timing,
    neighbors: &Neighbors,
    judge: Judgement,
    random: &mut Random,
    pace: &Pace<'_>,
) -> TimedPath<'m> {
    let last = model.count - 1;
    let mut nodes: Vec<usize> = (1..last).collect();
    random.shuffle(&mut nodes);
    nodes.sort_by_key(|&node| timing.windows(node).last().map_or(u32::MAX, |&(_, end)| end));
    let mut path = TimedPath::new(model, timing, vec![0, last as u32]);
    for (looked, &node) in nodes.iter().enumerate() {
        if looked.is_multiple_of(4) && pace.is_over() {
            let rest = nodes.get(looked..).unwrap_or_default();
            return TimedPath::new(model, timing, follow_near_nodes(path.order(), rest, neighbors));
        }
        // To see who becomes how late takes longer than to see that nobody does.
        let is_long = path.count() > LONGEST_SCAN;
        let mut near = |mending| match is_long {
            true => near_place(&path, neighbors, judge, mending, random, node),
            false => None,
        };
        let any = |mending| any_place(&path, judge, mending, node);
        let place = near(Mending::InTime)
            .or_else(|| any(Mending::InTime))
            .or_else(|| near(Mending::Anywhere))
            .or_else(|| any(Mending::Anywhere))
            .unwrap_or_default();
        path.insert(node, place);
    }
    path.finish();
    path.commit();
    path
}

/// The path with the others put in, each behind the nearest node that is there, or before the end. O(n).
fn follow_near_nodes(path: &[u32], others: &[usize], neighbors: &Neighbors) -> Vec<u32> {
    let count = path.len() + others.len();
    let mut next = vec![ABSENT; count];
    for pair in path.windows(2) {
        next[pair[0] as usize] = pair[1];
    }
    let mut last_inner = path[path.len() - 2] as usize;
    for &node in others {
        let near = neighbors.back(node).map(|(near, _)| near).find(|&near| next[near] != ABSENT);
        let behind = near.unwrap_or(last_inner);
        if behind == last_inner {
            last_inner = node;
        }
        next[node] = std::mem::replace(&mut next[behind], node as u32);
    }
    let follow = |&node: &u32| Some(next[node as usize]).filter(|&next| next != ABSENT);
    std::iter::successors(Some(0), follow).collect()
}

fn improve(
    mut path: TimedPath<'_>,
    mut judge: Judgement,
    neighbors: &Neighbors,
    pace: &Pace<'_>,
    random: &mut Random,
) -> Found {
    let mut best_path = path.order().to_vec();
    pace.improved(0, || vec![path.model.visits_of(&best_path)]);
    let inner = path.count() - 2;
    if inner < 2 {
        return Found { path: best_path, rounds: 0 };
    }
    let longest = LONGEST_KICK.min(inner / 2).max(1);
    let mut best = (path.lateness(), path.cost());
    let mean_arc = (path.cost() as f64 / path.count() as f64).max(1.0);
    let mut temperature = 0.0;
    let mut rounds = 0;
    // Of the rounds that may end late, those that do not.
    let (mut free, mut in_time) = (0, 0);
    let mut ruin = Ruin::default();
    loop {
        if rounds % ROUNDS_PER_LOOK == 0 {
            match pace.progress(rounds) {
                Some(progress) => temperature = mean_arc * FIRST_TEMPERATURE * (1.0 - progress) * (1.0 - progress),
                None => break,
            }
        }
        rounds += 1;
        let current = judge.weigh(path.cost(), path.lateness());
        let mending = if path.lateness() == 0 { Mending::InTime } else { Mending::Anywhere };
        let is_ruin = random.below(2) == 0;
        if !is_ruin {
            kick(&mut path, random, longest);
        } else if !ruin.kick(&mut path, neighbors, judge, mending, random, MOST_RUINED) {
            continue;
        }
        descend(&mut JudgedPath { path: &mut path, judge }, neighbors, now_and_then(pace));
        let score = (path.lateness(), path.cost());
        if !is_ruin || mending == Mending::Anywhere {
            free += 1;
            in_time += u64::from(score.0 <= best.0);
        }
        if score < best {
            best = score;
            best_path.copy_from_slice(path.order());
            pace.improved(rounds, || vec![path.model.visits_of(&best_path)]);
        }
        if judge.weigh(score.1, score.0) - current <= -temperature * random.unit().ln() {
            path.commit();
        } else {
            path.undo();
        }
        if free == ROUNDS_PER_PENALTY {
            if in_time * 4 < ROUNDS_PER_PENALTY {
                judge.penalty = (judge.penalty * 1.25).min(1e6);
            } else if in_time * 2 > ROUNDS_PER_PENALTY {
                judge.penalty = (judge.penalty * 0.8).max(0.1);
            }
            (free, in_time) = (0, 0);
        }
    }
    Found { path: best_path, rounds }
}

/// Exchanges two short neighbouring segments (a local double bridge).
fn kick(path: &mut TimedPath<'_>, random: &mut Random, longest: usize) {
    let inner = path.count() - 2;
    let left = 1 + random.below(longest.min(inner - 1));
    let right = 1 + random.below(longest.min(inner - left));
    let first = 1 + random.below(inner + 1 - left - right);
    let (middle, last) = (first + left - 1, first + left + right - 1);
    let [a, b, c, d, e, f] = [first - 1, first, middle, middle + 1, last, last + 1].map(|position| path.at(position));
    let delta = path.arc(a, d) + path.arc(e, b) + path.arc(c, f) - path.arc(a, b) - path.arc(c, d) - path.arc(e, f);
    path.apply(Move::exchange(first, middle, last), delta);
}

/// The cost of an arc, more where it means waiting and much more where it means lateness.
///
/// Source: T. Vidal et al., "A hybrid genetic algorithm with adaptive diversity management for a large class of vehicle
/// routing problems with time-windows", Computers & OR 40 (2013), section 4.5.
fn nearness<'m>(model: &'m Model, timing: &'m Timing) -> impl Fn(usize, usize) -> u32 + 'm {
    let spans = |node: usize| match timing.windows(node) {
        [] => (0, u32::MAX),
        [(opens, end)] => (*opens, *end),
        [(opens, _), .., (_, end)] => (*opens, *end),
    };
    let spans: Vec<(u32, u32)> = (0..model.count).map(spans).collect();
    move |from, to| {
        let travel = model.travel(timing, from, to).saturating_add(timing.service(from));
        let ((opens_from, closes_from), (opens, closes)) = (spans[from], spans[to]);
        let waiting = opens.saturating_sub(closes_from.saturating_add(travel));
        let lateness = opens_from.saturating_add(travel).saturating_sub(closes);
        (model.arc(from, to) as u32).saturating_add(waiting / 5).saturating_add(lateness).min(u32::MAX - 1)
    }
}
