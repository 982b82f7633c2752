//! A copy of an SQLite database while it is in use, and the way back.
//!
//! Neither leaves half a file under a final name, whenever it is killed: both write beside it, bring that to the disk, and
//! put it in place in one step.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use routemate_persistence::{
    FileOwner, FileReport, Store, StoreError, Thoroughness, check_file, copy_database, settle_file,
};
use serde_json::json;
use tempfile::NamedTempFile;

use crate::Failure;
use crate::cli::{BackupArgs, RestoreArgs};
use crate::config::Config;
use crate::output;
use crate::serve;

/// What unfinished files end with; they begin with a dot.
const UNFINISHED: &str = ".unfinished";

pub(crate) fn back_up(config: &Config, args: &BackupArgs) -> Result<(), Failure> {
    let database = sqlite_file(config, "pg_dump --format=custom --file=FILE DATABASE_URL")?;
    let target = std::path::absolute(&args.file)?;
    if target.exists() && !args.force {
        return Err(format!("`{}` is there already: name another file, or say --force", target.display()).into());
    }
    let draft = draft_beside(&target)?;
    copy_database(&database, draft.path())?;
    let report = check_file(draft.path(), Thoroughness::Quick)?;
    refuse_damaged(&database, &report)?;
    let size_bytes = draft.as_file().metadata()?.len();
    put_in_place(draft, &target, args.force)?;
    let object = json!({
        "file": target,
        "database": database,
        "size_bytes": size_bytes,
        "organizations": report.organizations,
        "jobs": report.jobs,
    });
    output::answer(&object, args.json);
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the name of what is put aside says when that was")]
pub(crate) fn restore(config: &Config, args: &RestoreArgs) -> Result<(), Failure> {
    let database = sqlite_file(config, "pg_restore --clean --if-exists --dbname=DATABASE_URL FILE")?;
    let source = std::path::absolute(&args.file)?;
    let thoroughness = if args.verify { Thoroughness::Whole } else { Thoroughness::Quick };
    if !source.is_file() {
        let what = if source.exists() { "is no file" } else { "is not there" };
        return Err(format!("`{}` {what}", source.display()).into());
    }
    if let Some(folder) = database.parent() {
        fs::create_dir_all(folder)?;
    }
    // Kept until the end: no server begins in between.
    let _lock = serve::lock_folder(&config.data_dir)?;
    if database.exists() && !args.force && !args.dry_run {
        let path = database.display();
        return Err(format!("`{path}` is there already: say --force to put it aside and restore the backup").into());
    }
    // What is checked is what will be there, and not the file on another disk that it was copied from.
    let mut draft = draft_beside(&database)?;
    io::copy(&mut File::open(&source)?, draft.as_file_mut())?;
    draft.as_file_mut().flush()?;
    let report = check_file(draft.path(), thoroughness).map_err(|error| unreadable(&source, &error))?;
    refuse_damaged(&source, &report)?;
    match report.owner {
        FileOwner::Us => {}
        FileOwner::Nobody => return Err(format!("`{}` is empty: there is nothing to restore", source.display()).into()),
        FileOwner::Another => {
            return Err(format!("`{}` is no backup: none of its tables is RouteMate's", source.display()).into());
        }
    }
    if let Some(version) = report.unknown.first() {
        let path = source.display();
        return Err(format!("`{path}` has migration `{version}` of a newer release: restore it with that one").into());
    }
    let aside = match database.exists() && !args.dry_run {
        true => Some(put_aside(&database, Timestamp::now())?),
        false => None,
    };
    if !args.dry_run {
        put_in_place(draft, &database, true)?;
    }
    let object = json!({
        "database": database,
        "restored": !args.dry_run,
        "verified": args.verify,
        "organizations": report.organizations,
        "jobs": report.jobs,
        "migrations_to_apply": report.pending,
        "previous": aside,
    });
    output::answer(&object, args.json);
    Ok(())
}

/// The file of the configured database.
fn sqlite_file(config: &Config, instead: &str) -> Result<PathBuf, Failure> {
    let url = config.database_url();
    if !url.starts_with("sqlite://") {
        return Err(format!("this is for SQLite; a PostgreSQL database has its own tools: {instead}").into());
    }
    Ok(Store::sqlite_path(&url)?)
}

/// What is wrong with a file that is no database, without the name of the draft that it was copied to.
fn unreadable(source: &Path, error: &StoreError) -> Failure {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    format!("cannot read `{}` as a database: {cause}", source.display()).into()
}

fn refuse_damaged(path: &Path, report: &FileReport) -> Result<(), Failure> {
    match report.problems.as_slice() {
        [] => Ok(()),
        [first, rest @ ..] => {
            Err(format!("`{}` is damaged: {first} ({} problems in all)", path.display(), rest.len() + 1).into())
        }
    }
}

/// An empty file beside `target` that only its owner can read. It goes away when it is dropped; what a killed process
/// has left is removed first.
fn draft_beside(target: &Path) -> Result<NamedTempFile, Failure> {
    let folder = target.parent().ok_or("the path has no folder")?;
    let name = target.file_name().ok_or("the path names no file")?.to_string_lossy();
    let prefix = format!(".{name}.");
    for entry in fs::read_dir(folder).map_err(|error| cannot("read", folder, &error))?.map_while(Result::ok) {
        let found = entry.file_name();
        let found = found.to_string_lossy();
        if found.starts_with(&prefix) && found.contains(UNFINISHED) {
            remove_if_left_over(&entry.path())?;
        }
    }
    let draft = tempfile::Builder::new().prefix(&prefix).suffix(UNFINISHED).tempfile_in(folder);
    let draft = draft.map_err(|error| cannot("write in", folder, &error.kind().into()))?;
    draft.as_file().lock().map_err(|error| cannot("lock", draft.path(), &error))?;
    Ok(draft)
}

fn remove_if_left_over(path: &Path) -> Result<(), Failure> {
    let Ok(file) = File::open(path) else { return Ok(()) };
    match file.try_lock() {
        Ok(()) => fs::remove_file(path).map_err(|error| cannot("remove", path, &error)),
        Err(TryLockError::WouldBlock) => Ok(()),
        Err(TryLockError::Error(error)) => Err(cannot("lock", path, &error)),
    }
}

/// Brings the draft to the disk and gives it its name in one step, in the place of another file only if that is wanted.
fn put_in_place(draft: NamedTempFile, target: &Path, replaces: bool) -> Result<(), Failure> {
    draft.as_file().sync_all().map_err(|error| cannot("write", target, &error))?;
    let put = if replaces { draft.persist(target) } else { draft.persist_noclobber(target) };
    put.map_err(|error| cannot("write", target, &error.error))?;
    let folder = target.parent().unwrap_or(Path::new("/"));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| cannot("write in", folder, &error))
}

/// Gives the present database a second name under which it stays. One that cannot be settled is moved with its log.
fn put_aside(database: &Path, now: Timestamp) -> Result<PathBuf, Failure> {
    let name = database.file_name().unwrap_or_default().to_string_lossy();
    let stamp = now.strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut names = (1..).map(|number| match number {
        1 => format!("{name}.before-{stamp}"),
        _ => format!("{name}.before-{stamp}-{number}"),
    });
    // Two in one second have two names.
    let free = names.find_map(|name| Some(database.with_file_name(name)).filter(|path| !path.exists()));
    let aside = free.ok_or("no name is free to put the database aside")?;
    let with = |path: &Path, ending: &str| path.with_file_name(format!("{}{ending}", file_name(path)));
    if settle_file(database).is_ok() {
        fs::hard_link(database, &aside).map_err(|error| cannot("keep", database, &error))?;
        return Ok(aside);
    }
    for ending in ["-shm", "-wal", ""] {
        let (from, to) = (with(database, ending), with(&aside, ending));
        match fs::rename(&from, &to) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(cannot("keep", &from, &error)),
            _ => {}
        }
    }
    Ok(aside)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> Failure {
    format!("cannot {what} `{}`: {error}", path.display()).into()
}
