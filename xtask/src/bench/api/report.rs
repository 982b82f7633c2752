//! Results as tables and as targets reached or not.

use std::fmt::Write as _;
use std::time::Duration;

use super::processor::Shares;
use super::results::{Latency, Measured};

/// Goodput beyond capacity, of what can be had.
const GOODPUT: f64 = 0.8;
/// Accepted requests beyond capacity are answered so soon.
const LATEST: Duration = Duration::from_secs(2);

/// One thing that is to be reached.
struct Target {
    what: String,
    goal: String,
    measured: String,
    is_reached: bool,
}

pub(super) fn text(results: &[Measured], highest_load: Option<f64>) -> String {
    let mut text = String::from("```sh\ncargo xtask bench api\n```\n\n");
    if let Some(load) = highest_load {
        let _ = writeln!(text, "Highest load average: {load:.1}.\n");
    }
    let _ = writeln!(
        text,
        "As much as can be had, requests a second, and of {} rounds the middle ratio:\n",
        results.iter().map(|one| one.rounds.len()).max().unwrap_or_default()
    );
    text.push_str(
        "| database | scenario | ours | statements alone | ratio | endpoint | ratio | cores: server | generator | rest |\n\
         |---|---|---|---|---|---|---|---|---|---|\n",
    );
    for one in results {
        let median = |of: fn(&super::results::Round) -> f64| super::results::median(one.rounds.iter().map(of));
        let _ = writeln!(
            text,
            "| {} | {} | {:.0} | {:.0} | {} | {:.0} | {} | {} |",
            one.database,
            one.scenario,
            one.capacity(),
            median(|round| round.statements),
            percent(one.ratio(|round| round.statements)),
            median(|round| round.endpoint),
            percent(one.ratio(|round| round.endpoint)),
            cores(one.shares),
        );
    }
    text.push_str(
        "\nOpen loop, latency from the instant at which a request should have left:\n\n\
         | database | scenario | offered/s | ours/s | p50 | p99 | endpoint/s | p50 | p99 |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    for one in results {
        for step in &one.steps {
            let _ = writeln!(
                text,
                "| {} | {} | {:.0} | {} | {} |",
                one.database,
                one.scenario,
                step.offered,
                latency(step.ours),
                latency(step.endpoint)
            );
        }
    }
    text.push_str(
        "\nThree times as much as can be had:\n\n\
         | database | scenario | offered/s | sent/s | accepted/s | p50 | p99 | refused | p99 | failed | cores: server | generator | rest |\n\
         |---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for one in results {
        let overload = &one.overload;
        let _ = writeln!(
            text,
            "| {} | {} | {:.0} | {:.0} | {} | {} | {} | {} | {} |",
            one.database,
            one.scenario,
            overload.offered,
            overload.sent,
            latency(overload.accepted),
            overload.refused,
            milliseconds(overload.refused_p99),
            overload.failed,
            cores(overload.shares),
        );
    }
    text.push_str("\n| target | goal | measured | reached |\n|---|---|---|---|\n");
    for Target { what, goal, measured, is_reached } in results.iter().flat_map(targets) {
        let _ = writeln!(text, "| {what} | {goal} | {measured} | {} |", if is_reached { "yes" } else { "no" });
    }
    text
}

fn targets(one: &Measured) -> Vec<Target> {
    let name = |what: &str| format!("{}, {}: {what}", one.database, one.scenario);
    let at_least = |what: &str, goal: f64, measured: f64| Target {
        what: name(what),
        goal: format!("≥ {}", percent(goal)),
        measured: percent(measured),
        is_reached: measured >= goal,
    };
    let mut targets = Vec::new();
    match one.scenario.as_str() {
        "import-20" => {
            targets.push(at_least("of the statements alone", 0.7, one.ratio(|round| round.statements)));
        }
        "status" => targets.push(at_least("of the endpoint", 0.5, one.ratio(|round| round.endpoint))),
        _ => {}
    }
    let overload = &one.overload;
    targets.push(at_least("goodput at 3 × capacity", GOODPUT, overload.accepted.goodput / one.capacity()));
    targets.push(Target {
        what: name("p99 of accepted at 3 × capacity"),
        goal: format!("≤ {} s", LATEST.as_secs()),
        measured: milliseconds(overload.accepted.p99),
        is_reached: overload.accepted.p99 <= LATEST && overload.failed == 0,
    });
    targets
}

fn latency(latency: Latency) -> String {
    format!("{:.0} | {} | {}", latency.goodput, milliseconds(latency.p50), milliseconds(latency.p99))
}

pub(super) fn milliseconds(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1e3;
    if ms < 10.0 { format!("{ms:.1} ms") } else { format!("{ms:.0} ms") }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

fn cores(shares: Option<Shares>) -> String {
    match shares {
        Some(Shares { server, generator, rest }) => format!("{server:.2} | {generator:.2} | {rest:.2}"),
        None => "– | – | –".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::api::results::tests::measured;

    #[test]
    fn every_row_has_the_columns_of_its_table() {
        let text = text(&[measured("import-20"), Measured { shares: None, ..measured("status") }], Some(2.5));
        let mut columns = 0;
        for line in text.lines() {
            match line.matches('|').count() {
                0 => columns = 0,
                count if columns == 0 => columns = count,
                count => assert_eq!(count, columns, "{line}"),
            }
        }
    }

    #[test]
    fn targets_are_reached_or_not() {
        let mut slow = measured("import-20");
        let is_reached = |one: &Measured| targets(one).iter().map(|target| target.is_reached).collect::<Vec<_>>();
        assert_eq!(is_reached(&slow), [true, true, true]);
        slow.rounds.iter_mut().for_each(|round| round.ours = 0.69 * round.statements);
        slow.overload.accepted = Latency { p99: Duration::from_millis(2001), goodput: 100.0, ..slow.overload.accepted };
        assert_eq!(is_reached(&slow), [false, false, false]);
        slow = measured("status");
        slow.overload.failed = 1;
        assert_eq!(is_reached(&slow), [true, true, false]);
    }
}
