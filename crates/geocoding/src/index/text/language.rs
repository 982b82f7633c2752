use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::OnceLock;

use super::fold;

/// A language whose abbreviations are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Language {
    English,
    German,
    French,
    Portuguese,
    Spanish,
    Italian,
    Finnish,
    Swedish,
    Danish,
    Dutch,
    Polish,
    Turkish,
    Hungarian,
    Russian,
}

impl Language {
    /// Every language, its code, and its table: see [`Table::parse`].
    const ALL: [(Self, &'static str, &'static str); 14] = [
        (Self::English, "en", include_str!("tables/en.txt")),
        (Self::German, "de", include_str!("tables/de.txt")),
        (Self::French, "fr", include_str!("tables/fr.txt")),
        (Self::Portuguese, "pt", include_str!("tables/pt.txt")),
        (Self::Spanish, "es", include_str!("tables/es.txt")),
        (Self::Italian, "it", include_str!("tables/it.txt")),
        (Self::Finnish, "fi", include_str!("tables/fi.txt")),
        (Self::Swedish, "sv", include_str!("tables/sv.txt")),
        (Self::Danish, "da", include_str!("tables/da.txt")),
        (Self::Dutch, "nl", include_str!("tables/nl.txt")),
        (Self::Polish, "pl", include_str!("tables/pl.txt")),
        (Self::Turkish, "tr", include_str!("tables/tr.txt")),
        (Self::Hungarian, "hu", include_str!("tables/hu.txt")),
        (Self::Russian, "ru", include_str!("tables/ru.txt")),
    ];

    pub(crate) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, other, _)| *other == code).map(|(language, ..)| *language)
    }

    fn table(self) -> &'static Table {
        static TABLES: OnceLock<HashMap<Language, Table>> = OnceLock::new();
        static NONE: OnceLock<Table> = OnceLock::new();
        TABLES
            .get_or_init(|| Self::ALL.iter().map(|(language, _, text)| (*language, Table::parse(text))).collect())
            .get(&self)
            .unwrap_or_else(|| NONE.get_or_init(Table::default))
    }
}

/// What a word is in an address, besides a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Role {
    /// The kind of a street that stands before its name: Rua, Via.
    pub(crate) is_leading_type: bool,
    /// The kind of a street that stands behind its name: Street, Katu.
    pub(crate) is_trailing_type: bool,
    /// The kind of a street that stands on either side of its name: Ulitsa.
    pub(crate) is_movable_type: bool,
    /// Left out of names: de, and.
    pub(crate) is_dropped: bool,
    /// Goes before the number of a flat, a box: Apartment 4.
    pub(crate) is_unit: bool,
    /// Goes before or behind the number of a floor, a side of the stairs: 2nd floor.
    pub(crate) is_floor: bool,
    /// Written on parcels, no part of an address.
    pub(crate) is_noise: bool,
    /// Has another form: what is given in full or abbreviated on either side.
    pub(crate) is_abbreviated: bool,
}

/// The abbreviations of one language.
///
/// A line of its text is a role, the form to which all others are brought, and the others: `trail st street str`.
/// `suffix` lines hold for the ends of compounds as well: Landstrasse, Landstr. One form may stand for several words
/// (St for Saint and Street): then they count as one, and which was meant is seen from what is there.
#[derive(Debug, Default)]
struct Table {
    words: HashMap<String, (String, Role), BuildHasherDefault<Fnv>>,
    /// Longest first.
    suffixes: Vec<(String, String)>,
    /// The last bytes of these, as bits of their lowest seven: most words end otherwise.
    last_bytes: u128,
}

impl Table {
    fn parse(text: &str) -> Self {
        let mut table = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut fields = line.split_whitespace();
            let (Some(role), Some(first)) = (fields.next(), fields.next()) else {
                continue;
            };
            let others = fields.map(folded);
            let first = folded(first);
            match role {
                "suffix" => table.suffixes.extend(others.map(|other| (other, first.clone()))),
                "lead" | "trail" | "either" | "word" => {
                    let all: Vec<String> = std::iter::once(first.clone()).chain(others).collect();
                    for word in all {
                        let (_, found) = table.words.entry(word).or_insert_with(|| (first.clone(), Role::default()));
                        found.is_abbreviated = true;
                        found.is_leading_type |= matches!(role, "lead" | "either");
                        found.is_trailing_type |= matches!(role, "trail" | "either");
                        found.is_movable_type |= role == "either";
                    }
                }
                _ => {
                    for word in std::iter::once(first).chain(others) {
                        let (_, found) = table.words.entry(word.clone()).or_insert_with(|| (word, Role::default()));
                        found.is_dropped |= role == "drop";
                        found.is_unit |= role == "unit";
                        found.is_floor |= role == "floor";
                        found.is_noise |= role == "noise";
                    }
                }
            }
        }
        table.last_bytes = table.suffixes.iter().fold(0, |bits, (suffix, _)| bits | last_byte(suffix));
        table.suffixes.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b)));
        table
    }
}

/// The bit for the lowest seven of a word's last byte.
fn last_byte(word: &str) -> u128 {
    word.bytes().next_back().map_or(0, |byte| 1 << (byte & 0x7f))
}

/// Fowler, Noll and Vo's hash (1a, 64 bits): quick for short words, and the words of the tables are no secret.
pub(crate) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

fn folded(text: &str) -> String {
    let mut into = String::new();
    fold(text, &mut into);
    into
}

/// The languages in which the addresses of a country are written, the most used one first.
#[derive(Debug, Clone)]
pub(crate) struct Profile {
    tables: Vec<&'static Table>,
}

/// The profile of these languages.
pub(crate) fn profile(languages: &[Language]) -> Profile {
    Profile { tables: languages.iter().map(|language| language.table()).collect() }
}

/// The shortest stem before a suffix: `Au` of Austrasse.
const STEM_LETTERS: usize = 2;

impl Profile {
    /// Appends the form of a folded word that all of its forms have in common, and says what role the word may play.
    ///
    /// Ordinals become their numbers: `42nd`, `second`.
    pub(crate) fn canonical(&self, word: &str, into: &mut String) -> Role {
        if let Some(digits) = ordinal(word) {
            into.push_str(digits);
            return Role::default();
        }
        let mut role = Role::default();
        let mut is_found = false;
        for table in &self.tables {
            let Some((form, found)) = table.words.get(word) else {
                continue;
            };
            role.is_leading_type |= found.is_leading_type;
            role.is_trailing_type |= found.is_trailing_type;
            role.is_movable_type |= found.is_movable_type;
            role.is_dropped |= found.is_dropped;
            role.is_unit |= found.is_unit;
            role.is_floor |= found.is_floor;
            role.is_noise |= found.is_noise;
            if !is_found && found.is_abbreviated {
                role.is_abbreviated = true;
                is_found = true;
                into.push_str(form);
            }
        }
        if is_found {
            return role;
        }
        let last_byte = last_byte(word);
        for table in self.tables.iter().filter(|table| table.last_bytes & last_byte != 0) {
            for (suffix, form) in &table.suffixes {
                if let Some(stem) = word.strip_suffix(suffix.as_str())
                    && stem.chars().count() >= STEM_LETTERS
                {
                    into.push_str(stem);
                    into.push_str(form);
                    return role;
                }
            }
        }
        into.push_str(word);
        role
    }

    /// Every word of the tables.
    pub(crate) fn vocabulary(&self) -> impl Iterator<Item = &str> {
        self.tables.iter().flat_map(|table| table.words.keys().map(String::as_str))
    }

    /// The role alone.
    pub(crate) fn role(&self, word: &str) -> Role {
        self.canonical(word, &mut String::new())
    }
}

/// Whether a number has the very ending that it has in English: 21st, 12th.
pub(crate) fn is_ordinal(word: &str) -> bool {
    ordinal(word).is_some_and(|digits| {
        let tail = digits.get(digits.len().saturating_sub(2)..).unwrap_or_default();
        let ending = match (tail, tail.bytes().last()) {
            ("11" | "12" | "13", _) => "th",
            (_, Some(b'1')) => "st",
            (_, Some(b'2')) => "nd",
            (_, Some(b'3')) => "rd",
            _ => "th",
        };
        word.ends_with(ending)
    })
}

fn ordinal(word: &str) -> Option<&str> {
    if !word.starts_with(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    let digits = word.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let is_ordinal = !digits.is_empty()
        && digits.bytes().all(|digit| digit.is_ascii_digit())
        && matches!(word.strip_prefix(digits), Some("st" | "nd" | "rd" | "th"));
    is_ordinal.then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(languages: &[Language], forms: &[&str], expected: &str) {
        for form in forms {
            let mut found = String::new();
            profile(languages).canonical(form, &mut found);
            assert_eq!(found, expected, "{form}");
        }
    }

    #[test]
    fn forms_of_a_word_meet() {
        check(&[Language::English], &["street", "st", "saint"], "st");
        check(&[Language::English], &["42nd", "42"], "42");
        check(&[Language::English], &["fifth", "5th"], "5");
        check(&[Language::German], &["landstrasse", "landstr"], "landstr");
        check(&[Language::German], &["promenadeplatz", "promenadepl"], "promenadepl");
        check(&[Language::Finnish, Language::Swedish], &["aleksanterinkatu", "aleksanterink"], "aleksanterink");
        check(&[Language::Portuguese], &["rua", "r"], "r");
    }

    #[test]
    fn languages_do_not_leak_into_each_other() {
        check(&[Language::English], &["rua"], "rua");
        check(&[Language::Portuguese], &["street"], "street");
    }

    #[test]
    fn roles_are_told() {
        let english = profile(&[Language::English]);
        assert!(english.role("street").is_trailing_type);
        assert!(english.role("apartment").is_unit);
        assert!(profile(&[Language::Portuguese]).role("da").is_dropped);
    }
}
