//! The tables of the roads.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::figures::{Agreement, Figures, OURS, TABLES};
use super::targets::{Figure, TARGETS, Target};

/// The engine that targets are shares of.
const PEER: &str = "osrm-ch";

#[derive(Debug)]
pub(super) struct Report {
    /// The command that makes it again.
    pub(super) command: String,
    pub(super) highest_load: Option<f64>,
    pub(super) agreements: Vec<Agreement>,
    /// On one city, ours first.
    pub(super) engines: Vec<Figures>,
    /// Ours on the largest extract.
    pub(super) composite: Option<Figures>,
}

impl Report {
    /// A figure of ours and of OSRM-CH.
    pub(super) fn both(&self, figure: fn(&Figures) -> Option<f64>) -> Figure {
        let of = |name: &str| self.engines.iter().find(|engine| engine.engine == name).and_then(figure);
        Figure { ours: of(OURS), peer: of(PEER) }
    }

    pub(super) fn composite(&self, figure: fn(&Figures) -> Option<f64>) -> Figure {
        Figure { ours: self.composite.as_ref().and_then(figure), peer: None }
    }

    /// The worst over all cities.
    pub(super) fn worst(&self, figure: fn(&Agreement) -> f64, worse: fn(f64, f64) -> f64) -> Figure {
        Figure { ours: self.agreements.iter().map(figure).reduce(worse), peer: None }
    }

    /// Tables that read on a screen as well as in the documentation.
    pub(super) fn text(&self) -> String {
        let mut text = format!("```sh\n{}\n```\n\n", self.command);
        if let Some(load) = self.highest_load {
            let _ = writeln!(text, "Highest load average: {load:.1}.\n");
        }
        text.push_str("| target | must | aim | ours | OSRM-CH | share | reached |\n|---|---|---|---|---|---|---|\n");
        for target in TARGETS {
            let _ = writeln!(text, "| {} |", self.row(target).join(" | "));
        }
        text.push_str(
            "\n| agreement with OSRM | pairs | not routed | distance 1 % | time 1 % | time 3 % | bias of time |\n",
        );
        text.push_str("|---|---|---|---|---|---|---|\n");
        for a in &self.agreements {
            let Agreement { name, pairs, unrouted, distance_1, duration_1, duration_3, bias } = a;
            let _ = writeln!(
                text,
                "| {name} | {pairs} | {unrouted} | {distance_1:.1} | {duration_1:.1} | {duration_3:.1} | {bias:+.2} % |"
            );
        }
        if !self.engines.is_empty() {
            text.push('\n');
            self.engines(&mut text);
        }
        text
    }

    fn engines(&self, text: &mut String) {
        let names: Vec<_> = self.engines.iter().map(|engine| engine.engine.as_str()).collect();
        let _ = writeln!(text, "| milan, one thread | {} |\n|---|{}", names.join(" | "), "---|".repeat(names.len()));
        let mut row = |what: &str, figure: &dyn Fn(&Figures) -> Option<f64>| {
            let cells: Vec<_> = self.engines.iter().map(|engine| shown(figure(engine), "")).collect();
            let _ = writeln!(text, "| {what} | {} |", cells.join(" | "));
        };
        row("build, CPU s", &|f| f.build_s);
        row("build, peak MB", &|f| f.build_mb);
        row("index, MB", &|f| f.index_mb);
        row("open, ms", &|f| f.open_ms);
        row("route with geometry p50, µs", &|f| f.route_p50_us);
        row("route with geometry p99, µs", &|f| f.route_p99_us);
        for (at, size) in TABLES.iter().enumerate() {
            row(&format!("table of {size}, CPU ms"), &|f| f.table_ms.get(at).copied().flatten());
        }
    }

    fn row(&self, target: &Target) -> [String; 7] {
        let figure = (target.figure)(self);
        let share = figure.ours.zip(figure.peer).map(|(ours, peer)| format!("{:.2} ×", ours / peer));
        let reached = match (target.must.is_reached(figure), target.aim.is_reached(figure)) {
            (_, Some(true)) => "aim",
            (Some(true), _) => "must",
            (Some(false), _) => "no",
            (None, _) => "not measured",
        };
        [
            target.what.to_owned(),
            target.must.shown(target.unit),
            target.aim.shown(target.unit),
            shown(figure.ours, target.unit),
            shown(figure.peer, target.unit),
            share.unwrap_or_default(),
            reached.to_owned(),
        ]
    }

    pub(super) fn json(&self) -> Value {
        let targets = TARGETS.iter().map(|target| {
            let [what, must, aim, ours, peer, share, reached] = self.row(target);
            json!({ "target": what, "must": must, "aim": aim, "ours": ours, "osrm_ch": peer, "share": share, "reached": reached })
        });
        json!({
            "command": self.command, "highest_load": self.highest_load, "targets": targets.collect::<Vec<_>>(),
            "agreement": self.agreements.iter().map(Agreement::json).collect::<Vec<_>>(),
            "engines": self.engines.iter().map(Figures::json).collect::<Vec<_>>(),
            "composite": self.composite.as_ref().map(Figures::json),
        })
    }
}

/// With the figures that count.
fn shown(figure: Option<f64>, unit: &str) -> String {
    match figure {
        None => "–".to_owned(),
        Some(figure) if figure >= 100.0 => format!("{figure:.0}{unit}"),
        Some(figure) if figure >= 10.0 => format!("{figure:.1}{unit}"),
        Some(figure) if figure >= 0.1 || figure == 0.0 => format!("{figure:.2}{unit}"),
        Some(figure) => format!("{figure:.4}{unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(engines: Vec<Figures>) -> Report {
        let agreement = |name: &str, duration_1| Agreement {
            name: name.to_owned(),
            pairs: 500.0,
            unrouted: 0.0,
            distance_1: 99.5,
            duration_1,
            duration_3: 99.0,
            bias: -0.1,
        };
        let agreements = vec![agreement("a routes", 97.0), agreement("b routes", 89.0)];
        Report {
            command: "cargo xtask bench roads".to_owned(),
            highest_load: Some(0.2),
            agreements,
            engines,
            composite: None,
        }
    }

    #[test]
    fn targets_are_judged_by_the_worst_city_and_by_the_peer_of_the_same_run() {
        let ours = Figures { engine: OURS.to_owned(), build_s: Some(4.0), ..Figures::default() };
        let peer = Figures { engine: PEER.to_owned(), build_s: Some(10.0), ..Figures::default() };
        let text = report(vec![ours, peer]).text();
        assert!(
            text.contains("| milan: extract to index, CPU | ≤ 0.5 × | ≤ 0.25 × | 4.00 s | 10.0 s | 0.40 × | must |"),
            "{text}"
        );
        assert!(text.contains("| duration within 1 %, worst city | ≥ 90 % | ≥ 98 % | 89.0 % | – |  | no |"), "{text}");
        assert!(text.contains("| distance within 1 %, worst city | ≥ 95 % | ≥ 99 % | 99.5 % | – |  | aim |"), "{text}");
        assert!(text.contains("| milan: open | ≤ 2 ms | ≤ 1 ms | – | – |  | not measured |"), "{text}");
    }

    #[test]
    fn without_engines_there_is_no_table_of_them() {
        assert!(!report(Vec::new()).text().contains("one thread"));
    }
}
