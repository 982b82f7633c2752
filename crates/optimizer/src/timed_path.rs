//! A path with its times: who is when where, how late all are up to there, and how late one may come without making
//! anybody later. Stops can be taken out and put in; every change can be taken back.
#![expect(
    clippy::indexing_slicing,
    reason = "the innermost loops; positions and nodes are below the lengths of the arrays by construction"
)]

use crate::model::{Model, Timing};
use crate::path::{Move, Turn};
use crate::runs::{Passage, Run, Runs};
use crate::touched::Touched;

/// Marks a node that is in no place.
pub(crate) const ABSENT: u32 = u32::MAX;

pub(crate) struct TimedPath<'m> {
    pub(crate) model: &'m Model,
    pub(crate) timing: &'m Timing,
    now: State,
    kept: State,
    /// Node → its place, or [`ABSENT`].
    position: Vec<u32>,
    /// Where `now` may differ from `kept`, in the order and what follows from it alone.
    changed: Span,
    /// The same for times.
    retimed: Span,
    /// From where on sums of skews may differ.
    skewed_from: usize,
    pub(crate) touched: Touched,
}

#[derive(Clone)]
struct State {
    order: Vec<u32>,
    times: Vec<Times>,
    /// Σ lateness × importance up to and with each position.
    late: Vec<u64>,
    /// Per position: what the arc into it costs more when driven the other way. Empty on symmetric costs.
    arc_skew: Vec<i64>,
    /// Prefix sums of `arc_skew`.
    skew: Vec<i64>,
    runs: Runs,
    cost: i64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Times {
    arrival: u32,
    departure: u32,
    /// The latest arrival with which nobody from there on is later than they are.
    latest: u32,
}

/// A stretch of a path of any length: what lies behind a position and before the last so many stops.
#[derive(Clone, Copy)]
struct Span {
    first: usize,
    tail: usize,
}

impl Span {
    const NONE: Self = Self { first: usize::MAX, tail: usize::MAX };

    fn include(&mut self, first: usize, last: usize, count: usize) {
        self.first = self.first.min(first);
        self.tail = self.tail.min(count - 1 - last);
    }

    /// The positions in a path of `count` stops.
    fn positions(self, count: usize) -> std::ops::Range<usize> {
        if self.first == usize::MAX { 0..0 } else { self.first..count - self.tail }
    }
}

/// Driving on from somewhere.
#[derive(Clone, Copy)]
struct Ride {
    node: usize,
    time: u32,
    late: u64,
}

impl<'m> TimedPath<'m> {
    pub(crate) fn new(model: &'m Model, timing: &'m Timing, order: Vec<u32>) -> Self {
        let count = order.len();
        let skewed = if model.is_symmetric { 0 } else { model.count };
        let now = State {
            order,
            times: vec![Times::default(); count],
            late: vec![0; count],
            arc_skew: vec![0; skewed],
            skew: vec![0; skewed],
            runs: Runs::of(model.count),
            cost: 0,
        };
        let mut path = Self {
            model,
            timing,
            kept: now.clone(),
            now,
            position: vec![ABSENT; model.count],
            changed: Span::NONE,
            retimed: Span::NONE,
            skewed_from: usize::MAX,
            touched: Touched::none_of(model.count),
        };
        path.now.cost = path.now.order.windows(2).map(|pair| model.arc(pair[0] as usize, pair[1] as usize)).sum();
        path.number(0, count - 1);
        path.time_from(0, count - 1);
        if count == model.count {
            path.changed.include(0, count - 1, count);
            path.finish();
        }
        path.kept = path.now.clone();
        path.forget_changes();
        path
    }

    /// The number of stops in the path, its ends included.
    #[inline]
    pub(crate) fn count(&self) -> usize {
        self.now.order.len()
    }

    /// Whether all nodes are in it.
    #[inline]
    fn is_whole(&self) -> bool {
        self.now.order.len() == self.model.count
    }

    pub(crate) fn order(&self) -> &[u32] {
        &self.now.order
    }

    #[inline]
    pub(crate) fn at(&self, position: usize) -> usize {
        self.now.order[position] as usize
    }

    /// The place of a node, which is in the path.
    #[inline]
    pub(crate) fn position(&self, node: usize) -> usize {
        self.position[node] as usize
    }

    #[inline]
    pub(crate) fn place(&self, node: usize) -> Option<usize> {
        match self.position[node] {
            ABSENT => None,
            position => Some(position as usize),
        }
    }

    #[inline]
    pub(crate) fn arc(&self, from: usize, to: usize) -> i64 {
        self.model.arc(from, to)
    }

    #[inline]
    pub(crate) fn cost(&self) -> i64 {
        self.now.cost
    }

    /// Σ lateness × importance of the whole path.
    #[inline]
    pub(crate) fn lateness(&self) -> u64 {
        self.now.late[self.now.late.len() - 1]
    }

    /// What the arcs within positions first..=last cost more when driven the other way.
    #[inline]
    pub(crate) fn reversal_skew(&self, first: usize, last: usize) -> i64 {
        if self.now.skew.is_empty() { 0 } else { self.now.skew[last] - self.now.skew[first] }
    }

    #[inline]
    fn step(&self, ride: &mut Ride, node: usize) {
        let arrival = ride.time.saturating_add(self.model.travel(self.timing, ride.node, node));
        let (start, late) = self.timing.serve(node, arrival);
        ride.node = node;
        ride.time = start.saturating_add(self.timing.service(node));
        ride.late += late;
    }

    /// The lateness of the whole path after a move, or `None` where that is more than `most`.
    pub(crate) fn lateness_after(&self, step: Move, most: u64) -> Option<u64> {
        let Move { first, middle, last, turn } = step;
        let mut ride = Ride {
            node: self.at(first - 1),
            time: self.now.times[first - 1].departure,
            late: self.now.late[first - 1],
        };
        if ride.late > most {
            return None;
        }
        if turn == Turn::Whole {
            self.ride_back(&mut ride, first, last, most)?;
        } else {
            if turn == Turn::Right {
                self.ride_back(&mut ride, middle + 1, last, most)?;
            } else {
                self.ride_onward(&mut ride, middle + 1, last, most)?;
            }
            if turn == Turn::Left {
                self.ride_back(&mut ride, first, middle, most)?;
            } else {
                self.ride_onward(&mut ride, first, middle, most)?;
            }
        }
        self.ride_home(ride, last + 1, most)
    }

    fn ride_onward(&self, ride: &mut Ride, first: usize, last: usize, most: u64) -> Option<()> {
        let mut at = first;
        while at <= last {
            if let Some(passed) = self.pass_onward(ride, at, last) {
                at += passed;
                continue;
            }
            self.step(ride, self.at(at));
            if ride.late > most {
                return None;
            }
            at += 1;
        }
        Some(())
    }

    fn ride_back(&self, ride: &mut Ride, first: usize, last: usize, most: u64) -> Option<()> {
        let mut end = last + 1;
        while end > first {
            if let Some(passed) = self.pass_back(ride, first, end) {
                end -= passed;
                continue;
            }
            end -= 1;
            self.step(ride, self.at(end));
            if ride.late > most {
                return None;
            }
        }
        Some(())
    }

    /// Passes a run that begins at `at` and ends by `last` in one step where that makes nobody late, and says how many stops
    /// that were.
    #[inline]
    fn pass_onward(&self, ride: &mut Ride, at: usize, last: usize) -> Option<usize> {
        let passes = |(run, length): (Run, usize)| self.pass(ride, run.onward, at, at + length - 1).then_some(length);
        self.now.runs.from(at, last).find_map(passes)
    }

    /// The same the other way, from before `end` to no further than `first`.
    #[inline]
    fn pass_back(&self, ride: &mut Ride, first: usize, end: usize) -> Option<usize> {
        let passes = |(run, length): (Run, usize)| self.pass(ride, run.back, end - 1, end - length).then_some(length);
        self.now.runs.until(end, first).find_map(passes)
    }

    #[inline]
    fn pass(&self, ride: &mut Ride, passage: Passage, first: usize, last: usize) -> bool {
        let arrival = ride.time.saturating_add(self.model.travel(self.timing, ride.node, self.at(first)));
        let is_passable = arrival < passage.closes;
        if is_passable {
            ride.time = arrival.max(passage.opens).saturating_add(passage.takes);
            ride.node = self.at(last);
        }
        is_passable
    }

    /// The lateness of the whole path when the rest from `position` on is driven as it is.
    fn ride_home(&self, mut ride: Ride, position: usize, most: u64) -> Option<u64> {
        let total = self.lateness();
        let count = self.count();
        let has_runs = self.is_whole();
        let mut at = position;
        while at < count {
            let node = self.at(at);
            let arrival = ride.time.saturating_add(self.model.travel(self.timing, ride.node, node));
            let rest = total - self.now.late[at - 1];
            let times = self.now.times[at];
            if arrival > times.latest {
                // Somebody becomes later, and nobody less late.
                if ride.late + rest >= most {
                    return None;
                }
            } else if rest == 0 || arrival >= times.arrival {
                // Nobody becomes later, and nobody less late.
                let late = ride.late + rest;
                return (late <= most).then_some(late);
            }
            let passed = if has_runs { self.pass_onward(&mut ride, at, count - 1) } else { None };
            if let Some(passed) = passed {
                at += passed;
            } else {
                let (start, late) = self.timing.serve(node, arrival);
                ride = Ride { node, time: start.saturating_add(self.timing.service(node)), late: ride.late + late };
                at += 1;
            }
            if ride.late > most {
                return None;
            }
            if ride.time == self.now.times[at - 1].departure {
                let late = ride.late + total - self.now.late[at - 1];
                return (late <= most).then_some(late);
            }
        }
        Some(ride.late)
    }

    /// The lateness of the whole path with `node` put behind `position`, or `None` where that is more than `most`.
    #[inline]
    pub(crate) fn lateness_with(&self, node: usize, position: usize, most: u64) -> Option<u64> {
        let mut ride =
            Ride { node: self.at(position), time: self.now.times[position].departure, late: self.now.late[position] };
        self.step(&mut ride, node);
        if ride.late > most {
            return None;
        }
        self.ride_home(ride, position + 1, most)
    }

    /// Does a move that changes the cost by `delta` and touches the nodes at its seams.
    pub(crate) fn apply(&mut self, step: Move, delta: i64) {
        let Move { first, middle, last, turn } = step;
        match turn {
            Turn::Neither => {}
            Turn::Left => self.reverse(first, middle),
            Turn::Right => self.reverse(middle + 1, last),
            Turn::Whole => self.reverse(first, last),
        }
        let seam = first + last - middle;
        if turn != Turn::Whole {
            let left = middle + 1 - first;
            self.now.order[first..=last].rotate_left(left);
            if !self.now.skew.is_empty() {
                self.now.arc_skew[first..=last].rotate_left(left);
                self.measure_skew(first);
                self.measure_skew(seam);
                self.measure_skew(last + 1);
            }
        }
        self.now.cost += delta;
        let count = self.count();
        self.changed.include(first, last, count);
        self.number(first, last);
        self.sum_skew(first, last + 1);
        self.sum_runs(first, last);
        self.time_from(first, last);
        let seams = if turn == Turn::Whole { [first, first, last] } else { [first, seam, last] };
        for position in [first - 1, seams[0], seams[1] - 1, seams[1], seams[2], last + 1] {
            self.touched.add(self.now.order[position]);
        }
    }

    fn reverse(&mut self, first: usize, last: usize) {
        self.now.order[first..=last].reverse();
        if !self.now.skew.is_empty() {
            self.now.arc_skew[first + 1..=last].reverse();
            for skew in &mut self.now.arc_skew[first + 1..=last] {
                *skew = -*skew;
            }
            self.measure_skew(first);
            self.measure_skew(last + 1);
        }
    }

    /// Takes out the stops at these positions, ascending and inside the path. Until all are back and
    /// [`finish`](Self::finish) is called, only [`insert`](Self::insert) and what concerns single stops may be asked for.
    pub(crate) fn remove(&mut self, positions: &[usize]) {
        let (Some(&first), Some(&last)) = (positions.first(), positions.last()) else { return };
        let count = self.count();
        self.changed.include(first, last, count);
        let mut at = first;
        // The stop before as it was, and as it is now.
        let mut passed = self.at(first - 1);
        let mut previous = passed;
        let mut gone = positions.iter().peekable();
        let State { order, times, late, cost, .. } = &mut self.now;
        for position in first..count {
            let node = order[position] as usize;
            if position <= last + 1 {
                *cost -= self.model.arc(passed, node);
            }
            passed = node;
            if gone.next_if_eq(&&position).is_some() {
                self.position[node] = ABSENT;
                continue;
            }
            if position <= last + 1 {
                *cost += self.model.arc(previous, node);
            }
            previous = node;
            (order[at], times[at], late[at]) = (order[position], times[position], late[position]);
            at += 1;
        }
        order.truncate(at);
        times.truncate(at);
        late.truncate(at);
        self.number(first, at - 1);
        self.time_from(first, last + 1 - positions.len());
    }

    /// Puts a node behind a position.
    pub(crate) fn insert(&mut self, node: usize, behind: usize) {
        let at = behind + 1;
        let (before, after) = (self.at(behind), self.at(at));
        self.now.cost += self.arc(before, node) + self.arc(node, after) - self.arc(before, after);
        self.now.order.insert(at, node as u32);
        self.now.times.insert(at, Times::default());
        self.now.late.insert(at, self.now.late[behind]);
        let count = self.count();
        self.changed.include(at, at, count);
        self.number(at, count - 1);
        self.time_from(at, at);
    }

    /// Brings up to date what is not kept so while stops are out: skews and runs.
    pub(crate) fn finish(&mut self) {
        let count = self.count();
        let changed = self.changed.positions(count);
        if changed.is_empty() {
            return;
        }
        let (first, last) = (changed.start, changed.end - 1);
        if !self.now.skew.is_empty() {
            let (first, last) = (first.max(1), (last + 1).min(count - 1));
            for position in first..=last {
                self.measure_skew(position);
            }
            self.sum_skew(first, last);
        }
        self.sum_runs(first, last);
    }

    /// Keeps every change so far.
    pub(crate) fn commit(&mut self) {
        if self.kept.order.len() == self.count() {
            copy_changes(&self.now, &mut self.kept, self.changed, self.retimed, self.skewed_from);
        } else {
            self.kept = self.now.clone();
        }
        self.forget_changes();
    }

    /// Takes back every change since the last [`commit`](Self::commit).
    pub(crate) fn undo(&mut self) {
        if self.kept.order.len() == self.count() {
            copy_changes(&self.kept, &mut self.now, self.changed, self.retimed, self.skewed_from);
            let changed = self.changed.positions(self.count());
            if !changed.is_empty() {
                self.number(changed.start, changed.end - 1);
            }
        } else {
            let State { order, times, late, cost, .. } = &mut self.now;
            order.clone_from(&self.kept.order);
            times.clone_from(&self.kept.times);
            late.clone_from(&self.kept.late);
            *cost = self.kept.cost;
            self.number(0, self.count() - 1);
        }
        self.forget_changes();
    }

    fn forget_changes(&mut self) {
        self.changed = Span::NONE;
        self.retimed = Span::NONE;
        self.skewed_from = usize::MAX;
    }

    fn number(&mut self, first: usize, last: usize) {
        for (position, &node) in (first as u32..).zip(&self.now.order[first..=last]) {
            self.position[node as usize] = position;
        }
    }

    /// Times all from `first` on; behind `last` as far as anything is different.
    fn time_from(&mut self, first: usize, last: usize) {
        let count = self.count();
        let (model, timing) = (self.model, self.timing);
        let State { order, times, late, .. } = &mut self.now;
        let mut ride = match first.checked_sub(1) {
            Some(before) => Ride { node: order[before] as usize, time: times[before].departure, late: late[before] },
            None => Ride { node: order[0] as usize, time: timing.earliest_start, late: 0 },
        };
        let mut reached = count - 1;
        for position in first..count {
            let node = order[position] as usize;
            let travel = if position == 0 { 0 } else { model.travel(timing, ride.node, node) };
            let arrival = ride.time.saturating_add(travel);
            let (start, own) = timing.serve(node, arrival);
            ride = Ride { node, time: start.saturating_add(timing.service(node)), late: ride.late + own };
            let is_as_before = position > last && times[position].departure == ride.time;
            (times[position].arrival, times[position].departure) = (arrival, ride.time);
            let before = std::mem::replace(&mut late[position], ride.late);
            if is_as_before {
                reached = position;
                if before != ride.late {
                    for late in &mut late[position + 1..] {
                        *late = *late - before + ride.late;
                    }
                    reached = count - 1;
                }
                break;
            }
        }
        let mut limit = u32::MAX;
        let mut from = first;
        for position in (0..=reached).rev() {
            let node = order[position] as usize;
            if let Some(&next) = order.get(position + 1) {
                let latest = times[position + 1].latest;
                let spent = model.travel(timing, node, next as usize).saturating_add(timing.service(node));
                limit = if latest == u32::MAX { latest } else { latest.saturating_sub(spent) };
            }
            let latest = timing.latest_arrival(node, times[position].arrival, limit);
            let is_as_before = position < first && times[position].latest == latest;
            if is_as_before {
                break;
            }
            times[position].latest = latest;
            from = position;
        }
        self.retimed.include(from.min(first), reached, count);
    }

    fn measure_skew(&mut self, position: usize) {
        let (a, b) = (self.at(position - 1), self.at(position));
        // Nothing that starts at the first or ends at the last position is ever turned around.
        let is_inner = position > 1 && position + 1 < self.count();
        self.now.arc_skew[position] = if is_inner { self.arc(b, a) - self.arc(a, b) } else { 0 };
    }

    /// Sums first..=last anew and shifts what follows.
    fn sum_skew(&mut self, first: usize, last: usize) {
        if self.now.skew.is_empty() {
            return;
        }
        let State { arc_skew, skew, .. } = &mut self.now;
        let before = skew[last];
        let mut sum = skew[first - 1];
        for (skew, arc) in skew[first..=last].iter_mut().zip(&arc_skew[first..=last]) {
            sum += arc;
            *skew = sum;
        }
        let shift = sum - before;
        if shift != 0 {
            for skew in &mut skew[last + 1..] {
                *skew += shift;
            }
        }
        self.skewed_from = self.skewed_from.min(first);
    }

    /// Sums the runs anew that reach into first..=last.
    fn sum_runs(&mut self, first: usize, last: usize) {
        let State { order, runs, .. } = &mut self.now;
        runs.sum(self.model, self.timing, order, first, last);
    }
}

fn copy_changes(from: &State, to: &mut State, changed: Span, retimed: Span, skewed_from: usize) {
    let count = from.order.len();
    let positions = changed.positions(count);
    to.order[positions.clone()].copy_from_slice(&from.order[positions.clone()]);
    if !positions.is_empty() {
        to.runs.copy(&from.runs, positions.start, positions.end - 1);
    }
    let positions = retimed.positions(count);
    to.times[positions.clone()].copy_from_slice(&from.times[positions.clone()]);
    to.late[positions.clone()].copy_from_slice(&from.late[positions]);
    if let Some(skew) = to.skew.get_mut(skewed_from..) {
        skew.copy_from_slice(&from.skew[skewed_from..]);
        to.arc_skew[skewed_from..].copy_from_slice(&from.arc_skew[skewed_from..]);
    }
    to.cost = from.cost;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// Scattered nodes, every other with a window, some with two, some late whatever is done.
    fn model(count: usize, random: &mut Random) -> Model {
        let cost: Vec<u32> = (0..count * count).map(|_| 1 + random.below(100) as u32).collect();
        let windows = (0..count)
            .map(|_| {
                let start = random.below(30 * count) as u32;
                match random.below(6) {
                    0..3 => vec![],
                    3 => vec![(start, start + 50), (start + 200, start + 400)],
                    _ => vec![(start, start + 800)],
                }
            })
            .collect();
        Model::of_parts(count, cost, vec![3; count], windows)
    }

    #[track_caller]
    fn assert_is_as_made_anew(path: &TimedPath<'_>) {
        let fresh = TimedPath::new(path.model, path.timing, path.order().to_vec());
        assert_eq!(path.cost(), fresh.cost());
        assert_eq!(path.now.late, fresh.now.late);
        assert_eq!(path.now.times, fresh.now.times);
        assert_eq!(path.now.skew, fresh.now.skew);
        assert_eq!(path.now.runs, fresh.now.runs);
        assert_eq!(path.position, fresh.position);
    }

    fn any_move(count: usize, random: &mut Random) -> Move {
        let mut at = [0; 3].map(|_| 1 + random.below(count - 2));
        at.sort_unstable();
        let [first, middle, last] = at;
        match random.below(4) {
            _ if middle == last => Move::reversal(first, last),
            0 => Move { turn: Turn::Left, ..Move::exchange(first, middle, last) },
            1 => Move { turn: Turn::Right, ..Move::exchange(first, middle, last) },
            2 => Move::exchange(first, middle, last),
            _ => Move::reversal(first, last),
        }
    }

    fn cost_of(model: &Model, order: &[u32]) -> i64 {
        order.windows(2).map(|pair| model.arc(pair[0] as usize, pair[1] as usize)).sum()
    }

    #[test]
    fn changes_leave_what_a_new_path_would_have() {
        for seed in 0..40 {
            let mut random = Random::from_seed(seed);
            let count = 4 + random.below(200);
            let model = model(count, &mut random);
            let timing = model.timing.as_ref().expect("it has windows");
            let mut path = TimedPath::new(&model, timing, (0..count as u32).collect());
            for _ in 0..60 {
                let kept = path.order().to_vec();
                for _ in 0..1 + random.below(3) {
                    if random.below(3) == 0 {
                        let mut positions: Vec<usize> = (1..count - 1).filter(|_| random.below(9) == 0).collect();
                        positions.truncate(count - 3);
                        let nodes: Vec<usize> = positions.iter().map(|&position| path.at(position)).collect();
                        path.remove(&positions);
                        for node in nodes {
                            let behind = random.below(path.count() - 1);
                            let expected = path.lateness_with(node, behind, u64::MAX);
                            path.insert(node, behind);
                            assert_eq!(Some(path.lateness()), expected);
                        }
                        path.finish();
                    } else {
                        let step = any_move(count, &mut random);
                        let before = cost_of(&model, path.order());
                        let expected = path.lateness_after(step, u64::MAX);
                        let mut trial = TimedPath::new(&model, timing, path.order().to_vec());
                        trial.apply(step, 0);
                        path.apply(step, cost_of(&model, trial.order()) - before);
                        assert_eq!(Some(path.lateness()), expected);
                        assert_eq!(
                            path.lateness_after(step, 0).is_some(),
                            path.lateness_after(step, u64::MAX) == Some(0)
                        );
                    }
                }
                assert_is_as_made_anew(&path);
                if random.below(2) == 0 {
                    path.commit();
                } else {
                    path.undo();
                    assert_eq!(path.order(), kept);
                    assert_is_as_made_anew(&path);
                }
            }
        }
    }
}
