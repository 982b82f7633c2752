//! A question in the parts in which services want it.

use crate::iso3166::Country;
use crate::query::{Query, StructuredAddress};

/// The country that the answer has to lie in: the one of the restriction, or of the address in parts.
pub(crate) fn country(query: &Query) -> Option<Country> {
    let named = query.country().or_else(|| query.address().map(|address| address.country.as_str()));
    named.and_then(Country::find)
}

/// The address in parts, where it was given so in more than one line.
pub(crate) fn parts(query: &Query) -> Option<Parts<'_>> {
    let StructuredAddress { line, city, region, postcode, .. } = query.address()?;
    let has_place = [city, postcode].iter().any(|part| !part.is_empty());
    (has_place && !line.is_empty()).then_some(Parts { line, city, region, postcode })
}

/// An address in parts; what was not given is empty. The flat is left out: no service finds the house better by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, number: &str, street: &str) {
        let parts = Parts { line, city: "", region: "", postcode: "" };
        assert_eq!(parts.number_and_street(), (number, street), "{line}");
    }

    #[test]
    fn the_number_stands_before_or_behind_the_street() {
        check("12 Waverley Road", "12", "Waverley Road");
        check("3/12A Waverley Road", "3/12A", "Waverley Road");
        check("Herzog-Rudolf-Straße 2", "2", "Herzog-Rudolf-Straße");
        check("5th Avenue", "", "5th Avenue");
        check("350 5th Avenue", "350", "5th Avenue");
        check("Waverley Road", "", "Waverley Road");
        check("Waverley", "", "Waverley");
        check("", "", "");
    }

    #[test]
    fn a_whole_address_on_one_line_is_not_in_parts() {
        let address = |line: &str, city: &str| StructuredAddress {
            line: line.to_owned(),
            city: city.to_owned(),
            country: "AU".to_owned(),
            ..StructuredAddress::default()
        };
        assert_eq!(parts(&Query::structured(&address("12 Waverley Road, Taringa", ""))), None);
        let query = Query::structured(&address("12 Waverley Road", "Taringa"));
        assert_eq!(parts(&query).map(|parts| parts.city), Some("Taringa"));
        assert_eq!(country(&query).map(|country| country.alpha3), Some("AUS"));
        assert_eq!(country(&query.within_country("nz")).map(|country| country.alpha3), Some("NZL"));
    }
}
