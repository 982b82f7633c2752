use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Mutex, PoisonError};

use super::Key;
use super::table::Sweep;
use crate::file::NONE;

/// Memory that queries leave to the next ones: as many pieces as there were queries at once.
#[derive(Debug, Default)]
pub(crate) struct Pool(Mutex<Vec<Scratch>>);

/// What one query needs. Its pages are touched where the query goes, not all over the map.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    pub(super) forward: Labels,
    pub(super) backward: Labels,
    pub(super) sweep: Sweep,
}

impl Pool {
    /// Lends a piece of memory.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Scratch) -> T) -> T {
        let mut scratch = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        let answer = work(&mut scratch);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(scratch);
        answer
    }
}

/// Labels of one direction of a search, and the queue of those that are not settled. Edges are meant by rank.
#[derive(Debug, Default)]
pub(super) struct Labels {
    slots: Vec<Label>,
    /// Labels of another round mean nothing.
    round: u32,
    queue: BinaryHeap<Reverse<(Key, u32)>>,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Label {
    pub(super) key: Key,
    /// The less important edge that it was reached from; [`NONE`] where the search started.
    pub(super) parent: u32,
    /// The climb by which it was reached; the edge before, where a forward search started.
    pub(super) climb: u32,
    round: u32,
}

impl Labels {
    /// Forgets everything.
    pub(super) fn start(&mut self, count: usize) {
        self.queue.clear();
        self.round = self.round.wrapping_add(1);
        if self.slots.len() != count || self.round == 0 {
            self.slots = vec![Label::default(); count];
            self.round = 1;
        }
    }

    pub(super) fn get(&self, rank: u32) -> Option<&Label> {
        self.slots.get(rank as usize).filter(|label| label.round == self.round)
    }

    /// Labels an edge if this is better than what it has.
    pub(super) fn offer(&mut self, rank: u32, key: Key, parent: u32, climb: u32) {
        if let Some(label) = self.slots.get_mut(rank as usize)
            && key < Key::UNREACHED
            && (label.round != self.round || key < label.key)
        {
            *label = Label { key, parent, climb, round: self.round };
            self.queue.push(Reverse((key, rank)));
        }
    }

    /// The least cost that is not settled.
    pub(super) fn next_key(&self) -> Key {
        self.queue.peek().map_or(Key::UNREACHED, |Reverse((key, _))| *key)
    }

    /// Settles the edge of the least cost; `None` if that was done before.
    pub(super) fn settle(&mut self) -> Option<(Key, u32)> {
        let Reverse((key, rank)) = self.queue.pop()?;
        self.get(rank).is_some_and(|label| label.key == key).then_some((key, rank))
    }

    /// The edges from where the search started to one that was reached, the latter left out: each with the climb that
    /// leads away from it.
    pub(super) fn chain(&self, rank: u32) -> (u32, Vec<(u32, u32)>) {
        let mut chain = Vec::new();
        let (mut rank, mut root) = (rank, rank);
        while let Some(label) = self.get(rank) {
            // Parents are less important: this ends.
            if label.parent == NONE || label.parent >= rank {
                root = label.climb;
                break;
            }
            chain.push((label.parent, label.climb));
            rank = label.parent;
        }
        (root, chain)
    }
}
