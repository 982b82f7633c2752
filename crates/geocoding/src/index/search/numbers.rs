//! Which words of a query may be the house number, and what number each would be.

use super::lattice::{Field, Token, mask};
use crate::index::number::{HouseNumber, Pair};

/// One way to read a house number from the query.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    /// The words that it takes, as bits.
    pub(super) mask: u32,
    /// The number as a range, and as a compound if it may be one.
    pub(super) forms: Vec<HouseNumber>,
    pub(super) cost: f32,
}

/// Costs of readings that are not the plain one.
pub(super) const AFTER_UNIT_WORD: f32 = 0.30;
const PART_BEHIND_SLASH: f32 = 0.02;
const PART_BEFORE_SLASH: f32 = 0.03;
const PART_BEHIND_HYPHEN: f32 = 0.06;
const PART_BEFORE_HYPHEN: f32 = 0.08;
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
        if !(token.role.is_unit || token.text == "#") || name & mask(bit, bit + 1) != 0 {
            continue;
        }
        let is_short = |token: &Token| token.has_number() || token.text.chars().count() == 1;
        if tokens.get(at + 1).is_some_and(is_short) {
            units |= mask(bit, bit + 2);
        } else if at > 0 && tokens.get(at - 1).is_some_and(Token::has_number) {
            units |= mask(bit - 1, bit + 1);
        } else {
            units |= mask(bit, bit + 1);
        }
    }
    units
}

/// All house numbers that the words at hand may be.
pub(super) fn asked(tokens: &[Token], units: u32) -> Vec<Asked> {
    let mut all = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if !token.has_number() || !matches!(token.field, Field::Any | Field::Line | Field::Unit) {
            continue;
        }
        let one = mask(at as u8, at as u8 + 1);
        let is_unit = units & one != 0;
        let own = if is_unit { AFTER_UNIT_WORD } else { 0.0 };
        let mut add = |text: &str, mask: u32, cost: f32| {
            let forms = forms(text);
            if !forms.is_empty() {
                all.push(Asked { mask, forms, cost });
            }
        };
        let suffix = tokens.get(at + 1).filter(|next| is_suffix(&next.text) && next.field == token.field);
        if let Some(suffix) = suffix {
            let both = mask(at as u8, at as u8 + 2);
            add(&format!("{}{}", token.text, suffix.text), both, own + TWO_WORDS);
        }
        add(&token.text, one, own + if suffix.is_some() { ONE_OF_TWO_WORDS } else { 0.0 });
        let is_marked = |cost: f32| if is_unit { 0.0 } else { cost };
        if let Some((before, behind)) = token.text.split_once('/') {
            add(behind, one, is_marked(PART_BEHIND_SLASH));
            add(before, one, own + PART_BEFORE_SLASH);
        } else if let Some((before, behind)) = token.text.split_once('-') {
            add(behind, one, is_marked(PART_BEHIND_HYPHEN));
            add(before, one, own + PART_BEFORE_HYPHEN);
        }
    }
    all
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
