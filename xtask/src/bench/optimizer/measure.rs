//! Measures targets on runs.

use std::fmt;

use super::record::{OURS, OURS_TIME_OF_LKH, Outcome, Run};
use super::summary::{References, mean, why};

/// One row of the table of targets.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) what: &'static str,
    /// None: all sets.
    pub(super) sets: &'static [&'static str],
    /// Fewest and most nodes, depot included.
    pub(super) nodes: (u64, u64),
    /// None: all limits.
    pub(super) limit: Option<f64>,
    pub(super) statistic: Statistic,
    pub(super) goal: Goal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Statistic {
    /// Mean gap to the best value in percent.
    MeanGap,
    /// Problems on which the best value is reached, in percent.
    AtBest,
    /// Problems with an answer that the checker accepts, in percent.
    Feasible,
    /// Runs with an answer, accepted or not, in percent.
    Answered,
    /// Longest time to an answer proven optimal, in milliseconds; an answer without proof has failed.
    ProvenTime,
    /// Longest time after the limit, in milliseconds.
    Overrun,
    /// Answers that a simple move makes better.
    Improvable,
    /// Mean gap less that of a peer under the same limit, in percentage points, where the peer has an answer.
    PointsAbove(&'static str),
    /// The same, with as much time as one run of the peer took.
    PointsAboveInItsTime(&'static str),
    /// Problems on which the answer is no worse than the peer's best under any limit, in percent.
    AsGoodAs(&'static str),
    /// Problems with no more vehicles than published, in percent.
    FewestVehicles,
    /// Widest gap from the lower bound to the answer, in percent of the answer. No bound, or one above a known cost,
    /// has failed.
    BoundGap,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Goal {
    AtMost(f64),
    AtLeast(f64),
    Below(f64),
}

/// What was measured for a target.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Finding {
    pub(super) runs: usize,
    /// Runs that give no figure although they should.
    pub(super) failed: usize,
    pub(super) figure: Option<f64>,
    /// The run that decides, where the worst one does.
    pub(super) worst: Option<String>,
    pub(super) verdict: Verdict,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Reached,
    Missed,
    NotMeasured { why: String },
}

/// A figure of each run that has one.
struct Figures<'r> {
    values: Vec<(f64, &'r Run)>,
    runs: usize,
}

impl Target {
    pub(super) fn measure(&self, runs: &[Run], references: &References) -> Finding {
        let ours = match self.statistic {
            Statistic::PointsAboveInItsTime(_) => OURS_TIME_OF_LKH,
            _ => OURS,
        };
        let chosen: Vec<_> = runs.iter().filter(|run| run.solver == ours && self.concerns(run)).collect();
        let supported: Vec<_> = chosen.iter().copied().filter(|run| run.is_supported()).collect();
        if supported.is_empty() {
            let why = chosen.iter().find_map(|run| why(run)).unwrap_or_else(|| "not run".to_owned());
            return Finding { runs: 0, failed: 0, figure: None, worst: None, verdict: Verdict::NotMeasured { why } };
        }
        let figures = self.figures(&supported, runs, references);
        let failed = figures.runs - figures.values.len();
        let figure = self.figure(&figures);
        let worst = figures.values.iter().max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, run)| run.shown());
        let worst = worst.filter(|_| self.statistic.is_of_the_worst() && figure.is_some_and(|figure| figure > 0.0));
        let verdict = match figure {
            None if failed > 0 => Verdict::Missed,
            None => Verdict::NotMeasured { why: self.nothing_to_measure() },
            Some(figure) if failed == 0 && self.goal.is_met(figure) => Verdict::Reached,
            Some(_) => Verdict::Missed,
        };
        Finding { runs: figures.runs, failed, figure, worst, verdict }
    }

    fn concerns(&self, run: &Run) -> bool {
        let (fewest, most) = self.nodes;
        (self.sets.is_empty() || self.sets.contains(&run.set.as_str()))
            && (fewest..=most).contains(&run.nodes)
            && self.limit.is_none_or(|limit| limit == run.limit)
    }

    fn nothing_to_measure(&self) -> String {
        match self.statistic.peer() {
            Some(peer) => format!("no answer of {peer}"),
            None => "nothing to compare with".to_owned(),
        }
    }

    fn figures<'r>(&self, ours: &[&'r Run], runs: &[Run], references: &References) -> Figures<'r> {
        let all = |figure: &dyn Fn(&Run) -> Option<f64>| Figures {
            values: ours.iter().filter_map(|run| Some((figure(run)?, *run))).collect(),
            runs: ours.len(),
        };
        let truth = |is_so: bool| Some(f64::from(u8::from(is_so)));
        match self.statistic {
            Statistic::MeanGap => all(&|run| references.gap(run)),
            Statistic::AtBest => all(&|run| truth(references.gap(run).is_some_and(|gap| gap <= 0.0))),
            Statistic::Feasible => all(&|run| truth(run.cost().is_some())),
            Statistic::Answered => all(&|run| truth(!matches!(run.outcome, Outcome::NoAnswer { .. }))),
            Statistic::ProvenTime => {
                all(&|run| run.solve_s.filter(|_| run.proven_optimal && run.cost().is_some()).map(|s| 1e3 * s))
            }
            // A run without an answer counts elsewhere; its time is that of whatever went wrong.
            Statistic::Overrun => {
                let answered = ours.iter().filter(|run| !matches!(run.outcome, Outcome::NoAnswer { .. }));
                let values: Vec<_> =
                    answered.filter_map(|run| Some((1e3 * (run.solve_s? - run.limit), *run))).collect();
                Figures { runs: values.len(), values }
            }
            Statistic::Improvable => {
                let values: Vec<_> = ours.iter().filter_map(|run| Some((truth(run.improvable?)?, *run))).collect();
                Figures { runs: values.len(), values }
            }
            Statistic::BoundGap => all(&|run| run.bound_gap.filter(|_| !references.refute_bound(run))),
            Statistic::FewestVehicles => all(&|run| {
                let fewest = run.fewest_vehicles?;
                truth(run.cost().and(run.vehicles).is_some_and(|vehicles| vehicles <= fewest))
            }),
            Statistic::PointsAbove(peer) | Statistic::PointsAboveInItsTime(peer) => against(ours, |run| {
                let theirs = runs.iter().find(|other| is_same_task(run, other, peer) && other.limit == run.limit)?;
                let gap = references.gap(theirs)?;
                Some(references.gap(run).map(|ours| ours - gap))
            }),
            Statistic::AsGoodAs(peer) => against(ours, |run| {
                let theirs = runs.iter().filter(|other| is_same_task(run, other, peer)).filter_map(Run::cost);
                let best = theirs.reduce(f64::min)?;
                Some(truth(run.cost().is_some_and(|cost| cost <= best)))
            }),
        }
    }

    fn figure(&self, figures: &Figures<'_>) -> Option<f64> {
        let values: Vec<_> = figures.values.iter().map(|(value, _)| *value).collect();
        match self.statistic {
            Statistic::MeanGap | Statistic::PointsAbove(_) | Statistic::PointsAboveInItsTime(_) => mean(&values),
            Statistic::AtBest
            | Statistic::Feasible
            | Statistic::Answered
            | Statistic::FewestVehicles
            | Statistic::AsGoodAs(_) => mean(&values).map(|share| 100.0 * share),
            Statistic::ProvenTime | Statistic::Overrun | Statistic::BoundGap => values.iter().copied().reduce(f64::max),
            Statistic::Improvable => (!values.is_empty()).then(|| values.iter().sum()),
        }
    }

    pub(super) fn goal_shown(&self) -> String {
        let (sign, value) = match self.goal {
            Goal::AtMost(value) => ("≤", value),
            Goal::AtLeast(value) => ("≥", value),
            Goal::Below(value) => ("<", value),
        };
        format!("{sign} {}", self.statistic.shown(value))
    }
}

/// Figures of the runs with whose problem a peer has something to compare. Outer `None`: it has not; inner: we have not.
fn against<'r>(ours: &[&'r Run], compared: impl Fn(&Run) -> Option<Option<f64>>) -> Figures<'r> {
    let compared: Vec<_> = ours.iter().filter_map(|run| Some((compared(run)?, *run))).collect();
    let values = compared.iter().filter_map(|(value, run)| Some(((*value)?, *run))).collect();
    Figures { runs: compared.len(), values }
}

fn is_same_task(run: &Run, other: &Run, peer: &str) -> bool {
    other.solver == peer && (&other.set, &other.problem) == (&run.set, &run.problem)
}

impl Statistic {
    /// Whom it compares with.
    pub(super) fn peer(self) -> Option<&'static str> {
        match self {
            Statistic::PointsAbove(peer) | Statistic::PointsAboveInItsTime(peer) | Statistic::AsGoodAs(peer) => {
                Some(peer)
            }
            _ => None,
        }
    }

    /// Whether one run decides, and not all together; the runs that count as improvable are each such a one.
    fn is_of_the_worst(self) -> bool {
        matches!(self, Statistic::ProvenTime | Statistic::Overrun | Statistic::BoundGap | Statistic::Improvable)
    }

    /// A figure with its unit.
    pub(super) fn shown(self, figure: f64) -> String {
        match self {
            Statistic::MeanGap | Statistic::BoundGap => format!("{} %", Short(figure)),
            Statistic::AtBest
            | Statistic::Feasible
            | Statistic::Answered
            | Statistic::FewestVehicles
            | Statistic::AsGoodAs(_) => format!("{figure:.0} %"),
            Statistic::ProvenTime | Statistic::Overrun => format!("{} ms", Short(figure)),
            Statistic::Improvable => format!("{figure:.0}"),
            Statistic::PointsAbove(_) | Statistic::PointsAboveInItsTime(_) => format!("{} points", Short(figure)),
        }
    }
}

impl Goal {
    fn is_met(self, figure: f64) -> bool {
        match self {
            Goal::AtMost(most) => figure <= most + f64::EPSILON,
            Goal::AtLeast(least) => figure >= least - f64::EPSILON,
            Goal::Below(edge) => figure < edge,
        }
    }
}

/// At most three decimals, none that say nothing.
pub(super) struct Short(pub(super) f64);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:.3}", self.0);
        let text = text.trim_end_matches('0').trim_end_matches('.');
        f.write_str(if text == "-0" { "0" } else { text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const P: &str = "p";

    fn target(statistic: Statistic, goal: Goal) -> Target {
        Target { what: "", sets: &["a"], nodes: (0, 200), limit: Some(1.0), statistic, goal }
    }

    fn with_best(best: f64, run: Run) -> Run {
        Run { best_known: Some(best), ..run }
    }

    fn failed(run: Run) -> Run {
        Run { outcome: Outcome::NoAnswer { why: "died".into() }, ..run }
    }

    fn infeasible(run: Run) -> Run {
        Run { outcome: Outcome::Infeasible { why: "late".into() }, ..run }
    }

    #[track_caller]
    fn check(target: &Target, runs: &[Run], figure: Option<f64>, verdict: Verdict) {
        let mut references = References::default();
        runs.iter().for_each(|run| references.see(run));
        let finding = target.measure(runs, &references);
        let is_near = match (finding.figure, figure) {
            (Some(a), Some(b)) => (a - b).abs() < 1e-9,
            (a, b) => a == b,
        };
        assert!(is_near && finding.verdict == verdict, "{finding:?}");
    }

    #[test]
    fn mean_gap_is_over_the_runs_concerned() {
        let ours = |cost| with_best(100.0, Run::sample("a", P, OURS, 1.0, cost));
        let others = [
            Run { limit: 10.0, ..ours(200.0) },
            Run { set: "b".into(), ..ours(200.0) },
            Run { nodes: 201, ..ours(200.0) },
            Run { solver: "lkh".into(), ..ours(200.0) },
        ];
        let runs: Vec<_> = [ours(101.0), ours(102.0)].into_iter().chain(others).collect();
        check(&target(Statistic::MeanGap, Goal::AtMost(1.5)), &runs, Some(1.5), Verdict::Reached);
        check(&target(Statistic::MeanGap, Goal::AtMost(1.4)), &runs, Some(1.5), Verdict::Missed);
    }

    #[test]
    fn failure_is_never_a_target_reached() {
        let ours = with_best(100.0, Run::sample("a", P, OURS, 1.0, 100.0));
        let runs = [ours.clone(), infeasible(ours.clone())];
        check(&target(Statistic::MeanGap, Goal::AtMost(1.0)), &runs, Some(0.0), Verdict::Missed);
        check(&target(Statistic::Feasible, Goal::AtLeast(100.0)), &runs, Some(50.0), Verdict::Missed);
        check(&target(Statistic::AtBest, Goal::AtLeast(50.0)), &runs, Some(50.0), Verdict::Reached);
        check(&target(Statistic::Answered, Goal::AtLeast(100.0)), &runs, Some(100.0), Verdict::Reached);
        let runs = [ours.clone(), failed(ours)];
        check(&target(Statistic::Answered, Goal::AtLeast(100.0)), &runs, Some(50.0), Verdict::Missed);
    }

    #[test]
    fn what_was_not_run_is_not_measured() {
        let not_measured = |why: &str| Verdict::NotMeasured { why: why.into() };
        let mean_gap = target(Statistic::MeanGap, Goal::AtMost(1.0));
        check(&mean_gap, &[], None, not_measured("not run"));
        let outcome = Outcome::NotSupported { why: "kind".into() };
        let unsupported = Run { outcome, ..Run::sample("a", P, OURS, 1.0, 0.0) };
        check(&mean_gap, &[unsupported], None, not_measured("kind"));
        let alone = [Run::sample("a", P, OURS, 1.0, 5.0)];
        check(&target(Statistic::PointsAbove("lkh"), Goal::Below(0.0)), &alone, None, not_measured("no answer of lkh"));
    }

    #[test]
    fn peers_are_compared_where_they_have_an_answer() {
        let run = |problem, solver, cost| with_best(100.0, Run::sample("a", problem, solver, 1.0, cost));
        let above = target(Statistic::PointsAbove("lkh"), Goal::AtMost(0.3));
        let mut runs = vec![run(P, OURS, 101.0), run(P, "lkh", 103.0), run("q", OURS, 150.0)];
        check(&above, &runs, Some(-2.0), Verdict::Reached);
        runs.push(failed(run("q", "lkh", 0.0)));
        check(&above, &runs, Some(-2.0), Verdict::Reached);
        runs.extend([failed(run("r", OURS, 0.0)), run("r", "lkh", 100.0)]);
        check(&above, &runs, Some(-2.0), Verdict::Missed);
        let equal = [run(P, OURS, 101.0), run(P, "lkh", 101.0)];
        check(&target(Statistic::PointsAbove("lkh"), Goal::Below(0.0)), &equal, Some(0.0), Verdict::Missed);
    }

    #[test]
    fn final_answer_of_a_peer_counts_under_any_limit() {
        let lkh = Run::sample("a", P, "lkh", 10.0, 100.0);
        let as_good = target(Statistic::AsGoodAs("lkh"), Goal::AtLeast(100.0));
        check(&as_good, &[Run::sample("a", P, OURS, 1.0, 100.0), lkh.clone()], Some(100.0), Verdict::Reached);
        check(&as_good, &[Run::sample("a", P, OURS, 1.0, 101.0), lkh], Some(0.0), Verdict::Missed);
    }

    #[test]
    fn times_proofs_and_bounds_are_judged_by_the_worst() {
        let ours = |solve_s, proven_optimal, bound_gap| {
            let run = Run::sample("a", P, OURS, 1.0, 100.0);
            Run { solve_s: Some(solve_s), proven_optimal, bound_gap, ..run }
        };
        let runs = [ours(0.001, true, Some(0.0)), ours(1.004, true, Some(0.8))];
        check(&target(Statistic::ProvenTime, Goal::AtMost(1_004.0)), &runs, Some(1_004.0), Verdict::Reached);
        check(&target(Statistic::Overrun, Goal::AtMost(5.0)), &runs, Some(4.0), Verdict::Reached);
        let named = target(Statistic::Overrun, Goal::AtMost(5.0)).measure(&runs, &References::default()).worst;
        assert_eq!(named.as_deref(), Some("a p, 1 s"));
        check(&target(Statistic::BoundGap, Goal::AtMost(1.0)), &runs, Some(0.8), Verdict::Reached);
        let runs = [ours(0.001, true, Some(0.0)), ours(1.004, false, None)];
        check(&target(Statistic::ProvenTime, Goal::AtMost(2.0)), &runs, Some(1.0), Verdict::Missed);
        check(&target(Statistic::BoundGap, Goal::AtMost(1.0)), &runs, Some(0.0), Verdict::Missed);
    }

    #[test]
    fn vehicles_are_counted_against_the_published_number() {
        let ours = |vehicles| Run {
            vehicles: Some(vehicles),
            fewest_vehicles: Some(9),
            ..Run::sample("a", P, OURS, 1.0, 100.0)
        };
        let fewest = target(Statistic::FewestVehicles, Goal::AtLeast(50.0));
        check(&fewest, &[ours(9), ours(10)], Some(50.0), Verdict::Reached);
    }

    #[test]
    fn figures_are_short() {
        let check = |figure, expected: &str| assert_eq!(Short(figure).to_string(), expected);
        check(0.0, "0");
        check(-0.0001, "0");
        check(1.5, "1.5");
        check(0.0504, "0.05");
        check(100.0, "100");
    }
}
