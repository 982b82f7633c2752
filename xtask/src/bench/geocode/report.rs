//! The tables of the geocoder.

use std::fmt::Write as _;

use super::published::PUBLISHED;
use super::score::{Calibration, Goal, Score};
use super::size::{Extracts, Size};

#[derive(Debug, Default)]
pub(super) struct Report {
    /// The command that makes it again.
    pub(super) command: String,
    pub(super) highest_load: Option<f64>,
    pub(super) goals: Vec<Goal>,
    /// The questions of the test set.
    pub(super) developer: Score,
    pub(super) removed: Score,
    pub(super) removed_of: Vec<(&'static str, Score)>,
    pub(super) naive: Option<Score>,
    /// Questions of other kinds, by what they were made of.
    pub(super) kinds: Vec<(&'static str, Score)>,
    pub(super) held_out: Score,
    pub(super) calibration: Calibration,
    pub(super) sizes: Vec<Size>,
    pub(super) extracts: Vec<Extracts>,
}

impl Report {
    pub(super) fn text(&self) -> String {
        let mut text = format!("```sh\n{}\n```\n\n", self.command);
        if let Some(load) = self.highest_load {
            let _ = writeln!(text, "Highest load average: {load:.1}.\n");
        }
        self.goals(&mut text);
        self.kinds(&mut text);
        self.calibration(&mut text);
        self.sizes(&mut text);
        self.extracts(&mut text);
        text.push_str(
            "\n| published | data | disk | memory | build | answers | source |\n|---|---|---|---|---|---|---|\n",
        );
        for row in PUBLISHED {
            let _ = writeln!(text, "| {} |", row.join(" | "));
        }
        text
    }

    fn goals(&self, text: &mut String) {
        text.push_str(
            "| variant | questions | measure | goal | ours | naive | reached |\n|---|---|---|---|---|---|---|\n",
        );
        for goal in &self.goals {
            let ours = self.developer.get(&goal.variant, &goal.metric);
            let (score, ours) = match ours {
                Some(ours) => (&self.developer, Some(ours)),
                None => (&self.removed, self.removed.get(&goal.variant, &goal.metric)),
            };
            let naive = self.naive.as_ref().and_then(|naive| naive.get(&goal.variant, &goal.metric));
            let count = score.get(&goal.variant, "n").unwrap_or_default();
            let sign = if goal.is_limit { "≤" } else { "≥" };
            let reached = match ours.map(|ours| goal.is_reached(ours)) {
                Some(true) => "yes",
                Some(false) => "no",
                None => "not measured",
            };
            let _ = writeln!(
                text,
                "| {} | {count} | {} | {sign} {} | {} | {} | {reached} |",
                goal.variant,
                measure(&goal.metric),
                share(Some(goal.value)),
                share(ours),
                share(naive)
            );
        }
        let _ = writeln!(
            text,
            "| right, of those at 0.7 and above | | | ≥ 99.5 % | {} | {} | |\n",
            share(self.developer.get("match", "far_cal")),
            share(self.naive.as_ref().and_then(|naive| naive.get("match", "far_cal")))
        );
        let mut rows = String::new();
        for (what, score) in self.removed_of.iter().map(|(city, score)| (format!("removed numbers, {city}"), score)) {
            row_of_distances(&mut rows, &what, score, "removed_number");
        }
        row_of_distances(&mut rows, "held-out numbers, Brisbane", &self.held_out, "held_out");
        text.push_str(
            "| true positions | questions | within 100 m | median | confidently wrong |\n|---|---|---|---|---|\n",
        );
        text.push_str(&rows);
    }

    fn kinds(&self, text: &mut String) {
        let Some((_, first)) = self.kinds.first() else {
            return;
        };
        let names: Vec<&str> = self.kinds.iter().map(|(what, _)| *what).collect();
        let _ = writeln!(text, "\n| kind | {} |\n|---|{}", names.join(" | "), "---|".repeat(names.len()));
        for variant in first.variants() {
            let cells = self.kinds.iter().map(|(_, score)| {
                let metric = if score.get(variant, "fp").is_some() { "fp" } else { "hit50" };
                let count = score.get(variant, "n").unwrap_or_default();
                let accepted = if metric == "fp" { " accepted" } else { "" };
                format!("{}{accepted} of {count}", share(score.get(variant, metric)))
            });
            let _ = writeln!(text, "| {variant} | {} |", cells.collect::<Vec<_>>().join(" | "));
        }
    }

    fn calibration(&self, text: &mut String) {
        text.push_str("\n| confidence | answers | right |\n|---|---|---|\n");
        for (tenth, (all, right)) in self.calibration.tenths.iter().enumerate().filter(|(_, (all, _))| *all > 0) {
            let from = tenth as f64 / 10.0;
            let _ = writeln!(
                text,
                "| {from:.1}–{:.1} | {all} | {} |",
                from + 0.1,
                share(Some(f64::from(*right) / f64::from(*all)))
            );
        }
        let Calibration { wrong, questions, .. } = self.calibration;
        let part = f64::from(wrong) / f64::from(questions.max(1));
        let _ = writeln!(text, "| wrong at 0.7 and above, of all questions | {questions} | {:.2} % |", 100.0 * part);
    }

    fn sizes(&self, text: &mut String) {
        text.push_str(
            "\n| addresses | source | file | build | peak | open | p50 | p99 | a second | heap | targets missed |\n",
        );
        text.push_str("|---|---|---|---|---|---|---|---|---|---|---|\n");
        for size in &self.sizes {
            let missed = size.missed();
            let _ = writeln!(
                text,
                "| {} | {:.0} MB | {:.1} MB | {:.1} s, CPU {:.1} s | {:.0} MB | {:.1} ms | {:.0} µs | {:.2} ms | {:.0} | {:.1} MB | {} |",
                size.addresses,
                size.source_mb,
                size.file_mb,
                size.build_wall_s,
                size.build_cpu_s,
                size.build_peak_mb,
                size.open_ms,
                size.p50_us,
                size.p99_us / 1e3,
                size.a_second,
                size.private_mb,
                if missed.is_empty() { "none".to_owned() } else { missed.join(", ") }
            );
        }
    }
}

impl Report {
    fn extracts(&self, text: &mut String) {
        text.push_str("\n| extracts | source | build | processor time | peak | a second | goal | reached |\n");
        text.push_str("|---|---|---|---|---|---|---|---|\n");
        for extracts in &self.extracts {
            let rate = extracts.mb_a_second();
            let _ = writeln!(
                text,
                "| {} | {:.1} MB | {:.2} s | {:.2} s | {:.0} MB | {rate:.0} MB | ≥ {:.0} MB | {} |",
                extracts.what,
                extracts.source_mb,
                extracts.wall_s,
                extracts.cpu_s,
                extracts.peak_mb,
                Extracts::LEAST_MB_A_SECOND,
                if rate >= Extracts::LEAST_MB_A_SECOND { "yes" } else { "no" }
            );
        }
    }
}

fn row_of_distances(text: &mut String, what: &str, score: &Score, variant: &str) {
    let median = score.get(variant, "med_m").map_or_else(|| "–".to_owned(), |median| format!("{median:.1} m"));
    let count = score.get(variant, "n").unwrap_or_default();
    let (hit, wrong) = (score.get(variant, "hit_tol"), score.get(variant, "acc_wrong"));
    let _ = writeln!(text, "| {what} | {count} | {} | {median} | {} |", share(hit), share(wrong));
}

/// The scorer's names of measures in words.
fn measure(metric: &str) -> &str {
    match metric {
        "hit50" => "within 50 m",
        "hit_tol" => "within its tolerance",
        "fp" => "accepted",
        "acc_wrong" => "confidently wrong",
        other => other,
    }
}

fn share(part: Option<f64>) -> String {
    part.map_or_else(|| "–".to_owned(), |part| format!("{:.1} %", 100.0 * part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_measured_is_said() {
        let goals = vec![Goal::parse("typo1:hit50=0.96").unwrap()];
        let text = Report { goals, ..Report::default() }.text();
        assert!(text.contains("| typo1 | 0 | within 50 m | ≥ 96.0 % | – | – | not measured |"), "{text}");
    }
}
