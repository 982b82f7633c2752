//! Ruin and recreate: strings of stops around a place are taken out and put back one by one where that costs least.
//!
//! Source: J. Christiaens, G. Vanden Berghe, "Slack induction by string removals for vehicle routing problems",
//! Transportation Science 54 (2020), sections 5.1 to 5.3.
#![expect(clippy::indexing_slicing, reason = "positions are below the length of the path")]

use crate::judgement::Judgement;
use crate::model::Timing;
use crate::neighbors::Neighbors;
use crate::random::Random;
use crate::timed_path::TimedPath;

/// The longest string that is taken out, in stops.
const LONGEST_STRING: usize = 6;
/// One in so many places is passed over, so that the same ruin is not always mended the same way.
const PLACES_PER_BLINK: usize = 64;

/// Where stops may come back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mending {
    /// Only where nobody becomes late.
    InTime,
    /// Wherever cost and penalised lateness are least.
    Anywhere,
}

/// What one ruin needs, kept to spare allocations.
#[derive(Default)]
pub(crate) struct Ruin {
    positions: Vec<usize>,
    nodes: Vec<usize>,
}

impl Ruin {
    /// Takes out up to `most` stops near a random one and puts them back. `false` where one of them fits nowhere in time:
    /// the path is then as it was last kept.
    pub(crate) fn kick(
        &mut self,
        path: &mut TimedPath<'_>,
        neighbors: &Neighbors,
        judge: Judgement,
        mending: Mending,
        random: &mut Random,
        most: usize,
    ) -> bool {
        self.choose(path, neighbors, random, most);
        self.nodes.clear();
        self.nodes.extend(self.positions.iter().map(|&position| path.at(position)));
        for &position in &self.positions {
            path.touched.add(path.order()[position - 1]);
            path.touched.add(path.order()[position + 1]);
        }
        path.remove(&self.positions);
        arrange(&mut self.nodes, path.timing, random);
        for &node in &self.nodes {
            let behind = match near_place(path, neighbors, judge, mending, random, node) {
                Some(place) => place,
                None if mending == Mending::Anywhere => any_place(path, judge, mending, node).unwrap_or_default(),
                None => {
                    path.touched.forget();
                    path.undo();
                    return false;
                }
            };
            path.touched.add(path.order()[behind]);
            path.touched.add(path.order()[behind + 1]);
            path.touched.add(node as u32);
            path.insert(node, behind);
        }
        path.finish();
        true
    }

    /// Strings that hold a random stop and those near it.
    fn choose(&mut self, path: &TimedPath<'_>, neighbors: &Neighbors, random: &mut Random, most: usize) {
        let inner = path.count() - 2;
        let center = path.at(1 + random.below(inner));
        let target = (1 + random.below(most)).min(inner);
        self.positions.clear();
        self.take_string(path, random, center, target);
        for ((onward, _), (back, _)) in neighbors.onward(center).zip(neighbors.back(center)) {
            for near in [onward, back] {
                if self.positions.len() >= target {
                    break;
                }
                self.take_string(path, random, near, target);
            }
        }
        self.positions.sort_unstable();
    }

    fn take_string(&mut self, path: &TimedPath<'_>, random: &mut Random, node: usize, target: usize) {
        let inner = path.count() - 2;
        let position = path.position(node);
        if position == 0 || position > inner || self.positions.contains(&position) {
            return;
        }
        let length = 1 + random.below(LONGEST_STRING.min(target - self.positions.len()));
        let first = position.saturating_sub(random.below(length)).max(1);
        for position in first..(first + length).min(inner + 1) {
            if !self.positions.contains(&position) {
                self.positions.push(position);
            }
        }
    }
}

/// Puts the nodes into one of the orders in which they may come back.
fn arrange(nodes: &mut [usize], timing: &Timing, random: &mut Random) {
    random.shuffle(nodes);
    let opens = |node: usize| timing.windows(node).first().map_or(0, |&(start, _)| start);
    let closes = |node: usize| timing.windows(node).last().map_or(u32::MAX, |&(_, end)| end);
    match random.below(4) {
        0 => nodes.sort_by_key(|&node| closes(node) - opens(node)),
        1 => nodes.sort_by_key(|&node| closes(node)),
        2 => nodes.sort_by_key(|&node| std::cmp::Reverse(opens(node))),
        _ => {}
    }
}

/// The best place next to a near node: the position behind which it lies.
pub(crate) fn near_place(
    path: &TimedPath<'_>,
    neighbors: &Neighbors,
    judge: Judgement,
    mending: Mending,
    random: &mut Random,
    node: usize,
) -> Option<usize> {
    let mut best = Best::of(path, judge, mending, node);
    for ((back, _), (onward, _)) in neighbors.back(node).zip(neighbors.onward(node)) {
        let behind = path.place(back);
        let before = path.place(onward).and_then(|position| position.checked_sub(1));
        for position in [behind, before].into_iter().flatten() {
            if random.below(PLACES_PER_BLINK) != 0 {
                best.look_behind(position);
            }
        }
    }
    best.place
}

/// The best of all places: the position behind which it lies, where there is any.
pub(crate) fn any_place(path: &TimedPath<'_>, judge: Judgement, mending: Mending, node: usize) -> Option<usize> {
    let mut best = Best::of(path, judge, mending, node);
    (0..path.count() - 1).for_each(|position| best.look_behind(position));
    best.place
}

/// The best place for a node so far.
struct Best<'p, 'm> {
    path: &'p TimedPath<'m>,
    judge: Judgement,
    mending: Mending,
    node: usize,
    /// What it adds to cost and penalised lateness.
    value: f64,
    place: Option<usize>,
}

impl<'p, 'm> Best<'p, 'm> {
    const fn of(path: &'p TimedPath<'m>, judge: Judgement, mending: Mending, node: usize) -> Self {
        Self { path, judge, mending, node, value: f64::INFINITY, place: None }
    }

    #[inline]
    fn look_behind(&mut self, position: usize) {
        let path = self.path;
        if position + 1 >= path.count() {
            return;
        }
        let (before, after) = (path.at(position), path.at(position + 1));
        let delta = path.arc(before, self.node) + path.arc(self.node, after) - path.arc(before, after);
        let spare = self.value - delta as f64;
        if spare <= 0.0 {
            return;
        }
        let now = path.lateness();
        let most = match self.mending {
            Mending::InTime => now,
            Mending::Anywhere => now.saturating_add((spare / self.judge.penalty) as u64),
        };
        if let Some(late) = path.lateness_with(self.node, position, most) {
            // Where legs break the triangle inequality, lateness may even fall.
            let value = delta as f64 + self.judge.penalty * (late as f64 - now as f64);
            if value < self.value {
                (self.value, self.place) = (value, Some(position));
            }
        }
    }
}
