//! Takes edges out of the graph, one by one, and puts shortcuts in their place.
#![expect(clippy::indexing_slicing, reason = "indices are made here, from the vectors they index")]

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::witness::Witness;
use crate::build::turns::Turns;
use crate::file::{Edge, NONE};
use crate::search::Key;

/// An arc from (or to) an edge, of the graph or a shortcut.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    /// The edge at the other end.
    pub(super) node: u32,
    /// The edge that was taken out; [`NONE`] for an arc of the graph.
    pub(super) middle: u32,
    pub(super) weight_ds: u32,
    pub(super) duration_ds: u32,
    pub(super) length_cm: u32,
    /// Arcs of the graph that it stands for.
    hops: u32,
}

impl Link {
    pub(super) fn key(&self) -> Key {
        Key::new(self.weight_ds, self.duration_ds, self.length_cm)
    }

    /// This one and then another; `None` beyond what a number of the file holds.
    fn then(&self, next: &Self, middle: u32) -> Option<Self> {
        Some(Self {
            node: next.node,
            middle,
            weight_ds: self.weight_ds.checked_add(next.weight_ds)?,
            duration_ds: self.duration_ds.checked_add(next.duration_ds)?,
            length_cm: self.length_cm.checked_add(next.length_cm)?,
            hops: self.hops.saturating_add(next.hops),
        })
    }
}

/// A way that takes more tenths of a second, or is more centimetres long, than a number of the file can hold.
#[derive(Debug)]
pub(in crate::build) struct TooLong;

/// What is left of the graph while edges are taken out. Of an edge that has been, the arcs to those that were left.
#[derive(Debug)]
pub(super) struct Contraction {
    pub(super) out: Vec<Vec<Link>>,
    pub(super) into: Vec<Vec<Link>>,
    /// Arcs lead from lower levels to higher ones.
    pub(super) levels: Vec<u32>,
}

/// An arc that has to be added when an edge is taken out.
#[derive(Debug, Clone, Copy)]
struct Shortcut {
    from: u32,
    link: Link,
}

impl Contraction {
    pub(super) fn of(edges: &[Edge], turns: &Turns) -> Result<Self, TooLong> {
        let mut contraction = Self::start(edges, turns)?;
        contraction.run()?;
        Ok(contraction)
    }

    fn start(edges: &[Edge], turns: &Turns) -> Result<Self, TooLong> {
        let count = edges.len();
        let mut start = Self { out: vec![Vec::new(); count], into: vec![Vec::new(); count], levels: vec![0; count] };
        for (from, edge) in edges.iter().enumerate() {
            let own = Link {
                node: from as u32,
                middle: NONE,
                weight_ds: edge.weight_ds,
                duration_ds: edge.duration_ds,
                length_cm: edge.length_cm,
                hops: 0,
            };
            for arc in &turns.arcs[turns.first[from] as usize..turns.first[from + 1] as usize] {
                // Nobody gets anywhere by driving round and round.
                if arc.to as usize == from {
                    continue;
                }
                let turn = Link {
                    node: arc.to,
                    middle: NONE,
                    weight_ds: arc.weight_ds.into(),
                    duration_ds: arc.duration_ds.into(),
                    length_cm: 0,
                    hops: 1,
                };
                start.insert(from as u32, own.then(&turn, NONE).ok_or(TooLong)?);
            }
        }
        Ok(start)
    }

    /// Adds an arc, unless there is one that is as good.
    fn insert(&mut self, from: u32, link: Link) {
        let back = Link { node: from, ..link };
        let (out, into) = (&mut self.out[from as usize], &mut self.into[link.node as usize]);
        match out.iter_mut().find(|other| other.node == link.node) {
            None => {
                out.push(link);
                into.push(back);
            }
            Some(other) if link.key() < other.key() => {
                *other = link;
                if let Some(other) = into.iter_mut().find(|other| other.node == from) {
                    *other = back;
                }
            }
            Some(_) => {}
        }
    }

    fn run(&mut self) -> Result<(), TooLong> {
        let count = self.out.len();
        let mut witness = Witness::new(count);
        let mut shortcuts = Vec::new();
        let mut is_changed = vec![false; count];
        let mut neighbours = vec![0_u32; count];
        let mut queue = BinaryHeap::with_capacity(count);
        for edge in 0..count as u32 {
            let priority = self.simulate(edge, &neighbours, &mut witness, &mut shortcuts)?;
            queue.push(Reverse((priority, scattered(edge), edge)));
        }
        while let Some(Reverse((_, _, edge))) = queue.pop() {
            let priority = self.simulate(edge, &neighbours, &mut witness, &mut shortcuts)?;
            if std::mem::take(&mut is_changed[edge as usize]) {
                let entry = Reverse((priority, scattered(edge), edge));
                if queue.peek().is_some_and(|next| entry < *next) {
                    queue.push(entry);
                    continue;
                }
            }
            self.take_out(edge, &shortcuts);
            let level = self.levels[edge as usize] + 1;
            for link in self.out[edge as usize].iter().chain(&self.into[edge as usize]) {
                let node = link.node as usize;
                self.levels[node] = self.levels[node].max(level);
                is_changed[node] = true;
                neighbours[node] += 1;
            }
        }
        Ok(())
    }

    /// Finds the shortcuts that an edge would leave behind, and how soon it should be taken out: the lower, the sooner.
    ///
    /// Source of what counts: D. Delling, A. V. Goldberg, A. Nowatzyk, R. F. Werneck, "PHAST: Hardware-Accelerated
    /// Shortest Path Trees", IPDPS 2011; the factors are those that served Milan best among some that were tried.
    fn simulate(
        &self,
        edge: u32,
        neighbours: &[u32],
        witness: &mut Witness,
        shortcuts: &mut Vec<Shortcut>,
    ) -> Result<i64, TooLong> {
        shortcuts.clear();
        let (out, into) = (&self.out[edge as usize], &self.into[edge as usize]);
        let mut hops = 0;
        for first in into {
            witness.start();
            let mut is_empty = true;
            for second in out.iter().filter(|second| second.node != first.node) {
                witness.aim(second.node, first.key().plus(second.key()));
                is_empty = false;
            }
            if is_empty {
                continue;
            }
            witness.search(&self.out, first.node, edge);
            for second in out.iter().filter(|second| second.node != first.node) {
                if !witness.is_found(second.node) {
                    let link = first.then(second, edge).ok_or(TooLong)?;
                    hops += i64::from(link.hops);
                    shortcuts.push(Shortcut { from: first.node, link });
                }
            }
        }
        let difference = shortcuts.len() as i64 - (out.len() + into.len()) as i64;
        let contracted = i64::from(neighbours[edge as usize]);
        Ok(4 * difference + contracted + hops + 5 * i64::from(self.levels[edge as usize]))
    }

    fn take_out(&mut self, edge: u32, shortcuts: &[Shortcut]) {
        for at in 0..self.out[edge as usize].len() {
            let node = self.out[edge as usize][at].node as usize;
            self.into[node].retain(|link| link.node != edge);
        }
        for at in 0..self.into[edge as usize].len() {
            let node = self.into[edge as usize][at].node as usize;
            self.out[node].retain(|link| link.node != edge);
        }
        for shortcut in shortcuts {
            self.insert(shortcut.from, shortcut.link);
        }
    }
}

/// Spreads edges that are equally important over the map: neighbours have neighbouring numbers.
fn scattered(edge: u32) -> u32 {
    edge.wrapping_mul(0x9e37_79b1).rotate_left(16).wrapping_mul(0x85eb_ca6b)
}
