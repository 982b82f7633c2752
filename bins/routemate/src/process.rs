//! What the system knows about this process, where it tells: on Linux, from `/proc`.

use std::fs;

use routemate_metrics::{
    PROCESS_CPU, PROCESS_MEMORY, PROCESS_MOST_FILES, PROCESS_OPEN_FILES, PROCESS_START, PROCESS_THREADS,
    PROCESS_VIRTUAL_MEMORY,
};

/// Of times in `/proc`, on every architecture that is built for.
const TICKS_PER_SECOND: f64 = 100.0;

/// Tells the metrics; what the system does not tell is left out.
pub(crate) fn measure() {
    let read = |name: &str| fs::read_to_string(format!("/proc/self/{name}")).unwrap_or_default();
    let (stat, status, limits) = (read("stat"), read("status"), read("limits"));
    let system = fs::read_to_string("/proc/stat").unwrap_or_default();
    let began = since_boot(&stat).zip(boot_time(&system)).map(|(since, boot)| boot + since);
    let open = fs::read_dir("/proc/self/fd").map(|entries| entries.count() as f64).ok();
    for (gauge, value) in [
        (&PROCESS_CPU, cpu_seconds(&stat)),
        (&PROCESS_MEMORY, kilobytes(&status, "VmRSS:")),
        (&PROCESS_VIRTUAL_MEMORY, kilobytes(&status, "VmSize:")),
        (&PROCESS_THREADS, field(&status, "Threads:")),
        (&PROCESS_OPEN_FILES, open),
        (&PROCESS_MOST_FILES, most_open_files(&limits)),
        (&PROCESS_START, began),
    ] {
        if let Some(value) = value {
            gauge.set::<&'static str>([], value);
        }
    }
}

/// How many files this process may have open at once.
pub(crate) fn open_files_allowed() -> Option<f64> {
    most_open_files(&fs::read_to_string("/proc/self/limits").ok()?)
}

/// The fields of `/proc/self/stat` after the program's name, which may hold anything but ends with the last `)`.
fn after_name(stat: &str) -> impl Iterator<Item = &str> {
    stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace()
}

/// `utime` and `stime`, the 14th and 15th field.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let mut times = after_name(stat).skip(11).map(str::parse::<f64>);
    let (user, system) = (times.next()?.ok()?, times.next()?.ok()?);
    Some((user + system) / TICKS_PER_SECOND)
}

/// `starttime`, the 22nd field.
fn since_boot(stat: &str) -> Option<f64> {
    Some(after_name(stat).nth(19)?.parse::<f64>().ok()? / TICKS_PER_SECOND)
}

fn boot_time(system: &str) -> Option<f64> {
    field(system, "btime")
}

fn kilobytes(status: &str, name: &str) -> Option<f64> {
    field(status, name).map(|kilobytes| kilobytes * 1024.0)
}

fn field(text: &str, name: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}

/// The soft limit.
fn most_open_files(limits: &str) -> Option<f64> {
    field(limits, "Max open files")
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str = "4711 (a) b) c) S 1 4711 4711 0 -1 4194560 903 0 0 0 150 50 0 0 20 0 9 0 123450 1000 300 1";

    #[test]
    fn times_are_found_whatever_the_program_is_called() {
        assert_eq!(cpu_seconds(STAT), Some(2.0));
        assert_eq!(since_boot(STAT), Some(1234.5));
        assert_eq!(cpu_seconds(""), None);
    }

    #[test]
    fn sizes_and_limits_are_found_by_name() {
        let status = "VmPeak:\t  9 kB\nVmSize:\t    2000 kB\nVmRSS:\t    1000 kB\nThreads:\t9\n";
        assert_eq!(kilobytes(status, "VmRSS:"), Some(1_024_000.0));
        assert_eq!(field(status, "Threads:"), Some(9.0));
        assert_eq!(boot_time("cpu 1 2\nbtime 1700000000\n"), Some(1_700_000_000.0));
        let limits = "Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 4096                 files\n";
        assert_eq!(most_open_files(limits), Some(1024.0));
        assert_eq!(most_open_files("Max open files            unlimited            unlimited            files"), None);
    }
}
