//! From tours to the answer: what still fits is put in, and what is late or left out gets its reason.

pub(crate) mod drive;
mod exact;
pub(crate) mod places;
pub(crate) mod reasons;
mod settle;

use crate::answer::drive::{Drive, drive, is_optional};
use crate::answer::places::Places;
use crate::budget::Budget;
use crate::costs::Costs;
use crate::fleet::keep_shipments;
use crate::pace::Pace;
use crate::problem::Problem;
use crate::progress::Rank;
use crate::schedule::score;
use crate::solution::{Cost, Solution, Tour};
use crate::timetable::{legs, timetable};
use crate::vehicle::{Vehicle, VehicleId};
use routemate_units::{Meters, Seconds};

/// Tours that keep every limit, one for each vehicle, empty ones included, and what each costs.
#[derive(Clone)]
pub(crate) struct Tours {
    pub(crate) orders: Vec<Vec<usize>>,
    drives: Vec<Drive>,
}

impl Tours {
    /// Tours that break no limit; those that do lose their visits.
    pub(crate) fn of<C: Costs>(problem: &Problem<'_, C>, mut orders: Vec<Vec<usize>>) -> Self {
        orders.resize(problem.vehicles.len(), Vec::new());
        let drives = orders
            .iter_mut()
            .enumerate()
            .map(|(index, order)| {
                drive(problem, VehicleId::new(index), order).unwrap_or_else(|_| {
                    order.clear();
                    Drive::default()
                })
            })
            .collect();
        Self { orders, drives }
    }

    fn replace(&mut self, vehicle: usize, order: Vec<usize>, drive: Drive) {
        if let (Some(old), Some(known)) = (self.orders.get_mut(vehicle), self.drives.get_mut(vehicle)) {
            *old = order;
            *known = drive;
        }
    }

    fn drive(&self, vehicle: usize) -> Drive {
        self.drives.get(vehicle).copied().unwrap_or_default()
    }

    fn order(&self, vehicle: usize) -> &[usize] {
        self.orders.get(vehicle).map_or(&[], Vec::as_slice)
    }

    /// Σ lateness × importance.
    fn lateness(&self) -> u64 {
        self.drives.iter().map(|drive| drive.late).sum()
    }

    /// What the tours cost, prizes aside, when one vehicle drives differently.
    fn cost_with<C: Costs>(&self, problem: &Problem<'_, C>, vehicle: usize, changed: Drive) -> u64 {
        let drives = || {
            let others = self.drives.iter().enumerate().filter(|&(index, _)| index != vehicle).map(|(_, drive)| drive);
            others.chain([&changed])
        };
        let longest = drives().map(|drive| drive.span).max().unwrap_or_default();
        drives().map(|drive| drive.cost).sum::<u64>() + balance_cost(problem, longest)
    }

    fn rank<C: Costs>(&self, problem: &Problem<'_, C>) -> Rank {
        let left_out = settle::groups(problem, &self.left_out(problem));
        let (optional, mandatory): (Vec<_>, Vec<_>) =
            left_out.into_iter().partition(|group| is_optional(problem, group));
        let importance = |&visit: &usize| problem.visits.get(visit).map_or(0, |visit| u64::from(visit.importance()));
        let prizes: u64 = optional.iter().map(|group| reasons::prize(problem, group)).sum();
        Rank {
            unserved: mandatory.iter().flatten().map(importance).sum(),
            lateness: self.lateness(),
            total: self.cost_with(problem, usize::MAX, Drive::default()) + prizes,
            ties: (0, 0),
        }
    }

    fn left_out<C: Costs>(&self, problem: &Problem<'_, C>) -> Vec<usize> {
        let mut is_served = vec![false; problem.visits.len()];
        for &visit in self.orders.iter().flatten() {
            if let Some(served) = is_served.get_mut(visit) {
                *served = true;
            }
        }
        is_served.iter().enumerate().filter(|&(_, &served)| !served).map(|(visit, _)| visit).collect()
    }
}

/// What the longest tour costs.
pub(crate) fn balance_cost<C: Costs>(problem: &Problem<'_, C>, longest: u32) -> u64 {
    u64::from(problem.balance) * u64::from(longest) / 100
}

/// Puts in what still fits, then states times, costs and reasons of the best. `candidates`: orders for each vehicle; the first
/// is taken where others are no better.
pub(crate) fn conclude<C: Costs>(
    problem: &Problem<'_, C>,
    candidates: impl IntoIterator<Item = Vec<Vec<usize>>>,
    rounds: u64,
    pace: &Pace<'_>,
) -> Solution {
    let places = Places::of(problem);
    let settled = candidates.into_iter().map(|orders| {
        let mut tours = Tours::of(problem, orders);
        let is_settled = settle::settle(problem, &places, &mut tours, pace);
        (tours, is_settled)
    });
    let best = settled.min_by_key(|(tours, _)| tours.rank(problem));
    let (tours, is_settled) = best.unwrap_or_else(|| (Tours::of(problem, Vec::new()), false));
    state(problem, &places, &tours, rounds, is_settled, pace)
}

/// How good tours are, and themselves as far as they keep the limits; `None` where the tour of one vehicle cannot be driven.
pub(crate) fn rank<C: Costs>(problem: &Problem<'_, C>, mut orders: Vec<Vec<usize>>) -> Option<(Rank, Vec<Vec<usize>>)> {
    if problem.is_single_path() {
        let order = orders.first()?;
        let score = score(problem, order)?;
        let fixed = if order.is_empty() { 0 } else { u64::from(problem.vehicle.fixed_cost()) };
        let ties = (score.tie_break, score.places);
        let (unserved, lateness, total) = (score.unserved, score.lateness, score.driven + fixed);
        return Some((Rank { unserved, lateness, total, ties }, orders));
    }
    keep_shipments(problem, &mut orders);
    let tours = Tours::of(problem, orders);
    Some((tours.rank(problem), tours.orders))
}

/// The proven best answer where so few visits are asked for that all their orders can be tried in time.
pub(crate) fn best<C: Costs>(problem: &Problem<'_, C>, pace: &Pace<'_>) -> Option<Solution> {
    let orders = exact::best_tours(problem, pace)?;
    let tours = Tours::of(problem, orders);
    let solution = state(problem, &Places::of(problem), &tours, 0, true, pace);
    // The times of each order are the best but where lateness, or the length of the longest tour, is weighed against others.
    let is_limited = problem.vehicles.iter().any(|vehicle| vehicle.max_duration().is_some());
    let is_best = problem.balance == 0 && (solution.late.is_empty() || !is_limited);
    Some(Solution { bound: is_best.then_some(solution.cost.total), proven_optimal: is_best, ..solution })
}

/// States times, costs and reasons of tours as they are. `orders`: one for each vehicle, which keep every limit.
pub(crate) fn state_as_it_is<C: Costs>(problem: &Problem<'_, C>, orders: Vec<Vec<usize>>) -> Solution {
    let budget = Budget::of_iterations(0);
    let pace = Pace::begin(&budget);
    let places = Places::of(problem);
    let tours = Tours::of(problem, orders);
    let is_settled = settle::is_settled(problem, &places, &tours, &pace);
    state(problem, &places, &tours, 0, is_settled, &pace)
}

fn state<C: Costs>(
    problem: &Problem<'_, C>,
    places: &Places,
    tours: &Tours,
    rounds: u64,
    is_settled: bool,
    pace: &Pace<'_>,
) -> Solution {
    let left_out = tours.left_out(problem);
    let unserved = reasons::unserved(problem, places, tours, &left_out, is_settled, pace);
    let stated: Vec<Tour> = (0..problem.vehicles.len())
        .filter_map(|index| tour(problem, VehicleId::new(index), tours.order(index)))
        .collect();
    let late = reasons::late(problem, &stated, is_settled, pace);
    let prizes = left_out.iter().filter_map(|&visit| problem.visits.get(visit)?.prize()).map(u64::from).sum();
    let longest = stated.iter().map(|tour| tour.finish.saturating_sub(tour.departure).get()).max().unwrap_or_default();
    let own = Cost { prizes, balance: balance_cost(problem, longest), ..Cost::default() };
    let own = Cost { total: own.prizes + own.balance, ..own };
    let cost = stated.iter().fold(own, |sum, tour| sum.plus(&tour.cost));
    Solution { tours: stated, cost, late, unserved, bound: None, proven_optimal: false, iterations: rounds }
}

/// The tour of a vehicle, or `None` where it serves nobody or cannot keep its limits.
pub(crate) fn tour<C: Costs>(problem: &Problem<'_, C>, id: VehicleId, order: &[usize]) -> Option<Tour> {
    let vehicle = problem.vehicles.get(id.index()).filter(|_| !order.is_empty())?;
    let legs = legs(problem, vehicle, order)?;
    let table = timetable(problem, id, order, &legs)?;
    let cost = cost(problem, id, vehicle, order, &legs);
    let breaks: Seconds =
        table.breaks.iter().filter_map(|taken| vehicle.breaks().get(taken.number)).map(|pause| pause.duration).sum();
    // Whatever else was done between departure and finish; where the tour runs past all times that is nothing.
    let busy = cost.duration.saturating_add(cost.service).saturating_add(breaks);
    let waiting = Seconds::new(table.finish.saturating_sub(table.departure)).saturating_sub(busy);
    let lateness = table.stops.iter().map(|stop| {
        let last = problem.visits.get(stop.visit.index()).and_then(|visit| visit.windows().last());
        last.map_or(Seconds::ZERO, |window| stop.start.saturating_sub(window.end))
    });
    let cost = Cost { waiting, breaks, lateness: lateness.sum(), ..cost };
    Some(Tour {
        vehicle: id,
        stops: table.stops,
        breaks: table.breaks,
        departure: Seconds::new(table.departure),
        finish: Seconds::new(table.finish),
        cost,
    })
}

/// The parts of a tour's cost that depend on its order alone.
fn cost<C: Costs>(
    problem: &Problem<'_, C>,
    id: VehicleId,
    vehicle: &Vehicle,
    order: &[usize],
    legs: &[(Seconds, Meters)],
) -> Cost {
    let service = order.iter().filter_map(|&visit| problem.visits.get(visit)).map(|visit| visit.service()).sum();
    let fixed = if order.is_empty() { 0 } else { u64::from(vehicle.fixed_cost()) };
    let changes = drive::changes(problem, id, order);
    Cost {
        duration: legs.iter().map(|leg| leg.0).sum(),
        distance: legs.iter().map(|leg| leg.1).sum(),
        service,
        fixed,
        changes,
        total: drive::driven(problem, legs) + fixed + changes,
        ..Cost::default()
    }
}
