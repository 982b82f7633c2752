//! What a map is made of: each part reads the sources and writes one file into the folder of the new map.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use routemate_geocoding::AddressIndex;
use routemate_roads::{Graph, Profile};

use super::manifest::{Area, FileEntry};
use super::source::{Source, SourceKind};
use crate::Failure;

/// Builds one file of a map.
pub(crate) trait Part: Send {
    /// What it makes, for people.
    fn label(&self) -> String;

    /// How often it reads a source of this kind, at most.
    fn passes(&self, kind: SourceKind) -> u64;

    /// Reads the sources and writes its file into `folder`; `progress` hears how many bytes have been read since it was
    /// last called.
    fn build(&self, sources: &[Source], folder: &Path, progress: &dyn Fn(u64)) -> Result<Made, Failure>;
}

/// What became of a part.
#[derive(Debug)]
pub(crate) enum Made {
    Finished(Finished),
    /// The sources hold nothing for it: the map goes without.
    Nothing {
        /// In a sentence for people.
        why: String,
    },
}

/// A part that is written.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) file: FileEntry,
    pub(crate) area: Option<Area>,
    pub(crate) data_date: Option<Timestamp>,
    pub(crate) attribution: Vec<String>,
}

/// The parts of a map for these vehicles.
pub(crate) fn parts(profiles: impl Iterator<Item = Profile>) -> Vec<Box<dyn Part>> {
    let roads = profiles.map(|profile| -> Box<dyn Part> { Box::new(Roads { profile }) });
    roads.chain([Box::new(Addresses) as Box<dyn Part>]).collect()
}

/// What was counted while a part was built, by name.
fn counted<const N: usize>(counts: [(&str, u64); N]) -> BTreeMap<String, u64> {
    counts.map(|(name, count)| (name.to_owned(), count)).into()
}

/// The roads that a kind of vehicle may drive.
struct Roads {
    profile: Profile,
}

impl Part for Roads {
    fn label(&self) -> String {
        format!("roads for {}s", self.profile.as_str())
    }

    fn passes(&self, kind: SourceKind) -> u64 {
        match kind {
            SourceKind::Extract => 2,
            SourceKind::Table(_) => 0,
        }
    }

    fn build(&self, sources: &[Source], folder: &Path, progress: &dyn Fn(u64)) -> Result<Made, Failure> {
        let extracts = sources.iter().filter(|source| source.kind == SourceKind::Extract);
        let paths: Vec<PathBuf> = extracts.map(|source| source.path.clone()).collect();
        if paths.is_empty() {
            return Ok(Made::Nothing { why: "no roads: tables hold addresses alone; give an .osm.pbf too".to_owned() });
        }
        let file = self.profile.file_name().to_owned();
        let path = folder.join(&file);
        let report = match routemate_roads::build(&paths, self.profile, &path, progress) {
            Ok(report) => report,
            Err(none @ routemate_roads::BuildError::NoRoads { .. }) => {
                return Ok(Made::Nothing { why: none.to_string() });
            }
            Err(error) => return Err(error.into()),
        };
        let graph = Graph::open(&path)?;
        let bounds = graph.bounds();
        let counts = counted([
            ("segments", report.segments as u64),
            ("edges", report.edges as u64),
            ("turns", report.turns as u64),
            ("restrictions", report.restrictions as u64),
        ]);
        Ok(Made::Finished(Finished {
            file: FileEntry { file, size_bytes: report.file_bytes, counts },
            area: Some(Area {
                south: bounds.south_west.lat(),
                west: bounds.south_west.lng(),
                north: bounds.north_east.lat(),
                east: bounds.north_east.lng(),
            }),
            data_date: graph.taken_at().and_then(|at| Timestamp::from_second(at).ok()),
            attribution: vec![routemate_roads::ATTRIBUTION.to_owned()],
        }))
    }
}

/// Addresses, named streets and places: what the embedded geocoder looks up.
struct Addresses;

impl Part for Addresses {
    fn label(&self) -> String {
        "addresses".to_owned()
    }

    fn passes(&self, kind: SourceKind) -> u64 {
        match kind {
            SourceKind::Extract => 3,
            SourceKind::Table(_) => 1,
        }
    }

    fn build(&self, sources: &[Source], folder: &Path, progress: &dyn Fn(u64)) -> Result<Made, Failure> {
        let paths: Vec<PathBuf> = sources.iter().map(|source| source.path.clone()).collect();
        let path = folder.join(AddressIndex::FILE_NAME);
        let report = match routemate_geocoding::build(&paths, &path, progress) {
            Ok(report) => report,
            Err(none @ routemate_geocoding::BuildError::NoAddresses) => {
                return Ok(Made::Nothing { why: none.to_string() });
            }
            Err(error) => return Err(error.into()),
        };
        let index = AddressIndex::open(&path)?;
        let counts = counted([
            ("addresses", report.addresses),
            ("streets", report.streets as u64),
            ("places", report.places as u64),
            ("points of interest", report.points as u64),
            ("postcodes", report.postcodes as u64),
        ]);
        Ok(Made::Finished(Finished {
            file: FileEntry { file: AddressIndex::FILE_NAME.to_owned(), size_bytes: report.file_bytes, counts },
            area: None,
            data_date: None,
            attribution: index.notices().into_iter().map(str::to_owned).collect(),
        }))
    }
}
