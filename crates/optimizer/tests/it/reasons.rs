//! Why visits are late or left out: the reason that holds is accepted, all others are refused.

use crate::answers::answer;
use crate::every_fleet::Every;
use routemate_optimizer::{
    Break, CostTable, LateReason, Limit, Problem, ProblemBuilder, Solution, Terminal, UnservedReason, Vehicle,
    VehicleId, Violation, Visit, VisitId, Window, check,
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

/// Places along a road, 10 s and 100 m apart; the last is an island.
fn road() -> CostTable {
    CostTable::from_fn(8, |from, to| {
        let apart = from.abs_diff(to) as u32;
        (from == to || from.max(to) < 7).then_some((seconds(10 * apart), Meters::new(100 * apart)))
    })
}

fn at(place: usize) -> Visit {
    Visit::at(place).with_service(seconds(10))
}

/// A vehicle that begins at place 0 at once.
fn van() -> Vehicle {
    Vehicle::new().with_start(Terminal::Location(0)).with_latest_start(seconds(0))
}

const LIMITS: [Limit; 5] = [Limit::Capacity, Limit::Visits, Limit::Distance, Limit::Window, Limit::Shift];

fn all_reasons() -> Vec<UnservedReason> {
    let mut reasons = vec![UnservedReason::Skill, UnservedReason::Unreachable, UnservedReason::PrizeTooSmall];
    reasons.extend(LIMITS.map(UnservedReason::Impossible));
    reasons.extend(LIMITS.map(UnservedReason::OthersFirst));
    reasons
}

/// The problem with its right answer of these tours.
fn with_answer<T>(
    visits: &[Visit],
    vehicles: &[Vehicle],
    add: impl FnOnce(&mut ProblemBuilder<'_, CostTable>),
    orders: &[Vec<usize>],
    judge: impl FnOnce(&Problem<'_, CostTable>, Solution) -> T,
) -> T {
    let costs = road();
    let mut builder = ProblemBuilder::new(&costs);
    visits.iter().for_each(|visit| _ = builder.visit(visit.clone()));
    vehicles.iter().for_each(|vehicle| _ = builder.vehicle(vehicle.clone()));
    add(&mut builder);
    let problem = builder.build().expect("it is valid");
    let (_, drives) = Every::of(&problem).rank(orders).expect("the tours keep all limits");
    let solution = answer(&problem, &drives);
    assert_eq!(check(&problem, &solution), Ok(()));
    judge(&problem, solution)
}

/// Everybody who is left out is so for this reason and no other; `None` where every reason would be a lie.
#[track_caller]
fn assert_only(
    visits: &[Visit],
    vehicles: &[Vehicle],
    add: impl FnOnce(&mut ProblemBuilder<'_, CostTable>),
    orders: &[Vec<usize>],
    expected: Option<UnservedReason>,
) {
    let accepted = with_answer(visits, vehicles, add, orders, |problem, solution| {
        let mut reasons = all_reasons();
        reasons.retain(|&reason| {
            let mut solution = solution.clone();
            solution.unserved.iter_mut().for_each(|entry| entry.reason = reason);
            check(problem, &solution).is_ok()
        });
        reasons
    });
    assert_eq!(accepted, Vec::from_iter(expected));
}

/// The second of two visits is left out of a vehicle's tour.
#[track_caller]
fn assert_second(visits: [Visit; 2], vehicle: Vehicle, expected: Option<UnservedReason>) {
    assert_only(&visits, &[vehicle], |_| {}, &[vec![0]], expected);
}

#[test]
fn who_fits_has_no_reason() {
    assert_second([at(1), at(2)], van(), None);
}

#[test]
fn no_vehicle_may_serve_it() {
    let skill = Some(UnservedReason::Skill);
    assert_second([at(1), at(2).with_skill(1)], van().with_skill(2), skill);
    let locked = [at(1), at(2).with_skill(1).with_vehicle(VehicleId::new(0))];
    assert_only(&locked, &[van(), van().with_skill(1)], |_| {}, &[vec![0], vec![]], skill);
    // The ends of a shipment that no vehicle may serve both.
    let halves = [at(1).with_vehicle(VehicleId::new(0)), at(2).with_vehicle(VehicleId::new(1))];
    let ship = |it: &mut ProblemBuilder<'_, CostTable>| _ = it.shipment(visit(0), visit(1), [1]);
    assert_only(&halves, &[van(), van()], ship, &[vec![], vec![]], skill);
}

#[test]
fn nobody_gets_there() {
    assert_second([at(1), at(7)], van(), Some(UnservedReason::Unreachable));
    // Another vehicle begins there.
    let islander = Vehicle::new().with_start(Terminal::Location(7));
    assert_only(&[at(1), at(7)], &[van(), islander], |_| {}, &[vec![0], vec![]], None);
}

#[test]
fn limits_that_others_use_up_and_limits_that_are_too_tight_anyway() {
    let load = |amount: u32| at(1).with_delivery([amount]);
    let far = at(5);
    let early = |place: usize, end: u32| at(place).with_window(window(0, end)).with_lateness_refused();
    let noon = Break::new(seconds(30), window(0, 15));
    for (visits, vehicle, limit) in [
        ([load(3), load(4)], van().with_capacity([6]), Limit::Capacity),
        ([load(0), at(1)], van().with_max_visits(1), Limit::Visits),
        ([early(1, 10), early(1, 10)], van(), Limit::Window),
        ([at(1), far.clone()], van().with_latest_finish(seconds(65)), Limit::Shift),
        ([at(1), far.clone()], van().with_max_duration(seconds(65)), Limit::Shift),
        // The break must begin before it is too late, and delays everybody.
        ([early(1, 40), early(1, 40)], van().with_break(noon), Limit::Shift),
    ] {
        assert_second(visits, vehicle, Some(UnservedReason::OthersFirst(limit)));
    }
    for (impossible, vehicle, limit) in [
        (load(7), van().with_capacity([6]), Limit::Capacity),
        (at(1), van().with_max_visits(0), Limit::Visits),
        (far.clone(), van().with_max_distance(Meters::new(499)), Limit::Distance),
        (early(5, 49), van(), Limit::Window),
        (far.clone(), van().with_latest_finish(seconds(59)), Limit::Shift),
        (far, van().with_max_duration(seconds(59)), Limit::Shift),
        (early(1, 30), van().with_break(noon), Limit::Shift),
    ] {
        let reason = Some(UnservedReason::Impossible(limit));
        assert_only(&[impossible], &[vehicle], |_| {}, &[vec![]], reason);
    }
}

#[test]
fn distance_that_others_use_up() {
    let both_ways = van().with_end(Terminal::Location(0)).with_max_distance(Meters::new(1_199));
    let round = [at(2), at(6)];
    assert_second(round, both_ways, Some(UnservedReason::Impossible(Limit::Distance)));
    let from_between = Vehicle::new().with_start(Terminal::Location(3)).with_max_distance(Meters::new(500));
    assert_second([at(1), at(6)], from_between, Some(UnservedReason::OthersFirst(Limit::Distance)));
}

#[test]
fn the_limit_that_rules_out_the_last_place_is_named() {
    // Too heavy for the first vehicle, too far for the second.
    let visits = [at(5).with_delivery([2])];
    let vehicles = [van().with_capacity([1]), van().with_max_distance(Meters::new(10))];
    let distance = Some(UnservedReason::Impossible(Limit::Distance));
    assert_only(&visits, &vehicles, |_| {}, &[vec![], vec![]], distance);
    // In the tours as they are there is no room at all; alone it could be there, but not in time.
    let visits = [at(1), at(5).with_window(window(0, 10)).with_lateness_refused()];
    let window = Some(UnservedReason::Impossible(Limit::Window));
    assert_only(&visits, &[van().with_max_visits(1)], |_| {}, &[vec![0]], window);
}

#[test]
fn what_is_fixed_stays_when_tours_are_emptied() {
    let visits = [at(1).with_delivery([3]), at(2).with_delivery([3]), at(3).with_delivery([3])];
    let vehicle = || van().with_capacity([6]);
    let others = Some(UnservedReason::OthersFirst(Limit::Capacity));
    assert_only(&visits, &[vehicle()], |_| {}, &[vec![0, 1]], others);
    let promised = vehicle().with_prefix([visit(0), visit(1)]);
    let impossible = Some(UnservedReason::Impossible(Limit::Capacity));
    assert_only(&visits, &[promised], |_| {}, &[vec![0, 1]], impossible);
}

#[test]
fn a_prize_is_too_small_or_worth_it() {
    let small = Some(UnservedReason::PrizeTooSmall);
    let there_and_back = || van().with_end(Terminal::Location(0));
    assert_second([at(1), at(2).with_prize(20)], there_and_back(), small);
    assert_second([at(1), at(2).with_prize(21)], there_and_back(), None);
    // Worth it but for the fixed cost of a second vehicle.
    let visits = [at(1), at(2).with_prize(29)];
    let full = there_and_back().with_max_visits(1);
    let second = |cost: u32| Vehicle::new().with_start(Terminal::Location(0)).with_fixed_cost(cost);
    assert_only(&visits, &[full.clone(), second(9)], |_| {}, &[vec![0], vec![]], small);
    assert_only(&visits, &[full, second(8)], |_| {}, &[vec![0], vec![]], None);
    // Or but for somebody who would be later.
    let hurried = at(3).with_window(window(0, 30));
    assert_second([hurried, at(0).with_prize(1_000).with_window(window(0, 0))], van(), small);
    // One that fits nowhere has other reasons.
    let limit = Some(UnservedReason::OthersFirst(Limit::Visits));
    assert_second([at(1), at(2).with_prize(1)], van().with_max_visits(1), limit);
}

#[test]
fn a_prize_pays_for_the_longer_day_too() {
    let visits = [at(1), at(2).with_prize(39)];
    let weigh = |it: &mut ProblemBuilder<'_, CostTable>| _ = it.balance(50);
    // 10 s farther, and 20 s longer.
    assert_only(&visits, &[van()], weigh, &[vec![0]], None);
    let visits = [at(1), at(2).with_prize(19)];
    assert_only(&visits, &[van()], weigh, &[vec![0]], Some(UnservedReason::PrizeTooSmall));
}

#[test]
fn shipments_are_left_out_as_a_whole() {
    let visits = [at(1), at(2), at(3)];
    let ship =
        |amount: u32| move |it: &mut ProblemBuilder<'_, CostTable>| _ = it.shipment(visit(1), visit(2), [amount]);
    let limited = |limit| Some(UnservedReason::OthersFirst(limit));
    assert_only(&visits, &[van()], ship(1), &[vec![0]], None);
    assert_only(&visits, &[van().with_max_visits(2)], ship(1), &[vec![0]], limited(Limit::Visits));
    let too_much = Some(UnservedReason::Impossible(Limit::Capacity));
    assert_only(&visits, &[van().with_capacity([4])], ship(5), &[vec![0]], too_much);
    // There is room for it after the delivery at the first stop, and only then.
    let visits = [at(1).with_delivery([4]), at(2), at(3)];
    assert_only(&visits, &[van().with_capacity([4])], ship(4), &[vec![0]], None);
    let visits = [at(1).with_pickup([4]), at(2), at(3)];
    assert_only(&visits, &[van().with_capacity([4])], ship(4), &[vec![0]], None);
}

#[test]
fn both_ends_of_a_shipment_say_the_same() {
    let ship = |it: &mut ProblemBuilder<'_, CostTable>| _ = it.shipment(visit(0), visit(1), [5]);
    with_answer(&[at(1), at(2)], &[van().with_capacity([4])], ship, &[vec![]], |problem, mut solution| {
        solution.unserved[0].reason = UnservedReason::Impossible(Limit::Capacity);
        let violations = check(problem, &solution).expect_err("one of them was not established");
        assert_eq!(violations, [Violation::TwoReasons { pickup: visit(0), delivery: visit(1) }]);
    });
}

/// Which reasons for the lateness of the first who is late are accepted.
fn late_reasons(visits: &[Visit], vehicles: &[Vehicle], orders: &[Vec<usize>], soonest: u32) -> Vec<LateReason> {
    with_answer(
        visits,
        vehicles,
        |_| {},
        orders,
        |problem, solution| {
            let mut reasons = vec![LateReason::OthersFirst];
            reasons.extend([soonest - 1, soonest, soonest + 1].map(|at| LateReason::TooFar { earliest: seconds(at) }));
            reasons.retain(|&reason| {
                let mut solution = solution.clone();
                solution.late[0].reason = reason;
                check(problem, &solution).is_ok()
            });
            reasons
        },
    )
}

fn by(place: usize, end: u32) -> Visit {
    at(place).with_window(window(0, end))
}

#[test]
fn no_vehicle_that_may_serve_it_gets_there_in_time() {
    let too_far = |earliest| LateReason::TooFar { earliest: seconds(earliest) };
    let reasons = late_reasons(&[by(5, 20)], &[van()], &[vec![0]], 50);
    assert_eq!(reasons, [LateReason::OthersFirst, too_far(50)]);
    // One that begins nearer could, unless it may not serve it.
    let near = Vehicle::new().with_start(Terminal::Location(4));
    assert_eq!(late_reasons(&[by(5, 20)], &[van(), near.clone()], &[vec![0], vec![]], 50), []);
    let locked = by(5, 20).with_vehicle(VehicleId::new(0));
    let reasons = late_reasons(&[locked], &[van(), near], &[vec![0], vec![]], 50);
    assert_eq!(reasons, [LateReason::OthersFirst, too_far(50)]);
    // What is promised comes first, and is served.
    let reasons = late_reasons(&[at(0), by(5, 59)], &[van().with_prefix([visit(0)])], &[vec![0, 1]], 60);
    assert_eq!(reasons, [LateReason::OthersFirst, too_far(60)]);
}

#[test]
fn no_other_place_in_any_tour_makes_it_less_late() {
    let others = LateReason::OthersFirst;
    let visits = [by(2, 30).with_importance(5), by(1, 20)];
    // Moving it forward helps.
    assert_eq!(late_reasons(&visits, &[van()], &[vec![0, 1]], 10), []);
    // It helps the less important at the cost of the other.
    let visits = [by(2, 25).with_importance(5), by(1, 20)];
    assert_eq!(late_reasons(&visits, &[van()], &[vec![0, 1]], 10), [others]);
    // Another vehicle would serve it, if it were not for a limit.
    let other = |most: usize| van().with_max_visits(most);
    assert_eq!(late_reasons(&visits, &[van(), other(1)], &[vec![0, 1], vec![]], 10), []);
    assert_eq!(late_reasons(&visits, &[van(), other(0)], &[vec![0, 1], vec![]], 10), [others]);
}
