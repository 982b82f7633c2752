//! Wall time, processor time and memory of this process; the latter two as Linux tells them.

use std::time::Instant;

use crate::Result;

/// Started, and not yet read.
pub(crate) struct Stopwatch {
    wall: Instant,
    cpu_ns: u64,
}

/// What it took.
pub(crate) struct Time {
    pub(crate) wall_ms: f64,
    pub(crate) cpu_ms: f64,
}

impl Stopwatch {
    pub(crate) fn start() -> Result<Self> {
        Ok(Self { cpu_ns: cpu_ns()?, ..Self::wall() })
    }

    /// For times so short that asking for processor time would count.
    #[expect(clippy::disallowed_methods, reason = "measuring time is what this is for")]
    pub(crate) fn wall() -> Self {
        Self { wall: Instant::now(), cpu_ns: 0 }
    }

    pub(crate) fn wall_ms(&self) -> f64 {
        self.wall.elapsed().as_secs_f64() * 1e3
    }

    pub(crate) fn stop(&self) -> Result<Time> {
        Ok(Time { wall_ms: self.wall_ms(), cpu_ms: (cpu_ns()? - self.cpu_ns) as f64 / 1e6 })
    }
}

/// Of the main thread, which does all the work here.
fn cpu_ns() -> Result<u64> {
    let text = std::fs::read_to_string("/proc/self/schedstat")?;
    Ok(text.split_whitespace().next().ok_or("no processor time")?.parse()?)
}

/// The most memory that was in use at once so far.
pub(crate) fn peak_rss_mb() -> Result<f64> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no peak")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse::<f64>()? / 1024.0)
}
