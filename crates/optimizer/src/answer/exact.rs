//! A handful of visits: every order of every set for every vehicle, and the best way to share them out.
#![expect(clippy::indexing_slicing, reason = "tables have a cell for every set of visits")]

use crate::answer::balance_cost;
use crate::answer::drive::{Drive, drive, is_optional};
use crate::answer::places::Places;
use crate::builder::fixed_first;
use crate::costs::Costs;
use crate::exact::members;
use crate::pace::Pace;
use crate::problem::{Objective, Problem};
use crate::schedule::{leg, terminal_location};
use crate::vehicle::{Terminal, Vehicle, VehicleId};
use routemate_units::Seconds;
use std::time::Duration;

/// The most visits whose orders are all tried: 109,601 orders for each kind of vehicle.
const MOST_VISITS: usize = 8;
/// The most orders that are tried altogether.
const MOST_ORDERS: u64 = 120_000;
/// What trying one takes, roughly.
const ORDER_NANOS: u64 = 2_000;

/// The best tours, one for each vehicle; `None` where there are too many ways to try them all in the time.
pub(super) fn best_tours<C: Costs>(problem: &Problem<'_, C>, pace: &Pace<'_>) -> Option<Vec<Vec<usize>>> {
    let count = problem.visits.len();
    if count > MOST_VISITS {
        return None;
    }
    let places = Places::of(problem);
    let kinds = kinds(problem, &places);
    let orders: u64 = (0..=count as u64).map(|taken| (0..taken).map(|at| count as u64 - at).product::<u64>()).sum();
    let orders = orders * kinds.iter().filter(|kind| kind.is_first).count() as u64;
    if orders > MOST_ORDERS || !pace.allows(Duration::from_nanos(2 * orders * ORDER_NANOS)) {
        return None;
    }
    let mut tables: Vec<Table> = Vec::new();
    for (index, kind) in kinds.iter().enumerate() {
        if kind.is_first {
            tables.push(Table::of(problem, &places, VehicleId::new(index), pace)?);
        }
    }
    let tables: Vec<&Table> = kinds.iter().map(|kind| &tables[kind.number]).collect();
    Some(share_out(problem, &tables))
}

/// Vehicles of one kind have the same best tours.
struct Kind {
    number: usize,
    is_first: bool,
}

fn kinds<C: Costs>(problem: &Problem<'_, C>, places: &Places) -> Vec<Kind> {
    let mut firsts: Vec<(VehicleId, &Vehicle)> = Vec::new();
    let mut kinds = Vec::with_capacity(problem.vehicles.len());
    for (index, vehicle) in problem.vehicles.iter().enumerate() {
        let id = VehicleId::new(index);
        let is_same = |&(other, known): &(VehicleId, &Vehicle)| {
            known == vehicle
                && problem.plan.is_none()
                && (0..problem.visits.len())
                    .all(|visit| places.may_serve(problem, id, visit) == places.may_serve(problem, other, visit))
        };
        let known = firsts.iter().position(is_same);
        kinds.push(Kind { number: known.unwrap_or(firsts.len()), is_first: known.is_none() });
        if known.is_none() {
            firsts.push((id, vehicle));
        }
    }
    kinds
}

/// How good a tour is; less is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    late: u64,
    cost: u64,
    /// Counts with the cost where balance does.
    span: u32,
    /// What breaks ties where there is one vehicle.
    ties: (u64, u64),
}

impl Rank {
    const NOTHING: Self = Self { late: 0, cost: 0, span: 0, ties: (0, 0) };

    fn dominates(&self, other: &Self) -> bool {
        self.span <= other.span && (self.late, self.cost, self.ties) <= (other.late, other.cost, other.ties)
    }

    const fn and(self, other: Self) -> Self {
        let ties = (self.ties.0 + other.ties.0, self.ties.1 + other.ties.1);
        let span = if self.span > other.span { self.span } else { other.span };
        Self { late: self.late + other.late, cost: self.cost + other.cost, span, ties }
    }
}

/// Per set of visits the best orders of one vehicle: one, or several where the longest tour costs.
struct Table {
    best: Vec<Vec<(Rank, Vec<usize>)>>,
}

impl Table {
    fn of<C: Costs>(problem: &Problem<'_, C>, places: &Places, id: VehicleId, pace: &Pace<'_>) -> Option<Self> {
        let vehicle = problem.vehicles.get(id.index())?;
        let count = problem.visits.len();
        let mut trial = Trial {
            problem,
            id,
            vehicle,
            allowed: (0..count).map(|visit| places.may_serve(problem, id, visit)).collect(),
            fixed: fixed_first(vehicle).map(|visit| visit.index()).collect(),
            table: Self { best: vec![Vec::new(); 1 << count] },
            order: Vec::with_capacity(count),
        };
        trial.table.best[0].push((Rank::NOTHING, Vec::new()));
        trial.go_on(0, vehicle.earliest_start(), pace)?;
        Some(trial.table)
    }

    fn keep(&mut self, set: usize, rank: Rank, order: &[usize]) {
        let known = &mut self.best[set];
        if known.iter().all(|(other, _)| !other.dominates(&rank)) {
            known.retain(|(other, _)| !rank.dominates(other));
            known.push((rank, order.to_vec()));
        }
    }
}

struct Trial<'p, 'c, C: Costs> {
    problem: &'p Problem<'c, C>,
    id: VehicleId,
    vehicle: &'p Vehicle,
    allowed: Vec<bool>,
    fixed: Vec<usize>,
    table: Table,
    order: Vec<usize>,
}

impl<C: Costs> Trial<'_, '_, C> {
    /// Tries every order that begins with the present one; `None` where the time ran out. `clock`: when it is left at the
    /// earliest, breaks aside.
    fn go_on(&mut self, set: usize, clock: Seconds, pace: &Pace<'_>) -> Option<()> {
        if pace.is_over() {
            return None;
        }
        for visit in (0..self.allowed.len()).filter(|visit| set >> visit & 1 == 0) {
            if !self.may_follow(visit) {
                continue;
            }
            self.order.push(visit);
            if let Some(clock) = self.leaves(visit, clock) {
                let set = set | 1 << visit;
                self.note(set);
                self.go_on(set, clock, pace)?;
            }
            self.order.pop();
        }
        Some(())
    }

    /// Whether what is fixed and what is shipped lets a visit come next.
    fn may_follow(&self, visit: usize) -> bool {
        let last = |visit: &usize| matches!(self.vehicle.end(), Terminal::Visit(end) if end.index() == *visit);
        let rank = |visit: usize| self.fixed.iter().position(|&fixed| fixed == visit);
        let comes_first = match rank(visit) {
            Some(own) => self.order.iter().all(|&before| rank(before).is_some_and(|before| before < own)),
            None => true,
        };
        let is_picked_up = self.problem.shipment_of(visit).is_none_or(|shipment| {
            shipment.pickup().index() == visit || self.order.contains(&shipment.pickup().index())
        });
        self.allowed[visit] && comes_first && is_picked_up && !self.order.last().is_some_and(last)
    }

    /// When the last visit of the order is left at the earliest; `None` where it is too late or too far already.
    fn leaves(&self, visit: usize, clock: Seconds) -> Option<Seconds> {
        let location = |visit: usize| self.problem.visits[visit].location();
        let from = match self.order.len().checked_sub(2) {
            Some(place) => Some(location(self.order[place])),
            None => terminal_location(self.vehicle.start()),
        };
        let (time, _) = leg(self.problem, from, Some(location(visit)))?;
        let visit = &self.problem.visits[visit];
        let arrival = clock.saturating_add(time);
        let open = visit.windows().iter().find(|window| arrival <= window.end);
        if open.is_none() && !visit.windows().is_empty() && visit.refuses_lateness() {
            return None;
        }
        if self.vehicle.max_visits().is_some_and(|most| self.order.len() > most) {
            return None;
        }
        let start = open.map_or(arrival, |window| arrival.max(window.start));
        let leaves = start.saturating_add(visit.service());
        self.vehicle.latest_finish().is_none_or(|latest| leaves <= latest).then_some(leaves)
    }

    /// Keeps the present order if it can be driven and is the best of its visits.
    fn note(&mut self, set: usize) {
        let is_whole = members(set).all(|visit| {
            let ends = self.problem.shipment_of(visit).map(|shipment| [shipment.pickup(), shipment.delivery()]);
            ends.into_iter().flatten().all(|end| set >> end.index() & 1 == 1)
        });
        if !is_whole {
            return;
        }
        if let Ok(drive) = drive(self.problem, self.id, &self.order) {
            let span = if self.problem.balance > 0 { drive.span } else { 0 };
            let rank = Rank { late: drive.late, cost: drive.cost, span, ties: self.ties(&drive) };
            self.table.keep(set, rank, &self.order);
        }
    }

    /// The other of time and distance, and the places of the important.
    fn ties(&self, drive: &Drive) -> (u64, u64) {
        if self.problem.vehicles.len() > 1 {
            return (0, 0);
        }
        let other = match self.problem.objective {
            Objective::Duration => drive.distance,
            Objective::Distance => drive.duration,
        };
        let importance = |visit: usize| u64::from(self.problem.visits[visit].importance());
        (other, self.order.iter().zip(1..).map(|(&visit, place)| importance(visit) * place).sum())
    }
}

/// Gives every visit to the vehicle, or to nobody, with which the whole is best.
fn share_out<C: Costs>(problem: &Problem<'_, C>, tables: &[&Table]) -> Vec<Vec<usize>> {
    let sets = 1_usize << problem.visits.len();
    // After each vehicle, per set that is served: ranks, and for each the tour of that vehicle and where it came from.
    let mut layers: Vec<Vec<Vec<Step>>> = Vec::with_capacity(tables.len());
    let mut before: Vec<Vec<Step>> = vec![Vec::new(); sets];
    before[0].push(Step { rank: Rank::NOTHING, own: (0, 0), parent: 0 });
    for table in tables {
        let mut after: Vec<Vec<Step>> = vec![Vec::new(); sets];
        for (served, steps) in before.iter().enumerate() {
            for (parent, step) in steps.iter().enumerate() {
                for own in subsets((sets - 1) & !served) {
                    for (number, (rank, _)) in table.best[own].iter().enumerate() {
                        let rank = step.rank.and(*rank);
                        let known = &mut after[served | own];
                        if known.iter().all(|other| !other.rank.dominates(&rank)) {
                            known.retain(|other| !rank.dominates(&other.rank));
                            known.push(Step { rank, own: (own, number), parent });
                        }
                    }
                }
            }
        }
        layers.push(std::mem::replace(&mut before, after));
    }
    let score = |set: usize, rank: &Rank| {
        let left_out = || members((sets - 1) & !set);
        let prize = |visit: usize| {
            let group = problem.shipment_of(visit).map(|goods| [goods.pickup().index(), goods.delivery().index()]);
            let is_optional = is_optional(problem, group.as_ref().map_or(&[visit], |group| &group[..]));
            is_optional.then(|| problem.visits[visit].prize().map_or(0, u64::from))
        };
        let missing: u64 = left_out()
            .filter(|&visit| prize(visit).is_none())
            .map(|visit| u64::from(problem.visits[visit].importance()))
            .sum();
        let prizes: u64 = left_out().filter_map(prize).sum();
        (missing, rank.late, rank.cost + prizes + balance_cost(problem, rank.span), rank.ties)
    };
    let all = before.iter().enumerate().flat_map(|(set, steps)| (0..steps.len()).map(move |at| (set, at)));
    let best = all.min_by_key(|&(set, at)| score(set, &before[set][at].rank));
    let mut orders = vec![Vec::new(); tables.len()];
    let Some((mut set, mut at)) = best else { return orders };
    let mut layer = &before;
    for (vehicle, table) in tables.iter().enumerate().rev() {
        let Step { own: (own, number), parent, .. } = layer[set][at];
        orders[vehicle].clone_from(&table.best[own][number].1);
        (set, at) = (set & !own, parent);
        layer = &layers[vehicle];
    }
    orders
}

#[derive(Clone)]
struct Step {
    rank: Rank,
    /// The visits of the last vehicle, and the number of its order.
    own: (usize, usize),
    parent: usize,
}

/// Every subset of a set, itself and the empty one included.
fn subsets(set: usize) -> impl Iterator<Item = usize> {
    let mut next = Some(set);
    std::iter::from_fn(move || {
        let own = next?;
        next = (own > 0).then(|| (own - 1) & set);
        Some(own)
    })
}
