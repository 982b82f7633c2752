//! Visits that keep their places among others that are put in order.
#![expect(clippy::indexing_slicing, reason = "orders hold numbers of visits, and seats are places in them")]

use routemate_optimizer::{Visit, Window};
use routemate_travel::Matrix;

use super::problem::Assignment;

/// Visits looked at while annealing where lateness counts: each order is looked at as a whole.
const TIMED_VISITS: usize = 20_000_000;
/// Orders looked at while annealing where only driving counts: what changes is a part of each.
const DRIVEN_ORDERS: usize = 400_000;
/// Orders looked at for each pair of visits that may change places: few visits need no long search.
const ORDERS_PER_PAIR: usize = 300;
/// Visits looked at while the last improvements are sought.
const POLISHED_VISITS: usize = 30_000_000;
/// How many seats a change goes over at most.
const LONGEST_SPAN: u64 = 100;
/// What a second of weighted lateness is worth in seconds of driving while annealing; in the end it is worth any.
const LATE_WEIGHT: u64 = 16;
/// What a way costs that there is not.
const NO_WAY: u64 = 1_000_000_000;

/// What orders are compared by.
pub(super) struct Places<'a> {
    count: usize,
    /// For each visit the place that it keeps.
    kept: &'a [Option<usize>],
    /// Seconds from each visit to each other one, row by row.
    ways: Vec<u64>,
    /// Seconds from where the driver comes from to each visit, and from each visit to where the driver goes at last.
    ends: Vec<(u64, u64)>,
    /// Of each visit: how long it takes, its windows in the order of their ends, how much it matters.
    turns: Vec<(u64, Vec<Window>, u64)>,
    departure: u64,
    is_timed: bool,
}

/// The sum of lateness × importance, then the time driven.
type Score = (u64, u64);

/// Something done to the visits in a row of seats.
#[derive(Debug, Clone, Copy)]
enum Change {
    /// The first and the last change places.
    Swap,
    /// They are turned around.
    Turn,
    /// So many of the first become the last.
    Rotate(usize),
}

impl Change {
    const ALL: [Self; 3] = [Self::Swap, Self::Turn, Self::Rotate(1)];

    fn apply(self, order: &mut [usize], seats: &[usize]) {
        let last = seats.len() - 1;
        match self {
            Self::Swap => order.swap(seats[0], seats[last]),
            Self::Turn => turn(order, seats),
            Self::Rotate(count) => {
                let (head, tail) = seats.split_at(count);
                turn(order, head);
                turn(order, tail);
                turn(order, seats);
            }
        }
    }

    fn undo(self, order: &mut [usize], seats: &[usize]) {
        match self {
            Self::Swap | Self::Turn => self.apply(order, seats),
            Self::Rotate(count) => Self::Rotate(seats.len() - count).apply(order, seats),
        }
    }
}

fn turn(order: &mut [usize], seats: &[usize]) {
    for (&one, &other) in seats.iter().zip(seats.iter().rev()).take(seats.len() / 2) {
        order.swap(one, other);
    }
}

/// Numbers that look random, the same each time (Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8, 2003).
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, count: u64) -> u64 {
        // The high bits are the better ones.
        (self.next() >> 32) % count.max(1)
    }

    /// From 0 to 1.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

impl<'a> Places<'a> {
    /// Cost: O(n²) time and memory.
    pub(super) fn new(matrix: &Matrix, assignment: &Assignment, kept: &'a [Option<usize>]) -> Self {
        let visits = &assignment.visits;
        let way = |from: usize, to: usize| matrix.leg(from, to).map_or(NO_WAY, |leg| u64::from(leg.duration.get()));
        let between = |from: &Visit| visits.iter().map(|to| way(from.location(), to.location())).collect::<Vec<_>>();
        let ends = |visit: &Visit| {
            let (start, end) = (assignment.start, assignment.end);
            let place = visit.location();
            (start.map_or(0, |start| way(start, place)), end.map_or(0, |end| way(place, end)))
        };
        let turn = |visit: &Visit| {
            let mut windows = visit.windows().to_vec();
            windows.sort_by_key(|window| (window.end, window.start));
            (u64::from(visit.service().get()), windows, u64::from(visit.importance()))
        };
        Self {
            count: visits.len(),
            kept,
            ways: visits.iter().flat_map(between).collect(),
            ends: visits.iter().map(ends).collect(),
            turns: visits.iter().map(turn).collect(),
            departure: u64::from(assignment.vehicle.earliest_start().get()),
            is_timed: visits.iter().any(|visit| !visit.windows().is_empty()),
        }
    }

    fn kept_place(&self, visit: usize) -> Option<usize> {
        self.kept.get(visit).copied().flatten()
    }

    /// The way to the seat `place`, which may be one beyond the last: the driver's last place.
    fn way_to(&self, order: &[usize], place: usize) -> u64 {
        match (place.checked_sub(1).map(|before| order[before]), order.get(place)) {
            (Some(from), Some(&to)) => self.ways[from * self.count + to],
            (None, Some(&to)) => self.ends[to].0,
            (Some(from), None) => self.ends[from].1,
            (None, None) => 0,
        }
    }

    /// The ways to the seats from `first` to `last`, and from there on.
    fn driven(&self, order: &[usize], first: usize, last: usize) -> u64 {
        (first..=last + 1).map(|place| self.way_to(order, place)).sum()
    }

    /// Cost: O(n).
    fn score(&self, order: &[usize]) -> Score {
        let (mut late, mut driven, mut clock) = (0, 0, self.departure);
        for (place, &visit) in order.iter().enumerate() {
            let way = self.way_to(order, place);
            let (service, windows, importance) = &self.turns[visit];
            driven += way;
            clock += way;
            // Who is late is served at once.
            let open = windows.iter().find(|window| u64::from(window.end.get()) >= clock);
            clock = open.map_or(clock, |window| clock.max(u64::from(window.start.get())));
            let closes = windows.last().map_or(u64::MAX, |window| u64::from(window.end.get()));
            late += clock.saturating_sub(closes) * importance;
            clock += service;
        }
        (late, driven + self.way_to(order, order.len()))
    }

    /// Puts those who keep a place there and the others, in their order, around them.
    fn seated(&self, order: &[usize]) -> Vec<usize> {
        let count = order.len();
        let mut seats: Vec<Option<usize>> = vec![None; count];
        let (mut keepers, mut free): (Vec<usize>, Vec<usize>) =
            order.iter().copied().partition(|&visit| self.kept_place(visit).is_some());
        keepers.sort_by_key(|&visit| self.kept_place(visit));
        // Who keeps a place beyond the end, because others are no longer there, comes last.
        for visit in keepers.into_iter().rev() {
            let wanted = self.kept_place(visit).unwrap_or_default().min(count.saturating_sub(1));
            let seat = (0..=wanted).rev().find(|&seat| seats[seat].is_none());
            match seat {
                Some(seat) => seats[seat] = Some(visit),
                None => free.push(visit),
            }
        }
        let mut free = free.into_iter();
        seats.into_iter().filter_map(|seat| seat.or_else(|| free.next())).collect()
    }

    /// The seats of those who may go anywhere.
    fn free_seats(&self, order: &[usize]) -> Vec<usize> {
        (0..order.len()).filter(|&seat| self.kept_place(order[seat]).is_none()).collect()
    }

    /// The best order that simulated annealing meets (Kirkpatrick, Gelatt and Vecchi, "Optimization by simulated
    /// annealing", Science 220, 1983), the first one included.
    fn anneal(&self, mut order: Vec<usize>) -> Vec<usize> {
        let free = self.free_seats(&order);
        let most = if self.is_timed { TIMED_VISITS / order.len().max(20) } else { DRIVEN_ORDERS };
        let steps = most.min(ORDERS_PER_PAIR * free.len() * free.len());
        let value = |(late, driven): Score| late.saturating_mul(LATE_WEIGHT).saturating_add(driven);
        let mut score = self.score(&order);
        let mut best = (score, order.clone());
        if free.len() < 2 {
            return order;
        }
        let mut draws = Draws(0x9e37_79b9_7f4a_7c15);
        // From the length of a way down to a thousandth of it.
        let hot = score.1 as f64 / order.len() as f64 + 1.0;
        let mut heat = hot;
        for step in 0..steps {
            if step % 128 == 0 {
                heat = hot * 0.001_f64.powf(step as f64 / steps as f64);
            }
            let (change, seats) = draw_change(&mut draws, &free);
            let (first, last) = (seats[0], seats[seats.len() - 1]);
            let before = if self.is_timed { 0 } else { self.driven(&order, first, last) };
            change.apply(&mut order, seats);
            let changed = if self.is_timed {
                self.score(&order)
            } else {
                (0, score.1 - before + self.driven(&order, first, last))
            };
            let worse = value(changed).saturating_sub(value(score));
            if worse == 0 || draws.share() < (-(worse as f64) / heat).exp() {
                score = changed;
                if score < best.0 {
                    best = (score, order.clone());
                }
            } else {
                change.undo(&mut order, seats);
            }
        }
        best.1
    }

    /// The order made as good as changes of two seats and of the seats between them make it.
    fn polish(&self, mut order: Vec<usize>) -> (Score, Vec<usize>) {
        let free = self.free_seats(&order);
        let mut score = self.score(&order);
        let mut left = POLISHED_VISITS / order.len().max(1);
        let mut is_better = true;
        while is_better {
            is_better = false;
            for (first, second) in
                (0..free.len()).flat_map(|first| (first + 1..free.len()).map(move |second| (first, second)))
            {
                let seats = &free[first..=second];
                for change in Change::ALL.into_iter().chain([Change::Rotate(seats.len() - 1)]) {
                    if left == 0 {
                        return (score, order);
                    }
                    left -= 1;
                    change.apply(&mut order, seats);
                    let changed = self.score(&order);
                    if changed < score {
                        (score, is_better) = (changed, true);
                    } else {
                        change.undo(&mut order, seats);
                    }
                }
            }
        }
        (score, order)
    }
}

/// A change, and at least two of the free seats for it; most are near each other.
fn draw_change<'s>(draws: &mut Draws, free: &'s [usize]) -> (Change, &'s [usize]) {
    let count = free.len() as u64;
    let longest = if draws.below(2) == 0 { 8 } else { LONGEST_SPAN };
    let span = 2 + draws.below(longest.min(count) - 1);
    let first = draws.below(count - span + 1) as usize;
    let seats = &free[first..first + span as usize];
    let change = match draws.below(4) {
        0 => Change::Swap,
        1 => Change::Turn,
        // One to three go to the other end, from either.
        kind => {
            let block = 1 + draws.below(3.min(span - 1)) as usize;
            Change::Rotate(if kind == 2 { block } else { seats.len() - block })
        }
    };
    (change, seats)
}

/// The best order found with everybody in place: from the one that a search without places has found, or from the one in
/// force, where that is better. `None` where nobody is visited.
///
/// The optimizer itself knows no places. Annealing over those who have none of their own takes their part.
pub(super) fn settle(places: &Places<'_>, found: &[usize], in_force: Option<&[usize]>) -> Option<Vec<usize>> {
    let of_found = |order: &[usize]| {
        let served = |visit: &&usize| found.contains(*visit);
        let mut order: Vec<usize> = order.iter().filter(served).copied().collect();
        let missing: Vec<usize> = found.iter().filter(|visit| !order.contains(visit)).copied().collect();
        order.extend(missing);
        places.seated(&order)
    };
    let begun = [Some(of_found(found)), in_force.map(of_found)].into_iter().flatten();
    let begun = begun.min_by_key(|order| places.score(order)).filter(|order| !order.is_empty())?;
    Some(places.polish(places.anneal(begun)).1)
}
