use std::io;
use std::path::PathBuf;

/// Why an index could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A source cannot be opened or read.
    #[error("cannot read `{}`", path.display())]
    Unreadable {
        /// The source.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A source has no bytes.
    #[error("`{}` is empty", path.display())]
    Empty {
        /// The source.
        path: PathBuf,
    },
    /// A source that does not end as a table does is no OpenStreetMap extract, or a damaged one.
    #[error("`{}` is no OpenStreetMap extract (.osm.pbf), or damaged, at byte `{offset}`", path.display())]
    Malformed {
        /// The source.
        path: PathBuf,
        /// The beginning of the part that cannot be read.
        offset: u64,
        /// What the reader says.
        source: osmpbf::Error,
    },
    /// An extract needs more of its readers than this one knows, a history file for instance.
    #[error("`{}` needs the feature `{feature}`, which is not supported", path.display())]
    Feature {
        /// The source.
        path: PathBuf,
        /// What it asks for.
        feature: String,
    },
    /// A source that ends in .csv lacks a column of OpenAddresses.
    #[error("`{}` is no OpenAddresses CSV: it has no column `{column}`", path.display())]
    Column {
        /// The source.
        path: PathBuf,
        /// The column that is missing.
        column: &'static str,
    },
    /// A row of a table cannot be read.
    #[error("`{}` cannot be read at line `{line}`", path.display())]
    Row {
        /// The source.
        path: PathBuf,
        /// Counted from 1.
        line: u64,
        /// What the reader says.
        source: csv::Error,
    },
    /// A line is no GeoJSON feature with an address.
    #[error("`{}` is no OpenAddresses GeoJSON: line `{line}` is no feature with an address", path.display())]
    Line {
        /// The source.
        path: PathBuf,
        /// Counted from 1.
        line: u64,
        /// What the reader says.
        source: serde_json::Error,
    },
    /// No source has a single address or named street.
    #[error("no addresses in what was given")]
    NoAddresses,
    /// More than the numbers of the file can count: beyond a continent.
    #[error("more than `{limit}` {what}, which is all that one index holds")]
    TooLarge {
        /// Of what.
        what: &'static str,
        /// How many fit.
        limit: u64,
    },
    /// The index file cannot be written.
    #[error("cannot write `{}`", path.display())]
    Unwritable {
        /// The index file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Why an index file could not be opened, or did not pass its check.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// It cannot be opened or mapped.
    #[error("cannot open `{}`", path.display())]
    Unreadable {
        /// The index file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Something else than an index of addresses.
    #[error("`{}` is no index of addresses", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// Written by another release: build it again.
    #[error("`{}` has format `{found}`, this release reads `{expected}`: build the map again", path.display())]
    Version {
        /// The index file.
        path: PathBuf,
        /// The format of the file.
        found: u32,
        /// The format this release reads.
        expected: u32,
    },
    /// Cut off, or changed after it was written.
    #[error("`{}` is damaged: {what}", path.display())]
    Damaged {
        /// The index file.
        path: PathBuf,
        /// What does not fit.
        what: String,
    },
}
