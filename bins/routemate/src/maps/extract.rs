//! Whether a file is an OpenStreetMap extract, and all of one.

use std::path::Path;

use super::source::{Hashing, SourceError, known_kind};

/// Before a block: no longer header, and no longer contents, are allowed.
///
/// Source: OpenStreetMap wiki, "PBF Format", file format.
const LONGEST_HEADER: u32 = 64 * 1024;
const LONGEST_BODY: u64 = 32 * 1024 * 1024;

/// Reads over all blocks of a file; `progress` hears how many bytes it has come further.
pub(crate) fn check(path: &Path, reader: &mut Hashing, progress: &dyn Fn(u64)) -> Result<(), SourceError> {
    let mut block = Block { path, number: 1, begins: 0 };
    while pass(reader, &block)? {
        progress(reader.at() - block.begins);
        block = Block { number: block.number + 1, begins: reader.at(), ..block };
    }
    Ok(())
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

/// Reads over one block; `false` at the end of the file.
///
/// Source: OpenStreetMap wiki, "PBF Format": the length of a header in four bytes, the header with the length of what
/// follows, and that.
fn pass(reader: &mut Hashing, block: &Block<'_>) -> Result<bool, SourceError> {
    let mut take = |bytes| {
        let unreadable = |source| SourceError::Unreadable { path: block.path.to_owned(), source };
        reader.take(bytes).map_err(unreadable)
    };
    let length = take(4)?;
    if length.is_empty() {
        return Ok(false);
    }
    let Ok(bytes) = <[u8; 4]>::try_from(&length[..]) else {
        return Err(if block.number == 1 { block.none(&length) } else { block.cut_off(4 - length.len() as u64) });
    };
    let header_bytes = u32::from_be_bytes(bytes);
    if header_bytes == 0 || header_bytes > LONGEST_HEADER {
        let rest = take(60)?;
        return Err(block.none(&[length, rest].concat()));
    }
    let header = take(u64::from(header_bytes))?;
    if block.number == 1 && !header.windows(9).any(|part| part == b"OSMHeader") {
        return Err(block.none(&[length, header].concat()));
    }
    let lacking = u64::from(header_bytes) - header.len() as u64;
    if lacking > 0 {
        return Err(block.cut_off(lacking));
    }
    let body_bytes = body_bytes(&header).filter(|bytes| *bytes <= LONGEST_BODY);
    let body_bytes = body_bytes.ok_or_else(|| block.none(&header))?;
    let lacking = body_bytes - take(body_bytes)?.len() as u64;
    if lacking > 0 { Err(block.cut_off(lacking)) } else { Ok(true) }
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
        _ if text.starts_with("<?xml") || text.starts_with("<osm") => "XML: convert it with `osmium cat -f pbf`",
        _ if text.starts_with("lon,lat,") => "a table: call it .csv if it is OpenAddresses",
        _ => known_kind(begins_with).unwrap_or(match begins_with.len() {
            ..16 => "too short to be anything",
            _ => "something else",
        }),
    }
}

#[cfg(test)]
mod tests {
    use crate::maps::source::tests::{check_refused, read};

    const HELSINKI: &[u8] = include_bytes!("../../../../demo/helsinki_centre.osm.pbf");

    #[test]
    fn what_is_no_extract_is_told_by_what_it_is() {
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
            "x.txt",
            b"LON,LAT,NUMBER,STREET\n",
            "`x.txt` is no OpenStreetMap extract (.osm.pbf): it is a table: call it .csv if it is OpenAddresses",
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
