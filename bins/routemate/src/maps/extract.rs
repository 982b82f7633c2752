//! The files that a map is built from: read once from end to end before anything is built, so that what is no extract, or
//! only the beginning of one, is told at once and by its place.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::manifest::SourceEntry;

/// A file that a map is built from.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) size_bytes: u64,
    sha256: String,
}

/// Why a file cannot be built from.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourceError {
    #[error("cannot read `{}`", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("`{}` is a folder: name the extracts in it", path.display())]
    Folder { path: PathBuf },
    #[error("`{}` is empty", path.display())]
    Empty { path: PathBuf },
    #[error("`{}` is named twice", path.display())]
    Twice { path: PathBuf },
    #[error("`{}` is CSV: addresses are read from the release on that finds addresses; give an .osm.pbf", path.display())]
    Csv { path: PathBuf },
    #[error("`{}` is no OpenStreetMap extract (.osm.pbf): it is {what}", path.display())]
    Foreign { path: PathBuf, what: &'static str },
    #[error("`{}` is cut off: block {block}, which begins at byte {begins}, lacks {lacks} bytes", path.display())]
    CutOff { path: PathBuf, block: u64, begins: u64, lacks: u64 },
    #[error("`{}` is damaged: at byte {begins} block {block} should begin, and does not", path.display())]
    NoBlock { path: PathBuf, block: u64, begins: u64 },
}

/// Before a block: no longer header, and no longer contents, are allowed.
///
/// Source: OpenStreetMap wiki, "PBF Format", file format.
const LONGEST_HEADER: u32 = 64 * 1024;
const LONGEST_BODY: u64 = 32 * 1024 * 1024;

impl Source {
    /// The size of a file, and whether it can be one at all.
    pub(crate) fn size(path: &Path) -> Result<u64, SourceError> {
        let path = path.to_owned();
        let metadata = match path.metadata() {
            Ok(metadata) => metadata,
            Err(source) => return Err(SourceError::Unreadable { path, source }),
        };
        let is_csv = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
        match metadata.len() {
            _ if metadata.is_dir() => Err(SourceError::Folder { path }),
            0 => Err(SourceError::Empty { path }),
            _ if is_csv => Err(SourceError::Csv { path }),
            bytes => Ok(bytes),
        }
    }

    /// Reads a file from end to end; `progress` hears how many bytes it has come further.
    pub(crate) fn read(path: &Path, progress: &dyn Fn(u64)) -> Result<Self, SourceError> {
        Self::size(path)?;
        let unreadable = |source| SourceError::Unreadable { path: path.to_owned(), source };
        let file = File::open(path).map_err(unreadable)?;
        let mut reader = Hashing { file: BufReader::with_capacity(1 << 20, file), hasher: Sha256::new(), at: 0 };
        let mut block = Block { path, number: 1, begins: 0 };
        while reader.pass(&block)? {
            progress(reader.at - block.begins);
            block = Block { number: block.number + 1, begins: reader.at, ..block };
        }
        Ok(Self { path: path.to_owned(), size_bytes: reader.at, sha256: hex(&reader.hasher.finalize()) })
    }

    pub(crate) fn entry(&self) -> SourceEntry {
        let file = self.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        SourceEntry { file, size_bytes: self.size_bytes, sha256: self.sha256.clone() }
    }
}

/// A block of a file, for messages.
#[derive(Debug, Clone, Copy)]
struct Block<'p> {
    path: &'p Path,
    number: u64,
    begins: u64,
}

impl Block<'_> {
    fn cut_off(&self, lacks: u64) -> SourceError {
        SourceError::CutOff { path: self.path.to_owned(), block: self.number, begins: self.begins, lacks }
    }

    /// The first block decides whether it is an extract at all.
    fn none(&self, begins_with: &[u8]) -> SourceError {
        let (path, begins) = (self.path.to_owned(), self.begins);
        match self.number {
            1 => SourceError::Foreign { path, what: kind(begins_with) },
            block => SourceError::NoBlock { path, block, begins },
        }
    }
}

/// Counts and digests what it reads.
struct Hashing {
    file: BufReader<File>,
    hasher: Sha256,
    at: u64,
}

impl Hashing {
    /// Reads over one block; `false` at the end of the file.
    ///
    /// Source: OpenStreetMap wiki, "PBF Format": the length of a header in four bytes, the header with the length of what
    /// follows, and that.
    fn pass(&mut self, block: &Block<'_>) -> Result<bool, SourceError> {
        let length = self.take(block, 4)?;
        if length.is_empty() {
            return Ok(false);
        }
        let Ok(bytes) = <[u8; 4]>::try_from(&length[..]) else {
            return Err(if block.number == 1 { block.none(&length) } else { block.cut_off(4 - length.len() as u64) });
        };
        let header_bytes = u32::from_be_bytes(bytes);
        if header_bytes == 0 || header_bytes > LONGEST_HEADER {
            let rest = self.take(block, 60)?;
            return Err(block.none(&[length, rest].concat()));
        }
        let header = self.take(block, u64::from(header_bytes))?;
        if block.number == 1 && !header.windows(9).any(|part| part == b"OSMHeader") {
            return Err(block.none(&[length, header].concat()));
        }
        let lacking = u64::from(header_bytes) - header.len() as u64;
        if lacking > 0 {
            return Err(block.cut_off(lacking));
        }
        let body_bytes = body_bytes(&header).filter(|bytes| *bytes <= LONGEST_BODY);
        let body_bytes = body_bytes.ok_or_else(|| block.none(&header))?;
        let lacking = body_bytes - self.take(block, body_bytes)?.len() as u64;
        if lacking > 0 { Err(block.cut_off(lacking)) } else { Ok(true) }
    }

    /// So many bytes, or fewer at the end of the file.
    fn take(&mut self, block: &Block<'_>, bytes: u64) -> Result<Vec<u8>, SourceError> {
        let mut taken = Vec::new();
        let read = self.file.by_ref().take(bytes).read_to_end(&mut taken);
        read.map_err(|source| SourceError::Unreadable { path: block.path.to_owned(), source })?;
        self.hasher.update(&taken);
        self.at += taken.len() as u64;
        Ok(taken)
    }
}

/// The length of what follows a header: its field 3, a number.
fn body_bytes(header: &[u8]) -> Option<u64> {
    let mut rest = header.iter().copied();
    let mut found = None;
    while let Some(key) = varint(&mut rest) {
        match (key >> 3, key & 7) {
            (field, 0) => {
                let value = varint(&mut rest)?;
                if field == 3 {
                    found = Some(value);
                }
            }
            (_, 2) => {
                let length = usize::try_from(varint(&mut rest)?).ok()?;
                // Of a text that reaches beyond the header, nothing is left.
                rest.nth(length.checked_sub(1)?)?;
            }
            _ => return None,
        }
    }
    found
}

/// A number as protocol buffers pack it.
fn varint(bytes: &mut impl Iterator<Item = u8>) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = bytes.next()?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

/// What a file is that begins so.
fn kind(begins_with: &[u8]) -> &'static str {
    let text = String::from_utf8_lossy(begins_with).trim_start().to_lowercase();
    match begins_with {
        [0x1f, 0x8b, ..] => "a gzip archive, unpack it",
        [b'B', b'Z', b'h', ..] => "a bzip2 archive: take the .osm.pbf instead",
        [b'P', b'K', 3, 4, ..] => "a zip archive, unpack it",
        _ if text.starts_with("<!doctype html") || text.starts_with("<html") => "a web page: the download has failed",
        _ if text.starts_with("<?xml") || text.starts_with("<osm") => "XML: convert it with `osmium cat -f pbf`",
        _ if begins_with.len() < 16 => "too short to be anything",
        _ => "something else",
    }
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELSINKI: &[u8] = include_bytes!("../../../../demo/helsinki_centre.osm.pbf");

    fn read(name: &str, bytes: &[u8]) -> Result<Source, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("it is written");
        let place = format!("{}/", folder.path().display());
        Source::read(&path, &|_| {}).map_err(|error| error.to_string().replace(&place, ""))
    }

    #[track_caller]
    fn check_refused(name: &str, bytes: &[u8], expected: &str) {
        assert_eq!(read(name, bytes).map(|_| ()), Err(expected.to_owned()));
    }

    #[test]
    fn an_extract_is_read_from_end_to_end() {
        let source = read("helsinki.osm.pbf", HELSINKI).expect("it is an extract");
        assert_eq!(source.size_bytes, HELSINKI.len() as u64);
        // demo/README.md has it too.
        let digest = "b73e9c2c82054d654209b0127f1c3287d5900d6780a6083bf3a45ead8ba3e5ee";
        assert_eq!((source.entry().sha256.as_str(), source.entry().file.as_str()), (digest, "helsinki.osm.pbf"));
    }

    #[test]
    fn what_is_no_extract_is_told_by_what_it_is() {
        check_refused("x.osm.pbf", b"", "`x.osm.pbf` is empty");
        let no = "`x.osm.pbf` is no OpenStreetMap extract (.osm.pbf): it is";
        check_refused("x.osm.pbf", b"hi", &format!("{no} too short to be anything"));
        check_refused("x.osm.pbf", b"<!DOCTYPE html><p>404", &format!("{no} a web page: the download has failed"));
        check_refused(
            "x.osm.pbf",
            b"<?xml version='1.0'?><osm/>",
            &format!("{no} XML: convert it with `osmium cat -f pbf`"),
        );
        check_refused("x.osm.pbf", b"\x1f\x8b\x08 and so on, on, on", &format!("{no} a gzip archive, unpack it"));
        check_refused("x.osm.pbf", &[0; 4096], &format!("{no} something else"));
        check_refused("x.osm.pbf", &[7; 4096], &format!("{no} something else"));
        check_refused(
            "x.CSV",
            b"LON,LAT,NUMBER,STREET",
            "`x.CSV` is CSV: addresses are read from the release on that finds addresses; give an .osm.pbf",
        );
    }

    #[test]
    fn an_extract_that_ends_too_early_is_told_by_its_place() {
        let whole = HELSINKI.len();
        for cut in [1, 1000, whole / 2] {
            let error = read("x.osm.pbf", &HELSINKI[..whole - cut]).expect_err("it is cut off");
            assert!(error.starts_with("`x.osm.pbf` is cut off: block "), "{error}");
            assert!(cut > 1 || error.ends_with("lacks 1 bytes"), "{error}");
        }
        let mut longer = HELSINKI.to_vec();
        longer.extend_from_slice(&[0xff; 100]);
        let error = read("x.osm.pbf", &longer).expect_err("it goes on");
        assert!(error.starts_with(&format!("`x.osm.pbf` is damaged: at byte {whole} block ")), "{error}");
    }
}
