use std::ops::Range;
use std::path::{Path, PathBuf};

use bytemuck::{AnyBitPattern, cast_slice, from_bytes, try_cast_slice};
use fst::raw::Fst;

use super::map::Bytes;
use super::write::checksum;
use super::{
    ALIGNMENT, Entry, Header, KeyRecord, Kind, LinkRecord, MAGIC, PlaceRecord, PointRecord, PostcodeRecord,
    StreetRecord, VERSION,
};
use crate::index::error::OpenError;
use crate::index::street::varint;

/// An index file whose header and dictionaries are sound.
#[derive(Debug)]
pub(crate) struct IndexFile {
    bytes: Bytes,
    path: PathBuf,
    header: Header,
    table: Vec<Entry>,
}

impl IndexFile {
    pub(crate) fn open(path: &Path) -> Result<Self, OpenError> {
        let bytes = Bytes::open(path).map_err(|source| OpenError::Unreadable { path: path.to_owned(), source })?;
        Self::check(bytes, path)
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, OpenError> {
        Self::check(Bytes::copied(bytes), Path::new("bytes in memory"))
    }

    /// Header and table, that every section lies within the file, and the bytes of the dictionaries, whose reader
    /// trusts them.
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
        let file = Self { bytes, path: path.clone(), header, table };
        for kind in [Kind::Names, Kind::Words] {
            file.verify_section(kind as u32)?;
            if Fst::new(file.section::<u8>(kind)).is_err() {
                return Err(damaged("a dictionary makes no sense"));
            }
        }
        Ok(file)
    }

    /// How many addresses are in it.
    pub(crate) const fn addresses(&self) -> u64 {
        self.header.addresses
    }

    /// Reads everything and compares checksums.
    pub(crate) fn verify(&self) -> Result<(), OpenError> {
        self.table.iter().try_for_each(|entry| self.verify_section(entry.kind))
    }

    fn verify_section(&self, kind: u32) -> Result<(), OpenError> {
        for entry in self.table.iter().filter(|entry| entry.kind == kind) {
            let bytes = entry.range().and_then(|range| self.bytes.as_slice().get(range)).unwrap_or_default();
            if crc32fast::hash(bytes) != entry.checksum {
                let what = format!("section `{kind}` was changed");
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

    /// The arrays; nothing where a dictionary is damaged, which `check` has ruled out.
    pub(crate) fn view(&self) -> Option<View<'_>> {
        Some(View {
            names: Fst::new(self.section(Kind::Names)).ok()?,
            words: Fst::new(self.section(Kind::Words)).ok()?,
            keys: self.section(Kind::Keys),
            links: self.section(Kind::Links),
            streets: self.section(Kind::Streets),
            street_data: self.section(Kind::StreetData),
            points: self.section(Kind::Points),
            places: self.section(Kind::Places),
            postcodes: self.section(Kind::Postcodes),
            text: self.section(Kind::Text),
            notices: self.section(Kind::Notices),
            countries: self.section(Kind::Countries),
        })
    }
}

impl Entry {
    fn range(&self) -> Option<Range<usize>> {
        let start = usize::try_from(self.offset).ok()?;
        let bytes = u64::from(self.element_bytes).checked_mul(self.count)?;
        Some(start..start.checked_add(usize::try_from(bytes).ok()?)?)
    }
}

/// The arrays of an index. Nothing here trusts the numbers in them.
pub(crate) struct View<'v> {
    pub(crate) names: Fst<&'v [u8]>,
    pub(crate) words: Fst<&'v [u8]>,
    pub(crate) keys: &'v [KeyRecord],
    pub(crate) links: &'v [LinkRecord],
    pub(crate) streets: &'v [StreetRecord],
    pub(crate) street_data: &'v [u8],
    pub(crate) points: &'v [PointRecord],
    pub(crate) places: &'v [PlaceRecord],
    pub(crate) postcodes: &'v [PostcodeRecord],
    text: &'v [u8],
    pub(crate) notices: &'v [u32],
    pub(crate) countries: &'v [u16],
}

impl<'v> View<'v> {
    /// The string that begins there; empty where none does.
    pub(crate) fn text(&self, at: u32) -> &'v str {
        let mut rest = self.text.get(at as usize..).unwrap_or_default();
        let length = varint::read(&mut rest) as usize;
        rest.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    /// The elements that a pair of first and count stands for.
    pub(crate) fn range<T>(elements: &'v [T], [first, count]: [u32; 2]) -> &'v [T] {
        let first = first as usize;
        elements.get(first..first.saturating_add(count as usize)).unwrap_or_default()
    }
}
