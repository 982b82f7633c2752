//! Which maps there are, and what is wrong with them.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use routemate_geocoding::AddressIndex;
use routemate_roads::Graph;
use serde_json::{Value, json};

use super::home::Home;
use super::manifest::{Manifest, ManifestError};
use crate::Failure;
use crate::config::Config;
use crate::output;

/// Shows every map in the data folder and those that are configured elsewhere. Each file is read from end to end, or only
/// its beginning when it has to be quick.
pub(crate) fn list(config: &Config, home: &Home, is_quick: bool, as_json: bool) -> Result<(), Failure> {
    let mut folders = home.folders()?;
    for folder in &config.maps {
        let folder = std::path::absolute(folder)?;
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    let maps: Vec<Listed> = folders.iter().map(|folder| Listed::of(folder, is_quick)).collect();
    if as_json {
        output::line(json!({ "maps": maps.iter().map(Listed::to_json).collect::<Vec<_>>() }));
    } else if maps.is_empty() {
        output::line("no maps: `routemate map build FILE` makes one");
    } else {
        maps.iter().for_each(Listed::print);
    }
    Ok(())
}

/// A map that a server would open.
pub(crate) struct Checked {
    pub(crate) name: String,
    pub(crate) has_addresses: bool,
    pub(crate) problems: Vec<String>,
}

/// Every map that a server would open, with what is wrong with it. Reads each file from end to end.
pub(crate) fn check(config: &Config, home: &Home) -> Result<Vec<Checked>, Failure> {
    let folders = match config.maps.is_empty() {
        true => home.folders()?,
        false => config.maps.iter().map(std::path::absolute).collect::<Result<_, _>>()?,
    };
    let listed = folders.iter().map(|folder| Listed::of(folder, false));
    Ok(listed.map(Listed::into_checked).collect())
}

struct Listed {
    folder: PathBuf,
    manifest: Option<Manifest>,
    problems: Vec<String>,
}

impl Listed {
    fn of(folder: &Path, is_quick: bool) -> Self {
        let folder = folder.to_owned();
        match Manifest::read(&folder) {
            Ok(manifest) => {
                let check = |file: &super::manifest::FileEntry| {
                    let problem = problem(&folder.join(&file.file), file.size_bytes, is_quick)?;
                    Some(format!("{problem}; {}", remedy(&manifest)))
                };
                let problems = manifest.files.iter().filter_map(check).collect();
                Self { folder, manifest: Some(manifest), problems }
            }
            Err(error) => {
                let remedy = match error {
                    ManifestError::Missing => "remove the folder, or build a map in its place",
                    _ => "build it again with `routemate map build FILE --name`",
                };
                Self { problems: vec![format!("{error}; {remedy}")], folder, manifest: None }
            }
        }
    }

    fn name(&self) -> String {
        self.folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    fn into_checked(self) -> Checked {
        let mut files = self.manifest.iter().flat_map(|manifest| &manifest.files);
        let has_addresses = files.any(|entry| entry.file == AddressIndex::FILE_NAME);
        Checked { name: self.name(), has_addresses, problems: self.problems }
    }

    fn to_json(&self) -> Value {
        let manifest = self.manifest.as_ref();
        json!({
            "name": self.name(),
            "folder": self.folder,
            "area": manifest.and_then(|manifest| manifest.area),
            "data_date": manifest.and_then(|manifest| manifest.data_date.as_deref()),
            "built_at": manifest.map(|manifest| &manifest.built_at),
            "built_by": manifest.map(|manifest| &manifest.built_by),
            "size_bytes": manifest.map(Manifest::size_bytes),
            "files": manifest.map(|manifest| &manifest.files),
            "sources": manifest.map(|manifest| &manifest.sources),
            "attribution": manifest.map(|manifest| &manifest.attribution),
            "problems": self.problems,
        })
    }

    fn print(&self) {
        output::line(self.name());
        let row = |name: &str, value: &str| output::line(format_args!("  {name:<10} {value}"));
        row("folder", &self.folder.display().to_string());
        if let Some(manifest) = &self.manifest {
            if let Some(area) = manifest.area {
                row("area", &format!("{:.4},{:.4} to {:.4},{:.4}", area.south, area.west, area.north, area.east));
            }
            row("data of", manifest.data_date.as_deref().unwrap_or("an unknown day"));
            row("built", &format!("{} by {}", manifest.built_at, manifest.built_by));
            for file in &manifest.files {
                let counts: Vec<_> = file.counts.iter().map(|(name, count)| format!("{count} {name}")).collect();
                let size = file.size_bytes as f64 / 1e6;
                row("file", &format!("{}, {size:.1} MB: {}", file.file, counts.join(", ")));
            }
            for source in &manifest.sources {
                row("from", &format!("{}, {:.1} MB", source.file, source.size_bytes as f64 / 1e6));
            }
            row("shows", &manifest.attribution.join("; "));
        }
        for problem in &self.problems {
            row("PROBLEM", problem);
        }
    }
}

/// What is wrong with a file of a map.
fn problem(path: &Path, size_bytes: u64, is_quick: bool) -> Option<String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let found = match fs::metadata(path) {
        Ok(metadata) => metadata.len(),
        Err(error) => return Some(format!("`{name}` cannot be read: {error}")),
    };
    // One of another release is told by its format, whatever its size.
    match opened(path, is_quick) {
        Err(Wrong::Version { found, expected }) => {
            Some(format!("`{name}` has format {found}, this release reads {expected}"))
        }
        Err(Wrong::Damaged(what)) => Some(format!("`{name}` is damaged: {what}")),
        Err(Wrong::Unreadable(error)) => Some(format!("`{name}` cannot be opened: {error}")),
        Ok(()) if found != size_bytes => Some(format!("`{name}` has {found} bytes instead of {size_bytes}")),
        Ok(()) => None,
    }
}

/// What is wrong with a file, whichever it is.
enum Wrong {
    Version { found: u32, expected: u32 },
    Damaged(String),
    Unreadable(String),
}

fn opened(path: &Path, is_quick: bool) -> Result<(), Wrong> {
    match path.extension().and_then(OsStr::to_str) {
        Some("roads") => {
            let graph = Graph::open(path)?;
            if is_quick { Ok(()) } else { Ok(graph.verify()?) }
        }
        Some("index") => {
            let index = AddressIndex::open(path)?;
            if is_quick { Ok(()) } else { Ok(index.verify()?) }
        }
        _ => Ok(()),
    }
}

impl From<routemate_roads::OpenError> for Wrong {
    fn from(error: routemate_roads::OpenError) -> Self {
        use routemate_roads::OpenError;
        match error {
            OpenError::Version { found, expected, .. } => Self::Version { found, expected },
            OpenError::Damaged { what, .. } => Self::Damaged(what.to_string()),
            OpenError::Foreign { .. } => Self::Damaged("it is no road graph".to_owned()),
            other => Self::Unreadable(other.to_string()),
        }
    }
}

impl From<routemate_geocoding::OpenError> for Wrong {
    fn from(error: routemate_geocoding::OpenError) -> Self {
        use routemate_geocoding::OpenError;
        match error {
            OpenError::Version { found, expected, .. } => Self::Version { found, expected },
            OpenError::Damaged { what, .. } => Self::Damaged(what),
            OpenError::Foreign { .. } => Self::Damaged("it is no index of addresses".to_owned()),
            other => Self::Unreadable(other.to_string()),
        }
    }
}

/// The command that makes a map again.
fn remedy(manifest: &Manifest) -> String {
    let files: Vec<&str> = manifest.sources.iter().map(|source| source.file.as_str()).collect();
    format!("build it again: `routemate map build {} --name {}`", files.join(" "), manifest.name)
}
