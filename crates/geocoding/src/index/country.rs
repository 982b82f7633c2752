//! Countries and their regions: names, languages, the shape of postcodes, and roughly where they lie.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::text::{Language, words};

/// A country of the table, by its place there; ascending order has no meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Country(pub(crate) u16);

/// No country that is known.
pub(crate) const UNKNOWN: Country = Country(u16::MAX);

#[derive(Debug)]
struct Entry {
    code: &'static str,
    /// Names in folded words joined by spaces.
    names: Vec<String>,
    languages: Vec<Language>,
    postcodes: Vec<&'static str>,
    boxes: Vec<[f64; 4]>,
    regions: Vec<Region>,
    puts_number_last: bool,
    puts_flat_first: bool,
}

/// A state, province or land.
#[derive(Debug)]
struct Region {
    code: String,
    names: Vec<String>,
}

/// Names by which a country or a region is called, for the reading of queries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Area {
    Country(Country),
    /// A region by its place in the table of its country.
    Region(Country, u16),
}

fn entries() -> &'static [Entry] {
    static ENTRIES: OnceLock<Vec<Entry>> = OnceLock::new();
    ENTRIES.get_or_init(|| {
        let mut entries: Vec<Entry> =
            include_str!("countries.txt").lines().filter(|line| !line.starts_with('#')).filter_map(entry).collect();
        for line in include_str!("regions.txt").lines() {
            let Some((code, regions)) = line.split_once(' ') else {
                continue;
            };
            if let Some(entry) = entries.iter_mut().find(|entry| entry.code == code) {
                entry.regions.extend(regions.split(';').filter_map(region));
            }
        }
        entries
    })
}

fn entry(line: &'static str) -> Option<Entry> {
    let mut fields = line.split('|');
    let code = fields.next()?;
    let mut names: Vec<String> = fields.next()?.split(',').map(|name| words(name).join(" ")).collect();
    names.push(code.to_ascii_lowercase());
    names.dedup();
    let languages = fields.next()?.split(' ').filter_map(Language::from_code).collect();
    let postcodes = fields.next()?.split(';').filter(|pattern| !pattern.is_empty()).collect();
    let boxes = fields.next()?.split(';').filter_map(corners).collect();
    let puts_number_last =
        !matches!(code, "US" | "CA" | "AU" | "NZ" | "GB" | "IE" | "FR" | "IN" | "ZA" | "SG" | "HK" | "MT");
    let puts_flat_first = matches!(code, "AU" | "NZ" | "CA" | "IN" | "SG" | "HK" | "ZA" | "MT");
    Some(Entry { code, names, languages, postcodes, boxes, regions: Vec::new(), puts_number_last, puts_flat_first })
}

fn corners(text: &str) -> Option<[f64; 4]> {
    let mut numbers = text.split(' ').filter_map(|number| number.parse().ok());
    Some([numbers.next()?, numbers.next()?, numbers.next()?, numbers.next()?])
}

fn region(text: &str) -> Option<Region> {
    let (code, name) = text.split_once(' ')?;
    // A name that is that of a city as well says nothing of the region: `-` stands for it.
    let names = [name, code].into_iter().map(|name| words(name).join(" ")).filter(|name| !name.is_empty());
    Some(Region { code: code.to_owned(), names: names.collect() })
}

impl Country {
    fn entry(self) -> Option<&'static Entry> {
        entries().get(usize::from(self.0))
    }

    /// The country of an ISO 3166-1 code, in any case.
    pub(crate) fn from_code(code: &str) -> Option<Self> {
        let at = entries().iter().position(|entry| entry.code.eq_ignore_ascii_case(code))?;
        Some(Self(at as u16))
    }

    /// Where a place probably is. Boxes are coarse: near a border the neighbour may be told.
    pub(crate) fn at(lat: f64, lng: f64) -> Self {
        // Every house and every street asks: in one row, boxes are looked through quickly.
        static BOXES: OnceLock<Vec<([f64; 4], Country)>> = OnceLock::new();
        let boxes = BOXES.get_or_init(|| {
            let of = |(at, entry): (usize, &'static Entry)| {
                entry.boxes.iter().map(move |corners| (*corners, Self(at as u16)))
            };
            entries().iter().enumerate().flat_map(of).collect()
        });
        let holds = |(corners, _): &&([f64; 4], Self)| {
            let [south, west, north, east] = *corners;
            (south..=north).contains(&lat) && (west..=east).contains(&lng)
        };
        boxes.iter().find(holds).map_or(UNKNOWN, |(_, country)| *country)
    }

    /// Whether a place may lie in the country.
    pub(crate) fn may_hold(self, lat: f64, lng: f64) -> bool {
        self.entry().is_some_and(|entry| {
            entry.boxes.iter().any(|[south, west, north, east]| {
                (south - 0.3..=north + 0.3).contains(&lat) && (west - 0.3..=east + 0.3).contains(&lng)
            })
        })
    }

    /// The ISO 3166-1 code; empty for a country unknown.
    pub(crate) fn code(self) -> &'static str {
        self.entry().map_or("", |entry| entry.code)
    }

    /// The languages of its addresses; English where nothing is known.
    pub(crate) fn languages(self) -> &'static [Language] {
        self.entry().map_or(&[Language::English], |entry| entry.languages.as_slice())
    }

    /// Whether letters and digits, with separators as they were written, have the shape of a postcode here.
    pub(crate) fn has_postcode(self, text: &str) -> bool {
        self.entry().is_some_and(|entry| entry.postcodes.iter().any(|pattern| fits(pattern, text)))
    }

    /// The region that is called so, by code or name in folded words.
    pub(crate) fn region(self, name: &str) -> Option<u16> {
        let regions = &self.entry()?.regions;
        let at = regions.iter().position(|region| region.names.iter().any(|other| other == name))?;
        Some(at as u16)
    }

    /// The code of a region, as it is written in addresses.
    pub(crate) fn region_code(self, region: u16) -> &'static str {
        self.entry().and_then(|entry| entry.regions.get(usize::from(region))).map_or("", |region| region.code.as_str())
    }

    /// Whether a flat is written before the house number here, with a slash or a hyphen between.
    pub(crate) fn puts_flat_first(self) -> bool {
        self.entry().is_some_and(|entry| entry.puts_flat_first)
    }

    /// Whether the house number stands behind the street here.
    pub(crate) fn puts_number_last(self) -> bool {
        self.entry().is_some_and(|entry| entry.puts_number_last)
    }
}

/// What countries and regions go by these folded words, joined by spaces.
pub(crate) fn areas(name: &str) -> &'static [Area] {
    static AREAS: OnceLock<HashMap<&'static str, Vec<Area>>> = OnceLock::new();
    let areas = AREAS.get_or_init(|| {
        let mut areas: HashMap<&'static str, Vec<Area>> = HashMap::new();
        for (at, entry) in entries().iter().enumerate() {
            let country = Country(at as u16);
            for name in &entry.names {
                areas.entry(name).or_default().push(Area::Country(country));
            }
            for (at, region) in entry.regions.iter().enumerate() {
                for name in &region.names {
                    areas.entry(name).or_default().push(Area::Region(country, at as u16));
                }
            }
        }
        areas
    });
    areas.get(name).map_or(&[], Vec::as_slice)
}

/// Whether a text has the shape of a pattern: `N` digit, `A` letter, `W` either, `-` nothing or one separator.
fn fits(pattern: &str, text: &str) -> bool {
    let mut letters = text.chars().peekable();
    for shape in pattern.chars() {
        if shape == '-' {
            letters.next_if(|letter| matches!(letter, '-' | ' '));
            continue;
        }
        let is_right = letters.next().is_some_and(|letter| match shape {
            'N' => letter.is_ascii_digit(),
            'A' => letter.is_ascii_alphabetic(),
            _ => letter.is_ascii_alphanumeric(),
        });
        if !is_right {
            return false;
        }
    }
    letters.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_lie_in_their_countries() {
        for (lat, lng, code) in [
            (47.14, 9.52, "LI"),
            (47.37, 8.54, "CH"),
            (48.14, 11.57, "DE"),
            (47.27, 11.39, "AT"),
            (48.21, 16.37, "AT"),
            (40.71, -73.75, "US"),
            (49.26, -123.11, "CA"),
            (43.65, -79.38, "CA"),
            (45.50, -73.57, "CA"),
            (42.36, -71.06, "US"),
            (47.61, -122.33, "US"),
            (41.15, -8.61, "PT"),
            (40.42, -3.70, "ES"),
            (51.51, -0.12, "GB"),
            (48.86, 2.35, "FR"),
            (60.17, 24.94, "FI"),
            (-27.47, 153.03, "AU"),
            (59.33, 18.07, "SE"),
            (55.68, 12.57, "DK"),
        ] {
            assert_eq!(Country::at(lat, lng).code(), code, "{lat},{lng}");
        }
        assert_eq!(Country::at(0.0, -30.0), UNKNOWN);
    }

    #[test]
    fn postcodes_have_the_shape_of_their_country() {
        let fits = |code, text| Country::from_code(code).unwrap().has_postcode(text);
        assert!(fits("CA", "v6b 2n4") && fits("CA", "v6b2n4"));
        assert!(fits("GB", "sw1a 1aa") && fits("GB", "ec4y8bb"));
        assert!(fits("PT", "4000-123") && fits("PT", "4000"));
        assert!(fits("US", "11429") && !fits("US", "220-55"));
        assert!(!fits("DE", "1234"));
    }

    #[test]
    fn names_of_countries_and_regions_are_known() {
        let germany = Country::from_code("de").unwrap();
        assert_eq!(areas("deutschland"), [Area::Country(germany)]);
        let united_states = Country::from_code("US").unwrap();
        let california = united_states.region("california").unwrap();
        assert!(areas("ca").contains(&Area::Region(united_states, california)));
        assert_eq!(united_states.region_code(california), "CA");
        assert!(areas("ca").contains(&Area::Country(Country::from_code("CA").unwrap())));
    }
}
