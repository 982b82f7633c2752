//! What no path can do better than.

use crate::ascent::Ascent;
use crate::barred::Barred;
use crate::model::Model;
use crate::one_tree::Arcs;
use crate::pace::Pace;

/// The part of the time that is kept for the bound.
pub(crate) const TIME_SHARE: f64 = 0.1;
/// How many trees are built where rounds are limited, per round of the search and in any case.
const TREES_PER_ROUND: f64 = 0.05;
const LEAST_TREES: u64 = 40;
/// How many trees are built between two proofs over all pairs: those take O(n²).
const fn trees_per_proof(count: usize) -> u64 {
    25 + count as u64 / 8
}

/// How good a path is that a bound is compared with.
#[derive(Clone, Copy)]
pub(crate) struct Known {
    /// Σ lateness × importance.
    pub(crate) lateness: u64,
    /// What is driven, in the objective's unit.
    pub(crate) driven: u64,
}

/// What every path over all nodes of a model drives that is as little late as `known`; `None` where the time was too short
/// for any proof.
pub(crate) fn lower_bound(model: &Model, known: Known, pace: &Pace<'_>) -> Option<u64> {
    let barred = match &model.timing {
        Some(timing) => Some(Barred::of(model, timing, known.lateness, pace)?),
        None => None,
    };
    let mut ascent = Ascent::begin(Arcs::of(model, barred), pace)?;
    let each = trees_per_proof(model.count);
    let mut left = pace.rounds().map(|rounds| LEAST_TREES + (rounds as f64 * TREES_PER_ROUND) as u64);
    while left != Some(0) {
        let trees = left.map_or(each, |left| each.min(left));
        if !ascent.climb(known.driven, trees, pace) {
            break;
        }
        left = left.map(|left| left - trees);
    }
    Some(ascent.bound().min(known.driven))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Budget;
    use crate::costs::CostTable;
    use crate::problem::{Objective, Problem};
    use crate::schedule::score;
    use crate::solve::solve;
    use crate::vehicle::{Terminal, Vehicle};
    use crate::visit::{Visit, VisitId, Window};
    use crate::{ProblemBuilder, Solution};
    use proptest::prelude::*;
    use routemate_units::{Meters, Seconds};

    type Row = (u32, u32, u32, bool, u32, u32, u16);

    /// Up to eight visits, each at its own location, with windows where the flag says so.
    fn bound_of(rows: &[Row], ends: (u8, u8), by_time: bool, cuts_off: u32) -> Option<(u64, u64)> {
        let count = rows.len();
        let pair = |from: usize, to: usize| {
            let (a, b) = (rows[from % count], rows[to % count]);
            let mixed = (a.0 * 31 + b.1 * 17 + a.2 * b.2) % 97;
            (mixed >= cuts_off).then_some((Seconds::new(mixed), Meters::new((a.1 * 13 + b.0 * 7) % 89)))
        };
        let costs = CostTable::from_fn(count + 2, pair);
        let mut builder = ProblemBuilder::new(&costs);
        for (location, &(.., has_window, opens, length, importance)) in rows.iter().enumerate() {
            let visit = Visit::at(location).with_importance(importance).with_service(Seconds::new(opens % 7));
            let window = Window::new(Seconds::new(opens), Seconds::new(opens + length));
            builder.visit(if has_window { visit.with_window(window) } else { visit });
        }
        let terminal = |kind: u8, own: usize| match kind {
            0 => Terminal::Anywhere,
            1 => Terminal::Location(count),
            _ => Terminal::Visit(VisitId::new(own)),
        };
        builder.vehicle(Vehicle::new().with_start(terminal(ends.0, 0)).with_end(terminal(ends.1, count - 1)));
        builder.objective(if by_time { Objective::Duration } else { Objective::Distance });
        let problem = builder.build().expect("it is valid");
        let best = solve(&problem, &Budget::of_iterations(50), 1);
        (best.unserved.is_empty() && best.proven_optimal).then(|| compare(&problem, &best))?
    }

    /// The bound with a known path that is worse than the best, and what the best drives.
    fn compare(problem: &Problem<'_, CostTable>, best: &Solution) -> Option<(u64, u64)> {
        let order: Vec<usize> = best.tours.first()?.visits().map(VisitId::index).collect();
        let score = score(problem, &order)?;
        let budget = Budget::of_iterations(2_000);
        let pace = Pace::begin(&budget);
        let all: Vec<usize> = (0..order.len()).collect();
        let model = Model::of(problem, &all, &pace)?;
        let known = Known { lateness: score.lateness, driven: score.driven + 1000 };
        Some((lower_bound(&model, known, &pace)?, score.driven))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

        #[test]
        fn nothing_is_better_than_the_bound(
            rows in prop::collection::vec((0..100_u32, 0..100_u32, 0..100_u32, any::<bool>(), 0..300_u32, 0..200_u32, 1..5_u16), 3..8),
            ends in (0..3_u8, 0..3_u8),
            by_time in any::<bool>(),
            has_windows in any::<bool>(),
            cuts_off in prop_oneof![Just(0_u32), Just(15)],
        ) {
            let rows: Vec<Row> = rows.into_iter().map(|row| Row::from((row.0, row.1, row.2, row.3 && has_windows, row.4, row.5, row.6))).collect();
            if let Some((bound, driven)) = bound_of(&rows, ends, by_time, cuts_off) {
                prop_assert!(bound <= driven, "{bound} > {driven}");
            }
        }
    }
}
