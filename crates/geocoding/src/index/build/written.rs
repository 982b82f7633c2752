//! How postcodes, numbers and names are written in the sources.
#![expect(clippy::indexing_slicing, reason = "of two counts, and behind a check of the length")]

use std::collections::{BTreeSet, HashMap};

use super::gathered::Gathered;
use crate::index::number::HouseNumber;
use crate::index::street::Spot;
use crate::index::text::fold;

/// A postcode in small letters and digits alone. Of American codes with nine digits the first five: more no street has.
pub(super) fn canonical_postcode(text: &str) -> String {
    let mut folded = String::new();
    fold(text, &mut folded);
    let is_long = folded.len() == 10 && folded.as_bytes().get(5) == Some(&b'-');
    let folded = if is_long { &folded[..5] } else { &folded };
    folded.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// The side of a cell over which numbers are written in the same manner.
const PAIR_CELL: i32 = 100_000;

pub(super) fn pair_cell(spot: Spot) -> (i32, i32) {
    (spot.lat.div_euclid(PAIR_CELL), spot.lng.div_euclid(PAIR_CELL))
}

/// Cells where many of the numbers with a hyphen cannot be ranges.
pub(super) fn compound_cells(gathered: &Gathered) -> BTreeSet<(i32, i32)> {
    let mut counts: HashMap<(i32, i32), [u32; 2]> = HashMap::new();
    for address in &gathered.addresses {
        let number = gathered.texts.get(address.number);
        if let Some(is_compound) = number.contains('-').then(|| HouseNumber::is_surely_compound(number)).flatten() {
            counts.entry(pair_cell(address.spot)).or_default()[usize::from(is_compound)] += 1;
        }
    }
    let many = counts.into_iter().filter(|(_, [may_be_ranges, compounds])| compounds * 2 > *may_be_ranges);
    many.map(|(cell, _)| cell).collect()
}

/// A name for people: what is in capitals throughout gets them at the beginnings of words only.
pub(super) fn display(name: &str) -> String {
    if name.chars().any(char::is_lowercase) {
        return name.to_owned();
    }
    let mut text = String::with_capacity(name.len());
    for letter in name.chars() {
        if text.ends_with(|last: char| last.is_alphanumeric() || last == '\'') {
            text.extend(letter.to_lowercase());
        } else {
            text.push(letter);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postcodes_are_alike_however_they_are_written() {
        for (text, expected) in
            [("V6B 2N4", "v6b2n4"), ("v6b2n4", "v6b2n4"), ("4000-447", "4000447"), ("94704-1234", "94704")]
        {
            assert_eq!(canonical_postcode(text), expected);
        }
    }

    #[test]
    fn names_in_capitals_get_small_letters() {
        assert_eq!(display("ST JOHN'S AV"), "St John's Av");
        assert_eq!(display("McKay St"), "McKay St");
    }
}
