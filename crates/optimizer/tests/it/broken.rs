//! A right answer for two vehicles, of which one thing at a time is broken: in the answer, or by asking for more.

use crate::answers::answer;
use crate::drawn::Fleet;
use crate::every_fleet::Every;
use routemate_optimizer::{
    Break, BreakTaken, CostTable, Objective, Plan, Solution, Terminal, Vehicle, VehicleId, Violation, Visit, VisitId,
    Window, check,
};
use routemate_units::{Meters, Seconds};

const fn seconds(value: u32) -> Seconds {
    Seconds::new(value)
}

const fn visit(index: usize) -> VisitId {
    VisitId::new(index)
}

const fn window(start: u32, end: u32) -> Window {
    Window::new(seconds(start), seconds(end))
}

const FIRST: VehicleId = VehicleId::new(0);
const SECOND: VehicleId = VehicleId::new(1);

/// Eight places along a road, 10 s apart.
fn road(is_open: impl Fn(usize, usize) -> bool) -> CostTable {
    CostTable::from_fn(8, |from, to| {
        let apart = from.abs_diff(to) as u32;
        is_open(from, to).then_some((seconds(10 * apart), Meters::new(100 * apart)))
    })
}

/// The first vehicle goes 0 → 4 in this order and rests after 20 s, the second 5 → 6; 7 is not worth its prize.
fn fleet() -> Fleet {
    let at = |place: usize| Visit::at(place).with_service(seconds(5));
    let depot = Terminal::Location(0);
    let vehicle = Vehicle::new().with_start(depot).with_end(depot).with_fixed_cost(10).with_capacity([9, 9]);
    let noon = Break::new(seconds(30), window(20, 60));
    Fleet {
        costs: road(|_, _| true),
        visits: vec![
            at(1).with_delivery([2]),
            at(2).with_pickup([0, 3]),
            at(3),
            at(4),
            at(5).with_window(window(200, 300)).with_lateness_refused(),
            at(1).with_skill(7),
            at(7).with_vehicle(SECOND).with_window(window(0, 50)),
            at(6).with_prize(1),
        ],
        vehicles: vec![vehicle.clone().with_break(noon).with_latest_start(seconds(0)), vehicle.with_skill(7)],
        shipments: vec![(visit(2), visit(3), vec![1])],
        objective: Objective::Duration,
        balance: 50,
        plan: Some(Plan::new([vec![visit(2), visit(0)], vec![visit(5)]]).with_change_cost(4)),
    }
}

fn right_answer(fleet: &Fleet) -> Solution {
    let problem = fleet.problem().expect("it is valid");
    let orders = [vec![0, 1, 2, 3, 4], vec![5, 6]];
    let (_, drives) = Every::of(&problem).rank(&orders).expect("it keeps all limits");
    let solution = answer(&problem, &drives);
    assert_eq!(check(&problem, &solution), Ok(()));
    solution
}

#[track_caller]
fn assert_found(fleet: &Fleet, solution: &Solution, is_expected: impl Fn(&Violation) -> bool) {
    let problem = fleet.problem().expect("it is valid");
    let violations = check(&problem, solution).expect_err("the broken answer passed");
    assert!(violations.iter().any(is_expected), "{violations:?}");
    assert!(violations.iter().all(|violation| !violation.to_string().is_empty()));
}

/// The answer is right until this is done to it.
#[track_caller]
fn assert_refused(corrupt: impl FnOnce(&mut Solution), is_expected: impl Fn(&Violation) -> bool) {
    let fleet = fleet();
    let mut solution = right_answer(&fleet);
    corrupt(&mut solution);
    assert_found(&fleet, &solution, is_expected);
}

/// The answer is right until the problem asks for this.
#[track_caller]
fn assert_too_little(demand: impl FnOnce(&mut Fleet), is_expected: impl Fn(&Violation) -> bool) {
    let mut fleet = fleet();
    let solution = right_answer(&fleet);
    demand(&mut fleet);
    assert_found(&fleet, &solution, is_expected);
}

/// The same with another first vehicle.
#[track_caller]
fn assert_exceeds(limit: impl FnOnce(Vehicle) -> Vehicle, is_expected: impl Fn(&Violation) -> bool) {
    assert_too_little(|it| it.vehicles[0] = limit(it.vehicles[0].clone()), is_expected);
}

#[test]
fn the_answer_is_what_it_is_meant_to_be() {
    let solution = right_answer(&fleet());
    assert_eq!(solution.tours[0].breaks.len(), 1);
    assert_eq!(solution.late.len(), 1);
    let cost = solution.cost;
    assert_eq!((cost.fixed, cost.changes, cost.prizes, cost.breaks), (20, 4, 1, seconds(30)));
    // Leaving at once, waiting for 200, serving and driving home.
    assert_eq!((solution.tours[0].finish, cost.balance), (seconds(255), 127));
    assert_eq!(cost.total, 100 + 140 + 20 + 4 + 1 + 127);
}

#[test]
fn tours_of_the_wrong_vehicles_are_found() {
    assert_refused(|it| it.tours.swap(0, 1), |it| matches!(it, Violation::ToursOutOfOrder { vehicle: FIRST }));
    assert_refused(|it| it.tours[1].vehicle = FIRST, |it| matches!(it, Violation::ToursOutOfOrder { .. }));
    assert_refused(|it| it.tours[1].vehicle = VehicleId::new(2), |it| matches!(it, Violation::UnknownVehicle { .. }));
    assert_refused(|it| it.tours[1].stops.clear(), |it| matches!(it, Violation::EmptyTour { vehicle: SECOND }));
}

#[test]
fn visits_that_are_lost_or_twice_are_found() {
    assert_refused(|it| it.unserved.clear(), |it| *it == Violation::Missing { visit: visit(7) });
    assert_refused(|it| it.unserved[0].visit = visit(3), |it| *it == Violation::ListedTwice { visit: visit(3) });
    assert_refused(|it| it.unserved[0].visit = visit(8), |it| *it == Violation::UnknownVisit { visit: visit(8) });
    assert_refused(
        |it| {
            let stop = it.tours[0].stops.remove(1);
            let mut entry = it.unserved[0];
            entry.visit = stop.visit;
            it.unserved.push(entry);
        },
        |it| *it == Violation::UnservedOutOfOrder,
    );
}

#[test]
fn what_is_fixed_and_stands_elsewhere_is_found() {
    let moved = |index| move |it: &Violation| *it == Violation::FixedVisitMoved { visit: visit(index) };
    assert_exceeds(|it| it.with_start(Terminal::Visit(visit(1))), moved(1));
    assert_exceeds(|it| it.with_end(Terminal::Visit(visit(0))), moved(0));
    assert_exceeds(|it| it.with_prefix([visit(0), visit(2)]), moved(2));
    // On the tour of another vehicle.
    assert_exceeds(|it| it.with_prefix([visit(5)]), moved(5));
    assert_exceeds(|it| it.with_end(Terminal::Visit(visit(5))), moved(5));
}

#[test]
fn a_vehicle_that_may_not_serve_a_visit_is_found() {
    let wrong = |index, vehicle| move |it: &Violation| *it == Violation::WrongVehicle { visit: visit(index), vehicle };
    assert_too_little(|it| it.visits[0] = it.visits[0].clone().with_skill(3), wrong(0, FIRST));
    assert_too_little(|it| it.visits[5] = it.visits[5].clone().with_skill(3), wrong(5, SECOND));
    assert_too_little(|it| it.visits[1] = it.visits[1].clone().with_vehicle(SECOND), wrong(1, FIRST));
}

#[test]
fn a_torn_shipment_is_found() {
    let shipment = |pickup, delivery| {
        assert_too_little(
            move |it| it.shipments = vec![(visit(pickup), visit(delivery), vec![1])],
            move |it| *it == Violation::ShipmentTorn { pickup: visit(pickup), delivery: visit(delivery) },
        );
    };
    shipment(3, 2);
    shipment(0, 6);
    shipment(7, 4);
    shipment(0, 7);
}

#[test]
fn loads_that_do_not_fit_are_found_at_their_moment() {
    let overload = |capacity: [u32; 2], dimension, after, load| {
        assert_exceeds(
            move |it| it.with_capacity(capacity),
            move |it| {
                let capacity = capacity[dimension];
                *it == Violation::Overload { vehicle: FIRST, after, dimension, load, capacity }
            },
        );
    };
    // Two delivered from the start, three picked up and kept, one shipped in between.
    overload([1, 9], 0, None, 2);
    overload([9, 2], 1, Some(visit(1)), 3);
    assert_too_little(
        |it| it.shipments[0].2 = vec![10],
        |it| matches!(it, Violation::Overload { after, load: 10, .. } if *after == Some(visit(2))),
    );
}

#[test]
fn limits_of_a_tour_are_kept() {
    assert_exceeds(
        |it| it.with_max_visits(4),
        |it| *it == Violation::TooManyVisits { vehicle: FIRST, visits: 5, most: 4 },
    );
    assert_exceeds(
        |it| it.with_max_distance(Meters::new(999)),
        |it| *it == Violation::TooFarDriven { vehicle: FIRST, distance: 1000, most: Meters::new(999) },
    );
    assert_exceeds(
        |it| it.with_max_duration(seconds(254)),
        |it| *it == Violation::TooLong { vehicle: FIRST, duration: seconds(255), most: seconds(254) },
    );
    assert_exceeds(
        |it| it.with_latest_finish(seconds(254)),
        |it| *it == Violation::FinishTooLate { vehicle: FIRST, finish: seconds(255), latest: seconds(254) },
    );
    assert_exceeds(
        |it| it.with_earliest_start(seconds(0)).with_latest_start(seconds(200)),
        |it| matches!(it, Violation::Departure { vehicle: FIRST, .. }),
    );
    assert_too_little(
        |it| it.costs = road(|from, to| (from, to) != (3, 4)),
        |it| *it == Violation::UnreachableLeg { from: 3, to: 4 },
    );
    assert_too_little(
        |it| it.visits[6] = it.visits[6].clone().with_lateness_refused(),
        |it| matches!(it, Violation::LateRefused { visit: late, .. } if *late == visit(6)),
    );
}

#[test]
fn breaks_that_are_missed_or_misplaced_are_found() {
    let of_first = |it: &Violation| matches!(it, Violation::BreaksOutOfOrder { vehicle: FIRST });
    assert_refused(|it| it.tours[0].breaks.clear(), |it| *it == Violation::BreakMissed { vehicle: FIRST, number: 0 });
    assert_refused(|it| it.tours[0].breaks[0].number = 1, of_first);
    assert_refused(|it| it.tours[0].breaks[0].before = 6, of_first);
    assert_refused(
        |it| {
            let taken = it.tours[0].breaks[0];
            it.tours[0].breaks.push(taken);
        },
        of_first,
    );
    assert_refused(
        |it| it.tours[1].breaks.push(BreakTaken::new(0, 0, seconds(0))),
        |it| matches!(it, Violation::BreaksOutOfOrder { vehicle: SECOND }),
    );
    assert_refused(
        |it| it.tours[0].breaks[0].start = seconds(19),
        |it| matches!(it, Violation::BreakStart { vehicle: FIRST, number: 0, stated, .. } if *stated == seconds(19)),
    );
    assert_refused(
        |it| it.tours[0].breaks[0].before = 5,
        |it| matches!(it, Violation::BreakOutsideWindow { vehicle: FIRST, number: 0, .. }),
    );
    assert_exceeds(
        |it| it.with_break(Break::new(seconds(1), window(70, 90))),
        |it| *it == Violation::BreakMissed { vehicle: FIRST, number: 1 },
    );
}

#[test]
fn wrong_times_are_found() {
    let schedule = |it: &Violation| matches!(it, Violation::Schedule { .. });
    let second = seconds(1);
    assert_refused(|it| it.tours[0].stops[2].arrival = second, schedule);
    assert_refused(|it| it.tours[0].stops[4].wait = second, schedule);
    assert_refused(|it| it.tours[1].stops[0].start = second, schedule);
    assert_refused(|it| it.tours[1].stops[1].departure = second, schedule);
    assert_refused(|it| it.tours[1].finish = second, |it| matches!(it, Violation::Finish { vehicle: SECOND, .. }));
    assert_refused(
        |it| it.tours[1].departure = second,
        |it| matches!(it, Violation::Departure { vehicle: SECOND, .. }),
    );
    for stop in 0..5 {
        let slack = |it: &Violation| matches!(it, Violation::Slack { .. });
        assert_refused(move |it| it.tours[0].stops[stop].slack = None, slack);
        assert_refused(
            move |it| {
                let slack = &mut it.tours[0].stops[stop].slack;
                *slack = slack.map(|slack| slack.saturating_add(seconds(1)));
            },
            slack,
        );
    }
}

#[test]
fn every_part_of_a_cost_is_looked_at() {
    type Change = fn(&mut routemate_optimizer::Cost);
    let changes: [Change; 11] = [
        |it| it.duration = seconds(1),
        |it| it.distance = Meters::new(1),
        |it| it.waiting = seconds(1),
        |it| it.service = seconds(1),
        |it| it.lateness = seconds(1),
        |it| it.breaks = seconds(1),
        |it| it.fixed += 1,
        |it| it.changes += 1,
        |it| it.prizes += 1,
        |it| it.balance += 1,
        |it| it.total += 1,
    ];
    for change in changes {
        assert_refused(|it| change(&mut it.cost), |it| matches!(it, Violation::Cost { vehicle: None, .. }));
        assert_refused(
            |it| change(&mut it.tours[0].cost),
            |it| matches!(it, Violation::Cost { vehicle: Some(FIRST), .. }),
        );
    }
}

#[test]
fn a_bound_above_the_total_is_found() {
    let bound = |it: &Violation| matches!(it, Violation::Bound { .. });
    assert_refused(|it| it.bound = Some(it.cost.total + 1), bound);
    assert_refused(|it| it.proven_optimal = true, bound);
    assert_refused(|it| (it.bound, it.proven_optimal) = (Some(it.cost.total - 1), true), bound);
}

#[test]
fn hidden_lateness_is_found() {
    let late = |it: &Violation| matches!(it, Violation::Late { .. });
    assert_refused(|it| it.late.clear(), late);
    assert_refused(|it| it.late[0].by = seconds(1), late);
    assert_refused(|it| it.late[0].visit = visit(5), late);
}
