use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, TryLockError};
use std::time::SystemTime;

use crate::folders::{MANIFEST, MapError, MapFolder, MapFolders};

/// Opens what it needs of a map.
pub trait Reader: fmt::Debug + Send + Sync {
    /// What is opened.
    type Part: Send + Sync;

    /// Opens all that the map has for it, which may be nothing.
    ///
    /// # Errors
    /// What is wrong with a file that the map has.
    fn open(&self, map: &MapFolder) -> Result<Vec<Self::Part>, Box<dyn Error + Send + Sync>>;

    /// Which of two goes before the other; of equals, the maps' folders decide.
    fn order(&self, _one: &Self::Part, _other: &Self::Part) -> Ordering {
        Ordering::Equal
    }
}

/// The open maps, kept up to date with what lies in their folders.
///
/// Maps that were added, built again or removed are noticed by the next question: it looks at one file of each. A map
/// that cannot be opened is told to the log, once, and the one that was open stays in use.
pub struct Maps<R: Reader> {
    folders: MapFolders,
    reader: R,
    current: RwLock<Parts<R>>,
    known: Mutex<BTreeMap<PathBuf, Known<R::Part>>>,
}

type Parts<R> = Arc<[Arc<<R as Reader>::Part>]>;

/// What was found in a folder when it was last looked at.
struct Known<P> {
    stamp: Option<Stamp>,
    /// Of the last map that could be opened.
    parts: Vec<Arc<P>>,
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

impl<R: Reader> Maps<R> {
    /// Opens the maps.
    ///
    /// # Errors
    /// [`MapError`] where a map that was listed cannot be opened. Of a folder of maps, those that can be opened are
    /// taken, and the log tells of the others.
    pub fn open(folders: MapFolders, reader: R) -> Result<Self, MapError> {
        let mut known = BTreeMap::new();
        for folder in folders.list().unwrap_or_default() {
            let mut entry = Known::default();
            match entry.look(&folder, &reader) {
                Err(error) if matches!(folders, MapFolders::These(_)) => return Err(error),
                Err(error) => told(&error),
                Ok(_) => {}
            }
            known.insert(folder, entry);
        }
        let current = RwLock::new(in_order(&known, &reader));
        Ok(Self { folders, reader, current, known: Mutex::new(known) })
    }

    /// The maps as they lie in their folders now. While one caller opens what is new, others go on with what there was.
    ///
    /// Cost: a look at one file of each map.
    pub fn current(&self) -> Arc<[Arc<R::Part>]> {
        match self.known.try_lock() {
            Ok(mut known) => self.look(&mut known),
            Err(TryLockError::Poisoned(poisoned)) => self.look(&mut poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => {}
        }
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn look(&self, known: &mut BTreeMap<PathBuf, Known<R::Part>>) {
        // A folder that cannot be read at the moment has not lost its maps.
        let Some(folders) = self.folders.list() else { return };
        let before = known.len();
        known.retain(|folder, _| folders.contains(folder));
        let mut has_changed = known.len() < before;
        for folder in folders {
            let entry = known.entry(folder.clone()).or_default();
            match entry.look(&folder, &self.reader) {
                Ok(is_new) => has_changed |= is_new,
                Err(error) => told(&error),
            }
        }
        if has_changed {
            *self.current.write().unwrap_or_else(PoisonError::into_inner) = in_order(known, &self.reader);
        }
    }
}

impl<R: Reader> fmt::Debug for Maps<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { folders, reader, .. } = self;
        f.debug_struct("Maps").field("folders", folders).field("reader", reader).finish_non_exhaustive()
    }
}

impl<P> Default for Known<P> {
    fn default() -> Self {
        Self { stamp: None, parts: Vec::new() }
    }
}

impl<P> Known<P> {
    /// Opens the map where it is another one than before; tells whether it is. What cannot be opened is told once, and
    /// leaves what was open before.
    fn look(&mut self, folder: &Path, reader: &impl Reader<Part = P>) -> Result<bool, MapError> {
        let missing = |source| MapError::Missing { folder: folder.to_owned(), source };
        let manifest = match fs::metadata(folder.join(MANIFEST)) {
            Ok(manifest) => manifest,
            // Told when it has gone, and not each time it is looked for.
            Err(source) if self.stamp.take().is_some() || self.parts.is_empty() => return Err(missing(source)),
            Err(_) => return Ok(false),
        };
        let stamp = Some(Stamp::of(&manifest));
        if self.stamp == stamp {
            return Ok(false);
        }
        self.stamp = stamp;
        let map = MapFolder::read(folder)?;
        let parts = reader.open(&map);
        let parts = parts.map_err(|source| MapError::Unusable { folder: folder.to_owned(), source })?;
        self.parts = parts.into_iter().map(Arc::new).collect();
        Ok(true)
    }
}

/// As the reader has them; of equals, as their folders are ordered.
fn in_order<R: Reader>(known: &BTreeMap<PathBuf, Known<R::Part>>, reader: &R) -> Parts<R> {
    let mut parts: Vec<_> = known.values().flat_map(|known| known.parts.iter().cloned()).collect();
    parts.sort_by(|one, other| reader.order(one, other));
    parts.into()
}

fn told(error: &MapError) {
    let cause = error.source().map_or_else(String::new, |cause| format!(": {cause}"));
    tracing::warn!("{error}{cause}; what was open before it stays in use");
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at what is amiss")]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::sync::atomic::Ordering::Relaxed;

    use super::*;

    /// Opens the text of a file; counts how often.
    #[derive(Debug, Default)]
    struct Texts {
        opened: AtomicUsize,
    }

    impl Reader for Texts {
        type Part = String;

        fn open(&self, map: &MapFolder) -> Result<Vec<String>, Box<dyn Error + Send + Sync>> {
            self.opened.fetch_add(1, Relaxed);
            map.file("text").map(|path| Ok(fs::read_to_string(path)?)).into_iter().collect()
        }

        fn order(&self, one: &String, other: &String) -> Ordering {
            one.len().cmp(&other.len())
        }
    }

    /// Puts a map into a folder, or another one in its place; without a text that is a broken one.
    fn put(home: &Path, name: &str, text: Option<&str>) {
        let folder = home.join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).unwrap();
        if let Some(text) = text {
            fs::write(folder.join("text"), text).unwrap();
        }
        // Of another size each time: clocks of file systems are coarse.
        let filler = " ".repeat(text.map_or(0, str::len));
        fs::write(folder.join(MANIFEST), format!(r#"{{"files": [{{"file": "text"}}]}}{filler}"#)).unwrap();
    }

    fn shown(maps: &Maps<Texts>) -> Vec<String> {
        maps.current().iter().map(|text| text.as_ref().clone()).collect()
    }

    #[test]
    fn maps_are_noticed_when_they_come_change_break_and_go() {
        let home = tempfile::tempdir().unwrap();
        let maps = Maps::open(MapFolders::Within(home.path().join("maps")), Texts::default()).unwrap();
        assert!(shown(&maps).is_empty());
        let home = home.path().join("maps");
        fs::create_dir(&home).unwrap();
        put(&home, "one", Some("long"));
        put(&home, "two", Some("abc"));
        put(&home, ".draft", Some("x"));
        assert_eq!(shown(&maps), ["abc", "long"]);
        put(&home, "one", Some("a"));
        assert_eq!(shown(&maps), ["a", "abc"]);
        put(&home, "one", None);
        assert_eq!(shown(&maps), ["a", "abc"]);
        fs::remove_dir_all(home.join("two")).unwrap();
        assert_eq!(shown(&maps), ["a"]);
    }

    #[test]
    fn what_has_not_changed_is_not_opened_again_be_it_broken() {
        let home = tempfile::tempdir().unwrap();
        put(home.path(), "good", Some("a"));
        put(home.path(), "broken", None);
        let maps = Maps::open(MapFolders::Within(home.path().to_owned()), Texts::default()).unwrap();
        for _ in 0..3 {
            assert_eq!(shown(&maps), ["a"]);
        }
        assert_eq!(maps.reader.opened.load(Relaxed), 2);
    }

    #[test]
    fn a_map_without_such_a_file_has_nothing_and_is_no_mistake() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("other");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join(MANIFEST), r#"{"format": 1, "files": []}"#).unwrap();
        let maps = Maps::open(MapFolders::These(vec![folder]), Texts::default()).unwrap();
        assert!(shown(&maps).is_empty());
    }

    #[test]
    fn a_map_that_was_listed_has_to_be_there_and_whole() {
        let home = tempfile::tempdir().unwrap();
        let open = |name: &str| Maps::open(MapFolders::These(vec![home.path().join(name)]), Texts::default());
        assert!(matches!(open("none"), Err(MapError::Missing { .. })));
        put(home.path(), "broken", None);
        assert!(matches!(open("broken"), Err(MapError::Unusable { .. })));
        fs::write(home.path().join("broken").join(MANIFEST), "{}").unwrap();
        assert!(matches!(open("broken"), Err(MapError::Manifest { .. })));
    }
}
