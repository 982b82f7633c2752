//! The blocks of an .osm.pbf file, unpacked by several threads and handed out in the order that is asked for.

use std::fs::File;
use std::io::BufReader;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;

use osmpbf::{Blob, BlobDecode, BlobReader, BlobType, ByteOffset, PrimitiveBlock};

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

/// Blocks that lie unpacked for each thread until they are read.
const UNPACKED_BLOCKS: usize = 2;

/// More threads than these wait for the one that reads.
const MOST_THREADS: usize = 4;

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

    /// Hands out these blocks in this order, each with its number, until `with` has had enough.
    pub(super) fn each(
        &self,
        order: &[usize],
        progress: &dyn Fn(u64),
        mut with: impl FnMut(usize, &PrimitiveBlock) -> ControlFlow<()>,
    ) -> Result<(), BuildError> {
        let threads = thread::available_parallelism().map_or(1, usize::from).clamp(1, MOST_THREADS);
        thread::scope(|scope| {
            // Each thread has every so-manieth block, so that they come in their order whoever is faster.
            let mut unpacked = Vec::with_capacity(threads);
            for first in 0..threads {
                let (sender, receiver) = mpsc::sync_channel(UNPACKED_BLOCKS);
                let own = order.iter().skip(first).step_by(threads);
                let begins: Vec<ByteOffset> = own.filter_map(|number| self.begins.get(*number)).copied().collect();
                scope.spawn(move || unpack(&self.path, &begins, &sender));
                unpacked.push(receiver);
            }
            // What was read is given back by another thread: a block is thousands of small pieces.
            let (read, to_drop) = mpsc::channel::<Box<PrimitiveBlock>>();
            scope.spawn(move || to_drop.into_iter().for_each(drop));
            for (number, receiver) in order.iter().zip(unpacked.iter().cycle()) {
                // A thread ends early behind what it could not read alone, and that has been told.
                let Ok(block) = receiver.recv() else { return Ok(()) };
                let (begins, ends) = self.range(*number);
                progress(ends - begins);
                let Some(block) = block.map_err(|failure| failure.told(&self.path, begins))? else { continue };
                let flow = with(*number, &block);
                // Where nobody takes it, it is dropped here.
                let _dropped = read.send(block);
                if flow.is_break() {
                    return Ok(());
                }
            }
            Ok(())
        })
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

/// Unpacks the blocks that begin there until one is damaged or nobody listens.
fn unpack(path: &Path, begins: &[ByteOffset], to: &mpsc::SyncSender<Result<Option<Box<PrimitiveBlock>>, Failure>>) {
    let opened = File::open(path).map_err(Failure::Unreadable);
    let opened = opened.and_then(|file| BlobReader::new_seekable(BufReader::new(file)).map_err(Failure::Malformed));
    let mut blobs = match opened {
        Ok(blobs) => blobs,
        Err(failure) => {
            // Who does not listen any more has failed before.
            let _gone = to.send(Err(failure));
            return;
        }
    };
    for begins in begins {
        let unpacked = blobs.blob_from_offset(*begins).and_then(|blob| block(&blob)).map_err(Failure::Malformed);
        let is_last = unpacked.is_err();
        if to.send(unpacked).is_err() || is_last {
            return;
        }
    }
}

fn block(blob: &Blob) -> Result<Option<Box<PrimitiveBlock>>, osmpbf::Error> {
    Ok(match blob.decode()? {
        BlobDecode::OsmData(block) => Some(Box::new(block)),
        BlobDecode::OsmHeader(_) | BlobDecode::Unknown(_) => None,
    })
}
