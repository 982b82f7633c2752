//! Where the nodes of ways are.
#![expect(clippy::indexing_slicing, reason = "indices are made here, from the vectors they index")]

use osmpbf::PrimitiveBlock;

use crate::index::street::Spot;

pub(super) fn spot(decimicro_lat: i32, decimicro_lng: i32) -> Spot {
    Spot { lat: (decimicro_lat + 5).div_euclid(10), lng: (decimicro_lng + 5).div_euclid(10) }
}

pub(super) fn is_position(decimicro_lat: i32, decimicro_lng: i32) -> bool {
    decimicro_lat.unsigned_abs() <= 900_000_000 && decimicro_lng.unsigned_abs() <= 1_800_000_000
}

/// Where nodes are.
pub(super) struct Nodes {
    /// Ascending.
    ids: Vec<i64>,
    spots: Vec<Option<Spot>>,
    /// Where the search goes on: files have their nodes in ascending order.
    at: usize,
}

impl Nodes {
    pub(super) fn new(refs: &[i64]) -> Self {
        let mut ids = refs.to_vec();
        ids.sort_unstable();
        ids.dedup();
        Self { spots: vec![None; ids.len()], ids, at: 0 }
    }

    pub(super) fn take(&mut self, block: &PrimitiveBlock) {
        for group in block.groups() {
            for node in group.dense_nodes() {
                self.node(node.id(), node.decimicro_lat(), node.decimicro_lon());
            }
            for node in group.nodes() {
                self.node(node.id(), node.decimicro_lat(), node.decimicro_lon());
            }
        }
    }

    /// Takes down where a node is, if it is wanted.
    pub(super) fn node(&mut self, id: i64, lat: i32, lng: i32) {
        if self.at > 0 && self.ids[self.at - 1] >= id {
            self.at = self.ids.partition_point(|&other| other < id);
        }
        while self.ids.get(self.at).is_some_and(|&other| other < id) {
            self.at += 1;
        }
        if self.ids.get(self.at) == Some(&id) && is_position(lat, lng) {
            self.spots[self.at].get_or_insert_with(|| spot(lat, lng));
        }
    }

    pub(super) fn spot(&self, id: i64) -> Option<Spot> {
        self.ids.binary_search(&id).ok().and_then(|at| self.spots[at])
    }
}
