use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, TryLockError};
use std::time::SystemTime;

use routemate_roads::{Bounds, Graph, OpenError};
use routemate_units::LatLng;

/// Written last when a map is built: where it is, the map is complete; where it has changed, so has the map.
const MANIFEST: &str = "map.json";
const ROADS: &str = "car.roads";

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

/// A map that answers.
#[derive(Debug)]
pub(super) struct OpenMap {
    name: String,
    graph: Graph,
    bounds: Bounds,
}

impl OpenMap {
    fn open(folder: &Path) -> Result<Self, MapError> {
        let graph =
            Graph::open(&folder.join(ROADS)).map_err(|source| MapError::Roads { folder: folder.to_owned(), source })?;
        let bounds = graph.bounds();
        Ok(Self { name: name(folder), graph, bounds })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) const fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Whether a point lies in the rectangle of its roads, or at its rim.
    pub(super) fn may_hold(&self, point: LatLng) -> bool {
        let Bounds { south_west, north_east } = self.bounds;
        let lat = RIM_M / METERS_PER_DEGREE;
        let lng = lat / point.lat().to_radians().cos().max(0.01);
        (south_west.lat() - lat..=north_east.lat() + lat).contains(&point.lat())
            && (south_west.lng() - lng..=north_east.lng() + lng).contains(&point.lng())
    }

    /// The share of the globe that its rectangle covers, in no unit.
    fn area(&self) -> f64 {
        let Bounds { south_west, north_east } = self.bounds;
        (north_east.lat().to_radians().sin() - south_west.lat().to_radians().sin())
            * (north_east.lng() - south_west.lng())
    }
}

/// The open maps, kept up to date with what lies in their folders.
#[derive(Debug)]
pub(super) struct Maps {
    folders: MapFolders,
    /// The smallest first.
    current: RwLock<Arc<[Arc<OpenMap>]>>,
    known: Mutex<BTreeMap<PathBuf, Known>>,
}

/// What was found in a folder when it was last looked at.
#[derive(Debug)]
struct Known {
    stamp: Option<Stamp>,
    map: Option<Arc<OpenMap>>,
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
    pub(super) fn open(folders: MapFolders) -> Result<Self, MapError> {
        let mut known = BTreeMap::new();
        for folder in folders.list().unwrap_or_default() {
            let mut entry = Known { stamp: None, map: None };
            match entry.look(&folder) {
                Err(error) if matches!(folders, MapFolders::These(_)) => return Err(error),
                Err(error) => told(&error),
                Ok(_) => {}
            }
            known.insert(folder, entry);
        }
        let current = RwLock::new(in_order(&known));
        Ok(Self { folders, current, known: Mutex::new(known) })
    }

    /// The maps as they lie in their folders now. While one caller opens what is new, others go on with what there was.
    pub(super) fn current(&self) -> Arc<[Arc<OpenMap>]> {
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
            let entry = known.entry(folder.clone()).or_insert(Known { stamp: None, map: None });
            match entry.look(&folder) {
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
    fn look(&mut self, folder: &Path) -> Result<bool, MapError> {
        let missing = |source| MapError::Missing { folder: folder.to_owned(), source };
        let manifest = match fs::metadata(folder.join(MANIFEST)) {
            Ok(manifest) => manifest,
            // Told when it has gone, and not each time it is looked for.
            Err(source) if self.stamp.take().is_some() || self.map.is_none() => return Err(missing(source)),
            Err(_) => return Ok(false),
        };
        let stamp = Some(Stamp::of(&manifest));
        if self.stamp == stamp {
            return Ok(false);
        }
        self.stamp = stamp;
        let map = OpenMap::open(folder)?;
        tracing::info!(map.name = map.name, map.edges = map.graph.edges(), "map `{}` is in use", map.name);
        self.map = Some(Arc::new(map));
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
fn in_order(known: &BTreeMap<PathBuf, Known>) -> Arc<[Arc<OpenMap>]> {
    let mut maps: Vec<_> = known.values().filter_map(|known| known.map.clone()).collect();
    maps.sort_by(|a, b| a.area().total_cmp(&b.area()));
    maps.into()
}

fn told(error: &MapError) {
    let error = error as &dyn std::error::Error;
    tracing::warn!(error, "{error}; what was open before stays in use");
}
