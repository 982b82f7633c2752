//! Where the nodes of ways are.
#![expect(clippy::indexing_slicing, reason = "indices are made here, from the vectors they index")]

use std::thread;

use super::workers;
use crate::index::street::Spot;

pub(super) fn spot(decimicro_lat: i32, decimicro_lng: i32) -> Spot {
    Spot { lat: (decimicro_lat + 5).div_euclid(10), lng: (decimicro_lng + 5).div_euclid(10) }
}

pub(super) fn is_position(decimicro_lat: i32, decimicro_lng: i32) -> bool {
    decimicro_lat.unsigned_abs() <= 900_000_000 && decimicro_lng.unsigned_abs() <= 1_800_000_000
}

/// The ids of nodes, each once, ascending.
pub(super) fn wanted(refs: &[i64]) -> Vec<i64> {
    let mut ids = refs.to_vec();
    let part = ids.len().div_ceil(workers::threads()).max(1);
    thread::scope(|scope| {
        for part in ids.chunks_mut(part) {
            scope.spawn(|| part.sort_unstable());
        }
    });
    // Merges the parts.
    ids.sort();
    ids.dedup();
    ids
}

/// Looks ids up among others.
pub(super) struct Search<'i> {
    /// Ascending.
    ids: &'i [i64],
    /// Where the search goes on: files have their nodes in ascending order.
    at: usize,
}

impl<'i> Search<'i> {
    pub(super) const fn new(ids: &'i [i64]) -> Self {
        Self { ids, at: 0 }
    }

    /// Where an id is.
    pub(super) fn find(&mut self, id: i64) -> Option<usize> {
        if self.at == 0 || self.ids[self.at - 1] >= id {
            self.at = self.ids.partition_point(|&other| other < id);
        }
        while self.ids.get(self.at).is_some_and(|&other| other < id) {
            self.at += 1;
        }
        (self.ids.get(self.at) == Some(&id)).then_some(self.at)
    }
}

/// Takes down where nodes are, by their places among the wanted; what is known of one already stays.
pub(super) fn take(spots: &mut [Option<Spot>], found: Vec<(usize, Spot)>) {
    for (at, spot) in found {
        spots[at].get_or_insert(spot);
    }
}

/// Where nodes are.
pub(super) struct Nodes {
    /// Ascending.
    ids: Vec<i64>,
    spots: Vec<Option<Spot>>,
    /// The first id of each page: few enough to stay near the processor.
    pages: Vec<i64>,
}

/// How many ids are a page.
const PAGE: usize = 64;

impl Nodes {
    /// Nodes with these ids, ascending, and where they are.
    pub(super) fn new(ids: Vec<i64>, spots: Vec<Option<Spot>>) -> Self {
        let pages = ids.iter().step_by(PAGE).copied().collect();
        Self { ids, spots, pages }
    }

    /// Where the nodes of a line are, without those that are not known.
    pub(super) fn line(&self, refs: &[i64]) -> Vec<Spot> {
        let mut line = Vec::with_capacity(refs.len());
        self.spots(refs).for_each(|spot| line.extend(spot));
        line
    }

    /// Where nodes are; nothing for those that are not known.
    pub(super) fn spots(&self, refs: &[i64]) -> impl Iterator<Item = Option<Spot>> {
        let mut last = usize::MAX;
        refs.iter().map(move |id| {
            // What was drawn at once has ids one after another.
            let next = last.wrapping_add(1);
            last = if self.ids.get(next) == Some(id) { next } else { self.find(*id)? };
            self.spots[last]
        })
    }

    fn find(&self, id: i64) -> Option<usize> {
        let first = self.pages.partition_point(|first| *first <= id).checked_sub(1)? * PAGE;
        let page = &self.ids[first..self.ids.len().min(first + PAGE)];
        page.binary_search(&id).ok().map(|at| first + at)
    }
}
