//! The files that a map is built from: read once from end to end before anything is built, so that what is no source, or
//! only the beginning of one, is told at once and by its place.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use routemate_geocoding::TableFormat;
use sha2::{Digest, Sha256};

use super::manifest::SourceEntry;
use super::{extract, table};

/// A file that a map is built from.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) kind: SourceKind,
    pub(crate) size_bytes: u64,
    sha256: String,
}

/// What a file holds, by the end of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SourceKind {
    /// Roads and addresses of OpenStreetMap: every file that is no table.
    Extract,
    /// Addresses alone: a table of OpenAddresses.
    Table(TableFormat),
}

/// Why a file cannot be built from.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourceError {
    #[error("cannot read `{}`", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("`{}` is a folder: name the files in it", path.display())]
    Folder { path: PathBuf },
    #[error("`{}` is empty", path.display())]
    Empty { path: PathBuf },
    #[error("`{}` is named twice", path.display())]
    Twice { path: PathBuf },
    #[error("`{}` is no OpenStreetMap extract (.osm.pbf): it is {what}", path.display())]
    Foreign { path: PathBuf, what: &'static str },
    #[error("`{}` is cut off: block {block}, which begins at byte {begins}, lacks {lacks} bytes", path.display())]
    CutOff { path: PathBuf, block: u64, begins: u64, lacks: u64 },
    #[error("`{}` is damaged: at byte {begins} block {block} should begin, and does not", path.display())]
    NoBlock { path: PathBuf, block: u64, begins: u64 },
    #[error("`{}` is no OpenAddresses {lines}: it is {what}", path.display())]
    ForeignTable { path: PathBuf, lines: &'static str, what: &'static str },
    #[error("`{}` is no OpenAddresses CSV: line 1 has no column `{column}`, it has {found}", path.display())]
    Column { path: PathBuf, column: &'static str, found: String },
    #[error("`{}` is cut off: line {line} has {found} of {columns} columns and no end", path.display())]
    CutOffRow { path: PathBuf, line: u64, found: usize, columns: usize },
    #[error("`{}` is cut off: line {line} has no end", path.display())]
    CutOffLine { path: PathBuf, line: u64 },
    #[error("`{}` is no OpenAddresses GeoJSON: line 1 {what}", path.display())]
    NoFeature { path: PathBuf, what: String },
    #[error("`{}` is cut off or damaged: what it packs cannot be unpacked behind line {line}", path.display())]
    Packed { path: PathBuf, line: u64, source: io::Error },
}

impl SourceKind {
    /// Of a file of this name.
    fn of(path: &Path) -> Self {
        TableFormat::of(path).map_or(Self::Extract, Self::Table)
    }
}

impl Source {
    /// The kind and size of a file, if it can be a source at all.
    pub(crate) fn look(path: &Path) -> Result<(SourceKind, u64), SourceError> {
        let kind = SourceKind::of(path);
        let path = path.to_owned();
        let metadata = match path.metadata() {
            Ok(metadata) => metadata,
            Err(source) => return Err(SourceError::Unreadable { path, source }),
        };
        match metadata.len() {
            _ if metadata.is_dir() => Err(SourceError::Folder { path }),
            0 => Err(SourceError::Empty { path }),
            bytes => Ok((kind, bytes)),
        }
    }

    /// Reads a file from end to end; `progress` hears how many bytes it has come further.
    pub(crate) fn read(path: &Path, progress: &dyn Fn(u64)) -> Result<Self, SourceError> {
        let (kind, _) = Self::look(path)?;
        let unreadable = |source| SourceError::Unreadable { path: path.to_owned(), source };
        let file = File::open(path).map_err(unreadable)?;
        let mut reader = Hashing { file: BufReader::with_capacity(1 << 20, file), hasher: Sha256::new(), at: 0 };
        match kind {
            SourceKind::Extract => extract::check(path, &mut reader, progress)?,
            SourceKind::Table(format) => table::check(path, format, &mut reader, progress)?,
        }
        Ok(Self { path: path.to_owned(), kind, size_bytes: reader.at, sha256: hex(&reader.hasher.finalize()) })
    }

    pub(crate) fn entry(&self) -> SourceEntry {
        let file = self.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        SourceEntry { file, size_bytes: self.size_bytes, sha256: self.sha256.clone() }
    }
}

/// Counts and digests what it reads.
pub(crate) struct Hashing {
    file: BufReader<File>,
    hasher: Sha256,
    at: u64,
}

impl Hashing {
    /// How many bytes it has read.
    pub(crate) const fn at(&self) -> u64 {
        self.at
    }

    /// So many bytes, or fewer at the end of the file.
    pub(crate) fn take(&mut self, bytes: u64) -> io::Result<Vec<u8>> {
        let mut taken = Vec::new();
        self.file.by_ref().take(bytes).read_to_end(&mut taken)?;
        self.hasher.update(&taken);
        self.at += taken.len() as u64;
        Ok(taken)
    }
}

/// What a file is that begins so, where it is something that is often taken for a source.
pub(crate) fn known_kind(begins_with: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(begins_with).trim_start().to_lowercase();
    Some(match begins_with {
        [0x1f, 0x8b, ..] => "a gzip archive, unpack it",
        [b'B', b'Z', b'h', ..] => "a bzip2 archive, unpack it",
        [b'P', b'K', 3, 4, ..] => "a zip archive, unpack it",
        _ if text.starts_with("<!doctype html") || text.starts_with("<html") => "a web page: the download has failed",
        _ => return None,
    })
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    const HELSINKI: &[u8] = include_bytes!("../../../../demo/helsinki_centre.osm.pbf");

    /// Reads a file of this name with these bytes; errors name it without its folder.
    pub(crate) fn read(name: &str, bytes: &[u8]) -> Result<Source, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("it is written");
        let place = format!("{}/", folder.path().display());
        Source::read(&path, &|_| {}).map_err(|error| error.to_string().replace(&place, ""))
    }

    #[track_caller]
    pub(crate) fn check_refused(name: &str, bytes: &[u8], expected: &str) {
        assert_eq!(read(name, bytes).map(|_| ()), Err(expected.to_owned()));
    }

    #[test]
    fn a_source_is_known_by_its_digest() {
        let source = read("helsinki.osm.pbf", HELSINKI).expect("it is an extract");
        assert_eq!((source.kind, source.size_bytes), (SourceKind::Extract, HELSINKI.len() as u64));
        // demo/README.md has it too.
        let digest = "b73e9c2c82054d654209b0127f1c3287d5900d6780a6083bf3a45ead8ba3e5ee";
        assert_eq!((source.entry().sha256.as_str(), source.entry().file.as_str()), (digest, "helsinki.osm.pbf"));
    }

    #[test]
    fn nothing_is_a_source() {
        check_refused("x.osm.pbf", b"", "`x.osm.pbf` is empty");
        check_refused("x.csv", b"", "`x.csv` is empty");
    }
}
