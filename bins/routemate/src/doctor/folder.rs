//! The folder where everything is kept: whether it can be written, and for how long.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::Findings;
use crate::config::Config;
use crate::serve::LOCK;

const CHECK: &str = "data folder";

/// Less free space than that, and writing may soon fail.
const LITTLE_SPACE_MB: u64 = 1_024;
/// Less than that, and it will.
const NO_SPACE_MB: u64 = 64;

pub(super) fn check(config: &Config, findings: &mut Findings) {
    let folder = std::path::absolute(&config.data_dir).unwrap_or_else(|_| config.data_dir.clone());
    let shown = folder.display();
    if !folder.exists() {
        let parent = folder.ancestors().find(|ancestor| ancestor.exists()).unwrap_or(Path::new("/"));
        if !parent.is_dir() {
            let says = format!("`{shown}` cannot be made: `{}` is no folder", parent.display());
            return findings.error(CHECK, says, "name another folder in `data_dir`, or move the file out of its way");
        }
        match is_writable(parent) {
            Ok(()) => findings.ok(CHECK, format!("`{shown}` is not there yet; the first command makes it")),
            Err(error) => findings.error(
                CHECK,
                format!("`{shown}` is not there, and `{}` cannot be written: {error}", parent.display()),
                "make the folder and give it to the user that the server runs as",
            ),
        }
        return;
    }
    if !folder.is_dir() {
        return findings.error(
            CHECK,
            format!("`{shown}` is no folder"),
            "name a folder in `data_dir`, or move the file out of its way",
        );
    }
    match is_writable(&folder) {
        Ok(()) => findings.ok(CHECK, format!("`{shown}` can be written")),
        Err(error) => findings.error(
            CHECK,
            format!("`{shown}` cannot be written: {error}"),
            "give it to the user that the server runs as, and see to it that its disk is not full or read-only",
        ),
    }
    space(&folder, findings);
    lock(&folder, findings);
}

fn is_writable(folder: &Path) -> std::io::Result<()> {
    let tried = tempfile::Builder::new().prefix(".doctor.").tempfile_in(folder).map(drop);
    // Without the name of the file that was tried.
    tried.map_err(|error| error.kind().into())
}

fn space(folder: &Path, findings: &mut Findings) {
    let Ok(disk) = rustix::fs::statvfs(folder) else { return };
    let free_mb = disk.f_bavail.saturating_mul(disk.f_frsize) / (1024 * 1024);
    let (says, todo) = (format!("{free_mb} MB are free on its disk"), "make room, or move the folder");
    match free_mb {
        ..NO_SPACE_MB => findings.error(CHECK, says, todo),
        NO_SPACE_MB..LITTLE_SPACE_MB => findings.warn(CHECK, says, todo),
        _ => findings.ok(CHECK, says),
    }
}

fn lock(folder: &Path, findings: &mut Findings) {
    let Ok(file) = File::open(folder.join(LOCK)) else { return };
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => findings.ok(CHECK, "a server uses it at present"),
        Err(TryLockError::Error(error)) => findings.error(
            CHECK,
            format!("its file `{LOCK}` cannot be locked: {error}"),
            "SQLite needs a disk of this machine; network shares that cannot lock do not do",
        ),
        Ok(()) => findings.ok(CHECK, "no server uses it at present"),
    }
}
