//! The database: whether it is there, whole, and of this release; and what stands in it that an operator should know.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use routemate_persistence::migrations::Migrations;
use routemate_persistence::{DatabaseKind, FileOwner, Store, StoreConfig, StoreError, Thoroughness, check_file};

use super::{Findings, can_be_there, chain};
use crate::config::Config;

const CHECK: &str = "database";

/// Due work that nobody has done for so long is done by nobody.
const LONG_DUE: SignedDuration = SignedDuration::from_mins(10);
/// Clocks that differ by more make tokens and limits wrong that several servers share.
const CLOCKS_DIFFER_S: f64 = 2.0;
/// What brings a damaged file back.
const RESTORE: &str = "stop the server, keep a copy of the file, and `routemate restore BACKUP --verify --force`";
/// Keys that are looked at, and work that is counted.
const MOST: i64 = 10_000;

pub(super) async fn check(config: &Config, findings: &mut Findings) {
    let url = config.database_url();
    if url.starts_with("sqlite://") {
        match Store::sqlite_path(&url) {
            Ok(path) if !path.exists() => {
                // Where it cannot be made, the data folder has been told of.
                if can_be_there(&path) {
                    findings.ok(CHECK, format!("`{}` is not there yet; the first command makes it", path.display()));
                }
                return;
            }
            Ok(path) => {
                if let Looked::IsOfNoUse = file(&path, findings) {
                    return;
                }
            }
            Err(error) => return findings.error(CHECK, chain(&error), "mend `database_url`"),
        }
    }
    let store = match Store::open(&StoreConfig { postgres_connections: 2, ..StoreConfig::new(url) }).await {
        Ok(store) => store,
        Err(error) => {
            return findings.error(CHECK, chain(&error), unreachable(config));
        }
    };
    if let Err(error) = contents(&store, findings).await {
        let todo = match store.kind() {
            DatabaseKind::Postgres => "look into the log of the PostgreSQL server",
            DatabaseKind::Sqlite => RESTORE,
        };
        findings.error(CHECK, chain(&error), todo);
    }
    // Only looked at: there is nothing that could be lost.
    let _ = store.close().await;
}

fn unreachable(config: &Config) -> &'static str {
    match config.database_url().starts_with("sqlite://") {
        true => {
            "give the file and its folder to the user that the server runs as, and see to it that they can be written"
        }
        false => {
            "see to it that the server runs, that its address, user and password are right, and that it lets us in"
        }
    }
}

/// Whether a file is worth opening.
enum Looked {
    IsOfUse,
    IsOfNoUse,
}

/// What SQLite itself says of its file.
fn file(path: &Path, findings: &mut Findings) -> Looked {
    let looked = whole(path, findings);
    #[cfg(unix)]
    if let Ok(found) = std::fs::metadata(path)
        && std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o077 != 0
    {
        let says = format!("`{}` can be read by other users of this machine", path.display());
        findings.warn(CHECK, says, format!("chmod 600 {}*", path.display()));
    }
    looked
}

fn whole(path: &Path, findings: &mut Findings) -> Looked {
    match check_file(path, Thoroughness::Whole) {
        Ok(report) if report.problems.is_empty() && report.owner == FileOwner::Another => {
            let says = format!("`{}` belongs to another program: none of its tables is ours", path.display());
            findings.error(CHECK, says, "name another file in `database_url`");
            return Looked::IsOfNoUse;
        }
        Ok(report) if report.problems.is_empty() => {
            findings.ok(CHECK, format!("`{}` is whole (integrity_check, foreign_key_check)", path.display()));
        }
        Ok(report) => {
            for problem in report.problems.iter().take(5) {
                findings.error(CHECK, format!("`{}` is damaged: {problem}", path.display()), RESTORE);
            }
        }
        Err(error) => {
            findings.error(CHECK, chain(&error), RESTORE);
            return Looked::IsOfNoUse;
        }
    }
    Looked::IsOfUse
}

async fn contents(store: &Store, findings: &mut Findings) -> Result<(), StoreError> {
    let migrations = Migrations::embedded()?;
    let newer = migrations.unknown(store).await?;
    if !newer.is_empty() {
        let says = format!("a newer release has been here: this one does not know its migrations {}", newer.join(", "));
        findings.warn(CHECK, says, "run that release; this one works only if that is the next one after it");
    }
    let pending = migrations.pending(store).await?;
    if !pending.is_empty() {
        let says = format!("migrations of this release are missing: {}", pending.join(", "));
        findings.warn(CHECK, says, "`routemate migrate`; a server does it when it starts. Make a backup before");
        // What follows may ask for tables that are not there.
        return Ok(());
    }
    if newer.is_empty() {
        findings.ok(CHECK, "it can be reached and is of this release");
    }
    clocks(store, findings).await?;
    connections(store, findings).await?;
    queue(store, findings).await?;
    key_misuse(store, findings).await
}

#[expect(clippy::disallowed_methods, reason = "the machine's clock is what is compared")]
async fn clocks(store: &Store, findings: &mut Findings) -> Result<(), StoreError> {
    let before = Timestamp::now();
    let Some(theirs_s) = store.read(&(), |tx, ()| Box::pin(tx.system_read_clock())).await? else {
        return Ok(());
    };
    let after = Timestamp::now();
    let seconds = |at: Timestamp| at.as_microsecond() as f64 / 1e6;
    let ours_s = f64::midpoint(seconds(before), seconds(after));
    let apart_s = (theirs_s - ours_s).abs() - (seconds(after) - seconds(before)) / 2.0;
    if apart_s > CLOCKS_DIFFER_S {
        findings.warn(
            "clock",
            format!("the database's clock and this machine's are {apart_s:.1} s apart"),
            "let both follow a time server (chrony, systemd-timesyncd)",
        );
    } else {
        findings.ok("clock", "the database's clock and this machine's agree");
    }
    Ok(())
}

async fn connections(store: &Store, findings: &mut Findings) -> Result<(), StoreError> {
    if let Some((most, used)) = store.read(&(), |tx, ()| Box::pin(tx.system_count_connections())).await?
        && used.saturating_mul(10) >= most.saturating_mul(8)
    {
        findings.warn(
            CHECK,
            format!("{used} of the {most} connections that the PostgreSQL server allows are in use"),
            "raise its max_connections, or lower `postgres_connections` of our processes",
        );
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "work is due by the machine's clock")]
async fn queue(store: &Store, findings: &mut Findings) -> Result<(), StoreError> {
    let now = Timestamp::now();
    let backlog = store.read(&now, |tx, now| Box::pin(tx.system_measure_backlog(*now, MOST))).await?;
    match backlog.oldest_due.map(|due| now.duration_since(due)) {
        Some(age) if age > LONG_DUE => findings.warn(
            "queue",
            format!("{} pieces of background work are due, the oldest for {} minutes", backlog.due, age.as_mins()),
            "see to it that `routemate serve` (without --no-worker) or `routemate worker` runs, and look into its log",
        ),
        _ => findings.ok("queue", format!("{} due, {} for later", backlog.due, backlog.waiting)),
    }
    Ok(())
}

/// Clients that are told another request's answer do not know what became of their own (R9 of our decisions about the
/// published contract).
async fn key_misuse(store: &Store, findings: &mut Findings) -> Result<(), StoreError> {
    let misuse = store.read(&(), |tx, ()| Box::pin(tx.system_find_key_misuse(MOST))).await?;
    if misuse.is_empty() {
        findings.ok("idempotency", "no key was used for two different requests lately");
    }
    for found in misuse {
        findings.warn(
            "idempotency",
            format!(
                "integration {} of organisation {} has sent {} requests under {} keys that other requests had: it got \
                 the answers to those",
                found.integration_id, found.organization_id, found.replays, found.keys
            ),
            "tell its developers: a new Idempotency-Key for each new request, the same one only to send it again",
        );
    }
    Ok(())
}
