//! One way by the hierarchy: two searches towards more important edges, which meet at the most important of the way.

use routemate_units::StopToken;

use super::scratch::{Labels, Scratch};
use super::{Cost, End, Key, Pool, Search, Stopped, Trip, direct};
use crate::file::{NONE, View};

/// Finds ways with the hierarchy of a graph.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Climber<'v> {
    pub(super) view: View<'v>,
    pub(super) pool: &'v Pool,
}

/// Which of an edge's climbs are meant.
pub(super) const FORWARD: usize = 0;
pub(super) const BACKWARD: usize = 1;

/// Settled edges between two looks at the stop token.
const PATIENCE: usize = 1024;

impl<'v> Climber<'v> {
    pub(crate) const fn new(view: View<'v>, pool: &'v Pool) -> Self {
        Self { view, pool }
    }

    /// The first edges after a place by rank, with the cost up to their beginnings and the edge before.
    pub(super) fn starts(&self, from: &[End]) -> impl Iterator<Item = (u32, Key, u32)> {
        from.iter().flat_map(|end| {
            let rest = self.view.edge(end.edge).map(|edge| Cost::of_edge(edge).minus(end.before));
            self.view.arcs(end.edge).iter().zip(rest.into_iter().cycle()).filter_map(|(arc, rest)| {
                let turn = Cost { weight: arc.weight_ds.into(), duration: arc.duration_ds.into(), length: 0 };
                Some((*self.view.ranks.get(arc.to as usize)?, Key::of(rest.plus(turn)), end.edge))
            })
        })
    }

    /// The edges that a place is on by rank, with the cost from their beginnings.
    pub(super) fn goals(&self, to: &[End]) -> impl Iterator<Item = (u32, Key)> {
        to.iter().flat_map(|end| {
            let ranks = self.view.twins(end.edge).filter_map(|twin| self.view.ranks.get(twin as usize).copied());
            ranks.map(|rank| (rank, Key::of(end.before)))
        })
    }

    /// The least cost between two places and the most important edge on the way.
    fn meet(
        &self,
        from: &[End],
        to: &[End],
        scratch: &mut Scratch,
        stop: &StopToken,
    ) -> Result<Option<(Key, u32)>, Stopped> {
        let Scratch { forward, backward, .. } = scratch;
        forward.start(self.view.edges.len());
        backward.start(self.view.edges.len());
        for (rank, key, edge) in self.starts(from) {
            forward.offer(rank, key, NONE, edge);
        }
        for (rank, key) in self.goals(to) {
            backward.offer(rank, key, NONE, NONE);
        }
        let mut best = (Key::UNREACHED, NONE);
        let mut patience = 0_usize;
        loop {
            let (ahead, behind) = (forward.next_key(), backward.next_key());
            if ahead.min(behind) >= best.0 {
                break;
            }
            if patience == 0 {
                if stop.is_stopped() {
                    return Err(Stopped);
                }
                patience = PATIENCE;
            }
            patience -= 1;
            let met = if ahead <= behind {
                self.advance(forward, backward, FORWARD)
            } else {
                self.advance(backward, forward, BACKWARD)
            };
            best = met.map_or(best, |met| met.min(best));
        }
        Ok((best.0 < Key::UNREACHED).then_some(best))
    }

    /// Settles one edge; if the other search was there, the cost of the way over it.
    fn advance(&self, own: &mut Labels, other: &Labels, direction: usize) -> Option<(Key, u32)> {
        let (key, rank) = own.settle()?;
        let ranges = self.view.climb_ranges(rank);
        let [onward, back] = if direction == FORWARD {
            ranges
        } else {
            let [forward, backward] = ranges;
            [backward, forward]
        };
        // Whoever gets here cheaper from above will not come this way.
        let is_stalled = self
            .view
            .climbs
            .get(back)
            .unwrap_or_default()
            .iter()
            .any(|climb| own.get(climb.to).is_some_and(|above| above.key.plus(climb.key()) < key));
        if is_stalled {
            return None;
        }
        for (number, climb) in onward.clone().zip(self.view.climbs.get(onward).unwrap_or_default()) {
            if climb.to > rank {
                own.offer(climb.to, key.plus(climb.key()), rank, number as u32);
            }
        }
        other.get(rank).map(|label| (label.key.plus(key), rank))
    }

    /// The edges of a way whose searches met.
    fn edges(&self, meeting: u32, scratch: &Scratch) -> Option<Vec<u32>> {
        let (first, mut ahead) = scratch.forward.chain(meeting);
        let (_, behind) = scratch.backward.chain(meeting);
        ahead.reverse();
        let mut unpacked = Unpacked { view: self.view, edges: vec![first] };
        let root = ahead.first().map_or(meeting, |(rank, _)| *rank);
        unpacked.edges.push(*self.view.order.get(root as usize)?);
        let ends = ahead.iter().skip(1).map(|(rank, _)| *rank).chain([meeting]);
        for (&(from, climb), to) in ahead.iter().zip(ends) {
            unpacked.add(from, to, climb)?;
        }
        let mut from = meeting;
        for (to, climb) in behind {
            unpacked.add(from, to, climb)?;
            from = to;
        }
        Some(unpacked.edges)
    }
}

/// The edges of the graph that arcs of the hierarchy stand for.
struct Unpacked<'v> {
    view: View<'v>,
    edges: Vec<u32>,
}

impl Unpacked<'_> {
    /// Adds the edges after `from` up to `to`; `None` if the hierarchy makes no sense.
    fn add(&mut self, from: u32, to: u32, climb: u32) -> Option<()> {
        let mut open = vec![(from, to, climb)];
        while let Some((from, to, climb)) = open.pop() {
            let middle = *self.view.middles.get(climb as usize)?;
            if middle == NONE {
                self.edges.push(*self.view.order.get(to as usize)?);
                continue;
            }
            // Middles are less important, so that this ends; and no best way is longer than all edges together.
            if middle >= from.min(to) || self.edges.len() + open.len() > self.view.edges.len() {
                return None;
            }
            let [forward, backward] = self.view.climb_ranges(middle);
            open.push((middle, to, self.find(forward, to)?));
            open.push((from, middle, self.find(backward, from)?));
        }
        Some(())
    }

    fn find(&self, range: std::ops::Range<usize>, to: u32) -> Option<u32> {
        let at = self.view.climbs.get(range.clone())?.iter().position(|climb| climb.to == to)?;
        Some((range.start + at) as u32)
    }
}

impl Search for Climber<'_> {
    fn costs<T: From<Cost> + Copy + Send>(
        &self,
        from: &[Vec<End>],
        to: &[Vec<End>],
        stop: &StopToken,
    ) -> Result<Vec<Option<T>>, Stopped> {
        self.table(from, to, stop)
    }

    fn trip(&self, from: &[End], to: &[End], stop: &StopToken) -> Result<Option<Trip>, Stopped> {
        self.pool.with(|scratch| {
            let driven = self.meet(from, to, scratch, stop)?.and_then(|(key, rank)| Some((key.cost()?, rank)));
            Ok(match (direct(from, to), driven) {
                (Some((cost, edge)), driven) if driven.is_none_or(|(driven, _)| cost <= driven) => {
                    Some(Trip { cost, edges: vec![edge] })
                }
                (_, Some((cost, rank))) => self.edges(rank, scratch).map(|edges| Trip { cost, edges }),
                _ => None,
            })
        })
    }
}
