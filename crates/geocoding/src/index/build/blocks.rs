//! The blocks of an .osm.pbf file, unpacked and read by several threads, in the order that is asked for.
#![expect(clippy::indexing_slicing, reason = "of an order whose length is that of the work")]

use std::fs::File;
use std::io::BufReader;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use osmpbf::{BlobDecode, BlobReader, BlobType, ByteOffset, PrimitiveBlock};

use super::workers;
use crate::index::error::BuildError;

/// Where the blocks of a file are.
#[derive(Debug)]
pub(super) struct Blocks {
    path: PathBuf,
    /// Where each begins, in the order of the file.
    begins: Vec<ByteOffset>,
    /// The size of the file.
    ends: u64,
}

type Blobs = BlobReader<BufReader<File>>;

impl Blocks {
    /// Looks where the blocks are, and into the header: no block is unpacked.
    pub(super) fn find(path: &Path) -> Result<Self, BuildError> {
        let unreadable = |source| BuildError::Unreadable { path: path.to_owned(), source };
        let file = File::open(path).map_err(unreadable)?;
        let ends = file.metadata().map_err(unreadable)?.len();
        if ends == 0 {
            return Err(BuildError::Empty { path: path.to_owned() });
        }
        let malformed = |offset, source| BuildError::Malformed { path: path.to_owned(), offset, source };
        let mut blobs = BlobReader::new_seekable(BufReader::new(file)).map_err(|source| malformed(0, source))?;
        let mut blocks = Self { path: path.to_owned(), begins: Vec::new(), ends };
        let mut last = 0;
        let mut headers = Vec::new();
        while let Some(found) = blobs.next_header_skip_blob() {
            let (header, begins) = found.map_err(|source| malformed(last, source))?;
            let begins = begins.unwrap_or(ByteOffset(last));
            match header.blob_type() {
                BlobType::OsmHeader => headers.push(begins),
                BlobType::OsmData => blocks.begins.push(begins),
                BlobType::Unknown(_) => {}
            }
            last = begins.0;
        }
        for begins in headers {
            let decoded = blobs.blob_from_offset(begins).and_then(|blob| blob.to_headerblock());
            let header = decoded.map_err(|source| malformed(begins.0, source))?;
            let unknown = |feature: &&String| !matches!(feature.as_str(), "OsmSchema-V0.6" | "DenseNodes");
            if let Some(feature) = header.required_features().iter().find(unknown) {
                return Err(BuildError::Feature { path: path.to_owned(), feature: feature.clone() });
            }
        }
        Ok(blocks)
    }

    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.begins.len()
    }

    /// Has these blocks unpacked and read by several threads, and hands out what they found in this order, each with the number
    /// of its block, until `with` has had enough.
    pub(super) fn each<T: Send>(
        &self,
        order: &[usize],
        progress: &dyn Fn(u64),
        read: impl Fn(&PrimitiveBlock) -> T + Sync,
        mut with: impl FnMut(usize, T) -> ControlFlow<()>,
    ) -> Result<(), BuildError> {
        let worker = || {
            let mut blobs = None;
            let read = &read;
            move |at: usize| {
                unpack(&self.path, &mut blobs, self.range(order[at]).0).map(|block| block.as_ref().map(read))
            }
        };
        let mut outcome = Ok(());
        workers::in_order(order.len(), worker, |at, found| {
            let (begins, ends) = self.range(order[at]);
            progress(ends - begins);
            match found {
                Ok(Some(found)) => with(order[at], found),
                Ok(None) => ControlFlow::Continue(()),
                Err(failure) => {
                    outcome = Err(failure.told(&self.path, begins));
                    ControlFlow::Break(())
                }
            }
        });
        outcome
    }

    /// From which byte to which a block reaches.
    fn range(&self, number: usize) -> (u64, u64) {
        let at = |number| self.begins.get(number).map_or(self.ends, |begins: &ByteOffset| begins.0);
        (at(number), at(number + 1))
    }
}

/// Why a block cannot be had.
enum Failure {
    Unreadable(std::io::Error),
    Malformed(osmpbf::Error),
}

impl Failure {
    fn told(self, path: &Path, offset: u64) -> BuildError {
        let path = path.to_owned();
        match self {
            Self::Unreadable(source) => BuildError::Unreadable { path, source },
            Self::Malformed(source) => BuildError::Malformed { path, offset, source },
        }
    }
}

/// Unpacks the block that begins there, with a reader that is opened for the first one.
fn unpack(path: &Path, blobs: &mut Option<Blobs>, begins: u64) -> Result<Option<PrimitiveBlock>, Failure> {
    let blobs = match blobs {
        Some(blobs) => blobs,
        None => {
            let file = BufReader::new(File::open(path).map_err(Failure::Unreadable)?);
            blobs.insert(BlobReader::new_seekable(file).map_err(Failure::Malformed)?)
        }
    };
    let blob = blobs.blob_from_offset(ByteOffset(begins)).map_err(Failure::Malformed)?;
    Ok(match blob.decode().map_err(Failure::Malformed)? {
        BlobDecode::OsmData(block) => Some(block),
        BlobDecode::OsmHeader(_) | BlobDecode::Unknown(_) => None,
    })
}
