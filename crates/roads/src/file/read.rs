use std::ops::Range;
use std::path::{Path, PathBuf};

use bytemuck::{AnyBitPattern, cast_slice, from_bytes, try_cast_slice};

use super::map::Bytes;
use super::write::checksum;
use super::{ALIGNMENT, Arc, Climb, Edge, Entry, Header, Kind, MAGIC, NONE, Road, Segment, Steps, VERSION};
use crate::error::OpenError;
use crate::geodesy::Point;
use crate::profile::Profile;
use crate::tree::{Leaf, TreeBox, TreeView};

/// A graph file whose header is sound.
#[derive(Debug)]
pub(crate) struct GraphFile {
    bytes: Bytes,
    path: PathBuf,
    header: Header,
    profile: Profile,
    table: Vec<Entry>,
}

impl GraphFile {
    pub(crate) fn open(path: &Path) -> Result<Self, OpenError> {
        let bytes = Bytes::open(path).map_err(|source| OpenError::Unreadable { path: path.to_owned(), source })?;
        Self::check(bytes, path)
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, OpenError> {
        Self::check(Bytes::copied(bytes), Path::new("bytes in memory"))
    }

    /// Header and table, and that every section lies within the file.
    fn check(bytes: Bytes, path: &Path) -> Result<Self, OpenError> {
        let path = path.to_owned();
        let damaged = |what: &str| OpenError::Damaged { path: path.clone(), what: what.to_owned() };
        let all = bytes.as_slice();
        if !all.starts_with(&MAGIC) {
            return Err(OpenError::Foreign { path });
        }
        let cut_off = || damaged("it is cut off");
        let header: Header = *from_bytes(all.get(..size_of::<Header>()).ok_or_else(cut_off)?);
        if header.version != VERSION {
            return Err(OpenError::Version { path, found: header.version, expected: VERSION });
        }
        let table_end = u64::from(header.sections) * size_of::<Entry>() as u64 + size_of::<Header>() as u64;
        let table_end = usize::try_from(table_end).unwrap_or(usize::MAX);
        let table = all.get(size_of::<Header>()..table_end).ok_or_else(cut_off)?;
        if checksum(&header, table) != header.checksum {
            return Err(damaged("its header was changed"));
        }
        if header.file_bytes != all.len() as u64 {
            return Err(damaged(&format!("`{}` of `{}` bytes are there", all.len(), header.file_bytes)));
        }
        let table: Vec<Entry> = cast_slice(table).to_vec();
        for entry in &table {
            let range = entry.range().ok_or_else(|| damaged("its table makes no sense"))?;
            if range.end > all.len() || range.start % ALIGNMENT != 0 {
                return Err(damaged("its table makes no sense"));
            }
        }
        let profile = Profile::from_code(header.profile).ok_or_else(|| damaged("its profile is unknown"))?;
        let file = Self { bytes, path: path.clone(), header, profile, table };
        match file.inconsistency() {
            Some(what) => Err(damaged(what)),
            None => Ok(file),
        }
    }

    /// Counts of sections that do not go together.
    fn inconsistency(&self) -> Option<&'static str> {
        let view = self.view();
        if view.segments.len() < 2 || view.points.len() < 2 || view.pieces.len() != view.points.len() {
            return Some("it has no roads");
        }
        if view.first_arcs.len() != view.edges.len() + 1 || view.copies.len() > view.edges.len() {
            return Some("its edges and arcs do not go together");
        }
        let is_whole = view.order.len() == view.edges.len()
            && view.ranks.len() == view.edges.len()
            && view.steps.len() == view.edges.len() + 1
            && view.middles.len() == view.climbs.len();
        if !is_whole {
            return Some("its hierarchy is not complete");
        }
        (!view.tree.is_complete()).then_some("its spatial index is not complete")
    }

    pub(crate) const fn header(&self) -> &Header {
        &self.header
    }

    pub(crate) const fn profile(&self) -> Profile {
        self.profile
    }

    /// Reads everything and compares checksums.
    pub(crate) fn verify(&self) -> Result<(), OpenError> {
        for entry in &self.table {
            let bytes = entry.range().and_then(|range| self.bytes.as_slice().get(range)).unwrap_or_default();
            if crc32fast::hash(bytes) != entry.checksum {
                let what = format!("section `{}` was changed", entry.kind);
                return Err(OpenError::Damaged { path: self.path.clone(), what });
            }
        }
        Ok(())
    }

    /// A section's elements; none where it is missing or of another size.
    fn section<T: AnyBitPattern>(&self, kind: Kind) -> &[T] {
        let entry = self.table.iter().find(|entry| entry.kind == kind as u32);
        let entry = entry.filter(|entry| entry.element_bytes as usize == size_of::<T>());
        let bytes = entry.and_then(Entry::range).and_then(|range| self.bytes.as_slice().get(range));
        bytes.and_then(|bytes| try_cast_slice(bytes).ok()).unwrap_or_default()
    }

    pub(crate) fn view(&self) -> View<'_> {
        View {
            points: self.section(Kind::Points),
            pieces: self.section(Kind::Pieces),
            segments: self.section(Kind::Segments),
            edges: self.section(Kind::Edges),
            first_arcs: self.section(Kind::FirstArcs),
            arcs: self.section(Kind::Arcs),
            roads: self.section(Kind::Roads),
            name_ends: self.section(Kind::NameEnds),
            name_text: self.section(Kind::NameText),
            copies: self.section(Kind::Copies),
            tree: TreeView::new(self.section::<TreeBox>(Kind::Boxes), self.section::<Leaf>(Kind::Leaves)),
            order: self.section(Kind::Order),
            ranks: self.section(Kind::Ranks),
            steps: self.section(Kind::Steps),
            climbs: self.section(Kind::Climbs),
            middles: self.section(Kind::Middles),
        }
    }
}

impl Entry {
    fn range(&self) -> Option<Range<usize>> {
        let start = usize::try_from(self.offset).ok()?;
        let bytes = u64::from(self.element_bytes).checked_mul(self.count)?;
        Some(start..start.checked_add(usize::try_from(bytes).ok()?)?)
    }
}

/// The arrays of a graph. Nothing here trusts the numbers in them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'v> {
    pub(crate) points: &'v [Point],
    pub(crate) pieces: &'v [u32],
    pub(crate) segments: &'v [Segment],
    pub(crate) edges: &'v [Edge],
    pub(crate) first_arcs: &'v [u32],
    pub(crate) arcs: &'v [Arc],
    pub(crate) roads: &'v [Road],
    pub(crate) name_ends: &'v [u32],
    pub(crate) name_text: &'v [u8],
    pub(crate) copies: &'v [u32],
    pub(crate) tree: TreeView<'v>,
    pub(crate) order: &'v [u32],
    pub(crate) ranks: &'v [u32],
    pub(crate) steps: &'v [Steps],
    pub(crate) climbs: &'v [Climb],
    pub(crate) middles: &'v [u32],
}

impl<'v> View<'v> {
    pub(crate) fn edge(&self, edge: u32) -> Option<&'v Edge> {
        self.edges.get(edge as usize)
    }

    /// The turns out of an edge.
    pub(crate) fn arcs(&self, edge: u32) -> &'v [Arc] {
        let edge = edge as usize;
        match self.first_arcs.get(edge..edge.saturating_add(2)) {
            Some(&[from, until]) => self.arcs.get(from as usize..until as usize).unwrap_or_default(),
            _ => &[],
        }
    }

    /// The copies of an edge.
    pub(crate) fn copies(&self, edge: u32) -> Range<u32> {
        let originals = self.edges.len() - self.copies.len().min(self.edges.len());
        let first = self.copies.partition_point(|&original| original < edge);
        let until = self.copies.partition_point(|&original| original <= edge);
        (originals + first) as u32..(originals + until) as u32
    }

    /// An edge and its copies.
    pub(crate) fn twins(&self, edge: u32) -> impl Iterator<Item = u32> + use<> {
        std::iter::once(edge).chain(self.copies(edge))
    }

    /// Where the climbs of an edge are, forward and backward; by rank.
    pub(crate) fn climb_ranges(&self, rank: u32) -> [Range<usize>; 2] {
        let rank = rank as usize;
        match self.steps.get(rank..rank.saturating_add(2)) {
            Some([this, next])
                if this.forward <= this.backward
                    && this.backward <= next.forward
                    && next.forward as usize <= self.climbs.len() =>
            {
                let [first, second, end] = [this.forward, this.backward, next.forward].map(|at| at as usize);
                [first..second, second..end]
            }
            _ => [0..0, 0..0],
        }
    }

    /// The directions of a segment that are open, with their sides.
    pub(crate) fn open_edges(&self, segment: u32) -> impl Iterator<Item = (usize, u32)> + use<'v> {
        let edges = self.segments.get(segment as usize).map_or([NONE; 2], |segment| segment.edges);
        edges.into_iter().enumerate().filter(|(_, edge)| *edge != NONE)
    }

    /// Where the points of a segment are; all of them exist.
    pub(crate) fn point_range(&self, segment: u32) -> Range<usize> {
        let segment = segment as usize;
        match self.segments.get(segment..segment.saturating_add(2)) {
            Some([this, next]) if next.first_point as usize <= self.points.len() => {
                this.first_point as usize..next.first_point as usize
            }
            _ => 0..0,
        }
    }

    /// The road of the piece after a point, and whether the segment goes against it.
    pub(crate) fn road(&self, point: usize) -> Option<(&'v Road, usize)> {
        let piece = *self.pieces.get(point)?;
        Some((self.roads.get((piece / 2) as usize)?, (piece % 2) as usize))
    }

    pub(crate) fn name(&self, number: u32) -> &'v str {
        let number = number as usize;
        let Some(&end) = self.name_ends.get(number) else {
            return "";
        };
        let start = number.checked_sub(1).and_then(|before| self.name_ends.get(before)).copied().unwrap_or(0);
        let text = self.name_text.get(start as usize..end as usize).unwrap_or_default();
        std::str::from_utf8(text).unwrap_or_default()
    }
}
