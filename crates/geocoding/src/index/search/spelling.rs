//! Words of the dictionary that are spelled nearly like a word that is not in it.

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

/// Words no more than `limit` edits from `word`, those with fewer edits and more frequent ones first.
///
/// Walks the dictionary's tree with one row of the edit distance table for each letter, and leaves a branch when no
/// entry of its row is within the limit. Edits are those of the optimal string alignment distance.
pub(super) fn similar(dictionary: &Fst<&[u8]>, word: &str, limit: u8) -> Vec<Similar> {
    let word = word.as_bytes();
    if word.is_empty() || word.len() > LONGEST {
        return Vec::new();
    }
    let mut row = [u8::MAX; LONGEST + 1];
    for (at, entry) in row.iter_mut().enumerate().take(word.len() + 1) {
        *entry = at as u8;
    }
    let mut search = Search { dictionary, word, limit, path: Vec::new(), found: Vec::new(), nodes: 0 };
    search.descend(dictionary.root(), 0, &[u8::MAX; LONGEST + 1], &row);
    let mut found = search.found;
    found.sort_by(|a, b| {
        let key = |similar: &Similar| (similar.edits, std::cmp::Reverse(similar.count));
        key(a).cmp(&key(b)).then_with(|| a.word.cmp(&b.word))
    });
    found
}

struct Search<'s> {
    dictionary: &'s Fst<&'s [u8]>,
    word: &'s [u8],
    limit: u8,
    path: Vec<u8>,
    found: Vec<Similar>,
    nodes: u32,
}

type Row = [u8; LONGEST + 1];

impl Search<'_> {
    fn descend(&mut self, node: Node<'_>, output: u64, before: &Row, row: &Row) {
        self.nodes += 1;
        if self.nodes > MOST_NODES || self.path.len() > LONGEST + 3 {
            return;
        }
        let edits = row.get(self.word.len()).copied().unwrap_or(u8::MAX);
        if node.is_final() && edits <= self.limit {
            let count = output.saturating_add(node.final_output().value());
            if let Ok(word) = String::from_utf8(self.path.clone()) {
                self.found.push(Similar { word, edits, count });
            }
        }
        for transition in node.transitions() {
            let mut next = [u8::MAX; LONGEST + 1];
            if !self.next_row(before, row, transition.inp, &mut next) {
                continue;
            }
            self.path.push(transition.inp);
            let output = output.saturating_add(transition.out.value());
            self.descend(self.dictionary.node(transition.addr), output, row, &next);
            self.path.pop();
        }
    }

    /// Fills the row behind one more letter; tells whether any entry is within the limit. Entries farther from the
    /// diagonal than the limit are beyond it anyway, and left as they are.
    fn next_row(&self, before: &Row, row: &Row, letter: u8, next: &mut Row) -> bool {
        let depth = self.path.len() + 1;
        let limit = usize::from(self.limit);
        let last = self.path.last().copied();
        let entry = |row: &Row, at: usize| row.get(at).copied().unwrap_or(u8::MAX);
        let mut is_within = false;
        let mut left = u8::MAX;
        if depth <= limit
            && let Some(first) = next.first_mut()
        {
            left = depth as u8;
            *first = left;
            is_within = true;
        }
        let from = depth.saturating_sub(limit).max(1);
        for at in from..=(depth + limit).min(self.word.len()) {
            let wanted = self.word.get(at - 1).copied().unwrap_or_default();
            let mut edits = entry(row, at - 1).saturating_add(u8::from(wanted != letter));
            edits = edits.min(left.saturating_add(1)).min(entry(row, at).saturating_add(1));
            if at > 1 && last == Some(wanted) && self.word.get(at - 2) == Some(&letter) {
                edits = edits.min(entry(before, at - 2).saturating_add(1));
            }
            left = edits;
            is_within |= edits <= self.limit;
            if let Some(entry) = next.get_mut(at) {
                *entry = edits;
            }
        }
        is_within
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
