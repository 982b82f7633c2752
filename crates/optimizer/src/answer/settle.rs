//! The last steps: what is left out goes wherever it fits, and late visits move where that lessens the lateness.

use crate::answer::drive::{Drive, drive, is_optional};
use crate::answer::places::Places;
use crate::answer::{Tours, reasons};
use crate::costs::Costs;
use crate::pace::Pace;
use crate::problem::Problem;
use crate::vehicle::{Vehicle, VehicleId};

/// Makes small changes as long as they better the tours; `false` where the time ran out before no more helped.
pub(super) fn settle<C: Costs>(problem: &Problem<'_, C>, places: &Places, tours: &mut Tours, pace: &Pace<'_>) -> bool {
    loop {
        let Some(has_inserted) = insert_left_out(problem, places, tours, pace) else {
            return false;
        };
        let Some(has_moved) = move_late(problem, places, tours, pace) else {
            return false;
        };
        if !has_inserted && !has_moved {
            return true;
        }
    }
}

/// Whether no small change betters the tours.
pub(super) fn is_settled<C: Costs>(problem: &Problem<'_, C>, places: &Places, tours: &Tours, pace: &Pace<'_>) -> bool {
    let mut tried = tours.clone();
    insert_left_out(problem, places, &mut tried, pace) == Some(false)
        && move_late(problem, places, &mut tried, pace) == Some(false)
}

/// A tour with something put in or taken elsewhere.
struct Change {
    vehicle: usize,
    order: Vec<usize>,
    drive: Drive,
}

/// The groups that are left out: single visits, and shipments with both their visits.
pub(super) fn groups<C: Costs>(problem: &Problem<'_, C>, left_out: &[usize]) -> Vec<Vec<usize>> {
    left_out
        .iter()
        .filter_map(|&visit| match problem.shipment_of(visit) {
            None => Some(vec![visit]),
            Some(shipment) if shipment.pickup().index() == visit => Some(vec![visit, shipment.delivery().index()]),
            Some(_) => None,
        })
        .collect()
}

fn insert_left_out<C: Costs>(
    problem: &Problem<'_, C>,
    places: &Places,
    tours: &mut Tours,
    pace: &Pace<'_>,
) -> Option<bool> {
    let mut groups = groups(problem, &tours.left_out(problem));
    let importance = |group: &Vec<usize>| -> u32 {
        group.iter().filter_map(|&visit| problem.visits.get(visit)).map(|visit| u32::from(visit.importance())).sum()
    };
    groups.sort_by_key(|group| (is_optional(problem, group), std::cmp::Reverse(importance(group))));
    let mut has_inserted = false;
    for group in groups {
        if let Some(change) = best_insertion(problem, places, tours, &group, pace)? {
            tours.replace(change.vehicle, change.order, change.drive);
            has_inserted = true;
        }
    }
    Some(has_inserted)
}

/// The best place of a group that is left out; for an optional one only if that is better than leaving it out.
fn best_insertion<C: Costs>(
    problem: &Problem<'_, C>,
    places: &Places,
    tours: &Tours,
    group: &[usize],
    pace: &Pace<'_>,
) -> Option<Option<Change>> {
    let prize = is_optional(problem, group).then(|| reasons::prize(problem, group));
    let before = tours.cost_with(problem, usize::MAX, Drive::default());
    let mut best: Option<((u64, u64), Change)> = None;
    let mut empty: Vec<&Vehicle> = Vec::new();
    for id in places.vehicles(problem, group) {
        let order = tours.order(id.index());
        if order.is_empty() && problem.plan.is_none() {
            let Some(vehicle) = problem.vehicles.get(id.index()) else { continue };
            if empty.contains(&vehicle) {
                continue;
            }
            empty.push(vehicle);
        }
        let late_before = tours.drive(id.index()).late;
        for candidate in Places::orders_with(problem, id, order, group) {
            if pace.is_over() {
                return None;
            }
            let Ok(drive) = drive(problem, id, &candidate) else { continue };
            let late = tours.lateness() - late_before + drive.late;
            let score = (late, tours.cost_with(problem, id.index(), drive));
            let is_worth_it = prize.is_none_or(|prize| score < (tours.lateness(), before.saturating_add(prize)));
            if is_worth_it && best.as_ref().is_none_or(|(known, _)| score < *known) {
                best = Some((score, Change { vehicle: id.index(), order: candidate, drive }));
            }
        }
    }
    Some(best.map(|(_, change)| change))
}

/// Moves single late visits as long as that lessens the lateness.
fn move_late<C: Costs>(problem: &Problem<'_, C>, places: &Places, tours: &mut Tours, pace: &Pace<'_>) -> Option<bool> {
    let mut has_moved = false;
    'again: loop {
        if tours.lateness() == 0 {
            return Some(has_moved);
        }
        for vehicle in 0..tours.orders.len() {
            if tours.drive(vehicle).late == 0 {
                continue;
            }
            for visit in reasons::late_in(problem, VehicleId::new(vehicle), tours.order(vehicle)) {
                if let Some(changes) = move_with_less_lateness(problem, places, tours, vehicle, visit, pace)? {
                    for change in changes {
                        tours.replace(change.vehicle, change.order, change.drive);
                    }
                    has_moved = true;
                    continue 'again;
                }
            }
        }
        return Some(has_moved);
    }
}

/// The move of a late visit that leaves the least lateness, if that is less than now.
fn move_with_less_lateness<C: Costs>(
    problem: &Problem<'_, C>,
    places: &Places,
    tours: &Tours,
    from: usize,
    visit: usize,
    pace: &Pace<'_>,
) -> Option<Option<Vec<Change>>> {
    let rest: Vec<usize> = tours.order(from).iter().copied().filter(|&other| other != visit).collect();
    let total = tours.lateness();
    let others = |vehicle: usize| total - tours.drive(vehicle).late;
    let mut least = total;
    let mut best: Option<Vec<Change>> = None;
    for candidate in Places::orders_with(problem, VehicleId::new(from), &rest, &[visit]) {
        if pace.is_over() {
            return None;
        }
        if !problem.keeps_shipments(&candidate) {
            continue;
        }
        if let Ok(drive) = drive(problem, VehicleId::new(from), &candidate)
            && others(from) + drive.late < least
        {
            least = others(from) + drive.late;
            best = Some(vec![Change { vehicle: from, order: candidate, drive }]);
        }
    }
    // The other end of a shipment would stay behind.
    if problem.shipment_of(visit).is_some() {
        return Some(best);
    }
    let Ok(without) = drive(problem, VehicleId::new(from), &rest) else {
        return Some(best);
    };
    for id in places.vehicles(problem, &[visit]).filter(|id| id.index() != from) {
        for candidate in Places::orders_with(problem, id, tours.order(id.index()), &[visit]) {
            if pace.is_over() {
                return None;
            }
            let Ok(drive) = drive(problem, id, &candidate) else { continue };
            let late = others(from) - tours.drive(id.index()).late + without.late + drive.late;
            if late < least {
                least = late;
                best = Some(vec![
                    Change { vehicle: from, order: rest.clone(), drive: without },
                    Change { vehicle: id.index(), order: candidate, drive },
                ]);
            }
        }
    }
    Some(best)
}
