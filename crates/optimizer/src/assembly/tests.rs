use super::*;
use crate::pace::Pace;
use crate::random::Random;
use crate::walks::{Direction, Walks};
use crate::{Budget, CostTable, ProblemBuilder, Visit};
use routemate_units::{Meters, Seconds};

const INNER: usize = 14;

fn model(seed: u64, is_symmetric: bool) -> Model {
    let mut random = Random::from_seed(seed);
    let cells: Vec<u32> = (0..INNER * INNER).map(|_| 1 + random.below(100) as u32).collect();
    let cost =
        |a: usize, b: usize| if is_symmetric { cells[a.min(b) * INNER + a.max(b)] } else { cells[a * INNER + b] };
    let costs = CostTable::from_fn(INNER, |a, b| Some((Seconds::new(cost(a, b)), Meters::ZERO)));
    let mut builder = ProblemBuilder::new(&costs);
    for at in 0..INNER {
        builder.visit(Visit::at(at));
    }
    let problem = builder.build().unwrap();
    let budget = Budget::of_iterations(1);
    Model::of(&problem, &(0..INNER).collect::<Vec<_>>(), &Pace::begin(&budget)).unwrap()
}

fn random_member(model: &Model, random: &mut Random) -> Member {
    let mut order: Vec<u32> = (0..model.count as u32).collect();
    for at in (2..model.count - 1).rev() {
        order.swap(at, 1 + random.below(at));
    }
    Member::new(model, order)
}

#[track_caller]
fn check(is_symmetric: bool, direction: Direction) {
    for seed in 1..=40 {
        let model = model(seed, is_symmetric);
        let budget = Budget::of_iterations(1);
        let neighbors = Neighbors::of(&model, 5, &Pace::begin(&budget), |a, b| model.arc(a, b) as u32).unwrap();
        let mut random = Random::from_seed(seed);
        let mut pair = [random_member(&model, &mut random), random_member(&model, &mut random)];
        pair.sort_by_key(|member| -member.cost);
        let [first, second] = pair;
        let mut walks = Walks::new(model.count);
        walks.find(&first, &second, direction, &mut random);
        let mut assembly = Assembly::new(&model, &neighbors);
        let (mut child, mut order) = (Child::default(), Vec::new());
        let (mut all_cuts, mut all_edges) = (Vec::new(), Vec::new());
        for walk in 0..walks.count() {
            let (cuts, edges) = walks.walk(walk);
            all_cuts.extend_from_slice(cuts);
            all_edges.extend_from_slice(edges);
            if assembly.child(&first, cuts, edges, &mut child) {
                child.write(&first.order, &mut order);
                assert_eq!(Member::new(&model, order.clone()).cost, first.cost + child.delta);
                assert!(child.delta <= 0);
                assert_eq!((order[0], order[model.count - 1]), (0, model.count as u32 - 1));
                order.sort_unstable();
                assert!(order.iter().enumerate().all(|(at, &node)| at as u32 == node));
            }
        }
        assert!(assembly.child(&first, &all_cuts, &all_edges, &mut child));
        child.write(&first.order, &mut order);
        assert_eq!(order, second.order, "all walks together lead to the second parent");
    }
}

#[test]
fn children_are_paths_that_cost_what_they_were_said_to() {
    check(false, Direction::Kept);
    check(false, Direction::Ignored);
    check(true, Direction::Ignored);
}
