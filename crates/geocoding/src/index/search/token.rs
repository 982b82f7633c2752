//! The words of a query.

use crate::index::text::{Profile, Role, is_ordinal, plain_words, words};
use crate::query::Query;

/// Which part of a structured address a word stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    /// A query in free text says nothing.
    Any,
    Line,
    Unit,
    City,
    Region,
    Postcode,
    Country,
}

/// A word of the query.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) text: String,
    /// The same with all of its vowels, if it is another: `bowen` is `bowen`, but `bwoen` is `bwon`.
    pub(super) plain: Option<String>,
    pub(super) field: Field,
    /// What it may be in any language of the index.
    pub(super) role: Role,
}

impl Token {
    /// It begins with a digit.
    pub(super) fn has_number(&self) -> bool {
        self.text.starts_with(|letter: char| letter.is_ascii_digit())
    }

    pub(super) fn is_word(&self) -> bool {
        !self.text.contains(|letter: char| letter.is_ascii_digit()) && self.text != "#"
    }
}

/// No address has more words; what follows is not read.
const MOST_TOKENS: usize = 28;

/// The words of a query.
pub(super) fn tokens(query: &Query, profiles: &[Profile]) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut add = |text: &str, field: Field| {
        for (text, plain) in words(text).into_iter().zip(plain_words(text)) {
            let plain = Some(plain).filter(|plain| *plain != text);
            for text in parted(text, profiles) {
                if tokens.len() < MOST_TOKENS {
                    let role = role(&text, profiles);
                    tokens.push(Token { text, plain: plain.clone(), field, role });
                }
            }
        }
    };
    match query.address() {
        None => add(query.as_text(), Field::Any),
        Some(address) => {
            add(&address.line, Field::Line);
            add(&address.unit, Field::Unit);
            add(&address.city, Field::City);
            add(&address.region, Field::Region);
            add(&address.postcode, Field::Postcode);
            add(&address.country, Field::Country);
        }
    }
    tokens
}

fn role(text: &str, profiles: &[Profile]) -> Role {
    let mut all = Role::default();
    for profile in profiles {
        let role = profile.role(text);
        all.is_leading_type |= role.is_leading_type;
        all.is_trailing_type |= role.is_trailing_type;
        all.is_dropped |= role.is_dropped;
        all.is_unit |= role.is_unit;
        all.is_floor |= role.is_floor;
        all.is_noise |= role.is_noise;
        all.is_abbreviated |= role.is_abbreviated;
    }
    all
}

/// A number and a word that were written without a space: `12hauptstrasse`, `hauptstr12`.
fn parted(text: String, profiles: &[Profile]) -> Vec<String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let letters = text.chars().take_while(|letter| letter.is_alphabetic()).count();
    let letter_bytes: usize = text.chars().take(letters).map(char::len_utf8).sum();
    let is_long = |rest: &str| rest.chars().count() > 3 && rest.chars().all(char::is_alphabetic);
    // 66thst: an ordinal and what kind of street it is.
    if let Some((ordinal, kind)) = text.split_at_checked(digits + 2).filter(|_| digits > 0)
        && is_ordinal(ordinal)
        && role(kind, profiles).is_trailing_type
    {
        return vec![ordinal.to_owned(), kind.to_owned()];
    }
    if digits > 0 && text.get(digits..).is_some_and(is_long) {
        let (number, word) = text.split_at(digits);
        return vec![number.to_owned(), word.to_owned()];
    }
    if letters > 2 && letter_bytes < text.len() {
        let (word, number) = text.split_at(letter_bytes);
        return vec![word.to_owned(), number.to_owned()];
    }
    vec![text]
}
