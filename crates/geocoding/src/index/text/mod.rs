//! What makes two ways of writing a name the same: folding of letters, words, and abbreviations by language.

mod fold;
mod language;
mod script;
mod word;

pub(crate) use fold::fold;
pub(crate) use language::{Fnv, Language, Profile, Role, is_ordinal, profile};
pub(crate) use word::{plain_words, words};
