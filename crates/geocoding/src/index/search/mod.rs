//! From a query to candidates.
//!
//! The words of the query are read as a lattice: each may be part of a street's name, a house number, a place, a
//! postcode, a region, a flat, or nothing. Runs of words are looked up as names; every street, point and place that is
//! named is judged by everything else that the query says; the cheapest are the candidates. Where the best leaves words
//! over, or costs much, other spellings are tried.

mod agreement;
mod along;
mod answer;
mod context;
mod judge;
mod ladder;
mod lattice;
mod numbers;
mod spelling;
mod token;

use std::path::Path;

use super::country::Country;
use super::error::OpenError;
use super::file::{IndexFile, View};
use super::street::Spot;
use super::text::{Language, Profile, profile};
use crate::candidate::Candidate;
use crate::query::Query;
use context::Context;
use judge::{Judge, Judged};
use lattice::{Effort, Lattice, Span, linked};
use token::Token;

/// An index of addresses, open for questions.
#[derive(Debug)]
pub struct AddressIndex {
    file: IndexFile,
    /// One for each combination of languages in the index.
    profiles: Vec<Profile>,
}

/// Names that are looked at closely, for one query.
const MOST_SPANS: usize = 24;

/// An answer that costs no more and leaves nothing over needs no other spellings.
const GOOD: f32 = 0.16;

/// An answer that costs more is likely to be another one.
const POOR: f32 = 0.45;

/// What costs more than the best by this is no candidate.
const WORTH_A_LOOK: f32 = 0.6;

/// What costs more is no answer.
const MOST_COST: f32 = 3.0;

impl AddressIndex {
    /// Its name in the folder of a map.
    pub const FILE_NAME: &'static str = "addresses.index";

    /// Opens the file that [`build`](super::build) has written.
    ///
    /// The file is mapped into memory: it may be replaced by renaming another one over it, but must not be written to
    /// while it is open.
    ///
    /// # Errors
    /// Those of [`OpenError`].
    ///
    /// Cost: independent of the size, but for the dictionaries, whose checksums are compared.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        IndexFile::open(path).map(Self::new)
    }

    /// An index from the bytes of a file, which are copied.
    ///
    /// # Errors
    /// Those of [`OpenError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, OpenError> {
        IndexFile::from_bytes(bytes).map(Self::new)
    }

    fn new(file: IndexFile) -> Self {
        let mut profiles: Vec<Vec<Language>> = Vec::new();
        if let Some(view) = file.view() {
            for country in view.countries {
                let languages = Country(*country).languages().to_vec();
                if !profiles.contains(&languages) {
                    profiles.push(languages);
                }
            }
        }
        Self { profiles: profiles.iter().map(|languages| profile(languages)).collect(), file }
    }

    /// How many addresses are in it.
    #[must_use]
    pub const fn addresses(&self) -> u64 {
        self.file.addresses()
    }

    /// Licences and attributions of what is in it.
    #[must_use]
    pub fn notices(&self) -> Vec<&str> {
        let Some(view) = self.file.view() else {
            return Vec::new();
        };
        view.notices.iter().map(|notice| view.text(*notice)).collect()
    }

    /// Reads all of the file and compares checksums.
    ///
    /// # Errors
    /// [`OpenError::Damaged`] where they differ.
    pub fn verify(&self) -> Result<(), OpenError> {
        self.file.verify()
    }

    /// What a query may mean: at most five candidates, the most confident first; none where nothing fits.
    #[must_use]
    pub fn lookup(&self, query: &Query) -> Vec<Candidate> {
        let Some(view) = self.file.view() else {
            return Vec::new();
        };
        let tokens = token::tokens(query, &self.profiles);
        let country = match query.country().map(Country::from_code) {
            None => None,
            // A country that is not known has nothing here.
            Some(None) => return Vec::new(),
            Some(country) => country,
        };
        let focus = query.focus().map(|focus| Spot::from_degrees(focus.lat(), focus.lng()));
        let asking = Asking { view: &view, tokens: &tokens, country, focus };
        let mut lattice = Lattice::new(&tokens, &self.profiles);
        let mut judged = asking.judge(&lattice.spans(&view));
        let is_good = judged.first().is_some_and(|best| best.left_over == 0 && best.cost <= GOOD);
        if !is_good {
            // First the words of which nothing was made; then, where the answer is still a poor one, all others too.
            let left_over = judged.first().map_or(0, |best| best.left_over);
            // `Box 12` is no slip for `Bow`.
            let misspelled = !numbers::numbered_units(&tokens);
            lattice.respell(&view, misspelled & if left_over == 0 { u32::MAX } else { left_over }, Effort::Some);
            judged = asking.judge(&lattice.spans(&view));
            if judged.first().is_none_or(|best| best.cost > POOR) {
                let best = judged.first();
                let left_over = best.map_or(u32::MAX, |best| best.left_over);
                if best.is_none_or(|best| !best.is_house()) {
                    lattice.respell(&view, misspelled & !left_over, Effort::Some);
                }
                lattice.respell(&view, misspelled & left_over, Effort::Most);
                judged = asking.judge(&lattice.spans(&view));
            }
        }
        answer::candidates(&view, &judged)
    }
}

/// A query, cut into words.
struct Asking<'a> {
    view: &'a View<'a>,
    tokens: &'a [Token],
    country: Option<Country>,
    focus: Option<Spot>,
}

impl Asking<'_> {
    /// Everything that may be meant, the best first.
    fn judge(&self, spans: &[Span]) -> Vec<Judged> {
        let units = numbers::units(self.tokens, 0);
        let asked = numbers::asked(self.tokens, units);
        let context = Context::new(self.view, self.tokens, spans, self.focus);
        let judge = Judge {
            view: self.view,
            tokens: self.tokens,
            context: &context,
            asked: &asked,
            units,
            country: self.country,
        };
        let mut judged = Vec::new();
        let mut limit = MOST_COST;
        for span in self.ranked(&judge, linked(self.view, spans, |key| key.streets[1] > 0)) {
            judge.streets(&span, limit, &mut judged);
            limit = judged.iter().map(|judged| judged.cost + WORTH_A_LOOK).fold(limit, f32::min);
        }
        for span in self.ranked(&judge, linked(self.view, spans, |key| key.points[1] > 0)) {
            judge.points(&span, &mut judged);
        }
        judge.places(&mut judged);
        judged.retain(|judged| judged.cost < MOST_COST);
        judged.sort_by(|a, b| a.cost.total_cmp(&b.cost));
        judged
    }

    /// Names of the line, those that explain most words first.
    fn ranked(&self, judge: &Judge<'_>, mut spans: Vec<Span>) -> Vec<Span> {
        spans.retain(|span| judge.is_line(span));
        let rank = |span: &Span| span.cost - 0.2 * f32::from(span.end - span.start);
        spans.sort_by(|a, b| rank(a).total_cmp(&rank(b)).then(a.key.cmp(&b.key)));
        spans.truncate(MOST_SPANS);
        spans
    }
}
