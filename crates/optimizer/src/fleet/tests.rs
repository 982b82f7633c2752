//! What tours know about themselves, against plain walks that know nothing in advance.

use crate::budget::Budget;
use crate::fleet::insertion::{Place, Terms, cheapest_place};
use crate::fleet::model::{FOREVER, MANDATORY, Model, Vehicle};
use crate::fleet::pairs::{PairScratch, cheapest_pair};
use crate::fleet::parts::{Break, Parts, VehiclePart, VisitPart};
use crate::fleet::route::Route;
use crate::fleet::search::search;
use crate::pace::Pace;
use crate::random::Random;
use proptest::prelude::*;

const VISITS: usize = 8;

/// A small problem with something of everything.
fn parts(random: &mut Random, has_pairs: bool) -> Parts {
    let mut upto = |bound: usize| random.below(bound + 1) as i64;
    let mut visits = Vec::new();
    for location in 1..=VISITS {
        let mut windows = Vec::new();
        let mut from = upto(60);
        for _ in 0..upto(2) {
            let until = from + 10 + upto(60);
            windows.push((from, until));
            from = until + 5 + upto(40);
        }
        visits.push(VisitPart {
            location,
            service: upto(5),
            windows,
            refuses_lateness: upto(1) == 0,
            importance: 1 + upto(3),
            prize: (upto(3) == 0).then(|| upto(60)),
            delivery: vec![upto(3), upto(2)],
            pickup: vec![upto(2)],
            ..VisitPart::default()
        });
    }
    let mut vehicles = Vec::new();
    for _ in 0..3 {
        let mut breaks = Vec::new();
        for _ in 0..upto(2) {
            let opens = upto(120);
            breaks.push(Break { duration: upto(15), opens, closes: opens + upto(40) });
        }
        vehicles.push(VehiclePart {
            start: (upto(3) > 0).then_some(0),
            end: (upto(3) > 0).then_some(0),
            earliest_start: upto(10),
            latest_start: if upto(1) == 0 { 30 } else { FOREVER },
            latest_finish: 150 + upto(100),
            max_duration: if upto(2) == 0 { 100 + upto(80) } else { FOREVER },
            max_distance: if upto(2) == 0 { 80 + upto(80) } else { FOREVER },
            max_visits: 3 + upto(4) as usize,
            capacity: vec![6 + upto(6), 5 + upto(5)],
            fixed_cost: upto(20),
            breaks,
            ..VehiclePart::default()
        });
    }
    let pairs = if has_pairs { vec![(0, 1, vec![1, 2]), (2, 3, vec![2])] } else { Vec::new() };
    let plan = if upto(1) == 0 { vec![vec![0, 1, 6], vec![4, 7]] } else { Vec::new() };
    Parts { visits, vehicles, pairs, balance: 10 * upto(1), plan, change_cost: 10 * upto(2) }
}

fn model(random: &mut Random, has_pairs: bool, is_soft: bool) -> Model {
    let is_metric = has_pairs || is_soft;
    let parts = parts(random, has_pairs);
    // Among pairs and where lateness counts, no detour is quicker than the direct way: the search takes that for granted.
    let along: Vec<usize> = (0..=VISITS).map(|_| random.below(60)).collect();
    let arcs: Vec<Option<(u32, u32, u32)>> = (0..(VISITS + 1) * (VISITS + 1))
        .map(|cell| {
            let apart = along[cell / (VISITS + 1)].abs_diff(along[cell % (VISITS + 1)]) as u32;
            let mut upto = |bound: usize| random.below(bound) as u32;
            let time = if is_metric { apart } else { 1 + upto(30) };
            (upto(12) > 0 || is_metric).then(|| (1 + upto(30), time, 1 + upto(30)))
        })
        .collect();
    let budget = Budget::of_iterations(1);
    let mut model =
        Model::of(parts, false, |a, b| arcs[a * (VISITS + 1) + b], &Pace::begin(&budget)).expect("no deadline");
    model.set_soft(is_soft);
    model
}

/// Whether the breaks can be taken somewhere so that all windows and the shift are kept: every way is tried.
fn walk(model: &Model, vehicle: &Vehicle, nodes: &[u32]) -> bool {
    fn gap(model: &Model, vehicle: &Vehicle, rest: &[u32], leave: i64, taken: usize) -> bool {
        let (from, to) = (rest[0] as usize, rest[1] as usize);
        let travel = model.time(from, to);
        (0..=vehicle.breaks.len() - taken).any(|count| {
            let (mut clock, mut ready) = (leave, leave + travel);
            for pause in &vehicle.breaks[taken..taken + count] {
                let begin = clock.max(pause.opens);
                if begin > pause.closes {
                    return false;
                }
                clock = begin + pause.duration;
                ready = ready.max(pause.opens) + pause.duration;
            }
            let Some(begin) = model.begin(to, ready) else { return false };
            let leave = begin + model.stops[to].service;
            if rest.len() > 2 {
                return gap(model, vehicle, &rest[1..], leave, taken + count);
            }
            let is_due = vehicle.breaks[taken + count..].iter().any(|pause| leave > pause.closes);
            leave <= vehicle.part.latest_finish && !is_due
        })
    }
    (0..=vehicle.breaks.len()).any(|missed| {
        let after = vehicle.breaks[..missed].iter().map(|pause| pause.closes + 1).max().unwrap_or(0);
        let departure = vehicle.part.earliest_start.max(after);
        departure <= vehicle.part.latest_start && gap(model, vehicle, nodes, departure, missed)
    })
}

/// Whether loads, distance and number are kept.
fn fits(model: &Model, vehicle: &Vehicle, nodes: &[u32]) -> bool {
    let visits = &nodes[1..nodes.len() - 1];
    let is_driven = nodes.windows(2).all(|pair| model.cost(pair[0] as usize, pair[1] as usize) != u32::MAX);
    let distance: i64 = nodes.windows(2).map(|pair| model.distance(pair[0] as usize, pair[1] as usize)).sum();
    let loads = (0..model.dimensions).all(|dimension| {
        let mut load: i64 = visits.iter().map(|&visit| model.amounts(visit as usize).0[dimension]).sum();
        load <= vehicle.capacity[dimension]
            && visits.iter().all(|&visit| {
                load += model.amounts(visit as usize).1[dimension];
                load <= vehicle.capacity[dimension]
            })
    });
    is_driven && loads && distance <= vehicle.part.max_distance && visits.len() <= vehicle.part.max_visits
}

fn route_of(vehicle: &Vehicle, visits: &[usize]) -> Route {
    let mut route = Route::empty(vehicle);
    route.nodes.splice(1..1, visits.iter().map(|&visit| visit as u32));
    route
}

/// A tour that holds, of some of the visits.
fn some_tour(model: &Model, random: &mut Random, visits: &[usize]) -> (Route, Vec<usize>) {
    let vehicle = &model.vehicles[0];
    let mut served: Vec<usize> = Vec::new();
    for &visit in visits {
        let mut longer = served.clone();
        longer.insert(random.below(served.len() + 1), visit);
        if route_of(vehicle, &longer).refresh(model, vehicle) {
            served = longer;
        }
    }
    let mut route = route_of(vehicle, &served);
    assert!(route.refresh(model, vehicle));
    (route, served)
}

/// What a tour with more visits costs, lateness included.
fn price(model: &Model, vehicle: &Vehicle, visits: &[usize]) -> Option<i64> {
    let mut route = route_of(vehicle, visits);
    route.refresh(model, vehicle).then(|| route.driven + 3 * route.lateness)
}

fn terms(random: &mut Random) -> Terms<'_> {
    Terms { random, blink_rate: 0, lateness_price: 3 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_tour_holds_where_a_plain_walk_gets_through(seed: u64, has_pairs: bool) {
        let mut random = Random::from_seed(seed);
        let mut model = model(&mut random, has_pairs, false);
        model.vehicles.iter_mut().for_each(|vehicle| vehicle.part.max_duration = FOREVER);
        let vehicle = &model.vehicles[0];
        for count in 1..5 {
            let first = random.below(VISITS - count);
            let mut route = route_of(vehicle, &(first..first + count).collect::<Vec<_>>());
            let expected = fits(&model, vehicle, &route.nodes) && walk(&model, vehicle, &route.nodes);
            prop_assert_eq!(route.refresh(&model, vehicle), expected);
        }
    }

    #[test]
    fn the_cheapest_place_is_that_of_trying_all(seed: u64, is_soft: bool) {
        let mut random = Random::from_seed(seed);
        let model = model(&mut random, false, is_soft);
        let vehicle = &model.vehicles[0];
        let (route, served) = some_tour(&model, &mut random, &[0, 1, 2, 3, 4]);
        for visit in 5..VISITS {
            let before = price(&model, vehicle, &served).unwrap_or(0);
            let all = (0..=served.len()).filter_map(|place| {
                let mut longer = served.clone();
                longer.insert(place, visit);
                price(&model, vehicle, &longer)
            });
            let least = all.map(|price| price - before).min();
            let amounts = model.amounts(visit).0.iter().zip(&route.initial).zip(&vehicle.capacity);
            let mut has_room = amounts.map(|((own, load), capacity)| own + load <= *capacity);
            let terms = &mut terms(&mut random);
            let found = cheapest_place(&model, vehicle, &route, visit, MANDATORY, terms).filter(|_| has_room.all(|fits| fits));
            prop_assert_eq!(found.map(|place| place.added), least);
            if let Some(Place { after, .. }) = found {
                let mut incremental = route.clone();
                incremental.insert(&model, vehicle, after, visit);
                let mut anew = route_of(vehicle, &[]);
                anew.nodes.clone_from(&incremental.nodes);
                prop_assert!(anew.refresh(&model, vehicle));
                prop_assert_eq!(format!("{:?}", anew), format!("{:?}", incremental));
            }
        }
    }

    #[test]
    fn the_cheapest_places_of_a_pair_are_those_of_trying_all(seed: u64, is_soft: bool) {
        let mut random = Random::from_seed(seed);
        let model = model(&mut random, true, is_soft);
        let vehicle = &model.vehicles[0];
        let (route, served) = some_tour(&model, &mut random, &[4, 5, 6, 7]);
        let before = price(&model, vehicle, &served).unwrap_or(0);
        for (pickup, delivery) in [(0, 1), (2, 3)] {
            let mut least = None;
            for first in 0..=served.len() {
                for second in first..=served.len() {
                    let mut longer = served.clone();
                    longer.insert(second, delivery);
                    longer.insert(first, pickup);
                    let added = price(&model, vehicle, &longer).map(|price| price - before);
                    least = least.into_iter().chain(added).min();
                }
            }
            let mut scratch = PairScratch::default();
            let terms = &mut terms(&mut random);
            let found = cheapest_pair(&model, vehicle, &route, (pickup, delivery), MANDATORY, terms, &mut scratch);
            prop_assert_eq!(found.map(|place| place.added), least);
        }
    }

    #[test]
    fn a_search_keeps_every_limit(seed: u64, has_pairs: bool) {
        let mut random = Random::from_seed(seed);
        let mut model = model(&mut random, has_pairs, false);
        // What has a place keeps it, and is in no tour where it cannot.
        let (head, tail) = (random.below(2) == 0, random.below(2) == 0);
        if head {
            model.vehicles[1].part.head = vec![4, 5];
            (model.is_fixed[4], model.is_fixed[5]) = (true, true);
        }
        if tail {
            model.vehicles[2].part.tail = Some(6);
            model.is_fixed[6] = true;
        }
        let budget = Budget::of_iterations(200);
        let found = search(&mut model, &Pace::begin(&budget), seed);
        let mut times = [0; VISITS];
        for (tour, vehicle) in found.tours.iter().zip(&model.vehicles).filter(|(tour, _)| !tour.is_empty()) {
            let nodes = route_of(vehicle, tour).nodes;
            prop_assert!(fits(&model, vehicle, &nodes) && walk(&model, vehicle, &nodes));
            tour.iter().for_each(|&visit| times[visit] += 1);
            let place = |visit| tour.iter().position(|&other| other == visit);
            if head {
                prop_assert!(place(4).is_none_or(|place| place == 0) && place(5).is_none_or(|place| place <= 1));
            }
            prop_assert!(!tail || place(6).is_none_or(|place| place + 1 == tour.len()));
            for (pickup, delivery) in [(0, 1), (2, 3)].into_iter().filter(|_| has_pairs) {
                prop_assert!(place(pickup).is_some() == place(delivery).is_some() && place(pickup) <= place(delivery));
            }
        }
        prop_assert!(times.iter().all(|&times| times <= 1));
        let again = search(&mut model, &Pace::begin(&budget), seed);
        prop_assert_eq!(found.tours, again.tours);
    }
}
