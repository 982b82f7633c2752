//! The blocks of an .osm.pbf file, one after another.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::mpsc;
use std::thread;

use osmpbf::{BlobDecode, BlobReader, PrimitiveBlock};

use crate::index::error::BuildError;

/// Calls `with` for each block of elements that is wanted, with its number.
pub(super) fn each_block(
    path: &Path,
    progress: &dyn Fn(u64),
    is_wanted: impl Fn(usize) -> bool + Send,
    mut with: impl FnMut(usize, &PrimitiveBlock),
) -> Result<(), BuildError> {
    let unreadable = |source| BuildError::Unreadable { path: path.to_owned(), source };
    let file = File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.len() == 0 {
        return Err(BuildError::Empty { path: path.to_owned() });
    }
    let malformed = |offset, source| BuildError::Malformed { path: path.to_owned(), offset, source };
    let blobs = BlobReader::new_seekable(BufReader::new(file)).map_err(|source| malformed(0, source))?;
    // One thread unpacks blocks while this one reads them.
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel(UNPACKED_BLOCKS);
        scope.spawn(move || unpack(blobs, is_wanted, &sender));
        let mut done = 0;
        for (offset, unpacked) in receiver {
            progress(offset - done);
            done = offset;
            match unpacked.map_err(|source| malformed(offset, source))? {
                Unpacked::Header(features) => {
                    let unknown = |feature: &&String| !matches!(feature.as_str(), "OsmSchema-V0.6" | "DenseNodes");
                    if let Some(feature) = features.iter().find(unknown) {
                        return Err(BuildError::Feature { path: path.to_owned(), feature: feature.clone() });
                    }
                }
                Unpacked::Block(number, block) => with(number, &block),
                Unpacked::Nothing => {}
            }
        }
        Ok(())
    })
}

/// Blocks that lie unpacked until they are read.
const UNPACKED_BLOCKS: usize = 4;

enum Unpacked {
    /// Features that readers must know.
    Header(Vec<String>),
    Block(usize, Box<PrimitiveBlock>),
    Nothing,
}

/// Unpacks the blobs that are wanted, each with where it begins, until one is damaged or nobody listens.
fn unpack(
    blobs: BlobReader<BufReader<File>>,
    is_wanted: impl Fn(usize) -> bool,
    to: &mpsc::SyncSender<(u64, Result<Unpacked, osmpbf::Error>)>,
) {
    let (mut offset, mut number) = (0, 0);
    for blob in blobs {
        let unpacked = blob.and_then(|blob| {
            offset = blob.offset().map_or(offset, |offset| offset.0);
            if matches!(blob.get_type(), osmpbf::BlobType::OsmData) {
                number += 1;
                if !is_wanted(number - 1) {
                    return Ok(Unpacked::Nothing);
                }
            }
            Ok(match blob.decode()? {
                BlobDecode::OsmHeader(header) => Unpacked::Header(header.required_features().to_vec()),
                BlobDecode::OsmData(block) => Unpacked::Block(number - 1, Box::new(block)),
                BlobDecode::Unknown(_) => Unpacked::Nothing,
            })
        });
        let is_last = unpacked.is_err();
        if to.send((offset, unpacked)).is_err() || is_last {
            return;
        }
    }
}
