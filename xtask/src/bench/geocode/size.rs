//! What an index of some size takes, and how fast it answers.

use serde_json::Value;

use super::parsed;
use crate::failure::Result;

#[derive(Clone, Debug, Default)]
pub(super) struct Size {
    pub(super) what: &'static str,
    pub(super) addresses: f64,
    pub(super) source_mb: f64,
    pub(super) file_mb: f64,
    pub(super) build_wall_s: f64,
    pub(super) build_cpu_s: f64,
    pub(super) build_peak_mb: f64,
    pub(super) open_ms: f64,
    pub(super) p50_us: f64,
    pub(super) p99_us: f64,
    pub(super) a_second: f64,
    pub(super) private_mb: f64,
}

/// Up to how many addresses, and then the most for p50 and p99 in microseconds, the least a second, the most megabytes.
const TARGETS: [(f64, f64, f64, f64, f64); 3] = [
    (100_000.0, 50.0, 1_000.0, 15_000.0, 25.0),
    (1_000_000.0, 120.0, 2_000.0, 8_000.0, 25.0),
    (15_000_000.0, 250.0, 5_000.0, 4_000.0, 350.0),
];

const MOST_OPEN_MS: f64 = 10.0;
const MOST_PRIVATE_MB: f64 = 50.0;
/// For a million rows of a table, on one core.
const MOST_BUILD_S: f64 = 8.0;

impl Size {
    /// From what `answer build` and `answer speed` have told.
    pub(super) fn new(what: &'static str, source_bytes: u64, built: &str, speed: &str) -> Result<Self> {
        let (built, speed) = (parsed(built)?, parsed(speed)?);
        let number = |found: &Value, key: &str| found.get(key).and_then(Value::as_f64).unwrap_or(f64::NAN);
        Ok(Self {
            what,
            addresses: number(&built, "addresses"),
            source_mb: source_bytes as f64 / 1e6,
            file_mb: number(&built, "file_bytes") / 1e6,
            build_wall_s: number(&built, "wall_s"),
            build_cpu_s: number(&built, "cpu_s"),
            build_peak_mb: number(&built, "peak_mb"),
            open_ms: number(&speed, "open_ms"),
            p50_us: number(&speed, "p50_us"),
            p99_us: number(&speed, "p99_us"),
            a_second: number(&speed, "a_second"),
            private_mb: number(&speed, "private_mb"),
        })
    }

    /// Targets of its size that it misses.
    pub(super) fn missed(&self) -> Vec<&'static str> {
        let mut missed = Vec::new();
        let mut check = |is_reached: bool, what: &'static str| {
            if !is_reached {
                missed.push(what);
            }
        };
        if let Some((_, p50, p99, rate, megabytes)) = TARGETS.iter().find(|(most, ..)| self.addresses <= *most) {
            check(self.p50_us <= *p50, "p50");
            check(self.p99_us <= *p99, "p99");
            check(self.a_second >= *rate, "a second");
            check(self.file_mb <= *megabytes, "file");
        }
        check(self.open_ms <= MOST_OPEN_MS, "open");
        check(self.private_mb <= MOST_PRIVATE_MB, "heap");
        if self.what == "replica" {
            check(self.build_cpu_s * 1e6 / self.addresses <= MOST_BUILD_S, "build");
        }
        missed
    }
}

/// How fast an index is built of extracts alone.
#[derive(Clone, Debug, Default)]
pub(super) struct Extracts {
    pub(super) what: &'static str,
    pub(super) source_mb: f64,
    pub(super) wall_s: f64,
    pub(super) cpu_s: f64,
    pub(super) peak_mb: f64,
}

impl Extracts {
    /// The least megabytes a second on two cores.
    pub(super) const LEAST_MB_A_SECOND: f64 = 30.0;

    /// The quickest of several builds, from what `answer build` has told.
    pub(super) fn quickest(what: &'static str, source_bytes: u64, built: &[String]) -> Result<Self> {
        let mut quickest = Self { what, wall_s: f64::INFINITY, ..Self::default() };
        for built in built {
            let built = parsed(built)?;
            let number = |key: &str| built.get(key).and_then(Value::as_f64).unwrap_or(f64::NAN);
            if number("wall_s") < quickest.wall_s {
                let (wall_s, cpu_s, peak_mb) = (number("wall_s"), number("cpu_s"), number("peak_mb"));
                quickest = Self { what, source_mb: source_bytes as f64 / 1e6, wall_s, cpu_s, peak_mb };
            }
        }
        Ok(quickest)
    }

    pub(super) fn mb_a_second(&self) -> f64 {
        self.source_mb / self.wall_s
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quickest_build_counts() {
        let built = [1.0, 0.5, 2.0].map(|wall_s| format!(r#"{{"wall_s":{wall_s},"cpu_s":0.9,"peak_mb":70}}"#));
        let extracts = Extracts::quickest("x", 20_000_000, &built).unwrap();
        assert_eq!((extracts.wall_s, extracts.mb_a_second()), (0.5, 40.0));
    }

    #[test]
    fn targets_are_those_of_the_size() {
        let built = r#"{"addresses":900000,"file_bytes":20000000,"wall_s":2,"cpu_s":3,"peak_mb":100}"#;
        let speed = r#"{"open_ms":1,"p50_us":130,"p99_us":900,"a_second":9000,"private_mb":10}"#;
        assert_eq!(Size::new("replica", 70_000_000, built, speed).unwrap().missed(), ["p50"]);
        let slow = r#"{"open_ms":11,"p50_us":100,"p99_us":2100,"a_second":7000,"private_mb":60}"#;
        assert_eq!(Size::new("replica", 1, built, slow).unwrap().missed(), ["p99", "a second", "open", "heap"]);
    }
}
