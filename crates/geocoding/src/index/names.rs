//! Names as keys: canonical words without spaces, and the other keys under which people look for a name.

use super::text::{Profile, words};

/// How a key leads to a name that is not its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub(crate) enum LinkKind {
    /// The name in another language or an alternative name.
    OtherName = 0,
    /// Without its direction: Hastings Street for East Hastings Street.
    WithoutDirection = 1,
    /// Without its kind: Hastings for Hastings Street.
    WithoutType = 2,
    /// Without both.
    Bare = 3,
    /// With words left out at the beginning or the end.
    Shortened = 4,
}

impl LinkKind {
    pub(crate) const fn from_number(number: u32) -> Self {
        match number {
            0 => Self::OtherName,
            1 => Self::WithoutDirection,
            2 => Self::WithoutType,
            3 => Self::Bare,
            _ => Self::Shortened,
        }
    }
}

const DIRECTIONS: [&str; 8] = ["n", "s", "e", "w", "ne", "nw", "se", "sw"];

/// A name cut into canonical words.
#[derive(Debug)]
pub(crate) struct CanonicalName {
    words: Vec<String>,
    /// Where the kind of the street is among the words.
    type_at: Option<usize>,
    direction_at: Option<usize>,
    is_type_movable: bool,
}

impl CanonicalName {
    /// Cuts a name as the languages of its country have it.
    pub(crate) fn new(name: &str, profile: &Profile) -> Self {
        let all = words(name);
        let mut kept = Vec::with_capacity(all.len());
        for word in all.iter().filter(|word| *word != "#") {
            let (form, role) = canonical(word, profile);
            if !role.is_dropped {
                kept.push((form, role));
            }
        }
        // Where nothing but a type is left, as of El Avenida, what was dropped belongs to the name.
        if kept.iter().all(|(_, role)| role.is_leading_type || role.is_trailing_type) && kept.len() < all.len() {
            kept = all.iter().filter(|word| *word != "#").map(|word| canonical(word, profile)).collect();
        }
        let direction_at = match (kept.first(), kept.last()) {
            _ if kept.len() < 2 => None,
            (Some((first, _)), _) if is_direction(first) => Some(0),
            (_, Some((last, _))) if is_direction(last) => Some(kept.len() - 1),
            _ => None,
        };
        let inner = kept.iter().enumerate().filter(|(at, _)| Some(*at) != direction_at);
        let leading = inner.clone().next().filter(|(_, (_, role))| role.is_leading_type).map(|(at, _)| at);
        let trailing = inner.clone().next_back().filter(|(_, (_, role))| role.is_trailing_type).map(|(at, _)| at);
        let type_at = leading.or(trailing).filter(|_| inner.count() > 1);
        let role = type_at.and_then(|at| kept.get(at)).map(|(_, role)| *role);
        let is_type_movable = role.is_some_and(|role| role.is_movable_type);
        Self { words: kept.into_iter().map(|(word, _)| word).collect(), type_at, direction_at, is_type_movable }
    }

    /// The key of the whole name; empty if it has no letters and digits.
    pub(crate) fn key(&self) -> String {
        self.words.concat()
    }

    fn without(&self, left_out: &[Option<usize>]) -> String {
        let kept = self.words.iter().enumerate().filter(|(at, _)| !left_out.contains(&Some(*at)));
        kept.map(|(_, word)| word.as_str()).collect()
    }

    /// Other keys of a street's name. None of digits alone: they would catch every house number.
    pub(crate) fn street_variants(&self) -> Vec<(String, LinkKind)> {
        let mut variants = Vec::new();
        if self.direction_at.is_some() {
            variants.push((self.without(&[self.direction_at]), LinkKind::WithoutDirection));
        }
        if let Some(at) = self.type_at {
            let name = self.without(&[self.type_at]);
            if let Some(kind) = self.words.get(at).filter(|_| self.is_type_movable) {
                let moved = if at == 0 { [name.as_str(), kind] } else { [kind, name.as_str()] };
                variants.push((moved.concat(), LinkKind::OtherName));
            }
            variants.push((name, LinkKind::WithoutType));
        }
        if self.direction_at.is_some() && self.type_at.is_some() {
            variants.push((self.without(&[self.type_at, self.direction_at]), LinkKind::Bare));
        }
        // Rua do Doutor António de Sousa Macedo is Rua Sousa Macedo to most.
        let first = self.type_at.map_or(0, |at| usize::from(at == 0));
        if self.words.len() >= first + 4 && self.type_at == Some(0) {
            let left_out: Vec<Option<usize>> = (first..self.words.len() - 2).map(Some).collect();
            variants.push((self.without(&left_out), LinkKind::Shortened));
        }
        variants.retain(|(key, _)| key.chars().count() > 2 && !key.bytes().all(|byte| byte.is_ascii_digit()));
        variants
    }
}

fn canonical(word: &str, profile: &Profile) -> (String, super::text::Role) {
    let mut form = String::new();
    let role = profile.canonical(word, &mut form);
    (form, role)
}

fn is_direction(word: &str) -> bool {
    DIRECTIONS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::super::text::{Language, profile};
    use super::*;

    #[track_caller]
    fn check(language: Language, name: &str, key: &str, variants: &[(&str, LinkKind)]) {
        let name = CanonicalName::new(name, &profile(&[language]));
        assert_eq!(name.key(), key);
        let found = name.street_variants();
        let found: Vec<(&str, LinkKind)> = found.iter().map(|(key, kind)| (key.as_str(), *kind)).collect();
        assert_eq!(found, variants);
    }

    #[test]
    fn names_have_keys_without_spaces() {
        check(
            Language::English,
            "East Hastings Street",
            "ehastingsst",
            &[
                ("hastingsst", LinkKind::WithoutDirection),
                ("ehastings", LinkKind::WithoutType),
                ("hastings", LinkKind::Bare),
            ],
        );
        check(Language::English, "220th Street", "220st", &[]);
        check(
            Language::German,
            "Josef-Rheinberger-Straße",
            "josefrheinbergerstr",
            &[("josefrheinberger", LinkKind::WithoutType)],
        );
        check(Language::German, "Landstrasse", "landstr", &[]);
        check(Language::Portuguese, "Rua de Santa Catarina", "rstacatarina", &[("stacatarina", LinkKind::WithoutType)]);
    }
}
