//! A question in the parts in which services want it.

use routemate_units::LatLng;

use crate::iso3166::Country;
use crate::query::Query;

/// The country that the answer has to lie in.
pub(crate) fn country(_query: &Query) -> Option<Country> {
    None
}

/// The place that answers near by are drawn to.
pub(crate) fn focus(_query: &Query) -> Option<LatLng> {
    None
}

/// The address in parts, where it was given so.
pub(crate) fn parts(_query: &Query) -> Option<Parts<'_>> {
    None
}

/// An address in parts; what was not given is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parts<'q> {
    /// Street and number.
    pub(crate) line: &'q str,
    pub(crate) city: &'q str,
    pub(crate) region: &'q str,
    pub(crate) postcode: &'q str,
}

impl Parts<'_> {
    /// The house number, where the line begins or ends with one, and the street.
    pub(crate) fn number_and_street(&self) -> (&str, &str) {
        let line = self.line.trim();
        let is_number = |word: &str| word.starts_with(|letter: char| letter.is_ascii_digit());
        match (line.split_once(char::is_whitespace), line.rsplit_once(char::is_whitespace)) {
            // `5th Avenue` begins with a number that is none.
            (Some((first, rest)), _) if is_number(first) && !is_ordinal(first) => (first, rest.trim()),
            (_, Some((rest, last))) if is_number(last) => (last, rest.trim()),
            _ => ("", line),
        }
    }
}

fn is_ordinal(word: &str) -> bool {
    let digits = word.trim_start_matches(|letter: char| letter.is_ascii_digit());
    ["st", "nd", "rd", "th"].iter().any(|ending| digits.eq_ignore_ascii_case(ending))
}
