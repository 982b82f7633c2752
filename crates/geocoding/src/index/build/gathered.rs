//! What the sources hold, before it is put together.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use crate::index::country::Country;
use crate::index::street::Spot;
use crate::index::text::Fnv;

/// Strings, each once; number 0 is the empty one.
#[derive(Debug)]
pub(super) struct Texts {
    texts: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32, BuildHasherDefault<Fnv>>,
}

impl Default for Texts {
    fn default() -> Self {
        Self { texts: vec!["".into()], numbers: HashMap::from_iter([("".into(), 0)]) }
    }
}

impl Texts {
    /// The number of a text without white space at its ends.
    pub(super) fn number(&mut self, text: &str) -> u32 {
        let text = text.trim();
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        self.push(text.into())
    }

    /// Takes in the texts of another: where their numbers were, these have them here.
    pub(super) fn take(&mut self, other: Self) -> Vec<u32> {
        let number = |text: Arc<str>| self.numbers.get(&text).copied().unwrap_or_else(|| self.push(text));
        other.texts.into_iter().map(number).collect()
    }

    fn push(&mut self, text: Arc<str>) -> u32 {
        let number = self.texts.len() as u32;
        self.texts.push(Arc::clone(&text));
        self.numbers.insert(text, number);
        number
    }

    pub(super) fn get(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", |text| text)
    }
}

/// A house number and what it belongs to; texts by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RawAddress {
    pub(super) street: u32,
    pub(super) number: u32,
    pub(super) city: u32,
    pub(super) postcode: u32,
    pub(super) spot: Spot,
    pub(super) country: Country,
    /// The region by its place in the table of the country; `u16::MAX` if unknown.
    pub(super) region: u16,
}

/// A piece of a named street.
#[derive(Debug, Clone)]
pub(super) struct RawLine {
    pub(super) name: u32,
    /// Other names of it.
    pub(super) others: Vec<u32>,
    pub(super) is_drivable: bool,
    pub(super) points: Vec<Spot>,
}

/// Something with a name.
#[derive(Debug, Clone)]
pub(super) struct RawPoint {
    pub(super) name: u32,
    pub(super) others: Vec<u32>,
    pub(super) spot: Spot,
    /// How well known it probably is.
    pub(super) weight: u16,
}

/// A town, a suburb, a municipality.
#[derive(Debug, Clone)]
pub(super) struct RawPlace {
    pub(super) name: u32,
    pub(super) others: Vec<u32>,
    pub(super) spot: Spot,
    pub(super) radius_m: u32,
    /// Whether it is on letters: a city, not one of its quarters.
    pub(super) is_postal: bool,
}

/// An area with borders.
#[derive(Debug, Clone)]
pub(super) struct RawBoundary {
    pub(super) name: u32,
    pub(super) postcode: u32,
    /// As OpenStreetMap has it: 2 a country, 4 a region, 8 a municipality.
    pub(super) level: u8,
    /// Closed rings, outer and inner together: a place is inside if it is in an odd number of them.
    pub(super) rings: Vec<Vec<Spot>>,
}

/// All of it.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) texts: Texts,
    pub(super) addresses: Vec<RawAddress>,
    pub(super) lines: Vec<RawLine>,
    pub(super) points: Vec<RawPoint>,
    pub(super) places: Vec<RawPlace>,
    pub(super) boundaries: Vec<RawBoundary>,
    /// Licences and attributions, in order of appearance, each once.
    pub(super) notices: Vec<String>,
}

impl Gathered {
    pub(super) fn notice(&mut self, notice: &str) {
        if !self.notices.iter().any(|other| other == notice) {
            self.notices.push(notice.to_owned());
        }
    }
}
