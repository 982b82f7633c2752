use crate::alternatives::Alternatives;
use crate::answer;
use crate::bound::{Known, TIME_SHARE, lower_bound};
use crate::budget::Budget;
use crate::costs::Costs;
use crate::fleet::search_fleets;
use crate::islands::search_islands;
use crate::model::Model;
use crate::nodes::NO_VISIT;
use crate::pace::Pace;
use crate::problem::Problem;
use crate::progress::Watcher;
use crate::schedule::{Score, leg, score, terminal_location};
use crate::search::{Found, search};
use crate::served::{drivable_part, insert_left_out, left_out, serves_all_that_can_be};
use crate::settle::{break_ties, settle_lateness};
use crate::small::solve_exactly;
use crate::solution::{Cost, Solution, Unserved, UnservedReason};
use crate::timed_search::search_timed;
use crate::vehicle::{Terminal, VehicleId};
use crate::visit::VisitId;
use std::time::Duration;

/// Searches for the best answer within a budget. Never fails: what cannot be served is listed with its reason.
///
/// Up to 12 visits between the ends (16 without windows where the deadline allows 60 ms) the answer is proven optimal, with
/// windows unless they leave too many choices open. Where all windows can be met, a proof is tried up to 250 visits: tight
/// windows leave few orders. Beyond that it is the best that local search finds: a first tour, descent over 2-opt, or-opt
/// and or-3opt, then local kicks with undo, with windows also ruins that are mended, without them many such paths crossed with
/// each other, until the budget is spent.
///
/// Beyond those sizes a tenth of the time goes into a lower bound ([`Solution::bound`]).
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
    let watcher = budget.listener.as_ref().map(|listener| Watcher::new(problem, listener, whole));
    let pace = watcher.as_ref().map_or(whole, |watcher| whole.watched_by(watcher));
    let solution = if problem.is_single_path() {
        solve_path(problem, &pace, &whole, seed)
    } else {
        solve_fleet(problem, &pace, &whole, seed)
    };
    if let Some(watcher) = &watcher {
        let mut tours = vec![Vec::new(); problem.vehicles.len()];
        for tour in &solution.tours {
            if let Some(visits) = tours.get_mut(tour.vehicle.index()) {
                visits.extend(tour.visits().map(VisitId::index));
            }
        }
        watcher.finish(solution.iterations, tours);
    }
    solution
}

fn solve_path<C: Costs>(problem: &Problem<'_, C>, pace: &Pace<'_>, whole: &Pace<'_>, seed: u64) -> Solution {
    // What comes after the search takes some microseconds for each visit.
    let pace = pace.reserving(Duration::from_micros(100 + 3 * problem.visits.len() as u64));
    let answer = find_order(problem, &pace, seed).unwrap_or_else(|| in_the_order_given(problem));
    conclude(problem, no_worse_than_planned(problem, answer, &pace), whole)
}

fn solve_fleet<C: Costs>(problem: &Problem<'_, C>, pace: &Pace<'_>, whole: &Pace<'_>, seed: u64) -> Solution {
    let pace = pace.reserving(Duration::from_micros(200 + 10 * problem.visits.len() as u64));
    if let Some(best) = answer::best(problem, &pace) {
        return best;
    }
    match search_fleets(problem, &pace, seed) {
        Some(found) => answer::conclude(problem, [found.tours, found.begin], found.rounds, whole),
        None => answer::conclude(problem, [Vec::new()], 0, whole),
    }
}

/// Visits in an order that can be driven.
struct Answer {
    order: Vec<usize>,
    is_optimal: bool,
    /// What every order drives that serves all and is as little late.
    bound: Option<u64>,
    rounds: u64,
}

/// The most visits between the ends that are solved exactly at once, and without windows where there is time.
const EXACT_INNER: usize = 12;
const EXACT_INNER_UNTIMED: usize = 16;
/// Rounds that find an order to beat where that makes the exact method faster.
const QUICK_ROUNDS: u64 = 60;
/// The most with windows for which a proof is tried at all.
const EXACT_INNER_TIMED: usize = 250;
/// The parts of the budget after which that begins and ends.
const SHARE_BEFORE_PROOF: f64 = 0.15;
const SHARE_OF_PROOF: f64 = 0.35;

fn find_order<C: Costs>(problem: &Problem<'_, C>, pace: &Pace<'_>, seed: u64) -> Option<Answer> {
    let is_fixed = |terminal| matches!(terminal, Terminal::Visit(_));
    let fixed = usize::from(is_fixed(problem.vehicle.start())) + usize::from(is_fixed(problem.vehicle.end()));
    let inner = problem.visits.len().saturating_sub(fixed);
    let is_timed = problem.visits.iter().any(|visit| !visit.windows().is_empty());
    let exact = |order| Answer { order, is_optimal: true, bound: None, rounds: 0 };
    if !is_timed {
        let is_small = inner <= EXACT_INNER || (inner <= EXACT_INNER_UNTIMED && pace.allows(Duration::from_millis(60)));
        if is_small && let Some(order) = solve_exactly(problem, None, pace) {
            return Some(exact(order));
        }
    } else if inner <= EXACT_INNER {
        let quick = pace.with_rounds(QUICK_ROUNDS);
        let known = search_order(problem, &quick, seed)?;
        return match solve_exactly(problem, Some(&known.order), pace) {
            Some(order) => Some(exact(order)),
            None => search_order(problem, pace, seed),
        };
    } else if inner <= EXACT_INNER_TIMED {
        return search_and_prove(problem, pace, seed);
    }
    search_order(problem, pace, seed)
}

/// Searches, tries to prove the answer best, and searches on where that fails.
fn search_and_prove<C: Costs>(problem: &Problem<'_, C>, pace: &Pace<'_>, seed: u64) -> Option<Answer> {
    let all: Vec<usize> = (0..problem.visits.len()).collect();
    let model = Model::of(problem, &all, pace)?;
    if model.has_forbidden {
        return search_order(problem, pace, seed);
    }
    let warm = planned_order(problem, pace).map(|order| path_of(&model, &order));
    let first = search_model(&model, warm, &pace.share(SHARE_BEFORE_PROOF), seed)?;
    if let Some(order) = solve_exactly(problem, Some(&first.order), &pace.share(SHARE_OF_PROOF)) {
        return Some(Answer { order, is_optimal: true, bound: None, rounds: 0 });
    }
    let warm = path_of(&model, &first.order);
    let found = search_model(&model, Some(warm), &pace.keeping(TIME_SHARE).after(first.rounds), seed.wrapping_add(1));
    let found = match found {
        Some(found) => Answer { rounds: found.rounds + first.rounds, ..found },
        None => first,
    };
    Some(Answer { bound: bound(problem, &model, &found.order, pace), ..found })
}

fn search_order<C: Costs>(problem: &Problem<'_, C>, pace: &Pace<'_>, seed: u64) -> Option<Answer> {
    let all: Vec<usize> = (0..problem.visits.len()).collect();
    let model = Model::of(problem, &all, pace)?;
    let searching = pace.keeping(TIME_SHARE);
    if !model.has_forbidden {
        let warm = planned_order(problem, pace).map(|order| path_of(&model, &order));
        let found = search_model(&model, warm, &searching, seed)?;
        return Some(Answer { bound: bound(problem, &model, &found.order, pace), ..found });
    }
    // What is found on the way may drive unreachable pairs, or be better than what remains once nothing does: the answer
    // alone is told.
    let (pace, searching) = (&pace.unwatched(), searching.unwatched());
    // First who can be served at all, then the best order of those.
    let warm = planned_order(problem, pace).map(|mut order| {
        order.extend(left_out(problem, &order));
        path_of(&model, &order)
    });
    let first = search(&model, warm, &searching.share(0.25), seed)?;
    let mut order = drivable_part(problem, &model, &first.path);
    insert_left_out(problem, &mut order);
    if order.is_empty() {
        return Some(Answer { order, is_optimal: false, bound: None, rounds: first.rounds });
    }
    let mut served = order.clone();
    served.sort_unstable();
    // Its memory is wanted for the next one.
    drop(model);
    let found = Model::of(problem, &served, pace).and_then(|model| {
        let warm = path_of(&model, &order);
        let found = search_model(&model, Some(warm), &searching.after(first.rounds), seed)?;
        let is_forced = score(problem, &found.order).is_some() && serves_all_that_can_be(problem, &found.order);
        Some(Answer { bound: bound(problem, &model, &found.order, pace).filter(|_| is_forced), ..found })
    });
    let answer = match found {
        Some(found) if score(problem, &found.order).is_some() => found,
        _ => Answer { order, is_optimal: false, bound: None, rounds: 0 },
    };
    Some(Answer { rounds: answer.rounds + first.rounds, ..answer })
}

/// An answer, or the plan in force with everybody else put in should that be better.
fn no_worse_than_planned<C: Costs>(problem: &Problem<'_, C>, answer: Answer, pace: &Pace<'_>) -> Answer {
    if answer.is_optimal {
        return answer;
    }
    let planned = planned_order(problem, pace).and_then(|order| Some((score(problem, &order)?, order)));
    match planned {
        Some((planned, order)) if score(problem, &answer.order).is_none_or(|found| planned < found) => {
            Answer { order, ..answer }
        }
        _ => answer,
    }
}

/// How many visits are put into the plan in force where they cost least, even when there is no time.
const PLACED_WITH_CARE: usize = 16;

/// The order of the plan in force with everybody else put in, the important first.
fn planned_order<C: Costs>(problem: &Problem<'_, C>, pace: &Pace<'_>) -> Option<Vec<usize>> {
    let planned = planned_visits(problem)?;
    let Ok(mut alternatives) = Alternatives::of(problem, [planned.iter().copied().map(VisitId::new).collect()]) else {
        // It can no longer be driven.
        return Some(planned);
    };
    let mut left_out = left_out(problem, &planned);
    left_out.sort_by_key(|&visit| problem.visits.get(visit).map(|visit| std::cmp::Reverse(visit.importance())));
    for (number, visit) in left_out.into_iter().enumerate() {
        if number >= PLACED_WITH_CARE && pace.is_over() {
            break;
        }
        if let Some(best) = alternatives.best_place(VisitId::new(visit)) {
            // What was just found to fit is not refused.
            let _ = alternatives.insert(&best.place);
        }
    }
    let mut order = alternatives.tours().into_iter().flatten().map(VisitId::index).collect();
    insert_left_out(problem, &mut order);
    Some(order)
}

/// The visits of the plan in force; those that are fixed at an end are put there.
fn planned_visits<C: Costs>(problem: &Problem<'_, C>) -> Option<Vec<usize>> {
    let tour = problem.plan_in_force()?.tours().first()?;
    let mut visits: Vec<usize> = tour.iter().map(|visit| visit.index()).collect();
    let is_at = |terminal: Terminal, visit: usize| terminal == Terminal::Visit(VisitId::new(visit));
    let (start, end) = (problem.vehicle.start(), problem.vehicle.end());
    visits.sort_by_key(|&visit| (!is_at(start, visit), is_at(end, visit) && start != end));
    Some(visits)
}

/// What every order drives that serves all nodes of the model and is as little late.
fn bound<C: Costs>(problem: &Problem<'_, C>, model: &Model, order: &[usize], pace: &Pace<'_>) -> Option<u64> {
    let score = score(problem, order)?;
    lower_bound(model, Known { lateness: score.lateness, driven: score.driven }, pace)
}

fn search_model(model: &Model, warm: Option<Vec<u32>>, pace: &Pace<'_>, seed: u64) -> Option<Answer> {
    let Found { path, rounds } = search_islands(model, pace, seed, |pace, seed| match &model.timing {
        None => search(model, warm.clone(), pace, seed),
        Some(timing) => search_timed(model, timing, warm.clone(), pace, seed),
    })?;
    Some(Answer { order: model.visits_of(&path), is_optimal: false, bound: None, rounds })
}

/// The path of an order that serves just the visits of a model.
fn path_of(model: &Model, order: &[usize]) -> Vec<u32> {
    let last = model.count - 1;
    let inner_nodes = model.visits.get(1..last).unwrap_or_default();
    // Between the ends nodes stand for ascending visits.
    let inner = order.iter().filter_map(|visit| inner_nodes.binary_search(visit).ok()).map(|at| at + 1);
    [0].into_iter().chain(inner).chain([last]).map(|node| node as u32).collect()
}

/// What remains when there is no time to think: each visit in turn where it can be driven to, the rest wherever it fits.
fn in_the_order_given<C: Costs>(problem: &Problem<'_, C>) -> Answer {
    let fixed = |terminal| match terminal {
        Terminal::Visit(visit) => visit.index(),
        Terminal::Anywhere | Terminal::Location(_) => NO_VISIT,
    };
    let (first, last) = (fixed(problem.vehicle.start()), fixed(problem.vehicle.end()));
    let mut given = planned_visits(problem).unwrap_or_default();
    given.extend(left_out(problem, &given));
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
    Answer { order, is_optimal: false, bound: None, rounds: 0 }
}

fn conclude<C: Costs>(problem: &Problem<'_, C>, answer: Answer, pace: &Pace<'_>) -> Solution {
    let Answer { mut order, is_optimal, bound, rounds } = answer;
    let mut is_settled = true;
    if !is_optimal {
        insert_left_out(problem, &mut order);
        is_settled = settle_lateness(problem, &mut order, pace);
        break_ties(problem, &mut order, pace);
        // A tie broken towards a shorter drive may have opened a place.
        is_settled = is_settled && settle_lateness(problem, &mut order, pace);
        insert_left_out(problem, &mut order);
    }
    let score = score(problem, &order);
    let bound = if is_optimal { score.map(|score| score.driven) } else { bound };
    let is_optimal = is_optimal || score.is_some_and(|score| is_proven_by(problem, &score, bound));
    let tour = answer::tour(problem, VehicleId::new(0), &order);
    let late = answer::reasons::late(problem, tour.as_slice(), is_settled, pace);
    let unserved = left_out(problem, &order)
        .into_iter()
        .map(|visit| Unserved { visit: VisitId::new(visit), reason: UnservedReason::Unreachable })
        .collect();
    // What the vehicle costs is part of the total and of every answer.
    let fixed = tour.as_ref().map_or(0, |tour| tour.cost.fixed);
    Solution {
        cost: tour.as_ref().map_or_else(Cost::default, |tour| tour.cost),
        tours: tour.into_iter().collect(),
        late,
        unserved,
        bound: bound.map(|bound| bound + fixed),
        proven_optimal: is_optimal,
        iterations: rounds,
    }
}

/// Whether a bound shows that nothing at all is better: neither what is served, nor in time, nor driven, nor a tie-break.
fn is_proven_by<C: Costs>(problem: &Problem<'_, C>, score: &Score, bound: Option<u64>) -> bool {
    let is_fixed =
        |visit: usize| [problem.vehicle.start(), problem.vehicle.end()].contains(&Terminal::Visit(VisitId::new(visit)));
    let mut free =
        problem.visits.iter().enumerate().filter(|&(visit, _)| !is_fixed(visit)).map(|(_, it)| it.importance());
    let first = free.next();
    // Where all count the same, places cannot break a tie.
    let has_no_ties = score.tie_break == 0 && free.all(|importance| Some(importance) == first);
    bound == Some(score.driven) && score.unserved == 0 && score.lateness == 0 && has_no_ties
}
