//! What a map is made of: each part reads the sources and writes one file into the folder of the new map.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use routemate_roads::{Graph, Profile};

use super::extract::Source;
use super::manifest::{Area, FileEntry};
use crate::Failure;

/// Builds one file of a map.
pub(crate) trait Part: Send {
    /// What it makes, for people.
    fn label(&self) -> String;

    /// How often it reads each source.
    fn passes(&self) -> u64;

    /// Reads the sources and writes its file into `folder`; `progress` hears how many bytes have been read since it was
    /// last called.
    fn build(&self, sources: &[Source], folder: &Path, progress: &dyn Fn(u64)) -> Result<Finished, Failure>;
}

/// A part that is written.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) file: FileEntry,
    pub(crate) area: Option<Area>,
    pub(crate) data_date: Option<Timestamp>,
    pub(crate) attribution: &'static str,
}

/// The parts of a map for these vehicles.
pub(crate) fn parts(profiles: impl Iterator<Item = Profile>) -> Vec<Box<dyn Part>> {
    profiles.map(|profile| -> Box<dyn Part> { Box::new(Roads { profile }) }).collect()
}

/// The roads that a kind of vehicle may drive.
struct Roads {
    profile: Profile,
}

impl Part for Roads {
    fn label(&self) -> String {
        format!("roads for {}s", self.profile.as_str())
    }

    fn passes(&self) -> u64 {
        2
    }

    fn build(&self, sources: &[Source], folder: &Path, progress: &dyn Fn(u64)) -> Result<Finished, Failure> {
        let file = self.profile.file_name().to_owned();
        let path = folder.join(&file);
        let paths: Vec<PathBuf> = sources.iter().map(|source| source.path.clone()).collect();
        let report = routemate_roads::build(&paths, self.profile, &path, progress)?;
        let graph = Graph::open(&path)?;
        let bounds = graph.bounds();
        let counts = [
            ("segments", report.segments),
            ("edges", report.edges),
            ("turns", report.turns),
            ("restrictions", report.restrictions),
        ];
        let counts: BTreeMap<_, _> = counts.map(|(name, count)| (name.to_owned(), count as u64)).into();
        Ok(Finished {
            file: FileEntry { file, size_bytes: report.file_bytes, counts },
            area: Some(Area {
                south: bounds.south_west.lat(),
                west: bounds.south_west.lng(),
                north: bounds.north_east.lat(),
                east: bounds.north_east.lng(),
            }),
            data_date: graph.taken_at().and_then(|at| Timestamp::from_second(at).ok()),
            attribution: routemate_roads::ATTRIBUTION,
        })
    }
}
