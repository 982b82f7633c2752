//! What the words of a query may be, and the names that runs of them make.

use fst::raw::{Fst, Node};

use super::spelling;
use super::token::Token;
use crate::index::file::{KeyRecord, View};
use crate::index::names::LinkKind;
use crate::index::text::Profile;

/// No name is made of more words.
const LONGEST_NAME: usize = 10;

/// A name that a run of words makes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Span {
    pub(super) start: u8,
    pub(super) end: u8,
    pub(super) key: u32,
    pub(super) cost: f32,
    /// How it leads there, if the key is not that of the words.
    pub(super) link: Option<LinkKind>,
}

impl Span {
    /// The words of it as bits.
    pub(super) const fn mask(&self) -> u32 {
        mask(self.start, self.end)
    }
}

/// Words from one up to another as bits.
pub(super) const fn mask(start: u8, end: u8) -> u32 {
    (1_u32 << end).wrapping_sub(1_u32 << start)
}

/// One word or several read as one piece of a name.
#[derive(Debug, Clone)]
struct Edge {
    end: u8,
    /// In canonical form; empty where it is left out of names.
    text: String,
    cost: f32,
}

/// How the words may be read, for the languages of one profile.
#[derive(Debug, Default)]
struct Readings {
    /// By the word at which they start.
    edges: Vec<Vec<Edge>>,
}

/// All readings of a query's words.
#[derive(Debug)]
pub(super) struct Lattice<'l> {
    tokens: &'l [Token],
    profiles: &'l [Profile],
    /// For each profile.
    readings: Vec<Readings>,
}

/// Costs of departures from what is in the index.
const ONE_EDIT: f32 = 0.09;
const ONE_EDIT_OF_A_SHORT_WORD: f32 = 0.14;
const TWO_EDITS: f32 = 0.20;
const TWO_EDITS_OF_A_SHORT_WORD: f32 = 0.28;
const THREE_EDITS: f32 = 0.32;
const JOINED: f32 = 0.03;
const PARTED: f32 = 0.05;
const LETTER_PARTED: f32 = 0.10;

/// Longer words are not parted.
const LONGEST_PARTED: usize = 40;

/// Spellings that are tried for one word.
const MOST_SPELLINGS: usize = 32;

impl<'l> Lattice<'l> {
    /// The words as they are.
    pub(super) fn new(tokens: &'l [Token], profiles: &'l [Profile]) -> Self {
        let mut readings: Vec<Readings> = Vec::with_capacity(profiles.len());
        for profile in profiles {
            let mut edges = Vec::with_capacity(tokens.len());
            for (at, token) in tokens.iter().enumerate() {
                edges.push(
                    forms(profile, &token.text).map(|text| Edge { end: at as u8 + 1, text, cost: 0.0 }).collect(),
                );
            }
            readings.push(Readings { edges });
        }
        Self { tokens, profiles, readings }
    }

    /// Adds other spellings of the words that are bits of `which`.
    pub(super) fn respell(&mut self, view: &View<'_>, which: u32, effort: Effort) {
        for (at, token) in self.tokens.iter().enumerate() {
            let mut found: Vec<(usize, Vec<String>, f32)> = Vec::new();
            if let Some(next) = self.tokens.get(at + 1)
                && (which >> at) & 3 != 0
                && token.is_word()
                && next.is_word()
            {
                let joined = format!("{}{}", token.text, next.text);
                if view.words.contains_key(&joined) {
                    found.push((at + 2, vec![joined], JOINED));
                } else if (which >> at) & 3 == 3 && joined.len() > 5 && effort == Effort::Most {
                    let similar = spelling::similar(&view.words, &joined, 1).into_iter().take(2);
                    found.extend(similar.map(|similar| (at + 2, vec![similar.word], JOINED + ONE_EDIT)));
                }
            }
            if (which >> at) & 1 == 1 && token.is_word() {
                let forms = [Some(&token.text), token.plain.as_ref()].into_iter().flatten();
                let spellings = forms.flat_map(|form| spellings(view, form, effort));
                found.extend(spellings.map(|(words, cost)| (at + 1, words, cost)));
            }
            found.sort_by(|a, b| a.2.total_cmp(&b.2));
            for (profile, readings) in self.profiles.iter().zip(&mut self.readings) {
                let Some(edges) = readings.edges.get_mut(at) else {
                    continue;
                };
                for (end, words, cost) in &found {
                    let text: String = words.iter().map(|word| canonical(profile, word)).collect();
                    if !edges.iter().any(|edge| usize::from(edge.end) == *end && edge.text == text) {
                        edges.push(Edge { end: *end as u8, text, cost: *cost });
                    }
                }
            }
        }
    }

    /// The names that runs of words make, each with its least cost, by key within each run.
    pub(super) fn spans(&self, view: &View<'_>) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        for (number, readings) in self.readings.iter().enumerate() {
            for start in 0..self.tokens.len() {
                // What the first languages have found the others need not find again.
                let is_other = number == 0 || self.differs(number, start);
                if is_other {
                    walk(view, readings, start, &mut spans);
                }
            }
        }
        spans.sort_by(|a, b| (a.start, a.end, a.key).cmp(&(b.start, b.end, b.key)).then(a.cost.total_cmp(&b.cost)));
        spans.dedup_by_key(|span| (span.start, span.end, span.key));
        spans
    }

    /// Whether the words from here on are others in this profile than in all before it.
    fn differs(&self, number: usize, start: usize) -> bool {
        let until = (start + LONGEST_NAME).min(self.tokens.len());
        let own = self.readings.get(number).and_then(|readings| readings.edges.get(start..until));
        self.readings.iter().take(number).all(|other| {
            let other = other.edges.get(start..until);
            let (Some(own), Some(other)) = (own, other) else {
                return true;
            };
            own.iter().zip(other).any(|(own, other)| {
                own.len() != other.len() || own.iter().zip(other).any(|(own, other)| own.text != other.text)
            })
        })
    }
}

/// The canonical form of a word of the query; before it nothing, if it is left out of most names.
fn forms(profile: &Profile, word: &str) -> impl Iterator<Item = String> {
    let mut text = String::with_capacity(word.len());
    let role = profile.canonical(word, &mut text);
    let is_left_out = word == "#" || role.is_dropped;
    is_left_out.then(String::new).into_iter().chain((word != "#").then_some(text))
}

/// The canonical form; empty for what is left out of names.
fn canonical(profile: &Profile, word: &str) -> String {
    let mut text = String::with_capacity(word.len());
    if word == "#" || profile.canonical(word, &mut text).is_dropped {
        text.clear();
    }
    text
}

/// How far a spelling may be from a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    /// One edit, and two of long words that have none with one.
    Some,
    /// Two, and three of very long words.
    Most,
}

/// Words that may be meant by one that is misspelled, with their cost; two where a space is missing.
fn spellings(view: &View<'_>, word: &str, effort: Effort) -> Vec<(Vec<String>, f32)> {
    let letters = word.chars().count();
    let mut found: Vec<(Vec<String>, f32)> = Vec::new();
    let limit = match (effort, letters) {
        (_, ..3) => 0,
        (Effort::Some, _) => 1,
        (Effort::Most, ..4) => 1,
        (Effort::Most, ..10) => 2,
        (Effort::Most, _) => 3,
    };
    if limit > 0 {
        let one = if letters < 5 { ONE_EDIT_OF_A_SHORT_WORD } else { ONE_EDIT };
        let two = if letters < 6 { TWO_EDITS_OF_A_SHORT_WORD } else { TWO_EDITS };
        let mut similar = spelling::similar(&view.words, word, limit);
        if similar.is_empty() && letters > 6 && effort == Effort::Some {
            similar = spelling::similar(&view.words, word, 2);
        }
        let similar = similar.into_iter().filter(|similar| similar.edits > 0 && similar.word.len() > 2);
        let similar = similar.take(MOST_SPELLINGS);
        found.extend(similar.map(|similar| {
            let cost = match similar.edits {
                1 => one,
                2 => two,
                _ => THREE_EDITS,
            };
            (vec![similar.word], cost)
        }));
    }
    if (5..=LONGEST_PARTED).contains(&letters) {
        parted(view, word, &mut found);
    }
    found
}

/// Adds the two words that a word without its space may be. Two vowels that met there have become one.
fn parted(view: &View<'_>, word: &str, found: &mut Vec<(Vec<String>, f32)>) {
    // Walks the dictionary along the word: most words have few others at their beginning.
    let mut node = Some(view.words.root());
    for (at, letter) in word.char_indices() {
        let (first, second) = word.split_at(at);
        let is_letter = first.chars().count() == 1;
        // A single letter is a street's whole name: J Street, Calle G.
        let is_word = if is_letter { second.len() > 3 } else { node.is_some_and(|node| node.is_final()) };
        let lacks_e = !is_letter && node.and_then(|node| step(view, node, "e")).is_some_and(|node| node.is_final());
        if at > 0 && (is_word || lacks_e) {
            let mut add = |second: &str| {
                let is_last_letter = second.chars().count() == 1;
                let is_part = if is_last_letter { first.len() > 3 } else { view.words.contains_key(second) };
                if !is_part {
                    return;
                }
                let cost = if is_letter || is_last_letter { LETTER_PARTED } else { PARTED };
                if is_word {
                    found.push((vec![first.to_owned(), second.to_owned()], cost));
                }
                if lacks_e {
                    found.push((vec![format!("{first}e"), second.to_owned()], cost));
                }
            };
            add(second);
            add(&format!("e{second}"));
            add(&format!("a{second}"));
        }
        node = node.and_then(|node| step(view, node, letter.encode_utf8(&mut [0; 4])));
        if node.is_none() && at > 0 {
            return;
        }
    }
}

/// The node of the dictionary of words behind some letters.
fn step<'v>(view: &'v View<'_>, node: Node<'v>, letters: &str) -> Option<Node<'v>> {
    letters.bytes().try_fold(node, |node, byte| {
        let transition = node.transition(node.find_input(byte)?);
        Some(view.words.node(transition.addr))
    })
}

/// Readings that are followed from one word on: words that may be left out double them each.
const MOST_STEPS: usize = 4_000;

/// Follows all readings from one word on through the dictionary of names.
fn walk(view: &View<'_>, readings: &Readings, start: usize, spans: &mut Vec<Span>) {
    let root = view.names.root();
    let mut open: Vec<(Node<'_>, u64, usize, f32)> = vec![(root, 0, start, 0.0)];
    let mut steps = 0;
    while let Some((node, output, at, cost)) = open.pop() {
        steps += 1;
        if steps > MOST_STEPS {
            return;
        }
        if at > start && node.is_final() {
            let key = output.saturating_add(node.final_output().value()) as u32;
            let (from, until) = (start as u8, at as u8);
            spans.push(Span { start: from, end: until, key, cost, link: None });
        }
        if at >= start + LONGEST_NAME {
            continue;
        }
        for edge in readings.edges.get(at).into_iter().flatten() {
            // A name does not begin with what is left out of it.
            if edge.text.is_empty() && at == start {
                continue;
            }
            if let Some((node, output)) = follow(&view.names, node, output, &edge.text) {
                open.push((node, output, usize::from(edge.end), cost + edge.cost));
            }
        }
    }
}

fn follow<'f>(fst: &'f Fst<&[u8]>, node: Node<'f>, output: u64, text: &str) -> Option<(Node<'f>, u64)> {
    let (mut node, mut output) = (node, output);
    for byte in text.bytes() {
        let transition = node.transition(node.find_input(byte)?);
        output = output.saturating_add(transition.out.value());
        node = fst.node(transition.addr);
    }
    Some((node, output))
}

/// Costs of names that are not quite the one.
const fn link_cost(kind: LinkKind) -> f32 {
    match kind {
        LinkKind::OtherName => 0.01,
        LinkKind::WithoutDirection => 0.14,
        LinkKind::WithoutType => 0.10,
        LinkKind::Bare => 0.24,
        LinkKind::Shortened => 0.16,
    }
}

/// Links of one key that are followed.
const MOST_LINKS: usize = 48;

/// Spans with those that they link to, each with what it needs: streets, places or points.
pub(super) fn linked(view: &View<'_>, spans: &[Span], has: impl Fn(&KeyRecord) -> bool) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    for span in spans {
        let Some(record) = view.keys.get(span.key as usize) else {
            continue;
        };
        if has(record) {
            found.push(*span);
        }
        for link in View::range(view.links, record.links).iter().take(MOST_LINKS) {
            let kind = LinkKind::from_number(link.kind);
            if view.keys.get(link.key as usize).is_some_and(&has) {
                found.push(Span { key: link.key, cost: span.cost + link_cost(kind), link: Some(kind), ..*span });
            }
        }
    }
    found.sort_by(|a, b| (a.start, a.end, a.key).cmp(&(b.start, b.end, b.key)).then(a.cost.total_cmp(&b.cost)));
    found.dedup_by_key(|span| (span.start, span.end, span.key));
    found
}
