use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Written last when a map is built: where it is, the map is complete; where it has changed, so has the map.
pub(crate) const MANIFEST: &str = "map.json";

/// Where maps are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MapFolders {
    /// Every map in this folder, which need not be there; names that begin with a dot are no maps.
    Within(PathBuf),
    /// These.
    These(Vec<PathBuf>),
}

/// Why a map cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MapError {
    /// The folder is not there, or holds no finished map.
    #[error("there is no map in `{}`", folder.display())]
    Missing {
        /// The map's folder.
        folder: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// What says what it is made of cannot be read.
    #[error("the {MANIFEST} of the map in `{}` cannot be read", folder.display())]
    Manifest {
        /// The map's folder.
        folder: PathBuf,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// A file of it cannot be opened.
    #[error("the map in `{}` cannot be opened", folder.display())]
    Unusable {
        /// The map's folder.
        folder: PathBuf,
        /// What is wrong with the file.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

/// A finished map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapFolder {
    path: PathBuf,
    files: Vec<String>,
}

/// What is read of a manifest here.
#[derive(Debug, Deserialize)]
struct Manifest {
    files: Vec<File>,
}

#[derive(Debug, Deserialize)]
struct File {
    file: String,
}

impl MapFolder {
    /// Reads what a map is made of.
    pub(crate) fn read(folder: &Path) -> Result<Self, MapError> {
        let path = folder.to_owned();
        let bytes = fs::read(folder.join(MANIFEST));
        let bytes = bytes.map_err(|source| MapError::Missing { folder: path.clone(), source })?;
        let manifest: Manifest =
            serde_json::from_slice(&bytes).map_err(|source| MapError::Manifest { folder: path.clone(), source })?;
        Ok(Self { path, files: manifest.files.into_iter().map(|entry| entry.file).collect() })
    }

    /// The name of the map, which is that of its folder.
    #[must_use]
    pub fn name(&self) -> String {
        name(&self.path)
    }

    /// Where the file of this name is, if the map has one.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<PathBuf> {
        self.files.iter().any(|file| file == name).then(|| self.path.join(name))
    }
}

impl MapFolders {
    /// The folders of maps, in the order of their names or as given; `None` where that cannot be told.
    pub(crate) fn list(&self) -> Option<Vec<PathBuf>> {
        match self {
            Self::These(folders) => Some(folders.clone()),
            Self::Within(home) => {
                let entries = match fs::read_dir(home) {
                    Ok(entries) => entries,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => return Some(Vec::new()),
                    Err(_) => return None,
                };
                let paths = entries.map_while(Result::ok).map(|entry| entry.path());
                let is_map = |path: &PathBuf| !name(path).starts_with('.') && path.join(MANIFEST).exists();
                let mut folders: Vec<PathBuf> = paths.filter(is_map).collect();
                folders.sort();
                Some(folders)
            }
        }
    }
}

fn name(folder: &Path) -> String {
    folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned()
}
