//! Which words of a query may be the house number, and what number each would be.

use super::lattice::mask;
use super::token::{Field, Token};
use crate::index::country::Country;
use crate::index::number::{HouseNumber, Pair};
use crate::index::text::is_ordinal;

/// One way to read a house number from the query.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    /// The words that it takes, as bits.
    pub(super) mask: u32,
    /// The number as a range, and as a compound if it may be one.
    pub(super) forms: Vec<HouseNumber>,
    pub(super) cost: f32,
    /// The cost where a flat stands behind the number, not before it.
    cost_with_flat_behind: f32,
    /// Of two parts the second is the larger one.
    is_ascending: bool,
}

impl Asked {
    /// Whether it is a number with its block and can be nothing else.
    pub(super) fn is_compound(&self) -> bool {
        self.forms.iter().all(|form| form.block > 0)
    }

    /// The cost in a country.
    pub(super) fn cost_in(&self, country: Country) -> f32 {
        // Three of twelve is a flat to most who write the number first; twelve of three to few.
        let is_flat_first = if self.is_ascending { !country.puts_number_last() } else { country.puts_flat_first() };
        if is_flat_first { self.cost } else { self.cost_with_flat_behind }
    }
}

/// Costs of readings that are not the plain one.
pub(super) const AFTER_UNIT_WORD: f32 = 0.30;
const LIKELY_PART_AT_SLASH: f32 = 0.02;
const OTHER_PART_AT_SLASH: f32 = 0.03;
const LIKELY_PART_AT_HYPHEN: f32 = 0.06;
const OTHER_PART_AT_HYPHEN: f32 = 0.08;
/// The part that would be the flat, by the custom of the country.
const FLAT_AS_NUMBER: f32 = 0.17;
const TWO_WORDS: f32 = 0.005;
const ONE_OF_TWO_WORDS: f32 = 0.02;
const HYPHEN_LEFT_OUT: f32 = 0.04;
const COMPOUND_JOINED: f32 = 0.06;

/// Words that go with a number: bits of the flat, floor or box that they name. Those that are bits of `name` are part
/// of a name.
pub(super) fn units(tokens: &[Token], name: u32) -> u32 {
    let mut units = 0;
    for (at, token) in tokens.iter().enumerate() {
        let bit = at as u8;
        if token.field == Field::Unit {
            units |= mask(bit, bit + 1);
        }
        let may_be_first = token.role.is_unit || token.role.is_floor || token.text == "#";
        if !may_be_first || name & mask(bit, bit + 1) != 0 {
            continue;
        }
        units |= match of_floor(tokens, at) {
            Some(Beside::Surely) => mask(bit - 1, bit + 1),
            _ if tokens.get(at + 1).is_some_and(is_short) => mask(bit, bit + 1 + numbers_behind(tokens, at)),
            Some(Beside::Probably) => mask(bit - 1, bit + 1),
            None => mask(bit, bit + 1),
        };
    }
    units
}

/// The words for flats and boxes that have their number behind them, as bits.
pub(super) fn numbered_units(tokens: &[Token]) -> u32 {
    let pairs = tokens.iter().zip(tokens.iter().skip(1)).zip(0_u8..);
    let numbered = pairs.filter(|((unit, number), _)| unit.role.is_unit && number.has_number());
    numbered.fold(0, |bits, (_, at)| bits | mask(at, at + 1))
}

/// A number, or a letter that stands for one.
fn is_short(token: &Token) -> bool {
    token.has_number() || token.text.chars().count() == 1
}

/// How sure it is that the number before the word for a floor is that of the floor.
enum Beside {
    Surely,
    Probably,
}

/// Whether the number before a word goes with it. The first number of an address is that of the house (`Gade 5 st`), unless it
/// begins with it or it is an ordinal.
fn of_floor(tokens: &[Token], at: usize) -> Option<Beside> {
    let before = at.checked_sub(1)?;
    let number = tokens.get(before).filter(|token| token.has_number())?;
    if !tokens.get(at)?.role.is_floor {
        return None;
    }
    let is_first = || !tokens.iter().take(before).any(Token::has_number);
    match () {
        () if before == 0 || is_ordinal(&number.text) => Some(Beside::Surely),
        () if is_first() => None,
        () => Some(Beside::Probably),
    }
}

/// How many of the words behind a word for a unit are its number: of a box that stands before the address both halves.
fn numbers_behind(tokens: &[Token], at: usize) -> u8 {
    let is_half = |at: usize| {
        tokens
            .get(at)
            .is_some_and(|token| token.text.len() == 2 && token.text.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let is_box = tokens.get(at).is_some_and(|token| matches!(token.text.as_str(), "postfach" | "postf" | "pf"));
    if is_box && is_half(at + 1) && is_half(at + 2) { 2 } else { 1 }
}

/// Ways to read a number that are looked up; a long list of numbers is no address.
const MOST_ASKED: usize = 16;

/// All house numbers that the words at hand may be, the most likely first.
pub(super) fn asked(tokens: &[Token], units: u32) -> Vec<Asked> {
    let mut all = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if !token.has_number() || !matches!(token.field, Field::Any | Field::Line | Field::Unit) {
            continue;
        }
        let one = mask(at as u8, at as u8 + 1);
        let is_unit = units & one != 0;
        let own = if is_unit { AFTER_UNIT_WORD } else { 0.0 };
        // Before all else alone: elsewhere such digits are a postcode.
        if let Some(form) = joined_compound(token).filter(|_| at == 0) {
            let cost = COMPOUND_JOINED;
            all.push(Asked { mask: one, forms: vec![form], cost, cost_with_flat_behind: cost, is_ascending: true });
        }
        let mut add = |text: &str, mask: u32, [cost, cost_with_flat_behind]: [f32; 2], is_ascending: bool| {
            let forms = forms(text);
            if !forms.is_empty() {
                all.push(Asked { mask, forms, cost, cost_with_flat_behind, is_ascending });
            }
        };
        let suffix = tokens.get(at + 1).filter(|next| is_suffix(&next.text) && next.field == token.field);
        if let Some(suffix) = suffix {
            let both = mask(at as u8, at as u8 + 2);
            add(&format!("{}{}", token.text, suffix.text), both, [own + TWO_WORDS; 2], true);
        }
        let next = tokens.get(at + 1).filter(|next| is_plain(next) && next.field == token.field);
        if let Some(next) = next.filter(|_| is_plain(token) && !is_unit) {
            // 48 - 50 and 97 18: a hyphen that stands alone, or is missing.
            let both = mask(at as u8, at as u8 + 2);
            add(&format!("{}-{}", token.text, next.text), both, [HYPHEN_LEFT_OUT; 2], true);
        }
        add(&token.text, one, [own + if suffix.is_some() { ONE_OF_TWO_WORDS } else { 0.0 }; 2], true);
        let at_slash = token.text.split_once('/').map(|parts| (parts, false));
        let parts = at_slash.or_else(|| token.text.split_once('-').map(|parts| (parts, true)));
        if let Some(((before, behind), has_hyphen)) = parts {
            let is_ascending = is_ascending(before, behind);
            let [costs_before, costs_behind] = part_costs(behind, has_hyphen, is_ascending);
            // `#5-12` and `Unit 3/12` say that the flat comes first.
            add(behind, one, if is_unit { [0.0; 2] } else { costs_behind }, is_ascending);
            add(before, one, costs_before.map(|cost| own + cost), is_ascending);
        }
    }
    all.sort_by(|a, b| a.cost.total_cmp(&b.cost));
    all.truncate(MOST_ASKED);
    all
}

/// Whether the number that the second part begins with is larger than the first, or either has none.
fn is_ascending(before: &str, behind: &str) -> bool {
    let value = |part: &str| HouseNumber::parse(part, Pair::Range).map(|number| number.value);
    value(before).zip(value(behind)).is_none_or(|(before, behind)| before < behind)
}

/// What it costs to take the part before a slash or a hyphen, and the part behind it, for the number alone: each where
/// the flat stands before the number, and where it stands behind it.
fn part_costs(behind: &str, has_hyphen: bool, is_ascending: bool) -> [[f32; 2]; 2] {
    let likely = if has_hyphen { LIKELY_PART_AT_HYPHEN } else { LIKELY_PART_AT_SLASH };
    let other = if has_hyphen { OTHER_PART_AT_HYPHEN } else { OTHER_PART_AT_SLASH };
    // 12-1 is a part of 12 everywhere.
    if has_hyphen && !is_ascending && behind.len() == 1 {
        return [[likely; 2], [FLAT_AS_NUMBER; 2]];
    }
    [[other, likely], [likely, FLAT_AS_NUMBER]]
}

/// A number of few digits and nothing else.
fn is_plain(token: &Token) -> bool {
    token.text.len() <= 3 && token.text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The compound that was written without its hyphen: 97-18 for 9718.
fn joined_compound(token: &Token) -> Option<HouseNumber> {
    let digits = token.text.as_str();
    if !(4..=5).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (block, number) = digits.split_at_checked(digits.len() - 2)?;
    HouseNumber::parse(&format!("{block}-{number}"), Pair::Compound)
}

/// Letters behind a number that belong to it: `12 a`, `12 bis`.
fn is_suffix(text: &str) -> bool {
    matches!(text, "bis" | "ter" | "quater") || (text.len() == 1 && text.bytes().all(|byte| byte.is_ascii_lowercase()))
}

/// The number as a range or a plain number first, then as a compound if it has a hyphen.
fn forms(text: &str) -> Vec<HouseNumber> {
    let mut forms: Vec<HouseNumber> = HouseNumber::parse(text, Pair::Range).into_iter().collect();
    if let Some(compound) = HouseNumber::parse(text, Pair::Compound)
        && !forms.contains(&compound)
    {
        forms.push(compound);
    }
    forms
}
