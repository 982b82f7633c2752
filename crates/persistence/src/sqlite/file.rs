//! Where the database file is, and that nobody else may read it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::StoreError;
use crate::url::redacted;

/// The absolute path in `sqlite://PATH`. The path is taken to the letter: nothing in it is percent-decoded.
pub(super) fn path_of(url: &str) -> Result<PathBuf, StoreError> {
    let refuse = |reason: &'static str| StoreError::Config { url: redacted(url), reason: reason.into() };
    let path = url.strip_prefix("sqlite://").ok_or_else(|| refuse("it does not begin with `sqlite://`"))?;
    if path.is_empty() || path.ends_with('/') {
        return Err(refuse("it names no file"));
    }
    if path == ":memory:" {
        return Err(refuse("several connections cannot share a database in memory: name a file"));
    }
    if path.contains('?') {
        return Err(refuse("options after `?` are not supported"));
    }
    // Absolute, so that SQLite sees no `file:` and no `:memory:` at its start.
    std::path::absolute(path).map_err(|_| refuse("the current folder cannot be found"))
}

/// Creates what is missing of the folder (for the owner only) and the file (likewise; SQLite gives `-wal` and `-shm` the
/// same mode). What exists keeps its permissions.
pub(super) fn prepare(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(|error| match folder.ancestors().find(|above| above.is_file()) {
            Some(file) => io::Error::new(io::ErrorKind::NotADirectory, format!("`{}` is no folder", file.display())),
            None => error,
        })?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_without_a_usable_file_are_refused() {
        for url in ["sqlite://", "sqlite://data/", "sqlite://:memory:", "sqlite://a.db?mode=ro", "sqlite:a.db"] {
            assert!(matches!(path_of(url), Err(StoreError::Config { .. })), "{url}");
        }
    }

    #[test]
    fn paths_are_absolute_or_relative_to_the_current_folder() {
        assert_eq!(path_of("sqlite:///var/lib/a.db").unwrap(), Path::new("/var/lib/a.db"));
        assert!(path_of("sqlite://data/a.db").unwrap().ends_with("data/a.db"));
        assert!(path_of("sqlite://data/a.db").unwrap().is_absolute());
    }

    #[test]
    fn a_file_in_the_way_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data");
        fs::write(&file, "").unwrap();
        for path in ["data/a.db", "data/below/a.db"] {
            let error = prepare(&folder.path().join(path)).unwrap_err();
            assert_eq!(error.to_string(), format!("`{}` is no folder", file.display()));
        }
    }

    #[cfg(unix)]
    #[test]
    fn new_files_are_readable_by_their_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new").join("a.db");
        prepare(&path).unwrap();
        prepare(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
