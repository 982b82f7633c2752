//! The tables: for the screen, for the documentation, and as data.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::json;

use super::measure::{Finding, Short, Target, Verdict};
use super::record::{OURS, OURS_TIME_OF_LKH, Run};
use super::summary::{Line, References};
use crate::bench::page::{self, align};
use crate::failure::{Context, Result};

/// The marks between which the documentation has the tables.
const SECTION: &str = "optimizer";

/// Everything that was found out.
#[derive(Debug)]
pub(super) struct Report<'r> {
    /// The command that makes it again.
    pub(super) command: String,
    /// Peers with their versions; empty if ours ran alone.
    pub(super) peers: Vec<String>,
    pub(super) highest_load: Option<f64>,
    pub(super) lines: Vec<Line>,
    pub(super) findings: Vec<(&'static Target, Finding)>,
    pub(super) runs: &'r [Run],
    pub(super) references: &'r References,
}

impl Report<'_> {
    /// One line for each set, limit and solver, and one for each target.
    pub(super) fn for_screen(&self) -> String {
        let mut text = String::new();
        let head =
            ["set", "limit", "solver", "problems", "failed", "at best", "mean gap", "worst gap", "mean time", ""];
        let mut rows = vec![head.map(str::to_owned)];
        rows.extend(self.lines.iter().map(|line| {
            [
                line.set.clone(),
                seconds(line.limit),
                line.solver.clone(),
                line.problems.to_string(),
                line.failed.to_string(),
                line.at_best.to_string(),
                line.mean_gap.map_or_else(|| "–".into(), percent),
                line.worst_gap.map_or_else(String::new, percent),
                line.mean_seconds.map_or_else(String::new, time),
                line.why.clone().unwrap_or_default(),
            ]
        }));
        align(&mut text, &rows);
        text.push('\n');
        let mut rows = vec![["target", "goal", "measured", "reached"].map(str::to_owned)];
        rows.extend(self.findings.iter().map(|(target, finding)| row(target, finding)));
        align(&mut text, &rows);
        text
    }

    /// What stands between the marks of the documentation.
    pub(super) fn for_page(&self) -> String {
        let mut text = format!("```sh\n{}\n```\n\n", self.command);
        let peers = match self.peers.as_slice() {
            [] => "No peers: ours ran alone.".to_owned(),
            peers => format!("Peers: {}.", peers.join(", ")),
        };
        let load = self.highest_load.map_or_else(String::new, |load| format!(" Highest load average: {load:.1}."));
        let _ = writeln!(text, "{peers}{load}\n");
        let solvers = self.solvers();
        let _ = writeln!(text, "| set | limit | problems | {} |", solvers.join(" | "));
        let _ = writeln!(text, "|---|---|---|{}", "---|".repeat(solvers.len()));
        for (set, limit) in self.groups() {
            let of = |solver: &str| {
                self.lines.iter().find(|line| line.set == set && line.limit == limit && line.solver == solver)
            };
            let cells: Vec<_> = solvers.iter().map(|solver| of(solver).map_or_else(|| "–".into(), cell)).collect();
            let problems = self.problems(set, limit);
            let _ = writeln!(text, "| {set} | {} | {problems} | {} |", seconds(limit), cells.join(" | "));
        }
        text.push_str("\n| target | goal | measured | reached |\n|---|---|---|---|\n");
        for (target, finding) in &self.findings {
            let _ = writeln!(text, "| {} |", row(target, finding).join(" | "));
        }
        text
    }

    /// Writes everything as JSON, or one line for each run if the name ends in `.csv`.
    pub(super) fn save(&self, path: &Path) -> Result<()> {
        let text = if path.extension().is_some_and(|end| end == "csv") { self.csv() } else { self.json() };
        fs::write(path, text).context(|| format!("cannot write {}", path.display()))
    }

    /// Puts the tables into the documentation.
    pub(super) fn write(&self) -> Result<()> {
        page::write(SECTION, &self.for_page())
    }

    fn json(&self) -> String {
        let runs = self.runs.iter().map(|run| {
            let mut json = run.to_json();
            if let Some(fields) = json.as_object_mut() {
                fields.insert("gap".into(), json!(self.references.gap(run)));
            }
            json
        });
        let lines = self.lines.iter().map(|line| {
            json!({
                "set": line.set, "limit": line.limit, "solver": line.solver, "problems": line.problems,
                "failed": line.failed, "at_best": line.at_best, "mean_gap": line.mean_gap,
                "worst_gap": line.worst_gap, "mean_seconds": line.mean_seconds, "why": line.why,
            })
        });
        let targets = self.findings.iter().map(|(target, finding)| {
            let [what, goal, measured, reached] = row(target, finding);
            json!({
                "target": what, "goal": goal, "measured": measured, "reached": reached, "figure": finding.figure,
                "runs": finding.runs, "failed": finding.failed,
            })
        });
        let json = json!({
            "command": self.command, "peers": self.peers, "highest_load": self.highest_load,
            "targets": targets.collect::<Vec<_>>(), "lines": lines.collect::<Vec<_>>(),
            "runs": runs.collect::<Vec<_>>(),
        });
        format!("{json:#}\n")
    }

    fn csv(&self) -> String {
        let mut text = String::from("set,problem,nodes,solver,limit,seed,cost,gap,solve_s,vehicles,outcome\n");
        let shown = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
        for run in self.runs {
            let Run { set, problem, nodes, solver, limit, seed, .. } = run;
            let (cost, gap, solve_s) = (shown(run.cost()), shown(self.references.gap(run)), shown(run.solve_s));
            let vehicles = run.vehicles.map_or_else(String::new, |vehicles| vehicles.to_string());
            let outcome = super::summary::why(run).unwrap_or_else(|| "solved".into()).replace('"', "'");
            let _ = writeln!(
                text,
                "{set},{problem},{nodes},{solver},{limit},{seed},{cost},{gap},{solve_s},{vehicles},\"{outcome}\""
            );
        }
        text
    }

    /// Ours first, then the peers as they first occur.
    fn solvers(&self) -> Vec<&str> {
        let mut solvers = vec![OURS];
        for line in &self.lines {
            if !solvers.contains(&line.solver.as_str()) {
                let at = if line.solver == OURS_TIME_OF_LKH { 1 } else { solvers.len() };
                solvers.insert(at, &line.solver);
            }
        }
        solvers
    }

    fn groups(&self) -> Vec<(&str, f64)> {
        let mut groups = Vec::new();
        for line in &self.lines {
            let group = (line.set.as_str(), line.limit);
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
        groups
    }

    fn problems(&self, set: &str, limit: f64) -> usize {
        let problems = self.runs.iter().filter(|run| run.set == set && run.limit == limit).map(|run| &run.problem);
        problems.collect::<std::collections::BTreeSet<_>>().len()
    }
}

/// Mean gap and mean time, and what failed.
fn cell(line: &Line) -> String {
    let failed = match (line.failed, line.problems) {
        (_, 0) => return "not supported".to_owned(),
        (0, _) => String::new(),
        (failed, problems) if failed == problems => return "none solved".to_owned(),
        (failed, problems) => format!(", {failed} of {problems} failed"),
    };
    let gap = line.mean_gap.map_or_else(|| "?".into(), percent);
    let time = line.mean_seconds.map_or_else(|| "?".into(), time);
    format!("{gap} ({time}){failed}")
}

/// In the unit in which it reads best, with the figures that count.
fn time(seconds: f64) -> String {
    let milliseconds = 1e3 * seconds;
    match seconds {
        ..0.001 => format!("{milliseconds:.2} ms"),
        ..0.01 => format!("{milliseconds:.1} ms"),
        ..0.1 => format!("{milliseconds:.0} ms"),
        ..10.0 => format!("{seconds:.2} s"),
        _ => format!("{seconds:.0} s"),
    }
}

fn row(target: &Target, finding: &Finding) -> [String; 4] {
    let failed = if finding.failed > 0 { format!(", {} failed", finding.failed) } else { String::new() };
    let measured = match finding.figure {
        Some(figure) => {
            let runs = if finding.runs == 1 { "1 run".to_owned() } else { format!("{} runs", finding.runs) };
            let worst = finding.worst.as_ref().map_or_else(String::new, |worst| format!(" ({worst})"));
            format!("{}{worst} in {runs}{failed}", target.statistic.shown(figure))
        }
        None if finding.failed > 0 => format!("no figure in {} of {} runs", finding.failed, finding.runs),
        None => "–".to_owned(),
    };
    let reached = match &finding.verdict {
        Verdict::Reached => "yes".to_owned(),
        Verdict::Missed => "no".to_owned(),
        Verdict::NotMeasured { why } => format!("not measured: {why}"),
    };
    [target.what.to_owned(), target.goal_shown(), measured, reached]
}

fn percent(gap: f64) -> String {
    format!("{gap:.2} %")
}

pub(super) fn seconds(limit: f64) -> String {
    format!("{} s", Short(limit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::optimizer::record::Outcome;
    use crate::bench::optimizer::summary::summarize;
    use crate::bench::optimizer::targets::TARGETS;

    #[test]
    fn times_are_short() {
        let shown = [0.000_072, 0.001_27, 0.0113, 0.281, 58.3].map(time);
        assert_eq!(shown, ["0.07 ms", "1.3 ms", "11 ms", "0.28 s", "58 s"]);
    }

    #[test]
    fn page_has_every_set_and_every_target() {
        let ours = Run { best_known: Some(100.0), ..Run::sample("road_200", "p", OURS, 0.1, 101.0) };
        let peer = Run { solver: "lkh".into(), outcome: Outcome::NoAnswer { why: "died".into() }, ..ours.clone() };
        let (runs, references) = ([ours, peer], References::default());
        let findings = TARGETS.iter().map(|target| (target, target.measure(&runs, &references))).collect();
        let lines = summarize(&runs, &references);
        let command = "cargo xtask bench optimizer".to_owned();
        let (peers, references) = (vec!["lkh 1.0".to_owned()], &references);
        let report = Report { command, peers, highest_load: Some(0.3), lines, findings, runs: &runs, references };
        let page = report.for_page();
        assert!(page.contains("| road_200 | 0.1 s | 1 | 1.00 % (0.10 s) | none solved |"), "{page}");
        assert!(page.contains("| path, n = 200, 0.1 s: mean gap | ≤ 0.2 % | 1 % in 1 run | no |"), "{page}");
        assert!(TARGETS.iter().all(|target| page.contains(target.what)));
        assert!(page.contains("Peers: lkh 1.0. Highest load average: 0.3."));
    }
}
