//! `map.json`: what a map is made of. Written last, so that a folder that has it is complete.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::Failure;

/// Its name in the map's folder.
pub(crate) const FILE: &str = "map.json";

/// Raised when what a map's folder holds is no longer read by earlier releases, or by this one as before.
const FORMAT: u32 = 1;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) format: u32,
    pub(crate) name: String,
    /// When the newest of its sources was taken, if they tell; RFC 3339.
    pub(crate) data_date: Option<String>,
    pub(crate) built_at: String,
    pub(crate) built_by: String,
    pub(crate) area: Option<Area>,
    /// What has to be shown with everything that is made from it.
    pub(crate) attribution: Vec<String>,
    pub(crate) sources: Vec<SourceEntry>,
    pub(crate) files: Vec<FileEntry>,
}

/// A rectangle, in degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Area {
    pub(crate) south: f64,
    pub(crate) west: f64,
    pub(crate) north: f64,
    pub(crate) east: f64,
}

/// A file that it was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SourceEntry {
    pub(crate) file: String,
    pub(crate) size_bytes: u64,
    pub(crate) sha256: String,
}

/// A file that it is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileEntry {
    pub(crate) file: String,
    pub(crate) size_bytes: u64,
    pub(crate) counts: BTreeMap<String, u64>,
}

impl Area {
    pub(crate) fn around(self, other: Self) -> Self {
        Self {
            south: self.south.min(other.south),
            west: self.west.min(other.west),
            north: self.north.max(other.north),
            east: self.east.max(other.east),
        }
    }
}

/// Why a manifest is of no use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ManifestError {
    #[error("it has no {FILE}: it was never finished, or is no map")]
    Missing,
    #[error("its {FILE} cannot be read: {0}")]
    Unreadable(std::io::Error),
    #[error("its {FILE} is damaged: {0}")]
    Damaged(serde_json::Error),
    #[error("it has format {found}, this release reads {FORMAT}")]
    Format { found: u64 },
}

impl Manifest {
    /// A manifest of the present format, of which everything else is still to be told.
    pub(crate) fn new(name: &str, built_at: String) -> Self {
        Self {
            format: FORMAT,
            name: name.to_owned(),
            data_date: None,
            built_at,
            built_by: concat!("routemate ", env!("CARGO_PKG_VERSION")).to_owned(),
            area: None,
            attribution: Vec::new(),
            sources: Vec::new(),
            files: Vec::new(),
        }
    }

    /// Adds what has to be shown, unless something there says it already; what says less than the new one goes.
    pub(crate) fn credit(&mut self, notice: &str) {
        if !self.attribution.iter().any(|known| known.contains(notice)) {
            self.attribution.retain(|known| !notice.contains(known.as_str()));
            self.attribution.push(notice.to_owned());
        }
    }

    pub(crate) fn size_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.size_bytes).sum()
    }

    /// Reads the manifest of a map's folder.
    pub(crate) fn read(folder: &Path) -> Result<Self, ManifestError> {
        let bytes = fs::read(folder.join(FILE)).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => ManifestError::Missing,
            _ => ManifestError::Unreadable(error),
        })?;
        // The format first: another one may have other fields.
        let object: serde_json::Value = serde_json::from_slice(&bytes).map_err(ManifestError::Damaged)?;
        match object.get("format").and_then(serde_json::Value::as_u64) {
            Some(found) if found != u64::from(FORMAT) => Err(ManifestError::Format { found }),
            _ => serde_json::from_value(object).map_err(ManifestError::Damaged),
        }
    }

    /// Writes it into a map's folder and makes all of that durable.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), Failure> {
        let path = folder.join(FILE);
        let written = File::create(&path).and_then(|mut file| {
            file.write_all(serde_json::to_string_pretty(self)?.as_bytes())?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            File::open(folder)?.sync_all()
        });
        written.map_err(|error| format!("cannot write `{}`: {error}", path.display()).into())
    }
}
