//! Which edges arrive at a junction, and leave it.
#![expect(clippy::indexing_slicing, reason = "indices are made here, from the vectors they index")]

use super::network::Network;
use super::pieces::Pieces;
use crate::file::{NONE, Segment as StoredSegment};

/// The edges of the segment that begins or ends with the end of a piece; [`NONE`] where a direction is closed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leg {
    pub(super) incoming: u32,
    pub(super) outgoing: u32,
}

/// Legs by the end that a segment begins or ends with.
#[derive(Debug)]
pub(super) struct Legs(Vec<Leg>);

impl Legs {
    pub(super) fn of(network: &Network, pieces: &Pieces, stored: &[StoredSegment]) -> Self {
        let mut legs = vec![Leg { incoming: NONE, outgoing: NONE }; 2 * pieces.pieces.len()];
        for (segment, stored) in network.segments.iter().zip(stored) {
            let [along, against] = stored.edges;
            let [start, end] = segment.ends;
            legs[start as usize] = Leg { incoming: against, outgoing: along };
            legs[end as usize] = Leg { incoming: along, outgoing: against };
        }
        Self(legs)
    }

    /// The leg of an end at a junction.
    pub(super) fn at(&self, end: u32) -> Leg {
        self.0[end as usize]
    }
}
