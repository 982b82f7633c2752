//! Alternatives against tours that are driven anew from beginning to end.

use crate::fleet_problems::{Draw, Fleet};
use crate::problems::{Kind, parts};
use proptest::prelude::*;
use routemate_optimizer::{
    Alternative, Alternatives, AlternativesError, Break, Budget, Change, CostTable, Objective, Obstacle, Place,
    Problem, ProblemBuilder, Solution, Terminal, Vehicle, VehicleId, Visit, VisitId, Window, check, solve,
};
use routemate_units::{Meters, Seconds};

/// What counts of an answer, and when each vehicle departs and finishes.
struct Figures {
    lateness: i64,
    total: i64,
    duration: i64,
    distance: i64,
    times: Vec<Option<(i64, i64)>>,
}

fn figures(problem: &Problem<'_, CostTable>, solution: &Solution) -> Figures {
    let importance = |visit: VisitId| i64::from(problem.visits()[visit.index()].importance());
    let mut times = vec![None; problem.vehicles().len()];
    for tour in &solution.tours {
        times[tour.vehicle.index()] = Some((tour.departure.get().into(), tour.finish.get().into()));
    }
    Figures {
        lateness: solution.late.iter().map(|late| i64::from(late.by.get()) * importance(late.visit)).sum(),
        total: solution.cost.total as i64,
        duration: solution.cost.duration.get().into(),
        distance: solution.cost.distance.get().into(),
        times,
    }
}

fn difference(before: &Figures, after: &Figures, vehicle: VehicleId) -> (i64, i64, i64, i64, i64) {
    let finish = match (before.times[vehicle.index()], after.times[vehicle.index()]) {
        (Some(before), Some(after)) => after.1 - before.1,
        (None, Some((departure, finish))) => finish - departure,
        (Some((departure, finish)), None) => departure - finish,
        (None, None) => 0,
    };
    (
        after.lateness - before.lateness,
        after.total - before.total,
        after.duration - before.duration,
        after.distance - before.distance,
        finish,
    )
}

fn parts_of(change: Change) -> (i64, i64, i64, i64, i64) {
    (change.weighted_lateness, change.total, change.duration_s, change.distance_m, change.finish_s)
}

fn with_place(tours: &[Vec<VisitId>], group: &[VisitId], place: &Place) -> Vec<Vec<VisitId>> {
    let mut tours = without(tours, group);
    let tour = &mut tours[place.vehicle.index()];
    tour.insert(place.position, place.visit);
    if let Some((delivery, position)) = place.delivery {
        tour.insert(position, delivery);
    }
    tours
}

fn without(tours: &[Vec<VisitId>], group: &[VisitId]) -> Vec<Vec<VisitId>> {
    tours.iter().map(|tour| tour.iter().copied().filter(|visit| !group.contains(visit)).collect()).collect()
}

fn group(problem: &Problem<'_, CostTable>, visit: VisitId) -> Vec<VisitId> {
    let of_shipment = problem.shipments().iter().map(|it| [it.pickup(), it.delivery()]);
    of_shipment.into_iter().find(|ends| ends.contains(&visit)).map_or(vec![visit], Vec::from)
}

fn rank(problem: &Problem<'_, CostTable>, change: Change) -> (i64, i64, i64) {
    let other = if problem.objective() == Objective::Duration { change.distance_m } else { change.duration_s };
    (change.weighted_lateness, change.total, other)
}

fn obstacle(error: AlternativesError) -> Obstacle {
    match error {
        AlternativesError::Obstacle { obstacle, .. } => obstacle,
        other => unreachable!("{other}"),
    }
}

/// Asks everything about every visit and compares with tours that are driven anew.
#[track_caller]
fn assert_all_hold(problem: &Problem<'_, CostTable>, tours: &[Vec<VisitId>]) {
    let alternatives = Alternatives::of(problem, tours.to_vec()).expect("the tours keep every limit");
    let before = figures(problem, &alternatives.solution());
    for visit in (0..problem.visits().len()).map(VisitId::new) {
        let group = group(problem, visit);
        let rest = Alternatives::of(problem, without(tours, &group));
        let own = tours.iter().position(|tour| tour.contains(&visit)).unwrap_or_default();
        let actual = rest.map(|rest| difference(&before, &figures(problem, &rest.solution()), VehicleId::new(own)));
        assert_eq!(alternatives.without(visit).map(parts_of), actual.map_err(obstacle), "without {visit}");
        let places = alternatives.places(visit);
        for Alternative { place, is_present, outcome, .. } in &places {
            let changed = with_place(tours, &group, place);
            assert_eq!(*is_present, changed == tours, "{place:?}");
            let after = Alternatives::of(problem, changed);
            let actual = after.map(|it| difference(&before, &figures(problem, &it.solution()), place.vehicle));
            match actual {
                // What first stands against two tours is a matter of their order.
                Err(AlternativesError::Obstacle { vehicle, .. }) if vehicle != place.vehicle => {
                    assert!(outcome.is_err(), "{place:?}");
                }
                actual => assert_eq!(outcome.map(parts_of), actual.map_err(obstacle), "{place:?} among {tours:?}"),
            }
        }
        let best = alternatives.best_place(visit);
        let least = places.iter().filter_map(|it| it.outcome.ok()).map(|change| rank(problem, change)).min();
        let stated = best.and_then(|it| it.outcome.ok()).map(|change| rank(problem, change));
        assert_eq!(stated, least, "the best place of {visit} among {tours:?}: {best:?}");
        if let Some(best) = best {
            assert!(places.contains(&best));
            let mut after = Alternatives::of(problem, tours.to_vec()).expect("the tours keep every limit");
            assert_eq!(after.insert(&best.place), Ok(best.outcome.expect("it fits")));
            assert_eq!(after.tours(), with_place(tours, &group, &best.place));
            let back = after.best_place(visit).expect("where it is").outcome.expect("it fits");
            assert!(!back.is_better(), "the best place is no longer the best");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn every_change_is_the_difference_of_two_tours(seed in any::<u64>()) {
        let mut draw = Draw::from_seed(seed);
        let fleet = Fleet::drawn(&mut draw);
        let problem = fleet.problem();
        let mut alternatives = Alternatives::of(&problem, []).expect("nobody is served");
        // Some are served, anywhere.
        for visit in (0..problem.visits().len()).map(VisitId::new) {
            let fitting: Vec<Place> =
                alternatives.places(visit).iter().filter(|it| it.outcome.is_ok()).map(|it| it.place).collect();
            if !fitting.is_empty() && draw.chance(80) {
                let place = fitting[draw.below(fitting.len())];
                alternatives.insert(&place).expect("it fits");
            }
        }
        let tours = alternatives.tours();
        assert_all_hold(&problem, &tours);
    }

    #[test]
    fn a_tour_with_another_stop_passes_the_checker(
        parts in parts(2..=7, Kind { unreachable_percent: 5, window_percent: 60, longest: 50 }),
        places in prop::collection::vec(any::<prop::sample::Index>(), 8),
    ) {
        let problem = parts.problem().expect("generated problems are valid");
        let mut alternatives = Alternatives::of(&problem, []).expect("nobody is served");
        for (visit, place) in (0..problem.visits().len()).map(VisitId::new).zip(&places) {
            let fitting: Vec<Place> =
                alternatives.places(visit).iter().filter(|it| it.outcome.is_ok()).map(|it| it.place).collect();
            if !fitting.is_empty() {
                alternatives.insert(place.get(&fitting)).expect("it fits");
            }
        }
        assert_all_hold(&problem, &alternatives.tours());
        let solution = alternatives.solution();
        if solution.unserved.is_empty() {
            prop_assert_eq!(check(&problem, &solution), Ok(()));
        }
        let solved = solve(&problem, &Budget::of_iterations(50), 1);
        let again = Alternatives::of_solution(&problem, &solved).expect("it is an answer").solution();
        prop_assert_eq!(check(&problem, &again), Ok(()));
        prop_assert_eq!((again.cost, again.tours), (solved.cost, solved.tours));
    }
}

#[test]
fn tours_that_are_no_answer_are_refused() {
    let fleet = Fleet::drawn(&mut Draw::from_seed(1));
    let problem = fleet.problem();
    let [first, nobody] = [VisitId::new(0), VisitId::new(99)];
    let error = |tours: Vec<Vec<VisitId>>| Alternatives::of(&problem, tours).expect_err("they are no answer");
    assert_eq!(error(vec![vec![nobody]]), AlternativesError::UnknownVisit { visit: nobody });
    assert_eq!(error(vec![vec![first, first]]), AlternativesError::ServedTwice { visit: first });
    let vehicles = problem.vehicles().len();
    assert_eq!(error(vec![Vec::new(); vehicles + 1]), AlternativesError::Vehicles { tours: vehicles + 1, vehicles });
    let alternatives = Alternatives::of(&problem, []).expect("nobody is served");
    assert!(alternatives.places(nobody).is_empty() && alternatives.best_place(nobody).is_none());
    assert_eq!(alternatives.without(nobody), Ok(Change::default()));
    assert_eq!(Obstacle::Unreachable.to_string(), "an unreachable pair");
}

/// A caller a minute away, who is to be served by second 200: by a dear vehicle without breaks, or by a cheap one that is in
/// time only where it need not take all of its breaks.
#[track_caller]
fn assert_served_by_the_cheap_one(with_breaks: impl Fn(Vehicle) -> Vehicle) {
    let costs = CostTable::from_fn(2, |a, b| Some((Seconds::new(60 * a.abs_diff(b) as u32), Meters::ZERO)));
    let mut builder = ProblemBuilder::new(&costs);
    let caller = builder.visit(Visit::at(1).with_window(Window::new(Seconds::ZERO, Seconds::new(200))));
    let van = || Vehicle::new().with_start(Terminal::Location(0));
    let cheap = builder.vehicle(with_breaks(van()));
    builder.vehicle(van().with_fixed_cost(1_000));
    let problem = builder.build().expect("the problem is valid");
    let best = Alternatives::of(&problem, []).expect("nobody is served").best_place(caller).expect("there is room");
    assert_eq!(best.place.vehicle, cheap);
    let change = best.outcome.expect("it fits");
    assert_eq!((change.weighted_lateness, change.total), (0, 60));
}

fn pause(seconds: u32, latest_begin: u32) -> Break {
    Break::new(Seconds::new(seconds), Window::new(Seconds::ZERO, Seconds::new(latest_begin)))
}

#[test]
fn the_best_place_is_found_where_leaving_later_spares_a_break() {
    assert_served_by_the_cheap_one(|van| van.with_break(pause(1_000, 10)));
}

#[test]
fn the_best_place_is_found_where_a_break_that_is_not_due_comes_before_one_that_is() {
    let leaves_at_once = |van: Vehicle| van.with_latest_start(Seconds::ZERO);
    assert_served_by_the_cheap_one(|van| leaves_at_once(van).with_break(pause(1_000, 300)).with_break(pause(10, 50)));
}
