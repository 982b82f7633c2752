//! The sections of an index file.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use crate::index::file::{KeyRecord, Kind, LinkRecord, PlaceRecord, PointRecord, PostcodeRecord, StreetRecord, Writer};
use crate::index::street::varint;
use crate::index::text::Fnv;

/// The sections.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) names: Vec<u8>,
    pub(super) words: Vec<u8>,
    pub(super) keys: Vec<KeyRecord>,
    pub(super) links: Vec<LinkRecord>,
    pub(super) streets: Vec<StreetRecord>,
    pub(super) street_data: Vec<u8>,
    pub(super) points: Vec<PointRecord>,
    pub(super) places: Vec<PlaceRecord>,
    pub(super) postcodes: Vec<PostcodeRecord>,
    pub(super) text: Vec<u8>,
    pub(super) notices: Vec<u32>,
    pub(super) countries: Vec<u16>,
    pub(super) addresses: u64,
}

impl Parts {
    pub(super) fn writer(&self) -> Writer<'_> {
        let mut writer = Writer::default();
        writer.add(Kind::Names, &self.names);
        writer.add(Kind::Words, &self.words);
        writer.add(Kind::Keys, &self.keys);
        writer.add(Kind::Links, &self.links);
        writer.add(Kind::Streets, &self.streets);
        writer.add(Kind::StreetData, &self.street_data);
        writer.add(Kind::Points, &self.points);
        writer.add(Kind::Places, &self.places);
        writer.add(Kind::Postcodes, &self.postcodes);
        writer.add(Kind::Text, &self.text);
        writer.add(Kind::Notices, &self.notices);
        writer.add(Kind::Countries, &self.countries);
        writer
    }
}

/// Strings one after another, each once.
#[derive(Debug, Default)]
pub(super) struct TextPool {
    pub(super) bytes: Vec<u8>,
    at: HashMap<String, u32, BuildHasherDefault<Fnv>>,
}

impl TextPool {
    /// Where a string is.
    pub(super) fn add(&mut self, text: &str) -> u32 {
        if let Some(&at) = self.at.get(text) {
            return at;
        }
        let at = self.bytes.len() as u32;
        varint::write(text.len() as u64, &mut self.bytes);
        self.bytes.extend_from_slice(text.as_bytes());
        self.at.insert(text.to_owned(), at);
        at
    }
}

/// A dictionary of keys in ascending order.
pub(super) fn dictionary<'k>(entries: impl Iterator<Item = (&'k str, u64)>) -> Vec<u8> {
    let mut builder = fst::raw::Builder::memory();
    for (key, value) in entries {
        // Entries ascend, and memory does not fail.
        let _ = builder.insert(key, value);
    }
    builder.into_inner().unwrap_or_default()
}
