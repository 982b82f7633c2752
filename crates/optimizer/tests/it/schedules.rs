use routemate_optimizer::{
    Budget, CostTable, Departure, LateReason, Limit, ProblemBuilder, ProblemError, Solution, Terminal, UnservedReason,
    Vehicle, Visit, VisitId, Window, check, solve,
};
use routemate_units::{Meters, Seconds};

/// Places along a road, 10 s apart, of which the last `islands` cannot be reached.
fn road(len: usize, islands: usize) -> CostTable {
    CostTable::from_fn(len, |from, to| {
        let apart = from.abs_diff(to) as u32;
        let is_island = |place: usize| place + islands >= len;
        (!is_island(from) && !is_island(to)).then_some((Seconds::new(10 * apart), Meters::new(apart)))
    })
}

const fn window(start: u32, end: u32) -> Window {
    Window::new(Seconds::new(start), Seconds::new(end))
}

fn answer(costs: &CostTable, visits: &[Visit], vehicle: Vehicle) -> Result<Solution, ProblemError> {
    let mut builder = ProblemBuilder::new(costs);
    for visit in visits {
        builder.visit(visit.clone());
    }
    builder.vehicle(vehicle);
    let problem = builder.build()?;
    let solution = solve(&problem, &Budget::of_iterations(200), 1);
    assert_eq!(check(&problem, &solution), Ok(()));
    Ok(solution)
}

fn order(solution: &Solution) -> Vec<usize> {
    solution.tours.iter().flat_map(|tour| tour.visits()).map(VisitId::index).collect()
}

#[test]
fn nothing_to_do_is_no_tour() -> Result<(), ProblemError> {
    let solution = answer(&road(2, 0), &[], Vehicle::new().with_start(Terminal::Location(0)))?;
    assert!(solution.tours.is_empty() && solution.proven_optimal);
    Ok(())
}

#[test]
fn one_visit_may_be_fixed_at_both_ends() -> Result<(), ProblemError> {
    let only = Terminal::Visit(VisitId::new(0));
    let solution = answer(&road(1, 0), &[Visit::at(0)], Vehicle::new().with_start(only).with_end(only))?;
    assert_eq!(order(&solution), [0]);
    Ok(())
}

#[test]
fn a_departure_as_late_as_windows_allow_may_finish_later_but_makes_nobody_late() -> Result<(), ProblemError> {
    let visits = [Visit::at(0), Visit::at(3).with_window(window(500, 600)), Visit::at(5)];
    let vehicle = Vehicle::new()
        .with_start(Terminal::Visit(VisitId::new(0)))
        .with_end(Terminal::Visit(VisitId::new(2)))
        .with_departure(Departure::LatestInTime);
    let solution = answer(&road(6, 0), &visits, vehicle.clone())?;
    assert_eq!(solution.tours[0].departure, Seconds::new(570));
    assert_eq!((solution.cost.lateness, solution.tours[0].stops[0].slack), (Seconds::ZERO, Some(Seconds::ZERO)));
    // A window that never closes gives no reason to wait for ever.
    let open = [Visit::at(0), Visit::at(3).with_window(Window::new(Seconds::new(500), Seconds::MAX)), Visit::at(5)];
    assert_eq!(answer(&road(6, 0), &open, vehicle.clone())?.tours[0].departure, Seconds::new(470));
    // Nor does one that cannot be kept.
    let missed = [Visit::at(0), Visit::at(3).with_window(window(0, 10)), Visit::at(5)];
    assert_eq!(answer(&road(6, 0), &missed, vehicle)?.tours[0].departure, Seconds::ZERO);
    Ok(())
}

#[test]
fn the_departure_is_as_late_as_the_window_allows_but_no_later_than_asked() -> Result<(), ProblemError> {
    let visits = [Visit::at(0), Visit::at(3).with_window(window(500, 600))];
    let vehicle = Vehicle::new().with_start(Terminal::Visit(VisitId::new(0)));
    let free = answer(&road(4, 0), &visits, vehicle.clone())?;
    assert_eq!((free.tours[0].departure, free.cost.waiting), (Seconds::new(470), Seconds::ZERO));
    assert_eq!(free.tours[0].stops[1].slack, Some(Seconds::new(100)));
    let bounded = answer(&road(4, 0), &visits, vehicle.with_latest_start(Seconds::new(100)))?;
    assert_eq!((bounded.tours[0].departure, bounded.cost.waiting), (Seconds::new(100), Seconds::new(370)));
    Ok(())
}

#[test]
fn between_two_windows_one_waits_for_the_second() -> Result<(), ProblemError> {
    let visits = [Visit::at(0), Visit::at(3).with_window(window(100, 110)).with_window(window(5, 20))];
    let vehicle = Vehicle::new().with_start(Terminal::Visit(VisitId::new(0))).with_latest_start(Seconds::ZERO);
    let solution = answer(&road(4, 0), &visits, vehicle)?;
    let stop = solution.tours[0].stops[1];
    assert_eq!((stop.arrival, stop.wait, stop.start), (Seconds::new(30), Seconds::new(70), Seconds::new(100)));
    Ok(())
}

#[test]
fn the_more_important_is_in_time_and_the_other_says_why() -> Result<(), ProblemError> {
    let late_for_one = |importance: u16| {
        [
            Visit::at(2),
            Visit::at(0).with_window(window(0, 20)),
            Visit::at(4).with_window(window(0, 20)).with_importance(importance),
        ]
    };
    let vehicle = Vehicle::new().with_start(Terminal::Visit(VisitId::new(0)));
    let solution = answer(&road(5, 0), &late_for_one(3), vehicle)?;
    assert_eq!(order(&solution), [0, 2, 1]);
    assert_eq!(solution.late[0].visit, VisitId::new(1));
    assert_eq!((solution.late[0].by, solution.late[0].reason), (Seconds::new(40), LateReason::OthersFirst));
    Ok(())
}

#[test]
fn what_cannot_be_met_at_all_is_too_far() -> Result<(), ProblemError> {
    let visits = [Visit::at(0), Visit::at(9).with_window(window(0, 20))];
    let solution = answer(&road(10, 0), &visits, Vehicle::new().with_start(Terminal::Visit(VisitId::new(0))))?;
    assert_eq!(solution.late[0].reason, LateReason::TooFar { earliest: Seconds::new(90) });
    Ok(())
}

#[test]
fn islands_are_left_out_of_long_tours_and_the_rest_is_driven_best() -> Result<(), ProblemError> {
    let visits: Vec<Visit> = (0..30).map(|place| Visit::at(place * 7 % 30)).collect();
    let ends = Vehicle::new().with_start(Terminal::Location(0)).with_end(Terminal::Location(0));
    let solution = answer(&road(30, 3), &visits, ends)?;
    assert_eq!(solution.unserved.len(), 3);
    assert!(solution.unserved.iter().all(|entry| entry.reason == UnservedReason::Unreachable));
    assert_eq!(solution.cost.duration, Seconds::new(2 * 260));
    Ok(())
}

#[test]
fn a_tour_that_is_always_too_long_is_given_up_at_once() -> Result<(), ProblemError> {
    let visits = [Visit::at(0).with_service(Seconds::new(11)), Visit::at(1).with_window(window(0, 50))];
    let solution = answer(&road(2, 0), &visits, Vehicle::new().with_max_duration(Seconds::new(10)))?;
    assert_eq!(order(&solution), [1]);
    assert_eq!(solution.unserved[0].reason, UnservedReason::Impossible(Limit::Shift));
    Ok(())
}

#[test]
fn past_the_end_of_all_times_one_departure_is_as_good_as_the_next() -> Result<(), ProblemError> {
    let forever = Visit::at(0).with_service(Seconds::new(u32::MAX - 20));
    let visits = [forever, Visit::at(1).with_window(window(0, 50)), Visit::at(2).with_window(window(60, 70))];
    let vehicle = Vehicle::new().with_start(Terminal::Visit(VisitId::new(0))).with_departure(Departure::LatestInTime);
    let solution = answer(&road(3, 0), &visits, vehicle)?;
    assert_eq!(solution.late.len(), 2);
    assert_eq!(solution.tours[0].finish, Seconds::MAX);
    Ok(())
}

#[test]
fn many_visits_at_one_place_go_by_importance() -> Result<(), ProblemError> {
    let visits: Vec<Visit> = (1..=25).map(|importance| Visit::at(0).with_importance(importance)).collect();
    let solution = answer(&road(1, 0), &visits, Vehicle::new())?;
    assert_eq!(order(&solution), (0..25).rev().collect::<Vec<_>>());
    Ok(())
}

#[test]
fn an_end_out_of_reach_leaves_everybody_unserved() -> Result<(), ProblemError> {
    let vehicle = Vehicle::new().with_start(Terminal::Location(0)).with_end(Terminal::Location(4));
    let visits: Vec<Visit> = (0..20).map(|place| Visit::at(place % 4)).collect();
    let solution = answer(&road(5, 1), &visits, vehicle)?;
    assert!(solution.tours.is_empty());
    assert_eq!(solution.unserved.len(), 20);
    Ok(())
}

#[test]
fn errors_name_what_is_wrong() {
    let costs = road(2, 0);
    let mut builder = ProblemBuilder::new(&costs);
    let visit = builder.visit(Visit::at(0).with_window(window(9, 8)));
    let error = builder.build().expect_err("the window is the wrong way round");
    assert_eq!(error, ProblemError::WindowEndsBeforeStart { visit, window: window(9, 8) });
    assert_eq!(error.to_string(), "window `9..=8` of visit 0 ends before it starts");
}
