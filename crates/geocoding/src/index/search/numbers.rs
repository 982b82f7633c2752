//! Which words of a query may be the house number, and what number each would be.

use super::lattice::mask;
use super::token::{Field, Token};
use crate::index::country::Country;
use crate::index::number::{HouseNumber, Pair};

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
        let is_short = |token: &Token| token.has_number() || token.text.chars().count() == 1;
        if tokens.get(at + 1).is_some_and(is_short) {
            units |= mask(bit, bit + 2);
        } else if token.role.is_floor && at > 0 && tokens.get(at - 1).is_some_and(Token::has_number) {
            units |= mask(bit - 1, bit + 1);
        } else {
            units |= mask(bit, bit + 1);
        }
    }
    units
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
