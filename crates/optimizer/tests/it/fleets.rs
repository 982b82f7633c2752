use routemate_optimizer::{
    Break, Budget, CostTable, LateReason, Limit, ProblemBuilder, Solution, Terminal, UnservedReason, Vehicle, Visit,
    VisitId, Window, check, solve,
};
use routemate_units::{Meters, Seconds};

/// Places a minute apart on a road that is two kilometres long; place 0 is the depot.
fn road(len: usize) -> CostTable {
    CostTable::from_fn(len, |a, b| {
        let apart = a.abs_diff(b) as u32;
        Some((Seconds::new(60 * apart), Meters::new(1_000 * apart)))
    })
}

fn van() -> Vehicle {
    Vehicle::new().with_start(Terminal::Location(0)).with_end(Terminal::Location(0))
}

fn answer(costs: &CostTable, visits: impl IntoIterator<Item = Visit>, vehicles: &[Vehicle]) -> Solution {
    let mut builder = ProblemBuilder::new(costs);
    for visit in visits {
        builder.visit(visit);
    }
    for vehicle in vehicles {
        builder.vehicle(vehicle.clone());
    }
    solve(&builder.build().expect("a right problem"), &Budget::of_iterations(500), 1)
}

fn reasons(solution: &Solution) -> Vec<(usize, UnservedReason)> {
    solution.unserved.iter().map(|entry| (entry.visit.index(), entry.reason)).collect()
}

#[test]
fn what_does_not_fit_into_one_vehicle_goes_into_the_next() {
    let costs = road(4);
    let visits = [1, 2, 3].map(|place| Visit::at(place).with_delivery([4]));
    let solution = answer(&costs, visits, &[van().with_capacity([8]), van().with_capacity([8])]);
    assert_eq!(solution.tours.len(), 2);
    assert!(solution.unserved.is_empty());
}

#[test]
fn a_load_that_is_too_large_for_every_vehicle_is_said_to_be() {
    let costs = road(2);
    let solution = answer(&costs, [Visit::at(1).with_delivery([9])], &[van().with_capacity([8])]);
    assert_eq!(reasons(&solution), [(0, UnservedReason::Impossible(Limit::Capacity))]);
}

#[test]
fn a_vehicle_that_is_full_leaves_out_the_less_important() {
    let costs = road(4);
    let visits = [(1, 5), (2, 1), (3, 5)]
        .map(|(place, importance)| Visit::at(place).with_delivery([1]).with_importance(importance));
    let solution = answer(&costs, visits, &[van().with_capacity([2])]);
    assert_eq!(reasons(&solution), [(1, UnservedReason::OthersFirst(Limit::Capacity))]);
}

#[test]
fn a_break_is_taken_on_the_way_or_while_waiting() {
    let costs = road(11);
    let noon = Window::new(Seconds::new(300), Seconds::new(400));
    let van = van().with_break(Break::new(Seconds::new(100), noon));
    let solution = answer(&costs, [Visit::at(10)], &[van]);
    let [tour] = &solution.tours[..] else { panic!("one tour") };
    assert_eq!(tour.breaks.len(), 1);
    assert_eq!((tour.breaks[0].start, tour.breaks[0].before), (Seconds::new(300), 0));
    assert_eq!(tour.stops[0].arrival, Seconds::new(700));
    assert_eq!(tour.finish, Seconds::new(1_300));
    assert_eq!((solution.cost.duration, solution.cost.breaks), (Seconds::new(1_200), Seconds::new(100)));
}

#[test]
fn a_shift_that_is_too_short_leaves_out_what_is_too_far() {
    let costs = road(20);
    let van = van().with_latest_finish(Seconds::new(1_200));
    let solution = answer(&costs, [Visit::at(5), Visit::at(15)], &[van]);
    assert_eq!(reasons(&solution), [(1, UnservedReason::Impossible(Limit::Shift))]);
}

#[test]
fn who_refuses_lateness_is_left_out_rather_than_served_late() {
    let costs = road(20);
    let early = Window::new(Seconds::ZERO, Seconds::new(600));
    let visit = |place| Visit::at(place).with_window(early);
    let solution = answer(&costs, [visit(5), visit(15).with_lateness_refused()], &[van()]);
    assert_eq!(reasons(&solution), [(1, UnservedReason::Impossible(Limit::Window))]);
    let solution = answer(&costs, [visit(5), visit(15)], &[van(), van()]);
    assert_eq!((solution.unserved.len(), solution.late.len()), (0, 1));
}

#[test]
fn skills_and_locks_choose_the_vehicle() {
    let costs = road(5);
    let visits = [Visit::at(1).with_skill(3), Visit::at(2).with_skill(9)];
    let solution = answer(&costs, visits, &[van(), van().with_skill(3)]);
    assert_eq!(solution.tours[0].vehicle.index(), 1);
    assert_eq!(reasons(&solution), [(1, UnservedReason::Skill)]);
}

#[test]
fn a_prize_that_is_smaller_than_the_way_is_left() {
    let costs = road(11);
    let visits = [Visit::at(10).with_prize(500), Visit::at(5).with_prize(1_000)];
    let solution = answer(&costs, visits, &[van()]);
    assert_eq!(reasons(&solution), [(0, UnservedReason::PrizeTooSmall)]);
    assert_eq!((solution.cost.prizes, solution.cost.total), (500, 1_100));
}

#[test]
fn a_shipment_is_picked_up_before_it_is_delivered() {
    let costs = road(6);
    let mut builder = ProblemBuilder::new(&costs);
    let [delivery, pickup] = [2, 4].map(|place| builder.visit(Visit::at(place)));
    builder.shipment(pickup, delivery, [3]);
    builder.vehicle(van().with_capacity([3]));
    let solution = solve(&builder.build().expect("a right problem"), &Budget::of_iterations(100), 1);
    assert_eq!(solution.tours[0].visits().collect::<Vec<_>>(), [pickup, delivery]);
}

#[test]
fn a_prefix_comes_first() {
    let costs = road(6);
    let mut builder = ProblemBuilder::new(&costs);
    let [far, near, last]: [VisitId; 3] = [5, 1, 3].map(|place| builder.visit(Visit::at(place)));
    builder.vehicle(van().with_prefix([far, near]));
    let solution = solve(&builder.build().expect("a right problem"), &Budget::of_iterations(100), 1);
    assert_eq!(solution.tours[0].visits().collect::<Vec<_>>(), [far, near, last]);
}

#[test]
fn a_tour_that_always_takes_too_long_is_said_to_at_once() {
    let costs = road(6);
    let visits = [1, 5].map(|place| Visit::at(place).with_service(Seconds::new(100)));
    let solution = answer(&costs, visits, &[van().with_max_duration(Seconds::new(500))]);
    assert_eq!(reasons(&solution), [(1, UnservedReason::Impossible(Limit::Shift))]);
    // The windows lie apart, so that no departure helps.
    let windows = [(0, 100), (5_000, 5_100)].map(|(from, to)| Window::new(Seconds::new(from), Seconds::new(to)));
    let visits = windows.map(|window| Visit::at(1).with_window(window).with_lateness_refused());
    let solution = answer(&costs, visits, &[van().with_max_duration(Seconds::new(1_000))]);
    assert_eq!(reasons(&solution), [(1, UnservedReason::OthersFirst(Limit::Shift))]);
}

#[test]
fn a_tour_leaves_for_a_later_window_where_it_would_take_too_long() {
    let costs = road(6);
    let early_or_late = [(0, 100), (5_000, 5_100)];
    let at = |windows: &[(u32, u32)]| {
        let windows = windows.iter().map(|&(from, to)| Window::new(Seconds::new(from), Seconds::new(to)));
        windows.fold(Visit::at(1).with_lateness_refused(), Visit::with_window)
    };
    let visits = [at(&early_or_late), at(&[(5_050, 5_200)])];
    let solution = answer(&costs, visits, &[van().with_max_duration(Seconds::new(1_000))]);
    assert!(solution.unserved.is_empty());
    assert!(solution.tours[0].departure >= Seconds::new(4_900));
}

#[test]
fn who_is_fixed_to_a_vehicle_is_too_far_for_that_one() {
    let costs = road(12);
    let mut builder = ProblemBuilder::new(&costs);
    let soon = Window::new(Seconds::ZERO, Seconds::new(120));
    let fixed = builder.visit(Visit::at(11).with_window(soon));
    builder.vehicle(van().with_prefix([fixed]));
    // This one would be there at once, but may not serve it.
    builder.vehicle(van().with_start(Terminal::Location(11)));
    let problem = builder.build().expect("a right problem");
    let solution = solve(&problem, &Budget::of_iterations(10), 1);
    assert_eq!(solution.late[0].reason, LateReason::TooFar { earliest: Seconds::new(660) });
    assert_eq!(check(&problem, &solution), Ok(()));
}
