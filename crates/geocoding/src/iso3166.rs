//! The codes and English names of countries, which services ask for in one way or another.
//!
//! Source: ISO 3166-1.

/// A country of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Country {
    /// Two capital letters.
    pub(crate) alpha2: &'static str,
    /// Three capital letters.
    pub(crate) alpha3: &'static str,
    /// In English.
    pub(crate) name: &'static str,
}

impl Country {
    /// By either code or the English name, in any case.
    pub(crate) fn find(text: &str) -> Option<Self> {
        let is_meant = |country: &Self| {
            [country.alpha2, country.alpha3, country.name].iter().any(|known| known.eq_ignore_ascii_case(text.trim()))
        };
        table().find(is_meant)
    }
}

fn table() -> impl Iterator<Item = Country> {
    include_str!("iso3166.txt").lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let (alpha2, rest) = line.split_once(' ')?;
        let (alpha3, name) = rest.split_once(' ')?;
        Some(Country { alpha2, alpha3, name })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_found_by_code_and_name() {
        let australia = Country { alpha2: "AU", alpha3: "AUS", name: "Australia" };
        for text in ["au", "AUS", " australia "] {
            assert_eq!(Country::find(text), Some(australia), "{text}");
        }
        assert_eq!(Country::find("Atlantis"), None);
        assert_eq!(Country::find(""), None);
    }

    #[test]
    fn the_table_is_whole_and_without_doubles() {
        let codes: std::collections::HashSet<_> = table().flat_map(|one| [one.alpha2, one.alpha3, one.name]).collect();
        assert_eq!((table().count(), codes.len()), (249, 3 * 249));
        assert!(table().all(|one| one.alpha2.len() == 2 && one.alpha3.len() == 3));
    }
}
