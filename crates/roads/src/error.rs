use std::io;
use std::path::PathBuf;

use routemate_units::LatLng;

use crate::profile::Profile;

/// Why a graph could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The extract cannot be opened or read.
    #[error("cannot read `{}`", path.display())]
    Unreadable {
        /// The extract.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The extract is no .osm.pbf, or a damaged one.
    #[error("`{}` is no OpenStreetMap extract (.osm.pbf), or damaged", path.display())]
    Malformed {
        /// The extract.
        path: PathBuf,
        /// What the reader says.
        source: osmpbf::Error,
    },
    /// The extract is cut off, or holds what cannot be.
    #[error("`{}` is no OpenStreetMap extract (.osm.pbf), or damaged: {what}", path.display())]
    Damaged {
        /// The extract.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The extract needs more of its readers than this one knows, a history file for instance.
    #[error("`{}` needs the feature `{feature}`, which is not supported", path.display())]
    Feature {
        /// The extract.
        path: PathBuf,
        /// What it asks for.
        feature: String,
    },
    /// No extract has a single road that this kind of vehicle may take.
    #[error("no road for the profile `{profile}` in {}", listed(files))]
    NoRoads {
        /// For whom.
        profile: Profile,
        /// All extracts that were given.
        files: Vec<PathBuf>,
    },
    /// More roads than the numbers of the file can count: beyond a continent.
    #[error("more than `{limit}` {what} in {}, which is all that one graph holds", listed(files))]
    TooLarge {
        /// Of what.
        what: &'static str,
        /// How many fit.
        limit: u32,
        /// All extracts that were given.
        files: Vec<PathBuf>,
    },
    /// The graph file cannot be written.
    #[error("cannot write `{}`", path.display())]
    Unwritable {
        /// The graph file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

fn listed(files: &[PathBuf]) -> String {
    let names: Vec<_> = files.iter().map(|file| format!("`{}`", file.display())).collect();
    if names.is_empty() { "no extract at all".to_owned() } else { names.join(", ") }
}

/// Why a graph file could not be opened, or did not pass its check.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// It cannot be opened or mapped.
    #[error("cannot open `{}`", path.display())]
    Unreadable {
        /// The graph file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Something else than a road graph.
    #[error("`{}` is no road graph", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// Written by another release: build it again.
    #[error("`{}` has format `{found}`, this release reads `{expected}`: build the map again", path.display())]
    Version {
        /// The graph file.
        path: PathBuf,
        /// The format of the file.
        found: u32,
        /// The format this release reads.
        expected: u32,
    },
    /// Cut off, or changed after it was written.
    #[error("`{}` is damaged: {what}", path.display())]
    Damaged {
        /// The graph file.
        path: PathBuf,
        /// What does not fit.
        what: String,
    },
}

/// There is no road within reach.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("no road{} within `{radius_m}` m of `{at}`", driven(*heading_degrees))]
#[non_exhaustive]
pub struct NoRoadNearby {
    /// Where one was looked for.
    pub at: LatLng,
    /// How far around.
    pub radius_m: f64,
    /// In which direction it had to be driven, if that was asked.
    pub heading_degrees: Option<f64>,
}

fn driven(heading_degrees: Option<f64>) -> String {
    heading_degrees.map(|degrees| format!(" that is driven towards `{degrees}` degrees")).unwrap_or_default()
}

/// Why there is no answer about ways.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RouteError {
    /// The stop token was stopped before the answer was complete.
    #[error("stopped before the answer was complete")]
    Stopped,
    /// There is no way from one point of a path to the next.
    #[error("no way from point `{leg}` to the next")]
    Unreachable {
        /// Which point, counted from 0.
        leg: usize,
    },
}
