//! The blocks of an .osm.pbf, whatever bytes it is made of.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use osmpbf::{BlobDecode, BlobReader, HeaderBlock, PrimitiveBlock};

use crate::error::BuildError;

/// Calls `with` for each block of elements, and returns when the data was taken. `progress` hears of bytes read.
pub(super) fn each_block(
    path: &Path,
    progress: &dyn Fn(u64),
    mut with: impl FnMut(&PrimitiveBlock),
) -> Result<Option<i64>, BuildError> {
    let file = File::open(path).map_err(|source| BuildError::Unreadable { path: path.to_owned(), source })?;
    let malformed = |source| BuildError::Malformed { path: path.to_owned(), source };
    let damaged = |what| BuildError::Damaged { path: path.to_owned(), what };
    let gone = Arc::new(AtomicU64::new(0));
    let mut taken_at = None;
    let mut has_header = false;
    let mut done = 0;
    for blob in BlobReader::new(Counted { inner: BufReader::new(file), gone: Arc::clone(&gone) }) {
        let blob = blob.map_err(malformed)?;
        match blob.decode().map_err(malformed)? {
            BlobDecode::OsmHeader(header) => {
                check_features(&header, path)?;
                taken_at = header.osmosis_replication_timestamp();
                has_header = true;
            }
            BlobDecode::OsmData(_) if !has_header => return Err(damaged("it does not begin with a header")),
            // The reader trusts the numbers of a block: in broken ones it meets kinds of members that there are none of.
            BlobDecode::OsmData(block) => catch_unwind(AssertUnwindSafe(|| with(&block)))
                .map_err(|_| damaged("it has elements that cannot be read"))?,
            BlobDecode::Unknown(_) => {}
        }
        let until = gone.load(Ordering::Relaxed);
        progress(until - done);
        done = until;
    }
    // The reader takes the first bytes of a size for the end of the file.
    match (gone.load(Ordering::Relaxed), has_header) {
        (0, _) => Err(damaged("it is empty")),
        (read, true) if read == done => Ok(taken_at),
        (_, true) => Err(damaged("it is cut off")),
        (_, false) => Err(damaged("it does not begin with a header")),
    }
}

fn check_features(header: &HeaderBlock, path: &Path) -> Result<(), BuildError> {
    let is_unknown = |feature: &&String| !matches!(feature.as_str(), "OsmSchema-V0.6" | "DenseNodes");
    match header.required_features().iter().find(is_unknown) {
        Some(feature) => Err(BuildError::Feature { path: path.to_owned(), feature: feature.clone() }),
        None => Ok(()),
    }
}

/// Counts bytes on their way.
struct Counted<R> {
    inner: R,
    gone: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(to)?;
        self.gone.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
