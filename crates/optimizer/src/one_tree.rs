//! The cheapest 1-tree of a path problem under prices for leaving and reaching nodes: the relaxation behind the lower bound.
//!
//! A path from the first node to the last, both taken as one node, is a directed tour. Without that node it is a spanning
//! tree of the others, so the cheapest spanning tree, each pair joined in its cheaper direction, plus the cheapest arc out
//! of and the cheapest into that node, at two others, cost no more than the cheapest tour.
#![expect(clippy::indexing_slicing, reason = "the innermost loops; nodes are below `count` by construction")]

use crate::barred::Barred;
use crate::model::Model;
use crate::pace::Pace;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Prices are counted in so many parts of the objective's unit: whole numbers, so that every bound is exact.
pub(crate) const PARTS: i64 = 256;

/// The arcs of a tour: those of a model whose first and last node are one, number 0.
pub(crate) struct Arcs<'m> {
    model: &'m Model,
    barred: Option<Barred<'m>>,
}

impl<'m> Arcs<'m> {
    /// `barred`: arcs that no path in question drives.
    pub(crate) const fn of(model: &'m Model, barred: Option<Barred<'m>>) -> Self {
        Self { model, barred }
    }

    /// The number of nodes, at least 1.
    pub(crate) const fn count(&self) -> usize {
        self.model.count - 1
    }

    pub(crate) const fn is_symmetric(&self) -> bool {
        self.model.is_symmetric && self.barred.is_none()
    }

    /// What an arc costs; of one that is barred or cannot be driven any number would do.
    #[inline]
    pub(crate) fn cost(&self, from: usize, to: usize) -> u32 {
        let to = if to == 0 { self.model.count - 1 } else { to };
        match &self.barred {
            Some(barred) if barred.holds(self.model, from, to) => u32::MAX,
            _ => self.model.cost[from * self.model.count + to],
        }
    }
}

/// What leaving and reaching each node costs more, in parts of a unit. Those of node 0 are zero.
#[derive(Clone)]
pub(crate) struct Prices {
    pub(crate) leave: Vec<i64>,
    pub(crate) reach: Vec<i64>,
}

impl Prices {
    pub(crate) fn none(count: usize) -> Self {
        Self { leave: vec![0; count], reach: vec![0; count] }
    }

    fn sum(&self) -> i64 {
        self.leave.iter().chain(&self.reach).sum()
    }
}

/// Pairs of nodes that a tree may join, with the costs of both directions.
pub(crate) struct Pairs {
    joined: Vec<(u32, u32)>,
    ranges: Vec<u32>,
    ways: Vec<Way>,
}

#[derive(Clone, Copy, Default)]
struct Way {
    to: u32,
    there: u32,
    back: u32,
}

impl Pairs {
    /// The `size` cheapest arcs out of and into each node but node 0, as pairs; `None` where the time ran out. O(n²).
    pub(crate) fn nearest(arcs: &Arcs<'_>, size: usize, pace: &Pace<'_>) -> Option<Self> {
        let count = arcs.count();
        let mut joined = Vec::with_capacity(2 * size * count);
        let mut row: Vec<(u32, u32)> = Vec::with_capacity(count);
        let mut into: Vec<BinaryHeap<(u32, u32)>> = vec![BinaryHeap::with_capacity(size + 1); count];
        for from in 1..count {
            if from % 16 == 0 && pace.is_over() {
                return None;
            }
            row.clear();
            for to in (1..count).filter(|&to| to != from) {
                let cost = arcs.cost(from, to);
                row.push((cost, to as u32));
                let nearest = &mut into[to];
                if nearest.len() < size {
                    nearest.push((cost, from as u32));
                } else if nearest.peek().is_some_and(|&(most, _)| cost < most) {
                    nearest.pop();
                    nearest.push((cost, from as u32));
                }
            }
            if row.len() > size {
                row.select_nth_unstable(size);
                row.truncate(size);
            }
            joined.extend(row.iter().map(|&(_, to)| ordered(from as u32, to)));
        }
        for (to, nearest) in into.into_iter().enumerate() {
            joined.extend(nearest.into_iter().map(|(_, from)| ordered(from, to as u32)));
        }
        Some(Self::of(arcs, joined))
    }

    fn of(arcs: &Arcs<'_>, mut joined: Vec<(u32, u32)>) -> Self {
        joined.sort_unstable();
        joined.dedup();
        let mut ranges = vec![0_u32; arcs.count() + 1];
        for &(a, b) in &joined {
            ranges[a as usize + 1] += 1;
            ranges[b as usize + 1] += 1;
        }
        for node in 1..ranges.len() {
            ranges[node] += ranges[node - 1];
        }
        let mut next = ranges.clone();
        let mut ways = vec![Way::default(); 2 * joined.len()];
        for &(a, b) in &joined {
            let (there, back) = (arcs.cost(a as usize, b as usize), arcs.cost(b as usize, a as usize));
            for (from, way) in [(a, Way { to: b, there, back }), (b, Way { to: a, there: back, back: there })] {
                ways[next[from as usize] as usize] = way;
                next[from as usize] += 1;
            }
        }
        Self { joined, ranges, ways }
    }

    /// Adds the pairs that a tree joins; `false` where all were there.
    pub(crate) fn add(&mut self, arcs: &Arcs<'_>, tree: &OneTree) -> bool {
        let before = self.joined.len();
        let mut joined = std::mem::take(&mut self.joined);
        joined.extend((2..arcs.count()).map(|node| ordered(node as u32, tree.partner(node) as u32)));
        *self = Self::of(arcs, joined);
        self.joined.len() > before
    }

    #[inline]
    fn of_node(&self, node: usize) -> &[Way] {
        &self.ways[self.ranges[node] as usize..self.ranges[node + 1] as usize]
    }
}

const fn ordered(a: u32, b: u32) -> (u32, u32) {
    if a < b { (a, b) } else { (b, a) }
}

/// A cheapest 1-tree, and room to build it.
pub(crate) struct OneTree {
    /// How many arcs leave and reach each node.
    pub(crate) leaving: Vec<u32>,
    pub(crate) reaching: Vec<u32>,
    /// Per node but 0 and 1: what joining it costs, and to which node, in which direction.
    key: Vec<i64>,
    join: Vec<Join>,
    heap: BinaryHeap<Reverse<(i64, u32)>>,
    is_joined: Vec<bool>,
    /// The nodes that a dense search has not joined yet.
    open: Vec<u32>,
}

#[derive(Clone, Copy)]
enum Join {
    From(u32),
    Onto(u32),
}

impl OneTree {
    pub(crate) fn new(count: usize) -> Self {
        Self {
            leaving: vec![0; count],
            reaching: vec![0; count],
            key: vec![0; count],
            join: vec![Join::From(0); count],
            heap: BinaryHeap::new(),
            is_joined: vec![false; count],
            open: Vec::new(),
        }
    }

    fn begin(&mut self) {
        self.leaving.fill(0);
        self.reaching.fill(0);
        self.key.fill(i64::MAX);
    }

    /// Builds the cheapest 1-tree over some pairs and returns what it costs less the prices; `None` where the pairs do not
    /// connect all nodes. At least 3 nodes.
    ///
    /// Source: R. C. Prim, "Shortest connection networks and some generalizations", 1957. O(p log n) in the pairs.
    pub(crate) fn build(&mut self, arcs: &Arcs<'_>, pairs: &Pairs, prices: &Prices) -> Option<i64> {
        let count = arcs.count();
        self.begin();
        self.heap.clear();
        self.is_joined.fill(false);
        let mut node = 1;
        let mut sum = 0;
        for _ in 2..count {
            self.is_joined[node] = true;
            let (leave, reach) = (prices.leave[node], prices.reach[node]);
            for way in pairs.of_node(node) {
                let other = way.to as usize;
                if !self.is_joined[other] {
                    let there = i64::from(way.there) * PARTS + leave + prices.reach[other];
                    let back = i64::from(way.back) * PARTS + prices.leave[other] + reach;
                    if self.improve(node, other, there, back) {
                        self.heap.push(Reverse((self.key[other], way.to)));
                    }
                }
            }
            node = loop {
                let Reverse((_, nearest)) = self.heap.pop()?;
                if !self.is_joined[nearest as usize] {
                    break nearest as usize;
                }
            };
            sum += self.take(node);
        }
        Some(sum + self.close(arcs, prices) - prices.sum())
    }

    /// The same over all pairs; `None` where the time ran out. O(n²).
    pub(crate) fn build_of_all(&mut self, arcs: &Arcs<'_>, prices: &Prices, pace: &Pace<'_>) -> Option<i64> {
        let count = arcs.count();
        self.begin();
        let mut open = std::mem::take(&mut self.open);
        open.clear();
        open.extend(2..count as u32);
        let mut node = 1;
        let mut sum = 0;
        while !open.is_empty() {
            if open.len().is_multiple_of(64) && pace.is_over() {
                return None;
            }
            let mut nearest = (i64::MAX, 0);
            for (place, &other) in open.iter().enumerate() {
                let other = other as usize;
                let there = i64::from(arcs.cost(node, other)) * PARTS + prices.leave[node] + prices.reach[other];
                let back = i64::from(arcs.cost(other, node)) * PARTS + prices.leave[other] + prices.reach[node];
                self.improve(node, other, there, back);
                nearest = nearest.min((self.key[other], place));
            }
            node = open.swap_remove(nearest.1) as usize;
            sum += self.take(node);
        }
        self.open = open;
        Some(sum + self.close(arcs, prices) - prices.sum())
    }

    #[inline]
    fn improve(&mut self, node: usize, other: usize, there: i64, back: i64) -> bool {
        let (key, join) =
            if there <= back { (there, Join::From(node as u32)) } else { (back, Join::Onto(node as u32)) };
        let is_better = key < self.key[other];
        if is_better {
            self.key[other] = key;
            self.join[other] = join;
        }
        is_better
    }

    /// Joins a node by the cheapest arc known and returns what that costs.
    fn take(&mut self, node: usize) -> i64 {
        let (from, to) = match self.join[node] {
            Join::From(other) => (other as usize, node),
            Join::Onto(other) => (node, other as usize),
        };
        self.leaving[from] += 1;
        self.reaching[to] += 1;
        self.key[node]
    }

    /// Adds the cheapest arcs out of and into node 0, to and from two nodes, and returns what they cost.
    fn close(&mut self, arcs: &Arcs<'_>, prices: &Prices) -> i64 {
        let nothing = (i64::MAX / 4, 0);
        let (mut first, mut second_first, mut last, mut second_last) = (nothing, nothing, nothing, nothing);
        for node in 1..arcs.count() {
            let out = (i64::from(arcs.cost(0, node)) * PARTS + prices.reach[node], node);
            second_first = second_first.min(out.max(first));
            first = first.min(out);
            let into = (i64::from(arcs.cost(node, 0)) * PARTS + prices.leave[node], node);
            second_last = second_last.min(into.max(last));
            last = last.min(into);
        }
        if first.1 == last.1 {
            if first.0 + second_last.0 <= second_first.0 + last.0 { last = second_last } else { first = second_first }
        }
        self.reaching[first.1] += 1;
        self.leaving[last.1] += 1;
        first.0 + last.0
    }

    /// The node to which a node but 0 and 1 is joined.
    fn partner(&self, node: usize) -> usize {
        match self.join[node] {
            Join::From(other) | Join::Onto(other) => other as usize,
        }
    }
}
