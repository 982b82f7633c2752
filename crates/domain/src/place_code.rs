//! Codes of countries and of their subdivisions, where it is clear what is meant. What is not clear stays as it was given.

use rust_iso3166::{from_alpha2, from_alpha3, iso3166_2};

/// ISO 3166-1 alpha-2 of a country's code in either length and case, or of its English name.
pub(crate) fn country_code(given: &str) -> String {
    let upper = given.trim().to_uppercase();
    let known = match upper.len() {
        2 => from_alpha2(&upper),
        3 => from_alpha3(&upper),
        _ => rust_iso3166::ALL.iter().find(|country| country.name.eq_ignore_ascii_case(given.trim())).copied(),
    };
    match known {
        Some(country) => country.alpha2.to_owned(),
        // What people say beside the standard.
        None if upper == "UK" => "GB".to_owned(),
        None => given.to_owned(),
    }
}

/// The ISO 3166-2 code of a subdivision without its country, from a code with or without it in either case, or from the
/// subdivision's name. `country` is alpha-2.
pub(crate) fn province_code(given: &str, country: &str) -> String {
    let trimmed = given.trim();
    let upper = trimmed.to_uppercase();
    let prefix = format!("{country}-");
    let bare = upper.strip_prefix(&prefix).unwrap_or(&upper);
    if iso3166_2::from_code(&format!("{prefix}{bare}")).is_some() {
        return bare.to_owned();
    }
    let within = iso3166_2::SUBDIVISION_COUNTRY_MAP.get(country).copied().unwrap_or_default();
    let mut named = within.iter().filter(|place| place.name.to_lowercase() == trimmed.to_lowercase());
    match (named.next(), named.next()) {
        (Some(place), None) => place.code.strip_prefix(&prefix).unwrap_or(place.code).to_owned(),
        _ => given.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_country(given: &str, expected: &str) {
        assert_eq!(country_code(given), expected, "{given}");
    }

    #[track_caller]
    fn check_province(given: &str, country: &str, expected: &str) {
        assert_eq!(province_code(given, country), expected, "{given}, {country}");
    }

    #[test]
    fn countries_are_told_by_codes_and_names() {
        for (given, expected) in
            [("US", "US"), (" fi ", "FI"), ("usa", "US"), ("FIN", "FI"), ("Finland", "FI"), ("uk", "GB")]
        {
            check_country(given, expected);
        }
    }

    #[test]
    fn what_is_no_country_stays_as_it_was() {
        for given in ["", "Narnia", "QQ", "Q1Z", "ＵＳ", "12"] {
            check_country(given, given);
        }
    }

    #[test]
    fn provinces_lose_their_country_and_gain_their_case() {
        check_province("NY", "US", "NY");
        check_province("ny", "US", "NY");
        check_province("US-NY", "US", "NY");
        check_province("New York", "US", "NY");
        check_province("quebec", "CA", "QC");
        check_province("18", "FI", "18");
    }

    #[test]
    fn what_is_no_province_of_the_country_stays_as_it_was() {
        check_province("", "US", "");
        check_province("Uusimaa?", "FI", "Uusimaa?");
        check_province("NY", "FI", "NY");
        check_province("US-NY", "CA", "US-NY");
        check_province("ny", "", "ny");
    }
}
