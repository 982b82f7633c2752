//! The graph file: what is in it, how it is written and how it is read.
//!
//! One file holds the roads of one map for one kind of vehicle. It is written once, by [`write`], into a neighbour and
//! then renamed, and it is never changed; equal inputs give equal bytes. It is read in place, through a memory map:
//! opening looks at the header and the table of sections, and nothing else is touched before somebody asks for it.
//!
//! ```text
//! 0    Header           96 bytes: magic, version, lengths, checksum of header and table, profile, where the map lies
//! 96   Entry × count    32 bytes each: kind, size of an element, offset, count, checksum
//! …    sections         each at a multiple of 64 bytes, zeros in between; plain little-endian arrays
//! ```
//!
//! | section | element | one for each |
//! |---|---|---|
//! | `Points` | [`Point`](crate::geodesy::Point) | node of a segment, segment by segment |
//! | `Pieces` | `u32` | the same; the road of the piece up to the next point, times 2, plus 1 if the segment goes against it |
//! | `Segments` | [`Segment`] | chain of pieces between junctions, along a Hilbert curve; one more at the end, for its `first_point` |
//! | `Edges` | [`Edge`] | drivable direction of a segment, then each copy of one (see below) |
//! | `FirstArcs` | `u32` | edge, and one more at the end: where its arcs begin |
//! | `Arcs` | [`Arc`] | allowed turn from one edge into another |
//! | `Roads` | [`Road`] | combination of speeds, name and flags |
//! | `NameEnds` | `u32` | name: where it ends in `NameText`; number 0 is no name |
//! | `NameText` | `u8` | UTF-8 of all names |
//! | `Copies` | `u32` | edge that exists once more, ascending; the copies are numbered in this order after all other edges |
//! | `Boxes`, `Leaves` | | the spatial index, see [`tree`](crate::tree) |
//! | `Order` | `u32` | edge, from the least important to the most: its number; the place in this order is its **rank** |
//! | `Ranks` | `u32` | edge: its rank |
//! | `Steps` | [`Steps`] | edge, by rank, and one more at the end: where its climbs begin |
//! | `Climbs` | [`Climb`] | arc of the hierarchy, kept with the less important of its edges: forward ones lead from it, backward ones to it |
//! | `Middles` | `u32` | climb: the rank of the edge that it leads over, less important than both its ends; [`NONE`] if it is a turn |
//!
//! **Copies** carry turn restrictions that lead over several edges: whoever comes from where the restriction begins is
//! led to the copy, which lacks the forbidden arc. A place on an edge is also a place on its copies, as a target; as a
//! source it is not.
//!
//! Anything else that belongs to a map is one more section: add a [`Kind`], give its elements a `#[repr(C)]` type that
//! is `Pod`, write it in `build`, and raise [`VERSION`].
//!
//! Bytes that are damaged without the header noticing can make answers wrong; they cannot make reading panic or leave
//! the file, as every index is checked where it is used. `Graph::verify` reads everything.

mod map;
mod read;
mod write;

use bytemuck::{Pod, Zeroable};

use crate::search::Key;

pub(crate) use read::{GraphFile, View};
pub(crate) use write::{Writer, write};

/// Raised with every change of the format.
pub(crate) const VERSION: u32 = 2;

const MAGIC: [u8; 8] = *b"RMroads\n";
const ALIGNMENT: usize = 64;

/// No edge, no node.
pub(crate) const NONE: u32 = u32::MAX;

/// What a section holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Kind {
    Points = 1,
    Pieces = 2,
    Segments = 3,
    Edges = 4,
    FirstArcs = 5,
    Arcs = 6,
    Roads = 7,
    NameEnds = 8,
    NameText = 9,
    Copies = 10,
    Boxes = 11,
    Leaves = 12,
    Order = 13,
    Ranks = 14,
    Steps = 15,
    Climbs = 16,
    Middles = 17,
}

#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Header {
    magic: [u8; 8],
    version: u32,
    sections: u32,
    file_bytes: u64,
    /// When the data was taken, in seconds since 1970; `i64::MIN` if unknown.
    pub(crate) taken_at: i64,
    /// South, west, north, east, in units of a point.
    pub(crate) bounds: [i32; 4],
    /// Over the header with this field zero, and the table.
    checksum: u32,
    /// [`Profile::code`](crate::Profile).
    profile: u32,
    reserved: [u32; 10],
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

/// A chain of pieces between two junctions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Segment {
    /// Its points end where those of the next segment begin.
    pub(crate) first_point: u32,
    /// Along the points and against them; [`NONE`] where closed.
    pub(crate) edges: [u32; 2],
}

/// One direction of a segment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Edge {
    /// The number of the segment, times 2, plus 1 if against its points.
    pub(crate) segment: u32,
    pub(crate) weight_ds: u32,
    pub(crate) duration_ds: u32,
    pub(crate) length_cm: u32,
    /// The strongly connected component, and [`Edge::LARGE`].
    pub(crate) component: u32,
}

impl Edge {
    /// Set in the component's number where it is worth driving to.
    pub(crate) const LARGE: u32 = 1 << 31;

    pub(crate) const fn component(&self) -> u32 {
        self.component & !Self::LARGE
    }

    pub(crate) const fn is_large(&self) -> bool {
        self.component & Self::LARGE != 0
    }

    /// 0 along the points of the segment, 1 against them.
    pub(crate) const fn side(&self) -> usize {
        (self.segment & 1) as usize
    }
}

/// An allowed turn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Arc {
    /// The edge turned into.
    pub(crate) to: u32,
    pub(crate) weight_ds: u16,
    pub(crate) duration_ds: u16,
}

/// Where the climbs of an edge of the hierarchy begin; the backward ones end where the next edge's forward ones begin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Steps {
    pub(crate) forward: u32,
    pub(crate) backward: u32,
}

/// An arc of the hierarchy between an edge and a more important one, from the beginning of the one to that of the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Climb {
    /// The more important edge, by its number in the hierarchy: led to if the climb is a forward one, else come from.
    pub(crate) to: u32,
    pub(crate) weight_ds: u32,
    pub(crate) duration_ds: u32,
    pub(crate) length_cm: u32,
}

impl Climb {
    pub(crate) const fn key(&self) -> Key {
        Key::new(self.weight_ds, self.duration_ds, self.length_cm)
    }
}

/// What pieces of road have in common.
#[derive(Debug, Clone, Copy, Default, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Road {
    /// Along the way as it was drawn and against it; zero where closed.
    pub(crate) speed_kmh: [f32; 2],
    pub(crate) rate_kmh: [f32; 2],
    pub(crate) name: u32,
    pub(crate) flags: u32,
}

impl Road {
    pub(crate) const RESTRICTED_FORWARD: u32 = 1;
    pub(crate) const RESTRICTED_BACKWARD: u32 = 2;
    pub(crate) const FERRY: u32 = 4;
    pub(crate) const ROUNDABOUT: u32 = 8;
    /// Driven on the left.
    pub(crate) const LEFT: u32 = 16;
    /// Trips may begin and end here.
    pub(crate) const START: u32 = 32;
    /// No road, but what stands at a node and takes time: `speed_kmh` holds tenths of a second for each direction.
    pub(crate) const WAIT: u32 = 64;

    pub(crate) const RESTRICTED_BOTH: u32 = Self::RESTRICTED_FORWARD | Self::RESTRICTED_BACKWARD;

    /// A wait of so many tenths of a second along a segment and against it.
    pub(crate) fn wait(ds: [u32; 2]) -> Self {
        Self { speed_kmh: ds.map(|ds| ds as f32), flags: Self::WAIT, ..Self::default() }
    }

    pub(crate) const fn is_restricted(&self, side: usize) -> bool {
        self.flags & (Self::RESTRICTED_FORWARD << (side & 1)) != 0
    }

    pub(crate) const fn is_ferry(&self) -> bool {
        self.flags & Self::FERRY != 0
    }

    pub(crate) const fn is_roundabout(&self) -> bool {
        self.flags & Self::ROUNDABOUT != 0
    }

    pub(crate) const fn is_left(&self) -> bool {
        self.flags & Self::LEFT != 0
    }

    pub(crate) const fn is_start(&self) -> bool {
        self.flags & Self::START != 0
    }

    /// Weight and duration of a piece of so many metres, in tenths of a second, rounded, at least one: as OSRM has it,
    /// piece by piece, so that sums agree. `None` where closed.
    pub(crate) fn cost_ds(&self, side: usize, length_m: f64) -> Option<(u32, u32)> {
        let (&speed, &rate) = (self.speed_kmh.get(side)?, self.rate_kmh.get(side)?);
        if self.flags & Self::WAIT != 0 {
            return Some((speed as u32, speed as u32));
        }
        // A float-to-int `as` saturates and turns NaN into zero.
        let tenths = |kmh: f32| ((length_m * 36.0 / f64::from(kmh)).round() as u32).max(1);
        (speed > 0.0 && rate > 0.0).then(|| (tenths(rate), tenths(speed)))
    }
}
