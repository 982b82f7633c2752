//! Children of two paths by edge assembly: a walk's edges of the second path in the first, and the cycles that split off
//! patched in where that is cheapest.
//!
//! Source: Y. Nagata, S. Kobayashi, "A powerful genetic algorithm using edge assembly crossover for the traveling salesman
//! problem", INFORMS J. on Computing 25 (2013), sections 2 and 3.3. What is new here: segments of the first path that a child
//! drives the other way are priced by prefix sums, so that asymmetric costs take the same time as symmetric ones.
#![expect(clippy::indexing_slicing, reason = "nodes and positions are below `count` by construction")]

use crate::member::Member;
use crate::model::Model;
use crate::neighbors::Neighbors;

const NONE: u32 = u32::MAX;

/// A stretch of the first parent between two positions.
#[derive(Clone, Copy)]
pub(crate) struct Piece {
    first: u32,
    last: u32,
    is_turned: bool,
}

/// A child as it differs from its first parent.
#[derive(Default)]
pub(crate) struct Child {
    pub(crate) delta: i64,
    pub(crate) pieces: Vec<Piece>,
    pub(crate) removed: Vec<(u32, u32)>,
    pub(crate) added: Vec<(u32, u32)>,
}

impl Child {
    /// Writes the child's path, from its first parent's.
    pub(crate) fn write(&self, parent: &[u32], order: &mut Vec<u32>) {
        order.clear();
        for piece in &self.pieces {
            let stretch = &parent[piece.first as usize..=piece.last as usize];
            if piece.is_turned { order.extend(stretch.iter().rev()) } else { order.extend_from_slice(stretch) }
        }
    }
}

/// Makes children. Positions have two sides, left (2 × position) and right (2 × position + 1), joined by links where the
/// child leaves the parent's order.
pub(crate) struct Assembly<'m> {
    model: &'m Model,
    neighbors: &'m Neighbors,
    links: Vec<u32>,
    linked: Vec<u32>,
    /// Positions whose right side is cut, ascending; segments lie between them.
    cuts: Vec<u32>,
    segments: Vec<Segment>,
    cycles: Vec<Cycle>,
}

#[derive(Clone, Copy)]
struct Segment {
    first: u32,
    last: u32,
    is_turned: bool,
    /// Which cycle it is part of; 0 is the path from the first to the last node.
    cycle: u32,
}

#[derive(Clone, Copy)]
struct Cycle {
    size: u32,
    /// What it costs more the other way.
    skew: i64,
}

/// Where a cycle is opened and put between two neighbours.
#[derive(Clone, Copy)]
struct Patch {
    delta: i64,
    /// The sides at which the cycle is opened: where its arc leaves and where it arrives.
    leave: u32,
    arrive: u32,
    /// The sides of the arc that takes it up.
    before: u32,
    after: u32,
    is_turned: bool,
}

impl<'m> Assembly<'m> {
    pub(crate) fn new(model: &'m Model, neighbors: &'m Neighbors) -> Self {
        Self {
            model,
            neighbors,
            links: vec![NONE; 2 * model.count],
            linked: Vec::new(),
            cuts: Vec::new(),
            segments: Vec::new(),
            cycles: Vec::new(),
        }
    }

    /// The child of a parent that has `edges` where the parent is cut behind `cuts`.
    pub(crate) fn child(&mut self, parent: &Member, cuts: &[u32], edges: &[(u32, u32)], child: &mut Child) -> bool {
        child.delta = 0;
        child.removed.clear();
        child.added.clear();
        self.cuts.clear();
        for &cut in cuts {
            self.cut(parent, cut, child);
        }
        self.cuts.sort_unstable();
        for &(a, b) in edges {
            let (a_side, b_side) = (self.free_side(parent, a, 1), self.free_side(parent, b, 0));
            self.link(a_side, b_side);
            child.added.push((a, b));
        }
        self.trace(parent, child);
        let mut is_whole = true;
        while is_whole && let Some(smallest) = self.smallest_cycle() {
            is_whole = self.patch(parent, smallest, child);
        }
        if is_whole {
            self.collect(parent, child);
        }
        for &side in &self.linked {
            self.links[side as usize] = NONE;
        }
        self.linked.clear();
        is_whole && child.delta <= 0
    }

    fn arc(&self, from: u32, to: u32) -> i64 {
        self.model.arc(from as usize, to as usize)
    }

    /// Opens the parent behind a position; both sides wait for a link.
    fn cut(&mut self, parent: &Member, cut: u32, child: &mut Child) {
        let (a, b) = (parent.order[cut as usize], parent.order[cut as usize + 1]);
        child.delta -= self.arc(a, b);
        child.removed.push((a, b));
        self.cuts.push(cut);
        self.link(2 * cut + 1, 2 * cut + 1);
        self.link(2 * cut + 2, 2 * cut + 2);
    }

    fn link(&mut self, a: u32, b: u32) {
        for (side, other) in [(a, b), (b, a)] {
            if self.links[side as usize] == NONE {
                self.linked.push(side);
            }
            self.links[side as usize] = other;
        }
    }

    /// The side of a node that waits for a link, the preferred one if both do.
    fn free_side(&self, parent: &Member, node: u32, preferred: u32) -> u32 {
        let side = 2 * parent.position[node as usize] + preferred;
        if self.links[side as usize] == side { side } else { side ^ 1 }
    }

    /// Follows the links: which segments the path visits and which way round, and which cycles are left.
    fn trace(&mut self, parent: &Member, child: &mut Child) {
        let last = parent.order.len() as u32 - 1;
        self.segments.clear();
        self.cycles.clear();
        let mut first = 0;
        for &cut in self.cuts.iter().chain([&last]) {
            self.segments.push(Segment { first, last: cut, is_turned: false, cycle: NONE });
            first = cut + 1;
        }
        for start in 0..self.segments.len() {
            if self.segments[start].cycle != NONE {
                continue;
            }
            let cycle = self.cycles.len() as u32;
            let mut whole = Cycle { size: 0, skew: 0 };
            let mut at = start;
            let mut is_turned = false;
            while self.segments[at].cycle == NONE {
                let Segment { first, last: end, .. } = self.segments[at];
                self.segments[at] = Segment { first, last: end, is_turned, cycle };
                whole.size += end + 1 - first;
                let skew = parent.reversal_skew(first as usize, end as usize);
                if is_turned {
                    child.delta += skew;
                    whole.skew -= skew;
                } else {
                    whole.skew += skew;
                }
                if end == last {
                    break;
                }
                let leave = if is_turned { 2 * first } else { 2 * end + 1 };
                let arrive = self.links[leave as usize];
                let (a, b) = (parent.order[leave as usize / 2], parent.order[arrive as usize / 2]);
                child.delta += self.arc(a, b);
                if cycle > 0 {
                    whole.skew += self.arc(b, a) - self.arc(a, b);
                }
                is_turned = arrive % 2 == 1;
                at = self.segment_at(arrive / 2);
            }
            self.cycles.push(whole);
        }
    }

    #[inline]
    fn segment_at(&self, position: u32) -> usize {
        self.cuts.partition_point(|&cut| cut < position)
    }

    fn smallest_cycle(&self) -> Option<u32> {
        let open = self.cycles.iter().enumerate().skip(1).filter(|(_, cycle)| cycle.size > 0);
        open.min_by_key(|(_, cycle)| cycle.size).map(|(index, _)| index as u32)
    }

    /// The side that a side is joined to.
    #[inline]
    fn other_side(&self, side: u32) -> u32 {
        match self.links[side as usize] {
            NONE if side % 2 == 1 => side + 1,
            NONE => side - 1,
            link => link,
        }
    }

    /// The sides between which the child drives on from a node, or comes to it; `None` within the cycle of `own`.
    #[inline]
    fn step_outside(&self, parent: &Member, node: u32, own: Segment, is_onward: bool) -> Option<(u32, u32)> {
        let position = parent.position[node as usize];
        if (own.first..=own.last).contains(&position) {
            return None;
        }
        let segment = self.segments[self.segment_at(position)];
        if segment.cycle == own.cycle {
            return None;
        }
        let side = 2 * position + u32::from(is_onward != segment.is_turned);
        Some((side, self.other_side(side)))
    }

    /// Puts a cycle into another one or into the path, where that costs least.
    fn patch(&mut self, parent: &Member, cycle: u32, child: &mut Child) -> bool {
        let Some(patch) = self.best_patch(parent, cycle, 1 - child.delta) else {
            return false;
        };
        child.delta += patch.delta;
        let node = |side: u32| parent.order[side as usize / 2];
        let target = self.segments[self.segment_at(patch.before / 2)].cycle;
        let turn = |skew: i64| if patch.is_turned { -skew } else { skew };
        let mut skew = self.cycles[target as usize].skew + turn(self.cycles[cycle as usize].skew);
        let reversal = |a: u32, b: u32| self.arc(b, a) - self.arc(a, b);
        let (leave, arrive) = if patch.is_turned { (patch.arrive, patch.leave) } else { (patch.leave, patch.arrive) };
        // The cycle, as driven, now ends at `leave` and begins at `arrive`.
        if target > 0 {
            skew -= reversal(node(leave), node(arrive)) + reversal(node(patch.before), node(patch.after));
            skew += reversal(node(patch.before), node(arrive)) + reversal(node(leave), node(patch.after));
        }
        child.removed.push((node(patch.leave), node(patch.arrive)));
        child.removed.push((node(patch.before), node(patch.after)));
        child.added.push((node(patch.before), node(arrive)));
        child.added.push((node(leave), node(patch.after)));
        self.link(patch.before, arrive);
        self.link(leave, patch.after);
        self.cycles[target as usize].size += self.cycles[cycle as usize].size;
        self.cycles[target as usize].skew = skew;
        self.cycles[cycle as usize].size = 0;
        for segment in &mut self.segments {
            if segment.cycle == cycle {
                segment.cycle = target;
                segment.is_turned ^= patch.is_turned;
            }
        }
        true
    }

    fn best_patch(&self, parent: &Member, cycle: u32, below: i64) -> Option<Patch> {
        let mut best = Patch { delta: below, leave: 0, arrive: 0, before: 0, after: 0, is_turned: false };
        for &segment in self.segments.iter().filter(|segment| segment.cycle == cycle) {
            for position in segment.first..=segment.last {
                let leave = 2 * position + u32::from(!segment.is_turned);
                let arrive = self.other_side(leave);
                let (a, b) = (parent.order[position as usize], parent.order[arrive as usize / 2]);
                self.look_around(parent, segment, (leave, arrive), (a, b), &mut best, false);
                self.look_around(parent, segment, (leave, arrive), (b, a), &mut best, true);
            }
        }
        (best.delta < below).then_some(best)
    }

    /// The cycle driven so that it ends at `a` and begins at `b`, between `c` and `d` that are near one of them.
    #[inline]
    fn look_around(
        &self,
        parent: &Member,
        own: Segment,
        (leave, arrive): (u32, u32),
        (a, b): (u32, u32),
        best: &mut Patch,
        is_turned: bool,
    ) {
        let turn = if is_turned { self.cycles[own.cycle as usize].skew } else { 0 };
        let base = turn - self.arc(a, b);
        for (d, cost) in self.neighbors.onward(a as usize) {
            let (d, gain) = (d as u32, base + cost);
            if gain >= best.delta || d == 0 {
                break;
            }
            let Some((after, before)) = self.step_outside(parent, d, own, false) else {
                continue;
            };
            let c = parent.order[before as usize / 2];
            let delta = gain + self.arc(c, b) - self.arc(c, d);
            if delta < best.delta {
                *best = Patch { delta, leave, arrive, before, after, is_turned };
            }
        }
        for (c, cost) in self.neighbors.back(b as usize) {
            let (c, gain) = (c as u32, base + cost);
            if gain >= best.delta {
                break;
            }
            let Some((before, after)) = self.step_outside(parent, c, own, true) else {
                continue;
            };
            let d = parent.order[after as usize / 2];
            let delta = gain + self.arc(a, d) - self.arc(c, d);
            if delta < best.delta {
                *best = Patch { delta, leave, arrive, before, after, is_turned };
            }
        }
    }

    /// The pieces of the child in their order.
    fn collect(&mut self, parent: &Member, child: &mut Child) {
        let last = parent.order.len() as u32 - 1;
        self.cuts.clear();
        self.cuts.extend(self.linked.iter().filter(|&&side| side % 2 == 1).map(|&side| side / 2));
        self.cuts.sort_unstable();
        child.pieces.clear();
        let mut side = 0;
        loop {
            let position = side / 2;
            let at = self.segment_at(position);
            let first = if at == 0 { 0 } else { self.cuts[at - 1] + 1 };
            let end = if at == self.cuts.len() { last } else { self.cuts[at] };
            let is_turned = side % 2 == 1;
            child.pieces.push(Piece { first, last: end, is_turned });
            if end == last {
                return;
            }
            side = self.links[if is_turned { 2 * first } else { 2 * end + 1 } as usize];
        }
    }
}

#[cfg(test)]
mod tests;
