//! Several vehicles against every way of serving them.

use crate::answers::answer;
use crate::drawn::{Bytes, Fleet, Size, fleet, with};
use crate::every_fleet::{Drive, Every, Rank};
use proptest::prelude::*;
use routemate_optimizer::{
    Budget, CostTable, Costs, LateReason, Problem, Solution, UnservedReason, Violation, check, solve,
};

/// Without what searches only estimate: what balance costs, how late breaks and short days make others.
const EXACT: u32 = with::EVERYTHING & !(with::BALANCE | with::BREAKS | with::SHIFTS | with::LATE_DEPARTURES);
const SMALL: Size = Size { visits: 5, vehicles: 2, longest: 12 };
const MIDDLE: Size = Size { visits: 20, vehicles: 3, longest: 60 };

/// Random bytes and what the problem they make may have: all or some of what is allowed.
fn drawn(size: Size, allowed: u32) -> impl Strategy<Value = Fleet> {
    let kinds = prop_oneof![
        Just(u32::MAX),
        any::<u32>(),
        (any::<u32>(), any::<u32>()).prop_map(|(kinds, others)| kinds & others),
        (0..20_u32).prop_map(|kind| 1 << kind),
    ];
    (prop::collection::vec(any::<u8>(), 1200), kinds)
        .prop_map(move |(bytes, kinds)| fleet(&mut Bytes::new(&bytes), size, kinds & allowed))
}

/// What counts in an answer that is right.
fn rank_of(problem: &Problem<'_, CostTable>, solution: &Solution) -> Rank {
    let visits = problem.visits();
    let prize = |visit: usize| {
        let ends = problem.shipments().iter().map(|shipment| [shipment.pickup().index(), shipment.delivery().index()]);
        let pair = ends.into_iter().find(|ends| ends.contains(&visit)).unwrap_or([visit; 2]);
        pair.into_iter().find_map(|visit| visits[visit].prize())
    };
    let left_out = solution.unserved.iter().map(|entry| entry.visit.index()).filter(|&visit| prize(visit).is_none());
    let left_out = left_out.map(|visit| u64::from(visits[visit].importance())).sum();
    let weight = |visit: usize| u64::from(visits[visit].importance());
    let late = solution.late.iter().map(|late| u64::from(late.by.get()) * weight(late.visit.index())).sum();
    (left_out, late, solution.cost.total)
}

/// Where visits are put, one after the other: vehicle and place.
type Places = Vec<(usize, prop::sample::Index)>;

fn places() -> impl Strategy<Value = Places> {
    prop::collection::vec((0..4_usize, any::<prop::sample::Index>()), 8)
}

/// Visits and shipments.
fn all_goods(fleet: &Fleet) -> Vec<Vec<usize>> {
    let shipments = fleet.shipments.iter().map(|(pickup, delivery, _)| vec![pickup.index(), delivery.index()]);
    let mut goods: Vec<Vec<usize>> = shipments.collect();
    let is_shipped = |visit: usize| goods.iter().flatten().any(|&other| other == visit);
    let singles: Vec<Vec<usize>> =
        (0..fleet.visits.len()).filter(|&visit| !is_shipped(visit)).map(|visit| vec![visit]).collect();
    goods.extend(singles);
    goods
}

/// Tours that keep the limits and leave somebody out here and there.
fn some_tours<C: Costs>(fleet: &Fleet, every: &mut Every<'_, '_, C>, places: Places) -> (Vec<Vec<usize>>, Vec<Drive>) {
    let mut orders = vec![Vec::new(); fleet.vehicles.len()];
    let mut drives = Vec::new();
    for (goods, (vehicle, place)) in all_goods(fleet).into_iter().zip(places) {
        let Some(order) = orders.get(vehicle) else { continue };
        let mut tried = orders.clone();
        let place = place.index(order.len() + 1);
        tried[vehicle].splice(place..place, goods);
        if let Some((_, found)) = every.rank(&tried) {
            orders = tried;
            drives = found;
        }
    }
    (orders, drives)
}

/// All tours with the visits of `goods` put somewhere.
fn with_goods(orders: &[Vec<usize>], goods: &[usize]) -> Vec<Vec<Vec<usize>>> {
    let Some((&visit, rest)) = goods.split_first() else { return vec![orders.to_vec()] };
    let mut tried = Vec::new();
    for (vehicle, order) in orders.iter().enumerate() {
        for place in 0..=order.len() {
            let mut orders = orders.to_vec();
            orders[vehicle].insert(place, visit);
            tried.extend(with_goods(&orders, rest));
        }
    }
    tried
}

fn assert_is_best(fleet: &Fleet) -> Result<(), TestCaseError> {
    let problem = fleet.problem().expect("drawn problems are valid");
    let solution = solve(&problem, &Budget::of_iterations(300), 1);
    prop_assert_eq!(check(&problem, &solution), Ok(()));
    let (best, _) = Every::of(&problem).best();
    prop_assert_eq!(rank_of(&problem, &solution), best);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn what_was_found_by_trying_everything_is_accepted(fleet in drawn(SMALL, with::EVERYTHING)) {
        let problem = fleet.problem().expect("drawn problems are valid");
        let (best, drives) = Every::of(&problem).best();
        let answer = answer(&problem, &drives);
        prop_assert_eq!(check(&problem, &answer), Ok(()));
        prop_assert_eq!(rank_of(&problem, &answer), best);
    }

    #[test]
    fn any_tours_that_keep_the_limits_are_accepted(
        fleet in drawn(Size { visits: 8, vehicles: 3, longest: 12 }, with::EVERYTHING),
        places in places(),
    ) {
        let problem = fleet.problem().expect("drawn problems are valid");
        let (_, drives) = some_tours(&fleet, &mut Every::of(&problem), places);
        prop_assert_eq!(check(&problem, &answer(&problem, &drives)), Ok(()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn who_could_be_served_is_found_out(
        fleet in drawn(Size { visits: 6, vehicles: 2, longest: 12 }, TIMELESS),
        places in places(),
    ) {
        let problem = fleet.problem().expect("drawn problems are valid");
        let mut every = Every::of(&problem);
        let (orders, drives) = some_tours(&fleet, &mut every, places);
        let (now, _) = every.rank(&orders).expect("they keep the limits");
        let mut answer = answer(&problem, &drives);
        // No unserved visit has this reason unless it is true.
        answer.unserved.iter_mut().for_each(|entry| entry.reason = UnservedReason::Skill);
        let violations = check(&problem, &answer).err().unwrap_or_default();
        for goods in all_goods(&fleet).iter().filter(|goods| !orders.iter().flatten().any(|visit| *visit == goods[0])) {
            let is_said_to_be_servable = violations.iter().any(|violation| matches!(violation,
                Violation::UnservedReason { visit, found: None, .. } if visit.index() == goods[0]));
            let mut better = with_goods(&orders, goods).into_iter().filter_map(|orders| every.rank(&orders));
            let must_be_served = goods.iter().all(|&visit| fleet.visits[visit].prize().is_none());
            let is_servable = better.any(|(rank, _)| must_be_served || rank < now);
            prop_assert_eq!(is_said_to_be_servable, is_servable, "{:?} into {:?}: {:?}", goods, orders, violations);
        }
    }

    #[test]
    fn who_could_be_less_late_is_found_out(
        fleet in drawn(Size { visits: 6, vehicles: 2, longest: 12 }, TIMELESS & !with::PRIZES),
        places in places(),
    ) {
        let problem = fleet.problem().expect("drawn problems are valid");
        let mut every = Every::of(&problem);
        let (orders, drives) = some_tours(&fleet, &mut every, places);
        let (now, _) = every.rank(&orders).expect("they keep the limits");
        let answer = answer(&problem, &drives);
        for (index, late) in answer.late.iter().enumerate() {
            let mut claim = answer.clone();
            claim.late[index].reason = LateReason::OthersFirst;
            let mut rest = orders.clone();
            rest.iter_mut().for_each(|order| order.retain(|&visit| visit != late.visit.index()));
            let mut moved = with_goods(&rest, &[late.visit.index()]).into_iter().filter_map(|orders| every.rank(&orders));
            let is_best = moved.all(|(rank, _)| rank.1 >= now.1);
            prop_assert_eq!(check(&problem, &claim).is_ok(), is_best, "{:?} in {:?}", late, orders);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_answer_is_accepted(fleet in drawn(MIDDLE, with::EVERYTHING), seed in any::<u64>()) {
        let problem = fleet.problem().expect("drawn problems are valid");
        let solution = solve(&problem, &Budget::of_iterations(60), seed);
        prop_assert_eq!(check(&problem, &solution), Ok(()));
    }

    #[test]
    fn every_answer_without_time_is_accepted(fleet in drawn(MIDDLE, with::EVERYTHING), seed in any::<u64>()) {
        let problem = fleet.problem().expect("drawn problems are valid");
        let budget = Budget::of_iterations(60);
        budget.stop.stop();
        prop_assert_eq!(check(&problem, &solve(&problem, &budget, seed)), Ok(()));
    }

    #[test]
    fn the_same_seed_and_rounds_give_the_same_answer(fleet in drawn(MIDDLE, with::EVERYTHING), seed in any::<u64>()) {
        let problem = fleet.problem().expect("drawn problems are valid");
        let answer = || solve(&problem, &Budget::of_iterations(40), seed);
        prop_assert_eq!(answer(), answer());
    }

    /// What is promised: within a run the best answer so far never gets worse, and all runs of a seed begin alike. How far
    /// two runs of different lengths come cannot be compared, for the length decides how soon a search becomes choosy.
    /// Nothing of the kind is promised for one vehicle: a single path is sought by several searches in turn.
    #[test]
    fn no_search_ends_worse_than_it_begins(fleet in drawn(MIDDLE, EXACT), seed in any::<u64>()) {
        let problem = fleet.problem().expect("drawn problems are valid");
        if fleet.vehicles.len() == 1 {
            return Ok(());
        }
        let rank = |rounds| rank_of(&problem, &solve(&problem, &Budget::of_iterations(rounds), seed));
        let begin = rank(0);
        for rounds in [1, 10, 60] {
            prop_assert!(rank(rounds) <= begin, "{} {:?} {:?}", rounds, rank(rounds), begin);
        }
    }
}

/// What the length of the longest tour costs depends on its departure, which searches may only estimate.
const TIMELESS: u32 = with::EVERYTHING & !with::BALANCE;

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn five_visits_of_every_kind_are_served_best(fleet in drawn(SMALL, TIMELESS)) {
        assert_is_best(&fleet)?;
    }

    #[test]
    fn loads_and_shipments_are_carried_best(
        fleet in drawn(SMALL, with::CAPACITY | with::PICKUPS | with::SHIPMENTS | with::FIXED_COSTS),
    ) {
        assert_is_best(&fleet)?;
    }

    #[test]
    fn breaks_and_shifts_are_kept_best(
        fleet in drawn(SMALL, with::WINDOWS | with::REFUSED_LATENESS | with::BREAKS | with::SHIFTS | with::LATEST_STARTS),
    ) {
        assert_is_best(&fleet)?;
    }

    #[test]
    fn a_plan_in_force_is_changed_best(
        fleet in drawn(SMALL, with::PLAN | with::PREFIXES | with::FIXED_ENDS | with::LOCKS | with::UNREACHABLE),
    ) {
        assert_is_best(&fleet)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, ..ProptestConfig::default() })]

    #[test]
    fn eight_visits_of_one_vehicle_are_served_best(fleet in drawn(Size { visits: 8, vehicles: 1, longest: 12 }, TIMELESS)) {
        assert_is_best(&fleet)?;
    }

    #[test]
    fn six_visits_of_two_vehicles_are_served_best(fleet in drawn(Size { visits: 6, vehicles: 2, longest: 12 }, TIMELESS)) {
        assert_is_best(&fleet)?;
    }
}
