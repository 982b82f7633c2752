//! Codes of countries and of their subdivisions, where it is clear what is meant. What is not clear stays as it was given.

use rust_iso3166::{ALL, CountryCode, from_alpha2, from_alpha3, iso3166_2};

use crate::place_names::{country_named, fold, spellings, subdivision_named};

/// ISO 3166-1 alpha-2 of a country's code in either length and case, or of its name in English or its own language.
pub(crate) fn country_code(given: &str) -> String {
    let upper = given.trim().to_uppercase();
    let known = match upper.len() {
        2 => from_alpha2(&upper),
        3 => from_alpha3(&upper),
        _ => None,
    };
    match known {
        Some(country) => country.alpha2.to_owned(),
        // What people say beside the standard.
        None if upper == "UK" => "GB".to_owned(),
        None => country_of_name(given).unwrap_or(given).to_owned(),
    }
}

fn country_of_name(given: &str) -> Option<&'static str> {
    let name = fold(given);
    if name.chars().count() < 3 {
        return None;
    }
    let whole = ALL.iter().find(|country| spellings(country.name).any(|known| known == name));
    let without_form = || {
        // "Bolivia (Plurinational State of)"; there are two Koreas.
        let is_called =
            |country: &&CountryCode| country.name.split_once(" (").is_some_and(|(short, _)| fold(short) == name);
        one(ALL.iter().filter(is_called))
    };
    whole.or_else(without_form).map(|country| country.alpha2).or_else(|| country_named(&name))
}

/// The ISO 3166-2 code of a subdivision without its country, from a code with or without it in either case, or from the
/// subdivision's name. `country` is alpha-2.
pub(crate) fn province_code(given: &str, country: &str) -> String {
    let upper = given.trim().to_uppercase();
    let prefix = format!("{country}-");
    let bare = upper.strip_prefix(&prefix).unwrap_or(&upper);
    if iso3166_2::from_code(&format!("{prefix}{bare}")).is_some() {
        return bare.to_owned();
    }
    match province_of_name(given, country) {
        Some(code) => code.strip_prefix(&prefix).unwrap_or(code).to_owned(),
        None => given.to_owned(),
    }
}

fn province_of_name(given: &str, country: &str) -> Option<&'static str> {
    let name = fold(given);
    if name.is_empty() {
        return None;
    }
    let within = iso3166_2::SUBDIVISION_COUNTRY_MAP.get(country).copied().unwrap_or_default();
    // A name that two places have is nobody's.
    let places = within.iter().filter(|place| spellings(place.name).any(|known| known == name));
    let mut codes: Vec<_> = places.map(|place| place.code).collect();
    codes.dedup();
    match codes.as_slice() {
        [] => subdivision_named(&name, country),
        // "B.C.": a code with points.
        codes => one(codes.iter().copied()),
    }
    .or_else(|| {
        let is_pointed = given.contains('.');
        one(within
            .iter()
            .filter(|place| is_pointed && place.region_code.eq_ignore_ascii_case(&name))
            .map(|place| place.code))
    })
}

/// The one there is; `None` where there are none or several.
fn one<T>(mut found: impl Iterator<Item = T>) -> Option<T> {
    found.next().filter(|_| found.next().is_none())
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
        for (given, expected) in [
            ("US", "US"),
            (" fi ", "FI"),
            ("usa", "US"),
            ("FIN", "FI"),
            ("Finland", "FI"),
            ("uk", "GB"),
            ("United States", "US"),
            ("U.S.A.", "US"),
            ("the Netherlands", "NL"),
            ("Netherlands", "NL"),
            ("Türkiye", "TR"),
            ("turkey", "TR"),
            ("Cote d'Ivoire", "CI"),
            ("Deutschland", "DE"),
            ("Österreich", "AT"),
            ("South Korea", "KR"),
            ("ÅLAND ISLANDS", "AX"),
            ("Viet Nam", "VN"),
            ("Bolivia", "BO"),
        ] {
            check_country(given, expected);
        }
    }

    #[test]
    fn what_is_no_country_stays_as_it_was() {
        for given in ["", "Narnia", "QQ", "Q1Z", "ＵＳ", "12", "Korea", "?!"] {
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
        check_province("Québec", "CA", "QC");
        check_province("B.C.", "CA", "BC");
        check_province("Washington, D.C.", "US", "DC");
        check_province("Baden-Wuerttemberg", "DE", "BW");
        check_province("BADEN WURTTEMBERG", "DE", "BW");
        check_province("Bavaria", "DE", "BY");
        check_province("Nyland", "FI", "18");
        check_province("Principado de Asturias", "ES", "AS");
        check_province("Sao Paulo", "BR", "SP");
        check_province("Łódzkie", "PL", "10");
    }

    #[test]
    fn what_is_no_province_of_the_country_stays_as_it_was() {
        check_province("", "US", "");
        check_province("Uudellamaalla", "FI", "Uudellamaalla");
        check_province("NY", "FI", "NY");
        check_province("US-NY", "CA", "US-NY");
        check_province("ny", "", "ny");
        check_province("Bavaria", "AT", "Bavaria");
        check_province("...", "CA", "...");
        // A province and an autonomous community.
        check_province("Asturias", "ES", "O");
        check_province("La Rioja", "ES", "La Rioja");
    }
}
