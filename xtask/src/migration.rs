//! `cargo xtask migration new`: a pair of empty migrations.

use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use lexopt::prelude::*;

use crate::failure::{Context, Failure, Result};
use crate::process::root;
use crate::refuse;

pub(crate) const HELP: &str = "\
migration new NAME
    Makes migrations/{sqlite,postgres}/<UTC time>_NAME/{up,down}.sql; NAME is snake_case and says what changes.";

pub(crate) const DATABASES: [&str; 2] = ["sqlite", "postgres"];

pub(crate) fn run(mut args: lexopt::Parser) -> Result<()> {
    let mut words = Vec::new();
    while let Some(argument) = args.next()? {
        match argument {
            Value(word) => words.push(word.string()?),
            other => return Err(refuse(&other, HELP)),
        }
    }
    match words.as_slice() {
        [verb, name] if verb == "new" => make(&root().join("migrations"), name, now()),
        _ => Err(Failure::new(format!("usage:\n{HELP}"))),
    }
}

#[expect(clippy::disallowed_methods, reason = "the name of a migration is the time at which it was made")]
fn now() -> SystemTime {
    SystemTime::now()
}

fn make(migrations: &Path, name: &str, now: SystemTime) -> Result<()> {
    if !is_snake_case(name) {
        return Err(Failure::new(format!("`{name}` is not snake_case (a-z, 0-9 and single _, a letter first)")));
    }
    let folder = format!("{}_{name}", timestamp(now)?);
    for database in DATABASES {
        refuse_duplicate(&migrations.join(database), name)?;
    }
    for database in DATABASES {
        let path = migrations.join(database).join(&folder);
        fs::create_dir_all(&path).context(|| format!("cannot make {}", path.display()))?;
        for (file, does) in [("up.sql", "applies"), ("down.sql", "reverts")] {
            let path = path.join(file);
            fs::write(&path, header(name, does, database)).context(|| format!("cannot write {}", path.display()))?;
            eprintln!("migration: {}", path.display());
        }
    }
    Ok(())
}

fn refuse_duplicate(folder: &Path, name: &str) -> Result<()> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(());
    };
    for entry in entries {
        let present = entry.context(|| folder.display().to_string())?.file_name();
        let present = present.to_string_lossy();
        if present.split_once('_').is_some_and(|(_, present)| present == name) {
            return Err(Failure::new(format!("there is already {}/{present}", folder.display())));
        }
    }
    Ok(())
}

fn header(name: &str, does: &str, database: &str) -> String {
    format!(
        "\
-- {name}: {does} it on {database}; the other database has a twin with the same name.
--
-- One SQL statement per execute: between two statements stands a line with nothing but `-- statement`.
-- Each ADD CONSTRAINT alone. No serials, sequences, triggers, now() or random(): ids and times come from the program.
-- Expand, migrate, contract: the previous release keeps working on this schema, and this one on the next.
-- Rules: docs/ARCHITECTURE.md, checked by `cargo xtask tidy --check` and `cargo xtask migrate --check`.
"
    )
}

pub(crate) fn is_snake_case(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .split('_')
            .all(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()))
}

/// `2026-11-21-212140`, in UTC.
fn timestamp(time: SystemTime) -> Result<String> {
    let seconds = time.duration_since(UNIX_EPOCH).context(|| "the clock stands before 1970")?.as_secs();
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    Ok(format!("{year:04}-{month:02}-{day:02}-{hour:02}{minute:02}{second:02}"))
}

/// Gregorian year, month and day of a day counted from 1970-01-01.
///
/// Source: Howard Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`.
fn date(days: u64) -> (u64, u64, u64) {
    // Counted from 0000-03-01, so that a leap day ends its year.
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[track_caller]
    fn check(seconds: u64, expected: &str) {
        assert_eq!(timestamp(UNIX_EPOCH + Duration::from_secs(seconds)).unwrap(), expected);
    }

    #[test]
    fn timestamps_follow_the_calendar() {
        check(0, "1970-01-01-000000");
        check(951_782_400, "2000-02-29-000000");
        check(951_868_799, "2000-02-29-235959");
        check(1_772_323_200, "2026-03-01-000000");
        check(1_798_761_599, "2026-12-31-235959");
        check(4_107_542_400, "2100-03-01-000000");
    }

    #[test]
    fn names_are_snake_case() {
        for name in ["jobs", "job_notes", "v2_jobs"] {
            assert!(is_snake_case(name), "{name}");
        }
        for name in ["", "Jobs", "job-notes", "job__notes", "_jobs", "jobs_", "2_jobs", "a/b", "jöbs"] {
            assert!(!is_snake_case(name), "{name}");
        }
    }

    #[test]
    fn pair_is_made_once() {
        let folder = std::env::temp_dir().join(format!("xtask-migration-{}", std::process::id()));
        make(&folder, "job_notes", UNIX_EPOCH).unwrap();
        for database in DATABASES {
            for file in ["up.sql", "down.sql"] {
                let text = fs::read_to_string(folder.join(database).join("1970-01-01-000000_job_notes").join(file));
                assert!(text.unwrap().contains(database));
            }
        }
        let later = UNIX_EPOCH + Duration::from_secs(1);
        let refused = make(&folder, "job_notes", later).unwrap_err();
        assert!(refused.message.contains("already"), "{refused}");
        fs::remove_dir_all(&folder).unwrap();
    }
}
