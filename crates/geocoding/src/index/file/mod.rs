//! The index file: what is in it, how it is written and how it is read.
//!
//! It is written once, beside its place, and renamed; it is never changed; equal inputs give equal bytes. It is read
//! in place, through a memory map: opening looks at the header, the table of sections and the two dictionaries.
//!
//! ```text
//! 0    Header           64 bytes: magic, version, lengths, checksum of header and table, counts
//! 64   Entry × count    32 bytes each: kind, size of an element, offset, count, checksum
//! …    sections         each at a multiple of 64 bytes, zeros in between; plain little-endian arrays
//! ```
//!
//! | section | element | one for each |
//! |---|---|---|
//! | `Names` | bytes | finite state transducer: canonical name without spaces → number of its [`KeyRecord`] |
//! | `Words` | bytes | finite state transducer: folded word of a name → how often it occurs |
//! | `Keys` | [`KeyRecord`] | canonical name: which streets, places and points of interest have it |
//! | `Links` | [`LinkRecord`] | name that leads to another one: without its type, in another language |
//! | `Streets` | [`StreetRecord`] | named street in one place |
//! | `StreetData` | bytes | street: see [`street`](super::street) |
//! | `Points` | [`PointRecord`] | point of interest |
//! | `Places` | [`PlaceRecord`] | city, town, village, suburb |
//! | `Postcodes` | [`PostcodeRecord`] | postcode of a country, ascending by its letters |
//! | `Text` | bytes | strings, each behind its length |
//! | `Notices` | `u32` | licence or attribution: where in `Text` it is |
//! | `Countries` | `u16` | country that has something here: its place in the table |

mod map;
mod read;
mod write;

use bytemuck::{Pod, Zeroable};

pub(crate) use read::{IndexFile, View};
pub(crate) use write::{Writer, write};

/// Raised with every change of the format, of the folding, and of the tables of abbreviations and countries.
pub(crate) const VERSION: u32 = 2;

const MAGIC: [u8; 8] = *b"RMaddrs\n";
const ALIGNMENT: usize = 64;

/// Positions in the file are in millionths of a degree: 11 cm.
pub(crate) const PER_DEGREE: f64 = 1e6;

/// None of what is counted.
pub(crate) const NONE: u32 = u32::MAX;

/// What a section holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Kind {
    Names = 1,
    Words = 2,
    Keys = 3,
    Links = 4,
    Streets = 5,
    StreetData = 6,
    Points = 7,
    Places = 8,
    Postcodes = 9,
    Text = 10,
    Notices = 11,
    Countries = 12,
}

#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Header {
    magic: [u8; 8],
    version: u32,
    sections: u32,
    file_bytes: u64,
    pub(crate) addresses: u64,
    /// Over the header with this field zero, and the table.
    checksum: u32,
    reserved: [u32; 7],
}

#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Entry {
    kind: u32,
    element_bytes: u32,
    offset: u64,
    count: u64,
    checksum: u32,
    reserved: u32,
}

/// What has one canonical name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct KeyRecord {
    pub(crate) streets: [u32; 2],
    pub(crate) points: [u32; 2],
    pub(crate) places: [u32; 2],
    pub(crate) links: [u32; 2],
}

/// Another name to look under.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct LinkRecord {
    pub(crate) key: u32,
    /// See [`LinkKind`](super::names::LinkKind).
    pub(crate) kind: u32,
}

/// A street in one place: what has the same name and hangs together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct StreetRecord {
    pub(crate) name: u32,
    pub(crate) lat: i32,
    pub(crate) lng: i32,
    /// Of the circle that holds all of it.
    pub(crate) radius_m: u32,
    /// Where in `StreetData` it begins.
    pub(crate) data: u32,
    pub(crate) addresses: u32,
    /// The place that most of it belongs to.
    pub(crate) place: u32,
    pub(crate) country: u16,
    pub(crate) reserved: u16,
}

/// A shop, a park, a station: what has a name and a position.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct PointRecord {
    pub(crate) name: u32,
    pub(crate) lat: i32,
    pub(crate) lng: i32,
    pub(crate) place: u32,
    /// What its address says, if it has one: a street's name and a number in `Text`.
    pub(crate) address: u32,
    pub(crate) country: u16,
    pub(crate) weight: u16,
}

/// A city, a town, a suburb.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct PlaceRecord {
    pub(crate) name: u32,
    pub(crate) key: u32,
    pub(crate) lat: i32,
    pub(crate) lng: i32,
    /// Within this distance of its centre things are taken to belong to it.
    pub(crate) radius_m: u32,
    pub(crate) country: u16,
    /// The region by its place in the table of the country; `u16::MAX` if unknown.
    pub(crate) region: u16,
}

/// A postcode.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct PostcodeRecord {
    /// Small letters and digits alone.
    pub(crate) text: u32,
    /// As people write it.
    pub(crate) display: u32,
    pub(crate) lat: i32,
    pub(crate) lng: i32,
    pub(crate) radius_m: u32,
    pub(crate) country: u16,
    pub(crate) reserved: u16,
}
