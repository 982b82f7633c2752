use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use routemate_roads::{Graph, Profile, build};
use tempfile::TempDir;

use crate::drawn::Drawing;

/// The folder with extracts of real cities, beside the repository; `None`, said out loud, where it is not there.
pub(crate) fn extract(name: &str) -> Option<PathBuf> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/osm").join(name);
    if !file.exists() {
        eprintln!("SKIPPED: no shared/osm/{name}");
        return None;
    }
    Some(file)
}

/// A graph that was built for this test run, with its folder, which goes away with it.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) graph: Graph,
    pub(crate) path: PathBuf,
    _folder: TempDir,
}

pub(crate) fn built(name: &str) -> Option<Built> {
    let extract = extract(&format!("{name}.osm.pbf"))?;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("map.roads");
    build(&[extract], Profile::Car, &path, &|_| {}).unwrap();
    Some(Built { graph: Graph::open(&path).unwrap(), path, _folder: folder })
}

/// The graph of a drawing.
pub(crate) fn drawn(drawing: &Drawing, profile: Profile) -> Graph {
    let folder = tempfile::tempdir().unwrap();
    let extract = folder.path().join("drawn.osm.pbf");
    std::fs::write(&extract, drawing.to_bytes()).unwrap();
    let path = folder.path().join("drawn.roads");
    build(&[extract], profile, &path, &|_| {}).unwrap();
    Graph::from_bytes(&std::fs::read(path).unwrap()).unwrap()
}

/// The smallest one, built once.
pub(crate) fn sydney() -> Option<&'static Built> {
    static SYDNEY: LazyLock<Option<Built>> = LazyLock::new(|| built("sydney_inner_tiny"));
    SYDNEY.as_ref()
}

pub(crate) fn helsinki() -> Option<&'static Built> {
    static HELSINKI: LazyLock<Option<Built>> = LazyLock::new(|| built("helsinki_centre"));
    HELSINKI.as_ref()
}
