//! Visits that keep their places among others that are put in order.

use routemate_optimizer::Visit;
use routemate_travel::Matrix;

use super::problem::Assignment;
use super::timetable::{Tour, Turn};

/// How much is looked at: orders × visits², which takes a tenth of a second for 200 visits.
const EVALUATED: usize = 200_000_000;

/// What orders are compared by.
pub(super) struct Places<'a> {
    pub(super) matrix: &'a Matrix,
    pub(super) assignment: &'a Assignment,
    /// For each visit the place that it keeps.
    pub(super) kept: &'a [Option<usize>],
}

/// The sum of lateness × importance, then the time driven.
type Score = (u64, u64);

impl Places<'_> {
    /// Whether anybody keeps a place.
    pub(super) fn are_kept(&self) -> bool {
        self.kept.iter().any(Option::is_some)
    }

    fn kept_place(&self, visit: usize) -> Option<usize> {
        self.kept.get(visit).copied().flatten()
    }

    fn turn(visit: &Visit) -> Turn {
        let mut windows = visit.windows().to_vec();
        windows.sort_by_key(|window| (window.end, window.start));
        Turn { point: Some(visit.location()), service: visit.service(), windows }
    }

    fn score(&self, order: &[usize]) -> Score {
        let visits: Vec<&Visit> = order.iter().filter_map(|&visit| self.assignment.visits.get(visit)).collect();
        let tour = Tour {
            matrix: self.matrix,
            start: self.assignment.start,
            turns: visits.iter().map(|visit| Self::turn(visit)).collect(),
            end: self.assignment.end,
        };
        let times = tour.leaving_at(u64::from(self.assignment.vehicle.earliest_start().get()));
        let late = times.lateness.iter().zip(&visits).map(|(late, visit)| late * u64::from(visit.importance())).sum();
        let (legs, last) = tour.legs();
        let driven = legs.iter().chain(&last).map(|leg| u64::from(leg.duration.get())).sum();
        (late, driven)
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
            let seat = (0..=wanted).rev().find(|&seat| seats.get(seat).is_some_and(Option::is_none));
            match seat.and_then(|seat| seats.get_mut(seat)) {
                Some(seat) => *seat = Some(visit),
                None => free.push(visit),
            }
        }
        let mut free = free.into_iter();
        seats.into_iter().filter_map(|seat| seat.or_else(|| free.next())).collect()
    }
}

/// The order that a search for the best one without places has found, with everybody in place, and then as good as
/// exchanging two, moving one and turning a stretch around makes it; or the order in force, made as good, where that is
/// better. `None` where nobody is visited.
///
/// Cost: O(n) for each order looked at, of which there are at most 200,000,000 / n²; most searches end long before.
pub(super) fn settle(places: &Places<'_>, found: &[usize], in_force: Option<&[usize]>) -> Option<Vec<usize>> {
    let of_found = |order: &[usize]| {
        let served = |visit: &&usize| found.contains(*visit);
        let mut order: Vec<usize> = order.iter().filter(served).copied().collect();
        let missing: Vec<usize> = found.iter().filter(|visit| !order.contains(visit)).copied().collect();
        order.extend(missing);
        places.seated(&order)
    };
    let begun = [Some(of_found(found)), in_force.map(of_found)];
    let improved = begun.into_iter().flatten().map(|order| improve(places, order));
    improved.min_by_key(|(score, _)| *score).map(|(_, order)| order).filter(|order| !order.is_empty())
}

fn improve(places: &Places<'_>, mut order: Vec<usize>) -> (Score, Vec<usize>) {
    let mut score = places.score(&order);
    let free: Vec<usize> = (0..order.len())
        .filter(|&seat| order.get(seat).is_some_and(|&visit| places.kept_place(visit).is_none()))
        .collect();
    let mut left = EVALUATED / order.len().max(1) / order.len().max(20);
    let mut is_better = true;
    while is_better && left > 0 {
        is_better = false;
        for first in 0..free.len() {
            for second in first + 1..free.len() {
                for change in [exchange, forward, backward, turn] {
                    let Some(candidate) = free.get(first..=second).map(|seats| change(&order, seats)) else { continue };
                    let scored = places.score(&candidate);
                    left = left.saturating_sub(1);
                    if scored < score {
                        (score, order, is_better) = (scored, candidate, true);
                    }
                }
                if left == 0 {
                    return (score, order);
                }
            }
        }
    }
    (score, order)
}

/// The order with those in `seats` rearranged.
fn rearranged(order: &[usize], seats: &[usize], arrange: impl FnOnce(&mut Vec<usize>)) -> Vec<usize> {
    let mut seated: Vec<usize> = seats.iter().filter_map(|&seat| order.get(seat).copied()).collect();
    arrange(&mut seated);
    let mut changed = order.to_vec();
    for (&seat, visit) in seats.iter().zip(seated) {
        if let Some(slot) = changed.get_mut(seat) {
            *slot = visit;
        }
    }
    changed
}

fn exchange(order: &[usize], seats: &[usize]) -> Vec<usize> {
    rearranged(order, seats, |seated| {
        let last = seated.len().saturating_sub(1);
        seated.swap(0, last);
    })
}

fn forward(order: &[usize], seats: &[usize]) -> Vec<usize> {
    rearranged(order, seats, |seated| seated.rotate_left(1))
}

fn backward(order: &[usize], seats: &[usize]) -> Vec<usize> {
    rearranged(order, seats, |seated| seated.rotate_right(1))
}

fn turn(order: &[usize], seats: &[usize]) -> Vec<usize> {
    rearranged(order, seats, |seated| seated.reverse())
}
