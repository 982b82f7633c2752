//! Words of the dictionary that are spelled nearly like a word that is not in it.
#![expect(clippy::indexing_slicing, reason = "hot loop; all indices are below constant lengths")]

use fst::raw::{Fst, Node};

/// A word of the dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Similar {
    pub(super) word: String,
    /// Letters missing, added, changed or swapped with their neighbour.
    pub(super) edits: u8,
    /// How often it occurs.
    pub(super) count: u64,
}

/// Longer words are not looked up.
const LONGEST: usize = 40;

/// Nodes looked at before the search gives up.
const MOST_NODES: u32 = 30_000;

/// No search allows more edits.
const MOST_EDITS: u8 = 3;

/// Words no more than `limit` edits from `word`, those with fewer edits first; of these those that begin alike, which is
/// where few slips happen, and then the more frequent ones.
///
/// Walks the dictionary's tree with one row of the edit distance table for each letter, and leaves a branch when no
/// entry of its row is within the limit. Edits are those of the optimal string alignment distance. Of a row only the
/// entries within three of the diagonal are kept: the others are beyond any limit (Ukkonen 1985).
pub(super) fn similar(dictionary: &Fst<&[u8]>, word: &str, limit: u8) -> Vec<Similar> {
    let word = word.as_bytes();
    if word.is_empty() || word.len() > LONGEST {
        return Vec::new();
    }
    let limit = limit.min(MOST_EDITS);
    let mut row = NOTHING;
    for (entry, edits) in row.iter_mut().skip(usize::from(MOST_EDITS)).zip(0..) {
        *entry = edits;
    }
    let mut padded = [0; LONGEST + 2 * WIDTH];
    padded[usize::from(MOST_EDITS) + 1..][..word.len()].copy_from_slice(word);
    let length = word.len();
    let mut search = Search { dictionary, padded, length, limit, path: Vec::new(), found: Vec::new(), nodes: 0 };
    search.descend(dictionary.root(), 0, &NOTHING, &row);
    let mut found = search.found;
    found.sort_by(|a, b| {
        let begins_otherwise = |similar: &Similar| similar.word.as_bytes().first() != word.first();
        let key = |similar: &Similar| (similar.edits, begins_otherwise(similar), std::cmp::Reverse(similar.count));
        key(a).cmp(&key(b)).then_with(|| a.word.cmp(&b.word))
    });
    found
}

struct Search<'s> {
    dictionary: &'s Fst<&'s [u8]>,
    /// The word, with one zero more than [`MOST_EDITS`] before it, and zeros behind.
    padded: [u8; LONGEST + 2 * WIDTH],
    length: usize,
    limit: u8,
    path: Vec<u8>,
    found: Vec<Similar>,
    nodes: u32,
}

/// Entries of a row that are kept.
const WIDTH: usize = 2 * MOST_EDITS as usize + 1;

/// Entries around the diagonal: the one at `j` is for as many letters of the word as the path has, plus `j` minus
/// [`MOST_EDITS`].
type Row = [u8; WIDTH];

/// A row whose entries are all beyond any limit, with room to add to them.
const NOTHING: Row = [100; WIDTH];

impl Search<'_> {
    fn descend(&mut self, node: Node<'_>, output: u64, before: &Row, row: &Row) {
        self.nodes += 1;
        if self.nodes > MOST_NODES || self.path.len() > LONGEST + usize::from(MOST_EDITS) {
            return;
        }
        if node.is_final() {
            let entry = (self.length + usize::from(MOST_EDITS)).checked_sub(self.path.len());
            let edits = entry.and_then(|entry| row.get(entry)).copied().unwrap_or(u8::MAX);
            if edits <= self.limit
                && let Ok(word) = String::from_utf8(self.path.clone())
            {
                let count = output.saturating_add(node.final_output().value());
                self.found.push(Similar { word, edits, count });
            }
        }
        let last = self.path.last().copied().unwrap_or_default();
        for transition in node.transitions() {
            let Some(next) = self.next_row(before, row, last, transition.inp) else {
                continue;
            };
            self.path.push(transition.inp);
            let output = output.saturating_add(transition.out.value());
            self.descend(self.dictionary.node(transition.addr), output, row, &next);
            self.path.pop();
        }
    }

    /// The row behind one more letter, if any of its entries is within the limit.
    fn next_row(&self, before: &Row, row: &Row, last: u8, letter: u8) -> Option<Row> {
        // Entry `j` compares the letter `at + 1` of the padded word, which is the word's letter `at` minus three.
        let at = self.path.len() + 1;
        let mut next = NOTHING;
        let (from, until) = (usize::from(MOST_EDITS - self.limit), usize::from(MOST_EDITS + self.limit));
        let mut least = u8::MAX;
        for j in from..=until {
            let wanted = self.padded[at + j];
            let mut edits = row[j] + u8::from(wanted != letter);
            if j + 1 < WIDTH {
                edits = edits.min(row[j + 1] + 1);
            }
            if j > 0 {
                edits = edits.min(next[j - 1] + 1);
            }
            if wanted == last && self.padded[at + j - 1] == letter {
                edits = edits.min(before[j] + 1);
            }
            next[j] = edits.min(100);
            // What lies behind the word's end leads nowhere.
            if at + j <= self.length + usize::from(MOST_EDITS) {
                least = least.min(edits);
            }
        }
        (least <= self.limit).then_some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dictionary() -> Vec<u8> {
        let mut builder = fst::raw::Builder::memory();
        for (word, count) in [("avenue", 50), ("hastings", 3), ("street", 90), ("strett", 1), ("sweet", 2)] {
            builder.insert(word, count).unwrap();
        }
        builder.into_inner().unwrap()
    }

    #[track_caller]
    fn check(word: &str, limit: u8, expected: &[(&str, u8)]) {
        let bytes = dictionary();
        let dictionary = Fst::new(bytes.as_slice()).unwrap();
        let found = similar(&dictionary, word, limit);
        let found: Vec<(&str, u8)> = found.iter().map(|similar| (similar.word.as_str(), similar.edits)).collect();
        assert_eq!(found, expected, "{word}");
    }

    #[test]
    fn words_within_the_limit_are_found() {
        check("streeet", 1, &[("street", 1)]);
        check("stret", 1, &[("street", 1), ("strett", 1)]);
        check("avneue", 1, &[("avenue", 1)]);
        check("avnueu", 1, &[]);
        check("hatsinsg", 2, &[("hastings", 2)]);
        check("street", 0, &[("street", 0)]);
        check("", 2, &[]);
    }
}
