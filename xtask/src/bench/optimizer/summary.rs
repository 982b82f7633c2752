//! Gaps to the best value known, and what they come to for each set, limit and solver.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::record::{Outcome, Run};
use crate::failure::{Context, Result};

/// Two costs this near are equal: sets publish two decimals at most.
const ROUNDING: f64 = 0.005;

/// The best value of each problem: published, or else the lowest cost that any solver ever found here.
#[derive(Debug, Default)]
pub(super) struct References {
    seen: BTreeMap<String, f64>,
}

impl References {
    /// Reads what earlier runs saw; nothing if there is no such file.
    pub(super) fn open(path: &Path) -> References {
        let json: Option<Value> = fs::read_to_string(path).ok().and_then(|text| serde_json::from_str(&text).ok());
        let costs = json.as_ref().and_then(Value::as_object).into_iter().flatten();
        References { seen: costs.filter_map(|(problem, cost)| Some((problem.clone(), cost.as_f64()?))).collect() }
    }

    pub(super) fn save(&self, path: &Path) -> Result<()> {
        fs::write(path, json!(self.seen).to_string()).context(|| format!("cannot write {}", path.display()))
    }

    pub(super) fn see(&mut self, run: &Run) {
        if let Some(cost) = run.cost() {
            let best = self.seen.entry(key(run)).or_insert(cost);
            *best = best.min(cost);
        }
    }

    pub(super) fn best(&self, run: &Run) -> Option<f64> {
        run.best_known.or_else(|| self.seen.get(&key(run)).copied())
    }

    /// How far the answer is above the best value, in percent of that; below 0 where it is better than published.
    pub(super) fn gap(&self, run: &Run) -> Option<f64> {
        let (cost, best) = (run.cost()?, self.best(run)?);
        if (cost - best).abs() <= ROUNDING {
            return Some(0.0);
        }
        (best > 0.0).then(|| 100.0 * (cost - best) / best)
    }

    /// Whether the solver claims a bound above a cost that was found: the bound is wrong then.
    pub(super) fn refute_bound(&self, run: &Run) -> bool {
        let bound = run.cost().zip(run.bound_gap).map(|(cost, gap)| cost * (1.0 - gap / 100.0));
        let seen = self.seen.get(&key(run)).copied().into_iter().chain(run.cost());
        let lowest = seen.fold(f64::INFINITY, f64::min);
        bound.is_some_and(|bound| bound > lowest + ROUNDING)
    }
}

fn key(run: &Run) -> String {
    format!("{}/{}", run.set, run.problem)
}

/// What one solver reached on one set under one limit.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) set: String,
    pub(super) limit: f64,
    pub(super) solver: String,
    /// Without those that the solver does not support.
    pub(super) problems: usize,
    /// Problems without an answer that the checker accepts.
    pub(super) failed: usize,
    pub(super) at_best: usize,
    /// Over the accepted answers, in percent.
    pub(super) mean_gap: Option<f64>,
    pub(super) worst_gap: Option<f64>,
    /// Over the accepted answers.
    pub(super) mean_seconds: Option<f64>,
    /// Why there is no figure at all, where there is none.
    pub(super) why: Option<String>,
}

/// One line for each set, limit and solver, in the order in which they first occur.
pub(super) fn summarize(runs: &[Run], references: &References) -> Vec<Line> {
    let mut groups: Vec<Vec<&Run>> = Vec::new();
    let same = |a: &Run, b: &Run| (&a.set, a.limit, &a.solver) == (&b.set, b.limit, &b.solver);
    for run in runs {
        match groups.iter_mut().find(|group| group.first().is_some_and(|first| same(first, run))) {
            Some(group) => group.push(run),
            None => groups.push(vec![run]),
        }
    }
    groups.iter().filter_map(|group| line(group, references)).collect()
}

fn line(group: &[&Run], references: &References) -> Option<Line> {
    let first = group.first()?;
    let supported: Vec<_> = group.iter().copied().filter(|run| run.is_supported()).collect();
    let gaps: Vec<_> = supported.iter().filter_map(|run| references.gap(run)).collect();
    let seconds: Vec<_> = supported.iter().filter(|run| run.cost().is_some()).filter_map(|run| run.solve_s).collect();
    let failed = supported.iter().filter(|run| run.cost().is_none()).count();
    let why = group.iter().find_map(|run| why(run)).filter(|_| supported.len() == failed);
    Some(Line {
        set: first.set.clone(),
        limit: first.limit,
        solver: first.solver.clone(),
        problems: supported.len(),
        failed,
        at_best: gaps.iter().filter(|gap| **gap <= 0.0).count(),
        mean_gap: mean(&gaps),
        worst_gap: gaps.iter().copied().reduce(f64::max),
        mean_seconds: mean(&seconds),
        why,
    })
}

/// Why a run has no cost.
pub(super) fn why(run: &Run) -> Option<String> {
    match &run.outcome {
        Outcome::Solved { .. } => None,
        Outcome::Infeasible { why } | Outcome::NoAnswer { why } | Outcome::NotSupported { why } => Some(why.clone()),
    }
}

pub(super) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::optimizer::record::OURS;

    fn failed(run: Run) -> Run {
        Run { outcome: Outcome::Infeasible { why: "late".into() }, ..run }
    }

    #[test]
    fn lines_tell_gap_and_time() {
        let published = |cost| Run { best_known: Some(100.0), ..Run::sample("a", "p", OURS, 1.0, cost) };
        let runs = [
            published(103.0),
            published(100.004),
            published(101.0),
            failed(published(0.0)),
            Run::sample("a", "p", "lkh", 1.0, 100.0),
        ];
        let lines = summarize(&runs, &References::default());
        let [ours, _lkh] = lines.as_slice() else { panic!("{lines:?}") };
        assert_eq!((ours.problems, ours.failed, ours.at_best), (4, 1, 1));
        assert!((ours.mean_gap.unwrap() - 4.0 / 3.0).abs() < 1e-9);
        assert_eq!((ours.worst_gap, ours.mean_seconds), (Some(3.0), Some(1.0)));
        assert_eq!(ours.why, None);
    }

    #[test]
    fn best_seen_stands_in_for_a_published_value() {
        let (good, bad) = (Run::sample("a", "p", "lkh", 1.0, 200.0), Run::sample("a", "p", OURS, 0.1, 210.0));
        let mut references = References::default();
        assert_eq!(references.gap(&bad), None);
        references.see(&bad);
        references.see(&good);
        references.see(&failed(Run::sample("a", "p", OURS, 1.0, 0.0)));
        assert_eq!(references.gap(&bad), Some(5.0));
        assert_eq!(references.gap(&Run { set: "b".into(), ..bad.clone() }), None);
        assert_eq!(references.gap(&Run { best_known: Some(210.0), ..bad }), Some(0.0));
    }

    #[test]
    fn what_is_not_supported_is_no_failure_and_says_why() {
        let outcome = Outcome::NotSupported { why: "kind".into() };
        let run = Run { outcome, ..Run::sample("a", "p", OURS, 1.0, 0.0) };
        let lines = summarize(&[run], &References::default());
        let [line] = lines.as_slice() else { panic!("{lines:?}") };
        assert_eq!((line.problems, line.failed, line.mean_gap), (0, 0, None));
        assert_eq!(line.why.as_deref(), Some("kind"));
    }

    #[test]
    fn bound_above_a_cost_is_refuted() {
        let run = Run { bound_gap: Some(1.0), ..Run::sample("a", "p", OURS, 1.0, 100.0) };
        let mut references = References::default();
        assert!(!references.refute_bound(&run));
        references.see(&Run::sample("a", "p", "lkh", 1.0, 98.0));
        assert!(references.refute_bound(&run));
        assert!(references.refute_bound(&Run { bound_gap: Some(-0.1), ..Run::sample("a", "q", OURS, 1.0, 100.0) }));
    }
}
