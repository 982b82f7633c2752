use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, TryLockError};
use std::time::SystemTime;

use routemate_roads::{Bounds, Graph, OpenError, Profile};
use routemate_units::{LatLng, VehicleKind};
use serde::Deserialize;

/// Written last when a map is built: where it is, the map is complete; where it has changed, so has the map.
const MANIFEST: &str = "map.json";

/// How far beyond the outermost roads of a map a point may lie, in metres: houses stand on both sides of a road.
const RIM_M: f64 = 200.0;
const METERS_PER_DEGREE: f64 = 111_195.0;

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
    /// Its roads cannot be opened.
    #[error("the map in `{}` cannot be opened", folder.display())]
    Roads {
        /// The map's folder.
        folder: PathBuf,
        /// What is wrong with them.
        #[source]
        source: OpenError,
    },
}

/// The roads of a map for one kind of vehicle.
#[derive(Debug)]
pub(super) struct OpenGraph {
    name: String,
    profile: Profile,
    graph: Graph,
    bounds: Bounds,
}

impl OpenGraph {
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) const fn graph(&self) -> &Graph {
        &self.graph
    }

    pub(super) fn is_for(&self, vehicle: VehicleKind) -> bool {
        self.profile
            == match vehicle {
                VehicleKind::Car => Profile::Car,
                VehicleKind::Truck => Profile::Truck,
                VehicleKind::Bicycle => Profile::Bicycle,
            }
    }

    /// Whether a point lies in the rectangle of these roads, or at its rim.
    pub(super) fn may_hold(&self, point: LatLng) -> bool {
        let Bounds { south_west, north_east } = self.bounds;
        let lat = RIM_M / METERS_PER_DEGREE;
        let lng = lat / point.lat().to_radians().cos().max(0.01);
        (south_west.lat() - lat..=north_east.lat() + lat).contains(&point.lat())
            && (south_west.lng() - lng..=north_east.lng() + lng).contains(&point.lng())
    }

    /// The share of the globe that their rectangle covers, in no unit.
    fn area(&self) -> f64 {
        let Bounds { south_west, north_east } = self.bounds;
        (north_east.lat().to_radians().sin() - south_west.lat().to_radians().sin())
            * (north_east.lng() - south_west.lng())
    }
}

/// All roads of the map in a folder, those that its manifest tells of, with so many threads for a matrix.
fn open(folder: &Path, threads: NonZeroUsize) -> Result<Vec<Arc<OpenGraph>>, MapError> {
    let path = folder.join(MANIFEST);
    let missing = |source| MapError::Missing { folder: folder.to_owned(), source };
    let bytes = fs::read(&path).map_err(missing)?;
    let manifest: Manifest =
        serde_json::from_slice(&bytes).map_err(|source| MapError::Manifest { folder: folder.to_owned(), source })?;
    let mut graphs = Vec::new();
    for profile in Profile::ALL {
        if manifest.files.iter().any(|entry| entry.file == profile.file_name()) {
            let graph = Graph::open(&folder.join(profile.file_name()))
                .map_err(|source| MapError::Roads { folder: folder.to_owned(), source })?
                .with_threads(threads);
            let bounds = graph.bounds();
            graphs.push(Arc::new(OpenGraph { name: name(folder), profile, graph, bounds }));
        }
    }
    Ok(graphs)
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

/// The open maps, kept up to date with what lies in their folders.
#[derive(Debug)]
pub(super) struct Maps {
    folders: MapFolders,
    /// For one matrix.
    threads: NonZeroUsize,
    /// The smallest first.
    current: RwLock<Arc<[Arc<OpenGraph>]>>,
    known: Mutex<BTreeMap<PathBuf, Known>>,
}

/// What was found in a folder when it was last looked at.
#[derive(Debug, Default)]
struct Known {
    stamp: Option<Stamp>,
    /// Of the last map that could be opened.
    graphs: Vec<Arc<OpenGraph>>,
}

/// Tells one build of a map from the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    bytes: u64,
    #[cfg(unix)]
    inode: u64,
}

impl Stamp {
    fn of(manifest: &Metadata) -> Self {
        Self {
            modified: manifest.modified().ok(),
            bytes: manifest.len(),
            #[cfg(unix)]
            inode: std::os::unix::fs::MetadataExt::ino(manifest),
        }
    }
}

impl Maps {
    pub(super) fn open(folders: MapFolders, threads: NonZeroUsize) -> Result<Self, MapError> {
        let mut known = BTreeMap::new();
        for folder in folders.list().unwrap_or_default() {
            let mut entry = Known::default();
            match entry.look(&folder, threads) {
                Err(error) if matches!(folders, MapFolders::These(_)) => return Err(error),
                Err(error) => told(&error),
                Ok(_) => {}
            }
            known.insert(folder, entry);
        }
        let current = RwLock::new(in_order(&known));
        Ok(Self { folders, threads, current, known: Mutex::new(known) })
    }

    /// The maps as they lie in their folders now. While one caller opens what is new, others go on with what there was.
    pub(super) fn current(&self) -> Arc<[Arc<OpenGraph>]> {
        match self.known.try_lock() {
            Ok(mut known) => self.look(&mut known),
            Err(TryLockError::Poisoned(poisoned)) => self.look(&mut poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => {}
        }
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn look(&self, known: &mut BTreeMap<PathBuf, Known>) {
        // A folder that cannot be read at the moment has not lost its maps.
        let Some(folders) = self.folders.list() else { return };
        let before = known.len();
        known.retain(|folder, _| folders.contains(folder));
        let mut has_changed = known.len() < before;
        for folder in folders {
            let entry = known.entry(folder.clone()).or_default();
            match entry.look(&folder, self.threads) {
                Ok(is_new) => has_changed |= is_new,
                Err(error) => told(&error),
            }
        }
        if has_changed {
            *self.current.write().unwrap_or_else(PoisonError::into_inner) = in_order(known);
        }
    }
}

impl Known {
    /// Opens the map where it is another one than before; tells whether it is. What cannot be opened is told once, and
    /// leaves what was open before.
    fn look(&mut self, folder: &Path, threads: NonZeroUsize) -> Result<bool, MapError> {
        let missing = |source| MapError::Missing { folder: folder.to_owned(), source };
        let manifest = match fs::metadata(folder.join(MANIFEST)) {
            Ok(manifest) => manifest,
            // Told when it has gone, and not each time it is looked for.
            Err(source) if self.stamp.take().is_some() || self.graphs.is_empty() => return Err(missing(source)),
            Err(_) => return Ok(false),
        };
        let stamp = Some(Stamp::of(&manifest));
        if self.stamp == stamp {
            return Ok(false);
        }
        self.stamp = stamp;
        self.graphs = open(folder, threads)?;
        for OpenGraph { name, profile, graph, .. } in self.graphs.iter().map(AsRef::as_ref) {
            let edges = graph.edges();
            tracing::info!(map.name = name, map.edges = edges, "map `{name}` is in use for {profile}s");
        }
        Ok(true)
    }
}

impl MapFolders {
    /// The folders of maps, in the order of their names or as given; `None` where that cannot be told.
    fn list(&self) -> Option<Vec<PathBuf>> {
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

/// The smallest first; of equals, as their folders are ordered.
fn in_order(known: &BTreeMap<PathBuf, Known>) -> Arc<[Arc<OpenGraph>]> {
    let mut maps: Vec<_> = known.values().flat_map(|known| known.graphs.iter().cloned()).collect();
    maps.sort_by(|a, b| a.area().total_cmp(&b.area()));
    maps.into()
}

fn told(error: &MapError) {
    let cause = std::error::Error::source(error).map_or_else(String::new, |cause| format!(": {cause}"));
    tracing::warn!("{error}{cause}; what was open before it stays in use");
}
