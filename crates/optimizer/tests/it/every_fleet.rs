//! Every way of serving some visits by some vehicles: the truth for up to six visits.

use crate::simulated::{Day, Taken, Trip};
use routemate_optimizer::{Costs, Objective, Problem, Terminal, VehicleId, VisitId};
use std::collections::BTreeMap;

/// Mandatory importance left out, weighted lateness, total: less is better, in this order.
pub(crate) type Rank = (u64, u64, u64);

/// A vehicle's tour with its best day.
#[derive(Debug, Clone)]
pub(crate) struct Drive {
    pub(crate) vehicle: usize,
    pub(crate) order: Vec<usize>,
    pub(crate) day: Day,
    pub(crate) taken: Vec<Taken>,
    pub(crate) duration: u64,
    pub(crate) distance: u64,
    pub(crate) changes: u64,
    pub(crate) driven: u64,
}

/// All drives that keep every limit, looked up by vehicle and order.
pub(crate) struct Every<'p, 'c, C: Costs> {
    problem: &'p Problem<'c, C>,
    known: BTreeMap<(usize, Vec<usize>), Option<Drive>>,
}

impl<'p, 'c, C: Costs> Every<'p, 'c, C> {
    pub(crate) const fn of(problem: &'p Problem<'c, C>) -> Self {
        Self { problem, known: BTreeMap::new() }
    }

    /// The best tours and their rank.
    pub(crate) fn best(&mut self) -> (Rank, Vec<Drive>) {
        let mut orders = vec![Vec::new(); self.problem.vehicles().len()];
        let mut best = None;
        self.extend(0, &mut orders, &mut best);
        best.expect("leaving everybody out breaks no limit")
    }

    fn extend(&mut self, visit: usize, orders: &mut Vec<Vec<usize>>, best: &mut Option<(Rank, Vec<Drive>)>) {
        if visit == self.problem.visits().len() {
            if let Some((rank, drives)) = self.rank(orders)
                && best.as_ref().is_none_or(|(known, _)| rank < *known)
            {
                *best = Some((rank, drives));
            }
            return;
        }
        self.extend(visit + 1, orders, best);
        for vehicle in 0..orders.len() {
            for place in 0..=orders[vehicle].len() {
                orders[vehicle].insert(place, visit);
                self.extend(visit + 1, orders, best);
                orders[vehicle].remove(place);
            }
        }
    }

    /// `None` where a limit is broken.
    pub(crate) fn rank(&mut self, orders: &[Vec<usize>]) -> Option<(Rank, Vec<Drive>)> {
        let mut drives = Vec::new();
        for (vehicle, order) in orders.iter().enumerate().filter(|(_, order)| !order.is_empty()) {
            if !self.keeps_fixed(vehicle, order, orders) {
                return None;
            }
            drives.push(self.drive(vehicle, order)?);
        }
        let problem = self.problem;
        let (mut left_out, mut total) = (0, 0);
        for (index, visit) in problem.visits().iter().enumerate() {
            if orders.iter().flatten().any(|&served| served == index) {
                continue;
            }
            let partner = problem.shipments().iter().find_map(|shipment| {
                let ends = (shipment.pickup().index(), shipment.delivery().index());
                (ends.0 == index).then_some(ends.1).or((ends.1 == index).then_some(ends.0))
            });
            total += visit.prize().map_or(0, u64::from);
            if visit.prize().or(partner.and_then(|partner| problem.visits()[partner].prize())).is_none() {
                left_out += u64::from(visit.importance());
            }
        }
        let longest = drives.iter().map(|drive| drive.day.finish - drive.day.departure).max().unwrap_or(0);
        total += u64::from(problem.balance()) * longest / 100;
        for drive in &drives {
            total += drive.driven + drive.changes + u64::from(problem.vehicles()[drive.vehicle].fixed_cost());
        }
        Some(((left_out, drives.iter().map(|drive| drive.day.weighted_lateness).sum(), total), drives))
    }

    /// Ends, prefixes, locks, skills and shipments. A fixed visit that is left out fixes nothing.
    fn keeps_fixed(&self, vehicle: usize, order: &[usize], orders: &[Vec<usize>]) -> bool {
        let problem = self.problem;
        let is_served = |visit: usize| orders.iter().flatten().any(|&served| served == visit);
        let may_serve = |&visit: &usize| {
            let visit = &problem.visits()[visit];
            visit.vehicle().is_none_or(|locked| locked.index() == vehicle)
                && visit.skills().iter().all(|skill| problem.vehicles()[vehicle].skills().contains(skill))
        };
        let is_at_home = problem.vehicles().iter().enumerate().all(|(other, what)| {
            let mut first = Vec::new();
            if let Terminal::Visit(start) = what.start() {
                first.push(start.index());
            }
            first.extend(what.prefix().iter().map(|visit| visit.index()));
            first.dedup();
            first.retain(|&visit| is_served(visit));
            let last = match what.end() {
                Terminal::Visit(end) => Some(end.index()).filter(|&end| is_served(end)),
                _ => None,
            };
            if other == vehicle {
                order.starts_with(&first) && last.is_none_or(|last| order.ends_with(&[last]))
            } else {
                !order.iter().any(|visit| first.contains(visit) || last == Some(*visit))
            }
        });
        let place = |visit: VisitId| order.iter().position(|&other| other == visit.index());
        let are_shipments_whole =
            problem.shipments().iter().all(|shipment| match (place(shipment.pickup()), place(shipment.delivery())) {
                (None, None) => true,
                (Some(first), Some(second)) => first < second,
                _ => false,
            });
        order.iter().all(may_serve) && is_at_home && are_shipments_whole
    }

    fn drive(&mut self, vehicle: usize, order: &[usize]) -> Option<Drive> {
        let problem = self.problem;
        let key = (vehicle, order.to_vec());
        self.known.entry(key).or_insert_with(|| drive(problem, vehicle, order)).clone()
    }
}

fn drive<C: Costs>(problem: &Problem<'_, C>, vehicle: usize, order: &[usize]) -> Option<Drive> {
    let trip = Trip::of(problem, vehicle, order)?;
    let what = trip.vehicle;
    let shipped = |place: usize, dimension: usize| {
        let amount = |shipment: &routemate_optimizer::Shipment| {
            shipment.amounts().get(dimension).map_or(0, |&amount| u64::from(amount))
        };
        let here = order[place];
        let of = |is_end: &dyn Fn(&routemate_optimizer::Shipment) -> bool| {
            problem.shipments().iter().filter(|shipment| is_end(shipment)).map(amount).sum::<u64>()
        };
        (of(&|shipment| shipment.pickup().index() == here), of(&|shipment| shipment.delivery().index() == here))
    };
    let is_short = what.max_visits().is_none_or(|most| order.len() <= most)
        && what.max_distance().is_none_or(|most| trip.distance <= most.get().into());
    if !is_short || !trip.fits(shipped) {
        return None;
    }
    let (day, taken) = trip.best_day()?;
    let driven = trip.driven(problem.objective() == Objective::Duration);
    let changes = changes(problem, vehicle, order);
    let (duration, distance) = (trip.times.iter().sum(), trip.distance);
    Some(Drive { vehicle, order: order.to_vec(), day, taken, duration, distance, changes, driven })
}

/// What is driven between two visits of the plan, or from a start to one of them, in another way than planned.
fn changes<C: Costs>(problem: &Problem<'_, C>, vehicle: usize, order: &[usize]) -> u64 {
    let Some(plan) = problem.plan_in_force() else { return 0 };
    let is_planned = |visit: usize| plan.tours().iter().flatten().any(|planned| planned.index() == visit);
    let mut changed = 0;
    for (place, &visit) in order.iter().enumerate().filter(|&(_, &visit)| is_planned(visit)) {
        let is_kept = match place.checked_sub(1).map(|before| order[before]) {
            None => plan.tours().get(vehicle).and_then(|tour| tour.first()) == Some(&VisitId::new(visit)),
            Some(before) if !is_planned(before) => true,
            Some(before) => plan
                .tours()
                .iter()
                .any(|tour| tour.windows(2).any(|pair| pair == [VisitId::new(before), VisitId::new(visit)])),
        };
        changed += u64::from(!is_kept) * u64::from(plan.each_change());
    }
    changed
}

impl Drive {
    pub(crate) const fn id(&self) -> VehicleId {
        VehicleId::new(self.vehicle)
    }
}
