use crate::answer;
use crate::budget::Budget;
use crate::costs::Costs;
use crate::fleet::search_tours;
use crate::model::Model;
use crate::nodes::NO_VISIT;
use crate::pace::Pace;
use crate::problem::Problem;
use crate::schedule::{leg, score, terminal_location, tour};
use crate::search::{Found, search};
use crate::served::{drivable_part, insert_left_out, left_out};
use crate::settle::{break_ties, late_visits, settle_lateness};
use crate::small::solve_exactly;
use crate::solution::{Cost, Solution, Unserved, UnservedReason};
use crate::timed_search::search_timed;
use crate::vehicle::Terminal;
use crate::visit::VisitId;
use std::time::Duration;

/// Searches for the best answer within a budget. Never fails: what cannot be served is listed with its reason.
///
/// Up to 12 visits between the ends (16 without windows where the deadline allows 60 ms) the answer is proven optimal, with
/// windows unless they leave too many choices open. Beyond that it is the best that iterated local search finds: greedy
/// construction, descent over 2-opt, or-opt and or-3opt, then local kicks with undo until the budget is spent.
///
/// Several vehicles, and one with limits or a choice of whom to serve: strings of near visits are taken out of the tours and
/// put back where they cost least, under simulated annealing (Christiaens and Vanden Berghe, "Slack induction by string
/// removals for vehicle routing problems", Transportation Science 54, 2020). First with all windows kept, then late where that
/// serves more; where vehicles are dear, first with fewer of them. A vehicle with more than 15 breaks is not used.
///
/// The same problem, seed and iteration limit give the same answer as long as neither deadline nor token ends the search.
/// The deadline covers everything; should not even the costs be read in time, the visits come in the order given.
///
/// Cost: O(n²) memory (4 n² bytes, 8 n² with windows and [`Objective::Distance`](crate::Objective::Distance)) and O(n²) time
/// before the first tour.
///
/// ```
/// use routemate_optimizer::{Budget, CostTable, ProblemBuilder, Terminal, Vehicle, Visit, solve};
/// use routemate_units::{Meters, Seconds};
/// let costs = CostTable::from_fn(5, |a, b| {
///     let apart = a.abs_diff(b) as u32;
///     Some((Seconds::new(60 * apart), Meters::new(700 * apart)))
/// });
/// let mut builder = ProblemBuilder::new(&costs);
/// let visits: Vec<_> = [0, 3, 1, 2, 4].into_iter().map(|location| builder.visit(Visit::at(location))).collect();
/// let ends = Vehicle::new().with_start(Terminal::Visit(visits[0])).with_end(Terminal::Visit(visits[4]));
/// builder.vehicle(ends);
/// let solution = solve(&builder.build()?, &Budget::of_iterations(1_000), 1);
/// let order: Vec<usize> = solution.tours[0].visits().map(|visit| visit.index()).collect();
/// assert_eq!(order, [0, 2, 3, 1, 4]);
/// assert_eq!(solution.cost.duration, Seconds::new(240));
/// assert!(solution.proven_optimal);
/// # Ok::<(), routemate_optimizer::ProblemError>(())
/// ```
#[must_use]
pub fn solve<C: Costs>(problem: &Problem<'_, C>, budget: &Budget, seed: u64) -> Solution {
    let whole = Pace::begin(budget);
    if !problem.is_single_path() {
        // What comes after the search takes some microseconds for each visit.
        let pace = whole.reserving(Duration::from_micros(200 + 10 * problem.visits.len() as u64));
        let found = search_tours(problem, &pace, seed);
        let (tours, rounds) = found.map_or((Vec::new(), 0), |found| (found.tours, found.rounds));
        return answer::conclude(problem, tours, rounds, &whole);
    }
    // What comes after the search takes some microseconds for each visit.
    let pace = whole.reserving(Duration::from_micros(100 + 3 * problem.visits.len() as u64));
    let answer = find_order(problem, &pace, seed).unwrap_or_else(|| in_the_order_given(problem));
    conclude(problem, answer, &whole)
}

/// Visits in an order that can be driven.
struct Answer {
    order: Vec<usize>,
    is_optimal: bool,
    rounds: u64,
}

/// The most visits between the ends that are solved exactly at once, and without windows where there is time.
const EXACT_INNER: usize = 12;
const EXACT_INNER_UNTIMED: usize = 16;

fn find_order<C: Costs>(problem: &Problem<'_, C>, pace: &Pace<'_>, seed: u64) -> Option<Answer> {
    let is_fixed = |terminal| matches!(terminal, Terminal::Visit(_));
    let fixed = usize::from(is_fixed(problem.vehicle.start())) + usize::from(is_fixed(problem.vehicle.end()));
    let inner = problem.visits.len().saturating_sub(fixed);
    let is_timed = problem.visits.iter().any(|visit| !visit.windows().is_empty());
    let exact = |order| Answer { order, is_optimal: true, rounds: 0 };
    if !is_timed {
        let is_small = inner <= EXACT_INNER || (inner <= EXACT_INNER_UNTIMED && pace.allows(Duration::from_millis(60)));
        if is_small && let Some(order) = solve_exactly(problem, None, pace) {
            return Some(exact(order));
        }
    } else if inner <= EXACT_INNER {
        let quick = pace.with_rounds(200);
        let known = search_order(problem, &quick, seed)?;
        return match solve_exactly(problem, Some(&known.order), pace) {
            Some(order) => Some(exact(order)),
            None => search_order(problem, pace, seed),
        };
    }
    search_order(problem, pace, seed)
}

fn search_order<C: Costs>(problem: &Problem<'_, C>, pace: &Pace<'_>, seed: u64) -> Option<Answer> {
    let all: Vec<usize> = (0..problem.visits.len()).collect();
    let model = Model::of(problem, &all, pace)?;
    if !model.has_forbidden {
        let warm = planned_order(problem).map(|order| path_of(&model, &order));
        return search_model(&model, warm, pace, seed);
    }
    // First who can be served at all, then the best order of those.
    let first = search(&model, None, &pace.share(0.25), seed)?;
    let mut order = drivable_part(problem, &model, &first.path);
    insert_left_out(problem, &mut order);
    if order.is_empty() {
        return Some(Answer { order, is_optimal: false, rounds: first.rounds });
    }
    let mut served = order.clone();
    served.sort_unstable();
    let found = Model::of(problem, &served, pace).and_then(|model| {
        let warm = path_of(&model, &order);
        search_model(&model, Some(warm), &pace.after(first.rounds), seed)
    });
    let answer = match found {
        Some(found) if score(problem, &found.order).is_some() => found,
        _ => Answer { order, is_optimal: false, rounds: 0 },
    };
    Some(Answer { rounds: answer.rounds + first.rounds, ..answer })
}

/// The order of the plan in force with everybody else where it is cheapest.
fn planned_order<C: Costs>(problem: &Problem<'_, C>) -> Option<Vec<usize>> {
    let tour = problem.plan_in_force()?.tours().first()?;
    let mut order: Vec<usize> = tour.iter().map(|visit| visit.index()).collect();
    let fixed = |terminal| match terminal {
        Terminal::Visit(visit) => Some(visit.index()),
        Terminal::Anywhere | Terminal::Location(_) => None,
    };
    let (first, last) = (fixed(problem.vehicle.start()), fixed(problem.vehicle.end()));
    order.retain(|&visit| Some(visit) != first && Some(visit) != last);
    let mut order: Vec<usize> = first.into_iter().chain(order).chain(last.filter(|_| last != first)).collect();
    insert_left_out(problem, &mut order);
    Some(order)
}

fn search_model(model: &Model, warm: Option<Vec<u32>>, pace: &Pace<'_>, seed: u64) -> Option<Answer> {
    let Found { path, rounds } = match &model.timing {
        None => search(model, warm, pace, seed)?,
        Some(timing) => search_timed(model, timing, warm, pace, seed)?,
    };
    Some(Answer { order: model.visits_of(&path), is_optimal: false, rounds })
}

/// The path of an order that serves just the visits of a model.
fn path_of(model: &Model, order: &[usize]) -> Vec<u32> {
    let node_of = |visit: usize| model.visits.iter().position(|&other| other == visit);
    let last = model.count - 1;
    let inner = order.iter().filter_map(|&visit| node_of(visit)).filter(|&node| node != 0 && node != last);
    [0].into_iter().chain(inner).chain([last]).map(|node| node as u32).collect()
}

/// What remains when there is no time to think: each visit in turn where it can be driven to, the rest wherever it fits.
fn in_the_order_given<C: Costs>(problem: &Problem<'_, C>) -> Answer {
    let fixed = |terminal| match terminal {
        Terminal::Visit(visit) => visit.index(),
        Terminal::Anywhere | Terminal::Location(_) => NO_VISIT,
    };
    let (first, last) = (fixed(problem.vehicle.start()), fixed(problem.vehicle.end()));
    let mut given: Vec<usize> = (0..problem.visits.len()).collect();
    given.sort_by_key(|&visit| (visit != first, visit == last && last != first));
    let location = |visit: usize| problem.visits.get(visit).map(|visit| visit.location());
    let end = terminal_location(problem.vehicle.end());
    let mut order: Vec<usize> = Vec::with_capacity(given.len());
    let mut here = terminal_location(problem.vehicle.start());
    for visit in given {
        if leg(problem, here, location(visit)).is_some() {
            order.push(visit);
            here = location(visit);
        }
    }
    while order.last().is_some_and(|&visit| leg(problem, location(visit), end).is_none()) {
        order.pop();
    }
    insert_left_out(problem, &mut order);
    Answer { order, is_optimal: false, rounds: 0 }
}

fn conclude<C: Costs>(problem: &Problem<'_, C>, answer: Answer, pace: &Pace<'_>) -> Solution {
    let Answer { mut order, is_optimal, rounds } = answer;
    let mut is_settled = true;
    if !is_optimal {
        insert_left_out(problem, &mut order);
        is_settled = settle_lateness(problem, &mut order, pace);
        break_ties(problem, &mut order, pace);
        // A tie broken towards a shorter drive may have opened a place.
        is_settled = is_settled && settle_lateness(problem, &mut order, pace);
        insert_left_out(problem, &mut order);
    }
    let tour = tour(problem, &order).filter(|_| !order.is_empty());
    let late = tour.as_ref().map_or_else(Vec::new, |tour| late_visits(problem, &order, tour, is_settled, pace));
    let unserved = left_out(problem, &order)
        .into_iter()
        .map(|visit| Unserved { visit: VisitId::new(visit), reason: UnservedReason::Unreachable })
        .collect();
    let bound = is_optimal.then(|| tour.as_ref().map_or(0, |tour| tour.cost.total));
    Solution {
        cost: tour.as_ref().map_or_else(Cost::default, |tour| tour.cost),
        tours: tour.into_iter().collect(),
        late,
        unserved,
        bound,
        proven_optimal: is_optimal,
        iterations: rounds,
    }
}
