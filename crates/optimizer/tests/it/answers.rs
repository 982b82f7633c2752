//! Answers written by hand, to be judged.

use crate::every_fleet::Drive;
use crate::simulated::Trip;
use routemate_optimizer::{
    BreakTaken, Budget, Cost, CostTable, Costs, LateReason, Problem, ProblemBuilder, Solution, UnservedReason, Vehicle,
    Visit, VisitId, Window, solve,
};
use routemate_units::{Meters, Seconds};

/// An answer with one tour of one late stop and one unserved visit: what others are made of.
fn template() -> Solution {
    let costs = CostTable::from_fn(2, |from, to| (from == to).then_some((Seconds::ZERO, Meters::ZERO)));
    let mut builder = ProblemBuilder::new(&costs);
    builder.visit(Visit::at(0).with_window(Window::new(Seconds::ZERO, Seconds::ZERO)).with_importance(2));
    builder.visit(Visit::at(1));
    builder.vehicle(Vehicle::new().with_earliest_start(Seconds::new(1)));
    let problem = builder.build().expect("it is valid");
    let solution = solve(&problem, &Budget::of_iterations(10), 1);
    assert_eq!((solution.tours.len(), solution.late.len(), solution.unserved.len()), (1, 1, 1));
    solution
}

fn seconds(value: u64) -> Seconds {
    Seconds::new(u32::try_from(value).expect("times are small"))
}

/// The answer that these drives are; no reason is established.
pub(crate) fn answer<C: Costs>(problem: &Problem<'_, C>, drives: &[Drive]) -> Solution {
    let template = template();
    let mut solution = template.clone();
    solution.tours.clear();
    solution.late.clear();
    solution.unserved.clear();
    let mut sum = Cost::default();
    let mut longest = 0;
    for drive in drives {
        let trip = Trip::of(problem, drive.vehicle, &drive.order).expect("it can be driven");
        let mut tour = template.tours[0].clone();
        let stop = tour.stops[0];
        tour.vehicle = drive.id();
        tour.stops.clear();
        let mut cost = Cost::default();
        for (place, (&visit, &[arrival, start, departure, late])) in
            drive.order.iter().zip(&drive.day.stops).enumerate()
        {
            let mut stop = stop;
            stop.visit = VisitId::new(visit);
            stop.arrival = seconds(arrival);
            stop.wait = seconds(start - arrival);
            stop.start = seconds(start);
            stop.departure = seconds(departure);
            stop.slack = trip.slack(&drive.day, &drive.taken, place).map(seconds);
            tour.stops.push(stop);
            cost.service = cost.service.saturating_add(seconds(departure - start));
            cost.lateness = cost.lateness.saturating_add(seconds(late));
            if late > 0 {
                let mut entry = template.late[0];
                entry.visit = stop.visit;
                entry.by = seconds(late);
                entry.reason = LateReason::SearchStopped;
                solution.late.push(entry);
            }
        }
        tour.departure = seconds(drive.day.departure);
        tour.finish = seconds(drive.day.finish);
        tour.breaks = drive
            .day
            .breaks
            .iter()
            .map(|&(number, before, start)| BreakTaken::new(number, before, seconds(start)))
            .collect();
        cost.breaks = tour.breaks.iter().map(|taken| trip.vehicle.breaks()[taken.number].duration).sum();
        cost.duration = seconds(drive.duration);
        cost.distance = Meters::new(drive.distance as u32);
        let busy = drive.duration + u64::from(cost.service.get()) + u64::from(cost.breaks.get());
        cost.waiting = seconds(drive.day.finish - drive.day.departure - busy);
        cost.fixed = trip.vehicle.fixed_cost().into();
        cost.changes = drive.changes;
        cost.total = drive.driven + cost.fixed + cost.changes;
        tour.cost = cost;
        sum.duration = sum.duration.saturating_add(cost.duration);
        sum.distance = sum.distance.saturating_add(cost.distance);
        sum.waiting = sum.waiting.saturating_add(cost.waiting);
        sum.service = sum.service.saturating_add(cost.service);
        sum.lateness = sum.lateness.saturating_add(cost.lateness);
        sum.breaks = sum.breaks.saturating_add(cost.breaks);
        sum.fixed += cost.fixed;
        sum.changes += cost.changes;
        sum.total += cost.total;
        longest = longest.max(drive.day.finish - drive.day.departure);
        solution.tours.push(tour);
    }
    for (index, visit) in problem.visits().iter().enumerate() {
        if !drives.iter().any(|drive| drive.order.contains(&index)) {
            let mut entry = template.unserved[0];
            entry.visit = VisitId::new(index);
            entry.reason = UnservedReason::SearchStopped;
            solution.unserved.push(entry);
            sum.prizes += visit.prize().map_or(0, u64::from);
        }
    }
    sum.balance = u64::from(problem.balance()) * longest / 100;
    sum.total += sum.prizes + sum.balance;
    solution.cost = sum;
    solution.bound = None;
    solution.proven_optimal = false;
    solution
}
