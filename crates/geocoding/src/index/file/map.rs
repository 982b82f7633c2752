//! The bytes of an index file, in memory or mapped: the one place with `unsafe`.

use std::fs::File;
use std::io;
use std::path::Path;

/// Read-only bytes, aligned to eight at least.
#[derive(Debug)]
pub(super) enum Bytes {
    Mapped(memmap2::Mmap),
    /// As many bytes as said, in words for the alignment.
    Owned(Vec<u64>, usize),
}

impl Bytes {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file"));
        }
        #[expect(unsafe_code, reason = "memmap2 cannot know that nobody writes to the file")]
        // SAFETY: the map is read-only. Its bytes must not change while it lives, and they do not: an index is written
        // under another name and renamed, so the file behind an open map is replaced and never written to. Whoever
        // cuts or overwrites the file by other means gets a bus error or wrong answers; `AddressIndex::open` says so.
        let map = unsafe { memmap2::Mmap::map(&file)? };
        Ok(Self::Mapped(map))
    }

    pub(super) fn copied(bytes: &[u8]) -> Self {
        let mut words = vec![0_u64; bytes.len().div_ceil(8)];
        for (to, from) in bytemuck::cast_slice_mut::<u64, u8>(&mut words).iter_mut().zip(bytes) {
            *to = *from;
        }
        Self::Owned(words, bytes.len())
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Owned(words, length) => bytemuck::cast_slice(words).get(..*length).unwrap_or_default(),
        }
    }
}
