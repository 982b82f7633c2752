//! How many times as long much takes, as a table and as targets.

use std::fmt::Write as _;

use super::{LITTLE, MUCH, Scaled};
use crate::bench::api::report::milliseconds;

/// How many times as long the slowest hundredth may take.
const MOST: f64 = 2.0;

pub(in crate::bench::api) fn text(results: &[Scaled]) -> String {
    let mut text = String::from("```sh\ncargo xtask bench api --scenarios scale\n```\n\n");
    let _ = writeln!(
        text,
        "Little: {} imported stops and {} routes. Much: {} and {}. Of {} rounds the middle one.\n",
        LITTLE.stops,
        LITTLE.routes,
        MUCH.stops,
        MUCH.routes,
        results.iter().map(|one| one.rounds.len()).max().unwrap_or_default()
    );
    text.push_str(
        "| database | question | little p50 | p99 | much p50 | p99 | p99, times | at most 2 |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for one in results {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {:.2} | {} |",
            one.database,
            one.question,
            milliseconds(one.typical(|round| round.little.p50)),
            milliseconds(one.typical(|round| round.little.p99)),
            milliseconds(one.typical(|round| round.much.p50)),
            milliseconds(one.typical(|round| round.much.p99)),
            one.ratio(),
            if one.ratio() <= MOST { "yes" } else { "no" },
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::tests::scaled;
    use super::*;

    #[test]
    fn what_takes_more_than_twice_as_long_is_told() {
        let text = text(&[scaled(10, 20), scaled(10, 21)]);
        let ends: Vec<_> = text.lines().filter(|line| line.starts_with("| sqlite")).collect();
        assert!(ends[0].ends_with("| 2.00 | yes |") && ends[1].ends_with("| 2.10 | no |"), "{text}");
    }
}
