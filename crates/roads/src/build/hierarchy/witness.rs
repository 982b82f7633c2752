//! Whether there is a way round an edge that is as good as the one over it.
#![expect(clippy::indexing_slicing, reason = "indices are made here, from the vectors they index")]

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::contract::Link;
use crate::search::Key;

/// Settled edges after which a search is given up. In Milan 30 leave 5 % more shortcuts than 60, and 1000 take twice
/// as long for 0.5 % fewer.
const PATIENCE: usize = 60;

/// A search from one edge for several others, given up after some time: what it does not find costs a shortcut that
/// was not needed, and no right answer.
#[derive(Debug)]
pub(super) struct Witness {
    slots: Vec<Slot>,
    /// Slots of another round mean nothing.
    round: u32,
    queue: BinaryHeap<Reverse<(Key, u32)>>,
    missing: usize,
    limit: Key,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    label: Key,
    /// How good a way has to be.
    aim: Key,
    reached: u32,
    aimed: u32,
}

impl Witness {
    pub(super) fn new(count: usize) -> Self {
        Self {
            slots: vec![Slot::default(); count],
            round: 0,
            queue: BinaryHeap::new(),
            missing: 0,
            limit: Key::default(),
        }
    }

    pub(super) fn start(&mut self) {
        self.round += 1;
        self.missing = 0;
        self.limit = Key::default();
        self.queue.clear();
    }

    /// Looks for a way to an edge that costs no more than this.
    pub(super) fn aim(&mut self, edge: u32, cost: Key) {
        let slot = &mut self.slots[edge as usize];
        (slot.aim, slot.aimed) = (cost, self.round);
        self.missing += 1;
        self.limit = self.limit.max(cost);
    }

    pub(super) fn search(&mut self, out: &[Vec<Link>], from: u32, without: u32) {
        let mut patience = PATIENCE;
        self.slots[from as usize].label = Key::default();
        self.slots[from as usize].reached = self.round;
        self.queue.push(Reverse((Key::default(), from)));
        while let Some(Reverse((cost, edge))) = self.queue.pop() {
            if cost > self.slots[edge as usize].label {
                continue;
            }
            if cost > self.limit || patience == 0 {
                return;
            }
            patience -= 1;
            for link in &out[edge as usize] {
                let cost = cost.plus(link.key());
                let slot = &mut self.slots[link.node as usize];
                if link.node == without || cost > self.limit || (slot.reached == self.round && slot.label <= cost) {
                    continue;
                }
                let was_found = slot.reached == self.round && slot.label <= slot.aim;
                (slot.label, slot.reached) = (cost, self.round);
                if slot.aimed == self.round && cost <= slot.aim && !was_found {
                    self.missing -= 1;
                    if self.missing == 0 {
                        return;
                    }
                }
                self.queue.push(Reverse((cost, link.node)));
            }
        }
    }

    /// Whether the search found what was aimed for there.
    pub(super) fn is_found(&self, edge: u32) -> bool {
        let slot = &self.slots[edge as usize];
        slot.reached == self.round && slot.label <= slot.aim
    }
}
