//! How sure an answer of a service is, on this crate's scale.
//!
//! Services rate themselves each in their own way, and some not at all: what counts is how much of what was asked is in what
//! came back. A house of another number, another postcode, a town that nobody has named are found by comparing, whatever
//! the service says; its own doubts can only lower the result.

use crate::candidate::{Confidence, MatchType};

/// What a service has found, in the parts that it tells.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found<'a> {
    pub(crate) level: Level,
    /// The house number.
    pub(crate) number: Option<&'a str>,
    pub(crate) street: Option<&'a str>,
    pub(crate) postcode: Option<&'a str>,
    /// From the suburb up to the municipality.
    pub(crate) towns: Vec<&'a str>,
    /// From the county up to the country, names and codes.
    pub(crate) regions: Vec<&'a str>,
    /// Of a place that is known by name.
    pub(crate) name: Option<&'a str>,
    /// What the service itself thinks of it; the confidence is no higher.
    pub(crate) own_confidence: Option<f64>,
}

/// What the position stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Level {
    /// A house.
    House,
    /// The place of a house number, computed.
    Interpolated,
    /// Another house than the one asked for: the service says so.
    OtherHouse,
    /// A street.
    Street,
    /// A place with a name of its own: a shop, a park, a station.
    Place,
    /// The area of a postcode.
    Postcode,
    /// A town or anything larger.
    #[default]
    Town,
}

/// The number that was asked for, found.
const HOUSE: f64 = 0.95;
/// A place, found by its name.
const PLACE: f64 = 0.85;
/// A street where nothing but a street was asked for.
const STREET: f64 = 0.85;
/// On the right side of the right street, some metres off.
const INTERPOLATED: f64 = 0.8;
/// Inside a range that holds the number.
const RANGE: f64 = 0.8;
/// 12 for 12 B.
const OTHER_SUFFIX: f64 = 0.72;
/// A postcode or town where nothing else was asked for.
const AREA: f64 = 0.75;
/// Another number of the same street.
const OTHER_NUMBER: f64 = 0.6;
/// The street of a number that was not found.
const STREET_OF_NUMBER: f64 = 0.55;
/// A house or place that the question does not name.
const UNNAMED: f64 = 0.5;
/// A town where an address was asked for.
const AREA_OF_ADDRESS: f64 = 0.25;

/// At most, where the postcode is another one.
const OTHER_POSTCODE: f64 = 0.65;
/// At most, where the question has words that are in nothing that was found, and the town is not in the question.
const OTHER_TOWN: f64 = 0.55;
/// At most, where not even the street's name is in the question: it may be its name in another language.
const OTHER_STREET: f64 = 0.45;

/// How well what was found answers an address as it was asked for in one line.
pub(crate) fn grade(asked: &str, found: &Found<'_>) -> (MatchType, Confidence) {
    let asked = Asked::read(asked, found);
    let (match_type, mut confidence) = base(&asked, found);
    if asked.has_other_postcode {
        confidence = confidence.min(OTHER_POSTCODE);
    }
    if asked.has_strange_words && !asked.names_town && !asked.names_postcode {
        confidence = confidence.min(OTHER_TOWN);
    }
    let has_street = matches!(found.level, Level::House | Level::Interpolated | Level::OtherHouse | Level::Street);
    if has_street && found.street.is_some() && !asked.names_street && !asked.names_place {
        confidence = confidence.min(OTHER_STREET);
    }
    let own = found.own_confidence.filter(|own| own.is_finite()).unwrap_or(1.0).clamp(0.0, 1.0);
    (match_type, Confidence::clamped(confidence.min(own)))
}

fn base(asked: &Asked, found: &Found<'_>) -> (MatchType, f64) {
    match (found.level, asked.number) {
        (Level::House | Level::Interpolated | Level::OtherHouse, Number::None) if asked.names_place => {
            (MatchType::Exact, PLACE)
        }
        (Level::House | Level::Interpolated | Level::OtherHouse, Number::None) => (MatchType::Street, UNNAMED),
        (Level::OtherHouse, _) | (Level::House | Level::Interpolated, Number::Other) => {
            (MatchType::NearestNumber, OTHER_NUMBER)
        }
        (Level::Interpolated, Number::Same | Number::InRange | Number::OtherSuffix) => {
            (MatchType::Interpolated, INTERPOLATED)
        }
        (Level::House, Number::Same) => (MatchType::Exact, HOUSE),
        (Level::House, Number::InRange) => (MatchType::Range, RANGE),
        (Level::House, Number::OtherSuffix) => (MatchType::OtherSuffix, OTHER_SUFFIX),
        // The service names no number although it says that it is a house.
        (Level::House | Level::Interpolated | Level::Street, Number::Missing) => (MatchType::Street, STREET_OF_NUMBER),
        (Level::Street, Number::None) => (MatchType::Street, STREET),
        (Level::Street, _) => (MatchType::Street, STREET_OF_NUMBER),
        (Level::Place, _) if asked.names_place => (MatchType::Exact, PLACE),
        (Level::Place, _) => (MatchType::Exact, UNNAMED),
        (Level::Postcode | Level::Town, _) => {
            let match_type = if found.level == Level::Postcode { MatchType::Postcode } else { MatchType::Locality };
            let is_all = asked.number == Number::None && !asked.has_strange_words;
            (match_type, if is_all { AREA } else { AREA_OF_ADDRESS })
        }
    }
}

/// What of the question is in what was found.
#[derive(Debug)]
struct Asked {
    number: Number,
    names_street: bool,
    names_town: bool,
    names_postcode: bool,
    names_place: bool,
    has_other_postcode: bool,
    /// Words that are in nothing that was found.
    has_strange_words: bool,
}

/// The house number of the question, compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Number {
    /// The question has none.
    None,
    /// The question has one; what was found does not.
    Missing,
    Same,
    InRange,
    OtherSuffix,
    Other,
}

/// Words before the number of a flat, a floor, a box, and the words for such.
const UNITS: [&str; 22] = [
    "apt",
    "apartment",
    "unit",
    "suite",
    "ste",
    "flat",
    "level",
    "floor",
    "fl",
    "room",
    "rm",
    "no",
    "nr",
    "lot",
    "shop",
    "po",
    "box",
    "bldg",
    "building",
    "wohnung",
    "stock",
    "etage",
];

impl Asked {
    fn read(text: &str, found: &Found<'_>) -> Self {
        let tokens = tokens(text);
        let postcode = found.postcode.map(compact).unwrap_or_default();
        let in_postcode = run_of(&tokens, &postcode);
        let street = words(found.street);
        let is_known = |token: &str, among: &[String]| among.iter().any(|word| is_same_word(token, word));
        let towns: Vec<String> = found.towns.iter().flat_map(|town| words(Some(town))).collect();
        let regions: Vec<String> = found.regions.iter().flat_map(|region| words(Some(region))).collect();
        let name = words(found.name);

        let is_number = |token: &str| found.number.is_some_and(|number| compact(number) == compact(token));

        let mut numbers = Vec::new();
        let mut has_strange_words = false;
        let mut has_other_postcode = false;
        let mut names_street = false;
        for (place, token) in tokens.iter().enumerate() {
            let is_unit = |at: usize| tokens.get(at).is_some_and(|word| UNITS.contains(&word.as_str()));
            let is_of_unit = place.checked_sub(1).is_some_and(is_unit);
            if in_postcode.contains(&place) {
                continue;
            }
            let has_digit = token.contains(|letter: char| letter.is_ascii_digit());
            if is_known(token, &street) {
                names_street |= token.len() > 1;
            } else if [&towns, &regions, &name].iter().any(|among| is_known(token, among)) {
                // Towns are looked at below: one may be called as the street is.
            } else if in_postcode.is_empty() && place > 0 && !is_number(token) && is_shaped_like(token, &postcode) {
                has_other_postcode = true;
            } else if has_digit && !is_of_unit && !is_postcode_like(token) {
                numbers.push(place);
            } else if !has_digit && token.chars().count() > 2 && !is_unit(place) {
                has_strange_words = true;
            }
        }
        let names_town = tokens.iter().any(|token| token.len() > 2 && is_known(token, &towns));
        let names_place =
            !name.is_empty() && name.iter().all(|word| tokens.iter().any(|token| is_same_word(token, word)));
        let number = found.number.map_or_else(
            || if numbers.is_empty() { Number::None } else { Number::Missing },
            |number| compared(&tokens, &numbers, number),
        );
        let names_postcode = !in_postcode.is_empty();
        Self { number, names_street, names_town, names_postcode, names_place, has_other_postcode, has_strange_words }
    }
}

/// The best that any number of the question is to the number found.
fn compared(tokens: &[String], numbers: &[usize], found: &str) -> Number {
    let found = folded(found);
    let mut best = if numbers.is_empty() { Number::None } else { Number::Other };
    if !run_of(tokens, &compact(&found)).is_empty() {
        return Number::Same;
    }
    for token in numbers.iter().filter_map(|&place| tokens.get(place)) {
        match one_compared(token, &found) {
            Number::Same => return Number::Same,
            Number::InRange => best = Number::InRange,
            Number::OtherSuffix if best != Number::InRange => best = Number::OtherSuffix,
            _ => {}
        }
    }
    best
}

fn one_compared(asked: &str, found: &str) -> Number {
    if compact(asked) == compact(found) || asked.split('/').any(|part| compact(part) == compact(found)) {
        return Number::Same;
    }
    let bounds = |text: &str| {
        let (first, second) = text.split_once(['-', '–'])?;
        Some((leading_number(first)?, leading_number(second)?))
    };
    let is_in = |value: u32, (first, second): (u32, u32)| (first..=second).contains(&value);
    let (asked_value, found_value) = (leading_number(asked), leading_number(found));
    match (bounds(asked), bounds(found)) {
        (None, Some(range)) if asked_value.is_some_and(|value| is_in(value, range)) => Number::InRange,
        (Some(range), None) if found_value.is_some_and(|value| is_in(value, range)) => Number::InRange,
        (None, None) if asked_value.is_some() && asked_value == found_value => Number::OtherSuffix,
        _ => Number::Other,
    }
}

fn leading_number(text: &str) -> Option<u32> {
    let text = text.trim();
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    text.get(..end)?.parse().ok()
}

/// The places of neighbouring tokens, one to three, that together are `compacted`; none for an empty one. The last part of
/// a long postcode, as in 94501-1234, may be missing on either side.
fn run_of(tokens: &[String], compacted: &str) -> Vec<usize> {
    if compacted.is_empty() {
        return Vec::new();
    }
    for first in 0..tokens.len() {
        let mut run = String::new();
        for last in first..tokens.len().min(first + 3) {
            run.push_str(&tokens.get(last).map(|token| compact(token)).unwrap_or_default());
            let is_long_form = |long: &str, short: &str| short.len() == 5 && long.len() == 9 && long.starts_with(short);
            if run == compacted || is_long_form(&run, compacted) || is_long_form(compacted, &run) {
                return (first..=last).collect();
            }
        }
    }
    Vec::new()
}

/// Of the same length, with digits in the same places, as a postcode of at least four signs that begins with a digit:
/// others are too much like words.
fn is_shaped_like(token: &str, postcode: &str) -> bool {
    let shape = |text: &str| text.chars().map(|letter| letter.is_ascii_digit()).collect::<Vec<_>>();
    postcode.len() >= 4
        && postcode.starts_with(|letter: char| letter.is_ascii_digit())
        && shape(token) == shape(postcode)
}

/// Long enough for a postcode and too long for most house numbers.
fn is_postcode_like(token: &str) -> bool {
    token.len() >= 5 && token.chars().all(|letter| letter.is_ascii_digit())
}

/// The words of the question in small letters; what belongs to a number stays with it.
fn tokens(text: &str) -> Vec<String> {
    let folded = folded(text);
    let pieces = folded.split(|letter: char| letter.is_whitespace() || ",;()\"".contains(letter));
    pieces.flat_map(split_words).filter(|piece| !piece.is_empty()).collect()
}

fn split_words(piece: &str) -> Vec<String> {
    let piece = piece.trim_matches(|letter: char| !letter.is_alphanumeric());
    if piece.contains(|letter: char| letter.is_ascii_digit()) {
        return vec![piece.to_owned()];
    }
    piece.split(|letter: char| !letter.is_alphanumeric()).map(str::to_owned).collect()
}

fn words(text: Option<&str>) -> Vec<String> {
    tokens(text.unwrap_or_default())
}

/// An address in small letters without marks and punctuation: those that are written alike otherwise are one.
#[must_use]
pub fn normalized(address: &str) -> String {
    let folded = folded(address);
    let words = folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Letters and digits alone.
fn compact(text: &str) -> String {
    folded(text).chars().filter(|letter| letter.is_alphanumeric()).collect()
}

/// Small letters without the marks of Latin alphabets.
fn folded(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let plain = text.nfkd().filter(|letter| !unicode_normalization::char::is_combining_mark(*letter));
    let mut folded = String::with_capacity(text.len());
    for letter in plain.flat_map(char::to_lowercase) {
        match letter {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'ø' | 'œ' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' => folded.push('d'),
            other => folded.push(other),
        }
    }
    folded
}

/// Equal, one an abbreviation of the other, or one letter wrong in five, two in nine.
fn is_same_word(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    if [a, b].iter().any(|word| word.contains(|letter: char| letter.is_ascii_digit())) {
        return false;
    }
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    is_abbreviation(short, long) || is_typo(short, long)
}

/// `st`, `blvd` and `qld` of `street`, `boulevard` and `queensland`: the first letter and some of the others in order.
fn is_abbreviation(short: &str, long: &str) -> bool {
    if !(2..=4).contains(&short.len()) || short.len() == long.len() || short.chars().next() != long.chars().next() {
        return false;
    }
    let mut rest = long.chars();
    short.chars().all(|letter| rest.any(|other| other == letter))
}

fn is_typo(short: &str, long: &str) -> bool {
    let (short, long): (Vec<char>, Vec<char>) = (short.chars().collect(), long.chars().collect());
    let allowed = match long.len() {
        0..=4 => return false,
        5..=8 => 1,
        _ => 2,
    };
    long.len() - short.len() <= allowed && distance(&short, &long) <= allowed
}

/// Levenshtein's, in the product of both lengths.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (at, left) in a.iter().enumerate() {
        let mut diagonal = at;
        let mut last = at + 1;
        if let Some(first) = row.first_mut() {
            *first = last;
        }
        for (cell, right) in row.iter_mut().skip(1).zip(b) {
            let cost = diagonal + usize::from(left != right);
            diagonal = *cell;
            last = cost.min(diagonal + 1).min(last + 1);
            *cell = last;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests;
