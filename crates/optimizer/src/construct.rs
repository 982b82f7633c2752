//! First paths.
#![expect(clippy::indexing_slicing, reason = "nodes are below `count` by construction")]

use crate::model::Model;
use crate::neighbors::Neighbors;
use crate::random::Random;

const NONE: u32 = u32::MAX;

/// Joins the cheapest arcs of the neighbour lists to fragments, then the fragments by the nearest next one.
///
/// O(n log n) in the arcs plus O(f²) in the fragments, about n / 10.
pub(crate) fn greedy(model: &Model, neighbors: &Neighbors) -> Vec<u32> {
    greedy_by(model, neighbors, |cost| cost)
}

/// The same by arcs that look dearer than they are, each by up to half of its cost.
pub(crate) fn greedy_at_random(model: &Model, neighbors: &Neighbors, random: &mut Random) -> Vec<u32> {
    greedy_by(model, neighbors, |cost| cost.saturating_add(random.below(cost as usize / 2 + 1) as u32))
}

fn greedy_by(model: &Model, neighbors: &Neighbors, mut key: impl FnMut(u32) -> u32) -> Vec<u32> {
    let last = model.count - 1;
    let mut arcs: Vec<(u32, u32, u32)> = Vec::with_capacity(model.count * neighbors.size);
    for from in 0..last {
        for (to, cost) in neighbors.onward(from) {
            arcs.push((key(cost as u32), from as u32, to as u32));
        }
    }
    arcs.sort_unstable();
    let mut next = vec![NONE; model.count];
    let mut has_previous = vec![false; model.count];
    // The other end of each fragment, at both its ends.
    let mut other_end: Vec<u32> = (0..model.count as u32).collect();
    for (_, from, to) in arcs {
        let (a, b) = (from as usize, to as usize);
        let (head, tail) = (other_end[a] as usize, other_end[b] as usize);
        let closes = head == b || (head == 0 && tail == last);
        if a == b || b == 0 || next[a] != NONE || has_previous[b] || closes {
            continue;
        }
        next[a] = to;
        has_previous[b] = true;
        other_end[head] = tail as u32;
        other_end[tail] = head as u32;
    }
    chain_fragments(model, &next, &has_previous)
}

fn chain_fragments(model: &Model, next: &[u32], has_previous: &[bool]) -> Vec<u32> {
    let last = model.count - 1;
    let mut path = Vec::with_capacity(model.count);
    let mut end_head = last;
    let mut heads = Vec::new();
    for head in (1..model.count).filter(|&node| !has_previous[node]) {
        let mut node = head;
        while next[node] != NONE {
            node = next[node] as usize;
        }
        if node == last { end_head = head } else { heads.push(head) }
    }
    let follow = |path: &mut Vec<u32>, head: usize| {
        let mut node = head;
        loop {
            path.push(node as u32);
            match next[node] {
                NONE => return node,
                onward => node = onward as usize,
            }
        }
    };
    let mut tail = follow(&mut path, 0);
    while !heads.is_empty() {
        let nearest = (0..heads.len()).min_by_key(|&at| (model.arc(tail, heads[at]), heads[at])).unwrap_or_default();
        let head = heads.swap_remove(nearest);
        tail = follow(&mut path, head);
    }
    follow(&mut path, end_head);
    path
}
