//! The folder of maps, and how a map gets into it and out of it.

use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::manifest;
use crate::Failure;
use crate::config::Config;

/// Of drafts' names, which begin with a dot.
const DRAFT: &str = ".part";
const LONGEST_NAME: usize = 64;

/// The name of a map, which is that of its folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MapName(String);

impl MapName {
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        if text.is_empty() || text.len() > LONGEST_NAME || !text.chars().all(is_allowed) {
            let rule = "a map's name has letters, digits, `-` and `_`";
            return Err(format!("--name `{text}`: {rule}, and at most {LONGEST_NAME} of them").into());
        }
        Ok(Self(text.to_owned()))
    }

    /// After the first file, without its endings; what no name may have becomes a hyphen.
    pub(crate) fn from_files(files: &[PathBuf]) -> Result<Self, Failure> {
        let file = files.first().and_then(|file| file.file_name()).unwrap_or_default().to_string_lossy();
        let stem = [".osm.pbf", ".pbf", ".csv", ".csv.gz", ".geojson", ".geojson.gz"]
            .iter()
            .find_map(|ending| file.strip_suffix(ending))
            .unwrap_or(&file);
        Self::of(stem).ok_or_else(|| format!("`{file}` gives no name for a map: say --name").into())
    }

    /// The nearest name there is to a text; `None` where nothing is left of it.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let allowed = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
        let name: String = text.chars().map(allowed).take(LONGEST_NAME).collect();
        let name = name.trim_matches('-');
        (!name.is_empty()).then(|| Self(name.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MapName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The folder that holds maps, which need not be there yet.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    folder: PathBuf,
}

impl Home {
    pub(crate) fn of(config: &Config) -> Result<Self, Failure> {
        Ok(Self { folder: std::path::absolute(config.maps_dir())? })
    }

    pub(crate) fn folder_of(&self, name: &MapName) -> PathBuf {
        self.folder.join(name.as_str())
    }

    /// Where downloads are kept until a map is built from them.
    pub(crate) fn downloads(&self) -> PathBuf {
        self.folder.join(".downloads")
    }

    /// Every folder that may be a map, in the order of their names.
    pub(crate) fn folders(&self) -> Result<Vec<PathBuf>, Failure> {
        let is_shown = |path: &PathBuf| path.is_dir() && !is_hidden(path);
        let mut folders: Vec<PathBuf> = self.entries()?.into_iter().filter(is_shown).collect();
        folders.sort();
        Ok(folders)
    }

    /// The folder of the map that is called so, or that lies there.
    pub(crate) fn find(&self, name_or_folder: &str) -> Result<PathBuf, Failure> {
        let named = MapName::parse(name_or_folder).ok().map(|name| self.folder_of(&name));
        let folder = Path::new(name_or_folder).to_owned();
        let candidates = named.into_iter().chain([folder]);
        candidates.into_iter().find(|folder| folder.join(manifest::FILE).exists()).ok_or_else(|| {
            let known = self.known().unwrap_or_default();
            format!("there is no map `{name_or_folder}`; {known}").into()
        })
    }

    /// The only map there is.
    pub(crate) fn only(&self) -> Result<PathBuf, Failure> {
        let maps: Vec<PathBuf> =
            self.folders()?.into_iter().filter(|folder| folder.join(manifest::FILE).exists()).collect();
        match <[PathBuf; 1]>::try_from(maps) {
            Ok([only]) => Ok(only),
            Err(_) => Err(format!("which map? Say --map NAME; {}", self.known()?).into()),
        }
    }

    /// Which maps there are, for messages.
    fn known(&self) -> Result<String, Failure> {
        let names: Vec<String> = self.folders()?.iter().filter_map(|folder| file_name(folder)).collect();
        let folder = self.folder.display();
        Ok(match names.is_empty() {
            true => format!("`{folder}` has none: `routemate map build FILE` makes one"),
            false => format!("`{folder}` has: {}", names.join(", ")),
        })
    }

    pub(crate) fn remove(&self, name: &MapName) -> Result<PathBuf, Failure> {
        let folder = self.folder_of(name);
        if !folder.is_dir() {
            return Err(format!("there is no map `{name}`; {}", self.known()?).into());
        }
        // Out of sight in one step, then its files.
        let draft = self.draft(name)?;
        fs::rename(&folder, draft.folder().join("removed")).map_err(|error| cannot("remove", &folder, &error))?;
        Ok(folder)
    }

    /// A folder beside the maps in which one is built. It goes away when it is dropped.
    pub(crate) fn draft(&self, name: &MapName) -> Result<Draft, Failure> {
        fs::create_dir_all(&self.folder).map_err(|error| cannot("make", &self.folder, &error))?;
        self.sweep()?;
        for attempt in 0..100 {
            let folder = self.folder.join(format!(".{name}.{}.{attempt}{DRAFT}", std::process::id()));
            match fs::create_dir(&folder) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(cannot("make", &folder, &error)),
            }
            // Somebody else's sweep may have taken the folder for left over before it was locked.
            if let Ok(lock) = File::open(&folder)
                && lock.try_lock().is_ok()
                && folder.exists()
            {
                return Ok(Draft { folder, _lock: lock });
            }
        }
        Err(format!("cannot make a folder for the new map in `{}`", self.folder.display()).into())
    }

    /// Removes what builds have left that were killed. Those that run hold a lock.
    fn sweep(&self) -> Result<(), Failure> {
        for path in self.entries()? {
            let is_draft = is_hidden(&path) && file_name(&path).is_some_and(|name| name.ends_with(DRAFT));
            if !is_draft {
                continue;
            }
            let Ok(lock) = File::open(&path) else { continue };
            match lock.try_lock() {
                Ok(()) => fs::remove_dir_all(&path).map_err(|error| cannot("remove", &path, &error))?,
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(cannot("lock", &path, &error)),
            }
        }
        Ok(())
    }

    /// Puts a finished draft where its map belongs, in one step; what was there before is removed.
    pub(crate) fn publish(&self, draft: Draft, name: &MapName) -> Result<PathBuf, Failure> {
        let folder = self.folder_of(name);
        self.check_free(name)?;
        let put = |error: io::Error| cannot("replace", &folder, &error);
        if folder.exists() {
            exchange(&draft.folder, &folder).map_err(put)?;
        } else {
            fs::rename(&draft.folder, &folder).map_err(put)?;
        }
        File::open(&self.folder).and_then(|home| home.sync_all()).map_err(put)?;
        // What the draft's name stands for now is the old map, if there was one.
        drop(draft);
        Ok(folder)
    }

    /// Nothing but a map is ever replaced.
    pub(crate) fn check_free(&self, name: &MapName) -> Result<(), Failure> {
        let folder = self.folder_of(name);
        let is_empty = || fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_none());
        if !folder.exists() || folder.join(manifest::FILE).exists() || is_empty() {
            return Ok(());
        }
        Err(format!("`{}` is there and is no map: remove it or say another --name", folder.display()).into())
    }

    fn entries(&self) -> Result<Vec<PathBuf>, Failure> {
        match fs::read_dir(&self.folder) {
            Ok(entries) => Ok(entries.map_while(Result::ok).map(|entry| entry.path()).collect()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(cannot("read", &self.folder, &error)),
        }
    }
}

/// A folder in which a map is built.
#[derive(Debug)]
pub(crate) struct Draft {
    folder: PathBuf,
    _lock: File,
}

impl Draft {
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next build.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Swaps two folders, in one step where the file system can.
fn exchange(draft: &Path, folder: &Path) -> io::Result<()> {
    match renameat_with(CWD, draft, CWD, folder, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        // Old kernels and some network file systems cannot: for a moment there is no map of that name.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::NOTSUP) => {
            let aside = draft.join("replaced");
            fs::rename(folder, &aside)?;
            if let Err(error) = fs::rename(draft, folder) {
                fs::rename(&aside, folder)?;
                return Err(error);
            }
            fs::remove_dir_all(folder.join("replaced"))
        }
        Err(error) => Err(error.into()),
    }
}

fn is_hidden(path: &Path) -> bool {
    file_name(path).is_some_and(|name| name.starts_with('.'))
}

fn file_name(path: &Path) -> Option<String> {
    Some(path.file_name()?.to_string_lossy().into_owned())
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> Failure {
    format!("cannot {what} `{}`: {error}", path.display()).into()
}
