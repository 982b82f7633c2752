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

/// Longer words are not looked up: the beginnings of a word are bits of one number.
const LONGEST: usize = 40;

/// Nodes looked at before the search gives up.
const MOST_NODES: u32 = 30_000;

/// Words no more than `limit` edits from `word`, those with fewer edits first; of these those that begin alike, which is
/// where few slips happen, and then the more frequent ones. No search allows more than three edits.
///
/// Walks the dictionary's tree with the set of the word's beginnings that the letters so far may stand for, one set for each
/// number of edits, and leaves a branch when all are empty (Wu and Manber 1992, "Fast text searching allowing errors").
/// Edits are those of the optimal string alignment distance: two letters that change places are one.
pub(super) fn similar(dictionary: &Fst<&[u8]>, word: &str, limit: u8) -> Vec<Similar> {
    let word = word.as_bytes();
    if word.is_empty() || word.len() > LONGEST {
        return Vec::new();
    }
    let mut found = match limit {
        0 => Search::<1>::run(dictionary, word),
        1 => Search::<2>::run(dictionary, word),
        2 => Search::<3>::run(dictionary, word),
        _ => Search::<4>::run(dictionary, word),
    };
    found.sort_by(|a, b| {
        let begins_otherwise = |similar: &Similar| similar.word.as_bytes().first() != word.first();
        let key = |similar: &Similar| (similar.edits, begins_otherwise(similar), std::cmp::Reverse(similar.count));
        key(a).cmp(&key(b)).then_with(|| a.word.cmp(&b.word))
    });
    found
}

/// For each number of edits the beginnings of the word that the letters so far may stand for, with that many or fewer: bit
/// `n` is for its first `n` letters.
type Beginnings<const SETS: usize> = [u64; SETS];

/// A search that allows one edit less than it has sets.
struct Search<'s, const SETS: usize> {
    dictionary: &'s Fst<&'s [u8]>,
    /// For each letter where the word has it: bit `n` is for the letter behind the first `n`.
    places: [u64; 256],
    length: usize,
    path: Vec<u8>,
    found: Vec<Similar>,
    nodes: u32,
}

impl<'s, const SETS: usize> Search<'s, SETS> {
    fn run(dictionary: &'s Fst<&'s [u8]>, word: &[u8]) -> Vec<Similar> {
        let mut places = [0; 256];
        for (at, letter) in word.iter().enumerate() {
            places[usize::from(*letter)] |= 1 << at;
        }
        let mut search = Self { dictionary, places, length: word.len(), path: Vec::new(), found: Vec::new(), nodes: 0 };
        // Before any letter: as many letters of the word are missing as edits are allowed.
        let mut start = [0; SETS];
        for (edits, beginnings) in start.iter_mut().enumerate() {
            *beginnings = ((2 << edits) - 1) & search.all();
        }
        search.descend(dictionary.root(), 0, &[0; SETS], &start);
        search.found
    }

    /// All beginnings, the empty one and the whole word among them.
    const fn all(&self) -> u64 {
        (2 << self.length) - 1
    }

    fn descend(&mut self, node: Node<'_>, output: u64, before: &Beginnings<SETS>, now: &Beginnings<SETS>) {
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            return;
        }
        if node.is_final()
            && let Some(edits) = now.iter().position(|beginnings| beginnings >> self.length & 1 == 1)
            && let Ok(word) = String::from_utf8(self.path.clone())
        {
            let count = output.saturating_add(node.final_output().value());
            self.found.push(Similar { word, edits: edits as u8, count });
        }
        let last = self.path.last().map_or(0, |last| self.places[usize::from(*last)]);
        for transition in node.transitions() {
            let next = self.next(before, now, last, self.places[usize::from(transition.inp)]);
            if next[SETS - 1] == 0 {
                continue;
            }
            self.path.push(transition.inp);
            let output = output.saturating_add(transition.out.value());
            self.descend(self.dictionary.node(transition.addr), output, now, &next);
            self.path.pop();
        }
    }

    /// The beginnings behind one more letter, which the word has in some places; the letter before is in those of `last`.
    fn next(&self, before: &Beginnings<SETS>, now: &Beginnings<SETS>, last: u64, places: u64) -> Beginnings<SETS> {
        let mut next = [0; SETS];
        next[0] = (now[0] & places) << 1;
        let swapped = places & (last >> 1);
        for edits in 1..SETS {
            let (same, fewer) = ((now[edits] & places) << 1, edits - 1);
            let (added, changed, missing) = (now[fewer], now[fewer] << 1, next[fewer] << 1);
            next[edits] = (same | added | changed | missing | (before[fewer] & swapped) << 2) & self.all();
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

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

    /// The table that textbooks have.
    fn distance(a: &[u8], b: &[u8]) -> usize {
        let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                table[i][j] = match (i, j) {
                    (0, _) | (_, 0) => i + j,
                    _ => {
                        let changed = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                        let least = changed.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                        let is_swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                        if is_swapped { least.min(table[i - 2][j - 2] + 1) } else { least }
                    }
                };
            }
        }
        table[a.len()][b.len()]
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_the_table_says(
            words in proptest::collection::btree_set("[abc]{1,7}", 1..40), asked in "[abcd]{1,8}", limit in 0..4_u8,
        ) {
            let mut builder = fst::raw::Builder::memory();
            for word in &words {
                builder.insert(word, 1).unwrap();
            }
            let bytes = builder.into_inner().unwrap();
            let dictionary = Fst::new(bytes.as_slice()).unwrap();
            let found: BTreeSet<(String, usize)> = similar(&dictionary, &asked, limit)
                .into_iter()
                .map(|similar| (similar.word, usize::from(similar.edits)))
                .collect();
            let within = words.iter().map(|word| (word.clone(), distance(word.as_bytes(), asked.as_bytes())));
            let expected: BTreeSet<_> = within.filter(|(_, edits)| *edits <= usize::from(limit)).collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn the_longest_words_are_looked_up_and_longer_ones_not() {
        let long = "a".repeat(LONGEST);
        let bytes = {
            let mut builder = fst::raw::Builder::memory();
            builder.insert(&long, 1).unwrap();
            builder.into_inner().unwrap()
        };
        let dictionary = Fst::new(bytes.as_slice()).unwrap();
        let edits = |word: &str| similar(&dictionary, word, 3).first().map(|similar| similar.edits);
        assert_eq!((edits(&long), edits(&long[3..]), edits(&format!("{long}a"))), (Some(0), Some(3), None));
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
